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

from generator.problems import Location, Problem
from generator.project import Project
from generator.publish import atomic_files
from generator.publish.append_only import check_basis_is_present, check_permanent_pages
from generator.publish.atomic_files import walk_paths
from generator.publish.comparison import compare_with_release, is_interrupted, read_current_release
from generator.publish.lock import LockedError, lock_project
from generator.publish.output_folder import check_output_folder, find_owned_paths, is_in_sources
from generator.publish.published_digests import read_published_digests, record_published
from generator.publish.store import Manifest, Store, read_releases_of_all_outputs

__all__ = [
    "LockedError",
    "Manifest",
    "PublishBasis",
    "PublishResult",
    "check_basis_is_present",
    "compare_with_release",
    "is_in_sources",
    "is_interrupted",
    "lock_project",
    "publish_release",
    "read_current_release",
    "read_published_digests",
    "read_releases_of_all_outputs",
    "replace_files",
    "roll_back_release",
    "walk_paths",
]


class PublishResult(Struct, frozen=True):
    """What became of an output folder: what it holds now, how many files were written and how many withdrawn.

    ``fresh`` are digests of what had never been published before, in no folder.
    """

    manifest: Manifest
    written: int
    withdrawn: int
    newly_published: frozenset[str] = frozenset()


class PublishBasis(Struct, frozen=True):
    """What files are published on: the day, and all sealed that they rest on, in words by digest.

    ``stays`` tells of a page once published whether it may not be withdrawn.
    """

    day: date
    rests: Mapping[str, str]
    is_permanent: Callable[[str], bool]


def publish_release(
    project: Project, output: Path, digests: Mapping[str, str], changed_paths: Iterable[str], basis: PublishBasis
) -> tuple[PublishResult | None, list[Problem]]:
    """Make the folder hold exactly these files, index pages last in the order given; or say why not.

    ``made`` are their digests. The folder does not hold those that are ``stale``: the store has their bytes. The caller
    holds the lock of the project.

    An interrupted switch is not completed first: this release takes the place of whatever lies there, and the one
    before it is the last that was whole.
    """
    output = output.resolve()
    problems = (
        check_basis_is_present(project, output, basis.rests)
        or check_permanent_pages(project, output, digests, basis.is_permanent)
        or check_output_folder(project, output, digests)
    )
    if problems:
        return None, problems
    fresh = basis.rests.keys() - read_published_digests(project)
    store, ours = Store.for_output(project, output), find_owned_paths(project, output)
    if store.read_journal() is None:
        store.write_journal(
            *store.find_present_numbers()
        )  # before a new manifest makes it look as if that were the one
    before = store.read_manifest(min(store.find_present_numbers()))
    goal = Manifest(
        store.find_unused_number(), (before and before.number) or None, output, basis.day, basis.rests, digests
    )
    if before and (before.files, before.rests.keys()) == (goal.files, goal.rests.keys()):
        goal = before
    else:
        store.write_manifest(goal)
    return replace(_Switch(store, output, ours).to(goal, list(changed_paths)), newly_published=frozenset(fresh)), []


def roll_back_release(project: Project, output: Path) -> tuple[PublishResult | None, list[Problem]]:
    """Give the folder back to the release before or, after an interruption, to the earlier of both; or say why not."""
    output = output.resolve()
    with lock_project(project):
        store = Store.for_output(project, output)
        goal = _earlier(store)
        if goal is None:
            hint = "要换上新的内容，请改好资料后运行 jifenbang build"
            return None, [
                Problem(Location(project.file_name(output)), "rollback.none", "没有更早的一次生成可以退回", hint)
            ]
        problems = check_output_folder(project, output, goal.files)
        if problems:
            return None, problems
        changed = atomic_files.find_changed_paths(output, goal.files)
        lost = sorted(
            path for path in changed if atomic_files.digest_file(store.blob_path(goal.files[path])) != goal.files[path]
        )
        if lost:
            message = f"第 {goal.number} 次生成的 {lost[0]} 等 {len(lost)} 个文件没有保存好，退不回去，网站没有改动"
            hint = "请改好资料后运行 jifenbang build"
            return None, [Problem(Location(project.file_name(output)), "rollback.damaged", message, hint)]
        return _Switch(store, output, find_owned_paths(project, output)).to(goal, changed), []


def _earlier(store: Store) -> Manifest | None:
    lying = store.find_present_numbers()
    if len(lying) > 1:
        return store.read_manifest(min(lying))
    now = store.read_manifest(lying[0])
    return store.read_manifest(now.before) if now and now.before else None


class _Switch(Struct, frozen=True):
    """One release taking the place of what lies in a folder; ``ours`` are the files there that we wrote."""

    store: Store
    output: Path
    ours: AbstractSet[str]

    def to(self, goal: Manifest, changed: Sequence[str]) -> PublishResult:
        """Switch under the journal; ``changed`` are the files that the folder doesn't hold yet."""
        gone = self._gone(goal)
        done = PublishResult(
            goal, len(changed), sum((self.output / path).is_file() for path in gone if path in self.ours)
        )
        if changed or gone or self.store.read_journal() != (goal.number,):
            self._stage(goal, changed)
            atomic_files.commit_files(self.output, changed)
            atomic_files.delete_files(self.output, gone)
            atomic_files.flush_disk()
            self.store.commit_journal()
            self.store.prune_releases(goal)
        return done

    def _gone(self, goal: Manifest) -> list[str]:
        """What the release lacks, and what a killed command left half written."""
        ours = self.ours | goal.files.keys()
        half = {path for path in atomic_files.walk_paths(self.output) if atomic_files.final_path(path) in ours}
        return sorted((self.ours | half) - goal.files.keys())

    def _stage(self, goal: Manifest, changed: Sequence[str]) -> None:
        """Begin the journal and write beside their places all that is to come; on a failure leave all as it was."""
        lying = self.store.find_present_numbers()
        self.store.write_journal(*lying, goal.number)
        try:
            atomic_files.stage_copies(self.output, {path: self.store.blob_path(goal.files[path]) for path in changed})
            self.store.stage_journal(goal.number)
            atomic_files.flush_disk()
            record_published(self.store.project, goal.rests)
        except BaseException:
            atomic_files.delete_files(self.output, map(atomic_files.temporary_path, changed))
            self.store.write_journal(*lying)
            raise


def replace_files(output: Path, pages: Mapping[str, bytes], old_paths: Iterable[str]) -> None:
    """Put files in place and withdraw those of ``before`` that are no more: for folders that are thrown away."""
    digests = {path: atomic_files.digest_bytes(raw) for path, raw in pages.items()}
    changed = {path: pages[path] for path in atomic_files.find_changed_paths(output, digests)}
    atomic_files.stage_files(output, changed)
    atomic_files.commit_files(output, changed)
    atomic_files.delete_files(output, [path for path in old_paths if path not in pages])
