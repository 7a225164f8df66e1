"""Contact sheets of the sample's pages to look at: ``make pictures`` puts one for each kind into build/pictures.

A sheet has the page at four widths, in the dark, in forced colours, in both steps of large type and on paper. With
``BEFORE=FOLDER``, a site that an earlier program built, each kind that it has gets a second sheet, and index.html shows
the two side by side. Four pictures more go into the theme, for the READMEs.
"""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.pages import KINDS, address, page_path
from tests.conftest import CHROMIUM, build
from tests.site_project import REPOSITORY, copy_sample

PICTURES = REPOSITORY / "build/pictures"
WIDTHS = (360, 768, 1280, 2560)
MODES = {
    **{f"{width} px": (width, {}) for width in WIDTHS},
    "dark": (1280, {"color_scheme": "dark"}),
    "dark phone": (360, {"color_scheme": "dark"}),
    "forced colours": (768, {"forced_colors": "active"}),
    "large": (768, {}),
    "larger": (360, {}),
}
LARGE = {"large": 1, "larger": 2}  # how often the button is pressed
TALLEST = 3_000  # pixels of a page that a sheet shows
# The picture a README shows: kind, width, height, colour scheme.
README = {
    "preview": ("organ board", 1040, 860, "light"),
    "member": ("member", 1040, 700, "light"),
    "phone": ("home", 390, 800, "dark"),
    "results": ("results", 1120, 780, "light"),
}
SHEET = """<!doctype html><meta charset="utf-8"><title>{kind}</title><style>
body {{ margin: 8px; background: #777; font: 14px sans-serif }}
body {{ columns: 5; column-gap: 8px }} figure {{ break-inside: avoid; margin: 0 0 8px; background: #fff; padding: 4px }}
img {{ display: block; max-width: {shown}px; height: auto }}
</style>{figures}"""
COMPARISON = """<!doctype html><meta charset="utf-8"><title>before, after</title><style>
body {{ margin: 8px }} div {{ display: flex; gap: 8px; align-items: start }} img {{ flex: 1 1 0; min-width: 0 }}
</style>{kinds}"""
SHOWN_WIDTH = 460  # pixels of a picture on a sheet


def picture(browser: Browser, url: str, file: Path, mode: str) -> None:
    """Draw the whole page in a mode, cut off where it gets too tall."""
    width, options = MODES[mode]
    context = browser.new_context(viewport={"width": width, "height": 900}, **options)
    page = context.new_page()
    page.goto(url)
    for _ in range(LARGE.get(mode, 0)):
        enlarge(page)
    height = min(TALLEST, page.evaluate("document.documentElement.scrollHeight"))
    page.set_viewport_size({"width": width, "height": height})
    page.screenshot(path=file)
    context.close()


def enlarge(page: Page) -> None:
    button = page.locator("[data-setting=large]")
    if button.count():
        button.first.click()


def paper(browser: Browser, url: str, file: Path) -> Iterator[Path]:
    """Print the page, and yield a picture of each sheet."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(url)
    page.pdf(path=file.with_suffix(".pdf"), prefer_css_page_size=True)
    subprocess.run(["pdftoppm", "-r", "70", "-png", file.with_suffix(".pdf"), file], check=True)
    context.close()
    yield from sorted(file.parent.glob(f"{file.name}-*.png"))


def contact_sheet(browser: Browser, site: Path, kind: str, folder: Path) -> None:
    """Put a kind of page in all modes on one sheet."""
    folder.mkdir(parents=True, exist_ok=True)
    name, url = file_name(kind), address(site, kind)
    pictures = {}
    for mode in MODES:
        pictures[mode] = folder / f"{name}-{mode.replace(' ', '-')}.png"
        picture(browser, url, pictures[mode], mode)
    for number, file in enumerate(paper(browser, url, folder / f"{name}-paper"), start=1):
        pictures[f"paper {number}"] = file
    figures = "".join(
        f'<figure><figcaption>{mode}</figcaption><img src="{file.name}"></figure>' for mode, file in pictures.items()
    )
    sheet = folder / f"{name}.html"
    sheet.write_text(SHEET.format(kind=kind, figures=figures, shown=SHOWN_WIDTH), "utf-8")
    page = browser.new_page(viewport={"width": 5 * (SHOWN_WIDTH + 16) + 16, "height": 900})
    page.goto(sheet.as_uri())
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    page.close()


def file_name(kind: str) -> str:
    return kind.replace(" ", "-").replace("'", "")


def compare() -> None:
    """Write a page with the two sheets of each kind side by side."""
    kinds = ""
    for name in map(file_name, KINDS):
        sheets = [path for path in (f"before/{name}.png", f"{name}.png") if (PICTURES / path).exists()]
        kinds += f"<h2>{name}</h2><div>" + "".join(f'<img src="{path}">' for path in sheets) + "</div>"
    (PICTURES / "index.html").write_text(COMPARISON.format(kinds=kinds), "utf-8")


def draw_readme(browser: Browser, site: Path) -> None:
    for name, (kind, width, height, light) in README.items():
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=light)
        page = context.new_page()
        page.goto(address(site, kind))
        page.screenshot(path=REPOSITORY / f"themes/default/{name}.png")
        context.close()


def main() -> None:
    before = os.environ.get("BEFORE")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        root = copy_sample(Path(folder))
        site = build(root, root / "site", "--audience", "organ,branch,member,committee")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for kind in KINDS:
            contact_sheet(browser, site, kind, PICTURES)
            if before and page_path(Path(before), kind).exists():
                contact_sheet(browser, Path(before), kind, PICTURES / "before")
        compare()
        draw_readme(browser, site)
        browser.close()


if __name__ == "__main__":
    main()
