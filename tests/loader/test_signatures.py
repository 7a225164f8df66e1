"""Approvals signed with OpenSSH keys: the real ssh-keygen signs, checks, and is all that an outsider needs."""

import re
import subprocess
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from generator.core.scoring import results
from generator.loader import load
from generator.project import Project
from tests.signing import (
    FEBRUARY,
    FIRST,
    JANUARY,
    LIST,
    ROSTER,
    SECOND,
    bare,
    codes,
    digest,
    enlist,
    forge,
    key,
    line,
    make_chief,
    plain,
    seal,
    sign,
    sign_two_months,
    signer,
)
from tests.site_project import TODAY, SiteProject, period

pytestmark = pytest.mark.needs("ssh-keygen")


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    return SiteProject(tmp_path / "organ", ROSTER)


@pytest.fixture
def chief(organ: SiteProject) -> Path:
    """The key of the one allowed signer."""
    return make_chief(organ)


@pytest.fixture
def signed(organ: SiteProject, chief: Path) -> SiteProject:
    """An organ with two signed approvals."""
    return sign_two_months(organ, chief)


# --- signing ---------------------------------------------------------------------------------------------------------


def test_what_an_allowed_signer_signed_is_built(signed: SiteProject):
    assert plain(signed, SECOND)["approval"]["signature"]
    assert codes(signed, "build") == []
    assert "2 次审核有密钥签名，已逐一核对" in signed.run("verify").stdout


@pytest.mark.parametrize(
    ("listed", "given", "code"),
    [
        ("chief", "stranger", "approve.not-an-approver"),
        ("chief", None, "approve.no-key"),
        (None, "chief", "approve.no-approvers"),
        ("chief", "chief.pub.txt", "approve.signing"),
        ('chief valid-before="20260301"', "chief", "approve.not-an-approver"),
        ('chief namespaces="git"', "chief", "approve.not-an-approver"),
    ],
)
def test_an_approval_without_an_allowed_key_is_refused(
    organ: SiteProject, listed: str | None, given: str | None, code: str
):
    keys = {name: key(organ, name) for name in ("chief", "stranger")}
    if listed:
        name, _, options = listed.partition(" ")
        enlist(organ, signer(keys[name], *filter(None, [options])))
    (organ.root.parent / "chief.pub.txt").write_text("not a key\n", encoding="utf-8")
    file = organ.ledger("jia", "2026-02", FEBRUARY)
    before = file.read_bytes()
    words = ["--key", str(organ.root.parent / given)] if given else []
    done = organ.run("approve", file, "--meeting", "2026-03-03", "--by", "审核员", "--acting", "代行", *words)
    assert (done.exit_code, file.read_bytes()) == (1, before)
    assert re.findall(r"〔([a-z.-]+)〕", done.stderr) == [code]


def test_without_openssh_nothing_signed_is_believed(
    signed: SiteProject, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert codes(signed, "build") == ["signature.no-tool"]


# --- what an attacker without a key can't do --------------------------------------------------------------------------


def damaged(organ: SiteProject, file: str) -> tuple[str, str, str]:
    """One figure of a signature is another."""
    whole = line(organ, file, "signature")
    middle = len(whole) // 2
    other = "A" if whole[middle] != "A" else "B"
    return file, whole, whole[:middle] + other + whole[middle + 1 :]


def swapped(organ: SiteProject) -> list[tuple[str, str, str]]:
    one, other = line(organ, FIRST, "signature"), line(organ, SECOND, "signature")
    return [(FIRST, one, other), (SECOND, other, one)]


FORGERIES = {
    "a month rewritten": (
        lambda organ: [(FIRST, "张三", "王五"), *bare(organ, FIRST, "counted")],
        ["approval.signature"],  # its own, and of the approval that rests on it
    ),
    "the newest month rewritten": (
        lambda organ: [(SECOND, "王五", "张三"), *bare(organ, SECOND, "counted")],
        ["approval.signature"],
    ),
    "another day of the meeting": (
        lambda _: [(SECOND, "meeting: 2026-03-03", "meeting: 2026-03-04")],
        ["approval.signature"],
    ),
    "another president": (lambda _: [(SECOND, "by: 审核员", "by: 别人")], ["approval.signature"]),
    "a signature damaged": (lambda organ: [damaged(organ, SECOND)], ["approval.signature"]),
    "signatures swapped": (swapped, ["approval.signature"]),
    "the newest signature removed": (lambda organ: bare(organ, SECOND, "signature"), ["approval.unsigned"]),
    "an earlier signature removed": (
        lambda organ: bare(organ, FIRST, "signature"),
        ["approval.unsigned", "approval.signature"],
    ),
    "as if there had been no list": (
        lambda organ: bare(organ, SECOND, "signature", "approvers", "list"),
        ["approval.unsigned"],
    ),
}


@pytest.mark.parametrize(("changes", "expected"), FORGERIES.values(), ids=FORGERIES)
@pytest.mark.parametrize("command", ["build", "verify"])
def test_recomputed_digests_do_not_help_without_the_key(
    signed: SiteProject, command: str, changes, expected: list[str]
):
    forge(signed, *changes(signed))
    assert codes(signed, command) == expected
    assert not (signed.root / "site").exists()


def test_the_forgeries_are_caught_by_nothing_but_signatures(organ: SiteProject):
    """Else the table above would prove nothing: without a list, what the same attacker forged is published."""

    def published() -> list[tuple[str, str]]:
        assert codes(organ, "build") == []
        text = (organ.root / "site/branches/jia/2026-01.html").read_text(encoding="utf-8").partition("<tbody>")[2]
        return re.findall(r'data-name="(张三|王五)".*?data-points="([0-9.-]+)"', text, re.DOTALL)

    for month, text in (("2026-01", JANUARY), ("2026-02", FEBRUARY)):
        organ.approve(organ.ledger("jia", month, text), meeting="2026-03-03")
    honest = load.score_project(organ.read())
    assert str(results.score_member(honest, "zhang", period("2026-01")).points) == "2"
    forge(organ, (FIRST, "张三", "王五"), *bare(organ, FIRST, "counted"))
    assert published() == [("王五", "2"), ("张三", "0")]
    assert codes(organ, "verify") == []


def test_a_list_that_vanished_stops_the_build(signed: SiteProject):
    (signed.root / LIST).unlink()
    assert codes(signed, "build") == ["approvers.missing"]
    assert codes(signed, "check") == ["approvers.missing"]


# --- the list changes -------------------------------------------------------------------------------------------------


def test_a_list_changed_in_its_place_stops_the_build_until_it_is_restored(signed: SiteProject, chief: Path):
    first = signer(chief)
    enlist(signed, "# 2026年\n\n" + first)  # comments and blank lines are free
    assert codes(signed, "build") == []
    enlist(signed, first + signer(key(signed, "successor")))
    assert codes(signed, "build") == ["approvers.altered"]
    enlist(signed, signer(key(signed, "stranger")))
    assert codes(signed, "build") == ["approval.signature", "approvers.altered"]
    assert codes(signed, "restore", LIST) == []
    assert codes(signed, "build") == []


def test_approvals_from_before_the_list_are_covered_by_a_signed_one_of_their_branch(organ: SiteProject):
    files = [organ.ledger(branch, month) for branch in ("jia", "yi") for month in ("2025-12", "2026-01")]
    organ.write("ledgers/2025/cycle.yaml", "year: 2025\nrulebook: erqi-2021\n")
    organ.approve(*files, meeting="2026-02-03")
    chief = key(organ, "chief")
    enlist(organ, signer(chief))
    assert codes(organ, "build") == ["approval.unsigned"]
    assert "共 2 份" in organ.run("build").stderr
    sign(organ, chief, organ.ledger("jia", "2026-02"))
    assert codes(organ, "build") == ["approval.unsigned"]
    assert "ledgers/2026/yi/01.yaml" in organ.run("build").stderr
    sign(organ, chief, organ.ledger("yi", "2026-02"))
    assert codes(organ, "build") == []
    forge(organ, (FIRST, "meeting: 2026-02-03", "meeting: 2026-02-04"))
    assert codes(organ, "build") == ["approval.unsigned", "approval.signature"]


def test_an_approval_from_before_the_list_can_be_withdrawn_and_signed(organ: SiteProject):
    file = organ.ledger("jia", "2026-01", JANUARY)
    organ.approve(file, meeting="2026-02-03")
    chief = key(organ, "chief")
    enlist(organ, signer(chief))
    assert organ.run("approve", file, "--withdraw", "--reason", "启用签名").exit_code == 0
    sign(organ, chief, file, meeting="2026-02-03")
    assert codes(organ, "build") == []


def test_no_later_signature_covers_an_unsigned_approval_behind_a_signed_one(signed: SiteProject, chief: Path):
    forge(signed, *bare(signed, SECOND, "signature", "approvers", "list"))
    assert codes(signed, "build") == ["approval.unsigned"]
    file = signed.ledger("jia", "2026-03")
    words = ["--meeting", "2026-04-03", "--by", "审核员", "--acting", "代行", "--key", str(chief)]
    assert codes(signed, "approve", str(file), *words) == ["approve.elsewhere"]


# --- anyone ----------------------------------------------------------------------------------------------------------


def by_hand(organ: SiteProject, file: str) -> int:
    """Check a signature as the manual says, with ssh-keygen alone: its exit code."""
    ledger = plain(organ, file)
    armour = textwrap.fill(ledger["approval"]["signature"], 70)
    text = f"-----BEGIN SSH SIGNATURE-----\n{armour}\n-----END SSH SIGNATURE-----\n"
    signature = organ.root.parent / "signature"
    signature.write_text(text, encoding="utf-8")
    words = ["-f", str(organ.root / LIST), "-I", "chief", "-n", "jifenbang", "-s", str(signature)]
    message = digest(ledger, "signature").encode()
    return subprocess.run(
        ["ssh-keygen", "-Y", "verify", *words], input=message, capture_output=True, check=False
    ).returncode


def test_anyone_checks_a_signature_with_ssh_keygen_alone(signed: SiteProject):
    assert [by_hand(signed, file) for file in (FIRST, SECOND)] == [0, 0]
    forge(signed, (SECOND, "王五", "张三"))
    assert by_hand(signed, FIRST) == 0
    assert by_hand(signed, SECOND) != 0


def redrafted(organ: SiteProject) -> list[Path]:
    """Another January, and nothing of the two months approved."""
    return [
        organ.ledger("jia", month, text)
        for month, text in (("2026-01", JANUARY.replace("张三", "王五")), ("2026-02", FEBRUARY))
    ]


def resigned(organ: SiteProject) -> None:
    """Who may write every file puts a key of his own on the list, and approves another January with it."""
    stranger = key(organ, "stranger")
    enlist(organ, signer(stranger))
    for file in redrafted(organ):
        sign(organ, stranger, file)


def test_a_list_that_somebody_kept_tells_what_a_replaced_list_hides(signed: SiteProject):
    kept = signed.write("../kept", (signed.root / LIST).read_text(encoding="utf-8"))
    assert codes(signed, "verify", "--approvers", str(kept)) == []
    resigned(signed)
    assert codes(signed, "build") == codes(signed, "verify") == []
    assert codes(signed, "verify", "--approvers", str(kept)) == ["approval.signature"]


def test_a_kept_list_misses_signatures_that_were_taken_away_with_the_list(signed: SiteProject):
    kept = signed.write("../kept", (signed.root / LIST).read_text(encoding="utf-8"))
    (signed.root / LIST).unlink()
    signed.approve(*redrafted(signed), meeting="2026-03-03")
    assert codes(signed, "verify") == []
    assert codes(signed, "verify", "--approvers", str(kept)) == ["approval.unsigned"]
    missing = signed.run("verify", "--approvers", signed.root / "nowhere")
    assert missing.exit_code == 2


# --- reviews and polls -----------------------------------------------------------------------------------------------

REVIEWS = "ledgers/2026/reviews.yaml"
BALLOT = "year: 2026\nscores: {张三: 92.5, 王五: 88}\n"


def test_reviews_are_signed_like_a_ledger(signed: SiteProject, chief: Path):
    sign(signed, chief, signed.write(REVIEWS, BALLOT))
    assert codes(signed, "build") == []
    assert "3 次审核有密钥签名，已逐一核对" in signed.run("verify").stdout


def unsign(organ: SiteProject) -> None:
    for name in ("signature", "approvers", "list"):
        text = (organ.root / REVIEWS).read_text(encoding="utf-8")
        organ.write(REVIEWS, text.replace(line(organ, REVIEWS, name), ""))


@pytest.mark.parametrize("is_cut_off", [True, False])
def test_without_a_key_no_rewriting_of_reviews_passes_who_kept_the_list(
    signed: SiteProject, chief: Path, *, is_cut_off: bool
):
    sign(signed, chief, signed.write(REVIEWS, BALLOT))
    if is_cut_off:
        unsign(signed)
    text = (signed.root / REVIEWS).read_text(encoding="utf-8").replace("92.5", "99.5")
    signed.write(REVIEWS, text)
    whole = plain(signed, REVIEWS)
    signed.write(REVIEWS, text.replace(whole["approval"]["digest"], digest(whole)))
    code = "approval.unsigned" if is_cut_off else "approval.signature"
    # Without its marks it looks like one from before the list.
    assert codes(signed, "verify") == ([] if is_cut_off else [code])
    assert f"〔{code}〕" in signed.run("verify").stderr
    assert codes(signed, "verify", "--approvers", str(signed.root / LIST)) == [code]


POLL = "ledgers/2026/votes/best.yaml"
VOTES = "award: 优秀共产党员\ndate: 2026-02-11\nelectorate: 20\nvotes: {张三: 3}\n"


def start_list(organ: SiteProject, *days: str) -> Path:
    """Approve reviews and a poll on these days, start a list of signers, and sign two months."""
    for (file, text), day in zip(((REVIEWS, BALLOT), (POLL, VOTES)), days, strict=False):
        organ.approve(organ.write(file, text), meeting=day)
    chief = make_chief(organ)
    sign_two_months(organ, chief)
    return chief


def sign_poll(organ: SiteProject, meeting: str) -> None:
    sign(organ, start_list(organ, "2026-03-03"), organ.write(POLL, VOTES), meeting=meeting)


def seal_second_list(organ: SiteProject) -> None:
    chief = start_list(organ, "2026-03-03", "2026-03-04")
    seal(organ, 2, "--key", chief, text=signer(chief) + "# 2027\n")


def forge_after_second_list(organ: SiteProject) -> None:
    seal_second_list(organ)
    forge(organ, (REVIEWS, "92.5", "99.5"), files=[REVIEWS])


UNSIGNED = {
    "before the list": (lambda organ: start_list(organ, "2026-03-03"), [REVIEWS], []),
    "both before the list": (lambda organ: start_list(organ, "2026-03-03", "2026-03-04"), [REVIEWS, POLL], []),
    "after every month that is signed": (lambda organ: start_list(organ, "2026-05-03"), [REVIEWS], []),
    "before a signed poll": (lambda organ: sign_poll(organ, "2026-03-03"), [REVIEWS], []),
    "after a signed poll": (lambda organ: sign_poll(organ, "2026-03-02"), [], [REVIEWS]),
    "sealed with the second list": (seal_second_list, [], []),
    "not sealed with the second list": (forge_after_second_list, [], [REVIEWS]),
}


@pytest.mark.parametrize(("prepare", "warned", "refused"), UNSIGNED.values(), ids=UNSIGNED)
def test_reviews_and_polls_from_before_the_list_stop_nothing(
    organ: SiteProject, prepare: Callable[[SiteProject], object], warned: list[str], refused: list[str]
):
    prepare(organ)
    found = [problem for problem in load.load_project(Project(organ.root), TODAY).problems if "signed" in problem.code]
    assert [problem.where.file for problem in found if not problem.is_error] == sorted(warned)
    assert [problem.where.file for problem in found if problem.is_error] == refused
    assert all("content/approvers.2" in problem.hint for problem in found if not problem.is_error)


def test_published_reviews_from_before_the_list_stay_published(organ: SiteProject):
    organ.approve(organ.write(REVIEWS, BALLOT), meeting="2026-03-03")
    assert codes(organ, "build") == []
    sign_two_months(organ, make_chief(organ))
    assert codes(organ, "build") == codes(organ, "verify") == []
    assert "〔approval.unsigned〕" in organ.run("verify").stderr
    assert codes(organ, "verify", "--approvers", str(organ.root / LIST)) == ["approval.unsigned"]


def test_reviews_from_before_there_was_a_list_are_approved_anew(organ: SiteProject):
    organ.approve(organ.write(REVIEWS, BALLOT))
    made = key(organ, "chief")
    enlist(organ, signer(made))
    assert codes(organ, "approve", organ.root / REVIEWS, "--withdraw", "--reason", "补签名") == []
    sign(organ, made, organ.root / REVIEWS)
    assert "approval.unsigned" not in organ.run("verify").stderr


def test_reviews_without_a_key_or_with_the_wrong_one_are_not_approved(signed: SiteProject):
    file, stranger = signed.write(REVIEWS, BALLOT), key(signed, "stranger")
    words = ["approve", str(file), "--meeting", "2026-03-03", "--by", "审核员", "--acting", "代行"]
    assert codes(signed, *words) == ["approve.no-key"]
    assert codes(signed, *words, "--key", str(stranger)) == ["approve.not-an-approver"]
    assert file.read_text(encoding="utf-8") == BALLOT


def test_a_lost_list_is_told_of_reviews_too(organ: SiteProject, chief: Path):
    sign(organ, chief, organ.write(REVIEWS, BALLOT))
    (organ.root / LIST).unlink()
    assert codes(organ, "build") == ["approvers.missing"]
