"""The tests themselves: each can fail, and what several of them use lies in modules that hold no tests."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache

import pytest

from tests.house.modules import parse
from tests.site_project import REPOSITORY

FILES = {
    ".".join(path.relative_to(REPOSITORY).with_suffix("").parts): path
    for path in sorted((REPOSITORY / "tests").rglob("*.py"))
    if "node_modules" not in path.parts
}
TESTS = {name: path for name, path in FILES.items() if name.rpartition(".")[2].startswith("test_")}


def imported_tests(tree: ast.Module, tests: Mapping[str, object]) -> Iterator[str]:
    """The test files that a module imports, or imports something from, at its top or in a function."""
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import | ast.ImportFrom) else []
        whole = [f"{node.module}.{name}" for name in names] if isinstance(node, ast.ImportFrom) else names
        paths = [name.split(".") for name in whole]
        prefixes = (".".join(parts[:end]) for parts in paths for end in range(1, len(parts) + 1))
        yield from (prefix for prefix in prefixes if prefix in tests)


@pytest.mark.parametrize("module", FILES)
def test_nothing_imports_a_test_file(module: str):
    assert list(imported_tests(parse(FILES[module]), TESTS)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("from tests.system.test_site import HTML", ["tests.system.test_site"]),
        ("from tests.system import test_site as site", ["tests.system.test_site"]),
        ("import tests.system.test_site", ["tests.system.test_site"]),
        ("def late():\n    from tests.system.test_site import HTML", ["tests.system.test_site"]),
        ("from tests.site_pages import HTML\nimport tests.system\nfrom tests.system import test_sites", []),
    ],
)
def test_an_import_of_a_test_file_would_be_found(text: str, found: list[str]):
    assert list(imported_tests(ast.parse(text), {"tests.system.test_site": None})) == found


# --- assertions ------------------------------------------------------------------------------------------------------


def called(function: ast.FunctionDef) -> set[str]:
    """The names of what a function calls, of methods the last part."""
    calls = [node.func for node in ast.walk(function) if isinstance(node, ast.Call)]
    names = {call.id for call in calls if isinstance(call, ast.Name)}
    return names | {call.attr for call in calls if isinstance(call, ast.Attribute)}


def asserts(function: ast.FunctionDef) -> bool:
    """Whether a function itself says what must hold."""
    return "raises" in called(function) or any(isinstance(node, ast.Assert) for node in ast.walk(function))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


@cache
def helpers() -> set[str]:
    """The names of functions that say what must hold."""
    return {one.name for path in FILES.values() for one in functions(parse(path)) if asserts(one)}


def idle(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    """Tests that assert nothing, nor call a function of ours that does."""
    for module, tree in trees.items():
        for one in functions(tree):
            if one.name.startswith("test_") and not asserts(one) and not called(one) & helpers():
                yield f"{module}.{one.name}"


def test_every_test_asserts_something():
    assert list(idle({name: parse(path) for name, path in TESTS.items()})) == []


def test_a_test_that_cannot_fail_would_be_found():
    text = "def test_idle():\n    work()\ndef test_busy():\n    assert work()\ndef test_by_another():\n    judge()\n"
    assert list(idle({"a": ast.parse(text)})) == ["a.test_idle"]
