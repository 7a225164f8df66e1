"""Every seal recomputed, and the published site compared with what was published."""

from datetime import date
from pathlib import Path

from msgspec import Struct

from generator.core.ledgers import anchors
from generator.core.ledgers.anchors import Anchor, Present
from generator.core.sealing import subjects
from generator.intake.files import anchor_file as anchor_files
from generator.loader import load, signatures
from generator.loader.load import Books
from generator.problems import Answer, Problem, Where, in_order
from generator.project import Project
from generator.publish import release
from generator.publish.store import Manifest


class Verified(Struct, frozen=True):
    """What was recomputed: the project, None if it can't be read; all that is sealed; the release in the folder."""

    books: Books | None
    present: Present | None
    published: Manifest | None
    anchor: Anchor | None
    problems: tuple[Problem, ...]


def verify(
    project: Project, today: date, output: Path, *, anchor: str | None = None, approvers: Path | None = None
) -> Answer[Verified]:
    """Find what was changed, is missing or was added since it was approved and published.

    ``anchor`` is an earlier ``audit.json`` or a printed digest, ``approvers`` a list of signers that the reader kept.
    """
    kept = _anchor(project, anchor)
    if kept.refused or kept.problems:
        return Answer(problems=kept.problems, refused=kept.refused)
    reading = load.read(project, today)
    problems = [one for one in reading.lenient() if one.is_error or one.code == "approvers.changed"]
    published = release.current(project, output)
    problems += release.compare(project, output) if output.is_dir() or published else []
    present = _present(reading.books) if reading.books else None
    if present is not None:
        problems += _by_list(present, approvers) if approvers else []
        problems += release.vanished(project, output, present.digests())
        problems += anchors.compare(kept.value, present, Where(anchor or "")) if kept.value else []
    return Answer(Verified(reading.books, present, published, kept.value, tuple(in_order(problems))))


def _anchor(project: Project, words: str | None) -> Answer[Anchor]:
    if words is None:
        return Answer()
    for path in (Path(words), project.root / words):
        if path.is_file():
            loaded, problems = anchor_files.read(path, project.name(path))
            return Answer(loaded, tuple(problems))
    typed = anchor_files.typed(words)
    if typed is None:
        return Answer(refused=f"“{words}”既不是文件，也不是摘要；摘要至少写前 {anchor_files.FEWEST} 位，可以带空格")
    return Answer(typed)


def _present(loaded: Books) -> Present:
    """All that is sealed."""
    shelf, homes = loaded.shelf, {branch.id: branch.name for branch in loaded.roster.branches}
    return Present(
        homes,
        tuple(shelf.papers.values()),
        shelf.filings,
        (*shelf.withdrawals, *loaded.urn.withdrawals),
        shelf.approvers and subjects.approvers(shelf.approvers),
        tuple(loaded.urn.files.values()),
    )


def _by_list(present: Present, approvers: Path) -> list[Problem]:
    """What a list of signers that the reader kept has against the approvals."""
    listed = approvers.read_text(encoding="utf-8", errors="replace")
    return list(signatures.check(present.papers, present.ballots, approvers, listed))
