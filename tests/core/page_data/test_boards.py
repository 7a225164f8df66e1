"""What a board shows beside points: movement since the board before; a superseded one since that of its own time."""

from datetime import date
from pathlib import Path

import pytest

from generator.core.page_data import boards
from generator.core.page_data.boards import Board
from tests.site_project import SiteProject, branch_editions, members, organ_edition, period, survey

ROSTER = members("zhao 赵一 jia", "qian 钱二 jia", "sun 孙三 jia", "li 李四 jia 2026-02-10", branches="jia")
TODAY = date(2027, 6, 1)


def points(month: str, **lost: int) -> str:
    """A month in which these members lose so many points each."""
    entries = [
        f"{{member: {member}, item: late-document, times: {times}, date: {month}-15}}" for member, times in lost.items()
    ]
    return f"entries: [{', '.join(entries)}]\n"


def correct(organ: SiteProject, month: str, number: int, **lost: int) -> None:
    """Add lines to a month, after everything else was approved."""
    head = organ.read().ledger_files.branch_chain("jia")
    digest = next(one for one in head if f"/{month[5:]}.yaml" in one.where.file and month[:4] in one.where.file).digest
    text = f"branch: jia\nmonth: {month}\ncorrects: {digest}\nrecorder: 登记员\nkind: 补录\nreason: 漏记\n"
    file = organ.write(f"ledgers/{month[:4]}/jia/{month[5:]}.c{number}.yaml", text + points(month, **lost))
    organ.approve(file, meeting="2027-02-01")


def moved(board: Board) -> dict[str, str]:
    """By member, the rank and how it changed."""
    signs = {"up": "+", "down": "-", "level": "=", "new": "new", "none": "?"}
    return {str(row.member): f"{row.rank} {signs[row.movement.kind]}{row.movement.places or ''}" for row in board.rows}


def branch_boards(organ: SiteProject) -> dict[tuple[str, int], dict[str, str]]:
    """Movement on every board of the branch, by period and revision."""
    edition = branch_editions(survey(organ.root, TODAY))["jia"]
    return {
        (str(one.period), one.revision): moved(one)
        for one in (*edition.boards, *edition.superseded_boards)
        if one.branch == "jia"
    }


@pytest.fixture
def organ(tmp_path: Path) -> SiteProject:
    """December and the first two months of the year after, all approved."""
    organ = SiteProject(tmp_path, ROSTER, years=(2025, 2026))
    organ.approve(
        organ.ledger("jia", "2025-12", points("2025-12", zhao=3, qian=2, sun=1)),
        organ.ledger("jia", "2026-01", points("2026-01", zhao=1, qian=2, sun=3)),
        organ.ledger("jia", "2026-02", points("2026-02", zhao=2, qian=4, sun=1, li=3)),
        meeting="2026-03-03",
    )
    return organ


def test_movement_is_told_since_the_board_before_across_new_year(organ: SiteProject):
    found = branch_boards(organ)
    assert found["2025-12", 1] == {"sun": "1 ?", "qian": "2 ?", "zhao": "3 ?"}
    assert found["2026-01", 1] == {"zhao": "1 +2", "qian": "2 =", "sun": "3 -2"}
    assert found["2026-02", 1] == {"sun": "1 +2", "zhao": "2 -1", "li": "3 new", "qian": "4 -2"}


def test_a_superseded_board_tells_movement_since_the_board_before_as_it_then_stood(organ: SiteProject):
    before = branch_boards(organ)
    correct(organ, "2026-01", 1, zhao=9)  # first becomes last; February's totals change with it
    after = branch_boards(organ)
    assert after["2026-01", 1] == before["2026-01", 1]
    assert after["2026-02", 1] == before["2026-02", 1]
    assert after["2026-01", 2] == {"qian": "1 +1", "sun": "2 -1", "zhao": "3 ="}
    assert after["2026-02", 2] == {"sun": "1 +1", "zhao": "2 +1", "li": "3 new", "qian": "4 -3"}


def test_each_superseded_board_has_the_movement_of_its_own_time(organ: SiteProject):
    first = branch_boards(organ)
    correct(organ, "2026-01", 1, zhao=9)
    second = branch_boards(organ)
    correct(organ, "2026-01", 2, qian=9)
    third = branch_boards(organ)
    for month in ("2026-01", "2026-02"):
        assert third[month, 1] == first[month, 1]
        assert third[month, 2] == second[month, 2]
    assert third["2026-02", 3] == {"sun": "1 =", "zhao": "2 =", "li": "3 new", "qian": "4 -1"}


def test_before_the_first_board_of_all_there_is_no_movement_on_a_superseded_board_either(organ: SiteProject):
    correct(organ, "2025-12", 1, sun=9)
    found = branch_boards(organ)
    assert found["2025-12", 1] == {"sun": "1 ?", "qian": "2 ?", "zhao": "3 ?"}
    assert found["2025-12", 2] == {"qian": "1 ?", "zhao": "2 ?", "sun": "3 ?"}


def test_the_organs_superseded_board_tells_movement_since_the_half_year_as_it_then_stood(tmp_path: Path):
    organ = SiteProject(tmp_path, members("zhao 赵一 jia", "qian 钱二 yi", "sun 孙三 yi"))
    lost = {"2026-03": {"jia": {"zhao": 1}, "yi": {"qian": 2, "sun": 3}}}
    lost["2026-09"] = {"jia": {"zhao": 3}, "yi": {"qian": 2, "sun": 1}}
    organ.approve(
        *(
            organ.ledger(branch, month, points(month, **lost.get(month, {}).get(branch, {})))
            for branch in ("jia", "yi")
            for month in (f"2026-{number:02}" for number in range(1, 13))
        ),
        meeting="2027-01-05",
    )
    correct(organ, "2026-03", 1, zhao=9)
    edition = organ_edition(survey(organ.root, TODAY))
    found = {(str(one.period), one.revision): moved(one) for one in (*edition.boards, *edition.superseded_boards)}
    assert found["2026-H1", 1] == {"zhao": "1 ?", "qian": "2 ?", "sun": "3 ?"}
    assert found["2026-H1", 2] == {"qian": "1 ?", "sun": "2 ?", "zhao": "3 ?"}
    assert found["2026-H2", 1] == {"sun": "1 +2", "qian": "2 =", "zhao": "3 -2"}
    assert found["2026-H2", 2] == {"sun": "1 +1", "qian": "2 -1", "zhao": "3 ="}
    assert edition.board_by_key[period("2026-H2"), None].newest == 2


def test_a_masked_name_keeps_one_character_and_hides_how_long_it_is():
    assert [boards.mask_name(name) for name in ("周敏", "欧阳修远")] == ["周*", "欧*"]


# --- the day below a printed board -----------------------------------------------------------------------------------


def signed(organ: SiteProject, name: str, owner: str | None = "jia") -> tuple[date | None, date | None]:
    """The day below the newest revision of a board, and that of a correction since."""
    view = survey(organ.root, TODAY)
    edition = organ_edition(view) if owner is None else branch_editions(view)["jia"]
    board = edition.board_by_key[period(name), owner]
    return board.announced, board.amended


def test_a_branchs_month_is_signed_on_the_day_of_its_last_approval(organ: SiteProject):
    assert signed(organ, "2026-01") == (date(2026, 3, 3), None)
    correct(organ, "2026-01", 1, zhao=1)
    assert signed(organ, "2026-01") == (date(2027, 2, 1), None)


def test_another_board_is_signed_on_the_day_it_was_posted_and_tells_of_a_correction_since(organ: SiteProject):
    organ.approve(organ.ledger("jia", "2026-03"), meeting="2026-04-02")
    assert signed(organ, "2026-Q1") == (None, None)  # posted on a day that nobody has set
    settings = (organ.root / "content/site.yaml").read_text(encoding="utf-8")
    organ.write("content/site.yaml", settings + "objection: {days: 5, contact: 机关党委办公室}\n")
    assert signed(organ, "2026-Q1") == (date(2026, 4, 3), None)
    correct(organ, "2026-01", 1, zhao=1)
    assert signed(organ, "2026-Q1") == (date(2026, 4, 3), date(2027, 2, 1))
    settings = (organ.root / "content/site.yaml").read_text(encoding="utf-8")
    organ.write("content/site.yaml", settings + "posted: {2026-Q1: 2026-04-07}\n")
    assert signed(organ, "2026-Q1") == (date(2026, 4, 7), date(2027, 2, 1))


def test_a_board_of_the_organ_that_is_not_posted_yet_is_signed_on_no_day(organ: SiteProject):
    assert signed(organ, "2026-H1", None) == (None, None)
