"""Combine the documents of a branch's month, approved or draft: the month that counts, and the problems in them."""

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.ledgers import validation
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.model import corrections
from generator.core.model.ledger import Correction, Ledger, ValidLedger
from generator.core.sealing import digests, sealed_files, tampering
from generator.core.sealing.sealed_files import LedgerFile
from generator.problems import Problem, Severity


class EffectiveMonth(Struct, frozen=True):
    """The month that counts, from its ledger and corrections, and the problems in them.

    ``approved`` counts, after all approved corrections; ``before_corrections`` are the months that counted before each
    of them. ``draft`` would count once all drafts are approved too. ``fixed_by_draft`` are, by the draft's file, the
    problems that its approval would fix. ``if_approved`` is, by the draft's file, the month that counts once that draft
    and those before it are approved.
    """

    approved: ValidLedger | None = None
    before_corrections: tuple[ValidLedger, ...] = ()
    draft: ValidLedger | None = None
    problems: tuple[Problem, ...] = ()
    fixed_by_draft: Mapping[str, frozenset[Problem]] = field(default_factory=dict)
    if_approved: Mapping[str, ValidLedger] = field(default_factory=dict)


def evaluate_month(files: Sequence[LedgerFile], context: CheckContext) -> EffectiveMonth:
    """Evaluate a month's files, in the order of their numbers; a draft ledger can't be corrected."""
    base, correction_files = files[0], files[1:]
    if base.number == 0 and base.sealed:
        return _evaluate_corrected(base, correction_files, context) if base.approval else EffectiveMonth()
    premature = tuple(_premature_correction(file) for file in files if file.number)
    if not isinstance(base.document, Ledger):
        return EffectiveMonth(problems=premature)
    valid, problems = validation.validate_ledger(base.document, context)
    draft = valid if base.clean else None
    return EffectiveMonth(
        draft=draft, problems=(*problems, *premature), if_approved={base.name: draft} if draft else {}
    )


def _premature_correction(file: LedgerFile) -> Problem:
    hint = "还没有审核的台账请直接改；台账不见了的，请先找回"
    return Problem(file.where, "correction.no-ledger", f"没有已审核的 {file.month} 台账可以更正", hint)


def _evaluate_corrected(
    base: LedgerFile, correction_files: Sequence[LedgerFile], context: CheckContext
) -> EffectiveMonth:
    """Apply one correction after another: the approved ones, then the drafts."""
    sealed = [file for file in correction_files if file.sealed]
    drafts = [file for file in correction_files if not file.sealed]
    # Every state is resolved from the words on: the earlier ones make the history of the boards, and comparing the
    # problems of two states shows which ones a draft would fix.
    approved_states = [_resolve_state([base, *sealed[:count]], context) for count in range(len(sealed) + 1)]
    current = approved_states[-1]
    draft_states = [_resolve_state([base, *sealed, *drafts[:count]], context) for count in range(1, len(drafts) + 1)]
    problems = [*_check_numbering(correction_files), *current.problems]
    for state in draft_states:
        problems += [problem for problem in state.problems if problem not in current.problems]
    last = draft_states[-1] if draft_states else None
    return EffectiveMonth(
        approved=current.valid,
        before_corrections=tuple(state.resolved for state in approved_states[:-1]),
        draft=last.valid if last else None,
        problems=tuple(problems),
        fixed_by_draft={
            file.name: frozenset(current.problems) - frozenset(state.problems)
            for file, state in zip(drafts, draft_states, strict=True)
        },
        if_approved={file.name: state.valid for file, state in zip(drafts, draft_states, strict=True) if state.valid},
    )


class _MonthState(Struct, frozen=True):
    """A month after some of its corrections; ``resolved`` even if there are errors."""

    resolved: ValidLedger
    problems: tuple[Problem, ...]
    clean: bool

    @property
    def valid(self) -> ValidLedger | None:
        """The month, if there are no errors."""
        return self.resolved if self.clean and not any(problem.is_error for problem in self.problems) else None


def _resolve_state(files: Sequence[LedgerFile], context: CheckContext) -> _MonthState:
    """Apply the corrections to the ledger, the first file, in their order, and resolve and check the result."""
    context = replace(context, sealed_files=frozenset(file.name for file in files if file.sealed))
    ledger = files[0].document
    assert isinstance(ledger, Ledger)
    lines, applied, problems = corrections.label_lines(ledger), list[Correction](), list[Problem]()
    for file in files[1:]:
        if isinstance(file.document, Correction):
            lines, line_problems = corrections.amend_lines(lines, file.document, file.number)
            problems += [
                *line_problems,
                *validation.check_placement(file.document, context),
                *_check_correction(file.document, files, context),
            ]
            applied.append(file.document)
    resolved, ledger_problems = validation.resolve_ledger(
        corrections.replace_lines(ledger, lines) if applied else ledger, context
    )
    problems += [*ledger_problems, *_check_seals(files, resolved, context)]
    return _MonthState(
        replace(resolved, corrections=tuple(applied)) if applied else resolved,
        tuple(problems),
        clean=all(file.clean for file in files),
    )


def _check_seals(files: Sequence[LedgerFile], month: ValidLedger, context: CheckContext) -> Iterator[Problem]:
    """Find approved files that were altered, and changes of the roll or the meaning that the newest approval sealed."""
    branch_name = context.roster.branch_by_id[context.branch].name
    for file in files:
        yield from sealed_files.find_alterations(file, context.rulebook, f"{branch_name} {file.what}")
    newest = files[-1].approval
    if newest is not None:  # a draft will seal them anew
        roll_changes = context.late_renamings or list(
            tampering.find_roll_changes(newest, context.roster, context.branch, context.month)
        )
        yield from roll_changes
        # A changed roll often changes the meaning too, an altered file always: those problems name the cause.
        if not roll_changes and all(file.is_intact for file in files):
            yield from tampering.find_meaning_changes(newest, month, f"{branch_name} {files[-1].what}")


def _current_roll(context: CheckContext) -> str:
    return digests.digest_roll(context.roster, context.branch, context.month)


def _check_numbering(correction_files: Sequence[LedgerFile]) -> Iterator[Problem]:
    """Find gaps in the numbers of corrections, and a correction that is approved before an earlier one."""
    for position, file in enumerate(correction_files, start=1):
        if file.number != position:
            hint = f"请把文件名改成 {file.month.number:02}.c{position}.yaml；前面的更正不见了的，请找回"
            yield Problem(
                file.where, "correction.gap", f"没有 {file.month} 更正{position}，却有更正{file.number}", hint
            )
        elif file.sealed and not all(earlier.sealed for earlier in correction_files[: position - 1]):
            yield Problem(
                file.where, "correction.gap", f"{file.what}已有审核，它前面的更正却没有", "请从备份中恢复原文件"
            )


def _check_correction(correction: Correction, files: Sequence[LedgerFile], context: CheckContext) -> Iterator[Problem]:
    """Find a correction that names no earlier approval of its month, or that changes nothing."""
    documents = [file.document for file in files]
    approvals = [file.approval for file in files[: documents.index(correction)] if file.approval]
    if correction.corrects.text not in {approval.digest for approval in approvals}:
        hint = f"请照抄那份台账或更正末尾的 digest：{approvals[-1].digest}"
        message = f"{correction.keys.name_key('corrects').lstrip()}不是 {context.month} 台账或此前更正的审核摘要"
        yield Problem(correction.corrects.where, "correction.corrects", message, hint)
    changes = correction.whole or correction.strike or correction.restate or correction.activities or correction.entries
    all_clean = all(file.clean for file in files)  # a misread line is reported at its own location
    # A correction without lines has a use if the roll changed: its approval seals the roll anew.
    if all_clean and not changes and correction.approval is None and approvals[-1].roll == _current_roll(context):
        strike, restate, activities, entries = map(
            correction.keys.name_key, ("strike", "restate", "activities", "entries")
        )
        hint = f"请写{strike}、{restate}，补录的写{activities}或{entries}；只为给以前的审核补签名的可以不理"
        yield Problem(correction.where, "correction.empty", "这份更正什么也没有改", hint, Severity.WARNING)
