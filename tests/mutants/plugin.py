"""A plugin of pytest that measures what each test covers, or runs chosen tests on a planted fault.

``MUTANTS`` names a file of JSON that says which (see ``tests/mutants/__main__.py``).
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from coverage import Coverage
from hypothesis import Phase, settings

HUNG = 99
# A test that waits for others on a busy machine hasn't hung.
PATIENCE, LEAST_PATIENCE = 30, 120.0

# The same examples each time; one that fails needn't be made small.
settings.register_profile("mutants", derandomize=True, database=None, phases=[Phase.explicit, Phase.generate])
settings.load_profile("mutants")


def pytest_configure(config: pytest.Config) -> None:
    orders = json.loads(Path(os.environ["MUTANTS"]).read_text(encoding="utf-8"))
    config.pluginmanager.register(Measuring(orders) if "lines" in orders else Trying(orders))


class Measuring:
    """Note what each test takes, of a core, and the lines that it runs; those of a fixture are its context's."""

    def __init__(self, orders: dict[str, Any]) -> None:
        self.notes = Path(orders["draft"])
        self.notes.unlink(missing_ok=True)
        source = [str(Path("generator", room).absolute()) for room in orders["rooms"]]
        self.coverage = Coverage(data_file=orders["lines"], config_file=False, source=source, timid=False)
        self.coverage.start()
        self.context = ""

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out what starts other programs: of it no line is measured."""
        slow = [item for item in items if any(item.iter_markers("needs"))]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]

    def switch(self, context: str) -> None:
        self.coverage.switch_context(context)
        self.context = context

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.switch(item.nodeid)
        self.passed, before = True, os.times()
        result = yield
        seconds = sum(os.times()[:4]) - sum(before[:4])
        self.switch("")
        fixtures = [name for name in item.fixturenames if name != "request"]
        with self.notes.open("a", encoding="utf-8") as file:
            file.write(json.dumps([item.nodeid, round(seconds, 4), fixtures, self.passed]) + "\n")
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(
        self, fixturedef: pytest.FixtureDef[object], request: pytest.FixtureRequest
    ) -> Iterator[None]:
        before = self.context
        if request.scope != "function":
            self.switch(f"{fixturedef.baseid} {fixturedef.argname}")
        try:
            return (yield)
        finally:
            self.switch(before)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.passed &= not report.failed

    def pytest_unconfigure(self) -> None:
        self.coverage.stop()
        self.coverage.save()


class Trying:
    """Run the chosen tests, or all, and note those that fail; end the process when one hangs."""

    def __init__(self, orders: dict[str, Any]) -> None:
        # Seconds that each chosen test usually takes, in the order in which they are run.
        self.seconds: dict[str, float] = orders["seconds"]
        self.killers = Path(orders["killers"])

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        if self.seconds:
            config.hook.pytest_deselected(items=[item for item in items if item.nodeid not in self.seconds])
            ranks = {name: rank for rank, name in enumerate(self.seconds)}
            chosen = [item for item in items if item.nodeid in ranks]
            items[:] = sorted(chosen, key=lambda item: ranks[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        patience = max(LEAST_PATIENCE, PATIENCE * self.seconds.get(item.nodeid, 0))
        timer = Timer(patience, self.give_up, [item.nodeid])
        timer.daemon = True
        timer.start()
        result = yield
        timer.cancel()
        return result

    def give_up(self, name: str) -> None:
        self.note(name)
        os._exit(HUNG)

    def note(self, name: str) -> None:
        with self.killers.open("a", encoding="utf-8") as file:
            file.write(f"{name}\n")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.note(report.nodeid)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self.note(report.nodeid)
