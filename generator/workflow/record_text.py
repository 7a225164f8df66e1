"""Write the text of approval blocks and records: a block is appended, and no byte of the recorder's text is changed."""

import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from generator.core.sealing.canonical import PlainData

_BARE_STRING = re.compile(r"[\w·-]*[^\W\d_][\w·-]*")
_YAML_KEYWORDS = {"null", "true", "false", "yes", "no", "on", "off"}

RecordFields = Mapping[str, str | Sequence[str] | Mapping[str, str]]


def append_block(raw: bytes, block: RecordFields) -> bytes:
    """Return the file's bytes with the block appended, in the file's own line endings."""
    newline = "\r\n" if b"\r\n" in raw else "\n"
    gap = "" if raw.endswith((b"\n", b"\r")) else newline
    return raw + (gap + newline.join(["approval:", *_format_fields(block, "  "), ""])).encode()


def format_record(values: RecordFields) -> bytes:
    """Return a whole file of these fields."""
    return "\n".join([*_format_fields(values, ""), ""]).encode()


def _format_fields(values: RecordFields, indent: str) -> list[str]:
    return [f"{indent}{key}: {inline_yaml(value)}" for key, value in values.items()]


def inline_yaml(value: PlainData) -> str:
    """Return plain data as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_format_scalar(key)}: {inline_yaml(item)}" for key, item in value.items()) + "}"
    if isinstance(value, str):
        return _format_scalar(value)
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return f"[{', '.join(map(inline_yaml, value))}]"


def _format_scalar(value: str) -> str:
    """Return a string bare where it can't be misread; else quoted as JSON, which YAML reads alike."""
    is_bare = _BARE_STRING.fullmatch(value) and value.lower() not in _YAML_KEYWORDS
    is_figures = re.fullmatch(r"[0-9-]+|(sha256:)?[0-9a-f]+", value)
    return value if is_bare or is_figures else json.dumps(value, ensure_ascii=False)


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write all files, each atomically; every new text is on the disk before the first one is put in place."""
    staged = []
    try:
        for path, raw in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            temporary = path.with_name(f".{path.name}.tmp")
            staged.append(temporary)
            if path.exists():
                shutil.copy(path, temporary)  # with its mode
            with temporary.open("wb") as stream:
                stream.write(raw)
                stream.flush()
                os.fsync(stream.fileno())
        for path, temporary in zip(files, staged, strict=True):
            temporary.replace(path)
    finally:
        for temporary in staged:
            temporary.unlink(missing_ok=True)
