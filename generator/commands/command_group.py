"""Commands and groups of commands with Chinese help that shows examples, and refusals that name the next step."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:  # no command needs it
    from click.shell_completion import CompletionItem


class _ChineseFormatter(click.HelpFormatter):
    """A formatter of help that counts a Chinese character as the two columns that it takes, and breaks lines there."""

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        self.write(f"{'':>{self.current_indent}}{heading}：\n")

    def write_text(self, text: str) -> None:
        """Write a paragraph."""
        for line in _wrap(text, self.width - self.current_indent):
            self.write(f"{'':>{self.current_indent}}{line}\n")

    def write_dl(self, rows: Any, col_max: int = 28, col_spacing: int = 2) -> None:
        """Write a list of terms and what they mean."""
        rows = list(rows)
        column = min(max(map(_width, (term for term, _ in rows))), col_max) + col_spacing
        margin = " " * (self.current_indent + column)
        for term, meaning in rows:
            first, *more = _wrap(meaning, max(self.width - len(margin), 10)) or [""]
            self.write(f"{'':>{self.current_indent}}{term}")
            fits = _width(term) <= column - col_spacing
            self.write(" " * (column - _width(term)) if fits else f"\n{margin}")
            self.write("".join(f"{line}\n" for line in (first, *(margin + line for line in more))))


def _width(text: str) -> int:
    """Return the columns that a text takes, as ``problems.display_width`` does: help waits for no other import."""
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)


_NOT_FIRST = "，。；：、！？）》”"  # never the first character of a line


def _wrap(text: str, width: int) -> list[str]:
    """Return the lines of a text: broken at blanks, and between Chinese characters."""
    lines, line = list[str](), ""
    for piece in _split_pieces(text):
        if line and _width((line + piece).rstrip()) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return [*lines, line.rstrip()] if line.strip() else lines


def _split_pieces(text: str) -> Iterator[str]:
    """Yield the pieces between which a line may be broken."""
    piece = ""
    for character in " ".join(text.split()):
        is_wide = _width(character) > 1
        if piece and character not in _NOT_FIRST and (is_wide or piece[-1] == " " or _width(piece[-1]) > 1):
            yield piece
            piece = ""
        piece += character
    if piece:
        yield piece


class _ChineseContext(click.Context):
    """A context whose help is written for Chinese readers."""

    formatter_class = _ChineseFormatter


class ExampleCommand(click.Command):
    """A command whose help ends with ``examples``: what is typed, by what it is typed for."""

    context_class = _ChineseContext

    def __init__(self, *, examples: Mapping[str, str], options_metavar: str = "[选项]", **options: Any) -> None:
        super().__init__(options_metavar=options_metavar, **options)
        self.examples = examples

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the examples, each whole in a line to be copied."""
        with formatter.section("例如"):
            for purpose, line in self.examples.items():
                formatter.write_text(f"{purpose}：")
                formatter.write(f"{'':>{formatter.current_indent + 2}}{line}\n")


class StrictGroup(click.Group):
    """A group of commands in sections by who uses them.

    Its commands take each option once: of two values click keeps the last, unsaid.
    """

    context_class = _ChineseContext
    command_class = ExampleCommand

    def list_sections(self) -> Mapping[str, Sequence[tuple[str, str]]]:
        """List names and titles of the commands by the headings of the help."""
        return {"命令": [(name, command.help or "") for name, command in self.commands.items()]}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """List the commands in the order of the help."""
        return [name for section in self.list_sections().values() for name, _ in section]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands by section."""
        for heading, titles in self.list_sections().items():
            with formatter.section(heading):
                formatter.write_dl(titles)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list["CompletionItem"]:
        """Complete commands and options; no command is imported for it."""
        from click.shell_completion import CompletionItem  # noqa: PLC0415  only for this

        titles = [title for section in self.list_sections().values() for title in section]
        items = [CompletionItem(name, help=title) for name, title in titles if name.startswith(incomplete)]
        return [*items, *click.Command.shell_complete(self, ctx, incomplete)]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, and refuse one that doesn't exist and an option that is given twice."""
        name, arguments = args[0], args[1:]
        command = self.get_command(ctx, name)
        if ctx.resilient_parsing:  # what is completed is not whole yet
            return name, command, arguments
        if command is None and not name.startswith("-"):
            import difflib  # noqa: PLC0415  slow to import and seldom needed

            close = difflib.get_close_matches(name.lower(), self.list_commands(ctx), n=2, cutoff=0.6)
            advice = f"您是不是要写 {' 或 '.join(close)}" if close else f"运行 {ctx.command_path} --help 看有哪些命令"
            raise click.UsageError(f"没有“{name}”这个命令。{advice}", ctx)
        if command is None:
            return super().resolve_command(ctx, args)
        if not isinstance(command, click.Group):
            self._refuse_repeated_options(click.Context(command, info_name=name, parent=ctx), arguments)
        return name, command, arguments

    def _refuse_repeated_options(self, context: click.Context, arguments: list[str]) -> None:
        order = context.command.make_parser(context).parse_args(list(arguments))[2]
        for option in order:
            if isinstance(option, click.Option) and not option.multiple and order.count(option) > 1:
                option_name = max(option.opts, key=len)
                several = "几个写在一起，用逗号隔开" if "," in (option.metavar or "") else "请只写一次"
                raise click.UsageError(f"{option_name} 写了不止一次。{several}", context)
