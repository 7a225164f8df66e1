"""Recompute every seal, and compare the published site with its release."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.build.recompute import Recomputation, recompute_release
from generator.core.ledgers import anchors
from generator.core.ledgers.anchors import Anchor, SealedState
from generator.core.sealing import digests
from generator.intake.files import anchor_file as anchor_files
from generator.loader import decisive_values, input_changes, load, restorable_files, signatures
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Location, Problem, Severity, sort_problems
from generator.project import Project
from generator.publish import release
from generator.publish.store import Manifest


class VerificationResult(Struct, frozen=True):
    """Everything recomputed: the project, None if it can't be read; all that is sealed; the release in the folder.

    ``recomputation`` is None if the release was not computed anew.
    """

    loaded: LoadedProject | None
    sealed_state: SealedState | None
    published_manifest: Manifest | None
    anchor: Anchor | None
    recomputation: Recomputation | None
    problems: tuple[Problem, ...]


def verify_project(  # noqa: PLR0913  each is an option of the command
    project: Project,
    today: date,
    output: Path,
    *,
    anchor: str | None = None,
    approvers_path: Path | None = None,
    quick: bool = False,
) -> CommandResult[VerificationResult]:
    """Find what was changed, is missing or was added since it was approved and published.

    ``anchor`` is an earlier ``audit.json`` or printed digests, ``approvers_path`` a list of signers that the reader
    kept. Unless ``quick``, the release is computed anew from its sources, which takes as long as a build without cache.
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
    missing_basis: list[Problem] = []
    if sealed_state is not None:
        problems += _check_by_own_list(sealed_state, approvers_path) if approvers_path else []
        missing_basis = release.check_basis_is_present(project, output, sealed_state.describe_by_digest())
        problems += restorable_files.add_restore_hints(project, missing_basis)
        problems += (
            anchors.check_anchor(anchor_result.value, sealed_state, Location(anchor or ""))
            if anchor_result.value
            else []
        )
    if load_result.loaded:
        problems += _compare_values(load_result.loaded, published) if published else []
        if anchor_result.value:
            problems += _compare_with_anchor(load_result.loaded, anchor_result.value, Location(anchor or ""))
    recomputation = None
    if published and not quick:
        recomputation = recompute_release(
            project, published, lambda path: bool(missing_basis) or _is_basis(load_result.loaded, published, path)
        )
        problems += _describe_recomputation(Location(project.file_name(output)), recomputation)
    return CommandResult(
        VerificationResult(
            load_result.loaded,
            sealed_state,
            published,
            anchor_result.value,
            recomputation,
            tuple(sort_problems(problems)),
        )
    )


def _is_basis(loaded: LoadedProject | None, manifest: Manifest, path: str) -> bool:
    """Return whether a changed ledger was approved when the release was built, or may have been."""
    file = loaded.files_by_name.get(path) if loaded else None
    return loaded is None or bool(file and file.approval and file.approval.digest in manifest.rests)


def _compare_values(loaded: LoadedProject, published: Manifest) -> Iterator[Problem]:
    """Yield the decisive values that differ from those of the release."""
    values = published.record.values if published.record else None
    decisive = decisive_values.read_value_inputs(loaded)
    for problem in input_changes.find_changed_values(loaded.project, values, decisive, published.rests):
        yield replace(problem, severity=Severity.WARNING)


def _compare_with_anchor(loaded: LoadedProject, anchor: Anchor, where: Location) -> Iterator[Problem]:
    """Yield the decisive values that differ from those of the anchor; ``where`` is its own file."""
    decisive, digests_then = decisive_values.read_value_inputs(loaded), {item.digest for item in anchor.items}
    try:
        changes = input_changes.find_changed_values(loaded.project, anchor.values, decisive, digests_then)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError):
        yield anchor_files.unreadable_problem(where)
        return
    for problem in changes:
        yield replace(problem, code="anchor.value", message=f"与那份审核记录比对：{problem.message}")
    for branch, digest in anchor.member_values.items():
        head = anchor.heads.get(branch)
        present = decisive_values.digest_branch_values(loaded.ledger_files, loaded.roster, branch, head)
        if head and present and present[1] != digest:
            name = loaded.roster.branch_by_id[branch].name
            subject = f"到 {present[0]} 为止{name}党员的区别字样（aka）或进入名册的日期（since）"
            hint = "请核对 ledgers/roster.yaml：区别字样的改动写在 changes 里，日期记错的写成 {day: …, was: …}"
            file = Location(loaded.project.file_name(loaded.project.roster_path))
            yield Problem(file, "anchor.value", f"与那份审核记录比对：{subject}改动过", hint)


_MAX_LISTED = 20  # paths in one message


def _describe_recomputation(where: Location, recomputation: Recomputation | None) -> Iterator[Problem]:
    """Yield what the computation anew found, and what it could not compare."""
    again = "重新运行 jifenbang build 以后可以核对"
    if recomputation is None:
        message = "这次发布是 0.1.0 版生成的，没有记下所用的资料，没有重新计算"
        yield Problem(where, "release.no-record", message, again, Severity.WARNING)
        return
    for path in recomputation.changed_inputs:
        message = f"{path} 自发布以来改动过"
        hint = "不是有意改动的，请查明；已审核的台账改动了，上面另有说明"
        yield Problem(where, "release.input-changed", message, hint, Severity.WARNING)
    if not recomputation.same_program:
        message = "这次发布是程序的另一个版本生成的，没有重新计算"
        yield Problem(where, "release.other-program", message, again, Severity.WARNING)
    if recomputation.uncompared:
        message = f"资料改动过，这些网页没有核对：{_list_paths(recomputation.uncompared)}"
        yield Problem(where, "release.not-compared", message, again, Severity.WARNING)
    if recomputation.wrong:
        message = f"这些网页与按原始资料重新计算的不同：{_list_paths(recomputation.wrong)}"
        hint = "请不要使用它们；先查明缓存（.jifenbang/cache）或网站是谁改动的，删去缓存，再运行 jifenbang build"
        yield Problem(where, "release.recomputed", message, hint)


def _list_paths(paths: Sequence[str]) -> str:
    return "、".join(paths[:_MAX_LISTED]) + (f"等 {len(paths)} 个" if len(paths) > _MAX_LISTED else "")


def _read_anchor(project: Project, argument: str | None) -> CommandResult[Anchor]:
    if argument is None:
        return CommandResult()
    for path in (Path(argument), project.root / argument):
        if path.is_file():
            anchor, problems = anchor_files.read_audit_json(path, project.file_name(path))
            return CommandResult(anchor, tuple(problems))
    digest_anchor = anchor_files.parse_digests(argument)
    if digest_anchor is None:
        least = anchor_files.MIN_HEX_DIGITS
        message = f"“{argument}”既不是文件，也不是核对码；核对码照榜单上印的写，摘要至少写前 {least} 位"
        return CommandResult(usage_error=message)
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
