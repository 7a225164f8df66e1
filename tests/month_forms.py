"""The form of a branch's month as its script reads it, and what it saves."""

import json
import re
from pathlib import Path
from typing import Any


def read_table(page: Path) -> dict[str, Any]:
    """Return what the script of a form knows."""
    match = re.search(r'<script type="application/json" id="month">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)
    assert match
    return json.loads(match[1])


def fill(table: dict[str, Any], saved: str = "2026-08-20T09:30:00") -> dict[str, Any]:
    """Return what a form saves in which nothing was changed."""
    return {
        "jifenbang": "form",
        "saved": saved,
        "origin": table["origin"],
        "cover": table["cover"],
        "members": [{"key": f"member:{key}", "label": label} for key, label in table["members"].items()],
        "activities": [_without_blanks(line) for line in table["activities"]],
        "entries": [_without_blanks(line) for line in table["entries"]],
    }


def _without_blanks(line: list[Any]) -> dict[str, Any]:
    key, cells = line
    return {"key": key, "cells": {name: text for name, text in cells.items() if text.strip()}}


def save(form: dict[str, Any], file: Path) -> Path:
    file.write_text(json.dumps(form, ensure_ascii=False), "utf-8")
    return file
