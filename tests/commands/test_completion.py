"""What a shell is offered when Tab is pressed: commands, options, and values of the project."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete
from click.testing import CliRunner

from generator.commands import cli
from tests.site_project import SiteProject, members


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return SiteProject(tmp_path, members("zhang-san 张三 jia", "zhao-si 赵四 yi"))


def offered(*words: str) -> list[str]:
    """What is offered for the last of the words."""
    shell = ShellComplete(cli, {}, "jifenbang", "_JIFENBANG_COMPLETE")
    return [item.value for item in shell.get_completions([*words[:-1]], words[-1])]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (["ch"], ["check"]),
        (["roster", "br"], ["branch"]),
        (["roster", "branch", "s"], ["secretary"]),
        (["score", "--for"], ["--format"]),
        (["score", "--format", "x"], ["xlsx"]),
        (["sheet", "2026-1"], ["2026-10", "2026-11", "2026-12"]),
        (["file", "2026-"], ["2026-Q1", "2026-Q2", "2026-Q3", "2026-Q4"]),
        (["outcomes", ""], ["2026"]),
        (["score", "2026-H"], ["2026-H1", "2026-H2"]),
        (["score", "2026-Q1", "--branch", ""], ["jia", "yi"]),
        (["score", "2026-Q1", "--branch", "yi支"], ["yi支部"]),
        (["explain", "zha"], ["zhang-san", "zhao-si"]),
        (["explain", "赵"], ["赵四"]),
        (["roster", "move", "zhao-si", "j"], ["jia"]),
        (["year", "2027", "--rulebook", ""], ["erqi-2021"]),
        (
            ["approve", "--meeting", "2026-01-01", "--meeting", "2026-01-02", "--b"],
            ["--by"],
        ),  # wrong: told later
    ],
    ids=" ".join,
)
def test_values_of_the_project(organ: SiteProject, typed: list[str], expected: list[str]):
    assert offered("-C", str(organ.root), *typed) == expected


@pytest.mark.parametrize("spoilt", ["", "branches: [", "\0"])
def test_nothing_is_offered_and_nothing_said_outside_a_project(tmp_path: Path, spoilt: str):
    if spoilt:
        (tmp_path / "ledgers").mkdir()
        (tmp_path / "ledgers/roster.yaml").write_text(spoilt, encoding="utf-8")
    for line in ("sheet ", "score 2026 --branch ", "explain ", "year 2027 --rulebook "):
        assert offered("-C", str(tmp_path), *line.split(" ")) == []
    assert offered("-C", str(tmp_path / "nowhere"), "sheet", "") == []


def test_commands_are_completed_without_their_imports():
    code = "import sys; from click.shell_completion import ShellComplete; from generator.commands import cli; "
    code += "ShellComplete(cli, {}, 'jifenbang', 'X').get_completions([], ''); print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_calls_the_program(shell: str):
    done = CliRunner().invoke(cli, ["completion", shell], prog_name="jifenbang")
    assert done.exit_code == 0
    assert f"_JIFENBANG_COMPLETE={shell}_complete" in done.output
