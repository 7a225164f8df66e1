"""Results of a year as section 五 uses them 结果运用: the decisions on which the committee acts."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.periods import PeriodKind, get_period
from generator.core.model.ledger import Poll
from generator.core.model.rulebook import Rulebook
from generator.core.outcomes import appraisal, awards, bookkeeping, consequences
from generator.core.outcomes.appraisal import AppraisalResult
from generator.core.outcomes.awards import AwardInputs, PollResult
from generator.core.outcomes.bookkeeping import BookkeepingRecord, LedgerActions
from generator.core.outcomes.consequences import NearOutcome, Outcome, StandingHistory
from generator.core.scoring.results import BoardKey, Rankings, Results


class OutcomeInputs(Struct, frozen=True):
    """Inputs of section 五: complete boards, cycle totals, approved reviews and polls, actions on ledgers.

    ``rankings`` are the organ's boards and those of branches that a rule names, ``complete_boards`` all complete ones.
    ``totals``, ``reviews`` and ``polls`` are by year, members by id.
    """

    results: Results
    rankings: Rankings
    complete_boards: AbstractSet[BoardKey]
    totals: Mapping[int, Mapping[str, Decimal]]
    reviews: Mapping[int, Mapping[str, Decimal]]
    polls: Mapping[int, Sequence[tuple[Poll, Mapping[str, int]]]]
    actions: LedgerActions


class YearResults(Struct, frozen=True):
    """A year: the members under a rule or one period away from it; composites, polls and the branches' own record.

    ``appraised`` is None without approved reviews. ``rulebook`` is that of the year's last day, its bookkeeping that of
    the last month that had any.
    """

    year: int
    rulebook: Rulebook
    outcomes: tuple[Outcome, ...]
    near: tuple[NearOutcome, ...]
    appraised: AppraisalResult | None
    awards: tuple[PollResult, ...]
    keeping: tuple[BookkeepingRecord, ...]

    @property
    def decided(self) -> tuple[Outcome, ...]:
        """The outcomes that are decided, not only suggested."""
        return tuple(outcome for outcome in self.outcomes if _is_decided(outcome))

    @property
    def suggested(self) -> tuple[Outcome, ...]:
        """The outcomes that only put a member on a list: for praise or for a talk."""
        return tuple(outcome for outcome in self.outcomes if not _is_decided(outcome))


def _is_decided(outcome: Outcome) -> bool:
    return outcome.rule.effect is not None and outcome.rule.effect.is_decision


def compute_year_results(inputs: OutcomeInputs, history: StandingHistory, year: int) -> YearResults:
    """Compute all of section 五 for a year that has a rulebook; ``history`` is that of the rankings.

    Members and branches have the names of the year's last day.
    """
    names_on = get_period(PeriodKind.YEAR, year).last
    results = replace(inputs.results, roster=inputs.results.roster.named_on(names_on))
    outcomes = consequences.find_outcomes(results, history, year)
    reviews, totals = inputs.reviews.get(year), inputs.totals.get(year, {})
    award_inputs = AwardInputs(inputs.rankings, inputs.actions.approvals, outcomes)
    polls = (awards.evaluate_poll(results, award_inputs, poll, votes) for poll, votes in inputs.polls.get(year, ()))
    return YearResults(
        year=year,
        rulebook=_find_newest_rulebook(results.rulebooks[year], year),
        outcomes=outcomes,
        near=consequences.find_near_outcomes(results, history, inputs.complete_boards, year),
        appraised=None if reviews is None else appraisal.appraise_year(results, year, reviews, totals, outcomes),
        awards=tuple(filter(None, polls)),
        keeping=bookkeeping.compile_bookkeeping(results, inputs.actions, year),
    )


def _find_newest_rulebook(rulebook: Rulebook, year: int) -> Rulebook:
    newest = rulebook.state_on(get_period(PeriodKind.YEAR, year).last)
    rules = list(bookkeeping.list_rules(rulebook, year).values())
    return newest if newest.bookkeeping or not rules else replace(newest, bookkeeping=rules[-1])
