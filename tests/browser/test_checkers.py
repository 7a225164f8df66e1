"""The pages, styles and scripts before the judges of the trade: the Nu checker, stylelint, eslint for Chrome 86."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.checkers import nu_says
from tests.browser.pages import KINDS, page_path
from tests.conftest import WEB, sample_of
from tests.site_pages import pages
from tests.site_project import REPOSITORY

pytestmark = pytest.mark.needs("npm")


@pytest.mark.prove
@pytest.mark.needs("java")
def test_the_nu_checker_finds_nothing_on_any_page_but_a_bad_one(whole_site: Path, hall_site: Path, tmp_path: Path):
    """One of each kind, the committee's among them, the hall's screen, and a sample of all others."""
    bad = tmp_path / "page.html"
    text = '<!doctype html><html lang="zh-CN"><title>榜</title><table><tr><td><main>榜</main></table>'
    bad.write_text(text, encoding="utf-8")
    kinds, every = [page_path(whole_site, kind) for kind in KINDS], pages(whole_site)
    assert len(every) > 300
    others = [*(whole_site / name for name in sample_of(every, 8)), hall_site / "index.html"]
    (said,) = nu_says(*{*kinds, *others, bad})
    assert said.startswith(bad.as_uri().replace("///", "/"))
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


# Each with the version of Chrome that brought it, after 86; in the way that the data of the linters doesn't repeat.
LATE_STYLES = {
    "a:has(b) { color: red; }": 105,
    "a { b { color: red; } }": 112,
    "a { &:hover { color: red; } }": 112,
    "a { @media print { color: red; } }": 112,
    ":is(a, b) { color: red; }": 88,
    ":where(a, b) { color: red; }": 88,
    "a:not(b, c) { color: red; }": 88,
    "a:nth-child(2 of b) { color: red; }": 111,
    "a:user-invalid { color: red; }": 119,
    "a:autofill { color: red; }": 110,
    "a:modal { color: red; }": 105,
    "a:popover-open { color: red; }": 114,
    "a::file-selector-button { color: red; }": 89,
    "a::target-text { color: red; }": 89,
    "a { aspect-ratio: 1; }": 88,
    "a { inset: 0; }": 87,
    "a { inset-inline: 0; }": 87,
    "a { margin-inline: 0; }": 87,
    "a { accent-color: red; }": 93,
    "a { translate: 1px; }": 104,
    "a { rotate: 1deg; }": 104,
    "a { text-wrap: balance; }": 114,
    "a { field-sizing: content; }": 123,
    "a { text-underline-offset: 1px; }": 87,
    "a { text-decoration-thickness: 1px; }": 89,
    "a { overflow: clip; }": 90,
    "a { overflow-x: clip; }": 90,
    "a { overflow-clip-margin: 1px; }": 90,
    "a { scrollbar-gutter: stable; }": 94,
    "a { scrollbar-color: red blue; }": 121,
    "a { user-select: none; container-type: inline-size; }": 105,
    "a { content-visibility: visible; contain-intrinsic-height: 1px; }": 95,
    "a { display: inline flex; }": 115,
    "a { font-size-adjust: 1; }": 127,
    "a { hyphens: auto; hyphenate-character: '-'; }": 106,
    "a { color: color-mix(in srgb, red, blue); }": 111,
    "a { color: oklch(50% 0.1 0); }": 111,
    "a { color: lab(50% 0 0); }": 111,
    "a { color: hwb(0 0% 0%); }": 101,
    "a { color: light-dark(red, blue); }": 123,
    "a { color: rgb(from red r g b); }": 119,
    "a { color: AccentColor; }": 127,
    "a { background: conic-gradient(red, blue); mask-image: none; }": 120,
    "a { width: 1lh; }": 109,
    "a { width: 1rlh; }": 111,
    "a { width: 1dvh; }": 108,
    "a { width: 1svw; }": 108,
    "a { width: 1lvmin; }": 108,
    "a { width: 1cqw; }": 105,
    "a { width: 1ic; }": 106,
    "a { width: 1cap; }": 118,
    "a { width: round(1px, 2px); }": 125,
    "a { width: calc(1px * sin(1)); }": 111,
    "a { transition-timing-function: linear(0, 1); }": 113,
    "a { all: revert-layer; }": 99,
    "@layer a { b { color: red; } }": 99,
    "@container (min-width: 1px) { b { color: red; } }": 105,
    "@scope (a) { b { color: red; } }": 118,
    "@property --a { syntax: '*'; inherits: false; } @starting-style { a { color: red; } }": 117,
    "@media (width >= 1px) { a { color: red; } }": 104,
    "@media (prefers-contrast: more) { a { color: red; } }": 96,
    "@media (scripting: none) { a { color: red; } }": 120,
    "@font-face { font-family: a; src: url(a); size-adjust: 90%; }": 92,
}
EARLY_STYLES = [
    "a { gap: 1px; display: flex; }",
    "a { display: flow-root; }",
    "a { display: contents; }",
    "a { width: min(1px, 2vw); height: clamp(1px, 2vw, 3px); }",
    "a { width: max-content; }",
    "a { width: 1vmin; height: 1rem; flex: 1 1 1ch; line-height: 1.5; }",
    "a { margin-inline-start: 0; padding-block-end: 0; }",
    "a { color: rgb(0 0 0 / 50%); }",
    "a { color: #0b5a4a80; }",
    "a { color: rebeccapurple; }",
    "a { color: CanvasText; }",
    "a { all: revert; }",
    "a { position: sticky; }",
    "a { overflow: hidden auto; }",
    "a { overflow-wrap: anywhere; }",
    "a { text-align-last: justify; }",
    "a { font-variant-numeric: tabular-nums; }",
    "a { text-decoration: underline dotted red; }",
    "a { backdrop-filter: blur(1px); }",
    "a { clip-path: circle(1px); }",
    "a { background: conic-gradient(red, blue); }",
    "a { transition: color 1s cubic-bezier(0, 0, 1, 1); animation: turn 1s steps(2) infinite; }",
    "a { overscroll-behavior: contain; scroll-margin-top: 1px; scroll-snap-type: x mandatory; }",
    "a { columns: 2; column-gap: 1px; break-inside: avoid; }",
    "a { display: grid; grid-template-columns: repeat(auto-fill, minmax(1px, 1fr)); place-items: center; }",
    "a { contain: layout; content-visibility: auto; }",
    "a { --b: 1px; width: var(--b, env(safe-area-inset-left)); }",
    "a:focus-visible { color: red; }",
    "a:focus-within { color: red; }",
    "a:not(.b):nth-child(2n + 1)::before { color: red; }",
    "a[b='c' i]::marker { color: red; }",
    "a:placeholder-shown, a::placeholder { color: red; }",
    "@media screen and (prefers-color-scheme: dark) and (max-width: 10rem) { a { color: red; } }",
    "@media (prefers-reduced-motion: reduce) { a { color: red; } }",
    "@media (hover: none), (max-aspect-ratio: 4/3) { a { color: red; } }",
    "@supports (display: grid) { a { color: red; } }",
    "@property --a { syntax: '*'; inherits: false; }",
    "@keyframes b { from { color: red; } 50% { color: blue; } }",
    "@page { size: A4 landscape; margin: 1cm; }",
    "@font-face { font-family: a; src: url(a); font-display: swap; }",
]
LATE_SCRIPTS = {
    'import {a} from "./a.js";': 61,  # a module, which no page loads
    "export var a = 1;": 61,
    "await 1;": 89,
    "class A { static { A.b = 1; } }": 94,
    "class A { #b = 1; has(c) { return #b in c; } }": 91,
    "/a/d.exec('a');": 90,
    "/a/v.exec('a');": 112,
    'new Error("a", {cause: 1});': 93,
    "[1].at(-1);": 92,
    "[1].findLast(one => one);": 97,
    "[1].toSorted();": 110,
    "[1].with(0, 2);": 110,
    "Array.fromAsync([]);": 121,
    'Object.hasOwn({}, "a");': 93,
    "Object.groupBy([], one => one);": 117,
    "Promise.withResolvers();": 119,
    "new Set().union(new Set());": 122,
    '"a".isWellFormed();': 111,
    'new Intl.Segmenter("zh");': 87,
    "structuredClone([1]);": 98,
    "window.structuredClone([1]);": 98,
    "reportError(1);": 95,
    "document.body.inert = true;": 102,
    'document.body["inert"] = true;': 102,
    "var {inert} = document.body;": 102,
    "document.body.popover = '';": 114,
    "document.body.showPopover();": 114,
    "document.body.checkVisibility();": 105,
    "document.body.ariaHidden; document.body.setHTMLUnsafe('');": 124,
    "document.createElement('dialog').closedBy;": 134,
    "document.createElement('input').showPicker();": 99,
    "document.body.getHTML();": 125,
    "document.startViewTransition();": 111,
    "document.querySelector('a').computedStyleMap(); document.prerendering;": 108,
    "AbortSignal.timeout(1);": 103,
    "AbortSignal.any([]);": 116,
    "new AbortController().signal.throwIfAborted();": 100,
    "URL.canParse('a');": 120,
    "crypto.randomUUID();": 92,
    "navigator.userAgentData;": 90,
    "navigator.virtualKeyboard;": 94,
    "scheduler.postTask(() => 1);": 94,
    "new CSSStyleSheet().replaceSync(''); new Highlight();": 105,
    "CSS.highlights;": 105,
    "new CompressionStream('gzip').readable; new VideoFrame();": 94,
    "document.addEventListener('scrollend', () => 1);": 114,
    "document.addEventListener('a', () => 1, {signal: null});": 90,
    "new EyeDropper();": 95,
    "new URLPattern();": 95,
    "navigation.back();": 102,
    "fetch('a');": 42,  # known to Chrome 86, but not to a page that is opened from a folder
    "window.fetch('a');": 42,
    "new XMLHttpRequest();": 1,
    "import('./a.js');": 63,
    "navigator.sendBeacon('a');": 39,
}
EARLY_SCRIPTS = [
    "var a; a ??= 1; a ||= 2; a &&= 3;",
    '"a".replaceAll("a", "b");',
    "var a = {}; a?.b?.(1) ?? 2;",
    "var a = 1_000, b = 2n ** 3n;",
    "class A { #b = 1; c = 2; static d = 3; #e() { return this.#b; } f() { return this.#e(); } }",
    "Promise.any([]).catch(() => 1); new AggregateError([]);",
    "Promise.allSettled([]);",
    "new WeakRef({}).deref();",
    '[..."aa".matchAll(/a/g)];',
    "[[1]].flat().flatMap(one => one).includes(1);",
    "Object.fromEntries(Object.entries({}));",
    "async function a() { for await (const b of []) b.c; }",
    "var {a, ...b} = {a: 1};",
    "/(?<=a)(?<b>c)/su.exec('ac').groups;",
    "globalThis.queueMicrotask(() => 1);",
    'new Intl.ListFormat("zh").format([]); new Intl.DisplayNames("zh", {type: "region"});',
    '" a ".trimStart().padEnd(3);',
    "new AbortController().abort();",
    "new IntersectionObserver(() => 1); new ResizeObserver(() => 1);",
    "document.body.replaceChildren(); document.body.append('a'); document.body.closest('a').remove();",
    "document.body.toggleAttribute('hidden'); document.body.classList.toggle('a', true);",
    "document.createElement('form').requestSubmit();",
    "document.querySelector('a').scrollIntoView({block: 'nearest'});",
    "document.addEventListener('a', () => 1, {once: true, passive: true, capture: true});",
    "document.addEventListener('input', event => event.isComposing && event.data);",
    "matchMedia('print').addEventListener('change', () => 1);",
    "localStorage.setItem('a', JSON.stringify({})); sessionStorage.getItem('a');",
    "new URLSearchParams(location.search).get('a'); new URL('a', location.href).hash;",
    "history.replaceState(null, '', '#a'); history.scrollRestoration = 'manual';",
    "navigator.clipboard.writeText('a').then(() => 1);",
    "performance.now(); requestAnimationFrame(() => 1); requestIdleCallback(() => 1);",
    "CSS.escape('a'); getComputedStyle(document.body).getPropertyValue('--a');",
    "new TextEncoder().encode('a'); crypto.getRandomValues(new Uint8Array(1)); btoa('a');",
    "new Map([[1, 2]]).forEach((one, two) => one + two); new Set([1]).has(1); Symbol('a').description;",
    "var structuredClone = 1, inert = 2; structuredClone + inert;",
    "function fetch() { return 1; } fetch();",
]


def files_of(folder: Path, texts: list[str], ending: str) -> list[Path]:
    files = [folder / f"{number}.{ending}" for number in range(len(texts))]
    for file, text in zip(files, texts, strict=True):
        file.write_text(text, encoding="utf-8")
    return files


@pytest.mark.parametrize(
    ("lint", "ending", "late", "early"),
    [(stylelint, "css", LATE_STYLES, EARLY_STYLES), (eslint, "js", LATE_SCRIPTS, EARLY_SCRIPTS)],
    ids=["stylelint", "eslint"],
)
def test_ours_is_such_as_chrome_86_knows_and_what_came_after_it_alone_is_refused(
    tmp_path: Path, lint: Callable[..., list[str]], ending: str, late: dict[str, int], early: list[str]
):
    texts = [*late, *early]
    ours = sorted([*REPOSITORY.glob(f"themes/*/assets/*.{ending}"), *REPOSITORY.glob(f"generator/**/*.{ending}")])
    assert len(ours) > 1
    said = lint(*files_of(tmp_path, texts, ending), *ours)
    refused = {f"{number}.{ending}" for number in range(len(late))}
    assert [one for one in said if one.partition(":")[0] not in refused] == []
    assert refused - {one.partition(":")[0] for one in said} == set()
    assert min(len(late), len(early)) > 35
