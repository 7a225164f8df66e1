"""HTML to PDF through a browser of the Chromium family that is installed here; it asks nothing of any network."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from generator.problems import Location, Problem

_NAMES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "microsoft-edge",
    "msedge",
    "chrome",
)
_PLACES = (
    "Microsoft/Edge/Application/msedge.exe",
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
)
_FOLDERS = ("PROGRAMFILES(X86)", "PROGRAMFILES", "LOCALAPPDATA")
_APPLICATIONS = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-extensions",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--print-to-pdf-no-header",  # what older ones call it
)
_SECONDS = 120


def find_browser() -> Path | None:
    """The first browser found on the path or where it usually lies on Windows and macOS."""
    return next((path for path in _candidates() if path.is_file()), None)


def _candidates() -> Iterator[Path]:
    yield from (Path(found) for name in _NAMES if (found := shutil.which(name)))
    yield from (Path(os.environ[folder], place) for place in _PLACES for folder in _FOLDERS if folder in os.environ)
    yield from map(Path, _APPLICATIONS)


def html_to_pdf(html: bytes, browser: Path | None) -> bytes | Problem:
    """The page as PDF, printed by the ``named`` browser or by one that is found; or why it can't be."""
    chosen = browser or find_browser()
    if chosen is None:
        hint = "请安装 Chromium、Chrome 或 Edge，或用 --browser 指明；也可以用 --format html，再用浏览器打印"
        return Problem(Location("."), "report.no-browser", "没有找到能打印 PDF 的浏览器", hint)
    with TemporaryDirectory(prefix="jifenbang-", ignore_cleanup_errors=True) as folder:
        page, printed = Path(folder, "page.html"), Path(folder, "page.pdf")
        page.write_bytes(html)
        said = _run([str(chosen.resolve()), *_FLAGS, *_sandbox(), *_targets(folder, printed), page.as_uri()])
        raw = printed.read_bytes() if printed.is_file() else b""
    if raw.startswith(b"%PDF-"):
        return raw
    hint = "请用 --browser 换一个浏览器，或用 --format html，再用浏览器打印"
    return Problem(Location("."), "report.browser-failed", f"浏览器“{chosen.name}”没有打印出 PDF（{said}）", hint)


def _targets(folder: str, printed: Path) -> tuple[str, str]:
    """A fresh profile, so that no window which is open meanwhile takes over, and where the PDF goes."""
    return f"--user-data-dir={Path(folder, 'profile')}", f"--print-to-pdf={printed}"


def _sandbox() -> list[str]:
    """The administrator of a Linux machine can't have the sandbox; everybody else keeps it."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def _run(command: list[str]) -> str:
    """Run a browser and say how it ended."""
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(command, stdin=quiet, stdout=quiet, stderr=quiet, timeout=_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return f"{_SECONDS} 秒没有结束"
    except OSError:
        return "无法启动"
    return f"退出码 {done.returncode}"
