"""Whatever is removed or damaged, all commands say the same of it, at the same place, and none ends in a traceback."""

import random
import shutil
import traceback
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import PROVE, SAMPLE_DAY, sample_of
from tests.damage import Case, Original, Outcome, RandomOrgan, kind, outcome, transplant, typed
from tests.site_project import copy_sample

GROUPS, CASES = (50, 42) if PROVE else (2, 6)
TYPED_EVERY = 5  # cases of which the real commands are run, too


def _examined(case: Case, *, typing: bool) -> tuple[Outcome, list[str]]:
    """What the commands say of a case, and what is wrong with it."""
    try:
        result = outcome(case.root)
        wrong = [*result.contradictions(), *case.original.misjudged(case.root, result.drafts)]
        return result, [*wrong, *(typed(case.root, result) if typing else [])]
    except Exception as error:  # noqa: BLE001  the other cases are tried, too
        return Outcome(frozenset(), {}, frozenset(), published=False), traceback.format_exception(error)


@pytest.mark.prove
@pytest.mark.parametrize("group", range(GROUPS))
def test_all_commands_agree_on_a_damaged_organ(
    group: int, tmp_path: Path, record_property: Callable[[str, dict[str, int]], None]
):
    original = Original.of(RandomOrgan(tmp_path / "original", group))
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    contradictions = []
    for number in range(CASES):
        root = original.copy(tmp_path / "case", built=number % 2 == 0)
        case = Case(root, random.Random(f"{group} {number}"), original)
        damages = case.damage()
        result, wrong = _examined(case, typing=number % TYPED_EVERY == 0)
        contradictions += [(number, damages, wrong)] if wrong else []
        counts["cases"].update(["tried", "with errors" if result.errors else "without errors"])
        counts["damage"].update(one.how for one in damages)
        counts["files"].update(kind(one.name) for one in damages)
        counts["files"].update("on which something rests" for one in damages if one.name in original.rested_on)
        counts["errors"].update(one.code for one in result.errors)
        counts["errors in drafts"].update(one.code for one in result.check - result.errors if one.is_error)
        shutil.rmtree(case.root)
    for what, count in counts.items():
        record_property(f"damage: {what}", dict(count))
    assert not contradictions


# --- known cases -----------------------------------------------------------------------------------------------------

DAY = date.fromisoformat(SAMPLE_DAY)
SECOND = "ledgers/2026/second"
# The first month, those in the middle, of which one was once withdrawn, the newest.
SEALED = [f"{SECOND}/{number:02}.yaml" for number in ((1, *range(2, 9), 9) if PROVE else (1,))]
SEALED += [f"{SECOND}/09.w1.yaml"]
SEALED += [f"ledgers/2026/filings/2026-Q{number}.second.yaml" for number in sample_of([1, 2, 3], 1)]
NEWEST = f"{SECOND}/10.yaml"  # nothing rests on it yet
SEALED += [NEWEST, "ledgers/2026/first/05.c1.yaml"]
SEALED += ["ledgers/2026/first/05.yaml", "ledgers/2026/third/09.yaml"] if PROVE else []
SHARED = ["roster.yaml", "rulebooks/erqi-2021.yaml", "2026/cycle.yaml"]


@pytest.mark.prove
@pytest.mark.parametrize("name", [*SEALED, *(f"ledgers/{name}" for name in SHARED)])
def test_a_file_that_is_gone_is_missed_by_all_commands_alike(name: str, tmp_path: Path):
    root = copy_sample(tmp_path)
    (root / name).unlink()
    result = outcome(root, DAY)
    assert result.contradictions() == []
    assert bool(result.errors) == (name != NEWEST)


@pytest.mark.parametrize("how", ["a list", "a folder"])
def test_a_list_of_approvers_that_turns_up_later_is_judged_by_all_alike(how: str, tmp_path: Path):
    original = Original.of(RandomOrgan(tmp_path / "original", 0))
    path = original.root / "content/approvers"
    path.mkdir() if how == "a folder" else path.write_text("# nobody\n", encoding="utf-8")
    result = outcome(original.root)
    assert [*result.contradictions(), *typed(original.root, result)] == []
    assert result.errors


@pytest.mark.prove
def test_an_approval_copied_to_another_branch_stops_nothing(tmp_path: Path):
    root = copy_sample(tmp_path)
    target = root / "ledgers/2026/third/10.yaml"
    transplant(root / "ledgers/2026/first/09.yaml", target)
    result = outcome(root, DAY)
    assert [*result.contradictions(), *(typed(root, result, DAY) if PROVE else [])] == []
    assert result.errors == set()
    (copied,) = [one for one in result.others["build"] if one.code == "approval.copied"]
    assert (copied.where.file, copied.is_error) == ("ledgers/2026/third/10.yaml", False)
    assert (root / "site/index.html").is_file()


def test_an_approved_ledger_copied_over_another_branch_s_disturbs_its_own_branch_in_nothing(tmp_path: Path):
    root = copy_sample(tmp_path)
    shutil.copyfile(root / "ledgers/2026/second/03.yaml", root / "ledgers/2026/first/03.yaml")
    result = outcome(root, DAY)
    assert result.contradictions() == []
    assert "ledgers/2026/first/03.yaml" in result.drafts
    assert {one.where.file.split(".")[0] for one in result.errors} == {
        "ledgers/2026/first/04",  # whose approval rests on the one that is gone
        "ledgers/2026/filings/2026-Q1",
    }


def test_a_link_to_another_ledger_disturbs_nothing_but_its_own_place(tmp_path: Path):
    original = Original.of(RandomOrgan(tmp_path / "original", 0))
    link = original.root / "ledgers/2026/jia/08.yaml"
    link.symlink_to("01.yaml")
    result = outcome(original.root)
    assert [*result.contradictions(), *typed(original.root, result)] == []
    assert [(one.where.file, one.code) for one in result.errors] == [("ledgers/2026/jia/08.yaml", "file.outside")]
