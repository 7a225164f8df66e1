"""What other programs read: the Atom feed of the organ's news, and the list of its pages for search engines.

Both hold what the organ may read, whatever else is built. Every date is one of the content's, never the clock's.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID, uuid5

from msgspec import Struct

from generator.core.model.settings import Article, Audience
from generator.core.page_data.boards import Board
from generator.core.page_data.correction_notices import Bulletin
from generator.render.html import filters
from generator.render.site.edition import Edition, Page, PageSpec
from generator.render.site.routes import article_path, audit_path, board_path, bulletin_path

_MOST = 30  # entries, the newest: four years of boards, their corrections and notices
_NAMESPACE = UUID("5b1f4a1e-6e0c-4d5c-9a55-0d6f7c1b7a2e")


class FeedEntry(Struct, frozen=True):
    """One piece of news: a notice, a complete board or a correction of one, the other two None.

    ``id`` is a ``urn:uuid:`` made of the organ's name and the page's path: it stays when the site moves, or gets an
    ``address``. ``updated`` is the day of what changed last.
    """

    id: str
    path: str
    title: str
    updated: date
    article: Article | None = None
    board: Board | None = None
    bulletin: Bulletin | None = None


def list_feed_pages(edition: Edition, listed: Sequence[PageSpec]) -> Iterator[PageSpec]:
    """The feed if there is any news, the list of the organ's pages among these if the site has an address."""
    entries = sorted(_entries(edition), key=lambda one: (one.updated, one.path), reverse=True)[:_MOST]
    organ, title = edition.settings.organ, edition.settings.title
    if entries:
        data = {"entries": entries, "id": _id(organ, "feed.xml"), "updated": entries[0].updated}
        yield _anywhere(Page("feed.xml", Audience.ORGAN, title, "feed.xml", data, anywhere=True))
    if edition.settings.address:
        paths = {page.path for page in listed if page.audience is Audience.ORGAN and not page.anywhere}
        paths |= {audit_path(branch, edition.branches) for branch in edition.branches}
        data = {"paths": sorted(paths)}
        yield _anywhere(Page("sitemap.xml", Audience.ORGAN, title, "sitemap.xml", data, anywhere=True))


def _anywhere(page: Page) -> PageSpec:
    return PageSpec(page.path, page.audience, lambda: page, anywhere=True)


def _entries(edition: Edition) -> Iterator[FeedEntry]:
    organ = edition.settings.organ
    for article in edition.articles:
        if article.day:
            path = article_path(article)
            yield FeedEntry(_id(organ, path), path, article.title, article.day, article=article)
    for board in edition.boards:
        if board.branch is None and not board.provisional and board.sources:
            path = board_path(board.period, None)
            yield FeedEntry(
                _id(organ, path), path, organ + filters.format_board_title(board), _updated(edition, board), board=board
            )
    for bulletin in edition.bulletins:
        if bulletin.branch is None:
            path = bulletin_path(bulletin.period, None, bulletin.number)
            title = f"{organ}{filters.format_board_title(bulletin)}更正公告"
            yield FeedEntry(_id(organ, path), path, title, bulletin.source.meeting, bulletin=bulletin)


def _updated(edition: Edition, board: Board) -> date:
    """The day it was put up, or that of its newest approval or correction if that came later."""
    approved = max(source.meeting for source in board.sources)
    posted = edition.settings.posted.get(board.period) or (board.notice.first if board.notice else approved)
    return max(posted, approved)


def _id(organ: str, path: str) -> str:
    return uuid5(_NAMESPACE, f"{organ}/{path}").urn
