"""The approval block at the end of a file, whatever kind of file it seals."""

import re
from typing import TypeVar

from generator.core import seal
from generator.intake import yamltext
from generator.intake.fields import Reader, Report
from generator.intake.yamltext import Node, Scalar

T = TypeVar("T")

_BLOCK = {"approval", "审核"}

# Seen in a file that can't be read as YAML, this makes it count as approved: a damaged seal must stop the build.
_SEALED = re.compile(r"""^[ {"']*(approval|审核)["']?\s*[:：]""", re.MULTILINE)


def claims_approval(raw: bytes) -> bool:
    """Whether a file that may not even be YAML seems to hold an approval."""
    return bool(_SEALED.search(raw.decode("utf-8", errors="replace")))


def whole(read: Reader[T]) -> Reader[T]:
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


def digests(node: Node) -> tuple[str, str]:
    """The digest of an approved file, and the digest that its signature signs."""
    written = yamltext.plain(node)
    assert isinstance(written, dict)
    digest = seal.document(written)
    signed = any("signature" in (written.get(key) or ()) for key in _BLOCK)
    return digest, seal.document(written, without=("digest", "signature")) if signed else digest


def unsealed(raw: bytes, file: str) -> bytes | None:
    """The file's bytes before its approval; None unless the approval is the last thing in it, on lines of its own."""
    node, _ = yamltext.read(raw, file)
    pairs = node.pairs if isinstance(node, yamltext.Mapping) else ()
    if not pairs or pairs[-1][0].text not in _BLOCK or pairs[-1][0].column != 1:
        return None
    kept = b"".join(raw.splitlines(keepends=True)[: pairs[-1][0].line - 1])
    before, problems = yamltext.read(kept, file)
    rest = {key.text: yamltext.plain(value) for key, value in pairs[:-1]}
    return kept if before is not None and not problems and yamltext.plain(before) == rest else None


def has_approval(node: Node) -> bool:
    """Whether the approval has anything in it; a bare ``approval:`` is a form waiting to be filled."""
    pairs = node.pairs if isinstance(node, yamltext.Mapping) else ()
    return any(key.text in _BLOCK and not (isinstance(value, Scalar) and value.text is None) for key, value in pairs)
