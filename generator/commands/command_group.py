"""Groups of commands that refuse an option given twice."""

import click


class StrictGroup(click.Group):
    """A group whose commands take each option once: of two values click keeps the last, unsaid."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, and refuse an option that is given twice."""
        name, command, arguments = super().resolve_command(ctx, args)
        if command is not None and not isinstance(command, click.Group):
            context = click.Context(command, info_name=name, parent=ctx)
            order = command.make_parser(context).parse_args(list(arguments))[2]
            for option in order:
                if isinstance(option, click.Option) and not option.multiple and order.count(option) > 1:
                    option_name = max(option.opts, key=len)
                    several = "几个写在一起，用逗号隔开" if "," in (option.metavar or "") else "请只写一次"
                    raise click.UsageError(f"{option_name} 写了不止一次。{several}", context)
        return name, command, arguments
