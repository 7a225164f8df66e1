"""An approval block is appended to a ledger file; not a byte of the recorder's text is touched."""

import json
import os
import re
import shutil
from collections.abc import Mapping
from pathlib import Path

_BARE = re.compile(r"[\w·-]*[^\W\d_][\w·-]*")
_WORDS_OF_YAML = {"null", "true", "false", "yes", "no", "on", "off"}


def appended(raw: bytes, approval: Mapping[str, str]) -> bytes:
    """The file's bytes with the block after them, in the file's own line endings."""
    newline = "\r\n" if b"\r\n" in raw else "\n"
    lines = ["approval:", *(f"  {key}: {_scalar(value)}" for key, value in approval.items()), ""]
    gap = "" if raw.endswith((b"\n", b"\r")) else newline
    return raw + (gap + newline.join(lines)).encode()


def _scalar(value: str) -> str:
    """Bare where that can't be misread; else quoted as JSON, which YAML reads alike."""
    bare = _BARE.fullmatch(value) and value.lower() not in _WORDS_OF_YAML
    figures = re.fullmatch(r"[0-9-]+|(sha256:)?[0-9a-f]+", value)
    return value if bare or figures else json.dumps(value, ensure_ascii=False)


def write(files: Mapping[Path, bytes]) -> None:
    """Replace all files, each at once; every new text is on the disk before the first is put in place."""
    staged = []
    try:
        for path, raw in files.items():
            beside = path.with_name(f".{path.name}.tmp")
            staged.append(beside)
            shutil.copy(path, beside)  # with its mode
            with beside.open("wb") as stream:
                stream.write(raw)
                stream.flush()
                os.fsync(stream.fileno())
        for path, beside in zip(files, staged, strict=True):
            beside.replace(path)
    finally:
        for beside in staged:
            beside.unlink(missing_ok=True)
