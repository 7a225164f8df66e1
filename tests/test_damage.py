"""Whatever is removed or damaged, all commands say the same of it, at the same place, and none ends in a traceback."""

import random
import shutil
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from tests.conftest import PROVE, SAMPLE_DAY
from tests.damage import Case, Original, RandomOrgan, kind, outcome, transplant, typed
from tests.organ import copy_sample

GROUPS, CASES = (50, 42) if PROVE else (4, 15)
TYPED_EVERY = 5  # cases of which the real commands are run, too


@pytest.mark.prove
@pytest.mark.parametrize("group", range(GROUPS))
def test_all_commands_agree_on_a_damaged_organ(
    group: int, tmp_path: Path, record_property: Callable[[str, dict[str, int]], None]
):
    original = Original.of(RandomOrgan(tmp_path / "original", group))
    counts: dict[str, Counter[str]] = {what: Counter() for what in ("cases", "damage", "files", "errors")}
    contradictions = []
    for number in range(CASES):
        case = Case(original.copy(tmp_path / "case", built=number % 2 == 0), random.Random(f"{group} {number}"), original)
        damages = case.damage()
        found = outcome(case.root)
        wrong = [*found.contradictions(), *original.misjudged(case.root, found.drafts)]
        wrong += typed(case.root, found) if number % TYPED_EVERY == 0 else []
        contradictions += [(number, damages, wrong)] if wrong else []
        counts["cases"].update(["tried", "with errors" if found.errors else "without errors"])
        counts["damage"].update(one.how for one in damages)
        counts["files"].update(kind(one.name) for one in damages)
        counts["files"].update("on which something rests" for one in damages if one.name in original.rested_on)
        counts["errors"].update(one.code for one in found.errors)
        shutil.rmtree(tmp_path / "case")
    for what, count in counts.items():
        record_property(f"damage: {what}", dict(count))
    assert not contradictions
