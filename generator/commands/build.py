"""``jifenbang build``: score and write the static site."""

import sys
from datetime import date
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any, Self

import click

from generator.build import profiling
from generator.build.receipt import BuildOutcome
from generator.build.request import BuildRequest, ClusterUnreachableError
from generator.build.run import build
from generator.commands.console import fail_with_problems, print_problems, project_command
from generator.project import Project

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
@project_command
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
    target, workers = (output or project.site_folder).resolve(), executor or jobs
    request = BuildRequest(project.root, today, audiences, target, with_gzip=packed)
    try:
        with _Progress() as progress:
            outcome = build(request, workers, progress.tell)
    except ClusterUnreachableError as error:
        raise click.UsageError(str(error)) from error
    if outcome.errors:
        fail_with_problems(project, outcome.errors)
    print_problems(project, outcome.problems)
    _report(outcome, target)
    if profiled:
        _profile()


def _report(outcome: BuildOutcome, output: Path) -> None:
    written = f"更新 {outcome.written_count} 个，撤下 {outcome.withdrawn_count} 个。"
    click.echo(f"网站已生成：共 {outcome.file_count} 个文件，{written}")
    if outcome.first_published:
        click.echo("这些审核已随网站公布，今后只能更正，不能撤回；只想先看看的，用 jifenbang serve。")
    if outcome.drafts:
        click.echo(f"没有计入的草稿：{'、'.join(outcome.drafts)}")
    click.echo(f"请用浏览器打开：{output / outcome.first_page}")


def _profile() -> None:
    """The stages with the processor's time for each and its share, then pages drawn slowly; in whatever process."""
    taken = profiling.collect_timings()
    whole = sum(taken.values()) or 1
    for name, seconds in taken.items():
        click.echo(f"{name}\t{seconds:.2f} 秒\t{seconds / whole:.0%}", err=True)
    if times := profiling.fallback_count():
        click.echo(f"{profiling.FALLBACKS}\t{times} 次", err=True)


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
