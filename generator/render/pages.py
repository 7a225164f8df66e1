"""Which pages a site has, who may read each, and what its template gets."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from types import SimpleNamespace

from markupsafe import Markup
from msgspec import Struct
from msgspec.structs import replace

from generator.core import audit, boards
from generator.core.accounts import Account
from generator.core.audit import Audit
from generator.core.boards import Board, Row
from generator.core.bulletins import Bulletin
from generator.core.ground import Ground
from generator.core.model import Branch, Key
from generator.core.periods import Kind, Period
from generator.core.settings import Audience, Settings
from generator.core.sources import Source
from generator.render import committee, feeds, reports, wording
from generator.render.editions import (
    ADDRESSES,
    Edition,
    Page,
    apart,
    article_path,
    audit_path,
    board_path,
    branch_path,
    bulletin_path,
    grounds_path,
    member_path,
    part_path,
    quoted,
    rules_path,
    sheet_path,
    start,
    superseded_path,
)
from generator.render.templates import Filler, filler
from generator.render.theme import Theme

ROWS = 500  # of a board on one page
_MOST = 5  # notices of corrections in a list


# --- pages -----------------------------------------------------------------------------------------------------------


def branch(edition: Edition, ident: str) -> Iterator[Page]:
    """All pages of a branch: its boards, its members' own, the ledger forms, its approvals, its page."""
    yield from _boards(edition, ident)
    yield from _bulletins(edition, ident)
    yield from _members(edition, ident)
    yield from (committee.sheet_page(edition, one) for one in edition.sheets if one.ledger.branch == ident)
    yield from _record(edition, edition.branches[ident])
    yield _branch(edition, edition.branches[ident])


def organ(edition: Edition, audiences: AbstractSet[Audience]) -> Iterator[Page]:
    """The pages of these audiences that are no branch's, the home page last of what can be read."""
    makers = (_boards, _bulletins, _rules, _articles, _lost, committee.pages, _audit, _branches, _home)
    listed = [page for maker in makers for page in maker(edition) if page.audience in audiences]
    yield from listed
    yield from (page for page in feeds.pages(edition, listed) if page.audience in audiences)


def paths(ground: Ground, ident: str, forms: Iterable[Key]) -> Iterator[tuple[str, Audience]]:
    """The paths of ``branch`` but its members', told from standings alone; ``forms`` are the ledgers to be printed."""
    for (stretch, home), ranking in ground.rankings.items():
        revised = ground.revisions.get((stretch, home), ())
        shown = [(superseded_path(stretch, home, one.number), one.before) for one in revised]
        for path, one in [*shown, (board_path(stretch, home), ranking)]:
            yield from ((part_path(path, n), Audience.BRANCH) for n in range(1, _parts(len(one.standings)) + 1))
        yield from ((bulletin_path(stretch, home, one.number), Audience.BRANCH) for one in revised)
    yield from ((sheet_path(home, month), Audience.COMMITTEE) for home, month in forms if home == ident)
    branches = (ground.results.roster.whole or ground.results.roster).branch
    if apart(branches):
        yield audit_path(ident, branches), Audience.ORGAN
    yield branch_path(ident), Audience.BRANCH


def member_paths(member: str, years: Sequence[int]) -> list[str]:
    """The paths of a member's pages, by the years of the account, newest first."""
    return [member_path(member, year if place else None) for place, year in enumerate(years)]


def _boards(edition: Edition, of: str | None = None) -> Iterator[Page]:
    """Every board of a branch, or of the organ, as it stands and as it stood before each correction."""
    for board in (*edition.superseded, *edition.boards):
        if board.branch != of:
            continue
        key = board.period, board.branch
        path = superseded_path(*key, board.revision) if board.superseded else board_path(*key)
        title = _of(edition, board.branch) + wording.board(board)
        title += f"（第 {board.revision} 版，已被更正）" if board.superseded else ""
        struck, listed = _struck(edition, board.sources), board.branch is not None or not apart(edition.branches)
        parts = _parts(len(board.rows))
        for number in range(1, parts + 1):
            first = (number - 1) * ROWS
            part = Part(number, parts, path, board, first)
            named = title + (f"（第 {number} 页）" if number > 1 else "")
            data = {"board": board, "part": part, "struck": struck, "listed": listed}
            yield Page(part_path(path, number), _readers(board.branch), named, "board.html", data)
        if not listed:
            named = f"{title}：各党支部平均积分和依据"
            yield Page(grounds_path(path), Audience.ORGAN, named, "grounds.html", {"board": board, "path": path})


def _parts(rows: int) -> int:
    return -(-rows // ROWS) or 1


class Part(Struct, frozen=True):
    """A page of a board, the ``number``-th of ``of``: its rows, and how many stand on the pages before it.

    ``path`` is the address of the whole board.
    """

    number: int
    of: int
    path: str
    board: Board
    before: int

    @property
    def rows(self) -> tuple[Row, ...]:
        """Its rows of the board."""
        return self.board.rows[self.before : self.before + ROWS]


def _bulletins(edition: Edition, of: str | None = None) -> Iterator[Page]:
    for bulletin in (one for one in edition.bulletins if one.branch == of):
        path = bulletin_path(bulletin.period, bulletin.branch, bulletin.number)
        title = f"{_of(edition, bulletin.branch)}{wording.board(bulletin)}更正公告"
        yield Page(path, _readers(bulletin.branch), title, "bulletin.html", {"bulletin": bulletin})


def _struck(edition: Edition, sources: Sequence[Source]) -> list[Key]:
    """The months among these approvals that were struck whole by then, unless lines were added to them again."""
    newest = {(source.branch, source.month): source.revision for source in sources if source.revision}
    return [key for key, revision in newest.items() if edition.emptied[key][revision - 1]]


def _newest(bulletins: Iterable[Bulletin]) -> list[Bulletin]:
    return sorted(bulletins, key=lambda one: (one.source.meeting, one.period.last, one.number), reverse=True)[:_MOST]


def _of(edition: Edition, branch: str | None) -> str:
    return edition.settings.organ if branch is None else edition.branches[branch].name


def _readers(branch: str | None) -> Audience:
    return Audience.ORGAN if branch is None else Audience.BRANCH


def _branch(edition: Edition, branch: Branch) -> Page:
    boards = [board for board in edition.boards if board.branch == branch.id]
    approvals = [source for source in edition.journal.approvals if source.branch == branch.id]
    monthly = [board for board in boards if board.period.kind is Kind.MONTH]
    data = {
        "branch": branch,
        "boards": boards[::-1],
        "sources": approvals[::-1],
        "bulletins": _newest(one for one in edition.bulletins if one.branch == branch.id),
        "struck": _struck(edition, monthly[-1].sources) if monthly else [],
    }
    return Page(branch_path(branch.id), Audience.BRANCH, branch.name, "branch.html", data)


def _branches(_: Edition) -> Iterator[Page]:
    yield Page("branches.html", Audience.ORGAN, "党支部", "branches.html", {})


def _members(edition: Edition, home: str) -> Iterator[Page]:
    """The newest year at the member's own address, each year before it on a page beside."""
    struck = _struck(edition, edition.journal.approvals)
    for account in (one for one in edition.accounts if one.member.home == home):
        name = boards.label(account.member)
        months = [month for branch, month in struck if _belonged(account, branch, month)]
        for cycle in account.years:
            newest = cycle is account.years[0]
            path = member_path(account.member.id, None if newest else cycle.year)
            title = f"{name}的积分" if newest else f"{name}{cycle.year}年度的积分"
            data = {"account": account, "cycle": cycle, "struck": months}
            yield Page(path, Audience.MEMBER, title, "member.html", data, ("theme", "member"))


def _belonged(account: Account, branch: str, month: Period) -> bool:
    return any(
        span.branch == branch and span.first <= month.last and span.until > month.first for span in account.member.spans
    )


def _rules(edition: Edition) -> Iterator[Page]:
    """Each rulebook at its own address; the one in force, that of the newest board, at ``rules.html`` too."""
    years = {rulebook.id: rulebook for _, rulebook in sorted(edition.rulebooks.items())}
    for rulebook in years.values():
        data = {"rulebook": rulebook, "rulebooks": list(years.values())}
        yield Page(rules_path(rulebook.id), Audience.ORGAN, f"《{rulebook.title}》", "rules.html", data)
    if years:
        latest = edition.latest or max(edition.rulebooks)
        newest = edition.rulebooks[latest]
        data = {"rulebook": newest, "rulebooks": list(years.values())}
        yield Page("rules.html", Audience.ORGAN, "积分规则", "rules.html", data)


def _articles(edition: Edition) -> Iterator[Page]:
    for article in edition.articles:
        path = article_path(article)
        yield Page(path, Audience.ORGAN, article.title, "article.html", {"article": article})


def _lost(_: Edition) -> Iterator[Page]:
    """What a server shows in the place of a page that it doesn't have."""
    yield Page("404.html", Audience.ORGAN, "没有这一页", "404.html", {}, anywhere=True)


def _audit(edition: Edition) -> Iterator[Page]:
    """Every approval, or the newest of each branch beside the page that it has of its own."""
    listed = not apart(edition.branches)
    data = {"audit": edition.audit if listed else audit.common(edition.audit), "branch": None, "listed": listed}
    yield Page("audit.html", Audience.ORGAN, "审核记录", "audit.html", data)


def _record(edition: Edition, branch: Branch) -> Iterator[Page]:
    """What a branch has approved, if that is not on a page with all others'."""
    if apart(edition.branches):
        data = {"audit": audit.own(edition.audit, branch.id), "branch": branch, "listed": True}
        path = audit_path(branch.id, edition.branches)
        yield Page(path, Audience.ORGAN, f"{branch.name}审核记录", "audit.html", data)


def _home(edition: Edition) -> Iterator[Page]:
    """The newest organ-wide board that is complete, else the newest; all the others are linked."""
    boards = [board for board in edition.boards if board.branch is None][::-1]
    newest = sorted(boards, key=lambda board: (not board.provisional, board.period.last), reverse=True)
    bulletins = _newest(one for one in edition.bulletins if one.branch is None)
    data = {"newest": newest[0] if newest else None, "boards": boards, "bulletins": bulletins}
    yield Page("index.html", Audience.ORGAN, edition.settings.title, "index.html", data)


# --- text ------------------------------------------------------------------------------------------------------------


def audit_json(audit: Audit) -> str:
    """Every approval, oldest first, filings, withdrawals, and each branch's head: what ``audit.json`` holds."""
    return reports.to_json(
        {
            "approvals": [
                {
                    "branch": source.branch,
                    "month": str(source.month),
                    "meeting": source.meeting.isoformat(),
                    "digest": source.digest,
                    "previous": source.previous,
                    "revision": source.revision,
                }
                for source in audit.approvals
            ],
            "filings": [
                {
                    "branch": filed.branch,
                    "period": str(filed.period),
                    "on": filed.on.isoformat(),
                    "digest": filed.digest,
                    "rests": filed.rests,
                }
                for filed in audit.filings
            ],
            "withdrawals": [
                {
                    "branch": withdrawn.branch,
                    "month": str(withdrawn.month),
                    "on": withdrawn.on.isoformat(),
                    "withdraws": withdrawn.withdraws,
                    "digest": withdrawn.digest,
                }
                for withdrawn in audit.withdrawals
            ],
            "ballots": [
                {
                    "kind": "poll" if endorsed.poll else "reviews",
                    "year": endorsed.year,
                    "date": endorsed.poll.isoformat() if endorsed.poll else None,
                    "meeting": endorsed.meeting.isoformat(),
                    "digest": endorsed.digest,
                }
                for endorsed in audit.endorsed
            ],
            "retractions": [
                {
                    "kind": "poll" if retracted.is_poll else "reviews",
                    "year": retracted.year,
                    "on": retracted.on.isoformat(),
                    "withdraws": retracted.withdraws,
                    "digest": retracted.digest,
                }
                for retracted in audit.retracted
            ],
            "approvers": audit.approvers,
            "heads": dict(audit.heads),
        }
    )


def others(edition: Edition, audiences: AbstractSet[Audience], theme: Theme) -> dict[str, bytes]:
    """The files that are not pages: the theme's assets and, for the organ, the approvals as JSON."""
    data = {"audit.json": audit_json(edition.audit).encode()} if Audience.ORGAN in audiences else {}
    return {**theme.assets(), **data}


class Links:
    """Whereto pages of one site lead: a link to what is not ``built`` along with it is plain text."""

    def __init__(self, site: Settings, built: Container[str]) -> None:
        self.site = site
        self.built = built
        self._reach: dict[str, Callable[[str], str | None]] = {}

    def of(self, page: Page) -> Callable[[str], str | None]:
        """What gives a page its links: the same for all from which every way begins alike."""
        begins, built = start(self.site, page), self.built

        def reach(target: str) -> str | None:
            return begins + quoted(target) if target.partition("#")[0] in built else None

        return self._reach.setdefault(begins, reach)


def render(edition: Edition, page: Page, fill: Filler, links: Links) -> bytes:
    """The bytes of a page, by a theme's ``filler``."""
    return _text(edition, page, fill, links).encode()


def _text(edition: Edition, page: Page, fill: Filler, links: Links) -> str:
    def article(text: str, path: str = page.path) -> Markup:
        from generator.render import markup  # noqa: PLC0415  few pages have Markdown, and it is slow to import

        return Markup(markup.to_html(text, path, links.built.__contains__))  # noqa: S704  sanitised there

    common = {
        "site": edition.settings,
        "branches": edition.branches,
        "articles": edition.articles,
        "preview": edition.preview,
        "page": page,
        "link": links.of(page),
        "to": _TO,
        "markdown": article,
    }
    return fill(page.template, {**common, **page.data})


_TO = SimpleNamespace(**ADDRESSES)


def standalone(edition: Edition, page: Page, theme: Theme) -> str:
    """A page as one file that needs no other: its styles are in it, and nothing is a link."""
    assets = theme.assets()
    style = "\n".join(assets[f"assets/{name}.css"].decode() for name in page.styles)
    return _text(edition, replace(page, data={**page.data, "style": style}), filler(theme), Links(edition.settings, ()))
