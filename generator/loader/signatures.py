"""Check the signatures of approvals: which are required, by which list, and which of them are valid.

A signature is over the digest of the approved file without its ``digest`` and ``signature`` lines. Anyone who has the
list of allowed signers can check one without this program.

Each approval is judged by the list that was in force when it was given. A later list can't change that, nor can an
earlier one be used again: the record that seals a list names each branch's newest approval by then.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date

from generator.core.ledgers import filings_and_withdrawals
from generator.core.model.approver_lists import APPROVER_NAMESPACE, ApproverList, ApproverLists
from generator.core.model.ledger import Approval
from generator.core.sealing import approval_chain, tampering
from generator.core.sealing.sealed_files import BallotFile, LedgerFile, SealedFile
from generator.loader import approver_lists
from generator.problems import Cause, Problem, Severity, name_owner

STOLEN_KEY = "approval.stolen-key"
_ListChoice = Callable[[Approval], ApproverList | None]  # the list that judges an approval; None if there is none


def check_branch_signatures(branch: str, files: Iterable[LedgerFile], lists: ApproverLists) -> Iterator[Problem]:
    """Yield approvals of a branch's files without a signature valid at that time, and changes of the lists."""
    chain = _link_files(files)
    approvals = _list_approvals(chain)
    yield from _find_missing_lists(approvals, lists)
    if not lists.in_force:
        return
    from generator.loader import openssh  # noqa: PLC0415  runs another program: a project without a list needs none of it

    if problem := openssh.find_tool_problem(lists.in_force[0].where, lists.in_force):
        yield problem
        return
    yield from _find_altered_lists(approvals, lists)
    yield from _find_changed_list(approvals[-1:], lists)
    yield from _find_misplaced_approvals(branch, approvals, lists)
    yield from _find_bad_signatures(chain, _CHAIN_HINT, lambda approval: _find_list(approval, lists))
    yield from _find_stolen_keys(chain, lists)


def check_ballot_signatures(files: Iterable[BallotFile], lists: ApproverLists) -> Iterator[Problem]:
    """Yield approvals of ballots without a signature valid at that time."""
    sealed = [file for file, _ in filings_and_withdrawals.list_approvals(files)]
    approvals = _list_approvals(sealed)
    yield from _find_missing_lists(approvals, lists)
    if not lists.in_force:
        return
    from generator.loader import openssh  # noqa: PLC0415  runs another program: a project without a list needs none of it

    if problem := openssh.find_tool_problem(lists.in_force[0].where, lists.in_force):
        yield problem
        return
    yield from _find_altered_lists(approvals, lists)
    for file, approval in filings_and_withdrawals.list_approvals(sealed):
        if _is_from_list(approval):
            yield from _find_superseded_ballot(approval, lists)
            yield from _find_bad_signatures([file], _BALLOT_HINT, lambda approval: _find_list(approval, lists))
            yield from _find_stolen_keys([file], lists)
        else:
            yield from _find_uncovered_ballot(file, approval, approvals, lists)


def check_by_own_list(
    ledger_files: Iterable[LedgerFile],
    ballot_files: Iterable[BallotFile],
    own_list: ApproverList,
    branch_names: Mapping[str, str],
) -> Iterator[Problem]:
    """Yield approvals that no signer of a list signed which a reader kept, whatever lists the project has."""
    from generator.loader import openssh  # noqa: PLC0415  runs another program: only this option needs it

    if problem := openssh.find_tool_problem(own_list.where, [own_list]):
        yield problem
        return
    files_by_branch: dict[str, list[LedgerFile]] = defaultdict(list)
    for file in ledger_files:
        files_by_branch[file.branch].append(file)
    for branch, files in files_by_branch.items():
        problems = _find_bad_signatures(_link_files(files), _CHAIN_HINT, lambda _: own_list)
        yield from name_owner(problems, branch_names.get(branch, branch))
    for ballot_file, _ in filings_and_withdrawals.list_approvals(ballot_files):
        yield from _find_bad_signatures([ballot_file], _BALLOT_HINT, lambda _: own_list)


def list_uncovered_approvals(files: Iterable[LedgerFile]) -> list[Approval]:
    """Return a branch's approvals from before there was a list of signers, which its next signed one will cover."""
    approvals = _list_approvals(_link_files(files))
    first = next((index for index, approval in enumerate(approvals) if _is_from_list(approval)), len(approvals))
    return approvals[:first]


def list_stolen_key_approvals(
    files: Iterable[SealedFile], stolen_keys: Iterable[str]
) -> list[tuple[SealedFile, Approval]]:
    """Return the approvals that were signed with one of these keys."""
    keys = frozenset(stolen_keys)
    if not keys:
        return []
    from generator.loader import openssh  # noqa: PLC0415  runs another program: without stolen keys nothing needs it

    return [
        (file, approval)
        for file, approval in filings_and_withdrawals.list_approvals(files)
        if approval.signature and openssh.read_public_key(approval.signature) in keys
    ]


def _link_files(files: Iterable[LedgerFile]) -> list[LedgerFile]:
    """Return the approved files of a branch in the order of its chain of approvals."""
    by_digest = {approval.digest: file for file, approval in filings_and_withdrawals.list_approvals(files)}
    linked = approval_chain.link_approvals(_list_approvals(by_digest.values()))
    return [by_digest[approval.digest] for approval in linked]


def _list_approvals(files: Iterable[SealedFile]) -> list[Approval]:
    return [approval for _, approval in filings_and_withdrawals.list_approvals(files)]


def _is_from_list(approval: Approval) -> bool:
    """Return whether an approval was given when there was a list of signers."""
    return bool(approval.signature or approval.approvers or approval.list_number)


# --- the list of each approval ---------------------------------------------------------------------------------------


def _find_list(approval: Approval, lists: ApproverLists) -> ApproverList | None:
    """Return the list by which an approval was signed; None if it is missing, which is reported."""
    listed = lists.find(approval.list_number or 1)
    return listed if listed and listed.digest else None


def _find_missing_lists(approvals: Iterable[Approval], lists: ApproverLists) -> Iterator[Problem]:
    """Yield a problem for each list by which approvals were signed, and which is now missing."""
    numbers = {approval.list_number or 1 for approval in approvals if _is_from_list(approval)}
    for number in sorted(numbers):
        if number > len(lists.in_force):
            is_unsealed = lists.draft is not None and lists.draft.number == number > 1
            suffix = f".{number}" if number > 1 else ""
            name = f"content/approvers{suffix}{'.yaml' if is_unsealed else ''}"
            yield approver_lists.missing_list_problem(name)


def _find_altered_lists(approvals: Iterable[Approval], lists: ApproverLists) -> Iterator[Problem]:
    """Yield a problem for each list that is not the one that approvals of its number seal."""
    for approval in approvals:
        listed = lists.find(approval.list_number) if approval.list_number else None
        if listed and listed.digest and approval.approvers != listed.digest:
            yield approver_lists.altered_list_problem(listed, approval.approvers or "")


def _find_changed_list(newest: Iterable[Approval], lists: ApproverLists) -> Iterator[Problem]:
    """Yield a warning if a branch's newest approval, of an earlier version, seals another state of list 1.

    By then the list was changed in its place. It may have been, but not unnoticed.
    """
    for approval in newest:
        if approval.list_number is None and approval.approvers not in {None, lists.in_force[0].digest}:
            message = f"{tampering.describe_approval(approval, '文件')}凭的是另一份审核人名单"
            hint = (
                "请机关党委核对 content/approvers 的改动；这个党支部下一次审核会把现在的名单封存进去，"
                "此后要换人、换密钥，另写一份 content/approvers.2"
            )
            yield Problem(approval.where, "approvers.changed", message, hint, Severity.WARNING)


def _find_misplaced_approvals(branch: str, approvals: Sequence[Approval], lists: ApproverLists) -> Iterator[Problem]:
    """Yield approvals of a branch's chain that were signed by a list which was not in force at their place in it."""
    positions = {approval.digest: position for position, approval in enumerate(approvals)}
    last_positions: list[int] = []  # of the newest approval before each list from number 2 on
    for listed in lists.in_force[1:]:
        record = listed.record
        if record is None:
            return  # it can't be read, which is reported
        head = record.heads.get(branch)
        if head and head not in positions:
            yield approver_lists.missing_head_problem(listed, record, head)
            return
        position = positions[head] if head else -1
        if head and approvals[position].meeting > record.on:
            message = f"第 {listed.number} 份审核人名单的封存日期 {record.on}，早于它所接的审核"
            hint = "记录的日期被倒填过：请移走这份名单和它的封存记录，请机关党委查明"
            yield Problem(record.where, "approvers.order", message, hint)
        last_positions.append(position)
    for position, approval in enumerate(approvals):
        number = 1 + sum(last < position for last in last_positions)
        signed_by = approval.list_number or 1
        if _is_from_list(approval) and signed_by <= len(lists.in_force) and signed_by != number:
            yield _superseded_problem(approval, number)


def _find_superseded_ballot(approval: Approval, lists: ApproverLists) -> Iterator[Problem]:
    """Yield a ballot's approval by a list after which another was sealed that knew nothing of it."""
    later = lists.find((approval.list_number or 1) + 1)
    if later and later.record and approval.digest not in later.record.ballots:
        yield _superseded_problem(approval, len(lists.in_force))


def _find_uncovered_ballot(
    file: BallotFile, approval: Approval, approvals: Iterable[Approval], lists: ApproverLists
) -> Iterator[Problem]:
    """Yield an approval of reviews or a poll without a signature, unless a later list was sealed with it.

    It may be from before there was a list: what was published can't be withdrawn and signed, so that is a warning. One
    that was given after another was signed, or after a second list was sealed, is none of these.
    """
    records = [listed.record for listed in lists.in_force if listed.record]
    if any(approval.digest in record.ballots for record in records):
        return
    is_later = bool(records) or any(_is_from_list(ballot) and ballot.meeting < approval.meeting for ballot in approvals)
    message = f"{tampering.describe_approval(approval, file.what)}没有签名"
    hint = _BALLOT_HINT if is_later else _EARLY_BALLOT_HINT
    severity = Severity.ERROR if is_later else Severity.WARNING
    cause, subject = Cause("这些审核没有签名", hint), ("", file.what)
    yield Problem(approval.where, "approval.unsigned", message, hint, severity, cause=cause, subject=subject)


def _superseded_problem(approval: Approval, number: int) -> Problem:
    message = (
        f"{tampering.describe_approval(approval, '文件')}凭的是第 {approval.list_number or 1} 份审核人名单，"
        f"而那时现行的是第 {number} 份"
    )
    hint = "这次审核是在换了名单以后用旧名单补签的：请从备份中恢复原文件；没有公布过的，撤回后重新审核"
    return Problem(approval.where, "approvers.superseded", message, hint)


# --- signatures ------------------------------------------------------------------------------------------------------


# The hints differ: a later signed approval of a branch's chain covers an unsigned one; ballots form no chain, and are
# covered by the next list that is sealed.
_CHAIN_HINT = "签名不见了的，请从备份中恢复；名单启用以前的审核，本支部下一次用 approve --key 审核时一并担保"
_BALLOT_HINT = "签名不见了的，请从备份中恢复；没有公布过的，也可以撤回审核，用 approve --key 重新审核"
_EARLY_BALLOT_HINT = (
    "名单启用以前审核的：没有公布过的，撤回后用 approve --key 重新审核；公布过的不必动，"
    "下一份名单（approve content/approvers.2 --key）封存时一并担保。名单启用以后审核的，签名不见了，请从备份中恢复"
)


def _find_bad_signatures(chain: Sequence[SealedFile], hint: str, choose_list: _ListChoice) -> Iterator[Problem]:
    """Yield approvals without a valid signature, from the newest back.

    An approval from before there was a list of signers is covered by a later, signed one of its chain. Of those that
    nothing covers yet, only the newest is reported: the next signed approval will cover them all.
    """
    sealed = list(filings_and_withdrawals.list_approvals(chain))
    first_signed = next((index for index, (_, approval) in enumerate(sealed) if approval.signature), len(sealed))
    is_settled = False  # whether older approvals are covered by a signature, or by the report of a newer one
    for index in reversed(range(len(sealed))):
        file, approval = sealed[index]
        before = sealed[index - 1][1].meeting if index else approval.meeting
        listed = choose_list(approval)
        if approval.signature is None:
            # One behind a signed approval has lost its signature, whatever signs it later.
            if _is_from_list(approval) or index > first_signed or not is_settled:
                message = f"{tampering.describe_approval(approval, file.what)}没有签名"
                cause, subject = Cause("这些审核没有签名", hint), ("", file.what)
                yield Problem(approval.where, "approval.unsigned", message, hint, cause=cause, subject=subject)
            is_settled = is_settled or not _is_from_list(approval)
        elif listed is None:
            is_settled = True
        elif problem := _find_bad_signature(file, approval, listed, before):
            yield problem
        else:
            is_settled = True


def _find_bad_signature(
    file: SealedFile, approval: Approval, listed: ApproverList, meeting_before: date
) -> Problem | None:
    """Return the problem of a signature that no signer of a list made, or not with a key that was valid then.

    Whether a key had ended is judged on the later of two days: of the approval's own meeting, and of the meeting of
    the approval before it in the chain. So an ended key can't append to a chain by a meeting that is dated back.
    """
    from generator.loader import openssh  # noqa: PLC0415  runs another program: a project without a list needs none of it

    assert file.document is not None
    assert approval.signature is not None
    allowed, signed = listed.list_text(APPROVER_NAMESPACE), file.document.signed
    day = max(approval.meeting, meeting_before)
    if openssh.is_signed(allowed, signed, approval.signature, day, APPROVER_NAMESPACE):
        return None
    described = tampering.describe_approval(approval, file.what)
    if openssh.read_public_key(approval.signature) in {key.key for key in listed.keys if key.is_stolen}:
        hint = (
            "这次审核不能算数：没有公布过的，撤回后用别的密钥重新审核；公布过的，请从备份中找回原文件，请机关党委查明"
        )
        return Problem(approval.where, STOLEN_KEY, f"{described}，签名用的密钥已经列为被盗", hint)
    if day > approval.meeting and openssh.is_signed(
        allowed, signed, approval.signature, approval.meeting, APPROVER_NAMESPACE
    ):
        message = f"{described}，签名用的密钥在本支部上一次审核（{day}）那天已经停用"
        hint = "停用了的密钥不能再接着审核：没有公布过的，撤回后用现在的密钥重新审核；公布过的，请机关党委查明"
        return Problem(approval.where, "approval.signature", message, hint)
    hint = f"文件或签名被改动过的，请从备份中恢复；否则请机关党委核对 {listed.file}"
    message = f"{described}，签名对不上：不是名单上的人签的，或者签名以后有改动"
    cause = Cause("这些审核的签名对不上：不是名单上的人签的，或者签名以后有改动", hint, listed.where)
    subject = "", file.what
    return Problem(approval.where, "approval.signature", message, hint, cause=cause, subject=subject)


def _find_stolen_keys(chain: Sequence[SealedFile], lists: ApproverLists) -> Iterator[Problem]:
    """Yield approvals signed with a key before a list called it stolen: an error unless they were in an anchor then.

    Of the others one warning names them all: the signature alone no longer proves who gave them.
    """
    since = lists.stolen_since
    accepted: dict[int, list[tuple[SealedFile, Approval]]] = defaultdict(list)
    for file, approval in list_stolen_key_approvals(chain, since):
        from generator.loader import openssh  # noqa: PLC0415  as above

        number = since[openssh.read_public_key(approval.signature or "")]
        record = lists.in_force[number - 1].record
        if (approval.list_number or 1) >= number:
            continue  # that list does not accept it, and so its signature is reported
        if record and record.anchor:
            accepted[number].append((file, approval))
        else:
            yield unanchored_problem(approval, file.what)
    for number, sealed in accepted.items():
        described = "、".join(tampering.describe_approval(approval, file.what) for file, approval in sealed)
        message = f"只凭后来被盗的密钥签名的审核有 {len(sealed)} 次：{described}"
        hint = f"封存第 {number} 份名单时，它们都在从前的 audit.json 里；请用被盗以前保存的凭据核对（verify --anchor）"
        yield Problem(sealed[-1][1].where, STOLEN_KEY, message, hint, Severity.WARNING)


def unanchored_problem(approval: Approval, description: str) -> Problem:
    """Return the problem of an approval that was signed with a stolen key, and that no anchor has."""
    message = (
        f"{tampering.describe_approval(approval, description)}，签名用的密钥已经列为被盗，而给出的凭据里没有这次审核"
    )
    hint = "请核实这次审核：没有公布过的，撤回后用别的密钥重新审核；公布过的，换一份有它的 audit.json 作凭据"
    return Problem(approval.where, STOLEN_KEY, message, hint)
