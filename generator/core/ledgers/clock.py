"""The dates on record, against the day on which a site is built."""

from collections.abc import Iterable, Iterator
from datetime import date
from operator import itemgetter
from typing import TypeAlias

from generator.core.ledgers import filed_quarters
from generator.core.model.ledger import Filing, Withdrawal
from generator.core.sealing.sealed_files import BallotFile, SealedFile
from generator.problems import Location, Problem

DatedAction: TypeAlias = tuple[date, Location, str]
"""The day, the place, and in words what happened that day."""


def list_dated_actions(
    files: Iterable[SealedFile], filings: Iterable[Filing], withdrawals: Iterable[Withdrawal]
) -> Iterator[DatedAction]:
    """Date every approval, filing and withdrawal."""
    for file, approval in filed_quarters.list_approvals(files):
        yield approval.meeting, approval.where, "审核的会议" if isinstance(file, BallotFile) else "审核的支委会"
    for filing in filings:
        yield filing.on, filing.where, "备案的"
    for record in withdrawals:
        yield record.on, record.where, "撤回审核的"


def check_clock(today: date, recorded: Iterable[DatedAction]) -> list[Problem]:
    """Refuse a day before the newest action on record: nothing dated by such a clock may be published."""
    day, where, what = max(recorded, key=itemgetter(0), default=(today, Location(""), ""))
    if day <= today:
        return []
    message = f"今天是 {today}，而这次{what}日期是 {day}"
    return [Problem(where, "build.clock", message, "电脑日期慢了，请先校正日期；网站没有改动")]
