"""Convert Markdown to HTML that is safe to publish: sanitised, with no link or picture that leads out of the site."""

import re
import string
from collections import Counter
from collections.abc import Callable
from functools import lru_cache
from html import escape, unescape

import markdown
import nh3

from generator.render.html import list_lines
from generator.render.html.link_targets import SCHEMES, Outline, is_outside_address, resolve_target

_ATTRIBUTES = {tag: set(names) for tag, names in nh3.ALLOWED_ATTRIBUTES.items()}
for _heading in ("h2", "h3", "h4", "h5", "h6"):
    _ATTRIBUTES[_heading] = {"id"}
# Readers see text from left to right and all of it: no mark of direction or control character, not even by an entity.
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]")
_ANCHOR = re.compile(r'<h[2-6] id="([^"]*)"')
_LOCAL_SCHEMES = {"file", *string.ascii_lowercase}  # of files on the writer's machine, where a drive is a letter
_IDS_OF_PAGE = ("main", "search", "found")  # of the frame and the search round an article
_EXTENSIONS = ["tables", "sane_lists", "nl2br", "toc"]


def outline_article(text: str) -> Outline:
    """Return the targets and the anchors in an article."""
    targets: dict[str, None] = {}

    def collect_target(_tag: str, attribute: str, value: str) -> str:
        if attribute in {"href", "src"}:
            targets[value] = None
        return value

    html = _sanitize(text, collect_target, SCHEMES | _LOCAL_SCHEMES)
    return Outline(tuple(targets), frozenset(unescape(anchor) for anchor in _ANCHOR.findall(html)))


def markdown_to_html(text: str, page_path: str, is_built: Callable[[str], bool]) -> str:
    """Render an article for the page at the given path; its headings begin below the page's own.

    A link or picture of the site loses its address unless ``is_built`` is true for its path.
    """

    def filter_link(tag: str, attribute: str, value: str) -> str | None:
        if attribute not in {"href", "src"}:
            return value
        target = resolve_target(value, page_path)
        if target is None:
            return value if tag == "a" and is_outside_address(value) else None  # a picture would be fetched
        return value if target.path == page_path or is_built(target.path) else None

    return _INVISIBLE.sub("", _sanitize(text, filter_link, SCHEMES))


def _sanitize(text: str, filter_attribute: Callable[[str, str, str], str | None], schemes: set[str]) -> str:
    """Return an article as HTML that is safe but for what the filter leaves in attributes."""
    html = _convert(text) if _estimate_work(text) <= _MAX_WORK else _as_written(text)
    return nh3.clean(
        html,
        attributes=_ATTRIBUTES,
        allowed_classes={"div": {"toc"}},
        url_schemes=schemes,
        attribute_filter=filter_attribute,
    )


# The library compares such a sign with all others of its paragraph, and every < with the rest of the text. The limit is
# about half a second.
_SIGNS = re.compile(r"[\[\\*_`&!\n]")
_MAX_WORK = 1_000_000


def _estimate_work(text: str) -> int:
    """Return a measure of the time for a text: 230,000 for the manual's errors, billions for an attack."""
    return text.count("<") ** 2 + sum(len(_SIGNS.findall(paragraph)) ** 2 for paragraph in text.split("\n\n"))


@lru_cache(maxsize=64)  # for an article's links when it is loaded, for its page, and for the next build of a preview
def _convert(text: str) -> str:
    """Return the library's HTML; a text nested deeper than the library can follow stays as written."""
    top = 2 if re.search(r"^# ", text, re.MULTILINE) else 1  # the page has its own heading of the first level
    headings = {"toc": {"baselevel": top, "slugify": _heading_slugger(), "title": "本页内容"}}
    try:
        return markdown.markdown(list_lines.arrange_lists(text), extensions=_EXTENSIONS, extension_configs=headings)
    except RecursionError:
        return _as_written(text)


def _as_written(text: str) -> str:
    return f"<pre>{escape(text)}</pre>"


def _heading_slugger() -> Callable[[str, str], str]:
    """Return a function that gives a page's headings their anchors: the words, joined, and a number if they recur."""
    # The library's own slugs leave out all but ASCII: a Chinese heading would have none of its words.
    seen = Counter(_IDS_OF_PAGE)

    def slug(title: str, separator: str) -> str:
        words = separator.join("".join(sign for sign in word if sign.isalnum()) for word in title.split())
        seen[words] += 1
        return words if seen[words] == 1 else f"{words}_{seen[words] - 1}"

    return slug
