"""A page of each kind, opened and printed in a real Chromium."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Browser, Page, sync_playwright

# A page of each kind, in the sample's site.
KINDS = {
    "home": "index.html",
    "organ board": "boards/2026-H1.html",
    "provisional organ board": "boards/2026.html",
    "organ poster": "boards/2026-H1.poster.html",
    "branch poster": "branches/first/2026-Q2.poster.html",
    "superseded board": "boards/2026-H1.r1.html",
    "correction": "boards/2026-H1.c1.html",
    "boards by year": "boards.html",
    "branches": "branches.html",
    "branch": "branches/fourth/index.html",
    "branch month": "branches/fourth/2026-04.html",
    "branch quarter": "branches/first/2026-Q1.html",
    "member": "members/bai-yawen.html",
    "member's earlier year": "members/bai-yawen.2025.html",
    "vetoed member": "members/shi-junfeng.html",
    "rules": "rules.html",
    "honours": "honours.html",
    "audit": "audit.html",
    "notice": "notices/",
    "notices": "notices.html",
    "not found": "404.html",
    "manual": "pages/manual.html",
    "desk": "committee/index.html",
    "results": "committee/2026.html",
    "polls": "committee/2026-awards.html",
    "filing pack": "committee/filings/2026-Q2.fourth.html",
    "corrected filing pack": "committee/filings/2026-Q3.fourth.html",
    "talk": "committee/talks/shi-junfeng.html",
    "ledger form": "committee/ledgers/first/2026-03.html",
}


def page_path(site: Path, kind: str) -> Path:
    """A page of a kind."""
    path = site / KINDS[kind]
    return min(path.glob("*.html")) if path.is_dir() else path


def address(site: Path, kind: str) -> str:
    """What a browser is given to open it from the folder."""
    return page_path(site, kind).as_uri()


@contextmanager
def launched(program: str | None) -> Iterator[Browser]:
    """A browser that asks for nothing by itself."""
    with sync_playwright() as playwright:
        flags = ["--no-sandbox", "--disable-gpu", "--in-process-gpu", "--disable-background-networking"]
        quiet = ["--disable-component-update", "--disable-sync"]
        # A script runs for a moment: to compile better code for it takes longer than the code saves.
        brief = ["--js-flags=--no-opt --no-maglev"]
        browser = playwright.chromium.launch(executable_path=program, args=[*flags, *quiet, *brief])
        yield browser
        browser.close()


class Windows(Protocol):
    """The window of a width and of options, for one page after the other: a new one takes longer than a page."""

    def __call__(self, width: int, **options: object) -> Page: ...


def opened(chromium: Browser, width: int, **options: object) -> Page:
    """An empty page of a window so wide."""
    context = chromium.new_context(viewport={"width": width, "height": 800}, **options)
    return context.new_page()


def printed(chromium: Browser, address_: str, folder: Path) -> list[str]:
    """The text of each sheet, as Chromium prints the page."""
    page = opened(chromium, 1280)
    page.goto(address_)
    file = folder / "page.pdf"
    page.pdf(path=file, prefer_css_page_size=True)
    text = subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout
    return [sheet for sheet in text.split("\f") if sheet.strip()]
