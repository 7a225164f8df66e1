"""The annual appraisal (五3): composites to the last figure, grades by thresholds, shares, and rules over standings."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from generator.core.basics.numbers import ZERO, RoundingMode
from generator.core.basics.periods import PeriodKind, get_period, months_of
from generator.core.model.roster import Branch as Home
from generator.core.model.roster import Member, MembershipStatus, Roster, Span
from generator.core.model.rulebook import Consequence, EdgeRule, Effect, Grade, PointsScale, RoundingRule, Rulebook
from generator.core.outcomes import appraisal
from generator.core.outcomes.appraisal import AppraisalResult
from generator.core.outcomes.consequences import Outcome
from generator.core.scoring import attainable_points
from generator.core.scoring.results import Results
from generator.intake.files import rulebook_file
from generator.render.html import filters
from tests.site_project import REPOSITORY

BOOK = "ledgers/rulebooks/erqi-2021.yaml"
RULEBOOK, _ = rulebook_file.read_rulebook(Path(REPOSITORY, BOOK).read_bytes(), BOOK)
YEAR = get_period(PeriodKind.YEAR, 2026)
THREE = (
    Grade("优秀", at_least=Decimal(90)),
    Grade("合格", at_least=Decimal(60)),
    Grade("不合格"),
)


def book(**changes: object) -> Rulebook:
    """The sample's rulebook with another appraisal."""
    assert RULEBOOK
    assert RULEBOOK.appraisal
    return replace(RULEBOOK, appraisal=replace(RULEBOOK.appraisal, **changes))


def person(name: str) -> Member:
    return Member(name, name, (Span("jia", date.min, date.max),), ((date.min, MembershipStatus.FULL),), order=(name,))


def results(people: Iterable[str], rulebook: Rulebook, *, complete: bool = True) -> Results:
    """A year of which every month is approved, or all but the last."""
    roster = Roster((Home("jia", "甲"),), tuple(map(person, people)))
    approved = frozenset(("jia", month) for month in months_of(YEAR) if complete or month.number < 12)
    return Results(roster, {2026: rulebook}, {}, approved, approved, date(2027, 2, 1))


def appraise(
    table: str, rulebook: Rulebook, outcomes: tuple[Outcome, ...] = (), *, complete: bool = True
) -> AppraisalResult:
    """A line a member: name, cycle points, review; ? for no review."""
    rows = [line.split() for line in table.strip().splitlines()]
    totals = {name: Decimal(points) for name, points, _ in rows}
    reviews = {name: Decimal(review) for name, _, review in rows if review != "?"}
    found = appraisal.appraise_year(results(totals, rulebook, complete=complete), 2026, reviews, totals, outcomes)
    assert found
    return found


def ruled(name: str, effect: Effect, grade: str) -> Outcome:
    return Outcome(person(name), Consequence("rule", "规则", "五", "", effect=effect, grade=grade), ())


def grades(found: AppraisalResult) -> dict[str, str | None]:
    return {one.member.id: one.grade for one in found.composites}


COMPOSITES = [
    # points, review, scale, rounding, composite
    ("131.5", "92.5", PointsScale.RAW, RoundingMode.HALF_UP, "119.8"),
    ("131.5", "92.5", PointsScale.CAPPED, RoundingMode.HALF_UP, "97.75"),
    ("99.5", "92.5", PointsScale.CAPPED, RoundingMode.HALF_UP, "97.4"),
    ("131.5", "92.5", PointsScale.PERCENT, RoundingMode.HALF_UP, "93.5"),  # 0.7 × 131.5 ÷ 140 × 100 = 65.75
    ("100", "0", PointsScale.PERCENT, RoundingMode.HALF_UP, "50"),
    ("91", "88.35", PointsScale.PERCENT, RoundingMode.HALF_UP, "72.01"),  # 45.5 + 26.505
    ("91", "88.35", PointsScale.PERCENT, RoundingMode.HALF_EVEN, "72"),
    ("91", "88.35", PointsScale.PERCENT, RoundingMode.DOWN, "72"),
    ("10", "0", PointsScale.PERCENT, RoundingMode.UP, "5"),
    ("1", "0", PointsScale.PERCENT, RoundingMode.UP, "0.5"),
    ("-3", "80", PointsScale.RAW, RoundingMode.HALF_UP, "21.9"),
    ("-3.05", "0", PointsScale.RAW, RoundingMode.HALF_UP, "-2.14"),  # −2.135, away from zero
    ("0", "100", PointsScale.RAW, RoundingMode.HALF_UP, "30"),
]


@pytest.mark.parametrize(("points", "review", "scale", "rounding", "expected"), COMPOSITES)
def test_a_composite_is_exact_until_it_is_rounded_once(points, review, scale, rounding, expected):
    rulebook = book(scale=scale, rounding=RoundingRule(rounding, Decimal("0.01")))
    assert appraisal.compute_composite(rulebook, Decimal(points), Decimal(review)) == Decimal(expected)


@given(st.decimals(-200, 140, places=2), st.decimals(0, 100, places=2), st.sampled_from(PointsScale))
def test_a_composite_is_within_half_a_step_of_the_exact_value(points: Decimal, review: Decimal, scale: PointsScale):
    scaled = {
        PointsScale.RAW: Fraction(points),
        PointsScale.CAPPED: Fraction(min(points, Decimal(100))),
        PointsScale.PERCENT: Fraction(points) * 100 / 140,
    }[scale]
    exact = scaled * 7 / 10 + Fraction(review) * 3 / 10
    found = appraisal.compute_composite(book(scale=scale), points, review)
    assert abs(Fraction(found) - exact) <= Fraction(1, 200)
    assert (found * 100) % 1 == 0


def test_the_most_that_can_be_earned_is_the_groups_ceilings():
    assert attainable_points.compute_attainable(book()) == 140
    without = replace(book(), groups=tuple(replace(group, cap={}) for group in book().groups))
    assert attainable_points.compute_attainable(without) == 140  # the items' ceilings add up to the same
    item = replace(without.items[0], cap={})
    assert attainable_points.compute_attainable(replace(without, items=(item, *without.items[1:]))) is None


def test_without_thresholds_composites_are_ranked_and_only_rules_give_grades():
    found = appraise("张 100 90\n王 100 90\n李 80 70\n赵 90 ?", book(), (ruled("李", Effect.GRADE, "不合格"),))
    assert [(one.member.id, one.rank) for one in found.composites] == [("张", 1), ("王", 1), ("李", 3)]
    assert grades(found) == {"张": None, "王": None, "李": "不合格"}
    assert [one.id for one in found.unreviewed] == ["赵"]


def test_those_level_are_listed_by_name():
    found = appraise("王 100 90\n张 100 90\n李 100 90", book())
    assert [one.member.id for one in found.composites] == sorted(["王", "张", "李"])


# weights 0.7 and 0.3: points and review alike give the composite as written
BY_THRESHOLD = {
    "at the line": (THREE, "张 90 90\n王 60 60\n李 59.99 59.99", {"张": "优秀", "王": "合格", "李": "不合格"}),
    "only above the line": (
        (Grade("优秀", above=Decimal(90)), Grade("合格", at_least=Decimal(60)), Grade("不合格")),
        "张 90.01 90.01\n王 90 90\n李 10 10",
        {"张": "优秀", "王": "合格", "李": "不合格"},
    ),
    "rounded up to the line": (THREE, "张 89.995 89.995\n王 89.994 89.994", {"张": "优秀", "王": "合格"}),
    "a third of three": (
        (replace(THREE[0], share=Fraction(1, 3)), *THREE[1:]),
        "张 95 95\n王 94 94\n李 93 93",
        {"张": "优秀", "王": "合格", "李": "合格"},
    ),
    "a third of five is one": (
        (replace(THREE[0], share=Fraction(1, 3)), *THREE[1:]),
        "张 95 95\n王 94 94\n李 93 93\n赵 70 70\n钱 20 20",
        {"张": "优秀", "王": "合格", "李": "合格", "赵": "合格", "钱": "不合格"},
    ),
    "a third of two is none": (
        (replace(THREE[0], share=Fraction(1, 3)), *THREE[1:]),
        "张 95 95\n王 94 94",
        {"张": "合格", "王": "合格"},
    ),
    "level across the edge: none": (
        (replace(THREE[0], share=Fraction(1, 2)), *THREE[1:]),
        "张 95 95\n王 94 94\n李 94 94\n赵 93 93",
        {"张": "优秀", "李": "合格", "王": "合格", "赵": "合格"},
    ),
    "level across the edge: all": (
        (replace(THREE[0], share=Fraction(1, 2), edge=EdgeRule.ALL), *THREE[1:]),
        "张 95 95\n王 94 94\n李 94 94\n赵 93 93",
        {"张": "优秀", "李": "优秀", "王": "优秀", "赵": "合格"},
    ),
    "all of those level, where nobody is": (
        (replace(THREE[0], share=Fraction(1, 2), edge=EdgeRule.ALL), *THREE[1:]),
        "张 95 95\n王 94 94\n李 93 93\n赵 92 92",
        {"张": "优秀", "王": "优秀", "李": "合格", "赵": "合格"},
    ),
    "all level, none fits": (
        (replace(THREE[0], share=Fraction(1, 2)), *THREE[1:]),
        "张 95 95\n王 95 95\n李 95 95\n赵 95 95",
        dict.fromkeys("张王李赵", "合格"),
    ),
    "level at the edge, but not across it": (
        (replace(THREE[0], share=Fraction(1, 2)), *THREE[1:]),
        "张 95 95\n王 95 95\n李 94 94\n赵 93 93",
        {"张": "优秀", "王": "优秀", "李": "合格", "赵": "合格"},
    ),
    "fewer reach the line than there is room for": (
        (replace(THREE[0], share=Fraction(1, 2)), *THREE[1:]),
        "张 95 95\n王 80 80\n李 80 80\n赵 70 70",
        {"张": "优秀", "王": "合格", "李": "合格", "赵": "合格"},
    ),
}


@pytest.mark.parametrize(("rules", "table", "expected"), BY_THRESHOLD.values(), ids=BY_THRESHOLD)
def test_grades_by_threshold_and_share(rules: tuple[Grade, ...], table: str, expected: dict[str, str]):
    assert grades(appraise(table, book(grades=rules))) == expected


SHARED = (replace(THREE[0], share=Fraction(1, 3)), *THREE[1:])


def test_who_is_barred_falls_to_the_next_grade_and_takes_nobodys_room():
    found = appraise("张 99 99\n王 95 95\n李 94 94", book(grades=SHARED), (ruled("张", Effect.BAR, "优秀"),))
    assert grades(found) == {"张": "合格", "王": "优秀", "李": "合格"}
    steps = {one.member.id: [(step.basis, step.grade, step.most) for step in one.steps] for one in found.composites}
    assert steps == {
        "张": [("barred", "优秀", None), ("threshold", "合格", None)],
        "王": [("threshold", "优秀", 1)],
        "李": [("share", "优秀", 1), ("threshold", "合格", None)],
    }


EDGES = {
    EdgeRule.NONE: {
        "张": "达到优秀的分数线，在 2 个名额以内",
        "王": "优秀名额 2 个，与名额边上的同分，都不评；达到合格的分数线",
        "赵": "优秀名额 2 个，已满；达到合格的分数线",
        "钱": "其余的",
    },
    EdgeRule.ALL: {
        "张": "达到优秀的分数线，在 2 个名额以内",
        "王": "达到优秀的分数线，与名额边上的同分，一并评为优秀（名额 2 个）",
        "赵": "优秀名额 2 个，已满；达到合格的分数线",
        "钱": "其余的",
    },
}


@pytest.mark.parametrize("edge", EdgeRule)
def test_the_derivation_of_a_grade_says_what_the_edge_did(edge: EdgeRule):
    rules = (replace(THREE[0], share=Fraction(2, 5), edge=edge), *THREE[1:])
    found = appraise("张 99 99\n王 94 94\n李 94 94\n赵 93 93\n钱 10 10", book(grades=rules))
    said = {one.member.id: filters.explain_grade(one) for one in found.composites}
    assert said.pop("李") == said["王"]
    assert said == EDGES[edge]
    tied = "都不评" if edge is EdgeRule.NONE else "都评"
    assert f"优秀不超过参加评议人数的 2/5，舍去零头；名额边上同分的{tied}，不得评的不占名额。" in [
        *filters.list_appraisal_notes(found)
    ]


def test_who_is_barred_is_told_even_where_no_threshold_grades_anybody():
    found = appraise("张 99 99\n王 95 95", book(), (ruled("张", Effect.BAR, "优秀"),))
    assert {one.member.id: (one.grade, filters.explain_grade(one)) for one in found.composites} == {
        "张": (None, "按五（）不得评为优秀"),
        "王": (None, ""),
    }


def test_a_fixed_grade_stands_whatever_the_composite_and_takes_nobodys_room():
    found = appraise("张 99 99\n王 95 95\n李 94 94", book(grades=SHARED), (ruled("张", Effect.GRADE, "不合格"),))
    assert grades(found) == {"张": "不合格", "王": "优秀", "李": "合格"}


def test_fixed_goes_before_barred():
    rules = (ruled("张", Effect.BAR, "优秀"), ruled("张", Effect.GRADE, "不合格"))
    assert grades(appraise("张 99 99", book(grades=THREE), rules)) == {"张": "不合格"}


def test_a_year_with_a_month_missing_gives_no_grade_by_threshold():
    found = appraise("张 99 99\n李 10 10", book(grades=THREE), (ruled("李", Effect.GRADE, "不合格"),), complete=False)
    assert found.provisional
    assert found.missing == ("jia/2026-12",)
    assert grades(found) == {"张": None, "李": "不合格"}


def test_a_rulebook_without_appraisal_appraises_nobody():
    assert RULEBOOK
    plain = replace(RULEBOOK, appraisal=None)
    assert appraisal.appraise_year(results(["张"], plain), 2026, {"张": ZERO}, {"张": ZERO}, ()) is None


SHARES = st.fractions(min_value=Fraction(1, 20), max_value=1, max_denominator=20)


@given(
    st.lists(st.integers(50, 100), min_size=1, max_size=30),
    SHARES,
    st.sampled_from(EdgeRule),
    st.sets(st.integers(0, 29)),
)
def test_a_share_is_never_exceeded_but_by_those_level_at_its_edge(
    values: list[int], share: Fraction, edge: EdgeRule, barred: set[int]
):
    table = "\n".join(f"m{n} {value} {value}" for n, value in enumerate(values))
    rules = (replace(THREE[0], share=share, edge=edge), *THREE[1:])
    found = appraise(table, book(grades=rules), tuple(ruled(f"m{n}", Effect.BAR, "优秀") for n in barred))
    best = [one for one in found.composites if one.grade == "优秀"]
    others = [one for one in found.composites if one.grade != "优秀" and one.composite >= 90]
    able = [one for one in others if int(one.member.id[1:]) not in barred]
    assert all(one.grade for one in found.composites)
    assert all(one.composite >= 90 and int(one.member.id[1:]) not in barred for one in best)
    assert all(one.composite > other.composite for one in best for other in able)
    if edge is EdgeRule.NONE:
        assert len(best) <= share * len(values)
    elif best:
        inside = [one for one in best if one.composite > min(other.composite for other in best)]
        assert len(inside) < share * len(values)
