"""The pages of a site: their audiences and the data of their templates."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.periods import Period, PeriodKind, enclosing_period, get_period, months_of
from generator.core.ledgers.anchors import ProgramDigests
from generator.core.model.roster import Branch, member_label
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import Article, Audience
from generator.core.outcomes import rulebook_flaws
from generator.core.page_data import audit, branch_trends, rule_changes
from generator.core.page_data.audit import Audit, RedactedList
from generator.core.page_data.boards import Board, BoardRow, BranchAverage
from generator.core.page_data.correction_notices import Bulletin
from generator.core.page_data.member_history import MemberAccount
from generator.core.scoring.approval_sources import ApprovalSource
from generator.core.scoring.results import BoardKey
from generator.render.export import tables
from generator.render.html import filters
from generator.render.html.theme import Theme
from generator.render.site import committee_pages, feeds, posters, routes
from generator.render.site.edition import Edition, Page, PageSpec
from generator.render.site.routes import (
    HONOURS_PATH,
    article_path,
    audit_path,
    board_part_path,
    board_path,
    branch_path,
    breakdown_path,
    bulletin_path,
    count_board_parts,
    has_branch_audit_pages,
    member_path,
    poster_path,
    rulebook_path,
    superseded_board_path,
)

_MAX_BULLETINS = 5  # in a list of the newest
_AUDIT_STYLES = ("theme", "audit")


# --- pages -----------------------------------------------------------------------------------------------------------


def list_branch_pages(edition: Edition, branch_id: str) -> Iterator[PageSpec]:
    """List the pages that need nothing beyond the branch: its boards, ledger forms, approvals, and the branch page."""
    branch = edition.branches[branch_id]
    yield from _list_boards(edition, branch_id)
    yield from _list_bulletins(edition, branch_id)
    yield from (committee_pages.ledger_form_spec(edition, ledger) for ledger in edition.ledgers)
    yield from _list_branch_audit_page(edition, branch)
    yield PageSpec(branch_path(branch_id), Audience.BRANCH, lambda: _build_branch_page(edition, branch))


def list_member_pages(edition: Edition, years: Mapping[str, Sequence[int]]) -> Iterator[PageSpec]:
    """List the pages of a branch's members; ``years`` are those of each member's account, newest first."""
    for member, years_of_member in years.items():
        for year, path in member_paths(member, years_of_member).items():
            yield PageSpec(path, Audience.MEMBER, partial(_build_member_page, edition, member, year, path))


def list_organ_pages(edition: Edition, audiences: AbstractSet[Audience]) -> Iterator[PageSpec]:
    """List the pages for these audiences that are no branch's, the home page last of those for people."""
    listers = (
        _list_boards,
        _list_bulletins,
        _list_rulebooks,
        _list_articles,
        _list_not_found_page,
        committee_pages.list_committee_pages,
        _list_audit_page,
        _list_branches_page,
        _list_boards_page,
        _list_notices_page,
        _list_honours_page,
        _list_home_page,
    )
    listed = [page for list_pages in listers for page in list_pages(edition) if page.audience in audiences]
    yield from listed
    yield from (page for page in feeds.list_feed_pages(edition, listed) if page.audience in audiences)


def member_paths(member: str, years: Sequence[int]) -> Mapping[int, str]:
    """The paths of a member's pages by year, newest first; the newest is at the member's address without a year."""
    return {year: member_path(member, year if position else None) for position, year in enumerate(years)}


def _list_boards(edition: Edition, owner: str | None = None) -> Iterator[PageSpec]:
    """List the pages of every board of a branch, or of the organ: superseded revisions, then current ones."""
    site_data = edition.site_data
    superseded = [
        (superseded_board_path(*key, revision.number), key, revision.number, len(revision.before.standings))
        for key, revisions in site_data.revisions.items()
        for revision in revisions
    ]
    current = [(board_path(*key), key, None, len(ranking.standings)) for key, ranking in site_data.rankings.items()]
    # Rows are counted in the rankings, so that paths can be listed without building a board.
    for path, key, number, rows in (*superseded, *current):
        if key[1] == owner:
            for part in range(1, count_board_parts(rows) + 1):
                revision, part_path = _BoardRevision(key, number, path), board_part_path(path, part)
                yield PageSpec(part_path, _board_audience(owner), partial(_build_board_page, edition, revision, part))
                if number is None:
                    build_page = partial(_build_poster_page, edition, revision, part)
                    yield PageSpec(poster_path(part_path), _board_audience(owner), build_page)
            if owner is None and has_branch_audit_pages(edition.branches):
                build_page = partial(_build_breakdown_page, edition, _BoardRevision(key, number, path))
                yield PageSpec(breakdown_path(path), Audience.ORGAN, build_page)


class _BoardRevision(Struct, frozen=True):
    """A board's revision by ``number``, None for the current one; ``path`` is its address."""

    key: BoardKey
    number: int | None
    path: str

    def find_board(self, edition: Edition) -> Board:
        """Return the board."""
        if self.number is None:
            return edition.board_by_key[self.key]
        key_and_number = self.key, self.number
        return next(
            board
            for board in edition.superseded_boards
            if ((board.period, board.branch), board.revision) == key_and_number
        )


def _board_title(edition: Edition, board: Board) -> str:
    superseded = f"（第 {board.revision} 版，已被更正）" if board.superseded else ""
    return _owner_name(edition, board) + filters.format_board_title(board) + superseded


def _build_board_page(edition: Edition, revision: _BoardRevision, number: int) -> Page:
    part = _find_part(edition, revision, number)
    board = part.board
    title = _board_title(edition, board) + (f"（第 {number} 页）" if number > 1 else "")
    # In an organ of many branches, averages and sources by branch are on the breakdown page instead.
    listed = board.branch is not None or not has_branch_audit_pages(edition.branches)
    data = {
        "board": board,
        "part": part,
        "struck": edition.find_struck_months(board.sources),
        "listed": listed,
        "nearby": find_nearby_boards(edition.site_data.rankings, board.period, board.branch),
    }
    path, audience = board_part_path(revision.path, number), _board_audience(board.branch)
    return Page(path, audience, title, "board.html", data, ("theme", "board"), names_on=board.period.last)


def _find_part(edition: Edition, revision: _BoardRevision, number: int) -> "BoardPart":
    board = revision.find_board(edition)
    return BoardPart(
        number, count_board_parts(len(board.rows)), revision.path, board, (number - 1) * routes.ROWS_PER_PAGE
    )


def _build_poster_page(edition: Edition, revision: _BoardRevision, number: int) -> Page:
    page, part = _build_board_page(edition, revision, number), _find_part(edition, revision, number)
    branches = edition.branches_on(part.board.period.last) if part.board.branch is None else {}
    poster = posters.build_poster(part.rows, [branches[row.branch].name for row in part.rows if row.branch in branches])
    styles = ("poster", "poster-a3") if poster.layout.paper == "a3" else ("poster",)
    return replace(
        page,
        path=poster_path(page.path),
        title=f"{page.title}张贴版",
        template="poster.html",
        data={**page.data, "poster": poster},
        styles=styles,
    )


class NearbyBoards(Struct, frozen=True):
    """The periods of the boards around one: the ``previous`` and the ``next`` of its length, None where there is none.

    ``lengths`` has for each length of a period the one that contains this or, if shorter, the newest in it that has a
    board; it may be that of another owner, whose page perhaps isn't built.
    """

    previous: Period | None
    next: Period | None
    lengths: Mapping[PeriodKind, Period]


def find_nearby_boards(boards: Iterable[BoardKey], period: Period, branch: str | None) -> NearbyBoards:
    """Find the boards around the one of a period of a branch, or of the organ; ``boards`` has at least the owner's."""
    periods = sorted((key[0] for key in boards if key[1] == branch), key=lambda listed: listed.first)
    same = [listed for listed in periods if listed.kind is period.kind]
    lengths: dict[PeriodKind, Period] = {period.kind: period}
    for kind in PeriodKind:
        within = [listed for listed in periods if listed.kind is kind and listed in period]
        if kind is not period.kind and within:
            lengths[kind] = within[-1]
        elif len(months_of(get_period(kind, period.year))) > len(months_of(period)):
            lengths[kind] = enclosing_period(kind, months_of(period)[0])
    return NearbyBoards(
        next((listed for listed in reversed(same) if listed.first < period.first), None),
        next((listed for listed in same if listed.first > period.first), None),
        {kind: lengths[kind] for kind in PeriodKind if kind in lengths},
    )


def _build_breakdown_page(edition: Edition, revision: _BoardRevision) -> Page:
    board = revision.find_board(edition)
    title = f"{_board_title(edition, board)}：各党支部平均积分和依据"
    data = {"board": board, "path": revision.path}
    path = breakdown_path(revision.path)
    return Page(path, Audience.ORGAN, title, "grounds.html", data, names_on=board.period.last)


class BoardPart(Struct, frozen=True):
    """A page of a board, the ``number``-th of ``of``; ``before`` is the number of rows on the pages before it.

    ``path`` is the address of the board's first page.
    """

    number: int
    of: int
    path: str
    board: Board
    before: int

    @property
    def rows(self) -> tuple[BoardRow, ...]:
        """The board's rows on this page."""
        return self.board.rows[self.before : self.before + routes.ROWS_PER_PAGE]


def _list_bulletins(edition: Edition, owner: str | None = None) -> Iterator[PageSpec]:
    for (period, branch), revisions in edition.site_data.revisions.items():
        for revision in revisions if branch == owner else ():
            path = bulletin_path(period, branch, revision.number)
            build_page = partial(_build_bulletin_page, edition, path, (period, branch), revision.number)
            yield PageSpec(path, _board_audience(owner), build_page)


def _build_bulletin_page(edition: Edition, path: str, key: BoardKey, number: int) -> Page:
    bulletin = next(
        bulletin
        for bulletin in edition.bulletins
        if ((bulletin.period, bulletin.branch), bulletin.number) == (key, number)
    )
    title = f"{_owner_name(edition, bulletin)}{filters.format_board_title(bulletin)}更正公告"
    audience, data = _board_audience(bulletin.branch), {"bulletin": bulletin}
    return Page(path, audience, title, "bulletin.html", data, names_on=bulletin.period.last)


def _newest_bulletins(bulletins: Iterable[Bulletin]) -> list[Bulletin]:
    return sorted(bulletins, key=_bulletin_order, reverse=True)[:_MAX_BULLETINS]


def _bulletin_order(bulletin: Bulletin) -> tuple[date, date, int]:
    return bulletin.day, bulletin.period.last, bulletin.number


def _owner_name(edition: Edition, board: Board | Bulletin) -> str:
    """Return the name of the branch, or of the organ, whose board it is."""
    last = board.period.last
    return edition.settings_on(last).organ if board.branch is None else edition.branches_on(last)[board.branch].name


def _board_audience(branch: str | None) -> Audience:
    return Audience.ORGAN if branch is None else Audience.BRANCH


def _build_branch_page(edition: Edition, branch: Branch) -> Page:
    # Approvals of other branches are there too where a member passed through them.
    approvals = [source for source in edition.approvals if source.branch == branch.id]
    monthly = [board for board in edition.boards if board.period.kind is PeriodKind.MONTH]
    data = {
        "branch": branch,
        "boards": edition.boards[::-1],
        "sources": approvals[::-1],
        "bulletins": _newest_bulletins(edition.bulletins),
        "struck": edition.find_struck_months(monthly[-1].sources) if monthly else [],
    }
    return Page(branch_path(branch.id), Audience.BRANCH, branch.name, "branch.html", data)


def _list_branches_page(edition: Edition) -> Iterator[PageSpec]:
    path = "branches.html"
    yield PageSpec(path, Audience.ORGAN, lambda: _build_branches_page(edition, path))


def _build_branches_page(edition: Edition, path: str) -> Page:
    """Build the page of all branches as the organ may see them: with no points but those of the organ's boards."""
    published = [board for board in edition.boards if board.averages and not board.provisional]
    newest = max(published, key=lambda board: (board.period.last, board.period.first), default=None)
    data = {
        "cards": _list_branch_cards(edition, newest),
        "newest": newest,
        "trends": branch_trends.build_branch_trends(edition.boards, edition.branches),
    }
    return Page(path, Audience.ORGAN, "党支部", "branches.html", data, ("theme", "branches"))


def _list_branch_cards(edition: Edition, board: Board | None) -> "list[BranchCard]":
    """List the cards of all branches, with the means of a board of the organ's."""
    averages = {average.branch: average for average in board.averages} if board else {}
    approved: dict[str, list[ApprovalSource]] = {}
    for source in edition.audit.approvals:
        approved.setdefault(source.branch, []).append(source)
    homes = Counter(member.branch_on(edition.today) for member in edition.members.values())
    return [
        BranchCard(
            branch,
            homes[branch.id],
            averages.get(branch.id),
            max((source.month for source in sources), key=lambda month: month.first, default=None),
            max((source.meeting for source in sources), default=None),
        )
        for branch in edition.branches.values()
        for sources in [approved.get(branch.id, [])]
    ]


class BranchCard(Struct, frozen=True):
    """A branch as the organ sees it: members of today, and its mean on the organ's newest board that is complete.

    ``month`` is the newest month that is approved, ``approved`` the day of its newest approval; None if there is none.
    """

    branch: Branch
    members: int
    average: BranchAverage | None
    month: Period | None
    approved: date | None


def _list_boards_page(edition: Edition) -> Iterator[PageSpec]:
    path = "boards.html"
    data = {"boards": edition.boards[::-1]}
    yield PageSpec(path, Audience.ORGAN, lambda: Page(path, Audience.ORGAN, "历期积分榜", "boards.html", data))


def _list_notices_page(edition: Edition) -> Iterator[PageSpec]:
    path = "notices.html"
    bulletins = sorted(edition.bulletins, key=_bulletin_order, reverse=True)
    yield PageSpec(
        path, Audience.ORGAN, lambda: Page(path, Audience.ORGAN, "公告", "notices.html", {"bulletins": bulletins})
    )


def _list_honours_page(edition: Edition) -> Iterator[PageSpec]:
    if edition.honours:
        data = {"honours": edition.honours}
        page = Page(HONOURS_PATH, Audience.ORGAN, "光荣榜", "honours.html", data, ("theme", "board", "honours"))
        yield PageSpec(page.path, Audience.ORGAN, lambda: page)


def _build_member_page(edition: Edition, member: str, year: int, path: str) -> Page:
    """Build the page of one year of a member's account."""
    account = edition.account_by_member[member]
    cycle = next(year_account for year_account in account.years if year_account.year == year)
    is_newest, names_on = cycle is account.years[0], None
    if not is_newest:
        # The newest page is also the member's own, and so has the name of today.
        names_on = get_period(PeriodKind.YEAR, year).last
        account = replace(account, member=edition.site_data.results.roster.named_on(names_on).member_by_id[member])
    name = member_label(account.member)
    title = f"{name}的积分" if is_newest else f"{name}{cycle.year}年度的积分"
    struck = [month for branch, month in edition.struck_months if _belonged_to(account, branch, month)]
    honours = [honour for honour in edition.own_honours.get(member, ()) if is_newest or honour.year == year]
    data = {"account": account, "cycle": cycle, "struck": struck, "honours": honours}
    return Page(path, Audience.MEMBER, title, "member.html", data, ("theme", "member"), names_on=names_on)


def _belonged_to(account: MemberAccount, branch: str, month: Period) -> bool:
    return any(
        span.branch == branch and span.first <= month.last and span.until > month.first for span in account.member.spans
    )


def _list_rulebooks(edition: Edition) -> Iterator[PageSpec]:
    """List each rulebook at its path, and that of the newest board, which is in force, at ``rules.html`` too."""
    by_id = {rulebook.id: rulebook for _, rulebook in sorted(edition.rulebooks.items())}
    rulebooks = list(by_id.values())
    for rulebook in rulebooks:
        yield _rulebook_spec(edition, rulebook_path(rulebook.id), f"《{rulebook.title}》", rulebook, rulebooks)
    if by_id:
        newest = edition.rulebooks[edition.latest_year or max(edition.rulebooks)]
        yield _rulebook_spec(edition, "rules.html", "积分规则", newest, rulebooks)


def _rulebook_spec(edition: Edition, path: str, title: str, rulebook: Rulebook, rulebooks: list[Rulebook]) -> PageSpec:
    """Return the page of a rulebook's state of today, with its changes up to then."""
    today = edition.today
    applied = rulebook_flaws.select_applied(rulebook)
    changes = rule_changes.list_rule_changes(applied, today)
    data = {"rulebook": applied.state_on(today), "rulebooks": rulebooks, "changes": changes}
    return PageSpec(path, Audience.ORGAN, lambda: Page(path, Audience.ORGAN, title, "rules.html", data))


def _list_articles(edition: Edition) -> Iterator[PageSpec]:
    for article in edition.articles:
        yield PageSpec(article_path(article), Audience.ORGAN, partial(build_article_page, article))


def build_article_page(article: Article) -> Page:
    """Build the page of a notice or another article."""
    template = article.template.text if article.template else "article.html"
    return Page(article_path(article), Audience.ORGAN, article.title, template, {"article": article})


def _list_not_found_page(_: Edition) -> Iterator[PageSpec]:
    """List the page that a server shows in the place of a page that it doesn't have."""
    path = "404.html"
    page = Page(path, Audience.ORGAN, "页面不存在", "404.html", {}, anywhere=True)
    yield PageSpec(path, Audience.ORGAN, lambda: page, anywhere=True)


def _list_audit_page(edition: Edition) -> Iterator[PageSpec]:
    """List the page of every approval or, if branches have their audit pages, of each branch's newest."""
    listed = not has_branch_audit_pages(edition.branches)
    data = {
        "audit": edition.audit if listed else audit.without_branch_records(edition.audit),
        "branch": None,
        "listed": listed,
    }
    page = Page("audit.html", Audience.ORGAN, "审核记录", "audit.html", data, _AUDIT_STYLES)
    yield PageSpec(page.path, Audience.ORGAN, lambda: page)


def _list_branch_audit_page(edition: Edition, branch: Branch) -> Iterator[PageSpec]:
    """List the page of a branch's approvals, unless one page has those of all branches."""
    if has_branch_audit_pages(edition.branches):
        data = {"audit": edition.audit, "branch": branch, "listed": True}
        path = audit_path(branch.id, edition.branches)
        page = Page(path, Audience.ORGAN, f"{branch.name}审核记录", "audit.html", data, _AUDIT_STYLES)
        yield PageSpec(path, Audience.ORGAN, lambda: page)


def _list_home_page(edition: Edition) -> Iterator[PageSpec]:
    yield PageSpec("index.html", Audience.ORGAN, lambda: _build_home_page(edition))


def _build_home_page(edition: Edition) -> Page:
    """Build the page of the organ's newest board in which a month counts, provisional or not, with links to others.

    A year's board leads only where the organ has no shorter one.
    """
    counted = [board for board in edition.boards if board.sources] or edition.boards
    data = {
        "newest": max(
            counted, key=lambda board: (board.period.kind is not PeriodKind.YEAR, board.period.last), default=None
        ),
        "boards": edition.boards[::-1],
        "bulletins": _newest_bulletins(edition.bulletins),
        "cards": _list_branch_cards(edition, None),
        "honour": edition.honours[0] if edition.honours else None,
    }
    return Page("index.html", Audience.ORGAN, edition.settings.title, "index.html", data)


# --- text ------------------------------------------------------------------------------------------------------------


def render_audit_json(audit: Audit, built_by: ProgramDigests, attachments: Mapping[str, str]) -> str:
    """Return the content of ``audit.json``.

    These are approvals, oldest first, filings, withdrawals, each branch's head, and the digests of program, theme and
    ``attachments`` by path.
    """
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
                    "kind": endorsed.kind,
                    "year": endorsed.year,
                    "date": endorsed.poll.isoformat() if endorsed.poll else None,
                    "meeting": endorsed.meeting.isoformat(),
                    "digest": endorsed.digest,
                }
                for endorsed in audit.endorsed
            ],
            "retractions": [
                {
                    "kind": retracted.kind,
                    "year": retracted.year,
                    "on": retracted.on.isoformat(),
                    "withdraws": retracted.withdraws,
                    "digest": retracted.digest,
                }
                for retracted in audit.retracted
            ],
            "approvers": audit.approvers,
            # Without a list the file has no such key, as in earlier versions.
            **({"lists": [_list_as_data(listed) for listed in audit.lists]} if audit.lists else {}),
            "heads": dict(audit.heads),
            "program": {"version": built_by.version, "digest": built_by.program},
            "templates": dict(built_by.templates),
            "assets": dict(built_by.assets),
            **({"attachments": dict(attachments)} if attachments else {}),
            "values": audit.values,
            "members": {
                branch: {"month": month, "digest": digest} for branch, (month, digest) in audit.member_values.items()
            },
        }
    )


def _list_as_data(listed: RedactedList) -> dict[str, object]:
    return {
        "number": listed.number,
        "digest": listed.digest,
        "record": listed.record,
        "on": listed.on.isoformat() if listed.on else None,
        "lost_key": listed.is_lost_key,
    }


def render_other_files(
    edition: Edition,
    audiences: AbstractSet[Audience],
    theme: Theme,
    built_by: ProgramDigests,
    attachments: Mapping[str, str],
) -> dict[str, bytes]:
    """Return the files that are written by no template: the theme's assets and, for the organ, approvals as JSON.

    ``attachments`` are the digests of those, by path.
    """
    if Audience.ORGAN not in audiences:
        return dict(theme.read_assets())
    audit_json = render_audit_json(edition.audit, built_by, attachments)
    return {**theme.read_assets(), "audit.json": audit_json.encode()}
