"""Every command and option that a document names exists; the manual names every one that exists, and every key."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from generator.commands import cli
from generator.commands.command_group import ExampleCommand
from generator.intake.files import schemas
from tests.command_tree import COMMANDS, TREE
from tests.manual_pages import MANUAL_FILES, MANUAL_PAGES, manual_page
from tests.site_project import REPOSITORY

DOCUMENTS = [
    *("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "SECURITY.md", "themes/README.md", "tests/bench/README.md"),
    *MANUAL_FILES,
]
FOREIGN = {"--upgrade": "pip", "--no-dashboard": "dask"}  # named alone, but of other programs


def named(words: list[str]) -> str:
    """The command that words begin with, empty if there is none."""
    names = (" ".join(words[:count]) for count in (3, 2, 1))
    return next((name for name in names if name in COMMANDS), "")


def options(command: click.Command) -> dict[str, click.Parameter]:
    """What a command takes by name, help among it."""
    parameters = command.get_params(click.Context(command, parent=TREE))
    return {name: one for one in parameters for name in one.opts if name.startswith("-")}


def choices(parameter: click.Parameter | None) -> list[str]:
    """The words of which a parameter is one, if it is one of a few."""
    return list(parameter.type.choices) if parameter and isinstance(parameter.type, click.Choice) else []


def kinds(command: click.Command) -> list[str]:
    """The words of which a command's first argument is one: report quarter, report year."""
    return choices(next((one for one in command.params if isinstance(one, click.Argument)), None))


# --- what documents say ----------------------------------------------------------------------------------------------


def spans(text: str) -> Iterator[str]:
    """Inline code, even over the end of a line, outside blocks of code."""
    prose = re.sub(r"^( *)```.*?^\1```$|^(?: {4}|\t).*$", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from (" ".join(one.split()) for one in re.findall(r"`([^`]+)`", prose))


def block_lines(text: str) -> Iterator[str]:
    """Lines of blocks of code, fenced or indented."""
    for fenced in re.findall(r"^ *```.*?\n(.*?)^ *```$", text, re.MULTILINE | re.DOTALL):
        yield from fenced.splitlines()
    yield from re.findall(r"^(?: {4}|\t)(.*)$", text, re.MULTILINE)


def typed(text: str) -> list[list[str]]:
    """What readers are told to type, word by word, without the program's name; a bare name of a command as well."""
    found = []
    for code in (*spans(text), *block_lines(text)):
        words = code.split("#")[0].split()
        program = re.match(r"(?:\$ )?(?:\S*[/\\])?jifenbang(?= |$)|(?:py|python3?) -m generator(?= |$)", code)
        if program:
            found.append(code[program.end() :].split("#")[0].split())
        elif named(words):
            found.append(words)
    return found


def faults(words: list[str]) -> Iterator[str]:
    """What is wrong in words typed after the program's name."""
    rest = list(words)
    while rest and rest[0].startswith("-"):
        if rest[0] not in options(cli):
            yield f"no option {rest[0]}"
        del rest[: 2 if rest[0] == "-C" else 1]
    if not rest or rest[0] in {"COMMAND", "命令"}:  # any of them
        return
    name = named(rest)
    if not name:
        yield f"no command {rest[0]}"
        return
    given = rest[len(name.split()) :]
    known, first = options(COMMANDS[name]), kinds(COMMANDS[name])
    if first and given and re.match("[a-z]", given[0]) and given[0] not in first:
        yield f"{name} knows no {given[0]}"
    for option, value in zip(given, [*given[1:], ""], strict=False):
        if option.startswith("-") and option not in known:
            yield f"{name} has no option {option}"
        elif choices(known.get(option)) and re.match("[a-z]", value) and value not in choices(known[option]):
            yield f"{name} {option} is never {value}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_command_and_option_that_a_document_names_exists(document: str):
    text = Path(REPOSITORY, document).read_text(encoding="utf-8")
    assert {" ".join(words): [*faults(words)] for words in typed(text) if [*faults(words)]} == {}
    every = {name for command in (cli, *COMMANDS.values()) for name in options(command)} | FOREIGN.keys()
    alone = {words.split()[0].partition("=")[0] for words in spans(text) if words.startswith("-")}
    assert {word for word in alone if re.fullmatch("--[a-z-]+", word)} - every == set()


def test_documents_are_read_as_their_readers_read_them():
    text = """
Type `jifenbang build --gzip`, or `py -m generator check`; `approve FILE
--withdraw --reason TEXT` and `outcomes 2026`, but not `a.yaml` or `.jifenbang/`.

    jifenbang -C 站点 score 2026-Q1   # prints a board
    rm -rf .jifenbang

```
jifenbang serve
```
"""
    assert typed(text) == [
        ["build", "--gzip"],
        ["check"],
        ["approve", "FILE", "--withdraw", "--reason", "TEXT"],
        ["outcomes", "2026"],
        ["serve"],
        ["-C", "站点", "score", "2026-Q1"],
    ]


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("build --gzip --jobs 1", []),
        ("-C 站点 build --today 2026-01-01", []),
        ("COMMAND --help", []),
        ("report year 2026 --format xlsx", []),
        ("--version", []),
        ("make", ["no command make"]),
        ("build --zip", ["build has no option --zip"]),
        ("report month 2026", ["report knows no month"]),
        ("report year 2026 --format docx", ["report --format is never docx"]),
        ("--verbose build", ["no option --verbose"]),
        ("rollback --audience organ", ["rollback has no option --audience"]),
    ],
)
def test_a_command_that_is_not_there_would_be_found(words: str, wrong: list[str]):
    assert [*faults(words.split())] == wrong


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_examples_and_they_are_of_it(name: str):
    command = COMMANDS[name]
    assert isinstance(command, ExampleCommand)
    assert command.examples
    for example in command.examples.values():
        ((words, *_),) = [re.findall(r"jifenbang ([^)>]*)", example)]
        typed_words = shlex.split(words)
        assert named(typed_words) == name
        assert [*faults(typed_words)] == []
        command.make_parser(click.Context(command)).parse_args(typed_words[len(name.split()) :])


# --- what the manual must say ----------------------------------------------------------------------------------------


def reference() -> dict[str, str]:
    """The rows of the manual's table of commands, by command; all rows of one together."""
    rows: dict[str, str] = {}
    table = manual_page("clerk").partition("| 命令 |")[2].partition("\n\n")[0]
    for row in table.splitlines()[2:]:
        (name,) = {named(code.split()) or code for code in re.findall(r"`([^`]+)`", row.split(" | ")[0])}
        rows[name] = rows.get(name, "") + row
    return rows


def test_the_manual_has_every_command_in_its_table_and_no_other():
    assert sorted(reference()) == sorted(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_a_commands_row_in_the_manual_has_its_options_and_no_others(name: str):
    common = {"--today", "--help"}  # told of all commands together, below the table
    coded = re.findall(r"`([^`]+)`", reference()[name])
    told = {word for code in coded for word in re.findall("--[a-z-]+", code)}
    taken = {option for option in options(COMMANDS[name]) if option.startswith("--")}
    assert told == taken - common
    assert [
        kind for kind in kinds(COMMANDS[name]) if not any(code.startswith(f"{name} {kind}") for code in coded)
    ] == []
    words = {word for code in coded for word in code.split()}
    assert [word for one in options(COMMANDS[name]).values() for word in choices(one) if word not in words] == []


def test_what_all_commands_take_is_told_once_below_the_table():
    below = manual_page("clerk").partition("| 命令 |")[2].partition("\n\n")[2]
    assert [option for option in ("-C", "--today", "--help") if f"`{option}" not in below[:2000]] == []


# --- keys of files ---------------------------------------------------------------------------------------------------


def keys(schema: object) -> Iterator[str]:
    """The keys that a schema allows, at any depth."""
    if isinstance(schema, dict):
        yield from schema.get("properties", {})
        for part in schema.values():
            yield from keys(part)
    elif isinstance(schema, (list, tuple)):
        for part in schema:
            yield from keys(part)


@pytest.mark.parametrize("kind", sorted(schemas.KINDS))
def test_the_manual_names_every_key(kind: str):
    manual = "\n".join(map(manual_page, MANUAL_PAGES))
    as_code = {word for code in re.findall(r"`([^`\n]+)`", manual) for word in re.findall(r"[a-z_-]+", code)}
    allowed = set(keys(schemas.build_schema(kind)))
    assert len(allowed) > 1
    assert [key for key in sorted(allowed) if (key not in as_code if key.isascii() else key not in manual)] == []
