"""What the last build of a folder came to, so that one that would change nothing need not be done.

It holds as long as every file it was made from is the same, and every file of the site: both are read again and told by
their digests. It imports next to nothing.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.build import source_digests
from generator.build.cache import Memo, key
from generator.problems import Problem
from generator.project import Project


class Outcome(Struct, frozen=True):
    """What a build has to report: every problem, errors of drafts as warnings, and the site in numbers.

    Nothing was published if a problem is an error. ``files`` counts those of the site, ``written`` and ``withdrawn``
    those that changed. ``drafts`` are files that are not counted. ``first_published``: an approval was published for
    the first time.
    """

    problems: tuple[Problem, ...]
    files: int
    first_page: str
    drafts: tuple[str, ...]
    written: int = 0
    withdrawn: int = 0
    first_published: bool = False

    @property
    def errors(self) -> list[Problem]:
        """The errors that stopped the build; none if the site was published."""
        return [problem for problem in self.problems if problem.is_error]


class Receipt(Struct, frozen=True):
    """A build's release by its number, and its outcome.

    It holds from the day ``since`` until before ``until``, which is None if that is for ever.
    """

    release: int
    since: date
    until: date | None
    outcome: Outcome


def name(project: Project, output: Path, wanted: Sequence[str], digests: dict[str, str]) -> str:
    """The key of a build: of all that goes into it but the day; ``wanted`` are the options that make it another."""
    made_of = source_digests.joined(digests), source_digests.looks(project), source_digests.program()
    return key("receipt", str(output), *wanted, *made_of)


def keep(memo: Memo, name: str, receipt: Receipt) -> None:
    """Keep it for the next build, which will write nothing if it is the same."""
    unchanged = replace(receipt.outcome, written=0, withdrawn=0, first_published=False)
    memo.put(name, replace(receipt, outcome=unchanged))


def recall(memo: Memo, name: str, today: date) -> Receipt | None:
    """The receipt of that key, if there is one and it holds today."""
    found = memo.get(name, Receipt)
    return found if found and found.since <= today and (found.until is None or today < found.until) else None
