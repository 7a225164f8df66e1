"""The desk itself: the project as it is now, the acts that change it one at a time, and the journal of them."""

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from msgspec import Struct

from generator.build import source_digests
from generator.core.basics.periods import Period
from generator.disk import atomic_files
from generator.loader.load import LoadResult
from generator.loader.repeated_loading import ProjectLoader
from generator.problems import Problem
from generator.project import Project
from generator.publish import target_folder
from generator.queries import check
from generator.queries.draft_changes import DraftComparer
from generator.workflow import reservations


class CommandOutput(Struct, frozen=True):
    """The end of a command: its exit code, and the text that a terminal would show."""

    exit_code: int
    text: str


RunCommand = Callable[[Sequence[str], Callable[[str], object]], CommandOutput]
"""Runs a command of the program by its words, as if they were typed in the project's folder.

Calls the other function with each line that says how far it is.
"""


class State:
    """The project on a day, with its files of these digests.

    ``editor_tables`` are what editors show, by branch, month and whether it is corrected, as far as pages needed them.
    """

    def __init__(self, project: Project, today: date, digests: Mapping[str, str], load_result: LoadResult) -> None:
        self.today = today
        self.digests = digests
        self.load_result = load_result
        self.editor_tables: dict[tuple[str, Period, bool], tuple[Any, Sequence[Problem]]] = {}
        self._project = project

    @cached_property
    def problems(self) -> Sequence[Problem]:
        """All that ``check`` lists."""
        return check.list_problems(self._project, self.load_result)


class ActOutcome(Struct, frozen=True):
    """An act that was done or refused: its title, the command that does the same, and what it said.

    Without a command, ``by_hand`` says how it is done otherwise. ``download`` is the address of a file that it made,
    empty without one.
    """

    title: str
    command: str
    exit_code: int
    text: str
    back: str
    download: str = ""
    by_hand: str = ""


class Desk:
    """A desk for one site project.

    ``progress`` says how far the command that runs is, as the terminal would.
    """

    def __init__(self, project: Project, today: Callable[[], date], run_command: RunCommand) -> None:
        self.project = project
        self.today = today
        self.outcomes: list[ActOutcome] = []
        self.progress = ""
        self.scores = DraftComparer()
        self._run_command = run_command
        self._state: State | None = None
        self._loader = ProjectLoader()
        self._reading = threading.Lock()

    @property
    def target(self) -> Path | None:
        """The folder to which the site may be carried; None for none."""
        return target_folder.read_target(self.project)

    def read_state(self) -> State:
        """Return the project's present state; it is read again only if a file changed, or the day."""
        with self._reading:
            today, digests = self.today(), source_digests.digest_sources(self.project)
            state = self._state
            if state is None or (state.today, state.digests) != (today, digests):
                load_result = self._loader.load_project(self.project, today)
                state = self._state = State(self.project, today, digests, load_result)
            return state

    def warm_up(self) -> None:
        """Read the project, and score the years in which there are drafts, so that no page waits for it."""
        loaded = self.read_state().load_result.loaded
        for year in {month.year for _, month in loaded.draft_ledgers} if loaded else ():
            assert loaded
            self.scores.score_approved(loaded, year)

    def peek(self, words: Sequence[str]) -> CommandOutput:
        """Run a command that changes nothing, and note it nowhere."""
        return self._call(words)

    def _call(self, words: Sequence[str]) -> CommandOutput:
        try:
            return self._run_command(words, self._note_progress)
        finally:
            self.progress = ""

    def _note_progress(self, progress: str) -> None:
        self.progress = progress

    def run(self, title: str, words: Sequence[str], back: str, path: Path | None = None) -> int:
        """Run a command, note it in the journal, and return the number of its outcome.

        With ``path``, the file that the last word names is there for the time being.
        """
        before = self.read_state()
        option, sign, name = words[-1].rpartition("=")
        output = self._call([*words[:-1], f"{option}{sign}{path}"] if path else words)
        self._note(words, output.exit_code, before)
        text = output.text
        for shown_path in {str(path.resolve()), str(path), path.as_posix()} if path else ():
            text = text.replace(shown_path, name)
        outcome = ActOutcome(title, format_command(words), output.exit_code, text, back, self._find_download(words))
        self.outcomes.append(outcome)
        return len(self.outcomes) - 1

    def perform(
        self, title: str, words: Sequence[str], back: str, by_hand: str, act: Callable[[], CommandOutput]
    ) -> int:
        """Do what no command does, note it in the journal by these words, and return the number of its outcome."""
        before = self.read_state()
        output = act()
        self._note(words, output.exit_code, before)
        self.outcomes.append(ActOutcome(title, "", output.exit_code, output.text, back, by_hand=by_hand))
        return len(self.outcomes) - 1

    def _find_download(self, words: Sequence[str]) -> str:
        """Return the address of the request for a signature that a command made; empty without one."""
        if not words[-1].startswith("--request="):
            return ""
        loaded = self.read_state().load_result.loaded
        request = reservations.find_requests_by_name(loaded).get(words[1]) if loaded else None
        return f"download/request/{request.id}" if request else ""

    def note_saved(self, title: str, state: State) -> State:
        """Note in the journal what was written without a command since this state, and return the present one."""
        return self._note([title], 0, state)

    def _note(self, words: Sequence[str], exit_code: int, state: State) -> State:
        now = self.read_state()
        before, after = state.digests, now.digests
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
        self.project.state_folder.mkdir(mode=0o700, exist_ok=True)
        atomic_files.append_durably(self.project.state_folder / "desk.log", line.encode())
        return now


def format_command(words: Sequence[str]) -> str:
    """Return a command as it is typed."""
    return " ".join(
        ["jifenbang", *(f'"{word}"' if any(sign in word for sign in ' "&;|<>()') else word for word in words)]
    )
