"""``verify`` tells of a theme that shows other figures than were computed, or hides what it shows from comparison."""

import json
import re
import shutil
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from generator.build import released_templates, source_digests
from generator.build.checked_rendering import CheckedRendering
from generator.build.messages import RenderedFiles
from generator.build.request import BuildRequest
from generator.core.model.settings import Audience
from generator.render.html.templates import get_renderer
from generator.render.site import page_renderer, pages, ranking_check
from generator.render.site.edition import Edition, PageSpec
from generator.render.site.page_renderer import LinkResolver
from tests.conftest import PROVE, sample_of
from tests.corrections import approved_organ, draft
from tests.site_project import (
    REPOSITORY,
    SETTINGS,
    TODAY,
    SiteProject,
    branch_pages,
    organ_edition,
    survey,
    theme_of,
)

FIGURES, UNMARKED = "theme.figures", "theme.unmarked"
EVERYBODY = "organ,branch,member,committee"
JANUARY = "branches/jia/2026-01.html"
FEBRUARY = "branches/jia/2026-02.html"  # the first with a cycle's total beside the points
NOTICE = "branches/jia/2026-01.c1.html"
PACK = "committee/filings/2026-Q1.jia.html"
POINTS = 'data-points="{{ points }}">{{ points }}</td>'
TOTAL = 'data-total="{{ total }}">{{ total }}</td>'
RANK = 'data-rank="{{ row.rank }}">{{ row.rank }}</td>'
NAME = ' data-name="{{ row.name }}">'
OWN_NAME = "{% set own, mark, aka = row.name.partition('（') %}"
ROWS = "{% for row in rows %}\n{% set url"
TABLE = '<table{% if whole %} id="ranking"'
END = "{% endfor %}\n</tbody>\n</table>\n{% endmacro %}\n\n{# A cell with"
BARE = '><b data-points="{{ points }}">{{ points }}</b></td>'  # the mark on an element inside the cell


class Tampering(NamedTuple):
    """A passage of a template of the default theme, what is in its place, and what ``verify`` says of which page."""

    template: str
    old: str
    new: str
    code: str
    page: str


def board(old: str, new: str, code: str = FIGURES, page: str = JANUARY) -> Tampering:
    return Tampering("macros.html", old, new, code, page)


def home(old: str, new: str, code: str = FIGURES) -> Tampering:
    return Tampering("index.html", old, new, code, "index.html")


def notice(old: str, new: str, code: str = FIGURES) -> Tampering:
    return Tampering("bulletin.html", old, new, code, NOTICE)


def member(old: str, new: str, code: str = FIGURES) -> Tampering:
    return Tampering("member.html", old, new, code, "members/wang.html")


TAMPERINGS = {
    # Figures of boards.
    "a figure behind the points": board(POINTS, POINTS.replace("</td>", "9</td>")),
    "a figure behind points and mark": board(POINTS, POINTS.replace("points }}", "points }}9")),
    "another mark": board(POINTS, POINTS.replace('">', '9">')),
    "a figure written by its number": board(POINTS, POINTS.replace("</td>", "&#57;</td>")),
    "a figure before the points": board(POINTS, POINTS.replace('">', '">1')),
    "a figure in an element of its own": board(POINTS, POINTS.replace("</td>", "<b>9</b></td>")),
    "a figure beside the mark": board(POINTS, BARE.replace("</td>", "9</td>")),
    "a figure beside the mark after a blank": board(POINTS, BARE.replace("</td>", " 9</td>")),
    **{
        f"a figure beside the mark after {nothing}": board(POINTS, BARE.replace("</td>", f"{nothing}9</td>"))
        for nothing in ("<!-- -->", "<script></script>", "</section>", "<wbr/>")
    },
    "a figure in an element before the mark": board(POINTS, f"><i>1</i{BARE}"),
    "a sign before the mark": board(POINTS, f">−{BARE[1:]}"),
    "other figures": board(POINTS, POINTS.replace("{{ points }}", "{{ points|replace('1', '7') }}")),
    "points of one member": board(
        "{% set gap =", "{% set points = '99' if row.name == '王五' else points %}\n{% set gap ="
    ),
    "the cycle's total": board(TOTAL, TOTAL.replace("</td>", "0</td>"), page=FEBRUARY),
    "the cycle's total and its mark": board(TOTAL, TOTAL.replace("total }}", "total }}0"), page=FEBRUARY),
    "the rank": board(RANK, RANK.replace(">{{ row.rank", ">{{ row.rank + 1")),
    "the rank and its mark": board(RANK, RANK.replace("row.rank", "row.rank + 1")),
    "ranks upside down": board(RANK, RANK.replace("row.rank", "loop.length - loop.index0")),
    "another's name": board(OWN_NAME, OWN_NAME.replace("row.name", "rows[loop.index0 - 1].name")),
    "another's name and mark": board("{% set gap =", "{% set row = rows[loop.index0 - 1] %}\n{% set gap ="),
    "a name that goes on": board("{% if row.partial %} <span", "民{% if row.partial %} <span"),
    "a name that goes on in an element": board("{% if row.partial %} <span", "<b>民</b>{% if row.partial %} <span"),
    # Rows of boards.
    "rows upside down": board(ROWS, ROWS.replace("in rows", "in rows|reverse")),
    "a row twice": board(ROWS, ROWS.replace("in rows", "in rows + rows[:1]")),
    "a row left out": board(ROWS, ROWS.replace("in rows", "in rows[1:]"), UNMARKED),
    "the last row left out": board(ROWS, ROWS.replace("in rows", "in rows[:-1]"), UNMARKED),
    "a row invented": board(
        END, f'<tr><td data-rank="9">9</td><td data-name="钱八">钱八</td><td data-points="9">9</td></tr>\n{END}'
    ),
    "a row invented without marks": board(END, f"<tr><td>1</td><td>钱八</td><td>99</td></tr>\n{END}", UNMARKED),
    # Marks that say nothing.
    "no mark of the rank": board(RANK, ">{{ row.rank }}</td>", UNMARKED),
    "no mark of the name": board(NAME, ">", UNMARKED),
    "no mark of the points, and others": board(POINTS, ">{{ points }}9</td>", UNMARKED),
    "no mark in one row": board(RANK, "{% if row.name == '王五' %}>8</td>{% else %}" + RANK + "{% endif %}", UNMARKED),
    "a mark in capitals": board(POINTS, POINTS.replace("data-points", "DATA-POINTS").replace("</td>", "9</td>")),
    "two marks of a kind": board(POINTS, 'data-points="9" ' + POINTS),
    "cells of no table": board(TABLE, f"<textarea></textarea><p>{TABLE}".replace("<table", "<p"), UNMARKED),
    # Marks that readers don't see.
    "hidden rows": board("<tr{% if whole %}", "<tr hidden{% if whole %}", UNMARKED),
    "a hidden table": board(TABLE, TABLE.replace("<table", "<table hidden"), UNMARKED),
    "a hidden table that is never closed": board(TABLE, f"<div hidden><table><tr><td></div>{TABLE}", UNMARKED),
    "points that run backwards": board(POINTS, f'dir="rtl" {POINTS}', UNMARKED),
    "hidden points": board(POINTS, POINTS.replace("{{ points }}</td>", "<i hidden>{{ points }}</i>99</td>"), UNMARKED),
    "a drawing for the points": board(
        POINTS, POINTS.replace("{{ points }}</td>", '<svg viewBox="0 0 9 9"><text>99</text></svg></td>'), UNMARKED
    ),
    "a drawing beside the points": board(
        POINTS, BARE.replace("</td>", '<svg viewBox="0 0 9 9"><text>9</text></svg></td>'), UNMARKED
    ),
    "a comment around the rows": board(ROWS, f"<!--{ROWS}", UNMARKED),
    "a template around the table": board(TABLE, f"<template>{TABLE}", UNMARKED),
    "a text field around the table": board(TABLE, f"<textarea>{TABLE}", UNMARKED),
    "a script around the table": board(TABLE, f'<script type="text/plain">{TABLE}', UNMARKED),
    "marks in an attribute": board(ROWS, f"<tr title='{ROWS}", UNMARKED),
    "an attribute that never ends": board(TABLE, f'<p title="{TABLE}', UNMARKED),
    "a character that turns the direction": board(POINTS, POINTS.replace('">', '">\u202e')),
    "an unseen character before a figure": board(POINTS, BARE.replace("</td>", "&#8203;9</td>")),
    # The home page.
    "another month as the newest": Tampering(
        "branch.html",
        "{{ ranking(newest, newest.rows",
        "{% set _ = page.data.update({'boards': boards|reverse|list}) %}{{ ranking(monthly[-1], monthly[-1].rows",
        FIGURES,
        "branches/jia/index.html",
    ),
    "a home page with two rows": home("newest.rows[:10]", "newest.rows[:2]", UNMARKED),
    "a home page that begins at the second row": home("newest.rows[:10]", "newest.rows[1:]", UNMARKED),
    # Notices of corrections.
    "a figure after a correction": notice("after }}</b>", "after }}9</b>"),
    "a figure before a correction": notice("before }}</span>", "before }}9</span>"),
    "before and after exchanged": notice(
        "{% macro pair(kind, before, after) %}", "{% macro pair(kind, after, before) %}"
    ),
    "a notice without a row": notice("{% for row in rows %}", "{% for row in rows[1:] %}", UNMARKED),
    # Members' pages.
    "points of a month": member("one.points|points }}</span>", "one.points|points }}9</span>"),
    "rank of a month": member(
        '<span data-rank="{{ one.place.rank }}">{{ one.place.rank }}</span>/', '<span data-rank="1">1</span>/'
    ),
    "total of a month": member("one.total|points }}</td><td", "one.total|points }}0</td><td"),
    "rank of a quarter": member("place.rank }}</b>/", "place.rank }}</b>1/"),
    "points of a quarter": member(
        '<td class="n" data-points="{{ place.points|points }}">', '<td class="n" data-points="99">'
    ),
    "figures of another month": member(
        '<tr data-period="{{ one.month }}"><th scope="row">',
        '<tr data-period="{{ months[-1].month }}"><th scope="row">',
    ),
    "the cycle's total of a member": member('<b data-total="{{ cycle.total|points }}">', '<b data-total="99">'),
    "another name": member('">{{ called }}</span>{{ page', '">{{ called }}某</span>{{ page'),
    "a word before the name": member("<h1><span", "<h1>老<span"),
    "no mark of a quarter's rank": member(
        '<b data-rank="{{ place.rank }}">{{ place.rank }}</b>/', "<b>1</b>/", UNMARKED
    ),
    "no periods": member('<tr data-period="{{ one.month }}"><th scope="row">', '<tr><th scope="row">', UNMARKED),
    "no name": member('<span data-name="{{ called }}">', "<span>", UNMARKED),
    # The committee's pages.
    "points of a filing pack": Tampering(
        "pack.html",
        '<td class="n key" data-points="{{ one.score.points|points }}">',
        '<td data-points="99">',
        FIGURES,
        PACK,
    ),
    "a filing pack without ranks": Tampering("pack.html", ' data-rank="{{ one.rank }}"', "", UNMARKED, PACK),
    # A ranking beside, or where none is expected.
    "true rows folded away, and others shown": board(
        TABLE, f"<p>1　王五　99 分</p><details><summary>x</summary>{TABLE}", UNMARKED
    ),
    "a second column of figures": board(POINTS, f"{POINTS}<td>99</td>", UNMARKED),
    "a column that is hidden": board(
        "<thead>", "<colgroup><col><col style='display: none'></colgroup><thead>", UNMARKED
    ),
    "points that go on in words": board(POINTS, BARE.replace("</td>", "点五</td>")),
    "points in thousands": board(POINTS, BARE.replace("</td>", "，<i>000</i></td>")),
    **{
        f"another ranking on {path}": Tampering(template, old, f"{old}{other}", UNMARKED, path)
        for template, old, path in (
            ("base.html", '<footer class="foot">', "index.html"),
            ("base.html", '<nav aria-label="主导航">', "members/wang.html"),
            ("base.html", '<header class="top">', JANUARY),
            ("404.html", "{% block main %}", "404.html"),
            ("audit.html", "{% block main %}", "audit.html"),
            ("notices.html", "{% block main %}", "notices.html"),
            ("branches.html", "{% block main %}", "branches.html"),
            ("article.html", "{% block main %}", "pages/about.html"),
        )
        for other in ("<dl><dt>王五</dt><dd>99</dd></dl>",)
    },
    "a ranking with marks where none is compared": Tampering(
        "boards.html",
        "{% block main %}",
        "{% block main %}{% for row in boards[0].rows %}<b data-name='{{ row.name }}'>{{ row.name }}</b>{% endfor %}",
        UNMARKED,
        "boards.html",
    ),
}


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An organ with a correction, not yet built."""
    organ = approved_organ(tmp_path_factory.mktemp("sources") / "organ")
    restated = "restate: {a2: {item: study, date: 2026-01-08, absent: [王五]}}"
    organ.approve(draft(organ, restated), meeting="2026-04-02")
    organ.write("content/pages/about.md", "---\ntitle: 说明\n---\n赵六在 2026 年获得 3 次表扬。\n")
    return organ.root


@pytest.fixture
def organ(sources: Path, tmp_path: Path) -> SiteProject:
    return SiteProject.at(shutil.copytree(sources, tmp_path / "organ"))


def tamper(organ: SiteProject, template: str, old: str, new: str, theme: str = "default") -> None:
    """Write a template of a theme into the project, with another passage in the place of one."""
    text = (REPOSITORY / f"themes/{theme}/templates/{template}").read_text(encoding="utf-8")
    assert old in text
    organ.write(f"themes/{theme}/templates/{template}", text.replace(old, new))


def find_problems(organ: SiteProject, *words: object) -> dict[str, str]:
    """The messages of ``verify`` by their codes; there is an error among them if it fails."""
    done = organ.run("verify", *words)
    problems = re.findall(r"(错误|提醒)：(.*)〔([a-z.-]+)〕$", done.stderr, re.MULTILINE)
    assert (done.exit_code == 1) is any(severity == "错误" for severity, *_ in problems), done.output
    return {code: "\n".join(message for _, message, other in problems if other == code) for *_, code in problems}


def build(organ: SiteProject) -> None:
    done = organ.run("build", "--audience", EVERYBODY)
    assert done.exit_code == 0, done.output


@pytest.fixture(scope="module")
def specs(sources: Path) -> dict[str, tuple[Edition, PageSpec]]:
    """Every page of the organ by its path, computed once."""
    view = survey(sources)
    organ = organ_edition(view)
    shared = [(organ, spec) for spec in pages.list_organ_pages(organ, frozenset(Audience))]
    return {spec.path: (edition, spec) for edition, spec in (*shared, *branch_pages(view))}


@pytest.mark.prove
@pytest.mark.parametrize("name", sample_of([*TAMPERINGS], 16))
def test_a_page_that_shows_something_else_is_found(
    organ: SiteProject, specs: dict[str, tuple[Edition, PageSpec]], name: str
):
    template, old, new, code, path = TAMPERINGS[name]
    tamper(organ, template, old, new)
    edition, spec = specs[path]
    page, theme = spec.build_page(), theme_of(organ.root)
    request = BuildRequest(organ.root, TODAY, frozenset(Audience), compares_rankings=True)
    rendering = CheckedRendering(request, edition.roster)
    links = LinkResolver(edition.settings, specs.keys(), {})
    rendering.render(page, partial(page_renderer.render_page, edition, page, get_renderer(theme), links))
    check = rendering.add_checks(RenderedFiles({})).rankings
    assert {difference.path for difference in check.differences} == ({path} if code == FIGURES else set())
    assert code == FIGURES or check.incomparable == (path,)


# Of each template and each code one, from the theme to the message; to prove it, all.
VERIFIED = TAMPERINGS if PROVE else {(one.template, one.code): name for name, one in TAMPERINGS.items()}.values()


@pytest.mark.prove
@pytest.mark.parametrize("name", VERIFIED)
def test_a_theme_that_shows_something_else_is_told(organ: SiteProject, name: str):
    template, old, new, code, page = TAMPERINGS[name]
    tamper(organ, template, old, new)
    build(organ)
    problems = find_problems(organ)
    assert code in problems
    assert page in problems[code]
    assert (code == FIGURES) is (FIGURES in problems)


@pytest.fixture
def _pages_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """The program's own templates are read like others."""
    monkeypatch.setattr(released_templates, "are_as_released", lambda _: False)


@pytest.mark.usefixtures("_pages_are_read")
def test_a_theme_that_fulfils_the_contract_is_silent(organ: SiteProject):
    build(organ)
    done = organ.run("verify")
    assert (done.exit_code, done.stderr) == (0, "")
    pages, rows = re.search(
        r"网页上的榜单：(\d+) 个网页，(\d+) 行的名次、姓名、积分，都与计算的相同。", done.stdout
    ).groups()
    assert int(pages) > 25
    assert int(rows) > 60
    assert "年度累计没有核对" not in done.stdout


@pytest.mark.usefixtures("_pages_are_read")
@pytest.mark.parametrize("settings", ["theme: hall\n", "names: masked\n", "theme: hall\nnames: masked\n"])
def test_the_other_theme_and_masked_names_are_silent(organ: SiteProject, settings: str):
    organ.write("content/site.yaml", SETTINGS + settings)
    build(organ)
    done = organ.run("verify")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "年度累计没有核对" not in done.stdout  # in the first half of a year it is the points


@pytest.mark.usefixtures("_pages_are_read")
def test_a_sheet_for_a_talk_is_compared(organ: SiteProject):
    organ.approve(organ.ledger("jia", "2026-03"), organ.ledger("yi", "2026-03"), meeting="2026-04-03")
    build(organ)
    assert [*(organ.root / "site/committee/talks").iterdir()]
    assert find_problems(organ) == {}


@pytest.mark.parametrize(("text", "is_told"), [("{{ points }}</td>", False), ("{{ points }}9</td>", True)])
def test_a_template_changed_where_the_program_is_installed_is_told(
    organ: SiteProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, *, is_told: bool
):
    installed = shutil.copytree(REPOSITORY / "themes", tmp_path / "installed/themes")
    monkeypatch.setattr("generator.project.find_shipped_path", lambda path: tmp_path / "installed" / path)
    template = installed / "default/templates/macros.html"
    before = template.read_text(encoding="utf-8")
    template.write_text(before.replace(POINTS, POINTS.replace("{{ points }}</td>", text)), encoding="utf-8")
    build(organ)
    assert (FIGURES in find_problems(organ)) is is_told


def test_of_the_programs_own_templates_the_marks_are_compared(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    """With another value computed than drawn, as by a fault of the program."""
    build(organ)
    monkeypatch.setattr(ranking_check, "_format_points", lambda points: f"{points + 1:f}")
    assert FIGURES in find_problems(organ)


def test_another_figure_in_a_hall_is_told(organ: SiteProject):
    organ.write("content/site.yaml", SETTINGS + "theme: hall\n")
    organ.write("themes/hall/theme.yaml", "title: 大屏\n")
    tamper(organ, "index.html", "row.points|points }}</td>", "row.points|points }}9</td>", "hall")
    build(organ)
    assert "index.html 的榜单第 1 行" in find_problems(organ)[FIGURES]


def test_a_theme_of_the_projects_own_needs_only_three_marks(organ: SiteProject):
    marks = "<b data-{0}='{{{{ {1} }}}}'>{{{{ {1} }}}}</b>"
    cells = "".join(
        marks.format(*one) for one in (("points", "row.points|points"), ("name", "row.name"), ("rank", "row.rank"))
    )
    rows = f"<ul>{{% for row in part.rows %}}<li>{cells.replace('</b><b', '</b>：<b')}</li>{{% endfor %}}</ul>"
    organ.write("themes/default/templates/board.html", f"<!doctype html><title>x</title><p>1、2、3</p>{rows}")
    build(organ)
    done = organ.run("verify")
    assert (done.exit_code, done.stderr) == (0, "")
    assert re.search(r"其中 [1-9] 个网页没有给年度累计加标记，年度累计没有核对。", done.stdout)


# --- a theme that was changed for one build --------------------------------------------------------------------------


def test_a_theme_that_was_put_back_after_the_build_is_told_by_the_published_pages(organ: SiteProject):
    tamper(organ, "macros.html", POINTS, POINTS.replace("</td>", "9</td>"))
    build(organ)
    (organ.root / "themes/default/templates/macros.html").unlink()
    problems = find_problems(organ)
    assert "themes/default/templates/macros.html 自发布以来改动过" in problems["release.input-changed"]
    assert JANUARY in problems[FIGURES]


@pytest.mark.parametrize("article", ["content/notices/news.md", "content/pages/about.md"])
def test_an_article_that_changed_too_hides_no_theme_that_was_put_back(organ: SiteProject, article: str):
    day = "date: 2026-03-05\n" if "notices" in article else ""
    organ.write(article, f"---\ntitle: 通知\n{day}---\n正文\n")
    tamper(organ, "macros.html", POINTS, POINTS.replace("</td>", "9</td>"))
    build(organ)
    (organ.root / "themes/default/templates/macros.html").unlink()
    path = organ.root / article
    path.write_text(path.read_text(encoding="utf-8").replace("通知", "另一个通知"), encoding="utf-8")
    problems = find_problems(organ)
    assert {"release.input-changed", "release.not-compared", FIGURES} <= problems.keys()
    assert JANUARY in problems[FIGURES]


def test_published_pages_are_compared_with_other_data_as_far_as_that_goes(organ: SiteProject):
    tamper(organ, "macros.html", POINTS, POINTS.replace("</td>", "9</td>"))
    build(organ)
    (organ.root / "themes/default/templates/macros.html").unlink()
    organ.write("content/site.yaml", SETTINGS.replace("积分榜", "积分公示"))
    done = organ.run("verify")
    assert "\n网页上的榜单：" not in done.stdout
    assert re.search(
        r"\n按现有资料重新生成的榜单：.*都与计算的相同。\n公布的榜单：.*其中 \d+ 个网页的不同，见上。", done.stdout
    )
    # The figures may be another's by the settings, or by the theme of then.
    told = [message for message in done.stderr.splitlines() if "榜单与按现有资料计算的不同" in message]
    assert (done.exit_code, len(told), "提醒" in told[0], JANUARY in told[0]) == (0, 1, True, True)
    build(organ)
    assert "\n网页上的榜单：" in organ.run("verify").stdout


def test_with_other_data_the_theme_is_compared_with_these(organ: SiteProject):
    build(organ)
    organ.write("content/site.yaml", SETTINGS.replace("积分榜", "积分公示"))
    assert set(find_problems(organ)) == {"release.input-changed", "release.not-compared"}
    assert "都与按现有资料计算的相同" in organ.run("verify").stdout
    tamper(organ, "macros.html", POINTS, POINTS.replace("</td>", "9</td>"))
    assert JANUARY in find_problems(organ)[FIGURES]


def test_without_a_computation_rankings_are_said_to_be_uncompared(organ: SiteProject):
    tamper(organ, "macros.html", POINTS, POINTS.replace("</td>", "9</td>"))
    build(organ)
    done = organ.run("verify", "--quick")
    assert (done.exit_code, done.stderr) == (0, "")
    assert "网页上的榜单没有核对" in done.stdout


# --- what an anchor tells --------------------------------------------------------------------------------------------


def keep_anchor(organ: SiteProject) -> Path:
    build(organ)
    return Path(shutil.copy(organ.root / "site/audit.json", organ.root.parent / "audit.json"))


def test_the_audit_names_the_program_and_each_template(organ: SiteProject):
    organ.write("themes/default/templates/404.html", "x")
    audit = json.loads(keep_anchor(organ).read_text(encoding="utf-8"))
    assert re.fullmatch("sha256:[0-9a-f]{64}", audit["program"]["digest"])
    shipped = {path.name for path in (REPOSITORY / "themes/default/templates").iterdir()}
    assert audit["templates"].keys() == {
        "themes/default/templates/404.html",
        *(f"shipped/default/templates/{name}" for name in shipped),
    }
    assert audit["templates"]["themes/default/templates/404.html"] == f"sha256:{sha256(b'x').hexdigest()}"
    assert "shipped/default/assets/theme.css" in audit["assets"]


def test_an_anchor_names_what_changed_in_the_theme_since(organ: SiteProject):
    anchor = keep_anchor(organ)
    assert find_problems(organ, "--anchor", anchor) == {}
    organ.write("themes/default/assets/own.css", ".key::after { content: '9' }")
    tamper(organ, "base.html", "{% block head %}", "{% block head %}<link rel=stylesheet href='assets/own.css'>")
    build(organ)
    assert find_problems(organ) == {}  # what a style sheet shows can't be compared
    problems = find_problems(organ, "--anchor", anchor)
    assert set(problems) == {"anchor.theme"}
    assert "themes/default/assets/own.css、themes/default/templates/base.html" in problems["anchor.theme"]


def test_an_anchor_names_another_program(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    anchor = keep_anchor(organ)
    monkeypatch.setattr(source_digests, "digest_package", lambda: "another")
    problems = find_problems(organ, "--quick", "--anchor", anchor)
    assert set(problems) == {"anchor.program"}
    audit = json.loads(anchor.read_text(encoding="utf-8"))
    audit["program"]["version"] = "0.1.9"
    anchor.write_text(json.dumps(audit), encoding="utf-8")
    assert "从 0.1.9 版到" in find_problems(organ, "--quick", "--anchor", anchor)["anchor.program"]


def test_an_anchor_of_an_earlier_version_has_none_of_this_and_serves(organ: SiteProject):
    anchor = keep_anchor(organ)
    audit = json.loads(anchor.read_text(encoding="utf-8"))
    for name in ("program", "templates", "assets"):
        del audit[name]
    anchor.write_text(json.dumps(audit), encoding="utf-8")
    organ.write("themes/default/templates/404.html", "x")
    build(organ)
    done = organ.run("verify", "--anchor", anchor)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "都在，没有变" in done.stdout
    assert "没有程序和主题的摘要" in done.stdout


@pytest.mark.parametrize("program", ['{"version": "1"}', '"1"', "[]", '{"version": 1, "digest": "x"}', "null"])
def test_an_audit_with_a_damaged_program_is_none(organ: SiteProject, program: str):
    anchor = keep_anchor(organ)
    audit = {**json.loads(anchor.read_text(encoding="utf-8")), "program": json.loads(program)}
    anchor.write_text(json.dumps(audit), encoding="utf-8")
    assert "anchor.unreadable" in organ.run("verify", "--anchor", anchor).stderr
