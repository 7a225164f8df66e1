"""The values, as read, of all inputs that decide something without being sealed: a release keeps a record of them.

The record is compared with what is read later, and never drawn from.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import pairwise
from typing import Any, TypeAlias

from msgspec import Struct

from generator.core.basics.dated import DayMend
from generator.core.basics.numbers import format_decimal
from generator.core.basics.periods import Period, PeriodKind, get_period, months_of
from generator.core.basics.workdays import Calendar
from generator.core.ledgers.filings_and_withdrawals import list_approvals
from generator.core.model.ledger import Approval, BranchMonth
from generator.core.model.roster import Member, Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import Settings
from generator.core.scoring.approval_sources import ApprovalsByMonth
from generator.core.sealing.canonical import PlainData, digest_plain_data
from generator.core.sealing.digests import consequence_as_data
from generator.loader.branch_files import LedgerFiles
from generator.loader.load import LoadedProject

Timeline: TypeAlias = "list[tuple[str, PlainData]]"
"""Values with their first days, the first of them ``""``."""

NO_DAY = ""


class ValueInputs(Struct, frozen=True):
    """The inputs that have decisive values, and the approvals by which a value has been published."""

    settings: Settings
    roster: Roster
    rulebooks: Mapping[int, Rulebook]
    approvals: ApprovalsByMonth
    today: date


def select_public_values(values: Mapping[str, Any], today: date) -> dict[str, Any]:
    """Return the values that ``audit.json`` has: none of members, and none from a day that is still to come."""

    def cut(timeline: Iterable[Sequence[Any]]) -> list[Sequence[Any]]:
        return [entry for entry in timeline if entry[0] <= today.isoformat()]

    return {
        **{key: cut(values[key]) for key in ("organ", "committee", "days", "calendar", "order")},
        **{key: values[key] for key in ("posted", "posted_mended", "years", "empty")},
        "rulebooks": {
            rulebook: {key: cut(timeline) for key, timeline in parts.items()}
            for rulebook, parts in values["rulebooks"].items()
        },
        "branches": {branch: cut(timeline) for branch, timeline in values["branches"].items()},
        **({"terms": values["terms"]} if "terms" in values else {}),
    }


def read_value_inputs(loaded: LoadedProject) -> ValueInputs:
    """Return the inputs of a project."""
    approvals = {key: ledger.approvals for key, ledger in loaded.approved_ledgers.items()}
    return ValueInputs(loaded.settings, loaded.roster, loaded.rulebooks, approvals, loaded.today)


def collect_values(inputs: ValueInputs) -> dict[str, PlainData]:
    """Return the values of all decisive inputs, of all days, as plain data."""
    settings, roster = inputs.settings, inputs.roster
    rulebooks = {rulebook.id: rulebook for rulebook in inputs.rulebooks.values()}
    return {
        "organ": plain(make_timeline(settings.organ, [(change.since, change.organ) for change in settings.changes])),
        "committee": plain(
            make_timeline(settings.committee, [(change.since, change.committee) for change in settings.changes])
        ),
        "days": plain(list_objection_days(settings)),
        "calendar": plain(list_calendars(settings.calendar)),
        "posted": {str(period): list(list_posted_days(settings, period)) for period in settings.posted},
        "posted_mended": {
            str(period): list(list_mending_days(mends)) for period, mends in settings.posted_mends.items() if mends
        },
        "years": {str(year): rulebook.id for year, rulebook in inputs.rulebooks.items()},
        "rulebooks": {
            rulebook_id: {key: plain(timeline) for key, timeline in list_rulebook_values(rulebook).items()}
            for rulebook_id, rulebook in rulebooks.items()
        },
        "branches": {
            branch.id: plain([(_day_text(since), name) for since, name in branch.names] or [(NO_DAY, branch.name)])
            for branch in roster.branches
        },
        "order": plain(list_orders(roster)),
        "aka": {member.id: plain(list_akas(member)) for member in roster.members if member.aka or member.names},
        "since": {member.id: list(days) for member in roster.members if any(days := list_joining_days(member))},
        "since_mended": {
            member.id: list(list_mending_days(member.since_mends)) for member in roster.members if member.since_mends
        },
        "empty": list(list_empty_months(inputs)),
        **({"terms": terms} if (terms := list_terms(inputs.rulebooks)) else {}),
    }


def plain(timeline: Timeline) -> list[PlainData]:
    """Return a timeline as plain data."""
    return [[day, value] for day, value in timeline]


def make_timeline(first: PlainData, changes: Iterable[tuple[date, PlainData]]) -> Timeline:
    """Return a timeline from its first value and its changes, of which None are none."""
    return [(NO_DAY, first), *((day.isoformat(), value) for day, value in changes if value is not None)]


def _day_text(day: date) -> str:
    return NO_DAY if day == date.min else day.isoformat()


def list_objection_days(settings: Settings) -> Timeline:
    """Return the number of working days of objection; 0 where there is no such period."""
    objection = settings.objection
    if objection is None:
        return [(NO_DAY, "0")]
    return make_timeline(str(objection.days), [(change.since, str(change.days)) for change in objection.changes])


def list_calendars(calendar: Calendar) -> Timeline:
    """Return the days off, the days at work and the years listed in full."""
    later = ((change.since.isoformat(), calendar.state_on(change.since)) for change in calendar.changes)
    states = [(NO_DAY, calendar), *later]
    return [
        (
            day,
            {
                "off": [one_day.isoformat() for one_day in sorted(state.off)],
                "work": [one_day.isoformat() for one_day in sorted(state.work)],
                "years": [str(year) for year in sorted(state.years)],
            },
        )
        for day, state in states
    ]


def list_posted_days(settings: Settings, period: Period) -> Sequence[str]:
    """Return the day on which a period's boards were posted, and before it the wrong ones, the newest first."""
    mends = settings.posted_mends.get(period, ())
    return [settings.posted[period].isoformat(), *(_optional_day(mend.was) for mend in reversed(mends))]


def list_joining_days(member: Member) -> Sequence[str]:
    """Return the first day on the roster, and before it the wrong ones, the newest first."""
    return [_day_text(member.since), *(_optional_day(mend.was) for mend in reversed(member.since_mends))]


def list_mending_days(mends: Iterable[DayMend]) -> Iterable[str]:
    """Yield the days on which a day was mended, which order its revisions among others; ``""`` where none is named."""
    return (_optional_day(mend.on) for mend in mends)


def _optional_day(day: date | None) -> str:
    return day.isoformat() if day else NO_DAY


def list_akas(member: Member) -> Timeline:
    """Return the words that distinguish a member from namesakes; empty ones where there is none."""
    if not member.names:
        return [(NO_DAY, member.aka or "")]
    akas: Timeline = [(_day_text(since), name.aka or "") for since, name in member.names]
    # A change of the name alone is none of the word.
    return [akas[0], *(later for earlier, later in pairwise(akas) if later[1] != earlier[1])]


def list_orders(roster: Roster) -> Timeline:
    """Return the ids of the branches in their order."""
    if not roster.orders:
        return [(NO_DAY, [branch.id for branch in roster.branches])]
    return [(_day_text(since), list(ids)) for since, ids in roster.orders]


def list_rulebook_values(rulebook: Rulebook) -> dict[str, Timeline]:
    """Return the values of a rulebook's parts that no approval seals, by key."""
    days = [(NO_DAY, date.min), *((change.since.isoformat(), change.since) for change in rulebook.changes)]
    states = [(text, rulebook.state_on(day)) for text, day in days]
    return {
        "boards": [(day, {board.id: [board.period, board.scope] for board in state.boards}) for day, state in states],
        "rounding": [(day, [state.rounding.rule, format_decimal(state.rounding.step)]) for day, state in states],
        "consequences": [
            (day, {rule.id: consequence_as_data(rule) for rule in state.consequences if rule.when})
            for day, state in states
        ],
        "bookkeeping": [(day, str(state.bookkeeping.due) if state.bookkeeping else "0") for day, state in states],
    }


def list_terms(rulebooks: Mapping[int, Rulebook]) -> dict[str, PlainData]:
    """Return the bounds of each cycle that has any, by year: its first month, its last, and the day of the early end.

    ``""`` where there is none.
    """
    return {
        str(year): [str(first.month) if first else "", str(last.month) if last else "", str(last.on) if last else ""]
        for year, rulebook in rulebooks.items()
        for first, last in [rulebook.term.effective_bounds]
        if first or last
    }


def list_empty_months(inputs: ValueInputs) -> Iterable[str]:
    """Yield the branch-months of the years with ledgers in which a branch had no members, up to the newest ledger."""
    months = {month for _, month in inputs.approvals}
    last = max((month.last for month in months), default=date.min)
    for year in sorted({month.year for month in months}):
        for month in months_of(get_period(PeriodKind.YEAR, year)):
            for branch in inputs.roster.branches:
                is_empty = not inputs.roster.has_members_in(branch.id, month)
                if is_empty and month.last <= last and (branch.id, month) not in inputs.approvals:
                    yield f"{branch.id}/{month}"


def select_published(approvals: ApprovalsByMonth, digests: Collection[str]) -> ApprovalsByMonth:
    """Return the approvals of the months that had one of these digests."""
    return {
        branch_month: of_month
        for branch_month, of_month in approvals.items()
        if any(approval.digest in digests for approval in of_month)
    }


# --- the values of members, as a published page may have them ---------------------------------------------------------


def digest_member_values(roster: Roster, branch_month: BranchMonth, nonce: str) -> str:
    """Return a digest of the words and first days of all who were in a branch by the end of a month.

    The values can't be guessed back from it: it covers a nonce that is never published.
    """
    branch, month = branch_month
    values: list[PlainData] = []
    for member in sorted(roster.members_ever_in[branch], key=lambda member: member.id):
        if any(span.branch == branch and span.first <= month.last for span in member.spans):
            akas = [[day, aka] for day, aka in list_akas(member) if day <= month.last.isoformat()]
            values.append([member.id, list_joining_days(member)[-1], akas])
    return digest_plain_data([nonce, values])


def digest_branch_values(
    ledger_files: LedgerFiles, roster: Roster, branch: str, head: str | None = None
) -> tuple[str, str] | None:
    """Return the month of a branch's newest approval, or of the one with the digest ``head``, and the digest of values.

    None if there is no such approval.
    """
    chain = ledger_files.branch_chain(branch)
    approval: Approval | None = chain[-1] if chain and head is None else None
    approval = approval or next((link for link in chain if link.digest == head), None)
    if approval is None:
        return None
    files = [file for file in ledger_files.by_name.values() if file.branch == branch]
    months = {link.digest: file.month for file, link in list_approvals(files)}
    month = months[approval.digest]
    return str(month), digest_member_values(roster, (branch, month), approval.nonce)
