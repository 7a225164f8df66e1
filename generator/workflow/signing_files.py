"""The two files by which approvals are signed on another machine: the request that goes there, the answer that returns.

Each is a zip with the same bytes for the same content. A request holds the files to be approved and all that decides
what their approval seals; an answer holds nothing but the approval blocks.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from generator.disk import atomic_files, packed_files
from generator.problems import Location, Problem
from generator.workflow.reservations import SigningRequest

MAX_BYTES = 50_000_000
_MAX_FILES = 10_000
_FORMAT = 1
_REQUEST, _ANSWER = "signing-request.json", "signing-answer.json"
_FILES = "files/"
# The files that may bear on what an approval seals; no folder has a point in its name, so that none is a file, too.
_PATH = re.compile(
    r"content/(?:site\.yaml|approvers(?:\.[1-9][0-9]?(?:\.yaml)?)?)|ledgers/(?:[a-z0-9-]+/){0,2}[^./][^/]*\.yaml"
)
_NONCE = re.compile(r"[0-9a-f]{32}")
_SIGNATURE = re.compile(r"[A-Za-z0-9+/]{40,20000}={0,2}")

ApprovalFields = Mapping[str, str | tuple[str, ...]]


class RequestFile(Struct, frozen=True):
    """A request with the files on which the approval depends, by name."""

    request: SigningRequest
    files: Mapping[str, bytes]


class SigningAnswer(Struct, frozen=True):
    """An answer: the id of the request, and the approval blocks by file, without their digests."""

    request: str
    approvals: Mapping[str, ApprovalFields]


class _RequestManifest(Struct, frozen=True, forbid_unknown_fields=True):
    """The manifest of a request; ``files`` are the sha256 of all files by name."""

    format: int
    request: SigningRequest
    files: dict[str, str]


class _AnswerManifest(Struct, frozen=True, forbid_unknown_fields=True):
    """The manifest of an answer, which is all that an answer holds."""

    format: int
    request: str
    approvals: dict[str, dict[str, str | tuple[str, ...]]]


def pack_request(request_file: RequestFile) -> bytes:
    """Return the bytes of a request."""
    digests = {name: atomic_files.digest_bytes(raw) for name, raw in sorted(request_file.files.items())}
    manifest = _RequestManifest(_FORMAT, request_file.request, digests)
    files = {f"{_FILES}{name}": raw for name, raw in request_file.files.items()}
    return packed_files.pack_files({**files, _REQUEST: _encode(manifest)})


def pack_answer(answer: SigningAnswer) -> bytes:
    """Return the bytes of an answer."""
    approvals = {name: dict(fields) for name, fields in answer.approvals.items()}
    return packed_files.pack_files({_ANSWER: _encode(_AnswerManifest(_FORMAT, answer.request, approvals))})


def read_request(path: Path) -> tuple[RequestFile | None, list[Problem]]:
    """Read a request; or return what is wrong with it."""
    contents, fault = _unpack(path)
    if _ANSWER in contents:
        hint = "请经办人用 jifenbang approve --answer 收下它；要签名的是经办人发来的签名请求"
        return None, [_unreadable(path, "这是签好的答复，不是签名请求", hint)]
    manifest, fault = (None, fault) if fault else _decode(contents, _REQUEST, _RequestManifest)
    files = {name.removeprefix(_FILES): raw for name, raw in contents.items() if name != _REQUEST}
    fault = _find_request_fault(manifest, files) if manifest else fault
    if manifest is None or fault:
        return None, [_unreadable(path, fault, _REQUEST_HINT)]
    return RequestFile(manifest.request, files), []


def read_answer(path: Path) -> tuple[SigningAnswer | None, list[Problem]]:
    """Read an answer; or return what is wrong with it."""
    contents, fault = _unpack(path)
    if _REQUEST in contents:
        hint = "请先由审核人运行 jifenbang approve 请求.zip --key 私钥文件，再收下写成的答复"
        return None, [_unreadable(path, "这是签名请求，还没有签名", hint)]
    manifest, fault = (None, fault) if fault else _decode(contents, _ANSWER, _AnswerManifest)
    if manifest and (len(contents) > 1 or not all(map(_is_signed_block, manifest.approvals.values()))):
        fault = _ALTERED
    if manifest is None or fault:
        return None, [_unreadable(path, fault, _ANSWER_HINT)]
    return SigningAnswer(manifest.request, manifest.approvals), []


_ALTERED = "内容不全，或者是手工改过的"
_REQUEST_HINT = "请让经办人用 jifenbang approve 文件 --request 重新写一份，原样传过来"
_ANSWER_HINT = "请让审核人把 jifenbang approve 请求.zip --key 写成的答复原样再传一次"


def altered_request_problem(path: Path) -> Problem:
    """Return the problem of a request that this program did not write."""
    return _unreadable(path, _ALTERED, _REQUEST_HINT)


def _unreadable(path: Path, fault: str, hint: str) -> Problem:
    return Problem(Location(path.as_posix(), 0), "request.unreadable", fault, hint)


def _unpack(path: Path) -> tuple[Mapping[str, bytes], str]:
    """Return the files of a zip by path; or in words why it is none of ours."""
    if not path.is_file() or path.stat().st_size > MAX_BYTES:
        return {}, "这不是文件，或者太大"
    unpacked = packed_files.unpack_files(path.read_bytes(), _MAX_FILES, MAX_BYTES)
    contents = {name: raw for name, raw in unpacked.files.items() if raw is not None}
    fault = unpacked.fault or ("文件损坏" if len(contents) < len(unpacked.files) else "")
    return contents, f"这不是完好的签名请求或答复：{fault}" if fault else ""


def _encode(manifest: Struct) -> bytes:
    return packed_files.encode_manifest(msgspec.to_builtins(manifest))


def _decode(contents: Mapping[str, bytes], name: str, kind: type[Any]) -> tuple[Any, str]:
    """Return the manifest of that name; or None, and in words what is wrong."""
    if name not in contents:
        return None, "这不是签名请求，也不是答复"
    fields = packed_files.decode_manifest(contents[name])
    if fields is not None and isinstance(fields.get("format"), int) and fields["format"] > _FORMAT:
        return None, "它是程序的更新的版本写的，这个版本读不了，两台电脑请用同一个版本"
    try:
        return msgspec.convert(fields, kind), ""
    except msgspec.ValidationError:
        return None, _ALTERED


def _find_request_fault(manifest: _RequestManifest, files: Mapping[str, bytes]) -> str:
    """Return why files are not those of the manifest; empty if they are."""
    if stray := next((name for name in files if not _PATH.fullmatch(name)), None):
        return f"里面有不该有的文件名“{stray}”"
    digests = {name: atomic_files.digest_bytes(raw) for name, raw in files.items()}
    approvals = manifest.request.approvals
    if digests != manifest.files or not approvals:
        return _ALTERED
    drafts = {approval.file: approval.draft for approval in approvals}
    is_whole = len(drafts) == len(approvals) and all(digests.get(name) == draft for name, draft in drafts.items())
    return "" if is_whole else _ALTERED


def _is_signed_block(block: ApprovalFields) -> bool:
    """Return whether a block has a nonce and a signature as the program writes them."""
    nonce, signature = block.get("nonce"), block.get("signature")
    return (
        isinstance(nonce, str)
        and isinstance(signature, str)
        and _NONCE.fullmatch(nonce) is not None
        and _SIGNATURE.fullmatch(signature) is not None
    )
