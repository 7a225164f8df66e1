"""Compiled templates are read again, and nothing else is taken for one."""

import sys
from pathlib import Path
from typing import NoReturn

import pytest
from jinja2 import DictLoader, Environment

from generator.render.html import template_cache
from generator.render.html.template_cache import CompiledTemplates

TEXT = "{% for n in numbers %}{{ n }}{{ ',' if not loop.last }}{% endfor %}"


@pytest.fixture(autouse=True)
def writing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def rendered(folder: Path, text: str = TEXT, name: str = "index.html") -> str:
    environment = Environment(
        loader=DictLoader({name: text}), bytecode_cache=CompiledTemplates(folder), autoescape=True
    )
    return environment.get_template(name).render(numbers=[1, 2])


def lying(folder: Path) -> list[Path]:
    return sorted(folder.iterdir())


def compile_nothing(patch: pytest.MonkeyPatch) -> None:
    def planted(*_: object, **__: object) -> NoReturn:
        raise AssertionError

    patch.setattr(Environment, "compile", planted)


def test_a_template_is_compiled_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    folder = tmp_path / "__pycache__"
    assert rendered(folder) == "1,2"
    assert len(lying(folder)) == 1
    compile_nothing(monkeypatch)
    assert rendered(folder) == "1,2"


@pytest.mark.parametrize("at", [0, 30, 64, 70, -1])
def test_a_damaged_file_is_not_loaded_and_is_written_anew(tmp_path: Path, at: int):
    rendered(tmp_path)
    (path,) = lying(tmp_path)
    whole = path.read_bytes()
    for damaged in (whole[:at], whole[:at] + bytes([whole[at] ^ 1]) + whole[at:][1:]):
        path.write_bytes(damaged)
        assert rendered(tmp_path) == "1,2"
        assert path.read_bytes() == whole


def test_another_text_name_or_compiler_is_another_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    rendered(tmp_path)
    assert rendered(tmp_path, TEXT + "!") == "1,2!"
    assert rendered(tmp_path, name="other.html") == "1,2"
    monkeypatch.setattr(template_cache, "_compiler_digest", lambda: "another")
    rendered(tmp_path)
    assert len(lying(tmp_path)) == 4


def test_where_python_writes_no_code_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered(tmp_path) == "1,2"
    assert lying(tmp_path) == []


def test_where_nothing_can_be_written_templates_are_compiled_each_time(tmp_path: Path):
    folder = tmp_path / "file"
    folder.write_text("", encoding="utf-8")
    assert [rendered(folder), rendered(folder)] == ["1,2", "1,2"]
