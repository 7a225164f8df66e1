"""Books → ground → edition: all that pages are made of, of an organ or of the branches that were cut out of it."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from operator import itemgetter

from msgspec.structs import replace

from generator import books
from generator.books import Books
from generator.core import (
    accounts,
    audit,
    boards,
    bulletins,
    committee,
    conclusions,
    outcomes,
    places,
    register,
    results,
    revisions,
    seal,
    sheets,
    sources,
    states,
)
from generator.core import differences as different
from generator.core.accounts import Account
from generator.core.anchors import Present
from generator.core.audit import Cast
from generator.core.committee import Committee
from generator.core.conclusions import Conclusions, Inputs
from generator.core.desk import Tray
from generator.core.differences import Difference
from generator.core.ground import Ground
from generator.core.keeping import Acts
from generator.core.model import Key, Ledger, ValidLedger
from generator.core.packs import Paperwork
from generator.core.periods import Period
from generator.core.places import Place
from generator.core.ranking import Candidate
from generator.core.results import Results, Scopes
from generator.core.revisions import Point
from generator.core.states import Notices
from generator.problems import Problem, Where
from generator.render.editions import Edition
from generator.render.theme import Theme
from generator.shelf import Shelf
from generator.urn import Urn

Act = tuple[date, Where, str]  # its day, its place, and what happened that day


def ground(
    found: Books,
    scored: Results,
    *,
    scopes: Scopes | None = None,
) -> Ground:
    """What boards and accounts are made from; of a part of the organ, ``scopes`` are the branches that are whole."""
    versions = _versions(found)
    chains = {branch: found.shelf.chain(branch) for branch in found.roster.branch}
    rankings = results.rankings(scored, scopes)
    return Ground(
        results=scored,
        rankings=rankings,
        approvals=sources.approvals(found.approved),
        chains=chains,
        naming=found.settings.names,
        notices=_notices(found, scopes),
        revisions=revisions.revisions(scored, versions, chains, scopes),
        amendments=revisions.amendments(scored, versions),
        begun=results.begun(scored.scored),
        members=[one for one in found.roster.members if scopes is None or one.home in scopes],
        places=places.places(scored, rankings),
    )


def beyond(found: Books, made: Ground, elsewhere: Mapping[str, Sequence[Place]], begun: Sequence[Period]) -> Ground:
    """A part of the organ with what the rest adds: its members' places on other boards, the months scored there."""
    joined = places.joined(made.places, elsewhere, found.rulebooks) if elsewhere else made.places
    return replace(made, places=joined, begun=begun)


def candidates(found: Books, made: Ground, points: Iterable[Point]) -> Iterator[Iterator[Candidate]]:
    """Who was ranked in the organ in each period at a moment, and with what."""
    return revisions.candidates(made.results, _versions(found), made.chains, points)


def edition(
    found: Books,
    made: Ground,
    ledgers: Iterable[ValidLedger],
    *,
    desk: bool = False,
    preview: bool = False,
) -> Edition:
    """All that pages are made of; ``ledgers`` are those to be printed as forms, ``desk`` asks for the committee's."""
    listed = found.shelf.approvers
    members = accounts.accounts(made)
    cast = Cast(tuple(slip for slip, _ in found.urn.approvals), found.urn.retractions)
    journal = audit.journal(made, found.shelf.filings, found.shelf.withdrawals, cast)
    return Edition(
        settings=found.settings,
        branches=(found.roster.whole or found.roster).branch,
        members=found.roster.member,
        rulebooks=found.rulebooks,
        boards=boards.boards(made),
        superseded=boards.superseded(made),
        bulletins=bulletins.bulletins(made),
        latest=max((stretch.year for stretch, _ in made.rankings), default=None),
        accounts=members,
        emptied=revisions.emptied(made.amendments),
        journal=journal,
        audit=audit.audit(journal, made, listed and seal.approvers(listed)),
        articles=found.articles,
        sheets=tuple(sheets.sheet(made.results, ledger) for ledger in ledgers),
        committee=_committee(found, made, members) if desk else None,
        preview=preview,
    )


def _committee(found: Books, made: Ground, members: Sequence[Account]) -> Committee:
    unsealed = [paper for paper in found.shelf.papers.values() if not paper.sealed]
    tray = Tray(
        ledgers={(paper.branch, paper.month) for paper in unsealed if not paper.number},
        corrections={(paper.branch, paper.month) for paper in unsealed if paper.number},
        filings=found.shelf.filings,
        reviewed=found.reviews,
        drafts=sorted(found.urn.drafts),
    )
    return committee.committee(made, members, inputs(found, made), paperwork=paperwork(found), tray=tray)


def inputs(found: Books, made: Ground) -> Inputs:
    """What section 五 needs besides standings."""
    return Inputs(
        found.reviews, found.polls, Acts(made.approvals, made.amendments, found.shelf.withdrawals, _written(found))
    )


def _written(found: Books) -> dict[Key, Ledger]:
    """The ledgers as written, before any correction."""
    documents = ((paper, paper.document) for paper in found.shelf.papers.values())
    return {(paper.branch, paper.month): one for paper, one in documents if isinstance(one, Ledger)}


def paperwork(found: Books) -> Paperwork:
    """What filing packs need besides standings."""
    drafts = {(one.branch, one.month) for one in found.shelf.papers.values() if not (one.sealed or one.number)}
    return Paperwork(found.approved, drafts, found.shelf.filings, found.counted.unproved)


def conclude(found: Books, year: int) -> Conclusions:
    """What a year's results decide (section 五)."""
    made = ground(found, books.score(found))
    places = outcomes.history(made.rankings)
    return conclusions.conclude(made.results, made.rankings, places, inputs(found, made), year)


def _notices(found: Books, scopes: Scopes | None = None) -> Notices:
    approvals = sources.approvals(found.approved)
    return states.notices(found.roster, found.rulebooks, approvals, found.settings, found.today, scopes=scopes)


def differences(found: Books, approvals: Collection[str]) -> Iterator[Difference]:
    """The boards that change from what these approvals alone came to; the roster and the rulebooks are today's."""
    then = different.published(_versions(found), approvals)
    before = results.rankings(books.tally(found, then, frozenset(then)))
    return different.differences(before, results.rankings(books.score(found)))


def _versions(found: Books) -> dict[Key, tuple[ValidLedger, ...]]:
    """Every month before any correction and after each."""
    return {key: (*found.counted.earlier[key], ledger) for key, ledger in found.approved.items()}


def clock(today: date, acts: Iterable[Act]) -> list[Problem]:
    """Refuse a day before the newest act on record: nothing dated by such a clock may be published."""
    day, where, what = max(acts, key=itemgetter(0), default=(today, Where(""), ""))
    if day <= today:
        return []
    message = f"今天是 {today}，而这次{what}日期是 {day}"
    return [Problem(where, "build.clock", message, "电脑日期慢了，请先校正日期；网站没有改动")]


def acts(shelf: Shelf) -> Iterator[Act]:
    """Every approval, filing and withdrawal."""
    for _, approval in register.approvals(shelf.papers.values()):
        yield approval.meeting, approval.where, "审核的支委会"
    for filing in shelf.filings:
        yield filing.on, filing.where, "备案的"
    for record in shelf.withdrawals:
        yield record.on, record.where, "撤回审核的"


def cast(urn: Urn) -> Iterator[Act]:
    """Every approval of reviews and polls, and every withdrawal of one."""
    for _, endorsement in urn.approvals:
        yield endorsement.meeting, endorsement.where, "审核的会议"
    for record in urn.retractions:
        yield record.on, record.where, "撤回审核的"


def warnings(found: Books) -> list[Problem]:
    """What stops nothing, yet should be told with a build or a check: days of objection not known for certain."""
    years = states.unknown(_notices(found).values(), found.settings.calendar)
    return states.warnings(sorted(years), Where(found.project.name(found.project.settings)))


def present(found: Books) -> Present:
    """All that is sealed."""
    shelf, homes = found.shelf, {branch.id: branch.name for branch in found.roster.branches}
    listed = shelf.approvers and seal.approvers(shelf.approvers)
    return Present(
        homes,
        tuple(shelf.papers.values()),
        shelf.filings,
        (*shelf.withdrawals, *found.urn.retractions),
        listed,
        tuple(found.urn.slips.values()),
    )


def find_theme(found: Books) -> tuple[Theme | None, list[Problem]]:
    """The theme that the settings name."""
    layers, problems = books.theme(found.project, found.settings)
    return (None if problems else Theme(layers)), problems
