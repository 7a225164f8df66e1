"""Cycle points and the democratic appraisal's scores → composites and grades of a year 民主评议 (五3, R18, R19)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics import numbers
from generator.core.basics.periods import Period, PeriodKind, get_period
from generator.core.model.roster import Member
from generator.core.model.rulebook import AppraisalRule, EdgeRule, Effect, Grade, PointsScale, Rulebook
from generator.core.outcomes.consequences import Outcome
from generator.core.scoring import attainable_points, missing_months
from generator.core.scoring.results import Results

FULL_MARK = Decimal(100)


class GradeBasis(StrEnum):
    """What gave or withheld a grade: its threshold, its largest share, a rule over standings, or that none is lower."""

    THRESHOLD = "threshold"
    REST = "rest"
    SHARE = "share"
    BARRED = "barred"
    FIXED = "fixed"


class GradingStep(Struct, frozen=True):
    """One step towards a member's grade, in order; all but the last withheld the grade they name.

    ``most`` is how many may have the grade by its share; ``level``: others with the same composite stand across that
    edge, so that it gave the grade to all of them or to none. ``outcome`` is the rule that barred from it or fixed it.
    """

    basis: GradeBasis
    grade: str
    most: int | None = None
    level: bool = False
    outcome: Outcome | None = None


class CompositeScore(Struct, frozen=True):
    """A member's year: composite = weight × points as scaled + weight × review; ``rank`` by competition ranking.

    ``grade`` is None where nothing decides it: no thresholds, or the year is not complete yet.
    """

    member: Member
    points: Decimal
    review: Decimal
    composite: Decimal
    rank: int
    grade: str | None
    steps: tuple[GradingStep, ...]


class AppraisalResult(Struct, frozen=True):
    """A year's appraisal, highest composite first.

    ``missing`` as on a board: the months that points still lack, so that no threshold grades anybody yet (R20).
    ``unreviewed`` are on the organ's roster at the year's end, or today, and have no score. ``attainable`` is the most
    that can be earned in the cycle.
    """

    rule: AppraisalRule
    year: int
    composites: tuple[CompositeScore, ...]
    unreviewed: tuple[Member, ...]
    missing: tuple[str, ...]
    attainable: Decimal | None

    @property
    def provisional(self) -> bool:
        """Whether a month is still missing (R20)."""
        return bool(self.missing)


def appraise_year(
    results: Results,
    year: int,
    reviews: Mapping[str, Decimal],
    totals: Mapping[str, Decimal],
    outcomes: Collection[Outcome],
) -> AppraisalResult | None:
    """The composites of all who have a review, by member id; None where the rulebook has no appraisal.

    ``totals`` are everybody's points of the cycle.
    """
    rulebook = results.rulebooks[year]
    if rulebook.appraisal is None:
        return None
    cycle = get_period(PeriodKind.YEAR, year)
    missing = missing_months.find_missing_months(results.roster, results.approved_months, cycle, None, results.today)
    plain = _composites(results, cycle, reviews, totals)
    found = _barred(_fixed(plain, outcomes), outcomes)
    return AppraisalResult(
        rule=rulebook.appraisal,
        year=year,
        composites=_graded(found, rulebook.appraisal.grades) if rulebook.appraisal.grades and not missing else found,
        unreviewed=_unreviewed(results, cycle, reviews),
        missing=missing,
        attainable=attainable_points.compute_attainable(rulebook),
    )


def _composites(
    results: Results, cycle: Period, reviews: Mapping[str, Decimal], totals: Mapping[str, Decimal]
) -> tuple[CompositeScore, ...]:
    rulebook = results.rulebooks[cycle.year]
    found = []
    for member in results.roster.members:
        if member.id in reviews:
            total = totals[member.id]
            value = compute_composite(rulebook, total, reviews[member.id])
            found.append(CompositeScore(member, total, reviews[member.id], value, 0, None, ()))
    found.sort(key=lambda one: (-one.composite, one.member.order, one.member.id))
    ranks: dict[Decimal, int] = {}
    for place, one in enumerate(found, start=1):
        ranks.setdefault(one.composite, place)
    return tuple(replace(one, rank=ranks[one.composite]) for one in found)


def compute_composite(rulebook: Rulebook, points: Decimal, review: Decimal) -> Decimal:
    """Weighed from the exact values and rounded once (R18)."""
    rule = rulebook.appraisal
    assert rule is not None
    exact = Fraction(rule.points) * _scaled(rule, rulebook, points) + Fraction(rule.review) * Fraction(review)
    return numbers.round_quotient(exact, rule.rounding.rule, rule.rounding.step)


def _scaled(rule: AppraisalRule, rulebook: Rulebook, points: Decimal) -> Fraction:
    if rule.scale is PointsScale.PERCENT:
        most = attainable_points.compute_attainable(rulebook)
        assert most  # intake has seen to it
        return Fraction(points) / Fraction(most) * 100
    return Fraction(min(points, FULL_MARK) if rule.scale is PointsScale.CAPPED else points)


def _unreviewed(results: Results, cycle: Period, reviews: Collection[str]) -> tuple[Member, ...]:
    day = min(cycle.last, results.today)
    members = results.roster.members
    return tuple(one for one in members if one.branch_on(day) is not None and one.id not in reviews)


# --- grades ----------------------------------------------------------------------------------------------------------


def _fixed(found: Sequence[CompositeScore], outcomes: Collection[Outcome]) -> tuple[CompositeScore, ...]:
    """Give the grades that a rule over standings fixes."""
    fixed = {one.member.id: one for one in outcomes if one.rule.effect is Effect.GRADE}
    return tuple(
        replace(
            one,
            grade=outcome.rule.grade,
            steps=(GradingStep(GradeBasis.FIXED, outcome.rule.grade or "", outcome=outcome),),
        )
        if (outcome := fixed.get(one.member.id))
        else one
        for one in found
    )


def _barred(found: Sequence[CompositeScore], outcomes: Collection[Outcome]) -> tuple[CompositeScore, ...]:
    """Note of everybody else from which grades a rule over standings bars."""
    bars: dict[str, list[GradingStep]] = defaultdict(list)
    for one in outcomes:
        if one.rule.effect is Effect.BAR:
            bars[one.member.id].append(GradingStep(GradeBasis.BARRED, one.rule.grade or "", outcome=one))
    return tuple(one if one.grade else replace(one, steps=tuple(bars[one.member.id])) for one in found)


def _graded(found: Sequence[CompositeScore], grades: Sequence[Grade]) -> tuple[CompositeScore, ...]:
    """Give every grade from the best down to who reaches it, is not barred from it and has room in its share."""
    steps: dict[str, tuple[GradingStep, ...]] = {one.member.id: () for one in found if one.grade is None}
    given: dict[str, str] = {}
    for grade in grades:
        waiting = steps.keys() - given.keys()
        reached = [one for one in found if one.member.id in waiting and grade.is_reached_by(one.composite)]
        able = []
        for one in reached:
            bars = tuple(step for step in one.steps if step.grade == grade.title)
            steps[one.member.id] += bars
            able += [] if bars else [one]
        for one, step in _shared(able, grade, len(found)):
            steps[one.member.id] += (step,)
            if step.basis is not GradeBasis.SHARE:
                given[one.member.id] = grade.title
    return tuple(
        replace(one, grade=given.get(one.member.id), steps=steps.get(one.member.id, ())) if one.grade is None else one
        for one in found
    )


def _shared(
    able: Sequence[CompositeScore], grade: Grade, appraised: int
) -> Iterator[tuple[CompositeScore, GradingStep]]:
    """Who of those able to have a grade has it, and who has no room."""
    most = _most(grade, appraised)
    inside = {one.member.id for one in (able if most is None else _within(able, most, grade.edge))}
    edge = None
    if most is not None and 0 < most < len(able) and able[most - 1].composite == able[most].composite:
        edge = able[most].composite
    lowest = grade.at_least is None and grade.above is None
    for one in able:
        basis = GradeBasis.SHARE if one.member.id not in inside else GradeBasis.REST if lowest else GradeBasis.THRESHOLD
        yield one, GradingStep(basis, grade.title, most, level=one.composite == edge)


def _most(grade: Grade, appraised: int) -> int | None:
    """How many may have a grade: never more than its share of all who are appraised."""
    return None if grade.share is None else int(grade.share * appraised)


def _within(able: Sequence[CompositeScore], most: int, edge: EdgeRule) -> Sequence[CompositeScore]:
    """Those who have room, highest first; those level across the edge stay together."""
    if len(able) <= most:
        return able
    last, first_out = (able[most - 1].composite if most else None), able[most].composite
    if last != first_out:
        return able[:most]
    if edge is EdgeRule.ALL:
        return [one for one in able if one.composite >= first_out]
    return [one for one in able if one.composite > first_out]
