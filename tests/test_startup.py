"""What a command imports: nobody waits for libraries or rooms of the house that the command does not need."""

import json
import subprocess
import sys
from functools import cache
from typing import NamedTuple

import click
import pytest

from generator.commands import cli
from tests.conftest import SAMPLE_DAY
from tests.organ import REPOSITORY

READING = {"books", "core", "garbage", "intake", "problems", "project", "shelf", "signatures", "urn"}
FAULTS = {"publish", "render"}  # the two exceptions that every command tells: the lock is held, a template is wrong
PAGES = {"jinja2", "markdown", "markupsafe", "nh3"}


class Row(NamedTuple):
    """What is typed; the libraries and the rooms that are imported for it."""

    typed: str
    libraries: set[str]
    rooms: set[str]


TABLE = [
    Row("--help", {"click"}, set()),
    Row("score 2026-Q3", {"click", "yaml"}, READING | FAULTS),
    Row("score 2026-Q3 --branch first --format json", {"click", "yaml"}, READING | FAULTS),
    Row("explain hou-mengqi 2026-Q3", {"click", "yaml"}, READING | FAULTS),
    Row("rollback --help", {"click", "yaml"}, READING | FAULTS),
    Row("correct --help", {"click", "yaml"}, READING | FAULTS | {"acts"}),
    Row("file --help", {"click", "yaml"}, READING | FAULTS | {"acts"}),
    Row("approve --help", {"click", "yaml"}, READING | FAULTS | {"acts", "openssh"}),
    Row("check", {"click", "yaml", "chinese_calendar", *PAGES}, READING | FAULTS | {"build"}),
    Row("outcomes 2025", {"click", "yaml", "chinese_calendar", *PAGES}, READING | FAULTS | {"build"}),
    Row("form --help", {"click", "yaml", *PAGES}, READING | FAULTS | {"build"}),
    Row("build --help", {"click", "yaml", *PAGES}, READING | FAULTS | {"build"}),
    Row("diff --help", {"click", "yaml", *PAGES}, READING | FAULTS | {"build"}),
    Row("verify --help", {"click", "yaml", *PAGES}, READING | FAULTS | {"build"}),
    Row("report --help", {"click", "yaml", *PAGES}, READING | FAULTS | {"build", "printing"}),
    Row("serve --help", {"click", "yaml", "livereload", "tornado", *PAGES}, READING | FAULTS | {"build"}),
]

# Runs a command, then tells every module that was imported.
TELLING = """
import json, sys
from generator.commands import main
sys.argv[0] = "jifenbang"
try:
    main()
finally:
    sys.stderr.write("\\n" + json.dumps([*sys.modules]))
"""
PARTS = {"_cython_3_3_1", "cython_runtime", "htmlparser"}  # of yaml and of markdown


@cache
def modules(typed: str) -> list[str]:
    """The modules that a command has imported when it ends, with the sample as its project."""
    words = typed.split() if "--help" in typed else [*typed.split(), "--today", SAMPLE_DAY]
    run = [sys.executable, "-c", TELLING, *words]
    done = subprocess.run(run, capture_output=True, text=True, encoding="utf-8", check=False, cwd=REPOSITORY)
    assert done.returncode == 0, done.stderr
    found: list[str] = json.loads(done.stderr.splitlines()[-1])
    return found


@pytest.mark.parametrize("row", TABLE, ids=[row.typed for row in TABLE])
def test_a_command_imports_what_it_needs_and_nothing_else(row: Row):
    found = modules(row.typed)
    tops = {name.partition(".")[0] for name in found} - sys.stdlib_module_names - PARTS
    libraries = {top for top in tops if not top.startswith("_")} - {"generator"}
    rooms = {name.split(".")[1] for name in found if name.startswith("generator.")} - {"commands"}
    assert (libraries, rooms) == (row.libraries, row.rooms)


def test_a_score_imports_neither_tables_nor_another_program():
    """Holidays are for notices, readings are a table of ours, and OpenSSH is asked only where there is a list."""
    needless = {"chinese_calendar", "filelock", "openpyxl", "pypinyin", "subprocess", "tempfile", "generator.openssh"}
    assert needless & set(modules("score 2026-Q3")) == set()


def test_every_command_is_in_the_table():
    assert {row.typed.split()[0] for row in TABLE} - {"--help"} == set(cli.list_commands(click.Context(cli)))
