"""Markdown to HTML that is safe to publish: sanitised, with no link or picture that leads outside what was built."""

import posixpath
import re
from collections import Counter
from collections.abc import Callable
from html import escape
from urllib.parse import unquote, urlsplit

import markdown
import nh3

_ATTRIBUTES = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
for _heading in ("h2", "h3", "h4", "h5", "h6"):
    _ATTRIBUTES[_heading] = {"id"}
# Text is seen from left to right and whole: no mark of direction or control character, not even by an entity.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_EXTENSIONS = ["tables", "sane_lists", "nl2br", "toc"]


def markdown_to_html(text: str, page_path: str, is_built: Callable[[str], bool]) -> str:
    """Render an article for the page at the given path; its headings begin below the page's own."""

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if attribute not in {"href", "src"}:
            return value
        try:
            parts = urlsplit(value)
        except ValueError:  # such as an unfinished IPv6 address
            return None
        if parts.scheme or parts.netloc:
            return value if tag == "a" else None
        target = unquote(parts.path)
        return (
            value
            if not target or is_built(posixpath.normpath(posixpath.join(posixpath.dirname(page_path), target)))
            else None
        )

    html = _marked_up(text) if _work(text) <= _MOST_WORK else _as_written(text)
    return _UNSEEN.sub("", nh3.clean(html, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, attribute_filter=keep))


_SCHEMES = {"http", "https", "mailto", "tel"}

# The library compares such a sign with all others of its paragraph, and every < with the rest of the text: a text may
# take half a second.
_SIGNS = re.compile(r"[\[\\*_`&!\n]")
_MOST_WORK = 1_000_000


def _work(text: str) -> int:
    """A measure of how long a text takes: the manual has seventy thousand, a text made to hold up a build billions."""
    return text.count("<") ** 2 + sum(len(_SIGNS.findall(paragraph)) ** 2 for paragraph in text.split("\n\n"))


def _marked_up(text: str) -> str:
    """The HTML of the library; a text nested deeper than it can follow stays as written."""
    top = 2 if re.search(r"^# ", text, re.MULTILINE) else 1  # the page has its own heading of the first level
    headings = {"toc": {"baselevel": top, "slugify": _slugs()}}
    try:
        return markdown.markdown(text, extensions=_EXTENSIONS, extension_configs=headings)
    except RecursionError:
        return _as_written(text)


def _as_written(text: str) -> str:
    return f"<pre>{escape(text)}</pre>"


def _slugs() -> Callable[[str, str], str]:
    """Anchors of one page: a heading's own words, joined, and a number where they come again."""
    seen: Counter[str] = Counter()

    def slug(title: str, separator: str) -> str:
        said = separator.join("".join(part for part in word if part.isalnum()) for word in title.split())
        seen[said] += 1
        return said if seen[said] == 1 else f"{said}_{seen[said] - 1}"

    return slug
