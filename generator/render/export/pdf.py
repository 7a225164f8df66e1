"""Print HTML to PDF by an installed browser of the Chromium family, without any use of the network."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from generator.disk import locked_files
from generator.disk.temporary_folder import make_temporary_folder
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
_WINDOWS_PATHS = (
    "Microsoft/Edge/Application/msedge.exe",
    "Google/Chrome/Application/chrome.exe",
    "Chromium/Application/chrome.exe",
)
_WINDOWS_VARIABLES = ("PROGRAMFILES(X86)", "PROGRAMFILES", "LOCALAPPDATA")
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
    "--print-to-pdf-no-header",  # the flag's name in older browsers
)
_SECONDS = 120


def find_browser() -> Path | None:
    """Return the first browser on the path or at its usual place on Windows and macOS; None if there is none."""
    return next((path for path in _candidates() if path.is_file()), None)


def _candidates() -> Iterator[Path]:
    yield from (Path(path) for name in _NAMES if (path := shutil.which(name)))
    variables = [variable for variable in _WINDOWS_VARIABLES if variable in os.environ]
    yield from (Path(os.environ[variable], path) for path in _WINDOWS_PATHS for variable in variables)
    yield from map(Path, _APPLICATIONS)


def html_to_pdf(html: bytes, browser: Path | None) -> bytes | Problem:
    """Return the page as PDF, printed by the given or the first installed browser, or the problem that prevents it."""
    chosen = browser or find_browser()
    if chosen is None:
        hint = "请安装 Chromium、Chrome 或 Edge，或用 --browser 指明；也可以用 --format html，再用浏览器打印"
        return Problem(Location("."), "report.no-browser", "没有找到能打印 PDF 的浏览器", hint)
    with make_temporary_folder() as folder:
        page, printed = folder / "page.html", folder / "page.pdf"
        with locked_files.open_to_write(page, page) as file:
            file.write(html)
        flags = (*_FLAGS, *_sandbox_flags(), *_path_flags(str(folder), printed))
        result = _run_browser([str(chosen.resolve()), *flags, page.as_uri()])
        raw = printed.read_bytes() if printed.is_file() else b""
    if raw.startswith(b"%PDF-"):
        return raw
    hint = "请用 --browser 换一个浏览器，或用 --format html，再用浏览器打印"
    return Problem(Location("."), "report.browser-failed", f"浏览器“{chosen.name}”没有打印出 PDF（{result}）", hint)


def _path_flags(folder: str, printed: Path) -> tuple[str, str]:
    """Return the flags for the profile and for the path of the PDF."""
    # With the user's own profile, a browser that is open would get the page, and this process would end at once.
    return f"--user-data-dir={Path(folder, 'profile')}", f"--print-to-pdf={printed}"


def _sandbox_flags() -> list[str]:
    """Return the flag to run without a sandbox, for the administrator of a Linux machine, who can't have one."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def _run_browser(command: list[str]) -> str:
    """Run a browser; return in words how it ended."""
    null = subprocess.DEVNULL
    try:
        done = subprocess.run(command, stdin=null, stdout=null, stderr=null, timeout=_SECONDS, check=False)  # noqa: S603
    except subprocess.TimeoutExpired:
        return f"{_SECONDS} 秒没有结束"
    except OSError:
        return "无法启动"
    return f"退出码 {done.returncode}"
