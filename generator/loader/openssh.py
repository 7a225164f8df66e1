"""Signatures made and checked by OpenSSH's ``ssh-keygen -Y``, in a namespace for each purpose.

They are stored as OpenSSH writes them, without the lines around them and on one line.
"""

import base64
import shutil
import subprocess
import tempfile
from datetime import date
from functools import lru_cache
from pathlib import Path

from generator.problems import Location, Problem

_FIRST_LINE, _LAST_LINE = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_LINE_LENGTH = 70  # OpenSSH's own line length
_MAGIC = b"SSHSIG\0\0\0\1"  # of a signature's bytes: the format and its version


def is_available() -> bool:
    """Return whether this machine has OpenSSH's ssh-keygen."""
    return shutil.which("ssh-keygen") is not None


def missing_openssh_problem(where: Location) -> Problem:
    """Return the problem that signatures are required and OpenSSH is missing."""
    hint = "Windows 请在“可选功能”里安装 OpenSSH 客户端，Debian 请安装 openssh-client"
    return Problem(where, "signature.no-tool", "找不到 ssh-keygen，不能签名和核对签名", hint)


def sign_digest(digest: str, key: Path, namespace: str) -> tuple[str | None, str]:
    """Sign a digest with a key file; ssh-keygen may prompt for a passphrase.

    Returns the signature, None if it failed, and ssh-keygen's messages.
    """
    process = _run_keygen(digest, "-Y", "sign", "-n", namespace, "-f", str(key))
    body = process.stdout.replace(_FIRST_LINE, "").replace(_LAST_LINE, "")
    return ("".join(body.split()) or None) if process.returncode == 0 else None, process.stderr.strip()


# A command asks several times: as it reads an approval, as it surveys the branch, and of a list for each keeper.
@lru_cache(maxsize=4096)
def is_signed(allowed_signers: str, digest: str, signature: str, day: date, namespace: str) -> bool:
    """Return whether one of the allowed signers signed the digest, with a key that was valid on the day."""
    lines = [
        _FIRST_LINE,
        *(signature[start : start + _LINE_LENGTH] for start in range(0, len(signature), _LINE_LENGTH)),
        _LAST_LINE,
        "",
    ]
    with tempfile.TemporaryDirectory() as folder:
        signature_file, signers_file = Path(folder, "signature"), Path(folder, "signers")
        signature_file.write_text("\n".join(lines), encoding="utf-8", newline="\n")
        signers_file.write_text(allowed_signers, encoding="utf-8", newline="\n")
        options = (
            "-f",
            str(signers_file),
            "-s",
            str(signature_file),
            "-n",
            namespace,
            f"-Overify-time={day:%Y%m%d}1200Z",
        )
        signer = _run_keygen("", "-Y", "find-principals", *options).stdout.split("\n")[0].split(",")[0].strip()
        return bool(signer) and _run_keygen(digest, "-Y", "verify", "-I", signer, *options).returncode == 0


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
    return subprocess.run(  # noqa: S603  fixed words, and file names as single arguments
        ["ssh-keygen", *arguments],  # noqa: S607  found on the path on every system
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
