"""A page to its bytes: templates filled with what the page has, what every page shows, and links to what is built."""

from collections.abc import Callable, Container
from types import SimpleNamespace

from markupsafe import Markup
from msgspec.structs import replace

from generator.core.model.settings import Settings
from generator.render.html.templates import Renderer, get_renderer
from generator.render.html.theme import Theme
from generator.render.site.edition import Page, SiteContext
from generator.render.site.routes import ADDRESSES, link_prefix, quote_path


class LinkResolver:
    """Whereto pages of one site lead: a link to what is not ``built`` along with it is plain text."""

    def __init__(self, settings: Settings, built_paths: Container[str]) -> None:
        self.settings = settings
        self.built_paths = built_paths
        self._reach: dict[str, Callable[[str], str | None]] = {}

    def make_link_function(self, page: Page) -> Callable[[str], str | None]:
        """What gives a page its links: the same for all from which every way begins alike."""
        begins, built = link_prefix(self.settings, page), self.built_paths

        def reach(target: str) -> str | None:
            return begins + quote_path(target) if target.partition("#")[0] in built else None

        return self._reach.setdefault(begins, reach)


def render_page(site: SiteContext, page: Page, fill: Renderer, links: LinkResolver) -> bytes:
    """The bytes of a page, by a theme's ``filler``."""
    return _text(site, page, fill, links).encode()


def _text(site: SiteContext, page: Page, fill: Renderer, links: LinkResolver) -> str:
    def article(text: str, path: str = page.path) -> Markup:
        from generator.render.html import markdown  # noqa: PLC0415  few pages have Markdown, and it is slow to import

        return Markup(markdown.markdown_to_html(text, path, links.built_paths.__contains__))  # noqa: S704  sanitised there

    common = {
        "site": site.settings,
        "branches": site.branches,
        "articles": site.articles,
        "preview": site.preview,
        "page": page,
        "link": links.make_link_function(page),
        "to": _TO,
        "markdown": article,
    }
    return fill(page.template, {**common, **page.data})


_TO = SimpleNamespace(**ADDRESSES)


def render_standalone(site: SiteContext, page: Page, theme: Theme) -> str:
    """A page as one file that needs no other: its styles are in it, and nothing is a link."""
    assets = theme.read_assets()
    style = "\n".join(assets[f"assets/{name}.css"].decode() for name in page.styles)
    return _text(
        site, replace(page, data={**page.data, "style": style}), get_renderer(theme), LinkResolver(site.settings, ())
    )
