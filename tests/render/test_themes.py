"""The theme chain: which of several files wins, template by template, asset by asset, macro by macro."""

import hashlib
import json
import re
from pathlib import Path

import pytest

from generator.loader import load
from generator.project import Project
from generator.render.html.templates import Deferred, get_renderer
from generator.render.html.theme import Theme
from tests.site_project import SETTINGS, SiteProject, members, theme_of

PAGE = '{% from "macros.html" import a, span with context %}{{ span(period) }} {{ a("x", "y") }}'
DATA = {"period": "P", "link": lambda _: None, "to": {}, "site": {}, "branches": {}}


def project(root: Path, theme: str, files: dict[str, str]) -> SiteProject:
    """An organ whose settings name a theme, with these files below ``themes/``."""
    organ = SiteProject(root, members("wang 王五 jia"))
    organ.write("content/site.yaml", SETTINGS + f"theme: {theme}\n")
    for path, text in files.items():
        organ.write(f"themes/{path}", text)
    return organ


def chosen(organ: SiteProject) -> Theme:
    return theme_of(organ.root)


def names(organ: SiteProject) -> list[str]:
    return [layer.name for layer in chosen(organ).layers]


def codes(organ: SiteProject) -> list[str]:
    layers, problems = load.load_theme_layers(Project(organ.root), organ.read().settings)
    assert (not layers) == bool(problems)
    return [problem.code for problem in problems]


CHAIN = {
    "third/theme.yaml": "parent: second\n",
    "second/theme.yaml": "parent: first\ntitle: 第二\n",
    "first/templates/one.html": "one of first",
    "first/templates/two.html": "two of first",
    "first/templates/three.html": "three of first",
    "second/templates/two.html": 'two of second, {% include "first/two.html" %}',
    "second/templates/three.html": "three of second",
    "third/templates/three.html": '{% include "first/three.html" %}, {% include "second/three.html" %}',
    "third/templates/four.html": '{% include "second/one.html" %}',
    "first/assets/a.css": "a of first",
    "first/assets/b.css": "b of first",
    "third/assets/b.css": "b of third",
}


def test_a_chain_of_any_length_ends_in_the_default_theme(tmp_path: Path):
    assert names(project(tmp_path, "third", CHAIN)) == ["third", "second", "first", "default"]


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("one.html", "one of first"),
        ("two.html", "two of second, two of first"),
        ("three.html", "three of first, three of second"),
        ("four.html", "one of first"),  # second has none: what it would use is the first's
    ],
)
def test_the_first_folder_that_has_a_template_wins(tmp_path: Path, template: str, text: str):
    assert get_renderer(chosen(project(tmp_path, "third", CHAIN)))(template, {}) == text


def test_the_first_folder_that_has_an_asset_wins(tmp_path: Path):
    assets = chosen(project(tmp_path, "third", CHAIN)).read_assets()
    assert assets["assets/a.css"] == b"a of first"
    assert assets["assets/b.css"] == b"b of third"
    assert "assets/theme.css" in assets


@pytest.mark.parametrize(
    ("macros", "text"),
    [
        ({}, "P0 y"),
        ({"mine": "{% macro span(period) %}mine{% endmacro %}"}, "mine y"),
        ({"ours": "{% macro a(target, text) %}ours{% endmacro %}"}, "P0 ours"),
        ({"mine": "{% macro span(p) %}mine{% endmacro %}", "ours": "{% macro span(p) %}ours{% endmacro %}"}, "mine y"),
        (
            {"mine": "{% macro span(p) %}mine{% endmacro %}", "ours": "{% macro a(t, x) %}ours{% endmacro %}"},
            "mine ours",
        ),
        (
            {"mine": '{% from "ours/macros.html" import span as old %}{% macro span(p) %}[{{ old(p) }}]{% endmacro %}'},
            "[P0] y",
        ),
    ],
)
def test_a_single_macro_is_overridden_and_all_others_stay(tmp_path: Path, macros: dict[str, str], text: str):
    below = "{% macro span(period) %}{{ period }}0{% endmacro %}{% macro a(target, text) %}{{ text }}{% endmacro %}"
    files = {f"{name}/templates/macros.html": macro for name, macro in macros.items()}
    files |= {
        "base/templates/macros.html": below,
        "mine/theme.yaml": "parent: ours\n",
        "ours/theme.yaml": "parent: base\n",
    }
    files |= {"mine/templates/page.html": PAGE, "ours/assets/a.css": ""}
    assert get_renderer(chosen(project(tmp_path, "mine", files)))("page.html", DATA) == text


FRAME = """{% from "default/charts.html" import frame as old %}
{% macro frame(id, title, desc) %}
{% set drawn = caller() %}
<i>{{ title }}</i>{% call old(id, title, desc) %}{{ drawn }}{% endcall %}
{% endmacro %}"""


@pytest.mark.parametrize(
    ("file", "macro", "page", "text"),
    [
        ("macros.html", "{% macro months(list) %}本年{{ list|length }}个月{% endmacro %}", "index.html", "缺本年"),
        (
            "macros.html",
            "{% macro level_order() %}{{ site.title }}之序{% endmacro %}",
            "boards/2026-H1.html",
            "之序先后",
        ),
        (
            "charts.html",
            FRAME,
            "boards/2026-H1.html",
            '</i><svg class="chart"',
        ),
    ],
)
def test_what_other_macros_call_can_be_overridden_too(tmp_path: Path, file: str, macro: str, page: str, text: str):
    organ = project(tmp_path, "mine", {f"mine/templates/{file}": macro})
    organ.approve(organ.ledger("jia", "2026-01"))
    assert organ.run("build").exit_code == 0
    assert text in (tmp_path / "site" / page).read_text(encoding="utf-8")


def test_a_folder_of_the_projects_adds_to_the_shipped_theme_of_that_name(tmp_path: Path):
    organ = project(tmp_path, "default", {"default/templates/rules.html": '{% extends "default/rules.html" %}'})
    assert names(organ) == ["default", "default"]
    assert organ.run("build").exit_code == 0
    assert "积分规则" in (tmp_path / "site/rules.html").read_text(encoding="utf-8")


def test_a_theme_of_assets_alone_is_a_theme(tmp_path: Path):
    organ = project(tmp_path, "mine", {"mine/assets/theme.css": "body { margin: 0 }"})
    assert organ.run("build").exit_code == 0
    assert (tmp_path / "site/assets/theme.css").read_text(encoding="utf-8") == "body { margin: 0 }"


@pytest.mark.parametrize(
    ("files", "code"),
    [
        ({"mine/theme.yaml": "parent: mine\n"}, "theme.cycle"),
        ({"mine/theme.yaml": "parent: ours\n", "ours/theme.yaml": "parent: mine\n"}, "theme.cycle"),
        ({"default/theme.yaml": "parent: ours\n", "default/assets/a.css": ""}, "theme.cycle"),
        ({"mine/theme.yaml": "parent: nobody\n"}, "theme.unknown-parent"),
        ({"mine/theme.yaml": "parent: ../mine\n"}, "theme.unknown-parent"),
        ({"mine/theme.yaml": "parent: [a, b]\n"}, "field.wrong-type"),
        ({"mine/theme.yaml": "father: ours\n"}, "field.unknown-key"),
        ({"mine/theme.yaml": "parent: {\n"}, "yaml.syntax"),
        ({"mine/theme.yaml": ""}, "yaml.empty"),
    ],
)
def test_what_is_wrong_with_a_chain_is_told_and_nothing_is_built(tmp_path: Path, files: dict[str, str], code: str):
    organ = project(tmp_path, "mine", {"mine/assets/a.css": "", "ours/assets/a.css": "", **files})
    assert codes(organ) == [code]
    checked, built = organ.run("check"), organ.run("build")
    assert (checked.exit_code, built.exit_code) == (1, 1)
    assert f"〔{code}〕" in checked.stderr
    assert f"〔{code}〕" in built.stderr
    assert not (tmp_path / "site").exists()


def test_a_faulty_theme_that_is_not_used_stops_nothing(tmp_path: Path):
    faulty = {
        "mine/assets/a.css": "",
        "mine/theme.yaml": "parent: nobody\n",
        "mine/templates/index.html": "{% if %}",
        "ours/theme.yaml": "parent: {\n",
    }
    organs = [project(tmp_path / name, "default", files) for name, files in (("with", faulty), ("without", {}))]
    made = []
    for organ in organs:
        assert codes(organ) == []
        for command in ("check", "build"):
            done = organ.run(command)
            assert (done.exit_code, "theme." in done.stderr) == (0, False), done.output
        site = organ.root / "site"
        made.append({path.relative_to(site): path.read_bytes() for path in site.rglob("*") if path.is_file()})
    assert made[0] == made[1]
    assert Path("index.html") in made[0]


def test_a_theme_may_be_a_link_but_not_its_file(tmp_path: Path):
    organ = project(tmp_path / "site", "mine", {})
    shared = tmp_path / "shared"
    (shared / "assets").mkdir(parents=True)
    (organ.root / "themes").mkdir()
    (organ.root / "themes/mine").symlink_to(shared)
    assert codes(organ) == []
    (tmp_path / "elsewhere.yaml").write_text("parent: default\n", encoding="utf-8")
    (shared / "theme.yaml").symlink_to(tmp_path / "elsewhere.yaml")
    assert codes(organ) == ["file.outside"]


def test_an_override_that_appears_while_a_preview_runs_is_seen(tmp_path: Path):
    organ = project(tmp_path, "mine", {"mine/assets/a.css": "", "ours/templates/x.html": "ours"})
    organ.write("themes/mine/theme.yaml", "parent: ours\n")
    found = chosen(organ)
    assert get_renderer(found)("x.html", {}) == "ours"
    added = organ.write("themes/mine/templates/x.html", "mine")
    assert get_renderer(found)("x.html", {}) == "mine"
    added.unlink()
    assert get_renderer(found)("x.html", {}) == "ours"


def test_an_asset_has_another_address_once_it_is_another(tmp_path: Path):
    head = (
        '{% extends "default/base.html" %}{% block head %}<i id="{{ link(\'assets/名 1.css#a\') }}"></i>{% endblock %}'
    )
    organ = project(tmp_path, "mine", {"mine/assets/名 1.css": "one", "mine/templates/base.html": head})
    for text in ("one", "another"):
        organ.write("themes/mine/assets/名 1.css", text)
        assert organ.run("build").exit_code == 0
        version = hashlib.sha256(text.encode()).hexdigest()[:8]
        page = (tmp_path / "site/branches/jia/index.html").read_text(encoding="utf-8")
        assert f'id="../../assets/%E5%90%8D%201.css?v={version}#a"' in page
        assert re.search(r'href="../../assets/theme.css\?v=[0-9a-f]{8}"', page)
    before = {path: path.read_bytes() for path in (tmp_path / "site").rglob("*.html")}
    assert organ.run("build", "--no-cache").exit_code == 0
    assert {path: path.read_bytes() for path in (tmp_path / "site").rglob("*.html")} == before
    assert organ.run("verify").exit_code == 0


GREEN = 'colours:\n  light: {red: "#0B5A4A"}\n  dark: {red: "#7fd6bf"}\n  print: {bar: "#000"}\n'


def read_colours(css: str) -> dict[str, dict[str, str]]:
    """The custom properties that the build added to a style sheet, by medium."""
    queries = {
        ":root": "light",
        "@media screen and (prefers-color-scheme: dark) { :root:not(.light)": "dark",
        "@media screen { :root.dark": "dark",
        "@media print { :root": "print",
    }
    _, mark, generated = css.partition("/* theme.yaml */\n")
    found = re.findall(r"^(.*?:root[^ ]*) \{ (.*?) \}", generated, re.MULTILINE) if mark else []
    assert [queries[query] for query, _ in found] in (
        [],
        ["light", "dark", "dark", "print"],
    )  # what comes later decides
    assert len({colours for query, colours in found if queries[query] == "dark"}) <= 1
    return {queries[query]: dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", colours)) for query, colours in found}


def test_colours_of_a_theme_go_into_the_style_sheet_medium_by_medium(tmp_path: Path):
    usual = read_colours(chosen(project(tmp_path / "a", "default", {})).read_assets()["assets/theme.css"].decode())
    files = {"mine/theme.yaml": "parent: ours\n" + GREEN, "mine/assets/mine.css": ""}
    files |= {"ours/theme.yaml": 'colours: {light: {red: "#123456", link: "#123457"}}\n', "ours/assets/a.css": ""}
    organ = project(tmp_path / "b", "mine", files)
    assert organ.run("build").exit_code == 0
    colours = read_colours((organ.root / "site/assets/theme.css").read_text(encoding="utf-8"))
    assert colours == {
        "light": {**usual["light"], "red": "#0b5a4a", "link": "#123457"},
        "dark": {**usual["dark"], "red": "#7fd6bf"},
        "print": {**usual["print"], "bar": "#000000"},
    }
    assert len(usual["light"]) == len(usual["dark"]) == len(usual["print"]) == 11


def test_a_style_sheet_of_ones_own_gets_colours_only_from_a_theme_that_gives_some(tmp_path: Path):
    own = {"mine/assets/theme.css": "body { margin: 0 }\n"}
    plain = chosen(project(tmp_path / "plain", "mine", own)).read_assets()["assets/theme.css"]
    assert plain == b"body { margin: 0 }\n"
    above = {**own, "top/theme.yaml": "parent: mine\n" + GREEN, "top/assets/a.css": ""}
    coloured = chosen(project(tmp_path / "top", "top", above)).read_assets()["assets/theme.css"]
    assert coloured.startswith(plain)
    assert read_colours(coloured.decode())["light"]["red"] == "#0b5a4a"


def test_a_folder_of_the_projects_may_colour_a_shipped_theme_of_its_name(tmp_path: Path):
    files = {"hall/assets/a.css": "", "hall/theme.yaml": 'colours: {dark: {red: "#7fd6bf"}}\n'}
    colours = read_colours(chosen(project(tmp_path, "hall", files)).read_assets()["assets/theme.css"].decode())
    assert (colours["light"]["red"], colours["dark"]["red"]) == ("#a8201a", "#7fd6bf")


def test_the_build_anew_and_the_record_of_the_program_know_a_themes_colours(tmp_path: Path):
    organ, recorded = project(tmp_path, "mine", {"mine/assets/a.css": ""}), []
    for yaml in (GREEN, GREEN.replace("7fd6bf", "7fd6c0")):
        organ.write("themes/mine/theme.yaml", yaml)
        assert organ.run("build").exit_code == 0
        assert organ.run("verify").exit_code == 0
        assets = json.loads((tmp_path / "site/audit.json").read_bytes())["assets"]
        recorded.append((assets["themes/mine/theme.yaml"], assets["shipped/default/theme.yaml"]))
    assert recorded[0][0] != recorded[1][0]
    assert recorded[0][1] == recorded[1][1]


CARDS = """{% extends "article.html" %}
{% block kind %}cards{% endblock %}
{% block main %}
<h1>{{ article.title }}</h1>
{{ markdown(article.text) }}
<ul>{% for branch in branches.values() %}<li>{{ branch.name }}</li>{% endfor %}</ul>
{% endblock %}
"""


@pytest.mark.parametrize(
    ("template", "reads"),
    [
        ("{{ articles|join }}", True),
        ("{% set listed = articles %}{% for one in listed %}{{ one }}{% endfor %}", True),
        ("{% for one in 'x' %}{{ articles[0] }}{{ articles[1] }}{% endfor %}", True),
        ('{% include "part.html" %}', True),
        ('{% from "part.html" import listed with context %}{{ listed() }}', True),
        ("{% block main %}{{ articles|join }}{% endblock %}", True),
        ("{{ 'ab' if articles is defined else '' }}", True),
        ("{{ articles|join }}{% autoescape false %}{% endautoescape %}", True),  # by Jinja's own code
        ("ab", False),
        ('{% include "part.html" without context %}ab', False),
        ("{% macro never() %}{{ others }}{% endmacro %}ab", False),
    ],
)
def test_it_is_known_whether_a_page_reads_a_value(tmp_path: Path, template: str, reads: bool):  # noqa: FBT001
    macro = "{% macro listed() %}{{ articles|join }}{% endmacro %}"
    part = macro + "{% if articles is defined %}{{ articles|join }}{% endif %}"
    files = {
        "ours/theme.yaml": "parent: default\n",
        "ours/templates/page.html": template,
        "ours/templates/part.html": part,
    }
    count: list[str] = []

    def read() -> list[str]:
        count.append("read")
        return ["a", "b"]

    text = get_renderer(chosen(project(tmp_path, "ours", files)))("page.html", {"articles": Deferred(read)})
    assert (text, bool(count)) == ("ab", reads)


def test_an_article_may_have_a_template_of_the_theme(tmp_path: Path):
    organ = project(tmp_path, "mine", {"mine/theme.yaml": "parent: ours\n", "mine/assets/a.css": ""})
    organ.write("themes/ours/templates/cards.html", CARDS)
    organ.write("content/pages/all.md", "---\ntitle: 各支部\ntemplate: cards.html\n---\n**说明**")
    organ.write("content/notices/all.md", "---\ntitle: 名单\ndate: 2027-01-01\ntemplate: cards.html\n---\n正文")
    organ.write("content/pages/usual.md", "---\ntitle: 照旧\n---\n正文")
    assert organ.run("build").exit_code == 0
    for path, text in (("pages/all", "<strong>说明</strong>"), ("notices/all", "正文")):
        page = (tmp_path / f"site/{path}.html").read_text(encoding="utf-8")
        assert '<body class="cards">' in page
        assert text in page
        assert "<li>jia支部</li><li>yi支部</li>" in page
    assert '<article class="prose">' in (tmp_path / "site/pages/usual.html").read_text(encoding="utf-8")
    assert organ.run("verify").exit_code == 0
    organ.write("themes/ours/templates/cards.html", CARDS.replace("article.title", "members"))
    done = organ.run("build")
    assert (done.exit_code, "themes/ours/templates/cards.html:4" in done.stderr) == (1, True), done.stderr


@pytest.mark.parametrize("name", ["card.html", "cards", "../templates/cards.html", "mine/cards.html", "board.html"])
def test_a_template_of_an_article_is_one_of_the_themes_own(tmp_path: Path, name: str):
    organ = project(tmp_path, "mine", {"mine/templates/cards.html": CARDS})
    organ.write("content/pages/all.md", f"---\ntitle: 各支部\ntemplate: {name}\n---\n正文")
    checked, built = organ.run("check"), organ.run("build")
    assert (checked.exit_code, built.exit_code) == (1, 1)
    for done in (checked, built):
        assert "content/pages/all.md:3:11: 错误：" in done.stderr
        assert "cards.html" in done.stderr.partition("〔content.unknown-template〕")[0]
    assert not (tmp_path / "site").exists()
