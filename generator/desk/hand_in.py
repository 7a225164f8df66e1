"""Workbooks and saved forms that were handed in: kept in a temporary folder until they are written or dropped."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct

from generator.problems import CommandResult, Problem
from generator.project import Project
from generator.workflow import import_workbooks
from generator.workflow.import_tables import TableOptions
from generator.workflow.import_workbooks import ImportedFiles

MAX_BYTES = 5_000_000
_MAX_FILES = 60


class HandedIn(Struct, frozen=True):
    """A file by its number, the name that it had, and where it is now."""

    number: int
    name: str
    path: Path


class Tray:
    """The files that were handed in; ``folder`` is temporary, and what they are called in it the program decides."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[int, HandedIn] = {}
        self._count = 0

    def add(self, name: str, raw: bytes) -> HandedIn | None:
        """Take a file; None if there are too many already."""
        if len(self._files) >= _MAX_FILES:
            return None
        self._count += 1
        path = self._folder / f"{self._count}.bin"
        path.write_bytes(raw)
        printable = "".join(character for character in name if character.isprintable())[:80] or "文件"
        self._files[self._count] = HandedIn(self._count, printable, path)
        return self._files[self._count]

    def reserve(self, suffix: str) -> Path:
        """Return the path of a file that doesn't exist yet."""
        self._count += 1
        return self._folder / f"{self._count}{suffix}"

    def find(self, numbers: Sequence[int]) -> list[HandedIn]:
        """Return files by their numbers, those that are there."""
        return [self._files[number] for number in numbers if number in self._files]

    def drop(self, numbers: Sequence[int]) -> None:
        """Forget files."""
        for file in self.find(numbers):
            file.path.unlink(missing_ok=True)
            del self._files[file.number]


def import_files(
    project: Project, today: date, files: Sequence[HandedIn], *, update: bool, writes: bool
) -> CommandResult[ImportedFiles]:
    """Write the drafts of those files that have no errors, or with False return what they would become."""
    names, options = {file.path: file.name for file in files}, TableOptions(update=update, writes=writes)
    return import_workbooks.import_files(project, today, names, options, lambda _tables: True)


def describe_imported(result: CommandResult[ImportedFiles]) -> Mapping[str, Any]:
    """Return what a page says of files: what each became, and what is wrong by place."""
    imported = result.value.imported if result.value else ()
    return {
        "files": [
            {
                "name": workbook.workbook,
                "draft": workbook.draft,
                "summary": workbook.summary,
                "changes": list(workbook.changes),
            }
            for workbook in imported
        ],
        "problems": describe_problems(result.problems),
        **({"refused": result.usage_error} if result.usage_error else {}),
    }


def describe_problems(problems: Sequence[Problem]) -> list[Mapping[str, Any]]:
    """Return what a page says of problems."""
    return [
        {
            "place": str(problem.where),
            "message": problem.message,
            "hint": problem.hint,
            "code": problem.code,
            "error": problem.is_error,
        }
        for problem in problems
    ]
