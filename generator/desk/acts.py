"""Acts: each is a form, the words of the command that does the same, and what is said before it is done."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from msgspec import Struct

from generator.core.basics.periods import PeriodKind
from generator.desk import text_files
from generator.desk.desk import Desk
from generator.desk.fields import FieldError, Fields
from generator.desk.page import PageError
from generator.intake.imports import member_table
from generator.loader.load import LoadedProject
from generator.queries import sealing_preview
from generator.workflow import edit_roster, reservations, roster_changes
from generator.workflow.reservations import SigningRequest

Facts = Sequence[str]


class Act(Struct, frozen=True):
    """An act: ``compose`` returns the words of its command, and ``describe`` what is said before it is done.

    ``back`` is the page that it leads back to, ``find_files`` the files whose content it bears on, and ``find_moves``
    the page on which points and ranks move by it, empty for none. An act that ``makes_file`` or ``takes_file`` names
    the file in its last word.
    """

    title: str
    compose: Callable[[Desk, Fields], list[str]]
    describe: Callable[[Desk, Fields, LoadedProject], Facts] | None = None
    back: Callable[[Fields], str] = lambda _fields: ""
    find_files: Callable[[Desk, Fields], list[Path]] = lambda _desk, _fields: []
    find_moves: Callable[[Fields], str] = lambda _fields: ""
    makes_file: bool = False
    takes_file: bool = False


def _month_file(desk: Desk, fields: Fields) -> Path:
    """Return the path of a ledger or correction, by branch, month and number: the browser names no path."""
    branch, month, number = fields.branch(), fields.period(PeriodKind.MONTH), fields.number()
    project = desk.project
    if number:
        return project.correction_path(branch, str(month), number)
    return project.ledger_path(branch, str(month))


def _list_month_file(desk: Desk, fields: Fields) -> list[Path]:
    return [_month_file(desk, fields)]


def _month_name(desk: Desk, fields: Fields) -> str:
    return desk.project.file_name(_month_file(desk, fields))


def _month_back(fields: Fields) -> str:
    return f"month/{fields.branch()}/{fields.period(PeriodKind.MONTH)}"


def _option(name: str, value: object) -> list[str]:
    """Return an option with its value, nothing without one; what is written in it can't become an option of its own."""
    return [f"--{name}={value}"] if value else []


# --- approvals -------------------------------------------------------------------------------------------------------


def _find_picked(desk: Desk, fields: Fields) -> list[Path]:
    """Return the paths of the files that were picked."""
    return [_text_file(desk, pick) if pick.raw("id") else _month_file(desk, pick) for pick in fields.picked()]


def _text_file(desk: Desk, fields: Fields) -> Path:
    try:
        return text_files.find_text(desk.project, fields.raw("id"))
    except PageError:
        raise FieldError("没有这份文件，请返回重新选") from None


def _name_picked(desk: Desk, fields: Fields) -> list[str]:
    return [desk.project.file_name(path) for path in _find_picked(desk, fields)]


def _picked_back(fields: Fields) -> str:
    picked = fields.picked()
    if len(picked) > 1:
        return "approvals"
    return f"text/{picked[0].raw('id')}" if picked[0].raw("id") else _month_back(picked[0])


def _find_moves(fields: Fields) -> str:
    ledgers = [pick for pick in fields.picked() if not pick.raw("id")]
    months = [f"{pick.branch()}/{pick.period(PeriodKind.MONTH)}" for pick in ledgers]
    return "/".join(["moves", *dict.fromkeys(months)]) if months else ""


def _approve(desk: Desk, fields: Fields) -> list[str]:
    return [
        "approve",
        *_name_picked(desk, fields),
        *_option("meeting", fields.day("meeting", "开会日期")),
        *_option("by", fields.text("by")),
        *_option("acting", fields.text("acting")),
        *_option("consent", fields.text("consent")),
    ]


def _describe_seal(desk: Desk, fields: Fields, loaded: LoadedProject) -> Facts:
    names = _name_picked(desk, fields)
    lines = [f"一共封存 {len(names)} 份。"] if len(names) > 1 else []
    for name in names:
        draft = loaded.files_by_name.get(name)
        lines.append(f"封存 {name}：以后不能改，写错的只能更正。")
        lines += sealing_preview.describe_draft(loaded, draft) if draft and not draft.sealed else []
    return lines


def _request(desk: Desk, fields: Fields) -> list[str]:
    name = _name_request(_name_picked(desk, fields), fields.day("meeting", "开会日期"))
    return [*_approve(desk, fields), f"--request={name}"]


def _name_request(names: Sequence[str], meeting: date | None) -> str:
    """Return the name of the request for files: request-2026-first-11.zip; of several with day and number."""
    words = re.findall(r"[A-Za-z0-9]+", names[0].removesuffix(".yaml").partition("/")[2])
    if len(names) > 1:
        words = [str(meeting), str(len(names))]
    return f"{'-'.join(['request', *words])}.zip"


def compose_request(request: SigningRequest) -> tuple[list[str], str]:
    """Return the words of the command that makes a request again, without where to, and the name of its file."""
    options = {"meeting": request.meeting, "by": request.by, "acting": request.acting, "consent": request.consent}
    words = [word for name, value in options.items() for word in _option(name, value)]
    return ["approve", *request.names, *words], _name_request(request.names, request.meeting)


def _describe_request(desk: Desk, fields: Fields, loaded: LoadedProject) -> Facts:
    fact = "写一份签名请求，交给审核人在他的电脑上签名；收下他的答复才封存。签名以前改动草稿的，要重新请求。"
    return [fact, *_describe_seal(desk, fields, loaded)]


def _withdraw_request(desk: Desk, fields: Fields) -> list[str]:
    return ["approve", *_name_picked(desk, fields)[:1], "--withdraw"]


def _describe_request_withdrawal(desk: Desk, fields: Fields, loaded: LoadedProject) -> Facts:
    request = reservations.find_requests_by_name(loaded).get(_name_picked(desk, fields)[0])
    names = "、".join(request.names) if request else ""
    return [f"签名请求作废{f'（{names}）' if names else ''}，审核人签好的答复不再有效；草稿不变。"]


# --- ledgers ---------------------------------------------------------------------------------------------------------


def _withdraw(desk: Desk, fields: Fields) -> list[str]:
    reason = fields.text("reason", "撤回的原因", required=True)
    return ["approve", _month_name(desk, fields), "--withdraw", *_option("reason", reason)]


def _describe_withdrawal(desk: Desk, fields: Fields, _: LoadedProject) -> Facts:
    return [f"{_month_name(desk, fields)} 又成为草稿，撤回记录留存。已经公布过的不能撤回，只能更正。"]


def _tidy(desk: Desk, fields: Fields) -> list[str]:
    return ["tidy", _month_name(desk, fields)]


def _restore(desk: Desk, fields: Fields) -> list[str]:
    return ["restore", _month_name(desk, fields)]


def _file_quarter(_: Desk, fields: Fields) -> list[str]:
    return [
        "file",
        str(fields.period(PeriodKind.QUARTER)),
        *_option("branch", fields.branch()),
        *_option("on", fields.day("on", "备案日期")),
        *_option("by", fields.text("by", "备案人", required=True)),
        *_option("acting", fields.text("acting")),
    ]


def _describe_filing(_: Desk, fields: Fields, loaded: LoadedProject) -> Facts:
    branch = loaded.roster.branch_by_id[fields.branch()]
    quarter = fields.period(PeriodKind.QUARTER)
    return [f"记录 {branch.name} {quarter} 已向机关党委备案；备案以后再更正，要机关党委同意。"]


# --- people ----------------------------------------------------------------------------------------------------------


def _since(fields: Fields) -> list[str]:
    return _option("from", fields.day("since", "日期", required=False))


def _add_member(_: Desk, fields: Fields) -> list[str]:
    status = fields.text("status") or "正式"
    return [
        *("roster", "add", *_option("branch", fields.branch()), *_option("status", status)),
        *_since(fields),
        *_option("pinyin", fields.text("pinyin")),
        *_option("aka", fields.text("aka")),
        *("--", fields.text("name", "姓名", required=True)),
    ]


def _import_members(_: Desk, fields: Fields) -> list[str]:
    return ["roster", "import", "--yes", *_since(fields), f"名单{fields.upload().suffix}"]


def _describe_members(desk: Desk, fields: Fields, loaded: LoadedProject) -> Facts:
    """Say which lines of the roster a table of members would change, or why it can't."""
    table, problems = member_table.read_member_file(fields.upload())
    if table is None:
        return [f"{problem.message}。{problem.hint}。" for problem in problems]
    since = fields.day("since", "日期", required=False) or loaded.today
    result = edit_roster.edit_roster(
        desk.project,
        loaded.today,
        lambda roster: roster_changes.merge_table(roster, table, since),
        lambda _edited: False,
    )
    unread = [f"没有读、也没有存的：{'、'.join(table.unread)}。"] if table.unread else []
    if result.value is None:
        reasons = [f"{problem.message}。{problem.hint}。" for problem in result.problems]
        return [*unread, *reasons, *filter(None, [result.usage_error])]
    lines = [line for line in result.value.lines if line.strip()]
    return [*unread, *(lines or ["名单上的人都已经在名册里，没有要改的。"])]


def _move_member(_: Desk, fields: Fields) -> list[str]:
    reason = _option("reason", fields.text("reason"))
    return ["roster", "move", *_since(fields), *reason, "--", fields.member(), fields.branch()]


def _leave(_: Desk, fields: Fields) -> list[str]:
    return ["roster", "leave", *_since(fields), "--", fields.member(), fields.text("left", "去向", required=True)]


def _confirm_member(_: Desk, fields: Fields) -> list[str]:
    return ["roster", "confirm", *_since(fields), "--", fields.member()]


def _rename_member(_: Desk, fields: Fields) -> list[str]:
    name = fields.text("name")
    options = [*_option("pinyin", fields.text("pinyin")), *_option("aka", fields.text("aka"))]
    reason = _option("reason", fields.text("reason"))
    return ["roster", "rename", *options, *_since(fields), *reason, "--", fields.member(), *([name] if name else [])]


def _add_branch(_: Desk, fields: Fields) -> list[str]:
    secretary = _option("secretary", fields.text("secretary"))
    return ["roster", "branch", "add", *secretary, *_since(fields), "--", fields.text("name", "名称", required=True)]


def _rename_branch(_: Desk, fields: Fields) -> list[str]:
    name = fields.text("name", "新名称", required=True)
    reason = _option("reason", fields.text("reason"))
    return ["roster", "branch", "rename", *_since(fields), *reason, "--", fields.branch(), name]


def _set_secretary(_: Desk, fields: Fields) -> list[str]:
    return ["roster", "branch", "secretary", *_since(fields), "--", fields.branch(), fields.member()]


def _close_branch(_: Desk, fields: Fields) -> list[str]:
    return ["roster", "branch", "close", *_since(fields), "--", fields.branch()]


def _describe_roster(_: Desk, fields: Fields, loaded: LoadedProject) -> Facts:
    since = fields.day("since", "日期", required=False) or loaded.today
    sealed = sorted(
        {month for _, month in loaded.approved_ledgers if month.last >= since}, key=lambda month: month.first
    )
    if not sealed:
        return [f"从 {since} 起写入名册；已封存的月份都在这以前，不受影响。"]
    months = "、".join(map(str, sealed))
    refusal = f"{months} 已经封存：会改变它们的，程序拒绝写入，并说明最早可以从哪一天起。"
    return [f"从 {since} 起写入名册。{refusal}"]


def _start_year(_: Desk, fields: Fields) -> list[str]:
    year = fields.period(PeriodKind.YEAR)
    return ["year", str(year), *_option("rulebook", fields.text("rulebook"))]


# --- publishing ------------------------------------------------------------------------------------------------------


def _publish(desk: Desk, _: Fields) -> list[str]:
    if desk.target is None:
        raise FieldError("打开工作台时没有写明送到哪里，请用 jifenbang desk --target 文件夹 重新打开")
    return ["publish", str(desk.target)]


def _describe_build(desk: Desk, _: Fields, loaded: LoadedProject) -> Facts:
    changes = desk.peek(["diff"]).text.splitlines()
    overtaken = reservations.describe_overtaken(loaded)
    return [*changes, *overtaken, "公布以后，新审核的各份不能再撤回，只能更正。"]


ACTS: Mapping[str, Act] = {
    "approve": Act("审核封存", _approve, _describe_seal, _picked_back, _find_picked, _find_moves),
    "request": Act(
        "请审核人签名", _request, _describe_request, _picked_back, _find_picked, _find_moves, makes_file=True
    ),
    "withdraw-request": Act("撤回签名请求", _withdraw_request, _describe_request_withdrawal, _picked_back),
    "withdraw": Act("撤回审核", _withdraw, _describe_withdrawal, _month_back, _list_month_file),
    "tidy": Act("整理写法", _tidy, None, _month_back),
    "restore": Act("恢复封存时的样子", _restore, None, _month_back),
    "file": Act("记录备案", _file_quarter, _describe_filing, lambda _fields: ""),
    "add-member": Act("新进党员", _add_member, _describe_roster, lambda _fields: "people"),
    "import-members": Act("照名单登记", _import_members, _describe_members, lambda _fields: "people", takes_file=True),
    "move-member": Act("转到另一个支部", _move_member, _describe_roster, lambda _fields: "people"),
    "leave": Act("离开本机关", _leave, _describe_roster, lambda _fields: "people"),
    "confirm-member": Act("预备党员转正", _confirm_member, _describe_roster, lambda _fields: "people"),
    "rename-member": Act("改名", _rename_member, _describe_roster, lambda _fields: "people"),
    "add-branch": Act("成立支部", _add_branch, _describe_roster, lambda _fields: "people"),
    "rename-branch": Act("支部改名", _rename_branch, _describe_roster, lambda _fields: "people"),
    "secretary": Act("记下书记", _set_secretary, _describe_roster, lambda _fields: "people"),
    "close-branch": Act("撤销支部", _close_branch, _describe_roster, lambda _fields: "people"),
    "year": Act("新年度立账", _start_year, None, lambda _fields: "settings"),
    "build": Act(
        "生成并公布网站", lambda _desk, _fields: ["build", "--yes"], _describe_build, lambda _fields: "publish"
    ),
    "diff": Act("会改变什么", lambda _desk, _fields: ["diff"], None, lambda _fields: "publish"),
    "verify": Act("核对", lambda _desk, _fields: ["verify"], None, lambda _fields: "publish"),
    "rollback": Act(
        "退回上一次生成",
        lambda _desk, _fields: ["rollback"],
        lambda _desk, _fields, _loaded: ["网站退回上一次生成的样子；台账不变。"],
        lambda _fields: "publish",
    ),
    "publish": Act(
        "送到网页服务器",
        _publish,
        lambda desk, _fields, _loaded: [f"把 site/ 里的网站原样送到 {desk.target}，并在那里逐个核对。"],
        lambda _fields: "publish",
    ),
}
