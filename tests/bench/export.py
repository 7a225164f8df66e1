"""Everything our pages show, scored, worded and drawn, as JSON: what the peers are given to render.

``python -m tests.bench.export PROJECT FOLDER`` writes a record a page: its ``path``, its ``kind`` (member, board,
home), and every word and coordinate that its template puts between its tags. That favours the peers: they look up and
print, and neither reckon nor word anything.
"""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

from generator.build import branch as branches
from generator.build import executors, plan, source_digests
from generator.build.garbage_collection import gc_disabled
from generator.build.messages import BranchFiles, ImportedScores, OrganFacts, SharedInputs
from generator.build.plan import BuildPlan
from generator.build.request import BuildRequest
from generator.build.survey import OrganSurvey
from generator.build.tasks import TaskRunner
from generator.core.model.rulebook import Item
from generator.core.model.settings import Settings
from generator.core.model.tally import ScoreLine
from generator.core.page_data.boards import Board, BoardRow, Trend
from generator.core.page_data.member_history import MonthAccount, YearAccount
from generator.core.page_data.year_overview import ItemYear, LineShare, YearOverview
from generator.core.scoring.board_positions import BoardPosition
from generator.core.scoring.remaining_points import GroupMeter, Meter
from generator.project import Project
from generator.render.html import filters
from generator.render.site import pages
from generator.render.site.edition import Page, PageSpec
from generator.render.site.routes import (
    ROWS_PER_PAGE,
    board_part_path,
    board_path,
    board_row_path,
    branch_path,
    member_path,
    rulebook_path,
)
from tests.bench import charts
from tests.bench.organs import TODAY

Record = dict[str, Any]
KINDS = {"member.html": "member", "board.html": "board", "index.html": "home"}
MARKS = ((0, "1月"), (2, "3月"), (5, "6月"), (8, "9月"), (11, "12月"))
QUARTERS = ((0, "一季度"), (1, "二季度"), (2, "三季度"), (3, "四季度"))


class Homes(dict[str, str]):
    """Every branch's name by id, in roster order."""

    @cached_property
    def seats(self) -> Record:
        """Their places in that order, from one."""
        return {ident: place for place, ident in enumerate(self, start=1)}


def write(root: Path, folder: Path, jobs: int = 2) -> None:
    """Write each page's record as ``folder/PATH.json``, branch by branch, and what all show as ``folder/site.json``."""
    planned = plan.plan_build(BuildRequest(root, TODAY), source_digests.digest_sources(Project(root)), None)
    assert isinstance(planned, BuildPlan)
    with executors.open_workers(jobs) as hands:
        tasks = TaskRunner(planned.branch_files, hands, lambda *_: None, None)
        survey = OrganSurvey(planned, tasks, None)
        organ = survey.compute_organ()
        assert organ is not None
        shares = [
            hands[turn % len(hands)].submit(
                _share,
                planned.request,
                survey.branch_files[name],
                survey.load_imports(name),
                organ.branch_facts(name, frozenset()),
                folder,
            )
            for turn, name in enumerate(organ.summaries)
        ]
        _keep(
            pages.list_organ_pages(organ.make_edition(preview=False), planned.request.readers), planned.inputs, folder
        )
        for share in shares:
            share.result()
    (folder / "site.json").write_text(json.dumps(site(planned.inputs.settings), ensure_ascii=False), encoding="utf-8")


@gc_disabled()
def _share(request: BuildRequest, files: BranchFiles, imports: ImportedScores, facts: OrganFacts, folder: Path) -> None:
    """A branch's records, which any process may write."""
    made = branches.make_edition_with_facts(request, files, imports, facts)
    listed = [*pages.list_branch_pages(made, files.branch), *pages.list_member_pages(made, facts.account_years)]
    _keep((spec for spec in listed if spec.audience in request.readers), branches.load_shared_inputs(request), folder)


def _keep(listed: Iterable[PageSpec], inputs: SharedInputs, folder: Path) -> None:
    homes = Homes({ident: branch.name for ident, branch in inputs.roster.branch_by_id.items()})
    for page in (spec.build_page() for spec in listed):
        if page.template in KINDS:
            path = folder / f"{page.path}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            record = _record(page, inputs.settings, homes)
            path.write_text(json.dumps(record, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def _record(page: Page, site: Settings, homes: Homes) -> Record:
    up = "../" * page.path.count("/")
    head = {"path": page.path, "kind": KINDS[page.template], "up": up, "title": page.title}
    return {**head, **_CONTENT[page.template](page, site, homes)}


def site(found: Settings) -> Record:
    """What every page shows."""
    contact = found.objection.contact if found.objection else ""
    return {
        "organ": found.organ,
        "committee": found.committee,
        "site": found.title,
        "banner": found.banner or "",
        "contact": contact,
    }


# --- a member --------------------------------------------------------------------------------------------------------


def _member(page: Page, site: Settings, homes: Homes) -> Record:
    account, cycle = page.data["account"], page.data["cycle"]
    home, until = homes[account.branch], _until(cycle)
    return {
        "sheet": f"{site.organ}{home}　{filters.member_label(account.member)}　{cycle.year}年度积分，{until}",
        "home": {"href": branch_path(account.branch), "name": home},
        "id": account.member.id,
        "name": filters.member_label(account.member),
        "status": "正式党员" if account.status == "full" else "预备党员",
        "year": cycle.year,
        "open": "没有得的分" if cycle.closed else f"最多还可以得的分；{AHEAD}",
        "left": "没有得" if cycle.closed else "还可得",
        "keys": list(_keys(cycle, until)),
        "groups": [list(_meters(group, cycle)) for group in cycle.groups],
        "places": [_place(one, homes, account.member.id) for one in (*cycle.quarters, *cycle.halves)],
        "charts": list(_charts(cycle)),
        "figures": [_figures(one) for one in reversed(cycle.months)],
        "items": {item.id: [item.title, _clause(item, cycle), item.clause or ""] for item in _items(cycle)},
        "losses": _losses(cycle.overview, cycle),
        "glance": [_item_year(one) for one in cycle.overview.by_item],
        "months": [_month(one, cycle, homes, account.member.id) for one in cycle.months],
    }


AHEAD = "还可得的，按尚未计分的各月应开展的次数和上限"


def _losses(overview: YearOverview, cycle: YearAccount) -> Record:
    """The losses with their sums; empty if there are none."""
    if not overview.losses and not overview.ceilings:
        return {}
    sums = [overview.deducted, overview.missed, overview.lost]
    return {
        "sums": list(map(filters.format_points, sums)),
        "lines": [
            {
                "place": one.place,
                "day": filters.format_month_day(one.line.date),
                "deducted": filters.format_points(one.deducted) if one.deducted else "",
                "missed": filters.format_points(one.missed) if one.missed else "",
                "what": one.line.what + ("，" if one.line.reason else "") + one.line.reason,
                "href": _clause(one.line.item, cycle),
                "clause": one.line.item.clause,
            }
            for one in overview.losses
        ],
        "ceilings": [
            {
                "number": number,
                "lost": filters.format_points(one.lost),
                "title": f"{one.title}{one.window}上限 {filters.format_points(one.cap)} 分",
                "fillers": _shares(one.fillers),
                "cuts": _shares(one.cuts),
            }
            for number, one in enumerate(overview.ceilings, start=1)
        ],
    }


def _shares(shares: Sequence[LineShare]) -> list[list[str]]:
    ends = [*["、"] * (len(shares) - 1), ""]
    return [
        [one.place, filters.format_month_day(one.day), filters.format_points(one.points) + end]
        for one, end in zip(shares, ends, strict=True)
    ]


def _item_year(one: ItemYear) -> Record:
    return {"title": one.item.title, "cells": [[cell.place, cell.words] if cell else [] for cell in one.months]}


def _until(cycle: YearAccount) -> str:
    number = cycle.newest.month.number
    whole = "全年" if cycle.closed and number == 12 else f"截至{number}月"
    return whole if cycle.closed else f"暂计，{whole}"


def _gap(place: BoardPosition) -> str:
    return "" if place.behind is None else f"，距上一名 {filters.format_points(place.behind)} 分"


def _keys(cycle: YearAccount, until: str) -> Iterator[Record]:
    yield {
        "dt": f"{cycle.year}年度累计",
        "pre": "",
        "b": filters.format_points(cycle.total),
        "post": " 分",
        "small": until,
    }
    newest = cycle.newest
    if not cycle.closed:
        place, draft = newest.place, "，暂计" if newest.place and newest.place.provisional else ""
        small = f"支部第 {place.rank} 名，共 {place.of} 人{_gap(place)}{draft}" if place else "未参加排名"
        yield {
            "dt": f"{newest.month.number}月积分",
            "pre": "",
            "b": filters.format_points(newest.points),
            "post": " 分",
            "small": small,
        }
    for place in (*cycle.quarters[-1:], *cycle.halves[-1:]):
        scope = "全机关" if place.branch is None else "支部"
        small = f"共 {place.of} 人{_gap(place)}{'，暂计' if place.provisional else ''}"
        dt = f"{filters.format_period(place.period)[5:]}{scope}名次"
        yield {"dt": dt, "pre": "第 ", "b": str(place.rank), "post": " 名", "small": small}
    if not cycle.closed:
        rest = (
            (one.group.title, _ahead(one.ahead) if one.left else "已满") for one in cycle.groups if one.cap is not None
        )
        most = "能得多少不限" if cycle.ahead is None else f"最多还可得 {filters.format_points(cycle.ahead)} 分"
        small = f"尚未计分的 {cycle.months_ahead} 个月{most}：" + "，".join(f"{title} {left}" for title, left in rest)
        yield {
            "dt": "距上限还有",
            "pre": "",
            "b": filters.format_points(cycle.left) if cycle.left is not None else "不限",
            "post": " 分",
            "small": small,
        }


def _ahead(points: Decimal | None) -> str:
    assert points is not None
    return filters.format_points(points)


def _meters(group: GroupMeter, cycle: YearAccount) -> Iterator[Record]:
    for one in (group, *group.meters):
        item = one.item if isinstance(one, Meter) else None
        yield {
            "href": _clause(item, cycle) if item else "",
            "title": item.title if item else group.group.title,
            "track": bool(one.cap),
            "fill": charts.share(one.counted, one.cap) if one.cap and one.counted > 0 else "",
            "times": str(one.times) if isinstance(one, Meter) else "",
            "counted": filters.format_points(one.counted),
            "cap": "" if one.cap is None else filters.format_points(one.cap),
            "left": "" if one.cap is None else _ahead(one.left if cycle.closed else one.ahead) if one.left else "已满",
        }


def _clause(item: Item, cycle: YearAccount) -> str:
    return f"{rulebook_path(cycle.rulebook.id)}#item-{item.id}" if item.group else ""


def _place(one: BoardPosition, homes: Homes, member: str) -> Record:
    return {
        "href": board_row_path(one, member),
        "period": filters.format_period(one.period)[5:],
        "provisional": one.provisional,
        "scope": "全机关" if one.branch is None else homes[one.branch],
        "points": filters.format_points(one.points),
        "rank": one.rank,
        "of": one.of,
    }


def _charts(cycle: YearAccount) -> Iterator[Record]:
    months = [one for one in reversed(cycle.months) if not one.pending]
    sums = [(one.month.number - 1, one.total, _shown(one, months)) for one in months]
    newest = filters.format_period(cycle.newest.month)
    yield {
        "caption": "年度累计，逐月",
        "id": "c-sum",
        "title": f"{cycle.year}年度累计积分逐月走势",
        "desc": f"到{newest}为 {filters.format_points(cycle.total)} 分；逐月数字见下面的表。",
        **charts.lines([("", sums)], 12, MARKS, 284),
    }
    if cycle.quarters:
        last, most = cycle.quarters[-1], max(one.of for one in cycle.quarters)
        ranks = [(one.period.number - 1, one.rank, f"{one.rank}/{one.of}{_draft(one)}") for one in cycle.quarters]
        said = f"{filters.format_period(last.period)}第 {last.rank} 名，共 {last.of} 人"
        yield {
            "caption": "支部名次/人数，逐季",
            "id": "c-rank",
            "title": f"{cycle.year}年度各季支部名次",
            "desc": f"{said}；各季名次见“各期名次”表。",
            **charts.ranks(ranks, most, 4, QUARTERS, sum(one.provisional for one in cycle.quarters)),
        }
    both = [one for one in months if one.place and one.place.median is not None]
    if both:
        own, median = charts.last([one.place.points for one in both]), charts.last([one.place.median for one in both])
        slots = [one.month.number - 1 for one in both]
        series = [
            (name, [(slot, value, words) for slot, (value, words) in zip(slots, values, strict=True)])
            for name, values in (("本人", own), ("中位数", median))
        ]
        yield {
            "caption": "当月积分与支部中位数，逐月",
            "id": "c-mid",
            "title": f"{cycle.year}年度各月积分与支部中位数",
            "desc": f"最近一月本人 {own[-1][1]} 分，支部中位数 {median[-1][1]} 分；逐月数字见下面的表。",
            **charts.lines(series, 12, MARKS, 218),
        }


def _draft(one: BoardPosition) -> str:
    return " 暂计" if one.provisional else ""


def _shown(one: MonthAccount, months: Sequence[MonthAccount]) -> str:
    """Every third month has its total written beside its dot, unless the last one's would run into it; the last has."""
    rest = len(months) - months.index(one)
    return filters.format_points(one.total) if rest == 1 or (one.month.number % 3 == 0 and rest > 2) else ""


def _figures(one: MonthAccount) -> Record:
    place = one.place
    return {
        "month": one.month.number,
        "points": filters.format_points(one.points),
        "total": filters.format_points(one.total),
        "rank": f"{place.rank}/{place.of}" if place else "—",
        "median": filters.format_points(place.median) if place and place.median is not None else "—",
    }


def _items(cycle: YearAccount) -> Iterable[Item]:
    lines = (line for one in reversed(cycle.months) for line in one.lines)
    return {line.item.id: line.item for line in lines}.values()


def _month(one: MonthAccount, cycle: YearAccount, homes: Homes, member: str) -> Record:
    """Who moved within the month is told of each line and source whose it is."""
    several = len({source.branch for source in one.sources}) > 1
    return {
        "number": one.month.number,
        "href": board_row_path(one.place, member) if one.place else "",
        "period": filters.format_period(one.month),
        "points": filters.format_points(one.points),
        "total": filters.format_points(one.total),
        "rank": one.place.rank if one.place else 0,
        "sources": [
            {
                "meeting": ("；" if turn else "")
                + (f"{homes[source.branch]}：" if several else "")
                + filters.format_day(source.meeting),
                "by": source.by,
                "branch": f"{homes[source.branch]} " if several else "",
                "href": f"audit.html#{source.branch}-{source.month}",
                "digest": filters.shorten_digest(source.digest),
            }
            for turn, source in enumerate(one.sources)
        ],
        "pending": one.pending,
        "zeroed": one.zeroed,
        "lines": [
            _line(line, f"{one.month.number}.{place}", cycle, homes[line.branch] if several else "")
            for place, line in enumerate(one.lines, start=1)
        ],
    }


def _line(line: ScoreLine, place: str, cycle: YearAccount, of: str) -> Record:
    proofs = (f"{cycle.rulebook.proofs.get(kind, kind)}：{'、'.join(files)}" for kind, files in line.evidence.items())
    cut = f"{filters.format_points(line.earned)}→" if line.earned and line.points != line.earned else ""
    reason = "" if line.reason in {"", "参加", "按时完成"} else line.reason
    proof = " ".join([*([""] if reason else []), *proofs])
    full = cycle.overview.ceiling_by_place.get(place)
    return {
        "place": place,
        **({"minus": True} if line.points < 0 else {}),
        **({"full": full} if full else {}),
        "item": line.item.id,
        "day": f"{line.date.month}月{line.date.day}日",
        "points": cut + filters.format_points(line.points),
        "what": line.what,
        **({"why": reason} if reason else {}),
        **({"proof": proof} if proof else {}),
        "at": of + filters.format_place(line.where),
    }


# --- a board, and home -----------------------------------------------------------------------------------------------


def _board(page: Page, site: Settings, homes: Homes) -> Record:
    board, part = page.data["board"], page.data["part"]
    organ, year, single = board.branch is None, board.rule.period == "year", board.period.opens_cycle
    of, called, span = site.organ if organ else homes[board.branch], filters.format_board_title(board), _span(board)
    parted = f"，本页是第 {part.before + 1} 至 {part.before + len(part.rows)} 行" if part.of > 1 else ""
    return {
        "sheet": f"{'' if organ else site.organ}{of}　{called}　{span}",
        "organwide": organ,
        "annual": single,
        "of": of if organ else f"{site.organ}{of}",
        "home": {} if organ else {"href": branch_path(board.branch), "name": of},
        "called": called,
        "span": span,
        "state": _state(board, site),
        "audience": ("全机关" if organ else "本支部") if board.notice else "",
        "members": len(board.rows),
        "lacking": _missing(board, homes) if board.provisional else "",
        "caption": f"按{'年度累计' if year else '积分' if single else '当期积分'}排名，共 {len(board.rows)} 人{parted}",
        "moves": bool(board.rows) and board.rows[0].movement.kind != "none",
        "filters": _filters(part.rows, homes) if organ else None,
        "trend": _trend_words(board),
        "rows": _rows(part.rows, homes, board.trend),
        "parts": _parts(part) if part.of > 1 else None,
        "aside": _aside(board, homes) if part.number == 1 else None,
        "first": part.path,
    }


def _span(board: Board) -> str:
    last = board.period.last
    return f"{filters.format_day(board.period.first)}至{last.month}月{last.day}日"


def _state(board: Board, site: Settings) -> str:
    if board.notice and site.objection:
        return f"公示：{filters.format_notice(board.notice)}（{site.objection.days} 个工作日），期满后确定"
    return "暂计" if board.provisional else "已定"


def _missing(board: Board, homes: Homes) -> str:
    months: dict[str, list[int]] = {}
    for branch, month in board.missing:
        months.setdefault(branch, []).append(month.number)
    return "；".join(f"{homes[branch]}{'、'.join(map(str, found))}月" for branch, found in months.items()) + "。"


def _filters(rows: Sequence[BoardRow], homes: Homes) -> list[Record]:
    there = {row.branch for row in rows}
    return [{"id": ident, "name": name} for ident, name in homes.items() if ident in there]


def _trend_words(board: Board) -> Record:
    """The head of the column of small lines; empty without one."""
    if board.trend is None:
        return {}
    first, last = (filters.format_period(board.trend.periods[at]) for at in (0, -1))
    return {"title": f"{first}至{last}的积分", "head": "各半年" if board.branch is None else "逐月"}


def _rows(rows: Sequence[BoardRow], homes: Homes, trend: Trend | None) -> list[Record]:
    return [
        {
            "rank": row.rank,
            "id": f"row-{row.member or row.number}",
            "order": row.order,
            "href": member_path(row.member) if row.member else "",
            "name": row.name,
            "pair": len(row.name) == 2,
            "points": filters.format_points(row.points),
            "total": filters.format_points(row.total),
            "branch": row.branch,
            "seat": homes.seats[row.branch],
            "home": homes[row.branch],
            **_movement(row),
            **_gap_above(row),
            **(charts.spark(row.trend, trend.low, trend.high) if trend else {}),
        }
        for row in rows
    ]


def _movement(row: BoardRow) -> Record:
    """The figure by which it sorts, the sign, the words."""
    places, kind = row.movement.places, row.movement.kind
    if kind == "up":
        return {"moved": places, "sign": f"▲{places}", "move": f"升{places}位"}
    if kind == "down":
        return {"moved": -places, "sign": f"▼{places}", "move": f"降{places}位"}
    return {"moved": 0, "sign": "", "move": "持平"}


def _gap_above(row: BoardRow) -> Record:
    """The figure by which it sorts, the words, the words where there is little room."""
    if row.behind is None:
        return {"gap": "", "short": ""}
    words = f"差 {filters.format_points(row.behind)} 分" if row.behind else "同分"
    return {"gap": words if row.behind else "同分，按拼音", "short": words}


def _parts(part: pages.BoardPart) -> list[Record]:
    numbers = range(1, part.of + 1)
    return [{"number": n, "href": board_part_path(part.path, n), "here": n == part.number} for n in numbers]


def _aside(board: Board, homes: Homes) -> Record:
    sources: dict[str, list[list[str]]] = {}
    for one in board.sources:
        href = f"audit.html#{one.branch}-{one.month}"
        digest = filters.shorten_digest(one.digest)
        sources.setdefault(one.branch, []).append([str(one.month.number), href, digest])
    bins = [
        {"low": filters.format_points(one.low), "high": filters.format_points(one.high), "members": one.members}
        for one in board.spread
    ]
    return {
        "averages": [
            [branch_path(one.branch), homes[one.branch], str(one.members), filters.format_points(one.points)]
            for one in board.averages
        ]
        or None,
        "spread": charts.spread(board.spread) if board.spread else None,
        "bins": bins,
        "rules": {
            "href": rulebook_path(board.rulebook.id),
            "title": board.rulebook.title,
            "clause": board.rule.clause or "",
        },
        "sources": [{"name": homes[branch], "months": found} for branch, found in sources.items()],
        "heads": [[homes[branch], filters.format_check_code(head)] for branch, head in board.heads.items()],
    }


def _home(page: Page, site: Settings, homes: Homes) -> Record:
    newest, listed = page.data["newest"], page.data["boards"]
    boards = [
        {"href": board_path(one.period, None), "called": filters.format_board_title(one), "state": _badge(one)}
        for one in listed
    ]
    branches = [{"href": branch_path(ident), "name": name} for ident, name in homes.items()]
    return {
        "sheet": f"{site.organ}　{site.title}",
        "branches": branches[:12],
        "all": len(branches),
        "boards": boards,
        "newest": {
            "href": board_path(newest.period, None),
            "called": filters.format_board_title(newest),
            "period": filters.format_period(newest.period),
            "places": _places_of_readers(newest),
            "span": _span(newest),
            "state": _state(newest, site),
            "members": len(newest.rows),
            "rows": _rows(newest.rows[:10], homes, None),
        },
    }


def _places_of_readers(board: Board) -> str:
    """What a script finds the own row of a reader by; nothing of a board on several pages."""
    rows = board.rows if len(board.rows) <= ROWS_PER_PAGE else ()
    return "".join(f"{row.member} {row.rank} {filters.format_points(row.points)};" for row in rows)


def _badge(board: Board) -> str:
    return "暂计" if board.provisional else "已定"


_CONTENT = {"member.html": _member, "board.html": _board, "index.html": _home}


if __name__ == "__main__":
    write(Path(sys.argv[1]), Path(sys.argv[2]))
