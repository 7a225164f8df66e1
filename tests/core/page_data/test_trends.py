"""Small lines on boards and branches over time: no more than the boards of the same readers show (四1, 四3)."""

from datetime import date
from decimal import Decimal
from pathlib import Path

from generator.core.basics.periods import Period
from generator.core.page_data.boards import Board
from generator.core.page_data.branch_trends import build_branch_trends
from tests.site_project import SiteProject, members, organ_edition, survey

ROSTER = members("wang 王五 jia", "li 李四 jia 2026-02-01", "zhao 赵六 yi")
LATE = "entries: [{{member: 王五, item: late-document, times: {0}, date: 2026-{0:02}-09}}]"


def boards_of(tmp_path: Path, months: int, *, settings: str = "") -> dict[tuple[str, str | None], Board]:
    """All current boards, after so many months in which 王五 lost 1, 2, 3 and so on."""
    organ = SiteProject(tmp_path, ROSTER)
    if settings:
        path = organ.root / "content/site.yaml"
        path.write_text(path.read_text(encoding="utf-8") + settings, encoding="utf-8")
    for number in range(1, months + 1):
        organ.approve(organ.ledger("jia", f"2026-{number:02}", LATE.format(number)))
        organ.approve(organ.ledger("yi", f"2026-{number:02}"))
    view = survey(tmp_path, date(2027, 2, 1))
    editions = [organ_edition(view), *(view.make_branch_edition(branch) for branch in ("jia", "yi"))]
    return {(str(board.period), board.branch): board for edition in editions for board in edition.boards}


def trends(board: Board) -> dict[str | None, list[str]]:
    return {row.member: [str(value) for value in row.trend] for row in board.rows}


def test_a_branchs_board_has_the_months_of_the_cycle_up_to_then(tmp_path: Path):
    boards = boards_of(tmp_path, 4)
    assert boards["2026-01", "jia"].trend is None
    assert trends(boards["2026-03", "jia"]) == {"li": ["None", "0", "0"], "wang": ["-1", "-2", "-3"]}
    quarter = boards["2026-Q1", "jia"].trend
    assert quarter is not None
    assert ([str(one) for one in quarter.periods], quarter.low, quarter.high) == (
        ["2026-01", "2026-02", "2026-03"],
        -3,
        0,
    )


def test_the_organs_board_has_complete_half_years_and_never_months(tmp_path: Path):
    boards = boards_of(tmp_path, 12)
    assert trends(boards["2026-H1", None]) == {"wang": [], "li": [], "zhao": []}
    assert trends(boards["2026-H2", None])["wang"] == ["-21", "-57"]
    for (_, branch), board in boards.items():
        if branch is None and board.trend:
            assert {one.kind for one in board.trend.periods} == {"half"}


def test_a_provisional_half_year_is_in_no_trend_of_the_organ(tmp_path: Path):
    boards = boards_of(tmp_path, 11)
    assert boards["2026-H2", None].provisional
    assert boards["2026-H2", None].trend is None
    found = build_branch_trends([board for (_, branch), board in boards.items() if branch is None], ["jia", "yi"])
    assert found is not None
    assert found.periods == (Period.from_name("2026-H1"),)
    assert not found.drawn


def test_masked_boards_have_no_trend_that_leads_from_row_to_row(tmp_path: Path):
    boards = boards_of(tmp_path, 12, settings="names: masked\n")
    assert {board.trend for (_, branch), board in boards.items() if branch is None} == {None}
    assert trends(boards["2026-12", "jia"])["wang"][-1] == "-12"


def test_branches_over_time_are_the_means_of_the_organs_boards(tmp_path: Path):
    boards = [board for (_, branch), board in boards_of(tmp_path, 12).items() if branch is None]
    found = build_branch_trends(boards, ["jia", "yi"])
    assert found is not None
    assert found.drawn
    assert [(one.branch, one.means) for one in found.branches] == [
        ("jia", (Decimal("-10.5"), Decimal("-28.5"))),
        ("yi", (Decimal(0), Decimal(0))),
    ]
    many = build_branch_trends(boards, ["jia"] * 13)
    assert many is not None
    assert not many.drawn
