"""A bounded list of the problems of files."""

from collections.abc import Iterable
from typing import Self

from generator.problems import Problem, Severity

MAX_PROBLEMS = 100


class ProblemList(list[Problem]):
    """Problems of files: the first hundred per file and severity, then one that says there are more.

    More are of no use to a reader at once, and each costs time to word and to show.
    """

    def __init__(self) -> None:
        super().__init__()
        self._counts: dict[tuple[str, Severity], int] = {}

    def append(self, problem: Problem) -> None:
        """Add a problem, unless its file has too many of its severity."""
        key = (problem.where.file, problem.severity)
        count = self._counts.get(key, 0)
        if count < MAX_PROBLEMS:
            super().append(problem)
        elif count == MAX_PROBLEMS:
            super().append(problem if problem.code == "file.too-many-problems" else self._too_many_problem(problem))
        self._counts[key] = count + 1

    def extend(self, problems: Iterable[Problem]) -> None:
        """Add several problems, within the same bounds."""
        for problem in problems:
            self.append(problem)

    def __iadd__(self, problems: Iterable[Problem]) -> Self:  # type: ignore[misc, override]
        self.extend(problems)
        return self

    def is_full(self, file: str) -> bool:
        """Return whether further errors of a file are dropped."""
        return self._counts.get((file, Severity.ERROR), 0) > MAX_PROBLEMS

    def _too_many_problem(self, dropped: Problem) -> Problem:
        """Make the problem that replaces further ones, at the last location kept so that it sorts after the others."""
        last = max(problem.where for problem in self if problem.where.file == dropped.where.file)
        message = f"这个文件里的问题太多，只列出 {MAX_PROBLEMS} 处"
        return Problem(last, "file.too-many-problems", message, "请先改正以上各处，再检查一次", dropped.severity)
