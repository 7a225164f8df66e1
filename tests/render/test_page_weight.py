"""How much a reader has to load: an old machine at the end of a slow line should not wait."""

import gzip
import random
import re
from datetime import date
from decimal import Decimal
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from msgspec.structs import replace

from generator.build.survey import OrganView
from generator.core.basics.periods import Period, PeriodKind, months_of
from generator.core.basics.periods import get_period as stretch
from generator.core.model.roster import Branch, Roster
from generator.core.model.settings import Audience
from generator.core.model.tally import Ranking
from generator.core.page_data.audit import Audit, RedactedFiling
from generator.core.page_data.boards import Board, BoardRow, BranchAverage, Movement, MovementKind
from generator.core.scoring.approval_sources import ApprovalSource
from generator.render.html.templates import get_renderer
from generator.render.html.theme import Theme
from generator.render.site import page_renderer, pages
from generator.render.site.edition import Edition, Page
from generator.render.site.page_renderer import LinkResolver
from generator.render.site.routes import branch_path, member_path
from tests.browser.pages import KINDS
from tests.conftest import PROVE, SAMPLE_DAY
from tests.site_pages import HTML, tree
from tests.site_project import REPOSITORY, organ_edition, period, survey

KB = 1000


def assets(page: Path) -> set[Path]:
    """The files that a page loads by itself."""
    found = {
        element.get("href" if element.tag == HTML + "link" else "src")
        for element in tree(page).iter()
        if element.tag in {HTML + tag for tag in ("link", "script", "img", "iframe", "source")}
    }
    return {(page.parent / unquote(urlsplit(link).path)).resolve() for link in found if link}


def weight(files: set[Path], ending: str = "") -> int:
    return sum(file.stat().st_size for file in files if file.name.endswith(ending))


def test_the_home_page_with_all_that_it_loads_is_under_60_kb(whole_site: Path):
    home = whole_site / "index.html"
    loaded = {file for file in assets(home) if file.name != "search.js"}
    assert 10 * KB < weight({home, *loaded}) < 60 * KB


def test_a_members_page_of_a_full_year_is_under_60_kb(whole_site: Path):
    weights = {page.name: page.stat().st_size for page in whole_site.glob("members/*.html")}
    assert len(weights) > 30
    assert {name: size for name, size in weights.items() if size >= 60 * KB} == {}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not KINDS[kind].startswith("committee/")])
def test_styles_are_under_30_kb_and_scripts_under_15_kb(whole_site: Path, kind: str):
    page = whole_site / KINDS[kind]
    loaded = assets(min(page.glob("*.html")) if page.is_dir() else page)
    assert 0 < weight(loaded, ".css") < 30 * KB
    assert weight({file for file in loaded if file.name != "search.js"}, ".js") < 15 * KB


@pytest.mark.parametrize("kind", KINDS)
def test_no_page_needs_a_picture_to_be_read(whole_site: Path, kind: str):
    page = whole_site / KINDS[kind]
    page = min(page.glob("*.html")) if page.is_dir() else page
    assert {file.name for file in assets(page) if file.suffix not in {".css", ".js"}} <= {"icon.svg", "feed.xml"}
    assert [element for element in tree(page).iter(HTML + "img") if not element.get("alt")] == []


# --- as it is sent, in an organ of twenty thousand -------------------------------------------------------------------

VAST, PER_BRANCH = 1000, 20
YEAR = [stretch(PeriodKind.MONTH, 2026, number) for number in range(1, 13)]
chance = random.Random(20000)  # what no compressor can foresee


def word(length: int) -> str:
    return "".join(chr(0x4E00 + chance.randrange(3000)) for _ in range(length))


def seal() -> str:
    return f"sha256:{chance.getrandbits(256):064x}"


def named(count: int) -> dict[str, Branch]:
    found = (f"{chance.getrandbits(32):08x}" for _ in range(count))
    return {ident: Branch(ident, f"{word(6)}党支部") for ident in found}


def roster_of(branches: dict[str, Branch]) -> Roster:
    return Roster(tuple(branches.values()), ())


def acts(branches: dict[str, Branch], over: list[Period]) -> tuple[ApprovalSource, ...]:
    return tuple(
        ApprovalSource(branch, month, date(2026, 12, 1 + chance.randrange(28)), seal(), seal(), 0)
        for month in over
        for branch in branches
    )


def points() -> Decimal:
    return Decimal(chance.randrange(1000, 9999)) / 100


def rows(branches: dict[str, Branch]) -> tuple[BoardRow, ...]:
    everybody = [branch for branch in branches for _ in range(PER_BRANCH)]
    chance.shuffle(everybody)
    moved = [
        Movement(MovementKind.UP if chance.random() < 0.5 else MovementKind.DOWN, chance.randrange(1, 9000))
        for _ in everybody
    ]
    return tuple(
        BoardRow(
            n,
            word(3),
            f"{chance.getrandbits(40):010x}",
            branch,
            points(),
            points(),
            moved[n - 1],
            points(),
            partial=False,
            order=n,
            seat=1,
            number=n,
        )
        for n, branch in enumerate(everybody, 1)
    )


def grown(board: Board, branches: dict[str, Branch]) -> Board:
    """The same board of a vast organ, of which half the branches lack a month, each of them another."""
    lacking = [branch for branch in branches if chance.random() < 0.5]
    held = list(months_of(board.period))
    return replace(
        board,
        rows=rows(branches),
        missing=tuple((branch, chance.choice(held)) for branch in lacking),
        averages=tuple(BranchAverage(branch, points(), PER_BRANCH) for branch in branches),
        sources=acts(branches, held),
        heads={branch: seal() for branch in branches},
    )


def recorded(audit: Audit, branches: dict[str, Branch], over: list[Period]) -> Audit:
    quarters = [stretch(PeriodKind.QUARTER, month.year, month.number // 3) for month in over if month.number % 3 == 0]
    filings = [RedactedFiling(branch, one, date(2026, 7, 1), seal(), ()) for one in quarters for branch in branches]
    heads = {branch: seal() for branch in branches}
    return replace(audit, approvals=acts(branches, over), filings=tuple(filings), withdrawals=(), heads=heads)


@pytest.fixture(scope="module")
def view() -> OrganView:
    return survey(REPOSITORY, date.fromisoformat(SAMPLE_DAY))


def showing(edition: Edition, board: Board | None, **others: object) -> Edition:
    """An edition with no board but this one, and with other values of some fields."""
    ranked = {} if board is None else {(board.period, board.branch): _long(edition, board)}
    ground = replace(edition.site_data, rankings=ranked, revisions={})
    made = replace(edition, site_data=ground, **others)
    made.__dict__["boards"] = () if board is None else (board,)
    return made


def _long(edition: Edition, board: Board) -> Ranking:
    """A ranking as long as a board, of which nothing but its length counts."""
    ranking = edition.site_data.rankings[board.period, board.branch]
    return replace(ranking, standings=ranking.standings[:1] * len(board.rows))


@pytest.fixture(scope="module")
def views(view: OrganView) -> dict[str, int]:
    """What is sent for each page that a reader opens first, by its path."""
    branches, edition, theme = named(VAST), organ_edition(view), view.organ.inputs.theme
    board = grown(edition.board_by_key[period("2026-H1"), None], branches)
    organ = showing(edition, board, roster=roster_of(branches), audit=recorded(edition.audit, branches, YEAR))
    one = replace(view.make_branch_edition("first"), roster=roster_of({**edition.branches, **branches}))
    listed = [spec.build_page() for spec in pages.list_organ_pages(organ, frozenset({Audience.ORGAN}))]
    specs = [*pages.list_branch_pages(one, "first"), *pages.list_member_pages(one, view.organ.account_years["first"])]
    own = [spec.build_page() for spec in specs if spec.audience is not Audience.COMMITTEE]
    built = {page.path for page in (*listed, *own)} | theme.read_assets().keys() | {"search/index.js", "audit.json"}
    built |= {member_path(row.member) for row in board.rows if row.member} | set(map(branch_path, branches))
    built |= {f"audit/{branch}.html" for branch in branches}
    # The parts of a long board are alike: the first, the last, and to prove it all in between.
    left_out = set() if PROVE else {f"boards/2026-H1.p{number}.html" for number in range(2, 40)}
    left_out |= {page.path for page in listed if page.path.endswith((".xml", "404.html"))}
    shown = [(organ, page) for page in listed if page.path not in left_out]
    return {page.path: sent(made, page, theme, built) for made, page in (*shown, *((one, page) for page in own))}


def sent(made: Edition, page: Page, theme: Theme, built: set[str]) -> int:
    """The bytes of a page and of all that it loads, each compressed."""
    raw, assets_ = (
        page_renderer.render_page(made, page, get_renderer(theme), LinkResolver(made.settings, built, {})),
        theme.read_assets(),
    )
    loaded = re.findall(r'<(?:script|link)[^>]*"(?:\.\./)*(assets/[^"]+)"', raw.decode())
    assert len(loaded) >= 2
    return sum(len(gzip.compress(one, 9)) for one in (raw, *(assets_[name] for name in loaded)))


@pytest.mark.parametrize(
    "kind",
    [
        "index",
        "branches",
        "audit",
        "boards/2026-H1",
        "boards/2026-H1.branches",
        "boards/2026-H1.p40",
        "branches/first/index",
        "audit/first",
    ],
)
def test_a_first_view_in_an_organ_of_twenty_thousand_is_under_100_kb(views: dict[str, int], kind: str):
    assert 10 * KB < views[f"{kind}.html"] < 100 * KB


@pytest.mark.prove
def test_no_page_of_an_organ_of_twenty_thousand_is_100_kb_as_it_is_sent(views: dict[str, int]):
    assert len([path for path in views if path.startswith("members/")]) > 10
    assert {path: size for path, size in views.items() if size >= 100 * KB} == {}


def test_five_years_of_twenty_branches_are_one_page_under_100_kb(view: OrganView):
    branches, edition, theme = named(20), organ_edition(view), view.organ.inputs.theme
    years = [stretch(PeriodKind.MONTH, year, month.number) for year in range(2026, 2031) for month in YEAR]
    made = showing(edition, None, roster=roster_of(branches), audit=recorded(edition.audit, branches, years))
    page = next(
        one for one in pages.list_organ_pages(made, frozenset({Audience.ORGAN})) if one.path == "audit.html"
    ).build_page()
    raw = page_renderer.render_page(made, page, get_renderer(theme), LinkResolver(made.settings, set(), {}))
    assert raw.count(b"<tr id=") == 20 * 60
    assert sent(made, page, theme, set(theme.read_assets())) < 100 * KB
