"""Texts that people edit on the desk: settings, notices and pages, by their names; no path comes from the browser."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from generator.desk.page import PageError
from generator.disk import atomic_files
from generator.intake.files import approval_block
from generator.project import Project

_FOLDERS = {"notices": "公告", "pages": "文章"}
_BALLOTS = {"reviews": "民主评议得分", "honours": "光荣榜"}


def list_texts(project: Project) -> Mapping[str, str]:
    """Return the files that can be edited, by their ids, each with its kind."""
    texts = {"site": "网站设置"}
    for folder, title in _FOLDERS.items():
        for path in sorted((project.content_folder / folder).glob("*.md")):
            texts[f"{folder}:{path.stem}"] = title
    for year in sorted(project.ledgers_folder.glob("[12][0-9][0-9][0-9]"), reverse=True):
        for name, title in _BALLOTS.items():
            if (year / f"{name}.yaml").is_file():
                texts[f"{year.name}:{name}"] = f"{year.name} 年{title}"
        for path in sorted((year / "votes").glob("*.yaml")):
            if "." not in path.stem:
                texts[f"{year.name}:votes:{path.stem}"] = f"{year.name} 年投票"
    return texts


def find_text(project: Project, text_id: str) -> Path:
    """Return the path of a text; raise PageError if there is none of that id, or it is a link."""
    if text_id not in list_texts(project):
        raise PageError
    folder, _, stem = text_id.partition(":")
    if folder.isdigit():
        path = project.ledgers_folder / folder / f"{stem.replace(':', '/')}.yaml"
    else:
        path = project.content_folder / folder / f"{stem}.md" if stem else project.settings_path
    if path.is_symlink():
        raise PageError
    return path


def is_sealed(path: Path) -> bool:
    """Return whether a text was approved, and can't be changed any more."""
    return path.suffix == ".yaml" and path.name != "site.yaml" and approval_block.has_approval_key(path.read_bytes())


def read_text(path: Path) -> tuple[str, str]:
    """Return a text and the digest of its bytes."""
    raw = path.read_bytes()
    return raw.decode("utf-8-sig", errors="replace"), hashlib.sha256(raw).hexdigest()


def save_text(path: Path, text: str, digest: str) -> str:
    """Write a text over the one of this digest and return the new digest; empty if there is another by now."""
    raw = path.read_bytes() if path.exists() else b""
    if hashlib.sha256(raw).hexdigest() != digest or (raw and is_sealed(path)):
        return ""
    newline = "\r\n" if b"\r\n" in raw else "\n"
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    written = lines.replace("\n", newline).encode()
    atomic_files.write_durably(path, written)
    return hashlib.sha256(written).hexdigest()
