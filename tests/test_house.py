"""The plan of the house: who may import whom, and that the domain is pure."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import generator
from tests.conftest import some

PACKAGE = Path(generator.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}
CORE = [
    "numbers",
    "periods",
    "model",
    "ceilings",
    "workdays",
    "settings",
    "coverage",
    "seal",
    "sealedfiles",
    "corrections",
    "privacy",
    "resolution",
    "rules",
    "months",
    "register",
    "ballots",
    "approving",
    "scoring",
    "meters",
    "ranking",
    "sources",
    "states",
    "anchors",
    "chronology",
    "clock",
    "scores",
    "results",
    "places",
    "revisions",
    "differences",
    "outcomes",
    "ground",
    "boards",
    "bulletins",
    "accounts",
    "audit",
    "sheets",
    "appraisal",
    "awards",
    "keeping",
    "conclusions",
    "packs",
    "talks",
    "desk",
    "committee",
]
# Folders from the ground up: one imports from those below, never from one beside it or above.
FLOORS = [
    ["problems"],
    ["project"],
    ["core"],
    ["intake", "render", "publish"],
    ["acts", "build"],
    ["queries", "local_server"],
    ["commands"],
]
# Each room, folder or module, may import from the rooms named, all of them listed before it, and from itself.
ROOMS = {
    "problems": set(),
    "garbage": set(),
    "memo": set(),
    "profile": set(),
    "executors": set(),
    "openssh": set(),
    "project": {"problems"},
    "printing": {"problems"},
    "core": {"problems"},
    "intake": {"problems", "project", "core"},
    "render": {"problems", "project", "core", "profile"},
    "publish": {"problems", "project", "core"},
    "inventory": {"problems", "project", "publish"},
    "receipts": {"project", "memo", "inventory"},
    "rereading": {"profile", "project", "publish"},
    "signatures": {"problems", "openssh", "core"},
    "shelf": {"problems", "core", "intake"},
    "urn": {"core", "intake"},
    "books": {"problems", "garbage", "project", "core", "intake", "signatures", "shelf", "urn"},
    "opening": {"problems", "project", "core", "books"},
    "rolls": {"problems", "memo", "core", "intake", "inventory"},
    "drawers": {"problems", "memo", "core", "intake", "inventory"},
    "acts": {"problems", "openssh", "project", "core", "intake", "publish", "signatures", "books", "opening"},
    "build": {
        *("problems", "garbage", "memo", "profile", "executors", "project", "core", "intake", "render", "publish"),
        *("inventory", "rereading", "shelf", "books", "rolls", "drawers"),
    },
    "queries": {
        "problems",
        "project",
        "core",
        "intake",
        "render",
        "publish",
        "signatures",
        "books",
        "opening",
        "build",
    },
    "local_server": {"problems", "memo", "project", "core", "render", "publish", "inventory", "build"},
    "commands": {
        *("problems", "memo", "profile", "executors", "project", "printing", "core", "render", "publish"),
        *("inventory", "receipts", "rereading", "books", "acts", "build", "queries", "local_server"),
    },
}
OUTSIDE = {
    "yaml": {"intake.yamltext"},
    "jinja2": {"render.bytecode", "render.compiling", "render.quick", "render.templates"},
    "livereload": {"commands.serve"},
    "openpyxl": {"render.workbooks"},
    "chinese_calendar": {"core.workdays"},
    "distributed": {"executors"},
}
TABLES = {"chinese_calendar"}  # no machinery, only figures: the core may look them up
CLOCK = {"time"}
FILES = {"glob", "io", "os", "pathlib", "shutil", "tempfile"}
MACHINE = {"asyncio", "ctypes", "locale", "logging", "socket", "subprocess", "sys", "threading"}
CHANCE = {"random", "secrets", "uuid"}
IMPURE = CLOCK | FILES | MACHINE | CHANCE | set(OUTSIDE) - TABLES


def imports(path: Path) -> Iterator[str]:
    """Every module imported anywhere in a file: at the top, in functions, under TYPE_CHECKING."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
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


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) in ROOMS])
def test_imports_run_one_way(module: str):
    allowed = ROOMS[room(module)] | {room(module)}
    inner = [name for name in imports(MODULES[module]) if name.startswith("generator.")]
    assert [name for name in inner if room(name) not in allowed] == []


def test_the_table_goes_from_the_ground_up():
    rooms = list(ROOMS)
    assert [room for number, room in enumerate(rooms) if not ROOMS[room] <= set(rooms[:number])] == []
    for height, floor in enumerate(FLOORS):
        above = {room for one in FLOORS[height:] for room in one}
        assert [room for room in floor if ROOMS[room] & above] == []


def test_every_module_has_a_room():
    assert {room(name) for name in MODULES} - set(ROOMS) == {"", "__main__"}


@pytest.mark.parametrize("position", range(len(CORE)), ids=CORE)
def test_core_modules_import_only_those_above(position: int):
    path = MODULES[f"generator.core.{CORE[position]}"]
    used = {name.split(".")[2] for name in imports(path) if name.startswith("generator.core.")}
    assert used <= set(CORE[:position])


def test_core_is_listed_whole():
    assert {name.split(".")[2] for name in MODULES if name.startswith("generator.core.")} == set(CORE)


@pytest.mark.parametrize("module", [name for name in MODULES if room(name) in {"core", "problems"}])
def test_core_is_pure(module: str):
    tree = ast.parse(MODULES[module].read_text(encoding="utf-8"))
    assert {name.split(".")[0] for name in imports(MODULES[module])} & IMPURE == set()
    called = {
        node.func.attr for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    named = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    assert called & {"today", "now", "utcnow", "time", "read_text", "read_bytes", "write_text", "write_bytes"} == set()
    assert named & {"open", "eval", "exec", "input", "print", "float", "__import__"} == set()


@pytest.mark.parametrize("library", OUTSIDE)
def test_each_library_has_one_door(library: str):
    users = {
        name.removeprefix("generator.")
        for name, path in MODULES.items()
        if library in {n.split(".")[0] for n in imports(path)}
    }
    assert users == OUTSIDE[library]


@pytest.mark.prove
@pytest.mark.parametrize("module", some([name for name in MODULES if room(name) != "__main__"], 40))
def test_each_module_imports_alone(module: str):
    done = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_commands_alone_print_and_exit():
    for name, path in MODULES.items():
        if room(name) != "commands":
            words = {
                node.id for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Name)
            }
            assert words & {"print", "SystemExit", "exit", "input"} == set(), name
