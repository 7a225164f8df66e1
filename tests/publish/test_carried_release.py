"""``publish``: the site in another folder, whatever happens on the way; nothing but ours is touched there.

``PROVE=1`` kills it at sixty moments instead of a few.
"""

import errno
import http.client
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.disk import atomic_files, locked_files
from generator.project import Project
from generator.publish import release
from tests import faults
from tests.conftest import PROVE
from tests.faults import Fault, Outcome
from tests.site_project import SETTINGS, TODAY, SiteProject, members

DAY = ["--today", TODAY.isoformat()]
Files = dict[str, bytes]


def files(folder: Path) -> Files:
    return {path: (folder / path).read_bytes() for path in atomic_files.walk_paths(folder)}


def compared(root: Path, folder: Path) -> list[str]:
    return [problem.code for problem in release.compare_with_release(Project(root), folder)]


@dataclass(frozen=True)
class Scene:
    """A project whose first release is in the target and whose second is in its site, copied anew for each try."""

    kept: Path
    folder: Path
    old: Files
    new: Files
    operations: int = 0

    @property
    def root(self) -> Path:
        return self.folder / "organ"

    @property
    def target(self) -> Path:
        return self.folder / "public"

    def lay(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.kept, self.folder)

    def start(self, fault: Fault = faults.never) -> faults.Child:
        words = ["publish", str(self.target), *DAY]
        return faults.start(self.root, words, fault, watched=self.folder)

    def run(self, fault: Fault) -> Outcome:
        self.lay()
        return self.start(fault).end()

    def publish(self, *words: object, code: int = 0) -> str:
        done = SiteProject.at(self.root).run("publish", self.target, *words)
        assert done.exit_code == code, done.output
        return done.output


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Scene:
    # The state names a folder outside the project by its path: the target is always at this one.
    folder, kept = tmp_path_factory.mktemp("carried") / "scene", tmp_path_factory.mktemp("kept") / "scene"
    organ = SiteProject(folder / "organ", members("zhang 张三 jia", "wang 王五 jia", branches="jia"))
    organ.write("content/pages/old.md", "---\ntitle: 旧闻\n---\n正文。\n")
    organ.approve(organ.ledger("jia", "2026-01", "activities: [{item: 收缴党费, date: 2026-01-09}]"))
    assert organ.run("build").exit_code == 0
    assert organ.run("publish", folder / "public").exit_code == 0
    old = files(folder / "public")
    (organ.root / "content/pages/old.md").unlink()
    organ.approve(organ.ledger("jia", "2026-02", "activities: [{item: 收缴党费, date: 2026-02-09, absent: [zhang]}]"))
    assert organ.run("build").exit_code == 0
    shutil.copytree(folder, kept)
    scene = Scene(kept, folder, old, files(organ.root / "site"))
    done = scene.run(faults.never)
    assert done.code == 0, done.text
    return Scene(kept, folder, old, files(organ.root / "site"), done.operations)


@pytest.fixture
def scene(prepared: Scene) -> Scene:
    prepared.lay()
    return prepared


# --- what it does -----------------------------------------------------------------------------------------------------


def test_the_target_gets_the_bytes_of_the_site_and_its_audit_json_is_kept(scene: Scene):
    told = scene.publish()
    assert files(scene.target) == scene.new
    assert compared(scene.root, scene.target) == []
    (audit,) = {path.name for path in Project(scene.root).anchors_folder.iterdir()} - first_audits(scene)
    assert audit in told
    assert (Project(scene.root).anchors_folder / audit).read_bytes() == scene.new["audit.json"]
    verified = SiteProject.at(scene.root).run("verify", "--quick", "--anchor", f".jifenbang/anchors/{audit}")
    assert (verified.exit_code, "条都在，没有变" in verified.output) == (0, True), verified.output
    again = scene.publish()
    assert "更新 0 个，撤下 0 个" in again
    assert len(list(Project(scene.root).anchors_folder.iterdir())) == len(first_audits(scene)) + 1


def first_audits(scene: Scene) -> set[str]:
    return {path.name for path in (scene.kept / "organ/.jifenbang/anchors").iterdir()}


def test_it_publishes_nothing_that_a_build_has_not(scene: Scene):
    published = scene.root / ".jifenbang/published"
    before = published.read_bytes()
    scene.publish()
    assert published.read_bytes() == before


def test_the_audit_json_goes_where_it_is_wanted_but_not_among_readers_or_sources(scene: Scene):
    scene.publish("--anchors", scene.folder / "safe")
    assert [path.read_bytes() for path in (scene.folder / "safe").iterdir()] == [scene.new["audit.json"]]
    for folder in (scene.target / "anchors", scene.root / "site", scene.root / "ledgers", scene.root / ".jifenbang"):
        assert "不能另存在" in scene.publish("--anchors", folder, code=2)
    assert "请先连上" in scene.publish("--anchors", scene.folder / "share/anchors", code=2)
    assert not (scene.folder / "share").exists()
    assert files(scene.target) == scene.new


def test_what_was_rolled_back_is_carried_back_or_rolled_back_there(scene: Scene):
    scene.publish()
    organ = SiteProject.at(scene.root)
    assert organ.run("rollback", "--output", scene.target).exit_code == 0
    assert files(scene.target) == scene.old
    scene.publish()
    assert organ.run("rollback").exit_code == 0
    scene.publish()
    assert files(scene.target) == files(scene.root / "site") == scene.old


def test_each_changed_file_is_later_than_the_one_it_replaces(scene: Scene):
    """Even where the clock was ahead; files that stay keep their time."""
    ahead = int(time.time()) + 3600
    for path in scene.old:
        os.utime(scene.target / path, (ahead, ahead))
    scene.publish()
    times = {path: int((scene.target / path).stat().st_mtime) for path in scene.old if path in scene.new}
    changed = {path for path in times if scene.old[path] != scene.new[path]}
    assert changed
    assert {path for path, changed_time in times.items() if changed_time > ahead} == changed
    assert {times[path] for path in times.keys() - changed} == {ahead}


def test_a_disk_that_can_set_no_time_is_waited_for_or_refused(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    for path in scene.old:
        os.utime(scene.target / path, (2e9, 2e9))

    def refuse(*_args: object, **_more: object) -> None:
        raise PermissionError(errno.EPERM, "refused")

    monkeypatch.setattr(os, "utime", refuse)
    assert "不能给文件改时间" in scene.publish(code=1)
    assert files(scene.target) == scene.old
    assert compared(scene.root, scene.target) == []


# --- what it refuses --------------------------------------------------------------------------------------------------


def test_a_folder_that_is_not_only_ours_is_refused_by_name(scene: Scene):
    (scene.target / "论文.docx").write_bytes(b"three months")
    told = scene.publish(code=1)
    assert "output.foreign" in told
    assert "论文.docx" in told
    assert "--output" not in told
    assert files(scene.target) == {**scene.old, "论文.docx": b"three months"}


TARGETS: dict[str, tuple[Callable[[Scene], Path], str]] = {
    "the site": (lambda scene: scene.root / "site", "就是网站所在的文件夹"),
    "in the site": (lambda scene: scene.root / "site/public", "在站点的文件夹里"),
    "the project": (lambda scene: scene.root, "在站点的文件夹里"),
    "sources": (lambda scene: scene.root / "ledgers/public", "在站点的文件夹里"),
    "around the project": (lambda scene: scene.folder, "output.sources"),
    "in the target": (lambda scene: scene.target / "sub", "output.nested"),
    "no such disk": (lambda scene: scene.folder / "mnt/web/site", "请先连上"),
}


@pytest.mark.parametrize("name", TARGETS)
def test_a_target_that_can_not_be_one(scene: Scene, name: str):
    choose, message = TARGETS[name]
    before = files(scene.folder)
    done = SiteProject.at(scene.root).run("publish", choose(scene))
    assert done.exit_code in {1, 2}
    assert message in done.output
    assert {path: raw for path, raw in files(scene.folder).items() if not path.endswith("/lock")} == {
        path: raw for path, raw in before.items() if not path.endswith("/lock")
    }


def test_a_site_that_is_not_as_it_was_built_is_not_carried(scene: Scene):
    page = scene.root / "site/index.html"
    page.write_bytes(page.read_bytes() + b" ")
    assert "release.changed" in scene.publish(code=1)
    shutil.rmtree(scene.root / "site")
    assert "release.missing" in scene.publish(code=1)
    shutil.rmtree(scene.root / ".jifenbang")
    assert "release.unknown" in scene.publish(code=1)
    assert files(scene.target) == scene.old


# --- accidents --------------------------------------------------------------------------------------------------------


def judge(scene: Scene, number: int) -> str:
    """No page is half written, no mixture is called whole, and the next command completes or undoes."""
    lies, told = files(scene.target), compared(scene.root, scene.target)
    pages = {path: raw for path, raw in lies.items() if atomic_files.final_path(path) == path}
    assert [path for path, raw in pages.items() if raw not in (scene.old.get(path), scene.new.get(path))] == []
    assert told or lies in (scene.old, scene.new)
    assert files(scene.root / "site") == scene.new
    # The first release of the target has none before it: only an interrupted switch can be undone there.
    if number % 2 or told != ["release.interrupted"]:
        scene.publish()
        assert files(scene.target) == scene.new
    else:
        done = SiteProject.at(scene.root).run("rollback", "--output", scene.target)
        assert done.exit_code == 0, done.output
        assert files(scene.target) == scene.old
    assert compared(scene.root, scene.target) == []
    return "interrupted" if told == ["release.interrupted"] else "new" if pages == scene.new else "old"


@pytest.mark.prove
def test_killed_at_random_moments(prepared: Scene):
    states = []
    for number in range(60 if PROVE else 3):
        at = random.Random(number).randrange(1, prepared.operations + 1)
        assert prepared.run(faults.kill(at)).code == -signal.SIGKILL
        states.append(judge(prepared, number))
    print(f"publish killed: {len(states)} points,", {state: states.count(state) for state in sorted(set(states))})  # noqa: T201


@pytest.mark.prove
def test_a_full_disk_leaves_the_old_site(prepared: Scene):
    for number in range(60 if PROVE else 2):
        done = prepared.run(faults.fill(random.Random(number).randrange(1, prepared.operations + 1)))
        pages = {path: raw for path, raw in files(prepared.target).items() if atomic_files.final_path(path) == path}
        assert (done.code, pages) in ((0, prepared.new), (1, prepared.old), (1, prepared.new)), done.text
        assert done.code == 0 or "file.failed" in done.text
        judge(prepared, number)


def test_a_target_that_may_not_be_written(prepared: Scene):
    """Simulated, as root may write anything: every change below the folder is refused with EROFS."""
    done = prepared.run(faults.refuse(prepared.target))
    assert (done.code, "file.failed" in done.text) == (1, True)
    assert files(prepared.target) == prepared.old
    judge(prepared, 1)


def test_a_network_drive(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    """No hard links, no permissions, and files that a reader has open are not replaced for a while."""

    def refuse(*_args: object, **_more: object) -> None:
        raise PermissionError(errno.EPERM, "refused")

    for name in ("link", "chmod", "chown", "symlink"):
        monkeypatch.setattr(os, name, refuse)
    monkeypatch.setattr(locked_files, "DELAYS", (0.0, 0.0, 0.0))
    real, attempts = os.replace, dict[str, int]()

    def replace_slowly(source: str, target: str) -> None:
        attempts[str(target)] = attempts.get(str(target), 0) + 1
        if str(target).startswith(str(scene.target)) and attempts[str(target)] % 3:
            raise PermissionError(errno.EACCES, "open elsewhere", str(target))
        real(source, target)

    monkeypatch.setattr(os, "replace", replace_slowly)
    scene.publish()
    assert files(scene.target) == scene.new


def test_a_page_that_stays_open_is_named_and_the_next_run_completes(scene: Scene, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(locked_files, "DELAYS", ())
    real = os.replace

    def replace_others(source: str, target: str) -> None:
        if str(target) == str(scene.target / "index.html"):
            raise PermissionError(errno.EACCES, "open elsewhere", str(target))
        real(source, target)

    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", replace_others)
        told = scene.publish(code=1)
    assert "file.in-use" in told
    assert "index.html" in told
    assert compared(scene.root, scene.target) == ["release.interrupted"]
    scene.publish()
    assert files(scene.target) == scene.new


# --- a web server -----------------------------------------------------------------------------------------------------


@pytest.fixture
def nginx(scene: Scene, tmp_path: Path) -> Iterator[int]:
    """The port at which nginx serves the target."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    folders = " ".join(f"{kind}_temp_path {tmp_path}/{kind};" for kind in kinds)
    server = f"server {{ listen 127.0.0.1:{port}; root {scene.target}; }}"
    (tmp_path / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {tmp_path}/pid; events {{}}"
        f" http {{ access_log off; {folders} {server} }}",
        encoding="utf-8",
    )
    errors = str(tmp_path / "errors")
    process = subprocess.Popen(["nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), "-e", errors])
    try:
        wait_until_served(port)
        yield port
    finally:
        process.terminate()
        process.wait()


def wait_until_served(port: int) -> None:
    for _ in range(200):
        with suppress(ConnectionRefusedError):
            fetch(port, {})
            return
        time.sleep(0.02)
    raise TimeoutError


def fetch(port: int, headers: dict[str, str]) -> tuple[int, bytes, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/index.html", headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body, dict(answer.headers)


@pytest.mark.needs("nginx")
def test_a_web_server_never_answers_an_old_figure_with_not_modified(scene: Scene, nginx: int):
    """Of pages of equal length, published within one second, with the validators of the page before."""
    settings = scene.root / "content/site.yaml"
    pages: list[bytes] = []
    asked: list[dict[str, str]] = [{}]
    for word in "甲乙丙丁":
        settings.write_text(SETTINGS.replace("title: 积分榜", f"title: 积分榜{word}"), encoding="utf-8")
        assert SiteProject.at(scene.root).run("build").exit_code == 0
        scene.publish()
        answers = [fetch(nginx, headers) for headers in asked]
        pages.append((scene.target / "index.html").read_bytes())
        assert [(status, body) for status, body, _ in answers] == [(200, pages[-1])] * len(asked)
        given = answers[0][2]
        by_time, by_tag = {"If-Modified-Since": given["Last-Modified"]}, {"If-None-Match": given["ETag"]}
        assert [fetch(nginx, headers)[0] for headers in (by_time, by_tag)] == [304, 304]
        asked += [by_time, by_tag, by_time | by_tag]
    assert len({len(page) for page in pages}) == 1
    assert len(set(pages)) == len(pages)
