"""The secret that authenticates a project's cache entries: ``.jifenbang/secret``, which its owner alone can read.

Only the coordinating process of a build has it. No task, archive or export contains it, so that neither a worker nor
anyone who can merely write to the folder can make an entry that a build would use. Imports next to nothing, because a
build without changes needs nothing else.
"""

import hmac
import os
import stat
from pathlib import Path
from typing import NoReturn
from weakref import WeakSet

from generator.disk import locked_files, os_errors
from generator.problems import Location, Problem, Severity
from generator.project import Project

_LENGTH = 32  # bytes
_HAS_ACCESS_LISTS = os.name == "nt"  # in the place of an owner and a mode


class Secret:
    """A secret key, which neither pickling nor a fork passes to another process."""

    def __init__(self, key: bytearray) -> None:
        self._key = key
        _secrets.add(self)

    @staticmethod
    def make_random() -> "Secret":
        """Return a new secret, known to this process alone."""
        return Secret(bytearray(os.urandom(_LENGTH)))

    def authenticate(self, name: str, raw: bytes) -> str:
        """Return a code that only a holder of the secret can compute for bytes under a name; names have one length."""
        if not self._key:
            raise RuntimeError("the secret is not for forked processes")
        return hmac.digest(self._key, name.encode() + raw, "sha256").hex()

    def is_authentic(self, code: bytes, name: str, raw: bytes) -> bool:
        """Return whether bytes under a name have this code."""
        return hmac.compare_digest(code, self.authenticate(name, raw).encode())

    def forget_key(self) -> None:
        """Overwrite the key in the memory of this process."""
        self._key[:] = bytes(len(self._key))
        self._key.clear()

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not sent to another process")


_secrets: WeakSet[Secret] = WeakSet()


def _forget_all_keys() -> None:
    for secret in _secrets:
        secret.forget_key()


if hasattr(os, "register_at_fork"):  # elsewhere no process inherits the memory of another
    os.register_at_fork(after_in_child=_forget_all_keys)


class _UnusableError(Exception):
    """The secret can be neither used nor replaced."""


def load_secret(project: Project) -> tuple[Secret | None, list[Problem]]:
    """Return the project's secret, or None with a warning if it can't be read or made.

    It is made anew if it is missing or damaged, or if others could have read it. Entries of the one before are then
    entries no more, and a warning says so.
    """
    try:
        key = _read_key(project.secret_path)
        if key:
            return Secret(key), []
        has_entries = project.cache_folder.is_dir()
        secret = Secret(_make_key(project.secret_path))
    except _UnusableError as error:
        reason = str(error)
    except OSError as error:
        reason = f"读写失败：{os_errors.describe_error(error)}"
    else:
        hint = "网站照样生成，只是慢一些；不是自己删去或换了用户的，请查一查谁能改这个文件夹"
        return secret, [_no_cache(project, "丢失、损坏或者别人也读得到，已经重新建立", hint)] if has_entries else []
    hint = "网站照样生成，只是慢一些；请核对这个文件夹的权限和磁盘空间，或者删去这个密钥，下次生成时会重新建立"
    return None, [_no_cache(project, f"用不了（{reason}）", hint)]


def _no_cache(project: Project, state: str, hint: str) -> Problem:
    # The folder and not the file: commands print the line at a problem's place.
    where = Location(project.file_name(project.state_folder))
    message = f"缓存的密钥 {where.file}/{project.secret_path.name} {state}，这一次没有使用缓存"
    return Problem(where, "build.no-cache", message, hint, Severity.WARNING)


def _read_key(path: Path) -> bytearray | None:
    """Return the key in a file, or None if a new one has to take its place."""
    try:
        status = path.lstat()
    except FileNotFoundError:
        return None
    if not stat.S_ISREG(status.st_mode):
        raise _UnusableError("不是普通文件")
    if not _is_own(status):
        raise _UnusableError("属于别的用户")
    if not _is_private(status) or status.st_size != _LENGTH:
        return None
    key = bytearray(_LENGTH)
    with locked_files.wait_while_locked(path, lambda: path.open("rb", buffering=0)) as file:
        return key if file.readinto(key) == _LENGTH else None


def _make_key(path: Path) -> bytearray:
    """Write a new key to a file that only its owner can read, and return it."""
    path.parent.mkdir(mode=0o700, exist_ok=True)
    locked_files.delete_file(path)
    # A new file: an old one may still be open in a process of another user.
    with locked_files.create_private(path) as file:
        if _restrict_to_owner(path, os.fstat(file.fileno())):
            key = bytearray(os.urandom(_LENGTH))
            file.write(key)
            return key
    locked_files.delete_file(path)
    raise _UnusableError("这个磁盘设不了只许本人读的权限")


def _is_own(status: os.stat_result) -> bool:
    return _HAS_ACCESS_LISTS or status.st_uid == os.geteuid()


def _is_private(status: os.stat_result) -> bool:
    return _HAS_ACCESS_LISTS or not stat.S_IMODE(status.st_mode) & 0o077


def _restrict_to_owner(path: Path, status: os.stat_result) -> bool:
    """Return whether only the owner can read a new file; on Windows let its access list say so, which is untried."""
    if not _HAS_ACCESS_LISTS:
        return _is_own(status) and _is_private(status)  # some disks know neither owners nor modes
    import subprocess  # noqa: PLC0415  on Windows only, and only once in the life of a project

    icacls = f"{os.environ.get('SYSTEMROOT', 'C:/Windows')}/System32/icacls.exe"
    owner_rights = "*S-1-3-4:F"  # by number: names of users and groups are in the language of the system
    words = [icacls, str(path), "/inheritance:r", "/grant:r", owner_rights]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0  # noqa: S603
