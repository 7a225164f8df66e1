"""Which pages a site has, who may read each, and what its template gets."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from urllib.parse import quote

from markupsafe import Markup

from generator.core import boards
from generator.core.accounts import Account
from generator.core.boards import Board
from generator.core.model import Branch, Rulebook
from generator.core.periods import Period
from generator.core.settings import Article, Audience, Settings
from generator.core.sheets import Sheet
from generator.core.sources import SignedSource, unsigned
from generator.render import markup, reports, wording
from generator.render.theme import Theme, fill


@dataclass(frozen=True, slots=True)
class Edition:
    """All that pages are made of. ``ledgers`` are every scored month's and the drafts'; ``heads`` by branch."""

    settings: Settings
    branches: Mapping[str, Branch]
    rulebooks: Mapping[int, Rulebook]
    boards: tuple[Board, ...]
    accounts: tuple[Account, ...]
    sources: tuple[SignedSource, ...]
    heads: Mapping[str, str]
    articles: tuple[Article, ...]
    sheets: tuple[Sheet, ...]
    preview: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its path in the site, its audience, its title, its template and what the template gets besides."""

    path: str
    audience: Audience
    title: str
    template: str
    data: Mapping[str, object]


# --- addresses -------------------------------------------------------------------------------------------------------


def board_path(period: Period, branch: str | None) -> str:
    """Where a board lies; this never changes."""
    return f"boards/{period}.html" if branch is None else f"branches/{branch}/{period}.html"


def branch_path(branch: str) -> str:
    """Where a branch's page lies."""
    return f"branches/{branch}/index.html"


def member_path(member: str) -> str:
    """Where a member's page lies."""
    return f"members/{member}.html"


def rules_path(rulebook: str) -> str:
    """Where a rulebook's page lies."""
    return f"rules/{rulebook}.html"


def sheet_path(branch: str, month: Period) -> str:
    """Where a printable ledger form lies."""
    return f"committee/ledgers/{branch}/{month}.html"


def article_path(article: Article) -> str:
    """Where a notice or page lies."""
    return f"{article.folder}/{article.slug}.html"


def relative(target: str, page: str) -> str:
    """The way from one page to another, naming the file; an anchor stays."""
    return "../" * page.count("/") + quote(target, safe="/#")


# --- pages -----------------------------------------------------------------------------------------------------------


def pages(edition: Edition, audiences: AbstractSet[Audience]) -> list[Page]:
    """The pages of exactly these audiences, in the order in which they should be put in place: index pages last."""
    makers = (_boards, _branch_boards, _members, _rules, _articles, _sheets, _audit, _branches, _home)
    return [page for maker in makers for page in maker(edition) if page.audience in audiences]


def _boards(edition: Edition) -> Iterator[Page]:
    for board in edition.boards:
        if board.branch is None:
            yield _board(board, edition.settings.organ, Audience.ORGAN)


def _branch_boards(edition: Edition) -> Iterator[Page]:
    for board in edition.boards:
        if board.branch is not None:
            yield _board(board, edition.branches[board.branch].name, Audience.BRANCH)


def _board(board: Board, of: str, audience: Audience) -> Page:
    title = of + wording.board(board)
    return Page(board_path(board.period, board.branch), audience, title, "board.html", {"board": board})


def _branches(edition: Edition) -> Iterator[Page]:
    for branch in edition.branches.values():
        boards = [board for board in edition.boards if board.branch == branch.id]
        approvals = [source for source in edition.sources if source.branch == branch.id]
        data = {"branch": branch, "boards": boards[::-1], "sources": approvals[::-1]}
        yield Page(branch_path(branch.id), Audience.BRANCH, branch.name, "branch.html", data)


def _members(edition: Edition) -> Iterator[Page]:
    for account in edition.accounts:
        title = f"{boards.label(account.member)}的积分"
        data = {"account": account}
        yield Page(member_path(account.member.id), Audience.MEMBER, title, "member.html", data)


def _rules(edition: Edition) -> Iterator[Page]:
    """Each rulebook at its own address; the one in force, that of the newest board, at ``rules.html`` too."""
    years = {rulebook.id: rulebook for _, rulebook in sorted(edition.rulebooks.items())}
    for rulebook in years.values():
        data = {"rulebook": rulebook, "rulebooks": list(years.values())}
        yield Page(rules_path(rulebook.id), Audience.ORGAN, f"《{rulebook.title}》", "rules.html", data)
    if years:
        latest = max((board.period.year for board in edition.boards), default=max(edition.rulebooks))
        newest = edition.rulebooks[latest]
        data = {"rulebook": newest, "rulebooks": list(years.values())}
        yield Page("rules.html", Audience.ORGAN, "积分规则", "rules.html", data)


def _articles(edition: Edition) -> Iterator[Page]:
    for article in edition.articles:
        path = article_path(article)
        yield Page(path, Audience.ORGAN, article.title, "article.html", {"article": article})


def _sheets(edition: Edition) -> Iterator[Page]:
    for sheet in edition.sheets:
        path = sheet_path(sheet.ledger.branch, sheet.ledger.month)
        yield Page(path, Audience.COMMITTEE, _sheet_title(edition, sheet), "sheet.html", {"sheet": sheet})


def _sheet_title(edition: Edition, sheet: Sheet) -> str:
    branch = edition.branches[sheet.ledger.branch].name
    return f"{branch}{wording.period(sheet.ledger.month)}党员积分台账"


def _audit(edition: Edition) -> Iterator[Page]:
    data = {"sources": unsigned(edition.sources[::-1]), "heads": edition.heads}
    yield Page("audit.html", Audience.ORGAN, "审核记录", "audit.html", data)


def _home(edition: Edition) -> Iterator[Page]:
    """The newest organ-wide board that is complete, else the newest; all the others are linked."""
    boards = [board for board in edition.boards if board.branch is None][::-1]
    newest = sorted(boards, key=lambda board: (not board.provisional, board.period.last), reverse=True)
    data = {"newest": newest[0] if newest else None, "boards": boards}
    yield Page("index.html", Audience.ORGAN, edition.settings.title, "index.html", data)


# --- text ------------------------------------------------------------------------------------------------------------


def audit_json(edition: Edition) -> str:
    """Every approval, oldest first, and each branch's head: what ``audit.json`` holds."""
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
                for source in edition.sources
            ],
            "heads": dict(edition.heads),
        }
    )


def others(edition: Edition, audiences: AbstractSet[Audience], theme: Theme) -> dict[str, bytes]:
    """The files that are not pages: the theme's assets and, for the organ, the approvals as JSON."""
    data = {"audit.json": audit_json(edition).encode()} if Audience.ORGAN in audiences else {}
    return {**theme.assets(), **data}


def render(edition: Edition, shown: Sequence[Page], theme: Theme, built: AbstractSet[str]) -> dict[str, bytes]:
    """The bytes of these pages by path; a link to what is not ``built`` along with them is plain text."""
    return {page.path: _text(edition, page, theme, built).encode() for page in shown}


def _text(edition: Edition, page: Page, theme: Theme, built: AbstractSet[str]) -> str:
    def link(target: str) -> str | None:
        return relative(target, page.path) if target.partition("#")[0] in built else None

    def article(text: str) -> Markup:
        return Markup(markup.to_html(text, page.path, built.__contains__))  # noqa: S704  sanitised there

    common = {
        "site": edition.settings,
        "branches": edition.branches,
        "articles": edition.articles,
        "preview": edition.preview,
        "page": page,
        "link": link,
        "to": ADDRESSES,
        "markdown": article,
    }
    return fill(theme, page.template, {**common, **page.data})


def standalone_sheet(edition: Edition, theme: Theme) -> str:
    """The edition's first ledger form as one file that needs no other: what ``form`` prints."""
    page = next(_sheets(edition))
    style = theme.assets()["assets/sheet.css"].decode()
    return _text(edition, replace(page, data={**page.data, "style": style}), theme, set())


ADDRESSES = {
    "board": board_path,
    "branch": branch_path,
    "member": member_path,
    "rules": rules_path,
    "sheet": sheet_path,
    "article": article_path,
}
