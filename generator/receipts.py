"""What the last build of a folder came to, so that one that would change nothing need not be done.

It holds as long as every file it was made from is the same, and every file of the site: both are read again and told by
their digests. It imports next to nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from generator import inventory
from generator.memo import Memo, key
from generator.project import Project
from generator.publish import comparison, files
from generator.publish.store import Manifest


@dataclass(frozen=True, slots=True)
class Receipt:
    """A build's release by its number, and what was said of it: on standard output, and as warnings.

    It holds from the day ``since`` until before ``until``, which is None if that is for ever.
    """

    release: int
    since: date
    until: date | None
    said: Sequence[str]
    warned: Sequence[str]


def name(project: Project, output: Path, wanted: Sequence[str], digests: dict[str, str]) -> str:
    """The key of a build: of all that goes into it but the day; ``wanted`` are the options that make it another."""
    made_of = inventory.joined(digests), inventory.looks(project), inventory.program()
    return key("receipt", str(output), *wanted, *made_of)


def keep(memo: Memo, name: str, receipt: Receipt) -> None:
    """Keep it for the next build."""
    until = receipt.until and receipt.until.isoformat()
    memo.put(name, [receipt.release, receipt.since.isoformat(), until, list(receipt.said), list(receipt.warned)])


def standing(memo: Memo, name: str, project: Project, output: Path, today: date) -> Receipt | None:
    """The receipt, if the folder still holds that release and nothing else."""
    kept = memo.get(name)
    if kept is None:
        return None
    release, since, until, said, warned = kept
    receipt = Receipt(release, date.fromisoformat(since), until and date.fromisoformat(until), said, warned)
    if not (receipt.since <= today and (receipt.until is None or today < receipt.until)):
        return None
    lying = comparison.current(project, output)
    if lying is None or lying.number != release or comparison.interrupted(project, output):
        return None
    return receipt if _whole(output, lying) else None


def _whole(output: Path, release: Manifest) -> bool:
    """Whether the folder holds every file of the release, and no other."""
    if set(files.entries(output)) != {(path, False) for path in release.files}:
        return False
    return not files.stale(output, release.files)
