"""The line to its end: books → standings → boards → pages → bytes → the output folder."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from operator import itemgetter
from pathlib import Path

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
    periods,
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
from generator.core.model import Key, Ledger, Retraction, ValidLedger, Withdrawal
from generator.core.packs import Paperwork
from generator.core.results import Results
from generator.core.settings import Audience
from generator.core.states import Notices
from generator.problems import Problem, Where
from generator.publish import release
from generator.publish.release import Basis, Release
from generator.render import committee as committees
from generator.render import pages, search
from generator.render.editions import Edition
from generator.render.theme import Theme


def ground(found: Books, scored: Results) -> Ground:
    """What boards and accounts are made from."""
    versions = _versions(found)
    chains = {branch: found.shelf.chain(branch) for branch in found.roster.branch}
    return Ground(
        results=scored,
        rankings=results.rankings(scored),
        approvals=sources.approvals(found.approved),
        chains=chains,
        naming=found.settings.names,
        notices=_notices(found),
        revisions=revisions.revisions(scored, versions, chains),
        amendments=revisions.amendments(scored, versions),
    )


def edition(
    found: Books,
    scored: Results,
    ledgers: Iterable[ValidLedger],
    *,
    desk: bool = False,
    preview: bool = False,
) -> Edition:
    """All that pages are made of; ``ledgers`` are those to be printed as forms, ``desk`` asks for the committee's."""
    made, listed = ground(found, scored), found.shelf.approvers
    members = accounts.accounts(made)
    cast = Cast(tuple(slip for slip, _ in found.urn.approvals), found.urn.retractions)
    journal = audit.journal(made, found.shelf.filings, found.shelf.withdrawals, cast)
    return Edition(
        settings=found.settings,
        branches=found.roster.branch,
        members=found.roster.member,
        rulebooks=found.rulebooks,
        boards=boards.boards(made),
        superseded=boards.superseded(made),
        bulletins=bulletins.bulletins(made),
        accounts=members,
        journal=journal,
        audit=audit.audit(journal, made, listed and seal.approvers(listed)),
        articles=found.articles,
        sheets=tuple(sheets.sheet(scored, ledger) for ledger in ledgers),
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


def _notices(found: Books) -> Notices:
    approvals = sources.approvals(found.approved)
    return states.notices(found.roster, found.rulebooks, approvals, found.settings, found.today)


def differences(found: Books, approvals: Collection[str]) -> Iterator[Difference]:
    """The boards that change from what these approvals alone came to; the roster and the rulebooks are today's."""
    then = different.published(_versions(found), approvals)
    before = results.rankings(books.tally(found, then, frozenset(then)))
    return different.differences(before, results.rankings(books.score(found)))


def _versions(found: Books) -> dict[Key, tuple[ValidLedger, ...]]:
    """Every month before any correction and after each."""
    return {key: (*found.counted.earlier[key], ledger) for key, ledger in found.approved.items()}


def clock(found: Books) -> list[Problem]:
    """Refuse a day before the newest act on record: nothing dated by such a clock may be published."""
    day, where, what = max(_acts(found), key=itemgetter(0), default=(found.today, Where(""), ""))
    if day <= found.today:
        return []
    message = f"今天是 {found.today}，而这次{what}日期是 {day}"
    return [Problem(where, "build.clock", message, "电脑日期慢了，请先校正日期；网站没有改动")]


def _acts(found: Books) -> Iterator[tuple[date, Where, str]]:
    """Every approval, filing and withdrawal: its day, its place, and what happened that day."""
    for _, approval in register.approvals(found.shelf.papers.values()):
        yield approval.meeting, approval.where, "审核的支委会"
    for _, endorsement in found.urn.approvals:
        yield endorsement.meeting, endorsement.where, "审核的会议"
    for filing in found.shelf.filings:
        yield filing.on, filing.where, "备案的"
    undone: tuple[Withdrawal | Retraction, ...] = (*found.shelf.withdrawals, *found.urn.retractions)
    for record in undone:
        yield record.on, record.where, "撤回审核的"


def warnings(found: Books) -> list[Problem]:
    """What stops nothing, yet should be told with a build or a check: days of objection not known for certain."""
    where = Where(found.project.name(found.project.settings))
    return states.warnings(_notices(found).values(), found.settings.calendar, where)


def site(
    found: Books, chosen: Theme, audiences: AbstractSet[Audience], *, jobs: int = 1, drafts: bool = False
) -> dict[str, bytes]:
    """Every file of the site by its path, in the order in which they should be put in place.

    The bytes are the same whatever the number of jobs, the processes that share the pages.
    """
    printed = {**found.approved, **(found.drafts if drafts else {})}.values()
    ledgers = printed if Audience.COMMITTEE in audiences else ()
    scored = books.score(found, found.drafts if drafts else {})
    made = edition(found, scored, ledgers, desk=Audience.COMMITTEE in audiences, preview=drafts)
    listed = pages.pages(made, audiences)
    others = {**pages.others(made, audiences, chosen), **search.files(made, {page.path for page in listed})}
    built = frozenset({page.path for page in listed} | others.keys())
    if jobs == 1:
        return {**others, **pages.render(made, listed, chosen, built)}
    rendered: dict[str, bytes] = {}
    with ProcessPoolExecutor(jobs) as pool:
        for share in [pool.submit(pages.render, made, listed[n::jobs], chosen, built) for n in range(jobs)]:
            rendered |= share.result()
    return {**others, **{page.path: rendered[page.path] for page in listed}}


def sheet(found: Books, ledger: ValidLedger, chosen: Theme) -> str:
    """A ledger's printable form as one file; a draft is scored as if it alone were approved."""
    scored = books.score(found, {} if ledger.sealed else {(ledger.branch, ledger.month): ledger})
    made = edition(found, scored, [ledger])
    return pages.standalone(made, committees.sheet_page(made, made.sheets[0]), chosen)


def find_theme(found: Books) -> tuple[Theme | None, list[Problem]]:
    """The theme that the settings name."""
    layers, problems = books.theme(found)
    return (None if problems else Theme(layers)), problems


def present(found: Books) -> Present:
    """All that is sealed."""
    shelf, homes = found.shelf, {branch.id: branch.name for branch in found.roster.branches}
    listed = shelf.approvers and seal.approvers(shelf.approvers)
    return Present(
        homes,
        tuple(shelf.papers.values()),
        shelf.filings,
        shelf.withdrawals,
        listed,
        tuple(found.urn.slips.values()),
        found.urn.retractions,
    )


def publish(
    found: Books, output: Path, files: dict[str, bytes], audiences: AbstractSet[Audience]
) -> tuple[Release | None, list[Problem]]:
    """Make the folder hold exactly these files, unless it holds what is not ours or what may not be taken back."""
    basis = Basis(found.today, present(found).digests(), lambda path: _stays(path, audiences, found.roster.branch))
    return release.publish(found.project, output, files, basis)


_BOARD = re.compile(r"(?:boards|branches/(?P<branch>[^/]+))/(?P<period>[^/.]+)(?:\.[rc][0-9]+)?\.html")


def _stays(path: str, audiences: AbstractSet[Audience], branches: Collection[str]) -> bool:
    """Whether a page, once published, must be in every later build for these audiences: boards, old and new."""
    found = _BOARD.fullmatch(path)
    if found is None or periods.parse(found["period"]) is None:
        return False
    if found["branch"] is None:
        return Audience.ORGAN in audiences
    return Audience.BRANCH in audiences and found["branch"] in branches


def first_published(found: Books, release: Release) -> bool:
    """Whether any approval had never been published before this release."""
    approvals = register.approvals(found.shelf.papers.values())
    return any(approval.digest in release.fresh for _, approval in approvals)
