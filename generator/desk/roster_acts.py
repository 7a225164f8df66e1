"""Acts on people and branches.

Before each it is said which lines of the roster it changes, and which sealed months it leaves as they are.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from generator.core.model.roster import MembershipStatus, Roster
from generator.desk.act import Act, Compose, Describe, Facts, write_option
from generator.desk.desk import Desk
from generator.desk.fields import FieldError, Fields
from generator.intake.files.roster_file import CHINESE_STATUSES
from generator.intake.imports import member_table
from generator.loader.load import LoadedProject
from generator.problems import Problem
from generator.workflow import edit_roster, roster_changes
from generator.workflow.roster_changes import Changes, NewMember

Plan = Callable[[Roster, Fields, date], Changes]
"""Returns what an act writes into the roster, from a day on: by the function that its command calls."""


def _since(fields: Fields) -> list[str]:
    return write_option("from", fields.day("since", "日期", required=False))


def _typed(fields: Fields, *names: str) -> dict[str, str | None]:
    """Return the texts of fields; None for one that is blank."""
    return {name: fields.text(name) or None for name in names}


def _add_member(_: Desk, fields: Fields) -> list[str]:
    return [
        *("roster", "add", *write_option("branch", fields.branch()), *write_option("status", _status(fields))),
        *_since(fields),
        *write_option("pinyin", fields.text("pinyin")),
        *write_option("aka", fields.text("aka")),
        *("--", fields.text("name", "姓名", required=True)),
    ]


def _status(fields: Fields) -> str:
    status = fields.text("status") or "正式"
    if status not in CHINESE_STATUSES.values():
        raise FieldError("没有这一种身份，请返回重新选")
    return status


def _plan_member(roster: Roster, fields: Fields, since: date) -> Changes:
    status = next(MembershipStatus(key) for key, title in CHINESE_STATUSES.items() if title == _status(fields))
    more = _typed(fields, "aka", "pinyin")
    return roster_changes.add_member(roster, NewMember(fields.text("name"), fields.branch(), status, since, **more))


def _import_members(_: Desk, fields: Fields) -> list[str]:
    return ["roster", "import", "--yes", *_since(fields), f"名单{fields.upload().suffix}"]


def _describe_members(desk: Desk, fields: Fields, loaded: LoadedProject) -> Facts:
    """Say which lines of the roster a table of members would change, or why it can't."""
    table, problems = member_table.read_member_file(fields.upload())
    if table is None:
        raise FieldError(_list_reasons(problems))
    unread = [f"没有读、也没有存的：{'、'.join(table.unread)}。"] if table.unread else []
    plan: Plan = lambda roster, _fields, since: roster_changes.merge_table(roster, table, since)  # noqa: E731
    return [*unread, *_describe_changes(plan)(desk, fields, loaded)]


def _move_member(_: Desk, fields: Fields) -> list[str]:
    reason = write_option("reason", fields.text("reason"))
    return ["roster", "move", *_since(fields), *reason, "--", fields.member(), fields.branch()]


def _plan_move(roster: Roster, fields: Fields, since: date) -> Changes:
    changed = {"branch": fields.branch(), **_typed(fields, "reason")}
    return roster_changes.change_member(roster, fields.member(), since, changed)


def _leave(_: Desk, fields: Fields) -> list[str]:
    return ["roster", "leave", *_since(fields), "--", fields.member(), fields.text("left", "去向", required=True)]


def _plan_leaving(roster: Roster, fields: Fields, since: date) -> Changes:
    return roster_changes.change_member(roster, fields.member(), since, _typed(fields, "left"))


def _confirm_member(_: Desk, fields: Fields) -> list[str]:
    return ["roster", "confirm", *_since(fields), "--", fields.member()]


def _plan_confirmation(roster: Roster, fields: Fields, since: date) -> Changes:
    return roster_changes.change_member(roster, fields.member(), since, {"status": MembershipStatus.FULL.value})


def _rename_member(_: Desk, fields: Fields) -> list[str]:
    name = fields.text("name")
    options = [*write_option("pinyin", fields.text("pinyin")), *write_option("aka", fields.text("aka"))]
    if not name and not options:
        raise FieldError("没有填新姓名，也没有填区别、读音，请返回填上")
    reason = write_option("reason", fields.text("reason"))
    return ["roster", "rename", *options, *_since(fields), *reason, "--", fields.member(), *([name] if name else [])]


def _plan_name(roster: Roster, fields: Fields, since: date) -> Changes:
    changed = _typed(fields, "name", "pinyin", "aka", "reason")
    return roster_changes.change_member(roster, fields.member(), since, changed)


def _add_branch(_: Desk, fields: Fields) -> list[str]:
    secretary = write_option("secretary", fields.text("secretary"))
    return ["roster", "branch", "add", *secretary, *_since(fields), "--", fields.text("name", "名称", required=True)]


def _plan_branch(roster: Roster, fields: Fields, since: date) -> Changes:
    return roster_changes.add_branch(roster, fields.text("name"), since, fields.text("secretary") or None)


def _rename_branch(_: Desk, fields: Fields) -> list[str]:
    name = fields.text("name", "新名称", required=True)
    reason = write_option("reason", fields.text("reason"))
    return ["roster", "branch", "rename", *_since(fields), *reason, "--", fields.branch(), name]


def _plan_branch_name(roster: Roster, fields: Fields, since: date) -> Changes:
    return roster_changes.change_branch(roster, fields.branch(), since, _typed(fields, "name", "reason"))


def _set_secretary(_: Desk, fields: Fields) -> list[str]:
    return ["roster", "branch", "secretary", *_since(fields), "--", fields.branch(), fields.member()]


def _plan_secretary(roster: Roster, fields: Fields, since: date) -> Changes:
    written_day = fields.day("since", "日期", required=False)
    changed = {"secretary": fields.member()}
    return roster_changes.set_secretary(roster, fields.branch(), written_day, since, changed)


def _close_branch(_: Desk, fields: Fields) -> list[str]:
    return ["roster", "branch", "close", *_since(fields), "--", fields.branch()]


def _plan_end(roster: Roster, fields: Fields, since: date) -> Changes:
    return roster_changes.close_branch(roster, fields.branch(), since)


def _describe_changes(plan: Plan) -> Describe:
    """Return what says which lines of the roster an act would change, and what of it sealed months feel."""

    def describe(desk: Desk, fields: Fields, loaded: LoadedProject) -> Facts:
        since = fields.day("since", "日期", required=False) or loaded.today
        result = edit_roster.edit_roster(
            desk.project,
            loaded.today,
            lambda roster: plan(roster, fields, since),
            lambda _edited: False,
            lambda _project, _today: desk.read_state().load_result,
        )
        edited = result.value
        if edited is None:
            raise FieldError(result.usage_error or _list_reasons(result.problems))
        if not edited.lines:
            return ["名册里已经都是这样，没有要改的。"]
        new = [
            f"写了以后会有的提醒：{problem.where} {problem.message}。{problem.hint}。" for problem in result.problems
        ]
        return ["名册改这些地方（- 原来，+ 现在）：", *edited.lines, edit_roster.describe_sealed_months(edited), *new]

    return describe


def _list_reasons(problems: Sequence[Problem]) -> str:
    return "；".join(f"{problem.message}。{problem.hint}" for problem in problems)


def _make_act(title: str, compose: Compose, describe: Describe, *, takes_file: bool = False) -> Act:
    return Act(title, compose, describe, _back, _list_files, takes_file=takes_file)


def _back(_: Fields) -> str:
    return "people"


def _list_files(desk: Desk, _: Fields) -> list[Path]:
    return [desk.project.roster_path]


ROSTER_ACTS: Mapping[str, Act] = {
    "add-member": _make_act("新进党员", _add_member, _describe_changes(_plan_member)),
    "import-members": _make_act("照名单登记", _import_members, _describe_members, takes_file=True),
    "move-member": _make_act("转到另一个支部", _move_member, _describe_changes(_plan_move)),
    "leave": _make_act("离开本机关", _leave, _describe_changes(_plan_leaving)),
    "confirm-member": _make_act("预备党员转正", _confirm_member, _describe_changes(_plan_confirmation)),
    "rename-member": _make_act("改名", _rename_member, _describe_changes(_plan_name)),
    "add-branch": _make_act("成立支部", _add_branch, _describe_changes(_plan_branch)),
    "rename-branch": _make_act("支部改名", _rename_branch, _describe_changes(_plan_branch_name)),
    "secretary": _make_act("记下书记", _set_secretary, _describe_changes(_plan_secretary)),
    "close-branch": _make_act("撤销支部", _close_branch, _describe_changes(_plan_end)),
}
