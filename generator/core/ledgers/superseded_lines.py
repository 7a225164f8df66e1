"""The lines of sealed files that approved corrections struck or restated: what is wrong in them was mended."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, pairwise

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model import corrections
from generator.core.model.ledger import Activity, Correction, Entry, Ledger
from generator.core.sealing.sealed_files import LedgerFile
from generator.problems import Location


class SupersededLine(Struct, frozen=True):
    """A line that no longer counts, from its place to that of the line after it; None if it is the file's last."""

    where: Location
    until: Location | None

    def has_place(self, place: Location) -> bool:
        """Return whether a place is in the line."""
        return place.file == self.where.file and self.where <= place and (self.until is None or place < self.until)


def find_superseded_lines(files: Iterable[LedgerFile]) -> Iterator[SupersededLine]:
    """Yield the lines of a branch's sealed files that no longer count."""
    by_month: dict[Period, list[LedgerFile]] = defaultdict(list)
    for file in files:
        if file.sealed:
            by_month[file.month].append(file)
    for month_files in by_month.values():
        yield from _find_in_month(sorted(month_files, key=lambda file: file.number))


def _find_in_month(files: Sequence[LedgerFile]) -> Iterator[SupersededLine]:
    ledger = files[0].document
    if not isinstance(ledger, Ledger):
        return
    applied = [file.document for file in files if isinstance(file.document, Correction)]
    *_, lines = corrections.replay_corrections(ledger, applied)
    current = {line.where for line in lines.by_label.values() if line}
    documents: list[Ledger | Correction] = [ledger, *applied]
    for document in documents:
        written = sorted(line.where for line in _list_written_lines(document))
        for where, until in pairwise([*written, None]):
            if where is not None and where not in current:
                yield SupersededLine(where, until)


def _list_written_lines(document: Ledger | Correction) -> Iterator[Activity | Entry]:
    restated = (line for _, line in document.restate) if isinstance(document, Correction) else ()
    return chain(restated, document.activities, document.entries)
