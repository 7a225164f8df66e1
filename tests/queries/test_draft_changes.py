"""What drafts move, compared again and again: the same as if all were scored anew each time."""

from pathlib import Path

from generator.core.basics.periods import parse_period
from generator.loader.repeated_loading import ProjectLoader
from generator.project import Project
from generator.queries.draft_changes import DraftComparer
from tests.site_project import TODAY, SiteProject, members

ROSTER = members("zhang 张三 jia", "wang 王五 jia", "zhao 赵六 yi", branches="jia yi")
HELD = "activities:\n  - {{item: 支部党员大会, date: 2026-0{month}-05, leave: [{absent}]}}\n"


def test_scores_that_were_kept_are_those_of_a_first_comparison(tmp_path: Path):
    organ, loader, comparer = SiteProject(tmp_path, ROSTER), ProjectLoader(), DraftComparer()
    keys = [(branch, parse_period(f"2026-0{month}")) for branch in ("jia", "yi") for month in (1, 2)]
    files = {
        (branch, month): organ.ledger(branch, f"2026-0{month}", HELD.format(month=month, absent=""))
        for branch in ("jia", "yi")
        for month in (1, 2)
    }
    steps = [
        lambda: None,
        lambda: organ.ledger("jia", "2026-01", HELD.format(month=1, absent="王五")),
        lambda: organ.approve(files["yi", 1]),
        lambda: organ.ledger("yi", "2026-02", HELD.format(month=2, absent="赵六")),
        lambda: organ.approve(files["jia", 1], files["yi", 2]),
        lambda: organ.write(
            "ledgers/roster.yaml", organ.root.joinpath("ledgers/roster.yaml").read_text("utf-8") + "#\n"
        ),
    ]
    boards = []
    for step in steps:
        step()
        loaded = loader.load_project(Project(organ.root), TODAY).loaded
        assert loaded
        drafts = [key for key in keys if key in loaded.draft_ledgers]
        shown, fresh = (one.diff_drafts(loaded, drafts) for one in (comparer, DraftComparer()))
        assert shown == fresh
        boards.append(len(shown.boards))
    assert all(boards), boards
