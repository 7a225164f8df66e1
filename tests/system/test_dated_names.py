"""Names that change on a day: the past keeps the old one, rolls stay sealed, and either name is understood."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.model.settings import NameOrder
from generator.core.sealing.digests import digest_roll
from generator.intake.files import roster_file
from tests.site_project import SiteProject, period

TODAY = date(2026, 4, 10)
LI = "{id: li, name: 李强, branch: jia, status: full}"
WANG = "{id: wang, name: 王芳, branch: jia, status: full}"
ZHOU = "{id: zhou, name: 周敏, branch: jia, status: full}"
FIRST, SECOND = "{id: jia, name: 第一党支部, secretary: zhou}", "{id: yi, name: 第二党支部, secretary: wu}"
ROSTER = f"""
branches:
  - {FIRST}
  - {SECOND}
members:
  - {ZHOU}
  - {LI}
  - {WANG}
  - {{id: wu, name: 吴晶, branch: yi, status: full}}
"""


def changed(entry: str, *changes: str) -> str:
    """An entry of the roster with dated changes."""
    return f"{entry.removesuffix('}')}, changes: [{', '.join(changes)}]}}"


def renamed(entry: str, day: str, name: str) -> str:
    return changed(entry, f"{{from: {day}, name: {name}}}")


def meeting(day: str, absent: str = "") -> str:
    return f"activities: [{{item: general-meeting, date: {day}, title: 会, absent: [{absent}]}}]\n"


class DatedOrgan(SiteProject):
    """An organ whose roster is edited again and again."""

    def edit(self, old: str, new: str) -> None:
        path = self.root / "ledgers/roster.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def rename(self, day: str, name: str, entry: str = LI) -> None:
        self.edit(entry, renamed(entry, day, name))

    def seal(self, *months: str, absent: str = "李强", branch: str = "jia") -> None:
        for month in months:
            ledger = self.ledger(branch, month, meeting(f"{month}-05", absent))
            over = period(month).last
            self.approve(ledger, meeting=f"{over.year}-{over.month + 1:02}-01", today=date(2026, 8, 1))

    def write_branch(self, branch: str, month: str, word: str) -> None:
        """Write a draft that names its branch by a word."""
        ledger = self.ledger(branch, month, meeting(f"{month}-05"))
        text = ledger.read_text(encoding="utf-8")
        ledger.write_text(text.replace(f"branch: {branch}", f"branch: {word}"), encoding="utf-8")

    def errors(self, today: date = TODAY) -> list[dict[str, str]]:
        told: list[dict[str, str]] = json.loads(self.run("check", "--format", "json", today=today).stdout)
        return [one for one in told if one["severity"] == "error"]

    def build(self, today: date = TODAY) -> Path:
        done = self.run("build", today=today)
        assert done.exit_code == 0, done.output
        return self.root / "site"

    def page(self, path: str) -> str:
        return (self.root / "site" / path).read_text(encoding="utf-8")

    def absent(self, month: str) -> list[str]:
        return [
            member
            for member in ("li", "wang", "zhou")
            if any("无故缺席" in line.reason for line in self.lines(member, month))
        ]


@pytest.fixture
def organ(tmp_path: Path) -> DatedOrgan:
    return DatedOrgan(tmp_path, ROSTER)


def names_on(page: str) -> set[str]:
    return {name for name in ("李强", "李小强") if name in page}


def files(site: Path) -> dict[Path, bytes]:
    return {path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()}


# --- boards and sealed months ----------------------------------------------------------------------------------------


def without_periods(page: str) -> str:
    """A page without the way to the boards around it, which leads to every new one."""
    return re.sub(r'<nav class="periods".*?</nav>', "", page, flags=re.DOTALL)


def test_a_change_leaves_sealed_months_as_they_were(organ: DatedOrgan):
    organ.seal("2026-01")
    organ.build()
    before = organ.page("branches/jia/2026-01.html")
    organ.rename("2026-02-01", "李小强")
    organ.seal("2026-02", absent="李小强")
    organ.build()
    january, february = (organ.page(f"branches/jia/2026-0{number}.html") for number in (1, 2))
    assert organ.errors() == []
    assert without_periods(january) == without_periods(before)
    assert (names_on(january), names_on(february)) == ({"李强"}, {"李小强"})
    assert not list((organ.root / "site/branches").rglob("*.r1.html"))


def test_a_change_of_a_name_is_not_said_to_be_one_of_the_word(organ: DatedOrgan):
    organ.seal("2026-01")
    assert organ.run("build", today=TODAY).exit_code == 0
    organ.rename("2026-02-01", "李小强")
    done = organ.run("build", today=TODAY)
    assert (done.exit_code, "release.value-changed" in done.stderr) == (0, False), done.stderr


def test_a_board_has_the_names_of_the_periods_last_day(organ: DatedOrgan):
    organ.seal("2026-01", "2026-02")
    organ.rename("2026-03-31", "李小强")
    organ.seal("2026-03")
    organ.build()
    assert names_on(organ.page("branches/jia/2026-02.html")) == {"李强"}
    assert names_on(organ.page("branches/jia/2026-Q1.html")) == {"李小强"}
    scored = json.loads(organ.run("score", "2026-02", "--branch", "jia", "--format", "json", today=TODAY).stdout)
    assert {"李强"} == {row["name"] for row in scored["rows"] if row["member"] == "li"}


def test_level_members_are_listed_by_the_names_of_the_time(organ: DatedOrgan):
    organ.rename("2026-02-01", "赵小强")
    for month in ("2026-01", "2026-02"):
        organ.ledger("jia", month, meeting(f"{month}-05"))
    listed = [
        [standing.member.name for standing in organ.ranking(month, "jia").standings] for month in ("2026-01", "2026-02")
    ]
    assert listed == [["李强", "王芳", "周敏"], ["王芳", "赵小强", "周敏"]]


@pytest.mark.parametrize("order", ["pinyin", "stroke"])
def test_a_distinguishing_word_holds_from_its_day(organ: DatedOrgan, order: str):
    organ.write("content/site.yaml", f"organ: 机关\ncommittee: 机关党委\ntitle: 积分榜\norder: {order}\n")
    organ.edit(LI, changed(LI, "{from: 2026-02-01, aka: 信访室}"))
    organ.seal("2026-01", "2026-02")
    organ.build()
    shown = ["信访室" in organ.page(f"branches/jia/2026-0{number}.html") for number in (1, 2)]
    assert shown == [False, True]


@pytest.mark.parametrize(
    ("sealed", "day", "next_day"),
    [
        (["2026-01"], "2026-01-31", "2026-02-01"),
        (["2026-01"], "2026-01-02", "2026-02-01"),
        (["2026-01", "2026-02"], "2026-01-15", "2026-03-01"),
        (["2026-01", "2026-02"], "2025-06-15", "2026-03-01"),
        (["2026-01", "2026-02", "2026-03"], "2026-02-10", "2026-04-01"),
    ],
)
def test_a_change_in_a_sealed_month_is_refused_once_with_the_next_possible_day(
    organ: DatedOrgan, sealed: list[str], day: str, next_day: str
):
    organ.seal(*sealed)
    organ.rename(day, "李小强")
    (error,) = organ.errors()
    assert (error["code"], error["file"], error["line"]) == ("roster.sealed-name", "ledgers/roster.yaml", 7)
    assert sealed[-1] in error["message"]
    assert next_day in error["hint"]
    assert organ.run("build", today=TODAY).exit_code == 1
    organ.edit(day, next_day)
    assert organ.errors() == []


def test_of_several_changes_only_the_late_one_is_refused(organ: DatedOrgan):
    organ.rename("2026-01-10", "周小敏", ZHOU)
    organ.seal("2026-01")
    organ.rename("2026-01-20", "李小强")
    organ.rename("2026-01-25", "王小芳", WANG)
    errors = organ.errors()
    assert [error["code"] for error in errors] == ["roster.sealed-name"] * 2
    assert [error["message"].partition("（")[0] for error in errors] == ["李强", "王芳"]


def test_any_other_change_of_the_roll_is_told_as_such(organ: DatedOrgan):
    organ.seal("2026-01")
    organ.rename("2026-01-20", "李小强")
    organ.edit(WANG, WANG.replace("王芳", "王方"))
    assert [error["code"] for error in organ.errors()] == ["approval.roll"]


def test_a_change_sealed_with_its_month_stays(organ: DatedOrgan):
    organ.rename("2026-01-15", "李小强")
    organ.seal("2026-01", "2026-02")
    organ.build()
    assert organ.errors() == []
    assert names_on(organ.page("branches/jia/2026-01.html")) == {"李小强"}


def test_a_correction_seals_a_name_that_was_wrong_from_the_beginning(organ: DatedOrgan):
    organ.seal("2026-01")
    organ.rename("2026-01-20", "李小强")
    assert organ.run("correct", "ledgers/2026/jia/01.yaml", "a1", "--recorder", "登记员", today=TODAY).exit_code == 0
    path = organ.root / "ledgers/2026/jia/01.c1.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("reason:  ", "reason: 姓名记错"), encoding="utf-8")
    organ.approve(path, meeting="2026-04-01", today=TODAY)
    assert organ.errors() == []


# --- what a word means -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["李强", "李小强", "li"])
@pytest.mark.parametrize("month", ["2026-01", "2026-02", "2026-03"])
def test_either_name_serves_in_any_month(organ: DatedOrgan, word: str, month: str):
    organ.rename("2026-02-10", "李小强")
    organ.ledger("jia", month, meeting(f"{month}-05", word))
    assert organ.errors() == []
    assert organ.absent(month) == ["li"]


def test_a_name_that_passes_to_another_means_whoever_bears_it_that_day(organ: DatedOrgan):
    organ.rename("2026-02-01", "李小强")
    organ.rename("2026-03-01", "李强", WANG)
    for month in ("2026-01", "2026-03"):
        organ.ledger("jia", month, meeting(f"{month}-05", "李强"))
    assert organ.errors() == []
    assert [organ.absent(month) for month in ("2026-01", "2026-03")] == [["li"], ["wang"]]


def test_a_name_that_two_may_mean_is_refused_in_a_draft(organ: DatedOrgan):
    organ.rename("2026-02-01", "李小强")
    organ.rename("2026-03-01", "李小强", WANG)
    organ.ledger("jia", "2026-01", meeting("2026-01-05", "李小强"))
    assert [error["code"] for error in organ.errors()] == ["ledger.ambiguous-member"]


@pytest.mark.parametrize(
    ("sealed", "word", "passes"), [("2026-01", "李小强", "2026-03-01"), ("2026-03", "李强", "2026-04-01")]
)
def test_what_a_sealed_word_means_does_not_change_with_a_later_namesake(
    organ: DatedOrgan, sealed: str, word: str, passes: str
):
    organ.rename("2026-02-01", "李小强")
    organ.seal(sealed, absent=word)
    organ.rename(passes, word, WANG)
    assert organ.errors() == []
    assert organ.absent(sealed) == ["li"]


def test_sealed_reviews_mean_whom_they_meant(organ: DatedOrgan):
    today = date(2027, 3, 1)
    file = organ.write("ledgers/2026/reviews.yaml", "year: 2026\nscores: {李强: 90, 王芳: 80}\n")
    organ.approve(file, meeting="2026-12-28", today=today)
    organ.rename("2026-12-30", "王芳")
    assert organ.errors(today) == []
    assert organ.read(today).reviews[2026] == {"li": 90, "wang": 80}


def test_search_and_explain_find_a_member_by_both_names(organ: DatedOrgan):
    organ.seal("2026-01")
    organ.rename("2026-02-01", "李小强")
    site = organ.build()
    shard = re.search(r"\(0,(.*)\);", (site / "search/0.js").read_text(encoding="utf-8"))
    assert shard
    entries = [[*entry[:2], entry[2][0]] for entry in json.loads(shard[1]) if entry[4] == "members/li.html"]
    assert sorted(entries) == [["李小强", "", "li xiao qiang"], ["李强", "现名李小强", "li qiang"]]
    explained = [organ.run("explain", word, "2026-01", today=TODAY).stdout for word in ("李强", "李小强", "li")]
    assert [text.partition("（")[0] for text in explained] == ["李强"] * 3


def test_no_name_is_shown_before_its_day(organ: DatedOrgan):
    day = date(2026, 4, 11)
    organ.seal("2026-01")
    organ.rename("2026-04-11", "李小强")
    organ.rename("2026-04-11", "综合党支部", FIRST)
    before = b"".join(files(organ.build()).values())
    assert not [name for name in ("李小强", "综合党支部") if name.encode() in before]
    warm = files(organ.build(day))
    assert "李小强" in organ.page("members/li.html")
    assert "综合党支部" in organ.page("branches/jia/index.html")
    assert organ.run("build", "--output", organ.root / "fresh", today=day).exit_code == 0
    assert warm == files(organ.root / "fresh")


# --- branches --------------------------------------------------------------------------------------------------------


def test_boards_keep_the_name_that_their_branch_had(organ: DatedOrgan):
    organ.seal("2026-01")
    organ.build()
    before = organ.page("branches/jia/2026-01.html")
    organ.rename("2026-02-01", "综合党支部", FIRST)
    organ.seal("2026-02")
    organ.build()
    after = [organ.page(path) for path in ("branches/jia/2026-02.html", "branches/jia/index.html", "branches.html")]
    assert without_periods(organ.page("branches/jia/2026-01.html")) == without_periods(before)
    assert "综合党支部" not in before
    assert all("综合党支部" in page and "第一党支部" not in page for page in after)
    assert "第一党支部（现名综合党支部）" in organ.page("search/index.js")


def test_an_organs_board_and_its_rows_on_the_home_page_name_branches_alike(organ: DatedOrgan):
    organ.rename("2026-07-01", "综合党支部", FIRST)
    months = [f"2026-0{number}" for number in range(1, 7)]
    organ.seal(*months)
    organ.seal(*months, absent="", branch="yi")
    organ.build(date(2026, 8, 1))
    board, home = organ.page("boards/2026-H1.html"), organ.page("index.html")
    assert "综合党支部" not in board
    assert set(re.findall(r'<td class="wide">([^<]*)</td>', home)) == {"第一党支部", "第二党支部"}
    assert re.search(r"<li>.*综合党支部.*</li>", home)
    assert not re.search(r"<li>.*第一党支部.*</li>", home)


def test_the_committee_reads_a_quarter_under_its_names(organ: DatedOrgan):
    organ.rename("2026-04-01", "综合党支部", FIRST)
    organ.rename("2026-04-01", "李小强")
    organ.seal("2026-01", "2026-02", "2026-03")
    done = organ.run("build", "--audience", "committee", "--output", organ.root / "committee", today=TODAY)
    assert done.exit_code == 0, done.output
    folder = organ.root / "committee/committee"
    pages = [folder / "filings/2026-Q1.jia.html", folder / "ledgers/jia/2026-01.html"]
    texts = [path.read_text(encoding="utf-8") for path in pages]
    assert all("第一党支部" in text and "综合党支部" not in text and "李小强" not in text for text in texts)
    assert "综合党支部" in (folder / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("word", "month", "codes"),
    [
        ("第一党支部", "2026-01", []),
        ("综合党支部", "2026-01", []),
        ("第一党支部", "2026-03", []),
        ("jia", "2026-03", []),
        ("第二党支部", "2026-03", ["ledger.path-branch"]),
    ],
)
def test_a_ledger_may_use_either_name_of_its_branch(organ: DatedOrgan, word: str, month: str, codes: list[str]):
    organ.rename("2026-02-10", "综合党支部", FIRST)
    organ.write_branch("jia", month, word)
    assert [error["code"] for error in organ.errors()] == codes


def test_a_name_that_passes_to_another_branch_means_that_one_from_then_on(organ: DatedOrgan):
    organ.rename("2026-02-01", "综合党支部", FIRST)
    organ.rename("2026-03-01", "第一党支部", SECOND)
    for branch, month in (("jia", "2026-01"), ("yi", "2026-03"), ("jia", "2026-03")):
        organ.write_branch(branch, month, "第一党支部")
    assert [(error["file"], error["code"]) for error in organ.errors()] == [
        ("ledgers/2026/jia/03.yaml", "ledger.path-branch")
    ]


# --- rolls -----------------------------------------------------------------------------------------------------------


def rolls(roster: str, branch: str = "jia") -> list[str]:
    read, problems = roster_file.read_roster(roster.encode(), "ledgers/roster.yaml", NameOrder.PINYIN)
    assert read is not None, problems
    return [digest_roll(read, branch, period(f"2026-{number:02}")) for number in range(1, 13)]


OLD, NEW = rolls(ROSTER), rolls(ROSTER.replace("李强", "李小强"))


@given(st.dates(date(2025, 12, 1), date(2027, 1, 31)))
def test_a_roll_has_the_names_of_the_months_last_day(day: date):
    found = rolls(ROSTER.replace(LI, renamed(LI, day.isoformat(), "李小强")))
    assert found == [
        new if day <= period(f"2026-{number:02}").last else old
        for number, (old, new) in enumerate(zip(OLD, NEW, strict=True), start=1)
    ]


def test_whoever_moves_in_a_month_has_on_each_roll_the_name_of_the_last_day_there():
    move, name = "{from: 2026-01-15, branch: yi}", "{from: 2026-01-20, name: 李小强}"
    old = ROSTER.replace(LI, changed(LI, move))
    found, new = ROSTER.replace(LI, changed(LI, move, name)), old.replace("李强", "李小强")
    assert rolls(found)[0] == rolls(old)[0]
    assert rolls(found, "yi") == rolls(new, "yi")
    assert rolls(found, "yi")[0] != rolls(old, "yi")[0]
