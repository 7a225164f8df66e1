"""What holds for every organ, tried on random ones."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.core.basics.periods import PeriodKind, get_period, periods_within
from generator.core.model.rulebook import Rulebook, Window
from generator.core.scoring import results
from generator.core.scoring.results import Results
from tests.conftest import few_examples
from tests.strategies import CYCLES, PEOPLE, PERIODS, RULEBOOKS, TIGHT, YEAR, Book, books, scored


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


@RULEBOOKS
@few_examples
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
@few_examples
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
@few_examples
@given(book=books())
def test_the_explained_lines_add_up_to_the_score(rules_: Rulebook, book: Book):
    found = scored(book, rules_)
    for member in PEOPLE.members:
        for stretch in PERIODS:
            lines = results.explain_score(found, member.id, stretch)
            assert sum(line.points for line in lines) == results.score_member(found, member.id, stretch).points


@RULEBOOKS
@few_examples
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


@few_examples
@given(book=books())
def test_ranks_are_those_of_scipy_and_equal_ranks_mean_equal_keys(book: Book):
    from scipy.stats import rankdata  # noqa: PLC0415  takes a second in each process, of which one needs it

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


@few_examples
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
