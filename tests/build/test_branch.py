"""What a branch tells the organ of its boards."""

from types import SimpleNamespace

import pytest

from generator.build import branch
from generator.core.scoring.chronology import LAST_MOMENT
from tests.site_project import period


def test_a_board_that_nothing_changed_hides_no_later_one(monkeypatch: pytest.MonkeyPatch):
    first, second = period("2026-H1"), period("2026-H2")
    monkeypatch.setattr(branch, "_list_organ_periods", lambda _: [first, second])
    monkeypatch.setattr(branch, "_member_figures", lambda figures: figures)
    monkeypatch.setattr(branch.revisions, "score_branch_members", lambda *_: "after")
    past = SimpleNamespace(
        find_relevant_moments=lambda board, _: [LAST_MOMENT] if board is second else [],
        score_branch_members_before=lambda *_: "before",
    )
    results = SimpleNamespace(counted_months=0, approved_months=0)
    data = SimpleNamespace(site_data=SimpleNamespace(results=results), past_results=past)
    figures = branch._compute_earlier_figures(data, "jia", None)  # noqa: SLF001
    assert dict(figures) == {"2026-H2": [(LAST_MOMENT, "before")]}
