"""``jifenbang publish``: carry the site to another folder, such as a web server's."""

from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import check_readable, fail_with_problems, print_problems, project_command
from generator.project import Project
from generator.publish import carried_release, target_folder
from generator.publish.output_folder import is_in_sources


@click.command(
    "publish",
    cls=ExampleCommand,
    help=(
        "把生成好的网站原样送到另一个文件夹（网页服务器、网络盘），在那里逐个核对，并另存这次的 audit.json。"
        "以后打开的工作台记得这个文件夹。"
    ),
    examples={"送到网页服务器的文件夹": "jifenbang publish /srv/www/jifen"},
)
@click.argument("target", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹")
@click.option(
    "--output", type=click.Path(file_okay=False, path_type=Path), metavar="文件夹", help="网站在哪里，默认 site/"
)
@click.option(
    "--anchors",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="文件夹",
    help="audit.json 另存在哪里，默认 .jifenbang/anchors",
)
@project_command
def command(
    project: Project,
    today: date,  # noqa: ARG001  what is carried has its own day
    *,
    target: Path,
    output: Path | None,
    anchors: Path | None,
) -> None:
    """Carry the present release, and keep its ``audit.json``."""
    site = (output or project.site_folder).resolve()
    if fault := target_folder.find_target_fault(project, site, target):
        raise click.UsageError(fault)
    if anchors:
        _check_anchors(project, (site, target.resolve()), anchors)
    result, problems = carried_release.carry_release(project, site, target)
    if result is None:
        fail_with_problems(project, problems)
    manifest = result.manifest
    first_page = next((path for path in manifest.files if path.endswith(".html")), None)
    print_problems(project, check_readable(project, target / first_page) if first_page else [])
    target_folder.note_target(project, target)
    audit = carried_release.keep_audit(project, site, anchors)
    changes = f"更新 {result.written} 个，撤下 {result.withdrawn} 个"
    click.echo(f"已送到：{target.resolve()}")
    click.echo(
        f"第 {manifest.number} 次生成（{manifest.day}），共 {len(manifest.files)} 个文件，{changes}，已逐个核对。"
    )
    click.echo(f"这次的 audit.json 另存在：{project.file_name(audit)}")
    click.echo("请再抄一份到别人改不了的地方；以后用 jifenbang verify --anchor 文件 比对。")


def _check_anchors(project: Project, folders: tuple[Path, Path], anchors: Path) -> None:
    resolved = anchors.resolve()
    if is_in_sources(project, anchors) and resolved != project.anchors_folder.resolve():
        raise click.UsageError(f"audit.json 不能另存在“{anchors}”：那里是站点的原始资料，请换一个文件夹")
    if any(folder in (resolved, *resolved.parents) for folder in folders):
        raise click.UsageError(f"audit.json 不能另存在“{anchors}”：它在网站的文件夹里，请换一个文件夹")
    if not resolved.parent.is_dir():
        message = f"audit.json 存不到“{anchors}”：没有“{anchors.parent}”这个文件夹；在网络盘上的，请先连上"
        raise click.UsageError(message)
