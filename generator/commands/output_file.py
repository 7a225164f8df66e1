"""Write the one file that a command produces."""

from pathlib import Path

import click

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
    try:
        output.write_bytes(content)
    except OSError as error:
        raise click.UsageError(f"写不到“{output}”：文件夹不存在或不能写入") from error
