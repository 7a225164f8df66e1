"""One figure everywhere: what a page, form, pack, sheet, workbook or command shows is what ``core.scoring`` computes.

Every member, month and edition of the sample and of organs drawn by chance, with vetoes, moves, late lines and
corrections. A new figure in a template has to be named below, so that none is shown that nothing compares.
"""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from openpyxl import load_workbook

from generator.core.basics.numbers import format_decimal
from generator.core.basics.periods import Period, PeriodKind, get_period
from generator.core.model.tally import Ranking, Standing
from generator.core.page_data import ledger_forms
from generator.core.page_data.boards import member_label
from generator.core.scoring import results
from generator.loader import arguments, load
from generator.local_server.preview import Preview
from generator.project import Project
from generator.queries import explain, score
from generator.render.export import explanation, ranking_table
from generator.render.html import filters
from tests import figures
from tests.conftest import PROVE, SAMPLE_DAY, sample_of
from tests.figures import Figure, FormRow, Scores, differing, figures_of
from tests.random_organs import TODAY, RandomOrgan
from tests.site_pages import without_marks
from tests.site_project import REPOSITORY, SiteProject, copy_sample

ALL = "organ,branch,member,committee"
EDITIONS = ("organ", "branch", "member", "committee", "organ,branch,member")
SEEDS = range(1, 61 if PROVE else 2)


class Case(NamedTuple):
    """A project with its site for all readers, and the editions to build of it.

    ``before`` are its scores when it was published before, if it was.
    """

    organ: SiteProject
    today: date
    site: Path
    editions: tuple[str, ...]
    before: Scores | None
    diff: str


def build(organ: SiteProject, today: date, output: Path, audiences: str = ALL) -> Path:
    done = organ.run("build", "--jobs", 1, "--output", output, "--audience", audiences, today=today)
    assert done.exit_code == 0, done.output
    return output


@pytest.fixture(scope="module", params=("sample", *SEEDS))
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """The sample, and random organs that are built before their corrections and after them."""
    root = tmp_path_factory.mktemp("organ")
    if request.param == "sample":
        organ, today = object.__new__(SiteProject), date.fromisoformat(SAMPLE_DAY)
        organ.root = copy_sample(root)
        # Everyday, each edition is built of one organ: these of the sample, the others of the random ones.
        editions = EDITIONS if PROVE else ("organ", "organ,branch,member")
        return Case(organ, today, build(organ, today, root / "site"), editions, None, "")
    drawn = RandomOrgan(root, request.param)
    drawn.approve()
    build(drawn.organ, TODAY, root / "site")
    before = Scores(root, TODAY)
    drawn.correct()
    diff = drawn.organ.run("diff", "--audience", ALL, today=TODAY).stdout
    editions = EDITIONS if PROVE else ("branch", "committee", "member")
    return Case(drawn.organ, TODAY, build(drawn.organ, TODAY, root / "site"), editions, before, diff)


@pytest.fixture(scope="module")
def scores(case: Case) -> Scores:
    return Scores(case.organ.root, case.today)


@pytest.fixture
def loaded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let queries read a project once, and score each of its years once."""
    score_year, by_year = arguments.score_year, dict[tuple[int, int], results.Results]()

    def score_once(loaded: load.LoadedProject, period: Period) -> results.Results:
        key = id(loaded), period.year
        if key not in by_year:
            by_year[key] = score_year(loaded, period)
        return by_year[key]

    monkeypatch.setattr(arguments, "load_valid_project", cache(arguments.load_valid_project))
    monkeypatch.setattr(arguments, "score_year", score_once)


# --- pages -----------------------------------------------------------------------------------------------------------

KINDS = {
    "board",
    "composites",
    "form: cells",
    "form: note on the sum",
    "form: sum and total",
    "home: own row",
    "member: all years",
    "member: charts",
    "member: groups and items",
    "member: head",
    "member: lines",
    "member: losses",
    "member: months",
    "member: quarters and half-years",
    "notice of a correction",
    "pack: board",
    "polls",
    "results: ranks",
    "talk: head",
    "talk: items",
    "talk: lines",
    "talk: neighbours",
}


def test_every_figure_of_every_page_is_the_score(case: Case, scores: Scores):
    shown = list(figures.read_site(scores, case.site))
    assert differing(shown) == []
    kinds = Counter(figure.kind for figure in shown)
    if case.before is None:
        assert KINDS - kinds.keys() == set()


@pytest.mark.prove
def test_every_edition_shows_the_same_figures(case: Case, scores: Scores, tmp_path: Path):
    for audiences in case.editions:
        site = build(case.organ, case.today, tmp_path / audiences, audiences)
        assert differing(figures.read_site(scores, site)) == [], audiences


def test_a_preview_shows_the_scores_with_drafts(case: Case, tmp_path: Path):
    preview, site = Preview(Project(case.organ.root), case.today, tmp_path / "preview"), tmp_path / "site"
    preview.rebuild_site()
    for path in preview.digests:
        raw, file = preview.read_page(path), site / path
        assert raw is not None
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(raw)
    counted = Scores(case.organ.root, case.today, drafts=True)
    shown = list(figures.read_site(counted, site))
    assert differing(shown) == []
    assert len(shown) > 1000


def test_the_screen_of_a_hall_shows_the_scores(case: Case, scores: Scores, tmp_path: Path):
    settings = case.organ.root / "content/site.yaml"
    text = settings.read_text(encoding="utf-8")
    try:
        settings.write_text(re.sub("theme: .*\n", "", text) + "theme: hall\n", encoding="utf-8")
        site = build(case.organ, case.today, tmp_path / "site", "organ")
    finally:
        settings.write_text(text, encoding="utf-8")
    shown = list(
        figures.read_hall(scores, "index.html", without_marks((site / "index.html").read_text(encoding="utf-8")))
    )
    assert len(shown) > 30
    assert differing(shown) == []


def test_random_organs_meet_all_that_sets_a_sum_apart_from_its_cells(tmp_path: Path):
    """Vetoes of both kinds, the floor, lines in two ledgers of a month, ceilings: all of them are met."""
    reasons: Counter[str] = Counter()
    for seed in range(1, 5):
        drawn = RandomOrgan(tmp_path / str(seed), seed)
        drawn.approve()
        found = Scores(drawn.organ.root, TODAY)
        for ledger in found.loaded.approved_ledgers.values():
            for row in ledger_forms.build_ledger_form(found.results, ledger).rows:
                reasons.update(re.sub(r"^\w+(?=台账)|（.*", "", one.reason) for one in row.adjustments)
                reasons.update({"已达上限": row.capped})
    wanted = {"一票否决", "一票否决，本年度截至当月的分清零", "总分下限", "台账登记", "已达上限"}
    assert {reason for reason, count in reasons.items() if count} == wanted


# --- forms and reports -----------------------------------------------------------------------------------------------


def test_a_form_of_one_ledger_shows_the_scores(case: Case, scores: Scores):
    months = sorted(scores.loaded.approved_ledgers, key=str)
    for branch, month in sample_of(months, 2):
        file = scores.loaded.approved_ledgers[branch, month].files[0]
        shown = list(
            figures.read_forms(scores, file, without_marks(case.organ.run("form", file, today=case.today).stdout))
        )
        assert shown
        assert differing(shown) == []


def test_a_form_of_a_correction_shows_the_points_before_and_after_it(case: Case, scores: Scores):
    """The newest of each month: an earlier one shows what was before the later ones."""
    corrected = {key: ledger for key, ledger in scores.loaded.approved_ledgers.items() if ledger.corrections}
    assert corrected
    for (_, month), ledger in corrected.items():
        text = without_marks(case.organ.run("form", ledger.files[-1], today=case.today).stdout)
        shown = list(figures.read_forms(scores, ledger.files[-1], text))
        assert shown
        words = figures.match_in(r"本月积分变动：</b>(.*?)更正以后的台账", text)[1]
        for name, after in re.findall(r"(?:^|；)(\S+) \S+ → ([-\d.]+)", words):
            shown += figures_of(
                "correction: after", ledger.files[-1], [(after, scores.score(scores.by_label[name].id, month).points)]
            )
        assert differing(shown) == []


def workbook(case: Case, folder: Path, *words: str) -> Iterator[tuple[str, list[list[str]], list[str]]]:
    """The sheets of a report: title, rows below the head, and notes."""
    file = folder / "report.xlsx"
    done = case.organ.run("report", *words, "--format", "xlsx", "--output", file, today=case.today)
    assert done.exit_code == 0, done.output
    for sheet in load_workbook(file).worksheets:
        rows = [["" if cell is None else _cell(cell) for cell in row] for row in sheet.iter_rows(values_only=True)]
        width = len([cell for cell in rows[1] if cell])
        body = [row[:width] for row in rows[1:] if any(row[1:])]
        notes = [row[0] for row in rows[2:] if row[0] and not any(row[1:])]
        yield rows[0][0], body, notes
    file.unlink()


def _cell(value: object) -> str:
    return (
        format_decimal(Decimal(str(value)))
        if isinstance(value, int | float)
        else str(value).replace(filters.MINUS, "-")
    )


def quarters(scores: Scores) -> list[Period]:
    return [
        period
        for period in figures.all_periods(scores.rulebooks)
        if period.kind is PeriodKind.QUARTER
        and any((period, branch) in scores.started for branch in scores.roster.branch_by_id)
    ]


def test_a_filing_pack_shows_the_scores_as_page_and_workbook(case: Case, scores: Scores, tmp_path: Path):
    for quarter in sample_of(quarters(scores), 2):
        page = tmp_path / "pack.html"
        assert case.organ.run("report", "quarter", quarter, "--output", page, today=case.today).exit_code == 0
        shown = list(figures.read_pack(scores, str(quarter), without_marks(page.read_text(encoding="utf-8"))))
        for title, (head, *rows), notes in workbook(case, tmp_path, "quarter", str(quarter)):
            if title.endswith("积分榜"):
                branch = scores.branch_by_name[title.removesuffix(f"{filters.format_period(quarter)}积分榜")]
                names = {ident: name for name, ident in scores.branch_by_name.items()}
                shown += _ranking_figures(f"workbook {title}", rows, scores.rank(quarter, branch), names)
            elif title.endswith("台账"):
                name, month = figures.match_in(r"^(.*?)(\d+年\d+月)台账", title).groups()
                form = [FormRow(row[0], dict(zip(head, row, strict=True)), *row[-3:]) for row in rows]
                sums = [note.removeprefix("合计说明：").removesuffix("。") for note in notes]
                key = scores.branch_by_name[name], scores.periods[month]
                shown += figures.check_form(scores, f"workbook {title}", key, form, sums)
        assert {"pack: board", "ranking", "form: sum and total"} <= {figure.kind for figure in shown}
        assert differing(shown) == []


def _ranking_figures(
    place: str, rows: list[list[str]], ranking: Ranking, branches: Mapping[str, str]
) -> Iterator[Figure]:
    yield Figure("ranking: rows", place, str(len(rows)), str(len(ranking.standings)))
    for row, one in zip(rows, ranking.standings, strict=False):
        *cells, words = row
        groups = one.score.groups.values()
        scored = [
            one.rank,
            one.member.id,
            member_label(one.member),
            branches.get(one.branch, one.branch),
            one.score.points,
            one.score.total,
            *groups,
        ]
        yield from figures_of("ranking", f"{place} {one.member.id}", zip(cells, scored, strict=True))
        marks = {"一票否决": one.score.vetoed, "新进": one.partial, "最后一名": one.last}
        yield from figures_of(
            "ranking: marks", place, [(words, "、".join(word for word, is_so in marks.items() if is_so))]
        )


def test_results_and_polls_show_the_scores_as_page_workbook_and_in_every_format(
    case: Case, scores: Scores, tmp_path: Path
):
    year = max(scores.loaded.reviews)
    page = tmp_path / "page.html"
    shown: list[Figure] = []
    for kind in ("year", "awards"):
        assert case.organ.run("report", kind, year, "--output", page, today=case.today).exit_code == 0
        shown += figures.read_results(
            scores, kind, without_marks(page.read_text(encoding="utf-8")).replace("年度表彰", "年度")
        )
        for title, (_, *rows), notes in workbook(case, tmp_path, kind, str(year)):
            shown += _result_figures(scores, title, year, rows, "".join(notes))
    table = case.organ.run("outcomes", year, today=case.today).stdout
    for part in re.split(r"\n\n(?=\S+\n\n|\S+ \d{4}-\d\d-\d\d\n\n)", table):
        title, _, rest = part.partition("\n\n")
        rows = [re.split(r" {2,}", line.strip()) for line in rest.splitlines()[1:]]
        rows = [row for row in rows if row[0].isdecimal()]
        if "民主评议" in title:
            shown += _result_figures(scores, title, year, rows, rest)
    shown += _outcomes_json(
        scores, year, json.loads(case.organ.run("outcomes", year, "--format", "json", today=case.today).stdout)
    )
    shown += _outcomes_csv(scores, year, case.organ.run("outcomes", year, "--format", "csv", today=case.today).stdout)
    assert {"composites", "polls"} <= {figure.kind for figure in shown}
    assert differing(shown) == []


def _result_figures(scores: Scores, title: str, year: int, rows: list[list[str]], notes: str) -> Iterator[Figure]:
    """A table of composites or of a poll."""
    people = {member.id: member_label(member) for member in scores.roster.members}
    if title == f"{year}年度民主评议":
        yield from figures.check_composites(
            scores, title, year, [(row[0], people[row[1]], row[6], row[7]) for row in rows]
        )
        for row in rows:
            total = scores.score(row[1], get_period(PeriodKind.YEAR, year)).total
            yield from figures_of("composites", title, [(row[4], total)])
    elif re.search(r" \d{4}-\d\d-\d\d$", title):
        yield from figures.check_poll(scores, title, notes, [(people[row[1]], row[5], row[6]) for row in rows])


def _outcomes_json(scores: Scores, year: int, answer: dict[str, Any]) -> Iterator[Figure]:
    people = {member.id: member_label(member) for member in scores.roster.members}
    rows = answer["appraisal"]
    cells = [(str(row["rank"]), people[row["member"]], row["composite"], row["formula"]) for row in rows]
    yield from figures.check_composites(scores, "outcomes json", year, cells)
    for row in rows:
        total = scores.score(row["member"], get_period(PeriodKind.YEAR, year)).total
        yield from figures_of("composites", "outcomes json", [(row["points"], total)])
    for poll in answer["awards"]:
        board = f"最近一期全机关榜，即{filters.format_period_name(poll['board'])}榜" if poll["board"] else ""
        found = [
            (people[one["member"]], *("" if one[key] is None else str(one[key]) for key in ("rank", "points")))
            for one in poll["candidates"]
        ]
        yield from figures.check_poll(scores, "outcomes json", board, found)


def _outcomes_csv(scores: Scores, year: int, text: str) -> Iterator[Figure]:
    people = {member.id: member_label(member) for member in scores.roster.members}
    for kind, ident, _, result, _, because, _ in csv.reader(io.StringIO(text.lstrip("\ufeff"))):
        if kind == "民主评议":
            points = figures.match_in(r"× (-?[\d.]+)(?:（(-?[\d.]+) 超过的不计）)?", because)
            total = scores.score(ident, get_period(PeriodKind.YEAR, year)).total
            yield from figures_of("composites", f"outcomes csv {people[ident]}", [(points[2] or points[1], total)])
        if rank := re.search(r"\d+ 票，第 (\d+) 名", result):
            ranks = {
                one.rank
                for (period, branch) in scores.started
                if branch is None
                for one in scores.rank(period, None).standings
                if one.member.id == ident
            }
            yield Figure("polls: csv", people[ident], str(int(rank[1]) in ranks), "True")


# --- commands --------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("loaded_once")
def test_score_prints_every_board_as_it_is_scored(case: Case, scores: Scores):
    project, shown = Project(case.organ.root), list[Figure]()
    for period in figures.all_periods(scores.rulebooks):
        for branch in (None, *scores.roster.branch_by_id):
            answer = score.score_board(project, case.today, period, branch).value
            assert answer
            printed = {
                name: write(answer.ranking, answer.rulebook, answer.branches)
                for name, write in ranking_table.RANKING_FORMATS.items()
            }
            ranking, place = scores.rank(period, branch), f"score {period} {branch}"
            names = answer.branches
            shown += _ranking_figures(place, list(csv.reader(io.StringIO(printed["csv"])))[1:], ranking, names)
            shown += _ranking_figures(place, _json_rows(printed["json"]), ranking, {})
            lines = [re.split(r" {2,}", line.strip()) for line in printed["table"].splitlines()[3:]]
            width = 6 + len(answer.rulebook.groups)
            shown += _ranking_figures(place, [[*line, ""][: width + 1] for line in lines], ranking, names)
    assert differing(shown) == []


def _json_rows(text: str) -> list[list[str]]:
    marks = {"vetoed": "一票否决", "partial": "新进", "last": "最后一名"}
    return [
        [str(row[key]) for key in ("rank", "member", "label", "branch", "points", "total")]
        + [*row["groups"].values(), "、".join(word for key, word in marks.items() if row[key])]
        for row in json.loads(text)["rows"]
    ]


@pytest.mark.usefixtures("loaded_once")
def test_explain_prints_every_members_score_and_lines_that_add_up_to_it(case: Case, scores: Scores):
    project, shown = Project(case.organ.root), list[Figure]()
    for period in figures.all_periods(scores.rulebooks):
        for member in scores.roster.members:
            answer = explain.explain_points(project, case.today, member.id, period).value
            assert answer
            parts = answer.member, period, answer.points, answer.lines, answer.corrected_lines
            text, raw = (explanation.EXPLANATION_FORMATS[name](*parts) for name in ("text", "json"))
            told, total = json.loads(raw), scores.score(member.id, period).points
            lines = sum((Decimal(line["points"]) for line in told["lines"]), Decimal(0))
            head = figures.match_in(r"^\S+　\S+　(\S+) 分", text)[1]
            bottom = figures.match_in(r"合计 +\S+ +(\S+)", text)[1]
            printed = (told["points"], format_decimal(lines), head, bottom)
            shown += figures_of("explain", f"explain {member.id} {period}", [(figure, total) for figure in printed])
    assert differing(shown) == []


def test_diff_prints_the_scores_before_and_after(case: Case, scores: Scores):
    if case.before is None:
        return  # the sample was never published before
    names = {None: figures.ORGAN} | {branch.id: branch.name for branch in scores.roster.branches}
    boards = {f"{names[key[1]]}{filters.format_period(key[0])}榜": key for key in scores.started}
    shown = []
    for line in case.diff.splitlines():
        if key := boards.get(line.partition("　")[0]):
            for name, field, old, new in re.findall(r"([^、：　]+?)( 累计 | )(\S+?)→([^、　等\s]+)", line):
                of_board = [_find_row(before_or_after, key, name) for before_or_after in (case.before, scores)]
                is_points = f"{name}{field}{old}→{new}" in (re.search(r"积分变动：([^　]*)", line) or [""])[0]
                for text, standing in zip((old, new), of_board, strict=True):
                    scored: object = "未列入" if standing is None else standing.rank
                    if standing is not None and is_points:
                        scored = standing.score.total if "累计" in field else standing.score.points
                    shown += figures_of("diff", line, [(text, scored)])
    assert shown
    assert differing(shown) == []


def _find_row(scores: Scores, key: tuple[Period, str | None], name: str) -> Standing | None:
    found = [one for one in scores.rank(*key).standings if member_label(one.member) == name.strip()]
    return found[0] if found else None


# --- nothing is left out ---------------------------------------------------------------------------------------------

# The figures in templates that ``tests.figures`` reads, and those that are of no member: averages, ceilings, rules.
READ = {
    "board.html": set(),
    "bulletin.html": {"one.points", "one.rank", "one.total", "other.points", "other.rank", "other.total"},
    "committee.html": {"one.points", "one.rank", "one.position"},
    "forms.html": {
        "line.points",
        "one.after",
        "one.before",
        "row.cells[item.id]",
        "row.points",
        "row.total",
    },
    "poster.html": {"row.points", "row.rank", "row.total"},
    "index.html": {"row.points", "row.rank"},
    "macros.html": {"row.behind", "row.points", "row.rank", "row.total", "values"},
    "member.html": {
        "(cycle.quarters|last).rank",
        "cycle.total",
        "group.counted",
        "line.earned",
        "full.cap",
        "full.lost",
        "line.points",
        "loss.deducted",
        "loss.missed",
        "newest.points",
        "one.counted",
        "one.place.median",
        "one.place.points",
        "one.place.rank",
        "one.points",
        "one.total",
        "overview.deducted",
        "overview.lost",
        "overview.missed",
        "place.behind",
        "place.points",
        "place.rank",
    },
    "pack.html": {"one.rank", "one.score.groups[group.id]", "one.score.points", "one.score.total"},
    "results.html": {"one.composite", "one.rank"},
    "talk.html": {
        "(one.score.points - talk.below.score.points)",
        "(talk.above.score.points - one.score.points)",
        "line.earned",
        "line.points",
        "meter.counted",
        "one.rank",
        "one.score.points",
        "one.score.total",
        "talk.above.rank",
        "talk.above.score.points",
        "talk.below.rank",
        "talk.below.score.points",
        "talk.earned",
        "talk.ranking.standings[-1].rank",
    },
    "hall index.html": {"row.points", "row.rank"},
}
OF_NO_MEMBER = {
    "board.html": {"bin.high", "bin.low", "one.points"},
    "branch.html": {"board.mean"},
    "branches.html": {"card.average.points", "mean"},
    "charts.html": {"bin.high", "bin.low"},
    "grounds.html": {"mean.points"},
    "member.html": {"cycle.ahead", "cycle.left", "group.ahead", "one.ahead", "one.cap", "one.left"},
    "rules.html": {
        "appraisal.points",
        "appraisal.review",
        "how.step",
        "item.points",
        "level.points",
        "most",
        "one.above",
        "one.at_least",
        "rulebook.floor",
        "rulebook.item[item.absent].points",
        "rulebook.item[item.leave].points",
    },
    "talk.html": {"meter.cap", "meter.left"},
}
OPERAND = r"(?:\([^()]*\)|\w+)(?:\.\w+|\[[^\]]*\])*"


def figures_in(template: str) -> set[str]:
    """What a template prints as points or as a rank."""
    printed = set(re.findall(rf"({OPERAND})\|(?:points|plotted_trend)\b", template))
    ranked = re.findall(rf"(?<![\w.])({OPERAND}\.(?:rank|position))\b", template)
    return printed | set(ranked)


def test_every_figure_in_a_template_is_compared():
    for path in sorted((REPOSITORY / "themes").glob("*/templates/*.html")):
        theme = path.parent.parent.name
        name = path.name if theme == "default" else f"{theme} {path.name}"
        expected = READ.get(name, set()) | OF_NO_MEMBER.get(name, set())
        assert figures_in(path.read_text(encoding="utf-8")) == expected, name


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ row.points|points }}{{ row.rank }}", {"row.points", "row.rank"}),
        ("{{ (a.points - b.points)|points }}", {"(a.points - b.points)"}),
        ("{{ row.name }} {{ site.title|upper }}", set()),
    ],
)
def test_the_list_of_figures_finds_what_it_should(template: str, expected: set[str]):
    assert figures_in(template) == expected
