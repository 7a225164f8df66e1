"""The archive of the sample's half-year, opened from a folder with nothing but a browser."""

import io
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, expect

from generator.commands import cli
from tests.conftest import SAMPLE_DAY

pytestmark = pytest.mark.needs("chromium")


@pytest.fixture(scope="module")
def folder(sample: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where somebody has unpacked it."""
    path = tmp_path_factory.mktemp("handed-over") / "2026-H1.zip"
    done = CliRunner().invoke(
        cli, ["-C", str(sample), "archive", "2026-H1", "--output", str(path), "--today", SAMPLE_DAY]
    )
    assert done.exit_code == 0, done.output
    with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as packed:
        packed.extractall(path.parent / "2026-H1")
    return path.parent / "2026-H1"


def test_it_opens_by_its_cover_without_a_network(folder: Path, chromium: Browser):
    context = chromium.new_context(offline=True)
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("requestfailed", lambda request: errors.append(request.url))
    page.goto((folder / "index.html").as_uri())
    expect(page.locator(".notice")).to_contain_text("只供机关党委内部使用，不得张贴，不得外传。")
    with page.expect_navigation():
        page.get_by_role("link", name="全机关", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2026年上半年")
    rows = page.locator("[data-rank]")
    expect(rows.nth(1)).to_be_visible()
    with page.expect_navigation():
        page.locator("table a[href*='members/']").first.click()  # to the account behind a figure
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.go_back()
    page.go_back()
    assert errors == []
    # A text that browsers hand to another program.
    with page.expect_download() as waiting:
        page.get_by_role("listitem").filter(has_text="ledgers/2026/first/ ").get_by_role("link", name="01.yaml").click()
    assert "branch: first" in waiting.value.path().read_text(encoding="utf-8")
    context.close()
