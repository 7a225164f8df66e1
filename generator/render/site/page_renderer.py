"""Page → bytes: fill its template with the page's data, the data that every page shows, and links to built pages."""

from collections.abc import Callable, Container, Mapping
from datetime import date
from types import SimpleNamespace

from markupsafe import Markup
from msgspec.structs import replace

from generator.core.model.settings import Article, Settings
from generator.render.html.templates import Deferred, Renderer, get_renderer
from generator.render.html.theme import Theme
from generator.render.site.edition import Page, SiteContext
from generator.render.site.routes import ADDRESSES, link_prefix, quote_path


class LinkResolver:
    """A resolver of links between the pages of one site; a target that is not among ``built_paths`` gets no link.

    The address of an asset has its version, of ``asset_versions`` by path, so that browsers fetch another one anew.
    """

    def __init__(self, settings: Settings, built_paths: Container[str], asset_versions: Mapping[str, str]) -> None:
        self.settings = settings
        self.built_paths = built_paths
        self.asset_versions = asset_versions
        self._links: dict[str, _Links] = {}

    def make_link_function(self, page: Page) -> Callable[[str], str | None]:
        """Return the function that templates call as ``link``; it gives None for a target that is not built.

        All pages with the same prefix of links share one.
        """
        prefix = link_prefix(self.settings, page)
        if prefix not in self._links:
            self._links[prefix] = _Links(prefix, self.built_paths, self.asset_versions)
        return self._links[prefix].__getitem__


class _Links(dict[str, str | None]):
    """Links by target, each resolved once: a branch's pages have the same ones a hundred times."""

    def __init__(self, prefix: str, built_paths: Container[str], asset_versions: Mapping[str, str]) -> None:
        super().__init__()
        self._prefix = prefix
        self._built_paths = built_paths
        self._asset_versions = asset_versions

    def __missing__(self, target: str) -> str | None:
        link = self[target] = self._resolve(target)
        return link

    def _resolve(self, target: str) -> str | None:
        path, mark, anchor = target.partition("#")
        if path not in self._built_paths:
            return None
        if path in self._asset_versions:
            return f"{self._prefix}{quote_path(path)}?v={self._asset_versions[path]}{mark}{quote_path(anchor)}"
        return self._prefix + quote_path(target)


def render_page(
    site: SiteContext,
    page: Page,
    renderer: Renderer,
    links: LinkResolver,
    note_articles: Callable[[], object] = lambda: None,
) -> bytes:
    """Return the bytes of a page, UTF-8, by a theme's renderer; ``note_articles`` is called if it reads articles."""
    return _render_text(site, page, renderer, links, note_articles).encode()


def _render_text(
    site: SiteContext,
    page: Page,
    renderer: Renderer,
    links: LinkResolver,
    note_articles: Callable[[], object] = lambda: None,
) -> str:
    def read_articles() -> tuple[Article, ...]:
        note_articles()
        return site.articles

    def render_article(text: str, path: str = page.path) -> Markup:
        from generator.render.html import markdown  # noqa: PLC0415  few pages have Markdown, and it is slow to import

        return Markup(markdown.markdown_to_html(text, path, links.built_paths.__contains__))  # noqa: S704  sanitised there

    common = {
        "site": site.settings_on(date.max if page.names_on is None else page.names_on),
        "branches": site.branches if page.names_on is None else site.branches_on(page.names_on),
        "branches_on": site.branches_on,
        "articles": Deferred(read_articles),
        "top_pages": site.top_pages,
        "preview": site.preview,
        "page": page,
        "link": links.make_link_function(page),
        "to": _ADDRESSES,
        "markdown": render_article,
    }
    return renderer(page.template, {**common, **page.data})


_ADDRESSES = SimpleNamespace(**ADDRESSES)


def render_standalone(site: SiteContext, page: Page, theme: Theme, built_paths: Container[str] = ()) -> str:
    """Return a page as a single file: its styles are inlined, and only pages of ``built_paths`` are linked."""
    assets = theme.read_assets()
    style = "\n".join(assets[f"assets/{name}.css"].decode() for name in page.styles)
    return _render_text(
        site,
        replace(page, data={**page.data, "style": style}),
        get_renderer(theme),
        LinkResolver(site.settings, built_paths, {}),
    )
