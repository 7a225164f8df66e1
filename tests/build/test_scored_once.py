"""Nothing is scored twice in a build, and after an approval only what can change is done again.

The organ is one in which people move every year. Calls are counted in whatever process they are made, by a line
appended to a file: worker processes are forked, and inherit the count.
"""

import os
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from generator.build import branch, branch_pages
from generator.core.scoring import branch_scores
from tests.site_project import SiteProject, members, written_once

TODAY = date(2027, 3, 1)
READERS = "organ,branch,member,committee"
BRANCHES = ("jia", "yi", "bing", "ding")
MONTHS = ("2025-11", "2025-12", "2026-01", "2026-02", "2026-03")
ROSTER = members(
    *(
        "zhao 赵一 jia",
        "qian 钱二 jia",
        "sun 孙三 yi",
        "li 李四 yi",
        "zhou 周五 bing",
        "wu 吴六 bing",
        "zheng 郑七 ding",
    ),
    "wang 王八 ding",
    branches=" ".join(BRANCHES),
) + "".join(
    f"  - {{id: m{number}, name: 流动{name}, branch: {first}, status: full, changes: [{changes}]}}\n"
    for number, (name, first, changes) in enumerate(
        [
            ("甲", "jia", "{from: 2025-12-10, branch: yi}, {from: 2026-02-10, branch: bing}"),
            ("乙", "yi", "{from: 2026-01-15, branch: jia}"),
            ("丙", "bing", "{from: 2026-03-05, branch: yi}"),
        ],
        start=1,
    )
)


def lines(month: str, item: str = "study") -> str:
    return f"activities:\n  - {{item: {item}, date: {month}-08, title: 学习}}\n"


def correction(organ: SiteProject, home: str, month: str) -> Path:
    """Draft a correction that adds an activity for everybody on the roll."""
    assert organ.run("correct", f"ledgers/{month[:4]}/{home}/{month[5:]}.yaml", "全部", today=TODAY).exit_code == 0
    path = organ.root / f"ledgers/{month[:4]}/{home}/{month[5:]}.c1.yaml"
    digest = next(line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("corrects"))
    path.write_text(
        f"branch: {home}\nmonth: {month}\n{digest}\nrecorder: 登记员\nkind: 补录\nreason: 漏记\n"
        + lines(month, "lecture"),
        encoding="utf-8",
    )
    return path


@pytest.fixture
@written_once
def organ(tmp_path: Path) -> SiteProject:
    """Two years, every month approved but the March of ding; a correction in each of two branches."""
    organ = SiteProject(tmp_path, ROSTER, years=(2025, 2026))
    written = {(home, month): organ.ledger(home, month, lines(month)) for home in BRANCHES for month in MONTHS}
    organ.approve(*(path for key, path in written.items() if key != ("ding", "2026-03")), today=TODAY)
    organ.approve(correction(organ, "jia", "2025-12"), correction(organ, "bing", "2026-01"), today=TODAY)
    return organ


class Calls:
    """Counts calls of functions, each by a name made of its arguments."""

    def __init__(self, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.log = log
        self.monkeypatch = monkeypatch

    def count(self, module: Any, function: str, named: Callable[..., str]) -> None:
        real = getattr(module, function)

        def counted(*arguments: Any, **named_arguments: Any) -> Any:
            with self.log.open("a", encoding="utf-8") as log:
                log.write(f"{function} {named(*arguments)}\n")
            return real(*arguments, **named_arguments)

        counted.__module__, counted.__qualname__ = real.__module__, real.__qualname__  # so that it can be sent
        self.monkeypatch.setattr(module, function, counted)

    def taken(self) -> Counter[str]:
        """The calls since the last time, by name."""
        found = Counter(self.log.read_text(encoding="utf-8").splitlines() if self.log.exists() else ())
        self.log.write_text("", encoding="utf-8")
        return found


@pytest.fixture
def calls(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Calls:
    counted = Calls(tmp_path_factory.mktemp("calls") / "log", monkeypatch)
    counted.count(
        branch_scores, "score_ledger", lambda ledger, *_: f"{ledger.branch} {ledger.month} c{len(ledger.corrections)}"
    )
    for function in ("survey_branch", "summarize_branch"):
        counted.count(branch, function, lambda _, files, *__: files.branch)
    counted.count(branch_pages, "store_branch_pages", lambda _, files, *__: files.branch)
    return counted


def build(organ: SiteProject, jobs: int) -> None:
    branch.clear_caches()
    done = organ.run("build", "--audience", READERS, "--jobs", jobs, today=TODAY)
    assert done.exit_code == 0, done.output


def of(found: Counter[str], function: str) -> list[str]:
    return sorted(name.split(maxsplit=1)[1] for name in found.elements() if name.startswith(f"{function} "))


STATES = sorted(
    [f"{home} {month} c0" for home in BRANCHES for month in MONTHS if (home, month) != ("ding", "2026-03")]
    + ["jia 2025-12 c1", "bing 2026-01 c1"]
)


@pytest.mark.parametrize("jobs", [1, 4])
def test_each_version_of_each_month_is_scored_once(organ: SiteProject, calls: Calls, jobs: int):
    build(organ, jobs)
    found = calls.taken()
    assert of(found, "score_ledger") == STATES
    assert of(found, "survey_branch") == of(found, "store_branch_pages") == sorted(BRANCHES)
    assert of(found, "summarize_branch") == sorted(BRANCHES)


@pytest.mark.parametrize("jobs", [1, 4])
def test_after_an_approval_only_branches_that_can_change_are_done_again(organ: SiteProject, calls: Calls, jobs: int):
    """The newest month of a branch bears on nobody who has left it, nor on branches that others have left for it."""
    organ.approve(organ.root / "ledgers/2026/ding/03.yaml", today=TODAY)
    organ.approve(organ.ledger("ding", "2026-04", lines("2026-04")), today=TODAY)  # April has begun for everybody
    build(organ, jobs)
    calls.taken()
    for home in ("jia", "bing", "ding"):
        month = {"ding": "2026-05"}.get(home, "2026-04")
        organ.approve(organ.ledger(home, month, lines(month)), today=TODAY)
        build(organ, jobs)
        found = calls.taken()
        assert of(found, "survey_branch") == [home]
        assert of(found, "summarize_branch") == [home]
        drawn = sorted(BRANCHES) if home == "ding" else [home]  # ding begins the organ's May
        assert of(found, "store_branch_pages") == drawn
        assert {one.split()[0] for one in of(found, "score_ledger")} == set(drawn)
        assert max(Counter(of(found, "score_ledger")).values()) == 1


def test_a_correction_of_a_mover_reaches_the_branches_of_that_member_alone(organ: SiteProject, calls: Calls):
    build(organ, 1)
    calls.taken()
    organ.approve(correction(organ, "yi", "2026-01"), today=TODAY)  # 流动1 was there then, and is in bing now
    build(organ, 1)
    found = calls.taken()
    assert of(found, "survey_branch") == ["yi"]
    assert set(of(found, "summarize_branch")) == {"yi", "bing"} | ({"jia"} & set(of(found, "summarize_branch")))
    assert "ding" not in of(found, "summarize_branch")
    assert max(Counter(of(found, "score_ledger")).values()) == 1


def test_the_count_sees_processes_beside_this_one(organ: SiteProject, calls: Calls):
    before = os.getpid()
    calls.count(branch_pages, "store_files", lambda *_: str(os.getpid()))
    build(organ, 4)
    assert len({one for one in of(calls.taken(), "store_files") if one != str(before)}) == 4
