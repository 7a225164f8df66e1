"""Lists of signers: who may replace one, and what an attacker without their keys can't do unseen."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from generator.loader import openssh
from generator.workflow import approve
from tests.conftest import sample_of
from tests.signing import (
    FEBRUARY,
    FIRST,
    JANUARY,
    LIST,
    ROSTER,
    SECOND,
    bare,
    codes,
    forge,
    forge_record,
    key,
    plain,
    seal,
    sign,
    signer,
)
from tests.site_project import SiteProject

pytestmark = pytest.mark.needs("ssh-keygen")

THIRD = "ledgers/2026/jia/03.yaml"
KEEPERS = "jifenbang-approvers"
KEEPER = f'namespaces="{KEEPERS}"'
NAMES = ("secretary", "keeper", "successor", "keeper-2", "stranger")


class Bench(NamedTuple):
    """An organ that has changed its list once, and before that; the keys; what readers kept of both times."""

    organ: SiteProject
    before: SiteProject
    keys: dict[str, Path]
    kept: Path


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lists")
    organ = SiteProject(folder / "organ", ROSTER)
    keys = {name: key(organ, name) for name in NAMES}
    organ.write(LIST, signer(keys["secretary"]) + signer(keys["keeper"], KEEPER))
    sign(organ, keys["secretary"], organ.ledger("jia", "2026-01", JANUARY), meeting="2026-02-03")
    sign(organ, keys["secretary"], organ.ledger("yi", "2026-01"), meeting="2026-02-04")
    sign(organ, keys["secretary"], organ.ledger("jia", "2026-02", FEBRUARY))
    keep(organ, folder / "kept", 1)
    shutil.copytree(organ.root, folder / "before")
    text = signer(keys["successor"]) + signer(keys["keeper-2"], KEEPER)
    seal(organ, 2, "--key", keys["keeper"], "--key", keys["keeper-2"], text=text)
    sign(organ, keys["successor"], organ.ledger("jia", "2026-03"), meeting="2027-06-01")
    keep(organ, folder / "kept", 2)
    return folder


def keep(organ: SiteProject, kept: Path, number: int) -> None:
    """Build, and keep what a reader keeps."""
    kept.mkdir(exist_ok=True)
    assert codes(organ, "build") == []
    shutil.copy(organ.root / "site/audit.json", kept / f"audit{number}.json")
    suffix = f".{number}" if number > 1 else ""
    shutil.copy(organ.root / f"{LIST}{suffix}", kept / f"list{number}")


@pytest.fixture
def bench(original: Path, tmp_path: Path) -> Bench:
    folder = tmp_path / "bench"
    shutil.copytree(original, folder)
    organ, before = SiteProject.at(folder / "organ"), SiteProject.at(folder / "before")
    return Bench(organ, before, {name: folder / name for name in NAMES}, folder / "kept")


# --- what an attacker does -------------------------------------------------------------------------------------------


def remove(bench: Bench, *names: str) -> None:
    for name in names:
        (bench.organ.root / name).unlink()


def nothing(_: Bench) -> None:
    """Nothing: what readers kept is true."""


def delete_newest_list(bench: Bench) -> None:
    remove(bench, f"{LIST}.2", f"{LIST}.2.yaml")


def delete_all_lists(bench: Bench) -> None:
    remove(bench, LIST, f"{LIST}.2", f"{LIST}.2.yaml")


def delete_record(bench: Bench) -> None:
    remove(bench, f"{LIST}.2.yaml")


def strip(bench: Bench) -> None:
    """Delete the lists and every signature, recompute every digest."""
    delete_all_lists(bench)
    for file in sorted(bench.organ.root.glob("ledgers/2026/*/0*.yaml")):
        name = str(file.relative_to(bench.organ.root))
        forge(bench.organ, *bare(bench.organ, name, "signature", "approvers", "list"), files=(FIRST, SECOND, THIRD))
    forge(bench.organ, files=("ledgers/2026/yi/01.yaml",))


def write_own_list(bench: Bench) -> None:
    """Put another list in the place of all, and approve everything anew."""
    delete_all_lists(bench)
    bench.organ.write(LIST, signer(bench.keys["stranger"]))
    months = [("jia", "01", JANUARY), ("jia", "02", ""), ("jia", "03", ""), ("yi", "01", "")]
    for file in [bench.organ.ledger(branch, f"2026-{month}", text) for branch, month, text in months]:
        sign(bench.organ, bench.keys["stranger"], file, meeting="2027-06-01")


def add_own_key(bench: Bench) -> None:
    """Add a key to the list in its place."""
    path = bench.organ.root / f"{LIST}.2"
    path.write_text(path.read_text("utf-8") + signer(bench.keys["stranger"]), encoding="utf-8")


def put_older_list_back(bench: Bench) -> None:
    shutil.copy(bench.organ.root / LIST, bench.organ.root / f"{LIST}.2")


def swap_lists(bench: Bench) -> None:
    first, second = bench.organ.root / LIST, bench.organ.root / f"{LIST}.2"
    texts = first.read_bytes(), second.read_bytes()
    first.write_bytes(texts[1])
    second.write_bytes(texts[0])


def renumber(bench: Bench) -> None:
    """Take list 1 away, as if there had been the newer one alone."""
    remove(bench, f"{LIST}.2.yaml")
    (bench.organ.root / f"{LIST}.2").rename(bench.organ.root / LIST)


def skip_number(bench: Bench) -> None:
    for ending in ("", ".yaml"):
        (bench.organ.root / f"{LIST}.2{ending}").rename(bench.organ.root / f"{LIST}.3{ending}")


def write_unsealed_list(bench: Bench) -> None:
    bench.organ.write(f"{LIST}.3", signer(bench.keys["stranger"]))


def copy_record(bench: Bench) -> None:
    for ending in ("", ".yaml"):
        shutil.copy(bench.organ.root / f"{LIST}.2{ending}", bench.organ.root / f"{LIST}.3{ending}")


def forged(*signers: tuple[str, str], **changes: object) -> Callable[[Bench], None]:
    """A third list with a key of one's own, whose record these keys signed."""

    def forge_list(bench: Bench) -> None:
        write_unsealed_list(bench)
        forge_record(bench.organ, 3, {bench.keys[name]: namespace for name, namespace in signers}, **changes)

    return forge_list


def rewrite_record(bench: Bench) -> None:
    path = bench.organ.root / f"{LIST}.2.yaml"
    path.write_text(path.read_text("utf-8").replace("on: 2027-06-01", "on: 2027-05-01"), encoding="utf-8")


def approve_by_older_list(bench: Bench) -> None:
    """The key that list 2 left out signs once more, in a branch that approved nothing since."""
    shutil.rmtree(bench.before.root / ".jifenbang")
    file = bench.before.ledger("yi", "2026-02")
    sign(bench.before, bench.keys["secretary"], file)
    shutil.copy(file, bench.organ.root / "ledgers/2026/yi/02.yaml")


def strip_newest(bench: Bench) -> None:
    """The newest approval as if there had been no list."""
    forge(bench.organ, *bare(bench.organ, THIRD, "signature", "approvers", "list"), files=(THIRD,))


def go_back(bench: Bench) -> None:
    """All as it was before the list was changed."""
    delete_newest_list(bench)
    remove(bench, THIRD)


def rewrite_after_lost_key(bench: Bench) -> None:
    """A list of one's own for the reason that keys are lost; everything is approved anew with it."""
    delete_newest_list(bench)
    for name in (FIRST, SECOND, THIRD, "ledgers/2026/yi/01.yaml"):
        remove(bench, name)
    bench.organ.write(f"{LIST}.2", signer(bench.keys["stranger"]))
    forge_record(bench.organ, 2, {bench.keys["stranger"]: "jifenbang"}, lost="丢失", by="李四")
    sign(bench.organ, bench.keys["stranger"], bench.organ.ledger("jia", "2026-01", JANUARY), meeting="2027-06-01")


LOST = {"lost": "保管人的电脑坏了", "by": "李四"}

# By attack: what build and verify say of it, with the project's own state or without.
REFUSED: dict[str, tuple[Callable[[Bench], None], set[str]]] = {
    "the newest list deleted": (delete_newest_list, {"approvers.missing"}),
    "all lists deleted": (delete_all_lists, {"approvers.missing"}),
    "the record of a list deleted": (delete_record, {"approvers.missing"}),
    "a key added to the list in its place": (add_own_key, {"approvers.altered"}),
    "an older list put back": (put_older_list_back, {"approvers.altered", "approval.signature"}),
    "lists swapped": (swap_lists, {"approvers.altered", "approval.signature"}),
    "the newer list as number 1": (renumber, {"approvers.altered", "approvers.missing", "approval.signature"}),
    "a number left out": (skip_number, {"approvers.order", "approvers.missing"}),
    "the record of another list": (copy_record, {"approvers.order", "approvers.superseded"}),
    "the day of a record changed": (rewrite_record, {"record.digest", "approvers.signature"}),
    "sealed with the new key alone": (forged(("stranger", "jifenbang")), {"approvers.signature"}),
    "sealed by an approver": (
        forged(("successor", "jifenbang"), ("stranger", "jifenbang")),
        {"approvers.signature"},
    ),
    "sealed by an approver as if a keeper": (
        forged(("successor", KEEPERS), ("stranger", "jifenbang")),
        {"approvers.signature"},
    ),
    "sealed by a keeper of an older list": (
        forged(("keeper", KEEPERS), ("stranger", "jifenbang")),
        {"approvers.signature"},
    ),
    "sealed by no key": (forged(), {"approvers.signature"}),
    "sealed by the keeper before alone": (forged(("keeper-2", KEEPERS)), {"approvers.signature"}),
    "for lost keys without a reason": (
        forged(("stranger", "jifenbang"), lost="", by="李四"),
        {"record.incomplete"},
    ),
    "for lost keys without the new key": (forged(**LOST), {"approvers.signature"}),
    "an approval by the older list": (approve_by_older_list, {"approvers.superseded"}),
    "the newest signature deleted, digests recomputed": (strip_newest, {"approval.unsigned"}),
}


@pytest.mark.prove
@pytest.mark.parametrize("name", sample_of([*REFUSED], 6))
def test_who_has_no_key_of_the_keepers_changes_no_list(bench: Bench, name: str):
    attack, expected = REFUSED[name]
    attack(bench)
    assert set(codes(bench.organ, "build")) == expected
    forget(bench)
    assert set(codes(bench.organ, "build")) == set(codes(bench.organ, "verify")) == expected
    assert not (bench.organ.root / "site").exists()


def forget(bench: Bench) -> None:
    """Delete what the program knows of the past, and the site."""
    for folder in (".jifenbang", "site"):
        shutil.rmtree(bench.organ.root / folder, ignore_errors=True)


class Told(NamedTuple):
    """What is said of an attack: by a build with the project's state, by ``verify`` without it, to four readers."""

    build: str = ""
    verify: str = ""
    older_audit: str = ""
    newer_audit: str = ""
    older_list: str = ""
    newer_list: str = ""


# What a build without any state lets pass: only what a reader kept tells of it.
SILENT: dict[str, tuple[Callable[[Bench], None], Told]] = {
    "nothing": (nothing, Told()),
    "lists and signatures deleted, digests recomputed": (
        strip,
        Told("release.rests", "", *["anchor.approvers anchor.missing"] * 2, *["approval.unsigned"] * 2),
    ),
    "a list of one's own, everything approved anew": (
        write_own_list,
        Told("release.rests", "", *["anchor.approvers anchor.missing"] * 2, *["approval.signature"] * 2),
    ),
    "another list without a record": (write_unsealed_list, Told()),  # it isn't in force
    "another list for lost keys": (
        forged(("stranger", "jifenbang"), **LOST),
        Told("", "", *["anchor.approvers"] * 2, *["approvers.lost-key"] * 2),
    ),
    "another list for lost keys, everything approved anew": (
        rewrite_after_lost_key,
        Told("release.rests", "", *["anchor.approvers anchor.missing"] * 2, "approvers.lost-key", "approval.signature"),
    ),
    "the newest list and approval deleted": (
        go_back,
        Told("release.rests", "", "", "anchor.approvers anchor.missing", "", "approval.signature"),
    ),
}


@pytest.mark.parametrize(("attack", "expected"), SILENT.values(), ids=SILENT)
def test_without_a_key_no_rewriting_passes_a_reader_who_kept_an_audit_json_or_a_list(
    bench: Bench, attack: Callable[[Bench], None], expected: Told
):
    attack(bench)
    built = said(bench, "build")
    forget(bench)
    assert codes(bench.organ, "build") == []
    forget(bench)
    anchors = [said(bench, "verify", "--anchor", bench.kept / f"audit{number}.json") for number in (1, 2)]
    lists = [said(bench, "verify", "--approvers", bench.kept / f"list{number}") for number in (1, 2)]
    assert Told(built, said(bench, "verify"), *anchors, *lists) == expected


def test_a_reader_is_told_which_list_the_kept_one_is(bench: Bench):
    first = bench.organ.run("verify", "--approvers", bench.kept / "list1").stdout
    assert "您保存的名单就是这里的第 1 份" in first
    (bench.kept / "own").write_text(signer(bench.keys["stranger"]), encoding="utf-8")
    assert "您保存的名单不是这里的任何一份" in bench.organ.run("verify", "--approvers", bench.kept / "own").stdout


def said(bench: Bench, *words: object) -> str:
    return " ".join(sorted(set(codes(bench.organ, *map(str, words)))))


# --- who may seal a list ---------------------------------------------------------------------------------------------


def approve_list(organ: SiteProject, number: int, *words: object) -> list[str]:
    return codes(organ, "approve", str(organ.root / f"{LIST}.{number}"), *map(str, words))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (["keeper-2", "stranger"], []),
        (["keeper-2"], ["approve.not-a-keeper"]),
        (["stranger"], ["approve.not-a-keeper"]),
        (["successor", "stranger"], ["approve.not-a-keeper"]),
        (["keeper", "stranger"], ["approve.not-a-keeper"]),
        (["keeper-2", "stranger", "successor"], ["approve.not-a-keeper"]),  # a key that is of no use
        ([], ["approve.no-key"]),
    ],
    ids=lambda value: "+".join(value) or "no key",
)
def test_a_list_is_sealed_by_a_keeper_of_the_one_before_and_one_of_its_own(
    bench: Bench, given: list[str], expected: list[str]
):
    bench.organ.write(f"{LIST}.3", signer(bench.keys["stranger"]))
    words = [word for name in given for word in ("--key", bench.keys[name])]
    assert approve_list(bench.organ, 3, *words) == expected
    assert (bench.organ.root / f"{LIST}.3.yaml").exists() == (not expected)
    assert codes(bench.organ, "verify") == []


def lone_signer(tmp_path: Path, count: int) -> tuple[SiteProject, list[Path]]:
    """An organ whose list names no keepers, with so many signers; nothing is approved yet."""
    organ = SiteProject(tmp_path / "organ", ROSTER)
    keys = [key(organ, f"signer-{number}") for number in range(count)]
    organ.write(LIST, "".join(map(signer, keys)))
    return organ, keys


def test_a_lone_signer_replaces_the_key_with_the_old_and_the_new_one(tmp_path: Path):
    organ, [old] = lone_signer(tmp_path, 1)
    sign(organ, old, organ.ledger("jia", "2026-01", JANUARY), meeting="2026-02-03")
    new = key(organ, "new")
    seal(organ, 2, "--key", old, "--key", new, text=signer(new))
    words = ["--meeting", "2026-03-03", "--by", "审核员", "--acting", "代行"]
    file = organ.ledger("jia", "2026-02", FEBRUARY)
    assert codes(organ, "approve", str(file), *words, "--key", str(old)) == ["approve.not-an-approver"]
    sign(organ, new, file)
    assert codes(organ, "build") == codes(organ, "verify") == []


def test_of_several_signers_without_a_keeper_two_must_agree(tmp_path: Path):
    organ, [one, other, _] = lone_signer(tmp_path, 3)
    new = key(organ, "new")
    organ.write(f"{LIST}.2", signer(new))
    assert approve_list(organ, 2, "--key", one, "--key", new) == ["approve.not-a-keeper"]
    assert approve_list(organ, 2, "--key", one, "--key", one, "--key", new) == ["approve.not-a-keeper"]
    assert approve_list(organ, 2, "--key", one, "--key", other, "--key", new) == []


def test_a_key_on_two_lines_may_approve_and_keep(tmp_path: Path):
    organ, [both] = lone_signer(tmp_path, 1)
    organ.write(LIST, signer(both, KEEPER) + signer(both))
    sign(organ, both, organ.ledger("jia", "2026-01", JANUARY), meeting="2026-02-03")
    seal(organ, 2, "--key", both, text=signer(both, f'namespaces="jifenbang,{KEEPERS}"'))
    assert codes(organ, "build") == []


def test_what_looks_like_a_comment_names_no_signer(tmp_path: Path):
    """OpenSSH knows other blanks than the digest does: it must see no line that the digest leaves out."""
    organ, [one] = lone_signer(tmp_path, 1)
    stranger = key(organ, "stranger")
    organ.write(LIST, signer(one) + "\u3000#" + signer(stranger, ""))
    file = organ.ledger("jia", "2026-01", JANUARY)
    words = ["--meeting", "2026-02-03", "--by", "审核员", "--acting", "代行", "--key", str(stranger)]
    assert codes(organ, "approve", str(file), *words) == ["approve.not-an-approver"]


def test_an_ended_keeper_seals_no_list(tmp_path: Path):
    organ, [one] = lone_signer(tmp_path, 1)
    organ.write(LIST, signer(one, 'valid-before="20270501"'))
    new = key(organ, "new")
    organ.write(f"{LIST}.2", signer(new))
    assert approve_list(organ, 2, "--key", one, "--key", new) == ["approve.not-a-keeper"]
    forge_record(organ, 2, {one: "jifenbang", new: "jifenbang"})
    assert codes(organ, "verify") == ["approvers.signature"]
    forge_record(organ, 2, {one: "jifenbang", new: "jifenbang"}, on="2027-04-01")
    assert codes(organ, "verify") == []  # nothing was approved since that shows the day to be false


def test_a_record_is_not_dated_before_what_it_follows(bench: Bench):
    (bench.organ.root / THIRD).unlink()
    forge_record(bench.organ, 2, {bench.keys["keeper"]: KEEPERS, bench.keys["keeper-2"]: KEEPERS}, on="2026-03-01")
    forget(bench)
    assert codes(bench.organ, "build") == ["approvers.order"]


def test_only_the_next_list_is_sealed_and_only_once(bench: Bench):
    keys = ["--key", bench.keys["keeper-2"], "--key", bench.keys["stranger"]]
    bench.organ.write(f"{LIST}.4", signer(bench.keys["stranger"]))
    assert approve_list(bench.organ, 4, *keys) == ["approvers.gap"]
    assert approve_list(bench.organ, 2, *keys) == ["approve.already"]
    assert codes(bench.organ, "approve", str(bench.organ.root / LIST), *map(str, keys)) == ["approve.first-list"]


def test_a_line_that_is_none_of_openssh_s_is_not_sealed(bench: Bench):
    bench.organ.write(f"{LIST}.3", signer(bench.keys["stranger"]) + "王五 ssh-ed25519\n")
    keys = ["--key", bench.keys["keeper-2"], "--key", bench.keys["stranger"]]
    assert approve_list(bench.organ, 3, *keys) == ["approvers.bad-line"]


def test_what_was_approved_before_a_list_was_sealed_is_bound_to_it(bench: Bench):
    done = codes(
        bench.organ, "approve", str(bench.organ.root / "ledgers/2026/yi/01.yaml"), "--withdraw", "--reason", "误"
    )
    assert set(done) == {"withdraw.bound"}
    (bench.organ.root / "ledgers/2026/yi/01.yaml").unlink()
    forget(bench)
    assert codes(bench.organ, "build") == ["approvers.rests"]


def test_a_sealed_list_and_its_record_are_restored(bench: Bench):
    names = [f"{LIST}.2", f"{LIST}.2.yaml"]
    before = [(bench.organ.root / name).read_bytes() for name in names]
    delete_newest_list(bench)
    assert codes(bench.organ, "restore", *(str(bench.organ.root / name) for name in names)) == []
    assert [(bench.organ.root / name).read_bytes() for name in names] == before


# --- keys that are lost, ended or stolen -----------------------------------------------------------------------------


def test_lost_keys_are_replaced_by_the_organ_committee_and_every_verify_says_so(bench: Bench):
    bench.organ.write(f"{LIST}.3", signer(bench.keys["stranger"]))
    lost = ["--lost-key", "保管人的电脑坏了", "--key", bench.keys["stranger"]]
    assert approve_list(bench.organ, 3, *lost) == ["approve.no-approver"]
    assert approve_list(bench.organ, 3, *lost, "--by", "外人") == ["approve.unknown-approver"]
    assert approve_list(bench.organ, 3, *lost[:2], "--by", "李四") == ["approve.no-key"]
    for words in (["--lost-key", " ", *lost[2:], "--by", "李四"], [*lost[2:], "--by", "李四"]):
        assert bench.organ.run("approve", bench.organ.root / f"{LIST}.3", *words).exit_code == 2
    assert approve_list(bench.organ, 3, *lost, "--by", "李四") == []
    keep(bench.organ, bench.kept, 3)
    for words in ([], ["--quick"], ["--anchor", bench.kept / "audit3.json"], ["--approvers", bench.kept / "list3"]):
        done = bench.organ.run("verify", *words)
        assert (done.exit_code, done.stderr.count("〔approvers.lost-key〕")) == (0, 1), done.output
        assert "保管人的电脑坏了" in done.stderr


BY = ["--by", "审核员", "--acting", "代行"]


def test_an_ended_key_appends_nothing_behind_a_later_approval(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Its day is the later of two: its own meeting's, and that of the meeting before it in the chain."""
    organ, [ended, other] = lone_signer(tmp_path, 2)
    organ.write(LIST, signer(ended, 'valid-before="20260310"') + signer(other))
    sign(organ, other, organ.ledger("jia", "2026-01", JANUARY), meeting="2026-03-15")
    file = organ.ledger("jia", "2026-02", FEBRUARY)
    words = [str(file), "--meeting", "2026-03-05", *BY, "--key", str(ended)]
    assert codes(organ, "approve", *words) == ["approve.not-an-approver"]
    monkeypatch.setattr(approve, "_signing_day", lambda _loaded, _file, meeting: meeting)
    assert codes(organ, "approve", *words) == []
    done = organ.run("build")
    assert "〔approval.signature〕" in done.stderr
    assert "2026-03-15" in done.stderr  # the day that decides
    assert codes(organ, "approve", str(file), "--withdraw", "--reason", "密钥已经停用") == []
    assert codes(organ, "build") == []


class Theft(NamedTuple):
    """An organ with a stolen key, and an audit.json of each state: nothing by it, its January, and its February."""

    organ: SiteProject
    stolen: Path
    sound: Path
    audits: list[Path]


@pytest.fixture
def theft(tmp_path: Path) -> Theft:
    organ, [stolen, sound] = lone_signer(tmp_path, 2)
    organ.write(LIST, signer(stolen) + signer(sound, f'namespaces="jifenbang,{KEEPERS}"'))
    sign(organ, sound, organ.ledger("yi", "2026-01"), meeting="2026-02-03")
    keep(organ, tmp_path / "kept", 0)
    sign(organ, stolen, organ.ledger("jia", "2026-01", JANUARY), meeting="2026-02-03")
    keep(organ, tmp_path / "kept", 1)
    sign(organ, stolen, organ.ledger("jia", "2026-02", FEBRUARY))
    organ.write(f"{LIST}.2", signer(stolen).rstrip() + " stolen\n" + signer(sound, ""))
    return Theft(organ, stolen, sound, [tmp_path / f"kept/audit{number}.json" for number in range(2)])


def test_a_stolen_key_counts_only_for_what_an_anchor_has(theft: Theft):
    organ, key_words = theft.organ, ["--key", theft.sound]
    assert approve_list(organ, 2, *key_words) == ["approve.no-anchor"]
    assert approve_list(organ, 2, *key_words, "--anchor", theft.audits[0]) == ["approval.stolen-key"] * 2
    assert approve_list(organ, 2, *key_words, "--anchor", theft.audits[1]) == ["approval.stolen-key"]  # February
    assert codes(organ, "approve", str(organ.root / SECOND), "--withdraw", "--reason", "密钥被盗") == []
    assert approve_list(organ, 2, *key_words, "--anchor", theft.audits[1]) == []
    words = ["--meeting", "2026-03-03", *BY]
    assert codes(organ, "approve", str(organ.root / SECOND), *words, "--key", str(theft.stolen)) == [
        "approve.not-an-approver"
    ]
    sign(organ, theft.sound, organ.root / SECOND)
    assert codes(organ, "build") == []
    plain_verify = organ.run("verify")
    assert (plain_verify.exit_code, plain_verify.stderr.count("〔approval.stolen-key〕")) == (0, 1)
    assert codes(organ, "verify", "--anchor", str(theft.audits[1])) == []
    assert codes(organ, "verify", "--anchor", str(theft.audits[0])) == ["approval.stolen-key"]
    assert codes(organ, "verify", "--anchor", plain(organ, FIRST)["approval"]["digest"][7:23]) == []


def test_without_an_anchor_in_the_record_nothing_of_a_stolen_key_counts(theft: Theft):
    forge_record(theft.organ, 2, {theft.sound: KEEPERS})
    assert "approval.stolen-key" in codes(theft.organ, "build")
    assert "approval.stolen-key" in codes(theft.organ, "verify")


def test_a_stolen_key_signs_nothing_after_the_list_that_says_so(theft: Theft, monkeypatch: pytest.MonkeyPatch):
    organ = theft.organ
    assert codes(organ, "approve", str(organ.root / SECOND), "--withdraw", "--reason", "密钥被盗") == []
    assert approve_list(organ, 2, "--key", theft.sound, "--anchor", theft.audits[1]) == []
    with monkeypatch.context() as patched:
        patched.setattr(openssh, "is_signed", lambda *_: True)
        sign(organ, theft.stolen, organ.root / SECOND)
    assert codes(organ, "build") == ["approval.stolen-key"]
    assert codes(organ, "verify", "--anchor", str(theft.audits[1])) == ["approval.stolen-key"] * 2


# --- ballots ---------------------------------------------------------------------------------------------------------


REVIEWS = "ledgers/2026/reviews.yaml"


def test_reviews_are_judged_by_the_list_of_their_time(bench: Bench):
    """Those of before stay valid; with the older list none can be approved after the newer one was sealed."""
    for folder in (".jifenbang", "site"):
        shutil.rmtree(bench.before.root / folder)  # of the project from which it was copied
    sign(bench.before, bench.keys["secretary"], bench.before.write(REVIEWS, "year: 2026\nscores: {张三: 92.5}\n"))
    shutil.copy(bench.before.root / REVIEWS, bench.organ.root / REVIEWS)
    assert codes(bench.organ, "build") == ["approvers.superseded"]
    text = (bench.organ.root / f"{LIST}.2").read_text("utf-8")
    seal(bench.before, 2, "--key", bench.keys["keeper"], "--key", bench.keys["keeper-2"], text=text)
    assert codes(bench.before, "build") == codes(bench.before, "verify") == []


# --- wrong usage -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        [f"{LIST}.3", "--meeting", "2027-06-01"],
        [f"{LIST}.3", f"{LIST}.2", "--key", "keeper-2"],
        [f"{LIST}.3", FIRST, "--key", "keeper-2"],
        [f"{LIST}.3", "--acting", "代行", "--key", "keeper-2"],
        [FIRST, "--meeting", "2027-06-01", "--lost-key", "坏了"],
        [FIRST, "--meeting", "2027-06-01", "--key", "keeper", "--key", "keeper-2"],
    ],
    ids=" ".join,
)
def test_options_that_do_not_belong_together_are_wrong_usage(bench: Bench, words: list[str]):
    bench.organ.write(f"{LIST}.3", signer(bench.keys["stranger"]))
    files = [bench.organ.root / word if "/" in word else word for word in words]
    assert bench.organ.run("approve", *files).exit_code == 2
