"""The plan of the house: who may import whom, and that the domain is pure."""

import ast
import graphlib
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.conftest import sample_of
from tests.house.modules import MODULES, parse

# Who may import whom: each room from those before it, siblings in braces never from one another.
RULE = """problems → project → disk → core(basics → model → {sealing → ledgers | scoring} → outcomes → page_data) →
{intake | render | publish} → loader → {workflow | build} → queries → local_server → desk → commands"""
OUTSIDE = {
    "yaml": {"intake.text.yaml_nodes"},
    "jinja2": {
        f"render.html.{name}"
        for name in (
            "package_pages",
            "template_bounds",
            "template_cache",
            "fast_compiler",
            "fast_runtime",
            "macro_modules",
            "templates",
            "theme_check",
        )
    },
    "livereload": {"local_server.server"},
    "tornado": {
        "local_server.guard",
        "local_server.server",
        "desk.handlers.base",
        "desk.handlers.acting",
        "desk.handlers.downloading",
        "desk.handlers.handing_in",
        "desk.handlers.saving",
        "desk.handlers.windows",
    },
    "openpyxl": {"intake.imports.workbook"},
    "xlsxwriter": {"render.export.xlsx", "render.export.month_workbook"},
    "chinese_calendar": {"core.basics.workdays"},
    "distributed": {"build.executors"},
    "markdown": {"render.html.markdown"},
    "nh3": {"render.html.markdown"},
    "filelock": {"publish.lock"},
}
TABLES = {"chinese_calendar"}  # no machinery, only figures: the core may look them up
CLOCK = {"time"}
FILES = {"glob", "io", "os", "pathlib", "shutil", "tempfile"}
MACHINE = {"asyncio", "ctypes", "locale", "logging", "socket", "subprocess", "sys", "threading"}
CHANCE = {"random", "secrets", "uuid"}
IMPURE = CLOCK | FILES | MACHINE | CHANCE | set(OUTSIDE) - TABLES


@cache
def imports(path: Path) -> frozenset[str]:
    """Every module imported anywhere in a file: at the top, in functions, under TYPE_CHECKING."""
    return frozenset(_imports(path))


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield inner if inner in MODULES else node.module


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def allowed(rule: str) -> dict[str, set[str]]:
    """The rooms that each room may import from, itself among them; brackets hold the parts of a room."""
    tokens = re.findall(r"\w+|[{}()|]", rule)
    rooms: dict[str, set[str]] = {}

    def sequence(before: set[str], house: str) -> set[str]:
        before = set(before)
        while tokens and tokens[0] not in {"|", "}", ")"}:
            token = tokens.pop(0)
            if token == "{":
                before |= alternatives(before, house)
            elif tokens and tokens[0] == "(":
                tokens.pop(0)
                before |= sequence(before, f"{token}.") | {token}
                tokens.pop(0)
            else:
                before.add(house + token)
                rooms[house + token] = before | {house + token}
                before = set(before)
        return before

    def alternatives(before: set[str], house: str) -> set[str]:
        together = sequence(before, house)
        while tokens.pop(0) == "|":
            together |= sequence(before, house)
        return together

    sequence(set(), "")
    return rooms


ROOMS = allowed(RULE)


def place(module: str) -> str:
    """The room of a module: the deepest that the rule names."""
    parts = module.removeprefix("generator").removeprefix(".").split(".")
    return next((name for n in (2, 1) if (name := ".".join(parts[:n])) in ROOMS), "")


@pytest.mark.parametrize("module", [name for name in MODULES if place(name)])
def test_imports_follow_the_rule(module: str):
    inner = [name for name in imports(MODULES[module]) if name.startswith("generator.")]
    assert [name for name in inner if place(name) not in ROOMS[place(module)]] == []


def test_every_module_has_a_room():
    assert {name for name in MODULES if not place(name)} == {"generator", "generator.__main__", "generator.core"}


def test_modules_form_no_circle():
    graph = {name: imports(path) & set(MODULES) - {name} for name, path in MODULES.items()}
    assert set(graphlib.TopologicalSorter(graph).static_order()) == set(MODULES)
    with pytest.raises(graphlib.CycleError):  # as it would be if problems asked for what they are problems of
        tuple(graphlib.TopologicalSorter({**graph, "generator.problems": {"generator.loader.load"}}).static_order())


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) in {"core", "problems"}])
def test_core_is_pure(module: str):
    tree = parse(MODULES[module])
    assert {name.split(".")[0] for name in imports(MODULES[module])} & IMPURE == set()
    called = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert called & {"today", "now", "utcnow", "time", "read_text", "read_bytes", "write_text", "write_bytes"} == set()
    assert named & {"open", "eval", "exec", "input", "print", "float", "__import__"} == set()


def test_the_engine_is_behind_eight_functions():
    """Rooms above it use these and the types of what they take and give; commands only the first."""
    functions: dict[str, set[str]] = {"queries": set(), "local_server": set(), "commands": set()}
    for name, path in MODULES.items():
        if place(name) in functions:
            tree = parse(path)
            modules = {inner.rpartition(".")[2] for inner in imports(path) if inner.startswith("generator.build.")}
            used = {
                f"{node.value.id}.{node.attr}"
                for node in ast.walk(tree)
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in modules
            }
            named = {
                f"{node.module.rpartition('.')[2]}.{alias.name}"
                for node in ast.walk(tree)
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("generator.build.")
                for alias in node.names
            }
            functions[place(name)] |= {one for one in used | named if one.rpartition(".")[2].islower()}
    assert functions == {
        "queries": {
            "engine.build_preview",
            "site_plan.list_site_paths",
            "survey.survey_organ",
            "recompute.recompute_release",
            "archive_content.compose_archive",
            "archive_content.has_same_program",
            "program_digests.digest_program_and_theme",
        },
        "local_server": {"engine.build_preview"},
        "commands": {"run.build"},
    }


@pytest.mark.parametrize("library", OUTSIDE)
def test_each_library_has_one_door(library: str):
    users = {
        name.removeprefix("generator.")
        for name, path in MODULES.items()
        if library in {n.split(".")[0] for n in imports(path)}
    }
    assert users == OUTSIDE[library]


@pytest.mark.prove
@pytest.mark.parametrize("module", sample_of([name for name in MODULES if room(name) != "__main__"], 20))
def test_each_module_imports_alone(module: str):
    done = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_commands_alone_print_and_exit():
    for name, path in MODULES.items():
        if room(name) != "commands":
            words = {node.id for node in ast.walk(parse(path)) if isinstance(node, ast.Name)}
            assert words & {"print", "SystemExit", "exit", "input"} == set(), name
