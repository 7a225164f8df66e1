"""Errors of the system in the words of its users, whatever language the system speaks."""

import errno
from pathlib import Path

from generator.problems import Location, Problem
from generator.project import Project

_REASONS = {
    errno.EROFS: "这里只能读，不能写",
    errno.ENOENT: "文件或文件夹不见了",
    errno.ENAMETOOLONG: "文件名太长",
    errno.EIO: "磁盘或网络盘出错",
    errno.ENOTDIR: "应当是文件夹的地方是文件",
    errno.EISDIR: "应当是文件的地方是文件夹",
    errno.EMFILE: "打开的文件太多",
    errno.EACCES: "没有权限，或正在别的程序里打开",
    errno.EPERM: "没有权限",
    errno.ENOSPC: "磁盘满了",
    errno.ENOTSUP: "这个磁盘不能给文件改时间，请等几秒再运行",
    errno.EDQUOT: "磁盘的限额满了",
}


def describe_error(error: OSError) -> str:
    """Return why reading or writing failed."""
    return _REASONS.get(error.errno or 0, f"系统的错误号是 {error.errno}")


_RESUMED = "各个文件要么整份写好，要么原样，再运行一次就会补齐"


def describe_failure(project: Project, error: OSError) -> Problem:
    """Return the problem of a failed file operation: a full disk, a locked file, a vanished one."""
    path = Path(error.filename) if error.filename else project.root
    if project.state_folder in path.parents:
        path = project.state_folder  # what is in there is of no use to a reader
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        where = Location(project.file_name(path if path.is_dir() else path.parent), 0)
        return Problem(where, "file.failed", "磁盘满了，写不进去", f"请腾出磁盘空间；{_RESUMED}")
    where = Location(project.file_name(path), 0)
    if isinstance(error, PermissionError):
        hint = f"它可能正在别的程序里打开（WPS、Excel、杀毒软件、网盘同步），请关闭以后再运行；也请核对权限；{_RESUMED}"
        return Problem(where, "file.in-use", "打不开或换不掉这个文件", hint)
    hint = f"请核对文件夹的权限和网络盘后重试；{_RESUMED}"
    return Problem(where, "file.failed", f"读写失败（{describe_error(error)}）", hint)
