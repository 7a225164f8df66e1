"""The pages, styles and scripts before the judges of the trade: the Nu checker, stylelint, eslint for Chrome 86."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.browser.pages import KINDS, page_path
from tests.conftest import WEB, sample_of
from tests.site_pages import pages
from tests.site_project import REPOSITORY

pytestmark = pytest.mark.needs("npm")

# What the Nu checker says in error: it reads files, for which 'self' is nobody.
MISTAKEN = (
    r"Resource violates Content Security Policy \(meta tag\): external \w+ “[./]*assets/[\w.-]+\?v=[0-9a-f]{8}” "
    r"blocked by .*"
)


def nu_says(*paths: Path) -> list[str]:
    jar = WEB / "vnu-jar/build/dist/vnu.jar"
    options = ["--format", "json", "--skip-non-html", "--filterpattern", MISTAKEN]
    quick = ["-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"]  # the best code takes longer to compile than it saves
    done = subprocess.run(
        ["java", *quick, "-Xss4m", "-jar", jar, *options, *paths], capture_output=True, text=True, check=False
    )
    said = json.loads(done.stderr)["messages"]
    return [f"{one.get('url', '')}:{one.get('lastLine', '')} {one['type']}: {one['message']}" for one in said]


@pytest.mark.prove
@pytest.mark.needs("java")
def test_the_nu_checker_finds_nothing_on_any_page(whole_site: Path):
    """One of each kind, and a sample of all others."""
    kinds, every = [page_path(whole_site, kind) for kind in KINDS], pages(whole_site)
    assert len(every) > 300
    assert nu_says(*{*kinds, *(whole_site / name for name in sample_of(every, 40))}) == []


@pytest.mark.needs("java")
def test_the_nu_checker_bites(tmp_path: Path):
    page = tmp_path / "page.html"
    page.write_text(
        '<!doctype html><html lang="zh-CN"><title>榜</title><table><tr><td><main>榜</main></table>', "utf-8"
    )
    (said,) = nu_says(page)
    assert "must not appear as a descendant" in said


def report(program: str, script: str, *files: Path) -> list[dict]:
    """What a linter of tests/web says of some files, wherever they lie."""
    options = ["--config", WEB.parent / f"{program}.config.mjs", "-f", "json", *files]
    command = ["node", WEB / program / "bin" / script, *options]
    done = subprocess.run(command, cwd=REPOSITORY.anchor, capture_output=True, text=True, check=False)
    return json.loads(done.stdout or done.stderr)


def stylelint(*files: Path) -> list[str]:
    found = report("stylelint", "stylelint.mjs", *files)
    assert len(found) == len(files)
    return [f"{Path(one['source']).name}:{said['line']} {said['text']}" for one in found for said in one["warnings"]]


def eslint(*files: Path) -> list[str]:
    found = report("eslint", "eslint.js", *files)
    assert len(found) == len(files)
    return [
        f"{Path(one['filePath']).name}:{said['line']} {said['message']}" for one in found for said in one["messages"]
    ]


def test_styles_are_such_as_chrome_86_knows():
    assert stylelint(*sorted(REPOSITORY.glob("themes/*/assets/*.css"))) == []


def test_scripts_are_such_as_chrome_86_knows():
    files = sorted(REPOSITORY.glob("themes/*/assets/*.js"))
    assert not files or eslint(*files) == []


LATE_STYLES = [
    "a:has(b) { color: red; }",
    "a { b { color: red; } }",
    "a { &:hover { color: red; } }",
    ":is(a, b) { color: red; }",
    ":where(a, b) { color: red; }",
    "a { aspect-ratio: 1; }",
    "a { inset: 0; }",
    "@layer a { b { color: red; } }",
    "@container (min-width: 1px) { b { color: red; } }",
]
LATE_SCRIPTS = [
    'import {a} from "./a.js";',
    "export var a = 1;",
    "[1].at(-1);",
    "[1].findLast(one => one);",
    "var a; a ??= 1;",
    "structuredClone([1]);",
    'Object.hasOwn({}, "a");',
    "class A { #own = 1; }",
    "await 1;",
]


def files_of(folder: Path, texts: list[str], ending: str) -> list[Path]:
    files = [folder / f"{number}.{ending}" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8")
    return files


def test_stylelint_refuses_what_came_later(tmp_path: Path):
    said = stylelint(*files_of(tmp_path, LATE_STYLES, "css"))
    assert {one.partition(".")[0] for one in said} == {str(number) for number in range(len(LATE_STYLES))}, said


def test_eslint_refuses_what_came_later(tmp_path: Path):
    said = eslint(*files_of(tmp_path, LATE_SCRIPTS, "js"))
    assert {one.partition(".")[0] for one in said} == {str(number) for number in range(len(LATE_SCRIPTS))}, said
