"""``jifenbang schema``: write the JSON Schemas by which editors complete and check files."""

from datetime import date

import click

from generator.commands.command_group import ExampleCommand
from generator.commands.console import project_command, unwrap_result
from generator.intake.files import schemas
from generator.project import Project
from generator.workflow import editor_schemas


@click.command(
    "schema",
    cls=ExampleCommand,
    help="写出各种文件有哪些键、值怎么写：会读的编辑器据此补全键名，标出写错的地方。",
    examples={"写出或更新": "jifenbang schema"},
)
@project_command
def command(project: Project, today: date) -> None:
    """Write the schemas and say which is for which files."""
    del today
    folder = unwrap_result(project, editor_schemas.write_schemas(project))
    for kind, file_kind in schemas.KINDS.items():
        click.echo(f"{folder}/{kind}.json\t{file_kind.title}\t{file_kind.paths}")
    example = editor_schemas.name_schema(project, project.ledger_path("branch", "2026-01"), "ledger")
    click.echo(f"新写的台账和更正草稿，第一行已写明用哪一份；别的文件也可以照写，例如：{example}")
