"""Signatures made and checked by OpenSSH's ``ssh-keygen -Y``, in a namespace for each purpose.

They are stored as OpenSSH writes them, without the lines around them and on one line.
"""

import base64
import os
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache, lru_cache
from pathlib import Path

from generator.core.model.approver_lists import ApproverList
from generator.disk import locked_files
from generator.disk.temporary_folder import make_temporary_folder
from generator.problems import Location, Problem

_FIRST_LINE, _LAST_LINE = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_LINE_LENGTH = 70  # OpenSSH's own line length
_MAGIC = b"SSHSIG\0\0\0\1"  # of a signature's bytes: the format and its version


# A signature of a key that was made for it alone, and the key: by them ssh-keygen shows what it can do. What it says is
# not compared, as each version has other words.
_PROBE_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKmlwTYe+7S8dXqer2GCJNv0vcxN3PossZ2FOWpGo+y0"
_PROBE_SIGNATURE = (
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgqaXBNh77tLx1ep6vYYIk2/S9zE3c+iyxnYU5akaj7LQAAAAJamlmZW5iYW5nAAAA"
    "AAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5AAAAQCXrn/3/ONiRmnr4tKnwN+12tXlofjLqtdhKZj6hhCQPOZuCsn35OZXa0fzmXk0A"
    "D499gRFXedaBsNJMBkQ6sA4="
)
_PROBE_DAY = date(2021, 1, 1)


def find_tool_problem(where: Location, lists: Iterable[ApproverList]) -> Problem | None:
    """Return the problem that this machine has no ssh-keygen, or none that can check signatures by these lists.

    OpenSSH signs and checks since 8.1; the days from and to which a key is valid came with 8.7.
    """
    program = shutil.which("ssh-keygen")
    if program is None:
        hint = "Windows 请在“可选功能”里安装 OpenSSH 客户端，Debian 请安装 openssh-client"
        return Problem(where, "signature.no-tool", "找不到 ssh-keygen，不能签名和核对签名", hint)
    dated = next((key for listed in lists for key in listed.keys if _has_days(key.line)), None)
    if not _can_check(program, ""):
        message = "这台电脑的 ssh-keygen 太旧，不能签名和核对签名"
        hint = "请装 OpenSSH 8.1 以后的版本（ssh -V 显示版本；名单里写了启用、停用日期的要 8.7 以后），或换一台电脑"
        return Problem(where, "signature.old-tool", message, hint)
    if dated and not _can_check(program, 'valid-after="20200101" '):
        message = "这一行写了启用或停用的日期，这台电脑的 ssh-keygen 太旧，不认得，不能核对签名"
        hint = "请装 OpenSSH 8.7 以后的版本（ssh -V 显示版本），或换一台电脑；不写日期的名单，8.1 以后的都能用"
        return Problem(dated.where, "signature.old-tool", message, hint)
    return None


@cache
def _can_check(_program: str, options: str) -> bool:
    """Return whether the ssh-keygen at this path checks a good signature by a line with these options."""
    line = f"probe {options}{_PROBE_KEY}\n"
    return is_signed(line, "probe", _PROBE_SIGNATURE, _PROBE_DAY, "jifenbang")


def _has_days(lines: str) -> bool:
    """Return whether lines of signers may name days of their keys: only then OpenSSH needs to know the day."""
    return "valid-" in lines.lower()


def sign_digest(digest: str, key: Path, namespace: str) -> tuple[str | None, str]:
    """Sign a digest with a key file; ssh-keygen may prompt for a passphrase.

    Returns the signature, None if it failed, and ssh-keygen's messages.
    """
    process = _run_keygen(digest, "-Y", "sign", "-n", namespace, "-f", str(key))
    body = process.stdout.replace(_FIRST_LINE, "").replace(_LAST_LINE, "")
    return ("".join(body.split()) or None) if process.returncode == 0 else None, process.stderr.strip()


def is_signed(allowed_signers: str, digest: str, signature: str, day: date, namespace: str) -> bool:
    """Return whether one of the allowed signers signed the digest, with a key that was valid on the day."""
    return _check_signature(shutil.which("ssh-keygen"), allowed_signers, digest, signature, day, namespace)


# A command checks a signature several times: as it reads an approval and surveys the branch, and for each keeper.
@lru_cache(maxsize=4096)
def _check_signature(
    _program: str | None, allowed_signers: str, digest: str, signature: str, day: date, namespace: str
) -> bool:
    lines = [
        _FIRST_LINE,
        *(signature[start : start + _LINE_LENGTH] for start in range(0, len(signature), _LINE_LENGTH)),
        _LAST_LINE,
        "",
    ]
    with make_temporary_folder() as folder:
        signature_file, signers_file = folder / "signature", folder / "signers"
        for file, text in ((signature_file, "\n".join(lines)), (signers_file, allowed_signers)):
            with locked_files.open_to_write(file, file) as stream:
                stream.write(text.encode())
        options = ["-f", str(signers_file), "-s", str(signature_file), "-n", namespace]
        options += [f"-Overify-time={day:%Y%m%d}1200"] if _has_days(allowed_signers) else []
        return any(
            _run_keygen(digest, "-Y", "verify", "-I", signer, *options).returncode == 0
            for signer in _list_signers(allowed_signers, signature)
        )


def _list_signers(allowed_signers: str, signature: str) -> Iterator[str]:
    """Yield a name from each line that has a signature's key, or an authority: OpenSSH checks a key under its name."""
    # OpenSSH finds the names itself only since 8.2.
    kind, _, key = read_public_key(signature).partition(" ")
    for line in allowed_signers.splitlines():
        is_authority = "-cert-" in kind and "cert-authority" in line
        if is_authority or any(_is_key(word, key) for word in line.split()):
            names = line.split('"')[1] if line.startswith('"') else line.split()[0]
            yield names.split(",")[0]


def _is_key(word: str, key: str) -> bool:
    """Return whether a word is a key in base64, which has several spellings."""
    try:
        return base64.b64decode(word, validate=True) == base64.b64decode(key)
    except ValueError:
        return False


def read_public_key(signature: str) -> str:
    """Return the public key that a signature names, as a list of signers writes it; empty if it is no signature."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except ValueError:
        return ""
    if not raw.startswith(_MAGIC):
        return ""
    blob = _read_string(raw[len(_MAGIC) :])
    kind = _read_string(blob).decode("ascii", errors="replace")
    return f"{kind} {base64.b64encode(blob).decode()}"


def _read_string(raw: bytes) -> bytes:
    """Return the string at the beginning of SSH's binary data: its length in four bytes, then its bytes."""
    return raw[4 : 4 + int.from_bytes(raw[:4])]


def _run_keygen(text: str, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run ssh-keygen with the text as its standard input."""
    process = subprocess.run(  # noqa: S603  fixed words, and file names as single arguments
        ["ssh-keygen", *arguments],  # noqa: S607  found on the path on every system
        input=text.encode(),
        capture_output=True,
        check=False,
        # Days without a time zone are local ones, and only since 9.1 a day can be given with its zone.
        env={**os.environ, "TZ": "UTC0"},
    )
    return subprocess.CompletedProcess(
        process.args, process.returncode, _decode_message(process.stdout), _decode_message(process.stderr)
    )


def _decode_message(raw: bytes) -> str:
    """Decode what ssh-keygen prints: in UTF-8 or, on a Chinese Windows, in its code page."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("gb18030", errors="replace")
