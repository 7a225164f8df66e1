"""An approval block is appended to a ledger file; not a byte of the recorder's text is touched."""

import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.core.sealing.canonical import PlainData

_BARE = re.compile(r"[\w·-]*[^\W\d_][\w·-]*")
_WORDS_OF_YAML = {"null", "true", "false", "yes", "no", "on", "off"}

RecordFields = Mapping[str, str | Sequence[str]]


def append_block(raw: bytes, block: RecordFields) -> bytes:
    """The file's bytes with the block after them, in the file's own line endings."""
    newline = "\r\n" if b"\r\n" in raw else "\n"
    gap = "" if raw.endswith((b"\n", b"\r")) else newline
    return raw + (gap + newline.join(["approval:", *_lines(block, "  "), ""])).encode()


def format_record(values: RecordFields) -> bytes:
    """A whole file of such lines."""
    return "\n".join([*_lines(values, ""), ""]).encode()


def _lines(values: RecordFields, indent: str) -> list[str]:
    return [f"{indent}{key}: {inline_yaml(value)}" for key, value in values.items()]


def inline_yaml(value: PlainData) -> str:
    """Plain data on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(key)}: {inline_yaml(one)}" for key, one in value.items()) + "}"
    if isinstance(value, str):
        return _scalar(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return f"[{', '.join(map(inline_yaml, value))}]"


def _scalar(value: str) -> str:
    """Bare where that can't be misread; else quoted as JSON, which YAML reads alike."""
    bare = _BARE.fullmatch(value) and value.lower() not in _WORDS_OF_YAML
    figures = re.fullmatch(r"[0-9-]+|(sha256:)?[0-9a-f]+", value)
    return value if bare or figures else json.dumps(value, ensure_ascii=False)


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write all files, each at once; every new text is on the disk before the first is put in place."""
    staged = []
    try:
        for path, raw in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.tmp")
            staged.append(beside)
            if path.exists():
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
