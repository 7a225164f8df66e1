"""The error gallery: each folder of ``tests/errors`` holds files that provoke a message, and what people then read.

A folder is named after the message's code, ``CODE~variant`` where a code has several messages; a name without a dot is
a case without a code, ``usage-…`` one of wrong usage. ``files/`` is laid over ``tests/files/base``, ``remove`` lists
what is deleted from it, ``before`` has what happens first, a line each (see ``STEPS``), ``command`` is what is typed
(``check`` if there is none), ``expected`` the exit code and the text on standard error and output. ``UPDATE_GOLDEN=1``
writes ``expected`` anew: read each difference before keeping it.
"""

import ast
import errno
import gc
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from filelock import FileLock
from msgspec.structs import replace
from openpyxl import load_workbook

import generator
from generator.__main__ import main
from generator.build import source_digests
from generator.disk import atomic_files, locked_files
from generator.project import Project
from generator.publish.store import Store
from generator.render.export import pdf
from generator.workflow import draft_text
from tests.archives import mend_manifest, pack, unzip
from tests.conftest import PROVE, sample_of
from tests.manual_pages import manual_page
from tests.site_project import REPOSITORY

HERE = REPOSITORY / "tests"
GALLERY = HERE / "errors"
BASE = HERE / "files" / "base"
RULEBOOK = HERE.parent / "ledgers" / "rulebooks" / "erqi-2021.yaml"

TODAY = "--today 2026-03-15"
CHECK = f"check {TODAY}"
DRAFT = "ledgers/2026/first/02.yaml"
SEALED = "ledgers/2026/first/01.yaml"

CASES = sorted(folder.name for folder in GALLERY.iterdir())


def cases() -> list[object]:
    """The gallery for ``parametrize``: each code and a sample of its variants; all to prove them or to write them anew.

    Where there is a list of signers, signatures are really checked.
    """
    signed = pytest.mark.needs("ssh-keygen")
    variants = [case for case in CASES if "~" in case]
    chosen = {*CASES} - {*variants} | {*(variants if "UPDATE_GOLDEN" in os.environ else sample_of(variants, 60))}
    return [pytest.param(case, marks=signed if is_signed(case) else ()) for case in sorted(chosen)]


def is_signed(case: str) -> bool:
    return (GALLERY / case / "files/content/approvers").is_file() or any(line[0] == "key" for line in before(case))


def before(case: str) -> list[list[str]]:
    written = GALLERY / case / "before"
    return [shlex.split(line) for line in written.read_text(encoding="utf-8").splitlines()] if written.is_file() else []


def command_of(case: str) -> str:
    written = GALLERY / case / "command"
    return written.read_text(encoding="utf-8").strip() if written.is_file() else CHECK


# --- a project, and a command typed in it ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    code: int
    err: str
    out: str

    @property
    def shown(self) -> str:
        return f"exit {self.code}\n{self.err}{self.out}"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """The base project, as the current folder."""
    root = tmp_path / "project"
    shutil.copytree(BASE, root)
    (root / "ledgers" / "rulebooks").mkdir()
    shutil.copy(RULEBOOK, root / "ledgers" / "rulebooks")
    monkeypatch.chdir(root)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LANGUAGE", "zh_CN")
    umask = os.umask(0o022)
    yield root
    os.umask(umask)


@pytest.fixture
def jifenbang(monkeypatch):
    """Type a command as people do, in this process."""

    def typed(line):
        monkeypatch.setattr(sys, "argv", ["jifenbang", *shlex.split(line)])
        out, err = io.TextIOWrapper(io.BytesIO()), io.TextIOWrapper(io.BytesIO())
        with redirect_stdout(out), redirect_stderr(err), pytest.raises(SystemExit) as ended:
            main()
        gc.enable()  # which ``main`` leaves off: its process ends
        return Outcome(int(ended.value.code or 0), _written(err), _written(out))

    return typed


def _written(stream):
    stream.flush()
    return stream.buffer.getvalue().decode()


def lay(case, root):
    """Change the base project into a case's."""
    folder = GALLERY / case
    if (folder / "remove").is_file():
        for name in (folder / "remove").read_text(encoding="utf-8").split():
            (root / name).unlink()
    if command_of(case).startswith("check") and not before(case):
        shutil.rmtree(root / "themes")  # nothing is built of it, and to check it takes longer than all the rest
    if (folder / "files").is_dir():
        shutil.copytree(folder / "files", root, dirs_exist_ok=True)


def overwrite(root, pattern, text):
    r"""Write a text, in which ``\n`` ends a line, into the files of a pattern, or into a new one."""
    for path in [*root.glob(pattern)] or [root / pattern]:
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.replace(r"\n", "\n") + "\n", encoding="utf-8")


def delete(root, pattern):
    for path in [*root.glob(pattern)]:
        path.unlink()


def link(root, name, target):
    (root / name).parent.mkdir(exist_ok=True)
    (root / name).symlink_to(target)


def end_half_way(root):
    """Leave the journal of a switch that was interrupted."""
    store = Store.for_output(Project(root), root / "site")
    store.write_journal(*store.find_present_numbers(), store.find_unused_number())


def publish_otherwise(root, name):
    """Change a published file, and the release with it."""
    store, path = Store.for_output(Project(root), root / "site"), root / "site" / name
    path.write_bytes(path.read_bytes() + b" ")
    manifest = store.read_manifest(1)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    store.write_manifest(replace(manifest, files={**manifest.files, name: digest}))


def forget_record(root):
    """Make the release one of version 0.1.0, which recorded no inputs."""
    store = Store.for_output(Project(root), root / "site")
    store.write_manifest(replace(store.read_manifest(1), record=None))


def generate_key(root, owner):
    """Make a key, and a list of signers with it unless there is one."""
    target = root.parent / owner
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", owner, "-f", target], check=True)
    if not (root / "content/approvers").exists():
        public = target.with_suffix(".pub").read_text(encoding="utf-8")
        (root / "content/approvers").write_text(f"{owner} {public}", encoding="utf-8")


def fill_workbook(root, name, *cells):
    """Fill cells of a workbook as another program does: 考勤!C3=文字; merge them, or copy a sheet."""
    book = load_workbook(root / name)
    for cell in cells:
        place, _, text = cell.partition("=")
        title, _, reference = place.partition("!")
        kind, _, value = text.partition(":")
        if text == "copy":
            book.copy_worksheet(book[title])
        elif text == "merge":
            book[title].merge_cells(reference)
        elif kind == "number":
            book[title][reference].value = float(value)
        elif kind == "day":
            book[title][reference].value = date.fromisoformat(value)
        else:
            book[title][reference].value = text or None
    book.save(root / name)


def inject(root, name, part, old, new):
    """Replace the only text of a pattern in a part of a workbook."""
    with zipfile.ZipFile(root / name) as archive:
        parts = {info: archive.read(info) for info in archive.infolist()}
    with zipfile.ZipFile(root / name, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, raw in parts.items():
            changed, count = re.subn(old, lambda _: new, raw.decode()) if info.filename == part else (raw, 1)
            assert count == 1, raw
            archive.writestr(info, changed)


def add_rows(root, name, part, count):
    """Fill as many rows more."""
    rows = "".join(
        f'<row r="{n}"><c r="B{n}" t="inlineStr"><is><t>甲</t></is></c></row>' for n in range(100, 100 + int(count))
    )
    inject(root, name, part, "</sheetData>", f"{rows}</sheetData>")


def spoil_archive(root, name, path, text, mended=""):
    """Add a text to a file of an archive, which is otherwise as before; ``mended`` has its digests with it."""
    files = unzip((root / name).read_bytes())
    changed = {**files, path: files.get(path, b"") + text.encode()}
    (root / name).write_bytes(pack(mend_manifest(changed) if mended else changed))


def misrank_in_archive(root, name, path):
    """Give the first of a page's board other points, in the mark and to be seen."""
    files = unzip((root / name).read_bytes())
    page, count = re.subn(rb'data-points="[^"]*"([^>]*>)[^<]*<', rb'data-points="99"\g<1>99<', files[path], count=1)
    assert count == 1
    (root / name).write_bytes(pack(mend_manifest({**files, path: page})))


def pad(root, name, count):
    with (root / name).open("ab") as file:
        file.write(bytes(int(count)))


STEPS = {
    "cells": add_rows,
    "fill": fill_workbook,
    "inject": inject,
    "pad": pad,
    "spoil-archive": spoil_archive,
    "misrank-in-archive": misrank_in_archive,
    "write": overwrite,
    "delete": delete,
    "link": link,
    "interrupt": end_half_way,
    "publish-otherwise": publish_otherwise,
    "forget-record": forget_record,
    "key": generate_key,
}


def full_disk(monkeypatch, _root):
    def full(output, _contents):
        raise OSError(errno.ENOSPC, "No space left on device", str(output.name))

    monkeypatch.setattr(atomic_files, "stage_copies", full)


def private_files(_monkeypatch, _root):
    os.umask(0o077)  # the project's fixture sets it back


def open_page(monkeypatch, root):
    """A page is open in another program, which doesn't let go."""
    real, page = os.replace, (root / "site/notices/x.html").resolve()

    def replace(source, target):
        if Path(target) == page:
            raise PermissionError(errno.EACCES, "Permission denied", str(source))
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    monkeypatch.setattr(locked_files, "DELAYS", ())


def no_programs(monkeypatch, root):
    monkeypatch.setenv("PATH", str(root / "nowhere"))
    monkeypatch.setattr(pdf, "_APPLICATIONS", ())


def old_keygen(monkeypatch, root, knows="false"):
    """An ssh-keygen that checks no signature, or none by a line for which a word of the shell is false."""
    program = root.parent / "programs" / "ssh-keygen"
    program.parent.mkdir()
    program.write_text(
        f'#!/bin/sh\nfor word in "$@"; do [ -f "$word" ] && {{ {knows} || exit 1; }}; done; exit 0\n', "utf-8"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)


def keygen_without_days(monkeypatch, root):
    old_keygen(monkeypatch, root, '! grep -q valid- "$word"')


def another_writer(monkeypatch, root):
    held = FileLock(root / ".jifenbang/lock")
    held.acquire()
    monkeypatch.setattr(another_writer, "held", held, raising=False)  # let go with the test


def late_change(monkeypatch, root):
    """Change the settings as soon as a build has taken the digests of all files."""
    real = source_digests.digest_sources

    def digest_sources(project):
        digests = real(project)
        spoil(root, "content/site.yaml", "title: 党员积分榜", "title: 积分榜")
        return digests

    monkeypatch.setattr(source_digests, "digest_sources", digest_sources)


def another_program(monkeypatch, _root):
    monkeypatch.setattr(source_digests, "digest_program", lambda: "another")


def another_package(monkeypatch, _root):
    monkeypatch.setattr(source_digests, "digest_package", lambda: "another")


def miswritten(monkeypatch, _root):
    monkeypatch.setattr(draft_text, "format_draft", lambda *_: "支部: 甲\n")


CIRCUMSTANCES = {
    "miswritten": miswritten,
    "another-package": another_package,
    "another-program": another_program,
    "full-disk": full_disk,
    "open-page": open_page,
    "private-files": private_files,
    "keygen-without-days": keygen_without_days,
    "no-programs": no_programs,
    "old-keygen": old_keygen,
    "another-writer": another_writer,
    "late-change": late_change,
}


def prepare(case, root, jifenbang, monkeypatch):
    """Bring about what a case needs: its files, then each step of ``before``."""
    lay(case, root)
    for name, *words in before(case):
        if name == "jifenbang":
            assert jifenbang(shlex.join(words)).code == 0, words
        elif name in STEPS:
            STEPS[name](root, *words)
        else:
            CIRCUMSTANCES[name](monkeypatch, root)


def spoil(root, name, old, new):
    """Make one mistake in one file."""
    path = root / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- the gallery -----------------------------------------------------------------------------------------------------


PROBLEM = re.compile(
    r"(?P<file>[^:\n]+)(:(?P<line>\d+):(?P<column>\d+))?: (错误|提醒)：\S.*。〔(?P<code>[a-z]+\.[a-z-]+)〕"
)
EXCERPT = re.compile(r" +\d+ \| .*| + \| +\^|")
CLOSING = re.compile(r"有 \d+ 处错误，改正以后请再运行一次。")


def told(err):
    """The problems in a text for people; every line of it is a problem, its excerpt or the closing line."""
    lines = err.splitlines()
    odd = [line for line in lines if not any(kind.fullmatch(line) for kind in (PROBLEM, EXCERPT, CLOSING))]
    assert odd == []
    return [match.groupdict() for line in lines if (match := PROBLEM.fullmatch(line))]


@pytest.mark.prove
@pytest.mark.prove
@pytest.mark.parametrize("case", cases())
def test_people_read_exactly_this_and_every_line_says_where_and_which(case, project, jifenbang, monkeypatch):
    prepare(case, project, jifenbang, monkeypatch)
    typed = command_of(case)
    found = jifenbang(typed)
    golden, shown = GALLERY / case / "expected", found.shown.replace(f"{project}{os.sep}", "")
    shown = re.sub("SHA-256：[0-9a-f]{64}", "SHA-256：…", shown)  # of an archive, which has the program's digest
    if os.environ.get("UPDATE_GOLDEN") == "1":
        golden.write_bytes(shown.encode())
    assert shown == golden.read_bytes().decode()
    if case.startswith("usage-"):
        return
    problems = told(found.err)
    assert "." not in case or case.partition("~")[0] in [one["code"] for one in problems]
    if typed.startswith("check") and (PROVE or "~" not in case):  # everyday one of each code
        assert (found.code, problems) == as_json(jifenbang(f"{typed} --format json"))


def as_json(found):
    assert found.err == ""
    keys = ("file", "line", "column", "code")
    problems = [{key: str(one[key]) for key in keys} for one in json.loads(found.out)]
    of_a_file = {"line": None, "column": None}  # as a whole: in text nothing is behind its name
    return found.code, [{**one, **(of_a_file if one["line"] == "0" else {})} for one in problems]


CODE = re.compile(
    r"(anchor|approval|archive|approve|approvers|ballot|build|content|correct|correction|cycle|dated|field|file|filing|form"
    r"|import|ledger"
    r"|output|record|release|request|restore|rollback|roster|report|rulebook|sheet|signature|site|table|text|theme|tidy|withdraw"
    r"|workbook|yaml)"
    r"\.(?!(?:html|yaml)$)[a-z-]+"
)


@cache
def codes_in_the_program():
    return {
        node.value
        for path in Path(generator.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value)
    }


def test_every_code_is_in_the_gallery():
    shown = {case.partition("~")[0] for case in CASES if "." in case}
    assert shown == codes_in_the_program()


def test_the_manual_explains_every_code():
    rows = "\n".join(re.findall(r"^\| (`.*?) \|", manual_page("errors"), re.MULTILINE))
    assert [code for code in sorted(codes_in_the_program()) if f"`{code}`" not in rows] == []


@pytest.mark.usefixtures("project")
def test_the_base_has_no_errors_and_one_warning(jifenbang):
    found = jifenbang(CHECK)
    assert (found.code, [one["code"] for one in told(found.err)]) == (0, ["ledger.missing"])


# --- whose mistake stops what ----------------------------------------------------------------------------------------


def test_a_mistake_in_a_draft_stops_only_check(project, jifenbang):
    spoil(project, DRAFT, "[林远]", "[林原]")
    checked, scored = jifenbang(CHECK), jifenbang(f"score 2026-Q1 {TODAY}")
    assert (checked.code, scored.code) == (1, 0)
    assert f"{DRAFT}:11:13: 错误：" in checked.err
    assert f"{DRAFT}:11:13: 提醒：" in scored.err
    assert "林远" in scored.out


def test_a_draft_that_is_no_yaml_stops_only_check(project, jifenbang):
    spoil(project, DRAFT, "[林远]", "[林远")
    assert (jifenbang(CHECK).code, jifenbang(f"score 2026-Q1 {TODAY}").code) == (1, 0)


@pytest.mark.parametrize("command", [f"score 2026-Q1 {TODAY}", f"build {TODAY}"])
@pytest.mark.parametrize(
    ("old", "new"),
    [("[林远]", "[]"), ("[林远]", "[林原]"), ("[林远]", "[林远"), ("approval:", "approval：")],
    ids=["changed", "unknown member", "no yaml", "damaged approval"],
)
def test_a_mistake_in_an_approved_ledger_stops_everything(project, jifenbang, command, old, new):
    spoil(project, SEALED, old, new)
    found = jifenbang(command)
    assert (found.code, found.out) == (1, "")
    assert told(found.err)
    assert not (project / "site").exists()


# --- what people do by mistake must not end in a traceback ------------------------------------------------------------


def misname(root):
    (root / DRAFT).rename(root / "ledgers/2026/first/2.yaml")
    return "approve ledgers/2026/first/2.yaml --meeting 2026-03-05 --by 林远"


def folder_for_a_ledger(root):
    (root / "ledgers/2026/first/03.yaml").mkdir()
    return "check"


def folder_for_a_notice(root):
    (root / "content/notices/gongshi.md").mkdir(parents=True)
    return "check"


def folder_for_the_roster(root):
    (root / "ledgers/roster.yaml").unlink()
    (root / "ledgers/roster.yaml").mkdir()
    return "check"


def dangling_link(root):
    (root / "ledgers/2026/first/03.yaml").symlink_to("nowhere")
    return "check"


def output_below_a_file(root):
    return f"build --output {(root / 'content/site.yaml/public').relative_to(root).as_posix()}"


@pytest.mark.parametrize(
    "mistake",
    [misname, folder_for_a_ledger, folder_for_a_notice, folder_for_the_roster, dangling_link, output_below_a_file],
)
def test_no_mistake_ends_in_a_traceback(project, jifenbang, mistake):
    found = jifenbang(f"{mistake(project)} {TODAY}")
    assert found.code == 1
    assert told(found.err)


# --- approval keeps the recorder's bytes ------------------------------------------------------------------------------


@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"], ids=["", "bom"])
@pytest.mark.parametrize("newline", [b"\n", b"\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("ending", [True, False], ids=["", "no newline at the end"])
def test_approval_keeps_every_byte_before_its_block(project, jifenbang, bom, newline, ending):
    path = project / DRAFT
    text = path.read_bytes().replace(b"\n", newline)
    before = bom + (text if ending else text.removesuffix(newline))
    path.write_bytes(before)
    assert jifenbang(f"approve {DRAFT} --meeting 2026-03-05 --by 林远 {TODAY}").code == 0
    after = path.read_bytes()
    assert after.startswith(before)
    block = after.removeprefix(before).removeprefix(b"" if ending else newline)
    assert block.startswith(b"approval:" + newline)
    assert block.count(b"\n") == block.count(newline) == 10
    checked = jifenbang(CHECK)
    assert [one["code"] for one in told(checked.err)] == ["ledger.missing"]


def test_consent_is_written_only_where_it_was_needed(project, jifenbang):
    case = "approve-consent-for-one"  # March was filed, April was not
    lay(case, project)
    assert jifenbang(command_of(case)).code == 0
    written = {path.name: "consent: 蔡永康" in path.read_text(encoding="utf-8") for path in project.rglob("*.c1.yaml")}
    assert written == {"03.c1.yaml": True, "04.c1.yaml": False}


def test_an_approval_lost_after_it_was_published_is_told(project, jifenbang):
    assert jifenbang(f"build {TODAY}").code == 0
    sealed = (project / SEALED).read_text(encoding="utf-8")
    (project / SEALED).write_text(sealed.partition("approval:")[0], encoding="utf-8")
    found = jifenbang(f"verify {TODAY}")
    assert (found.code, [(one["file"], one["code"]) for one in told(found.err)]) == (
        1,
        [
            ("site", code)
            for code in ("release.rests", "release.input-changed", "release.not-compared", "release.not-compared")
        ],
    )
    assert f"jifenbang restore {SEALED}" in found.err


def test_a_full_disk_is_no_traceback(project, jifenbang, monkeypatch):
    assert jifenbang(f"build {TODAY}").code == 0
    before = {path: path.read_bytes() for path in (project / "site").rglob("*.html")}

    def full(output, _contents):
        raise OSError(errno.ENOSPC, "No space left on device", str(output))

    monkeypatch.setattr(atomic_files, "stage_copies", full)
    (project / "content/site.yaml").write_text(
        (project / "content/site.yaml").read_text(encoding="utf-8").replace("title: 党员积分榜", "title: 积分榜"),
        encoding="utf-8",
    )
    found = jifenbang(f"build {TODAY}")
    assert (found.code, [one["code"] for one in told(found.err)]) == (1, ["file.failed"])
    assert {path: path.read_bytes() for path in (project / "site").rglob("*.html")} == before
