"""A member's year by line: the order of days, the lines that filled a ceiling, losses, and what can still come."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given

from generator.core.basics.periods import Period, months_of
from generator.core.model.rulebook import Rulebook
from generator.core.model.tally import ScoreLine, Tally
from generator.core.page_data.member_history import YearAccount
from generator.core.page_data.year_overview import build_overview, sort_by_day
from generator.core.scoring.explaining import explain_months
from tests.conftest import few_examples
from tests.site_project import RULEBOOK, SiteProject, accounts, members, survey
from tests.strategies import RULEBOOKS, YEAR, Book, books, scored

MONTHS = months_of(YEAR)[::-1]


def by_day(tally: Tally, rulebook: Rulebook) -> list[tuple[Period, tuple[ScoreLine, ...]]]:
    explained = explain_months(tally, MONTHS, rulebook)
    return [(month, sort_by_day(lines)) for month, lines in zip(MONTHS, explained, strict=True)]


def counted(lines: tuple[ScoreLine, ...]) -> Counter[str]:
    return Counter(map(repr, lines))


@RULEBOOKS
@few_examples
@given(book=books())
def test_lines_by_day_are_the_same_lines_with_the_same_sum(rules_: Rulebook, book: Book):
    for tally in scored(book, rules_).tallies[2026].values():
        for (_, shown), lines in zip(by_day(tally, rules_), explain_months(tally, MONTHS, rules_), strict=True):
            assert counted(shown) == counted(lines)
            assert sum(line.points for line in shown) == sum(line.points for line in lines)
            days = [line.date for line in shown if line.item.group]
            assert days == sorted(days)


@RULEBOOKS
@few_examples
@given(book=books())
def test_the_lines_named_for_a_cut_line_exactly_fill_its_ceiling(rules_: Rulebook, book: Book):
    for tally in scored(book, rules_).tallies[2026].values():
        shown = by_day(tally, rules_)
        overview = build_overview(tally, rules_, shown)
        places = {f"{month.number}.{at}": line for month, lines in shown for at, line in enumerate(lines, 1)}
        for ceiling in overview.ceilings:
            assert sum(filler.points for filler in ceiling.fillers) == ceiling.cap
            for cut in ceiling.cuts:
                assert places[cut.place].earned - places[cut.place].points == cut.points > 0
            for filler in ceiling.fillers:
                assert 0 < filler.points <= places[filler.place].earned
        cut_places = {place for place, line in places.items() if 0 < line.earned != line.points}
        assert overview.ceiling_by_place.keys() == cut_places
        assert overview.lost == sum((line.earned - line.points for line in tally.lines), Decimal(0))


# --- a year of one member --------------------------------------------------------------------------------------------


def year_of(tmp_path: Path, *months: str, rulebook: str = RULEBOOK) -> YearAccount:
    """The newest year of 王五, of whose branch these months, from January, have ledgers."""
    organ = SiteProject(tmp_path, members("wang 王五 jia", "li 李四 jia", branches="jia"), rulebook)
    for number, text in enumerate(months, start=1):
        organ.ledger("jia", f"2026-{number:02}", text)
    return accounts(survey(tmp_path, drafts=True))["wang"].years[0]


JANUARY = """
    activities:
      - {item: study, date: 2026-01-20, leave: [王五]}
      - {item: general-meeting, date: 2026-01-05}
      - {item: dues, date: 2026-01-10, absent: [王五]}
      - {item: lecture, date: 2026-01-07, exempt: [王五]}
      - {item: study, date: 2026-01-06}
      - {item: study, date: 2026-01-08}
    entries:
      - {member: 王五, item: late-document, date: 2026-01-02}
"""


def test_what_a_year_cost_and_did_not_bring_is_listed_newest_first(tmp_path: Path):
    overview = year_of(tmp_path, JANUARY).overview
    assert [
        (one.place, str(one.line.date)[5:], one.line.item.id, str(one.deducted), str(one.missed))
        for one in overview.losses
    ] == [
        ("1.7", "01-20", "leave", "-0.5", "2"),
        ("1.6", "01-10", "dues", "0", "1"),
        ("1.4", "01-07", "lecture", "0", "1"),
        ("1.1", "01-02", "late-document", "-1", "0"),
    ]
    assert (str(overview.deducted), overview.missed, overview.lost) == ("-1.5", 4, 0)


def test_a_year_at_a_glance_has_words_for_each_item_and_month(tmp_path: Path):
    february = """
    activities: [{item: study, date: 2026-02-03, absent: [王五]}, {item: dues, date: 2026-02-04}]
    entries: [{member: 王五, item: suggestion, times: 6, date: 2026-02-09}]
    """
    march = "entries: [{member: 王五, item: suggestion, date: 2026-03-09}]"
    overview = year_of(tmp_path, JANUARY, february, march).overview
    table = {one.item.id: [cell and (cell.place, cell.words) for cell in one.months] for one in overview.by_item}
    assert table == {
        "general-meeting": [("1.2", "出席"), None, None],
        "lecture": [("1.4", "免计"), None, None],
        "activity-day": [None, None, None],
        "dues": [("1.6", "未完成"), ("2.2", "完成"), None],
        "life-meeting": [None, None, None],
        "appraisal": [None, None, None],
        "study": [("1.3", "出席2次、请假"), ("2.1", "缺席"), None],
        "suggestion": [None, ("2.3", "10分"), ("3.1", "已满")],
        "late-document": [("1.1", "−1分"), None, None],
    }
    (ceiling,) = overview.ceilings
    assert [(one.place, one.points) for one in ceiling.fillers] == [("2.3", 10)]
    assert [(one.place, one.points) for one in ceiling.cuts] == [("2.3", 2), ("3.1", 2)]


SANCTION = "entries: [{member: 王五, item: sanction, date: 2026-02-03, evidence: {document: 决定}}]"


def test_after_a_veto_later_months_are_zeroed_and_do_not_repeat_it(tmp_path: Path):
    study = "activities: [{{item: study, date: 2026-0{}-05}}]"
    year = year_of(tmp_path, study.format(1), SANCTION, study.format(3))
    assert [
        (one.month.number, one.zeroed, one.points, [line.item.id for line in one.lines]) for one in year.months
    ] == [(3, True, 0, ["study"]), (2, False, 0, ["sanction"]), (1, False, 2, ["study"])]


MISSED = "{{item: life-meeting, date: 2026-03-0{0}, absent: [王五]}}"

# What is expected in the nine months after March, at most up to what the ceilings leave.
AHEAD = {
    "as expected each month": ("general-meeting", "", 9),
    "expected twice a year, once so far": ("life-meeting", "activities: [{item: life-meeting, date: 2026-03-02}]", 3),
    "expected twice a year, missed twice": (
        "life-meeting",
        f"activities: [{MISSED.format(2)}, {MISSED.format(3)}]",
        0,
    ),
    "as the ceiling leaves": ("suggestion", "entries: [{member: 王五, item: suggestion, date: 2026-03-09}]", 8),
}


@pytest.mark.parametrize(("item", "march", "most"), AHEAD.values(), ids=AHEAD)
def test_what_the_months_ahead_can_bring_is_bounded_by_expectation_and_ceilings(
    tmp_path: Path, item: str, march: str, most: int
):
    year = year_of(tmp_path, "", "", march)
    meters = {one.item.id: one for group in year.groups for one in group.meters}
    assert (year.months_ahead, meters[item].ahead) == (9, most)
    assert year.ahead == sum((group.ahead or 0 for group in year.groups), Decimal(0))
    assert year.ahead <= (year.left or 0)


def test_a_closed_or_vetoed_year_has_nothing_ahead(tmp_path: Path):
    assert year_of(tmp_path, SANCTION.replace("02-03", "01-03")).ahead == 0
