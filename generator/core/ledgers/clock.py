"""The dates on record, compared with the day on which a site is built."""

from collections.abc import Iterable, Iterator
from datetime import date
from operator import itemgetter
from typing import TypeAlias

from generator.core.ledgers import filings_and_withdrawals
from generator.core.model.approver_lists import ApproverLists
from generator.core.model.ledger import Filing, Withdrawal
from generator.core.sealing.sealed_files import BallotFile, SealedFile
from generator.problems import Location, Problem

DatedAction: TypeAlias = tuple[date, Location, str]
"""The day of an action, its location, and the action in words."""


def list_dated_actions(
    files: Iterable[SealedFile], filings: Iterable[Filing], withdrawals: Iterable[Withdrawal]
) -> Iterator[DatedAction]:
    """List every approval, filing and withdrawal with its day."""
    for file, approval in filings_and_withdrawals.list_approvals(files):
        yield approval.meeting, approval.where, "审核的会议" if isinstance(file, BallotFile) else "审核的支委会"
    for filing in filings:
        yield filing.on, filing.where, "备案的"
    for withdrawal in withdrawals:
        yield withdrawal.on, withdrawal.where, "撤回审核的"


def list_sealed_lists(lists: ApproverLists) -> Iterator[DatedAction]:
    """List every sealed list of signers with its day."""
    for listed in lists.in_force:
        if listed.record:
            yield listed.record.on, listed.record.where, "封存审核人名单的"


def check_clock(today: date, recorded: Iterable[DatedAction]) -> list[Problem]:
    """Refuse a day before the newest action on record: nothing dated by such a clock may be published."""
    day, where, action = max(recorded, key=itemgetter(0), default=(today, Location(""), ""))
    if day <= today:
        return []
    message = f"今天是 {today}，而这次{action}日期是 {day}"
    return [Problem(where, "build.clock", message, "电脑日期慢了，请先校正日期；网站没有改动")]
