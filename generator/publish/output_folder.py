"""Whether a folder may be written: it may be somebody's work."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from generator.problems import Location, Problem
from generator.project import Project
from generator.publish import atomic_files
from generator.publish.store import Store, read_releases_of_all_outputs

_SHOWN = 5  # names of strangers


def check_output_folder(project: Project, output: Path, digests: Mapping[str, str]) -> list[Problem]:
    """Refuse a folder that holds what no build of ours wrote, or is none, or not for that."""
    name = project.file_name(output)
    if any(place.exists() and not place.is_dir() for place in (output, *output.parents)):
        return [Problem(Location(name), "output.not-a-folder", "这不是文件夹", "请用 --output 指定一个空文件夹")]
    if any(output.resolve() in (kept, *kept.parents) for kept in _sources(project)) or is_in_sources(project, output):
        hint = "请用 --output 指定一个专门的空文件夹"
        return [Problem(Location(name), "output.sources", "这个文件夹里有站点的原始资料，不能作输出文件夹", hint)]
    if nested := [
        one.output for one in read_releases_of_all_outputs(project) if _overlap(output.resolve(), one.output)
    ]:
        message = f"这个文件夹与另一次生成的 {project.file_name(nested[0])} 互相包含"
        return [Problem(Location(name), "output.nested", message, "请用 --output 指定另一个文件夹")]
    foreign = sorted(_foreign(project, output, digests))
    if not foreign:
        return []
    shown = "、".join(foreign[:_SHOWN]) + (f"等 {len(foreign)} 个" if len(foreign) > _SHOWN else "")
    hint = "请移走这些文件，或用 --output 指定另一个文件夹"
    return [Problem(Location(name), "output.foreign", f"输出文件夹里有不是本程序写的文件：{shown}", hint)]


def _sources(project: Project) -> list[Path]:
    return [
        path.resolve()
        for path in (project.content_folder, project.ledgers_folder, project.root / "themes", project.state_folder)
    ]


def is_in_sources(project: Project, path: Path) -> bool:
    """Whether a path lies in the folders that hold people's own files, or the program's state."""
    return any(kept in (path.resolve(), *path.resolve().parents) for kept in _sources(project))


def _overlap(one: Path, other: Path) -> bool:
    return one in other.parents or other in one.parents


def _foreign(project: Project, output: Path, digests: Mapping[str, str]) -> Iterator[str]:
    """What is not ours: every link, every folder where a file goes, and files unless they hold what they should."""
    ours, there = find_owned_paths(project, output), set()
    for path, linked in atomic_files.walk_entries(output):
        there.add(path)
        if linked:
            yield f"{path}（链接）"
        elif path not in ours and atomic_files.final_path(path) not in ours and not _holds(output, path, digests):
            yield path
    missing = sorted((ours | digests.keys()) - there) if there else []
    yield from (f"{path}（文件夹）" for path in missing if (output / path).is_dir())


def _holds(output: Path, path: str, digests: Mapping[str, str]) -> bool:
    return path in digests and atomic_files.digest_file(output / path) == digests[path]


def find_owned_paths(project: Project, output: Path) -> set[str]:
    """Paths that builds of ours wrote in a folder.

    If the journal or its manifests are damaged, only files that hold what any manifest says are known to be ours.
    """
    store = Store.for_output(project, output)
    lying = [store.read_manifest(number) for number in store.read_journal() or ()]
    if lying and None not in lying:
        return {path for one in lying if one for path in one.files}
    known = [one for number in store.list_numbers() if (one := store.read_manifest(number))]
    return {path for one in known for path in one.files if _holds(output, path, one.files)}
