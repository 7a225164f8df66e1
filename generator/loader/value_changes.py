"""Comparison of a release's decisive values with those of now: changes of what was published, without a date.

Values are compared on the last days of the months that the release had ledgers of. A change that leaves these alone is
accepted; any other is refused, with the dated form to be typed.
"""

import json
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.dated import DayMend
from generator.core.basics.periods import Period
from generator.core.basics.workdays import Calendar, CalendarChange
from generator.core.model import decisive_inputs
from generator.core.model.decisive_inputs import InputKind
from generator.core.model.roster import Member
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import Settings
from generator.core.scoring import missing_months, objection_periods
from generator.core.scoring.approval_sources import ApprovalsByMonth, list_sources
from generator.core.sealing.canonical import PlainData
from generator.loader import decisive_values, value_hints
from generator.loader.decisive_values import NO_DAY, Timeline, ValueInputs
from generator.loader.value_hints import REASON, ValueDifference, changes_yaml, to_yaml
from generator.problems import Location, Problem, Severity

_DAY = timedelta(days=1)
Values = Mapping[str, Any]
"""The decisive values of a release, as plain data that was read back."""


class Subject(Struct, frozen=True):
    """The input that a change concerns: its kind, its name in words, its file, and a pattern of its line there."""

    kind: InputKind
    name: str
    file: str
    line: str


class ValueChange(Struct, frozen=True):
    """A decisive value that differs from a release's: what it ``was`` and ``is_now``, in words.

    It is ``refused`` if something published would change with it; then ``hint`` has the YAML to be typed.
    """

    subject: Subject
    was: str
    is_now: str
    refused: bool
    hint: str

    def as_problem(self, where: Location) -> Problem:
        """Return the change as a problem at its place: an error if it is refused, else a warning."""
        name = f"{self.subject.name}（{self.subject.kind.title}）"
        if self.refused:
            message = f"{name}改动过，公布过的网页会跟着变：公布时是 {self.was}，现在是 {self.is_now}"
            return Problem(where, "build.undated", message, self.hint)
        message = f"{name}自发布以来改动过：公布时是 {self.was}，现在是 {self.is_now}"
        return Problem(where, "release.value-changed", message, self.hint, Severity.WARNING)


def find_value_changes(values: Values, inputs: ValueInputs, digests: Collection[str]) -> list[ValueChange]:
    """Return the decisive values that differ from a release's; ``digests`` are those of all that it is based on."""
    published = decisive_values.select_published(inputs.approvals, digests)
    return list(_ValueComparison(values, inputs, published, digests).find_changes()) if published else []


# --- timelines -------------------------------------------------------------------------------------------------------


def _value_on(timeline: Timeline, day: date) -> PlainData:
    return next((value for since, value in reversed(timeline) if since <= day.isoformat()), timeline[0][1])


def _read(timeline: Sequence[Any]) -> Timeline:
    return [(day, value) for day, value in timeline]


def _compare(before: Timeline, now: Timeline, days: Iterable[date]) -> ValueDifference | None:
    differing = [day for day in days if _value_on(before, day) != _value_on(now, day)]
    if not differing:
        return None
    return ValueDifference(_value_on(before, differing[-1]), _value_on(now, differing[-1]), max(days) + _DAY)


def _say(value: PlainData) -> str:
    return to_yaml(value) if value and value != "0" else "没有"


def _setting(kind: InputKind) -> Subject:
    return Subject(kind, kind.key, kind.file, rf"^{kind.key.partition('.')[0]}\s*:")


def _entry(kind: InputKind, name: str, entry_id: str) -> Subject:
    """Return the subject of an entry of the roster."""
    return Subject(kind, name, kind.file, rf"\bid:\s*{entry_id}\s*(?:[,}}#]|$)")


def _bound(kind: InputKind, year: str) -> Subject:
    """Return the subject of a bound of a year's cycle."""
    return Subject(kind, kind.key, kind.file.replace("YEAR", year), rf"^{kind.key}\s*:")


_NO_BOUNDS = ("", "", "")


def _say_month(month: str) -> str:
    return month or "没有写"


def _say_end(end: Sequence[str]) -> str:
    month, day = end
    return f"{month}（{day} 决定）" if month else "没有写"


def _refuse(subject: Subject, was: str, is_now: str, hint: str) -> ValueChange:
    return ValueChange(subject, was, is_now, refused=True, hint=hint)


def _accept(subject: Subject, was: str, is_now: str, effect: str = "公布过的各期不受影响") -> ValueChange:
    return ValueChange(subject, was, is_now, refused=False, hint=f"{effect}；不是有意改动的，请查明")


_MENDED = "公布过的榜因此改变的，另出一版，原来的一版留着"


class _ValueComparison:
    """A release's values beside those of now."""

    def __init__(
        self, values: Values, inputs: ValueInputs, published: ApprovalsByMonth, digests: Collection[str]
    ) -> None:
        self.values, self.inputs, self.published = values, inputs, published
        self.published_digests = digests
        self.now: Values = decisive_values.collect_values(inputs)
        self.days = sorted({month.last for _, month in published})

    def find_changes(self) -> Iterator[ValueChange]:
        """Yield every change, file by file."""
        yield from self._compare_settings()
        yield from self._compare_rulebooks()
        yield from self._compare_cycles()
        yield from self._compare_roster()

    def _compare_dated(
        self,
        subject: Subject,
        timelines: tuple[Timeline, Timeline],
        days: Collection[date],
        make_hint: Callable[[ValueDifference], str],
    ) -> Iterator[ValueChange]:
        before, now = timelines
        difference = _compare(before, now, days)
        if difference:
            yield _refuse(subject, _say(difference.was), _say(difference.is_now), make_hint(difference))
        elif before != now:
            yield _accept(subject, _describe_timeline(before), _describe_timeline(now))

    # --- settings

    def _compare_settings(self) -> Iterator[ValueChange]:
        for kind in (decisive_inputs.ORGAN, decisive_inputs.COMMITTEE):
            timelines = self.values.get(kind.key), self.now[kind.key]
            yield from self._compare_word(_setting(kind), timelines, self.days)
        yield from self._compare_objection_days()
        yield from self._compare_calendars()
        for name in sorted(self.values.get("posted", {}).keys() | self.now["posted"].keys()):
            yield from self._compare_posted(name)

    def _compare_word(
        self, subject: Subject, timelines: tuple[Any, Any], days: Collection[date]
    ) -> Iterator[ValueChange]:
        """Compare a value that is one word, under the last part of the kind's key."""
        if timelines[0] is None:
            return
        before, now = map(_read, timelines)
        kind, written_key = subject.kind, subject.kind.key.rpartition(".")[2]

        def make_hint(difference: ValueDifference) -> str:
            restore = f"把 {written_key} 写回 {to_yaml(difference.was)}" if difference.was else f"删去 {written_key}"
            value = difference.is_now or "none"
            return f"请{restore}，另写 {changes_yaml(kind, difference.next_day, {written_key: value})}"

        yield from self._compare_dated(subject, (before, now), days, make_hint)

    def _find_open_boards(self) -> list[tuple[Period, str | None]]:
        """Return the complete boards of what was published that are of a kind open to objections."""
        inputs = self.inputs
        return [
            (period, branch)
            for period, branch in objection_periods.list_open_boards(inputs.roster, inputs.rulebooks)
            for months in [inputs.rulebooks[period.year].term.months_of(period)]
            if not missing_months.find_missing_months(inputs.roster, self.published, months, branch, inputs.today)
        ]

    def _compare_objection_days(self) -> Iterator[ValueChange]:
        if self.values.get("days") in [None, self.now["days"]]:
            return
        days = {period.last for period, _ in self._find_open_boards()}
        present = self.inputs.settings.objection
        contact = {"contact": present.contact if present else REASON}
        if present and present.phone:
            contact["phone"] = present.phone

        def make_hint(difference: ValueDifference) -> str:
            change = {"from": difference.next_day.isoformat(), "reason": REASON, "days": difference.is_now}
            written = {"days": difference.was, **contact, "changes": [change]}
            return f"请把 objection 写成 {to_yaml(written)}，其余不动"

        timelines = _read(self.values["days"]), _read(self.now["days"])
        yield from self._compare_dated(_setting(decisive_inputs.OBJECTION_DAYS), timelines, days, make_hint)

    def _compare_calendars(self) -> Iterator[ValueChange]:
        """Compare the days of objection of published boards; those that were only expected may change."""
        before, now = self.values.get("calendar"), self.now["calendar"]
        if before is None or before == now:
            return
        settings, subject = self.inputs.settings, _setting(decisive_inputs.CALENDAR)
        earlier = replace(settings, calendar=_make_calendar(before))
        moved = [
            period.last
            for period, branch in self._find_open_boards()
            if _is_moved(*(self._find_objection_period(period, branch, state) for state in (earlier, settings)))
        ]
        if not moved:
            yield _accept(subject, *(_describe_timeline(_read(timeline)) for timeline in (before, now)))
            return
        next_day = max(moved) + _DAY
        was, is_now = _value_on(_read(before), max(moved)), _value_on(_read(now), max(moved))
        assert isinstance(was, Mapping)
        assert isinstance(is_now, Mapping)
        changed = {key: is_now[key] for key in is_now if is_now[key] != was[key]}
        change = {"from": next_day.isoformat(), "reason": REASON, **changed}
        written = {**{key: days for key, days in was.items() if days}, "changes": [change]}
        hint = f"请把 calendar 写成 {to_yaml(written)}"
        yield _refuse(subject, _say(was), _say(is_now), hint)

    def _find_objection_period(
        self, period: Period, branch: str | None, settings: Settings
    ) -> objection_periods.ObjectionPeriod | None:
        branches = tuple(self.inputs.roster.branch_by_id) if branch is None else (branch,)
        sources = list_sources(self.published, branches, period)
        posted = settings.posted.get(period)
        ended = self.inputs.rulebooks[period.year].term.ended_on(period)
        return objection_periods.compute_objection_period(
            settings, period, sources, posted, self.inputs.today, ended=ended
        )

    def _compare_posted(self, name: str) -> Iterator[ValueChange]:
        kind, before, now = decisive_inputs.POSTED, self.values["posted"].get(name), self.now["posted"].get(name)
        subject = Subject(kind, f"posted 里的 {name}", kind.file, rf"\b{name}\s*:|^posted\s*:")
        if before is None:
            if now and any(month in Period.from_name(name) for _, month in self.published):
                yield _accept(subject, "没有写", now[0], "这一期的榜补上公布日期，名次和积分不变")
            return
        if now is None:
            yield _refuse(subject, before[0], "没有写", f"请在 posted 里写回 {name}: {before[0]}")
            return
        period = Period.from_name(name)
        corrected = self._find_last_correction(lambda month: month in period)
        mends = self.inputs.settings.posted_mends.get(period, ())
        if now[-len(before) :] != before or _precedes(mends, len(before) - 1, corrected):
            mended = self._mend_yaml(kind, now[0], before, corrected)
            yield _refuse(subject, before[0], now[0], f"请写成 {name}: {mended}")
        else:
            if now != before:
                yield _accept(subject, before[0], now[0], _MENDED)
            yield from _compare_mending_days(subject, mends, self.values.get("posted_mended", {}).get(name, ()))

    def _find_last_correction(self, bears_on: Callable[[Period], bool]) -> date | None:
        """Return the day of the last correction of such months that was published; None without any."""
        return max(
            (
                approval.meeting
                for (_, month), (_, *corrections) in self.published.items()
                if bears_on(month)
                for approval in corrections
                if approval.digest in self.published_digests
            ),
            default=None,
        )

    def _mend_yaml(self, kind: InputKind, day: str, before: Sequence[str], corrected: date | None) -> str:
        """Return a day that replaces earlier ones, given newest first; with today's date if corrections came before."""
        reason = {"reason": REASON} if kind.with_reason else {}
        # The same day, of which is no longer said what it replaced, replaces that once more.
        earlier = before[1:] if day == before[0] else before
        was: object = earlier[-1] or "none"
        for later in reversed(earlier[:-1]):
            was = {"day": later, "was": was, **reason}
        on = {"on": self.inputs.today.isoformat()} if corrected else {}
        return to_yaml({"day": day, "was": was, **reason, **on})

    # --- rulebooks

    def _compare_rulebooks(self) -> Iterator[ValueChange]:
        yielded: set[Subject] = set()
        for year, earlier_id in self.values.get("years", {}).items():
            rulebook, days = self.inputs.rulebooks.get(int(year)), [day for day in self.days if day.year == int(year)]
            before = self.values["rulebooks"].get(earlier_id)
            if rulebook is None or before is None or not days:
                continue
            for change in self._compare_rulebook(rulebook, before, days):
                if change.subject not in yielded:
                    yielded.add(change.subject)
                    yield change

    def _compare_rulebook(self, rulebook: Rulebook, before: Values, days: Sequence[date]) -> Iterator[ValueChange]:
        file = decisive_inputs.RULEBOOK.replace("ID", rulebook.id)
        now = decisive_values.list_rulebook_values(rulebook)
        hints = {
            decisive_inputs.BOARDS: value_hints.make_board_hint,
            decisive_inputs.ROUNDING: value_hints.make_rounding_hint,
            decisive_inputs.CONSEQUENCES: value_hints.make_consequence_hint,
            decisive_inputs.BOOKKEEPING: value_hints.make_bookkeeping_hint,
        }
        newest = max(day for day in self.days if self._rulebook_id(day.year) == rulebook.id)
        for kind, make_hint in hints.items():
            subject = Subject(kind, kind.key, file, rf"^{kind.key}\s*:")
            timelines = _read(before[kind.key]), _plain_timeline(now[kind.key])
            difference = _compare(*timelines, days)
            if difference:
                difference = replace(difference, next_day=newest + _DAY)
                was, is_now = value_hints.describe_difference(kind, difference)
                yield _refuse(subject, was, is_now, make_hint(rulebook, difference))
            elif timelines[0] != timelines[1]:
                changed = "、".join(day for day, _ in timelines[1] if day and (day, _) not in timelines[0])
                yield _accept(subject, "没有这些变动", f"{changed or '较早'} 起另有规定")

    def _rulebook_id(self, year: int) -> str | None:
        rulebook = self.inputs.rulebooks.get(year)
        return rulebook.id if rulebook else None

    # --- cycles

    def _compare_cycles(self) -> Iterator[ValueChange]:
        """Compare the bounds of the years of which something is published.

        An early end may be set, or set to another month, as long as none was published that it made the last one.
        """
        before, now = self.values.get("terms", {}), self.now.get("terms", {})
        for year in sorted({str(day.year) for day in self.days} & (before.keys() | now.keys())):
            first, *end = before.get(year, _NO_BOUNDS)
            first_now, *end_now = now.get(year, _NO_BOUNDS)
            if first != first_now:
                hint = f"本年已有公布过的月份，请写回 from: {first}" if first else "本年已有公布过的月份，请去掉 from"
                subject = _bound(decisive_inputs.CYCLE_FROM, year)
                yield _refuse(subject, _say_month(first), _say_month(first_now), hint)
            if end != end_now:
                subject, was, is_now = _bound(decisive_inputs.CYCLE_UNTIL, year), _say_end(end), _say_end(end_now)
                last, day = end
                if last and Period.from_name(last).last <= self.days[-1]:
                    hint = f"这一年已按它公布完毕，请把 until 写回 month: {last}、on: {day}"
                    yield _refuse(subject, was, is_now, hint)
                else:
                    yield _accept(subject, was, is_now)

    # --- the roster

    def _compare_roster(self) -> Iterator[ValueChange]:
        roster = self.inputs.roster
        for branch_id, before in self.values.get("branches", {}).items():
            now = self.now["branches"].get(branch_id)
            if now and now != before:
                days = {month.last for branch, month in self.published if branch == branch_id}
                subject = _entry(
                    decisive_inputs.BRANCH_NAME, f"{roster.branch_by_id[branch_id].name}的 name", branch_id
                )
                yield from self._compare_word(subject, (before, now), days)
        yield from self._compare_order()
        # An ``audit.json`` has no values of members.
        akas: Any = self.values.get("aka")
        for member_id in () if akas is None else sorted(akas.keys() | self.now["aka"].keys()):
            before, now = (side.get(member_id, [[NO_DAY, ""]]) for side in (akas, self.now["aka"]))
            member = roster.member_by_id.get(member_id)
            if member and before != now:
                subject = _entry(decisive_inputs.AKA, f"党员 {member_id} 的 aka", member_id)
                yield from self._compare_word(subject, (before, now), self._published_days(member))
        since: Any = self.values.get("since")
        for member_id in () if since is None else sorted(since.keys() | self.now["since"].keys()):
            member = roster.member_by_id.get(member_id)
            if member:
                yield from self._compare_since(member, since.get(member_id))
        yield from self._compare_empty_months()

    def _published_days(self, member: Member) -> set[date]:
        """Return the last days of the published months in which a member was on the roll on that day."""
        return {month.last for branch, month in self.published if member.branch_on(month.last) == branch}

    def _compare_order(self) -> Iterator[ValueChange]:
        """Compare the order of the branches that there were."""
        written: Any = self.values.get("order")
        if written is None:
            return
        ids = set(written[0][1]) & set(self.inputs.roster.branch_by_id)
        before, now = (_select_ids(timeline, ids) for timeline in (written, self.now["order"]))

        def make_hint(difference: ValueDifference) -> str:
            assert isinstance(difference.was, Sequence)
            order = "、".join(map(str, difference.was))
            change = {"from": difference.next_day.isoformat(), "branches": difference.is_now}
            return f"请把 branches 排回 {order}，另在最外一层写 changes: {to_yaml([change])}"

        kind = decisive_inputs.BRANCH_ORDER
        subject = Subject(kind, "branches 的先后", kind.file, r"^branches\s*:")
        yield from self._compare_dated(subject, (before, now), self.days, make_hint)

    def _compare_since(self, member: Member, recorded: Sequence[str] | None) -> Iterator[ValueChange]:
        before, now = list(recorded or [NO_DAY]), list(decisive_values.list_joining_days(member))
        subject = _entry(decisive_inputs.SINCE, f"党员 {member.id} 的 since", member.id)
        # A member whom the record does not name was there with no day, or wasn't there at all.
        is_published = recorded is not None or bool(self._published_days(member))
        if now[-len(before) :] == before:
            mended_on = self.values.get("since_mended", {}).get(member.id, ())
            yield from _compare_mending_days(subject, member.since_mends, mended_on)
        if before == now or not is_published:
            return
        was, is_now = (day or "一直在册" for day in (before[0], now[0]))
        first = min(before[0], now[0])
        corrected = self._find_last_correction(lambda month: month.year >= int(first[:4] or 0))
        if now[-len(before) :] == before and not _precedes(member.since_mends, len(before) - 1, corrected):
            yield _accept(subject, was, is_now, _MENDED)
        elif first <= self.days[-1].isoformat():
            mended = self._mend_yaml(subject.kind, now[0] or REASON, before, corrected)
            hint = f"请写成 since: {mended}" + ("" if now[0] else "，day 写进入名册的日期")
            yield _refuse(subject, was, is_now, hint)

    def _compare_empty_months(self) -> Iterator[ValueChange]:
        """Find months without members that have some now and no ledger: complete boards would lack them."""
        roster = self.inputs.roster
        states = [roster, *(before for _, before in roster.earlier_states)]
        for name in self.values.get("empty", ()):
            branch, _, month_name = name.partition("/")
            month = Period.from_name(month_name)
            if branch not in roster.branch_by_id or (branch, month) in self.inputs.approvals:
                continue
            if (rulebook := self.inputs.rulebooks.get(month.year)) and not rulebook.term.has_month(month):
                continue  # no board lacks it
            # A day that was mended says itself that it was another.
            if all(state.has_members_in(branch, month) for state in states):
                members = [member for member, _ in roster.members_during(branch, month)]
                names = "、".join(f"{member.name}（{member.id}）" for member in members)
                hint = (
                    "公布过的榜会因此变成暂计。进入名册的日期记错了的，写成 "
                    f"since: {to_yaml({'day': '正确的日期', 'was': '原来的日期'})}；别的改动请恢复原样"
                )
                subject = _entry(
                    decisive_inputs.SINCE, f"{roster.branch_by_id[branch].name}在 {month_name} 的党员", members[0].id
                )
                yield _refuse(subject, "没有", names, hint)


def _compare_mending_days(subject: Subject, mends: Sequence[DayMend], recorded: Sequence[str]) -> Iterator[ValueChange]:
    """Yield the first of the days on which a day was mended that is another than that of a release, which ordered it.

    A release of an earlier version recorded none.
    """
    for mend, was, is_now in zip(mends, recorded, decisive_values.list_mending_days(mends), strict=False):
        if was != is_now:
            hint = f"请在 day: {mend.day} 的那一层" + (f"写回 on: {was}" if was else "去掉 on")
            yield _refuse(subject, _say_mending_day(was), _say_mending_day(is_now), hint)
            return


def _say_mending_day(day: str) -> str:
    return f"on: {day}" if day else "没有写 on"


def _describe_timeline(timeline: Timeline) -> str:
    return "，".join(f"{day} 起 {_say(value)}" if day else _say(value) for day, value in timeline)


def _select_ids(timeline: Sequence[Any], ids: Container[str]) -> Timeline:
    return [(day, [branch for branch in order if branch in ids]) for day, order in timeline]


def _plain_timeline(timeline: Timeline) -> Timeline:
    """Return a timeline with lists in the place of tuples, as it is read back."""
    return [(day, json.loads(json.dumps(value))) for day, value in timeline]


def _make_calendar(timeline: Sequence[Any]) -> Calendar:
    """Return the calendar of a release."""

    def days(texts: Iterable[str]) -> frozenset[date]:
        return frozenset(map(date.fromisoformat, texts))

    (_, first), *later = timeline
    changes = tuple(
        CalendarChange(
            date.fromisoformat(day), "", days(state["off"]), days(state["work"]), frozenset(map(int, state["years"]))
        )
        for day, state in later
    )
    return Calendar(days(first["off"]), days(first["work"]), frozenset(map(int, first["years"])), changes)


def _is_moved(before: objection_periods.ObjectionPeriod | None, now: objection_periods.ObjectionPeriod | None) -> bool:
    """Return whether days of objection that were settled are others now."""
    if before is None or before.expected or now is None:
        return False
    return (before.first, before.last) != (now.first, now.last)


def _precedes(mends: Sequence[DayMend], recorded: int, corrected: date | None) -> bool:
    """Return whether a day mended since, after the number ``recorded``, comes before a correction in the revisions."""
    return corrected is not None and any(mend.order < corrected for mend in mends[recorded:])
