"""Every command, by all the words that are typed for it."""

from collections.abc import Iterator

import click

from generator.commands import cli

TREE = click.Context(cli)


def list_commands(group: click.Group = cli, before: str = "") -> Iterator[tuple[str, click.Command]]:
    """The commands of a group, and those of the groups in it: ``check``, ``roster branch add``."""
    for word in group.list_commands(TREE):
        command = group.get_command(TREE, word)
        assert command
        if isinstance(command, click.Group):
            yield from list_commands(command, f"{before}{word} ")
        else:
            yield before + word, command


COMMANDS = dict(list_commands())
