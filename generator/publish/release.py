"""Releases: one takes another's place file by file under a journal, and can give it back.

Bytes and manifest are remembered first; then the journal says that the switch begins. All new files are written beside
their places and flushed, and only then renamed into place. Whoever is killed before leaves the old site; later, the
journal tells the next build or rollback which files are ours.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.problems import Problem, Where
from generator.project import Project
from generator.publish import atomic_files
from generator.publish.append_only import vanished, withdrawn
from generator.publish.atomic_files import present
from generator.publish.comparison import compare, current, interrupted
from generator.publish.lock import LockedError, lock
from generator.publish.output_folder import in_sources, owned, refusals
from generator.publish.published_digests import published, remember
from generator.publish.store import Manifest, Store, outputs

__all__ = [
    "Basis",
    "LockedError",
    "Manifest",
    "Release",
    "compare",
    "current",
    "in_sources",
    "interrupted",
    "lock",
    "outputs",
    "present",
    "publish",
    "published",
    "rollback",
    "switch",
    "vanished",
]


class Release(Struct, frozen=True):
    """What became of an output folder: what it holds now, how many files were written and how many withdrawn.

    ``fresh`` are digests of what had never been published before, in no folder.
    """

    manifest: Manifest
    written: int
    withdrawn: int
    fresh: frozenset[str] = frozenset()


class Basis(Struct, frozen=True):
    """What files are published on: the day, and all sealed that they rest on, in words by digest.

    ``stays`` tells of a page once published whether it may not be withdrawn.
    """

    day: date
    rests: Mapping[str, str]
    stays: Callable[[str], bool]


def publish(
    project: Project, output: Path, made: Mapping[str, str], stale: Iterable[str], basis: Basis
) -> tuple[Release | None, list[Problem]]:
    """Make the folder hold exactly these files, index pages last in the order given; or say why not.

    ``made`` are their digests. The folder does not hold those that are ``stale``: the store has their bytes. The caller
    holds the lock of the project.

    An interrupted switch is not completed first: this release takes the place of whatever lies there, and the one
    before it is the last that was whole.
    """
    output = output.resolve()
    problems = (
        vanished(project, output, basis.rests)
        or withdrawn(project, output, made, basis.stays)
        or refusals(project, output, made)
    )
    if problems:
        return None, problems
    fresh = basis.rests.keys() - published(project)
    store, ours = Store.of(project, output), owned(project, output)
    if store.journal() is None:
        store.note(*store.lying())  # before a new manifest makes it look as if that were the one
    before = store.read(min(store.lying()))
    goal = Manifest(store.unused(), (before and before.number) or None, output, basis.day, basis.rests, made)
    if before and (before.files, before.rests.keys()) == (goal.files, goal.rests.keys()):
        goal = before
    else:
        store.add(goal)
    return replace(_Switch(store, output, ours).to(goal, list(stale)), fresh=frozenset(fresh)), []


def rollback(project: Project, output: Path) -> tuple[Release | None, list[Problem]]:
    """Give the folder back to the release before or, after an interruption, to the earlier of both; or say why not."""
    output = output.resolve()
    with lock(project):
        store = Store.of(project, output)
        goal = _earlier(store)
        if goal is None:
            hint = "要换上新的内容，请改好资料后运行 jifenbang build"
            return None, [Problem(Where(project.name(output)), "rollback.none", "没有更早的一次生成可以退回", hint)]
        problems = refusals(project, output, goal.files)
        if problems:
            return None, problems
        changed = atomic_files.stale(output, goal.files)
        lost = sorted(path for path in changed if atomic_files.held(store.blob(goal.files[path])) != goal.files[path])
        if lost:
            message = f"第 {goal.number} 次生成的 {lost[0]} 等 {len(lost)} 个文件没有保存好，退不回去，网站没有改动"
            hint = "请改好资料后运行 jifenbang build"
            return None, [Problem(Where(project.name(output)), "rollback.damaged", message, hint)]
        return _Switch(store, output, owned(project, output)).to(goal, changed), []


def _earlier(store: Store) -> Manifest | None:
    lying = store.lying()
    if len(lying) > 1:
        return store.read(min(lying))
    now = store.read(lying[0])
    return store.read(now.before) if now and now.before else None


class _Switch(Struct, frozen=True):
    """One release taking the place of what lies in a folder; ``ours`` are the files there that we wrote."""

    store: Store
    output: Path
    ours: AbstractSet[str]

    def to(self, goal: Manifest, changed: Sequence[str]) -> Release:
        """Switch under the journal; ``changed`` are the files that the folder doesn't hold yet."""
        gone = self._gone(goal)
        done = Release(goal, len(changed), sum((self.output / path).is_file() for path in gone if path in self.ours))
        if changed or gone or self.store.journal() != (goal.number,):
            self._stage(goal, changed)
            atomic_files.put(self.output, changed)
            atomic_files.withdraw(self.output, gone)
            atomic_files.flush()
            self.store.settle()
            self.store.prune(goal)
        return done

    def _gone(self, goal: Manifest) -> list[str]:
        """What the release lacks, and what a killed command left half written."""
        ours = self.ours | goal.files.keys()
        half = {path for path in atomic_files.present(self.output) if atomic_files.intended(path) in ours}
        return sorted((self.ours | half) - goal.files.keys())

    def _stage(self, goal: Manifest, changed: Sequence[str]) -> None:
        """Begin the journal and write beside their places all that is to come; on a failure leave all as it was."""
        lying = self.store.lying()
        self.store.note(*lying, goal.number)
        try:
            atomic_files.lay(self.output, {path: self.store.blob(goal.files[path]) for path in changed})
            self.store.prepare(goal.number)
            atomic_files.flush()
            remember(self.store.project, goal.rests)
        except BaseException:
            atomic_files.withdraw(self.output, map(atomic_files.temporary, changed))
            self.store.note(*lying)
            raise


def switch(output: Path, pages: Mapping[str, bytes], before: Iterable[str]) -> None:
    """Put files in place and withdraw those of ``before`` that are no more: for folders that are thrown away."""
    digests = {path: atomic_files.digest(raw) for path, raw in pages.items()}
    changed = {path: pages[path] for path in atomic_files.stale(output, digests)}
    atomic_files.stage(output, changed)
    atomic_files.put(output, changed)
    atomic_files.withdraw(output, [path for path in before if path not in pages])
