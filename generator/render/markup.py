"""Markdown to HTML that is safe to publish: sanitised, with no link or picture that leads outside what was built."""

import posixpath
import re
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

import markdown
import nh3

_ATTRIBUTES = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
for _heading in ("h2", "h3", "h4", "h5", "h6"):
    _ATTRIBUTES[_heading] = {"id"}
_EXTENSIONS = ["tables", "sane_lists", "nl2br", "toc"]


def to_html(text: str, page: str, built: Callable[[str], bool]) -> str:
    """Render an article for the page at the given path; its headings begin below the page's own."""

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute not in {"href", "src"}:
            return value
        if urlsplit(value).scheme or urlsplit(value).netloc:
            return value if tag == "a" else None
        target = unquote(urlsplit(value).path)
        return (
            value if not target or built(posixpath.normpath(posixpath.join(posixpath.dirname(page), target))) else None
        )

    top = 2 if re.search(r"^# ", text, re.MULTILINE) else 1  # the page has its own heading of the first level
    headings = {"toc": {"baselevel": top, "slugify": _slug}}
    html = markdown.markdown(text, extensions=_EXTENSIONS, extension_configs=headings)
    return nh3.clean(html, attributes=_ATTRIBUTES, attribute_filter=keep)


def _slug(title: str, separator: str) -> str:
    """A heading's anchor: its own words, joined."""
    return separator.join("".join(part for part in word if part.isalnum()) for word in title.split())
