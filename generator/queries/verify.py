"""Every seal recomputed, and the published site compared with what was published."""

from datetime import date
from pathlib import Path

from msgspec import Struct

from generator.core.ledgers import anchors
from generator.core.ledgers.anchors import Anchor, SealedState
from generator.core.sealing import digests
from generator.intake.files import anchor_file as anchor_files
from generator.loader import load, signatures
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Location, Problem, sort_problems
from generator.project import Project
from generator.publish import release
from generator.publish.store import Manifest


class VerificationResult(Struct, frozen=True):
    """What was recomputed: the project, None if it can't be read; all that is sealed; the release in the folder."""

    loaded: LoadedProject | None
    sealed_state: SealedState | None
    published_manifest: Manifest | None
    anchor: Anchor | None
    problems: tuple[Problem, ...]


def verify_project(
    project: Project, today: date, output: Path, *, anchor: str | None = None, approvers_path: Path | None = None
) -> CommandResult[VerificationResult]:
    """Find what was changed, is missing or was added since it was approved and published.

    ``anchor`` is an earlier ``audit.json`` or a printed digest, ``approvers`` a list of signers that the reader kept.
    """
    kept = _anchor(project, anchor)
    if kept.usage_error or kept.problems:
        return CommandResult(problems=kept.problems, usage_error=kept.usage_error)
    reading = load.load_project(project, today)
    problems = [one for one in reading.downgraded_problems() if one.is_error or one.code == "approvers.changed"]
    published = release.read_current_release(project, output)
    problems += release.compare_with_release(project, output) if output.is_dir() or published else []
    present = _present(reading.loaded) if reading.loaded else None
    if present is not None:
        problems += _by_list(present, approvers_path) if approvers_path else []
        problems += release.check_basis_is_present(project, output, present.describe_by_digest())
        problems += anchors.check_anchor(kept.value, present, Location(anchor or "")) if kept.value else []
    return CommandResult(
        VerificationResult(reading.loaded, present, published, kept.value, tuple(sort_problems(problems)))
    )


def _anchor(project: Project, words: str | None) -> CommandResult[Anchor]:
    if words is None:
        return CommandResult()
    for path in (Path(words), project.root / words):
        if path.is_file():
            loaded, problems = anchor_files.read_audit_json(path, project.file_name(path))
            return CommandResult(loaded, tuple(problems))
    typed = anchor_files.parse_digest(words)
    if typed is None:
        return CommandResult(
            usage_error=f"“{words}”既不是文件，也不是摘要；摘要至少写前 {anchor_files.MIN_HEX_DIGITS} 位，可以带空格"
        )
    return CommandResult(typed)


def _present(loaded: LoadedProject) -> SealedState:
    """All that is sealed."""
    shelf, homes = loaded.ledger_files, {branch.id: branch.name for branch in loaded.roster.branches}
    return SealedState(
        homes,
        tuple(shelf.by_name.values()),
        shelf.filings,
        (*shelf.withdrawals, *loaded.ballot_files.withdrawals),
        shelf.approvers_text and digests.digest_approvers(shelf.approvers_text),
        tuple(loaded.ballot_files.by_name.values()),
    )


def _by_list(present: SealedState, approvers: Path) -> list[Problem]:
    """What a list of signers that the reader kept has against the approvals."""
    listed = approvers.read_text(encoding="utf-8", errors="replace")
    return list(signatures.check_signatures(present.ledger_files, present.ballot_files, approvers, listed))
