"""What only a terminal is shown: progress where somebody waits, and colour."""

import io
import sys

import pytest

from generator.commands import cli, progress
from generator.commands.progress import Progress
from tests.site_project import SiteProject, members


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def open_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Make standard error a terminal; in the test itself, as pytest captures anew for it."""
    stream = Terminal()
    monkeypatch.setattr(sys, "stderr", stream)
    return stream


def test_nothing_is_shown_of_what_takes_a_moment(monkeypatch: pytest.MonkeyPatch):
    terminal = open_terminal(monkeypatch)
    with Progress() as shown:
        for done in range(1, 101):
            shown.report("核对 支部", done, 100)
    assert terminal.getvalue() == ""


def test_what_takes_longer_is_shown_to_its_end(monkeypatch: pytest.MonkeyPatch):
    terminal = open_terminal(monkeypatch)
    clock = iter([0.0, 0.4, 0.8, 1.2, 1.6])
    monkeypatch.setattr(progress, "monotonic", lambda: next(clock))
    with Progress() as shown:
        for done in (1, 2, 3, 4):
            shown.report("核对 支部", done, 4)
    text = terminal.getvalue()
    assert "2/4" not in text
    assert "核对 支部 3/4" in text
    assert "核对 支部 4/4" in text
    assert text.endswith("\n")


@pytest.mark.parametrize(("variable", "is_coloured"), [("", True), ("1", False)])
def test_errors_are_red_on_a_terminal(tmp_path, monkeypatch, variable, is_coloured):
    terminal = open_terminal(monkeypatch)
    organ = SiteProject(tmp_path, members("zhang 张三 jia"))
    organ.ledger("jia", "2026-01", "entries: [{member: 无人, item: suggestion, date: 2026-01-05}]")
    monkeypatch.setenv("NO_COLOR", variable)
    with pytest.raises(SystemExit):
        cli.main(["-C", str(tmp_path), "check", "--today", "2026-02-01"], prog_name="jifenbang")
    assert ("\x1b[31m: 错误：\x1b[0m" in terminal.getvalue()) is is_coloured
    assert ": 错误：" in terminal.getvalue()


def test_a_pipe_has_no_colour(tmp_path):
    organ = SiteProject(tmp_path, members("zhang 张三 jia"))
    organ.ledger("jia", "2026-01", "entries: [{member: 无人, item: suggestion, date: 2026-01-05}]")
    assert "\x1b" not in organ.run("check").output
