"""The folder ``content/``: the site's settings, and Markdown with YAML front matter."""

import re
from collections.abc import Callable
from datetime import date

from msgspec import Struct

from generator.core.basics import periods
from generator.core.basics.periods import Kind, Period
from generator.core.basics.privacy import private
from generator.core.basics.workdays import Calendar
from generator.core.model.settings import Article, Audience, Naming, Objection, Order, Settings
from generator.intake.text import decoding, yaml_nodes
from generator.intake.text.fields import Field, Report, choice, count, day, many, record, slug, table, text, verbatim
from generator.intake.text.yaml_nodes import Node, Scalar
from generator.problems import Problem, Where


def _posted(node: Node, report: Report) -> dict[Period, date] | None:
    """Days by period."""
    found = table(_period, day)(node, report)
    for name, when in (found or {}).items():
        stretch = periods.parse(name)
        if stretch is not None and when < stretch.last:
            message = f"{name} 的公布日期 {when} 在周期结束（{stretch.last}）之前"
            report.add(node, "site.posted-early", message, "榜单在周期结束以后才能公布，请核对日期")
    return None if found is None else {known: when for name, when in found.items() if (known := periods.parse(name))}


def _period(node: Node, report: Report) -> str | None:
    said = text(node, report)
    if said is not None and periods.parse(said) is None:
        report.add(node, "field.bad-period", f"“{said}”不是一个周期", "请写成 2026-03、2026-Q1、2026-H1 或 2026")
        return None
    return said


_OBJECTION = record(
    Objection,
    Field("days", count, required=True),
    Field("contact", text, required=True),
    Field("phone", verbatim),
)


def _year(node: Node, report: Report) -> int | None:
    """A calendar year."""
    said = text(node, report)
    found = periods.parse(said) if said else None
    if said and (found is None or found.kind is not Kind.YEAR):
        report.add(node, "field.bad-period", f"“{said}”不是一个年份", "请写成 2027 的样子")
        return None
    return found.year if found else None


_CALENDAR = record(
    lambda off=(), work=(), years=(): Calendar(frozenset(off), frozenset(work), frozenset(years)),
    Field("off", many(day)),
    Field("work", many(day)),
    Field("years", many(_year)),
)


def _calendar(node: Node, report: Report) -> Calendar | None:
    """Days off and days worked, none of them both."""
    found = _CALENDAR(node, report)
    for both in sorted(found.off & found.work) if found else ():
        hint = "放假的写在 off，调休上班的写在 work，请删去一处"
        report.add(node, "site.calendar", f"{both} 既写在 off 里，又写在 work 里", hint)
    return found


_ADDRESS = re.compile(r"https?://(?:[a-zA-Z0-9-]+\.)*[a-zA-Z0-9-]+(?::[0-9]{1,5})?(?:/[a-zA-Z0-9._~%-]+)*/")


def _address(node: Node, report: Report) -> str | None:
    """Where the site lies on a server: a whole address of a folder, without a question or an anchor."""
    said = text(node, report)
    if said and not _ADDRESS.fullmatch(said):
        slash = _ADDRESS.fullmatch(said + "/")
        hint = (
            "请在末尾加一条斜线 /" if slash else "请写成 https://intranet.example/jifen/ 的样子，末尾是斜线，汉字要转码"
        )
        report.add(node, "site.address", f"“{said}”不是网站的完整地址", hint)
        return None
    return said


_SETTINGS = record(
    Settings,
    Field("organ", text, required=True),
    Field("committee", text, required=True),
    Field("title", text, required=True),
    Field("theme", slug),
    Field("order", choice(Order)),
    Field("names", choice(Naming)),
    Field("objection", _OBJECTION),
    Field("posted", _posted),
    Field("calendar", _calendar),
    Field("publish", many(choice(Audience))),
    Field("banner", text),
    Field("address", _address),
)


def read_settings(raw: bytes, file: str) -> tuple[Settings | None, list[Problem]]:
    """Read ``content/site.yaml``."""
    node, problems = yaml_nodes.read(raw, file)
    if node is None:
        return None, problems
    report = Report(file)
    settings = _SETTINGS(node, report)
    if settings is not None and not settings.publish:
        report.add(
            node, "site.no-audience", "publish 里没有写读者范围", "请写 organ、branch、member、committee 中的几个"
        )
    return (None if report.has_errors else settings), report.problems


class _FrontMatter(Struct, frozen=True):
    title: str
    day: date | None = None


def _dated(title: str, date: date) -> _FrontMatter:
    return _FrontMatter(title, date)


_FRONT: dict[str, Callable[[Node, Report], _FrontMatter | None]] = {
    "notices": record(_dated, Field("title", text, required=True), Field("date", day, required=True)),
    "pages": record(_FrontMatter, Field("title", text, required=True)),
}


def read_article(raw: bytes, file: str) -> tuple[Article | None, list[Problem]]:
    """Read a Markdown file in ``content/notices`` or ``content/pages``; its name becomes its address."""
    folder, stem = file.split("/")[-2], file.rsplit("/", 1)[-1].removesuffix(".md")
    said, problems = decoding.decode(raw, file)
    if problems:
        return None, problems
    report = Report(file)
    address = slug(Scalar(stem, 1, 1), report)
    lines = said.splitlines()
    closing = lines.index("---", 1) if lines[:1] == ["---"] and "---" in lines[1:] else None
    if closing is None:
        hint = "文件第一行写 ---，接着写 title: 标题，再写一行 ---，然后是正文"
        return None, [Problem(Where(file), "content.front-matter", "没有找到文件开头的标题栏", hint)]
    node, problems = yaml_nodes.parse("\n".join(lines[1:closing]), file, first_line=2)
    front = None if node is None else _FRONT[folder](node, report)
    for number, line in enumerate(lines, start=1):
        if found := private(line):
            message = f"“{found}”像是身份证号或电话号码，而这里的文字会公布"
            hint = "请删去号码；办公电话写在 content/site.yaml 的 objection.phone，由网站显示"
            problems.append(
                Problem(Where(file, number, max(line.find(found), 0) + 1), "text.private-number", message, hint)
            )
    problems += report.problems
    if front is None or address is None or problems:
        return None, problems
    return Article(folder, address, front.title, "\n".join(lines[closing + 1 :]), front.day), []
