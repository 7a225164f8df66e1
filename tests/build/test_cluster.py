"""A build by an existing Dask cluster: a scheduler and two workers of this machine, one of them killed half-way."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from generator.build import executors
from tests.conftest import SAMPLE_DAY
from tests.site_project import SiteProject, copy_sample

WORDS = ["--today", SAMPLE_DAY, "--audience", "organ,branch,member,committee"]
SOON = 120  # seconds after which a process is given up

Process = subprocess.Popen[bytes]


@dataclass
class Cluster:
    address: str
    scheduler: Process
    workers: list[Process]


def until(found: Callable[[], object], what: str) -> None:
    end = time.monotonic() + SOON
    while not found():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Loses a worker in one test, and its scheduler in the next."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("cluster")
    quiet: dict[str, Any] = {
        "stdout": subprocess.DEVNULL,
        "stderr": subprocess.DEVNULL,
        "cwd": folder,
        "env": {**os.environ, "TMPDIR": str(folder)},  # where a cluster leaves a folder behind
    }
    dask, here = [sys.executable, "-m", "dask"], ["--host", "127.0.0.1", "--no-dashboard"]
    scheduler = subprocess.Popen([*dask, "scheduler", "--port", str(port), *here], **quiet)
    until(lambda: listening(port), "no scheduler")
    worker = [*dask, "worker", f"tcp://127.0.0.1:{port}", "--no-nanny", "--nthreads", "1", *here]
    workers = [subprocess.Popen(worker, **quiet) for _ in range(2)]
    try:
        yield Cluster(f"dask://127.0.0.1:{port}", scheduler, workers)
    finally:
        for one in (*workers, scheduler):
            one.kill()
            one.wait()


def begin(root: Path, output: Path, *words: str) -> Process:
    program = [sys.executable, "-m", "generator", "-C", str(root), "build", "--output", str(output), *WORDS, *words]
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def end(build: Process) -> str:
    out, err = build.communicate(timeout=SOON)
    assert build.returncode == 0, err.decode()
    return out.decode()


def site(output: Path) -> dict[str, bytes]:
    return {one.relative_to(output).as_posix(): one.read_bytes() for one in output.rglob("*") if one.is_file()}


def test_a_cluster_makes_the_same_site_though_a_worker_is_killed(tmp_path: Path, whole_site: Path, cluster: Cluster):
    root = copy_sample(tmp_path / "project")
    build = begin(root, tmp_path / "there", "--executor", cluster.address)
    until(lambda: next((root / ".jifenbang").glob("outputs/*/blobs/*"), None), "no page")
    assert build.poll() is None  # pages are being drawn
    cluster.workers[0].send_signal(signal.SIGKILL)
    assert "网站已生成" in end(build)
    assert site(tmp_path / "there") == site(whole_site)


def test_a_cluster_runs_equal_tasks_each_for_itself(cluster: Cluster):
    with executors.open_workers(cluster.address) as [executor]:
        assert executor.submit(os.urandom, 8).result() != executor.submit(os.urandom, 8).result()


def test_a_cluster_that_is_lost_half_way_leaves_the_site_as_it_was(tmp_path: Path, cluster: Cluster):
    root = copy_sample(tmp_path / "project")
    build = begin(root, tmp_path / "site", "--executor", cluster.address)
    until(lambda: next((root / ".jifenbang").glob("outputs/*/blobs/*"), None), "no page")
    cluster.scheduler.send_signal(signal.SIGKILL)
    _, err = build.communicate(timeout=SOON)
    assert (build.returncode, "的集群中途断了" in err.decode()) == (2, True), err.decode()
    assert "Traceback" not in err.decode()
    assert not (tmp_path / "site").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--jobs", "2", "--executor", "dask://127.0.0.1:1"], "--jobs 和 --executor 只能写一个"),
        (["--executor", "127.0.0.1:1"], "“127.0.0.1:1”不是集群的地址"),
        (["--executor", "dask://127.0.0.1:1"], "连不上“dask://127.0.0.1:1”"),
    ],
)
def test_a_cluster_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], told: str):
    monkeypatch.setattr(executors, "_CLUSTER_TIMEOUT", 0.2)
    done = SiteProject.at(copy_sample(tmp_path)).run("build", *words)
    assert (done.exit_code, told in done.stderr) == (2, True), done.output
    assert not (tmp_path / "site").exists()
