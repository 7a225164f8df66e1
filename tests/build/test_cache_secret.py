"""The secret of the cache: without it nobody makes an entry that a build uses, and no worker has it."""

import hashlib
import hmac
import os
import pickle
import re
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from copy import deepcopy
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import msgpack

from generator.build import branch, cache_secret, executors, input_cache
from generator.build.cache import Cache, open_cache
from generator.build.cache_secret import Secret
from generator.build.executors import InlineExecutor, Workers
from generator.disk import locked_files
from generator.project import Project
from generator.render.html.template_cache import CompiledTemplates
from tests.build.courses import FIRST, READERS, Course, lines
from tests.site_pages import site_files as site
from tests.site_project import REPOSITORY, SiteProject

LENGTH = 32


@pytest.fixture(scope="module")
def half_year(tmp_path_factory: pytest.TempPathFactory) -> Course:
    """Three branches with a whole half-year, built once."""
    course = Course(tmp_path_factory.mktemp("half-year"))
    course.approve_up_to(6)
    course.go_on()
    return course


@pytest.fixture
def course(half_year: Course, tmp_path: Path) -> Course:
    """A copy of it."""
    course = deepcopy(half_year)
    course.organ = SiteProject.at(shutil.copytree(half_year.organ.root, tmp_path / "warm"))
    course.fresh = tmp_path / "cold"
    return course


def secret_of(organ: SiteProject) -> Path:
    return organ.root / ".jifenbang/secret"


# --- what is changed without the secret ------------------------------------------------------------------------------


def add_100(value: Any) -> Any:
    """Add 100 to every figure of a decoded entry: points are decimals, written as text."""
    match value:
        case dict():
            return {key: add_100(part) for key, part in value.items()}
        case list():
            return [add_100(part) for part in value]
        case str() if re.fullmatch(r"-?\d+(\.\d+)?", value):
            try:
                return str(Decimal(value) + 100)
            except InvalidOperation:
                return value
    return value


def plain_digest(key: str, raw: bytes) -> bytes:
    """What earlier versions wrote before an entry, and what anyone can compute."""
    return hashlib.sha256(key.encode() + raw).hexdigest().encode()


Entry = tuple[str, bytes, bytes]  # its key, its bytes as changed, the code that it had before
MENDED: dict[str, Callable[[Entry], bytes]] = {
    "digest not mended": lambda entry: entry[2],
    "digest mended": lambda entry: plain_digest(*entry[:2]),
    "digest of the bytes alone": lambda entry: hashlib.sha256(entry[1]).hexdigest().encode(),
    "another secret": lambda entry: Secret(bytearray(LENGTH)).authenticate(*entry[:2]).encode(),
    "no secret": lambda entry: hmac.digest(b"", entry[0].encode() + entry[1], "sha256").hex().encode(),
    "no code": lambda _: b"",
    "not ASCII": lambda _: "码".encode() * 32,
}


def falsify(course: Course, mend: Callable[[Entry], bytes]) -> int:
    """Add 100 to the figures of all entries; how many are others now."""
    count = 0
    for path in course.entries():
        code, _, raw = path.read_bytes().partition(b"\n")
        false = msgpack.encode(add_100(msgpack.decode(raw, strict=False)))
        count += false != raw
        path.write_bytes(mend((path.name, false, code)) + b"\n" + false)
    return count


@pytest.mark.parametrize("mend", MENDED.values(), ids=MENDED)
def test_figures_changed_in_the_cache_reach_no_page(course: Course, mend: Callable[[Entry], bytes]):
    assert falsify(course, mend) >= 2 * len(course.branches)  # reports, summaries
    course.note()
    course.agree()


def test_without_the_secret_they_would(course: Course, monkeypatch: pytest.MonkeyPatch):
    """The attack is one: pages show the figures where codes are believed."""
    falsify(course, MENDED["digest mended"])
    course.note()
    monkeypatch.setattr(Secret, "is_authentic", lambda *_: True)
    warm = course.go_on()
    monkeypatch.undo()
    cold = course.begin_anew()
    assert "2026-H1.html" in {name.rpartition("/")[2] for name in cold if warm.get(name) != cold[name]}


def test_an_entry_of_an_earlier_version_is_none(tmp_path: Path):
    key, raw = "a" * 64, msgpack.encode("entry")
    cache = Cache(tmp_path / "cache", Secret.make_random())
    path = tmp_path / "cache" / key[:2] / key
    path.parent.mkdir(parents=True)
    path.write_bytes(plain_digest(key, raw) + b"\n" + raw)
    assert cache.get(key, str) is None
    cache.put(key, "entry")
    assert cache.get(key, str) == "entry"


NAMES = st.sampled_from(["a" * 64, "b" * 64])
KEYS = st.sampled_from([b"s" * LENGTH, b"t" * LENGTH])
ENTRIES = st.tuples(KEYS, NAMES, st.binary(max_size=200))


@given(ENTRIES, ENTRIES)
def test_a_code_is_of_one_secret_one_name_and_these_bytes(
    entry: tuple[bytes, str, bytes], other: tuple[bytes, str, bytes]
):
    (key, *written), (reader, *read) = entry, other
    code = Secret(bytearray(key)).authenticate(*written).encode()
    assert Secret(bytearray(key)).is_authentic(code, *written)
    assert Secret(bytearray(reader)).is_authentic(code, *read) == (entry == other)


def test_a_page_and_its_manifest_that_were_both_changed_are_mended(course: Course):
    """A manifest has no secret: only the receipt, which is authenticated, knows what was published."""
    for path in ("index.html", "branches/jia/2026-Q2.html"):
        course.forge(path)
        course.agree()


# --- the file of the secret ------------------------------------------------------------------------------------------


def lose(path: Path) -> None:
    path.unlink()


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def lengthen(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"?")


def exchange(path: Path) -> None:
    path.write_bytes(bytes(LENGTH))


def let_others_read(path: Path) -> None:
    path.chmod(0o640)


def let_others_write(path: Path) -> None:
    path.chmod(0o602)


def put_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def put_a_link(path: Path) -> None:
    """A link to a secret of the attacker's own."""
    planted = path.parent.parent / "planted"
    planted.write_bytes(bytes(LENGTH))
    planted.chmod(0o600)
    path.unlink()
    path.symlink_to(planted)


def put_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path, 0o600)


REPLACED = [lose, cut, empty, lengthen, let_others_read, let_others_write]
UNUSABLE = [put_a_folder, put_a_link, put_a_pipe]


def test_only_its_owner_can_read_it(course: Course):
    path = secret_of(course.organ)
    assert (stat.S_IMODE(path.stat().st_mode), path.stat().st_size) == (0o600, LENGTH)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize("mask", [0o000, 0o077, 0o277])
def test_it_is_private_whatever_the_mask(tmp_path: Path, mask: int):
    before = os.umask(mask)
    try:
        assert open_cache(Project(tmp_path))[0]
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / ".jifenbang/secret").stat().st_mode) == 0o600 & ~mask


def test_it_stays_the_same_from_build_to_build_and_is_no_other_project_s(tmp_path: Path):
    keys = set()
    for name in ("one", "two", "one"):
        (tmp_path / name).mkdir(exist_ok=True)
        assert open_cache(Project(tmp_path / name))[0]
        keys.add((name, (tmp_path / name / ".jifenbang/secret").read_bytes()))
    assert len(keys) == len({key for _, key in keys}) == 2


@pytest.mark.parametrize("damage", [*REPLACED, exchange])
def test_a_damaged_one_makes_old_entries_none(course: Course, damage: Callable[[Path], None]):
    path, organ = secret_of(course.organ), course.organ
    before, whole = path.read_bytes(), site(organ.root)
    damage(path)
    assert ("已经重新建立" in built(organ)) == (damage is not exchange)
    assert built(organ) == ""  # to say it once is enough
    assert site(organ.root) == whole
    assert path.read_bytes() != before
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    cache = open_cache(Project(organ.root))[0]
    assert cache is not None
    entries = [(one.name, cache.get_encoded(one.name)) for one in course.entries()]
    assert {name for name, raw in entries if raw} >= {input_cache.ledger_cache_key(name) for name in course.branches}


@pytest.mark.parametrize("plant", UNUSABLE)
def test_one_that_is_none_of_ours_leaves_the_cache_alone_and_is_told(course: Course, plant: Callable[[Path], None]):
    path, organ = secret_of(course.organ), course.organ
    plant(path)
    lying = stamps(course)
    course.note()
    told = built(organ)
    assert told.startswith(".jifenbang:1:1: 提醒：缓存的密钥 .jifenbang/secret 用不了（不是普通文件）")
    assert told.count("\n") == 1
    assert told.endswith("〔build.no-cache〕\n")
    assert stamps(course) == lying
    course_site = site(organ.root)
    assert course_site == {name: raw for name, raw in course.begin_anew().items() if name in course_site}


def stamps(course: Course) -> dict[Path, tuple[int, int]]:
    return {path: (path.stat().st_ino, path.stat().st_mtime_ns) for path in course.entries()}


def built(organ: SiteProject, *words: str) -> str:
    """What a build says of problems."""
    branch.clear_caches()
    done = organ.run("build", "--audience", READERS, "--jobs", "1", *words, today=FIRST)
    assert done.exit_code == 0, done.output
    return done.stderr


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied", "secret")


@pytest.mark.parametrize(
    ("owner", "name", "content"),
    [(Path, "open", None), (Path, "lstat", None), (os, "open", b"cut"), (os, "unlink", b"cut")],
    ids=["not read", "not seen", "not made", "not replaced"],
)
def test_one_that_can_neither_be_read_nor_made_is_told(
    course: Course, monkeypatch: pytest.MonkeyPatch, owner: object, name: str, content: bytes | None
):
    path = secret_of(course.organ)
    if content is not None:
        path.write_bytes(content)
    with monkeypatch.context() as patch:
        patch.setattr(locked_files, "DELAYS", ())
        patch.setattr(owner, name, refuse)
        secret, (problem,) = cache_secret.load_secret(Project(course.organ.root))
    assert (secret, problem.code, problem.is_error) == (None, "build.no-cache", False)
    assert "读写失败：没有权限" in problem.message


def test_one_of_another_user_is_not_used(course: Course, monkeypatch: pytest.MonkeyPatch):
    """Whoever may write to the folder could put one there, but not give it away."""
    user = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: user + 1)
    secret, (problem,) = cache_secret.load_secret(Project(course.organ.root))
    assert (secret, "属于别的用户" in problem.message) == (None, True)


@pytest.mark.parametrize("condition", ["_is_private", "_is_own"])
def test_on_a_disk_without_owners_or_modes_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, condition: str
):
    monkeypatch.setattr(cache_secret, condition, lambda _: False)
    secret, (problem,) = cache_secret.load_secret(Project(tmp_path))
    assert (secret, "设不了只许本人读的权限" in problem.message) == (None, True)
    assert not (tmp_path / ".jifenbang/secret").exists()


@pytest.mark.parametrize("code", [0, 1])
def test_on_windows_its_access_list_names_the_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int):
    """As far as can be tried here: what is run, and what becomes of it."""
    run: list[list[str]] = []

    def noted(words: list[str], **_: object) -> subprocess.CompletedProcess[bytes]:
        assert Path(words[1]).read_bytes() == b""  # private before there is anything to read
        run.append(words)
        return subprocess.CompletedProcess(words, code)

    monkeypatch.setattr(cache_secret, "_HAS_ACCESS_LISTS", True)
    monkeypatch.setattr(subprocess, "run", noted)
    path = tmp_path / ".jifenbang/secret"
    secret, problems = cache_secret.load_secret(Project(tmp_path))
    assert run == [["C:/Windows/System32/icacls.exe", str(path), "/inheritance:r", "/grant:r", "*S-1-3-4:F"]]
    assert (secret is None, len(problems), path.exists()) == (bool(code), code, not code)


def test_the_secret_is_never_shown(course: Course, tmp_path: Path):
    """A problem's place is the folder: the line at a place is printed."""
    path = secret_of(course.organ)
    path.unlink()
    (tmp_path / "planted").write_text("openly planted text", encoding="utf-8")
    path.symlink_to(tmp_path / "planted")
    assert "planted" not in built(course.organ)


def test_where_there_is_no_project_nothing_is_made(tmp_path: Path):
    organ = SiteProject.__new__(SiteProject)
    organ.root = tmp_path
    assert organ.run("build", today=FIRST).exit_code == 1
    assert list(tmp_path.iterdir()) == []


# --- workers ---------------------------------------------------------------------------------------------------------


class SendingExecutor(Executor):
    """Runs each task in this process, as it arrives when it is sent to another; notes what was sent both ways."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.is_working = False

    def submit(self, function: Callable[..., Any], /, *args: Any, **kwargs: Any) -> "Future[Any]":
        self.sent.append(pickle.dumps((function, args, kwargs)))
        function, args, kwargs = pickle.loads(self.sent[-1])
        self.is_working = True
        try:
            future = InlineExecutor().submit(function, *args, **kwargs)
        finally:
            self.is_working = False
        self.sent.append(pickle.dumps(future.result()))
        return future


@contextmanager
def sending(monkeypatch: pytest.MonkeyPatch) -> Iterator[SendingExecutor]:
    executor = SendingExecutor()

    @contextmanager
    def open_workers(_: object) -> Iterator[Workers]:
        yield [executor]

    with monkeypatch.context() as patch:
        patch.setattr(executors, "open_workers", open_workers)
        yield executor


def forms(key: bytes) -> list[bytes]:
    return [key, key.hex().encode(), repr(key)[2:-1].encode()]


def test_no_task_and_no_result_contains_it(course: Course, monkeypatch: pytest.MonkeyPatch):
    for step in (
        lambda: course.lose(".jifenbang/cache"),
        course.theme,
        lambda: course.approve("yi"),
    ):
        step()
        with sending(monkeypatch) as executor:
            built(course.organ)
        key = secret_of(course.organ).read_bytes()
        assert len(executor.sent) >= 4
        assert [raw for raw in executor.sent if any(form in raw for form in forms(key))] == []


def test_neither_it_nor_a_cache_can_be_sent(course: Course):
    cache = open_cache(Project(course.organ.root))[0]
    for value in (cache, Secret.make_random()):
        with pytest.raises(TypeError, match="not sent to another process"):
            pickle.dumps(value)


def test_workers_neither_read_nor_write_entries(course: Course, monkeypatch: pytest.MonkeyPatch):
    """Nor the secret. An audit hook can't be removed: it minds this test alone."""
    opened: list[tuple[str, bool]] = []
    state, watching = str(course.organ.root / ".jifenbang"), True

    def note(event: str, args: tuple[Any, ...]) -> None:
        if watching and event == "open" and str(args[0]).startswith((f"{state}/cache", f"{state}/secret")):
            opened.append((str(args[0]), executor.is_working))

    for step in (course.theme, lambda: course.approve("yi"), lambda: course.lose(".jifenbang/cache")):
        step()
        with sending(monkeypatch) as executor:
            if not opened:
                sys.addaudithook(note)
            built(course.organ)
    watching = False
    assert len(opened) > 100
    assert [path for path, is_working in opened if is_working] == []


# Runs a build in which workers, and this process when they have reported, look for the secret in their memory.
SEARCHING = """
import os, sys
from pathlib import Path
from generator.__main__ import main
from generator.build import branch
from generator.build.survey import OrganSurvey
log, *halves = Path(sys.argv[1]), *map(bytes.fromhex, sys.argv[2:4])
sys.argv[0:4] = ["jifenbang"]
real = branch.survey_branch

def count():  # never with the halves one after another
    found = 0
    with open("/proc/self/maps") as maps, open("/proc/self/mem", "rb", buffering=0) as memory:
        for line in maps:
            area, rights, *_, name = line.split()
            if rights.startswith("rw"):
                start, end = (int(number, 16) for number in area.split("-"))
                memory.seek(start)
                raw, at = memory.read(end - start), -1
                while (at := raw.find(halves[0], at + 1)) >= 0:
                    found += raw.startswith(halves[1], at + len(halves[0]))
                del raw
    return found

def tell(who):
    with log.open("a") as written:
        written.write(f"{who} {count()}\\n")

def survey_branch(*arguments):
    tell("worker")
    return real(*arguments)

survey_branch.__module__ = real.__module__
branch.survey_branch = survey_branch
find_clock_problems = OrganSurvey.find_clock_problems
OrganSurvey.find_clock_problems = lambda survey: tell("here") or find_clock_problems(survey)
main()
"""


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="only Linux shows a process its memory")
def test_a_forked_worker_forgets_it(course: Course):
    """Though it begins as a copy of the process that has it."""
    key, log = secret_of(course.organ).read_bytes(), course.organ.root / "found.log"
    course.lose(".jifenbang/cache")
    words = [str(log), key[:16].hex(), key[16:].hex(), "-C", str(course.organ.root), "build", "--jobs", "2"]
    run = [sys.executable, "-c", SEARCHING, *words, "--today", FIRST.isoformat()]
    done = subprocess.run(run, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = [line.split() for line in log.read_text(encoding="utf-8").splitlines()]
    assert [count for who, count in found if who == "worker"] == ["0"] * len(course.branches)
    assert [int(count) > 0 for who, count in found if who == "here"] == [True]


def test_no_process_but_ours_has_it_in_its_environment(course: Course):
    """Whatever is started with this process's environment gets nothing of it."""
    key = secret_of(course.organ).read_bytes()
    course.note()
    built(course.organ)
    assert [value for value in os.environb.values() if any(form in value for form in forms(key))] == []


# --- a build without the cache ---------------------------------------------------------------------------------------


def test_without_the_cache_nothing_of_it_is_read_or_written(course: Course, monkeypatch: pytest.MonkeyPatch):
    falsify(course, MENDED["digest mended"])
    monkeypatch.setattr(Secret, "is_authentic", lambda *_: True)  # entries and receipts that lie would be believed
    lying, organ = stamps(course), course.organ
    secret_of(organ).unlink()
    course.forge("index.html")
    assert built(organ, "--no-cache") == ""
    assert (stamps(course), secret_of(organ).exists()) == (lying, False)
    whole = site(organ.root)
    assert whole == {name: raw for name, raw in course.begin_anew().items() if name in whole}


def test_without_the_cache_everything_is_done_and_only_what_changed_is_written(
    course: Course, monkeypatch: pytest.MonkeyPatch
):
    surveyed = []
    real = branch.survey_branch

    def note(*args: Any) -> Any:
        surveyed.append(args[1].branch)
        return real(*args)

    monkeypatch.setattr(branch, "survey_branch", note)
    course.organ.ledger("jia", "2026-07", lines(7, "李四"))  # a draft
    branch.clear_caches()
    done = course.organ.run("build", "--audience", READERS, "--no-cache", "--jobs", "1", today=FIRST)
    assert sorted(surveyed) == sorted(course.branches)
    assert 0 < int(re.search(r"更新 (\d+) 个", done.stdout)[1]) < 10  # type: ignore[index]
    assert course.organ.run("build", "--audience", READERS, today=FIRST).exit_code == 0


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_without_the_cache_a_new_project_gets_neither_cache_nor_secret(tmp_path: Path, jobs: str):
    organ = Course(tmp_path).organ
    done = organ.run("build", "--no-cache", "--jobs", jobs, today=FIRST)
    assert done.exit_code == 0, done.output
    assert {path.name for path in (organ.root / ".jifenbang").iterdir()} & {"cache", "secret"} == set()


# --- compiled templates ----------------------------------------------------------------------------------------------


def test_no_compiled_template_lies_in_the_project(course: Course):
    """Where code lies that would be run, only those may write who may change the program itself."""
    course.theme()
    course.go_on()
    assert CompiledTemplates().folder == REPOSITORY / "generator/render/html/__pycache__"
    assert [path for path in course.organ.root.rglob("*") if path.suffix == ".pyc" or path.name == "__pycache__"] == []
