"""Every figure of a member's points, total or rank that a page shows, each beside what ``core.scoring`` computes.

The scores are of the whole organ at once, while a build scores branch by branch: nothing is shared but the rules.
Pages are read from their text, as ``html5lib`` takes a hundred times as long.
"""

import html
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import NamedTuple

from generator.core.basics import numbers
from generator.core.basics.numbers import format_decimal
from generator.core.basics.periods import Period, PeriodKind, get_period, periods_within, previous_period
from generator.core.model.ledger import BranchMonth
from generator.core.model.roster import Member
from generator.core.model.settings import NameDisplay
from generator.core.model.tally import Ranking, Score, ScoreLine, Standing
from generator.core.outcomes import appraisal
from generator.core.page_data.boards import mask_name, member_label
from generator.core.scoring import branch_scores, results, revisions
from generator.core.scoring.revisions import PastBoards, PastResults, Revision
from generator.core.scoring.tally import drop_reset_lines
from generator.loader import load
from generator.project import Project
from generator.render.html import filters
from generator.render.site.routes import ROWS_PER_PAGE
from tests.site_pages import without_marks

ORGAN = "全机关"


class Figure(NamedTuple):
    """A figure as it is shown, and as it is scored; ``kind`` tells where such figures are."""

    kind: str
    place: str
    shown: str
    scored: str


# --- what is scored --------------------------------------------------------------------------------------------------


class Scores:
    """A project scored as a whole: members' scores and rankings, now and before each correction."""

    def __init__(self, root: Path, today: date, *, drafts: bool = False) -> None:
        shared = load.read_shared_files(Project(root), today)
        loaded = load.complete_load(shared, load.read_branch).loaded
        assert loaded is not None
        assert shared.roster is not None
        self.loaded, self.roster, self.rulebooks = loaded, shared.roster, loaded.rulebooks
        scored = branch_scores.merge_scores(
            load.score_checked_branch(checked, self.roster, self.rulebooks, drafts=drafts)
            for checked in load.check_branches(shared, load.read_branch).values()
        )
        self.results = results.compute_results(
            scored.counted_ledgers.values(),
            scored.approved_months,
            roster=self.roster,
            rulebooks=self.rulebooks,
            today=today,
        )
        self.masked = loaded.settings.names is NameDisplay.MASKED
        self.started = {
            (period, branch)
            for branch in (None, *self.roster.branch_by_id)
            for period in results.list_started_periods(self.results, branch)
        }
        self.rank = cache(lambda period, branch: results.rank_board(self.results, period, branch))
        self._past = PastResults(self.results, loaded.settings, scored.versions)
        self.revisions: dict[tuple[Period, str | None], tuple[Revision, ...]] = {}
        for branch in (None, *self.roster.branch_by_id):
            self.revisions.update(revisions.list_revisions(self._past_boards(branch)))

    def _past_boards(self, branch: str | None) -> PastBoards:
        return PastBoards(
            self.results,
            self._past.settings,
            branch,
            self._past.versions,
            lambda period, moment, inclusive: results.score_members(
                self._past.compute_results_at(period.year, moment, inclusive=inclusive), period, branch
            ),
            lambda period: self.find_ranking(period, branch),
        )

    def find_ranking(self, period: Period, branch: str | None) -> Ranking | None:
        """A board of which a ledger counts."""
        ranking: Ranking | None = self.rank(period, branch) if (period, branch) in self.started else None
        return ranking

    def score(self, member: str, period: Period) -> Score:
        return results.score_member(self.results, member, period)

    def branch_ranking(self, member: Member, period: Period) -> tuple[Ranking, Standing] | None:
        """The board of the member's branch in a period, and the member's standing on it."""
        ranking = self.find_ranking(period, member.branch_on(period.last))
        return self.standing_on(ranking, member) if ranking and ranking.branch else None

    def standing_on(self, ranking: Ranking, member: Member) -> tuple[Ranking, Standing] | None:
        return next(((ranking, one) for one in ranking.standings if one.member.id == member.id), None)

    def lines(self, member: str, month: Period, branch: str) -> list[ScoreLine]:
        """A member's lines in one ledger, as they count."""
        return [
            line
            for line in self.results.tallies[month.year][member].lines
            if (line.month, line.branch) == (month, branch)
        ]

    def name(self, standing: Standing, branch: str | None) -> str:
        return mask_name(standing.member.name) if self.masked and branch is None else member_label(standing.member)

    @property
    def by_label(self) -> Mapping[str, Member]:
        return {member_label(member): member for member in self.roster.members}

    @property
    def branch_by_name(self) -> Mapping[str, str]:
        return {branch.name: branch.id for branch in self.roster.branches}

    @property
    def periods(self) -> Mapping[str, Period]:
        """Every period by its name on pages."""
        return {filters.format_period(period): period for period in all_periods(self.rulebooks)}


def all_periods(years: Iterable[int]) -> list[Period]:
    cycles = [get_period(PeriodKind.YEAR, year) for year in years]
    return [period for cycle in cycles for kind in PeriodKind for period in periods_within(cycle, kind)]


def gap_to_next_rank(ranking: Ranking, standing: Standing) -> Decimal | None:
    """How many points more the next rank above has; None for the first and for the vetoed."""
    above = [one for one in ranking.standings if one.rank < standing.rank and not one.score.vetoed]
    return above[-1].score.points - standing.score.points if above and not standing.score.vetoed else None


# --- the text of a page ----------------------------------------------------------------------------------------------


def plain(text: str) -> str:
    """The words of a piece of a page."""
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]*>", "", text))).strip()


def tables(text: str, name: str) -> list[list[list[str]]]:
    """The rows below the head of each table of a class, cell by cell."""
    found = re.findall(rf'<table\b[^>]*class="(?:[^"]* )?{name}(?: [^"]*)?"[^>]*>(.*?)</table>', text, re.DOTALL)
    return [cells_of(table) for table in found]


def cells_of(table: str) -> list[list[str]]:
    rows = re.split(r"<tr\b[^>]*>", table.partition("</thead>")[2])[1:]
    return [re.split(r"<t[hd]\b[^>]*>", row)[1:] for row in rows]


def match_in(pattern: str, text: str) -> re.Match[str]:
    found = re.search(pattern, text, re.DOTALL)
    assert found, (pattern, text)
    return found


def figures_of(kind: str, place: str, pairs: Iterable[tuple[str, object]]) -> Iterator[Figure]:
    for shown, scored in pairs:
        yield Figure(
            kind,
            place,
            shown,
            "" if scored is None else format_decimal(scored) if isinstance(scored, Decimal) else str(scored),
        )


# --- boards ----------------------------------------------------------------------------------------------------------

BOARD = re.compile(
    r"(?:boards|branches/(?P<branch>[^/]+))/(?P<period>[\dQHW-]+)(?:\.(?P<kind>[rc])(?P<number>\d+))?(?:\.p(?P<part>\d+))?(?P<poster>\.poster)?\.html"
)


def read_board_page(scores: Scores, path: str, text: str) -> Iterator[Figure]:
    match = BOARD.fullmatch(path)
    assert match
    key = Period.from_name(match["period"]), match["branch"]
    if match["kind"] == "c":
        yield from _read_bulletin(scores, path, text, scores.revisions[key][int(match["number"]) - 1])
        return
    ranking, preceding = scores.rank(*key), scores.find_ranking(previous_period(key[0]), key[1])
    if match["kind"]:
        revision = scores.revisions[key][int(match["number"]) - 1]
        ranking, preceding = revision.before, revision.preceding
    start = (int(match["part"] or 1) - 1) * ROWS_PER_PAGE
    if match["poster"]:
        yield from _read_poster(scores, path, text, ranking, slice(start, start + ROWS_PER_PAGE))
        return
    yield from read_ranking(scores, path, text, (ranking, preceding), slice(start, start + ROWS_PER_PAGE))


def _read_poster(scores: Scores, path: str, text: str, ranking: Ranking, rows: slice) -> Iterator[Figure]:
    """The rows of a board in columns: rank, name, points and, where there is room, total."""
    tables = re.findall(r"<table>(.*?)</table>", text, re.DOTALL)
    listed = ranking.standings[rows]
    shown = [cells for table in tables for cells in cells_of(table) if len(cells) > 1]
    yield Figure("poster: rows", path, str(len(shown)), str(len(listed)))
    for (rank, name, *rest), standing in zip(shown, listed, strict=False):
        points, *more = rest[1:] if ranking.branch is None else rest
        pairs: list[tuple[str, object]] = [
            (plain(rank), standing.rank),
            (plain(name), scores.name(standing, ranking.branch)),
            (plain(points), standing.score.points),
        ]
        if more and re.fullmatch(r"[−-]?[\d.]+", plain(more[0])):
            pairs.append((plain(more[0]), standing.score.total))
        yield from figures_of("poster", path, pairs)


def read_ranking(
    scores: Scores, path: str, text: str, boards: tuple[Ranking, Ranking | None], rows: slice = slice(None)
) -> Iterator[Figure]:
    """The rows of a board: rank, name, points, total, movement, and on its own page the gap to the row above."""
    (table,) = tables(text, "ranking")
    ranking, preceding = boards
    listed = list(enumerate(ranking.standings))[rows]
    is_single, ranks = ranking.period.opens_cycle, None
    if preceding:
        ranks = {one.member.id: one.rank for one in preceding.standings}
    yield Figure("board: rows", path, str(len(table)), str(len(listed)))
    for cells, (position, standing) in zip(table, listed, strict=False):
        rank, name, *rest = cells
        rest = rest[1:] if ranking.branch is None else rest
        points, total = (rest[0], rest[0]) if is_single else rest[:2]
        rest = rest[1:] if is_single else rest[2:]
        label = re.sub(r'<small class="narrow">.*|<span class="tag">.*', "", name)
        score = standing.score
        pairs: list[tuple[str, object]] = [
            (plain(rank), standing.rank),
            (plain(label), scores.name(standing, ranking.branch)),
            (plain(points), score.points),
            (plain(total), score.total),
        ]
        if ranks is not None:
            pairs.append((plain(rest.pop(0)), _movement(ranks.get(standing.member.id), standing.rank)))
        if rest:
            pairs.append((plain(rest.pop(0)).partition("，")[0], _gap(ranking, position)))
        if rest:
            pairs.append((plain(rest.pop(0)), _trend(scores, ranking, standing)))
        assert not rest, (path, rest)
        yield from figures_of("board", f"{path} row {position + 1}", pairs)


def _trend(scores: Scores, ranking: Ranking, standing: Standing) -> str:
    """Points on boards of the same owner: a branch's months of the cycle, the organ's complete half-years."""
    kind = PeriodKind.HALF if ranking.branch is None else PeriodKind.MONTH
    years = scores.rulebooks if ranking.branch is None else [ranking.period.year]
    periods = [period for period in all_periods(sorted(years)) if period.kind is kind]
    found = [scores.find_ranking(one, ranking.branch) for one in periods if one.last <= ranking.period.last]
    boards = [one for one in found if one and not (ranking.branch is None and one.provisional)]
    places = [scores.standing_on(one, standing.member) for one in boards]
    return "、".join(format_decimal(place[1].score.points) if place else "—" for place in places)


def _movement(before: int | None, rank: int) -> str:
    if before is None:
        return "新进"
    if before == rank:
        return "持平"
    return f"▲{before - rank}升{before - rank}位" if before > rank else f"▼{rank - before}降{rank - before}位"


def _gap(ranking: Ranking, position: int) -> str:
    if not position:
        return ""
    above, standing = ranking.standings[position - 1 : position + 1]
    gap = above.score.points - standing.score.points
    return f"差 {format_decimal(gap)} 分" if gap > 0 else "同分" if above.rank == standing.rank else ""


def _read_bulletin(scores: Scores, path: str, text: str, revision: Revision) -> Iterator[Figure]:
    """The notice of a correction: rank, points and total of each member before it and after it."""
    before, after = ({one.member.id: one for one in board.standings} for board in (revision.before, revision.after))
    is_single, branch = revision.after.period.opens_cycle, revision.after.branch
    changed = []
    for member in dict.fromkeys([*after, *before]):
        old, new = (_shown_in_bulletin(side.get(member), is_single=is_single) for side in (before, after))
        if old != new:
            standing = after.get(member) or before[member]
            rank_only = bool(old and new and old[1:] == new[1:])
            changed.append((rank_only, [scores.name(standing, branch), *_join(old or new, new or old)]))
    wanted = [cells for rank_only in (False, True) for only, cells in changed if only is rank_only]
    shown = [
        [plain(re.sub(r"<small>.*|<span class=\"tag\">.*", "", name)), *map(plain, figures)]
        for table in tables(text, "changes")
        for name, *figures in table
    ]
    yield Figure("notice of a correction: rows", path, str(len(shown)), str(len(wanted)))
    for cells, scored in zip(shown, wanted, strict=False):
        yield from figures_of("notice of a correction", f"{path} {cells[0]}", zip(cells, scored, strict=True))


def _shown_in_bulletin(standing: Standing | None, *, is_single: bool) -> tuple[str, ...] | None:
    if standing is None:
        return None
    points, total = format_decimal(standing.score.points), format_decimal(standing.score.total)
    return (str(standing.rank), total) if is_single else (str(standing.rank), points, total)


def _join(old: tuple[str, ...] | None, new: tuple[str, ...] | None) -> list[str]:
    assert old
    assert new
    return [was if was == now else f"{was} → {now}" for was, now in zip(old, new, strict=True)]


def read_newest_board(scores: Scores, path: str, text: str) -> Iterator[Figure]:
    """The board on the home page or on a branch's page; its link tells which."""
    if 'class="ranking' in text:
        link = match_in(r'<p class="more">(.*?)</p>', text)[1]
        branch = path.split("/")[1] if path.startswith("branches/") else None
        name = re.search(r'href="(?:[^"]*/)?([^"/]+)\.html"', link)
        # In an edition without boards of that audience nothing links to one: its heading names the period.
        words = match_in(r"<h2>(\d{4}年[^<积]*)", text)[1] if name is None else ""
        period = Period.from_name(name[1]) if name else scores.periods[re.sub("(半年)?$", r"\1", words)]
        boards = scores.rank(period, branch), scores.find_ranking(previous_period(period), branch)
        yield from read_ranking(scores, path, text, boards, slice(None) if branch else slice(10))
        if own := re.search(r'<p class="reader"[^>]* data-rows="(.*?)"', text):
            listed = own[1].split(";")[:-1]
            yield Figure("home: own row", path, str(len(listed)), str(len(boards[0].standings)))
            for shown, one in zip(listed, boards[0].standings, strict=False):
                pairs = zip(shown.split(" "), (one.member.id, one.rank, one.score.points), strict=True)
                yield from figures_of("home: own row", path, pairs)


def read_hall(scores: Scores, path: str, text: str) -> Iterator[Figure]:
    """The newest board on the screen of a hall."""
    period = scores.periods[match_in(r"<h1>(\d{4}年(?:[上下]半年|度))", text)[1]]
    ranking = scores.rank(period, None)
    shown = [cells for name in ("moves", "still") for table in tables(text, name) for cells in table if len(cells) > 1]
    yield Figure("hall: rows", path, str(len(shown)), str(len(ranking.standings)))
    for (rank, name, *rest), standing in zip(shown, ranking.standings, strict=False):
        # A namesake whom the branch tells apart has it beside the name, in one cell.
        points = next(cell for cell in rest if re.fullmatch(r"[−-]?[\d.]+", plain(cell)))
        pairs = [(plain(rank), standing.rank), (plain(name), scores.name(standing, None))]
        yield from figures_of("hall", path, [*pairs, (plain(points), standing.score.points)])


# --- a member's pages ------------------------------------------------------------------------------------------------


def read_member_page(scores: Scores, path: str, text: str) -> Iterator[Figure]:
    ident, *years = path.removeprefix("members/").removesuffix(".html").split(".")
    member = scores.roster.member_by_id[ident]
    shown = {int(year): points for year, points in re.findall(r"(\d{4})年度 (\S+) 分(?=<)", text.split("</nav>")[-2])}
    title = match_in(r"<dl class=\"keys\">\s*<div><dt>(\d{4})年度累计", text)
    cycle = get_period(PeriodKind.YEAR, int(years[0] if years else title[1]))
    for year, points in shown.items():
        total = scores.score(ident, get_period(PeriodKind.YEAR, year)).total
        yield from figures_of("member: years", path, [(points, total)])
    yield from _read_keys(scores, path, text, member, cycle)
    yield from _read_losses(scores, path, text, member, cycle)
    yield from _read_meters(scores, path, text, member, cycle)
    yield from _read_places(scores, path, text, member, cycle)
    yield from _read_trends(scores, path, text, member, cycle)
    yield from _read_lines(scores, path, text, member, cycle)


def _read_keys(scores: Scores, path: str, text: str, member: Member, cycle: Period) -> Iterator[Figure]:
    """The figures at the head: the total, the newest month, the newest quarter and half-year."""
    keys = match_in(r'<dl class="keys">(.*?)</dl>', text)[1]
    for name, words in re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", keys, re.DOTALL):
        said, kind = plain(words), "member: head"
        place = f"{path} {name}"
        if name == f"{cycle.year}年度累计":
            yield from figures_of(kind, place, [(said.split(" ")[0], scores.score(member.id, cycle).total)])
        elif month := re.fullmatch(r"(\d+)月积分", name):
            period = get_period(PeriodKind.MONTH, cycle.year, int(month[1]))
            yield from figures_of(kind, place, [(said.split(" ")[0], scores.score(member.id, period).points)])
            yield from _read_place(kind, place, said, scores.branch_ranking(member, period))
        elif board := re.fullmatch(r"(第.季度|[上下]半年)(支部|全机关)名次", name):
            period = scores.periods[f"{cycle.year}年{board[1]}"]
            ranking = scores.find_ranking(period, None)
            found = scores.standing_on(ranking, member) if ranking and board[2] == ORGAN else None
            yield from _read_place(kind, place, said, found or scores.branch_ranking(member, period))
        else:
            assert name == "距上限还有", name


def _read_place(kind: str, place: str, said: str, found: tuple[Ranking, Standing] | None) -> Iterator[Figure]:
    shown = re.search(r"第 (\d+) 名，?\s*共 (\d+) 人(?:，距上一名 (\S+) 分)?", said)
    shown_figures = shown.groups("") if shown else ("", "", "")
    scored: Sequence[object] = ("", "", "")
    if found:
        ranking, standing = found
        scored = (standing.rank, len(ranking.standings), gap_to_next_rank(ranking, standing))
    yield from figures_of(kind, place, zip(shown_figures, scored, strict=True))


def _read_losses(scores: Scores, path: str, text: str, member: Member, cycle: Period) -> Iterator[Figure]:
    """Deductions, what each missed activity brings, and by ceiling the points lost and the lines that filled it."""
    section = match_in(r"<h2>扣分和没有得的分</h2>(.*?)</section>", text)[1]
    tally, rulebook, kind = (
        scores.results.tallies[cycle.year][member.id],
        scores.rulebooks[cycle.year],
        "member: losses",
    )
    absent = [line for line in tally.lines if line.activity and line.how != "present"]
    deducted = sum((line.points for line in tally.lines if line.points < 0), Decimal(0))
    missed = sum((rulebook.item[str(line.activity)].points or Decimal(0) for line in absent), Decimal(0))
    lost = sum((line.earned - line.points for line in tally.lines), Decimal(0))
    said = re.search(r"扣分 (\S+) 分；.*?计 (\S+) 分；.*?的 (\S+) 分", plain(section))
    yield from figures_of(kind, path, zip(said.groups() if said else ("0",) * 3, (deducted, missed, lost), strict=True))
    sums = [Decimal(0)] * 3
    for date_, minus, not_earned, words in (map(plain, cells) for table in tables(section, "lost") for cells in table):
        full = date_ == "已满"
        sums[0] += Decimal(minus or 0)
        sums[2 if full else 1] += Decimal(not_earned or 0)
        if full:
            cap, fillers, cuts = match_in(r"上限 (\S+) 分。计满的.*?）：(.*)。没有计入的：(.*)", words).groups()
            parts = [sum(map(Decimal, re.findall(r"日 ([\d.]+)", shares)), Decimal(0)) for shares in (fillers, cuts)]
            yield from figures_of(kind, f"{path} {words[:9]}", [(cap, parts[0]), (not_earned, parts[1])])
    yield from figures_of(kind, path, zip(map(format_decimal, sums), (deducted, missed, lost), strict=True))


def _read_meters(scores: Scores, path: str, text: str, member: Member, cycle: Period) -> Iterator[Figure]:
    """What each group and item has brought: of the vetoed as it was registered, which the page says."""
    tally, rulebook = scores.results.tallies[cycle.year][member.id], scores.rulebooks[cycle.year]
    groups = {group.title: tally.running_by_group[-1][group.id] for group in rulebook.groups}
    score = scores.score(member.id, cycle)
    if not score.vetoed:
        assert list(groups.values()) == [score.groups[group.id] for group in rulebook.groups]
    items = points_by_item(drop_reset_lines(tally))
    (table,) = tables(text, "meters")
    for cells in table:
        name, counted = plain(cells[0]), plain(cells[3])
        scored = groups[name] if name in groups and not plain(cells[2]) else items[name]
        yield from figures_of("member: groups and items", f"{path} {name}", [(counted, scored)])


def points_by_item(lines: Iterable[ScoreLine]) -> Mapping[str, Decimal]:
    """The sum of lines by the title of their item."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for line in lines:
        sums[line.item.title] += line.points
    return sums


def _read_places(scores: Scores, path: str, text: str, member: Member, cycle: Period) -> Iterator[Figure]:
    for table in tables(text, "places"):
        for cells in table:
            words = [plain(cell) for cell in cells]
            name = words[0].removesuffix(" 暂计")
            if name.isdecimal():
                score = scores.score(member.id, get_period(PeriodKind.YEAR, int(name)))
                yield from figures_of("member: all years", path, [(words[2], score.total)])
                if not score.vetoed:
                    shown = re.findall(r" (-?[\d.]+)(?:，|$)", words[1])
                    yield from figures_of("member: all years", path, zip(shown, score.groups.values(), strict=True))
                continue
            period = scores.periods[f"{cycle.year}年{name}"]
            ranking = scores.find_ranking(period, None if words[1] == ORGAN else scores.branch_by_name[words[1]])
            found = ranking and scores.standing_on(ranking, member)
            assert found, (path, words)
            rank, of = words[3].split("/")
            pairs = [(words[2], found[1].score.points), (rank, found[1].rank), (of, len(found[0].standings))]
            yield from figures_of("member: quarters and half-years", f"{path} {name}", pairs)


def _read_trends(scores: Scores, path: str, text: str, member: Member, cycle: Period) -> Iterator[Figure]:
    """The table of months below the charts, and what is said of the charts in words."""
    trends = match_in(r'<section class="trends">(.*?)</section>', text)[1]
    (table,) = tables(trends, "figures")
    medians = {}
    for cells in table:
        name, points, total, place, *median = map(plain, cells)
        month = scores.periods[f"{cycle.year}年{name}"]
        score, found = scores.score(member.id, month), scores.branch_ranking(member, month)
        pairs: list[tuple[str, object]] = [(points, score.points), (total, score.total)]
        pairs.append((place, f"{found[1].rank}/{len(found[0].standings)}" if found else "—"))
        if median:
            medians[month] = median[0]
            pairs.append((median[0], _median(scores, found[0]) if found else "—"))
        yield from figures_of("member: months", f"{path} {name}", pairs)
    if said := re.search(r"到(\d+年\d+月)为 (\S+) 分", trends):
        total = scores.score(member.id, scores.periods[said[1]]).total
        yield from figures_of("member: charts", path, [(said[2], total)])
    if said := re.search(r"最近一月本人 (\S+) 分，支部中位数 (\S+) 分", trends):
        newest = max((month for month, median in medians.items() if median != "—"), key=lambda month: month.last)
        yield from figures_of("member: charts", path, [(said[1], scores.score(member.id, newest).points)])
    if said := re.search(r">(\d+年第.季度)第 (\d+) 名，共 (\d+) 人", trends):
        found = scores.branch_ranking(member, scores.periods[said[1]])
        assert found
        yield from figures_of("member: charts", path, [(said[2], found[1].rank), (said[3], len(found[0].standings))])


def _median(scores: Scores, ranking: Ranking) -> str:
    points, rounding = [one.score.points for one in ranking.standings], scores.rulebooks[ranking.period.year].rounding
    return format_decimal(numbers.median(points, rounding.rule, rounding.step)) if len(points) > 4 else "—"


def _read_lines(scores: Scores, path: str, text: str, member: Member, cycle: Period) -> Iterator[Figure]:
    """Each month's head, and the points of its lines, which add up to the month's."""
    table = match_in(r'<table class="lines" id="lines">(.*?)</table>', text)[1]
    for body in re.split(r"<tbody[^>]*>", table)[1:]:
        head, *rows = cells_of(f"</thead>{body}")
        said = match_in(r"(\d+年\d+月) 计 (\S+) 分，累计 (\S+) 分(?:，支部第 (\d+) 名)?", plain(head[0]))
        month = scores.periods[said[1]]
        assert month in cycle
        score, found = scores.score(member.id, month), scores.branch_ranking(member, month)
        counted = sum((Decimal(plain(cells[1]).rpartition("→")[2]) for cells in rows), Decimal(0))
        if "一票否决，本期按 0 分计" in plain(head[0]):
            counted = Decimal(0)
        pairs = [(said[2], score.points), (said[3], score.total), (said[4] or "", found[1].rank if found else None)]
        yield from figures_of("member: lines", f"{path} {said[1]}", [*pairs, (format_decimal(counted), score.points)])


# --- the committee's pages -------------------------------------------------------------------------------------------


class FormRow(NamedTuple):
    """A row of a ledger form on a page or in a workbook, and the note on its sum."""

    name: str
    cells: Mapping[str, str]
    points: str
    total: str
    remark: str


def check_form(
    scores: Scores, place: str, of: BranchMonth, rows: Sequence[FormRow], notes: Sequence[str]
) -> Iterator[Figure]:
    """Compare a ledger form with the scores; where cells don't add up to the sum, a note does, and says why."""
    branch, month = of
    label_notes = {match_in(r"^(.*?)各格共", note)[1]: note for note in notes}
    roll = {member.id for member, _ in scores.roster.members_during(branch, month)}
    listed = [
        member
        for member in scores.roster.members_ever_in[branch]
        if member.id in roll or scores.lines(member.id, month, branch)
    ]
    yield Figure("form: rows", place, "、".join(row.name for row in rows), "、".join(map(member_label, listed)))
    for row, member in zip(rows, listed, strict=False):
        score, lines = scores.score(member.id, month), scores.lines(member.id, month, branch)
        where = f"{place} {row.name}"
        yield from figures_of("form: sum and total", where, [(row.points, score.points), (row.total, score.total)])
        by_item = points_by_item(lines)
        for item in scores.rulebooks[month.year].items:
            scored = None if item.title not in by_item else "否决" if item.veto else by_item[item.title]
            yield from figures_of("form: cells", f"{where} {item.title}", [(row.cells[item.title], scored)])
        note, cells = label_notes.pop(row.name, None), sum(by_item.values(), Decimal(0))
        if note is None:
            yield from figures_of("form: sum of cells", where, [(format_decimal(cells), score.points)])
        else:
            shown = re.findall(r"(-?[\d.]+) 分(?=，|$)", note)
            assert len(shown) > 2
            added = sum(map(Decimal, shown[:-1]), Decimal(0))
            pairs = [(shown[0], cells), (format_decimal(added), score.points), (shown[-1], score.points)]
            yield from figures_of("form: note on the sum", where, pairs)
        vetoed = any(line.item.veto for line in results.explain_score(scores.results, member.id, month))
        yield Figure("form: remark", where, str("一票否决" in row.remark), str(vetoed))
    yield Figure("form: notes of nobody", place, str(list(label_notes)), "[]")


def read_forms(scores: Scores, place: str, text: str) -> Iterator[Figure]:
    """The ledger forms of a page: a month's own, or those of a filing pack."""
    for table in re.findall(r'<table class="ledger(?: many)?">(.*?)</table>', text, re.DOTALL):
        head = match_in(r"党支部：<b>(.*?)</b>.*?月份：<b>(.*?)</b>", table)
        of = scores.branch_by_name[head[1]], scores.periods[head[2]]
        titles = [
            item.title
            for group in scores.rulebooks[of[1].year].groups
            for item in scores.rulebooks[of[1].year].items
            if item.group == group.id
        ]
        rows = []
        for cells in cells_of(table):
            words = [plain(cell) for cell in cells]
            if words[0].isdecimal():
                _, name, *figures, points, total, remark = words
                rows.append(FormRow(name, dict(zip(titles, figures, strict=True)), points, total, remark))
        note = re.search(r"合计说明：(.*?)。(?:台账登记|主持审核|</p>)", table, re.DOTALL)
        yield from check_form(scores, f"{place} {head[2]}", of, rows, plain(note[1]).split("；") if note else [])


def read_pack(scores: Scores, place: str, text: str) -> Iterator[Figure]:
    """A filing pack: the quarter's board with its groups, and the ledger forms."""
    quarter = scores.periods[match_in(r"(\d{4}年第.季度)备案材料", text)[1]]
    for branch, table in re.findall(r'aria-label="([^"]*)季度积分榜".*?<table[^>]*>(.*?)</table>', text, re.DOTALL):
        ranking = scores.rank(quarter, scores.branch_by_name[branch])
        rows = [[plain(cell) for cell in cells] for cells in cells_of(table)]
        yield Figure("pack: rows", place, str(len(rows)), str(len(ranking.standings)))
        for (rank, name, *figures, _), one in zip(rows, ranking.standings, strict=False):
            totals = () if quarter.opens_cycle else (one.score.total,)
            pairs: list[tuple[str, object]] = [(rank, one.rank), (name, member_label(one.member))]
            pairs += zip(figures, (*one.score.groups.values(), one.score.points, *totals), strict=True)
            yield from figures_of("pack: board", f"{place} {name}", pairs)
    yield from read_forms(scores, place, text)


def read_talk(scores: Scores, place: str, text: str) -> Iterator[Figure]:
    """A talk sheet: the quarter's points and rank, the neighbours, the items, and lines that add up."""
    member = scores.roster.member_by_id[place.removeprefix("committee/talks/").removesuffix(".html")]
    quarter = scores.periods[match_in(r"(\d{4}年第.季度)", text[text.index("<dt>季度</dt>") :])[1]]
    found = scores.branch_ranking(member, quarter)
    assert found
    ranking, one = found
    keys = dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", match_in(r'<dl class="keys">(.*?)</dl>', text)[1]))
    said = match_in(r"(\S+) 分年度累计 (\S+) 分", plain(keys["本季积分"])).groups()
    rank = match_in(r"第 (\d+) 名共 (\d+) 人(，最后一名)?", plain(keys["支部名次"]))
    yield from figures_of("talk: head", place, zip(said, (one.score.points, one.score.total), strict=True))
    pairs: list[tuple[str, object]] = [(rank[1], one.rank), (rank[2], len(ranking.standings))]
    yield from figures_of("talk: head", place, [*pairs, (str(bool(rank[3])), one.last)])
    yield from _read_neighbours(place, plain(keys["与前一名"]), plain(keys["与后一名"]), ranking, one)
    items = points_by_item(drop_reset_lines(scores.results.tallies[quarter.year][member.id]))
    for name, counted in re.findall(r"<li><span>(.*?)</span><span class=\"n\"><b>(.*?)</b>", text):
        yield from figures_of("talk: items", f"{place} {name}", [(counted, items[html.unescape(name)])])
    listed = re.findall(r'<b class="n">(.*?)</b><span class="what">', text)
    earned = Decimal(match_in(r"各条共得 (\S+) 分", text)[1])
    if not re.search(r"另有 \d+ 条没有列出", text) and not one.score.vetoed:
        counted = sum((Decimal(match_in(r"(-?[\d.]+)$|否决$", words)[1] or 0) for words in listed), earned)
        yield from figures_of("talk: lines", place, [(format_decimal(counted), one.score.points)])


def _read_neighbours(place: str, above: str, below: str, ranking: Ranking, one: Standing) -> Iterator[Figure]:
    """The gaps, where points decide who is above and below: never against the vetoed, nor a gap below zero."""
    points = one.score.points
    higher = [other for other in ranking.standings if other.rank < one.rank and other.score.points > points]
    lower = [other for other in ranking.standings if other.rank > one.rank and other.score.points < points]
    neighbours = (above, [] if one.score.vetoed else higher[-1:]), (below, lower[:1])
    for words, others in neighbours:
        said = re.fullmatch(r"[差多] (\S+) 分第 (\d+) 名 (\S+) 分", words)
        scored = [(abs(other.score.points - points), other.rank, other.score.points) for other in others]
        shown = said.groups() if said else ("", "", "")
        yield from figures_of("talk: neighbours", place, zip(shown, scored[0] if scored else ("", "", ""), strict=True))


def read_results(scores: Scores, place: str, text: str) -> Iterator[Figure]:
    """What a year's results decide: the ranks behind it, the composites, the polls beside the board."""
    year = int(match_in(r"<h1>(\d{4})年度", text)[1])
    for table in tables(text, "decisions"):
        for cells in table:
            member = scores.by_label[plain(re.sub(r"<small.*", "", cells[0]))]
            for words in re.findall(r'<span class="place">(.*?)</span>', cells[-1], re.DOTALL):
                said = match_in(r"(.*) 第 (\d+) 名/共 (\d+) 人(（全机关）)?", plain(words))
                period = scores.periods[said[1]]
                ranking = scores.find_ranking(period, None)
                found = scores.standing_on(ranking, member) if ranking and said[4] else None
                found = found or scores.branch_ranking(member, period)
                assert found
                pairs = [(said[2], found[1].rank), (said[3], len(found[0].standings))]
                yield from figures_of("results: ranks", f"{place} {member.name}", pairs)
    for table in tables(text, "composites"):
        composites = [
            (plain(rank), plain(re.sub(r"<small.*", "", name)), plain(composite), plain(formula))
            for rank, name, _, composite, formula, *_ in table
        ]
        yield from check_composites(scores, place, year, composites)
    for section in text.split('<table class="figures acts polls">')[1:]:
        table, _, notes = section.partition("</table>")
        rows = [[plain(cell) for cell in cells] for cells in cells_of(table)]
        yield from check_poll(scores, place, notes, [(row[1], row[4], row[5]) for row in rows])


def check_composites(
    scores: Scores, place: str, year: int, rows: Sequence[tuple[str, str, str, str]]
) -> Iterator[Figure]:
    """Compare rank, name, composite and formula of each row with the total of the year."""
    cycle, reviews = get_period(PeriodKind.YEAR, year), scores.loaded.reviews[year]
    composites = {
        member: appraisal.compute_composite(scores.rulebooks[year], scores.score(member, cycle).total, review)
        for member, review in reviews.items()
    }
    yield Figure("composites: rows", place, str(len(rows)), str(len(reviews)))
    for rank, name, composite, formula in rows:
        member = scores.by_label[name].id
        points = match_in(r"× (-?[\d.]+)(?:（(-?[\d.]+) 超过的不计）)?", formula)
        above = sum(other > composites[member] for other in composites.values())
        pairs: list[tuple[str, object]] = [(points[2] or points[1], scores.score(member, cycle).total)]
        yield from figures_of(
            "composites", f"{place} {name}", [*pairs, (composite, composites[member]), (rank, above + 1)]
        )


def check_poll(scores: Scores, place: str, notes: str, rows: Iterable[tuple[str, str, str]]) -> Iterator[Figure]:
    """Compare name, rank and points of each candidate with the board that the notes name."""
    board = re.search(r"最近一期全机关榜，即(.*?)榜", notes)
    ranking = scores.rank(scores.periods[board[1]], None) if board else None
    for name, rank, points in rows:
        found = scores.standing_on(ranking, scores.by_label[name]) if ranking else None
        pairs = [(rank, found[1].rank if found else None), (points, found[1].score.points if found else None)]
        yield from figures_of("polls", f"{place} {name}", pairs)


# --- a whole site ----------------------------------------------------------------------------------------------------

READERS = {
    BOARD: read_board_page,
    re.compile(r"index\.html|branches/[^/]+/index\.html"): read_newest_board,
    re.compile(r"members/[^/]+\.html"): read_member_page,
    re.compile(r"committee/ledgers/.*\.html"): read_forms,
    re.compile(r"committee/filings/.*\.html"): read_pack,
    re.compile(r"committee/talks/.*\.html"): read_talk,
    re.compile(r"committee/\d+(-awards)?\.html"): read_results,
}


def read_site(scores: Scores, site: Path) -> Iterator[Figure]:
    """Every figure of every page of a site."""
    for path in sorted(file.relative_to(site).as_posix() for file in site.rglob("*.html")):
        reader = next((reader for pattern, reader in READERS.items() if pattern.fullmatch(path)), None)
        if reader:
            yield from reader(scores, path, without_marks((site / path).read_text(encoding="utf-8")))


def differing(figures: Iterable[Figure]) -> list[Figure]:
    """Those that are shown otherwise than they are scored."""
    return [figure for figure in figures if figure.shown != figure.scored]
