"""Signatures made and checked by OpenSSH's ``ssh-keygen -Y``, in the namespace ``jifenbang``.

They are kept as OpenSSH writes them, less the lines around them.
"""

import shutil
import subprocess
import tempfile
from datetime import date
from pathlib import Path

NAMESPACE = "jifenbang"
_HEAD, _FOOT = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_WIDTH = 70  # OpenSSH's own line length


def is_available() -> bool:
    """Whether this machine has OpenSSH's ssh-keygen."""
    return shutil.which("ssh-keygen") is not None


def sign_digest(digest: str, key: Path) -> tuple[str | None, str]:
    """The signature of a digest with a key file, or None and what ssh-keygen said; it may ask for a passphrase."""
    done = _keygen(digest, "-Y", "sign", "-n", NAMESPACE, "-f", str(key))
    body = done.stdout.replace(_HEAD, "").replace(_FOOT, "")
    return ("".join(body.split()) or None) if done.returncode == 0 else None, done.stderr.strip()


def is_signed(approvers_path: Path, digest: str, signature: str, day: date) -> bool:
    """Whether one of the allowed signers signed the digest, judged by the keys that were valid on a day."""
    lines = [_HEAD, *(signature[at : at + _WIDTH] for at in range(0, len(signature), _WIDTH)), _FOOT, ""]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "signature")
        file.write_text("\n".join(lines), encoding="utf-8", newline="\n")
        given = ("-f", str(approvers_path), "-s", str(file), "-n", NAMESPACE, f"-Overify-time={day:%Y%m%d}1200Z")
        found = _keygen("", "-Y", "find-principals", *given).stdout.split("\n")[0].split(",")[0].strip()
        return bool(found) and _keygen(digest, "-Y", "verify", "-I", found, *given).returncode == 0


def _keygen(text: str, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(  # noqa: S603  fixed words, and file names as single arguments
        ["ssh-keygen", *words],  # noqa: S607  found on the path on every system
        input=text,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
