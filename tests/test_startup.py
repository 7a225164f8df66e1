"""What a command imports: nobody waits for libraries or rooms of the house that the command does not need."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from generator.commands import cli
from tests.conftest import SAMPLE_DAY
from tests.organ import REPOSITORY, Organ, members

# What every command on a project has: the exceptions that it tells are that the lock is held, that a template is wrong,
# that a file was changed meanwhile.
FAULTS = {"inventory", "problems", "project", "publish", "render"}
READING = FAULTS | {"books", "core", "garbage", "intake", "shelf", "signatures", "urn"}
ASKING = READING | {"queries"}
SURVEY = READING | {"build", "drawers", "executors", "memo", "profile", "rolls"}
BUILD = SURVEY | {"rereading"}
PAGES = {"jinja2", "markupsafe"}


class Row(NamedTuple):
    """What is typed; the libraries and the rooms that are imported for it."""

    typed: str
    libraries: set[str]
    rooms: set[str]


TABLE = [
    Row("--help", {"click"}, set()),
    Row("score 2026-Q3", {"click", "msgspec", "yaml"}, ASKING | {"opening"}),
    Row("score 2026-Q3 --branch first --format json", {"click", "msgspec", "yaml"}, ASKING | {"opening"}),
    Row("explain hou-mengqi 2026-Q3", {"click", "msgspec", "yaml"}, ASKING | {"opening"}),
    Row("rollback --help", {"click", "msgspec"}, FAULTS),
    Row("correct --help", {"click", "msgspec", "yaml"}, READING | {"acts"}),
    Row("file --help", {"click", "msgspec", "yaml"}, READING | {"acts", "opening"}),
    Row("approve --help", {"click", "msgspec", "yaml"}, READING | {"acts", "openssh"}),
    Row("check", {"click", "msgspec", "yaml", "chinese_calendar"}, ASKING),
    Row("outcomes 2025", {"click", "msgspec", "yaml", "chinese_calendar"}, SURVEY | {"queries", "opening"}),
    Row("form --help", {"click", "msgspec", "yaml", *PAGES}, ASKING | {"profile"}),
    Row("build --help", {"click", "msgspec"}, FAULTS | {"build", "memo", "profile", "receipts", "rereading"}),
    Row("diff --help", {"click", "msgspec", "yaml", *PAGES}, BUILD | {"receipts", "queries", "opening"}),
    Row("verify --help", {"click", "msgspec", "yaml"}, ASKING),
    Row("report --help", {"click", "msgspec", "yaml", *PAGES}, SURVEY | {"queries", "opening", "printing"}),
    Row("serve --help", {"click", "msgspec", "yaml", "livereload", "tornado", *PAGES}, BUILD | {"local_server"}),
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
PARTS = {"_cython_3_3_1", "cython_runtime", "htmlparser", "typing_extensions"}  # of yaml, of markdown, of msgspec


@cache
def modules(typed: str, root: Path = REPOSITORY) -> list[str]:
    """The modules that a command has imported when it ends, with the sample or another project as its own."""
    words = typed.split() if "--help" in typed else [*typed.split(), "--today", SAMPLE_DAY]
    run = [sys.executable, "-c", TELLING, *words]
    done = subprocess.run(run, capture_output=True, text=True, encoding="utf-8", check=False, cwd=root)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stderr.splitlines()[-1])
    return found


def told(found: list[str]) -> tuple[set[str], set[str]]:
    """The libraries and the rooms among modules."""
    tops = {name.partition(".")[0] for name in found} - sys.stdlib_module_names - PARTS
    rooms = {name.split(".")[1] for name in found if name.startswith("generator.")} - {"__main__", "commands"}
    return {top for top in tops if not top.startswith("_")} - {"generator"}, rooms


@pytest.mark.parametrize("row", TABLE, ids=[row.typed for row in TABLE])
def test_a_command_imports_what_it_needs_and_nothing_else(row: Row):
    assert told(modules(row.typed)) == (row.libraries, row.rooms)


@pytest.mark.parametrize(
    ("words", "readers"),
    [
        ("", set()),
        ("--audience organ,branch,member,committee --gzip --jobs 2 --profile", {"periods", "settings", "workdays"}),
    ],
)
def test_a_build_that_changes_nothing_imports_next_to_nothing(tmp_path: Path, words: str, readers: set[str]):
    Organ(tmp_path, members("zhang 张三 jia"))
    first, second = (modules.__wrapped__(f"build {words}", tmp_path) for _ in range(2))
    core = {name.split(".")[2] for name in second if name.startswith("generator.core.")}
    assert core == readers
    assert told(second) == (
        {"click", "msgspec"},
        FAULTS | {"build", "memo", "profile", "receipts", "rereading"} | ({"core"} if readers else set()),
    )
    assert {name for name in second if name.startswith("generator.build.")} == {"generator.build.request"}
    assert {"generator.build.engine", "yaml", "jinja2"} <= set(first)  # the first one had to be done


def test_a_score_imports_neither_tables_nor_another_program():
    """Holidays are for notices, readings are a table of ours, and OpenSSH is asked only where there is a list."""
    needless = {"chinese_calendar", "filelock", "openpyxl", "pypinyin", "subprocess", "tempfile", "generator.openssh"}
    assert needless & set(modules("score 2026-Q3")) == set()


def test_every_command_is_in_the_table():
    assert {row.typed.split()[0] for row in TABLE} - {"--help"} == set(cli.list_commands(click.Context(cli)))
