"""The search index: every member by each spelling of the name, split into small scripts, and every page with a title.

It is a tree of two levels. All spellings are sorted and split into shards of a bounded size; ``search/index.js`` holds
the first spelling of each, so that for the beginning of any spelling the script of the theme, ``search.js``, knows
which shards to load. It derives the spellings from name and readings again, by the same rules as here.
"""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct
from msgspec.json import encode

from generator.core.basics.name_spellings import derive_spellings
from generator.core.model.roster import Branch
from generator.core.model.settings import NameDisplay
from generator.render.html import filters
from generator.render.site.edition import Edition
from generator.render.site.routes import (
    HONOURS_PATH,
    article_path,
    board_path,
    branch_path,
    member_path,
    rulebook_path,
)

INDEX_PATH = "search/index.js"
MAX_SHARD_BYTES = 8_000  # of a shard's entries
DIRECTORY = "目录"  # beside a page that lists others: such pages are offered where nothing is found
_DIRECTORIES = {
    "boards.html": "历期积分榜",
    "branches.html": "党支部",
    "notices.html": "公告",
    HONOURS_PATH: "光荣榜",
    "rules.html": "积分规则",
    "audit.html": "审核记录",
}


class WrittenForms(Struct, frozen=True):
    """Functions that know in which forms readers write what they look for.

    ``list_readings`` returns the readings of a name, first the second argument; ``read_text`` the
    pinyin of a title; ``simplify`` the text in simplified characters; ``list_traditional_forms`` the simplified
    characters of texts, each followed by a traditional form of it.
    """

    list_readings: Callable[[str, Sequence[str]], tuple[str, ...]]
    read_text: Callable[[str], str]
    simplify: Callable[[str], str]
    list_traditional_forms: Callable[[Iterable[str]], str]


class SearchEntry(Struct, frozen=True, array_like=True, order=True):
    """A member in the index: name, word that distinguishes namesakes, readings, position of the branch, and page.

    The first reading is the name's own. A member who was renamed has an entry for each former name, with the name of
    today in the place of that word. The name is in simplified characters where ``written`` has it as it is written.
    """

    name: str
    aka: str
    readings: tuple[str, ...]
    branch: int
    target: str
    written: str = ""


class SearchPlace(Struct, frozen=True, array_like=True):
    """A page in the index: title, path or "" if it isn't built, the words beside it, and the title's pinyin."""

    title: str
    target: str
    beside: str
    reading: str


MemberPages = Mapping[str, tuple[str, str]]
"""Branch and path of a page that names the member, by member id."""


class SearchIndex(Struct, frozen=True):
    """Places: the branches, whose positions the entries have, then all others; and the entries of members.

    Former names of branches, each with the name of today, follow those of today. ``forms`` has the characters of both
    that also have a traditional form, each followed by it.
    """

    places: tuple[SearchPlace, ...]
    entries: tuple[SearchEntry, ...]
    forms: str

    def __bool__(self) -> bool:
        return bool(self.entries or any(place.target for place in self.places))


def build_search_index(
    edition: Edition, member_pages: MemberPages, built_paths: Container[str], forms: WrittenForms
) -> SearchIndex:
    """Index these members and every branch, board, rulebook, notice and page; with masked names, no members.

    ``member_pages`` has for each member the branch and a page of the site that names him.
    """
    branches = edition.branches.values()
    named = [(branch.name, branch) for branch in branches]
    named += [(name, branch) for branch in branches for name in _list_former_names(branch, edition.roster.day)]
    listed = [(name, _if_built(branch_path(branch.id), built_paths), "") for name, branch in named]
    listed += [titled for titled in _list_titles(edition) if titled[1] in built_paths]
    places = tuple(SearchPlace(title, path, beside, forms.read_text(title)) for title, path, beside in listed)
    is_masked = edition.settings.names is NameDisplay.MASKED
    entries = () if is_masked else tuple(_list_entries(edition, member_pages, built_paths, forms))
    texts = [place.title for place in places] + [entry.name for entry in entries]
    return SearchIndex(places, entries, forms.list_traditional_forms(map(forms.simplify, texts)))


def render_index_scripts(index: SearchIndex) -> dict[str, bytes]:
    """Return the scripts of the index by path; none if it is empty."""
    if not index:
        return {}
    shards = split_into_shards(index.entries)
    scripts = {
        f"search/{number}.js": render_script("shard", number, entries) for number, (_, entries) in enumerate(shards)
    }
    starts = [start for start, _ in shards]
    return {**scripts, INDEX_PATH: render_script("index", index.places, starts, index.forms)}


def render_script(name: str, *data: object) -> bytes:
    """Return a script that calls a function of the theme's script with data.

    Scripts instead of JSON files: a site opened from a disk may not fetch files.
    """
    arguments = b",".join(map(encode, data))
    return b"jifenbang.%s(%s);\n" % (name.encode(), arguments)


def _list_former_names(branch: Branch, today: date) -> Iterator[str]:
    former = dict.fromkeys(name for since, name in branch.names if since <= today and name != branch.name)
    return (f"{name}（现名{branch.name}）" for name in former)


def _list_titles(edition: Edition) -> Iterator[tuple[str, str, str]]:
    """Yield title, path and the words beside it of the organ's pages, the newest boards and notices first."""
    for board in reversed(edition.boards):
        yield filters.format_board_title(board), board_path(board.period, board.branch), ""
    for rulebook in {rulebook.id: rulebook for rulebook in edition.rulebooks.values()}.values():
        yield f"《{rulebook.title}》", rulebook_path(rulebook.id), "规则"
    for article in sorted(edition.articles, key=lambda article: article.day or date.min, reverse=True):
        beside = filters.format_day(article.day) if article.day else "公告" if article.folder == "notices" else ""
        yield article.title, article_path(article), beside
    for path, title in _DIRECTORIES.items():
        yield title, path, DIRECTORY


def _if_built(path: str, built_paths: Container[str]) -> str:
    return path if path in built_paths else ""


def _list_entries(
    edition: Edition, member_pages: MemberPages, built_paths: Container[str], forms: WrittenForms
) -> Iterator[SearchEntry]:
    """Yield each member with the best page that is built: his, his branch's, or another one that names him."""
    positions = {branch: position for position, branch in enumerate(edition.branches)}

    def make_entry(name: str, mark: str, reading: Sequence[str], branch: str, target: str) -> SearchEntry:
        simple = forms.simplify(name)
        readings = forms.list_readings(name, reading)
        return SearchEntry(simple, mark, readings, positions[branch], target, "" if simple == name else name)

    for member_id, (branch, page) in member_pages.items():
        member = edition.members[member_id]
        target = _if_built(member_path(member_id), built_paths) or _if_built(branch_path(branch), built_paths) or page
        # The branch is shown beside each name: as a mark it would be there twice.
        mark = "" if member.distinction == edition.branches[branch].name else member.distinction or ""
        yield make_entry(member.name, mark, member.reading, branch, target)
        named = (name for since, name in member.names if since <= edition.roster.day and name.name != member.name)
        for former in {name.name: name for name in named}.values():
            yield make_entry(former.name, f"现名{member.name}", former.reading, branch, target)


# --- shards -------------------------------------------------------------------------------------------------------


def split_into_shards(entries: Sequence[SearchEntry]) -> list[tuple[str, list[SearchEntry]]]:
    """Return shards in the order of their spellings, each with its first spelling and without repeated entries."""
    sizes = {entry: len(encode(entry)) for entry in entries}
    spelt = [
        (spelling, entry)
        for entry in sizes
        for spelling in set().union(*(derive_spellings(entry.name, reading) for reading in entry.readings))
    ]
    # By UTF-16 units, as JavaScript compares strings.
    spelt.sort(key=lambda pair: (pair[0].encode("utf-16-be"), pair[1].readings, pair[1]))
    shards: list[tuple[str, dict[SearchEntry, None]]] = []
    room = 0
    for spelling, entry in spelt:
        if not shards or room < sizes[entry]:
            shards.append((spelling, {}))
            room = MAX_SHARD_BYTES
        room -= 0 if entry in shards[-1][1] else sizes[entry]
        shards[-1][1][entry] = None
    return [(start, list(listed)) for start, listed in shards]
