"""``jifenbang build``: score and write the static site."""

import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

import click

from generator import inventory, profile, receipts
from generator.build.request import BuildRequest
from generator.commands.console import on_project, stop, words
from generator.memo import Memo
from generator.project import Project
from generator.receipts import Receipt
from generator.rereading import Rereading

if TYPE_CHECKING:  # who asks for none, and where nothing has changed, can do without
    from generator.core.model.settings import Audience


class _Audiences(click.ParamType["frozenset[Audience]"]):
    name = "audiences"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> "frozenset[Audience]":
        from generator.core.model.settings import Audience  # noqa: PLC0415

        try:
            return frozenset(Audience(word.strip()) for word in value.replace("，", ",").split(","))
        except ValueError:
            known = "、".join(Audience)
            self.fail(f"“{value}”里有不认识的读者范围，可以写：{known}，用逗号隔开", param, ctx)


AUDIENCES = _Audiences()


@click.command("build", help="计分并生成静态网站；没有变化的不重做；发现错误时不改动已有网站。")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="写到哪里，默认 site/")
@click.option("--audience", "audiences", type=AUDIENCES, metavar="A,B", help="只生成给这些读者的页面")
@click.option("--jobs", type=click.IntRange(1, 64), metavar="N", help="用几个进程，默认看支部和处理器的个数")
@click.option("--executor", metavar="ADDRESS", help="交给已有的 Dask 集群去做，例如 dask://10.0.0.1:8786")
@click.option("--gzip", "packed", is_flag=True, help="每个网页旁边另存一份压缩好的（.gz），供网页服务器直接发送")
@click.option("--profile", "profiled", is_flag=True, help="最后列出各步骤所用的时间")
@on_project
def command(
    project: Project,
    today: date,
    *,
    output: Path | None,
    audiences: "frozenset[Audience] | None",
    jobs: int | None,
    executor: str | None,
    packed: bool,
    profiled: bool,
) -> None:
    """Build the pages of exactly the named audiences, else of those in ``content/site.yaml``."""
    if executor and jobs:
        raise click.UsageError("--jobs 和 --executor 只能写一个")
    target, workers = (output or project.site).resolve(), executor or jobs
    request = BuildRequest(project.root, today, audiences, target, packed=packed)
    memo = Memo(project.cache)
    with Rereading(project, target, alone=workers == 1) as reread:
        with profile.stage("核对资料"):
            digests = dict(inventory.sources(project))
            name = receipts.name(project, target, request.options, digests)
        with profile.stage("核对网站"):
            kept = receipts.recall(memo, name, today)
            same = kept is not None and reread.holds(kept.release)
        if kept and same:
            _say(kept.said, kept.warned)
        else:
            receipt = _build(request, workers, memo, digests, reread)
            receipts.keep(memo, name, receipt)
    if profiled:
        _profile()


def _build(
    request: BuildRequest, workers: int | str | None, memo: Memo, digests: dict[str, str], reread: Rereading
) -> Receipt:
    """Build with so many processes, the cluster at an address or, with None, as many as are worth while."""
    from generator import executors  # noqa: PLC0415  not needed where nothing has changed
    from generator.build import engine  # noqa: PLC0415

    if isinstance(workers, str):
        reread.end()  # a cluster reads faster
    try:
        with _Progress() as progress:
            built = engine.build(
                request,
                lambda branches: executors.hands(workers or executors.fitting(branches)),
                memo,
                progress.tell,
                digests=digests,
                reread=reread,
            )
    except executors.UnreachableError as error:
        raise click.UsageError(str(error)) from error
    project, output = request.project, request.output
    assert output is not None
    if built.release is None:
        stop(project, [one for one in built.problems if one.is_error])
    told = _told(built, output)
    warned = words(project, built.problems)
    written = f"更新 {built.release.written} 个，撤下 {built.release.withdrawn} 个。"
    fresh = ["这些审核已随网站公布，今后只能更正，不能撤回；只想先看看的，用 jifenbang serve。"]
    count = f"网站已生成：共 {len(built.files.digests)} 个文件，"
    _say([count + written, *(fresh if built.first_published else []), *told], warned)
    unchanged = [count + "更新 0 个，撤下 0 个。", *told]
    return Receipt(built.release.manifest.number, request.today, built.valid_until, unchanged, warned)


def _told(built: Any, output: Path) -> list[str]:
    """What is said after the count, today and whenever nothing has changed."""
    pages = [path for path in built.files.digests if path.endswith(".html")]
    first = min(pages, key=lambda path: (not path.endswith("index.html"), path.count("/"), path), default="")
    drafts = [f"没有计入的草稿：{'、'.join(built.drafts)}"] if built.drafts else []
    return [*drafts, f"请用浏览器打开：{output / first}"]


def _say(said: Sequence[str], warned: Sequence[str]) -> None:
    for line in warned:
        click.echo(line, err=True)
    for line in said:
        click.echo(line)


def _profile() -> None:
    """The stages with the processor's time for each and its share, then pages drawn slowly; in whatever process."""
    taken = profile.taken()
    whole = sum(taken.values()) or 1
    for name, seconds in taken.items():
        click.echo(f"{name}\t{seconds:.2f} 秒\t{seconds / whole:.0%}", err=True)
    if times := profile.fallbacks():
        click.echo(f"{profile.FALLBACKS}\t{times} 次", err=True)


class _Progress:
    """A line on the terminal that says what is being done; none where nobody looks."""

    def __init__(self) -> None:
        self.shown = sys.stderr.isatty()
        self.what, self.begun = "", 0.0
        self.bar: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def tell(self, what: str, done: int, of: int, pages: int) -> None:
        """So many branches or files of so many, how many a second, and so many pages; the bar adds what remains."""
        if not self.shown:
            return
        if what != self.what:
            self._close()
            self.what, self.begun = what, monotonic()
            self.bar = click.progressbar(length=of, label=what, file=sys.stderr)
        self.bar.length = of  # it may turn out that there is less to do
        rate = done / max(monotonic() - self.begun, 0.001)
        self.bar.label = f"{what} {done}/{of}，每秒 {rate:.1f} 个" + (f"，网页 {pages}" if pages else "")
        self.bar.update(done - self.bar.pos)

    def _close(self) -> None:
        if self.bar is not None:
            self.bar.render_finish()
        self.bar = None
