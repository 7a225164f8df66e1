"""Pictures of the sample's pages to look at: ``make pictures`` puts them into build/pictures, four into the theme."""

import subprocess
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests.browser.pages import KINDS, address
from tests.conftest import CHROMIUM, build
from tests.site_project import REPOSITORY, copy_sample

PICTURES = REPOSITORY / "build/pictures"
DESK, PHONE = (1280, 900), (360, 800)
SHOWN = ["home", "organ board", "branch", "branch quarter", "member", "rules", "audit", "results"]
# The picture a README shows: kind, width, height, colour scheme.
README = {
    "preview": ("organ board", 1040, 620, "light"),
    "member": ("member", 1040, 700, "light"),
    "phone": ("home", 390, 800, "dark"),
    "results": ("results", 1120, 780, "light"),
}


def picture(browser: Browser, url: str, file: Path, size: tuple[int, int], light: str = "light") -> None:
    """The whole page, or its first screen if a README is to show it."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, color_scheme=light)
    page = context.new_page()
    page.goto(url)
    page.screenshot(path=file, full_page=file.parent == PICTURES)
    context.close()


def sheets(browser: Browser, url: str, file: Path) -> None:
    """The printed page, a picture for each sheet."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    page.pdf(path=file.with_suffix(".pdf"), prefer_css_page_size=True)
    subprocess.run(["pdftoppm", "-r", "70", "-png", file.with_suffix(".pdf"), file], check=True)
    context.close()


def draw(browser: Browser, site: Path) -> None:
    for kind in SHOWN:
        name, url = kind.replace(" ", "-"), address(site, kind)
        picture(browser, url, PICTURES / f"{name}-light.png", DESK)
        picture(browser, url, PICTURES / f"{name}-dark.png", DESK, "dark")
        picture(browser, url, PICTURES / f"{name}-phone.png", PHONE)
        sheets(browser, url, PICTURES / f"{name}-print")
    for name, (kind, width, height, light) in README.items():
        file = REPOSITORY / f"themes/default/{name}.png"
        picture(browser, address(site, kind), file, (width, height), light)


def main() -> None:
    assert set(SHOWN) <= set(KINDS)
    PICTURES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = copy_sample(Path(folder))
        site = build(root, root / "site", "--audience", "organ,branch,member,committee")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        draw(browser, site)
        browser.close()


if __name__ == "__main__":
    main()
