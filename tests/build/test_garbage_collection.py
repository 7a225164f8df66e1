"""The garbage collector is off while a build makes values, here and in processes beside this one, and on after it."""

import gc
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from generator.build import branch, branch_pages, executors, garbage_collection, plan
from tests.build.courses import FIRST, READERS, Course

# By step: what is called in it, and in no step around it.
STEPS = {
    "plan_build": (plan, "_check_unchanged"),
    "survey_branch": (branch, "_report_unscored"),
    "summarize_branch": (branch, "_summary_valid_until"),
    "store_branch_pages": (branch_pages, "collect_young"),
}


@pytest.fixture(autouse=True)
def collecting() -> Iterator[None]:
    """The collector on before, and after, whatever a test does."""
    assert gc.isenabled()
    yield
    gc.enable()


@pytest.mark.parametrize("step", STEPS)
def test_no_step_of_a_build_collects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str):
    organ, collecting = Course(tmp_path).organ, set[bool]()
    module, name = STEPS[step]
    note(monkeypatch, module, name, collecting)
    branch.clear_caches()
    done = organ.run("build", "--audience", READERS, "--jobs", "1", today=FIRST)
    assert (done.exit_code, collecting) == (0, {False}), done.output
    assert gc.isenabled()


def note(patch: pytest.MonkeyPatch, module: ModuleType, name: str, collecting: set[bool]) -> None:
    """Note, at each call of a function, whether the collector is on."""
    function = getattr(module, name)

    def noting(*arguments: object) -> object:
        collecting.add(gc.isenabled())
        return function(*arguments)

    patch.setattr(module, name, noting)


def test_a_collector_that_was_off_stays_off():
    gc.disable()
    with garbage_collection.gc_disabled():
        pass
    assert not gc.isenabled()


def test_after_an_error_it_is_on_again():
    with pytest.raises(KeyError), garbage_collection.gc_disabled():
        raise KeyError
    assert gc.isenabled()


def test_processes_beside_this_one_do_not_collect():
    with executors.open_processes(2) as workers:
        assert [worker.submit(gc.isenabled).result() for worker in workers] == [False, False]


def test_what_was_loaded_before_is_looked_through_no_more():
    """Once per process: all that came later is collected."""
    garbage_collection.freeze_heap.cache_clear()
    garbage_collection.freeze_heap()
    frozen = gc.get_freeze_count()
    later = [[] for _ in range(1000)]
    garbage_collection.freeze_heap()
    assert frozen > len(later)
    assert gc.get_freeze_count() <= frozen
