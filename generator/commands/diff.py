"""``jifenbang diff``: the changes that the next build would make to the published site."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import click

from generator.commands.build import AUDIENCES
from generator.commands.command_group import ExampleCommand
from generator.commands.console import describe_changed_files, print_problems, project_command, unwrap_result
from generator.core.model.roster import Roster, member_label
from generator.core.model.settings import Audience
from generator.project import Project
from generator.queries import diff
from generator.queries.board_changes import describe_board, join_names


@click.command(
    "diff",
    cls=ExampleCommand,
    help="下一次生成会改变什么：榜单、名次、党员、新增和撤下的网页；不改动任何文件。",
    examples={
        "看看下一次生成会变什么": "jifenbang diff",
    },
)
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹", help="网站在哪里，默认 site/"
)
@click.option("--audience", "audiences", type=AUDIENCES, metavar="读者,读者", help="只比较给这些读者的页面")
@project_command
def command(project: Project, today: date, *, output: Path | None, audiences: frozenset[Audience] | None) -> None:
    """Build in memory and compare with the release before."""
    target = output or project.site_folder
    changes = unwrap_result(project, diff.diff_next_build(project, today, target, audiences))
    published, digests = changes.published_manifest, changes.next_files
    before: Mapping[str, str] = published.files if published else {}
    errors = 0
    if published is None:
        click.echo(f"{project.file_name(target)} 还没有生成过，下一次生成全部是新的。")
    else:
        click.echo(f"与 {project.file_name(target)}（第 {published.number} 次生成，{published.day}）相比，下一次生成：")
        errors = print_problems(project, [*changes.altered_files, *changes.inputs.refused, *changes.inputs.accepted])
        if changes.inputs.files:
            click.echo(describe_changed_files(changes.inputs.files))
    for line in _describe_pages(before, digests):
        click.echo(line)
    for difference in changes.boards:
        click.echo(describe_board(changes.roster, difference))
    for line in _describe_members(changes.roster, before, digests) if published else ():
        click.echo(line)
    if errors:
        raise SystemExit(1)


def _describe_pages(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    added = sorted(after.keys() - before.keys())
    changed = sorted(path for path in after.keys() & before.keys() if before[path] != after[path])
    removed = sorted(before.keys() - after.keys())
    if not (added or changed or removed):
        yield "没有变化。"
    for label, paths in (("新增", added), ("更新", changed), ("撤下", removed)):
        if paths:
            counts = Counter(map(_page_kind, paths))
            kinds = "、".join(f"{kind} {counts[kind]}" for kind in [*_PAGE_KINDS, _OTHER_KIND] if counts[kind])
            yield f"{label} {len(paths)} 个文件（{kinds}）：{join_names(paths, '个')}"


_PAGE_KINDS = {
    "更正公告": re.compile(r"(boards|branches/[^/]+)/[^/]+\.c[0-9]+\.html"),
    "榜单": re.compile(r"boards/.*|branches/[^/]+/(?!index\.).*"),
    "支部页": re.compile(r"branches/[^/]+/index\.html"),
    "个人页": re.compile(r"members/.*"),
    "机关党委内部": re.compile(r"committee/.*"),
}
_OTHER_KIND = "其他"
_MEMBER_PAGE = re.compile(r"members/([^./]+)\.html")


def _page_kind(path: str) -> str:
    """Return the kind of page that has this path."""
    return next((kind for kind, pattern in _PAGE_KINDS.items() if pattern.fullmatch(path)), _OTHER_KIND)


def _describe_members(roster: Roster, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for label, paths in (("新增", after.keys() - before.keys()), ("撤下", before.keys() - after.keys())):
        member_ids = sorted(match[1] for match in map(_MEMBER_PAGE.fullmatch, paths) if match)
        names = [
            member_label(roster.member_by_id[member_id]) if member_id in roster.member_by_id else member_id
            for member_id in member_ids
        ]
        if names:
            yield f"{label}党员 {len(names)} 人：{join_names(names, '人')}"
