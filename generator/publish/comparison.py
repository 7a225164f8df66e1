"""Comparison of an output folder with the manifest of its release; nothing is written."""

from pathlib import Path

from generator.disk import atomic_files
from generator.disk.system_files import is_system_file
from generator.problems import Cause, Location, Problem, Severity
from generator.project import Project
from generator.publish.store import Manifest, Store


def read_current_release(project: Project, output: Path) -> Manifest | None:
    """Return the release in the folder or, after an interruption, the last one that was whole."""
    store = Store.for_output(project, output)
    # After an interruption the journal has two numbers. The release of the smaller was whole once, the other maybe not.
    manifest = store.read_manifest(min(store.read_journal() or (0,)))
    return manifest if manifest and manifest.number else None


def is_interrupted(project: Project, output: Path) -> bool:
    """Return whether the folder may have files of two releases."""
    return len(Store.for_output(project, output).read_journal() or ()) > 1


def compare_with_release(project: Project, output: Path) -> list[Problem]:
    """Return every way in which a folder differs from its release; a warning for what the system itself put there."""
    where = Location(project.file_name(output))
    if is_interrupted(project, output):
        hint = "请再运行一次 jifenbang build，或用 jifenbang rollback 退回"
        return [Problem(where, "release.interrupted", "上一次生成或退回中途断了，网站可能新旧混杂", hint)]
    release = read_current_release(project, output)
    if release is None:
        hint = "请重新运行 jifenbang build"
        return [Problem(where, "release.unknown", "没有这个文件夹的发布记录，无法核对", hint)]
    present = set(atomic_files.walk_paths(output))
    from_system = {path for path in present - release.files.keys() if is_system_file(path)}
    differing = set(atomic_files.find_changed_paths(output, release.files))
    rebuild_hint = "重新运行 jifenbang build，或用 jifenbang rollback 退回上一次生成"
    differences = (
        ("release.missing", differing - present, "不见了", f"请{rebuild_hint}"),
        ("release.changed", differing & present, "与生成时不同", f"请查明是谁改动的，再{rebuild_hint}"),
        (
            "release.added",
            present - release.files.keys() - from_system,
            "不是本程序发布的",
            "请移走它；名字以 .tmp 结尾的，也可以" + rebuild_hint,
        ),
    )
    return [
        *(
            Problem(
                where,
                code,
                f"{path} {difference}",
                hint,
                cause=Cause(f"网站里有文件{difference}", hint, where, "个"),
                subject=("", path),
            )
            for code, paths, difference, hint in differences
            for path in sorted(paths)
        ),
        *(
            Problem(
                where,
                "release.system-file",
                f"{path} 是操作系统自己放的文件，不是网站的",
                "不影响网站，可以不理",
                Severity.WARNING,
            )
            for path in sorted(from_system)
        ),
    ]
