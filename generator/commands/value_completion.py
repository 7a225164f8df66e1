"""Values that a shell completes: months and periods, and the branches, members and rulebooks of the project."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from generator.project import Project

if TYPE_CHECKING:  # only completion reads the roster
    from generator.core.model.roster import Roster

_MAX_ROSTER_SIZE = 10_000_000  # bytes


def complete_months(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the months of the years that have been opened."""
    return _select(((f"{year}-{month:02}", "") for year in _list_years(context) for month in range(1, 13)), incomplete)


def complete_quarters(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the quarters of the years that have been opened."""
    return _select(((f"{year}-Q{quarter}", "") for year in _list_years(context) for quarter in range(1, 5)), incomplete)


def complete_years(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the years that have been opened."""
    return _select(((year, "") for year in _list_years(context)), incomplete)


def complete_periods(context: click.Context, parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return years, half-years, quarters and months."""
    halves = _select(((f"{year}-H{half}", "") for year in _list_years(context) for half in (1, 2)), incomplete)
    kinds = (complete_years, complete_quarters, complete_months)
    years, *parts = (kind(context, parameter, incomplete) for kind in kinds)
    return [*years, *halves, *(item for part in parts for item in part)]


def complete_branches(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return branches by their ids, or by their names where Chinese is typed."""
    roster = _read_roster(context)
    return _select(((branch.id, branch.name) for branch in roster.branches) if roster else (), incomplete)


def complete_members(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return members by their ids, or by their names where Chinese is typed."""
    roster = _read_roster(context)
    return _select(((member.id, member.name) for member in roster.members) if roster else (), incomplete)


def complete_rulebooks(context: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Return the ids of the rulebooks."""
    files = (_find_project(context).ledgers_folder / "rulebooks").glob("*.yaml")
    return _select(((file.stem, "") for file in sorted(files)), incomplete)


def _select(titles: Iterable[tuple[str, str]], incomplete: str) -> list[CompletionItem]:
    """Return the words that begin as what is typed; the title of such a word is shown beside it."""
    items = list[CompletionItem]()
    for word, title in titles:
        if word.startswith(incomplete):
            items.append(CompletionItem(word, help=title or None))
        elif title.startswith(incomplete):
            items.append(CompletionItem(title))
    return items


def _find_project(context: click.Context) -> Project:
    """Return the project that the command line names, or that of the current folder."""
    folders = (parent.params.get("root") for parent in _list_contexts(context))
    return Project(next((folder for folder in folders if isinstance(folder, Path)), Path()))


def _list_contexts(context: click.Context | None) -> Iterator[click.Context]:
    while context is not None:
        yield context
        context = context.parent


def _list_years(context: click.Context) -> list[str]:
    return sorted(path.parent.name for path in _find_project(context).ledgers_folder.glob("[0-9]*/cycle.yaml"))


def _read_roster(context: click.Context) -> "Roster | None":
    """Return the roster; None if there is none that can be read: what can't be completed is left to be typed."""
    from generator.core.model.settings import NameOrder  # noqa: PLC0415
    from generator.intake.files import roster_file  # noqa: PLC0415
    from generator.intake.text import reader  # noqa: PLC0415

    path = _find_project(context).roster_path
    with suppress(OSError):
        return roster_file.read_roster(reader.read_bounded(path, _MAX_ROSTER_SIZE), path.name, NameOrder.PINYIN)[0]
    return None
