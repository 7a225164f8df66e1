"""The line to its end: books → standings → boards → pages → bytes → the output folder."""

from collections.abc import Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from generator import books
from generator.books import Books
from generator.core import accounts, audit, boards, bulletins, results, revisions, seal, sheets, sources, states
from generator.core import differences as different
from generator.core.differences import Difference
from generator.core.ground import Ground
from generator.core.model import ValidLedger
from generator.core.results import Results
from generator.core.settings import Audience
from generator.core.states import Notices
from generator.problems import Problem, Where, suggest
from generator.publish import release
from generator.publish.release import Release
from generator.render import pages, theme
from generator.render.pages import Edition
from generator.render.theme import Theme
from generator.shelf import Key


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


def edition(found: Books, scored: Results, ledgers: Iterable[ValidLedger], *, preview: bool = False) -> Edition:
    """All that pages are made of; ``ledgers`` are those to be printed as forms."""
    made, listed = ground(found, scored), found.shelf.approvers
    journal = audit.journal(made, found.shelf.filings, found.shelf.withdrawals)
    return Edition(
        settings=found.settings,
        branches=found.roster.branch,
        rulebooks=found.rulebooks,
        boards=boards.boards(made),
        superseded=boards.superseded(made),
        bulletins=bulletins.bulletins(made),
        accounts=accounts.accounts(made),
        journal=journal,
        audit=audit.audit(journal, made, listed and seal.approvers(listed)),
        articles=found.articles,
        sheets=tuple(sheets.sheet(scored, ledger) for ledger in ledgers),
        preview=preview,
    )


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
    """Refuse a day before the newest approval's meeting: nothing dated by such a clock may be published."""
    approvals = [one for branch in found.roster.branch for one in found.shelf.approvals(branch)]
    newest = max(approvals, key=lambda one: one.meeting, default=None)
    if newest is None or newest.meeting <= found.today:
        return []
    message = f"今天是 {found.today}，而这次审核的支委会日期是 {newest.meeting}"
    return [Problem(newest.where, "build.clock", message, "电脑日期慢了，请先校正日期；网站没有改动")]


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
    made = edition(found, books.score(found, found.drafts if drafts else {}), ledgers, preview=drafts)
    listed, others = pages.pages(made, audiences), pages.others(made, audiences, chosen)
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
    return pages.standalone_sheet(edition(found, scored, [ledger]), chosen)


def find_theme(found: Books) -> tuple[Theme | None, list[Problem]]:
    """The theme that the settings name."""
    chosen = theme.find(found.project, found.settings.theme)
    if chosen is not None:
        return chosen, []
    folders = [folder for folder in found.project.themes() if folder.is_dir()]
    known = [path.name for folder in folders for path in sorted(folder.iterdir()) if (path / "templates").is_dir()]
    where = Where(found.project.name(found.project.settings))
    message = f"没有“{found.settings.theme}”这个主题"
    hint = f"主题是 themes 里带 templates 文件夹的文件夹；{suggest(found.settings.theme, known)}"
    return None, [Problem(where, "site.unknown-theme", message, hint)]


def publish(found: Books, output: Path, files: dict[str, bytes]) -> tuple[Release | None, list[Problem]]:
    """Make the folder hold exactly these files, unless it holds what is not ours."""
    approvals = [one.digest for branch in found.roster.branch for one in found.shelf.approvals(branch)]
    return release.publish(found.project, output, files, day=found.today, approvals=approvals)
