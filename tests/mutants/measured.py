"""Which tests run which lines of the program, and how long each takes, as trying faults needs to know."""

import ast
import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from itertools import accumulate
from pathlib import Path
from threading import Lock

from coverage import CoverageData

# As many lines as any module has.
WHOLE = set(range(10_000))
QUICK = 0.3  # seconds of a core


class Measured:
    """The tests of a tree as far as they were measured, by notes of each test and data of the lines that it runs."""

    def __init__(self, tree: Path, folder: Path) -> None:
        self.tree = tree
        self.parsing = Lock()  # Python 3.11 fails where two threads do it at once
        notes = [json.loads(line) for path in sorted(folder.glob("notes-*")) for line in path.open(encoding="utf-8")]
        self.failing = [name for name, _, _, passed in notes if not passed]
        # Of a core; each test's own name is the context of the lines that it runs.
        self.seconds: dict[str, float] = {name: seconds for name, seconds, _, passed in notes if passed}
        self.users: dict[str, list[str]] = defaultdict(list)
        for name, _, fixtures, _ in notes:
            for fixture in fixtures:
                self.users[fixture].append(name)
        self.lines = [CoverageData(str(path)) for path in sorted(folder.glob("lines-*"))]
        for data in self.lines:
            data.read()

    def running(self, module: str, lines: Collection[int] = WHOLE) -> set[str]:
        """Tell which tests run any of the lines, or use a fixture that does."""
        contexts = {
            context
            for data in self.lines
            for line, names in data.contexts_by_lineno(str(self.tree / module)).items()
            if line in lines
            for context in names
        }
        fixtures = (context.rpartition(" ") for context in contexts - self.seconds.keys() if context)
        users = {name for base, _, fixture in fixtures for name in self.users[fixture] if name.startswith(base)}
        return (contexts | users) & self.seconds.keys()

    def covering(self, module: str, line: int) -> set[str]:
        """List the tests that run a line's statement; none of one that runs on import, whichever imported it first."""
        with self.parsing:
            tree = ast.parse((self.tree / module).read_text(encoding="utf-8"))
        nodes = [node for node in ast.walk(tree) if isinstance(node, ast.stmt | ast.ExceptHandler)]
        functions = [node for node in nodes if isinstance(node, ast.FunctionDef)]
        inside = {number for node in functions for number in range(node.body[0].lineno, node.end_lineno + 1)}
        around = [lines_of(node) for node in nodes if line in lines_of(node)]
        return self.running(module, inside.intersection(min(around, key=len)))

    def arrange(self, tests: Collection[str], module: str) -> list[str]:
        """Order tests: of the file named after the module, quick ones of the room's folder, of others, slow ones."""
        costs = Counter[str]()
        for name in tests:
            costs[file_of(name)] += self.seconds[name]
        room, near = Path(module).parts[1], set(files_of(self.running(module)))

        def rank(name: str) -> tuple[bool, bool, bool, bool, float, str]:
            file, slow = Path(file_of(name)), self.seconds[name] > QUICK
            mirrors, alike = file.stem == f"test_{Path(module).stem}", file.parts[1] == room
            return not mirrors, slow, not alike, str(file) not in near, costs[str(file)], str(file)

        return sorted((name for name in self.seconds if name in tests), key=rank)

    def cut(self, tests: Sequence[str], bound: float) -> list[str]:
        """Give the first of the tests that together take no longer than the bound."""
        ends = accumulate(self.seconds[name] for name in tests)
        return [name for name, end in zip(tests, ends, strict=True) if end <= bound]


def lines_of(node: ast.stmt | ast.ExceptHandler) -> range:
    """Give a statement's lines: of a loop or condition its head alone, of a definition all, with its decorators."""
    decorators = getattr(node, "decorator_list", None)
    if decorators is None and hasattr(node, "body"):
        return range(node.lineno, max(node.body[0].lineno, node.lineno + 1))
    return range(min([node.lineno, *(part.lineno for part in decorators or ())]), node.end_lineno + 1)


def file_of(test: str) -> str:
    return test.partition("::")[0]


def files_of(tests: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(map(file_of, tests)))
