"""Compare the published site with what the next build would make."""

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
from generator.intake.files.content_files import FUTURE_NOTICE
from generator.loader import arguments, input_changes, load
from generator.loader.input_changes import NO_CHANGES, InputChanges
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Problem, Severity
from generator.project import Project
from generator.publish import release
from generator.publish.store import Manifest


class BoardChanges(Struct, frozen=True):
    """The boards that change; the roster names their members."""

    roster: Roster
    boards: tuple[BoardDiff, ...]


class SiteChanges(Struct, frozen=True):
    """A release, None if there is none yet, and the next: the digests of its files by path, and the boards that change.

    ``altered_files`` are differences of the folder from the release that it should contain, ``inputs`` those of the
    inputs from what the release was built from.
    """

    roster: Roster
    published_manifest: Manifest | None
    next_files: Mapping[str, str]
    boards: tuple[BoardDiff, ...]
    altered_files: tuple[Problem, ...]
    inputs: InputChanges


def diff_next_build(
    project: Project, today: date, output: Path, audiences: frozenset[Audience] | None
) -> CommandResult[SiteChanges]:
    """Build in memory, and compare the result with the release in an output folder."""
    result = arguments.load_valid_project(project, today)
    if result.value is None:
        return CommandResult(problems=result.problems)
    built = engine.build_preview(BuildRequest(project.root, today, audiences), progress=project.progress)
    if built.has_errors:
        return CommandResult(problems=built.problems)
    published = release.read_current_release(project, output)
    boards = _compare_boards(result.value, published.rests) if published else ()
    altered = release.compare_with_release(project, output) if published else []
    warnings = tuple(replace(problem, severity=Severity.WARNING) for problem in altered)
    inputs = input_changes.find_input_changes([published], built.inputs) if published and built.inputs else NO_CHANGES
    early = (problem for problem in built.problems if problem.code == FUTURE_NOTICE)
    return CommandResult(
        SiteChanges(result.value.roster, published, built.files.digests, tuple(boards), warnings, inputs),
        (*result.problems, *early),
    )


def diff_boards(project: Project, today: date, published: Manifest) -> CommandResult[BoardChanges]:
    """Compare the boards of a release with those of the present approvals, without any pages."""
    result = arguments.load_valid_project(project, today)
    if result.value is None:
        return CommandResult(problems=result.problems)
    return CommandResult(BoardChanges(result.value.roster, tuple(_compare_boards(result.value, published.rests))))


def _compare_boards(loaded: LoadedProject, approvals: Collection[str]) -> Iterator[BoardDiff]:
    """Yield the boards that differ from those of these approvals alone, under today's roster and rulebooks."""
    published = board_diff.select_published(_month_versions(loaded), approvals)
    branches = loaded.roster.branch_by_id
    before = results.compute_all_rankings(load.score_ledgers(loaded, published, frozenset(published)), branches)
    return board_diff.compare_rankings(before, results.compute_all_rankings(load.score_project(loaded), branches))


def _month_versions(loaded: LoadedProject) -> dict[BranchMonth, tuple[ValidLedger, ...]]:
    """Return every month before any correction and after each."""
    return {
        key: (*loaded.effective_ledgers.before_corrections[key], ledger)
        for key, ledger in loaded.approved_ledgers.items()
    }
