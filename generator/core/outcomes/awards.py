"""Polls beside the ranking, from which the 1 July commendation 七一表彰 is chosen (五2). No choice is made here."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from generator.core.model.ledger import Poll
from generator.core.model.roster import Member, MembershipStatus
from generator.core.model.rulebook import AwardCriterion, AwardRule, Effect, Rulebook
from generator.core.model.tally import Ranking
from generator.core.outcomes.consequences import Outcome
from generator.core.scoring import missing_months
from generator.core.scoring.approval_sources import ApprovalsByMonth
from generator.core.scoring.results import Rankings, Results


class AwardCandidate(Struct, frozen=True):
    """A member with votes and, from the board, rank and points; None for those not on it.

    ``position`` is by the rulebook's order; those level in all of it share one. ``branch`` and ``status`` are those of
    the day of the poll. ``barred`` are the rules that bar from awards, ``remarks`` those that decide something else.
    """

    position: int
    member: Member
    branch: str | None
    status: MembershipStatus
    votes: int
    rank: int | None
    points: Decimal | None
    barred: tuple[Outcome, ...]
    remarks: tuple[Outcome, ...]


class PollResult(Struct, frozen=True):
    """A poll and its candidates, sorted; ``ranking`` is the newest board complete on that day, None without any."""

    rule: AwardRule
    award: str
    date: date
    electorate: int
    ranking: Ranking | None
    candidates: tuple[AwardCandidate, ...]


class AwardInputs(Struct, frozen=True):
    """Data besides a poll: every board, when ledgers were approved, and the outcomes of the poll's year."""

    rankings: Rankings
    approvals: ApprovalsByMonth
    outcomes: Collection[Outcome]


def evaluate_poll(results: Results, inputs: AwardInputs, poll: Poll, votes: Mapping[str, int]) -> PollResult | None:
    """Set a poll's ``votes``, by member id, beside the ranking; return None where its year's rulebook has no awards."""
    rulebook = results.rulebooks[poll.date.year]
    if rulebook.awarding is None:
        return None
    ranking = _find_newest_board(results, inputs, rulebook, poll.date)
    candidates = [
        _make_candidate(results, poll, ranking, (member, count), inputs.outcomes) for member, count in votes.items()
    ]
    return PollResult(
        rule=rulebook.awarding,
        award=poll.award,
        date=poll.date,
        electorate=poll.electorate,
        ranking=ranking,
        candidates=_sort_candidates(candidates, rulebook.awarding.order),
    )


def _find_newest_board(results: Results, inputs: AwardInputs, rulebook: Rulebook, day: date) -> Ranking | None:
    """Return the newest organ-wide board of the rulebook's kind for awards whose ledgers were all approved by that day.

    The board thus stays the one that the voters had before them, as it has been corrected since. One that is cut short
    decides nothing (R21).
    """
    assert rulebook.awarding
    kind = rulebook.board[rulebook.awarding.board].period
    # The first approval of a month is the ledger's: later ones, of corrections, make no board any newer.
    approved = {month for month, approvals in inputs.approvals.items() if approvals[0].meeting <= day}
    complete = [
        ranking
        for (period, branch), ranking in inputs.rankings.items()
        if branch is None and period.kind is kind and not ranking.provisional
        for term in [results.rulebooks[period.year].term]
        if not term.cuts(period)
        if not missing_months.find_missing_months(results.roster, approved, term.months_of(period), None, day)
    ]
    return max(complete, key=lambda ranking: ranking.period.last, default=None)


def _make_candidate(
    results: Results, poll: Poll, ranking: Ranking | None, counted: tuple[str, int], outcomes: Collection[Outcome]
) -> AwardCandidate:
    member_id, count = counted
    member = results.roster.member_by_id[member_id]
    standings = ranking.standings if ranking else ()
    standing = next((standing for standing in standings if standing.member.id == member_id), None)
    decisions = [
        outcome
        for outcome in outcomes
        if outcome.member.id == member_id and outcome.rule.effect and outcome.rule.effect.is_decision
    ]
    return AwardCandidate(
        position=0,
        member=member,
        branch=member.branch_on(poll.date),
        status=member.status_on(poll.date),
        votes=count,
        rank=standing.rank if standing else None,
        points=standing.score.points if standing else None,
        barred=tuple(outcome for outcome in decisions if outcome.rule.effect is Effect.BAR),
        remarks=tuple(outcome for outcome in decisions if outcome.rule.effect is not Effect.BAR),
    )


def _sort_candidates(
    candidates: Collection[AwardCandidate], order: Collection[AwardCriterion]
) -> tuple[AwardCandidate, ...]:
    """Sort by the rulebook's order, those on no board behind all who are on it; level candidates by name."""

    def merit(candidate: AwardCandidate) -> tuple[tuple[bool, int], ...]:
        by_criterion = {
            AwardCriterion.VOTES: (False, -candidate.votes),
            AwardCriterion.RANK: (candidate.rank is None, candidate.rank or 0),
        }
        return tuple(by_criterion[criterion] for criterion in order)

    ordered = sorted(candidates, key=lambda candidate: (merit(candidate), candidate.member.order, candidate.member.id))
    return tuple(
        replace(candidate, position=1 + sum(merit(other_candidate) < merit(candidate) for other_candidate in ordered))
        for candidate in ordered
    )
