"""A build that goes on from an earlier one against one that begins anew: the same bytes, whatever was done between.

What a course of edits would miss is tried in ``test_planted_cache_faults``, one planted fault after another.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.build.courses import FIRST, NAMES, READERS, VERSIONS, Course
from tests.conftest import PROVE, sample_of
from tests.site_pages import site_files

# --- any course

Edit = Callable[[Course, random.Random], object]
T = TypeVar("T")
AUDIENCES = [READERS, "organ", "branch,member", "committee"]
SETTLED: dict[str, list[str | None]] = {
    "title": ["光荣榜", "积分榜"],
    "names": ["masked", None],
    "order": ["stroke", None],
    "objection": [
        "{days: 5, contact: 机关党委}",
        "{days: 9, contact: 党委}",
        "{days: 5, contact: 机关党委, changes: [{from: 2026-02-01, reason: 修订, days: 9}]}",
        None,
    ],
    "posted": [
        "{2026-Q1: 2027-01-06, 2026-H1: 2027-01-06}",
        "{2026-Q1: {day: 2027-01-07, was: 2027-01-06, reason: 记错}, 2026-H1: 2027-01-06}",
        None,
    ],
    "calendar": [
        "{off: [2027-01-07]}",
        "{changes: [{from: 2026-02-01, reason: 通知, off: [2027-01-07]}]}",
        None,
    ],
    "changes": [
        "[{from: 2026-02-01, reason: 更名, organ: 新机关}]",
        "[{from: 2027-01-05, reason: 更名, organ: 新机关}]",
        None,
    ],
    "address": ["https://example.org/rank/", None],
}


def other(draw: random.Random, values: Sequence[T], value: T) -> T:
    return draw.choice([one for one in values if one != value])


def settle(word: str) -> Edit:
    return lambda course, draw: course.say(word, other(draw, SETTLED[word], course.settings.get(word)))


def pick(draw: random.Random) -> str:
    return draw.choice(list(NAMES))


def tamper(course: Course, draw: random.Random) -> None:
    if shown := sorted(site_files(course.organ.root, course.folder)):
        course.tamper(draw.choice(shown), draw.choice([b"?", None]))


def copy(course: Course, _: random.Random) -> None:
    """Copy a ledger to another branch, or take the copy away."""
    course.erase("ledgers/2026/yi/10.yaml") if (
        course.organ.root / "ledgers/2026/yi/10.yaml"
    ).exists() else course.copy()


EDITS: dict[str, Edit] = {
    "approve": lambda course, draw: course.approve(pick(draw)),
    "approve the half-year": lambda course, _: course.approve_up_to(6),
    "approve the quarter": lambda course, _: course.approve_up_to(3),
    "draft": lambda course, draw: course.draft(draw.choice(["张三", "李四", "没有此人", "赵六", "新党员辛"])),
    "draft early": lambda course, _: (course.next_year(), course.draft(of="2027-02")),
    "erase the draft": lambda course, _: course.erase(),
    "copy": copy,
    "correct": lambda course, draw: course.correct(pick(draw), draw.choice(["add", "restate"])),
    "file": lambda course, draw: course.file(pick(draw)),
    "withdraw": lambda course, draw: course.withdraw(pick(draw)),
    "reviews": lambda course, draw: course.reviews(draw.randrange(100)),
    "poll": lambda course, draw: course.poll(draw.randrange(8)),
    "honours": lambda course, draw: course.honours(draw.randrange(1, 5)),
    "join": lambda course, draw: course.join(pick(draw), since=f"2026-{draw.choice([9, 12]):02}-15"),
    "move": lambda course, _: course.change("qian", "from: 2026-11-05, branch: jia"),
    "leave": lambda course, draw: course.change(
        "wang", f"from: {draw.choice(['2026-10-10', '2027-01-08'])}, left: 退休"
    ),
    "tell apart": lambda course, draw: course.tell_apart(draw.choice(["zhang", "zhao"]), draw.choice(["甲室", "乙室"])),
    "rename": lambda course, draw: course.rename(pick(draw), f"第{draw.randrange(99)}支部"),
    "rename from a day": lambda course, draw: course.rename_from(pick(draw), f"第{draw.randrange(99)}支部"),
    "tell apart from a day": lambda course, _: course.change("li", "from: 2026-02-01, aka: 甲室"),
    "rules from a day": lambda course, _: course.dated_rules("{rule: up, step: 5}"),
    "reorder from a day": lambda course, _: course.reorder_from(),
    "reorder": lambda course, _: course.reorder(),
    "add branches": lambda course, _: course.add_branches(),
    "wording": lambda course, _: course.wording(),
    "regulation": lambda course, _: course.regulation(),
    "next year": lambda course, _: course.next_year(),
    "figures": lambda course, _: course.figures(),
    **{word: settle(word) for word in SETTLED},
    # A day that was mended stays mended: its revisions were published.
    "posted": lambda course, draw: (course.unpublish(), settle("posted")(course, draw)),
    "quote": lambda course, _: course.quote(),
    "theme": lambda course, draw: course.theme(draw.choice(["名录", "总览"])),
    "asset": lambda course, draw: course.asset(draw.choice(["红", "黄"])),
    "article": lambda course, _: course.article(),
    "retitle": lambda course, _: course.retitle(),
    "notice": lambda course, _: course.note(),
    "page": lambda course, _: course.note("content/pages/new.md"),
    "gzip": lambda course, _: course.pack(),
    "audiences": lambda course, draw: course.read_by(other(draw, AUDIENCES, course.readers)),
    "folder": lambda course, draw: course.to(other(draw, ["site", "public"], course.folder)),
    "days": lambda course, draw: course.days(draw.choice([1, 9, 90, 400])),
    "a day back": lambda course, _: course.days(-1 if course.today > FIRST else 1),
    "program": lambda course, draw: course.program(other(draw, list(VERSIONS), course.version)),
    "spoil": lambda course, draw: course.spoil(draw.choice(["cut", "flip", "gone", "empty"]), draw),
    "falsify": lambda course, _: course.falsify(),
    "confuse": lambda course, _: course.confuse(),
    "tamper": tamper,
    "lose the site": lambda course, _: course.lose(course.folder),
    "lose the secret": lambda course, _: (course.organ.root / ".jifenbang/secret").unlink(missing_ok=True),
    "lose the cache": lambda course, _: course.lose(".jifenbang/cache"),
    "lose what was published": lambda course, _: course.unpublish(),
    "lose bytes": lambda course, _: course.lose_bytes(),
    "roll back": lambda course, _: course.roll_back(),
}


STATES = {  # in which an edit changes something, where that is not so from the beginning
    "erase the draft": ["draft"],
    "file": ["approve the quarter"],
    "posted": ["approve the quarter", "objection"],
    "calendar": ["approve the quarter", "objection"],
    "leave": ["days"],
    "a day back": ["days"],
    "roll back": ["article"],
}
DAMAGE = {"spoil", "falsify", "confuse", "tamper", "roll back", *(name for name in EDITS if name.startswith("lose"))}


@pytest.mark.parametrize("name", sample_of(sorted(EDITS), 3))
@pytest.mark.prove
def test_every_edit_makes_another_site_or_damages_what_is_there(tmp_path: Path, name: str):
    course = Course(tmp_path)
    course.agree()
    for edit in STATES.get(name, ()):
        EDITS[edit](course, random.Random(0))
        course.agree()
    before = _state(course) if name in DAMAGE else course.begin_anew()
    EDITS[name](course, random.Random(0))
    assert (_state(course) if name in DAMAGE else course.begin_anew()) != before


def _state(course: Course) -> object:
    root = course.organ.root
    return site_files(root, course.folder), site_files(root, ".jifenbang")


COURSES = st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 2**16)), min_size=4, max_size=7)


@pytest.mark.prove
def test_after_any_edits_a_warm_build_equals_a_cold_one(tmp_path_factory: pytest.TempPathFactory):
    tried: Counter[str] = Counter()

    @settings(max_examples=60 if PROVE else 2, deadline=None, derandomize=not PROVE)
    @given(COURSES)
    def run(edits: list[tuple[str, int]]) -> None:
        course = Course(tmp_path_factory.mktemp("course"))
        course.agree()
        for name, seed in edits:
            EDITS[name](course, random.Random(seed))
            course.agree()
        tried.update(courses=1, builds=1 + len(edits))

    run()
    print(f"warm builds against cold ones: {tried['builds']} in {tried['courses']} courses")  # noqa: T201
