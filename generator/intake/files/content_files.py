"""The folder ``content/``: the site's settings, and Markdown with YAML front matter."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from generator.core.basics import periods, written_periods
from generator.core.basics.periods import Period, PeriodKind
from generator.core.basics.privacy import find_private_number
from generator.core.basics.workdays import Calendar, CalendarChange
from generator.core.model.ledger import WrittenName
from generator.core.model.settings import (
    Article,
    Audience,
    NameDisplay,
    NameOrder,
    ObjectionChange,
    ObjectionSettings,
    Settings,
    SettingsChange,
)
from generator.intake.text import dated_fields, decoding, shapes, yaml_nodes
from generator.intake.text.dated_fields import WrittenDay
from generator.intake.text.fields import (
    PRIVATE_NUMBER,
    Field,
    FileReport,
    NodeReader,
    choice_of,
    list_of,
    mapping_of,
    read_count,
    read_day,
    read_name,
    read_slug,
    read_text,
    read_verbatim,
    record_of,
    set_of,
)
from generator.intake.text.shapes import shape_of, shaped
from generator.intake.text.yaml_nodes import Node, ScalarNode
from generator.problems import Location, Problem, Severity


@shaped(shapes.text_of(periods.NAME_PATTERN.pattern))
def _read_period(node: Node, report: FileReport) -> str | None:
    """Read a period; days without a year that follow are in the year after it if it is a December, else in its own."""
    name = read_text(node, report)
    if name is None:
        return None
    meant = written_periods.interpret_period(name)
    report.year = (meant.last + timedelta(days=1)).year if meant else None
    if periods.parse_period(name) is None:
        hint = f"请写成 {meant}" if meant else "请写成 2026-03、2026-Q1、2026-H1 或 2026"
        report.add_error(node, "field.bad-period", f"“{name}”不是规定的周期写法", hint)
        return None
    return name


_read_posted_day = dated_fields.mended_day(with_reason=True)


_POSTED_DAYS = mapping_of(
    _read_period, _read_posted_day, "请写成 {2026-Q1: 2026-04-10}：前面是周期，后面是公布的日期，冒号后面空一格"
)


@shaped(lambda: shape_of(_POSTED_DAYS))
def _read_posted(node: Node, report: FileReport) -> dict[Period, WrittenDay] | None:
    """Read the publication day of each period's boards."""
    days = _POSTED_DAYS(node, report)
    report.year = None
    for name, posted in (days or {}).items():
        period = periods.parse_period(name)
        if period is not None and posted.day < period.last:
            message = f"{name} 的公布日期 {posted.day} 在周期结束（{period.last}）之前"
            report.add_error(node, "site.posted-early", message, "榜单在周期结束以后才能公布，请核对日期")
    if days is None:
        return None
    return {period: posted for name, posted in days.items() if (period := periods.parse_period(name))}


class _WrittenChange(Struct, frozen=True):
    """A dated change of settings as written: the keys that it has, each with its value."""

    since: date
    reason: str
    where: Location
    values: Mapping[str, Any]


def _make_change(where: Location, reason: str, **values: Any) -> _WrittenChange:
    return _WrittenChange(values.pop("from"), reason, where, values)


def _changes_of(*fields: Field[Any]) -> NodeReader[tuple[_WrittenChange, ...]]:
    """Return a reader of a list of dated changes of some keys."""
    day, reason = Field("from", read_day, required=True), Field("reason", read_text, required=True)
    return list_of(record_of(_make_change, day, reason, *fields, with_where=True))


def _check_changes(
    changes: Sequence[_WrittenChange], subject: str, before: Mapping[str, object], report: FileReport
) -> None:
    """Find changes out of order, without content or to the same value; ``before`` are the values before them all."""
    report.problems += dated_fields.find_misplaced_changes(changes, subject)
    current = dict(before)
    for change in changes:
        if not change.values:
            report.problems.append(dated_fields.empty_change_problem(change, subject, before))
        for key, value in change.values.items():
            if current[key] == value:
                report.problems.append(dated_fields.unchanged_problem(change, subject, key))
            current[key] = value


@shaped(lambda: shapes.any_of(shapes.word_of([0, "0"]), shape_of(read_count)))
def _read_days(node: Node, report: FileReport) -> int | None:
    """Read a number of days; 0 are none."""
    return 0 if isinstance(node, ScalarNode) and node.text == "0" else read_count(node, report)


_OBJECTION = record_of(
    lambda changes=(), **values: (changes, values),
    Field("days", _read_days, required=True),
    Field("contact", read_text, required=True),
    Field("phone", read_verbatim),
    Field("changes", _changes_of(Field("days", _read_days, required=True))),
)


@shaped(lambda: shape_of(_OBJECTION))
def _read_objection(node: Node, report: FileReport) -> ObjectionSettings | None:
    written = _OBJECTION(node, report)
    if written is None:
        return None
    changes, values = written
    _check_changes(changes, "公示期", {"days": values["days"]}, report)
    dated = tuple(ObjectionChange(change.since, change.reason, change.values["days"]) for change in changes)
    return ObjectionSettings(**values, changes=dated)


@shaped(shapes.text_of("[12][0-9]{3}"))
def _read_year(node: Node, report: FileReport) -> int | None:
    """Read a calendar year."""
    name = read_text(node, report)
    period = periods.parse_period(name) if name else None
    if name and (period is None or period.kind is not PeriodKind.YEAR):
        report.add_error(node, "field.bad-period", f"“{name}”不是一个年份", "请写成 2027 的样子")
        return None
    return period.year if period else None


_CALENDAR_FIELDS: tuple[Field[Any], ...] = (
    Field("off", set_of(read_day)),
    Field("work", set_of(read_day)),
    Field("years", set_of(_read_year)),
)
_CALENDAR = record_of(
    lambda changes=(), **values: (changes, values), *_CALENDAR_FIELDS, Field("changes", _changes_of(*_CALENDAR_FIELDS))
)


@shaped(lambda: shape_of(_CALENDAR))
def _read_calendar(node: Node, report: FileReport) -> Calendar | None:
    """Read days off and days worked; report a day that is both."""
    written = _CALENDAR(node, report)
    if written is None:
        return None
    changes, values = written
    before = {key: values.get(key, frozenset()) for key in ("off", "work", "years")}
    _check_changes(changes, "放假安排", before, report)
    dated = tuple(CalendarChange(change.since, change.reason, **change.values) for change in changes)
    calendar = Calendar(**before, changes=dated)
    contradictions = {
        day
        for state in (calendar, *(calendar.state_on(change.since) for change in dated))
        for day in state.off & state.work
    }
    for day in sorted(contradictions):
        hint = "放假的写在 off，调休上班的写在 work，请删去一处"
        report.add_error(node, "site.calendar", f"{day} 既写在 off 里，又写在 work 里", hint)
    return calendar


_ADDRESS_PATTERN = re.compile(r"https?://(?:[a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+(?::[0-9]{1,5})?(?:/[a-zA-Z0-9._~%-]+)*/")


@shaped(shapes.text_of(_ADDRESS_PATTERN.pattern))
def _read_address(node: Node, report: FileReport) -> str | None:
    """Read the site's URL on a server: absolute, of a folder, without query or fragment."""
    address = read_text(node, report)
    if address and not _ADDRESS_PATTERN.fullmatch(address):
        lacks_slash = _ADDRESS_PATTERN.fullmatch(address + "/")
        hint = (
            "请在末尾加一条斜线 /"
            if lacks_slash
            else "请写成 https://intranet.example/jifen/ 的样子，末尾是斜线，汉字要转码"
        )
        report.add_error(node, "site.address", f"“{address}”不是网站的完整地址", hint)
        return None
    return address


SETTINGS = record_of(
    lambda changes=(), posted=MappingProxyType({}), **values: (changes, posted, values),
    Field("organ", read_text, required=True),
    Field("committee", read_text, required=True),
    Field("title", read_text, required=True),
    Field("theme", read_text),
    Field("order", choice_of(NameOrder, {"pinyin": "拼音", "stroke": "姓氏笔画"})),
    Field("names", choice_of(NameDisplay, {"full": "全名", "masked": "隐去一部分"})),
    Field("objection", _read_objection),
    Field("posted", _read_posted),
    Field("calendar", _read_calendar),
    Field("publish", list_of(choice_of(Audience))),
    Field("banner", read_text),
    Field("address", _read_address),
    Field("changes", _changes_of(Field("organ", read_text), Field("committee", read_text))),
)


def read_settings(raw: bytes, file: str) -> tuple[Settings | None, list[Problem]]:
    """Read ``content/site.yaml``; no settings if it has an error."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report = FileReport(file)
    written = SETTINGS(node, report)
    if written is None:
        return None, report.problems
    changes, posted, values = written
    _check_changes(changes, "设置", {key: values[key] for key in ("organ", "committee")}, report)
    settings = Settings(
        **values,
        posted={period: written_day.day for period, written_day in posted.items()},
        posted_mends={period: written_day.mends for period, written_day in posted.items() if written_day.mends},
        changes=tuple(SettingsChange(change.since, change.reason, **change.values) for change in changes),
    )
    if not settings.publish:
        report.add_error(
            node, "site.no-audience", "publish 里没有写读者范围", "请写 organ、branch、member、committee 中的几个"
        )
    return (None if report.has_errors else settings), report.problems


class _FrontMatter(Struct, frozen=True):
    """The YAML at the head of an article."""

    title: str
    day: date | None = None
    template: WrittenName | None = None
    parent: WrittenName | None = None


def _dated_front_matter(title: str, date: date, template: WrittenName | None = None) -> _FrontMatter:
    return _FrontMatter(title, date, template)


_TITLE_AND_TEMPLATE = Field("title", read_text, required=True), Field("template", read_name)
FRONT_MATTER_READERS: dict[str, Callable[[Node, FileReport], _FrontMatter | None]] = {
    "notices": record_of(_dated_front_matter, *_TITLE_AND_TEMPLATE, Field("date", read_day, required=True)),
    "pages": record_of(_FrontMatter, *_TITLE_AND_TEMPLATE, Field("parent", read_name)),
}


def read_article(raw: bytes, file: str, today: date = date.max) -> tuple[Article | None, list[Problem]]:
    """Read a Markdown file in ``content/notices`` or ``content/pages``; its name becomes the page's address.

    A notice of a day after ``today`` gets a warning: it isn't published before that day.
    """
    folder, stem = file.split("/")[-2], file.rsplit("/", 1)[-1].removesuffix(".md")
    text, problems = decoding.decode_text(raw, file)
    if problems:
        return None, problems
    report = FileReport(file)
    address = read_slug(ScalarNode(stem, 1, 1), report)
    lines = text.splitlines()
    closing = lines.index("---", 1) if lines[:1] == ["---"] and "---" in lines[1:] else None
    if closing is None:
        message = "标题栏没有收尾" if lines[:1] == ["---"] else "没有找到文件开头的标题栏"
        hint = "文件第一行写 ---，接着写 title: 标题，再写一行 ---，然后是正文"
        return None, [Problem(Location(file), "content.front-matter", message, hint)]
    node, problems = yaml_nodes.parse_yaml("\n".join(lines[1:closing]), file, first_line=2)
    front_matter = None if node is None else FRONT_MATTER_READERS[folder](node, report)
    in_front_matter = {problem.where.line for problem in report.problems if problem.code == PRIVATE_NUMBER}
    for number, line in enumerate(lines, start=1):
        if number not in in_front_matter and (private_number := find_private_number(line)):
            message = f"“{private_number}”像是身份证号或电话号码，而这里的文字会公布"
            hint = "请删去号码；办公电话写在 content/site.yaml 的 objection.phone，由网站显示"
            where = Location(file, number, line.index(private_number) + 1)
            problems.append(Problem(where, PRIVATE_NUMBER, message, hint))
    problems += report.problems
    if front_matter is None or address is None or problems:
        return None, problems
    if front_matter.day and front_matter.day > today:
        day_line = next((number for number, line in enumerate(lines, start=1) if line.startswith("date")), 1)
        message = f"这份公告的日期 {front_matter.day} 还没有到（今天是 {today}），到那天以后生成网站才会公布"
        problems.append(Problem(Location(file, day_line), FUTURE_NOTICE, message, "日期写错的请改正", Severity.WARNING))
    body = "\n".join(lines[closing + 1 :])
    title, day, template, parent = front_matter.title, front_matter.day, front_matter.template, front_matter.parent
    return Article(folder, address, title, body, day, closing + 2, template, parent), problems


FUTURE_NOTICE = "content.future-notice"
