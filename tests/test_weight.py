"""How much a reader has to load: an old machine at the end of a slow line should not wait."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tests.test_browser import KINDS
from tests.test_site import HTML, tree

KB = 1000


def assets(page: Path) -> set[Path]:
    """The files that a page loads by itself."""
    found = {
        element.get("href" if element.tag == HTML + "link" else "src")
        for element in tree(page).iter()
        if element.tag in {HTML + tag for tag in ("link", "script", "img", "iframe", "source")}
    }
    return {(page.parent / unquote(urlsplit(link).path)).resolve() for link in found if link}


def weight(files: set[Path], ending: str = "") -> int:
    return sum(file.stat().st_size for file in files if file.name.endswith(ending))


def test_the_home_page_with_all_that_it_loads_is_under_60_kb(whole_site: Path):
    home = whole_site / "index.html"
    search = set(whole_site.glob("search/index.js"))
    assert 10 * KB < weight({home, *assets(home), *search}) < 60 * KB


def test_a_members_page_of_a_full_year_is_under_60_kb(whole_site: Path):
    weights = {page.name: page.stat().st_size for page in whole_site.glob("members/*.html")}
    assert len(weights) > 30
    assert {name: size for name, size in weights.items() if size >= 60 * KB} == {}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not KINDS[kind].startswith("committee/")])
def test_styles_are_under_30_kb_and_scripts_under_15_kb(whole_site: Path, kind: str):
    page = whole_site / KINDS[kind]
    loaded = assets(min(page.glob("*.html")) if page.is_dir() else page)
    assert 0 < weight(loaded, ".css") < 30 * KB
    assert weight(loaded, ".js") < 15 * KB


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_needs_a_picture_to_be_read(whole_site: Path, kind: str):
    page = whole_site / KINDS[kind]
    page = min(page.glob("*.html")) if page.is_dir() else page
    assert {file.name for file in assets(page) if file.suffix not in {".css", ".js"}} <= {"icon.svg", "feed.xml"}
    assert [element for element in tree(page).iter(HTML + "img") if not element.get("alt")] == []
