"""The committee's pages with reviews and polls, and what ``jifenbang report`` makes of them."""

import re
import shutil
import subprocess
from datetime import date
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Browser

from generator.build.survey import OrganView
from generator.core.ledgers.anchors import ProgramDigests
from generator.core.model.settings import Audience
from generator.render.export import outcome_tables, pdf, xlsx
from generator.render.html.templates import get_renderer
from generator.render.site import page_renderer, pages
from generator.render.site.page_renderer import LinkResolver
from tests.browser.pages import opened
from tests.site_pages import text_of, tree
from tests.site_project import SiteProject, branch_pages, members, organ_edition, survey

TODAY = date(2026, 10, 20)
PROOF = "evidence: {sign-in: 签到表, photo: 照片, document: 决定}"
LONG = "因未按照要求在规定的时限以前上报学习心得体会并且经两次提醒仍然没有补交" * 3


def crowded(root: Path) -> SiteProject:
    """王五 loses points by every line a month can hold, is last in each quarter and stands for an award."""
    organ = SiteProject(root, members("wang 王五 jia", "li 李四 jia", "zhang 张三 jia", "zhao 赵六 yi", "sun 孙七 yi"))
    kinds = ("general-meeting", "lecture", "activity-day", "life-meeting", "study")
    files = []
    for number in range(1, 10):
        month = f"2026-{number:02}"
        held = [
            f"{{item: {kind}, date: {month}-0{at}, title: {LONG[:60]}, absent: [王五]}}"
            for at, kind in enumerate(kinds, 1)
        ]
        entries = [f"{{member: 王五, item: late-document, date: {month}-1{at}, note: {LONG}}}" for at in range(5)]
        entries += [f"{{member: 李四, item: criticism, date: {month}-20, note: 通报, {PROOF}}}"]
        entries += (
            [f"{{member: 王五, item: suggestion, times: 6, date: {month}-21, note: {LONG}}}"] if number > 6 else []
        )
        files.append(organ.ledger("jia", month, _list("activities", held) + _list("entries", entries)))
        files.append(
            organ.ledger("yi", month, _list("entries", [f"{{member: 孙七, item: absence, date: {month}-05}}"]))
        )
    organ.approve(*files, meeting="2026-10-08", today=TODAY)
    return organ


def _list(key: str, lines: list[str]) -> str:
    return f"{key}:\n" + "".join(f"  - {line}\n" for line in lines)


REVIEWS = "year: 2026\nscores: {王五: 60, 张三: 92.5, 赵六: 88}\n"
VOTES = "award: 优秀共产党员\ndate: 2026-10-09\nelectorate: 5\nvotes: {王五: 5, 张三: 4, 赵六: 4}\n"


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> SiteProject:
    """With reviews of the year and a poll, in which 王五 has most votes."""
    organ = crowded(tmp_path_factory.mktemp("crowded"))
    ballots = [organ.write("ledgers/2026/reviews.yaml", REVIEWS), organ.write("ledgers/2026/votes/a.yaml", VOTES)]
    organ.approve(*ballots, meeting="2026-10-12", today=TODAY)
    return organ


@pytest.fixture(scope="module")
def view(full: SiteProject) -> OrganView:
    return survey(full.root, TODAY)


def site(view: OrganView, audiences: frozenset[Audience]) -> dict[str, bytes]:
    """All files for these readers, drawn from everything there is."""
    edition, theme = organ_edition(view), view.organ.inputs.theme
    every = [*((edition, spec) for spec in pages.list_organ_pages(edition, audiences)), *branch_pages(view)]
    listed = {spec.path: (made, spec.build_page()) for made, spec in every if spec.audience in audiences}
    built_by = ProgramDigests("0", "", {}, {})
    others, fill = pages.render_other_files(edition, audiences, theme, built_by, {}), get_renderer(theme)
    links = LinkResolver(edition.settings, listed.keys() | others.keys(), {})
    return {
        **others,
        **{path: page_renderer.render_page(made, page, fill, links) for path, (made, page) in listed.items()},
    }


@pytest.fixture(scope="module")
def folder(view: OrganView, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Their pages as files."""
    root = tmp_path_factory.mktemp("site")
    for path, raw in site(view, frozenset(Audience)).items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(raw)
    return root


def rows(site: Path, page: str, table: str) -> list[list[str]]:
    """The cells of the tables of a class, row by row."""
    found = [one for one in tree(site / page).iter() if table in (one.get("class") or "").split()]
    lines = [row for one in found for row in one.iter() if row.tag.endswith("}tr")]
    return [[re.sub(r"\s+", " ", "".join(cell.itertext())).strip() for cell in row] for row in lines]


# --- what the pages say ----------------------------------------------------------------------------------------------


def test_polls_stand_beside_the_ranking_and_say_who_is_barred_and_that_nobody_is_chosen(folder: Path):
    for page in ("committee/2026.html", "committee/2026-awards.html"):
        because = "不得列为表彰对象：五5（2026年第一季度、2026年第二季度、2026年上半年、2026年第三季度）"
        assert rows(folder, page, "polls")[1:] == [
            ["1", "王五", "jia支部", "5", "5", "−60", because],
            ["2", "张三", "jia支部", "4", "1", "36", ""],
            ["3", "赵六", "yi支部", "4", "3", "0", ""],
        ]
        assert "本表只作对照，不作决定" in (folder / page).read_text(encoding="utf-8")


def test_composites_tell_how_they_came_about(folder: Path):
    assert [row[:6] for row in rows(folder, "committee/2026.html", "composites")[1:]] == [
        ["1", "张三", "jia支部", "63.45", "0.7 × 51 + 0.3 × 92.5", ""],
        ["2", "赵六", "yi支部", "26.4", "0.7 × 0 + 0.3 × 88", ""],
        ["3", "王五", "jia支部", "−38", "0.7 × −80 + 0.3 × 60", ""],
    ]


def test_no_other_edition_has_a_page_or_a_word_of_the_committees(view: OrganView):
    for audience in (Audience.ORGAN, Audience.BRANCH, Audience.MEMBER):
        files = site(view, frozenset({audience}))
        assert [path for path in files if path.startswith("committee/")] == []
        for path, raw in files.items():
            if path.endswith(".html") and not path.startswith("rules"):
                for word in ("最后一名", "不得列为", "谈话", "结果运用", "总览", "committee/"):
                    assert word not in raw.decode(), (path, word)


@pytest.mark.needs("chromium")
@pytest.mark.parametrize("width", [320, 360, 1280])
def test_no_full_page_runs_out_of_the_window(chromium: Browser, folder: Path, width: int):
    page = opened(chromium, width)
    for path in sorted((folder / "committee").rglob("*.html")):
        if "ledgers" not in path.parts:
            page.goto(path.as_uri())
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


# --- on paper --------------------------------------------------------------------------------------------------------


def sheets(raw: bytes, folder: Path) -> list[str]:
    """The text of each sheet of a PDF."""
    file = folder / "printed.pdf"
    file.write_bytes(raw)
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    return [re.sub(r"\s", "", sheet) for sheet in text.split("\f")[:-1]]


@pytest.mark.needs("chromium")
@pytest.mark.needs("pdftotext")
def test_the_fullest_talk_sheet_is_one_page_with_room_to_write(view: OrganView, tmp_path: Path):
    made, spec = next(one for one in branch_pages(view) if one[1].path == "committee/talks/wang.html")
    raw = pdf.html_to_pdf(
        page_renderer.render_standalone(made, spec.build_page(), view.organ.inputs.theme).encode(), None
    )
    assert isinstance(raw, bytes)
    (text,) = sheets(raw, tmp_path)
    for word in (
        "王五",
        "第3名",
        "最后一名",
        "另有19条没有列出",
        "不评优秀",
        "谈话记录",
        "谈话人",
        "党员本人",
        "第1页共1页",
    ):
        assert word in text


# --- reports ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("words", [("quarter", "2026-Q1", "--branch", "jia"), ("year", "2026"), ("awards", "2026")])
def test_a_report_is_one_file_that_asks_for_nothing(full: SiteProject, tmp_path: Path, words: tuple[str, ...]):
    file = tmp_path / "a.html"
    done = full.run("report", *words, "--output", file, today=TODAY)
    assert done.exit_code == 0, done.output
    assert "只供机关党委使用" in done.stdout
    assert str(file) in done.stdout
    text = file.read_text(encoding="utf-8")
    tree(file)
    assert re.findall(r"\s(?:href|src)=|<script|url\(|@import", text.replace('href="#main"', "")) == []
    assert "default-src 'none'" in text


def test_a_quarters_report_without_a_branch_holds_every_branch(full: SiteProject, tmp_path: Path):
    file = tmp_path / "a.html"
    assert full.run("report", "quarter", "2026-Q3", "--output", file, today=TODAY).exit_code == 0
    text = "".join(tree(file).itertext())
    assert [text.count(f"示例机关{branch}支部　2026年第三季度备案材料") for branch in ("jia", "yi")] == [1, 1]
    assert text.count("党员积分台账") == 6


@pytest.mark.needs("chromium")
@pytest.mark.needs("pdftotext")
def test_a_report_as_pdf_has_chinese_text_embedded_fonts_and_numbered_pages(full: SiteProject, tmp_path: Path):
    file = tmp_path / "a.pdf"
    words = ("report", "quarter", "2026-Q2", "--branch", "jia", "--format", "pdf", "--output", file)
    done = full.run(*words, today=TODAY)
    assert done.exit_code == 0, done.output
    found = sheets(file.read_bytes(), tmp_path)
    assert "2026年第二季度备案材料" in found[0]
    assert [f"第{number}页共{len(found)}页" in sheet for number, sheet in enumerate(found, 1)] == [True] * len(found)
    fonts = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True).stdout.splitlines()[2:]
    assert fonts
    assert [line for line in fonts if line.split()[-5] != "yes"] == []


def test_a_report_as_workbook_has_figures_that_are_figures(full: SiteProject, tmp_path: Path):
    file = tmp_path / "a.xlsx"
    words = ("report", "quarter", "2026-Q1", "--branch", "jia", "--format", "xlsx", "--output", file)
    assert full.run(*words, today=TODAY).exit_code == 0
    book = load_workbook(file)
    assert [sheet.title for sheet in book.worksheets] == [
        "1 jia支部2026年第一季度积分榜",
        "2 jia支部支委会审核",
        "3 jia支部佐证",
        "4 jia支部2026年1月台账",
        "5 jia支部2026年2月台账",
        "6 jia支部2026年3月台账",
    ]
    board = book.worksheets[0]
    assert [cell.value for cell in board[3]][:6] == [1, "zhang", "张三", "jia支部", 21, 21]
    assert [cell.data_type for cell in board[3]][:6] == ["n", "s", "s", "s", "n", "n"]
    for sheet in book.worksheets:
        assert (sheet.freeze_panes, sheet.print_title_rows) == ("A3", "$1:$2")
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert [cell for row in sheet.iter_rows() for cell in row if cell.data_type == "f"] == []


@pytest.mark.needs("soffice")
@pytest.mark.needs("pdftotext")
def test_libreoffice_opens_the_workbooks_and_prints_them(view: OrganView, tmp_path: Path):
    year = view.organ.decisions.years[2026]
    file = tmp_path / "a.xlsx"
    file.write_bytes(xlsx.tables_to_xlsx(outcome_tables.outcome_tables(year, view.organ.roster.branch_by_id)))
    home = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", tmp_path, file]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    text = "".join(sheets((tmp_path / "a.pdf").read_bytes(), tmp_path))
    for word in ("2026年度结果运用", "不评优秀", "优秀共产党员", "0.7×", "第1页，共"):
        assert word in text


def test_without_a_browser_a_report_says_what_to_do(full: SiteProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(pdf, "_APPLICATIONS", ())
    file = tmp_path / "a.pdf"
    done = full.run("report", "awards", "2026", "--format", "pdf", "--output", file, today=TODAY)
    assert (done.exit_code, file.exists()) == (1, False)
    assert "〔report.no-browser〕" in done.stderr
    assert "--browser" in done.stderr


def test_a_browser_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(pdf, "_SECONDS", 1)
    browser = tmp_path / "browser"
    browser.write_text("#!/bin/sh\nexec sleep 60\n", encoding="utf-8")
    browser.chmod(0o755)
    problem = pdf.html_to_pdf(b"<p>", browser)
    assert not isinstance(problem, bytes)
    assert (problem.code, "1 秒没有结束" in problem.message) == ("report.browser-failed", True)


@pytest.mark.parametrize(
    "words",
    [
        ("quarter", "2026"),
        ("year", "2026-Q1"),
        ("year", "2026", "--branch", "jia"),
        ("quarter", "2027-Q1"),
        ("quarter", "2026-Q1", "--branch", "bing"),
        ("year", "2026", "--output", "ledgers/2026/a.html"),
        ("year", "2026", "--output", "keep.txt"),
        ("year", "2026", "--output", "nowhere/a.html"),
    ],
)
def test_wrong_usage_writes_nothing(
    full: SiteProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
):
    root = tmp_path / "project"
    shutil.copytree(full.root, root)
    (root / "keep.txt").write_text("三个月的心血", encoding="utf-8")
    monkeypatch.chdir(root)
    before = text_of(root)
    done = SiteProject.at(root).run("report", *words, today=TODAY)
    assert (done.exit_code, text_of(root)) == (2, before), done.output


def test_a_report_is_named_after_what_it_holds(full: SiteProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for words in (
        ("quarter", "2026-Q1", "--branch", "jia"),
        ("quarter", "2026-Q1"),
        ("year", "2026"),
        ("awards", "2026"),
    ):
        assert full.run("report", *words, "--format", "xlsx", today=TODAY).exit_code == 0
    names = ["2026-Q1-jia.xlsx", "2026-Q1.xlsx", "2026-awards.xlsx", "2026-results.xlsx"]
    assert sorted(path.name for path in tmp_path.iterdir()) == names
