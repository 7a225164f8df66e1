"""New texts: notices, pages, reviews, polls, honours and the reading of tables, each begun with what its file needs."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from generator.core.basics.periods import PeriodKind
from generator.desk.fields import FieldError, Fields
from generator.disk import atomic_files
from generator.intake.text.fields import is_usable_id
from generator.project import Project
from generator.workflow.record_text import inline_yaml


class NewText(Struct, frozen=True):
    """A text that is to begin: its id on the desk, its file, and what is in it."""

    text_id: str
    path: Path
    text: str


def compose_text(project: Project, fields: Fields) -> NewText:
    """Return the text that a form wants to begin; raises FieldError."""
    kind = fields.raw("kind")
    if kind not in _KINDS:
        raise FieldError("没有这一种文字，请返回重新选")
    return _KINDS[kind](project, fields)


def create_text(new: NewText) -> None:
    """Write a text that begins; raises FieldError if there is a file of that name."""
    if new.path.exists() or new.path.is_symlink():
        raise FieldError("已经有这一份了，请在“设置”里打开它，或者换一个编号")
    new.path.parent.mkdir(parents=True, exist_ok=True)
    atomic_files.write_durably(new.path, new.text.encode())


def _read_id(fields: Fields) -> str:
    text_id = fields.text("id", "编号", required=True)
    if not is_usable_id(text_id):
        raise FieldError(f"“{text_id}”不能用作编号：只能用小写英文字母、数字和短横，例如 2026-11-tongzhi")
    return text_id


def _read_title(fields: Fields) -> str:
    title = fields.label("title", "标题")
    if not title:
        raise FieldError("没有填标题，请返回填上")
    return inline_yaml(title)


def _begin_notice(project: Project, fields: Fields) -> NewText:
    text_id, day = _read_id(fields), fields.day("date", "日期")
    text = f"---\ntitle: {_read_title(fields)}\ndate: {day}\n---\n\n"
    return NewText(f"notices:{text_id}", project.content_folder / "notices" / f"{text_id}.md", text)


def _begin_page(project: Project, fields: Fields) -> NewText:
    text_id = _read_id(fields)
    text = f"---\ntitle: {_read_title(fields)}\n---\n\n"
    return NewText(f"pages:{text_id}", project.content_folder / "pages" / f"{text_id}.md", text)


def _begin_reviews(project: Project, fields: Fields) -> NewText:
    year = fields.check_year(fields.period(PeriodKind.YEAR).year)
    path = project.ledgers_folder / str(year) / "reviews.yaml"
    return NewText(f"{year}:reviews", path, f"# 一行一人，例如 张三: 95.5\n年度: {year}\n得分: {{}}\n")


def _begin_honours(project: Project, fields: Fields) -> NewText:
    award, day, names = _read_title(fields), fields.day("date", "日期"), re.split(r"[、，,\s]+", fields.text("members"))
    if day is None or not all(names):
        raise FieldError("没有填党员，请返回填上，几个人的用顿号隔开")
    honour = f"{{奖项: {award}, 日期: {day}, 党员: {inline_yaml(names)}}}"
    path = project.ledgers_folder / str(fields.check_year(day.year)) / "honours.yaml"
    return NewText(f"{day.year}:honours", path, f"年度: {day.year}\n荣誉:  # 一行一项\n  - {honour}\n")


def _begin_poll(project: Project, fields: Fields) -> NewText:
    text_id, day, electorate = _read_id(fields), fields.day("date", "日期"), fields.count("electorate", "应到人数")
    if day is None or electorate is None:
        raise FieldError("没有填应到人数，请返回填上")
    head = f"奖项: {_read_title(fields)}\n日期: {day}\n应到: {electorate}\n"
    path = project.ledgers_folder / str(fields.check_year(day.year)) / "votes" / f"{text_id}.yaml"
    return NewText(f"{day.year}:votes:{text_id}", path, f"# 一行一人，例如 张三: 33\n{head}得票: {{}}\n")


def _begin_formats(project: Project, _: Fields) -> NewText:
    text = (
        "# 别的系统导出的表怎样读：哪一列是什么，表里的词是这里的什么\n"
        "formats:\n  - title: 支部工作系统\n"
        "    columns: {member: 姓名, date: 活动时间, item: 活动类型, title: 活动主题, attendance: 参会情况}\n"
    )
    return NewText("import", project.import_path, text)


_KINDS: Mapping[str, Callable[[Project, Fields], NewText]] = {
    "notice": _begin_notice,
    "page": _begin_page,
    "reviews": _begin_reviews,
    "honours": _begin_honours,
    "poll": _begin_poll,
    "import": _begin_formats,
}
