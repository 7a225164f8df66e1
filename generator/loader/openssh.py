"""Signatures made and checked by OpenSSH's ``ssh-keygen -Y``, in the namespace ``jifenbang``.

They are stored as OpenSSH writes them, without the lines around them and on one line.
"""

import shutil
import subprocess
import tempfile
from datetime import date
from pathlib import Path

NAMESPACE = "jifenbang"
_FIRST_LINE, _LAST_LINE = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_LINE_LENGTH = 70  # OpenSSH's own line length


def is_available() -> bool:
    """Return whether this machine has OpenSSH's ssh-keygen."""
    return shutil.which("ssh-keygen") is not None


def sign_digest(digest: str, key: Path) -> tuple[str | None, str]:
    """Sign a digest with a key file; ssh-keygen may prompt for a passphrase.

    Returns the signature, None if it failed, and ssh-keygen's messages.
    """
    process = _run_keygen(digest, "-Y", "sign", "-n", NAMESPACE, "-f", str(key))
    body = process.stdout.replace(_FIRST_LINE, "").replace(_LAST_LINE, "")
    return ("".join(body.split()) or None) if process.returncode == 0 else None, process.stderr.strip()


def is_signed(approvers_path: Path, digest: str, signature: str, day: date) -> bool:
    """Return whether an allowed signer signed the digest, with a key that was valid on the day."""
    lines = [
        _FIRST_LINE,
        *(signature[start : start + _LINE_LENGTH] for start in range(0, len(signature), _LINE_LENGTH)),
        _LAST_LINE,
        "",
    ]
    with tempfile.TemporaryDirectory() as folder:
        signature_file = Path(folder, "signature")
        signature_file.write_text("\n".join(lines), encoding="utf-8", newline="\n")
        options = (
            "-f",
            str(approvers_path),
            "-s",
            str(signature_file),
            "-n",
            NAMESPACE,
            f"-Overify-time={day:%Y%m%d}1200Z",
        )
        signer = _run_keygen("", "-Y", "find-principals", *options).stdout.split("\n")[0].split(",")[0].strip()
        return bool(signer) and _run_keygen(digest, "-Y", "verify", "-I", signer, *options).returncode == 0


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
