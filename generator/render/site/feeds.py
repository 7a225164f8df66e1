"""Pages for other programs: the Atom feed of the organ's news, and the sitemap of its pages for search engines.

They have only what the organ may read, whatever else is built. Every date is one of the content's, never the clock's.
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

_MAX_ENTRIES = 30  # the newest: four years of boards, their corrections and notices
_NAMESPACE = UUID("5b1f4a1e-6e0c-4d5c-9a55-0d6f7c1b7a2e")


class FeedEntry(Struct, frozen=True):
    """One piece of news: either a notice, a complete board or a board's correction, with None for the other two.

    ``id`` is a ``urn:uuid:`` made of the organ's oldest name and the page's path: it stays when the site moves, or gets
    an ``address``. ``updated`` is the day of the last change.
    """

    id: str
    path: str
    title: str
    updated: date
    article: Article | None = None
    board: Board | None = None
    bulletin: Bulletin | None = None


def list_feed_pages(edition: Edition, listed: Sequence[PageSpec]) -> Iterator[PageSpec]:
    """List the feed, if there is any news, and the sitemap, if the site has an address.

    The sitemap has the organ's pages among those listed, and the branches' audit pages, which branches build.
    """
    entries = sorted(_list_entries(edition), key=lambda entry: (entry.updated, entry.path), reverse=True)[:_MAX_ENTRIES]
    organ, title = edition.settings.organ, edition.settings.title
    if entries:
        data = {"entries": entries, "id": _make_id(organ, "feed.xml"), "updated": entries[0].updated}
        yield _make_spec(Page("feed.xml", Audience.ORGAN, title, "feed.xml", data, anywhere=True))
    if edition.settings.address:  # the protocol has no relative addresses
        paths = {page.path for page in listed if page.audience is Audience.ORGAN and not page.anywhere}
        paths |= {audit_path(branch, edition.branches) for branch in edition.branches}
        data = {"paths": sorted(paths)}
        yield _make_spec(Page("sitemap.xml", Audience.ORGAN, title, "sitemap.xml", data, anywhere=True))


def _make_spec(page: Page) -> PageSpec:
    return PageSpec(page.path, page.audience, lambda: page, anywhere=True)


def _list_entries(edition: Edition) -> Iterator[FeedEntry]:
    organ = edition.settings.organ
    for article in edition.articles:
        if article.day:
            path = article_path(article)
            yield FeedEntry(_make_id(organ, path), path, article.title, article.day, article=article)
    for board in edition.boards:
        if board.branch is None and not board.provisional and board.sources:
            path = board_path(board.period, None)
            title = edition.settings_on(board.period.last).organ + filters.format_board_title(board)
            yield FeedEntry(_make_id(organ, path), path, title, _last_change(board), board=board)
    for bulletin in edition.bulletins:
        if bulletin.branch is None:
            path = bulletin_path(bulletin.period, None, bulletin.number)
            title = f"{edition.settings_on(bulletin.period.last).organ}{filters.format_board_title(bulletin)}更正公告"
            yield FeedEntry(_make_id(organ, path), path, title, bulletin.day, bulletin=bulletin)


def _last_change(board: Board) -> date:
    """Return the day on which the board was posted, or that of its newest approval or correction if that is later."""
    approved = max(source.meeting for source in board.sources)
    posted = board.posted or (board.notice.first if board.notice else approved)
    return max(posted, approved)


def _make_id(organ: str, path: str) -> str:
    return uuid5(_NAMESPACE, f"{organ}/{path}").urn
