"""Files that an approval may seal, and the approval block at their end."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from msgspec.structs import replace

from generator.core.model.ledger import Approval, Correction, Ledger, Poll, Reviews
from generator.core.sealing import digests, sealed_files
from generator.core.sealing.sealed_files import SealedFile
from generator.intake.text import yaml_nodes
from generator.intake.text.fields import Field, FileReport, list_of, read_day, read_text, read_verbatim, record_of
from generator.intake.text.fields import NodeReader as Table
from generator.intake.text.reader import ProjectReader
from generator.intake.text.yaml_nodes import Node, ScalarNode
from generator.problems import Problem

K = TypeVar("K", int, str | None)
T = TypeVar("T")
D = TypeVar("D", bound=Ledger | Correction | Reviews | Poll)
F = TypeVar("F", bound=SealedFile)

DocumentReader = Callable[[bytes, str, K], tuple[T, list[Problem], bool]]

_BLOCK = {"approval", "审核"}

# Seen in a file that can't be read as YAML, this makes it count as approved: a damaged seal must stop the build.
_SEALED = re.compile(r"""^[ {"']*(approval|审核)["']?\s*[:：]""", re.MULTILINE)


def has_approval_key(raw: bytes) -> bool:
    """Whether a file that may not even be YAML seems to hold an approval."""
    return bool(_SEALED.search(raw.decode("utf-8", errors="replace")))


def _whole(read: Table[T]) -> Table[T]:
    """An approval block, whole; written by a program, it is not explained key by key."""

    def read_whole(node: Node, report: FileReport) -> T | None:
        inner = FileReport(report.file)
        approval = read(node, inner)
        if inner.problems:
            hint = "它由 jifenbang approve 写入：手写的请整段删去，损坏的请从备份中恢复文件"
            report.add_error(node, "approval.incomplete", "审核记录不完整或被改动过", hint)
            return None
        return approval

    return read_whole


def _serial(node: Node, report: FileReport) -> int | None:
    """The number of an approval in its organ, from 1."""
    said = read_verbatim(node, report)
    if said is None or not re.fullmatch(r"[1-9][0-9]{0,8}", said):
        report.add_error(node, "field.bad-number", "这里应是审核的编号", "请从备份中恢复")
        return None
    return int(said)


def _approval(*more: Field[Any]) -> Field[Approval]:
    """The field of an approval block that holds these fields and what every approval does."""
    block = record_of(
        Approval,
        Field("meeting", read_day, required=True),
        Field("by", read_text, required=True),
        *more,
        Field("nonce", read_verbatim, required=True),
        Field("approvers", read_verbatim),
        Field("signature", read_verbatim),
        Field("digest", read_verbatim, required=True),
        with_where=True,
    )
    return Field("approval", _whole(block), "审核")


# Of a ledger or correction: one link of its branch's chain.
LEDGER_APPROVAL = _approval(
    Field("roll", read_verbatim, required=True),
    Field("rulebook", read_verbatim, required=True),
    Field("counted", read_verbatim),
    Field("serial", _serial),
    Field("previous", read_verbatim),
    Field("records", list_of(read_verbatim)),
    Field("consent", read_text),
)

# Of reviews or a poll: nothing is before it or after it.
BALLOT_APPROVAL = _approval(Field("rulebook", read_verbatim))


def read_sealed_document(raw: bytes, file: str, read_fields: Table[D]) -> tuple[D | None, list[Problem], bool]:
    """Read a file that an approval may seal, by the field table of its kind.

    Gives the document, if it can be read at all; its problems; whether it claims to be approved.
    """
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems, has_approval_key(raw)
    report = FileReport(file)
    found = read_fields(node, report)
    if found is not None and found.approval:
        digest, signed = _digests(node)
        found = replace(found, digest=digest, signed=signed)
    return found, report.problems, _has_approval(node)


def read_sealed_file(
    reader: ProjectReader, path: Path, read_document: DocumentReader[K, T], identity: K
) -> tuple[str, T | None, bool, bool]:
    """What any such file holds: name, document, whether it claims to be approved, whether nothing was misread.

    ``which`` is the number of a ledger or correction, or the id of a poll.
    """
    name, raw = reader.relative_name(path), reader.read_bytes(path)
    if raw is None:
        return name, None, True, False
    found, problems, sealed = read_document(raw, name, identity)
    reader.problems += problems
    return name, found, sealed, not problems


def drop_copied_approvals(
    reader: ProjectReader, files: Sequence[F], copied_elsewhere: Mapping[str, str] = MappingProxyType({})
) -> dict[str, F]:
    """The files by name; whose approval was copied from another is a draft.

    ``elsewhere`` are those that were copied from files not among these, each with what it was copied from, in words.
    """
    copies = {**sealed_files.find_copied_approvals(sealed_files.list_seals(files)), **copied_elsewhere}
    reader.problems += [_copied(file, copies[file.name]) for file in files if file.name in copies]
    return {file.name: replace(file, document=None, sealed=False) if file.name in copies else file for file in files}


def _copied(file: SealedFile, source: str) -> Problem:
    assert file.approval is not None
    message = f"这段审核记录是从 {source}复制来的"
    return Problem(file.approval.where, "approval.copied", message, "请删去 approval: 起的各行，这份文件仍是草稿")


def _digests(node: Node) -> tuple[str, str]:
    """The digest of an approved file, and the digest that its signature signs."""
    written = yaml_nodes.to_plain_data(node)
    assert isinstance(written, dict)
    digest = digests.digest_document(written)
    signed = any("signature" in (written.get(key) or ()) for key in _BLOCK)
    return digest, digests.digest_document(written, excluded_keys=("digest", "signature")) if signed else digest


def strip_approval(raw: bytes, file: str) -> bytes | None:
    """The file's bytes before its approval; None unless the approval is the last thing in it, on lines of its own."""
    node, _ = yaml_nodes.read_yaml(raw, file)
    pairs = node.pairs if isinstance(node, yaml_nodes.MappingNode) else ()
    if not pairs or pairs[-1][0].text not in _BLOCK or pairs[-1][0].column != 1:
        return None
    kept = b"".join(raw.splitlines(keepends=True)[: pairs[-1][0].line - 1])
    before, problems = yaml_nodes.read_yaml(kept, file)
    rest = {key.text: yaml_nodes.to_plain_data(value) for key, value in pairs[:-1]}
    return kept if before is not None and not problems and yaml_nodes.to_plain_data(before) == rest else None


def _has_approval(node: Node) -> bool:
    """Whether the approval has anything in it; a bare ``approval:`` is a form waiting to be filled."""
    pairs = node.pairs if isinstance(node, yaml_nodes.MappingNode) else ()
    return any(
        key.text in _BLOCK and not (isinstance(value, ScalarNode) and value.text is None) for key, value in pairs
    )
