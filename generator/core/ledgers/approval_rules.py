"""Why a sound file may not be approved now (四1), or an approval not be withdrawn."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from generator.core.ledgers import filed_quarters
from generator.core.model.ledger import Approval, Correction, Filing, Ledger, Poll
from generator.core.model.roster import Roster
from generator.core.sealing.sealed_files import BallotFile, LedgerFile, SealedFile
from generator.problems import Location, Problem, Severity, suggest_known_word


class Meeting(Struct, frozen=True):
    """The branch committee's meeting: its day, who presided, and who for the organ committee consents, if anybody."""

    day: date
    approver: str
    consent: str | None
    today: date


def find_approval_obstacles(
    file: SealedFile, meeting: Meeting, roster: Roster, filings: Sequence[Filing]
) -> Iterator[Problem]:
    """Find what speaks against approving a draft at this meeting."""
    yield from _untimely(file, meeting)
    yield from _unfit(file, meeting.approver, roster)
    if isinstance(file, LedgerFile):
        yield from _filed(file, meeting, filings)
    if needs_consent(file, filings):
        yield from _consenting(file, meeting, roster)


def _filed(paper: LedgerFile, meeting: Meeting, filings: Sequence[Filing]) -> Iterator[Problem]:
    """What a filed quarter demands: a later meeting, and the consent of the organ committee."""
    filing = filed_quarters.find_filing(filings, paper.branch, paper.month)
    if filing and meeting.day < filing.on and isinstance(paper.document, Correction):
        message = f"支委会日期 {meeting.day} 在 {filing.period.text} 备案（{filing.on}）之前"
        yield Problem(paper.where, "approve.meeting-early", message, "请核对 --meeting")
    if filing and not meeting.consent:
        message = f"{filing.period.text} 已于 {filing.on} 备案，更正要经机关党委同意"
        hint = "请征得同意后加 --consent 同意人姓名"
        yield Problem(paper.where, "approve.no-consent", message, hint)


def _consenting(file: SealedFile, meeting: Meeting, roster: Roster) -> Iterator[Problem]:
    """Find a consent given by the recorder or the approver; one off the roster may be a slip of the pen."""
    name = meeting.consent
    if not name:
        return
    if _people(name, roster) & (_recorder(file, roster) | _people(meeting.approver, roster)):
        message = f"同意人“{name}”就是这份更正的登记人或审核人"
        hint = "同意更正的应是机关党委负责人，请核对 --consent"
        yield Problem(file.where, "approve.same-person", message, hint)
    elif name not in roster.members_by_name:
        hint = f"不是党员的可以不理；写错了的，{suggest_known_word(name, [one.name for one in roster.members])}"
        yield Problem(file.where, "approve.unknown-approver", f"同意人“{name}”不在名册上", hint, Severity.WARNING)


def find_premature_correction(file: LedgerFile, files: Sequence[LedgerFile], meeting: Meeting) -> Iterator[Problem]:
    """Find a correction that would be approved before what it corrects, which is among these papers."""
    same = [one for one in files if (one.branch, one.month) == (file.branch, file.month)]
    days = [approval.meeting for _, approval in filed_quarters.list_approvals(same)]
    if isinstance(file.document, Correction) and days and meeting.day < max(days):
        message = f"支委会日期 {meeting.day} 早于所更正的审核（{max(days)}）"
        yield Problem(file.where, "approve.meeting-early", message, "请核对 --meeting")


def needs_consent(file: SealedFile, filings: Sequence[Filing]) -> bool:
    """Whether the organ committee must consent: to a correction of a filed quarter."""
    if not isinstance(file, LedgerFile) or not isinstance(file.document, Correction):
        return False
    return filed_quarters.find_filing(filings, file.branch, file.month) is not None


def find_unneeded_consent(
    file_names: Sequence[str], files: Sequence[LedgerFile], meeting: Meeting, filings: Sequence[Filing]
) -> Iterator[Problem]:
    """Find a consent that none of the papers among the files named needs: it may be meant for another file."""
    if file_names and meeting.consent and not any(needs_consent(paper, filings) for paper in files):
        hint = "只有更正已备案季度的月份才要同意人；请去掉 --consent"
        yield Problem(Location(file_names[0]), "approve.consent-unneeded", "这次审核的文件不需要机关党委同意", hint)


def _untimely(file: SealedFile, meeting: Meeting) -> Iterator[Problem]:
    if isinstance(file, LedgerFile):
        what = "支委会"
        yield from _month_open(file, meeting)
    else:
        what = "会议"
        yield from _not_begun(file, meeting)
    if meeting.day > meeting.today:
        message = f"{what}日期 {meeting.day} 还没有到（今天是 {meeting.today}）"
        yield Problem(file.where, "approve.meeting-future", message, "请核对 --meeting")


def _month_open(paper: LedgerFile, meeting: Meeting) -> Iterator[Problem]:
    month = paper.month
    if month.last >= meeting.today:
        hint = "请等月末结束后再由支委会审核；电脑日期不对时请先校正"
        yield Problem(paper.where, "approve.month-open", f"{month} 还没有结束（今天是 {meeting.today}）", hint)
    if meeting.day <= month.last:
        message = f"支委会日期 {meeting.day} 在 {month} 结束之前"
        yield Problem(paper.where, "approve.meeting-early", message, "请核对 --meeting，应为次月初支委会的日期")


def _not_begun(file: BallotFile, meeting: Meeting) -> Iterator[Problem]:
    poll = file.document if isinstance(file.document, Poll) else None
    first = poll.date if poll else date(file.year, 1, 1)
    if meeting.day < first:
        message = f"会议日期 {meeting.day} 在{'投票' if poll else '评议年度开始'}（{first}）之前"
        yield Problem(file.where, "approve.meeting-early", message, "请核对 --meeting")


def _unfit(file: SealedFile, approver: str, roster: Roster) -> Iterator[Problem]:
    """Recorder and approver are two people; an approver off the roster may be a slip of the pen."""
    if approver and _people(approver, roster) & _recorder(file, roster):
        message = f"审核人“{approver}”就是这份文件的登记人"
        yield Problem(file.where, "approve.same-person", message, "登记和审核不能是同一人，请核对 --by")
    if not approver:
        yield Problem(file.where, "approve.same-person", "没有写审核人", "请在 --by 后面写主持审核的人")
    elif approver not in roster.members_by_name:
        hint = f"不是党员的可以不理；写错了的，{suggest_known_word(approver, [one.name for one in roster.members])}"
        message = f"审核人“{approver}”不在名册上"
        yield Problem(file.where, "approve.unknown-approver", message, hint, Severity.WARNING)


def _recorder(file: SealedFile, roster: Roster) -> set[str]:
    """Whom the recorder's words may mean; nobody's for reviews and polls, which name no recorder."""
    return _people(file.document.recorder, roster) if isinstance(file.document, Ledger | Correction) else set()


def _people(words: str, roster: Roster) -> set[str]:
    """Whom names or ids may mean, spaces and a word in brackets apart; someone outside the roster is his name."""
    names = [re.sub(r"\s|[（(].*", "", word) for word in re.split("[、，,；;]", words)]
    return {ident for name in names for ident in _ids(name, roster)}


def _ids(name: str, roster: Roster) -> set[str]:
    return {member.id for member in roster.members_by_name.get(name, ())} or {name}


def find_earlier_drafts(file: LedgerFile, others: Sequence[LedgerFile]) -> Iterator[Problem]:
    """Warn of the branch's earlier papers that are still drafts and not among those approved along with it."""
    for other in others:
        if other.branch == file.branch and (other.month.first, other.number) < (file.month.first, file.number):
            hint = "两份都可以审核，但请确认没有漏审"
            yield Problem(other.where, "approve.earlier-open", f"{other.what}还没有审核", hint, Severity.WARNING)


def find_withdrawal_obstacles(
    file: LedgerFile, linked: Sequence[Approval], filings: Sequence[Filing], *, released: bool
) -> Iterator[Problem]:
    """Find what rests on an approval that is to be withdrawn: a later approval, a filing, a published release."""
    approval = file.approval
    assert approval is not None
    if not linked or linked[-1].digest != approval.digest:
        message = f"{file.what}之后本支部又有审核，接在它的后面"
        yield _bound(approval, message)
    if any(approval.digest in filing.rests for filing in filings):
        yield _bound(approval, f"{file.what}所在的季度已经备案")
    if released:
        yield _bound(approval, f"{file.what}已经随网站公布")


def _bound(approval: Approval, message: str) -> Problem:
    hint = f"不能再撤回；有错的，用 jifenbang correct {approval.where.file.split('.')[0]}.yaml 起草更正"
    return Problem(approval.where, "withdraw.bound", message, hint)
