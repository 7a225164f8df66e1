"""``verify`` says what was changed since it was approved or published; ``diff`` what the next build would change."""

import json
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from msgspec.structs import replace

from generator.intake.files.anchor_file import parse_digests
from generator.project import Project
from generator.publish import release
from generator.publish.store import Store, _with_checksum
from tests.site_project import SETTINGS, SiteProject, members, written_once

ROSTER = members("zhang 张三 jia", "wang 王五 jia", "li 李四 yi")
SUGGESTED = "entries: [{member: 张三, item: suggestion, date: 2026-02-05}]\n"


@pytest.fixture
@written_once
def organ(tmp_path: Path) -> SiteProject:
    """An organ with two sealed months and a filed quarter's worth of one branch, published."""
    organ = SiteProject(tmp_path, ROSTER)
    organ.approve(*(organ.ledger("jia", month) for month in ("2026-01", "2026-02")), meeting="2026-03-03")
    organ.approve(organ.ledger("yi", "2026-01"), meeting="2026-03-04")
    assert organ.run("build").exit_code == 0
    return organ


def kept(organ: SiteProject) -> Path:
    """A copy of the published ``audit.json``, as a careful member keeps one."""
    copy = organ.root.parent / f"{organ.root.name}-audit.json"
    shutil.copy(organ.root / "site/audit.json", copy)
    return copy


def rewritten(organ: SiteProject) -> None:
    """Somebody edits February, drops its approval, and approves it anew as if it had never been otherwise."""
    file = organ.root / "ledgers/2026/jia/02.yaml"
    text = file.read_text(encoding="utf-8")
    file.write_text(text[: text.index("approval:")] + SUGGESTED, encoding="utf-8")
    organ.approve(file, meeting="2026-03-03")


def test_all_is_well(organ: SiteProject):
    done = organ.run("verify")
    assert done.exit_code == 0, done.output
    assert "jia支部：2 次审核前后相接，最近一次是审核员于 2026-03-03 审核的 2026-02 台账" in done.stdout
    assert "没有发现改动" in done.stdout
    assert "单凭现有文件看不出来" in done.stdout  # it doesn't promise what it can't know


TAMPERED = {
    "release.changed": lambda site: (site / "index.html").write_text("x", encoding="utf-8"),
    "release.missing": lambda site: (site / "rules.html").unlink(),
    "release.added": lambda site: (site / "extra.html").write_text("x", encoding="utf-8"),
}


@pytest.mark.parametrize("code", TAMPERED)
def test_a_site_that_was_touched_is_told(organ: SiteProject, code: str):
    TAMPERED[code](organ.root / "site")
    done = organ.run("verify")
    assert (done.exit_code, done.stderr.count(code)) == (1, 1)


def test_a_rewritten_month_is_seen_by_the_site_it_was_published_on(organ: SiteProject):
    rewritten(organ)
    done = organ.run("verify")
    assert (done.exit_code, "release.rests" in done.stderr) == (1, True)


def test_a_rewritten_month_is_seen_by_whoever_kept_an_older_copy(organ: SiteProject):
    copy = kept(organ)
    assert "都在，没有变" in organ.run("verify", "--anchor", copy).stdout
    rewritten(organ)
    shutil.rmtree(organ.root / "site")
    shutil.rmtree(organ.root / ".jifenbang")
    assert organ.run("verify").exit_code == 0  # without an anchor nothing is left to see
    done = organ.run("verify", "--anchor", copy)
    assert done.exit_code == 1
    assert "jia支部 2026-02 台账" in done.stderr


def printed(organ: SiteProject, page: str = "branches/jia/2026-02.html") -> str:
    """The lines of 核对码 that a board prints, as one."""
    text = (organ.root / "site" / page).read_text(encoding="utf-8")
    (block,) = re.findall(r'<div class="codes">(.*?)</div>', text, re.DOTALL)
    lines = [re.sub(r"<[^>]*>", "", line) for line in re.findall(r"<li>(.*?)</li>", block)]
    return f"核对码：{'；'.join(lines)}"


def chain_heads(organ: SiteProject) -> dict[str, str]:
    """The digest of each branch's newest approval."""
    heads: dict[str, str] = json.loads((organ.root / "site/audit.json").read_text(encoding="utf-8"))["heads"]
    return heads


def test_a_board_prints_sixteen_digits_in_four_groups_for_each_branch(organ: SiteProject):
    code = "[0-9a-f]{4}( [0-9a-f]{4}){3}"
    assert re.fullmatch(f"核对码：jia支部 {code}", printed(organ))
    assert re.fullmatch(f"核对码：jia支部 {code}；yi支部 {code}", printed(organ, "boards/2026-H1.html"))


def test_a_code_from_a_sheet_on_the_wall_is_enough(organ: SiteProject):
    line, digest = printed(organ), chain_heads(organ)["jia"]
    code = line[-19:]
    wide = "".join(chr(ord(char) + 0xFEE0) for char in code.replace(" ", ""))
    typed = (line, f" {line}。", code, f"jia支部　{code}", code.replace(" ", ""), code.upper(), digest, digest[:40])
    typed += (
        wide,
        wide.upper(),
        code.replace(" ", "　"),
        code.replace(" ", "-"),
        f"“{code}”",
        f"{code}，{code}、{code}",
    )
    for words in typed:
        done = organ.run("verify", "--anchor", words)
        assert done.exit_code == 0, done.output
        assert "jia支部 2026-02 台账" in done.stdout
    rewritten(organ)
    assert "anchor.missing" in organ.run("verify", "--anchor", code).stderr


def test_a_line_of_codes_is_taken_whole_and_each_is_looked_for(organ: SiteProject):
    line = printed(organ, "boards/2026-H1.html")
    done = organ.run("verify", "--anchor", line)
    assert done.exit_code == 0, done.output
    assert [name for name in ("jia支部 2026-02 台账", "yi支部 2026-01 台账") if name not in done.stdout] == []
    assert done.stdout.count("此前全部审核都没有变") == 2
    wrong = line[:-4] + ("0000" if line[-4:] != "0000" else "1111")
    done = organ.run("verify", "--anchor", wrong)
    assert (done.exit_code, done.stderr.count("anchor.missing")) == (1, 1)
    assert organ.run("verify", "--anchor", line[:-1]).exit_code == 2  # a digit too few is no code


SEPARATORS = ("；", "\n", "。", "/", " | ", "  ", "，", "")


@pytest.mark.parametrize("separator", SEPARATORS)
def test_no_code_is_passed_over_however_codes_are_parted(separator: str):
    one, other = "1ab2 04f5 e101 347a", "f435 6ebd ea78 b08b"
    found = parse_digests(f"核对码：甲支部 {one}{separator}乙支部 {other}")
    assert found is not None
    assert found.digests == tuple(f"sha256:{code.replace(' ', '')}" for code in (one, other))
    for damaged in (one[:-2], one[1:], f"{one}1", one.replace(" ", "")[:-1], one.replace("04f5", "04x5")):
        assert parse_digests(f"甲支部 {damaged}{separator}乙支部 {other}") is None


@pytest.mark.parametrize(
    "typed",
    [
        "甲支部：1052 04f5 e101 347a",
        "甲支部1052 04f5 e101 347a",
        "甲支部 1052–04f5—e101‐347a",
        "甲支部 105204f5e101347a",
        "甲支部\t10\t8.05\t1052 04f5 e101 347a",
        "甲支部 l0S2 O4fS eIoi 347a",
        "甲支部 1OSZ 04f5 e|0| 347A",
        "1052\u200b 04f5 e101 347a",
    ],
)
def test_a_code_may_be_copied_with_the_slips_of_a_scanner(typed: str):
    found = parse_digests(typed)
    assert found is not None
    assert found.digests == ("sha256:105204f5e101347a",)


@pytest.mark.parametrize("words", ["12345678", "不是摘要", "g" * 64, "nowhere.json"])
def test_what_is_no_anchor_is_wrong_usage(organ: SiteProject, words: str):
    assert organ.run("verify", "--anchor", words).exit_code == 2


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"approvals": [1]}', '{"approvals": [{"digest": 1}]}', "[" * 9999])
def test_a_damaged_anchor_is_told(organ: SiteProject, text: str):
    done = organ.run("verify", "--anchor", organ.write("old.json", text))
    assert (done.exit_code, "anchor.unreadable" in done.stderr) == (1, True)


@pytest.mark.parametrize(("key", "value"), [("years", []), ("committee", {}), ("branches", {"jia": "x"})])
def test_recorded_values_of_other_kinds_are_told_and_publish_nothing(organ: SiteProject, key: str, value: object):
    (path,) = (organ.root / ".jifenbang/outputs").glob("*/releases/*.json")
    fields = json.loads(path.read_bytes())
    fields["record"]["values"][key] = value
    del fields["sha256"]
    path.write_bytes(_with_checksum(fields))
    before = everything(organ)
    for command in ("verify", "build", "diff"):
        done = organ.run(command)
        assert "release.unknown" in done.stderr, done.output
        assert done.exit_code == 1
    assert everything(organ) == before


def test_without_a_site_only_the_ledgers_are_verified(tmp_path: Path):
    organ = SiteProject(tmp_path, ROSTER)
    organ.approve(organ.ledger("jia", "2026-01"), meeting="2026-02-03")
    done = organ.run("verify")
    assert (done.exit_code, "没有核对网站" in done.stdout) == (0, True)


# --- what was published may not be taken back ------------------------------------------------------------------------


def everything(organ: SiteProject) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (organ.root / "site").rglob("*") if path.is_file()}


def quarter(tmp_path: Path) -> SiteProject:
    """A quarter approved, filed and corrected, published."""
    organ = SiteProject(tmp_path / "organ", members("zhang 张三 jia", "wang 王五 jia", branches="jia"))
    organ.approve(*(organ.ledger("jia", f"2026-0{month}") for month in (1, 2, 3)), meeting="2026-04-03")
    assert organ.run("file", "2026-Q1", "--on", "2026-04-08", "--by", "组织处", "--acting", "代行").exit_code == 0
    done = organ.run("correct", "ledgers/2026/jia/02.yaml", "--recorder", "登记员")
    assert done.exit_code == 0, done.output
    correction = organ.root / "ledgers/2026/jia/02.c1.yaml"
    seal = re.findall("corrects: (sha256:[0-9a-f]+)", correction.read_text(encoding="utf-8"))[0]
    head = f"branch: jia\nmonth: 2026-02\ncorrects: {seal}\nrecorder: 登记员\nkind: 补录\nreason: 漏登\n"
    correction.write_text(head + SUGGESTED, encoding="utf-8")
    words = ("--meeting", "2026-05-04", "--by", "审核员", "--acting", "代行", "--consent", "同意人")
    done = organ.run("approve", correction, *words)
    assert done.exit_code == 0, done.output
    done = organ.run("build")
    assert done.exit_code == 0, done.output
    return organ


def drop_correction(organ: SiteProject) -> str:
    (organ.root / "ledgers/2026/jia/02.c1.yaml").unlink()
    return "审核员于 2026-05-04 审核的jia支部 2026-02 更正1"


def drop_block(organ: SiteProject) -> str:
    file = organ.root / "ledgers/2026/jia/02.c1.yaml"
    file.write_text(file.read_text(encoding="utf-8").partition("approval:")[0], encoding="utf-8")
    return "审核员于 2026-05-04 审核的jia支部 2026-02 更正1"


@pytest.mark.parametrize("drop", [drop_correction, drop_block])
def test_no_build_covers_up_what_verify_tells(tmp_path: Path, drop: Callable[[SiteProject], str]):
    organ = quarter(tmp_path)
    what, before = drop(organ), everything(organ)
    for command in ("verify", "build", "build", "verify"):
        done = organ.run(command)
        assert (done.exit_code, done.stderr.count("release.rests")) == (1, 1), done.output
        assert f"所依据的{what}不见了（sha256:" in done.stderr
        assert "build.board-gone" not in done.stderr
    assert everything(organ) == before
    done = organ.run("build", "--output", organ.root / "anew")
    assert done.exit_code == 0, done.output


def test_a_removed_newest_filing_is_told(organ: SiteProject):
    organ.approve(organ.ledger("jia", "2026-03"), meeting="2026-04-03")
    assert (
        organ.run(
            "file", "2026-Q1", "--on", "2026-04-08", "--by", "组织处", "--acting", "代行", "--branch", "jia"
        ).exit_code
        == 0
    )
    assert organ.run("build").exit_code == 0
    (organ.root / "ledgers/2026/filings/2026-Q1.jia.yaml").unlink()
    for command in ("verify", "build"):
        done = organ.run(command)
        assert (done.exit_code, "jia支部 2026-Q1 的备案不见了" in done.stderr) == (1, True), done.output


def test_a_removed_record_of_a_withdrawal_is_told(organ: SiteProject):
    organ.approve(organ.ledger("jia", "2026-03"), meeting="2026-04-03")
    done = organ.run("approve", "ledgers/2026/jia/03.yaml", "--withdraw", "--reason", "误审")
    assert (done.exit_code, organ.run("build").exit_code) == (0, 0), done.output
    (organ.root / "ledgers/2026/jia/03.w1.yaml").unlink()
    for command in ("verify", "build"):
        done = organ.run(command)
        assert (done.exit_code, "撤回审核的记录不见了" in done.stderr) == (1, True), done.output


def boards_without(organ: SiteProject, kind: str) -> None:
    """Take a kind of board out of the rulebook, and with it what results decide, which speaks of it.

    The release is made one that recorded no inputs: of any other, such a change is refused before.
    """
    store = Store.for_output(Project(organ.root), (organ.root / "site").resolve())
    for manifest in store.read_present_releases():
        store.write_manifest(replace(manifest, record=None))
    rules = organ.root / "ledgers/rulebooks/erqi-2021.yaml"
    text = rules.read_text(encoding="utf-8").partition("# 五、结果运用")[0]
    rules.write_text(re.sub(rf"  - {{id: {kind}, period.*\n", "", text), encoding="utf-8")


@pytest.mark.parametrize(
    ("kind", "gone"),
    [
        ("month", "branches/jia/2026-01.html、branches/jia/2026-02.html、branches/yi/2026-01.html。"),
        ("half", "boards/2026-H1.html。"),
    ],
)
def test_no_board_vanishes(organ: SiteProject, kind: str, gone: str):
    before = everything(organ)
    boards_without(organ, kind)
    done = organ.run("build")
    assert (done.exit_code, "build.board-gone" in done.stderr, gone in done.stderr) == (1, True, True), done.output
    assert everything(organ) == before
    other = "organ" if kind == "month" else "branch"
    assert organ.run("build", "--audience", other).exit_code == 0  # an edition without these readers has none of them


def test_nor_does_a_superseded_board_or_its_bulletin(tmp_path: Path):
    organ = quarter(tmp_path)
    boards_without(organ, "month")
    told = organ.run("build").stderr
    for page in ("2026-01.html", "2026-02.c1.html", "2026-02.html", "2026-02.r1.html"):
        assert f"branches/jia/{page}" in told
    boards_without(organ, "quarter")
    told = organ.run("build").stderr
    assert re.search("2026-03.c1.html等 10 页。", told), told


def test_new_approvals_are_said_once_to_be_final(organ: SiteProject):
    said = "今后只能更正，不能撤回"
    assert said not in organ.run("build").stdout
    organ.write("content/site.yaml", SETTINGS.replace("积分榜", "另一榜"))
    assert said not in organ.run("build").stdout
    organ.approve(organ.ledger("jia", "2026-03"), meeting="2026-04-03")
    assert said in organ.run("build", "--output", organ.root / "one").stdout
    assert said not in organ.run("build", "--output", organ.root / "two").stdout


def test_what_was_published_once_is_never_withdrawn(organ: SiteProject):
    """Neither after a rollback nor once the folder and all that is known of it are gone."""
    organ.approve(organ.ledger("jia", "2026-03"), meeting="2026-04-03")
    assert organ.run("build").exit_code == 0
    assert organ.run("rollback").exit_code == 0
    words = ("approve", "ledgers/2026/jia/03.yaml", "--withdraw", "--reason", "误审")
    assert "已经随网站公布" in organ.run(*words).stderr
    (organ.root / "site").rename(organ.root / "moved")
    assert "已经随网站公布" in organ.run(*words).stderr
    shutil.rmtree(organ.root / ".jifenbang/outputs")
    assert "已经随网站公布" in organ.run(*words).stderr


def test_a_damaged_memory_of_what_was_published_is_read_as_far_as_possible(organ: SiteProject):
    published = organ.root / ".jifenbang/published"
    known = release.read_published_digests(Project(organ.root))
    assert len(known) == 3
    shutil.rmtree(organ.root / ".jifenbang/outputs")
    raw = published.read_bytes()
    published.write_bytes(b"\xff\n" + raw[:-10])
    assert len(release.read_published_digests(Project(organ.root))) == 2
    assert organ.run("build").exit_code == 0  # a cut line doesn't spoil what is appended to it
    assert release.read_published_digests(Project(organ.root)) == known
    shutil.rmtree(organ.root / ".jifenbang/outputs")
    assert release.read_published_digests(Project(organ.root)) == known
    published.unlink()
    assert release.read_published_digests(Project(organ.root)) == frozenset()


# --- diff ------------------------------------------------------------------------------------------------------------


def test_nothing_changes(organ: SiteProject):
    assert "没有变化" in organ.run("diff").stdout


def test_diff_tells_boards_ranks_members_and_pages(organ: SiteProject):
    before = {path: path.read_bytes() for path in (organ.root / "site").rglob("*") if path.is_file()}
    organ.approve(organ.ledger("jia", "2026-03", SUGGESTED.replace("-02-", "-03-")), meeting="2026-04-03")
    file = organ.ledger("jia", "2026-04")
    seal = json.loads((organ.root / "site/audit.json").read_text(encoding="utf-8"))["approvals"]
    february = next(one["digest"] for one in seal if (one["branch"], one["month"]) == ("jia", "2026-02"))
    organ.write(
        "ledgers/2026/jia/02.c1.yaml",
        f"branch: jia\nmonth: 2026-02\ncorrects: {february}\nrecorder: 登记员\nkind: 补录\nreason: 漏登\n"
        + SUGGESTED.replace("张三", "王五"),
    )
    organ.approve(organ.root / "ledgers/2026/jia/02.c1.yaml", meeting="2026-04-03")
    file.unlink()
    roster = organ.root / "ledgers/roster.yaml"
    joined = "  - {id: sun, name: 孙七, branch: jia, status: full, since: 2026-04-02}\n"
    roster.write_text(roster.read_text(encoding="utf-8") + joined, encoding="utf-8")
    said = organ.run("diff").stdout
    assert "jia支部2026年3月榜　新榜" in said
    assert "jia支部2026年2月榜　1 人积分变动：王五 0→2　1 人名次变动：张三 1→2" in said
    assert {path: path.read_bytes() for path in (organ.root / "site").rglob("*") if path.is_file()} == before


def test_diff_tells_members_who_come_and_go(organ: SiteProject):
    roster = organ.root / "ledgers/roster.yaml"
    joined = "  - {id: sun, name: 孙七, branch: jia, status: full, since: 2026-03-02}\n"
    roster.write_text(roster.read_text(encoding="utf-8") + joined, encoding="utf-8")
    organ.approve(organ.ledger("jia", "2026-03"), meeting="2026-04-03")
    said = organ.run("diff").stdout
    assert "新增党员 1 人：孙七" in said
    gone = organ.run("diff", "--audience", "organ").stdout
    assert re.search(r"撤下 [0-9]+ 个文件", gone)
    assert "撤下党员 3 人" in gone


def test_before_the_first_build_all_is_new(tmp_path: Path):
    organ = SiteProject(tmp_path, ROSTER)
    assert "还没有生成过" in organ.run("diff").stdout


def test_a_clock_set_back_stops_the_build_and_leaves_the_site(organ: SiteProject):
    before = {path: path.read_bytes() for path in (organ.root / "site").rglob("*") if path.is_file()}
    done = organ.run("build", today=date(2026, 3, 1))
    assert (done.exit_code, "build.clock" in done.stderr) == (1, True)
    assert {path: path.read_bytes() for path in (organ.root / "site").rglob("*") if path.is_file()} == before


def test_a_clock_behind_a_filing_or_a_withdrawal_stops_the_build_too(organ: SiteProject):
    organ.approve(organ.ledger("jia", "2026-03"), meeting="2026-04-03")
    assert (
        organ.run(
            "file", "2026-Q1", "--on", "2026-04-08", "--by", "组织处", "--acting", "代行", "--branch", "jia"
        ).exit_code
        == 0
    )
    filed = organ.run("build", today=date(2026, 4, 7))
    assert (filed.exit_code, "这次备案的日期是 2026-04-08" in filed.stderr) == (1, True), filed.output
    organ.approve(organ.ledger("yi", "2026-02"), meeting="2026-04-03")
    organ.run("approve", "ledgers/2026/yi/02.yaml", "--withdraw", "--reason", "误审", today=date(2026, 4, 10))
    undone = organ.run("build", today=date(2026, 4, 9))
    assert (undone.exit_code, "这次撤回审核的日期是 2026-04-10" in undone.stderr) == (1, True), undone.output
    assert organ.run("build", today=date(2026, 4, 10)).exit_code == 0
