"""``jifenbang archive``: hand a period over to the archive, in one file that needs no program to be read."""

from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import project_command, unwrap_result
from generator.commands.output_file import save_output
from generator.commands.period_argument import PERIOD
from generator.core.basics.periods import Period
from generator.disk import atomic_files
from generator.project import Project
from generator.queries import archive


@click.command(
    "archive",
    cls=ExampleCommand,
    help="把一个周期的榜单、公告、全部原始资料和审核记录写成一个压缩文件，移交档案；没有程序也能看。只供机关党委。",
    examples={"归档上半年": "jifenbang archive 2026-H1"},
)
@click.argument("period", type=PERIOD, metavar="周期")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="文件",
    help="写到哪个文件，默认在当前文件夹里按周期命名",
)
@project_command
def command(project: Project, today: date, *, period: Period, output: Path | None) -> None:
    """Write one file, never to the screen."""
    packed = unwrap_result(project, archive.archive_period(project, today, period))
    path = output or Path(f"{period}.zip")
    save_output(project, path, packed.raw, ".zip")
    click.echo(f"已写到：{path.resolve()}")
    click.echo(f"截至 {packed.manifest.day}，共 {packed.file_count} 个文件；展开以后用浏览器打开 index.html。")
    click.echo(f"SHA-256：{atomic_files.digest_bytes(packed.raw)}（请记在移交清单上）")
    click.echo(f"核对：jifenbang verify {path.name}")
    click.echo("内有扣分、处分、末位和原始台账，只供机关党委使用，不要张贴，不要外传。")
