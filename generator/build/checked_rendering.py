"""Render pages and compare their rankings with the data, where the request wants it, as any process may."""

from collections.abc import Callable
from contextlib import suppress

from generator.build.request import BuildRequest
from generator.disk import atomic_files
from generator.render.site import ranking_check
from generator.render.site.edition import Page
from generator.render.site.ranking_check import RankingCheck


class CheckedRendering:
    """The pages that one task renders, and the comparison of their rankings."""

    def __init__(self, request: BuildRequest) -> None:
        self.request = request
        self._checks: list[RankingCheck] = []

    def render(self, page: Page, render: Callable[[], bytes]) -> bytes:
        """Return the bytes of a page, after a comparison if the request wants one."""
        computed = ranking_check.compute_rankings(page) if self.request.compares_rankings else None
        raw = render()
        if computed:
            self._checks.append(ranking_check.check_page(page.path, self._read_published(page.path, raw), computed))
        return raw

    def _read_published(self, path: str, rendered: bytes) -> bytes:
        """Return the page that is compared: the published one, if the request has a folder of such and it is there."""
        published = None
        if self.request.published:
            with suppress(OSError):
                published = atomic_files.read_regular_file(self.request.published / path)
        return rendered if published is None else published

    def merge_checks(self) -> RankingCheck:
        """Return the comparison of all pages so far."""
        return ranking_check.merge_checks(self._checks)
