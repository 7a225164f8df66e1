"""Inputs of all kinds with one to three places changed, and what a command makes of them: see test_mutated_inputs.py.

Every case is a project of its own in a process of its own, so that time and memory are those of the case.
"""

import os
import pickle
import random
import shutil
import signal
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from click.testing import CliRunner

from generator.commands import cli
from generator.core.scoring import results
from generator.loader import load
from generator.project import Project
from tests.random_organs import TODAY, RandomOrgan
from tests.site_project import REPOSITORY

SECONDS, MEGABYTES = 5, 500
# Real time after which a case is given up, however busy the machine is.
PATIENCE = 60

KINDS = {
    "ledger": "ledgers/2026/*/0?.yaml",
    "correction": "ledgers/2026/*/0?.c?.yaml",
    "roster": "ledgers/roster.yaml",
    "rulebook": "ledgers/rulebooks/*.yaml",
    "cycle": "ledgers/*/cycle.yaml",
    "reviews": "ledgers/*/reviews.yaml",
    "poll": "ledgers/*/votes/*.yaml",
    "honours": "ledgers/*/honours.yaml",
    "settings": "content/site.yaml",
    "article": "content/*/*.md",
    "theme": "themes/own/*.yaml",
    "template": "themes/own/*/*.html",
}
# Kinds that are no YAML, and are changed as text only.
TEXTS = {"article", "template"}
# How often a kind is drawn: most cases are to reach scoring.
WEIGHTS = {"ledger": 12, "correction": 3, "roster": 6, "rulebook": 6, "cycle": 3, "reviews": 2, "poll": 2, "honours": 2}

NUMBERS = (
    "0",
    "-1",
    "1",
    "3",
    "0.05",
    "12.5",
    "1e3",
    "99999999999999999999999",
    "0x1F",
    "1_000",
    ".5",
    "-0",
    "１２",
    "NaN",
)
DAYS = (
    "2026-02-30",
    "2026-05-04",
    "2025-12-31",
    "2027-01-01",
    "2026-3-5",
    "2026年5月4日",
    "5月4日",
    "9999-12-31",
    "46086",
)
WORDS = (
    *(
        "",
        "~",
        "null",
        "true",
        "否",
        "丁一",
        "李静",
        "m3",
        "jia",
        "study",
        "general-meeting",
        "sanction",
        "全体",
        "党员大会",
    ),
    *("'", '"', "[]", "{}", "[m1, m1]", "{m1: 5}", "&a [*a]", "*a", "!!python/object:os.system x", "|", ">-", "@", "%"),
    *(
        "\u202e文",
        "\ufeff",
        "\u00a0",
        "e\u0301",
        "𠮷田",
        "名" * 5000,
        "\x7f",
        "../../x",
        "C:\\a",
        "-{",
        "：",
        "，",
        "#",
    ),
)
BITS = (
    "\t",
    ":",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "\n",
    "\r\n",
    "  ",
    "---\n",
    "：",
    "，",
    "　",
    "\x00",
    "\ufeff",
    "<<<<<<< a\n",
)
COMMANDS: tuple[tuple[str, ...], ...] = (
    ("check", "--format", "json"),
    ("score", "2026-02"),
    ("score", "2026-H1", "--format", "csv"),
    ("score", "2026", "--branch", "jia", "--format", "json"),
    ("explain", "m3", "2026"),
    ("outcomes", "2026"),
    ("build", "--jobs", "1"),
    ("verify",),
    ("diff",),
    ("form", "FILE"),
    ("approve", "FILE", "--meeting", "2026-08-15", "--by", "审核员", "--acting", "代行"),
    ("correct", "FILE"),
    ("file", "2026-Q1", "--on", "2026-08-16", "--by", "备案员", "--acting", "代行"),
    ("report", "quarter", "2026-Q1", "--output", "quarter.html"),
)


@dataclass(frozen=True)
class Answer:
    """What became of a case: an exit code, or a traceback; the processor time in seconds and the peak in megabytes."""

    exit_code: int | None
    crash: str
    is_scored: bool  # the changed file was read without an error, and all was scored with it
    seconds: float
    megabytes: float


@dataclass(frozen=True)
class Case:
    """A kind of file, how it was changed, and the command that then read it."""

    number: int
    kind: str
    file: str
    text: str
    command: tuple[str, ...]


def write_project(root: Path, seed: int, *, sealed: bool) -> Path:
    """Write an organ with every kind of file; unless it is sealed all ledgers are drafts."""
    organ = RandomOrgan(root, seed)
    organ.approve()
    if sealed:
        organ.correct()
    for path in () if sealed else root.glob("ledgers/2026/**/*.yaml"):
        path.write_text(path.read_text(encoding="utf-8").partition("\napproval:")[0] + "\n", encoding="utf-8")
    for name in ("notices/2026-h1-board.md", "notices/points-qa.md", "pages/about.md"):
        organ.organ.write(f"content/{name}", (REPOSITORY / "content" / name).read_text(encoding="utf-8"))
    shutil.copytree(REPOSITORY / "themes/hall", root / "themes/own")
    for name in ("board.html", "member.html"):
        shutil.copy(REPOSITORY / "themes/default/templates" / name, root / "themes/own/templates" / name)
    settings = root / "content/site.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "theme: own\n", encoding="utf-8")
    return root


# --- changes ---------------------------------------------------------------------------------------------------------


def draw_case(number: int, root: Path) -> Case:
    """Draw a file of a project, change it, and draw a command."""
    chance = random.Random(f"mutated {number}")
    files: dict[str, list[Path]] = {kind: sorted(root.glob(pattern)) for kind, pattern in KINDS.items()}
    kinds = [kind for kind in KINDS if files[kind]]
    kind = chance.choices(kinds, [WEIGHTS.get(kind, 1) for kind in kinds])[0]
    file = chance.choice(files[kind])
    text = file.read_text(encoding="utf-8")
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        text = (
            change_values(chance, text) if kind not in TEXTS and chance.random() < 0.85 else change_text(chance, text)
        )
    name = file.relative_to(root).as_posix()
    papers = [path.relative_to(root).as_posix() for path in files["ledger"]]
    target = name if kind in {"ledger", "correction", "reviews", "poll", "honours"} else chance.choice(papers)
    command = tuple(target if word == "FILE" else word for word in chance.choice(COMMANDS))
    return Case(number, kind, name, text, command)


def change_text(chance: random.Random, text: str) -> str:
    """Insert, remove or repeat a few characters or a line."""
    position = chance.randrange(len(text) + 1)
    lines = text.splitlines(keepends=True)
    line = chance.randrange(len(lines)) if lines else 0
    return chance.choice(
        (
            text[:position] + chance.choice(BITS + WORDS) + text[position:],
            text[:position] + text[position + chance.randint(1, 8) :],
            "".join(lines[:line] + lines[line + 1 :]),
            "".join(lines[: line + 1] + lines[line:]),
            text.replace(chance.choice(":,-[]{}"), chance.choice("：，－【】｛｝")),
        )
    )


def change_values(chance: random.Random, text: str) -> str:
    """Put another value in the place of one, mostly of the same key, or a key in the place of a key."""
    try:
        scalars = list(_list_scalars(yaml.compose(text, yaml.SafeLoader), ""))
    except (yaml.YAMLError, RecursionError):
        return change_text(chance, text)
    if not scalars:
        return change_text(chance, text)
    node, key = chance.choice([scalar for scalar in scalars if scalar[1] or chance.random() < 0.1] or scalars)
    of_same_key = [str(other.value) for other, other_key in scalars if other_key == key]
    pool: list[str] = chance.choice((*[of_same_key] * 5, [_vary(chance, str(node.value))], [*NUMBERS, *DAYS, *WORDS]))
    return text[: node.start_mark.index] + chance.choice(pool) + text[node.end_mark.index :]


def _vary(chance: random.Random, value: str) -> str:
    """Change a digit."""
    digits = [position for position, sign in enumerate(value) if sign.isdecimal()]
    if not digits:
        return value
    position = digits[-1]
    return value[:position] + chance.choice("0123456789") + value[position + 1 :]


def _list_scalars(node: yaml.Node | None, key: str) -> Iterator[tuple[yaml.ScalarNode, str]]:
    """Yield every scalar with the key it stands under; keys themselves stand under none."""
    if isinstance(node, yaml.ScalarNode):
        yield node, key
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _list_scalars(item, key)
    elif isinstance(node, yaml.MappingNode):
        for name, value in node.value:
            yield from _list_scalars(name, "")
            yield from _list_scalars(value, str(name.value))


# --- trying ----------------------------------------------------------------------------------------------------------


def try_case(case: Case, project: Path) -> Answer:
    """Run the command on the changed copy of a project, in a process of its own."""
    file = project / case.file
    file.write_text(case.text, encoding="utf-8", newline="")
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.close(reader)
        signal.alarm(PATIENCE)
        os.write(writer, pickle.dumps(_run(case, project)))
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        raw = pipe.read()
    _, _, used = os.wait4(child, 0)
    exit_code, crash, is_scored = pickle.loads(raw) if raw else (None, f"no answer within {PATIENCE} s", False)
    return Answer(exit_code, crash, is_scored, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def _run(case: Case, project: Path) -> tuple[int | None, str, bool]:
    os.chdir(project)  # what a command writes beside itself belongs to the case
    done = CliRunner().invoke(cli, ["-C", str(project), *case.command, "--today", TODAY.isoformat()])
    error = None if isinstance(done.exception, SystemExit) else done.exception
    is_scored = False
    try:
        is_scored = _score(case.file, project)
    except Exception as other:  # noqa: BLE001  the other cases are tried, too
        error = error or other
    crash = "".join(traceback.format_exception(error)) if error else "Traceback" if "Traceback" in done.output else ""
    return done.exit_code, crash, is_scored


def _score(file: str, project: Path) -> bool:
    """Score every ledger, drafts too, and rank every board; return whether the file could be part of it."""
    reading = load.load_project(Project(project), TODAY)
    if reading.loaded is None:
        return False
    scored = load.score_project(reading.loaded, reading.loaded.draft_ledgers)
    for branch in (None, *reading.loaded.roster.branch_by_id):
        results.compute_rankings(scored, branch)
    return not any(problem.is_error and problem.where.file == file for problem in reading.problems)
