"""Random ledgers of a small organ, as plain data, and rulebooks whose ceilings they meet."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from hypothesis import strategies as st

from generator.core.basics.periods import PeriodKind, get_period, periods_within
from generator.core.ledgers import validation
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import NameOrder
from generator.core.scoring import branch_scores, results
from generator.core.scoring.results import Results
from generator.intake.files import ledger_file, roster_file, rulebook_file
from tests.site_project import RULEBOOK

ROSTER = """
branches: [{id: jia, name: 甲}, {id: yi, name: 乙}]
members:
  - {id: m0, name: 丁, branch: jia, status: full}
  - {id: m1, name: 王, branch: jia, status: full}
  - {id: m2, name: 李, branch: jia, status: full, since: 2026-02-01}
  - {id: m3, name: 赵, branch: yi, status: full}
  - {id: m4, name: 周, branch: yi, status: full, since: 2026-01-15}
  - {id: m5, name: 吴, branch: jia, status: full, changes: [{from: 2026-02-15, branch: yi}]}
  - {id: m6, name: 郑, branch: yi, status: full, changes: [{from: 2026-04-10, left: 调离}]}
"""
YEAR = get_period(PeriodKind.YEAR, 2026)
PERIODS = [stretch for kind in PeriodKind for stretch in periods_within(YEAR, kind)]
PROOF = {"sign-in": "签到表", "photo": "照片", "document": "文件"}


def roster() -> Roster:
    found, problems = roster_file.read_roster(ROSTER.encode(), "ledgers/roster.yaml", NameOrder.PINYIN)
    assert found is not None, problems
    return found


def rulebook(text: str = RULEBOOK) -> Rulebook:
    found, problems = rulebook_file.read_rulebook(text.encode(), "ledgers/rulebooks/erqi-2021.yaml")
    assert found is not None, problems
    return found


PEOPLE = roster()
# Small ceilings, so that they are met; each has its own windows.
TIGHT = rulebook(
    RULEBOOK.replace("cap: 40\n    roll", "cap: {cycle: 9, month: 5}\n    roll")
    .replace("title: 特色积分, cap: 40", "title: 特色积分, cap: {cycle: 14, quarter: 9}")
    .replace("points: 2\n    cap: 10", "points: 2\n    cap: {cycle: 7, half: 5}")
    .replace("cap: 100}", "cap: 69}")
)
# With more than one window an award may crowd out another where a later one no longer finds room in its stead.
CYCLES = rulebook(
    RULEBOOK.replace("cap: 40\n    roll", "cap: 9\n    roll")
    .replace("title: 特色积分, cap: 40", "title: 特色积分, cap: 14")
    .replace("points: 2\n    cap: 10", "points: 2\n    cap: 7")
    .replace("cap: 100}", "cap: 69}")
)
RESET = rulebook(RULEBOOK.replace("veto: cycle ", "veto: reset "))
FLOORED = rulebook(RULEBOOK.replace("floor: null", "floor: 0"))
RULEBOOKS = pytest.mark.parametrize("rules_", [TIGHT, RESET, FLOORED], ids=["tight", "reset", "floored"])


@dataclass(frozen=True)
class Book:
    """The ledgers of four months as plain data, by branch and month."""

    months: dict[tuple[str, int], dict[str, Any]]


@st.composite
def books(draw: st.DrawFn) -> Book:
    """Draw four months of both branches."""
    months = {}
    for branch in ("jia", "yi"):
        for number in range(1, 5):
            day = date(2026, number, draw(st.integers(1, 28)))
            here = [member.id for member in PEOPLE.members_on(branch, day)]
            months[branch, number] = {
                "branch": branch,
                "month": f"2026-{number:02}",
                "recorder": "登记员",
                "activities": draw(st.lists(activities(here, day), max_size=3)),
                "entries": draw(st.lists(entries(here, day), max_size=3)),
            }
    return Book(months)


@st.composite
def activities(draw: st.DrawFn, here: list[str], day: date) -> dict[str, Any]:
    """Draw an activity of a day and who of these was there."""
    item = draw(st.sampled_from(["general-meeting", "dues", "study", "study", "life-meeting", "volunteer"]))
    kind = st.sampled_from(["present", "leave", "absent", "exempt", "none"])
    kinds = draw(st.lists(kind, min_size=len(here), max_size=len(here)))
    lists: dict[str, list[str]] = {"present": [], "leave": [], "absent": [], "exempt": []}
    for member, kind in zip(here, kinds, strict=True):
        lists.setdefault(kind, []).append(member)
    lists.pop("none", None)
    if item != "volunteer" and draw(st.booleans()):
        lists.pop("present")
    return {"item": item, "date": day.isoformat(), "title": draw(st.sampled_from("一二三")), **lists, "evidence": PROOF}


@st.composite
def entries(draw: st.DrawFn, here: list[str], day: date) -> dict[str, Any]:
    """Draw an award or a deduction of one of these."""
    item = draw(st.sampled_from(["contest", "suggestion", "late-document", "criticism", "sanction"]))
    level = {"level": draw(st.sampled_from(["joined", "placed"]))} if item == "contest" else {}
    return {
        "member": draw(st.sampled_from(here)),
        "item": item,
        "date": day.isoformat(),
        "times": str(draw(st.integers(1, 3))),
        "evidence": PROOF,
        **level,
    }


def scored(book: Book, rules_: Rulebook) -> Results:
    """Score a book by a rulebook."""
    found = [branch_scores.score_ledger(valid(written, rules_), rules_) for written in book.months.values()]
    day = date(2027, 1, 1)
    return results.compute_results(found, frozenset(), roster=PEOPLE, rulebooks={2026: rules_}, today=day)


def valid(written: dict[str, Any], rules_: Rulebook) -> Any:
    """Read and check a month."""
    text = json.dumps(written, ensure_ascii=False)  # JSON is YAML
    month = get_period(PeriodKind.MONTH, 2026, int(written["month"][-2:]))
    ledger, problems, _ = ledger_file.read_ledger(text.encode(), "ledgers/2026/jia/01.yaml")
    assert ledger is not None, problems
    valid, problems = validation.validate_ledger(
        ledger, CheckContext(PEOPLE, rules_, written["branch"], month, date(2027, 1, 1))
    )
    assert valid is not None, problems
    return valid
