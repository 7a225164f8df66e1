"""A page to its bytes: templates filled with what the page has, what every page shows, and links to what is built."""

from collections.abc import Callable, Container
from types import SimpleNamespace

from markupsafe import Markup
from msgspec.structs import replace

from generator.core.model.settings import Settings
from generator.render.html.templates import Filler, filler
from generator.render.html.theme import Theme
from generator.render.site.edition import Page, Site
from generator.render.site.routes import ADDRESSES, quoted, start


class Links:
    """Whereto pages of one site lead: a link to what is not ``built`` along with it is plain text."""

    def __init__(self, site: Settings, built: Container[str]) -> None:
        self.site = site
        self.built = built
        self._reach: dict[str, Callable[[str], str | None]] = {}

    def of(self, page: Page) -> Callable[[str], str | None]:
        """What gives a page its links: the same for all from which every way begins alike."""
        begins, built = start(self.site, page), self.built

        def reach(target: str) -> str | None:
            return begins + quoted(target) if target.partition("#")[0] in built else None

        return self._reach.setdefault(begins, reach)


def render(site: Site, page: Page, fill: Filler, links: Links) -> bytes:
    """The bytes of a page, by a theme's ``filler``."""
    return _text(site, page, fill, links).encode()


def _text(site: Site, page: Page, fill: Filler, links: Links) -> str:
    def article(text: str, path: str = page.path) -> Markup:
        from generator.render.html import markdown  # noqa: PLC0415  few pages have Markdown, and it is slow to import

        return Markup(markdown.to_html(text, path, links.built.__contains__))  # noqa: S704  sanitised there

    common = {
        "site": site.settings,
        "branches": site.branches,
        "articles": site.articles,
        "preview": site.preview,
        "page": page,
        "link": links.of(page),
        "to": _TO,
        "markdown": article,
    }
    return fill(page.template, {**common, **page.data})


_TO = SimpleNamespace(**ADDRESSES)


def standalone(site: Site, page: Page, theme: Theme) -> str:
    """A page as one file that needs no other: its styles are in it, and nothing is a link."""
    assets = theme.assets()
    style = "\n".join(assets[f"assets/{name}.css"].decode() for name in page.styles)
    return _text(site, replace(page, data={**page.data, "style": style}), filler(theme), Links(site.settings, ()))
