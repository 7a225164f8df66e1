"""Attachments of notices and pages: files of certain kinds beside them, which are published as they are."""

import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from io import BytesIO

# Nothing that a browser would run: no HTML, no SVG, no script.
ENDINGS = ("pdf", "docx", "xlsx", "pptx", "wps", "et", "dps", "jpg", "png", "webp", "zip")
MAX_BYTES = 20_000_000
_PICTURES = ("jpg", "png", "webp")


def has_attachment_ending(name: str) -> bool:
    """Return whether a file of this name may be an attachment, by its ending in upper or lower case."""
    return name.lower().rpartition(".")[2] in ENDINGS and "." in name


def has_text(name: str) -> bool:
    """Return whether an attachment of this name may hold text."""
    return not name.lower().endswith(_PICTURES)


_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)


def find_name_fault(path: str) -> str | None:
    """Return in words why a path can't be the address of a file on every system; None if it can."""
    for name in path.split("/"):
        if sign := re.search(r'[\\:*?"<>|]', name):
            return f"名字里有“{sign[0]}”，Windows 上不能有这样的文件"
        if any(unicodedata.category(character) in {"Cc", "Cf", "Co", "Cs"} for character in name):
            return "名字里有看不见的字符"
        if unicodedata.normalize("NFC", name) != name:
            return "名字里的字符是拆开写的，别的电脑上打不开"
        if name != name.strip(" ") or name.endswith(".") or _RESERVED.fullmatch(name):
            return "Windows 上不能有这个名字"
    return None


# --- authors ---------------------------------------------------------------------------------------------------------

_MAX_XML_BYTES = 1_000_000  # of a list of properties, which is small


def find_authors(raw: bytes) -> tuple[str, ...]:
    """Return the names of people in a file's properties: who wrote it, and who last saved it."""
    for beginning, find in _FINDERS.items():
        if raw.startswith(beginning):
            names = (" ".join(name.replace("\0", " ").split()) for name in find(raw))
            return tuple(dict.fromkeys(name for name in names if name))
    return ()


_CORE_PROPERTY = re.compile(r"<(?:\w+:)?(creator|lastModifiedBy)\b[^>]*>([^<]*)</")


def _find_in_package(raw: bytes) -> Iterator[str]:
    """Yield the authors of a document in Office Open XML."""
    # Damaged archives raise many kinds of errors, down in the decompression.
    with suppress(OSError, ValueError, KeyError, EOFError, RuntimeError, NotImplementedError, zipfile.BadZipFile):
        with zipfile.ZipFile(BytesIO(raw)) as package, package.open("docProps/core.xml") as file:
            text = file.read(_MAX_XML_BYTES).decode("utf-8", errors="replace")
        yield from (_unescape(match[2]) for match in _CORE_PROPERTY.finditer(text))


def _unescape(text: str) -> str:
    for entity, character in {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}.items():
        text = text.replace(entity, character)
    return text


_PDF_AUTHOR = re.compile(rb"/Author\s*(?:\(((?:[^()\\]|\\.){0,400})\)|<([0-9A-Fa-f\s]{2,800})>)", re.DOTALL)
_XMP_AUTHOR = re.compile(rb"<dc:creator>\s*<rdf:Seq>\s*<rdf:li[^>]*>([^<]{0,400})<")
_PDF_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)


def _find_in_pdf(raw: bytes) -> Iterator[str]:
    """Yield the authors of a PDF document, unless they are compressed or encrypted."""
    for match in _PDF_AUTHOR.finditer(raw):
        if match[2]:
            with suppress(ValueError):
                yield _decode_pdf(bytes.fromhex(match[2].decode()))
        else:
            yield _decode_pdf(_PDF_ESCAPE.sub(_unescape_pdf, match[1]))
    yield from (_unescape(match[1].decode("utf-8", errors="replace")) for match in _XMP_AUTHOR.finditer(raw))


def _unescape_pdf(match: re.Match[bytes]) -> bytes:
    return bytes([int(match[1], 8) & 0xFF]) if match[1].isdigit() else match[1]


def _decode_pdf(text: bytes) -> str:
    return _decode_chinese(text) if text[:2] != b"\xfe\xff" else text[2:].decode("utf-16-be", errors="replace")


def _decode_chinese(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError:
        return text.decode("gb18030", errors="replace")


# The identifier of the property set with title and author, at its place in the set's header.
_SUMMARY = bytes.fromhex("e0859ff2f94f6810ab9108002b27b3d9")
_SUMMARY_OFFSET = 28
_AUTHOR_PROPERTIES = {4, 8}  # who wrote it, and who last saved it
_UNICODE_TEXT = 31


def _find_in_compound_file(raw: bytes) -> Iterator[str]:
    """Yield the authors of a document of earlier formats, such as WPS writes."""
    at = raw.find(_SUMMARY) - _SUMMARY_OFFSET
    if at < 0:
        return
    section = at + _read_number(raw, at + _SUMMARY_OFFSET + len(_SUMMARY))
    for index in range(min(_read_number(raw, section + 4), 100)):
        identifier, offset = (_read_number(raw, section + 8 + 8 * index + shift) for shift in (0, 4))
        if identifier in _AUTHOR_PROPERTIES:
            kind, length = _read_number(raw, section + offset), min(_read_number(raw, section + offset + 4), 400)
            start = section + offset + 8
            if kind == _UNICODE_TEXT:
                yield raw[start : start + 2 * length].decode("utf-16-le", errors="replace")
            else:
                yield _decode_chinese(raw[start : start + length].rstrip(b"\0"))


def _read_number(raw: bytes, at: int) -> int:
    return int.from_bytes(raw[at : at + 4], "little")


_FINDERS: dict[bytes, Callable[[bytes], Iterator[str]]] = {
    b"PK\x03\x04": _find_in_package,
    b"%PDF": _find_in_pdf,
    b"\xd0\xcf\x11\xe0": _find_in_compound_file,
}
