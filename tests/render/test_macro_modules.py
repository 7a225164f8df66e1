"""Macros that pages use in turn: each page sees its own data, and no other page's."""

import gc
import weakref
from pathlib import Path
from typing import Any

import pytest

from generator.project import ThemeLayer
from generator.render.html.templates import Renderer
from generator.render.html.theme import TemplateFaultError, Theme

MACROS = """
{% macro name_of(mark='!') %}{{ name }}{{ mark }}{{ extra if extra is defined }}{% endmacro %}

{% macro again() %}
{% set extra = 'inner' %}
{% from "macros.html" import name_of with context %}
{{ name_of('?') }}
{%- endmacro %}
"""
# The templates of a theme beside the macros above, of which index.html is rendered.
SPECIMENS = {
    "an import": {"index.html": '{% from "macros.html" import name_of with context %}{{ name_of() }}'},
    "a module": {"index.html": '{% import "macros.html" as m with context %}{{ m.name_of() }}{{ m.again() }}'},
    "without context": {
        "index.html": '{% macro own() %}{{ name }}{% endmacro %}{% import "plain.html" as p %}{{ p.f(own()) }}'
    },
    "two imports": {
        "index.html": '{% from "macros.html" import name_of with context %}{% set extra = name ~ 1 %}'
        '{% from "macros.html" import name_of as second with context %}{{ name_of() }}{{ second() }}{{ name_of() }}'
    },
    "an import in a loop": {
        "index.html": "{% for extra in numbers %}"
        '{% from "macros.html" import name_of, again with context %}{{ name_of() }}{{ again() }}{% endfor %}'
    },
    "a block": {
        "base.html": "{% block main %}{% endblock %}",
        "index.html": '{% extends "base.html" %}{% from "macros.html" import name_of with context %}'
        "{% block main %}{{ name_of() }}{% endblock %}",
    },
    "more than macros": {
        "macros.html": "{% set title = name ~ '/' %}{% macro name_of() %}{{ title }}{% endmacro %}",
        "index.html": '{% from "macros.html" import name_of, title with context %}{{ name_of() }}{{ title }}',
    },
    "a text beside macros": {
        "macros.html": "{% macro m() %}{% endmacro %}{{ name }}",
        "index.html": '{% import "macros.html" as m with context %}{{ m }}',
    },
}
PAGES = [
    {"name": "甲", "numbers": [1, 2]},
    {"name": "乙", "numbers": [3]},
    {"name": "甲", "numbers": [1, 2], "extra": "丙"},
]


def themed(*layers: tuple[Path, dict[str, str]]) -> Renderer:
    for root, files in layers:
        (root / "templates").mkdir(parents=True)
        for name, text in files.items():
            (root / "templates" / name).write_text(text, encoding="utf-8")
    return Renderer(Theme(tuple(ThemeLayer(root.name, root) for root, _ in layers)))


def assert_same_as_jinja(renderer: Renderer, pages: list[dict[str, object]]) -> list[str]:
    texts = [renderer("index.html", page) for page in pages]
    assert texts == [renderer.jinja_environment.get_template("index.html").render(page) for page in pages]
    assert renderer.slow_templates == set()
    return texts


@pytest.mark.parametrize("case", SPECIMENS)
def test_each_page_sees_its_own_data(tmp_path: Path, case: str):
    beside = {"macros.html": MACROS, "plain.html": "{% macro f(t) %}<{{ t }}>{% endmacro %}"}
    first, second, third, *repeated = assert_same_as_jinja(
        themed((tmp_path, {**beside, **SPECIMENS[case]})), [*PAGES, *PAGES]
    )
    assert [first, second, third] == repeated
    assert first != second


def test_macros_of_a_theme_below_see_the_page_too(tmp_path: Path):
    upper = {"macros.html": "{% macro again() %}own {{ name }}{% endmacro %}"}
    lower = {
        "macros.html": MACROS,
        "index.html": '{% import "macros.html" as m with context %}{{ m.again() }}{{ m.name_of() }}',
    }
    renderer = themed((tmp_path / "upper", upper), (tmp_path / "lower", lower))
    assert assert_same_as_jinja(renderer, PAGES)[:2] == ["own 甲甲!", "own 乙乙!"]


def test_a_page_at_fault_spoils_no_other(tmp_path: Path):
    text = '{% from "macros.html" import name_of with context %}{{ name_of() }}{{ 1 / divisor }}'
    renderer = themed((tmp_path, {"macros.html": MACROS, "index.html": text}))
    sound = renderer("index.html", {"name": "甲", "divisor": 1})
    with pytest.raises(TemplateFaultError):
        renderer("index.html", {"name": "乙", "divisor": 0})
    assert renderer("index.html", {"name": "甲", "divisor": 1}) == sound


def test_macros_are_defined_once_and_keep_no_page(tmp_path: Path):
    renderer = themed((tmp_path, {"macros.html": MACROS, **SPECIMENS["an import"]}))

    class Name:
        """A name that can be seen to be gone."""

        def __str__(self) -> str:
            return "甲"

    gc.disable()
    try:
        name = Name()
        gone = weakref.ref(name)
        assert renderer("index.html", {"name": name}) == "甲!"
        del name
        assert gone() is None
    finally:
        gc.enable()
    template: Any = renderer.fast_environment.get_template("macros.html")
    (spare,) = template.spare_modules
    for page in PAGES:
        renderer("index.html", page)
    assert template.spare_modules == [spare]
