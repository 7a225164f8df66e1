"""Which pages a site has, who may read each, and what its template gets."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import partial

from msgspec import Struct

from generator.core.basics.periods import Period, PeriodKind
from generator.core.model.roster import Branch
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import Article, Audience
from generator.core.page_data import audit, boards
from generator.core.page_data.audit import Audit
from generator.core.page_data.boards import Board, BoardRow
from generator.core.page_data.correction_notices import Bulletin
from generator.core.page_data.member_history import MemberAccount
from generator.core.scoring.results import BoardKey
from generator.render.export import tables
from generator.render.html import filters
from generator.render.html.theme import Theme
from generator.render.site import committee_pages, feeds
from generator.render.site.edition import Edition, Page, PageSpec
from generator.render.site.routes import (
    article_path,
    audit_path,
    board_part_path,
    board_path,
    branch_path,
    breakdown_path,
    bulletin_path,
    has_branch_audit_pages,
    member_path,
    rulebook_path,
    superseded_board_path,
)

ROWS_PER_PAGE = 500  # of a board on one page
_MOST = 5  # notices of corrections in a list


# --- pages -----------------------------------------------------------------------------------------------------------


def list_branch_pages(edition: Edition, branch_id: str) -> Iterator[PageSpec]:
    """List the pages of a branch that it alone can tell: its boards, the ledger forms, its approvals, its page."""
    yield from _boards(edition, branch_id)
    yield from _bulletins(edition, branch_id)
    yield from (committee_pages.ledger_form_spec(edition, ledger) for ledger in edition.ledgers)
    yield from _record(edition, edition.branches[branch_id])
    yield PageSpec(branch_path(branch_id), Audience.BRANCH, lambda: _branch(edition, edition.branches[branch_id]))


def list_member_pages(edition: Edition, years: Mapping[str, Sequence[int]]) -> Iterator[PageSpec]:
    """List the pages of a branch's members, by the years of each one's account, newest first."""
    for member, present in years.items():
        for year, path in member_paths(member, present).items():
            yield PageSpec(path, Audience.MEMBER, partial(_member, edition, member, year, path))


def list_organ_pages(edition: Edition, audiences: AbstractSet[Audience]) -> Iterator[PageSpec]:
    """List the pages of these audiences that are no branch's, the home page last of what can be read."""
    makers = (
        _boards,
        _bulletins,
        _rules,
        _articles,
        _lost,
        committee_pages.list_committee_pages,
        _audit,
        _branches,
        _home,
    )
    listed = [page for maker in makers for page in maker(edition) if page.audience in audiences]
    yield from listed
    yield from (page for page in feeds.list_feed_pages(edition, listed) if page.audience in audiences)


def member_paths(member: str, years: Sequence[int]) -> Mapping[int, str]:
    """The paths of a member's pages by year, the newest first: that one at the member's own address."""
    return {year: member_path(member, year if place else None) for place, year in enumerate(years)}


def _boards(edition: Edition, of: str | None = None) -> Iterator[PageSpec]:
    """Every board of a branch, or of the organ, as it stood before each correction and as it stands."""
    ground = edition.site_data
    superseded = [
        (superseded_board_path(*key, one.number), key, one.number, len(one.before.standings))
        for key, revised in ground.revisions.items()
        for one in revised
    ]
    current = [(board_path(*key), key, None, len(one.standings)) for key, one in ground.rankings.items()]
    for path, key, number, rows in (*superseded, *current):
        if key[1] == of:
            for part in range(1, _parts(rows) + 1):
                make = partial(_part, edition, _Revised(key, number, path), part)
                yield PageSpec(board_part_path(path, part), _readers(of), make)
            if of is None and has_branch_audit_pages(edition.branches):
                make = partial(_grounds, edition, _Revised(key, number, path))
                yield PageSpec(breakdown_path(path), Audience.ORGAN, make)


class _Revised(Struct, frozen=True):
    """A board as it stands or, with a ``number``, as its revision of that number; ``path`` is its address."""

    key: BoardKey
    number: int | None
    path: str

    def of(self, edition: Edition) -> Board:
        """The board."""
        if self.number is None:
            return edition.board_by_key[self.key]
        wanted = self.key, self.number
        return next(one for one in edition.superseded_boards if ((one.period, one.branch), one.revision) == wanted)


def _headed(edition: Edition, board: Board) -> str:
    superseded = f"（第 {board.revision} 版，已被更正）" if board.superseded else ""
    return _of(edition, board.branch) + filters.format_board_title(board) + superseded


def _part(edition: Edition, revised: _Revised, number: int) -> Page:
    board = revised.of(edition)
    part = BoardPart(number, _parts(len(board.rows)), revised.path, board, (number - 1) * ROWS_PER_PAGE)
    title = _headed(edition, board) + (f"（第 {number} 页）" if number > 1 else "")
    listed = board.branch is not None or not has_branch_audit_pages(edition.branches)
    data = {"board": board, "part": part, "struck": edition.find_struck_months(board.sources), "listed": listed}
    return Page(board_part_path(revised.path, number), _readers(board.branch), title, "board.html", data)


def _grounds(edition: Edition, revised: _Revised) -> Page:
    board = revised.of(edition)
    title = f"{_headed(edition, board)}：各党支部平均积分和依据"
    data = {"board": board, "path": revised.path}
    return Page(breakdown_path(revised.path), Audience.ORGAN, title, "grounds.html", data)


def _parts(rows: int) -> int:
    return -(-rows // ROWS_PER_PAGE) or 1


class BoardPart(Struct, frozen=True):
    """A page of a board, the ``number``-th of ``of``: its rows, and how many stand on the pages before it.

    ``path`` is the address of the whole board.
    """

    number: int
    of: int
    path: str
    board: Board
    before: int

    @property
    def rows(self) -> tuple[BoardRow, ...]:
        """Its rows of the board."""
        return self.board.rows[self.before : self.before + ROWS_PER_PAGE]


def _bulletins(edition: Edition, of: str | None = None) -> Iterator[PageSpec]:
    for (stretch, branch), revised in edition.site_data.revisions.items():
        for one in revised if branch == of else ():
            path = bulletin_path(stretch, branch, one.number)
            yield PageSpec(path, _readers(of), partial(_bulletin, edition, path, (stretch, branch), one.number))


def _bulletin(edition: Edition, path: str, key: BoardKey, number: int) -> Page:
    bulletin = next(one for one in edition.bulletins if ((one.period, one.branch), one.number) == (key, number))
    title = f"{_of(edition, bulletin.branch)}{filters.format_board_title(bulletin)}更正公告"
    return Page(path, _readers(bulletin.branch), title, "bulletin.html", {"bulletin": bulletin})


def _newest(bulletins: Iterable[Bulletin]) -> list[Bulletin]:
    return sorted(bulletins, key=lambda one: (one.source.meeting, one.period.last, one.number), reverse=True)[:_MOST]


def _of(edition: Edition, branch: str | None) -> str:
    return edition.settings.organ if branch is None else edition.branches[branch].name


def _readers(branch: str | None) -> Audience:
    return Audience.ORGAN if branch is None else Audience.BRANCH


def _branch(edition: Edition, branch: Branch) -> Page:
    approvals = [source for source in edition.approvals if source.branch == branch.id]
    monthly = [board for board in edition.boards if board.period.kind is PeriodKind.MONTH]
    data = {
        "branch": branch,
        "boards": edition.boards[::-1],
        "sources": approvals[::-1],
        "bulletins": _newest(edition.bulletins),
        "struck": edition.find_struck_months(monthly[-1].sources) if monthly else [],
    }
    return Page(branch_path(branch.id), Audience.BRANCH, branch.name, "branch.html", data)


def _branches(_: Edition) -> Iterator[PageSpec]:
    path = "branches.html"
    yield PageSpec(path, Audience.ORGAN, lambda: Page(path, Audience.ORGAN, "党支部", "branches.html", {}))


def _member(edition: Edition, member: str, year: int, path: str) -> Page:
    """The newest year at the member's own address, each year before it on a page beside."""
    account = edition.account_by_member[member]
    cycle = next(one for one in account.years if one.year == year)
    name, newest = boards.member_label(account.member), cycle is account.years[0]
    title = f"{name}的积分" if newest else f"{name}{cycle.year}年度的积分"
    months = [month for branch, month in edition.struck_months if _belonged(account, branch, month)]
    data = {"account": account, "cycle": cycle, "struck": months}
    return Page(path, Audience.MEMBER, title, "member.html", data, ("theme", "member"))


def _belonged(account: MemberAccount, branch: str, month: Period) -> bool:
    return any(
        span.branch == branch and span.first <= month.last and span.until > month.first for span in account.member.spans
    )


def _rules(edition: Edition) -> Iterator[PageSpec]:
    """Each rulebook at its own address; the one in force, that of the newest board, at ``rules.html`` too."""
    years = {rulebook.id: rulebook for _, rulebook in sorted(edition.rulebooks.items())}
    listed = list(years.values())
    for rulebook in listed:
        yield _rulebook(rulebook_path(rulebook.id), f"《{rulebook.title}》", rulebook, listed)
    if years:
        newest = edition.rulebooks[edition.latest_year or max(edition.rulebooks)]
        yield _rulebook("rules.html", "积分规则", newest, listed)


def _rulebook(path: str, title: str, rulebook: Rulebook, listed: list[Rulebook]) -> PageSpec:
    data = {"rulebook": rulebook, "rulebooks": listed}
    return PageSpec(path, Audience.ORGAN, lambda: Page(path, Audience.ORGAN, title, "rules.html", data))


def _articles(edition: Edition) -> Iterator[PageSpec]:
    for article in edition.articles:
        yield PageSpec(article_path(article), Audience.ORGAN, partial(_article, article))


def _article(article: Article) -> Page:
    return Page(article_path(article), Audience.ORGAN, article.title, "article.html", {"article": article})


def _lost(_: Edition) -> Iterator[PageSpec]:
    """What a server shows in the place of a page that it doesn't have."""
    path = "404.html"
    page = Page(path, Audience.ORGAN, "没有这一页", "404.html", {}, anywhere=True)
    yield PageSpec(path, Audience.ORGAN, lambda: page, anywhere=True)


def _audit(edition: Edition) -> Iterator[PageSpec]:
    """Every approval, or the newest of each branch beside the page that it has of its own."""
    listed = not has_branch_audit_pages(edition.branches)
    data = {
        "audit": edition.audit if listed else audit.without_branch_records(edition.audit),
        "branch": None,
        "listed": listed,
    }
    page = Page("audit.html", Audience.ORGAN, "审核记录", "audit.html", data)
    yield PageSpec(page.path, Audience.ORGAN, lambda: page)


def _record(edition: Edition, branch: Branch) -> Iterator[PageSpec]:
    """What a branch has approved, if that is not on a page with all others'."""
    if has_branch_audit_pages(edition.branches):
        data = {"audit": edition.audit, "branch": branch, "listed": True}
        path = audit_path(branch.id, edition.branches)
        page = Page(path, Audience.ORGAN, f"{branch.name}审核记录", "audit.html", data)
        yield PageSpec(path, Audience.ORGAN, lambda: page)


def _home(edition: Edition) -> Iterator[PageSpec]:
    yield PageSpec("index.html", Audience.ORGAN, lambda: _index(edition))


def _index(edition: Edition) -> Page:
    """The newest organ-wide board that is complete, else the newest; all the others are linked."""
    listed = edition.boards[::-1]
    newest = sorted(listed, key=lambda board: (not board.provisional, board.period.last), reverse=True)
    data = {"newest": newest[0] if newest else None, "boards": listed, "bulletins": _newest(edition.bulletins)}
    return Page("index.html", Audience.ORGAN, edition.settings.title, "index.html", data)


# --- text ------------------------------------------------------------------------------------------------------------


def render_audit_json(audit: Audit) -> str:
    """Every approval, oldest first, filings, withdrawals, and each branch's head: what ``audit.json`` holds."""
    return tables.to_json(
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


def render_other_files(edition: Edition, audiences: AbstractSet[Audience], theme: Theme) -> dict[str, bytes]:
    """The files that are not pages: the theme's assets and, for the organ, the approvals as JSON."""
    data = {"audit.json": render_audit_json(edition.audit).encode()} if Audience.ORGAN in audiences else {}
    return {**theme.read_assets(), **data}
