"""``jifenbang diff``: what the next build would change on the published site."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path

import click

from generator.commands.build import AUDIENCES
from generator.commands.console import print_problems, project_command, unwrap_result
from generator.core.basics.numbers import format_decimal
from generator.core.model.roster import Roster
from generator.core.model.settings import Audience
from generator.core.page_data import boards
from generator.core.scoring.board_diff import BoardDiff, PointsChange, RankChange
from generator.project import Project
from generator.queries import diff
from generator.render.html import filters

_MOST = 10  # names in one line


@click.command("diff", help="下一次生成会改变什么：榜单、名次、党员、新增和撤下的网页；不改动任何文件。")
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), metavar="DIR", help="网站在哪里，默认 site/"
)
@click.option("--audience", "audiences", type=AUDIENCES, metavar="A,B", help="只比较给这些读者的页面")
@project_command
def command(project: Project, today: date, *, output: Path | None, audiences: frozenset[Audience] | None) -> None:
    """Build in memory and compare with the release before."""
    target = output or project.site_folder
    changes = unwrap_result(project, diff.diff_next_build(project, today, target, audiences))
    published, digests = changes.published_manifest, changes.next_files
    before: Mapping[str, str] = published.files if published else {}
    if published is None:
        click.echo(f"{project.file_name(target)} 还没有生成过，下一次生成全部是新的。")
    else:
        click.echo(f"与 {project.file_name(target)}（第 {published.number} 次生成，{published.day}）相比，下一次生成：")
        print_problems(project, changes.altered_files)
    for line in _pages(before, digests):
        click.echo(line)
    for difference in changes.boards:
        click.echo(_board(changes.roster, difference))
    for line in _members(changes.roster, before, digests) if published else ():
        click.echo(line)


def _pages(before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    added = sorted(after.keys() - before.keys())
    changed = sorted(path for path in after.keys() & before.keys() if before[path] != after[path])
    gone = sorted(before.keys() - after.keys())
    if not (added or changed or gone):
        yield "没有变化。"
    for what, paths in (("新增", added), ("更新", changed), ("撤下", gone)):
        if paths:
            counts = Counter(map(_kind, paths))
            kinds = "、".join(f"{kind} {counts[kind]}" for kind in [*_KINDS, _REST] if counts[kind])
            yield f"{what} {len(paths)} 个文件（{kinds}）：{_some(paths, '个')}"


_KINDS = {
    "更正公告": re.compile(r"(boards|branches/[^/]+)/[^/]+\.c[0-9]+\.html"),
    "榜单": re.compile(r"boards/.*|branches/[^/]+/(?!index\.).*"),
    "支部页": re.compile(r"branches/[^/]+/index\.html"),
    "个人页": re.compile(r"members/.*"),
    "机关党委内部": re.compile(r"committee/.*"),
}
_REST = "其他"
_MEMBER = re.compile(r"members/([^./]+)\.html")


def _kind(path: str) -> str:
    """What sort of page lies there."""
    return next((kind for kind, pattern in _KINDS.items() if pattern.fullmatch(path)), _REST)


def _some(words: Collection[str], unit: str) -> str:
    return "、".join(list(words)[:_MOST]) + (f"等 {len(words)} {unit}" if len(words) > _MOST else "")


def _board(roster: Roster, one: BoardDiff) -> str:
    of = "全机关" if one.branch is None else roster.branch_by_id[one.branch].name
    said = [f"{of}{filters.format_period(one.period)}榜"]
    said += ["新榜"] if one.is_new else []
    figures, moves = [_figure(figure) for figure in one.points_changes], [_move(move) for move in one.rank_changes]
    said += [f"{len(figures)} 人积分变动：{_some(figures, '人')}"] if figures else []
    said += [f"{len(moves)} 人名次变动：{_some(moves, '人')}"] if moves else []
    return "　".join(said)


def _figure(one: PointsChange) -> str:
    if one.is_total_only:
        before, after = format_decimal(one.before.total), format_decimal(one.after.total)
        return f"{boards.member_label(one.member)} 累计 {before}→{after}"
    return f"{boards.member_label(one.member)} {format_decimal(one.before.points)}→{format_decimal(one.after.points)}"


def _move(one: RankChange) -> str:
    return f"{boards.member_label(one.member)} {one.before or '未列入'}→{one.after or '未列入'}"


def _members(roster: Roster, before: Mapping[str, str], after: Mapping[str, str]) -> Iterator[str]:
    for what, paths in (("新增", after.keys() - before.keys()), ("撤下", before.keys() - after.keys())):
        idents = sorted(match[1] for match in map(_MEMBER.fullmatch, paths) if match)
        names = [boards.member_label(roster.member_by_id[one]) if one in roster.member_by_id else one for one in idents]
        if names:
            yield f"{what}党员 {len(names)} 人：{_some(names, '人')}"
