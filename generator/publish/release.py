"""Pages into the output folder: each file whole or not at all, nothing deleted that no build of ours wrote."""

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.problems import Problem, Where
from generator.project import Project


@dataclass(frozen=True, slots=True)
class Release:
    """What a build did: how many files the site has, how many were written and how many withdrawn."""

    files: int
    written: int
    withdrawn: int


def manifest_path(project: Project, output: Path) -> Path:
    """Where the list of what was written to an output folder is kept."""
    key = hashlib.sha256(os.fsencode(output.resolve())).hexdigest()[:16]
    return project.state / "manifests" / f"{key}.json"


def strangers(project: Project, output: Path, files: Mapping[str, bytes]) -> list[Problem]:
    """Refuse a folder that holds what no build of ours wrote: such a folder may be somebody's work."""
    name = project.name(output)
    if any(place.exists() and not place.is_dir() for place in (output, *output.parents)):
        return [Problem(Where(name), "output.not-a-folder", "这不是文件夹", "请用 --output 指定一个空文件夹")]
    if any(output.resolve() in (kept, *kept.parents) for kept in _sources(project)) or in_sources(project, output):
        hint = "请用 --output 指定一个专门的空文件夹"
        return [Problem(Where(name), "output.sources", "这个文件夹里有站点的原始资料，不能作输出文件夹", hint)]
    if nested := [other for other in _outputs(project) if _overlap(output.resolve(), other)]:
        message = f"这个文件夹与另一次生成的 {project.name(nested[0])} 互相包含"
        return [Problem(Where(name), "output.nested", message, "请用 --output 指定另一个文件夹")]
    listed = _manifest(project, output)
    foreign = [
        path
        for path in present(output)
        if not {path, _whole(path)} & listed.keys() and not (path in files and _holds(output / path, files[path]))
    ]
    if not foreign:
        return []
    shown = "、".join(foreign[:5]) + (f"等 {len(foreign)} 个" if len(foreign) > 5 else "")  # noqa: PLR2004
    hint = "请移走这些文件，或用 --output 指定另一个文件夹"
    return [Problem(Where(name), "output.foreign", f"输出文件夹里有不是本程序写的文件：{shown}", hint)]


def _sources(project: Project) -> list[Path]:
    return [path.resolve() for path in (project.content, project.ledgers, project.root / "themes")]


def in_sources(project: Project, path: Path) -> bool:
    """Whether a path lies in the folders that hold people's own files."""
    return any(kept in (path.resolve(), *path.resolve().parents) for kept in _sources(project))


def _outputs(project: Project) -> Iterator[Path]:
    """Folders that still hold what earlier builds wrote."""
    for manifest in sorted((project.state / "manifests").glob("*.json")):
        found = _read(manifest)
        if found and Path(found["output"]).is_dir():
            yield Path(found["output"])


def _overlap(one: Path, other: Path) -> bool:
    return one in other.parents or other in one.parents


def _manifest(project: Project, output: Path) -> dict[str, str]:
    """Path and digest of each file written by the last build into that folder."""
    found = _read(manifest_path(project, output))
    return found["files"] if found else {}


def _read(path: Path) -> dict[str, Any] | None:
    """A manifest, or None if there is none that can be read: then nothing in the folder counts as ours."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) and {"output", "files"} <= found.keys() else None


def _whole(path: str) -> str:
    """The file that a temporary file of ours was to become: a/.b.html.tmp was to be a/b.html."""
    return re.sub(r"(^|/)\.([^/]+)\.tmp$", r"\1\2", path)


def present(output: Path) -> Iterator[str]:
    """Paths of all files in a folder."""
    for folder, _, names in os.walk(output):
        for name in sorted(names):
            yield (Path(folder) / name).relative_to(output).as_posix()


def publish(project: Project, output: Path, files: Mapping[str, bytes]) -> Release:
    """Write what changed, withdraw what the last build wrote and this one did not, and remember the list."""
    digests = {path: hashlib.sha256(raw).hexdigest() for path, raw in files.items()}
    before = _manifest(project, output)
    _remember(project, output, {**before, **digests})  # so that an interrupted build can be taken up again
    release = switch(output, files, before)
    _remember(project, output, digests)
    return release


def switch(output: Path, files: Mapping[str, bytes], before: Iterable[str]) -> Release:
    """Put files in place one by one, in the order given, then withdraw those of ``before`` that are no more.

    Index pages come last in the order, so that no page links to one that is not there yet.
    """
    written = [path for path, raw in files.items() if not _holds(output / path, raw)]
    for path in written:
        replace(output / path, files[path])
    gone = [path for path in before if path not in files]
    for path in gone:
        _withdraw(output, path)
    return Release(len(files), len(written), len(gone))


def _holds(path: Path, raw: bytes) -> bool:
    return path.is_file() and path.stat().st_size == len(raw) and path.read_bytes() == raw


def replace(path: Path, raw: bytes) -> None:
    """Put a file in place whole: readers see the old bytes or the new ones."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.tmp")
    try:
        beside.write_bytes(raw)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def _withdraw(output: Path, path: str) -> None:
    (output / path).unlink(missing_ok=True)
    for folder in (output / path).parents:
        if folder == output or not folder.is_dir() or any(folder.iterdir()):
            break
        folder.rmdir()


def _remember(project: Project, output: Path, digests: Mapping[str, str]) -> None:
    project.state.mkdir(mode=0o700, exist_ok=True)
    text = json.dumps({"output": str(output.resolve()), "files": dict(sorted(digests.items()))}, indent=1)
    replace(manifest_path(project, output), text.encode())
