"""The manual that the program brings: pages that need one another and nothing else."""

import re
import webbrowser
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.commands import cli
from generator.queries import manual


def test_its_pages_lead_to_one_another_only():
    pages = manual.render_manual(date(2026, 1, 1))
    targets = {target.partition("#")[0] for html in pages.values() for target in re.findall(r'href="([^"]*)"', html)}
    assert targets - {""} == set(pages)
    assert not any(re.search(r"<(?:script|link|img)\b|url\((?!['\"]?data:)", html) for html in pages.values())
    assert all("<h1>" in html for html in pages.values())


def test_it_is_opened_in_the_browser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", lambda url: bool(opened.append(url)))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    done = CliRunner().invoke(cli, ["manual"])
    (page,) = tmp_path.rglob("manual.html")
    assert (done.exit_code, opened) == (0, [page.as_uri()])
    assert str(page) in done.stdout
    assert "请自己打开" in done.stderr  # there was no browser


def test_it_is_written_and_not_opened_where_a_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(webbrowser, "open", None)
    done = CliRunner().invoke(cli, ["manual", "--output", str(tmp_path / "手册")])
    assert done.exit_code == 0, done.output
    assert {path.name for path in (tmp_path / "手册").iterdir()} == set(manual.render_manual(date(2026, 1, 1)))
