"""The index of search: every member by each spelling of the name, cut into small scripts.

It is a tree of two levels. All spellings are sorted and cut into shards of a bounded size; ``search/index.js`` holds
the first spelling of each, so that for the beginning of any spelling the script of the theme, ``site.js``, knows which
shards to load. It derives the spellings from name and reading again, by the same rules as here.
"""

import re
import unicodedata
from collections.abc import Container, Iterator, Mapping, Sequence

from msgspec import Struct
from msgspec.json import encode

from generator.core.model.settings import NameDisplay
from generator.render.site.edition import Edition
from generator.render.site.routes import branch_path, member_path

INDEX_PATH = "search/index.js"
MAX_SHARD_BYTES = 12_000  # bytes of a shard's entries


class SearchEntry(Struct, frozen=True, array_like=True, order=True):
    """A member as found: name, what tells apart, reading, place of the branch in the index, and the page."""

    name: str
    aka: str
    reading: str
    branch: int
    target: str


MemberPages = Mapping[str, tuple[str, str]]


class SearchIndex(Struct, frozen=True):
    """What can be found: branches by name, each with its page, if it has one, and members."""

    branches: tuple[tuple[str, str], ...]
    entries: tuple[SearchEntry, ...]

    def __bool__(self) -> bool:
        return bool(self.entries or any(page for _, page in self.branches))


def build_search_index(edition: Edition, member_pages: MemberPages, built_paths: Container[str]) -> SearchIndex:
    """Everybody and every branch that stands on a page of the site; with masked names, only branches.

    ``named`` are these members, each with the branch and a page where he is.
    """
    homes = tuple((branch.name, _page(branch_path(branch.id), built_paths)) for branch in edition.branches.values())
    entries = (
        () if edition.settings.names is NameDisplay.MASKED else tuple(_entries(edition, member_pages, built_paths))
    )
    return SearchIndex(homes, entries)


def render_index_scripts(index: SearchIndex) -> dict[str, bytes]:
    """The scripts of the index by path; none where there is nothing to be found."""
    if not index:
        return {}
    shards = split_into_shards(index.entries)
    scripts = {
        f"search/{number}.js": render_script("shard", number, entries) for number, (_, entries) in enumerate(shards)
    }
    return {**scripts, INDEX_PATH: render_script("index", index.branches, [start for start, _ in shards])}


def render_script(name: str, *data: object) -> bytes:
    """A call that hands data to the script of the theme."""
    words = b",".join(map(encode, data))
    return b"jifenbang.%s(%s);\n" % (name.encode(), words)


def _page(path: str, built: Container[str]) -> str:
    return path if path in built else ""


def _entries(edition: Edition, named: MemberPages, built: Container[str]) -> Iterator[SearchEntry]:
    """Everybody with the best page there is: the own one, the branch's, that where he is."""
    places = {branch: place for place, branch in enumerate(edition.branches)}
    for ident, (branch, page) in named.items():
        member = edition.members[ident]
        target = _page(member_path(ident), built) or _page(branch_path(branch), built) or page
        yield SearchEntry(member.name, member.aka or "", " ".join(member.reading), places[branch], target)


# --- spellings and shards --------------------------------------------------------------------------------------------


def normalize_text(text: str) -> str:
    """What is left of a text for comparison: small letters without tones, blanks, dots or apostrophes; ü as v."""
    letters = unicodedata.normalize("NFKD", text).lower().replace("u\u0308", "v")
    return re.sub("[\u0300-\u036f\\s·.'’-]", "", letters)


def derive_spellings(name: str, reading: str) -> set[str]:
    """The name and its pinyin, each from any character on; the initials of its syllables, and those of its parts."""
    written, syllables = normalize_text(name), [normalize_text(one) for one in reading.split() if one != "·"]
    parts = [normalize_text(part) for part in reading.split("·")] if "·" in reading else []
    found = {written[start:] for start in range(len(written))}
    found |= {"".join(syllables[start:]) for start in range(len(syllables))}
    return (found | {"".join(one[:1] for one in words) for words in (syllables, parts)}) - {""}


def split_into_shards(entries: Sequence[SearchEntry]) -> list[tuple[str, list[SearchEntry]]]:
    """Shards in the order of their spellings, each with the first of them; a shard has an entry but once."""
    sizes = {entry: len(encode(entry)) for entry in entries}
    spelt = [(one, entry) for entry in sizes for one in derive_spellings(entry.name, entry.reading)]
    spelt.sort(key=lambda pair: (pair[0].encode("utf-16-be"), pair[1].reading, pair[1]))  # scripts compare so
    shards: list[tuple[str, dict[SearchEntry, None]]] = []
    room = 0
    for spelling, entry in spelt:
        if not shards or room < sizes[entry]:
            shards.append((spelling, {}))
            room = MAX_SHARD_BYTES
        room -= 0 if entry in shards[-1][1] else sizes[entry]
        shards[-1][1][entry] = None
    return [(start, list(found)) for start, found in shards]
