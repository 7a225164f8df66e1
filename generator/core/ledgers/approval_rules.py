"""Rules of approval (四1): reasons against approving a sound file now, or against withdrawing an approval."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from generator.core.ledgers import filings_and_withdrawals
from generator.core.model.ledger import Approval, Correction, Filing, Ledger, Poll
from generator.core.model.roster import Roster
from generator.core.sealing.sealed_files import BallotFile, LedgerFile, SealedFile
from generator.problems import Location, Problem, Severity, suggest_known_word


class Meeting(Struct, frozen=True):
    """The meeting that approves: its day, its chair as ``approver``, and the ``consent`` of the organ committee.

    ``consent`` is the name of the person who consents for the organ committee, if it was given.
    """

    day: date
    approver: str
    consent: str | None
    today: date


def find_approval_obstacles(
    file: SealedFile, meeting: Meeting, roster: Roster, filings: Sequence[Filing]
) -> Iterator[Problem]:
    """Find the reasons against approving a draft at this meeting."""
    yield from _check_dates(file, meeting)
    yield from _check_approver(file, meeting.approver, roster)
    if isinstance(file, LedgerFile):
        yield from _check_filed_quarter(file, meeting, filings)
    if needs_consent(file, filings):
        yield from _check_consent(file, meeting, roster)


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


def _check_consent(file: SealedFile, meeting: Meeting, roster: Roster) -> Iterator[Problem]:
    """Find a consent given by the recorder or the approver; warn of a name off the roster, which may be a typo."""
    name = meeting.consent
    if not name:
        return
    if _possible_identities(name, roster) & (
        _recorder_identities(file, roster) | _possible_identities(meeting.approver, roster)
    ):
        message = f"同意人“{name}”就是这份更正的登记人或审核人"
        hint = "同意更正的应是机关党委负责人，请核对 --consent"
        yield Problem(file.where, "approve.same-person", message, hint)
    elif name not in roster.members_by_name:
        hint = f"不是党员的可以不理；写错了的，{suggest_known_word(name, [member.name for member in roster.members])}"
        yield Problem(file.where, "approve.unknown-approver", f"同意人“{name}”不在名册上", hint, Severity.WARNING)


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
    """Find a meeting before the poll, or before the year that reviews appraise."""
    poll = file.document if isinstance(file.document, Poll) else None
    first = poll.date if poll else date(file.year, 1, 1)
    if meeting.day < first:
        message = f"会议日期 {meeting.day} 在{'投票' if poll else '评议年度开始'}（{first}）之前"
        yield Problem(file.where, "approve.meeting-early", message, "请核对 --meeting")


def _check_approver(file: SealedFile, approver: str, roster: Roster) -> Iterator[Problem]:
    """Find a missing approver, or one who is the recorder; warn of a name off the roster, which may be a typo."""
    if approver and _possible_identities(approver, roster) & _recorder_identities(file, roster):
        message = f"审核人“{approver}”就是这份文件的登记人"
        yield Problem(file.where, "approve.same-person", message, "登记和审核不能是同一人，请核对 --by")
    if not approver:
        yield Problem(file.where, "approve.same-person", "没有写审核人", "请在 --by 后面写主持审核的人")
    elif approver not in roster.members_by_name:
        hint = (
            f"不是党员的可以不理；写错了的，{suggest_known_word(approver, [member.name for member in roster.members])}"
        )
        message = f"审核人“{approver}”不在名册上"
        yield Problem(file.where, "approve.unknown-approver", message, hint, Severity.WARNING)


def _recorder_identities(file: SealedFile, roster: Roster) -> set[str]:
    """Return the identities that the recorder may have; none for reviews and polls, which name no recorder."""
    return (
        _possible_identities(file.document.recorder, roster)
        if isinstance(file.document, Ledger | Correction)
        else set()
    )


def _possible_identities(words: str, roster: Roster) -> set[str]:
    """Return the ids that a list of names or ids may mean, without spaces and words in brackets.

    A name off the roster is an identity of its own.
    """
    # One field may name several people, and "李强（财务）" is 李强: another spelling must not evade the rule.
    names = [re.sub(r"\s|[（(].*", "", word) for word in re.split("[、，,；;]", words)]
    return {identity for name in names for identity in _ids_or_name(name, roster)}


def _ids_or_name(name: str, roster: Roster) -> set[str]:
    return {member.id for member in roster.members_by_name.get(name, ())} or {name}


def find_earlier_drafts(file: LedgerFile, drafts: Sequence[LedgerFile]) -> Iterator[Problem]:
    """Warn of earlier files of the branch among ``drafts``, which are not approved along with this one."""
    for draft in drafts:
        if draft.branch == file.branch and (draft.month.first, draft.number) < (file.month.first, file.number):
            hint = "两份都可以审核，但请确认没有漏审"
            yield Problem(draft.where, "approve.earlier-open", f"{draft.what}还没有审核", hint, Severity.WARNING)


def find_withdrawal_obstacles(
    file: LedgerFile, linked: Sequence[Approval], filings: Sequence[Filing], *, released: bool
) -> Iterator[Problem]:
    """Find dependants of an approval that is to be withdrawn: a later approval, a filing, a published release.

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
    if released:
        yield _withdrawal_problem(approval, f"{file.what}已经随网站公布")


def _withdrawal_problem(approval: Approval, message: str) -> Problem:
    hint = f"不能再撤回；有错的，用 jifenbang correct {approval.where.file.split('.')[0]}.yaml 起草更正"
    return Problem(approval.where, "withdraw.bound", message, hint)
