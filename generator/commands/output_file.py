"""Write the one file that a command produces."""

from pathlib import Path

import click

from generator.disk import atomic_files
from generator.project import Project
from generator.publish.output_folder import is_in_sources


def save_output(project: Project, output: Path, content: bytes, suffix: str) -> None:
    """Write a command's output file.

    Raises click.UsageError if the path is among the project's sources, has another suffix, or can't be written.
    """
    if is_in_sources(project, output):
        raise click.UsageError(f"不能写到“{output}”：那里是站点的原始资料，请换一个 {suffix} 文件名")
    if output.suffix.lower() != suffix:
        raise click.UsageError(f"“{output}”不是 {suffix} 文件名，请写成 {output.with_suffix(suffix).name} 的样子")
    if not output.parent.is_dir():
        raise click.UsageError(f"写不到“{output}”：没有“{output.parent}”这个文件夹")
    try:
        atomic_files.write_durably(output, content)
    except PermissionError as error:
        advice = "它可能正在 Excel、WPS 等程序里打开，请关闭以后再运行，或换一个文件名；也请核对文件夹的权限"
        raise click.UsageError(f"写不到“{output}”：{advice}") from error
    except OSError as error:
        raise click.UsageError(f"写不到“{output}”：{error.strerror or error}") from error
