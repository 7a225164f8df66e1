"""What holds for every organ, tried on random ones."""

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from scipy.stats import rankdata

from generator.core.basics.periods import PeriodKind, get_period, periods_within
from generator.core.ledgers import validation
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook, Window
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
)
# With more than one window an award may crowd out another where a later one no longer finds room in its stead.
CYCLES = rulebook(
    RULEBOOK.replace("cap: 40\n    roll", "cap: 9\n    roll")
    .replace("title: 特色积分, cap: 40", "title: 特色积分, cap: 14")
    .replace("points: 2\n    cap: 10", "points: 2\n    cap: 7")
)
RESET = rulebook(RULEBOOK.replace("veto: cycle ", "veto: reset "))
FLOORED = rulebook(RULEBOOK.replace("floor: null", "floor: 0"))


@dataclass(frozen=True)
class Book:
    """The ledgers of four months as plain data, by branch and month."""

    months: dict[tuple[str, int], dict[str, Any]]


@st.composite
def books(draw: st.DrawFn) -> Book:
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
    found = [branch_scores.score_ledger(valid(written, rules_), rules_) for written in book.months.values()]
    day = date(2027, 1, 1)
    return results.compute_results(found, frozenset(), roster=PEOPLE, rulebooks={2026: rules_}, today=day)


def valid(written: dict[str, Any], rules_: Rulebook) -> Any:
    text = json.dumps(written, ensure_ascii=False)  # JSON is YAML
    month = get_period(PeriodKind.MONTH, 2026, int(written["month"][-2:]))
    ledger, problems, _ = ledger_file.read_ledger(text.encode(), "ledgers/2026/jia/01.yaml")
    assert ledger is not None, problems
    valid, problems = validation.validate_ledger(
        ledger, CheckContext(PEOPLE, rules_, written["branch"], month, date(2027, 1, 1))
    )
    assert valid is not None, problems
    return valid


def standings(found: Results) -> list[object]:
    """All that a reader can see of every period's rankings, and the groups behind it."""
    return [
        [
            (one.member.id, one.rank, one.score, one.last, one.partial)
            for one in results.rank_board(found, stretch, branch).standings
        ]
        for stretch in PERIODS
        for branch in (None, *PEOPLE.branch_by_id)
    ]


WINDOWS = {
    Window.CYCLE: PeriodKind.YEAR,
    Window.HALF: PeriodKind.HALF,
    Window.QUARTER: PeriodKind.QUARTER,
    Window.MONTH: PeriodKind.MONTH,
}
RULEBOOKS = pytest.mark.parametrize("rules_", [TIGHT, RESET, FLOORED], ids=["tight", "reset", "floored"])


@RULEBOOKS
@settings(max_examples=25)
@given(book=books(), seed=st.randoms(use_true_random=False))
def test_the_order_of_activities_lists_and_files_never_changes_a_standing(rules_: Rulebook, book: Book, seed: Any):
    shuffled = {}
    for key in seed.sample(list(book.months), len(book.months)):
        written = dict(book.months[key])
        for name in ("activities", "entries"):
            written[name] = [_shuffled_lists(part, seed) for part in seed.sample(written[name], len(written[name]))]
        shuffled[key] = dict(seed.sample(list(written.items()), len(written)))
    assert standings(scored(book, rules_)) == standings(scored(Book(shuffled), rules_))


def _shuffled_lists(part: dict[str, Any], seed: Any) -> dict[str, Any]:
    return {name: seed.sample(value, len(value)) if isinstance(value, list) else value for name, value in part.items()}


@RULEBOOKS
@settings(max_examples=25)
@given(book=books())
def test_months_add_up_to_the_year_unless_vetoed(rules_: Rulebook, book: Book):
    found = scored(book, rules_)
    for member in PEOPLE.members:
        year = results.score_member(found, member.id, YEAR)
        if not year.vetoed:
            for kind in (PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF):
                parts = [results.score_member(found, member.id, part) for part in periods_within(YEAR, kind)]
                assert sum(part.points for part in parts) == year.points == year.total


@RULEBOOKS
@settings(max_examples=25)
@given(book=books())
def test_the_explained_lines_add_up_to_the_score(rules_: Rulebook, book: Book):
    found = scored(book, rules_)
    for member in PEOPLE.members:
        for stretch in PERIODS:
            lines = results.explain_score(found, member.id, stretch)
            assert sum(line.points for line in lines) == results.score_member(found, member.id, stretch).points


@RULEBOOKS
@settings(max_examples=25)
@given(book=books())
def test_ceilings_hold_and_only_awards_are_cut(rules_: Rulebook, book: Book):
    for tally in scored(book, replace(rules_, floor=None)).tallies[2026].values():
        for line in tally.lines:
            assert line.points == line.earned if line.earned <= 0 else 0 <= line.points <= line.earned
        awards = [line for line in tally.lines if line.points > 0]
        for owner in () if tally.veto else (*rules_.items, *rules_.groups):
            for window, cap in owner.cap.items():
                for stretch in periods_within(YEAR, WINDOWS[window]):
                    mine = [line for line in awards if owner.id in {line.item.id, line.item.group}]
                    assert sum(line.points for line in mine if line.month in stretch) <= cap


@settings(max_examples=60)
@given(book=books())
def test_ranks_are_those_of_scipy_and_equal_ranks_mean_equal_keys(book: Book):
    found = scored(book, TIGHT)
    for stretch in PERIODS:
        for branch in (None, *PEOPLE.branch_by_id):
            rows = results.rank_board(found, stretch, branch).standings
            keys = [Decimal(10**6) if one.score.vetoed else -one.score.points for one in rows]
            if rows:
                assert [one.rank for one in rows] == list(rankdata([float(key) for key in keys], method="min"))
            for one, key in zip(rows, keys, strict=True):
                for other, its in zip(rows, keys, strict=True):
                    assert (one.rank == other.rank) == (key == its)


@settings(max_examples=40)
@given(book=books(), number=st.integers(1, 4), times=st.integers(1, 3))
def test_a_further_award_never_worsens_its_member(book: Book, number: int, times: int):
    award = {"member": "m1", "item": "suggestion", "date": f"2026-{number:02}-09", "times": str(times)}
    ledger = book.months["jia", number]
    richer = Book({**book.months, ("jia", number): {**ledger, "entries": [award, *ledger["entries"]]}})
    before, after = scored(book, CYCLES), scored(richer, CYCLES)
    for stretch in [get_period(PeriodKind.MONTH, 2026, number), get_period(PeriodKind.HALF, 2026, 1), YEAR]:
        assert results.score_member(after, "m1", stretch).points >= results.score_member(before, "m1", stretch).points
        ranks = [
            next(one.rank for one in results.rank_board(found, stretch, "jia").standings if one.member.id == "m1")
            for found in (before, after)
        ]
        assert ranks[1] <= ranks[0]
