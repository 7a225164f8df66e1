"""An act: a form, the words of the command that does the same, and the facts to know before it is done."""

from collections.abc import Callable, Sequence
from pathlib import Path

from msgspec import Struct

from generator.desk.desk import CommandOutput, Desk
from generator.desk.fields import Fields
from generator.loader.load import LoadedProject

Facts = Sequence[str]
Compose = Callable[[Desk, Fields], list[str]]
Describe = Callable[[Desk, Fields, LoadedProject], Facts]


class Act(Struct, frozen=True):
    """An act: ``compose`` returns the words of its command, and ``describe`` the facts to know before.

    ``back`` is the page that it leads back to, ``find_files`` the files whose content it bears on, and ``find_moves``
    the page on which points and ranks move by it, empty for none. An act that ``makes_file`` or ``takes_file`` names
    the file in its last word; of one that ``shows_files``, their texts are shown before it. One that no command does
    says how it is done ``by_hand``, and is done by ``perform``; its words are for the journal alone.
    """

    title: str
    compose: Compose
    describe: Describe | None = None
    back: Callable[[Fields], str] = lambda _fields: ""
    find_files: Callable[[Desk, Fields], list[Path]] = lambda _desk, _fields: []
    find_moves: Callable[[Fields], str] = lambda _fields: ""
    makes_file: bool = False
    takes_file: bool = False
    shows_files: bool = False
    by_hand: Callable[[Desk, Fields], str] = lambda _desk, _fields: ""
    perform: Callable[[Desk, Fields], CommandOutput] | None = None


def write_option(name: str, value: object) -> list[str]:
    """Return an option with its value, nothing without one; what is written in it can't become an option of its own."""
    return [f"--{name}={value}"] if value else []
