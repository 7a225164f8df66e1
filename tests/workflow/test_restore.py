"""A sealed file that was spoiled is told line by line, and comes back byte for byte; a sound one is never touched."""

import errno
import hashlib
import os
import re
import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from generator.commands import cli
from generator.disk import atomic_files
from generator.intake.files import ledger_file
from tests.conftest import few_examples, pairs
from tests.site_project import REPOSITORY, TODAY, SiteProject, members

FIRST, SECOND, CORRECTION = (f"ledgers/2026/jia/{name}.yaml" for name in ("01", "02", "01.c1"))
FILING, RECORD = "ledgers/2026/filings/2026-Q1.jia.yaml", "ledgers/2026/yi/01.w1.yaml"
OTHER, REVIEWS, POLL = "ledgers/2026/yi/01.yaml", "ledgers/2026/reviews.yaml", "ledgers/2026/votes/youxiu.yaml"
SEALED = [FIRST, SECOND, CORRECTION, FILING, RECORD, OTHER, REVIEWS, POLL]
MEETING = "activities:\n  - {{item: general-meeting, date: 2026-0{0}-05, title: 党员大会}}\n"


def make_organ(root: Path) -> SiteProject:
    """Every kind of sealed file, each written by its own command; nothing is published."""
    organ = SiteProject(root, members("zhang 张三 jia", "wang 王五 jia", "li 李四 yi"))
    organ.approve(*(organ.ledger("jia", f"2026-0{month}", MEETING.format(month)) for month in (1, 2, 3)))
    other = organ.ledger("yi", "2026-01", MEETING.format(1))
    organ.approve(other)
    act(organ, "approve", other, "--withdraw", "--reason", "附件不全")
    organ.approve(other)
    act(organ, "file", "2026-Q1", "--branch", "jia", "--on", "2027-01-10", "--by", "备案员", "--acting", "代行")
    act(organ, "correct", organ.root / FIRST, "a1", "--recorder", "登记员")
    draft = organ.root / CORRECTION
    draft.write_text(
        draft.read_text("utf-8").replace("reason:", "reason: 核对 #").replace("党员大会", "支部党员大会"), "utf-8"
    )
    act(organ, "approve", draft, "--meeting", "2027-01-12", "--by", "审核员", "--acting", "代行", "--consent", "同意人")
    organ.approve(
        organ.write(REVIEWS, "year: 2026\nscores: {张三: 92.5, li: 88}\n"),
        organ.write(POLL, "award: 优秀共产党员\ndate: 2026-06-25\nelectorate: 5\nvotes: {张三: 5, 李四: 0}\n"),
    )
    return organ


def act(organ: SiteProject, *words: object) -> None:
    done = organ.run(*words)
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_organ(tmp_path_factory.mktemp("pattern")).root


@pytest.fixture
def organ(pattern: Path, tmp_path: Path) -> SiteProject:
    return at(shutil.copytree(pattern, tmp_path / "organ"))


def at(root: Path) -> SiteProject:
    """An organ that is already written."""
    organ = object.__new__(SiteProject)
    organ.root = root
    return organ


def spoil(path: Path, old: str = "党员", new: str = "群众") -> None:
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")


def spoil_any(path: Path) -> None:
    """Change the first value of a file of any kind."""
    path.write_text(
        re.sub(r"^([^#:]+): ?", r"\1: 改过的", path.read_text("utf-8"), count=1, flags=re.MULTILINE), "utf-8"
    )


def replace_by_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def replace_by_link(path: Path) -> None:
    path.symlink_to(path.rename(path.with_name(f".{path.name}")))


def replace_by_sibling(path: Path) -> None:
    """A copy of another sealed file, sound in its own place."""
    shutil.copy(path.parents[1] / "jia/03.yaml", path)


def unseal(path: Path) -> None:
    """Cut off an approval, or the digest of a record."""
    text = path.read_text("utf-8")
    path.write_text(text.partition("approval:" if "approval:" in text else "\ndigest:")[0], "utf-8")


DAMAGES: dict[str, Callable[[Path], None]] = {
    "changed": spoil_any,
    "gone": lambda path: path.unlink(),
    "no YAML": lambda path: path.write_text("[ {", "utf-8"),
    "no text": lambda path: path.write_bytes(b"\xff\xfe\x00\x01" * 50),
    "empty": lambda path: path.write_bytes(b""),
    "cut off": lambda path: path.write_bytes(path.read_bytes()[:40]),
    "another encoding": lambda path: path.write_bytes(path.read_text("utf-8").encode("gb18030")),
    "grown": lambda path: path.write_bytes(path.read_bytes() + b"# more\n" * 200_000),
    "unsealed": unseal,
    "a link": replace_by_link,
}


@pytest.mark.prove
@pytest.mark.parametrize(("name", "damage"), pairs(SEALED, [*DAMAGES]))
def test_every_kind_of_sealed_file_comes_back_byte_for_byte(organ: SiteProject, name: str, damage: str):
    path = organ.root / name
    before = path.read_bytes()
    DAMAGES[damage](path)
    done = organ.run("restore", name)
    assert done.exit_code == 0, done.output
    assert f"已恢复：{name}" in done.stdout
    assert (path.is_symlink(), path.read_bytes()) == (False, before)
    assert organ.run("check").exit_code == 0


@pytest.mark.parametrize("damage", [replace_by_sibling, replace_by_folder])
def test_other_things_in_the_place_of_a_ledger(organ: SiteProject, damage: Callable[[Path], None]):
    path = organ.root / OTHER
    before = path.read_bytes()
    damage(path)
    done = organ.run("restore", OTHER)
    if damage is replace_by_folder:  # it may hold anything
        assert (done.exit_code, "file.failed" in done.stderr) == (1, True)
        path.rmdir()
        assert organ.run("restore", OTHER).exit_code == 0
    assert path.read_bytes() == before


@settings(few_examples, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "ignore")))
@example(raw=b"approval: {digest: x}")
@example(raw=b"approval: x\ndigest: y")
@example(raw=b"&a [*a]")
def test_whatever_is_in_a_sealed_file_it_comes_back(pattern: Path, raw: bytes):
    organ, path = at(pattern), pattern / SECOND
    before = path.read_bytes()
    try:
        path.write_bytes(raw)
        assert f"jifenbang restore {SECOND}" in organ.run("check").stderr
        assert organ.run("restore", SECOND).exit_code == 0
        assert path.read_bytes() == before
    finally:
        path.write_bytes(before)


# --- what is told ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["check", "build", "verify", "score 2026-Q1"])
def test_commands_say_which_line_was_changed_and_how_it_is_mended(organ: SiteProject, command: str):
    spoil(organ.root / SECOND)
    told = organ.run(*command.split()).stderr
    assert "第 5 行原为“- {item: general-meeting, date: 2026-02-05, title: 党员大会}”" in told
    assert "title: 群众大会" in told
    assert told.count(f"请运行 jifenbang restore {SECOND}") == 1
    assert "备份" not in told


@pytest.mark.parametrize("command", ["check", "build", "verify"])
@pytest.mark.parametrize("name", [SECOND, CORRECTION, RECORD, FILING])
def test_a_file_that_is_gone_is_named_by_what_rests_on_it(organ: SiteProject, command: str, name: str):
    (organ.root / name).unlink()
    told = organ.run(*command.split())
    assert told.exit_code == int(name != CORRECTION)  # the newest of its branch, and not published
    assert (f"{name} 文件不见了" in told.stderr) == (name != CORRECTION)


def test_the_newest_approval_is_named_once_it_is_published(organ: SiteProject):
    act(organ, "build")
    for name in (CORRECTION, REVIEWS):
        before = (organ.root / name).read_bytes()
        unseal(organ.root / name)
        for command in ("build", "verify"):
            assert f"jifenbang restore {name}" in organ.run(command).stderr
        act(organ, "restore", name)
        assert (organ.root / name).read_bytes() == before


def test_a_correction_of_a_spoiled_ledger_names_the_remedy(organ: SiteProject):
    spoil(organ.root / OTHER)
    told = organ.run("correct", organ.root / OTHER, "全部").stderr
    assert "correct.damaged" in told
    assert f"jifenbang restore {OTHER}" in told


@pytest.mark.prove
@pytest.mark.parametrize(("name", "is_kept"), pairs(SEALED, [True, False]))
def test_a_slip_that_makes_a_sealed_file_unreadable_is_one_error(organ: SiteProject, name: str, *, is_kept: bool):
    """Whatever rests on the file, the release and a kept audit.json too, follows from the one slip."""
    act(organ, "build")
    audit = shutil.copy(organ.root / "site/audit.json", organ.root.parent / "audit.json")
    for folder in () if is_kept else (".jifenbang", "site"):
        shutil.rmtree(organ.root / folder)
    path = organ.root / name
    path.write_text(path.read_text("utf-8").rstrip() + "\n{\n", "utf-8")
    for words in (["check"], ["build"], ["verify", "--quick"], ["verify", "--quick", "--anchor", audit]):
        done = organ.run(*words)
        assert done.exit_code == 1
        told = [line for line in done.stderr.splitlines() if "错误：" in line]
        assert [line.partition(":")[0] for line in told] == [name], told
        assert told[0].endswith("〔yaml.syntax〕")


def test_a_change_of_the_roster_is_not_taken_for_one_of_the_ledger(organ: SiteProject):
    """Only a remark was changed in the file, and the roll is what is wrong."""
    (organ.root / SECOND).write_bytes(b"# x\n" + (organ.root / SECOND).read_bytes())
    spoil(organ.root / "ledgers/roster.yaml", "branch: jia, status: full}", "branch: jia, status: probationary}")
    told = organ.run("check").stderr
    assert "approval.roll" in told
    assert "jifenbang restore" not in told
    for name in (FIRST, CORRECTION):  # their bytes are those of their copies
        assert "restore.sound" in organ.run("restore", name).stderr


def test_a_record_that_names_untouched_ledgers_is_no_reason_to_restore_these(organ: SiteProject):
    """The filing of another quarter says of every ledger of the first that it is missing."""
    filing = (organ.root / FILING).rename(organ.root / FILING.replace("Q1", "Q2"))
    spoil(filing, "2026-Q1", "2026-Q2")
    told = organ.run("check").stderr
    assert re.search(r"备案所依据的审核不见了，共 [2-9] 份", told)
    assert f"restore {FIRST}" not in told
    assert f"restore {SECOND}" not in told


def test_what_was_replaced_is_shown_and_kept(organ: SiteProject):
    path = organ.root / SECOND
    spoil(path)
    spoilt = path.read_bytes()
    done = organ.run("restore", SECOND)
    assert "-   - {item: general-meeting, date: 2026-02-05, title: 群众大会}" in done.stdout
    assert "+   - {item: general-meeting, date: 2026-02-05, title: 党员大会}" in done.stdout
    replaced = done.stdout.partition("换下的内容存在 ")[2].splitlines()[0]
    assert (organ.root / replaced).read_bytes() == spoilt


def test_nothing_that_a_terminal_would_obey_is_printed(organ: SiteProject):
    (organ.root / SECOND).write_text("\x1b[2J\u202e", "utf-8")
    done = organ.run("restore", SECOND)
    assert "□[2J□" in done.stdout
    assert "\x1b" not in done.stdout


# --- what is never touched -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SEALED)
@pytest.mark.parametrize("remark", [b"", b"# remark\n"])
def test_a_file_that_is_sealed_and_sound_is_left_alone(organ: SiteProject, name: str, remark: bytes):
    path = organ.root / name
    path.write_bytes(path.read_bytes() + remark)
    before = path.read_bytes()
    done = organ.run("restore", name)
    assert (done.exit_code, "restore.sound" in done.stderr, path.read_bytes()) == (1, True, before)


def test_all_files_are_restored_or_none(organ: SiteProject):
    spoil(organ.root / SECOND)
    before = (organ.root / SECOND).read_bytes()
    assert organ.run("restore", SECOND, OTHER).exit_code == 1
    assert (organ.root / SECOND).read_bytes() == before
    spoil(organ.root / OTHER)
    act(organ, "restore", SECOND, organ.root / OTHER)
    assert organ.run("check").exit_code == 0


def test_a_withdrawn_approval_does_not_come_back(organ: SiteProject):
    """Neither while the file is a draft, nor in the place of the approval that followed."""
    path, first = organ.root / "ledgers/2026/yi/02.yaml", organ.ledger("yi", "2026-02")
    organ.approve(first)
    withdrawn = path.read_bytes()
    act(organ, "approve", path, "--withdraw", "--reason", "附件不全")
    record = path.with_name("02.w1.yaml")
    for spoilt in (None, "x: [", withdrawn.decode()):
        if spoilt:
            path.write_text(spoilt, "utf-8")
        else:
            path.unlink()
        for lost in (False, True):
            before = record.read_bytes()
            if lost:
                record.unlink()
            done = organ.run("restore", path)
            assert (done.exit_code, "restore.withdrawn" in done.stderr) == (
                1,
                not (lost and spoilt == withdrawn.decode()),
            )
            record.write_bytes(before)
    organ.ledger("yi", "2026-02")
    organ.approve(path)
    again = path.read_bytes()
    path.write_bytes(withdrawn)
    act(organ, "restore", path)
    assert path.read_bytes() == again


def test_a_withdrawn_approval_of_reviews_does_not_come_back(organ: SiteProject):
    path, first = organ.root / REVIEWS, (organ.root / REVIEWS).read_bytes()
    act(organ, "approve", path, "--withdraw", "--reason", "漏计一人")
    path.unlink()
    assert "restore.withdrawn" in organ.run("restore", REVIEWS).stderr
    organ.approve(organ.write(REVIEWS, "year: 2026\nscores: {张三: 93, li: 88}\n"))
    again = path.read_bytes()
    path.write_bytes(first)
    act(organ, "restore", REVIEWS)
    assert path.read_bytes() == again


def test_a_ledger_rewritten_and_sealed_anew_gives_way_to_the_one_that_others_rest_on(organ: SiteProject):
    path = organ.root / SECOND
    before = path.read_bytes()
    unseal(path)
    spoil(path)
    spoil(path, "recorder: 登记员", "recorder: 某人")
    path.write_bytes(path.read_bytes() + before[before.index(b"approval:") :])
    document, _, _ = ledger_file.read_ledger(path.read_bytes(), SECOND)
    assert document is not None
    assert document.approval is not None
    spoil(path, document.approval.digest, document.digest)
    told = organ.run("check").stderr
    assert "approval.digest" not in told  # it is sound by itself
    assert f"jifenbang restore {SECOND}" in told
    act(organ, "restore", SECOND)
    assert path.read_bytes() == before


def test_the_newest_ledger_rewritten_and_sealed_anew_gives_way_to_the_published_one(organ: SiteProject):
    act(organ, "build")
    path = organ.root / OTHER
    before = path.read_bytes()
    unseal(path)
    spoil(path)
    organ.approve(path)
    assert f"jifenbang restore {OTHER}" in organ.run("build").stderr
    act(organ, "restore", OTHER)
    assert path.read_bytes() == before
    act(organ, "build")


# --- where there is no copy ------------------------------------------------------------------------------------------


def test_a_clone_says_that_it_has_no_copy_and_has_one_after_its_next_build(organ: SiteProject):
    shutil.rmtree(organ.root / ".jifenbang")
    before = {name: (organ.root / name).read_bytes() for name in SEALED}
    spoil(organ.root / SECOND)
    assert "备份" in organ.run("check").stderr
    done = organ.run("restore", SECOND)
    assert (done.exit_code, "restore.no-copy" in done.stderr, "备份" in done.stderr) == (1, True, True)
    (organ.root / SECOND).write_bytes(before[SECOND])
    act(organ, "build")
    for name in SEALED:
        (organ.root / name).unlink()
    act(organ, "restore", *SEALED)
    assert {name: (organ.root / name).read_bytes() for name in SEALED} == before


@pytest.mark.parametrize("name", ["ledgers/2026/jia/09.yaml", "ledgers/roster.yaml", "nowhere", "../elsewhere.yaml"])
def test_what_was_never_sealed_has_no_copy(organ: SiteProject, name: str):
    assert "restore.no-copy" in organ.run("restore", name).stderr


def test_a_damaged_copy_is_never_put_back(organ: SiteProject):
    for path in (organ.root / ".jifenbang/sealed").iterdir():
        if path.name != "index":
            path.write_bytes(path.read_bytes()[1:])
    spoil(organ.root / SECOND)
    done = organ.run("restore", SECOND)
    assert (done.exit_code, "留底不见了或坏了" in done.stderr) == (1, True)


def test_a_forged_copy_is_never_put_back_though_the_list_of_copies_names_it(organ: SiteProject):
    path, index = organ.root / FIRST, organ.root / ".jifenbang/sealed/index"
    forged = path.read_bytes().replace("党员".encode(), "群众".encode())
    sha256 = hashlib.sha256(forged).hexdigest()
    (seal,) = re.findall(r"\n  digest: (sha256:[0-9a-f]+)", path.read_text(encoding="utf-8"))
    (index.parent / sha256).write_bytes(forged)
    index.write_text(f'{index.read_text(encoding="utf-8")}["{FIRST}","{seal}","{sha256}"]\n', encoding="utf-8")
    before = path.read_bytes()
    path.unlink()
    act(organ, "restore", FIRST)
    assert path.read_bytes() == before


def test_a_project_that_an_earlier_version_built_has_copies_after_its_next_build(tmp_path: Path):
    root, day = shutil.copytree(REPOSITORY / "tests/files/built-by-0.1.0", tmp_path / "organ"), date(2026, 7, 14)
    organ = at(root)
    sealed = {
        path: path.read_bytes() for path in (root / "ledgers/2026").rglob("*.yaml") if b"digest:" in path.read_bytes()
    }
    assert organ.run("build", today=day).exit_code == 0
    for path in sealed:
        path.unlink()
    done = organ.run("restore", *sealed, today=day)
    assert done.exit_code == 0, done.output
    assert {path: path.read_bytes() for path in sealed} == sealed


# --- how copies are kept ---------------------------------------------------------------------------------------------


def test_a_full_disk_undoes_no_approval_and_the_next_build_keeps_the_copy(
    organ: SiteProject, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    file = organ.ledger("yi", "2026-02")
    with monkeypatch.context() as patched:
        patched.setattr(atomic_files, "write_atomically", full)
        organ.approve(file)
    before = file.read_bytes()
    act(organ, "build")
    file.unlink()
    act(organ, "restore", "ledgers/2026/yi/02.yaml")
    assert file.read_bytes() == before


def test_a_draft_and_a_spoiled_file_are_not_kept(organ: SiteProject):
    shutil.rmtree(organ.root / ".jifenbang")
    draft = organ.ledger("yi", "2026-02")
    act(organ, "build")
    draft.unlink()
    assert "restore.no-copy" in organ.run("restore", draft).stderr
    spoil(organ.root / SECOND)
    index = (organ.root / ".jifenbang/sealed/index").read_bytes()
    organ.run("build")
    assert (organ.root / ".jifenbang/sealed/index").read_bytes() == index


def test_a_file_is_named_from_the_current_folder_or_from_the_project(
    organ: SiteProject, monkeypatch: pytest.MonkeyPatch
):
    for folder, name in ((organ.root / "ledgers/2026/jia", "02.yaml"), (organ.root.parent, SECOND)):
        monkeypatch.chdir(folder)
        (organ.root / SECOND).unlink()
        done = CliRunner().invoke(cli, ["-C", os.fspath(organ.root), "restore", name, "--today", TODAY.isoformat()])
        assert done.exit_code == 0, done.output
        assert f"已恢复：{SECOND}" in done.stdout
