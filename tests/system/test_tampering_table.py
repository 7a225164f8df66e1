"""Tampering by kind: what is told by who has the files alone, and with an older ``audit.json``.

Each kind is tried at many places of organs drawn by chance, one of them with signed approvals; ``PROVE=1`` tries all of
them.
"""

import random
import re
import shutil
from pathlib import Path

import pytest

from tests import attacks
from tests.attacks import Act, forged, unsigned, with_own_digest
from tests.conftest import sample_of
from tests.random_organs import CORRECTING, TODAY, RandomOrgan
from tests.signing import make_chief
from tests.site_project import SiteProject

SEEDS = (2, 3, 5)
SIGNED = 3  # the seed of the organ whose approvals are signed, too
PLACES = 21  # of each kind

GONE = {"anchor.missing"}
NOTHING: set[str] = set()
DIGEST = {"approval.digest"}

# What is done; codes of which one is told without an anchor, if any: with all digests made true, only a slip of the
# forger's tells; and what an anchor tells besides.
KINDS: dict[str, tuple[Act, set[str], set[str]]] = {
    "times of a line": (attacks.edit_times, DIGEST, NOTHING),
    "member of a line": (attacks.edit_member, DIGEST, NOTHING),
    "item of a line": (attacks.edit_item, DIGEST, NOTHING),
    "date of a line": (attacks.edit_date, DIGEST, NOTHING),
    "a line less": (attacks.delete_line, DIGEST, NOTHING),
    "a line twice": (attacks.repeat_line, DIGEST, NOTHING),
    "recorder": (attacks.edit_recorder, DIGEST, NOTHING),
    "approver": (attacks.edit_approver, DIGEST, NOTHING),
    "day of the meeting": (attacks.edit_meeting, DIGEST, NOTHING),
    "reason of a correction": (attacks.edit_correction, DIGEST, NOTHING),
    "a line, with the file's digest": (
        with_own_digest(attacks.edit_times),
        {"approval.chain", "approval.counted"},
        GONE,
    ),
    "times of a line, all digests": (forged(attacks.edit_times), NOTHING, GONE),
    "member of a line, all digests": (forged(attacks.edit_member), NOTHING, GONE),
    "item of a line, all digests": (forged(attacks.edit_item), NOTHING, GONE),
    "date of a line, all digests": (forged(attacks.edit_date), NOTHING, GONE),
    "a line less, all digests": (forged(attacks.delete_line), NOTHING, GONE),
    "a line twice, all digests": (forged(attacks.repeat_line), NOTHING, GONE),
    "approver, all digests": (forged(attacks.edit_approver), NOTHING, GONE),
    "day of the meeting, all digests": (forged(attacks.edit_meeting), NOTHING, GONE),
    "reason of a correction, all digests": (forged(attacks.edit_correction), NOTHING, GONE),
    "an approval cut off": (attacks.cut_approval, {"approval.chain"}, GONE),
    "a ledger removed": (attacks.remove_ledger, {"approval.chain"}, GONE),
    "a branch's newest removed": (attacks.remove_newest, NOTHING, GONE),
    "two approvals swapped": (attacks.swap_approvals, DIGEST, NOTHING),
    "a ledger copied over another month": (attacks.copy_over_month, {"approval.chain"}, GONE),
    "a ledger copied over another branch's": (attacks.copy_over_branch, {"approval.chain"}, GONE),
    "a correction removed": (attacks.remove_correction, NOTHING, GONE),
    "a filing removed": (attacks.remove_filing, NOTHING, GONE),
    "a filing": (attacks.edit_filing, {"record.digest"}, NOTHING),
    "a filing, all digests": (forged(attacks.edit_filing), NOTHING, GONE),
    "a filing copied over another": (attacks.copy_filing, {"record.misplaced"}, GONE),
    "a review": (attacks.edit_score, DIGEST, NOTHING),
    "a review, all digests": (forged(attacks.edit_score), NOTHING, GONE),
    "a vote": (attacks.edit_vote, DIGEST, NOTHING),
    "a vote, all digests": (forged(attacks.edit_vote), NOTHING, GONE),
    "an honour": (attacks.edit_honour, DIGEST, NOTHING),
    "an honour, all digests": (forged(attacks.edit_honour), NOTHING, GONE),
    "reviews, a poll or honours removed": (attacks.remove_ballot, NOTHING, GONE),
    "points of the rulebook": (attacks.edit_points, {"approval.rulebook"}, NOTHING),
    "a ceiling of the rulebook": (attacks.edit_cap, {"approval.rulebook"}, NOTHING),
    "points of the rulebook, all digests": (attacks.reseal_rulebook, NOTHING, GONE),
    "a status": (attacks.edit_status, {"approval.roll"}, NOTHING),
    "the day of a move": (attacks.edit_move, {"approval.roll", "roster.change-order"}, NOTHING),
    "a member less": (attacks.remove_member, {"approval.roll"}, NOTHING),
    "a member's name": (attacks.rename_member, {"approval.roll"}, NOTHING),
}

# What is told beside it without an anchor where approvals are signed: nobody without the key makes every digest true.
SIGNATURE = {"approval.signature"}
BY_SIGNATURE = {kind: SIGNATURE for kind in KINDS if kind.endswith(" all digests")}
SIGNED_KINDS: dict[str, tuple[Act, set[str], set[str]]] = {
    **{
        kind: (act, alone | BY_SIGNATURE.get(kind, NOTHING), anchored) for kind, (act, alone, anchored) in KINDS.items()
    },
    **{
        kind.replace("all digests", "no signatures"): (unsigned(act), {"approval.unsigned"}, GONE)
        for kind, act in {
            "times of a line, all digests": attacks.edit_times,
            "a line less, all digests": attacks.delete_line,
            "approver, all digests": attacks.edit_approver,
            "reason of a correction, all digests": attacks.edit_correction,
            "a filing, all digests": attacks.edit_filing,
            "a review, all digests": attacks.edit_score,
            "a vote, all digests": attacks.edit_vote,
        }.items()
    },
}


@pytest.fixture(scope="session")
def organs(tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Organs with approved months, corrections, filings, reviews and a poll, by seed; each has its ``audit.json``."""
    return {seed: _prepare(tmp_path_factory.mktemp("organs") / str(seed), seed) for seed in SEEDS}


@pytest.fixture(scope="session")
def signed_organ(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of these organs, with signed approvals."""
    return _prepare(tmp_path_factory.mktemp("signed") / "organ", SIGNED, is_signed=True)


def _prepare(root: Path, seed: int, *, is_signed: bool = False) -> Path:
    organ = RandomOrgan(root, seed)
    if is_signed:
        organ.organ.signing_key = make_chief(organ.organ)
    organ.approve()
    organ.correct()
    for branch in ("jia", "yi", "bing"):
        words = ["file", "2026-Q1", "--branch", branch, "--on", CORRECTING, "--by", "备案员", "--acting", "代行"]
        done = organ.organ.run(*words, today=TODAY)
        assert done.exit_code == 0, done.output
    assert organ.organ.run("build", "--output", root / "site", today=TODAY).exit_code == 0
    return root


def told(root: Path, *words: object) -> set[str]:
    done = SiteProject.at(root).run("verify", *words, today=TODAY)
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    codes = set(re.findall(r"错误：.*〔([a-z.-]+)〕", done.stderr))
    assert done.exit_code == bool(codes), done.output
    return codes


CASES = [(kind, place) for kind in KINDS for place in range(PLACES)]
SIGNED_CASES = [(kind, place) for kind in SIGNED_KINDS for place in range(PLACES)]


def test_the_table_is_large_enough():
    assert (len(CASES) >= 600, len(SIGNED_CASES) >= 600, PLACES >= 20) == (True, True, True)


@pytest.mark.parametrize(("kind", "place"), sample_of(CASES, 16))
def test_tampering_is_told(kind: str, place: int, organs: dict[int, Path], tmp_path: Path):
    try_tampering(KINDS[kind], f"{kind} {place}", organs[SEEDS[place % len(SEEDS)]], tmp_path / "organ")


@pytest.mark.needs("ssh-keygen")
@pytest.mark.parametrize(("kind", "place"), sample_of(SIGNED_CASES, 6))
def test_tampering_with_what_is_signed_is_told(kind: str, place: int, signed_organ: Path, tmp_path: Path):
    try_tampering(SIGNED_KINDS[kind], f"{kind} {place}", signed_organ, tmp_path / "organ")


def try_tampering(case: tuple[Act, set[str], set[str]], seed: str, source: Path, root: Path) -> None:
    act, alone, anchored = case
    for folder in ("content", "ledgers"):
        shutil.copytree(source / folder, root / folder)
    act(root, random.Random(seed))
    found = told(root)
    assert found & alone or not alone, found
    found = told(root, "--anchor", source / "site/audit.json")
    assert found >= anchored, found
    assert found
