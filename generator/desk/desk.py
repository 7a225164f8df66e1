"""The desk itself: the project as it is now, the acts that change it one at a time, and the journal of them."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

from msgspec import Struct

from generator.build import source_digests
from generator.core.page_data.dashboard import Dashboard
from generator.disk import atomic_files
from generator.loader import load
from generator.loader.load import LoadResult
from generator.problems import CommandResult, Problem
from generator.project import Project
from generator.queries import check, status


class CommandOutput(Struct, frozen=True):
    """The end of a command: its exit code, and the text that a terminal would show."""

    exit_code: int
    text: str


RunCommand = Callable[[Sequence[str]], CommandOutput]
"""Runs a command of the program by its words, as if they were typed in the project's folder."""


class State(Struct, frozen=True):
    """The project as its files were when these digests were taken."""

    digests: Mapping[str, str]
    load_result: LoadResult
    dashboard: CommandResult[Dashboard]
    problems: tuple[Problem, ...]


class ActOutcome(Struct, frozen=True):
    """An act that was done or refused: its title, the command that does the same, and what it said."""

    title: str
    command: str
    exit_code: int
    text: str
    back: str


class Desk:
    """A desk for one site project; ``target`` is the folder to which the site may be published, None for none."""

    def __init__(
        self, project: Project, today: Callable[[], date], run_command: RunCommand, target: Path | None
    ) -> None:
        self.project = project
        self.today = today
        self.target = target
        self.outcomes: list[ActOutcome] = []
        self._run_command = run_command
        self._state: State | None = None
        self._reading = threading.Lock()

    def read_state(self) -> State:
        """Return the project's present state; it is read again only if a file changed, or the day."""
        with self._reading:
            today, digests = self.today(), source_digests.digest_sources(self.project)
            digests = {**digests, "": today.isoformat()}
            if self._state is None or self._state.digests != digests:
                self._state = State(
                    digests,
                    load.load_project(self.project, today),
                    status.compute_status(self.project, today, None, None),
                    tuple(check.check_project(self.project, today).value or ()),
                )
            return self._state

    def read_year(self, year: int) -> CommandResult[Dashboard]:
        """Return the dashboard of a year."""
        from generator.core.basics.periods import PeriodKind, get_period  # noqa: PLC0415

        return status.compute_status(self.project, self.today(), get_period(PeriodKind.YEAR, year), None)

    def peek(self, words: Sequence[str]) -> CommandOutput:
        """Run a command that changes nothing, and note it nowhere."""
        return self._run_command(words)

    def run(self, title: str, words: Sequence[str], back: str) -> int:
        """Run a command, note it in the journal, and return the number of its outcome."""
        before = source_digests.digest_sources(self.project)
        output = self._run_command(words)
        after = source_digests.digest_sources(self.project)
        self._note(words, output.exit_code, before, after)
        self.outcomes.append(ActOutcome(title, format_command(words), output.exit_code, output.text, back))
        return len(self.outcomes) - 1

    def note_saved(self, title: str, before: Mapping[str, str]) -> None:
        """Note in the journal what was written without a command."""
        self._note([title], 0, before, source_digests.digest_sources(self.project))

    def _note(self, words: Sequence[str], exit_code: int, before: Mapping[str, str], after: Mapping[str, str]) -> None:
        changed = {
            name: after.get(name, "") for name in before.keys() | after.keys() if before.get(name) != after.get(name)
        }
        entry = {
            "time": datetime.now().astimezone().isoformat(timespec="seconds"),
            "command": format_command(words),
            "exit": exit_code,
            "files": dict(sorted(changed.items())),
        }
        line = json.dumps(entry, ensure_ascii=False) + "\n"
        self.project.state_folder.mkdir(exist_ok=True)
        atomic_files.append_durably(self.project.state_folder / "desk.log", line.encode())


def format_command(words: Sequence[str]) -> str:
    """Return a command as it is typed."""
    return " ".join(
        ["jifenbang", *(f'"{word}"' if any(sign in word for sign in ' "&;|<>()') else word for word in words)]
    )
