"""A build that goes on from an earlier one against one that begins anew: the same bytes, whatever was done between.

Also that nothing is done twice: what a build takes from the memo it neither reads, scores, draws nor writes.
"""

import os
import random
import shutil
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator import books
from generator.project import Project
from tests.organ import SETTINGS, Organ, members

ROSTER = (
    members(
        *("zhang 张三 jia", "li 李四 jia", "wang 王五 jia", "zhao 赵六 yi", "qian 钱七 yi", "sun 孙八 bing"),
        branches="jia yi bing",
    )
    + "  - {id: zhou, name: 周九, branch: yi, status: full, changes: [{from: 2026-05-10, branch: bing}]}\n"
)
READERS = "organ,branch,member,committee"
FIRST = date(2027, 1, 4)


def month(number: int) -> str:
    return f"2026-{number:02}"


def lines(number: int, who: str, times: int = 1) -> str:
    return (
        f"activities:\n  - {{item: study, date: {month(number)}-08, title: 学习{number}}}\n"
        f"entries:\n  - {{member: {who}, item: suggestion, date: {month(number)}-09, times: {times}, note: 建议}}\n"
    )


class Course:
    """A project on its way: every edit leaves sizes and times as they were, where it can."""

    def __init__(self, root: Path) -> None:
        self.organ = Organ(root / "warm", ROSTER)
        self.fresh = root / "cold"
        self.today = FIRST
        self.organ.write("content/pages/about.md", "---\ntitle: 说明\n---\n甲甲甲\n")
        for branch, who in (("jia", "张三"), ("yi", "赵六"), ("bing", "孙八")):
            files = [self.organ.ledger(branch, month(number), lines(number, who)) for number in (1, 2)]
            self.organ.approve(*files, meeting="2027-01-02", today=self.today)
        self.newest = dict.fromkeys(("jia", "yi", "bing"), 2)
        self.corrected = 0

    # --- edits

    def approve(self, draw: random.Random) -> None:
        branch = draw.choice(sorted(self.newest))
        if self.newest[branch] < 7:
            self.newest[branch] += 1
            who = {"jia": "李四", "yi": "钱七", "bing": "孙八"}[branch]
            file = self.organ.ledger(branch, month(self.newest[branch]), lines(self.newest[branch], who))
            self.organ.approve(file, meeting="2027-01-03", today=self.today)

    def draft(self, draw: random.Random) -> None:
        text = lines(12, draw.choice(["张三", "李四", "没有此人"]))
        self.organ.ledger("jia", month(12), text)

    def correct(self, draw: random.Random) -> None:
        branch = draw.choice(sorted(self.newest))
        found = books.read(Project(self.organ.root), self.today).books  # whatever is wrong in a draft
        assert found is not None
        papers = [one for one in found.shelf.papers.values() if one.branch == branch and str(one.month) == month(1)]
        approval = papers[-1].document.approval
        number = len(papers)
        who = {"jia": "王五", "yi": "周九", "bing": "孙八"}[branch]
        file = self.organ.write(
            f"ledgers/2026/{branch}/01.c{number}.yaml",
            f"branch: {branch}\nmonth: 2026-01\ncorrects: {approval.digest}\nrecorder: 登记员\nkind: 补录\nreason: 漏\n"
            f"entries:\n  - {{member: {who}, item: suggestion, date: 2026-01-1{number % 10}, note: 补{number}}}\n",
        )
        self.organ.approve(file, meeting="2027-01-03", today=self.today)

    def roster(self, draw: random.Random) -> None:
        path = self.organ.root / "ledgers/roster.yaml"
        text = path.read_text(encoding="utf-8")
        number = text.count("id: new")
        branch, since = draw.choice(["jia", "yi"]), f"2026-{draw.choice([9, 12]):02}-15"
        path.write_text(
            text + f"  - {{id: new{number}, name: 新人{number}, branch: {branch}, status: full, since: {since}}}\n",
            encoding="utf-8",
        )

    def alter(self, path: str, old: str, new: str) -> None:
        """Change a file so that neither its size nor its time tells."""
        file = self.organ.root / path
        found, raw = file.stat(), file.read_text(encoding="utf-8")
        file.write_text(raw.replace(old, new) if old in raw else raw.replace(new, old), encoding="utf-8")
        os.utime(file, ns=(found.st_atime_ns, found.st_mtime_ns))

    def rulebook(self, _: random.Random) -> None:
        self.alter("ledgers/rulebooks/erqi-2021.yaml", "title: 参加学习教育", "title: 参加教育学习")

    def article(self, _: random.Random) -> None:
        self.alter("content/pages/about.md", "甲甲甲", "乙乙乙")

    def title(self, _: random.Random) -> None:
        self.alter("content/site.yaml", "title: 积分榜", "title: 光荣榜")

    def naming(self, draw: random.Random) -> None:
        words = draw.choice(["", "names: masked\n", "order: stroke\n", "objection: {days: 5, contact: 机关党委}\n"])
        self.organ.write("content/site.yaml", SETTINGS + words)

    def theme(self, draw: random.Random) -> None:
        self.organ.write("themes/ours/theme.yaml", "parent: default\n")
        word = draw.choice(["名录", "总览"])
        self.organ.write(
            "themes/ours/templates/branches.html",
            '{% extends "default/branches.html" %}{% block title %}' + word + "{% endblock %}",
        )
        self.organ.write("content/site.yaml", SETTINGS + "theme: ours\n")

    def tomorrow(self, draw: random.Random) -> None:
        self.today += timedelta(days=draw.choice([1, 9, 400]))

    def spoil(self, draw: random.Random) -> None:
        """Damage what is remembered: cut short, with other bytes, gone."""
        kept = [one for one in (self.organ.root / ".jifenbang/cache").rglob("*") if one.is_file()]
        for path in draw.sample(kept, min(len(kept), 5)):
            raw = path.read_bytes()
            how = draw.choice(["cut", "flip", "gone", "empty"])
            if how == "gone":
                path.unlink()
            else:
                at = draw.randrange(max(len(raw), 1))
                path.write_bytes({"cut": raw[:at], "flip": raw[:at] + b"#" + raw[at + 1 :], "empty": b""}[how])

    def tamper(self, draw: random.Random) -> None:
        """Change the site itself."""
        shown = sorted(one for one in (self.organ.root / "site").rglob("*.html"))
        if shown:
            path = draw.choice(shown)
            path.unlink() if draw.random() < 0.5 else path.write_bytes(path.read_bytes()[:-1] + b" ")

    # --- builds

    def build(self, root: Path, *words: str) -> tuple[int, str]:
        done = Organ.run(_At(root), "build", "--audience", READERS, *words, today=self.today)
        assert done.exit_code == 0 or isinstance(done.exception, SystemExit), done.exception
        return done.exit_code, done.stderr

    def agree(self) -> None:
        """Both ways come to the same."""
        shutil.rmtree(self.fresh, ignore_errors=True)
        shutil.copytree(self.organ.root, self.fresh, ignore=shutil.ignore_patterns(".jifenbang", "site"))
        warm, cold = self.build(self.organ.root), self.build(self.fresh)
        assert warm == cold
        if not warm[0]:
            assert site(self.organ.root) == site(self.fresh)


class _At(Organ):
    """An organ that is already written."""

    def __init__(self, root: Path) -> None:
        self.root = root


def site(root: Path) -> dict[str, bytes]:
    output = root / "site"
    return {one.relative_to(output).as_posix(): one.read_bytes() for one in output.rglob("*") if one.is_file()}


EDITS: dict[str, Callable[[Course, random.Random], None]] = {
    name: getattr(Course, name)
    for name in (
        *("approve", "draft", "correct", "roster", "rulebook", "article", "title", "naming", "theme"),
        *("tomorrow", "spoil", "tamper"),
    )
}


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 2**16)), min_size=4, max_size=7),
)
def test_after_any_edits_a_warm_build_equals_a_cold_one(tmp_path_factory: pytest.TempPathFactory, edits):
    course = Course(tmp_path_factory.mktemp("course"))
    course.agree()
    for name, seed in edits:
        EDITS[name](course, random.Random(seed))
        course.agree()
