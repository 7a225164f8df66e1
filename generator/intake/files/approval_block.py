"""Files that an approval may seal, and the approval block at their end."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from msgspec.structs import replace

from generator.core.model.ledger import Approval, Correction, Ledger, Poll, Reviews
from generator.core.sealing import sealed_files, subjects
from generator.core.sealing.sealed_files import SealedFile
from generator.intake.text import yaml_nodes
from generator.intake.text.fields import Field, Report, day, many, record, text, verbatim
from generator.intake.text.fields import Reader as Table
from generator.intake.text.reader import Reader
from generator.intake.text.yaml_nodes import Node, Scalar
from generator.problems import Problem

K = TypeVar("K", int, str | None)
T = TypeVar("T")
D = TypeVar("D", bound=Ledger | Correction | Reviews | Poll)
F = TypeVar("F", bound=SealedFile)

ReadDocument = Callable[[bytes, str, K], tuple[T, list[Problem], bool]]

_BLOCK = {"approval", "审核"}

# Seen in a file that can't be read as YAML, this makes it count as approved: a damaged seal must stop the build.
_SEALED = re.compile(r"""^[ {"']*(approval|审核)["']?\s*[:：]""", re.MULTILINE)


def claims_approval(raw: bytes) -> bool:
    """Whether a file that may not even be YAML seems to hold an approval."""
    return bool(_SEALED.search(raw.decode("utf-8", errors="replace")))


def _whole(read: Table[T]) -> Table[T]:
    """An approval block, whole; written by a program, it is not explained key by key."""

    def read_whole(node: Node, report: Report) -> T | None:
        inner = Report(report.file)
        approval = read(node, inner)
        if inner.problems:
            hint = "它由 jifenbang approve 写入：手写的请整段删去，损坏的请从备份中恢复文件"
            report.add(node, "approval.incomplete", "审核记录不完整或被改动过", hint)
            return None
        return approval

    return read_whole


def _serial(node: Node, report: Report) -> int | None:
    """The number of an approval in its organ, from 1."""
    said = verbatim(node, report)
    if said is None or not re.fullmatch(r"[1-9][0-9]{0,8}", said):
        report.add(node, "field.bad-number", "这里应是审核的编号", "请从备份中恢复")
        return None
    return int(said)


def _approval(*more: Field[Any]) -> Field[Approval]:
    """The field of an approval block that holds these fields and what every approval does."""
    block = record(
        Approval,
        Field("meeting", day, required=True),
        Field("by", text, required=True),
        *more,
        Field("nonce", verbatim, required=True),
        Field("approvers", verbatim),
        Field("signature", verbatim),
        Field("digest", verbatim, required=True),
        located=True,
    )
    return Field("approval", _whole(block), "审核")


# Of a ledger or correction: one link of its branch's chain.
LINK = _approval(
    Field("roll", verbatim, required=True),
    Field("rulebook", verbatim, required=True),
    Field("counted", verbatim),
    Field("serial", _serial),
    Field("previous", verbatim),
    Field("records", many(verbatim)),
    Field("consent", text),
)

# Of reviews or a poll: nothing is before it or after it.
ALONE = _approval(Field("rulebook", verbatim))


def document(raw: bytes, file: str, table: Table[D]) -> tuple[D | None, list[Problem], bool]:
    """Read a file that an approval may seal, by the field table of its kind.

    Gives the document, if it can be read at all; its problems; whether it claims to be approved.
    """
    node, problems = yaml_nodes.read(raw, file)
    if node is None:
        return None, problems, claims_approval(raw)
    report = Report(file)
    found = table(node, report)
    if found is not None and found.approval:
        digest, signed = _digests(node)
        found = replace(found, digest=digest, signed=signed)
    return found, report.problems, _has_approval(node)


def read(reader: Reader, path: Path, read_document: ReadDocument[K, T], which: K) -> tuple[str, T | None, bool, bool]:
    """What any such file holds: name, document, whether it claims to be approved, whether nothing was misread.

    ``which`` is the number of a ledger or correction, or the id of a poll.
    """
    name, raw = reader.name(path), reader.raw(path)
    if raw is None:
        return name, None, True, False
    found, problems, sealed = read_document(raw, name, which)
    reader.problems += problems
    return name, found, sealed, not problems


def originals(reader: Reader, files: Sequence[F], elsewhere: Mapping[str, str] = MappingProxyType({})) -> dict[str, F]:
    """The files by name; whose approval was copied from another is a draft.

    ``elsewhere`` are those that were copied from files not among these, each with what it was copied from, in words.
    """
    copies = {**sealed_files.copied(sealed_files.seals(files)), **elsewhere}
    reader.problems += [_copied(file, copies[file.name]) for file in files if file.name in copies]
    return {file.name: replace(file, document=None, sealed=False) if file.name in copies else file for file in files}


def _copied(file: SealedFile, source: str) -> Problem:
    assert file.approval is not None
    message = f"这段审核记录是从 {source}复制来的"
    return Problem(file.approval.where, "approval.copied", message, "请删去 approval: 起的各行，这份文件仍是草稿")


def _digests(node: Node) -> tuple[str, str]:
    """The digest of an approved file, and the digest that its signature signs."""
    written = yaml_nodes.plain(node)
    assert isinstance(written, dict)
    digest = subjects.document(written)
    signed = any("signature" in (written.get(key) or ()) for key in _BLOCK)
    return digest, subjects.document(written, without=("digest", "signature")) if signed else digest


def unsealed(raw: bytes, file: str) -> bytes | None:
    """The file's bytes before its approval; None unless the approval is the last thing in it, on lines of its own."""
    node, _ = yaml_nodes.read(raw, file)
    pairs = node.pairs if isinstance(node, yaml_nodes.Mapping) else ()
    if not pairs or pairs[-1][0].text not in _BLOCK or pairs[-1][0].column != 1:
        return None
    kept = b"".join(raw.splitlines(keepends=True)[: pairs[-1][0].line - 1])
    before, problems = yaml_nodes.read(kept, file)
    rest = {key.text: yaml_nodes.plain(value) for key, value in pairs[:-1]}
    return kept if before is not None and not problems and yaml_nodes.plain(before) == rest else None


def _has_approval(node: Node) -> bool:
    """Whether the approval has anything in it; a bare ``approval:`` is a form waiting to be filled."""
    pairs = node.pairs if isinstance(node, yaml_nodes.Mapping) else ()
    return any(key.text in _BLOCK and not (isinstance(value, Scalar) and value.text is None) for key, value in pairs)
