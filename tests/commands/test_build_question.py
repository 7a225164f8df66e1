"""``build`` asks before it publishes what can't be taken back, of those alone who can answer."""

import os
import pty
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from generator.commands import cli
from generator.project import Project
from generator.publish import release
from tests.site_pages import site_files
from tests.site_project import TODAY, SiteProject, members, written_once

QUESTION = "现在公布吗"
JANUARY = "activities:\n  - {item: 支部党员大会, date: 2026-01-05}\n"
FEBRUARY = "activities:\n  - {item: 支部党员大会, date: 2026-02-05, leave: [zhang]}\n"


EVERYTHING = """
这次生成会第一次公布：
  审核员于 2027-01-05 审核的jia支部 2026-02 台账
与第 1 次生成（2027-06-01）相比，榜单会这样变：
  jia支部2026年2月榜　新榜
  jia支部2026年第一季度榜　2 人积分变动：王五 1→2、张三 1→0.5　1 人名次变动：张三 1→2
  全机关2026年上半年榜　2 人积分变动：王五 1→2、张三 1→0.5　1 人名次变动：张三 1→2
  全机关2026年度榜　2 人积分变动：王五 1→2、张三 1→0.5　1 人名次变动：张三 1→2
公布以后只能更正，不能撤回；只想先看看的，用 jifenbang serve。
现在公布吗？"""


class Answered(NamedTuple):
    exit_code: int
    shown: str


def build_at_terminal(organ: SiteProject, typed: str, *words: str, piped: tuple[int, ...] = ()) -> Answered:
    """Build with all three streams on a pseudo-terminal, but for those that are ``piped``; ``typed`` waits there."""
    pid, terminal = pty.fork()
    if not pid:
        code = 99
        try:
            for stream in piped:
                os.dup2(os.open(os.devnull, os.O_RDWR), stream)
            sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), os.fdopen(1, "w"), os.fdopen(2, "w")
            line = ["-C", str(organ.root), "build", "--today", TODAY.isoformat(), "--jobs", "1", *words]
            cli.main(line, prog_name="jifenbang")
        except SystemExit as ended:
            code = int(ended.code or 0)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    os.write(terminal, typed.encode())
    shown = b""
    try:
        while more := os.read(terminal, 65536):
            shown += more
    except OSError:  # what Linux says when the last process has closed its end
        pass
    os.close(terminal)
    return Answered(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.decode())


@pytest.fixture
@written_once
def organ(tmp_path: Path) -> SiteProject:
    """Two members; January published, February approved since."""
    organ = SiteProject(tmp_path, members("zhang 张三 jia", "wang 王五 jia", branches="jia"))
    organ.approve(organ.ledger("jia", "2026-01", JANUARY))
    assert organ.run("build", "--jobs", "1").exit_code == 0
    organ.approve(organ.ledger("jia", "2026-02", FEBRUARY))
    return organ


def state(organ: SiteProject) -> Mapping[str, bytes]:
    """All that makes something published."""
    folder = Project(organ.root).state_folder
    kept = [path for path in folder.rglob("*") if path.is_file() and {"releases", "sealed"} & set(path.parts)]
    return {str(path): path.read_bytes() for path in [*kept, folder / "published"]} | site_files(organ.root)


@pytest.mark.parametrize("typed", ["n\n", "\n", "no\n", "\x04"])
def test_no_and_nothing_and_the_end_of_input_leave_all_as_it_is(organ: SiteProject, typed: str):
    before = state(organ)
    answered = build_at_terminal(organ, typed)
    assert answered.exit_code == 1
    assert QUESTION in answered.shown
    assert "没有公布，网站没有改动" in answered.shown or typed == "\x04"
    assert state(organ) == before
    withdrawal = organ.run("approve", "ledgers/2026/jia/02.yaml", "--withdraw", "--reason", "误批")
    assert withdrawal.exit_code == 0, withdrawal.output


def test_yes_publishes_what_was_shown(organ: SiteProject):
    answered = build_at_terminal(organ, "y\n")
    assert answered.exit_code == 0
    shown = answered.shown.replace("\r\n", "\n")
    assert EVERYTHING in shown
    assert organ.run("build").output.count("这些审核已随网站公布") == 0
    withdrawal = organ.run("approve", "ledgers/2026/jia/02.yaml", "--withdraw", "--reason", "误批")
    assert withdrawal.exit_code == 1


@pytest.mark.parametrize(
    ("words", "piped"), [(("--yes",), ()), ((), (0,)), ((), (2,)), ((), (0, 2))], ids=["yes", "in", "err", "both"]
)
def test_a_pipe_and_yes_are_not_asked(organ: SiteProject, words: tuple[str, ...], piped: tuple[int, ...]):
    answered = build_at_terminal(organ, "", *words, piped=piped)
    assert (answered.exit_code, QUESTION in answered.shown) == (0, False)
    current = release.read_current_release(Project(organ.root), organ.root / "site")
    assert current is not None
    assert current.number == 2


def test_a_first_build_is_not_asked_wherever_it_goes(organ: SiteProject):
    """Nor is one that has nothing new to publish, though its pages change."""
    answered = build_at_terminal(organ, "", "--output", str(organ.root / "other"))
    assert (answered.exit_code, QUESTION in answered.shown) == (0, False)
    # What was published there is published: the site's own folder brings nothing new.
    assert [QUESTION in build_at_terminal(organ, "").shown for _ in range(2)] == [False, False]
    organ.write("content/pages/new.md", "---\ntitle: 说明\n---\n正文。\n")
    answered = build_at_terminal(organ, "")
    assert (answered.exit_code, QUESTION in answered.shown) == (0, False)
    assert b"\xe8\xaf\xb4\xe6\x98\x8e" in (organ.root / "site/index.html").read_bytes()


def test_a_refused_build_does_not_ask(organ: SiteProject):
    (organ.root / "site/论文.docx").write_bytes(b"three months")
    answered = build_at_terminal(organ, "y\n")
    assert (answered.exit_code, QUESTION in answered.shown) == (1, False)
    assert "output.foreign" in answered.shown
