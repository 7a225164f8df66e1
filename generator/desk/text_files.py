"""Texts that people edit on the desk: settings, notices and pages, by their names; no path comes from the browser."""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from pathlib import Path

from generator.desk.fields import FieldError
from generator.desk.page import PageError
from generator.disk import atomic_files
from generator.intake.files import approval_block, attachment_file
from generator.project import Project

_FOLDERS = {"notices": "公告", "pages": "文章"}
_BALLOTS = {"reviews": "民主评议得分", "honours": "光荣榜"}


def list_texts(project: Project) -> Mapping[str, str]:
    """Return the files that can be edited, by their ids, each with its kind."""
    texts = {"site": "网站设置"}
    if project.import_path.is_file():
        texts["import"] = "别的系统导出的表怎样读"
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
        path = project.content_folder / (f"{folder}/{stem}.md" if stem else f"{folder}.yaml")
    if path.is_symlink():
        raise PageError
    return path


_LEDGER = re.compile(r"ledgers/([0-9]{4})/([a-z0-9-]+)/([0-9]{2})(?:\.c[0-9]+)?\.yaml")
_BALLOT = re.compile(r"ledgers/([0-9]{4})/(reviews|honours|votes/[a-z0-9-]+)\.yaml")
_ARTICLE = re.compile(r"content/(site|import|(?:notices|pages)/[^/]+)\.(?:yaml|md)")


def find_link(file: str) -> str:
    """Return the page on which a file of this name is mended; empty if there is none."""
    if match := _LEDGER.fullmatch(file):
        year, branch, month = match.groups()
        return f"month/{branch}/{year}-{month}"
    if match := _BALLOT.fullmatch(file):
        return f"text/{match[1]}:{match[2].replace('/', ':')}"
    if match := _ARTICLE.fullmatch(file):
        return f"text/{match[1].replace('/', ':')}"
    return "people" if file == "ledgers/roster.yaml" else ""


def is_sealed(path: Path) -> bool:
    """Return whether a text was approved, and can't be changed any more."""
    is_ballot = path.suffix == ".yaml" and path.parent.name != "content"
    return is_ballot and approval_block.has_approval_key(path.read_bytes())


def read_text(path: Path) -> tuple[str, str]:
    """Return a text and the digest of its bytes."""
    raw = path.read_bytes()
    return raw.decode("utf-8-sig", errors="replace"), hashlib.sha256(raw).hexdigest()


def add_attachment(article: Path, name: str, raw: bytes) -> str:
    """Write a file beside an article and return its name; raises FieldError if it can't be one, or another is there."""
    name = unicodedata.normalize("NFC", name).strip()
    fault = attachment_file.find_name_fault(name)
    if fault or "/" in name or name.startswith((".", "~")):
        raise FieldError(f"“{name[:80]}”不能作附件：{fault or '名字里不能有斜杠，也不能以点开头'}")
    if not attachment_file.has_attachment_ending(name):
        raise FieldError(f"“{name[:80]}”不能作附件：附件可以是 {'、'.join(attachment_file.ENDINGS)}")
    path = article.parent / name
    files = {file.name.lower(): file for file in article.parent.iterdir()}
    if existing := files.get(name.lower()):
        if existing.name == name and atomic_files.digest_file(existing) == atomic_files.digest_bytes(raw):
            return name
        raise FieldError(f"已经有“{existing.name}”这个文件，内容不同；请改个名字再放")
    atomic_files.write_durably(path, raw)
    return name


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
