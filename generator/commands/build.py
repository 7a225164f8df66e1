"""``jifenbang build``: score and write the static site."""

from datetime import date
from pathlib import Path

import click

from generator import build
from generator.commands.console import on_project, open_books, stop, tell
from generator.core.settings import Audience
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
@on_project
def command(
    project: Project, today: date, *, output: Path | None, audiences: frozenset[Audience] | None, jobs: int
) -> None:
    """Build the pages of exactly the named audiences, else of those in ``content/site.yaml``."""
    found = open_books(project, today)
    theme, problems = build.find_theme(found)
    problems += build.clock(found)
    if theme is None or problems:
        stop(project, problems)
    tell(project, build.warnings(found))
    target = output or project.site
    readers = audiences or frozenset(found.settings.publish)
    files = build.site(found, theme, readers, jobs=jobs)
    release, problems = build.publish(found, target, files, readers)
    if release is None:
        stop(project, problems)
    click.echo(f"网站已生成：共 {len(files)} 个文件，更新 {release.written} 个，撤下 {release.withdrawn} 个。")
    if build.first_published(found, release):
        click.echo("这些审核已随网站公布，今后只能更正，不能撤回；只想先看看的，用 jifenbang serve。")
    if drafts := [*(ledger.files[-1] for ledger in found.drafts.values()), *sorted(found.urn.drafts)]:
        click.echo(f"没有计入的草稿：{'、'.join(drafts)}")
    pages = [path for path in files if path.endswith(".html")]
    first = min(pages, key=lambda path: (not path.endswith("index.html"), path.count("/"), path), default="")
    click.echo(f"请用浏览器打开：{(target / first).resolve()}")
