"""An anchor as it was kept: an earlier ``audit.json``, or a digest typed from a printed sheet."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from generator.core.ledgers.anchors import Anchor, AnchoredItem
from generator.problems import Location, Problem

MIN_HEX_DIGITS = 16  # figures of a digest; fewer could be hit by trying
_LARGEST = 64 * 1024 * 1024


def parse_digest(text: str) -> Anchor | None:
    """A digest as people type it, spaces and all, or at least its first figures; None if it is none."""
    figures = re.sub(r"\s", "", text).lower().removeprefix("sha256:")
    if not re.fullmatch(rf"[0-9a-f]{{{MIN_HEX_DIGITS},64}}", figures):
        return None
    return Anchor(items=(), digest=f"sha256:{figures}")


def read_audit_json(path: Path, file: str) -> tuple[Anchor | None, list[Problem]]:
    """An ``audit.json`` that an earlier build wrote."""
    try:
        if path.stat().st_size > _LARGEST:
            raise ValueError  # noqa: TRY301  one answer to all that is no audit.json
        found = json.loads(path.read_text(encoding="utf-8-sig"))
        listed = tuple(_listed(found))
        if not listed:
            raise ValueError  # noqa: TRY301  the same: an empty list proves nothing
        approvers = found.get("approvers")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        hint = "请给出从前某次生成的网站里的 audit.json"
        return None, [Problem(Location(file), "anchor.unreadable", "这不是审核记录文件", hint)]
    return Anchor(listed, approvers if isinstance(approvers, str) else None), []


def _listed(found: dict[str, Any]) -> Iterator[AnchoredItem]:
    for one in found["approvals"]:
        which = f"更正{one['revision']}" if one["revision"] else "台账"
        yield _anchored(f"{one['month']} {which} {one['meeting']} 的审核", one)
    for one in found.get("filings", ()):
        yield _anchored(f"{one['period']} {one['on']} 的备案", one)
    for one in found.get("withdrawals", ()):
        yield _anchored(f"{one['month']} {one['on']} 撤回审核的记录", one)
    for one in found.get("ballots", ()):
        what = f"{one['date']} 投票" if one["date"] else f"{one['year']} 年民主评议得分"
        yield _anchored(f"{what} {one['meeting']} 的审核", {**one, "branch": ""})
    for one in found.get("retractions", ()):
        what = "投票" if one["kind"] == "poll" else "民主评议得分"
        yield _anchored(f"{one['year']} 年{what} {one['on']} 撤回审核的记录", {**one, "branch": ""})


def _anchored(what: str, one: dict[str, Any]) -> AnchoredItem:
    if not isinstance(one["branch"], str) or not isinstance(one["digest"], str):
        raise TypeError
    return AnchoredItem(one["branch"], what, one["digest"])
