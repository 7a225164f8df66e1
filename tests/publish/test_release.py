"""Publishing: killed, refused or damaged at any moment, a site is never half written, mixed, lost or anybody else's.

``PROVE=1`` takes every point instead of a seeded sample, and prints the counts.
"""

import os
import random
import resource
import shutil
import signal
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.disk import atomic_files
from generator.project import Project
from generator.publish import release
from generator.publish.store import Store
from tests import faults
from tests.conftest import PROVE, sample_of
from tests.faults import Fault, Outcome
from tests.site_pages import Files, site_files
from tests.site_project import SETTINGS, TODAY, SiteProject, members

DAY = ["--today", TODAY.isoformat()]
BUILD, ROLLBACK = ["build", *DAY], ["rollback", *DAY]


def hollow(root: Path) -> list[Path]:
    """Empty folders in the output folder."""
    return [one for one in (root / "site").rglob("*") if one.is_dir() and not any(one.iterdir())]


def compared(root: Path) -> list[str]:
    return [one.code for one in release.compare_with_release(Project(root), root / "site")]


def run(root: Path, words: list[str], *, code: int = 0) -> str:
    done = SiteProject.at(root).run(*words[:-2])
    assert done.exit_code == code, done.output
    assert code == 0 or isinstance(done.exception, SystemExit), done.exception
    return done.output


def page(title: str) -> str:
    return f"---\ntitle: {title}\n---\n正文。\n"


def change(root: Path) -> None:
    """From here on pages differ: all have another title, one is new, one is gone."""
    (root / "content/site.yaml").write_text(SETTINGS.replace("title: 积分榜", "title: 新榜"), encoding="utf-8")
    (root / "content/pages/added.md").write_text(page("新增"), encoding="utf-8")
    (root / "content/pages/old.md").unlink()


@dataclass(frozen=True)
class Scene:
    """A project, copied anew to ``root`` for each try, and a command that takes it from one site to another.

    ``done`` is the project after the command, ``built`` and ``back`` are the sites after a later build and a later
    rollback.
    """

    kept: Path
    done: Path
    root: Path
    command: list[str]
    old: Files
    new: Files
    built: Files
    back: Files
    operations: int

    def lay(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)
        shutil.copytree(self.kept, self.root)

    def complete(self, folder: Path) -> "Scene":
        """The same in another folder, the command done."""
        return replace(self, root=shutil.copytree(self.done, folder / "organ"))

    def run(self, fault: Fault, **more: Callable[[], None]) -> Outcome:
        self.lay()
        return faults.start(self.root, self.command, fault, **more).end()


SCENES = ("first", "rebuild", "rollback")


@pytest.fixture(scope="module")
def scenes(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Scene]:
    return cache(lambda name: _scene(name, tmp_path_factory.mktemp(name)))


@pytest.fixture(params=SCENES)
def scene(request: pytest.FixtureRequest, scenes: Callable[[str], Scene]) -> Scene:
    return scenes(request.param)


@pytest.fixture
def first(scenes: Callable[[str], Scene]) -> Scene:
    return scenes("first")


@pytest.fixture(scope="module")
def rebuild(scenes: Callable[[str], Scene]) -> Scene:
    return scenes("rebuild")


def _scene(name: str, folder: Path) -> Scene:
    root, kept, complete = folder / "organ", folder / "kept", folder / "complete"
    organ = SiteProject(root, members("zhang 张三 jia", "wang 王五 jia", branches="jia"))
    organ.write("content/pages/old.md", page("旧闻"))
    organ.write("content/pages/same.md", page("说明"))
    organ.approve(organ.ledger("jia", "2026-01", "activities: [{item: 收缴党费, date: 2026-01-09}]"))
    sites: list[Files] = [{}]
    if name != "first":
        run(root, BUILD)
        sites.append(site_files(root))
        change(root)
    if name == "rollback":
        run(root, BUILD)
        sites.append(site_files(root))
    shutil.copytree(root, kept)
    command = ROLLBACK if name == "rollback" else BUILD
    done = faults.start(root, command).end()
    assert done.code == 0, done.text
    shutil.copytree(root, complete)
    old, new = sites[-1], site_files(root)
    assert old != new
    built, back = (old, new) if name == "rollback" else (new, old)
    return Scene(kept, complete, root, command, old, new, built, back, done.operations)


def points(scene: Scene, count: int) -> list[int]:
    """Operations at which something happens: a seeded sample or all."""
    everyone = range(1, scene.operations + 1)
    return sample_of(everyone, count)


# --- what holds after every accident ----------------------------------------------------------------------------------


def judge(scene: Scene, number: int) -> str:
    """No page is half written, no mixture is called whole, and the next command completes or undoes; what it was."""
    lies, told = site_files(scene.root), compared(scene.root)
    pages = {path: raw for path, raw in lies.items() if atomic_files.final_path(path) == path}
    assert [path for path, raw in pages.items() if raw not in (scene.old.get(path), scene.new.get(path))] == []
    assert told or lies in (scene.old, scene.new)
    whole = release.read_current_release(Project(scene.root), scene.root / "site") is not None and not told
    if number % 2:
        run(scene.root, BUILD)
        assert site_files(scene.root) == scene.built
        assert compared(scene.root) == []
    else:
        done = SiteProject.at(scene.root).run("rollback")
        assert done.exit_code == 0 or "rollback.none" in done.output, done.output
        nowhere = not scene.old and whole  # the first site of all has none before it
        assert site_files(scene.root) == (scene.new if nowhere else scene.back)
    assert hollow(scene.root) == []
    return "interrupted" if told == ["release.interrupted"] else "new" if pages == scene.new else "old"


def count(name: str, states: Iterable[str]) -> None:
    found = list(states)
    print(f"{name}: {len(found)} points,", {state: found.count(state) for state in sorted(set(found))})  # noqa: T201


def test_a_command_does_the_same_operations_whatever_ran_here_before(scene: Scene):
    scene.lay()
    run(scene.root, scene.command)
    assert scene.run(faults.never).operations == scene.operations


def test_operations_of_all_threads_count_but_those_of_the_fault(tmp_path: Path):
    told = []

    def fault(number: int, _kind: str, path: str) -> None:
        told.append((number, path))
        if path == "first":
            other = threading.Thread(target=operations.tell, args=("open", "second"))
            other.start()
            other.join()
            operations.tell("open", "the fault's")

    operations = faults.Operations(tmp_path, fault)
    operations.tell("open", "first")
    assert (told, operations.count) == ([(1, "first"), (2, "second")], 2)


@pytest.mark.prove
def test_killed_at_any_operation(scene: Scene):
    states = []
    for number, at in enumerate(points(scene, 3)):
        assert scene.run(faults.kill(at)).code == -signal.SIGKILL
        states.append(judge(scene, number))
    count(f"killed, {scene.command[0]} over {len(scene.old)} files", states)


@pytest.mark.prove
def test_killed_at_any_time(scene: Scene):
    chance, states, longest = random.Random(7), [], 0.05
    for number in range(100 if PROVE else 2):
        scene.lay()
        begun = time.perf_counter()
        child = faults.start(scene.root, scene.command)
        time.sleep(chance.uniform(0, longest))
        os.kill(child.pid, signal.SIGKILL)
        if child.end().code == 0:
            longest = time.perf_counter() - begun
        else:
            longest *= 1.1
        states.append(judge(scene, number))
    count(f"killed at random times, {scene.command[0]} over {len(scene.old)} files", states)


@pytest.mark.prove
@pytest.mark.parametrize("fault", [faults.fail, faults.fill])
def test_refused_at_any_operation(scene: Scene, fault: Callable[[int], Fault]):
    states = []
    for number, at in enumerate(points(scene, 2)):
        done = scene.run(fault(at))
        assert done.code in (0, 1), done.text
        assert done.code == 0 or "错误：" in done.text, done.text
        if done.code == 0:
            assert site_files(scene.root) == scene.new
        states.append(judge(scene, number))
    count(f"{fault.__name__}, {scene.command[0]} over {len(scene.old)} files", states)


@pytest.mark.prove
def test_a_full_disk_leaves_the_old_site(rebuild: Scene):
    """No page is put in place before there is room for all that is to come."""
    for at in points(rebuild, 4):
        done = rebuild.run(faults.fill(at))
        pages = {path: raw for path, raw in site_files(rebuild.root).items() if atomic_files.final_path(path) == path}
        assert pages == (rebuild.old if done.code else rebuild.new)
        assert (done.code, "file.failed" in done.text) in ((1, True), (0, False))


@pytest.mark.parametrize("limit", [0, 100, 3000])
def test_a_file_size_limit(rebuild: Scene, limit: int):
    def prepare() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    done = rebuild.run(faults.never, prepare=prepare)
    assert (done.code, "file.failed" in done.text) == (1, True)
    assert site_files(rebuild.root) == rebuild.old
    assert compared(rebuild.root) == []
    judge(rebuild, 1)


def test_a_folder_that_may_not_be_written(rebuild: Scene):
    """Simulated, as root may write anything: every change below the folder is refused with EROFS."""
    done = rebuild.run(faults.refuse(rebuild.root / "site"))
    assert done.code == 1
    assert "file.failed" in done.text
    assert site_files(rebuild.root) == rebuild.old
    judge(rebuild, 1)


def test_the_state_folder_is_a_file(rebuild: Scene):
    rebuild.lay()
    shutil.rmtree(rebuild.root / ".jifenbang")
    (rebuild.root / ".jifenbang").write_text("", encoding="utf-8")
    assert "file.failed" in run(rebuild.root, BUILD, code=1)
    assert site_files(rebuild.root) == rebuild.old


def test_a_source_that_vanishes(rebuild: Scene):
    """Just before it is read: the program has seen it, and finds it gone."""
    sources = [path for folder in ("content", "ledgers") for path in (rebuild.kept / folder).rglob("*.*")]
    for source in (path.relative_to(rebuild.kept) for path in sources):

        def vanish(_number: int, kind: str, path: str, gone: Path = rebuild.root / source) -> None:
            if kind == "open" and path == str(gone):
                gone.unlink(missing_ok=True)

        done = rebuild.run(vanish)
        assert (done.code, "错误：" in done.text) == (1, True), done.text
        assert site_files(rebuild.root) == rebuild.old


# --- two at once ------------------------------------------------------------------------------------------------------


def test_a_second_writer_is_told_to_wait_until_the_first_is_gone(rebuild: Scene):
    rebuild.lay()
    holder = faults.start(rebuild.root, rebuild.command, faults.pause("os.rename"))
    os.waitpid(holder.pid, os.WUNTRACED)
    try:
        for words in (BUILD, ROLLBACK):
            assert "build.locked" in run(rebuild.root, words, code=1)
    finally:
        os.kill(holder.pid, signal.SIGKILL)
    assert holder.end().code == -signal.SIGKILL
    run(rebuild.root, BUILD)
    assert site_files(rebuild.root) == rebuild.new


def test_builds_at_once_leave_one_whole_site(rebuild: Scene):
    for _ in range(20 if PROVE else 2):
        rebuild.lay()
        begun = [faults.start(rebuild.root, rebuild.command) for _ in range(3)]
        done = [child.end() for child in begun]
        assert [one.text for one in done if one.code and "build.locked" not in one.text] == []
        assert 0 in [one.code for one in done]
        assert (site_files(rebuild.root), compared(rebuild.root)) == (rebuild.new, [])


# --- what is not ours -------------------------------------------------------------------------------------------------


def file(root: Path) -> None:
    (root / "site/members/论文.docx").write_bytes(b"three months")


def folder_link(root: Path) -> None:
    (root / "elsewhere").mkdir()
    (root / "elsewhere/zhang.html").write_bytes(b"three months")
    shutil.rmtree(root / "site/members")
    (root / "site/members").symlink_to(root / "elsewhere")


def page_link(root: Path) -> None:
    (root / "elsewhere.html").write_bytes(b"three months")
    (root / "site/index.html").unlink()
    (root / "site/index.html").symlink_to(root / "elsewhere.html")


def temporary_link(root: Path) -> None:
    (root / "elsewhere.html").write_bytes(b"three months")
    (root / "site/.index.html.tmp").symlink_to(root / "elsewhere.html")


def folder_for_a_page(root: Path) -> None:
    (root / "site/index.html").unlink()
    (root / "site/index.html").mkdir()


STRANGERS = {
    file: "members/论文.docx",
    folder_link: "members（链接）",
    page_link: "index.html（链接）",
    temporary_link: ".index.html.tmp（链接）",
    folder_for_a_page: "index.html（文件夹）",
}


@pytest.mark.parametrize("words", [BUILD, ROLLBACK], ids=["build", "rollback"])
@pytest.mark.parametrize("stranger", STRANGERS)
def test_strangers_are_refused_by_name(two_releases: Path, stranger: Callable[[Path], None], words: list[str]):
    stranger(two_releases)
    lies = {
        path: path.read_bytes() for path in two_releases.rglob("*") if path.is_file() and ".jifenbang" not in path.parts
    }
    told = run(two_releases, words, code=1)
    assert "output.foreign" in told
    assert f"：{STRANGERS[stranger]}。" in told
    assert {path: path.read_bytes() for path in lies} == lies
    assert compared(two_releases) != []


@pytest.fixture
def two_releases(rebuild: Scene, tmp_path: Path) -> Path:
    """A project built twice, the second time with other pages."""
    root = rebuild.complete(tmp_path).root
    assert [one.number for one in release.read_releases_of_all_outputs(Project(root))] == [2]
    return root


def test_the_output_folder_itself_may_be_a_link(first: Scene, tmp_path: Path):
    scene = first.complete(tmp_path)
    scene.lay()
    (tmp_path / "public").mkdir()
    (scene.root / "site").symlink_to(tmp_path / "public")
    run(scene.root, BUILD)
    assert site_files(scene.root) == scene.new
    assert (scene.root / "site").is_symlink()
    assert compared(scene.root) == []


# --- back -------------------------------------------------------------------------------------------------------------


def test_back_and_back_again_and_no_further(first: Scene, tmp_path: Path):
    root = first.complete(tmp_path).root
    sites = [site_files(root)]
    for number in range(1, 7):
        (root / "content/pages/same.md").write_text(page(f"第{number}版"), encoding="utf-8")
        run(root, BUILD)
        sites.append(site_files(root))
    for number in range(6, 2, -1):
        assert f"已退回到第 {number} 次生成（{TODAY}）：更新 " in run(root, ROLLBACK)
        assert site_files(root) == sites[number - 1]
        assert compared(root) == []
    assert "rollback.none" in run(root, ROLLBACK, code=1)
    assert site_files(root) == sites[2]


def test_building_the_same_again_is_no_release(tmp_path: Path):
    root = _scene("rebuild", tmp_path).root
    stamps = {path: path.stat().st_mtime_ns for path in (root / ".jifenbang").rglob("*") if path.name != "lock"}
    run(root, BUILD)
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


def test_no_more_bytes_are_kept_than_releases_need(two_releases: Path):
    store = Store.for_output(Project(two_releases), two_releases / "site")
    needed = {digest for number in (1, 2) if (one := store.read_manifest(number)) for digest in one.files.values()}
    assert {path.name for path in (store.folder / "blobs").iterdir()} == needed
    assert (two_releases / ".jifenbang").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("name", ["index.html", "pages/same.html", "assets/icon.svg"])
@pytest.mark.parametrize("words", [BUILD, ROLLBACK], ids=["build", "rollback"])
def test_a_tampered_file_is_told_and_mended(rebuild: Scene, tmp_path: Path, words: list[str], name: str):
    scene = rebuild.complete(tmp_path)
    with (scene.root / "site" / name).open("r+b") as stream:  # in place, as an editor might
        stream.write(b"99")
    (scene.root / "site/audit.html").unlink()
    assert sorted(compared(scene.root)) == ["release.changed", "release.missing"]
    run(scene.root, words)
    assert site_files(scene.root) == (scene.new if words == BUILD else scene.old)


def test_a_deleted_site_comes_back(rebuild: Scene, tmp_path: Path):
    scene = rebuild.complete(tmp_path)
    shutil.rmtree(scene.root / "site")
    run(scene.root, ROLLBACK)
    assert site_files(scene.root) == scene.old


def test_damaged_bytes_are_never_put_in_place(rebuild: Scene, tmp_path: Path):
    scene = rebuild.complete(tmp_path)
    blob = (
        Store.for_output(Project(scene.root), scene.root / "site").folder
        / "blobs"
        / atomic_files.digest_bytes(scene.old["index.html"])
    )
    blob.write_bytes(b"damaged")
    told = run(scene.root, ROLLBACK, code=1)
    assert "rollback.damaged" in told
    assert "index.html" in told
    assert (site_files(scene.root), compared(scene.root)) == (scene.new, [])


@pytest.mark.parametrize("way", [shutil.copytree, shutil.move], ids=["copied", "moved"])
def test_a_project_elsewhere_keeps_its_record(rebuild: Scene, tmp_path: Path, way: Callable[[Path, Path], object]):
    scene = rebuild.complete(tmp_path)
    root = tmp_path / "another drive" / "积分榜"
    root.parent.mkdir()
    way(scene.root, root)
    assert compared(root) == []
    assert [one.output for one in release.read_releases_of_all_outputs(Project(root))] == [root / "site"]
    assert "没有变化" in run(root, ["diff", *DAY])
    (root / "content/pages/same.md").write_text(page("改过"), encoding="utf-8")
    run(root, BUILD)
    for _ in range(2):
        told = run(root, ROLLBACK)
    assert "已退回到第 1 次生成" in told
    assert "台账没有改动，下一次 jifenbang build 又会换上较新的内容" in told
    assert site_files(root) == scene.old


def test_a_folder_outside_is_known_by_its_whole_path(first: Scene, tmp_path: Path):
    scene = first.complete(tmp_path)
    public = tmp_path / "public"
    run(scene.root, ["build", "--output", str(public), *DAY])
    shutil.move(scene.root, tmp_path / "moved")
    assert release.compare_with_release(Project(tmp_path / "moved"), public) == []


# --- what others ask --------------------------------------------------------------------------------------------------


def test_what_is_known_of_a_site(two_releases: Path):
    project, output = Project(two_releases), two_releases / "site"
    now = release.read_current_release(project, output)
    assert now is not None
    assert (now.number, now.before, now.output, now.day) == (2, 1, output.resolve(), TODAY)
    assert now.files == {path: atomic_files.digest_bytes(raw) for path, raw in site_files(two_releases).items()}
    sealed = (two_releases / "ledgers/2026/jia/01.yaml").read_text("utf-8").splitlines()
    assert [f"  digest: {one}" for one in now.rests] == [line for line in sealed if "digest: " in line]
    assert release.read_releases_of_all_outputs(project) == (now,)
    shutil.rmtree(output)
    assert release.read_releases_of_all_outputs(project) == ()


def test_a_folder_without_a_record_is_unknown(two_releases: Path):
    project = Project(two_releases)
    assert [one.code for one in release.compare_with_release(project, two_releases / "content")] == ["release.unknown"]
    assert release.read_current_release(project, two_releases / "content") is None
    assert not release.is_interrupted(project, two_releases / "content")


@pytest.mark.prove
def test_after_an_interruption_both_releases_may_lie_there(rebuild: Scene):
    found = {}
    for at in range(rebuild.operations * 3 // 4, 0, -5 if PROVE else -60):
        rebuild.run(faults.kill(at))
        project, output = Project(rebuild.root), rebuild.root / "site"
        now = release.read_current_release(project, output)
        assert now is not None
        numbers = [one.number for one in release.read_releases_of_all_outputs(project)]
        found[release.is_interrupted(project, output)] = (now.number, numbers)
    assert found == {False: (1, [1]), True: (1, [1, 2])}


# --- damaged state ----------------------------------------------------------------------------------------------------

DAMAGES = st.sampled_from(["delete", "truncate", "flip", "swap", "folder", "null"])


def damage(path: Path, kind: str, where: int, other: Path) -> None:
    raw = path.read_bytes()
    path.unlink()
    if kind == "folder":
        path.mkdir()
    elif kind != "delete":
        at = where % max(1, len(raw))
        flipped = raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :] if raw else b"x"
        ways = {"truncate": raw[:at], "flip": flipped, "null": b"null"}
        path.write_bytes(ways[kind] if kind in ways else other.read_bytes() if other.is_file() else b"")


@pytest.fixture(scope="module")
def interrupted(rebuild: Scene) -> list[Scene]:
    """The rebuild scene, its project as a kill leaves it: before, amid and after the switch."""
    scenes, last = [], rebuild.operations
    for number, at in enumerate((1, last * 6 // 10, last * 8 // 10, last)):
        rebuild.run(faults.kill(at))
        kept = shutil.copytree(rebuild.root, rebuild.kept.with_name(f"kept{number}"))
        scenes.append(replace(rebuild, kept=kept))
    return scenes


@pytest.mark.prove
@settings(max_examples=1000 if PROVE else 10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_damaged_state_is_no_traceback_and_harms_nobody(interrupted: list[Scene], data: st.DataObject):
    scene = data.draw(st.sampled_from(interrupted))
    scene.lay()
    stranger = scene.root / "site/论文.docx"
    if data.draw(st.booleans()):
        stranger.write_bytes(b"three months")
    held = sorted(path for path in (scene.root / ".jifenbang").rglob("*") if path.is_file())
    for path in data.draw(st.lists(st.sampled_from(held), min_size=1, max_size=4, unique=True)):
        damage(path, data.draw(DAMAGES), data.draw(st.integers(0, 10**6)), data.draw(st.sampled_from(held)))
    was_there = stranger.exists()
    compared(scene.root)
    words = data.draw(st.sampled_from([BUILD, ROLLBACK]))
    done = SiteProject.at(scene.root).run(*words[:-2])
    assert isinstance(done.exception, SystemExit | None), done.exception
    lies = site_files(scene.root)
    assert stranger.exists() == was_there
    pages = {path: raw for path, raw in lies.items() if atomic_files.final_path(path) == path and path != stranger.name}
    assert [path for path, raw in pages.items() if raw not in (scene.old.get(path), scene.new.get(path))] == []
    if done.exit_code == 0:
        assert lies in ((scene.new,) if words == BUILD else (scene.old, {}))


def test_a_manifest_with_one_word_changed_is_not_believed(two_releases: Path):
    manifest = Store.for_output(Project(two_releases), two_releases / "site").folder / "releases/00002.json"
    manifest.write_text(manifest.read_text("utf-8").replace("pages/same.html", "pages/mine.html"), encoding="utf-8")
    (two_releases / "site/pages/mine.html").write_bytes(b"three months")
    for words in (BUILD, ROLLBACK):
        run(two_releases, words, code=1)
        assert (two_releases / "site/pages/mine.html").read_bytes() == b"three months"


def test_the_state_of_another_version_is_not_believed(two_releases: Path):
    store = Store.for_output(Project(two_releases), two_releases / "site")
    shutil.copy(store.folder / "releases/00001.json", store.folder / "releases/00002.json")
    assert store.read_manifest(2) is None
    assert compared(two_releases) == ["release.unknown"]
    run(two_releases, BUILD)
    assert compared(two_releases) == []


def test_without_a_flush_for_all_each_file_is_flushed(first: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As on Windows."""
    scene = first.complete(tmp_path)
    scene.lay()
    flushed = []
    monkeypatch.delattr(os, "sync")
    monkeypatch.setattr(os, "fsync", flushed.append)
    run(scene.root, BUILD)
    assert len(scene.new) <= len(flushed) < 1.5 * len(scene.new)  # each page once, and what the journal needs


def test_the_day_is_the_builds(two_releases: Path):
    change_back = (two_releases / "content/site.yaml").read_text(encoding="utf-8")
    (two_releases / "content/site.yaml").write_text(change_back.replace("新榜", "又一榜"), encoding="utf-8")
    SiteProject.at(two_releases).run("build", today=date(2027, 6, 9))
    now = release.read_current_release(Project(two_releases), two_releases / "site")
    assert now is not None
    assert now.day == date(2027, 6, 9)
