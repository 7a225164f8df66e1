"""Recompute every seal, and compare the published site with its release."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date
from functools import cache, partial
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.build import program_digests
from generator.build.recompute import Recomputation, recompute_release
from generator.core.ledgers import anchors
from generator.core.ledgers.anchors import Anchor, SealedState
from generator.core.sealing.sealed_files import SealedFile
from generator.disk import atomic_files
from generator.intake.files import anchor_file as anchor_files
from generator.intake.files import approver_files
from generator.loader import approver_lists, decisive_values, input_changes, load, restorable_files, signatures
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Location, Problem, Severity, arrange_problems
from generator.project import Project
from generator.publish import release
from generator.publish.store import Manifest
from generator.render.site.ranking_differences import Difference, RankingCheck, Values

# Of the warnings, those that bear on whether an approval can be believed.
_TOLD_WARNINGS = {
    "approval.unsigned",
    "approvers.changed",
    "approvers.unsealed",
    approver_lists.LOST_KEY,
    signatures.STOLEN_KEY,
}


class VerificationResult(Struct, frozen=True):
    """Everything recomputed: the project, None if it can't be read; all that is sealed; the release in the folder.

    ``recomputation`` is None if the release was not computed anew. ``own_list`` is the number of the list that the
    reader kept: 0 if it is none of the project's, None if the reader gave none.
    """

    loaded: LoadedProject | None
    sealed_state: SealedState | None
    published_manifest: Manifest | None
    anchor: Anchor | None
    recomputation: Recomputation | None
    own_list: int | None
    problems: tuple[Problem, ...]


class _Sources(Struct, frozen=True):
    """The sources as they are now: the project, all that is sealed, what is wrong with them and with the output folder.

    ``missing_basis`` are approvals on which the release rests, and which are gone.
    """

    loaded: LoadedProject | None
    sealed_state: SealedState | None
    problems: tuple[Problem, ...]
    missing_basis: tuple[Problem, ...]

    def is_basis(self, manifest: Manifest, path: str) -> bool:
        """Return whether a changed ledger was approved when the release was built, or may have been."""
        if self.missing_basis or self.loaded is None:
            return True
        file = self.loaded.files_by_name.get(path)
        return bool(file and file.approval and file.approval.digest in manifest.rests)


def _read_sources(project: Project, today: date, output: Path) -> _Sources:
    load_result = load.load_project(project, today)
    problems = [
        problem for problem in load_result.downgraded_problems() if problem.is_error or problem.code in _TOLD_WARNINGS
    ]
    if output.is_dir() or release.read_current_release(project, output):
        problems += release.compare_with_release(project, output)
    sealed_state = load.collect_sealed_state(load_result.loaded) if load_result.loaded else None
    missing_basis = (
        release.check_basis_is_present(project, output, sealed_state.describe_by_digest()) if sealed_state else ()
    )
    return _Sources(load_result.loaded, sealed_state, tuple(problems), tuple(missing_basis))


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
    published = release.read_current_release(project, output)
    read_sources = cache(partial(_read_sources, project, today, output))
    recomputation = None
    if published and not quick:
        recomputation = recompute_release(
            project, output, published, lambda path: read_sources().is_basis(published, path), read_sources
        )
    sources = read_sources()
    loaded, sealed_state = sources.loaded, sources.sealed_state
    problems = list(sources.problems)
    own_list = None
    if sealed_state is not None:
        if approvers_path:
            own_list, problems = _check_by_own_list(sealed_state, approvers_path, problems)
        problems += restorable_files.add_restore_hints(project, sources.missing_basis)
        if anchor_result.value:
            problems += anchors.check_anchor(anchor_result.value, sealed_state, Location(anchor or ""))
            problems += _find_unanchored_approvals(anchor_result.value, sealed_state)
    if loaded:
        problems += _compare_values(loaded, published) if published else []
        if anchor_result.value:
            problems += _compare_with_anchor(loaded, anchor_result.value, Location(anchor or ""))
            layers, _ = load.load_theme_layers(project, loaded.settings)
            present = program_digests.digest_program_and_theme(project, layers)
            problems += anchors.check_program(anchor_result.value, present, Location(anchor or ""))
    if anchor_result.value:
        attachments = _digest_attachments(project, anchor_result.value)
        problems += anchors.check_attachments(anchor_result.value, attachments, Location(anchor or ""))
    if published and not quick:
        where = Location(project.file_name(output))
        problems += _describe_recomputation(where, recomputation)
        problems += _describe_rankings(where, recomputation.rankings) if recomputation else []
    return CommandResult(
        VerificationResult(
            loaded,
            sealed_state,
            published,
            anchor_result.value,
            recomputation,
            own_list,
            tuple(arrange_problems(restorable_files.merge_consequences(project, problems))),
        )
    )


def _digest_attachments(project: Project, anchor: Anchor) -> Mapping[str, str | None]:
    """Return the present digests of the anchor's attachments by path; None of one that is gone."""
    present: dict[str, str | None] = dict.fromkeys(anchor.attachments)
    for path in anchor.attachments:
        with suppress(OSError, ValueError):  # the anchor may name anything
            digest = atomic_files.digest_file(project.content_folder / path)
            present[path] = f"sha256:{digest}" if digest else None
    return present


def _compare_values(loaded: LoadedProject, published: Manifest) -> Iterator[Problem]:
    """Yield the decisive values that differ from those of the release."""
    decisive = decisive_values.read_value_inputs(loaded)
    for problem in input_changes.find_changes_since_release(loaded.project, published, decisive):
        is_unreadable = problem.code == input_changes.UNREADABLE_RECORD
        yield problem if is_unreadable else replace(problem, severity=Severity.WARNING)


def _compare_with_anchor(loaded: LoadedProject, anchor: Anchor, where: Location) -> Iterator[Problem]:
    """Yield the decisive values that differ from those of the anchor; ``where`` is its own file."""
    decisive, digests_then = decisive_values.read_value_inputs(loaded), {item.digest for item in anchor.items}
    try:
        changes = input_changes.find_changed_values(loaded.project, anchor.values, decisive, digests_then)
    except input_changes.UnreadableValuesError:
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
        message = f"资料改动过，这些网页没有核对：{list_paths(recomputation.uncompared)}"
        yield Problem(where, "release.not-compared", message, again, Severity.WARNING)
    if not recomputation.has_published_rankings:
        yield from _describe_other_rankings(where, recomputation.published_rankings)
    if recomputation.wrong:
        message = f"这些网页与按原始资料重新计算的不同：{list_paths(recomputation.wrong)}"
        hint = "请不要使用它们；先查明缓存（.jifenbang/cache）或网站是谁改动的，删去缓存，再运行 jifenbang build"
        yield Problem(where, "release.recomputed", message, hint)


_KINDS = {"rank": "名次", "name": "姓名", "points": "积分", "total": "年度累计"}


def _describe_rankings(where: Location, rankings: RankingCheck) -> Iterator[Problem]:
    """Yield what pages show otherwise than it was computed, and the pages that could not be compared."""
    hint = "是主题改了数字：请查明 themes 里的模板是谁改动的，改正后重新生成；已经看过这一页的人，请告诉他们"
    for difference in rankings.differences[:_MAX_LISTED]:
        message = f"{difference.path} 的榜单{describe_difference(difference)}"
        yield Problem(where, "theme.figures", message, hint)
    if more_pages := rankings.differences[_MAX_LISTED:]:
        paths = list_paths([difference.path for difference in more_pages])
        message = f"另有 {len(more_pages)} 个网页的榜单与按资料计算的不同：{paths}"
        yield Problem(where, "theme.figures", message, hint)
    if rankings.incomparable:
        message = f"这些网页的榜单没有标记，或者标记不全、看不到，没有核对：{list_paths(rankings.incomparable)}"
        hint = "请人工核对它们；主题的模板照 themes/README.md 给名次、姓名、积分加上标记，就可以核对"
        yield Problem(where, "theme.unmarked", message, hint, Severity.WARNING)


def _describe_other_rankings(where: Location, rankings: RankingCheck) -> Iterator[Problem]:
    """Yield the published pages whose rankings differ from those of inputs that were changed since."""
    if not rankings.differences:
        return
    first, paths = rankings.differences[0], list_paths([difference.path for difference in rankings.differences])
    message = f"公布的这些网页，榜单与按现有资料计算的不同：{paths}；如 {first.path} 的榜单{describe_difference(first)}"
    hint = "可能因为资料改动过，也可能是当时的主题改了数字：把上面列出的资料恢复原样，再运行 jifenbang verify，就能断定"
    yield Problem(where, "release.not-compared", message, hint, Severity.WARNING)


def describe_difference(difference: Difference) -> str:
    """Return what a page's ranking shows otherwise than it was computed."""
    row = f"第 {difference.row} 行" if difference.row else "以外"
    row += f"（{difference.period}）" if difference.period else ""
    computed = {kind: values for kind, values in difference.computed.items() if kind in difference.page_values}
    more = f"；本页另有 {difference.count - 1} 行不同" if difference.count > 1 else ""
    calculated = f"应当是{_describe_values(computed)}" if computed else "没有这一行"
    return f"{row}写的是{_describe_values(difference.page_values)}，按资料计算{calculated}{more}"


def _describe_values(values: Values) -> str:
    return "、".join(f"{word} {'→'.join(values[kind])}" for kind, word in _KINDS.items() if kind in values)


def list_paths(paths: Sequence[str]) -> str:
    """Return paths in one line, the first of many."""
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


def _find_unanchored_approvals(anchor: Anchor, sealed_state: SealedState) -> Iterator[Problem]:
    """Yield approvals that were signed with a key stolen since, and that this anchor does not have."""
    files: tuple[SealedFile, ...] = (*sealed_state.ledger_files, *sealed_state.ballot_files)
    sealed = signatures.list_stolen_key_approvals(files, sealed_state.lists.stolen_since)
    unanchored = anchors.find_unanchored(anchor, sealed_state, [approval.digest for _, approval in sealed])
    for file, approval in sealed:
        if approval.digest in unanchored:
            yield signatures.unanchored_problem(approval, file.what)


def _check_by_own_list(
    sealed_state: SealedState, approvers_path: Path, problems: Sequence[Problem]
) -> tuple[int, list[Problem]]:
    """Return the number of the list of signers that a reader kept, 0 for another, and the project's problems by it.

    If it is one of the project's lists, those after it must have been sealed by their keepers, each by those before,
    and every approval must be signed or covered by what is; what it does not know itself was sealed with it. Else every
    approval must be signed by a key of the reader's list.
    """
    own_list, _ = approver_files.read_list(approvers_path.read_bytes(), str(approvers_path))
    number = next((listed.number for listed in sealed_state.lists.in_force if listed.digest == own_list.digest), None)
    if number is None:
        own_problems = signatures.check_by_own_list(
            sealed_state.ledger_files, sealed_state.ballot_files, own_list, sealed_state.branch_names
        )
        return 0, [*problems, *own_problems]
    later = {listed.record.where for listed in sealed_state.lists.in_force[number:] if listed.record}
    return number, [
        replace(problem, severity=Severity.ERROR)
        if (problem.code == approver_lists.LOST_KEY and problem.where in later) or problem.code == "approval.unsigned"
        else problem
        for problem in problems
    ]
