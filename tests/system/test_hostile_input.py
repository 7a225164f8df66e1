"""Whatever is in a file, the answer is a value or a problem with its place, never a traceback."""

import csv
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import html5lib
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generator.core.ledgers import ballots as checks
from generator.core.ledgers import validation
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.model.ledger import BallotKind
from generator.core.model.settings import NameOrder
from generator.core.sealing.sealed_files import BallotFile
from generator.intake.files import (
    ballot_file,
    content_files,
    cycle_file,
    ledger_file,
    record_files,
    roster_file,
    rulebook_file,
)
from generator.intake.text import name_order
from generator.problems import Location, Problem, display_width, format_problem, suggest_known_word
from generator.render.html.markdown import markdown_to_html
from tests.conftest import pairs, sample_of
from tests.hostile_templates import HOSTILE_TEMPLATES
from tests.site_project import REPOSITORY, TODAY, SiteProject, members, period

LEDGER = "ledgers/2026/fourth/05.yaml"
FILES = {
    "ledgers/2026/first/03.yaml": "ledger",
    LEDGER: "ledger",
    "ledgers/2026/first/05.c1.yaml": "correction",
    "ledgers/2026/second/09.w1.yaml": "withdrawal",
    "ledgers/2026/filings/2026-Q1.first.yaml": "filing",
    "ledgers/2026/cycle.yaml": "cycle",
    "ledgers/roster.yaml": "roster",
    "ledgers/rulebooks/erqi-2021.yaml": "rulebook",
    "ledgers/2025/reviews.yaml": "reviews",
    "ledgers/2026/votes/youxiu-dangwu.yaml": "poll",
    "ledgers/2025/honours.yaml": "honours",
    "content/site.yaml": "settings",
    "content/pages/about.md": "article",
}
BITS = [
    "\t",
    ":",
    "-",
    "[",
    "]",
    "{",
    "}",
    '"',
    "'",
    "\n",
    "\r\n",
    "&a",
    "*a",
    "!!python/object",
    "<<:",
    "~",
    "null",
    "：",
    "、",
    "\u202e\x00",
    "9999-12-31",
    "---",
    "...",
    "#",
    "|",
    ">",
    "%",
    "@",
    "1e9",
    "1",
]


def _bytes(name: str) -> bytes:
    return Path(REPOSITORY, name).read_bytes()


def _setting() -> CheckContext:
    roster, _ = roster_file.read_roster(_bytes("ledgers/roster.yaml"), "ledgers/roster.yaml", NameOrder.PINYIN)
    rulebook, _ = rulebook_file.read_rulebook(
        _bytes("ledgers/rulebooks/erqi-2021.yaml"), "ledgers/rulebooks/erqi-2021.yaml"
    )
    assert roster is not None
    assert rulebook is not None
    return CheckContext(roster, rulebook, "fourth", period("2026-05"), TODAY)


SETTING = _setting()


def _ledger(raw: bytes, name: str) -> tuple[object, list[Problem]]:
    ledger, problems, _ = ledger_file.read_ledger(raw, name)
    return ledger, problems + (validation.validate_ledger(ledger, SETTING)[1] if ledger else [])


def _ballot(raw: bytes, name: str, kind: BallotKind) -> tuple[object, list[Problem]]:
    ballot, problems, sealed = ballot_file.read_ballot(raw, name, kind)
    file = BallotFile(name, ballot, sealed, not problems, 2026, kind)
    return ballot, problems + checks.evaluate_ballots([file], SETTING.roster, {2026: SETTING.rulebook}).problems


READERS: dict[str, Callable[[bytes, str], tuple[Any, list[Problem]]]] = {
    "ledger": _ledger,
    "correction": lambda raw, name: ledger_file.read_ledger(raw, name, 1)[:2],
    "roster": lambda raw, name: roster_file.read_roster(raw, name, NameOrder.PINYIN),
    "rulebook": rulebook_file.read_rulebook,
    "settings": content_files.read_settings,
    "cycle": cycle_file.read_cycle,
    "filing": record_files.read_filing,
    "withdrawal": record_files.read_withdrawal,
    "retraction": record_files.read_withdrawal,
    "reviews": lambda raw, name: _ballot(raw, name, BallotKind.REVIEWS),
    "poll": lambda raw, name: _ballot(raw, name, BallotKind.POLL),
    "honours": lambda raw, name: _ballot(raw, name, BallotKind.HONOURS),
    "article": content_files.read_article,
}


def read(kind: str, raw: bytes, name: str) -> list[Problem]:
    """Read a file as the program does and, if it is a ledger, apply every rule."""
    return READERS[kind](raw, name)[1]


def judge(kind: str, raw: bytes, name: str) -> None:
    """What is read is a value or an error, and whatever is told has a place in the file and says what to do."""
    value, problems = READERS[kind](raw, name)
    assert value is not None or any(problem.is_error for problem in problems)
    lines = len(raw.decode("utf-8", errors="replace").splitlines()) + 1
    for problem in problems:
        assert problem.where.file == name
        assert 1 <= problem.where.line <= lines
        assert problem.where.column >= 1
        assert problem.message
        assert problem.hint


@pytest.mark.parametrize("name", FILES)
def test_an_undamaged_file_can_be_read(name: str):
    """Whether it fits the one branch and month that all are held against here is another matter."""
    value, problems = READERS[FILES[name]](_bytes(name), name)
    assert value is not None
    assert [one for one in problems if one.code.startswith(("yaml.", "field.", "file.", "text."))] == []


@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
def test_a_damaged_file_is_a_value_or_a_problem(name: str, data: st.DataObject):
    raw = _bytes(name)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        gone = data.draw(st.integers(0, 30))
        raw = raw[:start] + data.draw(st.sampled_from(BITS)).encode() + raw[start + gone :]
    judge(FILES[name], raw, name)


@given(raw=st.binary(max_size=300))
@example(raw=b"\xd0\xcf\x11\xe0")
@example(raw=b"PK\x03\x04")
@example(raw=b"%PDF-1.7")
def test_any_bytes_at_all(raw: bytes):
    for name, kind in FILES.items():
        judge(kind, raw, name)


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a, *a]\n",
        "[" * 100_000,
        "{a: " * 50_000,
        "a: " + "长" * 1_000_000,
        "!!python/object/apply:os.system ['true']\n",
        "<<: {branch: first}\n",
        "- " * 50_000,
    ],
    ids=["anchors", "brackets", "braces", "long scalar", "python object", "merge key", "dashes"],
)
def test_hostile_yaml_is_refused(text: str):
    assert read("ledger", text.encode(), LEDGER)


# --- trees of known keys and odd values -----------------------------------------------------------------------------

CYCLE = "ledgers/2026/cycle.yaml"
KEYS = {
    kind: sorted(
        {
            *re.findall(
                r'"([a-z-]+|[一-龥]{2,3})"',
                "".join(Path(REPOSITORY, "generator/intake/files", one).read_text("utf-8") for one in sources.split()),
            )
        }
    )
    for kind, sources in {
        "ledger": "ledger_file.py approval_block.py",
        "roster": "roster_file.py",
        "rulebook": "rulebook_file.py",
        "settings": "content_files.py",
        "cycle": "cycle_file.py",
        "correction": "ledger_file.py approval_block.py",
        "filing": "record_files.py",
        "withdrawal": "record_files.py",
        "retraction": "record_files.py",
        "reviews": "ballot_file.py approval_block.py",
        "poll": "ballot_file.py approval_block.py",
        "honours": "ballot_file.py approval_block.py",
    }.items()
}
WORDS = [
    *(
        "fourth",
        "2026-05",
        "2026-05-06",
        "dues",
        "contest",
        "placed",
        "suggestion",
        "erqi-2021",
        "full",
        "month",
        "year",
    ),
    *("0", "-1", "1", "0.5", "9999999", "1e9", "NaN", "٣", "²", "0001-01-01", "9999-12-31", "2026-02-30", "0000-00"),
    *(
        "",
        " ",
        "null",
        "~",
        "true",
        "赵磊",
        "<b>",
        "../x",
        "/",
        "\\",
        "con",
        "index",
        "\u202e",
        "\0",
        "\ud800",
        "\U0001f600",
        "甲" * 90,
    ),
]
TREES = st.recursive(
    st.none() | st.sampled_from(WORDS) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=4),
    max_leaves=6,
)


def any_value(chance: random.Random, depth: int = 2) -> object:
    """As of ``TREES``; drawn leaf by leaf from a strategy, a tree for a file would take a tenth of a second."""
    way = chance.choice("wwwtnlm" if depth else "wwtn")
    if way == "l":
        return [any_value(chance, depth - 1) for _ in range(chance.randint(0, 4))]
    if way == "m":
        return {chance.choice(WORDS): any_value(chance, depth - 1) for _ in range(chance.randint(0, 4))}
    if way == "t":
        highest = chance.choice([0x80, 0x250, 0xD800])
        return "".join(chr(chance.randrange(highest)) for _ in range(chance.randint(0, 8)))
    return None if way == "n" else chance.choice(WORDS)


def any_mapping(kind: str, chance: random.Random, depth: int = 3) -> dict[str, object]:
    """A mapping of the file kind's own keys, with mappings and lists of such below, and all sorts of values."""

    def value() -> object:
        way = chance.choice("vml") if depth else "v"
        if way == "v":
            return any_value(chance)
        if way == "m":
            return any_mapping(kind, chance, depth - 1)
        return [any_mapping(kind, chance, depth - 1) for _ in range(chance.randint(0, 3))]

    return {key: value() for key in chance.choices(KEYS[kind], k=chance.randint(0, 7))}


TREE_FILES = {
    "ledger": LEDGER,
    "roster": "ledgers/roster.yaml",
    "rulebook": "ledgers/rulebooks/erqi-2021.yaml",
    "settings": "content/site.yaml",
    "cycle": CYCLE,
    "correction": "ledgers/2026/fourth/05.c1.yaml",
    "filing": "ledgers/2026/filings/2026-Q1.fourth.yaml",
    "withdrawal": "ledgers/2026/fourth/05.w1.yaml",
    "retraction": "ledgers/2026/reviews.w1.yaml",
    "reviews": "ledgers/2026/reviews.yaml",
    "poll": "ledgers/2026/votes/youxiu.yaml",
    "honours": "ledgers/2026/honours.yaml",
}


@pytest.mark.prove
@pytest.mark.parametrize("kind", TREE_FILES)
@given(chance=st.randoms(use_true_random=True))
def test_any_tree_of_known_keys(kind: str, chance: random.Random):
    judge(kind, json.dumps(any_mapping(kind, chance)).encode(), TREE_FILES[kind])


@given(data=st.data())
def test_any_tree_as_front_matter_above_any_text(data: st.DataObject):
    front = json.dumps(data.draw(st.dictionaries(st.sampled_from(["title", "date", "x"]), TREES, max_size=3)))
    text = data.draw(st.text(alphabet="[]()<>!&#*_`~|:-+=\n\t \"'ajx1/.甲", max_size=200))
    for folder in ("pages", "notices"):
        judge("article", f"---\n{front}\n---\n{text}".encode(), f"content/{folder}/a.md")
    assert harm(markdown_to_html(text, "pages/a.html", lambda _: True)) == []


# --- time and memory -------------------------------------------------------------------------------------------------

HEAD = "branch: jia\nmonth: 2026-01\nrecorder: 登记员\n"
BOOK = "ledgers/2026/jia/01.yaml"
ROSTER = "ledgers/roster.yaml"
ENTRY = "  - {member: 张三, item: suggestion, date: 2026-01-05, note: 第%d件}\n"
HELD = "  - {item: volunteer, date: 2026-01-05, title: 第%d次, present: [张三], evidence: {sign-in: a, photo: b}}\n"
DUES = "activities:\n  - {item: dues, date: 2026-01-05, absent: [%s]}\n"
PAGE = "---\ntitle: 长文\n---\n"

# In each: the file, what it is filled with, and the code that says it is refused, if it is.
HEAVY: dict[str, tuple[str, Callable[[], str], str | None]] = {
    "a scalar of 100 MB": (BOOK, lambda: "a: " + "x" * 100_000_000, "file.too-large"),
    "a thousand million aliases": (
        BOOK,
        lambda: "a: &a [x]\n" + "".join(f"a{n}: &a{n} [{'*a, ' * 9}]\n" for n in range(5000)),
        "yaml.anchor",
    ),
    "aliases on one line": (BOOK, lambda: f"a: &a x\nb: [{'*a, ' * 100_000}]\n", "yaml.anchor"),
    "tags": (BOOK, lambda: f"a: [{'!!python/object x, ' * 25_000}]\n", "yaml.tag"),
    "brackets": (BOOK, lambda: "[" * 490_000, "yaml.too-deep"),
    "small words": (ROSTER, lambda: f"members: [{'a,' * 4_900_000}]", "yaml.too-long"),
    "the same key": (BOOK, lambda: HEAD + "a: 1\n" * 90_000, "yaml.duplicate-key"),
    "unknown keys": (BOOK, lambda: HEAD + "".join(f"k{n}: 1\n" for n in range(45_000)), "field.unknown-key"),
    "unknown members": (
        BOOK,
        lambda: HEAD + DUES % ", ".join(f"张{n}" for n in range(45_000)),
        "ledger.unknown-member",
    ),
    "activities times entries": (
        BOOK,
        lambda: (
            HEAD
            + "".join(
                ["activities:\n", *(HELD % n for n in range(300)), "entries:\n", *(ENTRY % n for n in range(3000))]
            )
        ),
        None,
    ),
    "branches times secretaries": (
        ROSTER,
        lambda: (
            "branches:\n"
            + "".join(f"  - {{id: b{n}, name: 支{n}, secretary: zz}}\n" for n in range(3000))
            + "members:\n"
            + "".join(f"  - {{id: m{n}, name: 张, branch: b{n % 3000}, status: full}}\n" for n in range(10_000))
        ),
        "roster.unknown-secretary",
    ),
    "hidden characters": (BOOK, lambda: "\u202e" * 150_000, "file.encoding"),
    "brackets in Markdown": ("content/pages/a.md", lambda: PAGE + "[" * 100_000, None),
    "tags in Markdown": ("content/pages/a.md", lambda: PAGE + "<![CDATA[ <a " * 10_000, None),
    "lists in Markdown": ("content/pages/a.md", lambda: PAGE + "".join(f"{'    ' * n}- a\n" for n in range(250)), None),
    "headings in Markdown": ("content/pages/a.md", lambda: PAGE + "# a\n" * 10_000, None),
}


def organ(root: Path) -> SiteProject:
    return SiteProject(root, members("zhang 张三 jia", "li 李四 jia", branches="jia"))


# Runs a command with ten seconds of processor time, and writes the most memory it had, in MB, to standard error.
WATCH = """
import resource, subprocess, sys
resource.setrlimit(resource.RLIMIT_CPU, (10, 10))
done = subprocess.run([sys.executable, "-m", "generator", *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, file=sys.stderr)
sys.exit(done.returncode)
"""


def run(root: Path, *words: str) -> tuple[int, str, int]:
    """Run a command by itself: its exit code, its output, and the most memory it had in MB."""
    command = [sys.executable, "-c", WATCH, "-C", str(root), *words, "--today", TODAY.isoformat()]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    *errors, memory = done.stderr.splitlines()
    assert not any("Traceback" in line for line in errors), done.stderr
    return done.returncode, done.stdout, int(memory)


@pytest.mark.prove
@pytest.mark.parametrize("case", sample_of([*HEAVY], 4))
def test_no_file_takes_long_or_much(tmp_path: Path, case: str):
    path, text, code = HEAVY[case]
    site = organ(tmp_path)
    site.write(path, text())
    words = ["build"] if path.endswith(".md") else ["check", "--format", "json"]
    exit_code, said, memory = run(tmp_path, *words)
    assert exit_code == (1 if code else 0)
    assert memory < 300
    if code:
        assert code in {problem["code"] for problem in json.loads(said)}


def test_of_a_hundred_thousand_problems_a_hundred_are_told(tmp_path: Path):
    site = organ(tmp_path)
    site.write(BOOK, HEAD + "entries:\n" + "  - x\n" * 50_000)
    problems = [one for one in json.loads(run(tmp_path, "check", "--format", "json")[1]) if one["file"] == BOOK]
    assert [one["code"] for one in problems] == ["field.wrong-type", "file.too-many-problems"]
    assert "共 100 处" in problems[0]["message"]


def test_warnings_never_hide_an_error_and_never_become_one(tmp_path: Path):
    twice = "  - {member: 张三, item: suggestion, date: 2026-01-05, note: 同一件}\n" * 300
    site = organ(tmp_path)
    site.write(BOOK, f"{HEAD}entries:\n{twice}")
    assert site.run("check").exit_code == 0
    site.write(BOOK, f"{HEAD}entries:\n{twice}  - {{member: 无名, item: suggestion, date: 2026-01-06}}\n")
    found = json.loads(site.run("check", "--format", "json").stdout)
    assert [one["code"] for one in found if one["severity"] == "error"] == ["ledger.unknown-member"]


def test_a_long_line_is_shown_around_its_caret():
    line = "甲" * 500 + "\x1b[2J" + "乙" + "丙" * 500
    _, shown, caret = format_problem(Problem(Location("a.yaml", 1, 505), "x.y", "错", "改"), line).splitlines()
    assert "\x1b" not in shown
    assert len(shown) < 120
    assert display_width(shown.partition("乙")[0]) == caret.index("^")


@pytest.mark.parametrize("text", ["\x1b[2J", "\u202e", "a\nb"], ids=["escape", "bidi", "newline"])
def test_a_message_steers_no_terminal(text: str):
    told = format_problem(Problem(Location(f"ledgers/{text}.yaml"), "x.y", f"没有“{text}”", f"改“{text}”"), None)
    assert text not in told


def test_the_nearest_of_many_names_is_found():
    known = [f"{chr(0x4E00 + n)}爱国" for n in range(20_000)]
    assert suggest_known_word("欧阳建国", ["张三", "欧阳建囯", *known]).startswith("您是不是要写“欧阳建囯”")


# --- links, pipes and devices ----------------------------------------------------------------------------------------

BESIDE = {
    "a ledger": BOOK,
    "the roster": ROSTER,
    "a rulebook": "ledgers/rulebooks/erqi-2021.yaml",
    "a cycle": CYCLE,
    "the settings": "content/site.yaml",
    "an article": "content/pages/about.md",
}


def told(root: Path) -> dict[str, str]:
    """Problems by file."""
    found = json.loads(run(root, "check", "--format", "json")[1])
    return {one["file"]: one["code"] for one in found if one["severity"] == "error"}


@pytest.mark.prove
@pytest.mark.parametrize(("path", "target"), pairs([*BESIDE.values()], ["../outside", "/dev/zero", "nowhere"]))
def test_a_link_is_not_followed(tmp_path: Path, path: str, target: str):
    site = organ(tmp_path / "site")
    (tmp_path / "outside").write_text("机密", encoding="utf-8")
    file = site.root / path
    file.unlink(missing_ok=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.symlink_to(site.root / target)
    assert told(site.root)[path] == "file.outside"


@pytest.mark.parametrize("path", BESIDE.values(), ids=BESIDE)
def test_a_pipe_is_not_waited_for(tmp_path: Path, path: str):
    site = organ(tmp_path)
    file = site.root / path
    file.unlink(missing_ok=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(file)
    assert told(site.root)[path] == "file.unreadable"


def test_the_folder_of_all_ledgers_may_be_a_link(tmp_path: Path):
    site = organ(tmp_path / "site")
    site.ledger("jia", "2026-01")
    for name in ("ledgers", "content"):
        shutil.move(site.root / name, tmp_path / f"drive-{name}")
        (site.root / name).symlink_to(tmp_path / f"drive-{name}")
    assert told(site.root) == {}


def test_stray_files_are_looked_at_with_care(tmp_path: Path):
    site = organ(tmp_path)
    (site.root / "ledgers/huge.yaml").write_bytes(b"approval: x\n" + b"x" * 1_000_000)
    (site.root / "ledgers/zero").symlink_to("/dev/zero")
    (site.root / "ledgers/usr").symlink_to("/usr")
    os.mkfifo(site.root / "ledgers/pipe")
    code, said, memory = run(tmp_path, "check", "--format", "json")
    assert (code, memory < 100) == (0, True)
    assert {one["code"] for one in json.loads(said)} <= {"file.unexpected", "ledger.missing", "cycle.not-begun"}


# --- names and ids ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "周敏",
        "阿卜杜拉·买买提",
        "𠮷田",
        "Anna Müller",
        "古丽 (Güli)",
        "〇一",
        "欧阳·A",
        "第一党支部（机关）",
        "Иванов",
        "佐々木",
    ],
)
def test_a_name_that_people_have(name: str):
    assert (name_order.normalize_name(name), name_order.has_mixed_scripts(name)) == (name, False)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("Ａｎｎａ", "Anna"),
        ("李\uf9d1", "李六"),
        ("林\u2f94", "林言"),
        ("阿卜杜拉•买买提", "阿卜杜拉·买买提"),
        ("周\u00a0敏", "周敏"),
        ("周\u3000敏", "周敏"),
        ("Mu\u0308ller", "Müller"),
        ("аnna", None),
        ("Αnna", None),
        ("王а", None),
        ("王ニ", None),
        ("王㇐", None),
    ],
)
def test_a_name_that_only_looks_like_one(name: str, meant: str | None):
    roster = f"branches: [{{id: jia, name: 甲}}]\nmembers:\n  - {{id: a, name: '{name}', branch: jia, status: full}}\n"
    (found,) = roster_file.read_roster(roster.encode(), ROSTER, NameOrder.PINYIN)[1]
    assert found.code == "roster.look-alike"
    assert found.hint == f"请改写成“{meant}”" if meant else "重新输入" in found.hint


HIDDEN = [
    "\0",
    "\x08",
    "\x1b",
    "\x7f",
    "\x85",
    "\xad",
    "\u034f",
    "\u061c",
    "\u200b",
    "\u200d",
    "\u202e",
    "\u2066",
    "\u2800",
    "\u3164",
    "\ufe0f",
    "\ufeff",
    "\U000e0041",
]


@pytest.mark.parametrize("sign", HIDDEN, ids=ascii)
def test_no_name_holds_what_no_one_can_see(sign: str):
    for written in (f"周{sign}敏", f'"周\\U{ord(sign):08x}敏"'):
        problems = roster_file.read_roster(
            f"branches: [{{id: a, name: {written}}}]\nmembers: []\n".encode(), ROSTER, NameOrder.PINYIN
        )[1]
        assert [one.code for one in problems] in (["file.hidden-character"], ["file.encoding"])


PATHS = [
    "../x",
    "..",
    "/etc/passwd",
    "C:\\x",
    "a/b",
    "a\\b",
    "con",
    "nul",
    "index",
    "votes",
    "x\0y",
    "x.html",
    "zhou-mіn",
    "ｚｈｏｕ",
    "Zhou",
    ".hidden",
    "-x",
    "a" * 64,
    "a b",
]
IDS = {
    "a branch": (ROSTER, "branches: [{id: %s, name: 甲}]\nmembers: []\n"),
    "a member": (ROSTER, "branches: [{id: jia, name: 甲}]\nmembers: [{id: %s, name: 乙, branch: jia, status: full}]\n"),
    "a theme": ("content/site.yaml", "organ: 甲\ncommittee: 乙\ntitle: 丙\ntheme: %s\n"),
    "the rulebook of a year": (CYCLE, "year: 2026\nrulebook: %s\n"),
    "a rulebook": (
        "ledgers/rulebooks/x.yaml",
        "id: %s\ntitle: x\nissued: 2020-01-01\ngroups: []\nitems: []\nboards: []\n",
    ),
    "the day of posting": ("content/site.yaml", "organ: 甲\ncommittee: 乙\ntitle: 丙\nposted: {%s: 2026-07-01}\n"),
}


def listing(root: Path) -> set[str]:
    """All there is but what the program remembers of what it has read."""
    found = {path.relative_to(root).as_posix() for path in root.rglob("*")}
    return {path for path in found if "/.jifenbang" not in path}


@pytest.mark.parametrize("field", IDS)
def test_no_word_becomes_a_path_of_its_own(tmp_path: Path, field: str):
    path, text = IDS[field]
    for number, word in enumerate(PATHS):
        site = organ(tmp_path / str(number))
        before = listing(tmp_path)
        site.write(path, text % json.dumps(word))
        done = site.run("build", "--output", tmp_path / "out")
        assert done.exit_code == 1, (word, done.output)
        assert listing(tmp_path) - before <= {f"{number}/{path}"}, word


@pytest.mark.parametrize(
    "word", [word for word in PATHS if "/" not in word and "\0" not in word and word not in {"..", "votes", ".hidden"}]
)
def test_no_file_name_becomes_a_path_of_its_own(tmp_path: Path, word: str):
    site = organ(tmp_path / "site")
    (site.root / "ledgers/2026" / word).mkdir()
    (site.root / "ledgers/2026" / word / "01.yaml").write_text(HEAD, encoding="utf-8")
    site.write(f"content/pages/{word}.md", f"{PAGE}一\n")
    found = json.loads(site.run("check", "--format", "json").stdout)
    codes = {one["code"] for one in found if one["severity"] == "error"}
    assert codes == {"ledger.unknown-branch", "field.bad-id"}


# --- markup, script and formulas -------------------------------------------------------------------------------------

ATTACK = (
    "<script>alert(1)</script>\"><img src=x onerror=alert(1)>' onload='x javascript:alert(1) {{7*7}} {% raw %} "
    "</title></style>&lt;b&gt;"
)
ARTICLE = """
{attack}

[a](javascript:alert(1)) [b](JaVaScRiPt:alert(1)) [c](java&#115;cript:alert(1)) [d](data:text/html,<script>x</script>)
[e](&#x6A;avascript:alert(1)) [f](vbscript:x) [g](<javascript:alert(1)>) [h]( javascript:x) [i][j] ![k](javascript:x)
![l](data:image/svg+xml,<svg onload=alert(1)>) <javascript:alert(1)> [m](//evil.example/x) [n](http://[evil)

[j]: javascript:alert(1) "title"

<svg onload=alert(1)><script>alert(1)</script><a xlink:href="javascript:x">x</a></svg>
<p style="position:fixed" onclick="x">p</p> <meta http-equiv=refresh content="0;url=//evil"> <base href="//evil">
<iframe srcdoc="<script>x</script>"></iframe> <form action=x><input autofocus onfocus=x><button formaction=javascript:x>
<math><mtext></p><style><img src=x onerror=x></style></mtext></math>
<template><script>x</script></template>
<object data=x></object><embed src=x><link rel=stylesheet href=x><style>*{{}}</style>
<noscript><p title="</noscript><img src=x onerror=x>">
<a href="java\tscript:x">t</a> <a href=" javascript:x">s</a> <a href="&#1;javascript:x">u</a> <img src="/etc/passwd">
&#x202e;txt.exe
"""


RUNS = {"script", "iframe", "object", "embed", "base", "form", "input", "button", "style", "math", "template"}
# What pages have of themselves: scripts, the search field, 大字 and 深色; the home page, boards and members' pages a
# script for the own row, 打印 and 复制链接, members' 这是我, and most a form that filters rows; the page of approvals
# another script, and a form that looks digits up.
COMMON = ["script", "script", "input", "button", "button"]
BOARD = ["script", *COMMON, "button", "button"]
OURS = [
    COMMON,
    ["script", *COMMON],
    ["script", *COMMON, "form", "input"],
    BOARD,
    [*BOARD, "form"],
    [*BOARD, "button", "form"],
    [],
]
LOADS = {"href", "src", "action", "formaction", "data", "srcset", "background", "poster"}


def harm(html: str) -> list[str]:
    """What in a page or part of one would run, load or lead somewhere it must not."""
    elements = [one for one in html5lib.parse(html, namespaceHTMLElements=False).iter() if isinstance(one.tag, str)]
    attributes = [(one.tag, *pair) for one in elements for pair in one.attrib.items()]
    return [
        *(one.tag for one in elements if one.tag.rpartition("}")[2] in RUNS),
        *(f"{tag} {name}={value}" for tag, name, value in attributes if _harmful(tag, str(name), value)),
    ]


def _harmful(tag: str, name: str, value: str) -> bool:
    said = re.sub(r"[\x00-\x20]", "", value).lower()
    if name.rpartition("}")[2] in LOADS:
        elsewhere = r"(?!https?:|mailto:|tel:)[^/?#]*:" if tag == "a" else r"[^/?#]*:|//"
        return bool(re.match(elsewhere, said))
    return name.startswith("on") or name in {"style", "srcdoc"} or (name, said) == ("http-equiv", "refresh")


# Every text field; a word behind # is followed by the attack.
WRITTEN = {
    "content/site.yaml": """
organ: #机关
committee: #党委
title: #题目
banner: #横幅
objection: {days: 5, contact: #联系, phone: #电话}
publish: [organ, branch, member, committee]
""",
    ROSTER: """
branches: [{id: jia, name: #支部, secretary: zhang}]
members:
  - {id: zhang, name: #张三, branch: jia, status: full, aka: #区别, pinyin: #拼音}
  - {id: li, name: 李四, branch: jia, status: full, changes: [{from: 2026-03-01, left: #离开}]}
""",
    "ledgers/rulebooks/erqi-2021.yaml": """
id: erqi-2021
title: #办法
issued: 2020-01-01
groups: [{id: basic, title: #分类}, {id: deduction, title: 扣分}]
items:
  - {id: meet, group: basic, title: #大会, clause: #条款, points: 1, roll: true, note: #说明}
  - {id: win, group: basic, title: 比赛, clause: 二, points: {one: 1}, levels: {one: #档次}, evidence: [photo]}
proofs: {photo: #佐证}
readings: [{title: #解释, text: #释文, clause: #释款}]
consequences: [{id: c, title: #后果, clause: #果款, text: #果文}]
boards:
  - {id: m, period: month, scope: branch, title: #榜单, clause: #榜款}
  - {id: y, period: year, scope: organ}
""",
    BOOK: """
branch: jia
month: 2026-01
recorder: #登记
activities:
  - {item: meet, date: 2026-01-05, title: #主题}
entries:
  - {member: zhang, item: win, level: one, date: 2025-12-30, note: #备注, late: #补登, evidence: {photo: #文件}}
""",
}


def planted(root: Path) -> tuple[SiteProject, set[str]]:
    """An organ with an attack in every text field, each behind a word of its own; and those words."""
    used: set[str] = set()

    def text(word: str) -> str:
        used.add(word)
        return json.dumps(f"{word} {ATTACK}", ensure_ascii=False)

    site = SiteProject(root, "")
    for path, lines in WRITTEN.items():
        site.write(path, re.sub(r"#([一-龥]+)", lambda word: text(word[1]), lines))
    ledger = site.root / BOOK
    for folder, date in (("notices", "date: 2026-01-01\n"), ("pages", "")):
        body = ARTICLE.format(attack=ATTACK)
        site.write(f"content/{folder}/a.md", f"---\ntitle: {text(folder)}\n{date}---\n{body}")
    site.approve(ledger)
    return site, used


def test_no_text_becomes_markup(tmp_path: Path):
    site, used = planted(tmp_path / "site")
    done = site.run("build", "--output", tmp_path / "out", "--audience", "organ,branch,member,committee")
    assert done.exit_code == 0, done.output
    pages = sorted((tmp_path / "out").rglob("*.html"))
    shown: set[str] = set()
    for page in pages:
        html = page.read_text(encoding="utf-8")
        assert harm(html) in OURS, page
        assert "\u202e" not in html
        text = "".join(html5lib.parse(html, namespaceHTMLElements=False).itertext())
        shown |= {word for word in used if f"{word} {ATTACK}" in text}
    assert used - shown == NEVER_SHOWN


NEVER_SHOWN = {"拼音", "离开"}


@pytest.mark.parametrize(
    "markdown",
    [
        "[x](http://[)",
        "<a href='http://[::1'>x</a>",
        "![x](//[)",
        "[x](%zz)",
        "[x]({{7*7}})",
        "<" * 999,
        "&#0;&#xd800;&#x110000;",
    ],
)
def test_markdown_that_is_no_address(markdown: str):
    assert harm(markdown_to_html(markdown, "pages/a.html", lambda _: True)) == []


def test_headings_of_one_name_have_anchors_of_their_own():
    html = markdown_to_html("## 一\n\n## 一\n\n## 一\n", "pages/a.html", lambda _: True)
    assert re.findall(r'id="([^"]*)"', html) == ["一", "一_1", "一_2"]


FORMULAS = [
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    " =1+1",
    "　=1",
    "'=1+1",
    '"=1',
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "-",
    "=",
    "-1e5",
    "+1",
]


@pytest.mark.parametrize("word", FORMULAS)
def test_no_cell_is_a_formula(tmp_path: Path, word: str):
    site = SiteProject(tmp_path, "")
    name = json.dumps(word, ensure_ascii=False)
    site.write(
        ROSTER, f"branches: [{{id: jia, name: 甲}}]\nmembers: [{{id: a, name: {name}, branch: jia, status: full}}]\n"
    )
    done = site.run("score", "2026-Q1", "--format", "csv")
    if done.exit_code:
        assert "〔roster." in done.stderr
        return
    cells = [cell for row in csv.reader(io.StringIO(done.stdout)) for cell in row]
    assert f"'{word.strip()}" in cells
    assert [
        cell for cell in cells if re.match(r"[\s\"＂]*[=+@＝＋－＠-]", cell) and not re.fullmatch(r"-?[0-9.]+", cell)
    ] == []


# --- themes ----------------------------------------------------------------------------------------------------------


@pytest.mark.prove
@pytest.mark.parametrize("case", sample_of([*HOSTILE_TEMPLATES], 8))
def test_a_template_reaches_nothing_but_its_data(tmp_path: Path, case: str):
    site = organ(tmp_path / "site")
    site.write("content/site.yaml", "organ: 甲\ncommittee: 乙\ntitle: 丙\ntheme: evil\n")
    site.write("themes/evil/templates/index.html", HOSTILE_TEMPLATES[case])
    (tmp_path / "secret.html").write_text("机密", encoding="utf-8")
    done = site.run("build")
    assert (done.exit_code, "〔theme.template〕" in done.stderr) == (1, True), done.output
    assert not (site.root / "site").exists()


@pytest.mark.parametrize("link", ["templates/index.html", "assets/x.css", "assets/folder"])
def test_a_theme_with_a_link_out_of_it_is_refused(tmp_path: Path, link: str):
    site = organ(tmp_path / "site")
    site.write("content/site.yaml", "organ: 甲\ncommittee: 乙\ntitle: 丙\ntheme: evil\n")
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret/x").write_text("机密", encoding="utf-8")
    path = site.root / "themes/evil" / link
    (site.root / "themes/evil/templates").mkdir(parents=True)
    path.parent.mkdir(exist_ok=True)
    path.symlink_to(tmp_path / ("secret" if link.endswith("folder") else "secret/x"))
    done = site.run("build")
    assert (done.exit_code, "〔file.outside〕" in done.stderr) == (1, True), done.output
    assert not (site.root / "site").exists()
