"""Write what a command produces: to a file or to standard output."""

import sys
from pathlib import Path

import click

from generator.project import Project

OUTPUT_OPTION = click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="文件", help="写到文件；不写则显示在屏幕上"
)

_SUFFIXES = {"table": ".txt", "text": ".txt", "json": ".json", "csv": ".csv", "xlsx": ".xlsx", "html": ".html"}


def write_output(project: Project, output: Path | None, content: str | bytes, output_format: str) -> None:
    """Write content of a format to the output file or, with None, to standard output.

    Text for people is printed in the encoding of their terminal or pipe; what programs read is UTF-8 everywhere, CSV
    with the mark without which Excel reads it in the encoding of the machine. Raises click.UsageError as
    ``save_output`` does, or if a workbook would go to the screen.
    """
    suffix = _SUFFIXES[output_format]
    if output is None and suffix == ".txt":
        click.echo(content)
        return
    raw = content if isinstance(content, bytes) else f"{content}\n".encode("utf-8-sig" if suffix == ".csv" else "utf-8")
    if output is not None:
        save_output(project, output, raw, suffix)
        click.echo(f"已写到：{output.resolve()}")
    elif suffix == ".xlsx" and sys.stdout.isatty():
        raise click.UsageError("Excel 文件不能显示在屏幕上，请加上 --output 和文件名")
    else:
        click.echo(raw, nl=False)


def save_output(project: Project, output: Path, content: bytes, suffix: str) -> None:
    """Write a command's output file.

    Raises click.UsageError as ``check_output`` does, or if it can't be written.
    """
    from generator.disk import atomic_files  # noqa: PLC0415  most results are printed
    from generator.disk.os_errors import describe_error  # noqa: PLC0415

    check_output(project, output, suffix)
    try:
        atomic_files.write_durably(output, content)
    except PermissionError as error:
        advice = "它可能正在 Excel、WPS 等程序里打开，请关闭以后再运行，或换一个文件名；也请核对文件夹的权限"
        raise click.UsageError(f"写不到“{output}”：{advice}") from error
    except OSError as error:
        reason = describe_error(error)
        raise click.UsageError(f"写不到“{output}”（{reason}）：请核对文件名、磁盘空间和权限") from error


def make_output_folder(project: Project, folder: Path) -> None:
    """Make a folder for output files where there is none, but neither those above it nor one among the sources."""
    from generator.publish.output_folder import is_in_sources  # noqa: PLC0415  most results are printed

    if not folder.exists() and folder.parent.is_dir() and not is_in_sources(project, folder):
        folder.mkdir()


def check_output(project: Project, output: Path, suffix: str) -> None:
    """Raise click.UsageError if the path is among the project's sources, has another suffix, or no folder."""
    from generator.publish.output_folder import is_in_sources  # noqa: PLC0415  most results are printed

    if is_in_sources(project, output):
        raise click.UsageError(f"不能写到“{output}”：那里是站点的原始资料，请换一个 {suffix} 文件名")
    if output.suffix.lower() != suffix:
        advice = f"请写成 {output.with_suffix(suffix).name} 的样子{_suggest_format(output)}"
        raise click.UsageError(f"“{output}”不是 {suffix} 文件名，{advice}")
    if not output.parent.is_dir():
        raise click.UsageError(f"写不到“{output}”：没有“{output.parent}”这个文件夹")


def _suggest_format(output: Path) -> str:
    """Return the option by which the running command would write a file of this name; empty if it has none."""
    suffix = output.suffix.lower().removeprefix(".")
    for option in click.get_current_context().command.params:
        if "--format" in option.opts and isinstance(option.type, click.Choice) and suffix in option.type.choices:
            return f"，或者加 --format {suffix}"
    return ""
