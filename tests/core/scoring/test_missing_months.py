"""Which months a period still lacks (R20)."""

from datetime import date
from pathlib import Path

import pytest

from generator.core.basics.periods import months_of
from generator.core.scoring import missing_months
from tests.site_project import SiteProject, members, period

ROSTER = members("wang 王 jia", "li 李 yi 2026-02-10", "zhao 赵 yi 2026-02-10 2026-03-01")


@pytest.mark.parametrize(
    ("whole", "branch", "today", "missing"),
    [
        ("2026-Q1", "jia", date(2026, 4, 1), ["jia/2026-02"]),
        ("2026-Q1", "yi", date(2026, 4, 1), ["yi/2026-03"]),
        ("2026-Q1", None, date(2026, 4, 1), ["jia/2026-02", "yi/2026-03"]),
        ("2026-Q1", "jia", date(2026, 3, 31), ["jia/2026-02", "jia/2026-03"]),
        ("2026-01", "yi", date(2026, 4, 1), []),
        ("2026-02", "yi", date(2026, 3, 1), []),
        ("2026-02", "yi", date(2026, 2, 28), ["yi/2026-02"]),
    ],
)
def test_months_not_over_or_without_an_approved_ledger(
    tmp_path: Path, whole: str, branch: str | None, today: date, missing: list[str]
):
    """甲 has January and March approved, 乙 February; 乙 has nobody in January."""
    roster = SiteProject(tmp_path, ROSTER).read().roster
    approved = {("jia", period("2026-01")), ("jia", period("2026-03")), ("yi", period("2026-02"))}
    months = months_of(period(whole))
    assert list(missing_months.find_missing_months(roster, approved, months, branch, today)) == missing
