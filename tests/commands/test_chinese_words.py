"""What the command line says: no English but the names of commands, options, files, formats and programs."""

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from generator.commands import cli
from tests.command_tree import COMMANDS

NAMES = {"jifenbang", "OpenSSH", "Dask", "Excel", "HTML", "PDF", "Chromium", "Chrome", "Edge", "Ctrl+C"}
NAMES |= {
    "audit",
    "json",
    "site",
    "gz",
    "dask",
    "yaml",
    "cycle",
    "a1",
    "e2",
    "Q1",
    "H1",
    "public",
    "members",
    "organ",
    "committee",
    "shan",
    "li",
    "none",
    *("Tab", "PowerShell", "bash", "zsh", "fish", "eval", "compinit"),
    *("first", "tp", "erqi", "acfe", "ours"),  # in examples: ids, initials, a digest, a theme
}
FORMATS = {"text", "json", "table", "csv", "xlsx", "html", "pdf"}
TYPED = {"zzz", "todya", "chekc", "x"}  # by the tests


OPTIONS = {option for command in COMMANDS.values() for param in command.params for option in param.opts} | {"--version"}
CHOICES = {
    choice
    for command in COMMANDS.values()
    for param in command.params
    if isinstance(param.type, click.Choice)
    for choice in param.type.choices
}
ALLOWED = (
    NAMES
    | FORMATS
    | CHOICES
    | TYPED
    | {word for name in COMMANDS for word in name.split()}
    | {option.strip("-") for option in OPTIONS | {"--help", "-h"}}
)


def english(text: str) -> list[str]:
    """The words of a text that only a reader of English knows."""
    words = re.findall(r"(?<![\w./-])-{0,2}[A-Za-z][A-Za-z+-]*(?![\w/])", text)
    return [word for word in words if word.strip("-") not in ALLOWED]


def run(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(cli, [*words], prog_name="jifenbang")
    return done.exit_code, done.output


@pytest.mark.parametrize("name", ["", "roster", "roster branch", *COMMANDS])
def test_help_is_chinese(name):
    code, text = run(*name.split(), "--help")
    assert (code, english(text)) == (0, [])
    assert "选项" in text


def mistakes() -> Iterator[list[str]]:
    """Command lines that are wrong: each command without what it needs, with too much, each option amiss."""
    yield from ([], ["zzz"], ["--zzz"], ["chekc"], ["-C"])
    for name, command in COMMANDS.items():
        words = name.split()
        arguments = [param for param in command.params if isinstance(param, click.Argument)]
        yield from ([*words, "--zzz"], [*words, "--todya", "x"], [*words, *["zzz"] * 9])
        if any(param.required for param in arguments):
            yield words
        for param in command.params:
            option = param.opts[0]
            if isinstance(param, click.Option) and param.is_flag:
                yield [*words, f"{option}=zzz"]
            elif isinstance(param, click.Option):
                yield [*words, option]
                if not isinstance(param.type, click.types.StringParamType):
                    yield [*words, option, "zzz"]


@pytest.mark.parametrize("words", list(mistakes()), ids=" ".join)
def test_usage_errors_are_chinese(words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, text = run(*words)
    assert english(text) == []
    if code == 2:
        assert words == [] or "错误：" in text


@pytest.mark.parametrize("text", ["用法： jifenbang check [OPTIONS]", "'PERIOD' 写法不对", "No such file or directory"])
def test_english_is_recognized(text):
    assert english(text) != []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["score", "2026-13"], "“周期”写法不对：“2026-13”不是周期"),
        (["score"], "没有写“周期”"),
        (["check", "--format", "xml"], "--format 写法不对：“xml” 不行，可以写：“text”、“json”"),
        (["build", "--jobs", "0"], "--jobs 写法不对：“0”不是 1 到 64 的整数"),
        (["file", "2026-Q1"], "没有写 --on"),
    ],
)
def test_they_say_what_to_type(words, expected):
    assert expected in run(*words)[1]
