"""Ids that people choose and the ids and file names that pages have of their own."""

import re
from collections import Counter
from pathlib import Path

import pytest

from generator.render.html.markdown import markdown_to_html
from tests.site_pages import broken_links, pages, said
from tests.site_project import RULEBOOK, SiteProject, members

# What the pages call their own parts, and names of files and folders of the site.
OWN = [
    *("main", "search", "found", "found-0", "ranking", "row", "row-main", "lost", "lines", "full-1"),
    *("digits", "c-sum", "item-main", "boards", "branches", "audit"),
]
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site of an organ whose members, branches, items, notices and rulebook have such ids."""
    root = tmp_path_factory.mktemp("organ")
    people = [f"{ident} 姓{chr(0x4E00 + number)} {OWN[number % 3]}" for number, ident in enumerate(OWN)]
    rulebook = RULEBOOK.replace("id: suggestion", "id: main")
    assert rulebook != RULEBOOK
    organ = SiteProject(root, members(*people, branches=" ".join(OWN[:3])), rulebook)
    proof = "evidence: {document: 见}"
    for branch in OWN[:3]:
        entries = [
            f"  - {{member: 姓{chr(0x4E00 + number)}, item: main, date: 2026-01-0{day}, note: 第{day}次, {proof}}}\n"
            for number in range(len(OWN))
            if OWN[number % 3] == branch
            for day in range(1, 6)
        ]
        organ.approve(organ.ledger(branch, "2026-01", f"entries:\n{''.join(entries)}"))
    for ident in OWN:
        organ.write(
            f"content/notices/2026-01-05-{ident}.md", "---\ntitle: 通知\ndate: 2026-01-05\n---\n## main\n\n## found\n"
        )
        organ.write(f"content/pages/{ident}.md", f"---\ntitle: 说明{ident}\n---\n## search\n\n[到节](#search_1)\n")
    done = organ.run("build", "--audience", "organ,branch,member,committee")
    assert done.exit_code == 0, done.output
    return root / "site"


def test_no_page_has_an_id_twice(site: Path):
    ids = {page: Counter(said(site / page, "id")) for page in pages(site)}
    assert {page: twice for page, found in ids.items() if (twice := [one for one in found if found[one] > 1])} == {}
    assert {f"row-{ident}" for ident in OWN} <= ids["boards/2026.html"].keys()


def test_every_link_leads_to_what_it_names(site: Path):
    assert broken_links(site) == []


def test_no_two_files_have_names_alike_where_case_is_nothing(site: Path):
    paths = [path.relative_to(site).as_posix() for path in site.rglob("*")]
    assert len({path.lower() for path in paths}) == len(paths) > 3 * len(OWN)
    assert [path for path in paths if any(DEVICE.match(part) for part in path.lower().split("/"))] == []


@pytest.mark.parametrize("name", ["main", "search", "found"])
def test_headings_of_articles_leave_the_ids_of_the_frame_alone(name: str):
    assert markdown_to_html(f"## {name}\n", "pages/a.html", lambda _: True).startswith(f'<h2 id="{name}_1">')
