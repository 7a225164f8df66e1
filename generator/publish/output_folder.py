"""Check that a folder may be written: it may contain another person's work."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from generator.disk import atomic_files
from generator.disk.system_files import is_system_file
from generator.problems import Location, Problem
from generator.project import Project
from generator.publish.store import Store, read_releases_of_all_outputs

_MAX_LISTED = 5  # names of foreign files


def check_output_folder(
    project: Project, output: Path, digests: Mapping[str, str], remedy: str = "用 --output 指定另一个文件夹"
) -> list[Problem]:
    """Return a problem if a folder may not be written: no folder, sources or another output in it, or foreign files.

    ``remedy`` says how to choose another folder.
    """
    name = project.file_name(output)
    if any(folder.exists() and not folder.is_dir() for folder in (output, *output.parents)):
        return [Problem(Location(name), "output.not-a-folder", "这不是文件夹", f"请{remedy}")]
    # Pages in a source folder would be read as sources, and a release could delete sources that have a page's path.
    if _has_sources(project, output) or is_in_sources(project, output):
        message = "这个文件夹里有站点的原始资料，不能作输出文件夹"
        return [Problem(Location(name), "output.sources", message, f"请{remedy}")]
    if nested := [
        release.output
        for release in read_releases_of_all_outputs(project)
        if _is_nested(output.resolve(), release.output)
    ]:
        message = f"这个文件夹与另一次生成的 {project.file_name(nested[0])} 互相包含"
        return [Problem(Location(name), "output.nested", message, f"请{remedy}")]
    foreign = sorted(_find_foreign(project, output, digests))
    if not foreign:
        return []
    listed = "、".join(foreign[:_MAX_LISTED]) + (f"等 {len(foreign)} 个" if len(foreign) > _MAX_LISTED else "")
    hint = f"请移走这些文件，或{remedy}"
    return [Problem(Location(name), "output.foreign", f"输出文件夹里有不是本程序写的文件：{listed}", hint)]


def _source_folders(project: Project) -> list[Path]:
    return [
        path.resolve()
        for path in (project.content_folder, project.ledgers_folder, project.root / "themes", project.state_folder)
    ]


def _has_sources(project: Project, path: Path) -> bool:
    return any(path.resolve() in (folder, *folder.parents) for folder in _source_folders(project))


def is_in_sources(project: Project, path: Path) -> bool:
    """Return whether a path is in the folders of people's own files, or of the program's state."""
    return any(folder in (path.resolve(), *path.resolve().parents) for folder in _source_folders(project))


def _is_nested(left: Path, right: Path) -> bool:
    return left in right.parents or right in left.parents


def _find_foreign(project: Project, output: Path, digests: Mapping[str, str]) -> Iterator[str]:
    """Yield paths that no build wrote: links, folders at the path of a file, and files but for those in ``digests``."""
    ours, present = find_owned_paths(project, output), set()
    for path, is_link in atomic_files.walk_entries(output):
        present.add(path)
        if is_system_file(path) and not is_link:
            continue
        if is_link:
            yield f"{path}（链接）"
        # A file that has the very bytes to be written does no harm, such as one restored from a backup.
        elif (
            path not in ours
            and atomic_files.final_path(path) not in ours
            and not _has_listed_bytes(output, path, digests)
        ):
            yield path
    missing = sorted((ours | digests.keys()) - present) if present else []
    yield from (f"{path}（文件夹）" for path in missing if (output / path).is_dir())


def _has_listed_bytes(output: Path, path: str, digests: Mapping[str, str]) -> bool:
    return path in digests and atomic_files.digest_file(output / path) == digests[path]


def find_owned_paths(project: Project, output: Path) -> set[str]:
    """Return the paths in a folder that builds of this project wrote.

    If the journal or its manifests are damaged, only files whose bytes are those of any manifest are known to be ours.
    """
    store = Store.for_output(project, output)
    manifests = [store.read_manifest(number) for number in store.read_journal() or ()]
    if manifests and None not in manifests:
        return {path for manifest in manifests if manifest for path in manifest.files}
    readable = [manifest for number in store.list_numbers() if (manifest := store.read_manifest(number))]
    return {path for manifest in readable for path in manifest.files if _has_listed_bytes(output, path, manifest.files)}
