"""Quick code of templates against Jinja's own: the same text or a failure, and nothing that the sandbox refuses."""

import sys
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest
from jinja2 import Undefined, pass_context
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment, unsafe
from markupsafe import Markup
from msgspec.structs import replace

from generator.core.settings import Audience
from generator.project import Layer, Project
from generator.render import drawing, pages
from generator.render.compiling import readable
from generator.render.drawing import Links
from generator.render.editions import Edition, Page
from generator.render.templates import Filler
from generator.render.theme import TemplateFaultError, Theme
from tests.conftest import SAMPLE_DAY
from tests.organ import REPOSITORY, branch_pages, organ_edition, survey
from tests.test_hostile import EVIL

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
    assert readable(name) is ATTRIBUTES[name]


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
    Project(Path()).name,
    generator.__code__,
    sys._getframe(),  # noqa: SLF001
    failure().__traceback__,
    failure(),
    types,
]


@pytest.mark.parametrize("obj", OBJECTS, ids=lambda obj: type(obj).__name__)
def test_the_sandbox_gives_what_is_taken_without_asking(obj: object):
    asked = SandboxedEnvironment()
    names = [name for name in dir(obj) if readable(name)]
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
    "part.html": "({{ name is defined }}{{ loop is defined }})",
    "macros.html": "{% macro twice(t, times=2) %}{{ t*times }}{% endmacro %}{% macro own() %}{{ name }}{% endmacro %}",
}
LOOP = """
{{- loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}
{{- loop.first }}{{ loop.last }}{{ loop.length }}{{ loop.depth }}
{{- loop.previtem if not loop.first }}{{ loop.nextitem if not loop.last }}{{ loop.cycle('a', 'b') -}}
"""
QUICK = dict(
    line.replace("LOOP", LOOP).split(": ", 1)
    for line in (Path(__file__).parent / "files/quick-templates.txt").read_text(encoding="utf-8").splitlines()
)
SLOW = {  # what quick code fails in and Jinja does not
    "item for attribute": "{{ word.key }}",
    "attribute for item": "{{ thing['name'] }}",
    "perhaps an attribute": "{{ thing.nothing is defined }}{{ thing.nothing|default('<') }}",
    "perhaps an item": "{{ word['nothing'] is defined }}{{ numbers[9]|default('<') }}",
    "not escaped": "{% autoescape false %}{{ name }}{% endautoescape %}{{ name }}",
    "most of texts": "{{ texts|max }}{{ []|max is defined }}",
    "no number": "{{ 'a'|float }}",
    "the last of who knows how many": "{% for n in numbers|map('string') %}{{ n }}{{ loop.last }}{% endfor %}",
    "the last of what grows": (
        "{% set all = [1] %}{% for n in all %}{% set _ = all.append(n + 1) if n < 4 %}{{ n }}"
        "{{ loop.last }}{% endfor %}"
    ),
    "asks for the context": "{% for name in numbers %}{{ asking() }}{% endfor %}",
}
REFUSED = {
    **EVIL,
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
    "undefined loop": "{% for one in nothing %}{{ loop.first }}{% endfor %}",
    "too many": "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}",
    "too few": "{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}",
}


def themed(root: Path, text: str) -> Filler:
    folder = root / "templates"
    folder.mkdir()
    for name, beside in {**BESIDE, "index.html": text}.items():
        (folder / name).write_text(beside, encoding="utf-8")
    return Filler(Theme((Layer("own", root),)))


@pytest.mark.parametrize("case", QUICK)
def test_quick_code_gives_the_text_that_jinja_gives(tmp_path: Path, case: str):
    filler = themed(tmp_path, QUICK[case])
    exact = filler.exact.get_template("index.html").render(DATA)
    assert filler.quick.get_template("index.html").render(DATA) == exact
    assert exact


@pytest.mark.parametrize("case", SLOW)
def test_what_quick_code_cannot_do_is_left_to_jinja(tmp_path: Path, case: str):
    filler = themed(tmp_path, SLOW[case])
    exact = filler.exact.get_template("index.html").render(DATA)
    assert [filler("index.html", DATA), filler("index.html", DATA)] == [exact, exact]
    assert filler.failed == {"index.html"}


COUNTED = "{% macro count() %}{% set all.n = all.n + 1 %}{{ all.n }}{% endmacro %}"


@pytest.mark.parametrize(
    ("beside", "told"),
    [
        ("{% macro own() %}{{ name }}{% endmacro %}", ["甲", "甲", "乙", "甲"]),
        ("{% set all = namespace(n=0) %}" + COUNTED + "{% macro own() %}{{ count() }}{% endmacro %}", ["1"] * 4),
        ("{% set said = name %}{% macro own() %}{{ said }}{% endmacro %}", ["甲", "甲", "乙", "甲"]),
        ("{% macro own() %}{{ list(range(n or 1)) }}{% endmacro %}", ["[0]"] * 4),
        ('{% macro own() %}{% include "said.html" %}{% endmacro %}', ["甲", "甲", "乙", "甲"]),
        (
            '{% macro own() %}{% import "kept.html" as kept with context %}{{ kept.m() }}{% endmacro %}',
            ["甲", "甲", "乙", "甲"],
        ),
    ],
)
def test_macros_made_once_for_many_pages_know_only_their_own(tmp_path: Path, beside: str, told: list[str]):
    filler = themed(tmp_path, '{% from "own.html" import own with context %}{{ own() }}')
    (tmp_path / "templates/own.html").write_text(beside, encoding="utf-8")
    (tmp_path / "templates/said.html").write_text("{{ name if name is defined }}", encoding="utf-8")
    (tmp_path / "templates/kept.html").write_text("{% macro m() %}{{ name }}{% endmacro %}", encoding="utf-8")
    names = ("甲", "甲", "乙", "甲")
    assert [filler("index.html", {"name": name, "n": 0, "list": list}) for name in names] == told
    assert filler.failed == set()


@pytest.mark.parametrize("case", REFUSED)
def test_quick_code_fails_in_all_that_jinja_refuses(tmp_path: Path, case: str):
    filler = themed(tmp_path, REFUSED[case])
    data = {**DATA, "link": lambda _: None, "site": {}}
    with pytest.raises(TemplateFaultError):
        filler("index.html", data)
    assert filler.failed == {"index.html"}


# --- the site --------------------------------------------------------------------------------------------------------


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> tuple[Filler, list[tuple[Edition, Page]]]:
    """Pages of every template, all that are the organ's among them; its boards have several parts."""
    monkeypatch.setattr(pages, "ROWS", 20)
    view = survey(REPOSITORY, date.fromisoformat(SAMPLE_DAY))
    made = organ_edition(view)
    made = replace(made, settings=replace(made.settings, address="https://intranet.example/", banner="<内部>"))
    organ = [(made, spec.make()) for spec in pages.of_organ(made, frozenset(Audience))]
    branches = ((edition, spec.make()) for edition, spec in branch_pages(view))
    listed = {page.template: (replace(edition, settings=made.settings), page) for edition, page in branches}
    return Filler(view.organ.inputs.theme), [*organ, *listed.values()]


def test_every_template_of_the_default_theme_is_quick(sample: tuple[Filler, list[tuple[Edition, Page]]]):
    filler, listed = sample
    assert len({page.template for _, page in listed}) > 15
    assert any(".p2." in page.path for _, page in listed)
    built = frozenset(page.path for _, page in listed)
    seen: dict[str, bool] = {}

    class Both(Filler):
        def __init__(self) -> None:
            """Nothing of its own: both ways are the sample's."""

        def __call__(self, template: str, data: Mapping[str, object]) -> str:
            quick = filler(template, data)
            seen[template] = seen.get(template, True) and quick == filler.exact.get_template(template).render(data)
            return quick

    for made, page in listed:
        drawing.render(made, page, Both(), Links(made.settings, built))
    assert seen == dict.fromkeys((page.template for _, page in listed), True)
    assert filler.failed == set()
