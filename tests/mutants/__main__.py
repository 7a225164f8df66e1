"""Plant a seeded sample of faults in the program and see which of them the tests find.

``python -m tests.mutants`` works in copies of the committed tree. Each fault, planted by cosmic-ray, is tried

1. on tests that run its statement: of the file named after the module first, then by file, the quickest first;
2. on what ``make check`` judges the source by: mypy, and how classes are declared;
3. on the other tests, those that run its statement or anything of its module first.

A fault is killed when a test fails or hangs; a test hangs when it takes many times as long as without a fault. How many
tests are tried is bounded by the seconds of a core that they usually take: what no tried test killed while others were
left is undecided, and counts as not killed. So does what was killed by a test that fails without a fault, too.

All is kept below ``build/mutants``: a run that was interrupted goes on where it ended, and ``--again`` tries survivors
on the test files that were changed since; ``make clean`` forgets it. Faults in annotations are left out.
"""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import NamedTuple

import click

from tests.mutants.faults import Fault, draw_sample, plant
from tests.mutants.measured import Measured, files_of
from tests.mutants.plugin import HUNG

HOME = Path(__file__).parent.parent.parent
BUILD = HOME / "build/mutants"
RESULTS = BUILD / "results"
ROOMS = ["core", "render", "publish", "build"]
# Most of their time passes in other programs; tests/house is a stage of its own.
UNMEASURED = ("bench", "browser", "house")
# Of a core, for the first stage: most faults are found by then, without collecting all files.
FIRST_SECONDS = 5
PLUGINS = ("-p", "no:xdist", "-p", "no:cacheprovider", "-p", "tests.mutants.plugin")
PYTEST = (sys.executable, "-m", "pytest", "-o", "addopts=", *PLUGINS)
# How pytest ends when a test failed, when collecting was interrupted, and when the program can't even be imported.
FAILED = (1, 2, 4)
NO_TESTS = 5
KILLED = ("failed", "hung", "refused")


class Result(NamedTuple):
    """What became of a fault: in which stage, by what it was killed, and how many tests were left untried."""

    fault: Fault
    outcome: str
    stage: str
    killer: str
    untried: int
    diff: str


@click.command()
@click.option("--count", default=200, help="How many faults to plant.")
@click.option("--seed", default=1, help="Which of all faults are in the sample.")
@click.option("--workers", default=1, help="How many copies of the tree to work in at once.")
@click.option("--seconds", default=240, help="Of a core, for the last stage.")
@click.option("--again", is_flag=True, help="Try survivors on the test files changed since.")
def main(*, count: int, seed: int, workers: int, seconds: int, again: bool) -> None:
    """Try the whole sample and report the survivors."""
    copies = [Copy(number) for number in range(workers)]
    tree = copies[0].tree
    for folder in sorted({path.relative_to(tree / "tests").parts[0] for path in tree.glob("tests/*/**/test_*.py")}):
        copies[0].measure(folder)
    known = Measured(tree, BUILD)
    idle = SimpleQueue[Copy]()
    for copy in copies:
        idle.put(copy)

    def work(fault: Fault, earlier: Result | None) -> Result:
        copy = idle.get()
        try:
            result = copy.try_again(earlier) if earlier else copy.try_fault(fault, known, seconds)
        finally:
            idle.put(copy)
        with RESULTS.open("a", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")
        return result

    earlier, sample = read_results(), draw_sample(tree, ROOMS, BUILD / "faults", count, seed)
    waiting = [fault for fault in sample if fault not in earlier or (again and earlier[fault].outcome not in KILLED)]
    with ThreadPoolExecutor(workers) as pool:
        results = earlier | dict(zip(waiting, pool.map(work, waiting, map(earlier.get, waiting)), strict=True))
    report(copies[0].doubt([results[fault] for fault in sample]), known)


def read_results() -> dict[Fault, Result]:
    """Read what was written, of each fault the last."""
    lines = RESULTS.read_text(encoding="utf-8").splitlines() if RESULTS.exists() else []
    results = (Result(Fault(*fault), *rest) for fault, *rest in map(json.loads, lines))
    return {result.fault: result for result in results}


class Copy:
    """One worker's copy of the committed tree, and the files by which it talks with the plugin of pytest."""

    def __init__(self, number: int) -> None:
        self.tree = BUILD / f"tree-{number}"
        self.orders, self.killers, self.log = (BUILD / f"{name}-{number}" for name in ("orders", "killers", "log"))
        BUILD.mkdir(parents=True, exist_ok=True)
        if not self.tree.exists():
            subprocess.run(["git", "clone", "--quiet", "--local", HOME, self.tree], check=True)
        self.run("git", "checkout", "--quiet", ".")  # an interrupted run may have left a fault

    def run(self, *command: object) -> int:
        """Run a program to its end, and end what it leaves behind; what it says is in the log."""
        env = {**os.environ, "PYTHONPATH": str(self.tree), "MUTANTS": str(self.orders)}
        words = [*map(str, command)]
        with self.log.open("w") as log:
            process = subprocess.Popen(words, cwd=self.tree, env=env, stdout=log, stderr=log, start_new_session=True)
            try:
                return process.wait()
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def measure(self, folder: str) -> None:
        """Note which tests of a folder run each line, and how long they take."""
        notes, draft = BUILD / f"notes-{folder}", BUILD / f"draft-{folder}"
        if folder not in UNMEASURED and not notes.exists():
            orders = {"lines": str(BUILD / f"lines-{folder}"), "draft": str(draft), "rooms": ROOMS}
            self.orders.write_text(json.dumps(orders), encoding="utf-8")
            self.run(*PYTEST, f"tests/{folder}")
            draft.rename(notes)

    def try_fault(self, fault: Fault, known: Measured, bound: float) -> Result:
        """Plant a fault and run stage after stage until one kills it."""
        covering = known.arrange(known.covering(fault.module, fault.line), fault.module)
        first = known.cut(covering, FIRST_SECONDS)
        others = [*covering[len(first) :], *known.arrange(known.seconds.keys() - set(covering), fault.module)]
        second = known.cut(others, bound)
        with plant(fault, self.tree) as diff:
            if not diff:
                return Result(fault, "no Python", "", "", 0, "")
            for tests in (first, None, second):
                outcome, killers = self.check(fault) if tests is None else self.run_known(tests, known)
                if outcome != "passed":
                    killer = next(iter(killers), "")
                    stage = "checkers" if tests is None else "covering" if killer in covering else "rest"
                    return Result(fault, outcome, stage, killer, len(others), diff)
        untried = len(others) - len(second)
        return Result(fault, "undecided" if untried else "survived", "rest", "", untried, diff)

    def run_known(self, tests: Sequence[str], known: Measured) -> tuple[str, list[str]]:
        return self.run_tests({name: known.seconds[name] for name in tests}, files_of(tests), "-x")

    def run_tests(self, seconds: Mapping[str, float], files: Sequence[str], *options: str) -> tuple[str, list[str]]:
        """Run tests in the order of their files, or all of these files; tell how that ended, and what failed."""
        if not files:
            return "passed", []
        self.killers.write_text("", encoding="utf-8")
        self.orders.write_text(json.dumps({"seconds": seconds, "killers": str(self.killers)}), encoding="utf-8")
        code = self.run(*PYTEST, *options, *files)
        endings = {0: "passed", NO_TESTS: "passed", HUNG: "hung", **dict.fromkeys(FAILED, "failed")}
        return endings.get(code, "undecided"), self.killers.read_text(encoding="utf-8").splitlines()

    def check(self, fault: Fault) -> tuple[str, list[str]]:
        """Tell whether a checker of the source refuses the fault; the rest of tests/house is about names alone."""
        if "ExceptionReplacer" in fault.operator:  # names an exception that isn't imported: refused by that alone
            return "passed", []
        if self.run(sys.executable, "-m", "mypy") == 1:
            return "refused", ["mypy"]
        outcome, killers = self.run_tests({}, ["tests/house/test_types.py"], "-x")
        return ("refused" if outcome == "failed" else outcome), killers

    def try_again(self, earlier: Result) -> Result:
        """Try a survivor on whole test files that were changed since; the program stays what was measured."""
        self.run("git", "fetch", "--quiet", HOME, "HEAD")
        self.run("git", "checkout", "--quiet", "FETCH_HEAD", "--", "tests")
        self.run("git", "diff", "--cached", "--name-only", "--diff-filter=d", "HEAD", "--", "tests/**/test_*.py")
        files = self.log.read_text(encoding="utf-8").splitlines()
        with plant(earlier.fault, self.tree):
            outcome, killers = self.run_tests({}, files, "-x")
        return earlier._replace(outcome=outcome, stage="since", killer=killers[0]) if killers else earlier

    def doubt(self, results: Sequence[Result]) -> list[Result]:
        """Run each test that killed a fault on the program without one; where it fails, nothing is decided."""
        killers = {result.killer for result in results if "::" in result.killer}
        outcome, failing = self.run_tests(dict.fromkeys(killers, 1.0), files_of(sorted(killers)))
        assert failing or outcome == "passed", self.log
        return [result._replace(outcome="undecided") if result.killer in failing else result for result in results]


def report(results: Sequence[Result], known: Measured) -> None:
    """Print what wasn't killed with its difference, then the counts; what isn't Python is no fault."""
    results = [result for result in results if result.outcome != "no Python"]
    for result in sorted(results):
        if result.outcome not in KILLED:
            click.echo(f"{result.outcome}, {result.untried} tests untried, {result.killer}\n{result.diff}\n")
    for failing in known.failing:
        click.echo(f"fails without a fault, and was left out: {failing}")
    for (stage, outcome), count in sorted(Counter((result.stage, result.outcome) for result in results).items()):
        click.echo(f"{count:4} {outcome} ({stage})")
    killed = sum(result.outcome in KILLED for result in results)
    click.echo(f"{killed} of {len(results)} faults killed ({killed / len(results):.1%})")


if __name__ == "__main__":
    main()
