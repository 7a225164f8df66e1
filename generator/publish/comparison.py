"""A published site against what is remembered of it; nothing is written."""

from pathlib import Path

from generator.problems import Location, Problem
from generator.project import Project
from generator.publish import atomic_files
from generator.publish.store import Manifest, Store


def read_current_release(project: Project, output: Path) -> Manifest | None:
    """The release that the folder holds or, after an interruption, the last one that was whole."""
    store = Store.for_output(project, output)
    found = store.read_manifest(min(store.read_journal() or (0,)))
    return found if found and found.number else None


def is_interrupted(project: Project, output: Path) -> bool:
    """Whether files of two releases may lie in the folder."""
    return len(Store.for_output(project, output).read_journal() or ()) > 1


def compare_with_release(project: Project, output: Path) -> list[Problem]:
    """Every way in which a folder differs from the release that it should hold."""
    where = Location(project.file_name(output))
    if is_interrupted(project, output):
        hint = "请再运行一次 jifenbang build，或用 jifenbang rollback 退回"
        return [Problem(where, "release.interrupted", "上一次生成或退回中途断了，网站可能新旧混杂", hint)]
    known = read_current_release(project, output)
    if known is None:
        hint = "请重新运行 jifenbang build"
        return [Problem(where, "release.unknown", "没有这个文件夹的发布记录，无法核对", hint)]
    lying, differing = set(atomic_files.walk_paths(output)), set(atomic_files.find_changed_paths(output, known.files))
    again = "重新运行 jifenbang build，或用 jifenbang rollback 退回上一次生成"
    found = (
        ("release.missing", differing - lying, "不见了", f"请{again}"),
        ("release.changed", differing & lying, "与生成时不同", f"请查明是谁改动的，再{again}"),
        (
            "release.added",
            lying - known.files.keys(),
            "不是本程序发布的",
            "请移走它；名字以 .tmp 结尾的，也可以" + again,
        ),
    )
    return [Problem(where, code, f"{path} {what}", hint) for code, paths, what, hint in found for path in sorted(paths)]
