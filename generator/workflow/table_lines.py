"""Rows of a table from another system → activities and entries of branches' months.

Nothing is guessed: a row whose person, day, item, branch or attendance leaves a doubt is an error with its number.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct

from generator.core.basics import written_days
from generator.core.basics.periods import Period, PeriodKind, get_period
from generator.core.ledgers import name_resolution
from generator.core.ledgers.name_resolution import CheckContext
from generator.core.ledgers.plain_lines import ActivityLine, EntryLine, PlacedLine
from generator.core.model.ledger import AttendanceStatus, BranchMonth
from generator.core.model.roster import Branch, Member, Roster, member_label
from generator.core.model.rulebook import Item
from generator.core.model.table_formats import TITLES, TableFormat, Words
from generator.core.page_data.month_sheets import MARKS
from generator.intake.imports import activity_columns, mapped_table, member_table
from generator.intake.imports.mapped_table import LEFT_OUT, MappedRow, RowReport
from generator.loader.load import LoadedProject
from generator.problems import Location, Problem, Severity, list_words, suggest_known_word

_FILE = "content/import.yaml"


class TableRecord(Struct, frozen=True):
    """A row as understood; ``mark`` is None where the table has no attendance."""

    row: MappedRow
    member: Member
    branch: str
    day: date
    item: Item
    mark: AttendanceStatus | None

    @property
    def month(self) -> Period:
        """The month of the ledger that it belongs in."""
        return get_period(PeriodKind.MONTH, self.day.year, self.day.month)

    @property
    def is_attendance(self) -> bool:
        """True if it belongs to an activity; an award that has a count or a note of its own is an entry."""
        has_own_text = self.mark is None and bool(self.row.texts.keys() & {"times", "note"})
        return self.item.is_activity and (self.item.roll or not has_own_text)

    def describe(self, roster: Roster) -> str:
        """Describe it to the person who imports the table."""
        branch = roster.branch_by_id[self.branch].named_on(self.day).name
        texts = [self.row.texts.get(key, "") for key in ("title", "level")]
        mark = MARKS[self.mark or AttendanceStatus.PRESENT] if self.is_attendance else ""
        words = [member_label(self.member), branch, self.day.isoformat(), self.item.title, *texts, mark]
        return f"{next(mapped_table.name_rows([(self.row.sheet, self.row.number)]))}：{'，'.join(filter(None, words))}"


class RecordReader:
    """A reader of the rows of one sheet in one format.

    ``columns`` are those that the sheet has; ``branch`` is the id of the only branch that is wanted.
    """

    def __init__(
        self,
        loaded: LoadedProject,
        table_format: TableFormat,
        columns: Collection[str],
        branch: str | None,
        report: RowReport,
    ) -> None:
        self.loaded = loaded
        self.columns = columns
        self.roster = loaded.roster
        self.format = table_format
        self.branch = branch
        self.report = report
        self.skipped = {mapped_table.normalize_word(name) for name in table_format.skip}
        self.items = _normalize_words(table_format.items)
        self.branches = _normalize_words(table_format.branches)
        self.marks = activity_columns.list_marks(table_format)

    def read_record(self, row: MappedRow) -> TableRecord | None:
        """Return what a row says; None after it was reported."""
        if mapped_table.normalize_word(row.texts["member"]) in self.skipped:
            self._leave_out(row, f"“{row.texts['member']}”在 skip（不读的人）里")
            return None
        item_word, is_item_wanted = self._translate(row, "item", self.items)
        branch_word, is_branch_wanted = self._translate(row, "branch", self.branches)
        return self._resolve(row, item_word, branch_word) if is_item_wanted and is_branch_wanted else None

    def _resolve(self, row: MappedRow, item_word: str, branch_word: str) -> TableRecord | None:
        """Return the record of a row that is to be read."""
        day = self._read_day(row)
        if "branch" in self.columns and not branch_word:
            self._report_blank(row, "branch")
        item = self._find_item(row, self.format.item or item_word, day) if day else None
        branch = self._find_branch(row, branch_word, day) if day and branch_word else None
        marks = self._read_marks(row, item) if item else ()
        if day is None or item is None or (branch is None and "branch" in self.columns):
            return None
        if branch and self.branch not in {None, branch.id}:
            self._leave_out(row, f"是{branch.name}的，--branch 只要{self._name_of(self.branch, day)}")
            return None
        member = self._find_member(row, day, branch)
        home = member and member.branch_on(day)
        if not (member and home and marks):
            return None
        if not item.is_activity and marks[0] not in {None, AttendanceStatus.PRESENT}:
            self._leave_out(row, f"“{item.title}”逐人登记，出勤写的是“{row.texts['attendance']}”")
            return None
        record = TableRecord(row, member, home, day, item, marks[0])
        for key in ("level", "times", "note") if record.is_attendance else ():
            if key in row.texts:
                message = f"“{TITLES[key]}”没有读：“{item.title}”没有这一项"
                self.report.add_warning(row, LEFT_OUT, message, "要记的请补在草稿里")
        return record

    def _report_blank(self, row: MappedRow, key: str) -> None:
        self.report.add_error(row, "table.bad-cell", f"没有写“{TITLES[key]}”", mapped_table.BLANK_HINT)

    def _leave_out(self, row: MappedRow, reason: str) -> None:
        self.report.add_warning(row, LEFT_OUT, f"没有读：{reason}", "不该略过的，请改好表或 content/import.yaml 再导入")

    def _translate(self, row: MappedRow, key: str, words: Words) -> tuple[str, bool]:
        """Return what the word of a row means by the format, and whether such rows are wanted."""
        text = row.texts.get(key, "")
        meant = words.get(mapped_table.normalize_word(text), text)
        if meant is None:
            self._leave_out(row, f"{TITLES[key]}“{text}”写明不计")
        return meant or "", meant is not None

    def _read_day(self, row: MappedRow) -> date | None:
        text, end = row.texts["date"], row.texts.get("end", "")
        reading = written_days.interpret_moment(text)
        span: tuple[date, date | None] | None = written_days.interpret_range(text)
        if reading and reading.certain:
            span = reading.day, written_days.interpret_end(end, reading.day) if end else reading.day
        if span and span[0] == span[1]:
            return span[0]
        if span:
            self._report_span(row, f"{text}—{end}" if end else text, *span)
            return None
        hint = "请写成 2026-03-05 的样子，带着年份；起止时间只留开始的一天"
        hint = f"是 {reading.day} 的，请照这样写" if reading else hint
        is_impossible = reading is None and written_days.read_figures(text)
        message = f"没有“{text}”这一天" if is_impossible else f"“{text}”看不准是哪一天"
        self.report.add_error(row, "field.bad-date", message, hint)
        return None

    def _report_span(self, row: MappedRow, text: str, first: date, last: date | None) -> None:
        message = f"“{text}”是从 {first} 到 {last} 的几天，台账一条只写一天" if last else f"“{text}”看不准是到哪一天"
        hint = f"记在开始那一天的，请改成 {first}；每天都记的，一天写一行"
        self.report.add_error(row, "field.bad-date", message, hint)

    def _find_item(self, row: MappedRow, word: str, day: date) -> Item | None:
        rulebook = self.loaded.rulebooks.get(day.year)
        if rulebook is None:
            hint = f"日期写错的请改正；要登记那一年的，先运行 jifenbang year {day.year}"
            self.report.add_error(row, "cycle.not-begun", f"{day.year} 年还没有立账", hint)
            return None
        item = rulebook.items_by_name.get(word) or rulebook.items_by_name.get("".join(word.split()))
        if item is None:
            suggestion = suggest_known_word(word, [item.title for item in rulebook.items])
            hint = f"{suggestion}；表里的叫法不同的，{_advise('items（项目对照）', word)}"
            self.report.add_error(row, "ledger.unknown-item", f"《{rulebook.title}》里没有“{word}”这个项目", hint)
        return item

    def _find_branch(self, row: MappedRow, word: str, day: date) -> Branch | None:
        names = {branch.named_on(day).name: branch for branch in self.roster.branches}
        for name, branch in names.items():
            if word == branch.id or mapped_table.normalize_word(word) == mapped_table.normalize_word(name):
                return branch
        hint = f"{suggest_known_word(word, names)}；表里的叫法不同的，{_advise('branches（支部对照）', word)}"
        self.report.add_error(row, "ledger.unknown-branch", f"名册里没有“{word}”这个支部", hint)
        return None

    def _read_marks(self, row: MappedRow, item: Item) -> Sequence[AttendanceStatus | None]:
        """Return the mark of a row, None where no mark is needed; nothing if it can't be read."""
        text = row.texts.get("attendance", "")
        if "attendance" not in self.columns or not (text or item.is_activity):
            return [None]
        mark = activity_columns.read_mark(text, self.marks) if text else self.format.blank
        if not text and mark is None:
            self._report_blank(row, "attendance")
        elif mark is None:
            advice = f"请在 {_FILE} 的 attendance（出勤对照）里写明 {text}: …"
            hint = f"{list_words(MARKS.values())}；表里的写法不同的，{advice}"
            self.report.add_error(row, "field.bad-choice", f"“{text}”看不出是到、假、缺还是免", hint)
        return [mark] if mark else ()

    def _find_member(self, row: MappedRow, day: date, branch: Branch | None) -> Member | None:
        name, aka = member_table.split_name(row.texts["member"])
        word = f"{name}（{aka}）" if aka else name
        home = branch.id if branch else self.branch
        members, everywhere = (self._list_members(word, day, choice) for choice in (home, None))
        if len(members) == 1:
            return members[0]
        if members:
            message = f"有 {len(members)} 名党员叫“{word}”"
            hint = f"请在表里改写编号，或在姓名后面写上区别：{self.roster.describe_candidates(members)}"
            self.report.add_error(row, "ledger.ambiguous-member", message, hint)
        elif everywhere and branch is None:
            homes = "、".join(self._name_of(member.branch_on(day), day) for member in everywhere)
            self._leave_out(row, f"“{word}”当日属于{homes}，--branch 只要{self._name_of(self.branch, day)}")
        elif namesakes := self.roster.members_by_name.get(word, ()):
            message = f"“{word}”{day} 不在{self._name_of(branch.id, day) if branch else '机关'}的名册上"
            hint = name_resolution.explain_absence(namesakes, day, self.roster)
            self.report.add_error(row, "ledger.not-on-roster", message, hint)
        elif names := self._list_names(row.texts["member"]):
            message = f"一格里写了 {len(names)} 个人：{'、'.join(names)}"
            self.report.add_error(row, "ledger.unknown-member", message, "请改成一人一行，日期、项目等各行都填上")
        else:
            candidates = filter(_eligibility_test(day, home), self.roster.members)
            hint = name_resolution.suggest_member_name(word, candidates)
            hint = f"{hint}；不是党员的，请在 {_FILE} 的 skip（不读的人）里写上"
            self.report.add_error(row, "ledger.unknown-member", f"名册里没有“{word}”", hint)
        return None

    def _list_names(self, text: str) -> Sequence[str]:
        """Return the names in a cell with several, of whom one at least is on the roster; else none."""
        names = re.split(r"[、，,;；/\s]+", text.strip("、，,;；/"))
        return names if len(names) > 1 and any(name in self.roster.members_by_name for name in names) else ()

    def _list_members(self, word: str, day: date, branch: str | None) -> Sequence[Member]:
        return self.roster.find_namesakes(word, day, _eligibility_test(day, branch))

    def _name_of(self, branch: str | None, day: date) -> str:
        return self.roster.branch_by_id[branch].named_on(day).name if branch else ""


def _eligibility_test(day: date, branch: str | None) -> Callable[[Member], bool]:
    """Return the test of who is on the roster on a day, and in the branch if it is known."""
    return lambda member: member.branch_on(day) is not None and branch in {None, member.branch_on(day)}


def _normalize_words(words: Words) -> Words:
    return {mapped_table.normalize_word(word): meant for word, meant in words.items()}


def _advise(key: str, word: str) -> str:
    return f"请在 {_FILE} 的 {key}里写明，例如 {word}: …，不要的写 none"


# --- rows of one activity --------------------------------------------------------------------------------------------


def group_by_month(
    records: Sequence[TableRecord], file: str, report: RowReport
) -> Mapping[BranchMonth, list[PlacedLine]]:
    """Return the lines of each branch's month, by day: an activity for all rows of it, an entry for each other row."""
    lines: dict[BranchMonth, list[PlacedLine]] = defaultdict(list)
    activities: dict[tuple[str, date, str, str], list[TableRecord]] = defaultdict(list)
    entries: list[tuple[EntryLine, TableRecord]] = []
    for record in sorted(records, key=lambda record: record.day):
        if record.is_attendance:
            title = record.row.texts.get("title", "")
            activities[record.branch, record.day, record.item.id, title].append(record)
        else:
            entries.append((_make_entry(record), record))
    for (branch, *_), group in activities.items():
        lines[branch, group[0].month].append(_make_activity(group, file, report))
    _report_repeated(entries, report)
    for entry, record in entries:
        where = mapped_table.locate_row(file, record.row)
        lines[record.branch, record.month].append(PlacedLine("", entry, {"": where}))
    return lines


def _make_activity(group: Sequence[TableRecord], file: str, report: RowReport) -> PlacedLine:
    """Make an activity with the marks of its rows, written out for each member whom the table has."""
    first = group[0]
    marks: dict[str, AttendanceStatus] = {}
    rows: dict[str, MappedRow] = {}
    for record in group:
        mark, member = record.mark or AttendanceStatus.PRESENT, record.member.id
        before = marks.setdefault(member, mark)
        earlier = rows.setdefault(member, record.row)
        if earlier is record.row:
            continue
        place = next(mapped_table.name_rows([(earlier.sheet, earlier.number)]))
        description = f"“{record.member.name}”{first.day} 的“{first.item.title}”，{place}已经写了“{MARKS[before]}”"
        if before is mark:
            report.add_warning(
                record.row, SAME_PERSON, f"{description}，只记一次", "确是两次活动的，请在主题里写出区别"
            )
        else:
            report.add_error(record.row, SAME_PERSON, f"{description}，这里是“{MARKS[mark]}”", "请核对，只留一行")
    places = {f"member:{member}": mapped_table.locate_row(file, row) for member, row in rows.items()}
    title = first.row.texts.get("title", "")
    line = ActivityLine(first.item.id, first.day.isoformat(), title, is_roll=False, marks=marks)
    return PlacedLine("", line, {"": mapped_table.locate_row(file, first.row), **places})


def _make_entry(record: TableRecord) -> EntryLine:
    texts = record.row.texts
    level, times = texts.get("level", ""), unicodedata.normalize("NFKC", texts.get("times", ""))
    note = "：".join(filter(None, (texts.get("title"), texts.get("note"))))
    return EntryLine(record.member.id, record.item.id, record.day.isoformat(), level, times, note)


def _report_repeated(entries: Sequence[tuple[EntryLine, TableRecord]], report: RowReport) -> None:
    first_rows: dict[object, MappedRow] = {}
    for entry, record in entries:
        before = first_rows.setdefault(
            (entry.member, entry.item, entry.date, entry.level, entry.times, entry.note), record.row
        )
        if before is not record.row:
            place = next(mapped_table.name_rows([(before.sheet, before.number)]))
            hint = "写重了的删去一行；确是两次的，合在一行里写次数，或在备注里写出区别"
            message = f"与{place}完全一样：{record.member.name} {record.item.title}"
            report.add_error(record.row, SAME_PERSON, message, hint)


SAME_PERSON = "import.same-person"


def find_unlisted(lines: Iterable[PlacedLine], context: CheckContext, file: str) -> Iterator[Problem]:
    """Warn of members on the roll of whom a table says nothing."""
    for placed in lines:
        item = context.rulebook.item[placed.line.item]
        if not isinstance(placed.line, ActivityLine) or not item.roll:
            continue
        roll = context.roster.members_on(context.branch, date.fromisoformat(placed.line.date))
        missing = [member_label(member) for member in roll if member.id not in placed.line.marks]
        if missing:
            message = f"{placed.line.date} 的“{item.title}”，表里没有{'、'.join(missing)}"
            hint = "这些人在册，草稿里都没有记他们；到会、请假、缺席的，请补上"
            yield Problem(Location(file, 0), "import.not-listed", message, hint, Severity.WARNING)
