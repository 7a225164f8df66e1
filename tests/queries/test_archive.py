"""An archive holds what a period's pages rest on, is the same for the same sources, and tells each change."""

import io
import re
import shutil
import stat
import sys
import zipfile
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from click.testing import CliRunner, Result

from generator.build import source_digests
from generator.commands import cli
from generator.publish import archive, store
from generator.publish.archive import MANIFEST, SOURCES
from tests import signing
from tests.archives import change_byte, mend_manifest, pack, unzip
from tests.conftest import PROVE, sample_of
from tests.site_project import SETTINGS, SiteProject, members

TOKEN = "不该归档的事由"
DAY = date(2026, 9, 1)


def month(number: int, **options: str) -> str:
    more = "".join(f", {key}: [{value}]" for key, value in options.items())
    return f"activities:\n  - {{item: 支部党员大会, date: 2026-{number:02}-05{more}}}\n"


def prepare(root: Path) -> SiteProject:
    """January to March approved, jia's filed; then April, a correction of February, and May; a draft."""
    organ = SiteProject(root, members("zhang 张三 jia", "wang 王五 jia", "zhao 赵六 yi"))
    organ.write("content/site.yaml", f"{SETTINGS}objection: {{days: 5, contact: 机关党委}}\ntheme: own\n")
    organ.write("themes/own/theme.yaml", "parent: default\n")
    organ.write("themes/own/assets/own.css", "body {}\n")
    organ.write("content/notices/board.md", "---\ntitle: 第一季度公示\ndate: 2026-04-05\n---\n见[附件](表.pdf)。\n")
    organ.write("content/notices/表.pdf", "%PDF-1.4\n%%EOF\n")
    organ.write("content/notices/later.md", f"---\ntitle: {TOKEN}\ndate: 2026-08-30\n---\n正文。\n")
    for number in (1, 2, 3):
        for branch in ("jia", "yi"):
            approve(organ, organ.ledger(branch, f"2026-0{number}", month(number)), f"2026-0{number + 1}-03")
    file_quarter(organ, "jia")
    approve(organ, organ.ledger("jia", "2026-04", month(4)), "2026-05-03")
    correct = organ.run("correct", "ledgers/2026/jia/02.yaml", "a1", "--recorder", "登记员", today=DAY)
    assert correct.exit_code == 0, correct.output
    correction = root / "ledgers/2026/jia/02.c1.yaml"
    text = correction.read_text(encoding="utf-8")
    text = re.sub(r"kind:.*", "kind: 误记", re.sub(r"reason:.*", "reason: 核对签到表", text))
    correction.write_text(text.replace("date: 2026-02-05", "date: 2026-02-05, leave: [wang]"), encoding="utf-8")
    approve(organ, correction, "2026-05-20", "--consent", "赵六")
    approve(organ, organ.ledger("jia", "2026-05", month(5)), "2026-06-03")
    organ.ledger("yi", "2026-04", month(4).replace("date:", f"title: {TOKEN}, date:"))
    return organ


def approve(organ: SiteProject, file: Path, meeting: str, *words: str) -> None:
    acting = ["--by", "审核员", "--acting", "代行"]
    done = organ.run("approve", file, "--meeting", meeting, *acting, *words, today=DAY)
    assert done.exit_code == 0, done.output


def file_quarter(organ: SiteProject, branch: str) -> None:
    words = ["--branch", branch, "--on", "2026-04-10", "--by", "备案人", "--acting", "代行"]
    done = organ.run("file", "2026-Q1", *words, today=DAY)
    assert done.exit_code == 0, done.output


def make_archive(organ: SiteProject, today: date = DAY) -> bytes:
    path = organ.root.parent / "2026-Q1.zip"
    done = organ.run("archive", "2026-Q1", "--output", path, today=today)
    assert done.exit_code == 0, done.output
    assert "只供机关党委使用" in done.output
    return path.read_bytes()


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return prepare(tmp_path_factory.mktemp("archived") / "organ").root


@pytest.fixture(scope="module")
def raw(root: Path) -> bytes:
    return make_archive(SiteProject.at(root))


@pytest.fixture(scope="module")
def files(raw: bytes) -> Mapping[str, bytes]:
    return unzip(raw)


def verify(folder: Path, raw: bytes) -> Result:
    """Verify in a folder that has nothing else."""
    folder.mkdir(exist_ok=True)
    (folder / "a.zip").write_bytes(raw)
    done = CliRunner().invoke(cli, ["-C", str(folder), "verify", str(folder / "a.zip")])
    assert done.exit_code == 0 or isinstance(done.exception, SystemExit), done.exception
    assert [path.name for path in folder.iterdir()] == ["a.zip"]
    return done


def sources(files: Mapping[str, bytes]) -> set[str]:
    return {path.removeprefix(SOURCES) for path in files if path.startswith(SOURCES)}


# --- what is in it ----------------------------------------------------------------------------------------------------


def test_all_sources_that_the_pages_rest_on_are_in_it_and_nothing_else(files: Mapping[str, bytes], raw: bytes):
    """The correction of February brings April's approval, which was given before it; May and drafts are left out."""
    assert sources(files) == {
        "content/notices/board.md",
        "content/notices/表.pdf",
        "content/site.yaml",
        "ledgers/2026/cycle.yaml",
        "ledgers/2026/filings/2026-Q1.jia.yaml",
        *(f"ledgers/2026/jia/0{number}.yaml" for number in (1, 2, 3, 4)),
        "ledgers/2026/jia/02.c1.yaml",
        *(f"ledgers/2026/yi/0{number}.yaml" for number in (1, 2, 3)),
        "ledgers/roster.yaml",
        "ledgers/rulebooks/erqi-2021.yaml",
        "themes/own/assets/own.css",
        "themes/own/theme.yaml",
    }
    assert TOKEN.encode() not in raw
    assert "site/boards/2026-H1.html" in files
    assert "site/branches/jia/2026-Q1.r1.html" in files  # the version before the correction
    assert "site/committee/index.html" in files
    assert "theme/default/templates/board.html" in files


MARKED = re.compile(rb'data-(rank|name|points|total)="([^"]*)"')


def test_boards_are_those_of_the_site(files: Mapping[str, bytes], root: Path):
    done = SiteProject.at(root).run("build", "--output", root.parent / "site", today=DAY)
    assert done.exit_code == 0, done.output
    for board in ("branches/jia/2026-Q1", "branches/jia/2026-Q1.r1", "branches/yi/2026-Q1", "branches/jia/2026-02"):
        page = (root.parent / f"site/{board}.html").read_bytes()
        assert MARKED.findall(files[f"site/{board}.html"]) == MARKED.findall(page) != []


def test_the_cover_leads_to_every_board_notice_and_source(files: Mapping[str, bytes]):
    cover = files["index.html"].decode()
    targets = re.findall(r'href="([^"]+)"', cover)
    assert set(targets) - set(map(quote, files)) == set()
    assert "只供机关党委内部使用，不得张贴，不得外传。" in cover
    assert {"site/branches/jia/2026-Q1.html", "site/branches/jia/2026-Q1.c1.html", "site/notices/board.html"} <= set(
        targets
    )
    assert {f"{SOURCES}{name}" for name in sources(files) if name.isascii()} <= set(targets)
    notice = re.search(r'/2026-Q1\.c1\.html">([^<]+)<', cover)
    assert notice
    assert notice[1] == "jia支部2026年第一季度榜更正公告1"
    assert "http" not in cover.replace("http-equiv", "")


def test_the_same_sources_make_the_same_bytes_in_another_folder_on_another_day(raw: bytes, root: Path, tmp_path: Path):
    other = SiteProject.at(shutil.copytree(root, tmp_path / "organ"))
    shutil.rmtree(other.root / ".jifenbang", ignore_errors=True)
    other.ledger("yi", "2026-05", month(5))
    assert make_archive(other, today=date(2027, 2, 1)) == raw


def test_a_period_that_lacks_ledgers_is_archived_with_a_warning(root: Path, tmp_path: Path):
    done = SiteProject.at(root).run("archive", "2026-H1", "--output", tmp_path / "h1.zip", today=DAY)
    assert (done.exit_code, "archive.provisional" in done.output) == (0, True)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["2026-Q4"], "还没有榜单"),
        (["2031-H1"], "没有 2031 年的规则"),
        (["2026-Q1", "--output", "ledgers/a.zip"], "原始资料"),
        (["2026-Q1", "--output", "a.rar"], "不是 .zip 文件名"),
    ],
)
def test_what_is_typed_wrongly(root: Path, words: list[str], message: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(root)
    done = SiteProject.at(root).run("archive", *words, today=DAY)
    assert (done.exit_code, message in done.output) == (2, True)


# --- what verify says -------------------------------------------------------------------------------------------------


def test_an_archive_is_verified_without_project_and_state(raw: bytes, tmp_path: Path):
    done = verify(tmp_path / "empty", raw)
    assert done.exit_code == 0, done.output
    assert "没有发现改动" in done.output


def test_another_python_and_state_schema_compute_the_same_bytes(
    raw: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(store, "SCHEMA", store.SCHEMA + 1)
    monkeypatch.setattr(sys, "version", "3.99.0")
    source_digests.digest_program.cache_clear()
    done = verify(tmp_path / "empty", raw)
    source_digests.digest_program.cache_clear()
    assert (done.exit_code, "归档是程序的另一个版本" in done.output) == (0, False), done.output


def test_another_program_says_so_and_compares_seals_and_rankings(
    files: Mapping[str, bytes], raw: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(source_digests, "digest_package", lambda: "another")
    done = verify(tmp_path / "later", raw)
    assert (done.exit_code, "archive.other-program" in done.output) == (0, True), done.output
    page = "site/branches/jia/2026-Q1.html"
    spoilt = re.sub(rb'data-points="([^"]*)"([^>]*>)[^<]*<', rb'data-points="9"\g<2>9<', files[page], count=1)
    assert spoilt != files[page]
    done = verify(tmp_path / "later", pack(mend_manifest({**files, page: spoilt})))
    assert (done.exit_code, "archive.figures" in done.output) == (1, True), done.output


@pytest.mark.prove
def test_one_byte_changed_in_any_file_is_told(files: Mapping[str, bytes]):
    """Whether or not the checksum in the zip is mended with it: in turns or, to prove it, both."""
    for number, (path, content) in enumerate(files.items()):
        spoilt = pack({path: change_byte(content)})
        whole = pack({**files, path: change_byte(content)})
        both = (whole, whole.replace(*_damage(path, content, spoilt)))
        for changed in both if PROVE else both[number % 2 :][:1]:
            unpacked, problems = archive.unpack_archive(changed, "a.zip")
            assert unpacked is None, path
            assert [problem.message for problem in problems] == [f"{path} 与归档时不同"]


def _damage(path: str, content: bytes, spoilt: bytes) -> tuple[bytes, bytes]:
    """The checksum in the zip of the changed file, and that of the file as it was."""
    (before,) = zipfile.ZipFile(io.BytesIO(pack({path: content}))).infolist()
    (after,) = zipfile.ZipFile(io.BytesIO(spoilt)).infolist()
    return after.CRC.to_bytes(4, "little"), before.CRC.to_bytes(4, "little")


def test_bytes_around_the_files_are_told_too(raw: bytes):
    inside = raw.rindex(b"PK\x01\x02") + 12  # the time of the last file, in the zip's directory
    for changed in (raw + b"more", b"more" + raw, raw[:inside] + bytes([raw[inside] ^ 1]) + raw[inside + 1 :]):
        unpacked, problems = archive.unpack_archive(changed, "a.zip")
        assert unpacked is not None
        assert [(problem.code, problem.is_error) for problem in problems] == [("archive.repacked", False)]
    assert archive.unpack_archive(raw, "a.zip")[1] == []


CHANGES = {
    "index.html": "archive.recomputed",
    "site/index.html": "archive.recomputed",
    "site/audit.json": "archive.recomputed",
    "theme/default/templates/board.html": "archive.recomputed",
    "sources/ledgers/2026/jia/01.yaml": "approval.digest",
    "sources/content/notices/表.pdf": "archive.recomputed",
}


@pytest.mark.prove
@pytest.mark.parametrize("path", sample_of(list(CHANGES), 3))
def test_a_change_whose_digests_are_mended_is_told_too(files: Mapping[str, bytes], path: str, tmp_path: Path):
    changed = (
        files[path].replace("登记员".encode(), "录入员".encode()) if path.endswith("01.yaml") else files[path] + b" "
    )
    done = verify(tmp_path / "a", pack(mend_manifest({**files, path: changed})))
    assert (done.exit_code, CHANGES[path] in done.output) == (1, True), done.output


def test_a_file_less_or_more_and_other_days_are_told(files: Mapping[str, bytes], tmp_path: Path):
    less = {path: raw for path, raw in files.items() if path != "site/rules.html"}
    more = {**files, "site/more.html": b"more"}
    for changed, message in ((less, "site/rules.html 不见了"), (more, "site/more.html 不是归档时的文件")):
        _, problems = archive.unpack_archive(pack(changed), "a.zip")
        assert [problem.message for problem in problems] == [message]
    done = verify(tmp_path / "a", pack(mend_manifest(files, day="2026-06-30")))
    assert (done.exit_code, "archive.recomputed" in done.output) == (1, True)


def hostile() -> dict[str, Callable[[dict[str, bytes]], bytes]]:
    def twice(files: dict[str, bytes]) -> bytes:
        stream = io.BytesIO(pack(files))
        with zipfile.ZipFile(stream, "a") as packed:
            entry = zipfile.ZipInfo("INDEX.html")
            entry.external_attr = (stat.S_IFREG | 0o644) << 16
            packed.writestr(entry, b"")
        return stream.getvalue()

    names = ("../x", "/x", "a/../../x", "..\\x", "C:x", "a//b", "a/./b", "x/", "a\nb", "")
    return {
        **{f"name {name!r}": lambda files, name=name: pack({**files, name: b"x"}) for name in names},  # type: ignore[misc]
        "link": lambda files: pack(files, external_attr=(stat.S_IFLNK | 0o777) << 16),
        "folder": lambda files: pack(files, external_attr=(stat.S_IFDIR | 0o755) << 16),
        "compressed": lambda files: pack(files, compress_type=zipfile.ZIP_DEFLATED),
        "twice": twice,
        "no manifest": lambda files: pack({path: raw for path, raw in files.items() if path != MANIFEST}),
        "no zip": lambda _: b"PK\x03\x04 nothing",
        "empty": lambda _: b"",
        "cut off": lambda files: pack(files)[:-300],
        "a later format": lambda files: pack(mend_manifest(files, format=2)),
        "too large": lambda files: _enlarge(pack(files)),
    }


def _enlarge(raw: bytes) -> bytes:
    """The directory says that a file has two gigabytes."""
    place = raw.rindex(b"PK\x01\x02")
    return raw[: place + 24] + (2**31).to_bytes(4, "little") + raw[place + 28 :]


@pytest.mark.parametrize("kind", hostile())
def test_a_zip_that_is_not_ours_is_refused_and_nothing_of_it_is_written(
    files: Mapping[str, bytes], kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    small = mend_manifest({path: files[path] for path in ("index.html", "site/index.html", MANIFEST)})
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))  # an extraction would fail
    done = verify(tmp_path / "a", hostile()[kind](small))
    assert (done.exit_code, "archive.unreadable" in done.output) == (1, True), done.output


def test_a_device_is_no_archive(tmp_path: Path):
    done = CliRunner().invoke(cli, ["-C", str(tmp_path), "verify", "/dev/zero"])
    assert (done.exit_code, "archive.unreadable" in done.output) == (1, True)


@pytest.mark.parametrize("option", [["--quick"], ["--anchor", "x"], ["--output", "site"]])
def test_an_archive_is_verified_by_itself(option: list[str], raw: bytes, tmp_path: Path):
    (tmp_path / "a.zip").write_bytes(raw)
    done = CliRunner().invoke(cli, ["-C", str(tmp_path), "verify", str(tmp_path / "a.zip"), *option])
    assert (done.exit_code, "不写别的选项" in done.output) == (2, True)


# --- signed approvals -------------------------------------------------------------------------------------------------


@pytest.mark.needs("ssh-keygen")
def test_lists_of_signers_bring_what_they_name_and_later_ones_are_left_out(tmp_path: Path):
    """The second list names each branch's newest approval by then: yi's of February, which January's board lacks."""
    organ = SiteProject(tmp_path / "organ", members("zhang 张三 jia", "zhao 赵六 yi"))
    chief, heir = signing.key(organ, "chief"), signing.key(organ, "heir")
    signing.enlist(organ, signing.signer(chief, ""))
    signing.sign(organ, chief, organ.ledger("jia", "2026-01", month(1)), organ.ledger("yi", "2026-01", month(1)))
    signing.sign(organ, chief, organ.ledger("yi", "2026-02", month(2)))
    words = ("--key", chief, "--key", heir)
    signing.seal(organ, 2, *words, text=signing.signer(heir, ""), today=date(2026, 3, 10))
    signing.sign(organ, heir, organ.ledger("jia", "2026-02", month(2)), meeting="2026-03-20")
    lists = {"content/approvers.2", "content/approvers.2.yaml"}
    for name, expected in (("2026-01", {"yi/01"}), ("2026-02", {"yi/01", "yi/02"})):
        done = organ.run("archive", name, "--output", tmp_path / f"{name}.zip", today=DAY)
        assert done.exit_code == 0, done.output
        files = unzip((tmp_path / f"{name}.zip").read_bytes())
        assert {path[-10:-5] for path in sources(files) if "/yi/" in path} == expected
        assert (lists <= sources(files)) == (name == "2026-02")
        verified = verify(tmp_path / f"a-{name}", (tmp_path / f"{name}.zip").read_bytes())
        assert verified.exit_code == 0, verified.output
