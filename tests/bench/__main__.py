"""Ours beside others, on the same pages: ``make bench SIZES=2000,20000 ROUNDS=5``.

Every size has its organ, made and exported first. Then rounds in turn: ours from nothing, again with nothing changed,
after one branch's month was approved; each peer; the floor, a copy of our site; ours with all four editions. At last
the preview follows a draft that is saved. What is measured starts in an empty folder in memory; what is removed or
prepared is not measured. Everything has run once before, on a few members, so that every program finds its modules
compiled, as an installed one does.
"""

import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

import generator
from tests.bench import measuring, organs, serving, tables
from tests.bench.measuring import Command, FailedError, Usage
from tests.bench.peers import OMITTED, PEERS, Peer, Tools, program, ready
from tests.site_project import REPOSITORY, copy_sample

BUILD = REPOSITORY / "build/bench"
RECORDED = Path(__file__).with_name("recorded.json")
MEMORY = Path("/dev/shm")
KINDS = {"党员": "members/*.html", "支部榜": "branches/*/2*.html", "全机关榜": "boards/*.html", "首页": "index.html"}


WARM = 40  # members, for the run before all runs
FEWEST = 3  # rounds, where more would take too long


NOTES = f"""\
目标以 {tables.HTML} 为准，那是 Hugo 本来的写法；对 {tables.FASTEST}（最快的配法，不转义）的比也列出，一样判断。
时间是挂钟时间；内存是最大的一个进程的峰值；样例的 score 每次都从没有缓存开始；各程序的字节码都已编译好。
全部轮次要超过 --minutes 的，只测 {FEWEST} 轮；--once 的人数只测自己和 cp，一轮。"""


@dataclass(frozen=True, slots=True)
class Bench:
    """An organ of a size, and all that is laid out for it below a folder of its own.

    ``stock`` is where organs lie, and the records of their pages, from one run of the bench to the next.
    """

    folder: Path
    stock: Path
    members: int
    jobs: int

    @property
    def organ(self) -> Path:
        return self.folder / "organ"

    @property
    def site(self) -> Path:
        return self.folder / "site"

    @property
    def output(self) -> Path:
        """Where a peer writes, or the copy goes."""
        return self.folder / "output"

    def prepare(self, chosen: Sequence[Peer]) -> None:
        ready, records = self.stock / str(self.members), self.stock / f"{self.members}-records"
        if not ready.exists():
            _whole(ready, lambda part: organs.make(part, self.members))
        if chosen and not records.exists():
            _whole(records, lambda part: _export(ready, part))
        for name in ("content", "ledgers"):
            shutil.copytree(ready / name, self.organ / name)
        for peer in chosen:
            peer.lay_out(self.folder / peer.name, records)

    def turn(self, chosen: Sequence[Peer], tools: Tools) -> Iterator[tuple[str, Usage]]:
        """Each row once, ours first; whose output is weighed must be so before the next."""
        yield from self.ours()
        yield from self.others(chosen, tools)
        for name, usage in self.ours("--audience", "organ,branch,member,committee"):
            yield name + tables.EDITIONS, usage

    def ours(self, *more: str) -> Iterator[tuple[str, Usage]]:
        """From nothing, again, and after an approval, which is taken back at the end."""
        words = ["-C", self.organ, "build", "--output", self.site, "--jobs", str(self.jobs), "--today", organs.TODAY]
        build = Command([program(), *map(str, words), *more], self.folder, {})
        measuring.clear(self.organ / ".jifenbang", self.site)
        yield tables.COLD, measuring.run(build, self.site)
        yield tables.SAME, measuring.run(build, self.site)
        name, approved = organs.change(self.members)
        ledger = self.organ / name
        draft = ledger.read_bytes()
        ledger.write_bytes(approved)
        yield tables.CHANGED, measuring.run(build, self.site)
        ledger.write_bytes(draft)

    def others(self, chosen: Sequence[Peer], tools: Tools) -> Iterator[tuple[str, Usage]]:
        """Each peer, then the floor."""
        for peer in chosen:
            measuring.clear(self.output)
            yield peer.name, measuring.run(peer.command(tools, self.folder / peer.name, self.output), self.output)
        measuring.clear(self.output)
        copy = Command(["cp", "-r", self.site, self.output], self.folder, {})
        yield tables.COPY, measuring.run(copy, self.output)
        measuring.clear(self.output)


def _whole(folder: Path, make: Callable[[Path], None]) -> None:
    """Make a folder under another name first: what was interrupted must not be taken for whole by the next run."""
    part = folder.with_name(f"{folder.name}.part")
    measuring.clear(part)
    make(part)
    part.rename(folder)


def _export(organ: Path, records: Path) -> None:
    words = ["-m", "tests.bench.export", str(organ), str(records)]
    subprocess.run([sys.executable, *words], cwd=REPOSITORY, check=True)


def find_pages(site: Path, pattern: str) -> list[Path]:
    """Return the pages of a kind that peers render, too: all but the boards' posters."""
    return [path for path in site.glob(pattern) if ".poster." not in path.name]


def weigh(site: Path) -> dict[str, list[int]]:
    """The bytes of each page, by kind."""
    return {kind: [path.stat().st_size for path in find_pages(site, pattern)] for kind, pattern in KINDS.items()}


def size(bench: Bench, tools: Tools, chosen: Sequence[Peer], rounds: int, minutes: int) -> tuple[dict, dict]:
    """All rounds of one size: the runs by row, and the pages' weights by generator."""
    runs: dict[str, list[Usage]] = {}
    pages: dict[str, dict[str, list[int]]] = {}
    bench.prepare(chosen)
    begun, turn = time.monotonic(), 0
    while turn < rounds:
        for name, usage in bench.turn(chosen, tools):
            runs.setdefault(name, []).append(usage)
            if name == tables.CHANGED and not turn:
                pages["jifenbang"] = weigh(bench.site)
            elif name not in {*tables.OURS, tables.COPY} and not turn:
                pages[name] = weigh(bench.output)
        turn, took = turn + 1, (time.monotonic() - begun) / 60
        rounds = rounds if took / turn * rounds <= minutes else min(rounds, max(FEWEST, turn))
        click.echo(f"  {bench.members:,} 人：第 {turn} 轮完，共 {rounds} 轮，已用 {took:.1f} 分钟", err=True)
    return runs, pages


def start(folder: Path, rounds: int) -> dict[str, list[Usage]]:
    """A board of the sample on the screen, beside what importing two libraries takes."""
    sample, nowhere = copy_sample(folder / "sample"), folder / "nowhere"
    score = [program(), "-C", sample, "score", "2026-Q1", "--branch", "first", "--today", "2026-11-22"]
    commands = {tables.SCORE: score, tables.IMPORTS: [sys.executable, "-c", "import yaml, jinja2"]}
    runs: dict[str, list[Usage]] = {name: [] for name in commands}
    for _ in range(rounds + 1):
        for name, words in commands.items():
            measuring.clear(sample / ".jifenbang")
            runs[name].append(measuring.run(Command(words, folder, {}), nowhere))
    return {name: found[1:] for name, found in runs.items()}  # the first compiled the modules


def follow(folder: Path, stock: Path, members: int, rounds: int) -> list[float]:
    """How long a preview of an organ takes to follow each of so many saves."""
    bench = Bench(folder, stock, members, 1)
    bench.prepare([])
    return serving.saves(bench.organ, members, rounds)


def machine() -> dict[str, str]:
    """What it was measured on, and our version."""
    words = ["git", "-C", str(REPOSITORY), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    return {
        "jifenbang": f"{generator.__version__} {commit}".strip(),
        "python": platform.python_version(),
        "machine": f"{platform.system()} {platform.release()} {platform.machine()}, {os.cpu_count()} CPU",
    }


def sizes(_: click.Context, __: click.Parameter, words: str) -> list[int]:
    """Numbers of members, with commas."""
    return [int(word) for word in words.split(",") if word]


@click.command()
@click.option("--sizes", "many", default="2000,20000", callback=sizes, help="members, with commas")
@click.option("--once", default="", callback=sizes, help="sizes of which ours and the copy are measured, in one round")
@click.option("--serve", "served", default="50,1000", callback=sizes, help="members of organs that are previewed")
@click.option("--rounds", default=5, type=click.IntRange(1))
@click.option("--minutes", default=25, type=click.IntRange(1), help=f"of a size; if it takes more, {FEWEST} rounds do")
@click.option("--peers", default=",".join(peer.name for peer in PEERS), help="which, with commas; empty for none")
@click.option("--jobs", default=2, type=click.IntRange(1))
@click.option("--stock", type=click.Path(path_type=Path), help="where to keep organs and records for the next run")
@click.option("--disk", is_flag=True, help="below build/ instead of in memory")
@click.option("--record", is_flag=True, help="keep the ratios, for later runs to be compared with")
def main(many: list[int], once: list[int], served: list[int], **options: Any) -> None:
    """Measure, print the tables, write ``build/bench/SIZES.json``."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what lies in memory is removed even so
    tools, asked = Tools(BUILD / "tools"), [peer for peer in PEERS if peer.name in options["peers"].split(",")]
    versions = {peer.name: ready(peer, tools) for peer in asked}
    chosen = [peer for peer in asked if versions[peer.name]]
    home = BUILD if options["disk"] or not os.access(MEMORY, os.W_OK) else MEMORY
    folder = home / f"jifenbang-bench-{os.getpid()}"
    stock, measured, pages = (options["stock"] or folder / "stock").absolute(), {}, {}
    plan = [*((members, chosen, options["rounds"]) for members in many), *((members, [], 1) for members in once)]
    try:
        folder.mkdir(parents=True)
        size(Bench(folder / "warm", folder / "stock", WARM, options["jobs"]), tools, chosen, 1, 1)
        first = start(folder, 2 * options["rounds"])
        for members, peers, rounds in plan:
            bench = Bench(folder / str(members), stock, members, options["jobs"])
            measured[members], pages[members] = size(bench, tools, peers, rounds, options["minutes"])
            measuring.clear(bench.folder)
        saves = {members: follow(folder / f"serve-{members}", stock, members, options["rounds"]) for members in served}
    except FailedError as error:
        raise click.ClickException(str(error)) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    where = "build/" if home == BUILD else str(home)
    facts = {**machine(), **{name: found or "没有" for name, found in versions.items()}, "where": where}
    name = (",".join(str(members) for members, *_ in plan) or "serve") + ("-disk" if options["disk"] else "")
    _keep(name, {"facts": facts, "start": tables.plain(first), "serve": saves, "weights": pages}, measured)
    ratios = [*tables.reached(measured, first)]
    _tell(facts, measured, first, pages, chosen)
    click.echo(f"\n{tables.text([*tables.goals(ratios)])}")
    _compare(ratios, "disk" if home == BUILD else "memory", facts, record=options["record"])
    if saves:
        click.echo(f"\n{tables.text([*tables.waits(saves)])}")


def _keep(name: str, known: dict, measured: dict) -> None:
    BUILD.mkdir(parents=True, exist_ok=True)
    kept = {**known, "sizes": {str(members): tables.plain(runs) for members, runs in measured.items()}}
    (BUILD / f"{name}.json").write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")


def _compare(ratios: Sequence[tables.Reached], where: str, facts: dict, *, record: bool) -> None:
    """Say how each ratio differs from the one recorded last, which holds on any machine better than seconds do."""
    kept = json.loads(RECORDED.read_text(encoding="utf-8")) if RECORDED.exists() else {}
    if where in kept:
        click.echo(f"\n{tables.text([*tables.compared(ratios, kept[where]['ratios'])])}")
    if record:
        known = kept.get(where, {"ratios": {}})["ratios"]
        fresh = {one.name: round(one.ratio, 4) for one in ratios}
        kept[where] = {"facts": facts, "ratios": known | fresh}
        RECORDED.write_text(json.dumps(kept, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _tell(facts: dict, measured: dict, first: dict, pages: dict, chosen: Sequence[Peer]) -> None:
    for name, fact in facts.items():
        click.echo(f"{name}: {fact}")
    for members, runs in measured.items():
        click.echo(f"\n{members:,} 人，{organs.Size(members).branches:,} 个支部\n{tables.text([*tables.rows(runs)])}")
        if len(pages[members]) > 1:
            click.echo(f"\n{tables.text([*tables.weights(pages[members])])}")
    click.echo(f"\n{tables.text([*tables.rows(first)])}\n")
    click.echo(OMITTED)
    for peer in chosen:
        click.echo(f"{peer.name}：{peer.remark}")
    click.echo(NOTES)


if __name__ == "__main__":
    main()
