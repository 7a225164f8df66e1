"""A sealed month is corrected in the open: what counts, who sees what, what is refused."""

import json
import re
from datetime import date
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from generator.commands import cli, correct
from tests.corrections import SECRET, approved_organ, built, digest, draft, words
from tests.site_project import SiteProject

# Points of 张三, 王五 and 赵六 in January: 1 - 0.5, 1 + 2 + 2, 1 + 2 - 2.
BEFORE = ("0.5", "5", "1")


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    """An organ whose January and February are approved."""
    return approved_organ(tmp_path)


def points(organ: SiteProject, period: str = "2026-01") -> tuple[str, ...]:
    board = json.loads(organ.run("score", period, "--branch", "jia", "--format", "json").stdout)
    found = {row["member"]: row["points"] for row in board["rows"]}
    return found["zhang"], found["wang"], found["zhao"]


CORRECTED = {
    "restated": ("误记", "restate: {a2: {item: study, date: 2026-01-08}}", ("3", "5", "1")),
    "restated in Chinese": ("误记", "改写: {a2: {项目: 学习教育, 日期: 2026-01-08, 缺席: [王五]}}", ("3", "2", "1")),
    "an entry restated": (
        "误记",
        "restate: {e2: {member: 赵六, item: late-document, date: 2026-01-20}}",
        ("0.5", "5", "2"),
    ),
    "struck": ("剔除", "strike: [e1]", ("0.5", "3", "1")),
    "an activity struck": ("剔除", "strike: [a2]", ("1", "3", "-1")),
    "struck whole": ("剔除", "strike: all", ("0", "0", "0")),
    "struck whole in Chinese": ("剔除", "剔除: [全部]", ("0", "0", "0")),
    "added": (
        "补录",
        (
            "entries: [{member: 张三, item: contest, level: placed, date: 2026-01-30, "
            "evidence: {sign-in: 甲.pdf, photo: 乙.jpg}}]"
        ),
        ("2.5", "5", "1"),
    ),
    "an activity added": ("补录", "activities: [{item: dues, date: 2026-01-09, absent: [张三]}]", ("0.5", "6", "2")),
    "all at once": (
        "误记",
        (
            "strike: [e1]\nrestate: {a2: {item: study, date: 2026-01-08}}\n"
            "entries: [{member: 张三, item: suggestion, date: 2026-01-30}]"
        ),
        ("5", "3", "1"),
    ),
}


@pytest.mark.parametrize(("kind", "text", "after"), CORRECTED.values(), ids=CORRECTED)
def test_a_correction_counts_in_the_corrected_month_once_it_is_approved(
    organ: SiteProject, kind: str, text: str, after: tuple[str, ...]
):
    february = points(organ, "2026-02")
    file = draft(organ, text, kind=kind)
    assert points(organ) == BEFORE
    organ.approve(file, meeting="2026-04-02")
    assert points(organ) == after
    assert points(organ, "2026-02") == february
    explained = json.loads(organ.run("explain", "wang", "2026-01", "--format", "json").stdout)
    assert explained["points"] == after[1]


def test_a_second_correction_may_touch_what_the_first_added(organ: SiteProject):
    organ.approve(draft(organ, "entries: [{member: 张三, item: suggestion, date: 2026-01-30}]", kind="补录"))
    assert points(organ) == ("2.5", "5", "1")
    organ.approve(draft(organ, "strike: [c1.e1]", number=2, kind="剔除"))
    assert points(organ) == BEFORE
    refused = organ.run("check", draft(organ, "strike: [c1.e1]", number=3, kind="剔除"))
    assert "correction.struck-line" in refused.stderr


def test_restated_lines_keep_their_place_and_added_ones_follow(organ: SiteProject):
    organ.approve(
        draft(
            organ,
            "restate: {a1: {item: general-meeting, date: 2026-01-06}}\nactivities: [{item: dues, date: 2026-01-02}]",
        )
    )
    lines = [(line.item.id, line.date.day) for line in organ.lines("wang", "2026-01")]
    assert lines == [("general-meeting", 6), ("study", 8), ("dues", 2), ("suggestion", 12)]


def test_correct_starts_one_with_the_lines_as_they_are(organ: SiteProject):
    done = organ.run("correct", "ledgers/2026/jia/01.yaml", "a2", "e2", "--recorder", "登记员")
    assert done.exit_code == 0, done.output
    file = organ.root / "ledgers/2026/jia/01.c1.yaml"
    started = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
    assert started["corrects"] == digest(file.with_name("01.yaml"))
    assert started["restate"] == {
        "a2": {"item": "study", "date": "2026-01-08", "leave": ["张三"]},
        "e2": {"member": "赵六", "item": "late-document", "date": "2026-01-20", "times": "2"},
    }
    assert "field.blank" in organ.run("check", file).stderr  # the reason is for people to write
    text = file.read_text(encoding="utf-8").replace("reason: ", f"reason: {SECRET}", 1).replace(", leave: [张三]", "")
    file.write_text(text, encoding="utf-8")
    organ.approve(file)
    assert points(organ) == ("3", "5", "1")


MONTH = ("a1  2026-01-05  general-meeting", "a2  2026-01-08  study", "e2  2026-01-20  late-document  赵六")


def test_correct_asks_which_lines_on_a_terminal(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(correct, "is_terminal", lambda: True)
    line = ["-C", str(organ.root), "correct", str(organ.root / "ledgers/2026/jia/01.yaml"), "--today", "2027-06-01"]
    asked = CliRunner().invoke(cli, line, prog_name="jifenbang", input="a9\n2、e2\n")
    assert asked.exit_code == 0, asked.output
    assert [line in asked.output for line in MONTH] == [True] * 3
    assert "没有“a9”这一条" in asked.output
    started = yaml.load(
        (organ.root / "ledgers/2026/jia/01.c1.yaml").read_text(encoding="utf-8"), Loader=yaml.CBaseLoader
    )
    assert list(started["restate"]) == ["a2", "e2"]


def test_correct_without_a_terminal_lists_the_lines_and_writes_nothing(organ: SiteProject):
    refused = organ.run("correct", "ledgers/2026/jia/01.yaml")
    assert refused.exit_code == 2
    assert [line in refused.output for line in MONTH] == [True] * 3
    assert not (organ.root / "ledgers/2026/jia/01.c1.yaml").exists()


def test_a_correction_that_only_adds_restates_nothing(organ: SiteProject):
    assert organ.run("correct", "ledgers/2026/jia/01.yaml", "无", "--recorder", "登记员").exit_code == 0
    file = organ.root / "ledgers/2026/jia/01.c1.yaml"
    text = file.read_text(encoding="utf-8").replace("reason: ", "reason: 漏记", 1).replace("kind: 误记", "kind: 补录")
    file.write_text(f"{text}activities: [{{item: dues, date: 2026-01-02}}]\n", encoding="utf-8")
    organ.approve(file)


def test_correct_lists_every_line_that_still_counts(organ: SiteProject):
    organ.approve(draft(organ, "strike: [e1]", kind="剔除"))
    organ.run("correct", "ledgers/2026/jia/01.yaml", "全部")
    started = yaml.load(
        (organ.root / "ledgers/2026/jia/01.c2.yaml").read_text(encoding="utf-8"), Loader=yaml.CBaseLoader
    )
    assert list(started["restate"]) == ["a1", "a2", "e2"]


# --- the roster ------------------------------------------------------------------------------------------------------


def test_a_changed_roll_needs_a_correction_which_seals_it_anew(organ: SiteProject):
    roster = organ.root / "ledgers/roster.yaml"
    text = roster.read_text(encoding="utf-8")
    joined = "  - {id: sun, name: 孙七, branch: jia, status: full, since: 2026-01-06}\n"
    roster.write_text(text + joined, encoding="utf-8")
    assert "approval.roll" in organ.run("build").stderr
    for month in ("01", "02"):
        seal = digest(organ.root / f"ledgers/2026/jia/{month}.yaml")
        organ.write(
            f"ledgers/2026/jia/{month}.c1.yaml",
            f"branch: jia\nmonth: 2026-{month}\ncorrects: {seal}\nrecorder: 登记员\nkind: 误记\nreason: 名册漏记\n",
        )
    organ.approve(*(organ.root / f"ledgers/2026/jia/{month}.c1.yaml" for month in ("01", "02")))
    assert organ.run("build").exit_code == 0
    assert organ.points("sun", "2026-01", "2026-02") == ["2", "1"]
    roster.write_text(text, encoding="utf-8")
    assert "approval.roll" in organ.run("build").stderr


def test_a_correction_that_changes_nothing_is_told(organ: SiteProject):
    assert "correction.empty" in organ.run("check", draft(organ, "")).stderr


# --- what readers see ------------------------------------------------------------------------------------------------


def rows(text: str) -> list[tuple[str, str, str]]:
    """Rank, name and points of each row of a board."""
    return re.findall(r"([0-9]+) (张三|王五|赵六) (?:差 [0-9.]+ 分 )?([0-9.-]+) ", text)


def test_a_board_gets_a_revision_and_keeps_the_earlier_one(organ: SiteProject):
    site = built(organ)
    address = "branches/jia/2026-01.html"
    before = words(site / address)
    organ.approve(draft(organ, "restate: {a2: {item: study, date: 2026-01-08}}"), meeting="2026-04-02")
    site = built(organ)
    old, new = words(site / "branches/jia/2026-01.r1.html"), words(site / address)
    assert "这一版已被更正取代" in old
    assert "已更正，现行为第 2 版" in new
    assert rows(before) == rows(old) == [("1", "王五", "5"), ("2", "赵六", "1"), ("3", "张三", "0.5")]
    assert rows(new) == [("1", "王五", "5"), ("2", "张三", "3"), ("3", "赵六", "1")]
    notice = words(site / "branches/jia/2026-01.c1.html")
    assert "误记" in notice
    assert "2026年4月2日" in notice
    assert "张三 3 → 2 0.5 → 3" in notice
    assert "赵六 2 → 3 1 " in notice
    audit = json.loads((site / "audit.json").read_text(encoding="utf-8"))
    assert "2026年4月2日 （更正）" in words(site / "branches/jia/index.html")
    assert [(one["month"], one["revision"]) for one in audit["approvals"] if one["branch"] == "jia"] == [
        ("2026-01", 0),
        ("2026-01", 1),
        ("2026-02", 0),
    ]


def test_only_boards_whose_figures_change_are_revised(organ: SiteProject):
    """February's points stay, but its totals change; a board that was not complete gets no revision."""
    organ.approve(draft(organ, "restate: {a2: {item: study, date: 2026-01-08}}"), meeting="2026-04-02")
    pages = {path.relative_to(built(organ)).as_posix() for path in built(organ).rglob("*.r1.html")}
    assert pages == {"branches/jia/2026-01.r1.html", "branches/jia/2026-02.r1.html"}


def test_a_complete_half_year_is_revised_for_the_whole_organ(organ: SiteProject):
    for branch in ("jia", "yi"):
        organ.approve(*(organ.ledger(branch, f"2026-0{n}") for n in range(1 + 2, 7)), meeting="2026-07-03")
    early = draft(organ, "restate: {a2: {item: study, date: 2026-01-08}}")
    organ.approve(early, meeting="2026-06-30")  # a day before the half was complete, but approved after it
    organ.approve(draft(organ, "strike: [e2]", number=2, kind="剔除"), meeting="2026-08-03")
    site = built(organ)
    assert (site / "boards/2026-H1.r2.html").is_file()
    assert not (site / "boards/2026-H1.r3.html").exists()
    assert "第 3 版" in words(site / "boards/2026-H1.html")
    assert "赵六" in words(site / "boards/2026-H1.c2.html")


def test_a_later_correction_leaves_earlier_revisions_as_they_were(organ: SiteProject):
    organ.approve(draft(organ, "restate: {a2: {item: study, date: 2026-01-08}}"), meeting="2026-04-02")
    names = [f"branches/jia/2026-01.{part}.html" for part in ("r1", "c1")]
    first = [words(built(organ) / name) for name in names]
    organ.approve(draft(organ, "strike: [e2]", number=2, kind="剔除"), meeting="2026-05-06")
    later = [words(built(organ) / name) for name in names]
    figures = [re.findall(r"(?:张三|王五|赵六)[^一-龥]*", text) for text in first]
    assert [re.findall(r"(?:张三|王五|赵六)[^一-龥]*", text) for text in later] == figures


def test_the_reason_is_for_the_member_and_the_committee_alone(organ: SiteProject):
    organ.approve(draft(organ, "restate: {a2: {item: study, date: 2026-01-08}}"), meeting="2026-04-02")
    everywhere = built(organ, "organ", "branch", "member", "committee")
    holding = {
        path.relative_to(everywhere).as_posix()
        for path in everywhere.rglob("*")
        if path.is_file() and SECRET in path.read_text(encoding="utf-8", errors="replace")
    }
    committees = {"journal.html", "ledgers/jia/2026-01.html", "filings/2026-Q1.jia.html"}
    assert holding == {"members/zhang.html", *(f"committee/{page}" for page in committees)}
    assert "更正1（误记）" in words(everywhere / "members/zhang.html")


def test_masked_names_stay_masked_in_a_notice(organ: SiteProject):
    settings = organ.root / "content/site.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "names: masked\n", encoding="utf-8")
    for branch in ("jia", "yi"):
        organ.approve(*(organ.ledger(branch, f"2026-0{n}") for n in range(3, 7)), meeting="2026-07-03")
    organ.approve(draft(organ, "strike: [e2]", kind="剔除"), meeting="2026-08-03")
    site = built(organ, "organ")
    for page in ("boards/2026-H1.html", "boards/2026-H1.r1.html", "boards/2026-H1.c1.html"):
        text = (site / page).read_text(encoding="utf-8")
        assert "赵*" in text
        assert "赵六" not in text
        assert "zhao" not in text


def test_a_draft_correction_is_previewed_but_stops_nobody(organ: SiteProject):
    draft(organ, "strike: [e9]")
    done = organ.run("build")
    assert done.exit_code == 0
    assert "correction.unknown-line" in done.stderr
    assert organ.run("check").exit_code == 1


def test_the_form_of_a_draft_correction_is_stamped(organ: SiteProject):
    file = draft(organ, "strike: [e2]", kind="剔除")
    form = organ.run("form", file).stdout
    assert "送审稿" in form
    assert SECRET in form
    organ.approve(file)
    assert "送审稿" not in organ.run("form", file).stdout


# --- filing ----------------------------------------------------------------------------------------------------------


def filed(organ: SiteProject) -> None:
    organ.approve(organ.ledger("jia", "2026-03"), organ.ledger("yi", "2026-03"), meeting="2026-04-03")
    done = organ.run("file", "2026-Q1", "--on", "2026-04-15", "--by", "备案人", "--acting", "代行")
    assert done.exit_code == 0, done.output


def test_a_filing_rests_on_every_approval_of_its_quarter(organ: SiteProject):
    organ.approve(draft(organ, "strike: [e2]", kind="剔除"), meeting="2026-04-02")
    filed(organ)
    filing = yaml.load(
        (organ.root / "ledgers/2026/filings/2026-Q1.jia.yaml").read_text(encoding="utf-8"), Loader=yaml.CBaseLoader
    )
    names = ["01.yaml", "01.c1.yaml", "02.yaml", "03.yaml"]
    assert filing["rests"] == [digest(organ.root / "ledgers/2026/jia" / name) for name in names]
    assert organ.run("check").exit_code == 0


def test_after_filing_a_correction_needs_consent(organ: SiteProject):
    filed(organ)
    file = draft(organ, "strike: [e2]", kind="剔除")
    words = ("approve", file, "--meeting", "2026-05-06", "--by", "审核员", "--acting", "代行")
    refused = organ.run(*words)
    assert (refused.exit_code, "approve.no-consent" in refused.stderr) == (1, True)
    assert organ.run(*words, "--consent", "党委负责人").exit_code == 0
    assert "consent: 党委负责人" in file.read_text(encoding="utf-8")
    assert points(organ) == ("0.5", "5", "3")


@pytest.mark.parametrize(
    ("period", "day", "code"),
    [("2026-Q1", "2026-04-15", "file.incomplete"), ("2026-Q2", "2026-07-15", "file.incomplete")],
)
def test_only_a_complete_quarter_is_filed(organ: SiteProject, period: str, day: str, code: str):
    done = organ.run("file", period, "--on", day, "--by", "备案人", "--acting", "代行")
    assert (done.exit_code, code in done.stderr) == (1, True)
    assert not (organ.root / "ledgers/2026/filings").exists()


def test_a_quarter_is_filed_once_and_on_a_possible_day(organ: SiteProject):
    filed(organ)
    assert (
        "file.already"
        in organ.run("file", "2026-Q1", "--on", "2026-04-15", "--by", "备案人", "--acting", "代行").stderr
    )
    organ.approve(*(organ.ledger("yi", f"2026-0{n}") for n in (4, 5, 6)), meeting="2026-07-03")
    for day in ("2026-07-02", "2027-06-02"):
        done = organ.run("file", "2026-Q2", "--on", day, "--by", "备案人", "--acting", "代行", "--branch", "yi")
        assert "file.day" in done.stderr


# --- withdrawal ------------------------------------------------------------------------------------------------------


def withdraw(organ: SiteProject, name: str, today: date = date(2026, 5, 1)):
    return organ.run("approve", f"ledgers/2026/{name}.yaml", "--withdraw", "--reason", "误审旧稿", today=today)


def test_a_mistaken_approval_is_withdrawn_and_logged(organ: SiteProject):
    file = organ.root / "ledgers/2026/jia/02.yaml"
    seal = digest(file)
    assert withdraw(organ, "jia/02").exit_code == 0
    assert "approval" not in file.read_text(encoding="utf-8")
    record = yaml.load(file.with_name("02.w1.yaml").read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)
    assert (record["withdraws"], record["reason"], record["on"]) == (seal, "误审旧稿", "2026-05-01")
    organ.approve(file, meeting="2026-03-05")
    held = yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CBaseLoader)["approval"]["records"]
    assert held == [record["digest"]]
    site = built(organ, "organ", "committee")
    assert seal.removeprefix("sha256:")[16:] in (site / "audit.html").read_text(encoding="utf-8")
    assert "误审旧稿" in (site / "committee/journal.html").read_text(encoding="utf-8")
    assert "误审旧稿" not in (site / "audit.html").read_text(encoding="utf-8")


def test_what_others_rest_on_stays(organ: SiteProject):
    later = withdraw(organ, "jia/01")
    assert (later.exit_code, "接在它的后面" in later.stderr) == (1, True)
    filed(organ)
    quarter = withdraw(organ, "jia/03")
    assert (quarter.exit_code, "已经备案" in quarter.stderr) == (1, True)


def test_what_was_published_stays(organ: SiteProject):
    built(organ)
    done = withdraw(organ, "jia/02")
    assert (done.exit_code, "已经随网站公布" in done.stderr) == (1, True)
    assert "approval" in (organ.root / "ledgers/2026/jia/02.yaml").read_text(encoding="utf-8")


def test_no_ledger_is_withdrawn_because_its_rulebook_changed(organ: SiteProject):
    rulebook = organ.root / "ledgers/rulebooks/erqi-2021.yaml"
    text = rulebook.read_text(encoding="utf-8")
    rulebook.write_text(text.replace("points: 2", "points: 3"), encoding="utf-8")
    assert text != rulebook.read_text(encoding="utf-8")
    done = withdraw(organ, "jia/02")
    assert (done.exit_code, "〔approval.rulebook〕" in done.stderr) == (1, True)
    assert "approval" in (organ.root / "ledgers/2026/jia/02.yaml").read_text(encoding="utf-8")


def test_a_correction_can_be_withdrawn_too(organ: SiteProject):
    file = draft(organ, "strike: [e2]", kind="剔除")
    organ.approve(file, meeting="2026-04-02")
    assert withdraw(organ, "jia/01.c1").exit_code == 0
    assert (organ.root / "ledgers/2026/jia/01.w1.yaml").is_file()
    assert points(organ) == BEFORE
    assert organ.run("check").exit_code == 0


def test_a_board_from_before_the_roster_was_corrected_says_so(organ: SiteProject):
    roster = organ.root / "ledgers/roster.yaml"
    joined = "  - {id: sun, name: 孙七, branch: jia, status: full, since: 2026-02-02}\n"
    roster.write_text(roster.read_text(encoding="utf-8") + joined, encoding="utf-8")
    seal = digest(organ.root / "ledgers/2026/jia/02.yaml")
    organ.approve(
        organ.write(
            "ledgers/2026/jia/02.c1.yaml",
            f"branch: jia\nmonth: 2026-02\ncorrects: {seal}\nrecorder: 甲\nkind: 误记\nreason: 漏记\nstrike: [a1]\n",
        )
    )
    site = built(organ)
    assert "可能与当时公布的不完全一样" in words(site / "branches/jia/2026-02.r1.html")
    organ.approve(draft(organ, "strike: [e2]", kind="剔除"))
    assert "可能与当时公布的不完全一样" not in words(built(organ) / "branches/jia/2026-01.r1.html")


# --- order, in time and by number ------------------------------------------------------------------------------------


def test_corrections_that_change_places_are_told(organ: SiteProject):
    organ.approve(draft(organ, "restate: {a2: {item: study, date: 2026-01-08, leave: [王五]}}"), meeting="2026-04-02")
    text = "restate: {a2: {item: study, date: 2026-01-08, absent: [王五]}}"
    file = draft(organ, text, number=2)
    ledger = digest(file.with_name("01.yaml"))
    file.write_text(re.sub("corrects: .*", f"corrects: {ledger}", file.read_text(encoding="utf-8")), encoding="utf-8")
    organ.approve(file, meeting="2026-04-02")
    first, second = file.with_name("01.c1.yaml"), file
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    done = organ.run("verify")
    assert (done.exit_code, "approval.chain" in done.stderr) == (1, True)


def test_a_revision_keeps_its_address_whatever_is_approved_later(organ: SiteProject):
    for branch in ("jia", "yi"):
        organ.approve(*(organ.ledger(branch, f"2026-0{n}") for n in range(3, 7)), meeting="2026-07-03")
    seal = digest(organ.root / "ledgers/2026/yi/02.yaml")
    organ.approve(
        organ.write(
            "ledgers/2026/yi/02.c1.yaml",
            f"branch: yi\nmonth: 2026-02\ncorrects: {seal}\nrecorder: 登记员\nkind: 补录\nreason: 漏登\n"
            "entries: [{member: 李四, item: suggestion, date: 2026-02-05}]\n",
        ),
        meeting="2026-08-05",
    )
    names = ["boards/2026-H1.r1.html", "boards/2026-H1.c1.html"]
    before = [re.findall("李四.*", words(built(organ) / name))[0][:40] for name in names]
    organ.approve(draft(organ, "strike: [e1]", kind="剔除"), meeting="2026-08-03")  # an earlier day, another branch
    assert [re.findall("李四.*", words(built(organ) / name))[0][:40] for name in names] == before
    assert "王五" in words(built(organ) / "boards/2026-H1.c2.html")


def test_a_corrected_roll_makes_a_revision_even_if_no_figure_changes(organ: SiteProject):
    roster = organ.root / "ledgers/roster.yaml"
    text = roster.read_text(encoding="utf-8")
    roster.write_text(text.replace("name: 张三", "name: 张三丰"), encoding="utf-8")
    drafts = []
    for month in ("01", "02"):
        seal = digest(organ.root / f"ledgers/2026/jia/{month}.yaml")
        head = f"branch: jia\nmonth: 2026-{month}\ncorrects: {seal}\nrecorder: 登记员\nkind: 误记\nreason: 姓名写错\n"
        restated = "restate: {a2: {item: study, date: 2026-01-08, leave: [zhang]}}\n" if month == "01" else ""
        drafts.append(organ.write(f"ledgers/2026/jia/{month}.c1.yaml", head + restated))
    organ.approve(*drafts)
    assert "可能与当时公布的不完全一样" in words(built(organ) / "branches/jia/2026-02.r1.html")


# --- what people get wrong -------------------------------------------------------------------------------------------


def test_who_only_reads_another_title_is_not_told_the_reason(organ: SiteProject):
    organ.approve(
        draft(organ, "restate: {a2: {item: study, date: 2026-01-08, title: 另一个题目}}"), meeting="2026-04-02"
    )
    site = built(organ, "member")
    assert SECRET in words(site / "members/zhang.html")
    assert SECRET not in words(site / "members/wang.html")
    assert "更正1（误记）" in words(site / "members/wang.html")


def test_a_digest_is_nobodys_telephone_number(organ: SiteProject):
    file = draft(organ, "strike: [e2]", kind="剔除")
    text = re.sub("corrects: .*", "corrects: sha256:b6bf559646711704333417a6fe7" + "0" * 37, file.read_text("utf-8"))
    file.write_text(text, encoding="utf-8")
    said = organ.run("check", file).stderr
    assert "text.private-number" not in said
    assert "correction.corrects" in said


@pytest.mark.parametrize(
    ("meeting", "words", "code"),
    [
        ("2026-02-02", (), "approve.meeting-early"),  # the ledger was approved on the third
        ("2026-04-14", ("--consent", "党委负责人"), "approve.meeting-early"),  # the quarter was filed on the fifteenth
        ("2026-05-06", ("--consent", "审核员"), "approve.same-person"),
        ("2026-05-06", ("--consent", "登记员"), "approve.same-person"),
    ],
)
def test_a_correction_comes_after_what_it_corrects_and_is_consented_to_by_another(
    organ: SiteProject, meeting: str, words: tuple[str, ...], code: str
):
    if words:
        filed(organ)
    file = draft(organ, "strike: [e2]", kind="剔除")
    done = organ.run("approve", file, "--meeting", meeting, "--by", "审核员", "--acting", "代行", *words)
    assert (done.exit_code, code in done.stderr) == (1, True)


@pytest.mark.parametrize(
    "moved",
    [
        lambda before, block: block + before,
        lambda before, block: before + "approval: {" + ", ".join(re.findall(r"  (.*: .*)", block)) + "}\n",
        lambda before, block: before + block + "# 附注\nentries: []\n",
    ],
    ids=["to the top", "on one line", "with more after it"],
)
def test_a_withdrawal_never_takes_a_recorders_line_with_it(organ: SiteProject, moved):
    file = organ.root / "ledgers/2026/jia/02.yaml"
    text = file.read_text(encoding="utf-8")
    cut = text.index("approval:")
    file.write_text(moved(text[:cut], text[cut:]), encoding="utf-8")
    before = file.read_text(encoding="utf-8")
    done = withdraw(organ, "jia/02")
    after = file.read_text(encoding="utf-8")
    assert after == before if done.exit_code else after == text[:cut]


def test_a_name_cannot_write_lines_of_its_own(organ: SiteProject):
    assert organ.run("correct", "ledgers/2026/jia/01.yaml", "--recorder", "甲\nstrike: all").exit_code == 2
    organ.run("correct", "ledgers/2026/jia/01.yaml", "all", "--recorder", "甲: 乙 # 丙")
    started = (organ.root / "ledgers/2026/jia/01.c1.yaml").read_text(encoding="utf-8")
    assert yaml.load(started, Loader=yaml.CBaseLoader)["recorder"] == "甲: 乙 # 丙"
