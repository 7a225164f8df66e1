"""What an approval seals, and that nothing sealed can change without a word."""

import hashlib
import json
from datetime import date
from pathlib import Path

import pytest
import yaml

from tests.site_project import REPOSITORY, SiteProject, members

LEDGERS = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for path in REPOSITORY.glob("ledgers/20*/*/[01]*.yaml")
    if ".w" not in path.name
)
RECORDS = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for pattern in ("ledgers/20*/filings/*.yaml", "ledgers/20*/*/*.w*.yaml")
    for path in REPOSITORY.glob(pattern)
)
BALLOTS = sorted(
    path.relative_to(REPOSITORY).as_posix()
    for pattern in ("ledgers/20*/reviews.yaml", "ledgers/20*/votes/*.yaml")
    for path in REPOSITORY.glob(pattern)
)
ROSTER = members("zhang 张三 jia", "wang 王五 jia", "li 李四 yi")
JANUARY = "entries: [{member: 张三, item: suggestion, date: 2026-01-05}]  # 附：采用通知\n"


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return SiteProject(tmp_path, ROSTER)


def sealed(organ: SiteProject) -> Path:
    """The approved ledger of January."""
    file = organ.ledger("jia", "2026-01", JANUARY)
    organ.approve(file, meeting="2026-02-03")
    return file


def plain(path: Path) -> dict[str, object]:
    """A file as the format describes it: every scalar as written, without the package's own reader."""
    return yaml.load(path.read_text(encoding="utf-8-sig"), Loader=yaml.CBaseLoader)


def digest(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize("name", [*LEDGERS, *BALLOTS])
def test_anyone_can_recompute_a_digest_of_the_sample(name: str):
    ledger = plain(REPOSITORY / name)
    if name == "ledgers/2026/third/10.yaml":
        assert "approval" not in ledger  # the sample's one draft
    else:
        claimed = ledger["approval"].pop("digest")
        assert claimed == digest(ledger)


@pytest.mark.parametrize("name", RECORDS)
def test_anyone_can_recompute_a_filing_or_withdrawal_of_the_sample(name: str):
    record = plain(REPOSITORY / name)
    claimed = record.pop("digest")
    assert claimed == digest(record)


def test_the_approvals_of_the_sample_form_one_chain_a_branch():
    held = set()
    for branch in ("first", "second", "third", "fourth"):
        ledgers = [plain(REPOSITORY / name) for name in LEDGERS if f"/{branch}/" in name]
        approvals = [ledger["approval"] for ledger in ledgers if "approval" in ledger]
        after = {one.get("previous"): one for one in approvals}
        link, length = None, 0
        while link in after:
            held |= set(after[link].get("records", ()))
            link, length = after[link]["digest"], length + 1
        assert length == len(approvals) == len(after)
    newest = {"ledgers/2026/filings/2026-Q3.third.yaml"}  # no approval rests on it yet
    assert held == {plain(REPOSITORY / name)["digest"] for name in RECORDS if name not in newest}


def test_the_whole_block_is_written_below_an_untouched_text(organ: SiteProject):
    file = organ.ledger("jia", "2026-01", JANUARY)
    before = file.read_bytes()
    organ.approve(file, meeting="2026-02-03")
    after = file.read_bytes()
    assert after.startswith(before)
    block = plain(file)["approval"]
    assert list(block) == ["meeting", "by", "acting", "roll", "rulebook", "counted", "nonce", "serial", "digest"]
    assert len(block["nonce"]) == 32


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", [True, False])
def test_windows_habits_survive_an_approval(organ: SiteProject, newline: str, bom: bytes, ending: bool):  # noqa: FBT001
    file = organ.ledger("jia", "2026-01", JANUARY)
    text = file.read_text(encoding="utf-8")
    raw = bom + (text if ending else text.rstrip()).replace("\n", newline).encode()
    file.write_bytes(raw)
    organ.approve(file, meeting="2026-02-03")
    written = file.read_bytes()
    assert written.startswith(raw)
    assert written.count(b"\n") == written.count(newline.encode())
    assert organ.run("score", "2026-01").exit_code == 0


def test_each_approval_rests_on_the_one_before_it_in_its_branch(organ: SiteProject):
    files = [organ.ledger("jia", month) for month in ("2026-02", "2026-01", "2026-03")]
    other = organ.ledger("yi", "2026-01")
    organ.approve(files[0], files[1], other)
    organ.approve(files[2])
    blocks = {file: plain(file)["approval"] for file in (*files, other)}
    february, january, march = (blocks[file] for file in files)
    assert "previous" not in january
    assert "previous" not in blocks[other]
    assert february["previous"] == january["digest"]
    assert march["previous"] == february["digest"]


def test_all_files_are_approved_or_none(organ: SiteProject):
    good = organ.ledger("jia", "2026-01", JANUARY)
    bad = organ.ledger("jia", "2026-02", "entries: [{member: 无此人, item: suggestion, date: 2026-02-05}]")
    before = good.read_bytes(), bad.read_bytes()
    done = organ.run("approve", good, bad, "--meeting", "2026-03-03", "--by", "审核员", "--acting", "代行")
    assert done.exit_code == 1
    assert "ledger.unknown-member" in done.stderr
    assert (good.read_bytes(), bad.read_bytes()) == before


@pytest.mark.parametrize(
    ("by", "meeting", "today", "code"),
    [
        ("登记员", "2026-02-03", date(2026, 2, 10), "approve.same-person"),
        ("审核员", "2026-01-31", date(2026, 2, 10), "approve.meeting-early"),
        ("审核员", "2026-02-11", date(2026, 2, 10), "approve.meeting-future"),
        ("审核员", "2026-02-03", date(2026, 1, 31), "approve.month-open"),
    ],
)
def test_an_untimely_approval_is_refused(organ: SiteProject, by: str, meeting: str, today: date, code: str):
    file = organ.ledger("jia", "2026-01", JANUARY)
    before = file.read_bytes()
    done = organ.run("approve", file, "--meeting", meeting, "--by", by, "--acting", "代行", today=today)
    assert (done.exit_code, file.read_bytes()) == (1, before)
    assert code in done.stderr


def test_no_second_approval(organ: SiteProject):
    done = organ.run("approve", sealed(organ), "--meeting", "2026-02-03", "--by", "审核员", "--acting", "代行")
    assert done.exit_code == 1
    assert "approve.already" in done.stderr


def test_an_earlier_month_still_open_is_a_warning(organ: SiteProject):
    organ.ledger("jia", "2026-01", JANUARY)
    done = organ.run(
        "approve", organ.ledger("jia", "2026-02"), "--meeting", "2026-03-03", "--by", "审核员", "--acting", "代行"
    )
    assert done.exit_code == 0
    assert "approve.earlier-open" in done.stderr


@pytest.mark.parametrize("by", ["王 五", "a: b", "null", "007", "#一", "[甲]", "「甲」", "'", '"', "~", "2026-01-01"])
def test_any_name_and_reason_can_be_sealed(organ: SiteProject, by: str):
    file = organ.ledger("jia", "2026-01", JANUARY)
    done = organ.run("approve", file, "--meeting", "2026-02-03", "--by", by, "--acting", by)
    assert done.exit_code == 0, done.stderr
    assert [plain(file)["approval"][key] for key in ("by", "acting")] == [by, by]
    assert organ.run("check").exit_code == 0


# --- who approves ----------------------------------------------------------------------------------------------------


SECRETARIES = """
branches:
  - {id: jia, name: 甲支部, secretary: zhang, changes: [{from: 2026-03-01, secretary: wang}]}
  - {id: yi, name: 乙支部, secretary: li}
members:
  - {id: zhang, name: 张三, branch: jia, status: full}
  - {id: wang, name: 王五, branch: jia, status: full}
  - {id: li, name: 李四, branch: yi, status: full}
"""


@pytest.fixture
def led(tmp_path: Path) -> SiteProject:
    """An organ whose branches have secretaries."""
    return SiteProject(tmp_path, SECRETARIES)


def approved_by(file: Path) -> tuple[object, object]:
    block = plain(file)["approval"]
    assert isinstance(block, dict)
    return block["by"], block.get("acting")


def test_without_a_name_the_secretary_of_each_branch_approves(led: SiteProject):
    files = [led.ledger(branch, "2026-01") for branch in ("jia", "yi")]
    done = led.run("approve", *files, "--meeting", "2026-02-03")
    assert done.exit_code == 0, done.stderr
    assert [approved_by(file) for file in files] == [("张三", None), ("李四", None)]
    assert "（2026-02-03，张三）" in done.stdout
    later = led.ledger("jia", "2026-02")
    assert led.run("approve", later, "--meeting", "2026-03-01").exit_code == 0
    assert approved_by(later) == ("王五", None)


def test_one_secretary_does_not_approve_for_another_branch(led: SiteProject):
    files = [led.ledger(branch, "2026-01") for branch in ("jia", "yi")]
    before = [file.read_bytes() for file in files]
    done = led.run("approve", *files, "--meeting", "2026-02-03", "--by", "张三")
    assert (done.exit_code, [file.read_bytes() for file in files]) == (1, before)
    assert done.stderr.count("approve.not-on-roster") == 1
    done = led.run("approve", *files, "--meeting", "2026-02-03", "--by", "张三", "--acting", "乙支部书记出差")
    assert done.exit_code == 0, done.stderr
    assert [approved_by(file) for file in files] == [("张三", None), ("张三", "乙支部书记出差")]


@pytest.mark.parametrize("recorder", ["周敏 张三", "张三同志", "组织委员张三", "王五和张三", "ZHANG"])
@pytest.mark.parametrize(
    "words",
    [(), ("--by", "张三"), ("--by", "zhang"), ("--by", "张三同志"), ("--by", "张三同志", "--acting", "代行")],
)
def test_no_recorder_approves(led: SiteProject, recorder: str, words: tuple[str, ...]):
    file = led.ledger("jia", "2026-01")
    file.write_text(file.read_text(encoding="utf-8").replace("登记员", recorder), encoding="utf-8")
    before = file.read_bytes()
    done = led.run("approve", file, "--meeting", "2026-02-03", *words)
    assert (done.exit_code, file.read_bytes()) == (1, before)
    assert "approve.same-person" in done.stderr


def test_an_altered_reason_is_told(led: SiteProject):
    file = led.ledger("yi", "2026-01")
    assert led.run("approve", file, "--meeting", "2026-02-03", "--by", "张三", "--acting", "书记出差").exit_code == 0
    file.write_text(file.read_text(encoding="utf-8").replace("书记出差", "书记请假"), encoding="utf-8")
    told = led.run("check")
    assert "approval.digest" in told.stderr + told.stdout


@pytest.mark.parametrize(("by", "shown"), [("zhang", "张三"), ("张三", "张三"), ("支委会", "支委会"), ("li", "li")])
def test_pages_name_the_approver_as_the_roster_does(led: SiteProject, by: str, shown: str):
    file = led.ledger("jia", "2026-01", JANUARY)
    led.approve(file, meeting="2026-02-03")
    text = file.read_text(encoding="utf-8").replace("by: 审核员", f"by: {by}")
    file.write_text(text, encoding="utf-8")
    block = plain(file)["approval"]
    assert isinstance(block, dict)
    data = plain(file) | {"approval": {key: value for key, value in block.items() if key != "digest"}}
    file.write_text(text.replace(str(block["digest"]), digest(data)), encoding="utf-8")
    done = led.run("build")
    assert done.exit_code == 0, done.output
    page = (led.root / "site/members/zhang.html").read_text(encoding="utf-8")
    assert f"主持人{shown}<" in page


def test_a_file_that_cannot_take_a_block_is_refused(organ: SiteProject):
    file = organ.write("ledgers/2026/jia/01.yaml", "{branch: jia, month: 2026-01, recorder: 登记员}\n")
    before = file.read_bytes()
    done = organ.run("approve", file, "--meeting", "2026-02-03", "--by", "审核员", "--acting", "代行")
    assert done.exit_code == 1
    assert file.read_bytes() == before
    assert "末尾接不上" in done.stderr


def test_a_draft_is_not_scored(organ: SiteProject):
    organ.ledger("jia", "2026-01", JANUARY)
    board = json.loads(organ.run("score", "2026-01", "--branch", "jia", "--format", "json").stdout)
    assert board["provisional"] is True
    assert {row["points"] for row in board["rows"]} == {"0"}


ALTERATIONS = {
    "approval.digest": [
        ("ledgers/2026/jia/01.yaml", "2026-01-05", "2026-01-06"),
        ("ledgers/2026/jia/01.yaml", "张三", "王五"),
        ("ledgers/2026/jia/01.yaml", "item: suggestion", "item: 建言献策"),
        ("ledgers/2026/jia/01.yaml", "meeting: 2026-02-03", "meeting: 2026-02-04"),
        ("ledgers/2026/jia/01.yaml", "by: 审核员", "by: 别人"),
    ],
    "approval.roll": [
        ("ledgers/roster.yaml", "name: 张三", "name: 张叁"),
        ("ledgers/roster.yaml", "branch: jia, status: full}", "branch: jia, status: full, since: 2026-01-02}"),
        ("ledgers/roster.yaml", "members:\n", "members:\n  - {id: new, name: 新人, branch: jia, status: full}\n"),
    ],
    "approval.rulebook": [
        ("ledgers/rulebooks/erqi-2021.yaml", "points: -0.5", "points: -0.25"),
        ("ledgers/rulebooks/erqi-2021.yaml", "cap: 100", "cap: 99"),
        ("ledgers/rulebooks/erqi-2021.yaml", "ties: competition ", "ties: dense "),
        ("ledgers/rulebooks/erqi-2021.yaml", "veto: cycle ", "veto: reset "),
        ("ledgers/rulebooks/erqi-2021.yaml", "floor: null", "floor: 0"),
    ],
}


@pytest.mark.parametrize(
    ("code", "file", "old", "new"), [(code, *change) for code, changes in ALTERATIONS.items() for change in changes]
)
def test_an_altered_file_roll_or_rulebook_stops_the_build(organ: SiteProject, code: str, file: str, old: str, new: str):
    sealed(organ)
    assert organ.run("build").exit_code == 0
    site = {path: path.read_bytes() for path in (organ.root / "site").rglob("*.html")}
    path = organ.root / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    for command in (["build"], ["score", "2026-01"], ["check"]):
        done = organ.run(*command)
        assert done.exit_code == 1
        assert code in done.stderr
        assert "ledgers/2026/jia/01.yaml:" in done.stderr
    assert {path: path.read_bytes() for path in (organ.root / "site").rglob("*.html")} == site


def figures(organ: SiteProject, *words: str) -> list[tuple[str, str, str]]:
    """Members, points and totals of a board; that nothing is said of a seal."""
    done = organ.run("score", *words, "--format", "json")
    assert done.exit_code == 0, done.output
    checked = organ.run("check")
    assert (checked.exit_code, "approval." in checked.stderr + done.stderr) == (0, False), checked.stderr
    return [(row["member"], row["points"], row["total"]) for row in json.loads(done.stdout)["rows"]]


JANUARY_BOARD = [("zhang", "2", "2"), ("wang", "0", "0")]


def test_a_title_or_clause_may_be_mended(organ: SiteProject):
    sealed(organ)
    path = organ.root / "ledgers/rulebooks/erqi-2021.yaml"
    text = path.read_text(encoding="utf-8")
    mended = text.replace("title: 建言献策\n    clause: 二（二）4", "title: 建言献策与创新\n    clause: 二（二）5")
    assert mended != text
    path.write_text(mended, encoding="utf-8")
    assert figures(organ, "2026-01", "--branch", "jia") == JANUARY_BOARD
    (line,) = organ.lines("zhang", "2026-01")
    assert (line.item.title, line.item.clause, str(line.points)) == ("建言献策与创新", "二（二）5", "2")


def test_later_changes_of_the_roster_leave_sealed_months_alone(organ: SiteProject):
    sealed(organ)
    path = organ.root / "ledgers/roster.yaml"
    text = path.read_text(encoding="utf-8")
    moved = text.replace(
        "name: 张三, branch: jia, status: full}",
        "name: 张三, branch: jia, status: full, changes: [{from: 2026-02-01, branch: yi}]}",
    )
    assert moved != text
    joined = "  - {id: new, name: 新人, branch: jia, status: probationary, since: 2026-02-01}\n"
    path.write_text(moved + joined, encoding="utf-8")
    assert figures(organ, "2026-01", "--branch", "jia") == JANUARY_BOARD
    organ.approve(organ.ledger("jia", "2026-02"), organ.ledger("yi", "2026-02"), meeting="2026-03-03")
    assert figures(organ, "2026-02", "--branch", "jia") == [("wang", "0", "0"), ("new", "0", "0")]
    assert figures(organ, "2026-02", "--branch", "yi") == [("li", "0", "0"), ("zhang", "0", "2")]


@pytest.mark.parametrize("removed", [0, 1])
def test_a_removed_or_replaced_approval_breaks_the_chain(organ: SiteProject, removed: int):
    files = [organ.ledger("jia", month) for month in ("2026-01", "2026-02", "2026-03")]
    organ.approve(*files)
    files[removed].unlink()
    done = organ.run("build")
    assert done.exit_code == 1
    assert "approval.chain" in done.stderr


def test_an_approved_file_that_is_no_longer_yaml_stops_the_build(organ: SiteProject):
    file = sealed(organ)
    file.write_text("activities: [\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    assert organ.run("build").exit_code == 1


def test_a_broken_draft_does_not_stop_the_build(organ: SiteProject):
    sealed(organ)
    organ.ledger("jia", "2026-02", "activities: [\n")
    done = organ.run("build")
    assert done.exit_code == 0
    assert "ledgers/2026/jia/02.yaml" in done.stderr
    assert "提醒" in done.stderr


def test_an_approved_ledger_in_the_wrong_place_stops_the_build(organ: SiteProject):
    file = sealed(organ)
    file.rename(file.with_name("1月.yaml"))
    done = organ.run("build")
    assert done.exit_code == 1
    assert "file.unexpected" in done.stderr
