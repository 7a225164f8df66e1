"""Members of one name: wherever a page or a command names one of them, it says which."""

import io
import json
import re
import zipfile
from datetime import date
from html import unescape
from pathlib import Path

import pytest

from generator.core.model.roster import member_label
from tests.site_project import SETTINGS, SiteProject

# Of three named 王芳 two are in one branch, and one of these has a distinguishing word; of two named 李静 each is in
# another branch; of two named 赵磊 both have the word.
ROSTER = """
branches:
  - {id: jia, name: 甲支部, secretary: he}
  - {id: yi, name: 乙支部}
members:
  - {id: he, name: 何平, branch: jia, status: full}
  - {id: wang-1, name: 王芳, branch: jia, status: full, aka: 办公室}
  - {id: wang-2, name: 王芳, branch: jia, status: full}
  - {id: wang-3, name: 王芳, branch: yi, status: full}
  - {id: li-1, name: 李静, branch: jia, status: full}
  - {id: li-2, name: 李静, branch: yi, status: probationary}
  - {id: zhao-1, name: 赵磊, branch: yi, status: full, aka: 案管室}
  - {id: zhao-2, name: 赵磊, branch: yi, status: full, aka: 信访室}
"""
LABELS = {
    "he": "何平",
    "wang-1": "王芳（办公室）",
    "wang-2": "王芳（wang-2）",
    "wang-3": "王芳（乙支部）",
    "li-1": "李静（甲支部）",
    "li-2": "李静（乙支部）",
    "zhao-1": "赵磊（案管室）",
    "zhao-2": "赵磊（信访室）",
}
TODAY = date(2026, 7, 20)
NAME = re.compile("王芳|李静|赵磊")
# A name with what tells it apart, the branch shown beside it or its length kept by an element of its own.
MARKED = re.compile(
    "(王芳|李静|赵磊)(</span>)?(<small[^>]*>|<span[^>]*>)?（(办公室|wang-2|甲支部|乙支部|案管室|信访室)）"
)


def lines(branch: str, month: int) -> str:
    people = {"jia": ["wang-1", "wang-2", "li-1"], "yi": ["wang-3", "li-2", "zhao-1", "zhao-2"]}[branch]
    entries = "".join(
        f"  - {{member: {person}, item: {item}, date: 2026-{month:02}-1{number}, note: 事由{number}}}\n"
        for number, person in enumerate(people)
        for item in (("suggestion", "late-document") if number else ("suggestion",))
    )
    absent = f"activities:\n  - {{item: general-meeting, date: 2026-{month:02}-05, absent: [{people[-1]}]}}\n"
    return f"{absent}entries:\n{entries}"


def make_organ(root: Path, settings: str = "") -> SiteProject:
    organ = SiteProject(root, ROSTER)
    organ.write("content/site.yaml", SETTINGS + settings)
    files = [
        organ.ledger(branch, f"2026-{month:02}", lines(branch, month))
        for month in range(1, 7)
        for branch in ("jia", "yi")
    ]
    organ.approve(*files, meeting="2026-07-02", today=date(2026, 7, 3))
    votes = "award: 优秀共产党员\ndate: 2026-07-05\nelectorate: 8\nvotes: {wang-1: 5, wang-2: 4, li-2: 3}\n"
    scores = f"year: 2026\nscores: {{{', '.join(f'{member}: 90' for member in LABELS)}}}\n"
    organ.approve(
        organ.write("ledgers/2026/votes/best.yaml", votes),
        organ.write("ledgers/2026/reviews.yaml", scores),
        meeting="2026-07-10",
        today=TODAY,
    )
    correction = organ.run("correct", "ledgers/2026/jia/06.yaml", "e1", "--recorder", "登记员", today=TODAY)
    assert correction.exit_code == 0, correction.output
    draft = organ.root / "ledgers/2026/jia/06.c1.yaml"
    text = draft.read_text(encoding="utf-8")
    draft.write_text(
        re.sub(r"(?m)^reason:.*$", "reason: 核对", text).replace("member: wang-1", "member: wang-2"), encoding="utf-8"
    )
    return organ


@pytest.fixture(scope="module")
def organ(tmp_path_factory: pytest.TempPathFactory) -> SiteProject:
    made = make_organ(tmp_path_factory.mktemp("organ"))
    built = made.run("build", "--audience", "organ,branch,member,committee", today=TODAY)
    assert built.exit_code == 0, built.output
    return made


def test_one_function_decides_the_shown_name(organ: SiteProject):
    assert {member.id: member_label(member) for member in organ.read(TODAY).roster.members} == LABELS


def find_unmarked(text: str) -> list[str]:
    """The places where a name stands without what tells its bearer apart."""
    marked = {match.start() for match in MARKED.finditer(text)}
    return [
        text[max(0, match.start() - 60) : match.end() + 40]
        for match in NAME.finditer(text)
        if match.start() not in marked
    ]


def test_no_page_names_one_of_several_without_saying_which(organ: SiteProject):
    site = organ.root / "site"
    pages = [*site.rglob("*.html"), *site.rglob("*.xml"), *site.rglob("*.json"), *site.rglob("*.csv")]
    unmarked = {
        str(page.relative_to(site)): found
        for page in pages
        if (found := find_unmarked(unescape(page.read_text(encoding="utf-8"))))
    }
    assert unmarked == {}
    seen = "".join(page.read_text(encoding="utf-8") for page in pages)
    assert all(f"（{label.partition('（')[2]}" in seen for label in LABELS.values() if "（" in label)


def test_the_search_shows_each_with_a_mark_or_the_branch(organ: SiteProject):
    index = (organ.root / "site/search/0.js").read_text(encoding="utf-8")
    entries = re.findall(r'\["(王芳|李静|赵磊)","([^"]*)",\[[^]]*\],([0-9]+),', index)
    assert len(entries) == len(set(entries)) == 7


COMMANDS = [
    ("score", "2026-H1"),
    ("score", "2026-Q1", "--branch", "jia"),
    ("score", "2026-H1", "--format", "csv"),
    ("outcomes", "2026"),
    ("outcomes", "2026", "--format", "csv"),
    ("explain", "wang-2", "2026-Q1"),
    ("explain", "王芳", "2026-Q1"),
    ("explain", "wf", "2026-Q1"),
    ("form", "ledgers/2026/jia/03.yaml"),
    ("form", "ledgers/2026/jia/06.c1.yaml"),
]


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_no_command_names_one_of_several_without_saying_which(organ: SiteProject, words: tuple[str, ...]):
    said = organ.run(*words, today=TODAY).output
    by_id = re.sub(r"(wang|li|zhao)-[0-9]（(王芳|李静|赵磊)，[^）]*支部）", "", said)  # a list of candidates
    assert NAME.search(said), said
    assert find_unmarked(unescape(by_id).replace("叫“王芳”", "")) == []


@pytest.mark.parametrize(
    "words", [("report", "quarter", "2026-Q1"), ("report", "year", "2026"), ("report", "awards", "2026")]
)
@pytest.mark.parametrize("kind", ["html", "xlsx"])
def test_no_export_names_one_of_several_without_saying_which(
    organ: SiteProject, tmp_path: Path, words: tuple[str, ...], kind: str
):
    file = tmp_path / f"report.{kind}"
    done = organ.run(*words, "--format", kind, "--output", file, today=TODAY)
    assert done.exit_code == 0, done.output
    if kind == "html":
        text = file.read_text(encoding="utf-8")
    else:
        with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as book:
            text = "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))
    assert NAME.search(text)
    assert find_unmarked(unescape(text)) == []


def test_masked_pages_give_neither_name_nor_mark(tmp_path: Path):
    organ = make_organ(tmp_path, "names: masked\n")
    built = organ.run("build", "--audience", "organ", today=TODAY)
    assert built.exit_code == 0, built.output
    pages = "".join(
        page.read_text(encoding="utf-8")
        for page in (organ.root / "site").rglob("*")
        if page.is_file() and page.suffix in {".html", ".js", ".json", ".xml", ".csv"}
    )
    assert "王*" in pages
    for word in ("王芳", "李静", "赵磊", "办公室）", "wang-2", "案管室", "信访室"):
        assert word not in pages, word


def test_who_joins_later_leaves_earlier_boards_as_they_were(tmp_path: Path):
    later = ROSTER.replace("id: li-2, name: 李静, branch: yi,", "id: li-2, name: 李静, branch: yi, since: 2026-04-10,")
    roster = SiteProject(tmp_path, later).read(TODAY).roster
    shown = {
        day: member_label(roster.named_on(day).member_by_id["li-1"]) for day in (date(2026, 3, 31), date(2026, 4, 30))
    }
    assert shown == {date(2026, 3, 31): "李静", date(2026, 4, 30): "李静（甲支部）"}


def test_marks_that_are_alike_are_told_apart_by_id(tmp_path: Path):
    alike = ROSTER.replace("aka: 信访室", "aka: 案管室")
    roster = SiteProject(tmp_path, alike).read(TODAY).roster
    assert [member_label(roster.member_by_id[member]) for member in ("zhao-1", "zhao-2")] == [
        "赵磊（案管室，zhao-1）",
        "赵磊（案管室，zhao-2）",
    ]


def test_a_branch_tells_nobody_apart_from_the_day_on_which_its_name_is_a_members_word(tmp_path: Path):
    later = "  - {id: li-3, name: 李静, branch: yi, status: full, aka: 甲支部, since: 2026-06-01}\n"
    roster = SiteProject(tmp_path, ROSTER + later).read(TODAY).roster
    assert [mark for _, mark in roster.member_by_id["li-1"].marks] == ["甲支部", "li-1"]


@pytest.mark.parametrize(
    ("label", "member"), [("李静（乙支部）", "li-2"), ("李静(甲支部)", "li-1"), ("王芳（wang-2）", "wang-2")]
)
def test_commands_take_the_names_that_they_print(organ: SiteProject, label: str, member: str):
    found = organ.run("explain", label, "2026-Q1", "--format", "json", today=TODAY)
    assert json.loads(found.stdout)["member"] == member
