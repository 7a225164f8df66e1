"""Texts that people edit on the desk: settings, notices and pages, by their names; no path comes from the browser."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from generator.desk.page import PageError
from generator.disk import atomic_files
from generator.intake.text.fields import is_usable_id
from generator.project import Project

_FOLDERS = {"notices": "公告", "pages": "文章"}


def list_texts(project: Project) -> Mapping[str, str]:
    """Return the files that can be edited, by their ids, each with its kind."""
    texts = {"site": "网站设置"}
    for folder, title in _FOLDERS.items():
        for path in sorted((project.content_folder / folder).glob("*.md")):
            texts[f"{folder}:{path.stem}"] = title
    return texts


def find_text(project: Project, text_id: str) -> Path:
    """Return the path of a text; raise PageError if there is none of that id, or it is a link."""
    if text_id not in list_texts(project):
        raise PageError
    folder, _, stem = text_id.partition(":")
    path = project.content_folder / folder / f"{stem}.md" if stem else project.settings_path
    if path.is_symlink():
        raise PageError
    return path


def new_text(project: Project, folder: str, stem: str) -> Path:
    """Return the path of a new notice or page; raise PageError if the name can't be one, or is taken."""
    path = project.content_folder / folder / f"{stem}.md"
    if folder not in _FOLDERS or not is_usable_id(stem) or path.exists():
        raise PageError
    return path


def read_text(path: Path) -> tuple[str, str]:
    """Return a text and the digest of its bytes."""
    raw = path.read_bytes()
    return raw.decode("utf-8-sig", errors="replace"), hashlib.sha256(raw).hexdigest()


def save_text(path: Path, text: str, digest: str) -> str:
    """Write a text over the one of this digest and return the new digest; empty if there is another by now."""
    raw = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(raw).hexdigest() != digest:
        return ""
    newline = "\r\n" if b"\r\n" in raw else "\n"
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    written = lines.replace("\n", newline).encode()
    atomic_files.write_durably(path, written)
    return hashlib.sha256(written).hexdigest()
