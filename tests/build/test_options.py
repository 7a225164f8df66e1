"""A build by its options, what it tells of itself, and what it takes from the cache instead of doing it again."""

import os
import pty
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from generator.build import branch as branches
from generator.build import branch_pages, engine, executors, output_reader, plan, profiling, receipt, source_digests
from generator.build import cache as cache_module
from generator.build.engine import BuildResult
from generator.build.executors import InlineExecutor
from generator.build.messages import BranchFiles
from generator.build.output_check import OutputCheck
from generator.build.request import BuildRequest
from generator.build.tasks import TaskRunner
from generator.core.model.settings import Audience
from generator.core.scoring import branch_scores
from generator.intake.files import roster_file
from generator.loader import branch_files, load
from generator.project import Project
from generator.publish.store import Store, list_stores
from generator.render.site import page_renderer
from tests.build.courses import FIRST, READERS, Course, lines, month
from tests.conftest import sample_of
from tests.site_pages import site_files
from tests.site_project import SiteProject, written_once

BRANCHES = ["jia", "yi", "bing"]  # 周九 moved from yi to bing
SLOW = '{{% extends "default/{}" %}}{{% block head %}}<!-- {{{{ dict(one=1).one }}}} -->{{% endblock %}}'
WORDS = ["--today", FIRST.isoformat(), "--audience", READERS]


@pytest.fixture
@written_once
def organ(tmp_path: Path) -> SiteProject:
    return Course(tmp_path).organ


def typed(organ: SiteProject, *words: str) -> list[str]:
    return [sys.executable, "-m", "generator", "-C", str(organ.root), "build", *WORDS, *words]


def begun(organ: SiteProject, *words: str, readers: str = READERS, jobs: str = "1") -> str:
    """Build in this process, which has to go well and remembers nothing; what was said of problems."""
    branches.clear_caches()
    done = organ.run("build", "--audience", readers, "--jobs", jobs, *words, today=FIRST)
    assert done.exit_code == 0, done.output
    return done.stderr


def forget_receipt(organ: SiteProject) -> None:
    """Take away what says that nothing has changed."""
    project = Project(organ.root)
    readers = ",".join(sorted(READERS.split(",")))
    name = receipt.receipt_key(
        project, project.site_folder.resolve(), [readers, ""], dict(source_digests.digest_sources(project))
    )
    next((organ.root / ".jifenbang/cache").rglob(name)).unlink()


def entries(organ: SiteProject) -> list[Path]:
    return sorted(one for one in (organ.root / ".jifenbang/cache").rglob("*") if one.is_file())


# --- what is told


# The program as it is called, which tells at its very end what it and the processes it began have spent.
MEASURED = """
import resource, sys, time
from generator.__main__ import main
try:
    main()
finally:
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    print("SPENT", time.process_time() + others.ru_utime + others.ru_stime, file=sys.stderr)
"""


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_stages_of_a_profile_are_all_that_was_spent(organ: SiteProject, jobs: str):
    """All but what takes place after the profile is printed, and between pieces of work in other processes."""
    words = [sys.executable, "-c", MEASURED, *typed(organ, "--jobs", jobs, "--profile")[3:]]
    told, _, spent = subprocess.run(words, capture_output=True, text=True, check=True).stderr.partition("SPENT ")
    rows = [line.split("\t") for line in told.splitlines() if "\t" in line]
    seconds = [float(row[1].removesuffix(" 秒")) for row in rows]
    shares = [int(row[2].removesuffix("%")) for row in rows]
    assert {"核对资料", "读台账", "计分", "汇总", "排榜", "排版", "写入", "发布", "其余"} <= {row[0] for row in rows}
    assert abs(sum(shares) - 100) <= len(rows) / 2
    assert seconds == sorted(seconds, reverse=True)
    rounding = 0.005 * len(rows)
    assert 0.9 * float(spent) - rounding <= sum(seconds) <= float(spent) + rounding


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_profile_counts_pages_that_fast_code_could_not_draw(organ: SiteProject, jobs: str):
    before = profiled(organ, jobs)
    organ.write("themes/default/templates/404.html", SLOW.format("404.html"))
    organ.write("themes/default/templates/member.html", SLOW.format("member.html"))
    after = profiled(organ, jobs)
    drawn = [*(organ.root / "site").rglob("404.html"), *(organ.root / "site/members").rglob("*.html")]
    assert all("<!-- 1 -->" in path.read_text(encoding="utf-8") for path in drawn)
    assert ("模板" in before, len(drawn) > 3) == (False, True)
    assert f"模板退回慢速写法\t{len(drawn)} 次\n" in after


def profiled(organ: SiteProject, jobs: str) -> str:
    words = typed(organ, "--jobs", jobs, "--profile")
    return subprocess.run(words, capture_output=True, text=True, check=True).stderr


def test_stages_within_others_are_counted_once(monkeypatch: pytest.MonkeyPatch):
    clock = [0.0]
    monkeypatch.setattr(profiling, "process_time", lambda: clock[0])
    monkeypatch.setattr(profiling, "_spent", Counter())
    monkeypatch.setattr(profiling, "_nested_seconds", [0.0])

    def work() -> str:
        clock[0] += 4
        with profiling.stage("计分"):
            clock[0] += 32
        profiling.count_fallback()
        return "done"

    clock[0] = 1
    with profiling.stage("汇总"):
        clock[0] += 2
        value, spent = profiling.run_measured(work)
        profiling.add_timings(spent)
    profiling.add_timings({"计分": 64, "其余": 128, profiling.FALLBACKS: 3})  # another process
    assert (value, spent) == ("done", {"计分": 32, "其余": 4, profiling.FALLBACKS: 1})
    assert profiling.fallback_count() == 1 + 3
    assert profiling.collect_timings() == {"其余": 1 + 4 + 128, "计分": 32 + 64, "汇总": 2}


def test_a_task_that_is_waited_for_is_measured_as_the_others_are(monkeypatch: pytest.MonkeyPatch):
    clock = [0.0]
    monkeypatch.setattr(profiling, "process_time", lambda: clock[0])
    monkeypatch.setattr(profiling, "_spent", Counter())

    def work() -> str:
        with profiling.stage("计分"):
            clock[0] += 4
        return "done"

    with executors.open_workers(1) as workers:
        runner = TaskRunner(BRANCHES, workers, lambda *_: None, None)
        assert runner.run_one("jia", partial(work)) == "done"
        assert profiling.collect_timings()["计分"] == 4
        assert list(runner.run("计分 支部", [("yi", partial(work))], 1)) == [("yi", "done", True)]
        assert profiling.collect_timings()["计分"] == 8


class Told(NamedTuple):
    what: str
    done: int
    of: int
    pages: int


def listened(organ: SiteProject) -> tuple[list[Told], BuildResult]:
    """A build in one process with the project's cache, and all that it told on its way."""
    project = Project(organ.root)
    request = BuildRequest(project.root, FIRST, frozenset(Audience), project.site_folder)
    told: list[Told] = []
    built = engine.build_site(
        request,
        lambda _: executors.open_workers(1),
        cache_module.open_cache(project)[0],
        lambda *one: told.append(Told(*one)),
    )
    assert built.release
    return told, built


def test_progress_tells_of_every_branch_and_page(organ: SiteProject):
    told, built = listened(organ)
    again, _ = listened(organ)
    drawn = [one for one in told if one.what == "生成 支部"]
    counts = {"计分 支部": 3, "汇总 支部": 2, "生成 支部": 3}  # jia's members were never elsewhere
    assert [one[:3] for one in told] == [(what, n, of) for what, of in counts.items() for n in range(1, of + 1)]
    assert [one.pages for one in told if one.what != "生成 支部"] == [0] * 5
    assert [one.pages for one in drawn] == sorted({one.pages for one in drawn})
    folders = ("branches/", "members/", *(f"committee/{name}/" for name in ("ledgers", "filings", "talks")))
    assert drawn[-1].pages == len([path for path in built.files.digests if path.startswith(folders)])
    assert again == [("核对 文件", len(built.files.digests), len(built.files.digests), 0)]


@pytest.mark.parametrize("branch", ["jia", "bing"], ids=["the first", "the last"])
def test_progress_counts_what_there_is_to_do(organ: SiteProject, branch: str):
    listened(organ)
    path = organ.root / f"ledgers/2026/{branch}/12.yaml"
    path.write_text(f"branch: {branch}\nmonth: 2026-12\nrecorder: 登记员\n", encoding="utf-8")
    told = [one for one in listened(organ)[0] if one.what == "计分 支部"]
    assert told[-1].done == told[-1].of < 3


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_progress_is_shown_on_a_terminal_alone(organ: SiteProject, jobs: str):
    at_once = "from generator.commands import cli, progress; progress.PATIENCE = 0; cli.main(prog_name='jifenbang')"
    near, far = pty.openpty()
    words = [sys.executable, "-c", at_once, *typed(organ, "--jobs", jobs)[3:]]
    shown = subprocess.run(words, stdout=subprocess.PIPE, stderr=far, check=True)
    os.close(far)
    text = os.read(near, 1 << 16).decode()
    os.close(near)
    shutil.rmtree(organ.root / ".jifenbang")
    shutil.rmtree(organ.root / "site")
    piped = subprocess.run(typed(organ, "--jobs", jobs), capture_output=True, check=True)
    assert re.search(r"计分 支部 3/3，每秒 [0-9.]+ 个", text)
    assert re.search(r"生成 支部 3/3，每秒 [0-9.]+ 个，网页 [0-9]+ ", text)
    assert (piped.stdout, piped.stderr) == (shown.stdout, b"")


# --- the same bytes


def test_any_number_of_processes_makes_the_same_site(organ: SiteProject):
    made = []
    for jobs in ("1", "2", "3"):
        begun(organ, jobs=jobs)
        made.append(site_files(organ.root))
        shutil.rmtree(organ.root / ".jifenbang")
        shutil.rmtree(organ.root / "site")
    assert {"index.html", "branches/bing/2026-02.html", "committee/index.html"} <= set(made[0])
    assert made[1] == made[0]
    assert made[2] == made[0]


# --- nothing is done twice

WORK = [
    (branches, "survey_branch"),
    (branches, "summarize_branch"),
    (branch_pages, "store_branch_pages"),
    (branch_pages, "render_branch_pages"),
    (branch_files, "read_ledger_files"),
    (load, "check_branch"),
    (load, "score_checked_branch"),
    (branch_scores, "score_ledger"),
    (roster_file, "read_roster"),
    (page_renderer, "render_page"),
    (Store, "save_blob"),
]


def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often each of these is done from now on."""
    calls: Counter[str] = Counter()
    for owner, name in WORK:
        monkeypatch.setattr(owner, name, counting(calls, f"{owner.__name__}.{name}", getattr(owner, name)))
    return calls


def counting(calls: Counter[str], name: str, function: Callable[..., object]) -> Callable[..., object]:
    def call(*args: object, **named: object) -> object:
        calls[name.removeprefix("generator.")] += 1
        return function(*args, **named)

    return call


def stamps(folder: Path) -> dict[str, tuple[int, int]]:
    found = {one.relative_to(folder).as_posix(): one.stat() for one in folder.rglob("*") if one.is_file()}
    return {path: (stat.st_ino, stat.st_mtime_ns) for path, stat in found.items()}


def test_where_nothing_changed_nothing_is_done(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    calls = counted(monkeypatch)
    begun(organ)
    first, lying = dict(calls), stamps(organ.root / "site")
    forget_receipt(organ)
    calls.clear()
    begun(organ)
    assert {first[f"loader.load.{name}"] for name in ("check_branch", "score_checked_branch")} == {len(BRANCHES)}
    assert first["core.scoring.branch_scores.score_ledger"] == 6  # two months of each
    assert set(first) == {f"{owner.__name__}.{name}".removeprefix("generator.") for owner, name in WORK}
    assert set(calls) <= {"Store.save_blob"}  # styles and scripts are handed over as they are
    assert calls["Store.save_blob"] < 20 < first["Store.save_blob"]
    assert stamps(organ.root / "site") == lying


@pytest.mark.prove
@pytest.mark.parametrize("words", [["--jobs", "2"], ["--jobs", "1"]], ids=["two read", "one reads"])
def test_whoever_reads_the_folder_again_misses_nothing(
    organ: SiteProject, monkeypatch: pytest.MonkeyPatch, words: list[str]
):
    monkeypatch.setattr(output_reader, "_MIN_FILES_FOR_CHILD", 1)
    run = partial(organ.run, "build", *words, today=FIRST)
    written = run().stdout
    for path in sample_of(sorted(site_files(organ.root)), 3):
        assert "更新 0 个" in run().stdout
        lying = organ.root / "site" / path
        raw = lying.read_bytes()
        lying.write_bytes(raw[:-1] + b"?")
        again = run().stdout
        assert (again.count("更新 1 个"), lying.read_bytes()) == (1, raw), path
    assert "更新 0 个" not in written
    (organ.root / "content/pages/new.md").write_text("---\ntitle: 新\n---\n", encoding="utf-8")
    assert "更新 0 个" not in run().stdout
    with pytest.raises(ChildProcessError):  # who began to read in vain is gone
        os.waitpid(-1, os.WNOHANG)


def _no_more() -> int:
    raise BlockingIOError


def _killed(*_: object) -> list[str]:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def reread(organ: SiteProject) -> output_reader.OutputReader:
    return output_reader.OutputReader(Project(organ.root), (organ.root / "site").resolve(), single_process=False)


@pytest.mark.parametrize("way", ["none may be begun", "it is killed at once", "nobody is told of its end"])
def test_the_folder_is_read_again_whatever_becomes_of_the_other_process(
    organ: SiteProject, monkeypatch: pytest.MonkeyPatch, way: str
):
    organ.run("build", "--jobs", "2", today=FIRST)
    monkeypatch.setattr(output_reader, "_MIN_FILES_FOR_CHILD", 1)
    monkeypatch.setattr(output_reader, "_CHUNK_SIZE", 1)
    (organ.root / "site/index.html").write_text("?", encoding="utf-8")
    before = signal.getsignal(signal.SIGCHLD)
    try:
        with monkeypatch.context() as patch:
            if way == "none may be begun":
                patch.setattr(os, "fork", _no_more)
            elif way == "it is killed at once":
                patch.setattr(output_reader.atomic_files, "find_changed_paths", _killed)
            else:
                signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            begun = reread(organ)
        with begun:
            assert begun.has_child_process is (way != "none may be begun")
            assert begun.release
            assert begun.find_changed_paths() == ["index.html"]
            assert not begun.matches_release(begun.release.number, cache_module.digest_value(begun.release.files))
    finally:
        signal.signal(signal.SIGCHLD, before)


def test_two_processes_read_every_file_of_the_folder_once(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    organ.run("build", "--jobs", "2", today=FIRST)
    monkeypatch.setattr(output_reader, "_MIN_FILES_FOR_CHILD", 1)
    monkeypatch.setattr(output_reader, "_CHUNK_SIZE", 3)
    written = sorted(site_files(organ.root))
    for path in written:
        (organ.root / "site" / path).write_text("?", encoding="utf-8")
    with reread(organ) as begun:
        assert sorted(begun.find_changed_paths()) == written


def test_a_reading_that_another_switch_overtook_is_not_trusted(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(output_reader, "_MIN_FILES_FOR_CHILD", 1)
    organ.run("build", "--jobs", "2", today=FIRST)
    project = Project(organ.root)
    (store,) = list_stores(project)
    with reread(organ) as begun:
        assert begun.find_changed_paths() == []
        (number,) = store.find_present_numbers()
        store.write_journal(number, number + 1)  # another build was killed in the midst of its switch
        (organ.root / "site/index.html").write_text("?", encoding="utf-8")
        request = BuildRequest(organ.root, FIRST, frozenset(Audience), organ.root / "site")
        output = OutputCheck(request, [InlineExecutor()], begun)
        assert begun.release
        assert not output.has_intact(begun.release.files)
        assert output.has_intact({path: digest for path, digest in begun.release.files.items() if path != "index.html"})
        begun.stop_child()
        assert not begun.has_child_process


def test_what_the_store_lost_is_remembered_before_anything_takes_its_place(organ: SiteProject):
    organ.run("build", today=FIRST)
    before = site_files(organ.root)
    shutil.rmtree(Project(organ.root).cache_folder)
    (store,) = list_stores(Project(organ.root))
    shutil.rmtree(store.folder / "blobs")
    (organ.root / "content/pages/new.md").write_text("---\ntitle: 新\n---\n", encoding="utf-8")
    organ.run("build", today=FIRST)
    assert site_files(organ.root) != before
    done = organ.run("rollback", today=FIRST)
    assert done.exit_code == 0, done.output
    assert site_files(organ.root) == before


@pytest.mark.parametrize(
    ("leads", "told"),
    [
        ("about.md", f"{sha256('甲'.encode()).hexdigest()}about.md"),
        ("nowhere.md", "unreadable"),
        ("round.md", "unreadable"),
        (".", "special ."),
    ],
    ids=["a file", "nothing", "itself", "a folder"],
)
def test_a_link_is_told_by_what_it_leads_to_and_where(tmp_path: Path, leads: str, told: str):
    folder = tmp_path / "content"
    folder.mkdir()
    (folder / "about.md").write_text("甲", encoding="utf-8")
    (folder / "round.md").symlink_to(leads)
    assert source_digests.digest_sources(Project(tmp_path))["content/round.md"] == told


STEPS = {"survey_branch": branches, "summarize_branch": branches, "store_branch_pages": branch_pages}
ALL = {step: set(BRANCHES) for step in STEPS}


def worked(organ: SiteProject, monkeypatch: pytest.MonkeyPatch) -> dict[str, set[str]]:
    """The branches that a build surveys, summarises and draws."""
    asked: dict[str, set[str]] = {step: set() for step in STEPS}
    with monkeypatch.context() as patch:
        for step, module in STEPS.items():
            patch.setattr(module, step, noting(asked[step], getattr(module, step)))
        begun(organ, readers="organ,branch,member")
    return asked


def noting(asked: set[str], function: Callable[..., object]) -> Callable[..., object]:
    def call(request: BuildRequest, files: BranchFiles, *rest: object) -> object:
        asked.add(files.branch)
        return function(request, files, *rest)

    return call


@pytest.mark.parametrize(
    ("earlier", "approved", "number", "concerned"),
    [
        ("yi", "jia", 3, {"jia"}),
        ("jia", "yi", 3, {"yi", "bing"}),
        ("jia", "bing", 3, {"bing"}),  # before 周九 was there
        ("jia", "bing", 5, {"yi", "bing"}),
    ],
)
def test_an_approval_concerns_its_branch_and_those_with_its_members(  # noqa: PLR0913, PLR0917
    organ: SiteProject, monkeypatch: pytest.MonkeyPatch, earlier: str, approved: str, number: int, concerned: set[str]
):
    people = {"jia": "李四", "yi": "钱七", "bing": "孙八"}
    found = [worked(organ, monkeypatch)]
    for branch in (earlier, approved):
        file = organ.ledger(branch, month(number), lines(number, people[branch]))
        organ.approve(file, meeting="2027-01-03", today=FIRST)
        found.append(worked(organ, monkeypatch))
    assert found[0] == ALL
    assert found[1]["store_branch_pages"] == set(
        BRANCHES
    )  # a month that the organ had not begun is on everybody's page
    assert found[2] == {"survey_branch": {approved}, "summarize_branch": concerned, "store_branch_pages": concerned}


# --- whatever becomes of the cache


def cut(found: list[Path]) -> None:
    for path in found:
        path.write_bytes(path.read_bytes()[:-1])


def emptied(found: list[Path]) -> None:
    for path in found:
        path.write_bytes(b"")


def flipped(found: list[Path]) -> None:
    for path in found:
        raw = path.read_bytes()
        path.write_bytes(raw[:-2] + bytes([raw[-2] ^ 1]) + raw[-1:])


def deleted(found: list[Path]) -> None:
    for path in found[::2]:
        path.unlink()


def exchanged(found: list[Path]) -> None:
    """Every entry in the place of the next, whole by itself."""
    raws = [path.read_bytes() for path in found]
    for path, raw in zip(found, raws[1:] + raws[:1], strict=True):
        path.write_bytes(raw)


def folders(found: list[Path]) -> None:
    for path in found:
        path.unlink()
        path.mkdir()


def file(found: list[Path]) -> None:
    """A file where the cache's folder was."""
    cache = found[0].parent.parent
    shutil.rmtree(cache)
    cache.write_bytes(b"")


@pytest.mark.parametrize("damage", [cut, emptied, flipped, deleted, exchanged, folders, file])
def test_a_damaged_memo_makes_the_same_site(organ: SiteProject, damage: Callable[[list[Path]], None]):
    begun(organ)
    whole, lying = site_files(organ.root), stamps(organ.root / "site")
    damage(entries(organ))
    assert begun(organ) == ""
    assert site_files(organ.root) == whole
    assert stamps(organ.root / "site") == lying


def test_a_memo_of_another_version_is_not_asked(organ: SiteProject, monkeypatch: pytest.MonkeyPatch):
    with monkeypatch.context() as patch:
        patch.setattr(source_digests, "digest_program", lambda: "another")
        worked(organ, patch)
    whole = site_files(organ.root)
    assert worked(organ, monkeypatch) == ALL
    assert site_files(organ.root) == whole


def test_the_memo_is_pruned(organ: SiteProject):
    held = []
    for number in range(10):
        organ.write("content/site.yaml", f"organ: 示例机关\ncommittee: 机关党委\ntitle: 榜{number}\n")
        begun(organ)
        held.append(len(entries(organ)))
    assert held[1] > 1.8 * held[0]  # each of these builds keeps its own
    assert max(held) <= 4 * held[0]
    assert held[-1] == held[-2]


# --- files that change meanwhile


def altered(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8").replace("建议", "意见"), encoding="utf-8")


@pytest.mark.parametrize("jobs", ["1", "2"])
@pytest.mark.parametrize("change", [altered, Path.unlink])
def test_a_ledger_that_changes_meanwhile_stops_the_build(
    organ: SiteProject, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None], jobs: str
):
    begun(organ)
    lying = stamps(organ.root / "site")
    newest = organ.ledger("yi", month(3), lines(3, "钱七"))
    organ.approve(newest, meeting="2027-01-03", today=FIRST)
    plan_first = plan.plan_build

    def plan_then_change(*given: Any) -> object:
        planned = plan_first(*given)
        change(newest)
        return planned

    monkeypatch.setattr(plan, "plan_build", plan_then_change)
    done = organ.run("build", "--audience", READERS, "--jobs", jobs, today=FIRST)
    assert (done.exit_code, done.stdout) == (1, "")
    assert done.stderr.splitlines()[0].endswith("〔build.changed〕")
    assert stamps(organ.root / "site") == lying


def test_a_draft_of_a_branch_that_is_not_on_the_roster_is_told_and_stops_nothing(organ: SiteProject):
    begun(organ)
    before = (organ.root / "site/index.html").read_bytes()
    organ.ledger("wu", month(3), lines(3, "钱七"))
    done = organ.run("build", "--audience", READERS, today=FIRST)
    assert done.exit_code == 0, done.output
    assert "名册里没有“wu”这个支部" in done.stderr
    assert done.stderr.splitlines()[0].endswith("〔ledger.unknown-branch〕")
    assert (organ.root / "site/index.html").read_bytes() == before
