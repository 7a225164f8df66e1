"""Approve files (四1): the obstacles to it, the content of the approval blocks, and their chain and signatures."""

import secrets
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date
from itertools import count
from pathlib import Path
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from generator.core.ledgers import approval_rules, filings_and_withdrawals
from generator.core.ledgers.approval_rules import Meeting, Signers
from generator.core.model.ledger import Ballot, Document, Honours
from generator.core.sealing import approval_chain, digests
from generator.core.sealing.sealed_files import LedgerFile, SealedFile
from generator.intake.files import ballot_file, ledger_file
from generator.loader import load, signatures
from generator.loader.load import LoadedProject, LoadResult
from generator.problems import CommandResult, Location, Problem, Severity, sort_problems
from generator.project import Project
from generator.publish.lock import lock_project
from generator.workflow import record_text, reservations, sealed_writing, sign
from generator.workflow.record_text import RecordFields
from generator.workflow.sign import SignBlock


class ApprovedFile(Struct, frozen=True):
    """A file that was approved, the meeting, and who signs the approval."""

    name: str
    meeting: Meeting
    signers: Signers


class Sealing(Struct, frozen=True):
    """The parts of approvals that no file decides: numbers by name of ledgers and corrections, signatures and nonces.

    Without ``sign_block`` nothing is signed; a file without a nonce of its own gets a new one.
    """

    serials: Mapping[str, int]
    sign_block: SignBlock | None = None
    nonces: Mapping[str, str] = MappingProxyType({})


def approve_files(
    project: Project, names: Collection[str], meeting: Meeting, key: Path | None
) -> CommandResult[tuple[ApprovedFile, ...]]:
    """Approve all files of these names in the project, or none; ``key`` signs them where there is a list of signers."""
    with lock_project(project):
        load_result = load.load_project(project, meeting.today)
        selection = select_drafts(load_result, names, meeting, signing=key is not None)
        loaded, selected = load_result.loaded, selection.value
        if loaded is None or selected is None:
            return CommandResult(problems=selection.problems)
        if signing_problems := sign.signing_problems(loaded, key):
            return CommandResult(problems=tuple(signing_problems))
        waiting = reservations.find_waiting(loaded, names)
        sealing = Sealing(number_files(loaded, selected, waiting), sign.make_key_signer(loaded, key) if key else None)
        contents, seal_problems = seal_files(loaded, selected, meeting, sealing)
        if seal_problems:
            return CommandResult(problems=tuple(seal_problems))
        sealed_writing.write_sealed_files(project, contents)
        reservations.write_reservations(project, waiting)
    return CommandResult(describe_approved(loaded, selected, meeting), selection.problems)


def select_drafts(
    load_result: LoadResult, names: Collection[str], meeting: Meeting, *, signing: bool
) -> CommandResult[tuple[SealedFile, ...]]:
    """Return the files of these names in the order of their approval, with warnings; or why they can't be approved."""
    problems = [
        *find_errors(load_result, names, signing=signing),
        *_find_obstacles(load_result, sorted(names), meeting),
    ]
    loaded = load_result.loaded
    if any(problem.is_error for problem in problems) or loaded is None:
        return CommandResult(problems=tuple(_speak_of_files(problems, load_result, names)))
    selected = sorted((loaded.files_by_name[name] for name in names), key=_approval_order)
    return CommandResult(tuple(selected), tuple(sort_problems(problems)))


def describe_approved(
    loaded: LoadedProject, selected: Sequence[SealedFile], meeting: Meeting
) -> tuple[ApprovedFile, ...]:
    """Return each file with who signs its approval."""
    return tuple(ApprovedFile(file.name, meeting, _find_signers(loaded, file, meeting)) for file in selected)


def _speak_of_files(problems: Sequence[Problem], load_result: LoadResult, names: Collection[str]) -> list[Problem]:
    """Return the problems of the files to be approved and of what all depend on; of other files only that they stop it.

    While a file to be approved is at fault itself, nothing is said of others: they may be mended by then.
    """
    loaded = load_result.loaded
    other_names = loaded.files_by_name.keys() - set(names) if loaded else frozenset()
    relevant = [problem for problem in problems if problem.where.file not in other_names]
    errors = sort_problems(problem for problem in problems if problem.is_error and problem.where.file in other_names)
    if not errors or any(problem.is_error for problem in relevant):
        return relevant or list(problems)
    files = tuple(dict.fromkeys(problem.where.file for problem in errors))
    listed = "、".join(files[:_MAX_LISTED]) + (f"等 {len(files)} 份" if len(files) > _MAX_LISTED else "")
    message = f"这份文件没有错误，但已封存的别的文件有 {len(errors)} 处错误，改正以前不能审核：{listed}"
    hint = "请运行 jifenbang check 看清并改正"
    return [*relevant, Problem(Location(min(names)), "approve.elsewhere", message, hint, also=files)]


_MAX_LISTED = 5  # files


def _approval_order(file: SealedFile) -> tuple[date, int]:
    """Return the key for the order of approval: ledgers by month, then ballots."""
    return (file.month.first, file.number) if isinstance(file, LedgerFile) else (date.max, 0)


def find_errors(load_result: LoadResult, names: Collection[str], *, signing: bool) -> Iterator[Problem]:
    """Yield errors in the files themselves and in what every approval depends on, and warnings in the files.

    Problems that the approval itself fixes are no obstacle: a roll that a correction seals anew, and approvals from
    before there was a list of signers.
    """
    uncovered = _list_uncovered_files(load_result) if signing else frozenset()
    fixed_by_draft = load_result.loaded.effective_ledgers.fixed_by_draft if load_result.loaded else {}
    fixed_problems = {problem for name in names for problem in fixed_by_draft.get(name, ())}
    for problem in load_result.problems:
        if problem in fixed_problems or (problem.code == "approval.unsigned" and problem.where.file in uncovered):
            continue
        if problem.where.file in names or (problem.is_error and problem.where.file not in load_result.draft_names):
            yield problem


def _list_uncovered_files(load_result: LoadResult) -> frozenset[str]:
    """Return the names of the files that were approved before there was a list of signers."""
    loaded = load_result.loaded
    if loaded is None:
        return frozenset()
    by_branch: dict[str, list[LedgerFile]] = defaultdict(list)
    for file in loaded.ledger_files.by_name.values():
        by_branch[file.branch].append(file)
    ballots = (approval for _, approval in loaded.ballot_files.approved_files if not approval.approvers)
    chains = (approval for files in by_branch.values() for approval in signatures.list_uncovered_approvals(files))
    return frozenset(approval.where.file for approval in (*chains, *ballots))


def _find_obstacles(load_result: LoadResult, names: Sequence[str], meeting: Meeting) -> Iterator[Problem]:
    """Yield the reasons why a sound file may not be approved now."""
    if load_result.loaded is None:
        return
    loaded = load_result.loaded
    other_drafts = [
        ledger_file
        for name, ledger_file in loaded.ledger_files.by_name.items()
        if not ledger_file.sealed and name not in names
    ]
    for name in names:
        file = loaded.files_by_name.get(name)
        if file is None:
            hint = (
                "台账的位置和名字是 ledgers/年份/支部编号/两位月份.yaml，更正是 两位月份.c1.yaml，"
                "评议得分是 ledgers/年份/reviews.yaml，投票是 ledgers/年份/votes/编号.yaml，"
                "光荣榜是 ledgers/年份/honours.yaml"
            )
            message = "这不是台账、更正、评议得分、投票或光荣榜文件"
            yield Problem(Location(name), "approve.not-a-ledger", message, hint)
        elif file.sealed:
            yield from _find_earlier_approval(file)
        elif file.document is not None:
            yield from approval_rules.find_approval_obstacles(file, meeting, loaded.roster, loaded.ledger_files.filings)
        if isinstance(file, LedgerFile) and file.document is not None and not file.sealed:
            yield from approval_rules.find_earlier_drafts(file, other_drafts)
            yield from approval_rules.find_premature_correction(
                file, list(loaded.ledger_files.by_name.values()), meeting
            )
            yield from _find_missing_ledgers(load_result, file)
    filings = loaded.ledger_files.filings
    ledger_files = [ledger_file for name in names if (ledger_file := loaded.ledger_files.by_name.get(name))]
    yield from approval_rules.find_unneeded_consent(names, ledger_files, meeting, filings)
    drafts = [file for name in names if (file := loaded.files_by_name.get(name)) and file.document and not file.sealed]
    yield from approval_rules.find_unneeded_acting(names, drafts, meeting, loaded.roster, filings)


def _find_missing_ledgers(load_result: LoadResult, ledger_file: LedgerFile) -> Iterator[Problem]:
    """Yield the branch's earlier months of the year that have no ledger at all."""
    folder = ledger_file.name.rpartition("/")[0] + "/"
    for problem in load_result.problems:
        name = problem.where.file
        if problem.code == "ledger.missing" and name.startswith(folder) and name < ledger_file.name:
            yield problem


def _find_earlier_approval(file: SealedFile) -> Iterator[Problem]:
    if approval := file.approval:
        message = f"{file.what}已由{approval.by}于 {approval.meeting} 审核"
        hint = "不必再审核；内容有错的，还没有公布就撤回审核（--withdraw），公布了用 jifenbang correct 起草更正"
        yield Problem(approval.where, "approve.already", message, hint)


# --- the blocks ------------------------------------------------------------------------------------------------------


def seal_files(
    loaded: LoadedProject, selected: Sequence[SealedFile], meeting: Meeting, sealing: Sealing
) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the new bytes of every selected file, by name; each approval refers to the one before it in its branch."""
    contents, problems = dict[str, bytes](), list[Problem]()
    links = {file.branch: _chain_links(loaded, file.branch) for file in selected if isinstance(file, LedgerFile)}
    for file in selected:
        block = _compose_block(loaded, file, meeting, sealing)
        if isinstance(file, LedgerFile):
            block = {**block, "serial": str(sealing.serials[file.name]), **links[file.branch]}
        raw, digest, file_problems = _append_approval(loaded, file, block, sealing.sign_block)
        problems += file_problems
        if digest is not None:
            contents[file.name] = raw
            if isinstance(file, LedgerFile):
                links[file.branch] = {"previous": digest}
    return contents, problems


def number_files(
    loaded: LoadedProject, selected: Sequence[SealedFile], waiting: reservations.Reservations
) -> dict[str, int]:
    """Return the numbers of the next approvals, by name: above all that are sealed, and all that wait for an answer."""
    serials = count(max(_next_serial(loaded), reservations.highest_serial(waiting) + 1))
    return {file.name: next(serials) for file in selected if isinstance(file, LedgerFile)}


def _next_serial(loaded: LoadedProject) -> int:
    """Return the number of the organ's next approval: no earlier one has a higher number."""
    approvals = [
        approval for _, approval in filings_and_withdrawals.list_approvals(loaded.ledger_files.by_name.values())
    ]
    # Approvals without a number count as well, so that the numbers go on from their count.
    return max([len(approvals), *(approval.serial or 0 for approval in approvals)]) + 1


def _chain_links(loaded: LoadedProject, branch: str) -> RecordFields:
    """Return the links of a branch's next approval: the one before it, and the records made since."""
    previous = approval_chain.find_chain_head(loaded.ledger_files.branch_approvals(branch))
    records = filings_and_withdrawals.list_unreferenced_records(
        loaded.ledger_files.branch_approvals(branch), loaded.ledger_files.branch_records(branch)
    )
    return {**({"previous": previous} if previous else {}), **({"records": records} if records else {})}


def _compose_block(loaded: LoadedProject, file: SealedFile, meeting: Meeting, sealing: Sealing) -> RecordFields:
    """Return the approval block of a file, without links, signature and digest."""
    signers = _find_signers(loaded, file, meeting)
    listed = loaded.approver_lists.current
    return {
        "meeting": meeting.day.isoformat(),
        "by": signers.approver.name,
        **({"acting": meeting.acting} if meeting.acting and signers.is_acting else {}),
        **({"consent": signers.consenter.name} if signers.consenter else {}),
        **_sealed_basis(loaded, file),
        **({"approvers": listed.digest, "list": str(listed.number)} if listed else {}),
        # Never published, so that no content can be guessed from a published digest.
        "nonce": sealing.nonces.get(file.name) or secrets.token_hex(16),
    }


def _find_signers(loaded: LoadedProject, file: SealedFile, meeting: Meeting) -> Signers:
    """Return who signs a file's approval; obstacles were found before."""
    signers = approval_rules.find_signers(file, meeting, loaded.roster, loaded.ledger_files.filings)
    assert isinstance(signers, Signers)
    return signers


def _sealed_basis(loaded: LoadedProject, file: SealedFile) -> RecordFields:
    """Return the fields that seal what a file of its kind depends on besides itself."""
    assert file.document is not None
    if isinstance(file.document, Honours):
        return {}
    rulebook = digests.digest_relevant_rules(file.document, loaded.rulebooks[file.cycle], file.cycle)
    if isinstance(file, LedgerFile):
        return {
            "roll": digests.digest_roll(loaded.roster, file.branch, file.month),
            "rulebook": rulebook,
            "counted": digests.digest_resolved_lines(loaded.effective_ledgers.if_approved[file.name]),
        }
    return {"rulebook": rulebook}


def find_unappendable(loaded: LoadedProject) -> Iterator[Problem]:
    """Yield a warning for each draft that could not be approved as it is written, however right its content."""
    for file in (*loaded.ledger_files.by_name.values(), *loaded.ballot_files.by_name.values()):
        if not file.sealed and not record_text.takes_block((loaded.project.root / file.name).read_bytes(), file.name):
            yield replace(sign.not_appendable_problem(file.where), severity=Severity.WARNING)


def _append_approval(
    loaded: LoadedProject, file: SealedFile, block: RecordFields, sign_block: SignBlock | None
) -> tuple[bytes, str | None, list[Problem]]:
    """Append the block to the file's bytes, signed if it is to be.

    Returns the bytes, their digest, and the problems; the digest is None if the block can't be appended.
    """
    raw, problems = (loaded.project.root / file.name).read_bytes(), list[Problem]()
    document = _parse_with_block(file, raw, block)
    if document and document.approval and sign_block is not None:
        day = _signing_day(loaded, file, document.approval.meeting)
        signature, problems = sign_block(file, block, document.signed, day)
        block = {**block, **({"signature": signature} if signature else {})}
        document = _parse_with_block(file, raw, block)
    if document is None:
        return raw, None, [*problems, sign.not_appendable_problem(file.where)]
    return record_text.append_block(raw, {**block, "digest": document.digest}), document.digest, problems


def _signing_day(loaded: LoadedProject, file: SealedFile, meeting: date) -> date:
    """Return the day on which the key must be valid: of the meeting, or of the branch's newest approval if later."""
    chain = loaded.ledger_files.branch_chain(file.branch) if isinstance(file, LedgerFile) else ()
    return max([meeting, *(approval.meeting for approval in chain[-1:])])


def _parse_with_block(file: SealedFile, raw: bytes, block: RecordFields) -> Document | Ballot | None:
    """Return the file as it will be read; None if the block would not be at the end of the mapping."""
    # The digest isn't known yet: it is computed from the document that is read here.
    document, problems = _parse(file, record_text.append_block(raw, {**block, "digest": "sha256:"}))
    return document if document and document.approval and not problems else None


def _parse(file: SealedFile, raw: bytes) -> tuple[Document | Ballot | None, list[Problem]]:
    if isinstance(file, LedgerFile):
        return ledger_file.read_ledger(raw, file.name, file.number)[:2]
    return ballot_file.read_ballot(raw, file.name, file.kind)[:2]
