"""Receipt of an output folder's last build, so that a build that would change nothing is not done.

A receipt is valid as long as every source file and every file of the site is the same: both are read again and compared
by digest. Imports next to nothing, because a build without changes needs nothing else.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct, field
from msgspec.structs import replace

from generator.build import source_digests
from generator.build.cache import Cache, digest_parts
from generator.problems import Problem
from generator.project import Project


class BuildOutcome(Struct, frozen=True):
    """The report of a build: every problem, errors of drafts as warnings, and the site in numbers.

    Nothing was published if a problem is an error. ``file_count`` counts the files of the site, ``written_count`` and
    ``withdrawn_count`` those that changed. ``drafts`` are files that are not counted. ``first_published`` is true if an
    approval was published for the first time. ``timings`` are processor seconds by stage, of all processes, the longest
    first; ``slow_page_count`` counts pages rendered by Jinja's own code. ``changed_values`` are the decisive values
    that changed since the release before, ``changed_files`` the files besides ledgers.
    """

    problems: tuple[Problem, ...]
    file_count: int
    first_page: str
    drafts: tuple[str, ...]
    written_count: int = 0
    withdrawn_count: int = 0
    first_published: bool = False
    timings: Mapping[str, float] = field(default_factory=dict)
    slow_page_count: int = 0
    changed_values: tuple[Problem, ...] = ()
    changed_files: tuple[str, ...] = ()

    @property
    def errors(self) -> list[Problem]:
        """The errors that stopped the build; none if the site was published."""
        return [problem for problem in self.problems if problem.is_error]


class Receipt(Struct, frozen=True):
    """A build's release, by its number and the digest of its files, and its outcome.

    The digest is needed because a manifest is not authenticated: anyone could put another in its place. Valid on the
    days from ``valid_from`` to before ``valid_until``, without end if that is None.
    """

    release_number: int
    files_digest: str
    valid_from: date
    valid_until: date | None
    outcome: BuildOutcome


def receipt_key(project: Project, output: Path, options: Sequence[str], digests: dict[str, str]) -> str:
    """Return the cache key of a build's receipt: a digest of all inputs except the day.

    ``options`` are those of the request that change the site, ``digests`` those of all source files.
    """
    # The day is compared with the receipt's validity instead: most days change nothing.
    inputs = (
        source_digests.combine_digests(digests),
        source_digests.digest_themes(project),
        source_digests.digest_program(),
    )
    return digest_parts("receipt", str(output), *options, *inputs)


def save_receipt(cache: Cache, key: str, receipt: Receipt) -> None:
    """Save the receipt for the next build, which changes no file if its inputs are the same."""
    unchanged = replace(
        receipt.outcome, written_count=0, withdrawn_count=0, first_published=False, changed_values=(), changed_files=()
    )
    cache.put(key, replace(receipt, outcome=unchanged))


def load_receipt(cache: Cache, key: str, today: date) -> Receipt | None:
    """Return the receipt under a key, or None if there is none that is valid today."""
    receipt = cache.get(key, Receipt)
    if receipt and receipt.valid_from <= today and (receipt.valid_until is None or today < receipt.valid_until):
        return receipt
    return None
