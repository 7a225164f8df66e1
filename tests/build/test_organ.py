"""What the organ finds out for all its branches."""

from datetime import date
from types import SimpleNamespace

import pytest

from generator.build.organ import OrganResults
from tests.site_project import period


@pytest.mark.parametrize(
    ("board_day", "path"), [(date(2026, 3, 31), "boards/2026-Q2.html"), (date(2026, 6, 30), "branches/jia/index.html")]
)
def test_the_search_leads_to_the_newest_page_and_to_the_branch_before_a_board_of_that_day(board_day: date, path: str):
    board = SimpleNamespace(period=period("2026-Q2"), branch=None, rows=[SimpleNamespace(member="a", branch="yi")])
    summaries = {"jia": SimpleNamespace(last_board_day={"a": board_day})}
    organ = SimpleNamespace(account_months={}, summaries=summaries)
    built = {"boards/2026-Q2.html", "branches/jia/index.html"}
    found = OrganResults.search_entries(organ, SimpleNamespace(boards=[board]), built)
    assert {member: page for member, (_, page) in found.items()} == {"a": path}
