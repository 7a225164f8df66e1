"""Whatever is changed in a file, every command answers: no traceback, no endless run, no flood of memory."""

import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import PROVE
from tests.mutated_inputs import MEGABYTES, SECONDS, draw_case, try_case, write_project

GROUPS, CASES = (50, 100) if PROVE else (2, 8)


@pytest.mark.prove
@pytest.mark.parametrize("group", range(GROUPS))
def test_every_command_answers_to_any_input(
    group: int, tmp_path: Path, record_property: Callable[[str, dict[str, int]], None]
):
    original = write_project(tmp_path / "original", group, sealed=group % 4 == 3)
    kinds, answers, wrong = Counter[str](), Counter[str](), []
    for number in range(group * CASES, (group + 1) * CASES):
        case = draw_case(number, original)
        project = shutil.copytree(original, tmp_path / "project")
        answer = try_case(case, project)
        shutil.rmtree(project)
        kinds[case.kind] += 1
        answers[f"{case.command[0]}: exit code {answer.exit_code}"] += 1
        kinds[f"{case.kind}, scored"] += answer.is_scored
        if answer.crash or answer.seconds > SECONDS or answer.megabytes > MEGABYTES:
            wrong.append((case.number, case.file, case.command, answer))
    record_property("mutated inputs: kinds", dict(kinds))
    record_property("mutated inputs: answers", dict(answers))
    assert not wrong
