"""``jifenbang build``: score and write the static site."""

from datetime import date
from pathlib import Path

import click

from generator import assembly, build, executors, inventory
from generator.commands.console import on_project, open_books, stop, tell
from generator.core.settings import Audience
from generator.inventory import ChangedError
from generator.memo import Memo
from generator.project import Project


class _Audiences(click.ParamType[frozenset[Audience]]):
    name = "audiences"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[Audience]:
        try:
            return frozenset(Audience(word.strip()) for word in value.replace("，", ",").split(","))
        except ValueError:
            known = "、".join(Audience)
            self.fail(f"“{value}”里有不认识的读者范围，可以写：{known}，用逗号隔开", param, ctx)


AUDIENCES = _Audiences()


@click.command("build", help="计分并生成静态网站；发现错误时不改动已有网站。")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="写到哪里，默认 site/")
@click.option("--audience", "audiences", type=AUDIENCES, metavar="A,B", help="只生成给这些读者的页面")
@click.option("--jobs", type=click.IntRange(1, 64), default=1, metavar="N", help="用几个进程，默认 1")
@click.option("--gzip", "packed", is_flag=True, help="每个网页旁边另存一份压缩好的（.gz），供网页服务器直接发送")
@on_project
def command(
    project: Project,
    today: date,
    *,
    output: Path | None,
    audiences: frozenset[Audience] | None,
    jobs: int,
    packed: bool,
) -> None:
    """Build the pages of exactly the named audiences, else of those in ``content/site.yaml``."""
    target = (output or project.site).resolve()
    request = build.Request(project, target, today, audiences, packed)
    opened = build.begin(request, inventory.sources(project))
    built = None
    if opened is not None:
        with executors.processes(jobs) as executor:
            built = build.run(opened, executor, Memo(project.state / "cache"), lambda *_: None)
    if built is None:
        _, problems = assembly.find_theme(open_books(project, today))
        stop(project, problems or [ChangedError(project.name(project.settings)).problem])
    if built.problems:
        stop(project, built.problems)
    tell(project, built.warnings)
    release = built.release
    assert release is not None
    click.echo(
        f"网站已生成：共 {len(built.made.digests)} 个文件，更新 {release.written} 个，撤下 {release.withdrawn} 个。"
    )
    if built.first_published:
        click.echo("这些审核已随网站公布，今后只能更正，不能撤回；只想先看看的，用 jifenbang serve。")
    if built.drafts:
        click.echo(f"没有计入的草稿：{'、'.join(built.drafts)}")
    pages = [path for path in built.made.digests if path.endswith(".html")]
    first = min(pages, key=lambda path: (not path.endswith("index.html"), path.count("/"), path), default="")
    click.echo(f"请用浏览器打开：{(target / first).resolve()}")
