"""What the next build would change on the published site."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.build import engine
from generator.build.request import BuildRequest
from generator.core.model.ledger import BranchMonth, ValidLedger
from generator.core.model.roster import Roster
from generator.core.model.settings import Audience
from generator.core.scoring import board_diff, results
from generator.core.scoring.board_diff import BoardDiff
from generator.core.scoring.results import Rankings, Results
from generator.loader import arguments, load
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Problem, Severity
from generator.project import Project
from generator.publish import release
from generator.publish.store import Manifest


class SiteChanges(Struct, frozen=True):
    """A release, None if there is none yet, beside the next: the digests of all files by path, boards that change.

    ``altered`` are differences of the folder from the release that it should hold.
    """

    roster: Roster
    published_manifest: Manifest | None
    next_files: Mapping[str, str]
    boards: tuple[BoardDiff, ...]
    altered_files: tuple[Problem, ...]


def diff_next_build(
    project: Project, today: date, output: Path, audiences: frozenset[Audience] | None
) -> CommandResult[SiteChanges]:
    """Build in memory, and compare with the release in an output folder."""
    opened = arguments.load_valid_project(project, today)
    if opened.value is None:
        return CommandResult(problems=opened.problems)
    built = engine.build_preview(BuildRequest(project.root, today, audiences))
    if built.has_errors:
        return CommandResult(problems=built.problems)
    published = release.read_current_release(project, output)
    boards = _boards(opened.value, published.rests) if published else ()
    altered = release.compare_with_release(project, output) if published else []
    warnings = tuple(replace(problem, severity=Severity.WARNING) for problem in altered)
    return CommandResult(
        SiteChanges(opened.value.roster, published, built.files.digests, tuple(boards), warnings), opened.problems
    )


def _boards(loaded: LoadedProject, approvals: Collection[str]) -> Iterator[BoardDiff]:
    """The boards that change from those of these approvals alone; the roster and the rulebooks are today's."""
    then = board_diff.select_published(_versions(loaded), approvals)
    before = _rankings(load.score_ledgers(loaded, then, frozenset(then)))
    return board_diff.compare_rankings(before, _rankings(load.score_project(loaded)))


def _versions(loaded: LoadedProject) -> dict[BranchMonth, tuple[ValidLedger, ...]]:
    """Every month before any correction and after each."""
    return {
        key: (*loaded.effective_ledgers.before_corrections[key], ledger)
        for key, ledger in loaded.approved_ledgers.items()
    }


def _rankings(scored: Results) -> Rankings:
    """All boards, by year, board and branch as the rulebooks and the roster have them."""
    every = {**results.compute_rankings(scored, None)}
    for branch in scored.roster.branch_by_id:
        every |= results.compute_rankings(scored, branch)
    return results.sort_rankings(every, scored)
