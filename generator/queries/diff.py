"""What the next build would change on the published site."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.build import engine
from generator.build.request import BuildRequest
from generator.core.model.ledger import Key, ValidLedger
from generator.core.model.roster import Roster
from generator.core.model.settings import Audience
from generator.core.scoring import board_diff, results
from generator.core.scoring.board_diff import Difference
from generator.core.scoring.results import Rankings, Results
from generator.loader import arguments, load
from generator.loader.load import Books
from generator.problems import Answer, Problem, Severity
from generator.project import Project
from generator.publish import release
from generator.publish.store import Manifest


class Changes(Struct, frozen=True):
    """A release, None if there is none yet, beside the next: the digests of all files by path, boards that change.

    ``altered`` are differences of the folder from the release that it should hold.
    """

    roster: Roster
    published: Manifest | None
    next: Mapping[str, str]
    boards: tuple[Difference, ...]
    altered: tuple[Problem, ...]


def diff(project: Project, today: date, output: Path, audiences: frozenset[Audience] | None) -> Answer[Changes]:
    """Build in memory, and compare with the release in an output folder."""
    opened = arguments.open_books(project, today)
    if opened.value is None:
        return Answer(problems=opened.problems)
    built = engine.preview(BuildRequest(project.root, today, audiences))
    if built.failed:
        return Answer(problems=built.problems)
    published = release.current(project, output)
    boards = _boards(opened.value, published.rests) if published else ()
    altered = release.compare(project, output) if published else []
    warnings = tuple(replace(problem, severity=Severity.WARNING) for problem in altered)
    return Answer(
        Changes(opened.value.roster, published, built.files.digests, tuple(boards), warnings), opened.problems
    )


def _boards(loaded: Books, approvals: Collection[str]) -> Iterator[Difference]:
    """The boards that change from those of these approvals alone; the roster and the rulebooks are today's."""
    then = board_diff.published(_versions(loaded), approvals)
    before = _rankings(load.tally(loaded, then, frozenset(then)))
    return board_diff.differences(before, _rankings(load.score(loaded)))


def _versions(loaded: Books) -> dict[Key, tuple[ValidLedger, ...]]:
    """Every month before any correction and after each."""
    return {key: (*loaded.counted.earlier[key], ledger) for key, ledger in loaded.approved.items()}


def _rankings(scored: Results) -> Rankings:
    """All boards, by year, board and branch as the rulebooks and the roster have them."""
    every = {**results.rankings(scored, None)}
    for branch in scored.roster.branch:
        every |= results.rankings(scored, branch)
    return results.in_order(every, scored)
