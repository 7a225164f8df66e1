"""Recompute every seal, and compare the published site with its release."""

from datetime import date
from pathlib import Path

from msgspec import Struct

from generator.core.ledgers import anchors
from generator.core.ledgers.anchors import Anchor, SealedState
from generator.core.sealing import digests
from generator.intake.files import anchor_file as anchor_files
from generator.loader import load, restorable_files, signatures
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Location, Problem, sort_problems
from generator.project import Project
from generator.publish import release
from generator.publish.store import Manifest


class VerificationResult(Struct, frozen=True):
    """Everything recomputed: the project, None if it can't be read; all that is sealed; the release in the folder."""

    loaded: LoadedProject | None
    sealed_state: SealedState | None
    published_manifest: Manifest | None
    anchor: Anchor | None
    problems: tuple[Problem, ...]


def verify_project(
    project: Project, today: date, output: Path, *, anchor: str | None = None, approvers_path: Path | None = None
) -> CommandResult[VerificationResult]:
    """Find what was changed, is missing or was added since it was approved and published.

    ``anchor`` is an earlier ``audit.json`` or a printed digest, ``approvers_path`` a list of signers that the reader
    kept.
    """
    anchor_result = _read_anchor(project, anchor)
    if anchor_result.usage_error or anchor_result.problems:
        return CommandResult(problems=anchor_result.problems, usage_error=anchor_result.usage_error)
    load_result = load.load_project(project, today)
    problems = [
        problem
        for problem in load_result.downgraded_problems()
        if problem.is_error or problem.code == "approvers.changed"
    ]
    published = release.read_current_release(project, output)
    problems += release.compare_with_release(project, output) if output.is_dir() or published else []
    sealed_state = _collect_sealed_state(load_result.loaded) if load_result.loaded else None
    if sealed_state is not None:
        problems += _check_by_own_list(sealed_state, approvers_path) if approvers_path else []
        problems += restorable_files.add_restore_hints(
            project, release.check_basis_is_present(project, output, sealed_state.describe_by_digest())
        )
        problems += (
            anchors.check_anchor(anchor_result.value, sealed_state, Location(anchor or ""))
            if anchor_result.value
            else []
        )
    return CommandResult(
        VerificationResult(
            load_result.loaded, sealed_state, published, anchor_result.value, tuple(sort_problems(problems))
        )
    )


def _read_anchor(project: Project, argument: str | None) -> CommandResult[Anchor]:
    if argument is None:
        return CommandResult()
    for path in (Path(argument), project.root / argument):
        if path.is_file():
            anchor, problems = anchor_files.read_audit_json(path, project.file_name(path))
            return CommandResult(anchor, tuple(problems))
    digest_anchor = anchor_files.parse_digest(argument)
    if digest_anchor is None:
        return CommandResult(
            usage_error=f"“{argument}”既不是文件，也不是摘要；摘要至少写前 {anchor_files.MIN_HEX_DIGITS} 位，可以带空格"
        )
    return CommandResult(digest_anchor)


def _collect_sealed_state(loaded: LoadedProject) -> SealedState:
    """Return all that is sealed in the project."""
    ledger_files, branch_names = loaded.ledger_files, {branch.id: branch.name for branch in loaded.roster.branches}
    return SealedState(
        branch_names,
        tuple(ledger_files.by_name.values()),
        ledger_files.filings,
        (*ledger_files.withdrawals, *loaded.ballot_files.withdrawals),
        ledger_files.approvers_text and digests.digest_approvers(ledger_files.approvers_text),
        tuple(loaded.ballot_files.by_name.values()),
    )


def _check_by_own_list(sealed_state: SealedState, approvers_path: Path) -> list[Problem]:
    """Return the problems of the approvals according to a list of signers that the reader kept."""
    approvers_text = approvers_path.read_text(encoding="utf-8", errors="replace")
    return list(
        signatures.check_signatures(
            sealed_state.ledger_files, sealed_state.ballot_files, approvers_path, approvers_text
        )
    )
