"""``jifenbang build``: score and write the static site."""

import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click

from generator.build.receipt import BuildOutcome
from generator.build.request import BuildRequest, ClusterUnreachableError
from generator.build.run import build
from generator.commands.command_group import ExampleCommand
from generator.commands.console import (
    NumberType,
    ask_agreement,
    check_readable,
    describe_changed_files,
    fail_with_problems,
    print_problems,
    project_command,
    unwrap_result,
)
from generator.project import Project

if TYPE_CHECKING:  # a build without --audience that finds nothing changed doesn't import it
    from generator.core.model.settings import Audience
    from generator.publish.store import Manifest


class _AudiencesType(click.ParamType["frozenset[Audience]"]):
    name = "audiences"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> "frozenset[Audience]":
        from generator.core.model.settings import Audience  # noqa: PLC0415

        try:
            return frozenset(Audience(word.strip()) for word in value.replace("，", ",").split(","))
        except ValueError:
            allowed = "、".join(Audience)
            self.fail(f"“{value}”里有不认识的读者范围，可以写：{allowed}，用逗号隔开", param, ctx)


AUDIENCES = _AudiencesType()


@click.command(
    "build",
    cls=ExampleCommand,
    help="计分并生成静态网站；没有变化的不重做；发现错误时不改动已有网站。",
    examples={
        "生成给大家看的网站": "jifenbang build",
        "生成机关党委自己的，放在别处": "jifenbang build --audience committee --output 机关党委",
    },
)
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹", help="写到哪里，默认 site/"
)
@click.option("--audience", "audiences", type=AUDIENCES, metavar="读者,读者", help="只生成给这些读者的页面")
@click.option("--jobs", type=NumberType(1, 64), metavar="进程数", help="用几个进程，1 到 64，默认看支部和处理器的个数")
@click.option("--executor", metavar="地址", help="交给已有的 Dask 集群去做，例如 dask://10.0.0.1:8786")
@click.option("--gzip", "with_gzip", is_flag=True, help="每个网页旁边另存一份压缩好的（.gz），供网页服务器直接发送")
@click.option("--no-cache", "without_cache", is_flag=True, help="全部重新做，不用缓存，也不留缓存")
@click.option("--yes", "is_confirmed", is_flag=True, help="第一次公布的审核不再询问，直接公布")
@click.option("--profile", "with_profile", is_flag=True, help="最后列出各步骤所用的时间")
@project_command
def command(
    project: Project,
    today: date,
    *,
    output: Path | None,
    audiences: "frozenset[Audience] | None",
    jobs: int | None,
    executor: str | None,
    with_gzip: bool,
    without_cache: bool,
    is_confirmed: bool,
    with_profile: bool,
) -> None:
    """Build the pages of exactly the named audiences, else of those in ``content/site.yaml``."""
    if executor and jobs:
        raise click.UsageError("--jobs 和 --executor 只能写一个，请去掉一个")
    target, workers = (output or project.site_folder).resolve(), executor or jobs
    request = BuildRequest(project.root, today, audiences, target, with_gzip=with_gzip)
    _warn_of_overtaken_requests(project, today)
    try:

        def confirm(published: "Manifest", titles: Mapping[str, str]) -> None:
            _confirm_publication(project, today, published, titles)

        is_asked = not is_confirmed and sys.stdin.isatty() and sys.stderr.isatty()
        outcome = build(
            request,
            workers,
            project.progress,
            use_cache=not without_cache,
            before_publication=confirm if is_asked else None,
        )
    except ClusterUnreachableError as error:
        raise click.UsageError(str(error)) from error
    if outcome.errors:
        fail_with_problems(project, outcome.errors)
    unreadable = check_readable(project, target / outcome.first_page)
    print_problems(project, [*outcome.problems, *outcome.changed_values, *unreadable])
    _print_outcome(outcome, target)
    if with_profile:
        _print_profile(outcome)


def _warn_of_overtaken_requests(project: Project, today: date) -> None:
    """Say which requests for signatures are worthless once the site is published."""
    if not project.requests_path.is_file():
        return
    from generator.loader import load  # noqa: PLC0415  most projects have no requests
    from generator.workflow import reservations  # noqa: PLC0415  as above

    loaded = load.load_project(project, today).loaded if reservations.read_reservations(project) else None
    for line in reservations.describe_overtaken(loaded) if loaded else ():
        click.echo(line, err=True)


_MAX_LISTED = 20  # sealed documents, boards


def _confirm_publication(project: Project, today: date, published: "Manifest", titles: Mapping[str, str]) -> None:
    """Show what is published for the first time and what it changes; end the command unless that is wanted."""
    from generator.queries import diff  # noqa: PLC0415
    from generator.queries.board_changes import describe_board  # noqa: PLC0415  few builds need it

    changes = unwrap_result(project, diff.diff_boards(project, today, published))
    click.echo("这次生成会第一次公布：", err=True)
    _print_some(list(titles.values()), "份")
    if changes.boards:
        click.echo(f"与第 {published.number} 次生成（{published.day}）相比，榜单会这样变：", err=True)
        _print_some([describe_board(changes.roster, board) for board in changes.boards], "张榜")
    else:
        click.echo("积分和名次都不变。", err=True)
    click.echo("公布以后只能更正，不能撤回；只想先看看的，用 jifenbang serve。", err=True)
    if not ask_agreement("现在公布吗？（y 公布，直接回车不公布）", err=True):
        click.echo("没有公布，网站没有改动。", err=True)
        raise SystemExit(1)


def _print_some(lines: list[str], unit: str) -> None:
    for line in lines[:_MAX_LISTED]:
        click.echo(f"  {line}", err=True)
    if len(lines) > _MAX_LISTED:
        click.echo(f"  等 {len(lines)} {unit}；榜单的全部变动见 jifenbang diff", err=True)


def _print_outcome(outcome: BuildOutcome, output: Path) -> None:
    changes = f"更新 {outcome.written_count} 个，撤下 {outcome.withdrawn_count} 个。"
    click.echo(f"网站已生成：共 {outcome.file_count} 个文件，{changes}")
    if outcome.changed_files:
        click.echo(describe_changed_files(outcome.changed_files))
    if outcome.first_published:
        click.echo("这些审核已随网站公布，今后只能更正，不能撤回；只想先看看的，用 jifenbang serve。")
    if outcome.drafts:
        click.echo(f"没有计入的草稿：{'、'.join(outcome.drafts)}")
    click.echo(f"请用浏览器打开：{output / outcome.first_page}")


def _print_profile(outcome: BuildOutcome) -> None:
    """Print the processor time and share of each stage, then the number of slowly rendered pages, of all processes."""
    total = sum(outcome.timings.values()) or 1
    for name, seconds in outcome.timings.items():
        click.echo(f"{name}\t{seconds:.2f} 秒\t{seconds / total:.0%}", err=True)
    if outcome.slow_page_count:
        click.echo(f"模板退回慢速写法\t{outcome.slow_page_count} 次", err=True)
