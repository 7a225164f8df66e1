"""``jifenbang check``: every problem of every file, in one run."""

from datetime import date
from pathlib import Path

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import format_problems, locate_file, print_problems, project_command, unwrap_result
from generator.commands.output_file import OUTPUT_OPTION, write_output
from generator.project import Project
from generator.queries import check
from generator.render.export import tables


@click.command(
    "check",
    cls=ExampleCommand,
    help="检查全部或指定的文件，列出所有问题；有错误时退出码为 1。",
    examples={
        "检查全部": "jifenbang check",
        "只检查一份": "jifenbang check ledgers/2026/first/11.yaml",
    },
)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="[文件]...")
@click.option("--format", "output_format", type=click.Choice(["text", "json"]), default="text", help="输出格式")
@OUTPUT_OPTION
@project_command
def command(project: Project, today: date, *, files: tuple[Path, ...], output_format: str, output: Path | None) -> None:
    """Validate all files, or print only the problems of the named ones and of what they depend on."""
    names = {project.file_name(locate_file(project, file)) for file in files}
    problems = unwrap_result(project, check.check_project(project, today, names))
    errors = sum(problem.is_error for problem in problems)
    summary = f"检查完毕：{errors} 处错误，{len(problems) - errors} 处提醒。"
    if output_format == "json":
        write_output(project, output, tables.problems_to_json(problems), "json")
    elif output is not None:
        write_output(project, output, "\n".join([*format_problems(project, problems), summary]), "text")
    else:
        print_problems(project, problems)
        click.echo(summary)
    raise SystemExit(1 if errors else 0)
