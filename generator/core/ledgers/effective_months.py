"""The documents of a branch's month, approved or draft → the month that counts, and what is wrong in them."""

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
    """What the papers of a month come to.

    ``approved`` is what counts, after all approved corrections, and ``earlier`` what counted before each of them.
    ``draft`` would count once the drafts are approved too; ``healed`` are problems that the approval of a draft, by its
    file, would mend; ``trials`` is what counts once that draft and those before it are approved.
    """

    approved: ValidLedger | None = None
    before_corrections: tuple[ValidLedger, ...] = ()
    draft: ValidLedger | None = None
    problems: tuple[Problem, ...] = ()
    fixed_by_draft: Mapping[str, frozenset[Problem]] = field(default_factory=dict)
    if_approved: Mapping[str, ValidLedger] = field(default_factory=dict)


def evaluate_month(files: Sequence[LedgerFile], setting: CheckContext) -> EffectiveMonth:
    """Judge a month's papers, given by number; a draft ledger can't be corrected."""
    base, others = files[0], files[1:]
    if base.number == 0 and base.sealed:
        return _corrected(base, others, setting) if base.approval else EffectiveMonth()
    premature = tuple(_premature(paper) for paper in files if paper.number)
    if not isinstance(base.document, Ledger):
        return EffectiveMonth(problems=premature)
    valid, problems = validation.validate_ledger(base.document, setting)
    draft = valid if base.clean else None
    return EffectiveMonth(
        draft=draft, problems=(*problems, *premature), if_approved={base.name: draft} if draft else {}
    )


def _premature(paper: LedgerFile) -> Problem:
    hint = "还没有审核的台账请直接改；台账不见了的，请先找回"
    return Problem(paper.where, "correction.no-ledger", f"没有已审核的 {paper.month} 台账可以更正", hint)


def _corrected(base: LedgerFile, others: Sequence[LedgerFile], setting: CheckContext) -> EffectiveMonth:
    """Apply one correction after another: the approved ones, then the drafts."""
    sealed = [paper for paper in others if paper.sealed]
    drafts = [paper for paper in others if not paper.sealed]
    steps = [_step([base, *sealed[:count]], setting) for count in range(len(sealed) + 1)]
    standing = steps[-1]
    trials = [_step([base, *sealed, *drafts[:count]], setting) for count in range(1, len(drafts) + 1)]
    found = [*_order(others), *standing.problems]
    for step in trials:
        found += [problem for problem in step.problems if problem not in standing.problems]
    last = trials[-1] if trials else None
    return EffectiveMonth(
        approved=standing.valid,
        before_corrections=tuple(step.resolved for step in steps[:-1]),
        draft=last.valid if last else None,
        problems=tuple(found),
        fixed_by_draft={
            paper.name: frozenset(standing.problems) - frozenset(step.problems)
            for paper, step in zip(drafts, trials, strict=True)
        },
        if_approved={paper.name: step.valid for paper, step in zip(drafts, trials, strict=True) if step.valid},
    )


class _Step(Struct, frozen=True):
    """A month after some of its corrections; ``resolved`` even where there are errors."""

    resolved: ValidLedger
    problems: tuple[Problem, ...]
    clean: bool

    @property
    def valid(self) -> ValidLedger | None:
        return self.resolved if self.clean and not any(problem.is_error for problem in self.problems) else None


def _step(papers: Sequence[LedgerFile], setting: CheckContext) -> _Step:
    """The month that the ledger and these corrections, in their order, come to."""
    ledger = papers[0].document
    assert isinstance(ledger, Ledger)
    lines, applied, problems = corrections.label_lines(ledger), list[Correction](), list[Problem]()
    for paper in papers[1:]:
        if isinstance(paper.document, Correction):
            lines, wrong = corrections.amend_lines(lines, paper.document, paper.number)
            problems += [
                *wrong,
                *validation.check_placement(paper.document, setting),
                *_follows(paper.document, papers, setting),
            ]
            applied.append(paper.document)
    resolved, found = validation.resolve_ledger(
        corrections.replace_lines(ledger, lines) if applied else ledger, setting
    )
    problems += [*found, *_seals(papers, resolved, setting)]
    return _Step(
        replace(resolved, corrections=tuple(applied)) if applied else resolved,
        tuple(problems),
        clean=all(paper.clean for paper in papers),
    )


def _seals(papers: Sequence[LedgerFile], month: ValidLedger, setting: CheckContext) -> Iterator[Problem]:
    """Every approved paper is as it was approved, the month's roll and meaning as the newest of them sealed them."""
    home = setting.roster.branch_by_id[setting.branch].name
    for paper in papers:
        yield from sealed_files.find_alterations(paper, setting.rulebook, f"{home} {paper.what}")
    newest = papers[-1].approval
    if newest is not None:  # a draft will seal them anew
        moved = list(tampering.find_roll_changes(newest, setting.roster, setting.branch, setting.month))
        yield from moved or tampering.find_reading_changes(newest, month, f"{home} {papers[-1].what}")


def _roll(setting: CheckContext) -> str:
    return digests.digest_roll(setting.roster, setting.branch, setting.month)


def _order(others: Sequence[LedgerFile]) -> Iterator[Problem]:
    """Corrections are numbered without a gap and approved in that order."""
    for position, paper in enumerate(others, start=1):
        if paper.number != position:
            hint = f"请把文件名改成 {paper.month.number:02}.c{position}.yaml；前面的更正不见了的，请找回"
            yield Problem(
                paper.where, "correction.gap", f"没有 {paper.month} 更正{position}，却有更正{paper.number}", hint
            )
        elif paper.sealed and not all(earlier.sealed for earlier in others[: position - 1]):
            yield Problem(
                paper.where, "correction.gap", f"{paper.what}已有审核，它前面的更正却没有", "请从备份中恢复原文件"
            )


def _follows(correction: Correction, papers: Sequence[LedgerFile], setting: CheckContext) -> Iterator[Problem]:
    """A correction names an approval of its month before it, and changes something."""
    documents = [paper.document for paper in papers]
    approvals = [paper.approval for paper in papers[: documents.index(correction)] if paper.approval]
    if correction.corrects.text not in {approval.digest for approval in approvals}:
        hint = f"请照抄那份台账或更正末尾的 digest：{approvals[-1].digest}"
        message = f"corrects 不是 {setting.month} 台账或此前更正的审核摘要"
        yield Problem(correction.corrects.where, "correction.corrects", message, hint)
    changes = correction.whole or correction.strike or correction.restate or correction.activities or correction.entries
    whole = all(paper.clean for paper in papers)  # what was misread is told where it stands
    if whole and not changes and correction.approval is None and approvals[-1].roll == _roll(setting):
        hint = "请写 strike（剔除）、restate（改写）、activities 或 entries（补录）；只为给以前的审核补签名的可以不理"
        yield Problem(correction.where, "correction.empty", "这份更正什么也没有改", hint, Severity.WARNING)
