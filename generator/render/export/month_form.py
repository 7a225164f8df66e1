"""The form of a branch's month: a page that opens from a folder in any browser and saves a file for ``import``."""

import base64
import hashlib
from pathlib import Path

import msgspec

from generator.core.page_data.month_sheets import COVER_HEADS, KINDS, MARKS, ROLL_WORDS, MonthSheet
from generator.render.html import package_pages

_FOLDER = Path(__file__).parent / "form"


def month_sheet_to_html(sheet: MonthSheet) -> bytes:
    """Return the bytes of the page, which holds all that it needs."""
    script, style = ((_FOLDER / name).read_text(encoding="utf-8") for name in ("editor.js", "editor.css"))
    title = "更正" if sheet.origin.corrects else "台账"
    data = {
        "sheet": sheet,
        "month": f"{sheet.origin.month[:4]} 年 {int(sheet.origin.month[5:])} 月",
        "title": title,
        "data": list_choices(sheet, title),
        "script": script,
        "style": style,
        "script_digest": _digest(script),
        "style_digest": _digest(style),
    }
    return package_pages.draw_page((_FOLDER,), "form.html", data).encode()


def list_choices(sheet: MonthSheet, title: str) -> object:
    """Return what the script knows: lines, choices and demanded proofs."""
    return msgspec.to_builtins(
        {
            "title": title,
            "branch_name": sheet.branch_name,
            "origin": sheet.origin,
            "cover": sheet.cover,
            "cover_heads": COVER_HEADS,
            "kinds": KINDS,
            "members": sheet.members,
            "activities": sheet.activities,
            "entries": sheet.entries,
            "activity_kinds": sheet.activity_kinds,
            "entry_kinds": sheet.entry_kinds,
            "choices": sheet.choices,
            "marks": list(MARKS.values()),
            "roll_words": list(ROLL_WORDS.values()),
        }
    )


def _digest(text: str) -> str:
    """Return the digest by which a policy of content names what it allows."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
