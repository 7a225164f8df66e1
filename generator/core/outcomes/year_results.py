"""All that a year's results decide 结果运用 (section 五): what the committee acts on."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal

from msgspec import Struct

from generator.core.model.ledger import Poll
from generator.core.model.rulebook import Rulebook
from generator.core.outcomes import appraisal, awards, bookkeeping, consequences
from generator.core.outcomes.appraisal import AppraisalResult
from generator.core.outcomes.awards import AwardInputs, PollResult
from generator.core.outcomes.bookkeeping import BookkeepingRecord, LedgerActions
from generator.core.outcomes.consequences import NearOutcome, Outcome, StandingHistory
from generator.core.scoring.results import BoardKey, Rankings, Results


class OutcomeInputs(Struct, frozen=True):
    """What section 五 rests on: complete boards, cycle totals, approved reviews and polls, acts on ledgers.

    ``rankings`` are the organ's boards and those of branches that a rule speaks of, ``complete`` all complete boards.
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
    """A year: who falls under which rule and who is one period away; composites, polls and the branches' own record.

    ``appraised`` is None without approved reviews.
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
        """What is decided, not only suggested."""
        return tuple(one for one in self.outcomes if _decides(one))

    @property
    def suggested(self) -> tuple[Outcome, ...]:
        """Who is put on a list: for praise or for a talk."""
        return tuple(one for one in self.outcomes if not _decides(one))


def _decides(one: Outcome) -> bool:
    return one.rule.effect is not None and one.rule.effect.is_decision


def compute_year_results(inputs: OutcomeInputs, history: StandingHistory, year: int) -> YearResults:
    """All of section 五 for a year that has a rulebook; ``places`` are the history of the rankings."""
    results = inputs.results
    found = consequences.find_outcomes(results, history, year)
    reviews, totals = inputs.reviews.get(year), inputs.totals.get(year, {})
    known = AwardInputs(inputs.rankings, inputs.actions.approvals, found)
    polls = (awards.evaluate_poll(results, known, poll, votes) for poll, votes in inputs.polls.get(year, ()))
    return YearResults(
        year=year,
        rulebook=results.rulebooks[year],
        outcomes=found,
        near=consequences.find_near_outcomes(results, history, inputs.complete_boards, year),
        appraised=None if reviews is None else appraisal.appraise_year(results, year, reviews, totals, found),
        awards=tuple(filter(None, polls)),
        keeping=bookkeeping.compile_bookkeeping(results, inputs.actions, year),
    )
