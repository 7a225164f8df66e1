"""Render pages and compare their rankings with the data, where the request wants it, as any process may."""

from collections.abc import Callable
from contextlib import suppress

from msgspec.structs import replace

from generator.build.messages import RenderedFiles
from generator.build.request import BuildRequest
from generator.disk import atomic_files
from generator.render.site.edition import Page
from generator.render.site.ranking_differences import RankingCheck, merge_checks


class CheckedRendering:
    """The pages that one task renders, and the comparison of their rankings."""

    def __init__(self, request: BuildRequest) -> None:
        self.request = request
        self._checks: list[RankingCheck] = []
        self._published_checks: list[RankingCheck] = []

    def render(self, page: Page, render: Callable[[], bytes]) -> bytes:
        """Return the bytes of a page, after a comparison if the request wants one."""
        if not self.request.compares_rankings:
            return render()
        from generator.render.site import ranking_check  # noqa: PLC0415  17 ms that builds do not need

        computed, raw = ranking_check.compute_rankings(page), render()
        if computed:
            check = ranking_check.check_page(page.path, raw, computed, believes_marks=self.request.has_released_theme)
            self._checks.append(check)
            published = self._read_published(page.path)
            if published is not None:
                is_same = published == raw
                self._published_checks.append(
                    check if is_same else ranking_check.check_page(page.path, published, computed)
                )
        return raw

    def _read_published(self, path: str) -> bytes | None:
        """Return the published page, if the request has a folder of such and it is there."""
        if self.request.published:
            with suppress(OSError):
                return atomic_files.read_regular_file(self.request.published / path)
        return None

    def add_checks(self, files: RenderedFiles) -> RenderedFiles:
        """Return the rendered files with the comparisons of all pages so far."""
        return replace(
            files,
            rankings=merge_checks(self._checks),
            published_rankings=merge_checks(self._published_checks),
        )
