"""Errors of the system in the words of its users, whatever language the system speaks."""

import errno

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
