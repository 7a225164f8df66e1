"""The path of every page, and links between them."""

import re
from collections.abc import Collection, Container
from urllib.parse import quote

from generator.core.basics.periods import Period, parse_period
from generator.core.model.settings import Article, Audience, Settings
from generator.core.scoring.approval_sources import ApprovalSource
from generator.render.site.edition import Page

_TOGETHER = 20  # branches: five years of their approvals and filings are a page under 100 KB as it is sent


def board_path(period: Period, branch: str | None) -> str:
    """Where a board lies; this never changes."""
    return f"boards/{period}.html" if branch is None else f"branches/{branch}/{period}.html"


def superseded_board_path(period: Period, branch: str | None, number: int) -> str:
    """Where a board's revision lies that a correction superseded: beside the one in force."""
    return board_path(period, branch).replace(".html", f".r{number}.html")


def board_part_path(path: str, number: int) -> str:
    """Where a part of a long board lies, counting from 1: the first at the board's own address."""
    return path if number == 1 else path.replace(".html", f".p{number}.html")


def breakdown_path(path: str) -> str:
    """Where it stands by branch what a board at this path rests on, if there are too many branches for the board."""
    return path.replace(".html", ".branches.html")


def bulletin_path(period: Period, branch: str | None, number: int) -> str:
    """Where the notice 更正公告 of a board's correction lies."""
    return board_path(period, branch).replace(".html", f".c{number}.html")


def branch_path(branch: str) -> str:
    """Where a branch's page lies."""
    return f"branches/{branch}/index.html"


def member_path(member: str, year: int | None = None) -> str:
    """Where a member's page lies, and beside it those of years before the newest; no id has a dot."""
    return f"members/{member}.html" if year is None else f"members/{member}.{year}.html"


def rulebook_path(rulebook: str) -> str:
    """Where a rulebook's page lies."""
    return f"rules/{rulebook}.html"


def ledger_form_path(branch: str, month: Period) -> str:
    """Where a printable ledger form lies."""
    return f"committee/ledgers/{branch}/{month}.html"


def results_path(year: int) -> str:
    """Where it stands what a year's results decide."""
    return f"committee/{year}.html"


def awards_path(year: int) -> str:
    """Where a year's polls stand beside the ranking."""
    return f"committee/{year}-awards.html"


def pack_path(branch: str, quarter: Period) -> str:
    """Where the filing pack of a branch's quarter lies."""
    return f"committee/filings/{quarter}.{branch}.html"


def talk_path(member: str) -> str:
    """Where the sheet for a talk with a member lies."""
    return f"committee/talks/{member}.html"


def article_path(article: Article) -> str:
    """Where a notice or page lies."""
    return f"{article.folder}/{article.slug}.html"


def audit_path(branch: str, branches: Collection[str]) -> str:
    """Where a branch's approvals stand: with everybody's while there are few branches, else on a page of its own."""
    return f"audit/{branch}.html" if has_branch_audit_pages(branches) else "audit.html"


def approval_path(source: ApprovalSource, branches: Collection[str]) -> str:
    """Where an approval stands among these, and its anchor there."""
    anchor = f"{source.branch}-{source.month}" + (f"-c{source.revision}" if source.revision else "")
    return f"{audit_path(source.branch, branches)}#{anchor}"


def has_branch_audit_pages(branches: Collection[str]) -> bool:
    """Whether an organ has so many branches that each one's approvals get a page."""
    return len(branches) > _TOGETHER


_BOARD = re.compile(r"(?:boards|branches/(?P<branch>[^/]+))/(?P<period>[^/.]+)(?:\.[rc][0-9]+)?\.html")


def is_permanent_page(path: str, audiences: Container[Audience], branches: Container[str]) -> bool:
    """Whether a page, once published, must be in every later build for these audiences: boards, old and new."""
    found = _BOARD.fullmatch(path)
    if found is None or parse_period(found["period"]) is None:
        return False
    if found["branch"] is None:
        return Audience.ORGAN in audiences
    return Audience.BRANCH in audiences and found["branch"] in branches


def link_prefix(site: Settings, page: Page) -> str:
    """What every link of a page begins with: the way up, or the site's address where a page may be shown anywhere."""
    return site.address if page.anywhere and site.address else "../" * page.path.count("/")


_PLAIN = re.compile(r"[a-z0-9/.#-]*")


def quote_path(target: str) -> str:
    """A path as it is written in a link; an anchor stays."""
    return target if _PLAIN.fullmatch(target) else quote(target, safe="/#")  # which takes five times as long


ADDRESSES = {
    "board": board_path,
    "superseded": superseded_board_path,
    "part": board_part_path,
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
