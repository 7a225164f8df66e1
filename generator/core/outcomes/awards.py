"""Polls beside the ranking: what the 1 July commendation is chosen from 七一表彰 (五2). Nobody is chosen here."""

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
    """A member with votes and, from the board, rank and points; None for who does not stand on it.

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
    """What is known besides a poll: every board, when ledgers were approved, and what the poll's year decides."""

    rankings: Rankings
    approvals: ApprovalsByMonth
    outcomes: Collection[Outcome]


def evaluate_poll(results: Results, inputs: AwardInputs, poll: Poll, votes: Mapping[str, int]) -> PollResult | None:
    """A poll with its ``votes`` by member id beside the ranking; None where the year's rulebook has no awards."""
    rulebook = results.rulebooks[poll.date.year]
    if rulebook.awarding is None:
        return None
    ranking = _newest(results, inputs, rulebook, poll.date)
    found = [_candidate(results, poll, ranking, (member, count), inputs.outcomes) for member, count in votes.items()]
    return PollResult(
        rule=rulebook.awarding,
        award=poll.award,
        date=poll.date,
        electorate=poll.electorate,
        ranking=ranking,
        candidates=_sorted(found, rulebook.awarding.order),
    )


def _newest(results: Results, known: AwardInputs, rulebook: Rulebook, day: date) -> Ranking | None:
    """The newest organ-wide board of the kind that the rulebook names whose ledgers were all approved by that day.

    So the board stays the one that those who voted had before them, as it has been corrected since.
    """
    assert rulebook.awarding
    kind = rulebook.board[rulebook.awarding.board].period
    approved = {key for key, found in known.approvals.items() if found[0].meeting <= day}
    over = [
        ranking
        for (stretch, branch), ranking in known.rankings.items()
        if branch is None and stretch.kind is kind and not ranking.provisional
        if not missing_months.find_missing_months(results.roster, approved, stretch, None, day)
    ]
    return max(over, key=lambda ranking: ranking.period.last, default=None)


def _candidate(
    results: Results, poll: Poll, ranking: Ranking | None, counted: tuple[str, int], outcomes: Collection[Outcome]
) -> AwardCandidate:
    ident, count = counted
    member = results.roster.member_by_id[ident]
    place = next((one for one in ranking.standings if one.member.id == ident), None) if ranking else None
    own = [one for one in outcomes if one.member.id == ident and one.rule.effect and one.rule.effect.is_decision]
    return AwardCandidate(
        position=0,
        member=member,
        branch=member.branch_on(poll.date),
        status=member.status_on(poll.date),
        votes=count,
        rank=place.rank if place else None,
        points=place.score.points if place else None,
        barred=tuple(one for one in own if one.rule.effect is Effect.BAR),
        remarks=tuple(one for one in own if one.rule.effect is not Effect.BAR),
    )


def _sorted(found: Collection[AwardCandidate], order: Collection[AwardCriterion]) -> tuple[AwardCandidate, ...]:
    """By the rulebook's order, those who stand on no board behind all who do; level candidates by name."""

    def key(one: AwardCandidate) -> tuple[tuple[bool, int], ...]:
        by = {AwardCriterion.VOTES: (False, -one.votes), AwardCriterion.RANK: (one.rank is None, one.rank or 0)}
        return tuple(by[weight] for weight in order)

    ordered = sorted(found, key=lambda one: (key(one), one.member.order, one.member.id))
    return tuple(replace(one, position=1 + sum(key(other) < key(one) for other in ordered)) for one in ordered)
