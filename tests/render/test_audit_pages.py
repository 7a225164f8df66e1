"""Where approvals stand: few branches' on one page, many branches' each on its own; every link leads to its line."""

import re
from pathlib import Path

import pytest

from generator.core.scoring.approval_sources import ApprovalSource
from generator.render.site.routes import approval_path
from tests.site_pages import Files, broken_links, site_files
from tests.site_project import TODAY, SiteProject, members, name_numbered, period

READERS = "organ,branch,member,committee"
ACTIVE, MONTHS = ("b1", "b2", "b3"), ("2026-01", "2026-02")


def roster(branches: int) -> str:
    named = " ".join(f"b{n}" for n in range(1, branches + 1))
    people = [f"m{n} {name_numbered(n)} b{n}" for n in range(1, branches + 1)]
    moved = "  - {id: moved, name: 调动, branch: b1, status: full, changes: [{from: 2026-02-01, branch: b2}]}\n"
    return members(*people, branches=named) + moved


def organ(root: Path, branches: int) -> SiteProject:
    made = SiteProject(root, roster(branches))
    made.approve(*(made.ledger(branch, month, done(branch, month)) for branch in ACTIVE for month in MONTHS))
    return made


def done(branch: str, month: str) -> str:
    """A branch's member has made a suggestion."""
    name = name_numbered(int(branch[1:]))
    return f"entries:\n  - {{member: {name}, item: suggestion, date: {month}-09, note: 建议}}\n"


def build(made: SiteProject, *words: str, output: str = "site") -> Files:
    told = made.run("build", "--output", made.root / output, "--audience", READERS, *words)
    assert told.exit_code == 0, told.output
    return site_files(made.root)


def records(found: Files) -> set[str]:
    return {path for path in found if path.startswith("audit") and path.endswith(".html")}


PLACES = [
    # branches, a source's revision, where it stands
    (1, 0, "audit.html#b1-2026-01"),
    (20, 0, "audit.html#b1-2026-01"),
    (20, 2, "audit.html#b1-2026-01-c2"),
    (21, 0, "audit/b1.html#b1-2026-01"),
    (21, 2, "audit/b1.html#b1-2026-01-c2"),
]


@pytest.mark.parametrize(("branches", "revision", "expected"), PLACES)
def test_where_an_approval_stands(branches: int, revision: int, expected: str):
    source = ApprovalSource("b1", period("2026-01"), TODAY, "sha256:0", None, revision)
    assert approval_path(source, [f"b{n}" for n in range(branches)]) == expected


@pytest.mark.parametrize(("branches", "pages"), [(20, 1), (21, 22)])
def test_every_link_leads_to_its_line(tmp_path: Path, branches: int, pages: int):
    found = build(organ(tmp_path, branches))
    assert len(records(found)) == pages
    assert broken_links(tmp_path / "site") == []
    own = approval_path(ApprovalSource("b1", period("2026-01"), TODAY, "", None, 0), ["b1"] * branches)
    for page in ("branches/b1/index.html", "branches/b1/2026-01.html", "members/m1.html"):
        assert own.encode() in found[page], page


def test_every_approval_is_on_one_page_and_every_head_on_the_organs(tmp_path: Path):
    found = {path: raw.decode() for path, raw in build(organ(tmp_path, 21)).items() if path.endswith("html")}
    lines = [
        (path, line) for path in sorted(records_of(found)) for line in re.findall(r'<tr id="([^"]+)"', found[path])
    ]
    assert lines == [(f"audit/{one}.html", f"{one}-2026-0{n}") for one in ACTIVE for n in (2, 1)]
    grounds = found["boards/2026-H1.branches.html"]
    for branch in ACTIVE:
        code, rest = re.findall(
            r'<code>([ \w]{19})</code></summary><code class="rest">(\w{48})<', found[f"audit/{branch}.html"]
        )[0]
        assert re.search(rf"{code}<.*>{rest}<", found["audit.html"])
        assert code in grounds


def records_of(found: dict[str, str]) -> set[str]:
    return {path for path in found if path.startswith("audit/")}


def test_an_approval_leaves_the_records_of_other_branches_as_they_are(tmp_path: Path):
    made = organ(tmp_path, 21)
    before = build(made)
    made.approve(made.ledger("b1", "2026-03"))
    after = build(made)
    assert {path for path in records(after) if before[path] != after[path]} == {"audit.html", "audit/b1.html"}


def test_a_branch_too_many_moves_all_records_whatever_the_memo_holds(tmp_path: Path):
    made = organ(tmp_path / "warm", 20)
    build(made)
    made.write("ledgers/roster.yaml", roster(21))
    grown = build(made)
    cold = build(organ_like(made, tmp_path / "cold"))
    assert grown == cold
    assert len(records(grown)) == 22
    made.write("ledgers/roster.yaml", roster(20))
    assert len(records(build(made))) == 1


def organ_like(made: SiteProject, root: Path) -> SiteProject:
    for path in (one for name in ("content", "ledgers") for one in (made.root / name).rglob("*") if one.is_file()):
        target = root / path.relative_to(made.root)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return SiteProject.at(root)
