"""Types: whatever is passed around can't be changed by who receives it."""

import importlib
import inspect
from collections.abc import Iterator

import pytest
from msgspec import Struct

from tests.house.modules import MODULES

# Filled step by step by one function or object, whose result it is.
FILLED = {
    "core.ledgers.ballots.BallotResults",
    "core.ledgers.name_resolution.ProblemCollector",
    "core.scoring.revisions.PastResults",  # remembers what was scored
    "core.scoring.windows._RemainingPoints",
    "intake.imports.ledger_nodes.PlacedReport",
    "intake.imports.mapped_table.RowReport",
    "intake.imports.workbook.CellReader",
    "intake.text.fields.FileReport",
    "intake.text.reader.ProjectReader",  # remembers what was read
    "loader.branch_files.EffectiveLedgers",
    "render.html.marked_cells.MarkedRow",
}


def structs() -> Iterator[type[Struct]]:
    for name in MODULES:
        if name != "generator.__main__":
            module = importlib.import_module(name)
            yield from (
                kind
                for _, kind in inspect.getmembers(module, inspect.isclass)
                if issubclass(kind, Struct) and kind.__module__ == name
            )


STRUCTS = {f"{kind.__module__}.{kind.__qualname__}".removeprefix("generator."): kind for kind in structs()}


def test_there_are_types():
    assert len(STRUCTS) > 150
    assert set(STRUCTS) >= FILLED


@pytest.mark.parametrize("name", STRUCTS)
def test_only_what_is_filled_can_be_changed(name: str):
    assert STRUCTS[name].__struct_config__.frozen is (name not in FILLED)
