"""The whole sample site, page by page, without a browser."""

import hashlib
import json
import re
import subprocess
import sys
import venv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from xml.etree.ElementTree import Element

import click
import pytest

from tests.browser.pages import KINDS, page_path
from tests.conftest import PROVE, SAMPLE_DAY, build, sample_of
from tests.first_month import NEW_YEAR, TODAY, fill_january, write_members
from tests.site_pages import ATTRIBUTE, HTML, broken_links, pages, readable, said, text_of, tree
from tests.site_project import REPOSITORY, SiteProject, copy_sample, members

AUDIENCES = ("organ", "branch", "member", "committee")
FOLDERS = {"branch": "branches", "member": "members", "committee": "committee"}


def test_every_link_and_anchor_resolves(whole_site: Path):
    assert broken_links(whole_site) == []


@pytest.mark.prove
def test_every_page_parses_and_holds_what_its_text_says(whole_site: Path):
    """One of each kind, and a sample of all others."""
    names = ("id", "href", "src", "style")
    kinds = {page_path(whole_site, kind).relative_to(whole_site).as_posix() for kind in KINDS}
    for page in sorted(kinds.union(sample_of(pages(whole_site), 10))):
        every = tree(whole_site / page).iter()
        found = [value for element in every for name, value in element.attrib.items() if name in names]
        assert Counter(found) == Counter(said(whole_site / page, *names)), page
        assert [name for name, count in Counter(said(whole_site / page, "id")).items() if count > 1] == [], page


EDITIONS = ["organ", "member", "branch,committee", *(["branch", "committee", "organ,member"] if PROVE else [])]


@pytest.mark.prove
@pytest.mark.parametrize("audiences", EDITIONS)
def test_an_edition_is_exactly_its_audiences_and_links_nothing_else(sample: Path, tmp_path: Path, audiences: str):
    site = build(sample, tmp_path / "site", "--audience", audiences)
    built = {page.split("/")[0] for page in pages(site)}
    organ = {
        "index.html",
        "boards.html",
        "branches.html",
        "honours.html",
        "notices.html",
        "404.html",
        "audit.html",
        "rules.html",
        "rules",
        "boards",
        "notices",
        "pages",
    }
    expected = {FOLDERS[name] for name in audiences.split(",") if name in FOLDERS}
    assert (site / "search").exists() == (audiences != "committee")  # names of nobody, pages of no branch
    assert built == expected | (organ if "organ" in audiences.split(",") else set())
    assert broken_links(site) == []


def test_the_published_audiences_are_those_of_the_settings(site: Path):
    assert {"index.html", "branches", "members"} <= {page.split("/")[0] for page in pages(site)}
    assert not (site / "committee").exists()


def test_every_page_says_that_the_sample_is_fictional_and_forbids_the_network(whole_site: Path):
    scripts = [("site.js", "src"), ("search.js", "defer src"), ("mine.js", "src"), ("audit.js", "defer src")]
    versions = [hashlib.sha256((whole_site / "assets" / name).read_bytes()).hexdigest()[:8] for name, _ in scripts]
    for page in pages(whole_site):
        text = (whole_site / page).read_text(encoding="utf-8")
        assert "虚构" in text, page
        assert "default-src 'none'" in text, page
        assert '<html lang="zh' in text, page
        values = [value for _, value in ATTRIBUTE.findall(text)]
        assert [value for value in values if re.search(r"https?://(?!www\.w3\.org)", value)] == [], page
        up = "../" * page.count("/")
        allowed = [
            f'<script {how}="{up}assets/{name}?v={version}">'
            for (name, how), version in zip(scripts, versions, strict=True)
        ]
        assert set(re.findall("<script[^>]*>", text)) <= set(allowed if page == "audit.html" else allowed[:3]), page
        assert not re.search(r"\sstyle=|\son[a-z]+=", text), page


# --- figures ---------------------------------------------------------------------------------------------------------


def board(sample: Path, *words: str) -> list[dict[str, str]]:
    done = subprocess.run(
        [sys.executable, "-m", "generator", "-C", sample, "score", *words, "--format", "json", "--today", SAMPLE_DAY],
        capture_output=True,
        check=True,
    )
    rows: list[dict[str, str]] = json.loads(done.stdout)["rows"]
    return rows


def cells(row: Element) -> list[str]:
    return ["".join(cell.itertext()).strip() for cell in row if cell.tag in {HTML + "td", HTML + "th"}]


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("boards/2026-H1.html", ("2026-H1",)),
        ("boards/2025.html", ("2025",)),
        ("branches/fourth/2026-04.html", ("2026-04", "--branch", "fourth")),
        ("branches/second/2025-Q2.html", ("2025-Q2", "--branch", "second")),
    ],
)
def test_a_board_shows_the_figures_of_score(sample: Path, site: Path, page: str, words: tuple[str, ...]):
    body = next(one for one in tree(site / page).iter(HTML + "tbody") if len(one) > 4)
    shown = [cells(row) for row in body]
    rows = board(sample, *words)
    assert len(shown) == len(rows)
    for cell, row in zip(shown, rows, strict=True):
        assert cell[0] == str(row["rank"])
        assert row["name"] in "".join(cell)
        assert row["points"] in cell
        assert row["total"] in cell


def test_a_member_page_has_every_line_of_explain(sample: Path, site: Path):
    command = ["explain", "bai-yawen", "2025", "--format", "json", "--today", SAMPLE_DAY]
    done = subprocess.run([sys.executable, "-m", "generator", "-C", sample, *command], capture_output=True, check=True)
    text = "".join(tree(site / "members/bai-yawen.2025.html").itertext())
    for line in json.loads(done.stdout)["lines"]:
        for word in line["reason"].replace("，", "；").split("；"):
            assert word in text or word in {"参加", "按时完成"}  # the plain case goes without saying


# --- what must not be seen -------------------------------------------------------------------------------------------

TOKENS = {
    "recorder": "TOKENRECORDER",
    "title": "TOKENTITLE",
    "note": "TOKENNOTE",
    "late": "TOKENLATE",
    "evidence": "TOKENEVIDENCE",
    "approver": "TOKENAPPROVER",
    "left": "TOKENLEFT",
    "pinyin": "tokenpinyin",
    "struck": "TOKENSTRUCK",
    "reason of a correction": "TOKENREASON",
    "consent": "TOKENCONSENT",
    "filed by": "TOKENFILEDBY",
    "reason of a withdrawal": "TOKENWITHDRAWN",
    "withdrawn from": "TOKENMISTAKEN",
    "reason for acting": "TOKENACTING",
}
# Where each may be read; what is not named here may be read nowhere.
SEEN_BY = {"note": {"member", "committee"}, "late": {"member", "committee"}, "evidence": {"member", "committee"}}
SEEN_BY |= {"title": {"member", "committee"}, "recorder": {"committee"}, "approver": {"branch", "member", "committee"}}
SEEN_BY |= {"reason of a correction": {"member", "committee"}, "consent": {"committee"}, "filed by": {"committee"}}
SEEN_BY |= {"pinyin": {"branch", "member"}}  # by which a name is searched; the organ's boards don't name him
SEEN_BY |= {"reason of a withdrawal": {"committee"}, "withdrawn from": {"committee"}}
SEEN_BY |= {"reason for acting": {"committee"}}


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> SiteProject:
    """An organ with a token in every field that is not for everybody."""
    roster = members("wang 王五 jia", "li 李四 jia").rstrip() + (
        "\n  - {id: zhang, name: 张三, branch: jia, status: full, pinyin: tokenpinyin san,"
        " changes: [{from: 2026-02-20, left: TOKENLEFT}]}\n"
    )
    organ = SiteProject(tmp_path_factory.mktemp("planted"), roster)
    proof = "evidence: {sign-in: TOKENEVIDENCE.pdf, photo: TOKENEVIDENCE.jpg, document: TOKENEVIDENCE.pdf}"
    files = []
    for month in ("2026-01", "2026-02", "2026-03"):
        file = organ.ledger(
            "jia",
            month,
            f"""
            activities:
              - {{item: general-meeting, date: {month}-05, title: TOKENTITLE, leave: [李四], {proof}}}
              - {{item: volunteer, date: 2025-12-31, late: TOKENLATE, title: TOKENTITLE, present: [王五], {proof}}}
            entries:
              - {{member: 李四, item: criticism, date: {month}-06, note: TOKENNOTE, {proof}}}
              - {{member: 李四, item: late-document, date: {month}-07, note: TOKENSTRUCK}}
              - {{member: 王五, item: sanction, date: {month}-06, note: TOKENNOTE, {proof}}}
            """,
        )
        file.write_text(file.read_text(encoding="utf-8").replace("登记员", "TOKENRECORDER"), encoding="utf-8")
        files.append(file)
    plain = [organ.ledger("jia", f"2026-0{number}") for number in (4, 5, 6)]  # so that the half-year is news
    at = ("--meeting", "2027-01-05", "--acting", "TOKENACTING", "--by")
    steps = [
        ("approve", files[0], *at, "TOKENMISTAKEN"),
        ("approve", files[0], "--withdraw", "--reason", "TOKENWITHDRAWN"),
        ("approve", *files, *plain, *at, "TOKENAPPROVER"),
        ("file", "2026-Q1", "--on", "2027-01-05", "--by", "TOKENFILEDBY", "--acting", "TOKENACTING", "--branch", "jia"),
    ]
    for step in steps:
        done = organ.run(*step)
        assert done.exit_code == 0, done.output
    corrections = []
    for file in files:
        seal = re.findall(r"^  digest: (.+)$", file.read_text(encoding="utf-8"), re.MULTILINE)[0]
        head = f"branch: jia\nmonth: 2026-{file.stem}\ncorrects: {seal}\nrecorder: TOKENRECORDER\n"
        text = head + "kind: 剔除\nreason: TOKENREASON\nstrike: [e2]\n"
        corrections.append(organ.write(f"ledgers/2026/jia/{file.stem}.c1.yaml", text))
    done = organ.run("approve", *corrections, *at, "TOKENAPPROVER", "--consent", "TOKENCONSENT")
    assert done.exit_code == 0, done.output
    return organ


@pytest.mark.parametrize("audience", AUDIENCES)
def test_no_byte_of_an_edition_holds_what_its_audience_may_not_see(planted: SiteProject, tmp_path: Path, audience: str):
    site = tmp_path / "site"
    assert planted.run("build", "--output", site, "--audience", audience, "--gzip").exit_code == 0
    everything = "\n".join(f"{path}\n{text}" for path, text in readable(site).items())
    for field, token in TOKENS.items():
        assert (token in everything) == (audience in SEEN_BY.get(field, set())), field
    sealed = "".join(text_of(planted.root / "ledgers").values())
    secrets = re.findall(r"(?:nonce: |roll: sha256:)(\w+)", sealed)
    assert len(secrets) == 20  # nine approvals with a nonce and a roll each, a filing, a withdrawal
    for secret in secrets:
        assert secret not in everything


def kinds(files: Iterable[str]) -> set[str]:
    return {"".join(Path(path).suffixes[-2:]) if path.endswith(".gz") else Path(path).suffix for path in files}


def test_boards_never_name_deductions_sanctions_or_the_last(planted: SiteProject, tmp_path: Path):
    """Neither do feeds, lists, scripts and styles: nothing but the rules, which say what costs points at all."""
    site, words = tmp_path / "site", ("扣分", "请假", "缺席", "通报批评", "处分", "否决", "最后", "末位")
    assert planted.run("build", "--output", site, "--audience", "organ,branch", "--gzip").exit_code == 0
    files = readable(site)
    rules = {path for path in files if path.startswith("rules")}
    assert kinds(files) >= {".html", ".xml", ".json", ".js", ".css", ".html.gz", ".xml.gz", ".json.gz", ".js.gz"}
    assert all("扣分" in files[path] for path in rules)
    assert "更正公告" in files["feed.xml"]
    told = [(path, word) for path in files.keys() - rules for word in words if word in files[path]]
    assert told == []


DIGEST = re.compile(r"[0-9a-f]{64}|\b[0-9a-f]{48}\b|\b[0-9a-f]{8}\b|\b[0-9a-f]{4}(?: [0-9a-f]{4}){3}\b")


def test_boards_tell_nothing_of_why(tmp_path: Path):
    """Two organs with the same points for other reasons have the same boards, digests apart."""
    reasons = (
        "{member: 张三, item: absence, date: 2026-01-06}",
        "{member: 张三, item: late-document, date: 2026-01-06}",
    )
    found = []
    for number, reason in enumerate(reasons):
        organ = SiteProject(tmp_path / str(number), members("zhang 张三 jia", "wang 王五 jia"))
        organ.approve(organ.ledger("jia", "2026-01", f"entries: [{reason}]"))
        assert organ.run("build", "--audience", "organ,branch").exit_code == 0
        text = text_of(organ.root / "site")
        found.append({path: DIGEST.sub("#", one) for path, one in text.items()})
    assert found[0] == found[1]


def test_masked_names_are_given_away_by_nothing_on_the_organs_pages(tmp_path: Path):
    """No file but the members' own pages, and articles that people wrote, has a name or leads to anybody."""
    root = copy_sample(tmp_path / "masked")
    settings = root / "content/site.yaml"
    text = settings.read_text(encoding="utf-8").replace("names: full", "names: masked")
    assert "names: masked" in text
    settings.write_text(text + "address: https://intranet.example/jifen/\n", encoding="utf-8")
    site = build(root, tmp_path / "site", "--audience", "organ,member", "--gzip")
    roster = (root / "ledgers/roster.yaml").read_text(encoding="utf-8")
    names = re.findall(r"id: ([\w-]+),?\s+name: (\w+)", roster)
    people = [(ident, name) for ident, name in names if "支部" not in name]
    assert len(people) >= 40
    every = readable(site)
    assert all(name in every[f"members/{ident}.html"] for ident, name in people)
    files = {path: text for path, text in every.items() if not path.startswith(("members/", "pages/", "notices/"))}
    assert {"feed.xml", "sitemap.xml", "audit.json", "audit.html.gz", "boards/2026-H1.html"} <= files.keys()
    boards = [files["boards/2026-H1.html"], files["boards/2026-H1.poster.html"], files["boards/2026-H1.c1.html"]]
    assert set(re.findall('<tr id="([^"]*)"', boards[0])) == {f"row-{number}" for number in range(1, 47)}
    pages = [text for path, text in every.items() if path.endswith((".html", ".html.gz"))]
    assert not any("mine.js" in text or "data-own" in text for text in pages)
    assert all('*"' in text and 'class="nm"' not in text for text in boards)  # 崔* isn't spread to the width of a name
    assert kinds(files) >= {".html", ".xml", ".json", ".js", ".css", ".html.gz", ".xml.gz", ".json.gz", ".js.gz"}
    for path, content in files.items():
        assert [name for _, name in people if name in content] == [], path
        assert [ident for ident, _ in people if re.search(rf"(?:(?<![a-z-])|row-){ident}(?![a-z-])", content)] == [], (
            path
        )
        assert "members/" not in content, path
    assert {path.name for path in (site / "search").iterdir()} == {"index.js", "index.js.gz"}


# --- the same bytes --------------------------------------------------------------------------------------------------


def test_the_same_bytes_elsewhere_under_another_seed_locale_and_time_zone(site: Path, tmp_path: Path):
    root = copy_sample(tmp_path / "别处 another")
    env = {"PYTHONHASHSEED": "4711", "TZ": "Pacific/Kiritimati", "LC_ALL": "C", "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-X", "utf8=0", "-m", "generator", "build", "--today", "2026-12-01"]
    done = subprocess.run(
        command, cwd=root, env=env | {"PYTHONPATH": str(REPOSITORY)}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert text_of(root / "site") == text_of(site)


def test_the_same_bytes_with_one_job_or_three(sample: Path, site: Path, tmp_path: Path):
    assert text_of(build(sample, tmp_path / "site", "--jobs", "3")) == text_of(site)


def test_a_second_build_writes_nothing_and_an_edition_withdraws_what_it_lacks(sample: Path, tmp_path: Path):
    root = copy_sample(tmp_path / "again")
    site = build(root, tmp_path / "site")
    stamps = {path: path.stat().st_mtime_ns for path in site.rglob("*.html")}
    build(root, site)
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*.html")} == stamps
    build(root, site, "--audience", "organ")
    assert not (site / "members").exists()
    assert text_of(site) == text_of(build(sample, tmp_path / "fresh", "--audience", "organ"))


def test_a_page_that_was_damaged_is_mended_by_the_next_build(tmp_path: Path):
    root = copy_sample(tmp_path / "mend")
    site = build(root, tmp_path / "site")
    page = site / "index.html"
    good = page.read_bytes()
    page.write_bytes(good[:100])
    build(root, site)
    assert page.read_bytes() == good


@pytest.mark.parametrize("name", ["论文.docx", "members/extra.html", ".hidden"])
def test_a_folder_with_somebodys_work_is_refused_by_name(planted: SiteProject, tmp_path: Path, name: str):
    output = tmp_path / "output"
    stranger = output / name
    stranger.parent.mkdir(parents=True)
    stranger.write_text("三个月的心血", encoding="utf-8")
    done = planted.run("build", "--output", output)
    assert done.exit_code == 1
    assert "output.foreign" in done.stderr
    assert name in done.stderr
    assert [path for path in output.rglob("*") if path.is_file()] == [stranger]


@pytest.mark.parametrize("output", [".", "ledgers", "content", "ledgers/2026", ".."])
def test_the_sources_are_never_an_output_folder(planted: SiteProject, output: str):
    before = text_of(planted.root / "ledgers")
    done = planted.run("build", "--output", planted.root / output)
    assert done.exit_code == 1
    assert text_of(planted.root / "ledgers") == before


# --- the installed package -------------------------------------------------------------------------------------------


def install_wheel(folder: Path) -> Path:
    """Build the wheel, install it into a fresh environment that has the libraries alone, and return its command."""
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    wheel = [*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder / "wheels", REPOSITORY]
    subprocess.run(wheel, check=True, capture_output=True)
    venv.create(folder / "environment", with_pip=False)
    python = folder / "environment/bin/python"
    pip = [*pip, "--python", python]  # this one's pip: the environment has none
    wheels = (folder / "wheels").glob("*.whl")
    subprocess.run([*pip, "install", "--no-deps", "--no-index", *wheels], check=True, capture_output=True)
    packages = next((folder / "environment").glob("lib/python*/site-packages"))
    (packages / "libraries.pth").write_text(f"{Path(click.__file__).parent.parent}\n", encoding="utf-8")
    return folder / "environment/bin/jifenbang"


class Installed:
    """The installed command, run in a folder away from the repository."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.program = folder, install_wheel(folder)

    def run(self, *words: object) -> subprocess.CompletedProcess[str]:
        env = {"PATH": "/usr/bin:/bin", "PYTHONUTF8": "1"}
        line = [str(self.program), *map(str, words)]
        return subprocess.run(line, cwd=self.folder, env=env, capture_output=True, text=True, check=False)


def test_the_installed_package_brings_its_theme_and_words(site: Path, tmp_path: Path):
    """Built as a wheel, installed away from the repository, on a site project without ``themes/``."""
    installed = Installed(tmp_path)
    root = copy_sample(tmp_path / "project")
    done = installed.run("-C", root, "build", "--today", SAMPLE_DAY)
    assert done.returncode == 0, done.stderr
    assert text_of(root / "site") == text_of(site)
    assert "没有写“周期”" in installed.run("score").stderr
    shipped = next(tmp_path.glob("environment/lib/python*/site-packages/generator/shipped"))
    files = {path.relative_to(shipped).as_posix(): path for path in shipped.rglob("*") if path.is_file()}
    assert {name: path.read_bytes() for name, path in files.items()} == {
        name: (REPOSITORY / name).read_bytes() for name in SHIPPED
    }
    live_a_first_month(installed)


SHIPPED = {
    *(f"content/pages/{path.name}" for path in (REPOSITORY / "content/pages").glob("*.md") if path.stem != "about"),
    "ledgers/rulebooks/erqi-2021.yaml",
    *(path.relative_to(REPOSITORY).as_posix() for path in REPOSITORY.glob("themes/*/**/*") if path.is_file()),
}


def live_a_first_month(installed: Installed) -> None:
    """From nothing but the package and a workbook of members to a published site, and the manual; no YAML is typed."""
    organ, ledger = installed.folder / "新站", "ledgers/2026/diyi/01.yaml"
    write_members(installed.folder)
    book = installed.folder / "2026-01 第一党支部.xlsx"
    for words in (
        ["--version"],
        ["new", organ, "--organ", "示例机关", "--members", "名单.xlsx", "--today", NEW_YEAR],
        ["-C", organ, "roster", "branch", "secretary", "第一党支部", "周敏", "--today", NEW_YEAR],
        ["-C", organ, "sheet", "2026-01", "--today", NEW_YEAR],
        ["-C", organ, "import", book, "--today", TODAY],
        ["-C", organ, "check", ledger, "--today", TODAY],
        ["-C", organ, "form", ledger, "--output", "台账.html", "--today", TODAY],
        ["-C", organ, "approve", ledger, "--meeting", "2026-02-02", "--today", TODAY],
        ["-C", organ, "build", "--audience", "organ,branch,member", "--today", TODAY],
        ["manual", "--output", "手册"],
    ):
        if words[2:3] == ["import"]:
            fill_january(book)
        done = installed.run(*words)
        assert done.returncode == 0, (words, done.stdout, done.stderr)
        assert "错误" not in done.stderr
    assert "建议被采用" in (organ / "site/members/li-jing.html").read_text(encoding="utf-8")
    assert "使用手册" in (installed.folder / "手册/manual.html").read_text(encoding="utf-8")


SCREEN_ONLY = re.compile(r'<(\w+)\b[^>]*class="(?:[^"]* )?screen(?: [^"]*)?"[^>]*>.*?</\1>', re.DOTALL)


def test_digests_of_eight_figures_are_on_the_screen_alone(whole_site: Path):
    """They can be hit by trial, so that on paper they would prove nothing."""
    labels = re.compile(r"<code[^>]*>[0-9a-f]{8}</code>")
    assert labels.search((whole_site / "members/qin-shuyi.html").read_text(encoding="utf-8"))
    for page in pages(whole_site):
        assert not labels.search(SCREEN_ONLY.sub("", (whole_site / page).read_text(encoding="utf-8"))), page
