"""Compare the rankings that a page shows with the data that it was rendered from: a theme could show other figures."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import pairwise
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.numbers import format_decimal
from generator.core.basics.periods import PeriodKind
from generator.core.model.roster import member_label
from generator.core.outcomes.year_results import YearResults
from generator.core.page_data.boards import Board, BoardRow
from generator.core.page_data.correction_notices import Bulletin, RowChange
from generator.core.page_data.filing_packs import FilingPack
from generator.core.page_data.member_history import MemberAccount, YearAccount
from generator.core.page_data.talk_sheets import TalkSheet
from generator.render.html.filters import MINUS
from generator.render.html.marked_cells import MarkedPage, MarkedRow, PageMarks, UnmarkedRow
from generator.render.site.edition import Page
from generator.render.site.pages import BoardPart
from generator.render.site.ranking_differences import Difference, RankingCheck, Values

ROWS_ON_HOME_PAGE = 10  # of the newest board: the least that is compared there, if it has so many

_FIGURES = frozenset({"points", "total"})  # kinds of cells
_NUMBER = re.compile(r"[-−]?\d{1,5}(?:\.\d+)?")  # not the eight digits of a record


class Listing(Struct, frozen=True):
    """The rows that a page is to show: in this order, unless it ``may_be_sorted``, and at least the ``least`` first.

    Where it ``has_other_tables``, these have names beside numbers, too.
    """

    rows: tuple[Values, ...]
    least: int
    may_be_sorted: bool = False
    has_other_tables: bool = False


class Places(Struct, frozen=True):
    """A member's name, and by period the values that the page is to show, with the name, in any number of rows.

    A period has several sets of values if the member has several places in it.
    """

    name: str
    by_period: Mapping[str, Sequence[Values]]


# --- what was computed -----------------------------------------------------------------------------------------------


def compute_rankings(page: Page) -> Listing | Places | None:
    """Return what a page is to show of rankings, None if nothing.

    To be called before the page is rendered, because a template could change the mapping of the page's data.
    """
    compute = _RANKINGS_BY_TEMPLATE.get(page.template)
    return compute(page.data) if compute else None


def _list_board_part(data: Mapping[str, Any]) -> Listing:
    part: BoardPart = data["part"]
    return _list_rows(part.rows)


def _list_newest_board(data: Mapping[str, Any]) -> Listing | None:
    newest: Board | None = data["newest"]
    return _list_rows(newest.rows, least=ROWS_ON_HOME_PAGE) if newest else None


def _list_newest_month(data: Mapping[str, Any]) -> Listing | None:
    boards: Sequence[Board] = data["boards"]
    monthly = (board for board in boards if board.rule.period is PeriodKind.MONTH)
    return next((_list_rows(board.rows) for board in monthly), None)


def _list_rows(rows: Sequence[BoardRow], least: int | None = None) -> Listing:
    values = tuple([_make_values(row.rank, row.name, row.points, row.total) for row in rows])
    return Listing(values, len(rows) if least is None else min(least, len(rows)))


def _list_changes(data: Mapping[str, Any]) -> Listing:
    bulletin: Bulletin = data["bulletin"]
    rows = tuple(map(_make_change_values, bulletin.changes))
    return Listing(rows, len(rows), may_be_sorted=True)


def _list_packs(data: Mapping[str, Any]) -> Listing:
    packs: Sequence[FilingPack] = data["packs"]
    rows = tuple(
        _make_values(standing.rank, member_label(standing.member), standing.score.points, standing.score.total)
        for pack in packs
        for standing in pack.ranking.standings
    )
    return Listing(rows, len(rows), has_other_tables=True)


def _list_candidates(data: Mapping[str, Any]) -> Listing:
    year: YearResults = data["year"]
    candidates = [candidate for poll in year.awards for candidate in poll.candidates]
    rows = tuple(
        _make_values(candidate.rank, member_label(candidate.member), candidate.points, None) for candidate in candidates
    )
    return Listing(rows, len(rows), may_be_sorted=True, has_other_tables=True)


def _list_places(data: Mapping[str, Any]) -> Places:
    account: MemberAccount = data["account"]
    cycle: YearAccount = data["cycle"]
    name = member_label(account.member)
    by_period: dict[str, list[Values]] = {
        str(year.year): [_make_values(None, name, None, year.total)] for year in account.years
    }
    for month in cycle.months:
        rank = month.place.rank if month.place else None
        by_period[str(month.month)] = [_make_values(rank, name, month.points, month.total)]
    for place in (*cycle.quarters, *cycle.halves):
        by_period.setdefault(str(place.period), []).append(_make_values(place.rank, name, place.points, None))
    return Places(name, by_period)


def _list_talk(data: Mapping[str, Any]) -> Places:
    talk: TalkSheet = data["talk"]
    standing, name = talk.standing, member_label(talk.account.member)
    values = _make_values(standing.rank, name, standing.score.points, standing.score.total)
    return Places(name, {str(talk.ranking.period): [values]})


_RANKINGS_BY_TEMPLATE: Mapping[str, Callable[[Mapping[str, Any]], Listing | Places | None]] = {
    "board.html": _list_board_part,
    "poster.html": _list_board_part,
    "index.html": _list_newest_board,
    "branch.html": _list_newest_month,
    "bulletin.html": _list_changes,
    "member.html": _list_places,
    "pack.html": _list_packs,
    "talk.html": _list_talk,
    "awards.html": _list_candidates,
    "results.html": _list_candidates,
}


_format_points = lru_cache(4096)(format_decimal)  # a site has millions of points but few values


def _make_values(rank: int | None, name: str | None, points: Decimal | None, total: Decimal | None) -> Values:
    values: dict[str, tuple[str, ...]] = {}
    if rank is not None:
        values["rank"] = (str(rank),)
    if name is not None:
        values["name"] = (name,)
    if points is not None:
        values["points"] = (_format_points(points),)
    if total is not None:
        values["total"] = (_format_points(total),)
    return values


def _make_change_values(change: RowChange) -> Values:
    sides = [side for side in (change.before, change.after) if side]
    return {
        "rank": tuple(dict.fromkeys(str(side.rank) for side in sides)),
        "name": (change.name,),
        "points": tuple(dict.fromkeys(_format_points(side.points) for side in sides)),
        "total": tuple(dict.fromkeys(_format_points(side.total) for side in sides)),
    }


# --- what the page shows ---------------------------------------------------------------------------------------------


def check_page(path: str, raw: bytes, computed: Listing | Places, *, believes_marks: bool = False) -> RankingCheck:
    """Compare a page, in the bytes that readers get, with what was computed for it.

    With ``believes_marks``, where all marks are as computed, the text of a cell counts as that of its mark.
    """
    try:
        comparison = _compare(PageMarks(raw), computed) if believes_marks else None
        if comparison is None or comparison.differences or not comparison.is_complete:
            comparison = _compare(MarkedPage(raw), computed)
    except (UnicodeDecodeError, RecursionError):  # elements nested as deeply as browsers don't show them
        return RankingCheck(pages=1, incomparable=(path,))
    return comparison.summarize(path)


def _compare(page: MarkedPage | PageMarks, computed: Listing | Places) -> "_Comparison":
    comparison = _Comparison(page)
    if isinstance(computed, Places):
        comparison.compare_places(computed)
    else:
        comparison.compare_listing(computed)
    return comparison


class _Row:
    """A row of the page: what its marks say, what readers see, by kind."""

    def __init__(self, row: MarkedRow) -> None:
        self.period = row.period
        self.marked, self.seen = map(_read_minus, row.group_values())

    def agrees_with(self, computed: Values) -> bool:
        """Return whether all that the row shows was computed so."""
        return self.marked.items() <= computed.items() and self.seen == self.marked

    def resembles(self, computed: Values) -> bool:
        """Return whether any value of the row was computed so."""
        return any(values == computed.get(kind) for kind, values in self.seen.items())

    def find_wrong_values(self, computed: Values) -> Values:
        """Return what readers see or, if that was computed so, what the marks say."""
        return self.marked if all(computed.get(kind) == values for kind, values in self.seen.items()) else self.seen


def _read_minus(values: Values) -> Values:
    """Return values with a hyphen for the minus sign: earlier versions and other themes may write either."""
    if not any(value.startswith(MINUS) for kind in _FIGURES for value in values.get(kind, ())):
        return values
    figures = {kind: tuple([value.replace(MINUS, "-") for value in values[kind]]) for kind in _FIGURES & values.keys()}
    return {**values, **figures}


class _Comparison:
    """The comparison of one page: its rows that differ, and whether every row could be compared."""

    def __init__(self, page: MarkedPage | PageMarks) -> None:
        # Of a page that can't be read with certainty the rows are compared all the same: what differs is worth a word.
        self.page = page
        self.rows = [_Row(row) for row in page.rows]
        self.is_complete = page.readable and all(row.is_plain for row in (*page.rows, page.loose))
        self.differences: list[Difference] = []
        self.lacks_total = False

    def summarize(self, path: str) -> RankingCheck:
        """Return the comparison as a value."""
        first = [replace(self.differences[0], path=path, count=len(self.differences))] if self.differences else ()
        return RankingCheck(
            pages=1,
            rows=len(self.rows),
            differences=tuple(first),
            incomparable=() if self.is_complete else (path,),
            without_totals=(path,) if self.lacks_total else (),
        )

    def _require(self, *, is_so: bool) -> None:
        self.is_complete = self.is_complete and is_so

    def _add_difference(self, number: int, row: _Row, computed: Values) -> None:
        self.differences.append(Difference("", number, row.period, row.find_wrong_values(computed), computed, 0))

    # --- a listing

    def compare_listing(self, listing: Listing) -> None:
        """Compare the rows of the page with those of a listing."""
        if self.page.loose.cells:
            self.rows.append(_Row(self.page.loose))
        names = set() if listing.has_other_tables else {name for values in listing.rows for name in values["name"]}
        self._require(is_so=not any(_is_of_ranking(row, names) for row in self.page.list_unmarked_rows()))
        remaining = list(listing.rows)
        for number, row in enumerate(self.rows, 1):
            index = next((at for at, values in enumerate(remaining) if row.agrees_with(values)), None)
            if index is None:
                self._compare_with_counterpart(number, row, remaining, listing)
            else:
                # A total alone may be unmarked, where it is not shown.
                self._require(is_so=remaining[index].keys() - {"total"} <= row.marked.keys())
                # Of a listing in its order, the rows passed over are not on the page.
                self._require(is_so=index == 0 or listing.may_be_sorted)
                del remaining[index if listing.may_be_sorted else 0 : index + 1]
        self._require(is_so=len(self.rows) >= listing.least)
        self.lacks_total = _lack_totals(self.rows, listing.rows)

    def _compare_with_counterpart(self, number: int, row: _Row, remaining: list[Values], listing: Listing) -> None:
        """Add the difference of a row from the one of that name or, without any, from the one of its number."""
        same_name = (at for at, values in enumerate(remaining) if row.seen.get("name") == values["name"])
        index = next(same_name, 0 if remaining and row.resembles(remaining[0]) else None)
        if index is not None:
            self._add_difference(number, row, remaining.pop(index))
        else:
            self._add_difference(number, row, listing.rows[number - 1] if number <= len(listing.rows) else {})

    # --- a member's places

    def compare_places(self, places: Places) -> None:
        """Compare the rows of the page with a member's places; the name may be in any row, or outside them."""
        name: Values = {"name": (places.name,)}
        of_any_period = [name, *(values for several in places.by_period.values() for values in several)]
        complete: set[str] = set()
        is_named = False
        for number, row in enumerate((_Row(self.page.loose), *self.rows)):
            candidates = places.by_period.get(row.period, ()) if row.period else of_any_period
            agreeing = [values for values in candidates if row.agrees_with(values)]
            if not agreeing:
                computed = candidates[0] if row.period and candidates else {}
                self._add_difference(number, row, name if row.marked.keys() == {"name"} else computed)
                continue
            is_named |= "name" in row.marked
            if {"rank", "points"} <= row.marked.keys() or any("rank" not in values for values in agreeing):
                complete.add(row.period)
            # Without a period, a figure may be that of another one.
            self._require(is_so=bool(row.period) or row.marked.keys() <= {"name"})
        # A figure that is marked in one row may be shown elsewhere alone: one row of each period has to have them all.
        needed = {period for period, several in places.by_period.items() if "points" in several[-1]}
        self._require(is_so=is_named and needed <= complete)
        self.lacks_total = _lack_totals(self.rows, of_any_period)


def _is_of_ranking(row: UnmarkedRow, names: Collection[str]) -> bool:
    """Return whether a row without marks is among marked ones, or has one of the names beside a number."""
    return row.is_in_ranking or any(
        _NUMBER.fullmatch(text) and neighbour in names
        for pair in pairwise(row.texts)
        for text, neighbour in (pair, pair[::-1])
    )


def _lack_totals(rows: Sequence[_Row], computed: Iterable[Values]) -> bool:
    """Return whether no row has a total that is marked, though there are totals that are not the points as well."""
    if any("total" in row.marked for row in rows):
        return False
    return any("total" in values and values["total"] != values.get("points") for values in computed)
