"""An anchor: an ``audit.json`` kept from an earlier build, or a digest typed from a printed sheet."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.core.ledgers.anchors import Anchor, AnchoredItem, AnchoredList, ProgramDigests
from generator.core.model.ledger import BALLOT_TITLES
from generator.problems import Location, Problem

MIN_HEX_DIGITS = 16  # of a digest; fewer could be forged by trial
_MAX_BYTES = 64 * 1024 * 1024


_DIGIT = "[0-9a-foilsz|]"  # of a code that was copied or scanned: the last ones are read as the digits they look like
_PRINTED_CODE = re.compile(rf"(?<![0-9a-z])(?:{_DIGIT}{{4}}[\s-]?){{3}}{_DIGIT}{{4}}(?![0-9a-z])")
_GROUP = re.compile(rf"(?<![0-9a-z])(?=[0-9a-z|]*\d){_DIGIT}{{4,}}(?![0-9a-z年])")
_LOOKING_LIKE = str.maketrans("oil|sz", "011152")
_DASHES = re.compile("[\u2010-\u2015\u2212]")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")


def parse_digests(text: str) -> Anchor | None:
    """Parse one or more digests as people type them, parted by semicolons or lines; None if any part is not one.

    Each is in full or at least its first digits, with spaces or hyphens or without, after a branch's name or alone, in
    characters of full width or half: so a board's line of 核对码, or a table of them, may be typed as it is printed.
    Commas part digests, too, but not within a branch's name.
    """
    line = _DASHES.sub("-", _UNSEEN.sub("", unicodedata.normalize("NFKC", text))).casefold()
    line = line.strip(" 。\"'“”‘’\n").removeprefix("核对码").lstrip(": ")
    parts = [part for part in re.split(r";|\n|(?<=[0-9a-f])\s*[,、]", line) if part.strip()]
    digests = [_parse_part(part) for part in parts]
    return Anchor(items=(), digests=tuple(digest for part in digests for digest in part)) if all(digests) else None


def _parse_part(text: str) -> list[str]:
    """Return the digests in a part of a line; none if it has none, or what could be a piece of another one."""
    digits = re.sub(r"[\s-]", "", text).removeprefix("sha256:")
    if re.fullmatch(rf"[0-9a-f]{{{MIN_HEX_DIGITS},64}}", digits):
        return [f"sha256:{digits}"]
    if _GROUP.search(_PRINTED_CODE.sub("。", text)):
        return []
    codes = [re.sub(r"[\s-]", "", code).translate(_LOOKING_LIKE) for code in _PRINTED_CODE.findall(text)]
    return [f"sha256:{code}" for code in codes]


def read_audit_json(path: Path, file: str) -> tuple[Anchor | None, list[Problem]]:
    """Read an ``audit.json`` that an earlier build wrote."""
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError  # noqa: TRY301  one message for all files that are no audit.json
        raw = path.read_bytes()
        audit = json.loads(raw.decode("utf-8-sig"))
        items = tuple(_list_items(audit))
        if not items:
            raise ValueError  # noqa: TRY301  the same: an empty list proves nothing
        lists = tuple(_make_list(listed) for listed in audit.get("lists", ()))
        approvers, built_by = audit.get("approvers"), _read_program(audit)
        values = dict(audit.get("values", {}))
        member_values = {branch: str(entry["digest"]) for branch, entry in audit.get("members", {}).items()}
        heads = {branch: str(digest) for branch, digest in audit.get("heads", {}).items()}
        attachments = {path: str(digest) for path, digest in audit.get("attachments", {}).items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None, [unreadable_problem(Location(file))]
    anchor = Anchor(
        items,
        approvers if isinstance(approvers, str) else None,
        lists=lists,
        sha256=f"sha256:{hashlib.sha256(raw).hexdigest()}",
        built_by=built_by,
        values=values,
        member_values=member_values,
        heads=heads,
        attachments=attachments,
    )
    return anchor, []


def unreadable_problem(where: Location) -> Problem:
    """Make the problem of a file that is no ``audit.json``."""
    hint = "请给出从前某次生成的网站里的 audit.json"
    return Problem(where, "anchor.unreadable", "这不是审核记录文件", hint)


def _read_program(audit: dict[str, Any]) -> ProgramDigests | None:
    """Read the digests of program and theme, which earlier versions did not write; raise TypeError for others."""
    if "program" not in audit:
        return None
    program, templates, assets = audit["program"], audit["templates"], audit["assets"]
    texts = [program["version"], program["digest"], *templates.values(), *assets.values()]
    if not all(isinstance(text, str) for text in texts):
        raise TypeError
    return ProgramDigests(program["version"], program["digest"], templates, assets)


def _list_items(audit: dict[str, Any]) -> Iterator[AnchoredItem]:
    """Yield each sealed item that the file lists; raise KeyError, TypeError or AttributeError if it is no such file.

    All lists but that of approvals may be missing: earlier versions did not write them.
    """
    for item in audit["approvals"]:
        document = f"更正{item['revision']}" if item["revision"] else "台账"
        yield _make_item(f"{item['month']} {document} {item['meeting']} 的审核", item)
    for item in audit.get("filings", ()):
        yield _make_item(f"{item['period']} {item['on']} 的备案", item)
    for item in audit.get("withdrawals", ()):
        yield _make_item(f"{item['month']} {item['on']} 撤回审核的记录", item)
    for item in audit.get("ballots", ()):
        document = f"{item['date']} 投票" if item["date"] else f"{item['year']} 年{BALLOT_TITLES[item['kind']]}"
        yield _make_item(f"{document} {item['meeting']} 的审核", {**item, "branch": ""})
    for item in audit.get("retractions", ()):
        document = BALLOT_TITLES[item["kind"]]
        yield _make_item(f"{item['year']} 年{document} {item['on']} 撤回审核的记录", {**item, "branch": ""})


def _make_list(listed: dict[str, Any]) -> AnchoredList:
    number, digest, record = listed["number"], listed["digest"], listed["record"]
    if not (isinstance(number, int) and isinstance(digest, str) and isinstance(record, str | None)):
        raise TypeError
    return AnchoredList(number, digest, record)


def _make_item(description: str, item: dict[str, Any]) -> AnchoredItem:
    if not isinstance(item["branch"], str) or not isinstance(item["digest"], str):
        raise TypeError
    return AnchoredItem(item["branch"], description, item["digest"])
