"""What the last build of a folder came to, so that one that would change nothing need not be done.

It holds as long as every file it was made from is the same, and every file of the site: both are read again and told by
their digests. It imports next to nothing.
"""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct

from generator import inventory
from generator.memo import Memo, key
from generator.project import Project


class Receipt(Struct, frozen=True):
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
    memo.put(name, receipt)


def recall(memo: Memo, name: str, today: date) -> Receipt | None:
    """The receipt of that key, if there is one and it holds today."""
    found = memo.get(name, Receipt)
    return found if found and found.since <= today and (found.until is None or today < found.until) else None
