"""Rules of approval (四1): reasons against approving a sound file now, or against withdrawing an approval."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from generator.core.ledgers import filings_and_withdrawals, signers
from generator.core.ledgers.signers import Signer, SigningRole
from generator.core.model.approver_lists import ApproverLists
from generator.core.model.ledger import NO_KEYS, Approval, Correction, Filing, Honours, Ledger, Poll
from generator.core.model.roster import Roster
from generator.core.sealing.sealed_files import BallotFile, LedgerFile, SealedFile
from generator.problems import Location, Problem, Severity

SealedFileT = TypeVar("SealedFileT", bound=SealedFile)


class Meeting(Struct, frozen=True):
    """The meeting that approves: its day, its chair as ``approver``, and the ``consent`` of the organ committee.

    Without an ``approver`` the secretary of each file's branch approves. ``consent`` is the name of the person who
    consents for the organ committee, if it was given. ``acting`` is the reason why a signer need not be on the
    roster.
    """

    day: date
    approver: str | None
    consent: str | None
    today: date
    acting: str | None = None


class Signers(Struct, frozen=True):
    """The signers of a file's approval: who approves and, where needed, who consents for the organ committee."""

    approver: Signer
    consenter: Signer | None

    @property
    def is_acting(self) -> bool:
        """True if one of them is not on the roster, and so needs a reason."""
        return self.approver.acting or (self.consenter is not None and self.consenter.acting)


def find_signers(file: SealedFile, meeting: Meeting, roster: Roster, filings: Sequence[Filing]) -> Signers | Problem:
    """Return who signs the approval of a file at a meeting, or why one of them can't."""
    approver = _find_approver(file, meeting, roster)
    if isinstance(approver, Problem):
        return approver
    if not meeting.consent or not needs_consent(file, filings):
        return Signers(approver, None)
    role = SigningRole("同意人", "--consent", meeting.day, None)
    consenter = signers.find_signer(meeting.consent, role, roster, file.where, acting=bool(meeting.acting))
    return consenter if isinstance(consenter, Problem) else Signers(approver, consenter)


def _find_approver(file: SealedFile, meeting: Meeting, roster: Roster) -> Signer | Problem:
    """Return who approves a file: the approver given, else the secretary of its branch on the day of the meeting."""
    word, role = meeting.approver, _approver_role(file, meeting.day)
    if word is None and role.branch is not None:
        word = roster.branch_by_id[role.branch].secretary_on(meeting.day)
        role = replace(role, title="书记", option="secretary（书记）")
    if not word:
        return _missing_approver_problem(file, meeting, roster)
    return signers.find_signer(word, role, roster, file.where, acting=bool(meeting.acting))


def _approver_role(file: SealedFile, day: date) -> SigningRole:
    """Return the role of who approves a file: of its branch, or of the organ for ballots."""
    return SigningRole("审核人", "--by", day, file.branch if isinstance(file, LedgerFile) else None)


def _missing_approver_problem(file: SealedFile, meeting: Meeting, roster: Roster) -> Problem:
    if meeting.approver is None and isinstance(file, LedgerFile):
        owner = roster.branch_by_id[file.branch].named_on(meeting.day).name
        message = f"名册里没有写{owner} {meeting.day} 的书记"
        hint = f"请在 --by 后面写主持审核的人，或先记下书记：jifenbang roster branch secretary {owner} 姓名"
        return Problem(file.where, "approve.no-approver", message, hint)
    return Problem(file.where, "approve.no-approver", "没有写审核人", "请在 --by 后面写主持审核的人")


def name_approver(file: SealedFileT, roster: Roster) -> SealedFileT:
    """Return an approved file with its approver's name as on the roster of the meeting's day."""
    document, approval = file.document, file.approval
    if (
        document is None
        or approval is None
        or (isinstance(file, LedgerFile) and file.branch not in roster.branch_by_id)
    ):
        return file
    name = signers.find_roster_name(approval.by, _approver_role(file, approval.meeting), roster)
    if name == approval.by:
        return file
    return replace(file, document=replace(document, approval=replace(approval, by=name)))


def find_approval_obstacles(
    file: SealedFile, meeting: Meeting, roster: Roster, filings: Sequence[Filing]
) -> Iterator[Problem]:
    """Find the reasons against approving a draft at this meeting."""
    yield from _check_dates(file, meeting)
    if isinstance(file, LedgerFile):
        yield from _check_filed_quarter(file, meeting, filings)
    file_signers = find_signers(file, meeting, roster, filings)
    if isinstance(file_signers, Signers):
        yield from _check_recorder(file, file_signers, roster)
    elif meeting.approver and signers.is_same_person(_recorder(file), Signer(meeting.approver, None), roster):
        # A recorder may not approve, on the roster or not.
        yield _same_person_problem(file, meeting.approver)
    else:
        yield file_signers


def _check_filed_quarter(file: LedgerFile, meeting: Meeting, filings: Sequence[Filing]) -> Iterator[Problem]:
    """Check the demands of a filed quarter: a later meeting, and the consent of the organ committee."""
    filing = filings_and_withdrawals.find_filing(filings, file.branch, file.month)
    if filing and meeting.day < filing.on and isinstance(file.document, Correction):
        message = f"支委会日期 {meeting.day} 在 {filing.period.text} 备案（{filing.on}）之前"
        yield Problem(file.where, "approve.meeting-early", message, "请核对 --meeting")
    if filing and not meeting.consent:
        message = f"{filing.period.text} 已于 {filing.on} 备案，更正要经机关党委同意"
        hint = "请征得同意后加 --consent 同意人姓名"
        yield Problem(file.where, "approve.no-consent", message, hint)


def _check_recorder(file: SealedFile, file_signers: Signers, roster: Roster) -> Iterator[Problem]:
    """Find an approver who is a recorder, and a consent given by a recorder or the approver."""
    approver, consenter, recorder = file_signers.approver, file_signers.consenter, _recorder(file)
    if signers.is_same_person(recorder, approver, roster):
        yield _same_person_problem(file, approver.name)
    if consenter and (
        signers.is_same_person(recorder, consenter, roster) or signers.is_same_signer(approver, consenter, roster)
    ):
        message = f"同意人“{consenter.name}”就是这份更正的登记人或审核人"
        hint = "同意更正的应是机关党委负责人，请核对 --consent"
        yield Problem(_recorder_place(file), "approve.same-person", message, hint)


def _recorder(file: SealedFile) -> str:
    """Return the recorder as written; empty for ballots, which name none."""
    return file.document.recorder if isinstance(file.document, Ledger | Correction) else ""


def _same_person_problem(file: SealedFile, approver: str) -> Problem:
    message = f"审核人“{approver}”就是这份文件的登记人（{_recorder(file)}）"
    hint = "登记和审核不能是同一人；请由另一人主持审核，写在 --by 后面"
    return Problem(_recorder_place(file), "approve.same-person", message, hint)


def _recorder_place(file: SealedFile) -> Location:
    """Return where a file names its recorder."""
    keys = file.document.keys if isinstance(file.document, Ledger | Correction) else NO_KEYS
    return keys.places.get("recorder", file.where)


def find_premature_correction(file: LedgerFile, files: Sequence[LedgerFile], meeting: Meeting) -> Iterator[Problem]:
    """Find a correction that would be approved before the file that it corrects, which is one of ``files``."""
    of_month = [sealed for sealed in files if (sealed.branch, sealed.month) == (file.branch, file.month)]
    days = [approval.meeting for _, approval in filings_and_withdrawals.list_approvals(of_month)]
    if isinstance(file.document, Correction) and days and meeting.day < max(days):
        message = f"支委会日期 {meeting.day} 早于所更正的审核（{max(days)}）"
        yield Problem(file.where, "approve.meeting-early", message, "请核对 --meeting")


def needs_consent(file: SealedFile, filings: Sequence[Filing]) -> bool:
    """Return whether the organ committee must consent: to a correction of a filed quarter."""
    if not isinstance(file, LedgerFile) or not isinstance(file.document, Correction):
        return False
    return filings_and_withdrawals.find_filing(filings, file.branch, file.month) is not None


def find_unneeded_consent(
    file_names: Sequence[str], files: Sequence[LedgerFile], meeting: Meeting, filings: Sequence[Filing]
) -> Iterator[Problem]:
    """Find a consent that none of the ledger files among those named needs: it may be meant for another file."""
    if file_names and meeting.consent and not any(needs_consent(file, filings) for file in files):
        hint = "只有更正已备案季度的月份才要同意人；请去掉 --consent"
        yield Problem(Location(file_names[0]), "approve.consent-unneeded", "这次审核的文件不需要机关党委同意", hint)


def find_unneeded_acting(
    file_names: Sequence[str], files: Sequence[SealedFile], meeting: Meeting, roster: Roster, filings: Sequence[Filing]
) -> Iterator[Problem]:
    """Find a reason for acting that no signer of the files needs: it may be meant for another meeting."""
    if not file_names or not meeting.acting:
        return
    results = [find_signers(file, meeting, roster, filings) for file in files]
    if results and not any(isinstance(result, Problem) or result.is_acting for result in results):
        message = "审核人和同意人都在名册上，不是代行"
        yield Problem(Location(file_names[0]), "approve.acting-unneeded", message, "请去掉 --acting")


def _check_dates(file: SealedFile, meeting: Meeting) -> Iterator[Problem]:
    """Find a meeting in the future, or before the file's month or year allows it."""
    if isinstance(file, LedgerFile):
        meeting_name = "支委会"
        yield from _check_month_over(file, meeting)
    else:
        meeting_name = "会议"
        yield from _check_year_begun(file, meeting)
    if meeting.day > meeting.today:
        message = f"{meeting_name}日期 {meeting.day} 还没有到（今天是 {meeting.today}）"
        yield Problem(file.where, "approve.meeting-future", message, "请核对 --meeting")


def _check_month_over(file: LedgerFile, meeting: Meeting) -> Iterator[Problem]:
    """Find a month that is not over yet, today or on the day of the meeting."""
    month = file.month
    if month.last >= meeting.today:
        hint = "请等月末结束后再由支委会审核；电脑日期不对时请先校正"
        yield Problem(file.where, "approve.month-open", f"{month} 还没有结束（今天是 {meeting.today}）", hint)
    if meeting.day <= month.last:
        message = f"支委会日期 {meeting.day} 在 {month} 结束之前"
        yield Problem(file.where, "approve.meeting-early", message, "请核对 --meeting，应为次月初支委会的日期")


def _check_year_begun(file: BallotFile, meeting: Meeting) -> Iterator[Problem]:
    """Find a meeting before what it approves: the poll, the last honour, or the year that reviews appraise."""
    match file.document:
        case Poll(date=day):
            subject, first = "投票", day
        case Honours(honours=honours) if honours:
            subject, first = "最后一项荣誉的决定", max(honour.date for honour in honours)
        case _:
            subject, first = "评议年度开始", date(file.year, 1, 1)
    if meeting.day < first:
        message = f"会议日期 {meeting.day} 在{subject}（{first}）之前"
        yield Problem(file.where, "approve.meeting-early", message, "请核对 --meeting")


def find_earlier_drafts(file: LedgerFile, drafts: Sequence[LedgerFile]) -> Iterator[Problem]:
    """Warn of earlier files of the branch among ``drafts``, which are not approved along with this one."""
    for draft in drafts:
        if draft.branch == file.branch and (draft.month.first, draft.number) < (file.month.first, file.number):
            hint = "两份都可以审核，但请确认没有漏审"
            yield Problem(draft.where, "approve.earlier-open", f"{draft.what}还没有审核", hint, Severity.WARNING)


def find_withdrawal_obstacles(
    file: LedgerFile, linked: Sequence[Approval], filings: Sequence[Filing], lists: ApproverLists, *, released: bool
) -> Iterator[Problem]:
    """Find dependants of an approval to be withdrawn: a later approval, a filing, a list of signers, a release.

    ``linked`` is the branch's chain; ``released`` is true if a published release contains the approval.
    """
    approval = file.approval
    assert approval is not None
    # Only the end of the chain can be withdrawn: the next approval seals the digest of this one.
    if not linked or linked[-1].digest != approval.digest:
        message = f"{file.what}之后本支部又有审核，接在它的后面"
        yield _withdrawal_problem(approval, message)
    if any(approval.digest in filing.rests for filing in filings):
        yield _withdrawal_problem(approval, f"{file.what}所在的季度已经备案")
    for listed in lists.in_force:
        if listed.record and approval.digest in listed.record.heads.values():
            yield _withdrawal_problem(approval, f"{file.what}已经随第 {listed.number} 份审核人名单封存")
    if released:
        yield _withdrawal_problem(approval, f"{file.what}已经随网站公布")


def _withdrawal_problem(approval: Approval, message: str) -> Problem:
    hint = f"不能再撤回；有错的，用 jifenbang correct {approval.where.file.split('.')[0]}.yaml 起草更正"
    return Problem(approval.where, "withdraw.bound", message, hint)
