"""Targets of links in articles: where in the site they lead, or whether they are addresses elsewhere."""

import posixpath
from urllib.parse import unquote, urlsplit

from msgspec import Struct

SCHEMES = {"http", "https", "mailto", "tel"}  # of addresses that a link may have


class Outline(Struct, frozen=True):
    """The targets of an article's links and pictures, once each and in order, and the anchors of its headings."""

    targets: tuple[str, ...]
    anchors: frozenset[str]


class Target(Struct, frozen=True):
    """A target of a link within the site: a path, which begins with ``../`` if it leads out of it, and an anchor."""

    path: str
    anchor: str


def resolve_target(target: str, page_path: str) -> Target | None:
    """Return where in the site a target on a page leads; None if it is an address elsewhere, or none at all."""
    try:
        parts = urlsplit(target)
    except ValueError:  # such as an unfinished IPv6 address
        return None
    if parts.scheme or parts.netloc:
        return None
    path = unquote(parts.path)
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(page_path), path)) if path else page_path
    return Target(joined, unquote(parts.fragment))


def is_outside_address(target: str) -> bool:
    """Return whether a target is an address that a link may have, though not a picture: on another site, or of mail."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return parts.scheme in SCHEMES if parts.scheme else bool(parts.netloc)
