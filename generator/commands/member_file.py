"""The parts that commands with a table of members share."""

from pathlib import Path

import click

from generator.commands.console import fail_with_problems
from generator.intake.imports import member_table
from generator.intake.imports.member_table import MemberTable
from generator.project import Project

MEMBER_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


def read_members(project: Project, path: Path) -> MemberTable:
    """Return the table of members in a file, and say what of it was not read; end the command if it can't be read."""
    table, problems = member_table.read_member_file(path)
    if table is None:
        fail_with_problems(project, problems)
    if table.unread:
        click.echo(f"没有读、也没有存的：{'、'.join(table.unread)}。")
    return table
