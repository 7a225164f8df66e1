"""The checkers of the trade for pages: axe in a browser, the Nu checker on files."""

import json
import subprocess
from pathlib import Path

from playwright.sync_api import Page

from tests.conftest import PROVE, WEB

LIGHTS = ("light", "dark")
# What the Nu checker says in error: it reads files, for which 'self' is nobody.
_MISTAKEN = (
    r"Resource violates Content Security Policy \(meta tag\): external \w+ “[./]*assets/[\w.-]+\?v=[0-9a-f]{8}” "
    r"blocked by .*"
)


def axe_says(page: Page, light: str) -> dict[str, list[str]]:
    """What axe finds, by the light in which it finds it: the one given, and to prove it both."""
    page.evaluate((WEB / "axe-core/axe.min.js").read_text(encoding="utf-8"))
    found = {}
    for each in LIGHTS if PROVE else (light,):
        page.emulate_media(color_scheme=each)
        if said := _run_axe(page):
            found[each] = said
    return found


def _run_axe(page: Page) -> list[str]:
    # Only rules on sound and on turned screens need what axe preloads.
    lean = {"rules": {"target-size": {"enabled": True}}, "resultTypes": ["violations"], "preload": False}
    found = page.evaluate("options => axe.run(document, options)", lean)
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary']}"
        for rule in found["violations"]
        for node in rule["nodes"]
    ]


def nu_says(*paths: Path) -> list[str]:
    """What the Nu checker finds in files, and where."""
    jar = WEB / "vnu-jar/build/dist/vnu.jar"
    options = ["--format", "json", "--skip-non-html", "--filterpattern", _MISTAKEN]
    quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]  # the best code takes longer to compile than it saves
    done = subprocess.run(
        ["java", *quick, "-Xss4m", "-jar", jar, *options, *paths], capture_output=True, text=True, check=False
    )
    said = json.loads(done.stderr)["messages"]
    return [f"{one.get('url', '')}:{one.get('lastLine', '')} {one['type']}: {one['message']}" for one in said]
