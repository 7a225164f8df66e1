"""All acts of the desk, by their names."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from generator.core.basics.periods import PeriodKind
from generator.desk import text_files
from generator.desk.act import Act, Facts, write_option
from generator.desk.desk import CommandOutput, Desk
from generator.desk.fields import FieldError, Fields
from generator.desk.page import PageError
from generator.desk.roster_acts import ROSTER_ACTS
from generator.loader.load import LoadedProject
from generator.queries import sealing_preview
from generator.workflow import delete_draft, reservations
from generator.workflow.reservations import SigningRequest


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
        *write_option("meeting", fields.day("meeting", "开会日期")),
        *write_option("by", fields.text("by")),
        *write_option("acting", fields.text("acting")),
        *write_option("consent", fields.text("consent")),
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
    words = [word for name, value in options.items() for word in write_option(name, value)]
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


def _name_deleted(desk: Desk, fields: Fields) -> list[str]:
    return ["delete-draft", *_name_picked(desk, fields)[:1]]


def _list_deleted(desk: Desk, fields: Fields) -> list[Path]:
    return _find_picked(desk, fields)[:1]


def _describe_deletion(desk: Desk, fields: Fields, loaded: LoadedProject) -> Facts:
    name = _name_picked(desk, fields)[0]
    if obstacle := delete_draft.find_obstacle(loaded, name):
        raise FieldError(obstacle)
    request = reservations.find_requests_by_name(loaded).get(name)
    waiting = [f"还在等签名的请求（{request.meeting} 的会议）作废，审核人签好的答复不能再收。"] if request else []
    return [f"删去草稿 {name}：下面的内容都没有了，程序不留底，找不回来。封存的各份不变。", *waiting]


def _describe_deletion_by_hand(desk: Desk, fields: Fields) -> str:
    return f"没有同样的命令；不用工作台的，在文件夹里删去 {_name_picked(desk, fields)[0]} 这个文件。"


def _delete(desk: Desk, fields: Fields) -> CommandOutput:
    name = _name_picked(desk, fields)[0]
    result = delete_draft.delete_draft(
        desk.project, desk.today(), name, lambda _project, _today: desk.read_state().load_result
    )
    if result.value is None:
        return CommandOutput(1, f"{result.usage_error or '资料里有错误，现在不能删去'}。\n")
    return CommandOutput(0, f"已删去草稿 {name}。\n")


def _deleted_back(fields: Fields) -> str:
    pick = fields.picked()[0]
    return "settings" if pick.raw("id") else _month_back(pick)


# --- ledgers ---------------------------------------------------------------------------------------------------------


def _withdraw(desk: Desk, fields: Fields) -> list[str]:
    reason = fields.text("reason", "撤回的原因", required=True)
    return ["approve", _month_name(desk, fields), "--withdraw", *write_option("reason", reason)]


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
        *write_option("branch", fields.branch()),
        *write_option("on", fields.day("on", "备案日期")),
        *write_option("by", fields.text("by", "备案人", required=True)),
        *write_option("acting", fields.text("acting")),
    ]


def _describe_filing(_: Desk, fields: Fields, loaded: LoadedProject) -> Facts:
    branch = loaded.roster.branch_by_id[fields.branch()]
    quarter = fields.period(PeriodKind.QUARTER)
    return [f"记录 {branch.name} {quarter} 已向机关党委备案；备案以后再更正，要机关党委同意。"]


# --- years and publishing ---------------------------------------------------------------------------------------------


def _start_year(_: Desk, fields: Fields) -> list[str]:
    year = fields.period(PeriodKind.YEAR)
    return ["year", str(year), *write_option("rulebook", fields.text("rulebook"))]


def _publish(desk: Desk, _: Fields) -> list[str]:
    if desk.target is None:
        raise FieldError("没有写明送到哪里，请运行 jifenbang desk --target 文件夹，写明一次就行")
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
    "delete-draft": Act(
        "删去草稿",
        _name_deleted,
        _describe_deletion,
        _deleted_back,
        _list_deleted,
        shows_files=True,
        by_hand=_describe_deletion_by_hand,
        perform=_delete,
    ),
    "tidy": Act("整理写法", _tidy, None, _month_back),
    "restore": Act("恢复封存时的样子", _restore, None, _month_back),
    "file": Act("记录备案", _file_quarter, _describe_filing, lambda _fields: ""),
    **ROSTER_ACTS,
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
        lambda desk, _fields: [desk.project.target_path],
    ),
}
