"""What a command imports: nobody waits for libraries or rooms of the house that the command does not need."""

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from _pytest.mark import ParameterSet

from generator.commands import cli
from tests.conftest import sample_of
from tests.signing import make_chief
from tests.site_project import TODAY, SiteProject, members

BASE = {"disk", "problems", "project"}
READING = BASE | {"core", "intake", "loader"}
QUERY = READING | {"queries", "render"}
WRITE = READING | {"publish", "workflow"}
SURVEY = QUERY | {"build", "publish"}
LIGHT_BUILD = BASE | {"build", "publish"}
PAGES = {"jinja2", "markupsafe"}
READ = {"click", "msgspec", "yaml"}
WRITING = READ | {"filelock"}

SECOND = "ledgers/2026/jia/02.yaml"
APPROVAL = f"approve {SECOND} --meeting 2027-01-06 --by 主持人 --acting 代行"
REQUEST = f"{APPROVAL} --request ../请求.zip"
SIGNING = "approve ../请求.zip --key ../chief --yes"
FILING = "file 2026-Q1 --branch jia --on 2027-02-01 --by 备案人 --acting 代行"


class Row(NamedTuple):
    """What is typed, the libraries and the rooms that are imported for it, and what is typed before.

    ``signed`` if the organ has a list of signers, and the key of one beside the project.
    """

    typed: str
    libraries: set[str]
    rooms: set[str]
    before: tuple[str, ...] = ()
    exit_code: int = 0
    signed: bool = False


TABLE = [
    Row("--help", {"click"}, set()),
    Row("completion bash", {"click"}, set()),
    Row("score 2026-Q1", READ, QUERY),
    Row("score 2026-Q1 --branch jia --format json", READ, QUERY),
    Row("explain zhang 2026-Q1", READ, QUERY),
    Row(
        "rollback",
        {"click", "filelock", "msgspec"},
        BASE | {"publish"},
        ("build", APPROVAL, "build"),
    ),
    Row("publish ../carried", {"click", "filelock", "msgspec"}, BASE | {"publish"}, ("build",)),
    Row("correct ledgers/2026/jia/01.yaml a1", WRITING, WRITE),
    Row(f"tidy {SECOND}", WRITING, WRITE),
    Row("sheet 2026-02", READ | {"defusedxml", "openpyxl", "xlsxwriter"}, QUERY | WRITE),
    Row("import ledgers", READ | {"defusedxml", "openpyxl"}, WRITE, exit_code=2),  # no workbook is in there
    Row("restore ledgers/2026/jia/01.yaml", WRITING, WRITE, exit_code=1),  # sound: nothing is restored
    Row(
        FILING,
        WRITING,
        WRITE,
        (f"approve {SECOND} ledgers/2026/jia/03.yaml --meeting 2027-01-06 --by 主持人 --acting 代行",),
    ),
    Row(APPROVAL, WRITING, WRITE),
    Row(REQUEST, WRITING, WRITE, signed=True),
    Row(SIGNING, READ, QUERY | WRITE, (REQUEST,), signed=True),
    Row("approve --answer ../请求-答复.zip", WRITING, WRITE, (REQUEST, SIGNING), signed=True),
    Row("new EMPTY --organ 示例机关 --members 名单.csv", READ, READING - {"loader"} | {"workflow"}),
    Row("year 2030", WRITING, WRITE - {"loader"}),
    Row("schema", WRITING, WRITE - {"loader"}),
    Row("roster confirm zhang", WRITING, WRITE, exit_code=2),  # already a full member
    Row("manual --output .", READ | PAGES | {"markdown", "nh3"}, QUERY - {"loader"} | {"publish"}),
    Row("theme mine", READ, READING - {"loader"} | {"workflow"}),
    Row("check", READ, QUERY),
    Row("status", READ, QUERY | {"publish", "workflow"}),
    Row("outcomes 2026", READ, SURVEY),
    Row(f"form {SECOND}", READ | PAGES, QUERY),
    Row("build", WRITING | PAGES, SURVEY - {"queries"}),
    Row("diff", READ | PAGES, SURVEY, ("build",)),
    Row("verify", READ | PAGES, SURVEY, ("build",)),
    Row("archive 2026-Q1 --output 归档.zip", READ | PAGES, SURVEY),
    Row("report year 2026", READ | PAGES, SURVEY),
    Row(
        "serve --port PORT",
        READ | PAGES | {"livereload", "tornado"},
        SURVEY - {"queries"} | {"local_server"},
        exit_code=2,
    ),  # a port that is taken: else it would run for ever
    Row(
        "desk -C nowhere",
        READ | PAGES | {"defusedxml", "livereload", "openpyxl", "tornado", "xlsxwriter"},
        SURVEY | {"desk", "local_server", "workflow"},
        exit_code=2,
    ),  # likewise
]

# Runs a command, then tells every module that was imported.
TELLING = """
import json, sys
from generator.__main__ import main
sys.argv[0] = "jifenbang"
try:
    main()
finally:
    sys.stderr.write("\\n" + json.dumps([*sys.modules]))
"""
# Of yaml, of markdown, of msgspec, of openpyxl where it is there.
PARTS = {"_cython_3_3_1", "cython_runtime", "et_xmlfile", "htmlparser", "numpy", "typing_extensions"}


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    """Two members; January approved, February and March drafts."""
    organ = SiteProject(tmp_path / "organ", members("zhang 张三 jia", "wang 王五 jia", branches="jia"))
    drafts = [
        organ.ledger("jia", f"2026-0{month}", f"activities:\n  - {{item: 支部党员大会, date: 2026-0{month}-05}}\n")
        for month in (1, 2, 3)
    ]
    organ.approve(drafts[0])
    organ.write("名单.csv", "姓名,支部,身份\n张三,第一党支部,正式\n")
    return organ


def modules(organ: SiteProject, typed: str, exit_code: int = 0) -> list[str]:
    """The modules that a command has imported when it ends."""
    words = typed.split()
    if words[0] not in {"--help", "completion"}:
        words += ["--today", TODAY.isoformat()]
    run = [sys.executable, "-c", TELLING, *words]
    done = subprocess.run(run, capture_output=True, text=True, encoding="utf-8", check=False, cwd=organ.root)
    assert done.returncode == exit_code, done.stderr
    listed: list[str] = json.loads(done.stderr.splitlines()[-1])
    return listed


def libraries_and_rooms(listed: list[str]) -> tuple[set[str], set[str]]:
    tops = {name.partition(".")[0] for name in listed} - sys.stdlib_module_names - PARTS
    rooms = {name.split(".")[1] for name in listed if name.startswith("generator.")} - {"__main__", "commands"}
    return {top for top in tops if not top.startswith("_")} - {"generator"}, rooms


def marked(row: Row) -> ParameterSet:
    return pytest.param(row, id=row.typed, marks=[pytest.mark.needs("ssh-keygen")] if row.signed else [])


@pytest.mark.prove
@pytest.mark.parametrize("row", [marked(row) for row in sample_of(TABLE, 12)])
def test_a_command_imports_what_it_needs_and_nothing_else(
    row: Row, organ: SiteProject, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(organ.root)
    if row.signed:
        make_chief(organ)
    for typed in row.before:
        assert organ.run(*typed.split()).exit_code == 0
    with socket.create_server(("127.0.0.1", 0)) as taken:
        typed = row.typed.replace("PORT", str(taken.getsockname()[1]))
        assert libraries_and_rooms(modules(organ, typed, row.exit_code)) == (row.libraries, row.rooms)


@pytest.mark.parametrize(
    ("words", "readers"),
    [
        ("", set()),
        ("--audience organ,branch,member,committee --gzip --jobs 2 --profile", {"basics", "model"}),
    ],
)
def test_a_build_that_changes_nothing_imports_next_to_nothing(organ: SiteProject, words: str, readers: set[str]):
    first, second = (modules(organ, f"build {words}") for _ in range(2))
    core = {name.split(".")[2] for name in second if name.startswith("generator.core.")}
    assert core == readers
    assert libraries_and_rooms(second) == ({"click", "msgspec"}, LIGHT_BUILD | ({"core"} if readers else set()))
    build = {name.split(".")[2] for name in second if name.startswith("generator.build.")}
    assert build == {
        "cache",
        "cache_secret",
        "output_reader",
        "profiling",
        "receipt",
        "request",
        "run",
        "source_digests",
    }
    assert {"generator.build.engine", "yaml", "jinja2"} <= set(first)  # the first one had to be done


def test_a_score_imports_neither_tables_nor_another_program(organ: SiteProject):
    """Holidays are for notices, readings are a table of ours, and OpenSSH is asked only where there is a list."""
    needless = {"chinese_calendar", "filelock", "openpyxl", "pypinyin", "subprocess", "tempfile"}
    assert (needless | {"generator.loader.openssh"}) & set(modules(organ, "score 2026-Q1")) == set()


def test_every_command_is_in_the_table():
    assert {row.typed.split()[0] for row in TABLE} - {"--help"} == set(cli.list_commands(click.Context(cli)))
