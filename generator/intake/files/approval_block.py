"""Files that an approval may seal: ledgers, corrections, ballots; and the approval block at their end."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from msgspec.structs import replace

from generator.core.model.ledger import Approval, Ballot, BallotKind, Document
from generator.core.sealing import digests, sealed_files
from generator.core.sealing.sealed_files import SealedFile
from generator.intake.files import approver_files
from generator.intake.text import shapes, slip_problems, yaml_nodes
from generator.intake.text.fields import (
    Field,
    FileReport,
    NodeReader,
    list_of,
    read_day,
    read_text,
    read_verbatim,
    record_of,
)
from generator.intake.text.reader import ProjectReader
from generator.intake.text.shapes import shape_of, shaped
from generator.intake.text.yaml_nodes import Node, ScalarNode
from generator.problems import Problem

K = TypeVar("K", int, BallotKind)
T = TypeVar("T")
D = TypeVar("D", bound=Document | Ballot)
F = TypeVar("F", bound=SealedFile)

DocumentReader = Callable[[bytes, str, K], tuple[T, list[Problem], bool]]

_APPROVAL_KEYS = {"approval", "审核"}

# In a file that can't be read as YAML, a match makes it count as approved: a damaged seal must stop the build.
_APPROVAL_LINE = re.compile(r"""^[ {"']*(approval|审核)["']?\s*[:：]""", re.MULTILINE)


def has_approval_key(raw: bytes) -> bool:
    """Return whether a file, which may not even be YAML, seems to have an approval."""
    return bool(_APPROVAL_LINE.search(raw.decode("utf-8", errors="replace")))


def _all_or_nothing(read_block: NodeReader[T]) -> NodeReader[T]:
    """Return a reader that reports a faulty block as one problem: a program wrote it, so no key is explained."""

    @shaped(lambda: shape_of(read_block))
    def read_all_or_nothing(node: Node, report: FileReport) -> T | None:
        inner = FileReport(report.file, sealed=report.sealed)
        approval = read_block(node, inner)
        if inner.has_errors:
            hint = "它由 jifenbang approve 写入：手写的请整段删去，损坏的请从备份中恢复文件"
            report.add_error(node, "approval.incomplete", "审核记录不完整或被改动过", hint)
            return None
        report.problems += inner.problems
        return approval

    return read_all_or_nothing


@shaped(shapes.text_of("[1-9][0-9]{0,8}"))
def _read_serial(node: Node, report: FileReport) -> int | None:
    """Read the number of an approval in its organ, or that of a list of signers, from 1."""
    digits = read_verbatim(node, report)
    if digits is None or not re.fullmatch(r"[1-9][0-9]{0,8}", digits):
        report.add_error(node, "field.bad-number", "这里应是审核或名单的编号", "请从备份中恢复")
        return None
    return int(digits)


def _make_approval(**values: Any) -> Approval:
    return Approval(list_number=values.pop("list", None), **values)


def _approval_field(*fields: Field[Any]) -> Field[Approval]:
    """Make the field of an approval block, with these fields besides those common to all approvals."""
    block = record_of(
        _make_approval,
        Field("meeting", read_day, required=True),
        Field("by", read_text, required=True),
        Field("acting", read_text),
        *fields,
        Field("nonce", read_verbatim, required=True),
        Field("approvers", read_verbatim),
        Field("list", _read_serial),
        Field("signature", read_verbatim),
        Field("digest", read_verbatim, required=True),
        with_where=True,
    )
    return Field("approval", _all_or_nothing(block), "审核")


# The approval of a ledger or correction: one link of its branch's chain.
LEDGER_APPROVAL = _approval_field(
    Field("roll", read_verbatim, required=True),
    Field("rulebook", read_verbatim, required=True),
    Field("counted", read_verbatim),
    Field("serial", _read_serial),
    Field("previous", read_verbatim),
    Field("records", list_of(read_verbatim)),
    Field("consent", read_text),
)

# The approval of reviews or a poll: it is part of no chain.
BALLOT_APPROVAL = _approval_field(Field("rulebook", read_verbatim))

# That of honours: no part of the rulebook bears on them.
HONOURS_APPROVAL = _approval_field()


def read_sealed_document(raw: bytes, file: str, read_fields: NodeReader[D]) -> tuple[D | None, list[Problem], bool]:
    """Read a file that an approval may seal, by the fields of its kind.

    Returns the document, None if it can't be read; its problems; and whether it claims to be approved.
    """
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems, has_approval_key(raw)
    sealed = _has_approval(node)
    report = FileReport(file, sealed=sealed)
    document = read_fields(node, report)
    if document is not None and document.approval:
        digest, signed = _compute_digests(node)
        document = replace(document, digest=digest, signed=signed)
    return document, report.problems, sealed


def read_sealed_file(
    reader: ProjectReader, path: Path, read_document: DocumentReader[K, T], identity: K
) -> tuple[str, T | None, bool, bool]:
    """Return a file's name, its document, whether it claims to be approved, and whether it was read without errors.

    ``identity`` is the number of a ledger or correction, or the kind of a ballot. A file whose bytes can't be read
    counts as approved.
    """
    name, raw = reader.relative_name(path), reader.read_bytes(path)
    if raw is None:
        return name, None, True, False
    document, problems, sealed = read_document(raw, name, identity)
    reader.problems += slip_problems.explain_by_slips(raw, name, problems, sealed=sealed)
    return name, document, sealed, not any(problem.is_error for problem in problems)


def drop_copied_approvals(
    reader: ProjectReader, files: Sequence[F], copied_elsewhere: Mapping[str, str] = MappingProxyType({})
) -> dict[str, F]:
    """Return the files by name; those whose approval was copied from another file become drafts, and a problem each.

    ``copied_elsewhere`` names those whose approval was copied from files not among these, and describes the original.
    """
    copies = {**sealed_files.find_copied_approvals(sealed_files.list_seals(files)), **copied_elsewhere}
    reader.problems += [_copied_problem(file, copies[file.name]) for file in files if file.name in copies]
    return {file.name: replace(file, document=None, sealed=False) if file.name in copies else file for file in files}


def _copied_problem(file: SealedFile, source: str) -> Problem:
    assert file.approval is not None
    message = f"这段审核记录是从 {source}复制来的"
    return Problem(file.approval.where, "approval.copied", message, "请删去 approval: 起的各行，这份文件仍是草稿")


def _compute_digests(node: Node) -> tuple[str, str]:
    """Compute the digest of an approved file, and the digest that its signature signs.

    The latter leaves out ``digest`` and ``signature``, as neither exists yet when the approval is signed.
    """
    data = yaml_nodes.to_plain_data(node)
    assert isinstance(data, dict)
    digest = digests.digest_document(data)
    signed = any("signature" in (data.get(key) or ()) for key in _APPROVAL_KEYS)
    return digest, digests.digest_document(data, excluded_keys=("digest", "signature")) if signed else digest


def read_intact_seal(raw: bytes, file: str) -> str | None:
    """Return the digest that seals a file: of its approval, or of itself if it is a record or a list of signers.

    None unless it is the digest of the file's actual content.
    """
    if approver_files.parse_list_number(file):
        return digests.digest_approvers(raw.decode("utf-8", errors="replace"))
    node, _ = yaml_nodes.read_yaml(raw, file)
    data = yaml_nodes.to_plain_data(node) if isinstance(node, yaml_nodes.MappingNode) else None
    if not isinstance(data, Mapping):
        return None
    block = next((data[key] for key in _APPROVAL_KEYS if data.get(key)), None)
    if block is None:
        claimed, actual = data.get("digest"), digests.digest_record(data)
    else:
        claimed = block.get("digest") if isinstance(block, Mapping) else None
        actual = digests.digest_document(data)
    return actual if claimed == actual else None


def strip_approval(raw: bytes, file: str) -> bytes | None:
    """Return the file's bytes before its approval; None unless the approval comes last, on lines of its own."""
    node, _ = yaml_nodes.read_yaml(raw, file)
    pairs = node.pairs if isinstance(node, yaml_nodes.MappingNode) else ()
    if not pairs or pairs[-1][0].text not in _APPROVAL_KEYS or pairs[-1][0].column != 1:
        return None
    unsealed = b"".join(raw.splitlines(keepends=True)[: pairs[-1][0].line - 1])
    before, problems = yaml_nodes.read_yaml(unsealed, file)
    # The lines before the block must still mean the same without it.
    remaining = {key.text: yaml_nodes.to_plain_data(value) for key, value in pairs[:-1]}
    return unsealed if before is not None and not problems and yaml_nodes.to_plain_data(before) == remaining else None


def _has_approval(node: Node) -> bool:
    """Return whether the approval has any content; a bare ``approval:`` is a form not yet filled in."""
    pairs = node.pairs if isinstance(node, yaml_nodes.MappingNode) else ()
    return any(
        key.text in _APPROVAL_KEYS and not (isinstance(value, ScalarNode) and value.text is None)
        for key, value in pairs
    )
