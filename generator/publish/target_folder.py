"""The folder to which the site is carried: whether it can be one, and which it was the last time."""

import os
from pathlib import Path

from generator.disk import atomic_files
from generator.project import Project
from generator.publish.store import ABSENT_ERRORS


def find_target_fault(project: Project, site: Path, target: Path) -> str:
    """Return why the site in a folder can't be carried to another; empty if it can."""
    resolved, root = target.resolve(), project.root.resolve()
    if resolved == site:
        return f"“{target}”就是网站所在的文件夹，请写网页服务器的文件夹"
    if resolved == root or root in resolved.parents:
        return f"“{target}”在站点的文件夹里，请写站点以外的文件夹"
    # A network drive that isn't there would become a folder of this machine.
    if not resolved.parent.is_dir():
        return f"送不到“{target}”：没有“{target.parent}”这个文件夹；在网络盘上的，请先连上"
    if not resolved.exists() and not os.access(resolved.parent, os.W_OK):
        return f"送不到“{target}”：没有这个文件夹，也不能在“{target.parent}”里新建；请核对，或换一个文件夹"
    return ""


def note_target(project: Project, target: Path) -> None:
    """Let this be the folder to which the site was carried, or is to be."""
    raw = os.fsencode(target.resolve())
    if _read_target(project) != raw:
        project.state_folder.mkdir(mode=0o700, exist_ok=True)
        atomic_files.write_durably(project.target_path, raw)


def read_target(project: Project) -> Path | None:
    """Return the folder that was noted last; None if none was."""
    raw = _read_target(project)
    target = Path(os.fsdecode(raw)) if raw and b"\0" not in raw else None
    return target if target and target.is_absolute() else None


def _read_target(project: Project) -> bytes:
    try:
        return project.target_path.read_bytes()
    except ABSENT_ERRORS:
        return b""
