"""Files that were handed in, workbooks, saved forms and tables: held until they are written or dropped."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.periods import PeriodKind
from generator.desk.desk import format_command
from generator.desk.fields import Fields
from generator.disk import atomic_files, locked_files
from generator.problems import CommandResult, Problem
from generator.project import Project
from generator.workflow import import_ballots, import_workbooks
from generator.workflow.import_ballots import BallotRequest
from generator.workflow.import_tables import ReadTable, TableOptions
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
        path = self._folder / f"{self._count}{'.xlsx' if raw.startswith(b'PK') else '.csv'}"
        atomic_files.write_atomically(str(path), raw, durably=False)
        printable = "".join(character for character in name if character.isprintable())[:80] or "文件"
        self._files[self._count] = HandedIn(self._count, printable, path)
        return self._files[self._count]

    def reserve(self, name: str) -> Path:
        """Return the path of a file of this name, which the program gave it, that doesn't exist yet."""
        self._count += 1
        folder = self._folder / str(self._count)
        folder.mkdir()
        return folder / name

    def find(self, numbers: Sequence[int]) -> list[HandedIn]:
        """Return files by their numbers, those that are there."""
        return [self._files[number] for number in numbers if number in self._files]

    def find_path(self, number: str) -> Path | None:
        """Return the path of a file by its number as the browser wrote it; None if there is none."""
        files = self.find([int(number)]) if number.isascii() and number.isdigit() else []
        return files[0].path if files else None

    def drop(self, numbers: Sequence[int]) -> None:
        """Forget files."""
        for file in self.find(numbers):
            locked_files.delete_file(file.path)
            del self._files[file.number]


class ImportRequest(Struct, frozen=True):
    """The drafts that files are to become: ledgers and corrections, or else the ``ballot``."""

    branch: str = ""
    recorder: str = ""
    update: bool = False
    ballot: BallotRequest | None = None

    def compose(self, files: Sequence[HandedIn]) -> list[str]:
        """Return the words of the command that does the same."""
        words = ["import", *(file.name for file in files)]
        if self.ballot is None:
            facts: Mapping[str, object] = {"branch": self.branch, "recorder": self.recorder}
            words += [f"--{name}={value}" for name, value in facts.items() if value]
            return [*words, "--update"] if self.update else words
        facts = {
            "reviews": self.ballot.year,
            "votes": self.ballot.poll,
            "award": self.ballot.award,
            "date": self.ballot.day,
            "electorate": self.ballot.electorate,
        }
        return words + [f"--{name}={value}" for name, value in facts.items() if value]


def read_request(fields: Fields) -> ImportRequest:
    """Return what files are to become by the fields of the page; raises FieldError."""
    match fields.raw("kind"):
        case "reviews":
            return ImportRequest(ballot=BallotRequest(year=fields.period(PeriodKind.YEAR, "year").year))
        case "votes":
            ballot = BallotRequest(
                poll=fields.text("poll", "投票的编号", required=True),
                award=fields.label("award", "奖项") or None,
                day=fields.day("day", "投票日期", required=False),
                electorate=fields.count("electorate", "应到人数"),
            )
            return ImportRequest(ballot=ballot)
    branch = fields.branch() if fields.raw("branch") else ""
    return ImportRequest(branch, fields.label("recorder", "登记人"), fields.flag("update"))


def import_files(
    project: Project, today: date, files: Sequence[HandedIn], request: ImportRequest, *, writes: bool
) -> Mapping[str, Any]:
    """Write the drafts of those files that have no errors, or show what they would become; return what a page says."""
    tables: list[ReadTable] = []

    def note_tables(read_tables: Sequence[ReadTable]) -> bool:
        tables.extend(read_tables)
        return True

    if request.ballot is None:
        names = {file.path: file.name for file in files}
        options = TableOptions(
            branch=request.branch or None, recorder=request.recorder, update=request.update, writes=writes
        )
        results = [import_workbooks.import_files(project, today, names, options, note_tables)]
    else:
        ballot = replace(request.ballot, writes=writes)
        results = [
            import_ballots.import_ballot(project, today, file.path, file.name, ballot, note_tables) for file in files
        ]
    parts = [describe_imported(result) for result in results]
    warnings = [warning for table in tables for warning in table.warnings]
    return {
        "files": [file for part in parts for file in part["files"]],
        "problems": [problem for part in parts for problem in part["problems"]] + describe_problems(warnings),
        "tables": [{"file": table.file, "samples": table.samples, "unread": table.unread} for table in tables],
        "refused": next((part["refused"] for part in parts if "refused" in part), ""),
        "command": format_command(request.compose(files)),
    }


def describe_imported(result: CommandResult[ImportedFiles]) -> dict[str, Any]:
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
