"""Plant a seeded sample of faults in the program and see which of them the tests find.

``python -m tests.mutants`` takes copies of the committed tree, measures which test covers which line, has cosmic-ray
plant one fault at a time, and runs the tests that cover its line, the quickest first. Survivors are then tried on all
other tests. Everything is kept below ``build/mutants``: a run that was interrupted goes on where it ended, and
``--fresh`` begins anew. Faults in annotations are left out: no test has to find them.
"""

import ast
import json
import os
import random
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

import click
import pytest
from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkItem
from coverage import CoverageData

HOME = Path(__file__).parent.parent
BUILD = HOME / "build/mutants"
# The folder that all copies share: of a copy itself its parent.
SHARED = HOME.parent if HOME.parent.name == "mutants" else BUILD
# Seconds after which a fault counts as found; the rest of the tests takes long on a busy machine.
STAGES = {"covering": 900.0, "rest": 3600.0}
ROOMS = ("core", "render", "publish", "build")
CONFIG = """[cosmic-ray]
module-path = [{modules}]
timeout = {timeout}
excluded-modules = []
test-command = "{python} -m tests.mutants try {stage}"
[cosmic-ray.distributor]
name = "local"
"""


@click.group(invoke_without_command=True)
@click.option("--count", default=200, help="How many faults to plant.")
@click.option("--seed", default=1, help="Which of all faults are in the sample.")
@click.option("--workers", default=2, help="How many copies of the tree to work in.")
@click.option("--fresh", is_flag=True, help="Forget an earlier run.")
@click.pass_context
def main(context: click.Context, *, count: int, seed: int, workers: int, fresh: bool) -> None:
    """Run the whole sample and report the survivors."""
    if context.invoked_subcommand:
        return
    if fresh:
        shutil.rmtree(BUILD, ignore_errors=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    copies = [copy_tree(number) for number in range(workers)]
    if not (BUILD / ".coverage").exists():
        measure_coverage(copies[0], workers)
    for number, copy in enumerate(copies):
        if not session("covering", number).exists():
            draw_sample(number, copy, count, seed, workers)
    for stage in STAGES:
        with ThreadPoolExecutor(workers) as pool:
            list(pool.map(run_session, [stage] * workers, range(workers), copies))
    report(workers)


def copy_tree(number: int) -> Path:
    """Clone the committed tree for one worker."""
    copy = BUILD / f"worker-{number}"
    if not copy.exists():
        run(["git", "clone", "--quiet", "--local", str(HOME), str(copy)], HOME)
    run(["git", "checkout", "--quiet", "."], copy)  # an interrupted run may have left a fault
    return copy


def session(stage: str, number: int) -> Path:
    return BUILD / f"{stage}-{number}.sqlite"


def config(stage: str) -> Path:
    modules = ", ".join(f'"generator/{room}"' for room in ROOMS)
    path = BUILD / f"{stage}.toml"
    path.write_text(
        CONFIG.format(modules=modules, timeout=STAGES[stage], python=sys.executable, stage=stage), encoding="utf-8"
    )
    return path


def run(command: Sequence[str], folder: Path) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=folder, env=env, check=True, text=True, stdout=subprocess.PIPE)


def measure_coverage(copy: Path, workers: int) -> None:
    """Note which tests run each line, and how long each test takes."""
    env = {**os.environ, "COVERAGE_FILE": str(BUILD / "coverage"), "PYTHONPATH": str(copy)}
    options = ["-n", str(workers), "-p", "tests.mutants", "--cov=generator", "--cov-context=test", "--cov-report="]
    subprocess.run([sys.executable, "-m", "pytest", *options], cwd=copy, env=env, check=True)
    (BUILD / "coverage").rename(BUILD / ".coverage")


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Append a test's seconds to ``durations`` (this module is a plugin of the run that measures coverage)."""
    if report.when == "call" and "PYTEST_XDIST_WORKER" not in os.environ:
        with (SHARED / "durations").open("a", encoding="utf-8") as file:
            file.write(json.dumps([report.nodeid, report.duration]) + "\n")


# --- the sample ------------------------------------------------------------------------------------------------------


def draw_sample(number: int, copy: Path, count: int, seed: int, workers: int) -> None:
    """Give one worker its share of the sample: places first, then one of the faults that can be planted there."""
    draft = BUILD / f"draft-{number}.sqlite"
    draft.unlink(missing_ok=True)
    run([sys.executable, "-m", "cosmic_ray.cli", "init", str(config("covering")), str(draft)], copy)
    with use_db(str(draft), WorkDB.Mode.open) as database:
        share = sample(list(database.work_items), copy, count, seed)[number::workers]
        database.clear()
        database.add_work_items(share)
    draft.rename(session("covering", number))


def sample(items: Sequence[WorkItem], copy: Path, count: int, seed: int) -> list[WorkItem]:
    places = defaultdict(list)
    for item in sorted(items, key=place):
        places[place(item)[:2]].append(item)
    annotated = {
        key for path, group in groupby(places, key=lambda key: key[0]) for key in in_annotations(copy, path, group)
    }
    generator = random.Random(seed)
    chosen = generator.sample([key for key in places if key not in annotated], count)
    return [generator.choice(places[key]) for key in chosen]


def place(item: WorkItem) -> tuple[str, tuple[int, int], str, int]:
    (mutation,) = item.mutations
    return str(mutation.module_path), mutation.start_pos, mutation.operator_name, mutation.occurrence


def in_annotations(
    copy: Path, path: str, keys: Iterator[tuple[str, tuple[int, int]]]
) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the places that lie in an annotation."""
    spans = [
        ((part.lineno, part.col_offset), (part.end_lineno, part.end_col_offset))
        for node in ast.walk(ast.parse((copy / path).read_text(encoding="utf-8")))
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if part is not None
    ]
    return (key for key in keys if any(start <= key[1] < end for start, end in spans))


# --- trying ----------------------------------------------------------------------------------------------------------


def run_session(stage: str, number: int, copy: Path) -> None:
    """Try what was not tried yet; the program under test is the worker's own copy."""
    if stage == "rest" and not session(stage, number).exists():
        with use_db(str(session(stage, number)), WorkDB.Mode.create) as database:
            database.add_work_items(survivors("covering", number))
    run([sys.executable, "-m", "cosmic_ray.cli", "exec", str(config(stage)), str(session(stage, number))], copy)


def survivors(stage: str, number: int) -> list[WorkItem]:
    with use_db(str(session(stage, number)), WorkDB.Mode.open) as database:
        names = {name for name, result in database.results if result.test_outcome is TestOutcome.SURVIVED}
        return [item for item in database.work_items if item.job_id in names]


@main.command("try")
@click.argument("stage", type=click.Choice(list(STAGES)))
def try_fault(stage: str) -> None:
    """Run the tests that cover the fault planted in this copy, or the rest; fail as soon as one fails."""
    covering = covering_tests()
    # What judges the source itself covers no line of it, and is quick.
    seconds = seconds_by_test()
    others = sorted(
        seconds.keys() - set(covering), key=lambda name: (not name.startswith("tests/house/"), seconds[name], name)
    )
    tests = covering if stage == "covering" else others
    if not tests:
        return
    listed = SHARED / f"tests-{HOME.name}"
    listed.write_text("\n".join(tests), encoding="utf-8")
    options = ["-x", "-q", "-n", "0", "-p", "no:cacheprovider", f"@{listed}"]
    env = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    sys.exit(subprocess.run([sys.executable, "-m", "pytest", *options], env=env, check=False).returncode)


def covering_tests() -> list[str]:
    """List the tests that run a changed line, the quickest first."""
    diff = run(["git", "diff", "--unified=0", "--", "generator"], Path.cwd()).stdout
    path = next(line.removeprefix("--- a/") for line in diff.splitlines() if line.startswith("--- a/"))
    heads = [line.split()[1] for line in diff.splitlines() if line.startswith("@@")]
    lines = set()
    for head in heads:
        start, _, length = head.removeprefix("-").partition(",")
        lines |= set(range(int(start), int(start) + int(length or 1)))
    data = CoverageData(str(SHARED / ".coverage"))
    data.read()
    measured = next((file for file in data.measured_files() if file.endswith(f"/{path}")), "")
    contexts = data.contexts_by_lineno(measured)
    names = {name.partition("|")[0] for line in lines for name in contexts.get(line, ()) if name}
    seconds = seconds_by_test()
    return sorted(names & seconds.keys(), key=lambda name: (seconds[name], name))


def seconds_by_test() -> dict[str, float]:
    return dict(json.loads(line) for line in (SHARED / "durations").read_text(encoding="utf-8").splitlines())


def report(workers: int) -> None:
    """Print every survivor with its difference, then the counts."""
    total, diffs = 0, []
    for number in range(workers):
        with use_db(str(session("covering", number)), WorkDB.Mode.open) as database:
            total += database.num_results
        with use_db(str(session("rest", number)), WorkDB.Mode.open) as database:
            diffs += [result.diff for _, result in database.results if result.test_outcome is TestOutcome.SURVIVED]
    for diff in sorted(diffs):
        click.echo(diff + "\n")
    killed = total - len(diffs)
    click.echo(f"{killed} of {total} faults found ({killed / total:.0%}), {len(diffs)} not")


if __name__ == "__main__":
    main()
