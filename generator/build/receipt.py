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
from generator.build.cache import Cache, digest_parts
from generator.problems import Problem
from generator.project import Project


class BuildOutcome(Struct, frozen=True):
    """What a build has to report: every problem, errors of drafts as warnings, and the site in numbers.

    Nothing was published if a problem is an error. ``files`` counts those of the site, ``written`` and ``withdrawn``
    those that changed. ``drafts`` are files that are not counted. ``first_published``: an approval was published for
    the first time.
    """

    problems: tuple[Problem, ...]
    file_count: int
    first_page: str
    drafts: tuple[str, ...]
    written_count: int = 0
    withdrawn_count: int = 0
    first_published: bool = False

    @property
    def errors(self) -> list[Problem]:
        """The errors that stopped the build; none if the site was published."""
        return [problem for problem in self.problems if problem.is_error]


class Receipt(Struct, frozen=True):
    """A build's release by its number, and its outcome.

    It holds from the day ``since`` until before ``until``, which is None if that is for ever.
    """

    release_number: int
    valid_from: date
    valid_until: date | None
    outcome: BuildOutcome


def receipt_key(project: Project, output: Path, options: Sequence[str], digests: dict[str, str]) -> str:
    """The key of a build: of all that goes into it but the day; ``wanted`` are the options that make it another."""
    made_of = (
        source_digests.combine_digests(digests),
        source_digests.digest_themes(project),
        source_digests.digest_program(),
    )
    return digest_parts("receipt", str(output), *options, *made_of)


def save_receipt(cache: Cache, key: str, receipt: Receipt) -> None:
    """Keep it for the next build, which will write nothing if it is the same."""
    unchanged = replace(receipt.outcome, written_count=0, withdrawn_count=0, first_published=False)
    cache.put(key, replace(receipt, outcome=unchanged))


def load_receipt(cache: Cache, key: str, today: date) -> Receipt | None:
    """The receipt of that key, if there is one and it holds today."""
    found = cache.get(key, Receipt)
    return (
        found
        if found and found.valid_from <= today and (found.valid_until is None or today < found.valid_until)
        else None
    )
