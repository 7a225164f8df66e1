"""Publish releases, which replace one another, and roll them back."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.disk import atomic_files
from generator.disk.atomic_files import walk_paths
from generator.problems import Location, Problem
from generator.project import Project
from generator.publish.append_only import check_basis_is_present, check_permanent_pages
from generator.publish.comparison import compare_with_release, is_interrupted, read_current_release
from generator.publish.lock import LockedError, lock_project
from generator.publish.output_folder import check_output_folder, find_owned_paths, is_in_sources
from generator.publish.published_digests import read_published_digests
from generator.publish.store import BuildRecord, Manifest, Store, read_releases_of_all_outputs
from generator.publish.switch import PublishResult, Switch, replace_release

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
    "roll_back_release",
    "walk_paths",
]


class PublishBasis(Struct, frozen=True):
    """The day of a release, titles by digest of all sealed documents on which it is based (``rests``), and its record.

    ``is_permanent`` returns of a page's path whether the page, once published, may not be withdrawn.
    """

    day: date
    rests: Mapping[str, str]
    record: BuildRecord
    is_permanent: Callable[[str], bool]


def publish_release(  # noqa: PLR0913  each bears on it
    project: Project,
    output: Path,
    digests: Mapping[str, str],
    changed_paths: Iterable[str],
    basis: PublishBasis,
    *,
    before_publication: Callable[[Manifest, Mapping[str, str]], None] | None = None,
) -> tuple[PublishResult | None, list[Problem]]:
    """Put exactly these files, by ``digests``, into the folder, index pages last in the order given.

    Returns problems instead if that is refused. ``changed_paths`` are the files that the folder does not have yet: the
    store has their bytes. ``before_publication`` is called with the release in the folder, if there is one, and the
    titles by digest of what no release in any folder had before; what it raises leaves the folder as it is. The caller
    has the lock of the project.

    An interrupted switch is not completed first: this release replaces whatever is in the folder, and counts as the
    successor of the last whole release.
    """
    output = output.resolve()
    problems = (
        check_basis_is_present(project, output, basis.rests)
        or check_permanent_pages(project, output, digests, basis.is_permanent)
        or check_output_folder(project, output, digests)
    )
    if problems:
        return None, problems
    newly_published = frozenset(basis.rests.keys() - read_published_digests(project))
    store = Store.for_output(project, output)
    before = store.read_manifest(min(store.find_present_numbers()))
    if before_publication and before and before.number and newly_published:
        titles = {digest: title for digest, title in basis.rests.items() if digest in newly_published}
        before_publication(before, titles)
    content = Manifest(0, None, output, basis.day, basis.rests, digests, basis.record)
    result = replace_release(store, content, {path: store.blob_path(digests[path]) for path in changed_paths})
    return replace(result, newly_published=newly_published), []


def roll_back_release(project: Project, output: Path) -> tuple[PublishResult | None, list[Problem]]:
    """Put the release before back into the folder or, after an interruption, the earlier of both.

    Returns problems instead if that is refused, or if there is no such release, or not all of its bytes.
    """
    output = output.resolve()
    with lock_project(project):
        store = Store.for_output(project, output)
        target = _read_release_before(store)
        if target is None:
            hint = "要换上新的内容，请改好资料后运行 jifenbang build"
            return None, [
                Problem(Location(project.file_name(output)), "rollback.none", "没有更早的一次生成可以退回", hint)
            ]
        problems = check_output_folder(project, output, target.files)
        if problems:
            return None, problems
        changed = atomic_files.find_changed_paths(output, target.files)
        # Before anything is touched: bytes that are lost or damaged must not show only halfway through.
        sources = {path: store.find_blob(target.files[path]) for path in changed}
        lost = sorted(path for path in changed if atomic_files.digest_file(sources[path]) != target.files[path])
        if lost:
            message = f"第 {target.number} 次生成的 {lost[0]} 等 {len(lost)} 个文件没有保存好，退不回去，网站没有改动"
            hint = "请改好资料后运行 jifenbang build"
            return None, [Problem(Location(project.file_name(output)), "rollback.damaged", message, hint)]
        return Switch(store, output, find_owned_paths(project, output)).to_release(target, sources), []


def _read_release_before(store: Store) -> Manifest | None:
    numbers = store.find_present_numbers()
    if len(numbers) > 1:
        return store.read_manifest(min(numbers))
    current = store.read_manifest(numbers[0])
    return store.read_manifest(current.before) if current and current.before else None
