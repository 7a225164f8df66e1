"""The search index: every member by each spelling of the name, split into small scripts.

It is a tree of two levels. All spellings are sorted and split into shards of a bounded size; ``search/index.js`` holds
the first spelling of each, so that for the beginning of any spelling the script of the theme, ``site.js``, knows which
shards to load. It derives the spellings from name and reading again, by the same rules as here.
"""

from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.json import encode

from generator.core.basics.name_spellings import derive_spellings
from generator.core.model.roster import Branch
from generator.core.model.settings import NameDisplay
from generator.render.site.edition import Edition
from generator.render.site.routes import branch_path, member_path

INDEX_PATH = "search/index.js"
MAX_SHARD_BYTES = 12_000  # of a shard's entries


class SearchEntry(Struct, frozen=True, array_like=True, order=True):
    """A member in the index: name, word that distinguishes namesakes, reading, position of the branch, and page.

    A member who was renamed has an entry for each former name, with the name of today in the place of that word.
    """

    name: str
    aka: str
    reading: str
    branch: int
    target: str


MemberPages = Mapping[str, tuple[str, str]]
"""Branch and path of a page that names the member, by member id."""


class SearchIndex(Struct, frozen=True):
    """Branches, each by name with its page or "" if it has none, and the entries of members.

    Former names of branches, each with the name of today, follow those of today, whose positions the entries have.
    """

    branches: tuple[tuple[str, str], ...]
    entries: tuple[SearchEntry, ...]

    def __bool__(self) -> bool:
        return bool(self.entries or any(page for _, page in self.branches))


def build_search_index(edition: Edition, member_pages: MemberPages, built_paths: Container[str]) -> SearchIndex:
    """Index these members and every branch; with masked names, only branches.

    ``member_pages`` has for each member the branch and a page of the site that names him.
    """
    listed = edition.branches.values()
    branch_names = [(branch.name, branch) for branch in listed]
    branch_names += [(name, branch) for branch in listed for name in _list_former_names(branch, edition.roster.day)]
    branches = tuple((name, _if_built(branch_path(branch.id), built_paths)) for name, branch in branch_names)
    entries = (
        () if edition.settings.names is NameDisplay.MASKED else tuple(_list_entries(edition, member_pages, built_paths))
    )
    return SearchIndex(branches, entries)


def render_index_scripts(index: SearchIndex) -> dict[str, bytes]:
    """Return the scripts of the index by path; none if it is empty."""
    if not index:
        return {}
    shards = split_into_shards(index.entries)
    scripts = {
        f"search/{number}.js": render_script("shard", number, entries) for number, (_, entries) in enumerate(shards)
    }
    return {**scripts, INDEX_PATH: render_script("index", index.branches, [start for start, _ in shards])}


def render_script(name: str, *data: object) -> bytes:
    """Return a script that calls a function of the theme's script with data.

    Scripts instead of JSON files: a site opened from a disk may not fetch files.
    """
    arguments = b",".join(map(encode, data))
    return b"jifenbang.%s(%s);\n" % (name.encode(), arguments)


def _list_former_names(branch: Branch, today: date) -> Iterator[str]:
    former = dict.fromkeys(name for since, name in branch.names if since <= today and name != branch.name)
    return (f"{name}（现名{branch.name}）" for name in former)


def _if_built(path: str, built_paths: Container[str]) -> str:
    return path if path in built_paths else ""


def _list_entries(edition: Edition, member_pages: MemberPages, built_paths: Container[str]) -> Iterator[SearchEntry]:
    """Yield each member with the best page that is built: his, his branch's, or another one that names him."""
    positions = {branch: position for position, branch in enumerate(edition.branches)}
    for member_id, (branch, page) in member_pages.items():
        member = edition.members[member_id]
        target = _if_built(member_path(member_id), built_paths) or _if_built(branch_path(branch), built_paths) or page
        # The branch is shown beside each name: as a mark it would be there twice.
        mark = "" if member.distinction == edition.branches[branch].name else member.distinction or ""
        yield SearchEntry(member.name, mark, " ".join(member.reading), positions[branch], target)
        named = (name for since, name in member.names if since <= edition.roster.day and name.name != member.name)
        for former in {name.name: name for name in named}.values():
            reading = " ".join(former.reading)
            yield SearchEntry(former.name, f"现名{member.name}", reading, positions[branch], target)


# --- shards -------------------------------------------------------------------------------------------------------


def split_into_shards(entries: Sequence[SearchEntry]) -> list[tuple[str, list[SearchEntry]]]:
    """Return shards in the order of their spellings, each with its first spelling and without repeated entries."""
    sizes = {entry: len(encode(entry)) for entry in entries}
    spelt = [(spelling, entry) for entry in sizes for spelling in derive_spellings(entry.name, entry.reading)]
    # By UTF-16 units, as JavaScript compares strings.
    spelt.sort(key=lambda pair: (pair[0].encode("utf-16-be"), pair[1].reading, pair[1]))
    shards: list[tuple[str, dict[SearchEntry, None]]] = []
    room = 0
    for spelling, entry in spelt:
        if not shards or room < sizes[entry]:
            shards.append((spelling, {}))
            room = MAX_SHARD_BYTES
        room -= 0 if entry in shards[-1][1] else sizes[entry]
        shards[-1][1][entry] = None
    return [(start, list(listed)) for start, listed in shards]
