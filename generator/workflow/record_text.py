"""Write the text of approval blocks and records: a block is appended, and no byte of the recorder's text is changed."""

import json
import re
import shutil
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from pathlib import Path

from generator.core.sealing.canonical import PlainData
from generator.disk import atomic_files, locked_files
from generator.intake.text import yaml_nodes
from generator.intake.text.yaml_nodes import MappingNode

_BARE_STRING = re.compile(r"[\w·-]*[^\W\d_][\w·-]*")
_YAML_KEYWORDS = {"null", "true", "false", "yes", "no", "on", "off"}

RecordFields = Mapping[str, str | Sequence[str] | Mapping[str, str]]


def append_block(raw: bytes, block: RecordFields) -> bytes:
    """Return the file's bytes with the block appended, in the file's own line endings."""
    newline = "\r\n" if b"\r\n" in raw else "\n"
    gap = "" if raw.endswith((b"\n", b"\r")) else newline
    return raw + (gap + newline.join(["approval:", *_format_fields(block, "  "), ""])).encode()


@lru_cache(512)  # after each save in the desk, the drafts of all branches are looked over
def takes_block(raw: bytes, name: str) -> bool:
    """Return whether a block appended to the file is its last key, and not of what is indented before or in braces."""
    node, problems = yaml_nodes.read_yaml(append_block(raw, {"digest": ""}), name)
    return not problems and isinstance(node, MappingNode) and node.pairs[-1][0].text == "approval"


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
    is_figures = re.fullmatch(r"[0-9][0-9-]*|(sha256:)?[0-9a-f]+", value)
    return value if is_bare or is_figures else json.dumps(value, ensure_ascii=False)


def write_files(files: Mapping[Path, bytes]) -> None:
    """Write all files, each atomically, or none; every new text is on the disk before the first is put in place."""
    old_texts: dict[Path, bytes | None] = {}
    new_folders = {folder for path in files for folder in path.parents if not folder.exists()}
    try:
        for path, raw in files.items():
            _stage(path, raw)
        for path in files:
            old_text = path.read_bytes() if path.exists() else None
            atomic_files.commit_durably(path)
            old_texts[path] = old_text
    except BaseException:
        # Another program may hold one of several files: an act of a committee bears on all of them.
        for path, old_text in old_texts.items():
            _put_back(path, old_text)
        raise
    finally:
        for path in files:
            atomic_files.discard_staged(path)
        if not all(path.exists() for path in files):
            _remove_empty_folders(new_folders)


def _remove_empty_folders(folders: Collection[Path]) -> None:
    for folder in sorted(folders, reverse=True):  # what is within a folder first
        with suppress(OSError):
            folder.rmdir()


def _stage(path: Path, raw: bytes) -> None:
    atomic_files.stage_durably(path, raw)
    if path.exists():
        shutil.copymode(path, path.with_name(atomic_files.temporary_path(path.name)))


def _put_back(path: Path, old_text: bytes | None) -> None:
    if old_text is None:
        locked_files.delete_file(path)
    else:
        _stage(path, old_text)
        atomic_files.commit_durably(path)
