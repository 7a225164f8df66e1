"""Whoever tampers with what is sealed is told of: byte by byte, file by file, and with every digest recomputed."""

import hashlib
import json
import random
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from generator.commands import cli
from tests import tampering
from tests.conftest import SAMPLE_DAY, build, sample_of
from tests.site_project import REPOSITORY, SiteProject, copy_sample
from tests.tampering import ROSTER, RULEBOOK, Bench, Verdict

TOLD = {Verdict.DETECTED, Verdict.ANCHORED, Verdict.FLAGGED}


@pytest.fixture(scope="session")
def bench(sample: Path, site: Path) -> Bench:
    return Bench(sample, site / "audit.json")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of the sample to tamper with; no site has been built of it."""
    return copy_sample(tmp_path)


def verify(root: Path, *words: object) -> tuple[int, set[str]]:
    """The exit code of the real command, and the codes of all that it tells."""
    done = CliRunner().invoke(cli, ["-C", str(root), "verify", *map(str, words), "--today", SAMPLE_DAY])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, set(re.findall(r"错误：.*〔([a-z.-]+)〕", done.stderr))


@contextmanager
def rewritten(path: Path, raw: bytes) -> Iterator[None]:
    """A file with other bytes, for a while."""
    before = path.read_bytes()
    path.write_bytes(raw)
    yield
    path.write_bytes(before)


# --- every byte ------------------------------------------------------------------------------------------------------


def test_every_sealed_file_is_tried(bench: Bench):
    assert sorted(tampering.sealed_files(REPOSITORY)) == bench.names
    kinds = {tampering.kind(name) for name in bench.names}
    assert kinds == {
        "ledgers",
        "corrections",
        "filings",
        "withdrawals",
        "reviews",
        "votes",
        "honours",
        "rulebooks",
        "rosters",
    }


@pytest.mark.prove
@pytest.mark.parametrize(("name", "part"), tampering.parts(REPOSITORY))
def test_no_changed_byte_is_missed(
    name: str, part: int, bench: Bench, record_property: Callable[[str, dict[str, float]], None]
):
    raw, began = bench.raw(name), time.monotonic()
    verdicts: Counter[Verdict] = Counter()
    missed = []
    for mutation in tampering.of_part(name, raw, part):
        verdict = bench.judged(name, mutation.of(raw))
        verdicts[verdict] += 1
        missed += [mutation] if verdict is Verdict.MISSED else []
    row = tampering.tally(verdicts) | {"seconds": time.monotonic() - began}
    record_property(f"tampering: {tampering.kind(name)}", row)
    assert not missed
    assert not verdicts[Verdict.ANCHORED] or name in bench.newest  # its approval's key was hit: a draft again


@pytest.mark.prove
@pytest.mark.parametrize("batch", range(10 if tampering.FULL else 1))
def test_the_real_command_tells_what_the_bench_tells(
    batch: int, bench: Bench, root: Path, record_property: Callable[[str, dict[str, float]], None]
):
    chance, began = random.Random(f"verify {batch}"), time.monotonic()
    by_kind: dict[str, list[str]] = {}
    for name in bench.names:
        by_kind.setdefault(tampering.kind(name), []).append(name)
    verdicts: Counter[Verdict] = Counter()
    for number in range(20 if tampering.FULL else 9):
        name = chance.choice(by_kind[sorted(by_kind)[number % len(by_kind)]])
        raw = bench.raw(name)
        mutation = chance.choice(
            list(tampering.mutations(name, raw, [chance.randrange(len(raw))], str(chance.random())))
        )
        verdict = bench.judged(name, mutation.of(raw))
        with rewritten(root / name, mutation.of(raw)):
            code, told = verify(root, "--anchor", bench.audit)
        # The anchor tells, too, what decides without being sealed, such as a rule's id: the bench compares no values.
        expected = (1, True) if verdict in TOLD or told == {"anchor.value"} else (0, False)
        assert (code, bool(told)) == expected, (mutation, verdict, told)
        verdicts[verdict] += 1
    record_property("tampering: by verify", tampering.tally(verdicts) | {"seconds": time.monotonic() - began})
    assert not verdicts[Verdict.MISSED]


# --- controls: what is no tampering is told by nobody ----------------------------------------------------------------


def test_an_untouched_sample_is_clean(root: Path, bench: Bench):
    assert verify(root) == (0, set())
    assert verify(root, "--anchor", bench.audit) == (0, set())


HARMLESS = {
    "a comment at the end": (None, "", "# 附注\n"),
    "a blank line and a comment at the top": (None, "", "\n# 附注\n"),
    "a name in quotes": ("ledgers/2026/first/03.yaml", "recorder: 宋楠", 'recorder: "宋楠"'),
    "a list written in brackets": ("ledgers/2026/first/03.yaml", "\n      - 单晓萌\n      - 李静\n  - item: activity",
                                   " [单晓萌, 李静]\n  - item: activity"),
    "a filing's list written line by line": ("ledgers/2025/filings/2025-Q1.first.yaml", "rests: [", "rests: [  "),
}  # fmt: skip


@pytest.mark.parametrize("what", HARMLESS)
def test_another_spelling_of_the_same_is_not_told(what: str, root: Path, bench: Bench):
    only, old, new = HARMLESS[what]
    for name in [only] if only else [*bench.names[::20], ROSTER, RULEBOOK]:
        text = bench.raw(name).decode()
        other = text.replace(old, new, 1) if old else new + text if "top" in what else text + new
        assert other != text
        assert bench.judged(name, other.encode()) is Verdict.SAME
        (root / name).write_text(other, encoding="utf-8")
    assert verify(root, "--anchor", bench.audit) == (0, set())


@pytest.mark.parametrize(
    ("name", "old", "new", "parts"),
    [
        (RULEBOOK, "points: 6", "points: 5", {"boards", "lines"}),
        (RULEBOOK, "ties: competition", "ties: dense", {"boards"}),
        (RULEBOOK, "title: 学习教育", "title: 教育学习", {"boards", "lines"}),  # ledgers name it by this title
        (ROSTER, "{from: 2026-03-05, status: full}", "{from: 2026-04-01, status: full}", {"roll"}),
        (ROSTER, "since: 2026-03-16", "since: 2026-03-01", {"boards"}),
        (ROSTER, "left: 退休", "left: 调离", set()),
        (RULEBOOK, "note: 按月足额缴纳", "note: 按月缴纳", set()),
    ],
)
def test_the_oracle_sees_what_depends_on_a_rulebook_or_roster(
    name: str, old: str, new: str, parts: set[str], bench: Bench
):
    """To an oracle that saw nothing, every rulebook and roster would be harmless."""
    text = bench.raw(name).decode()
    assert old in text
    outcome = bench.outcome(*bench.read(name, text.replace(old, new, 1).encode()))
    assert parts <= {part for part in outcome if outcome[part] != bench.rightful[part]}
    assert parts or outcome == bench.rightful


# --- scenarios -------------------------------------------------------------------------------------------------------


def path(root: Path, name: str) -> Path:
    return root / "ledgers" / f"{name}.yaml"


def halves(root: Path, name: str) -> tuple[str, str]:
    """A ledger's text up to its approval, and the approval."""
    text = path(root, name).read_text(encoding="utf-8")
    at = text.index("approval:\n")
    return text[:at], text[at:]


def swap_blocks(root: Path, one: str, other: str) -> None:
    (first, seal), (second, other_seal) = halves(root, one), halves(root, other)
    path(root, one).write_text(first + other_seal, encoding="utf-8")
    path(root, other).write_text(second + seal, encoding="utf-8")


def swap_files(root: Path, one: str, other: str) -> None:
    raw = path(root, one).read_bytes()
    path(root, one).write_bytes(path(root, other).read_bytes())
    path(root, other).write_bytes(raw)


def cut_block(root: Path, name: str) -> None:
    path(root, name).write_text(halves(root, name)[0], encoding="utf-8")


def remove(root: Path, name: str) -> None:
    path(root, name).unlink()


def copy(root: Path, source: str, target: str) -> None:
    shutil.copyfile(path(root, source), path(root, target))


def edit(root: Path, name: str, old: str, new: str) -> None:
    text = path(root, name).read_text(encoding="utf-8")
    assert old in text
    path(root, name).write_text(text.replace(old, new, 1), encoding="utf-8")


def replay_withdrawn(root: Path, name: str) -> None:
    """Withdraw as the program does, then put the approved file back."""
    raw = path(root, name).read_bytes()
    words = ["approve", str(path(root, name)), "--withdraw", "--reason", "附件不全", "--today", SAMPLE_DAY]
    done = CliRunner().invoke(cli, ["-C", str(root), *words])
    assert done.exit_code == 0, done.output
    assert path(root, name).read_bytes() != raw
    path(root, name).write_bytes(raw)


def recompute(root: Path, *only: str) -> None:
    """An attacker who knows the format: make every digest true again, and carry it to wherever the old one stands."""
    files = [path(root, name) for name in only] or sorted(root.glob("ledgers/20*/*/*.yaml"))
    texts, true = {file: file.read_text(encoding="utf-8") for file in files}, False
    while not true:
        true = True
        for file in files:
            whole = yaml.load(texts[file], Loader=yaml.CBaseLoader)
            claimed = whole.get("approval", whole).pop("digest", None)
            plain = json.dumps(whole, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            digest = "sha256:" + hashlib.sha256(plain.encode()).hexdigest()
            if claimed not in {None, digest}:
                texts = {one: text.replace(claimed, digest) for one, text in texts.items()}
                true = False
    for file, text in texts.items():
        file.write_text(text, encoding="utf-8")


def forge(root: Path, name: str, old: str, new: str) -> None:
    """Edit a month, leave out what its words came to, and make all that rests on it fit."""
    edit(root, name, old, new)
    text = path(root, name).read_text(encoding="utf-8")
    path(root, name).write_text(re.sub(r"  counted: .*\n", "", text), encoding="utf-8")
    recompute(root)


MARCH, APRIL, NEWEST = "2026/first/03", "2026/first/04", "2026/first/10"
LEVEL = ("level: joined", "level: placed")
DUES = ("item: dues", "item: study")
SCORE = ("fang-liqun: 96.5", "fang-liqun: 97.5")
ALONE: set[str] = set()  # nothing is told by who has the files alone
GONE = {"anchor.missing"}


@dataclass(frozen=True)
class Scenario:
    """What is done to the sample, what is told of it without an anchor, and with an older ``audit.json``."""

    act: Callable[..., None]
    on: tuple[str, ...]
    told: set[str]
    anchored: set[str] = frozenset()


SCENARIOS = {
    "two approvals change places": Scenario(swap_blocks, (MARCH, APRIL), {"approval.digest"}),
    "two approved ledgers change places": Scenario(swap_files, (MARCH, APRIL), {"ledger.path-month"}),
    "an approval is cut off a month in the middle": Scenario(cut_block, (MARCH,), {"approval.chain", "filing.rests"}),
    "a ledger in the middle is removed": Scenario(remove, (MARCH,), {"approval.chain", "filing.rests"}),
    "the newest approval is cut off": Scenario(cut_block, (NEWEST,), ALONE, GONE),
    "the newest ledger is removed": Scenario(remove, (NEWEST,), ALONE, GONE),
    "the newest ledger, already filed, is removed": Scenario(remove, ("2026/third/09",), {"filing.rests"}, GONE),
    "a filing that a later approval holds is removed": Scenario(
        remove, ("2026/filings/2026-Q1.first",), {"approval.record"}, GONE
    ),
    "a filing that nothing holds yet is removed": Scenario(remove, ("2026/filings/2026-Q3.third",), ALONE, GONE),
    "a filing is copied over another's": Scenario(
        copy, ("2026/filings/2026-Q1.first", "2026/filings/2026-Q1.third"),
        {"record.misplaced", "approval.record"}, GONE,
    ),
    "the record of a withdrawal is removed": Scenario(remove, ("2026/second/09.w1",), {"approval.record"}, GONE),
    "a withdrawn approval comes back": Scenario(replay_withdrawn, (NEWEST,), {"approval.withdrawn"}),
    "an approved ledger is copied over another month": Scenario(
        copy, (MARCH, APRIL), {"approval.chain", "filing.rests"}, GONE
    ),
    "an approved ledger is copied over another branch's": Scenario(
        copy, (MARCH, "2026/second/03"), {"approval.chain", "filing.rests"}, GONE
    ),
    "a corrected month is put back as it was": Scenario(remove, ("2026/first/05.c1",), {"approval.chain"}, GONE),
    "a corrected and filed month is put back as it was": Scenario(
        remove, ("2025/third/12.c1",), {"approval.chain", "filing.rests"}, GONE
    ),
    "a line is edited": Scenario(edit, (MARCH, *LEVEL), {"approval.digest"}),
    "a line is edited, and that file's digest made true": Scenario(
        lambda root, *change: (edit(root, *change), recompute(root, change[0])),
        (MARCH, *LEVEL), {"approval.chain", "filing.rests"}, GONE,
    ),
    "a line of the newest month is edited, and its digest made true": Scenario(
        lambda root, *change: (edit(root, *change), recompute(root, change[0])),
        (NEWEST, *DUES), {"approval.counted"}, GONE,
    ),
    "a line is edited, and every later digest made true": Scenario(forge, (MARCH, *LEVEL), ALONE, GONE),
    "a filing is edited, and every later digest made true": Scenario(
        forge, ("2025/filings/2025-Q1.first", "by: ", "by: 别"), ALONE, GONE
    ),
    "the reason of a withdrawal is edited, and every later digest made true": Scenario(
        forge, ("2026/second/09.w1", "reason: ", "reason: 并非"), ALONE, GONE
    ),
    "a correction is edited, and every later digest made true": Scenario(
        forge, ("2025/third/12.c1", "date: 2025-12-18", "date: 2025-12-19"), ALONE, GONE
    ),
    "a score is edited": Scenario(edit, ("2025/reviews", *SCORE), {"approval.digest"}),
    "a vote is edited": Scenario(edit, ("2026/votes/youxiu-dangyuan", "郭雨桐: 35", "郭雨桐: 36"), {"approval.digest"}),
    "an honoured name is edited": Scenario(edit, ("2025/honours", "[郭雨桐, ", "[韩建业, "), {"approval.digest"}),
    "the approval of honours is cut off": Scenario(cut_block, ("2025/honours",), ALONE, GONE),
    "honours are removed": Scenario(remove, ("2025/honours",), ALONE, GONE),
    "a score is edited, and its digest made true": Scenario(
        lambda root, *change: (edit(root, *change), recompute(root, change[0])), ("2025/reviews", *SCORE), ALONE, GONE
    ),
    "the approval of reviews is cut off": Scenario(cut_block, ("2025/reviews",), ALONE, GONE),
    "a poll is removed": Scenario(remove, ("2025/votes/youxiu-dangwu",), ALONE, GONE),
    "a poll is copied over another's": Scenario(
        copy, ("2026/votes/youxiu-dangyuan", "2026/votes/youxiu-dangwu"), ALONE, GONE
    ),
    "a withdrawn approval of reviews comes back": Scenario(replay_withdrawn, ("2025/reviews",), {"approval.withdrawn"}),
}  # fmt: skip


@pytest.mark.prove
@pytest.mark.parametrize("what", sample_of([*SCENARIOS], 8))
def test_what_is_told_of_a_tampered_project(what: str, root: Path, bench: Bench):
    scenario = SCENARIOS[what]
    scenario.act(root, *scenario.on)
    code, told = verify(root)
    assert (code, scenario.told <= told, bool(told)) == (int(bool(scenario.told)), True, bool(scenario.told)), told
    if scenario.anchored:
        code, told = verify(root, "--anchor", bench.audit)
        assert code == 1
        assert scenario.told | scenario.anchored <= told


def test_an_approval_copied_into_a_draft_approves_nothing(root: Path):
    copy(root, "2026/third/09", "2026/third/10")
    run = CliRunner().invoke
    done = run(
        cli, ["-C", str(root), "score", "2026-10", "--branch", "third", "--format", "json", "--today", SAMPLE_DAY]
    )
    assert json.loads(done.stdout)["missing"] == ["third/2026-10"]
    assert "approval.copied" in run(cli, ["-C", str(root), "check", "--today", SAMPLE_DAY]).stderr


def test_the_digest_of_a_later_sheet_tells_of_a_forged_past(root: Path, bench: Bench):
    """Whatever a branch's printed head rests on can't be forged; a head before the forged month knows nothing of it."""
    head = json.loads(bench.audit.read_text(encoding="utf-8"))["heads"]["first"]
    january = yaml.safe_load(path(root, "2026/first/01").read_text(encoding="utf-8"))["approval"]["digest"]
    assert verify(root, "--anchor", head) == (0, set())
    forge(root, MARCH, *LEVEL)
    assert verify(root) == (0, set())
    assert verify(root, "--anchor", head) == (1, GONE)
    assert verify(root, "--anchor", head.removeprefix("sha256:")[:16]) == (1, GONE)
    assert verify(root, "--anchor", january) == (0, set())


# That a forger without a key is told of by the signatures is in test_signatures.py.


@pytest.mark.prove
def test_a_paper_truncated_at_any_line_is_told(bench: Bench):
    papers = [name for name in bench.names if tampering.kind(name) in {"ledgers", "corrections"}]
    needed: Counter[Verdict] = Counter()
    for name in papers if tampering.FULL else random.Random("truncated").sample(papers, 12):
        lines = bench.raw(name).splitlines(keepends=True)
        found = Counter(bench.judged(name, b"".join(lines[:kept])) for kept in range(len(lines)))
        assert not found[Verdict.ANCHORED] or name in bench.newest
        needed.update(found)
    assert needed[Verdict.DETECTED] > 300
    assert needed.keys() <= {Verdict.DETECTED, Verdict.ANCHORED}


@pytest.mark.parametrize("name", [NEWEST, "2026/first/05.c1"])
def test_the_real_command_tells_how_much_of_an_approval_is_left(name: str, root: Path, bench: Bench):
    head, block = halves(root, name)
    lines = block.splitlines(keepends=True)
    for kept in (0, 1, 2, len(lines) - 1):
        path(root, name).write_text(head + "".join(lines[:kept]), encoding="utf-8")
        seen = name != NEWEST or kept > 1  # a bare "approval:" is none, and nothing rests on the newest yet
        assert (verify(root) if seen else verify(root, "--anchor", bench.audit))[0] == 1, kept
        assert seen or verify(root) == (0, set())


# --- the published site ----------------------------------------------------------------------------------------------


def add_space(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b" ")


def change_digest(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    assert "sha256:1" in text
    file.write_text(text.replace("sha256:1", "sha256:2", 1), encoding="utf-8")


PUBLISHED = [  # what is done to which file or folder, and what is told of it
    (add_space, "site/index.html", "release.changed"),
    (Path.unlink, "site/index.html", "release.missing"),
    (Path.touch, "site/more.html", "release.added"),
    (change_digest, "site/audit.json", "release.changed"),
    (shutil.rmtree, ".jifenbang", "release.unknown"),
    (Path.unlink, f"ledgers/{NEWEST}.yaml", "release.rests"),
    (lambda ledgers: forge(ledgers.parent, MARCH, *LEVEL), "ledgers", "release.rests"),
]


@pytest.mark.prove
def test_what_is_told_of_a_tampered_site(root: Path, tmp_path_factory: pytest.TempPathFactory):
    build(root, root / "site", "--audience", "organ")
    kept = shutil.copytree(root, tmp_path_factory.mktemp("kept") / "project")
    assert verify(root) == (0, set())
    for act, name, code in PUBLISHED if tampering.FULL else PUBLISHED[::3]:
        act(root / name)
        assert verify(root) == (1, {code}), (act, name)
        (root / "site/more.html").unlink(missing_ok=True)
        top = name.split("/")[0]
        shutil.copytree(kept / top, root / top, dirs_exist_ok=True)
    assert verify(root) == (0, set())


# --- the roster of a sealed past -------------------------------------------------------------------------------------

TIAN = "{id: tian-pei, name: 田沛, branch: first, status: full"
LEFT = "{from: 2026-05-01, left: 退休}"
FU = "{id: fu-haiyan, name: 付海燕, branch: fourth, status: full}"
SHI = "{id: shi-junfeng, name: 史俊峰, branch: fourth, status: full}"
THIRD = "{id: third, name: 第三党支部, secretary: zha-yuqin}"
FOURTH = "{id: fourth, name: 第四党支部, secretary: meng-xianchun}"
NEW = "{id: xin, name: 新人, branch: first, status: full"
LAST = "status: full, pinyin: qiu gang}"
ROLL = {"approval.roll"}
EDITS = {  # old, new, and what is told: nothing if the edit is allowed
    "how a name is read": ("pinyin: qiu gang", "pinyin: chou gang", ALONE),
    "what tells two members of a name apart": ("aka: 办公室", "aka: 机关", ALONE),
    "a secretary": ("secretary: qin-shuyi", "secretary: shan-xiaomeng", ALONE),
    "a branch's name": ("name: 第一党支部", "name: 机关第一党支部", ALONE),
    "why a member left": (LEFT, LEFT.replace("退休", "调离"), ALONE),
    "the order of members": (
        f"  - {FU}\n  - {SHI}\n",
        f"  - {SHI}\n  - {FU}\n",
        ALONE,
    ),
    "the order of branches": (f"  - {THIRD}\n  - {FOURTH}\n", f"  - {FOURTH}\n  - {THIRD}\n", ALONE),
    "the day of a status within a month": ("{from: 2026-03-05, status", "{from: 2026-03-06, status", ALONE),
    "a first day before all that is sealed": (TIAN, f"{TIAN}, since: 2024-06-01", ALONE),
    "a member who joins later": (LAST, f"{LAST}\n  - {NEW}, since: 2026-11-02}}", ALONE),
    "a member who joins in a branch's open month": (
        LAST, f"{LAST}\n  - {NEW.replace('first', 'third')}, since: 2026-10-12}}", ALONE
    ),
    "a later move": (TIAN, f"{TIAN}, changes: [{{from: 2026-11-10, branch: second}}]", ALONE),
    "a later leaving": (TIAN, f"{TIAN}, changes: [{{from: 2026-12-01, left: 退休}}]", ALONE),
    "a later branch": ("\nmembers:", "\n  - {id: fifth, name: 第五党支部, since: 2026-12-01}\n\nmembers:", ALONE),
    "an id": ("id: tian-pei", "id: tian-pei-2", ROLL),
    "a name": ("name: 田沛", "name: 田霈", ROLL),
    "an earlier first day": ("since: 2025-03-05", "since: 2025-03-04", ROLL),
    "a later first day": ("since: 2025-03-05", "since: 2025-03-06", ROLL),
    "a first day where there was none": (TIAN, f"{TIAN}, since: 2025-01-02", ROLL),
    "a branch": (TIAN, TIAN.replace("first", "second"), ROLL),
    "a status": (TIAN, TIAN.replace("full", "probationary"), ROLL),
    "the day of a status across a month's end": ("{from: 2026-03-05, status", "{from: 2026-04-01, status", ROLL),
    "no more of a status": ("\n    changes:\n      - {from: 2026-03-05, status: full}", "", ROLL),
    "the day of leaving": (LEFT, LEFT.replace("05-01", "05-02"), ROLL),
    "an earlier day of leaving": (LEFT, LEFT.replace("05-01", "04-30"), ROLL),
    "no leaving": (f"\n    changes:\n      - {LEFT}", "", ROLL),
    "the day of a move": ("{from: 2025-08-18", "{from: 2025-08-19", ROLL),
    "a member dropped": (f"  - {TIAN}}}\n", "", ROLL),
    "a member who was always there": (LAST, f"{LAST}\n  - {NEW}}}", ROLL),
    "a member who joined in a sealed month": (LAST, f"{LAST}\n  - {NEW}, since: 2026-08-31}}", ROLL),
    "a move in the past": (TIAN, f"{TIAN}, changes: [{{from: 2026-06-01, branch: second}}]", ROLL),
    "a leaving in the past": (TIAN, f"{TIAN}, changes: [{{from: 2026-10-31, left: 退休}}]", ROLL),
    "a branch closed in the past": (
        "{id: fourth, name: 第四党支部,", "{id: fourth, name: 第四党支部, until: 2026-09-01,", {"roster.branch-days"}
    ),
    "a branch's id": ("{id: fourth,", "{id: forth,", {"roster.unknown-branch"}),
}  # fmt: skip


@pytest.mark.prove
@pytest.mark.parametrize("what", sample_of([*EDITS], 8))
def test_what_a_roster_edit_may_change_in_a_sealed_past(what: str, root: Path, bench: Bench):
    old, new, expected = EDITS[what]
    text = bench.raw(ROSTER).decode()
    assert text.count(old) == 1
    raw = text.replace(old, new).encode()
    (root / ROSTER).write_bytes(raw)
    code, told = verify(root)
    assert (code, expected <= told, bool(told)) == (int(bool(expected)), True, bool(expected)), told
    if not expected:
        assert bench.outcome(*bench.read(ROSTER, raw)) == bench.rightful


# --- words whose meaning isn't sealed --------------------------------------------------------------------------------

TWINS = """\
branches: [{id: jia, name: 甲支部}]
members:
  - {id: li-1, name: 李静, branch: jia, status: full, aka: 办公室}
  - {id: li-2, name: 李静, branch: jia, status: full, aka: 信访室}
"""
REINTERPRETED = {  # a ledger, then what is written in another file and what is put there instead
    "the titles of two items change places": (
        "activities: [{item: 学习教育, date: 2026-01-05}]",
        RULEBOOK, ("title: 学习教育", "title: 支部党课"), ("title: 支部党课", "title: 学习教育"),
    ),
    "the titles of two levels change places": (
        "entries: [{member: li-1, item: contest, level: 参加, date: 2026-01-05, evidence: {sign-in: a, photo: b}}]",
        RULEBOOK, ("joined: 参加", "placed: 取得名次"), ("joined: 取得名次", "placed: 参加"),
    ),
    "what tells two members of a name apart changes places": (
        "entries: [{member: 李静（办公室）, item: suggestion, date: 2026-01-05}]",
        ROSTER, ("aka: 办公室", "aka: 信访室"), ("aka: 信访室", "aka: 办公室"),
    ),
    "a member wasn't there on the day of a late line, before all that is sealed": (
        "activities: [{item: study, date: 2025-12-30, late: 通知一月收到}]",
        ROSTER, ("aka: 信访室",), ("aka: 信访室, since: 2026-01-01",),
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REINTERPRETED)
def test_words_that_come_to_mean_something_else_are_told(what: str, tmp_path: Path):
    ledger, name, old, new = REINTERPRETED[what]
    organ = SiteProject(tmp_path, TWINS)
    organ.approve(organ.ledger("jia", "2026-01", ledger))
    points = organ.points("li-1", "2026-01"), organ.points("li-2", "2026-01")
    text = (tmp_path / name).read_text(encoding="utf-8")
    for one, other in zip(old, new, strict=True):
        text = text.replace(one, other.replace(":", "\0", 1), 1)
    organ.write(name, text.replace("\0", ":"))
    told = verify(tmp_path)
    if told == (0, set()) and (organ.points("li-1", "2026-01"), organ.points("li-2", "2026-01")) == points:
        raise RuntimeError("nothing has changed")
    assert told[0] == 1
