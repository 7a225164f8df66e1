"""Annual appraisal 民主评议: composites and grades from cycle points and the democratic appraisal (五3, R18, R19)."""

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
    """Basis of a grade or its refusal: a threshold, the largest share, a rule over standings, or that none is lower."""

    THRESHOLD = "threshold"
    LOWEST = "rest"
    SHARE = "share"
    BARRED = "barred"
    FIXED = "fixed"


class GradingStep(Struct, frozen=True):
    """A step towards a member's grade, in order; all but the last withheld the grade they name.

    ``most`` is how many may have the grade by its share; ``level`` if others with the same composite are across that
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

    ``missing`` as on a board: the months that points still lack, so that no threshold gives a grade yet (R20).
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
        """True if a month is still missing (R20)."""
        return bool(self.missing)


def appraise_year(
    results: Results,
    year: int,
    reviews: Mapping[str, Decimal],
    totals: Mapping[str, Decimal],
    outcomes: Collection[Outcome],
) -> AppraisalResult | None:
    """Appraise all who have a review; return None where the rulebook has no appraisal.

    ``reviews`` are the democratic appraisal's scores and ``totals`` all members' points of the cycle, by member id.
    """
    rulebook = results.rulebooks[year]
    if rulebook.appraisal is None:
        return None
    cycle = get_period(PeriodKind.YEAR, year)
    months = rulebook.term.months_of(cycle)
    missing = missing_months.find_missing_months(results.roster, results.approved_months, months, None, results.today)
    ranked = _rank_composites(results, cycle, reviews, totals)
    # A grade fixed by a rule over standings comes first: neither a bar nor a threshold changes it.
    composites = _note_bars(_fix_grades(ranked, outcomes), outcomes)
    if rulebook.appraisal.grades and not missing:
        composites = _assign_grades(composites, rulebook.appraisal.grades)
    return AppraisalResult(
        rule=rulebook.appraisal,
        year=year,
        composites=composites,
        unreviewed=_find_unreviewed(results, cycle, reviews),
        missing=missing,
        attainable=attainable_points.compute_attainable(rulebook),
    )


def _rank_composites(
    results: Results, cycle: Period, reviews: Mapping[str, Decimal], totals: Mapping[str, Decimal]
) -> tuple[CompositeScore, ...]:
    rulebook = results.rulebooks[cycle.year]
    scores = []
    for member in results.roster.members:
        if member.id in reviews:
            total = totals[member.id]
            composite = compute_composite(rulebook, total, reviews[member.id])
            scores.append(CompositeScore(member, total, reviews[member.id], composite, 0, None, ()))
    scores.sort(key=lambda score: (-score.composite, score.member.order, score.member.id))
    ranks: dict[Decimal, int] = {}
    for position, score in enumerate(scores, start=1):
        ranks.setdefault(score.composite, position)
    return tuple(replace(score, rank=ranks[score.composite]) for score in scores)


def compute_composite(rulebook: Rulebook, points: Decimal, review: Decimal) -> Decimal:
    """Weigh points and review by their exact values, and round once (R18)."""
    rule = rulebook.appraisal
    assert rule is not None
    exact = Fraction(rule.points) * _scale_points(rule, rulebook, points) + Fraction(rule.review) * Fraction(review)
    return numbers.round_quotient(exact, rule.rounding.rule, rule.rounding.step)


def _scale_points(rule: AppraisalRule, rulebook: Rulebook, points: Decimal) -> Fraction:
    if rule.scale is PointsScale.PERCENT:
        attainable = attainable_points.compute_attainable(rulebook)
        assert attainable  # intake accepts this scale only where there is a bound
        return Fraction(points) / Fraction(attainable) * 100
    return Fraction(min(points, FULL_MARK) if rule.scale is PointsScale.CAPPED else points)


def _find_unreviewed(results: Results, cycle: Period, reviews: Collection[str]) -> tuple[Member, ...]:
    day = min(cycle.last, results.today)
    members = results.roster.members
    return tuple(member for member in members if member.branch_on(day) is not None and member.id not in reviews)


# --- grades ----------------------------------------------------------------------------------------------------------


def _fix_grades(scores: Sequence[CompositeScore], outcomes: Collection[Outcome]) -> tuple[CompositeScore, ...]:
    """Give the grades that a rule over standings fixes."""
    fixed = {outcome.member.id: outcome for outcome in outcomes if outcome.rule.effect is Effect.GRADE}
    return tuple(
        replace(
            score,
            grade=outcome.rule.grade,
            steps=(GradingStep(GradeBasis.FIXED, outcome.rule.grade or "", outcome=outcome),),
        )
        if (outcome := fixed.get(score.member.id))
        else score
        for score in scores
    )


def _note_bars(scores: Sequence[CompositeScore], outcomes: Collection[Outcome]) -> tuple[CompositeScore, ...]:
    """Note, for all whose grade is not fixed, the grades from which a rule over standings bars them."""
    bars: dict[str, list[GradingStep]] = defaultdict(list)
    for outcome in outcomes:
        if outcome.rule.effect is Effect.BAR:
            bars[outcome.member.id].append(GradingStep(GradeBasis.BARRED, outcome.rule.grade or "", outcome=outcome))
    return tuple(score if score.grade else replace(score, steps=tuple(bars[score.member.id])) for score in scores)


def _assign_grades(scores: Sequence[CompositeScore], grades: Sequence[Grade]) -> tuple[CompositeScore, ...]:
    """Give every grade from the best down to those who reach it, are not barred from it and have room in its share."""
    steps: dict[str, tuple[GradingStep, ...]] = {score.member.id: () for score in scores if score.grade is None}
    assigned: dict[str, str] = {}
    for grade in grades:
        waiting = steps.keys() - assigned.keys()
        reached = [score for score in scores if score.member.id in waiting and grade.is_reached_by(score.composite)]
        eligible = []
        for score in reached:
            bars = tuple(step for step in score.steps if step.grade == grade.title)
            steps[score.member.id] += bars
            eligible += [] if bars else [score]
        # The share is of all who are appraised, so also of those whose grade is fixed.
        for score, step in _apply_share(eligible, grade, len(scores)):
            steps[score.member.id] += (step,)
            if step.basis is not GradeBasis.SHARE:
                assigned[score.member.id] = grade.title
    return tuple(
        replace(score, grade=assigned.get(score.member.id), steps=steps.get(score.member.id, ()))
        if score.grade is None
        else score
        for score in scores
    )


def _apply_share(
    eligible: Sequence[CompositeScore], grade: Grade, appraised: int
) -> Iterator[tuple[CompositeScore, GradingStep]]:
    """Yield each who may have a grade with the step that gives it, or that withholds it for want of room."""
    most = _max_in_share(grade, appraised)
    inside = {score.member.id for score in (eligible if most is None else _select_within(eligible, most, grade.edge))}
    edge = None
    if most is not None and 0 < most < len(eligible) and eligible[most - 1].composite == eligible[most].composite:
        edge = eligible[most].composite
    is_lowest = grade.at_least is None and grade.above is None
    for score in eligible:
        if score.member.id not in inside:
            basis = GradeBasis.SHARE
        else:
            basis = GradeBasis.LOWEST if is_lowest else GradeBasis.THRESHOLD
        yield score, GradingStep(basis, grade.title, most, level=score.composite == edge)


def _max_in_share(grade: Grade, appraised: int) -> int | None:
    """Return how many may have a grade: never more than its share of all who are appraised."""
    return None if grade.share is None else int(grade.share * appraised)


def _select_within(eligible: Sequence[CompositeScore], most: int, edge: EdgeRule) -> Sequence[CompositeScore]:
    """Return those who have room, highest first; those level across the edge stay together."""
    if len(eligible) <= most:
        return eligible
    last_in, first_out = (eligible[most - 1].composite if most else None), eligible[most].composite
    if last_in != first_out:
        return eligible[:most]
    if edge is EdgeRule.ALL:
        return [score for score in eligible if score.composite >= first_out]
    return [score for score in eligible if score.composite > first_out]
