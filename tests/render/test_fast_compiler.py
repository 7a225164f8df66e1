"""Fast code of templates against Jinja's own: the same text and mistakes, and nothing that the sandbox refuses."""

import gc
import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NoReturn

import pytest
from jinja2 import Undefined, filters, pass_context
from jinja2.runtime import Context
from jinja2.runtime import Macro as JinjaMacro
from jinja2.sandbox import SandboxedEnvironment, unsafe
from markupsafe import Markup
from msgspec.structs import replace

from generator.build import profiling
from generator.core.model.settings import Audience
from generator.loader import load
from generator.problems import Problem
from generator.project import Project, ThemeLayer
from generator.render.html import template_bounds
from generator.render.html.fast_compiler import UnsupportedError, is_directly_readable
from generator.render.html.fast_runtime import FastEnvironment
from generator.render.html.templates import Renderer
from generator.render.html.theme import TemplateFaultError, Theme
from generator.render.site import page_renderer, pages, routes
from generator.render.site.edition import Edition, Page
from generator.render.site.page_renderer import LinkResolver
from tests.conftest import SAMPLE_DAY
from tests.hostile_templates import HOSTILE_TEMPLATES
from tests.site_project import REPOSITORY, branch_pages, organ_edition, survey

# --- attributes ------------------------------------------------------------------------------------------------------

ATTRIBUTES = {
    "name": True,
    "items": True,
    "year": True,
    "append": True,
    "_name": False,
    "__class__": False,
    "format": False,
    "format_map": False,
    "mro": False,
    "gi_frame": False,
    "gi_code": False,
    "cr_frame": False,
    "cr_code": False,
    "ag_frame": False,
    "ag_code": False,
    "co_code": False,
    "f_globals": False,
    "f_back": False,
    "tb_frame": False,
    "tb_next": False,
    "class": False,  # Python could not read it
    "import": False,
    "姓名": False,
    "＿＿class＿＿": False,  # Python would read __class__
    "_": False,
    "": False,
}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_which_attributes_are_taken_without_asking(name: str):
    assert is_directly_readable(name) is ATTRIBUTES[name]


def generator() -> Iterator[int]:
    yield 1


async def coroutine() -> None:
    """Wait for nothing."""


def failure() -> BaseException:
    try:
        int("one")
    except ValueError as error:
        return error
    raise AssertionError


waiting = coroutine()
waiting.close()
OBJECTS = [
    "text",
    Markup("text"),
    1,
    {"a": 1},
    [1],
    (1,),
    {1},
    date(2026, 1, 1),
    str,
    dict,
    generator,
    generator(),
    waiting,
    "".join,
    Project(Path()).file_name,
    generator.__code__,
    sys._getframe(),  # noqa: SLF001
    failure().__traceback__,
    failure(),
    types,
]


@pytest.mark.parametrize("obj", OBJECTS, ids=lambda obj: type(obj).__name__)
def test_the_sandbox_gives_what_is_taken_without_asking(obj: object):
    asked = SandboxedEnvironment()
    names = [name for name in dir(obj) if is_directly_readable(name)]
    refused = [name for name in names if isinstance(asked.getattr(obj, name), Undefined)]
    wrapped = [name for name in names if isinstance(getattr(obj, name), types.BuiltinMethodType)]
    assert refused == []
    assert [name for name in wrapped if asked.getattr(obj, name) != getattr(obj, name)] == []


# --- text ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Thing:
    """What templates are given."""

    name: str
    parts: tuple["Thing", ...] = ()


@unsafe
def forbidden() -> str:
    return "forbidden"


@pass_context
def asking(context: Context) -> str:
    return str(context["name"])


DATA: dict[str, object] = {
    "name": '<甲> & "乙"',
    "safe": Markup("<b>甲</b>"),
    "thing": Thing("'丙'", (Thing("一"), Thing("二"), Thing("三"))),
    "word": {"key": "钥匙", "items": "项"},
    "numbers": [3, 1, 2],
    "texts": ["b", "A", "c"],
    "day": date(2026, 4, 2),
    "forbidden": forbidden,
    "asking": asking,
    "plain": lambda *args, **named: f"{args}{named}",
}
BESIDE = {
    "base.html": "[{% block title %}base{% endblock %}|{{ self.title() }}|{% block main %}{% endblock %}]",
    "name.html": "{{ name }}",
    "part.html": "({{ name is defined }}{{ loop is defined }})",
    "macros.html": "{% macro twice(t, times=2) %}{{ t*times }}{% endmacro %}{% macro own() %}{{ name }}{% endmacro %}"
    "{% macro key(a) %}{{ a.key }}{% endmacro %}",
}
LOOP = """
{{- loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}
{{- loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}
{{- loop.previtem if not loop.first }}{{ loop.nextitem if not loop.last }}{{ loop.cycle('a', 'b') -}}
"""
QUICK = dict(
    line.replace("LOOP", LOOP).split(": ", 1)
    for line in (REPOSITORY / "tests/files/quick-templates.txt").read_text(encoding="utf-8").splitlines()
)
SLOW = {  # what fast code does not support
    "item for attribute": "{{ word.key }}",
    "attribute for item": "{{ thing['name'] }}",
    "perhaps an attribute": "{{ thing.nothing is defined }}{{ thing.nothing|default('<') }}",
    "perhaps an item": "{{ word['nothing'] is defined }}{{ numbers[9]|default('<') }}",
    "in a macro": "{% macro m(a) %}{{ a.key }}{% endmacro %}{{ m(word) }}",
    "in a block": "{% extends 'base.html' %}{% block main %}{{ word.key }}{% endblock %}",
    "in an imported macro": "{% from 'macros.html' import key %}{{ key(word) }}",
    "not escaped": "{% autoescape false %}{{ name }}{% endautoescape %}{{ name }}",
    "wants the context": "{% for name in numbers %}{{ asking() }}{% endfor %}",
    "wants the context by a name": "{% for name in numbers %}{{ asking(*[]) }}{% endfor %}",
}
REFUSED = {
    **HOSTILE_TEMPLATES,
    "unsafe": "{{ forbidden() }}",
    "unsafe by a name": "{% set f = forbidden %}{{ f() }}",
    "attribute of a part": "{{ thing.parts.__class__ }}",
    "filtered attribute": "{{ [thing]|map(attribute='__class__')|first }}",
    "item": "{{ thing['__class__'] }}",
    "spelt otherwise": "{{ thing.＿＿class＿＿ }}",
    "type": "{{ dict.mro() }}",
    "frame": "{{ (numbers|map('string')).gi_frame }}",
    "format of an attribute": "{{ '{0.__class__}'.format(thing) }}",
    "format by a filter": "{{ ('{0.__class__}'|attr('format'))(thing) }}",
    "undefined": "{{ nothing }}",
    "undefined part": "{{ nothing.part }}",
    "undefined item": "{{ nothing['part'] }}",
    "undefined call": "{{ nothing() }}",
    "undefined attribute of an item": "{{ [thing]|map(attribute='nothing')|join }}",
    "exhausted": "{% set none_left = []|map('string') %}{{ none_left.send(none) }}",
    "undefined loop": "{% for one in nothing %}{{ loop.first }}{% endfor %}",
    "too many": "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}",
    "too few": "{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}",
}


def themed(root: Path, text: str) -> Renderer:
    folder = root / "templates"
    folder.mkdir()
    for name, beside in {**BESIDE, "index.html": text}.items():
        (folder / name).write_text(beside, encoding="utf-8")
    return Renderer(Theme((ThemeLayer("own", root),)), profiling.count_fallback)


@pytest.mark.parametrize("case", QUICK)
def test_quick_code_gives_the_text_that_jinja_gives(tmp_path: Path, case: str):
    filler = themed(tmp_path, QUICK[case])
    exact = filler.jinja_environment.get_template("index.html").render(DATA)
    assert filler.fast_environment.get_template("index.html").render(DATA) == exact
    assert exact


@pytest.mark.parametrize("case", SLOW)
def test_what_fast_code_does_not_support_is_left_to_jinja(tmp_path: Path, case: str):
    filler = themed(tmp_path, SLOW[case])
    exact = filler.jinja_environment.get_template("index.html").render(DATA)
    before = profiling.fallback_count()
    assert [filler("index.html", DATA), filler("index.html", DATA)] == [exact, exact]
    assert (filler.slow_templates, profiling.fallback_count() - before) == ({"index.html"}, 2)


def mistake(filler: Renderer) -> Problem:
    with pytest.raises(TemplateFaultError) as caught:
        filler("index.html", {**DATA, "link": lambda _: None, "site": {}})
    return caught.value.problem


@pytest.mark.parametrize("case", REFUSED)
def test_fast_code_refuses_all_that_jinja_refuses_in_the_same_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
):
    monkeypatch.setattr(template_bounds, "MAX_STEPS", 20_000)  # the real bound is a second away, twice
    filler = themed(tmp_path, "\n\n" + REFUSED[case])
    fast = mistake(filler)
    filler.slow_templates.add("index.html")
    assert fast == mistake(filler)
    assert (fast.where.file, fast.where.line) == ((tmp_path / "templates/index.html").as_posix(), 3)


CALLING = "{{ plain(name) }}{% macro m(a) %}{{ plain(a) }}{% endmacro %}{{ m(safe) }}"


@pytest.mark.parametrize("fault", [AttributeError, KeyError, TypeError, ValueError])
@pytest.mark.parametrize("broken", ["callee", "_escape_other"])
def test_a_fault_of_fast_code_is_not_hidden(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str, fault: type[Exception]
):
    filler = themed(tmp_path, CALLING)
    before = profiling.fallback_count()
    break_quick(monkeypatch, broken, fault("planted"))
    assert "planted" in mistake(filler).message
    assert (filler.slow_templates, profiling.fallback_count()) == (set(), before)


@pytest.mark.parametrize("broken", ["callee", "_escape_other"])
def test_only_what_fast_code_raises_on_purpose_is_left_to_jinja(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
):
    filler = themed(tmp_path, CALLING)
    fast, before = filler("index.html", DATA), profiling.fallback_count()
    break_quick(monkeypatch, broken, UnsupportedError())
    assert filler("index.html", DATA) == fast
    assert (filler.slow_templates, profiling.fallback_count() - before) == ({"index.html"}, 1)


SHORT = (
    "{{ thing.name }}{{ word['key'] }}{{ thing.parts|map(attribute='name')|join }}{{ numbers|max }}{{ numbers|min }}"
    "{{ plain(name) }}{{ texts.copy() }}{% macro m(a, b='<') %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 2) }}"
)
LONG_WAYS = [
    (SandboxedEnvironment, "getattr"),
    (SandboxedEnvironment, "getitem"),
    (SandboxedEnvironment, "call"),
    (JinjaMacro, "__call__"),
    (filters, "do_max"),
    (filters, "do_min"),
]


def test_fast_code_goes_short_ways(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    exact = themed(tmp_path, SHORT).jinja_environment.get_template("index.html").render(DATA)

    def planted(*_: object) -> NoReturn:
        raise AssertionError

    for owner, name in LONG_WAYS:
        monkeypatch.setattr(owner, name, planted)
    fast = Renderer(Theme((ThemeLayer("own", tmp_path),))).fast_environment
    assert fast.get_template("index.html").render(DATA) == exact


def break_quick(monkeypatch: pytest.MonkeyPatch, name: str, error: Exception) -> None:
    """Plant an error in what fast code calls or escapes by."""

    def planted(*_: object) -> NoReturn:
        raise error

    monkeypatch.setattr(FastEnvironment, name, planted)


# --- the site --------------------------------------------------------------------------------------------------------


@pytest.fixture(params=["default", "hall"])
def sample(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> tuple[Renderer, list[tuple[Edition, Page]]]:
    """Pages of every template by either theme, all that are the organ's among them; its boards have several parts."""
    monkeypatch.setattr(routes, "ROWS_PER_PAGE", 20)
    view = survey(REPOSITORY, date.fromisoformat(SAMPLE_DAY))
    layers, _ = load.load_theme_layers(Project(REPOSITORY), replace(view.site.settings, theme=request.param))
    assert layers
    made = organ_edition(view)
    made = replace(made, settings=replace(made.settings, address="https://intranet.example/", banner="<内部>"))
    organ = [(made, spec.build_page()) for spec in pages.list_organ_pages(made, frozenset(Audience))]
    branches = ((edition, spec.build_page()) for edition, spec in branch_pages(view))
    listed = {page.template: (replace(edition, settings=made.settings), page) for edition, page in branches}
    return Renderer(Theme(layers)), [*organ, *listed.values()]


def test_every_template_of_the_themes_is_fast(sample: tuple[Renderer, list[tuple[Edition, Page]]]):
    filler, listed = sample
    assert len({page.template for _, page in listed}) > 15
    assert any(".p2." in page.path for _, page in listed)
    built = frozenset(page.path for _, page in listed)
    seen: dict[str, bool] = {}

    class Both(Renderer):
        def __init__(self) -> None:
            """Nothing of its own: both ways are the sample's."""

        def __call__(self, template: str, data: Mapping[str, object]) -> str:
            quick = filler(template, data)
            seen[template] = seen.get(template, True) and quick == filler.jinja_environment.get_template(
                template
            ).render(data)
            return quick

    for made, page in listed:
        page_renderer.render_page(made, page, Both(), LinkResolver(made.settings, built, {}))
    assert seen == dict.fromkeys((page.template for _, page in listed), True)
    assert filler.slow_templates == set()


def test_a_page_leaves_nothing_for_the_garbage_collector(sample: tuple[Renderer, list[tuple[Edition, Page]]]):
    filler, listed = sample
    for made, page in listed:  # what is loaded once
        page_renderer.render_page(made, page, filler, LinkResolver(made.settings, frozenset(), {}))
    left: dict[str, int] = {}
    gc.collect()
    gc.disable()
    try:
        for made, page in listed:
            page_renderer.render_page(made, page, filler, LinkResolver(made.settings, frozenset(), {}))
            left[page.template] = max(left.get(page.template, 0), gc.collect(0))
    finally:
        gc.enable()
    # The library that reads Markdown leaves cycles of its own.
    assert {template for template, count in left.items() if count} <= {"article.html", "feed.xml"}
