"""The path of every page, and the way it is written in links."""

import re
from collections.abc import Collection, Container
from urllib.parse import quote

from generator.core.basics.periods import Period, parse_period
from generator.core.model.settings import ArticleHead, Audience, Settings
from generator.core.scoring.approval_sources import ApprovalSource
from generator.core.scoring.board_positions import BoardPosition
from generator.render.site.edition import Page

# The pages of every edition for the whole organ.
ORGAN_PATHS = frozenset({"index.html", "audit.html", "boards.html", "branches.html", "notices.html"})
HONOURS_PATH = "honours.html"  # only where there are any
ROWS_PER_PAGE = 500  # of a board
_MAX_SHARED_AUDIT = 20  # branches: five years of their approvals and filings are a page under 100 KB as it is sent


def board_path(period: Period, branch: str | None) -> str:
    """The path of a board; it never changes."""
    return f"boards/{period}.html" if branch is None else f"branches/{branch}/{period}.html"


def superseded_board_path(period: Period, branch: str | None, number: int) -> str:
    """The path of a board's revision that a correction superseded: beside the current one."""
    return board_path(period, branch).replace(".html", f".r{number}.html")


def board_part_path(path: str, number: int) -> str:
    """The path of a part of a long board, counting from 1: the first at the board's own path."""
    return path if number == 1 else path.replace(".html", f".p{number}.html")


def count_board_parts(rows: int) -> int:
    """Return how many pages a board of so many rows has: an empty one has a page, too."""
    return -(-rows // ROWS_PER_PAGE) or 1  # rounded up


def board_row_path(position: BoardPosition, member: str | None) -> str:
    """The path of the page with a member's row of a board, and its anchor there, by id, or by number if masked."""
    path = board_part_path(board_path(position.period, position.branch), count_board_parts(position.row))
    return f"{path}#row-{member or position.row}"


def poster_path(path: str) -> str:
    """The path of the sheet for the wall 张贴版 of a board, or of a part of it: beside that."""
    return path.replace(".html", ".poster.html")


def breakdown_path(path: str) -> str:
    """The path of a board's averages and approvals by branch, if there are too many branches for the board itself."""
    return path.replace(".html", ".branches.html")


def bulletin_path(period: Period, branch: str | None, number: int) -> str:
    """The path of the notice 更正公告 of a board's correction."""
    return board_path(period, branch).replace(".html", f".c{number}.html")


def branch_path(branch: str) -> str:
    """The path of a branch's page."""
    return f"branches/{branch}/index.html"


def member_path(member: str, year: int | None = None) -> str:
    """The path of a member's page or, with a year before the newest, of that year's page beside it; no id has a dot."""
    return f"members/{member}.html" if year is None else f"members/{member}.{year}.html"


def rulebook_path(rulebook: str) -> str:
    """The path of a rulebook's page."""
    return f"rules/{rulebook}.html"


def ledger_form_path(branch: str, month: Period) -> str:
    """The path of a printable ledger form."""
    return f"committee/ledgers/{branch}/{month}.html"


def results_path(year: int) -> str:
    """The path of the decisions that follow from a year's results."""
    return f"committee/{year}.html"


def awards_path(year: int) -> str:
    """The path of a year's polls beside the ranking."""
    return f"committee/{year}-awards.html"


def pack_path(branch: str, quarter: Period) -> str:
    """The path of the filing pack of a branch's quarter."""
    return f"committee/filings/{quarter}.{branch}.html"


def talk_path(member: str) -> str:
    """The path of the sheet for a talk with a member."""
    return f"committee/talks/{member}.html"


def article_path(article: ArticleHead) -> str:
    """The path of a notice or page of ``content/``."""
    return f"{article.folder}/{article.slug}.html"


def audit_path(branch: str, branches: Collection[str]) -> str:
    """The path of the page with a branch's approvals: one for all while there are few branches, else one for each."""
    return f"audit/{branch}.html" if has_branch_audit_pages(branches) else "audit.html"


def approval_path(source: ApprovalSource, branches: Collection[str]) -> str:
    """The path of the page with an approval, and its anchor there."""
    anchor = f"{source.branch}-{source.month}" + (f"-c{source.revision}" if source.revision else "")
    return f"{audit_path(source.branch, branches)}#{anchor}"


def has_branch_audit_pages(branches: Collection[str]) -> bool:
    """Return whether an organ has so many branches that each branch's approvals get their page."""
    return len(branches) > _MAX_SHARED_AUDIT


_BOARD_PATH = re.compile(r"(?:boards|branches/(?P<branch>[^/]+))/(?P<period>[^/.]+)(?:\.[rc][0-9]+)?\.html")


def is_permanent_page(path: str, audiences: Container[Audience], branches: Container[str]) -> bool:
    """Return whether a page, once published, must be in every later build for these audiences.

    These are boards with their superseded revisions and correction notices, as long as the branch exists.
    """
    match = _BOARD_PATH.fullmatch(path)
    # A branch's index page has the form of a board's path, but its name is no period.
    if match is None or parse_period(match["period"]) is None:
        return False
    if match["branch"] is None:
        return Audience.ORGAN in audiences
    return Audience.BRANCH in audiences and match["branch"] in branches


def link_prefix(site: Settings, page: Page) -> str:
    """Return the beginning of a page's links: ``../`` for each folder, or the site's address if it is read anywhere."""
    return site.address if page.anywhere and site.address else "../" * page.path.count("/")


_NEEDS_NO_QUOTING = re.compile(r"[a-z0-9/.#-]*")


def quote_path(target: str) -> str:
    """Return a path as it is written in a link; an anchor stays."""
    # Pages have hundreds of links, and quoting takes five times as long as the match that avoids it.
    return target if _NEEDS_NO_QUOTING.fullmatch(target) else quote(target, safe="/#")


ADDRESSES = {
    "board": board_path,
    "superseded": superseded_board_path,
    "part": board_part_path,
    "row": board_row_path,
    "poster": poster_path,
    "grounds": breakdown_path,
    "bulletin": bulletin_path,
    "branch": branch_path,
    "member": member_path,
    "rules": rulebook_path,
    "sheet": ledger_form_path,
    "results": results_path,
    "awards": awards_path,
    "pack": pack_path,
    "talk": talk_path,
    "article": article_path,
    "audit": audit_path,
    "record": approval_path,
}
