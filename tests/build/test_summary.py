"""What a branch reported holds from a day on, and up to another."""

from datetime import date
from types import SimpleNamespace

import pytest

from generator.build.summary import BranchReport


@pytest.mark.parametrize(("day", "expected"), [(1, False), (2, True), (3, True), (4, False), (5, False)])
def test_a_report_is_valid_up_to_the_day_before_its_end(day: int, *, expected: bool):
    report = SimpleNamespace(valid_from=date(2026, 2, 2), valid_until=date(2026, 2, 4), errors=(), shared_digest="")
    assert BranchReport.is_valid(report, date(2026, 2, day), "") is expected
