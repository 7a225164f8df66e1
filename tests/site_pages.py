"""A site as it was built: its files, its pages, and where their links lead."""

import gzip
import html
import posixpath
import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

import html5lib

from generator.render.html.filters import MINUS

HTML = "{http://www.w3.org/1999/xhtml}"


def pages(site: Path) -> list[str]:
    """The pages of a site, by path."""
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))


def tree(path: Path) -> Element:
    """Parse as a browser does, but stop at the first mistake."""
    parsed: Element = html5lib.HTMLParser(strict=True).parse(path.read_text(encoding="utf-8"))
    return parsed


MARKS = re.compile(r' data-(?:rank|name|points|total|period)="[^"]*"')


def without_marks(text: str) -> str:
    """A page's text without the marks of its rankings, and the elements that are there for them alone.

    A minus sign becomes a hyphen, so that numbers can be read.
    """
    return MARKS.sub("", re.sub(f"<span{MARKS.pattern}>([^<]*)</span>", r"\1", text)).replace(MINUS, "-")


def words(page: Path) -> str:
    """The text of what a page is about, without blanks."""
    return re.sub(r"\s+", "", "".join(next(tree(page).iter(HTML + "main")).itertext()))


ATTRIBUTE = re.compile(r'\s([a-z-]+)="([^"]*)"')


def said(path: Path, *names: str) -> list[str]:
    """The values of attributes in a page, in order, told from its text: to parse it takes a hundred times as long."""
    text = path.read_text(encoding="utf-8")
    return [html.unescape(value) for name, value in ATTRIBUTE.findall(text) if name in names]


Files = dict[str, bytes]


def site_files(root: Path, folder: str = "site") -> Files:
    """All that lies in a project's output folder, byte by byte."""
    output = root / folder
    return {one.relative_to(output).as_posix(): one.read_bytes() for one in output.rglob("*") if one.is_file()}


def text_of(site: Path) -> dict[str, str]:
    """The text of every file."""
    return {
        path.relative_to(site).as_posix(): path.read_text(encoding="utf-8")
        for path in site.rglob("*")
        if path.is_file()
    }


ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


def readable(site: Path) -> dict[str, str]:
    """What anybody can read in each file: twins unpacked; the escapes of pages, links and scripts undone as well."""
    found = {}
    for path in (one for one in site.rglob("*") if one.is_file()):
        raw = path.read_bytes()
        text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
        decoded = (text, html.unescape(text), unquote(text), ESCAPE.sub(lambda code: chr(int(code[1], 16)), text))
        found[path.relative_to(site).as_posix()] = "\n".join(dict.fromkeys(decoded))
    return found


def broken_links(site: Path) -> list[str]:
    """Links, pictures and anchors that lead nowhere, or outside the site."""
    anchors: dict[str, set[str]] = {path.relative_to(site).as_posix(): set() for path in site.rglob("*.*")}
    anchors |= {page: set(said(site / page, "id")) for page in pages(site)}
    return [
        f"{page}: {target}"
        for page in pages(site)
        for target in dict.fromkeys(said(site / page, "href", "src"))
        if not _resolves(page, target, anchors)
    ]


def _resolves(page: str, target: str, anchors: dict[str, set[str]]) -> bool:
    """Whether a link leads to a file of the site, by its path, and to an anchor there."""
    path, anchor = _split_link(posixpath.dirname(page), target)
    name = page if path == "" else path
    return name in anchors and (not anchor or anchor in anchors[name])


@cache
def _split_link(folder: str, target: str) -> tuple[str | None, str]:
    """The path and the anchor of a link in a page of a folder; no path leads out of the site, an empty one nowhere."""
    parts = urlsplit(target)
    if parts.scheme or parts.netloc or parts.path.startswith("/"):
        return None, ""
    path = posixpath.normpath(posixpath.join(folder, unquote(parts.path))) if parts.path else ""
    return path, unquote(parts.fragment)
