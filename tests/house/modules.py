"""The modules of the program, by name, and what any file of Python says."""

import ast
from functools import cache
from pathlib import Path

import generator

PACKAGE = Path(generator.__file__).parent
MODULES = {
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted(PACKAGE.rglob("*.py"))
}


@cache
def parse(path: Path) -> ast.Module:
    """The tree of a file, parsed once, and only by the process that tests it."""
    return ast.parse(path.read_text(encoding="utf-8"))
