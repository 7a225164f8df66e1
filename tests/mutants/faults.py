"""A seeded sample of the faults that cosmic-ray can plant in the program."""

import ast
import random
from collections.abc import Iterator
from contextlib import contextmanager
from difflib import unified_diff
from importlib.util import cache_from_source
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

import cosmic_ray.plugins
from cosmic_ray.commands import init
from cosmic_ray.modules import find_modules
from cosmic_ray.mutating import use_mutation
from cosmic_ray.work_db import WorkDB, use_db


class Fault(NamedTuple):
    """One change that cosmic-ray can make, the ``occurrence``-th of its operator in the module."""

    module: str
    line: int
    column: int
    operator: str
    occurrence: int


def draw_sample(tree: Path, rooms: list[str], kept: Path, count: int, seed: int) -> list[Fault]:
    """Choose places first, then one of the faults that can be planted there; all of them are kept in a database."""
    with use_db(str(kept), WorkDB.Mode.create) as database:
        if not database.num_work_items:
            init(find_modules(tree / "generator" / room for room in rooms), database, {})
        mutations = [mutation for item in database.work_items for mutation in item.mutations]
    faults = sorted(
        Fault(m.module_path.relative_to(tree).as_posix(), *m.start_pos, m.operator_name, m.occurrence)
        for m in mutations
    )
    places = {
        place: [*group]
        for module, whole in groupby(faults, key=lambda fault: fault.module)
        for place, group in groupby(leave_out_annotations(tree / module, whole), key=lambda fault: fault[:3])
    }
    generator = random.Random(seed)
    return [generator.choice(places[place]) for place in generator.sample(list(places), count)]


def leave_out_annotations(path: Path, faults: Iterator[Fault]) -> Iterator[Fault]:
    """No test has to find a fault in an annotation."""
    spans = [
        ((part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if part is not None
    ]
    return (fault for fault in faults if not any(start <= fault[1:3] < end for start, end in spans))


@contextmanager
def plant(fault: Fault, tree: Path) -> Iterator[str]:
    """Change the module while the block runs, and give the difference; none if the result is no Python."""
    path = tree / fault.module
    with use_mutation(path, cosmic_ray.plugins.get_operator(fault.operator)(), fault.occurrence) as (before, after):
        # Two faults of one length, planted within a second, would look alike to Python.
        Path(cache_from_source(str(path))).unlink(missing_ok=True)
        try:
            compile(after, path, "exec")
        except SyntaxError:
            yield ""
            return
        lines = unified_diff(before.splitlines(), after.splitlines(), fault.module, fault.module, lineterm="", n=2)
        yield "\n".join(lines)
