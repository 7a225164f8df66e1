"""The feed, by the rules of RFC 4287; the list of pages; and the page in the place of one that isn't there."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit
from xml.etree.ElementTree import Element, fromstring

import html5lib
import pytest

from tests.conftest import build
from tests.site_pages import HTML, pages, tree
from tests.site_project import SETTINGS, SiteProject, copy_sample, members

ATOM = "{http://www.w3.org/2005/Atom}"
BASE = "{http://www.w3.org/XML/1998/namespace}base"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
ADDRESS = "https://intranet.example/jifen/"


def feed(site: Path) -> Element:
    return fromstring((site / "feed.xml").read_bytes())


def texts(parent: Element, name: str) -> list[str]:
    return [one.text or "" for one in parent.findall(ATOM + name)]


def faults(found: Element) -> Iterator[str]:
    """What RFC 4287 forbids, of what a feed of ours could hold (sections 3.3, 4.1.1, 4.1.2, 4.2.6, 4.2.7)."""
    if found.tag != ATOM + "feed":
        yield "no feed"
    ids = [one.text or "" for one in found.iter(ATOM + "id")]
    if len(set(ids)) != len(ids):
        yield "an id comes twice"
    for parent in [found, *found.findall(ATOM + "entry")]:
        yield from faults_of(parent)
    if not all(urlsplit(ident).scheme for ident in ids):
        yield "an id is an absolute IRI"
    if [one.text for one in found.findall(f"{ATOM}author/{ATOM}name")] in ([], [None]):
        yield "an author with a name"
    known = {"id", "title", "subtitle", "updated", "author", "name", "link", "entry", "summary", "content", "feed"}
    yield from (one.tag for one in found.iter() if one.tag.removeprefix(ATOM) not in known)


def faults_of(parent: Element) -> Iterator[str]:
    """What is wrong with the feed's own head, or with one entry."""
    for name in ("id", "title", "updated"):
        if len(texts(parent, name)) != 1 or not texts(parent, name)[0].strip():
            yield f"{parent.tag} needs one {name}"
    alternates = [one for one in parent.findall(ATOM + "link") if one.get("rel") == "alternate"]
    if len(alternates) != 1 or not alternates[0].get("href"):
        yield "one alternate link"
    for day in texts(parent, "updated"):
        if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", day) or not datetime.fromisoformat(day):
            yield f"no date: {day}"


def with_address(root: Path) -> Path:
    settings = copy_sample(root) / "content/site.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + f"address: {ADDRESS}\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def addressed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's site, all audiences, with an address."""
    root = with_address(tmp_path_factory.mktemp("addressed"))
    return build(root, tmp_path_factory.mktemp("addressed-site") / "site", "--audience", "organ,branch,member")


def test_the_feed_is_valid_with_and_without_an_address(site: Path, addressed: Path):
    assert list(faults(feed(site))) == []
    assert list(faults(feed(addressed))) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (r"<id>.*?</id>", ""),
        (r"<updated>.*?</updated>", "<updated>2026-07-09</updated>"),
        (r"<author>.*?</author>", ""),
        (r"urn:uuid:[^<]*", "urn:uuid:1"),
        (r'rel="alternate"', 'rel="self"'),
        (r"summary", "abstract"),
    ],
)
def test_what_is_not_valid_is_seen(site: Path, old: str, new: str):
    text = (site / "feed.xml").read_text(encoding="utf-8")
    spoilt = re.sub(old, new, text)
    assert spoilt != text
    assert list(faults(fromstring(spoilt.encode()))) != []


def test_the_feed_has_notices_complete_boards_and_corrections_newest_first(site: Path):
    entries = feed(site).findall(ATOM + "entry")
    paths = [one.find(f"{ATOM}link").get("href") for one in entries]
    assert {"boards/2026-H1.html", "boards/2026-H1.c1.html", "boards/2025.html", "notices/points-qa.html"} <= set(paths)
    assert not {"boards/2026.html", "boards/2026-H2.html"} & set(paths)  # provisional
    assert all((site / path).is_file() and not path.startswith(("branches", "members", "pages")) for path in paths)
    days = [texts(one, "updated")[0] for one in entries]
    assert days == sorted(days, reverse=True)
    assert texts(feed(site), "updated") == days[:1]
    assert days[paths.index("boards/2026-H1.html")] == days[paths.index("boards/2026-H1.c1.html")]


def test_every_page_but_none_elsewhere_names_the_feed(site: Path):
    for page in pages(site):
        text = (site / page).read_text(encoding="utf-8")
        assert re.findall(r'<link rel="alternate" [^>]*href="([^"]*)">', text) == ["../" * page.count("/") + "feed.xml"]


@pytest.mark.parametrize("audiences", ["branch,member", "committee"])
def test_an_edition_without_the_organs_pages_has_no_feed_and_names_none(sample: Path, tmp_path: Path, audiences: str):
    site = build(sample, tmp_path / "site", "--audience", audiences)
    assert not [path for path in site.rglob("*") if path.name in {"feed.xml", "404.html", "sitemap.xml"}]
    assert not any("feed.xml" in (site / page).read_text(encoding="utf-8") for page in pages(site))


def test_ids_stay_when_the_site_gets_an_address_and_links_become_whole(site: Path, addressed: Path):
    one, other = feed(site), feed(addressed)
    assert [found.text for found in one.iter(ATOM + "id")] == [found.text for found in other.iter(ATOM + "id")]
    links = [found.get("href") for found in one.iter(ATOM + "link")]
    assert [urljoin(ADDRESS, link) for link in links] == [found.get("href") for found in other.iter(ATOM + "link")]


def test_links_in_a_notice_are_told_from_where_the_notice_lies(tmp_path: Path):
    organ = SiteProject(tmp_path, members("wang 王五 jia"))
    text = (
        "---\ntitle: 甲 <b> & 乙\ndate: 2026-05-01\n---\n见[规则](../rules.html)和[没有的](../none.html)，1 < 2 & 3\n"
    )
    organ.write("content/notices/one.md", text)
    assert organ.run("build", "--audience", "organ").exit_code == 0
    found = feed(tmp_path / "site")
    assert list(faults(found)) == []
    (content,) = found.iter(ATOM + "content")
    assert next(found.iter(ATOM + "entry")).find(f"{ATOM}title").text == "甲 <b> & 乙"
    body = html5lib.parse(content.text)
    assert [one.get("href") for one in body.iter(HTML + "a") if one.get("href")] == ["../rules.html"]
    assert urljoin(content.get(BASE), "../rules.html") == "rules.html"
    assert "1 < 2 & 3" in "".join(body.itertext())


def test_without_news_there_is_no_feed(tmp_path: Path):
    organ = SiteProject(tmp_path, members("wang 王五 jia"))
    assert organ.run("build").exit_code == 0
    assert not (tmp_path / "site/feed.xml").exists()
    assert "feed.xml" not in (tmp_path / "site/index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def masked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample's site for the organ, with an address and masked names."""
    root = with_address(tmp_path_factory.mktemp("masked"))
    settings = root / "content/site.yaml"
    text = settings.read_text(encoding="utf-8")
    assert "names: full" in text
    settings.write_text(text.replace("names: full", "names: masked"), encoding="utf-8")
    return build(root, tmp_path_factory.mktemp("masked-site") / "site", "--audience", "organ")


@pytest.mark.parametrize("naming", ["addressed", "masked"])
def test_the_feed_names_nobody(sample: Path, request: pytest.FixtureRequest, naming: str):
    site: Path = request.getfixturevalue(naming)
    roster = (sample / "ledgers/roster.yaml").read_text(encoding="utf-8")
    people = [
        (ident, name) for ident, name in re.findall(r"id: ([\w-]+),?\s+name: (\w+)", roster) if "支部" not in name
    ]
    assert len(people) >= 40
    for file in ("feed.xml", "sitemap.xml", "404.html"):
        text = (site / file).read_text(encoding="utf-8")
        assert [word for pair in people for word in pair if word in text] == [], file


def test_the_list_of_pages_has_the_organs_pages_alone(site: Path, addressed: Path):
    assert not (site / "sitemap.xml").exists()
    found = fromstring((addressed / "sitemap.xml").read_bytes())
    assert found.tag == MAP + "urlset"
    paths = [unquote(one.text.removeprefix(ADDRESS)) for one in found.iter(MAP + "loc")]
    organ = [page for page in pages(addressed) if not page.startswith(("branches/", "members/")) and page != "404.html"]
    assert paths == organ


def test_the_way_home_from_a_lost_page(site: Path, addressed: Path):
    def targets(folder: Path) -> set[str]:
        links = (one.get("href", "#") for one in tree(folder / "404.html").iter())
        return {link.partition("?")[0] for link in links if link[0] != "#"}

    assert {"index.html", "assets/theme.css"} <= targets(site)
    assert {ADDRESS + "index.html", ADDRESS + "assets/theme.css"} <= targets(addressed)
    assert all(target.startswith(ADDRESS) for target in targets(addressed))


def test_an_address_changes_nothing_else(site: Path, addressed: Path):
    ours = {page for page in pages(site) if (site / page).read_bytes() != (addressed / page).read_bytes()}
    assert ours == {"404.html"}


SOUND = ["https://intranet.example/jifen/", "http://10.20.30.40:8080/", "http://oa/", "https://oa/%E7%A7%AF/"]
UNSOUND = [
    "https://intranet.example/jifen",
    "intranet.example/",
    "file:///d/site/",
    "https://user:pw@intranet.example/",
    "https://intranet.example/?a=/",
    'https://intranet.example/"><b>/',
    "javascript:alert(1)/",
]


@pytest.mark.parametrize("address", [*SOUND, *UNSOUND])
def test_an_address_is_whole_or_refused(tmp_path: Path, address: str):
    organ = SiteProject(tmp_path, members("wang 王五 jia"))
    organ.write("content/site.yaml", SETTINGS + f"address: '{address}'\n")
    done = organ.run("check")
    assert (done.exit_code, "〔site.address〕" in done.stderr) == ((0, False) if address in SOUND else (1, True))
