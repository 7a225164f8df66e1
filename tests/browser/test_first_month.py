"""An organ's first month without a line of YAML: from an empty folder and a sign-in sheet to a page in the browser."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser

from generator.commands import cli
from tests.browser.pages import opened
from tests.first_month import NEW_YEAR, TODAY, fill_january, write_members
from tests.site_project import SiteProject
from tests.workbooks import bring_in, export

pytestmark = [pytest.mark.needs("chromium"), pytest.mark.needs("soffice")]


def start_organ(folder: Path) -> SiteProject:
    """Start a site project from a workbook of members."""
    line = ["new", folder / "site", "--members", write_members(folder), "--organ", "示例机关", "--today", NEW_YEAR]
    done = CliRunner().invoke(cli, [*map(str, line)], prog_name="jifenbang")
    assert done.exit_code == 0, done.output
    return SiteProject.at(folder / "site")


def save_in_libreoffice(file: Path, folder: Path) -> Path:
    home = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    command = ["soffice", home, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", folder, file]
    subprocess.run(command, capture_output=True, check=True, timeout=120)
    return folder / file.name


def test_from_an_empty_folder_to_a_members_page(tmp_path: Path, chromium: Browser):
    organ = start_organ(tmp_path)
    done = organ.run("roster", "branch", "secretary", "第一党支部", "周敏", today=NEW_YEAR)
    assert done.exit_code == 0, done.output

    (file,) = export(organ, "2026-01", today=NEW_YEAR)
    saved = save_in_libreoffice(fill_january(file), tmp_path / "saved")
    bring_in(organ, saved, today=TODAY)

    ledger = organ.root / "ledgers/2026/diyi/01.yaml"
    checked = organ.run("check", today=TODAY)
    assert (checked.exit_code, "0 处错误" in checked.stdout) == (0, True), checked.output
    form = organ.run("form", ledger, "--output", tmp_path / "form.html", today=TODAY)
    assert form.exit_code == 0, form.output
    approved = organ.run("approve", ledger, "--meeting", "2026-02-02", today=TODAY)
    assert approved.exit_code == 0, approved.output
    built = organ.run("build", "--audience", "organ,branch,member", today=TODAY)
    assert built.exit_code == 0, built.output

    page = opened(chromium, 360)
    page.goto((organ.root / "site/index.html").as_uri())
    page.fill("header .search input", "lijing")
    page.keyboard.press("Enter")
    page.wait_for_url("**/members/li-jing.html")
    figures = page.locator("dl.keys").inner_text()
    lines = page.locator("table.lines").inner_text()
    assert "3" in figures
    assert ["建议被采用" in lines, "一月份支部党员大会" in lines] == [True, True]
    page.goto((organ.root / "site/members/shan-xiaoming.html").as_uri())
    assert "请假" in page.locator("table.lines").inner_text()
