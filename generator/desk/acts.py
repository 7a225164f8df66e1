"""Acts: each is a form, the words of the command that does the same, and what is said before it is done."""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from generator.core.basics.periods import PeriodKind
from generator.desk import text_files
from generator.desk.desk import Desk
from generator.desk.fields import FieldError, Fields
from generator.desk.page import PageError
from generator.loader.load import LoadedProject
from generator.queries import sealing_preview
from generator.workflow import reservations
from generator.workflow.reservations import SigningRequest

Facts = Sequence[str]


class Act(Struct, frozen=True):
    """An act: ``compose`` returns the words of its command, and ``describe`` what is said before it is done.

    ``back`` is the page that it leads back to, ``find_file`` the file whose content it bears on, and ``find_moves`` the
    page on which points and ranks move by it. An act that ``makes_file`` names it in its last word.
    """

    title: str
    compose: Callable[[Desk, Fields], list[str]]
    describe: Callable[[Desk, Fields, LoadedProject], Facts] | None = None
    back: Callable[[Fields], str] = lambda _fields: ""
    find_file: Callable[[Desk, Fields], Path] | None = None
    find_moves: Callable[[Fields], str] = lambda _fields: ""
    makes_file: bool = False


def _month_file(desk: Desk, fields: Fields) -> Path:
    """Return the path of a ledger or correction, by branch, month and number: the browser names no path."""
    branch, month, number = fields.branch(), fields.period(PeriodKind.MONTH), fields.number()
    project = desk.project
    if number:
        return project.correction_path(branch, str(month), number)
    return project.ledger_path(branch, str(month))


def _find_moves(fields: Fields) -> str:
    return f"moves/{fields.branch()}/{fields.period(PeriodKind.MONTH)}"


def _month_name(desk: Desk, fields: Fields) -> str:
    return desk.project.file_name(_month_file(desk, fields))


def _month_back(fields: Fields) -> str:
    return f"month/{fields.branch()}/{fields.period(PeriodKind.MONTH)}"


def _text_back(fields: Fields) -> str:
    return f"text/{fields.raw('id')}"


def _option(name: str, value: object) -> list[str]:
    """Return an option with its value, nothing without one; what is written in it can't become an option of its own."""
    return [f"--{name}={value}"] if value else []


# --- ledgers ---------------------------------------------------------------------------------------------------------


def _approve(desk: Desk, fields: Fields) -> list[str]:
    return [*_approve_file(_month_file(desk, fields), desk, fields), *_option("consent", fields.text("consent"))]


def _approve_file(path: Path, desk: Desk, fields: Fields) -> list[str]:
    return [
        "approve",
        desk.project.file_name(path),
        *_option("meeting", fields.day("meeting", "开会日期")),
        *_option("by", fields.text("by")),
        *_option("acting", fields.text("acting")),
    ]


def _describe_seal(desk: Desk, fields: Fields, loaded: LoadedProject) -> Facts:
    name = _month_name(desk, fields)
    draft = loaded.ledger_files.by_name.get(name)
    lines = sealing_preview.describe_draft(loaded, draft) if draft and not draft.sealed else []
    return [f"封存 {name}：以后不能改，写错的只能更正。", *lines]


def _approve_text(desk: Desk, fields: Fields) -> list[str]:
    return _approve_file(_text_file(desk, fields), desk, fields)


def _text_file(desk: Desk, fields: Fields) -> Path:
    try:
        return text_files.find_text(desk.project, fields.raw("id"))
    except PageError:
        raise FieldError("没有这份文件，请返回重新选") from None


def _describe_text_seal(desk: Desk, fields: Fields, _: LoadedProject) -> Facts:
    path = _text_file(desk, fields)
    text = text_files.read_text(path)[0]
    return [f"封存 {desk.project.file_name(path)}：以后不能改。", *filter(str.strip, text.splitlines())]


def _request(desk: Desk, fields: Fields) -> list[str]:
    return [*_approve(desk, fields), _request_option(_month_name(desk, fields))]


def _request_text(desk: Desk, fields: Fields) -> list[str]:
    return [*_approve_text(desk, fields), _request_option(desk.project.file_name(_text_file(desk, fields)))]


def _request_option(name: str) -> str:
    return f"--request={_name_request(name)}"


def _name_request(name: str) -> str:
    """Return the name of the request for the file of a name: request-2026-first-11.zip."""
    words = re.findall(r"[A-Za-z0-9]+", name.removesuffix(".yaml").partition("/")[2])
    return f"{'-'.join(['request', *words])}.zip"


def compose_request(request: SigningRequest) -> tuple[list[str], str]:
    """Return the words of the command that makes a request again, without where to, and the name of its file."""
    options = {"meeting": request.meeting, "by": request.by, "acting": request.acting, "consent": request.consent}
    words = [word for name, value in options.items() for word in _option(name, value)]
    return ["approve", *request.names, *words], _name_request(request.names[0])


def _describe_request(desk: Desk, fields: Fields, loaded: LoadedProject) -> Facts:
    return [_REQUEST_FACT, *_describe_seal(desk, fields, loaded)]


def _describe_text_request(desk: Desk, fields: Fields, loaded: LoadedProject) -> Facts:
    return [_REQUEST_FACT, *_describe_text_seal(desk, fields, loaded)]


_REQUEST_FACT = "写一份签名请求，交给审核人在他的电脑上签名；收下他的答复才封存。签名以前改动草稿的，要重新请求。"


def _withdraw_request(desk: Desk, fields: Fields) -> list[str]:
    return ["approve", _month_name(desk, fields), "--withdraw"]


def _withdraw_text_request(desk: Desk, fields: Fields) -> list[str]:
    return ["approve", desk.project.file_name(_text_file(desk, fields)), "--withdraw"]


def _describe_request_withdrawal(_: Desk, __: Fields, ___: LoadedProject) -> Facts:
    return ["签名请求作废，审核人签好的答复不再有效；草稿不变。"]


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
    "approve": Act("审核封存", _approve, _describe_seal, _month_back, _month_file, _find_moves),
    "approve-text": Act("审核封存", _approve_text, _describe_text_seal, _text_back, _text_file),
    "request": Act("请审核人签名", _request, _describe_request, _month_back, _month_file, _find_moves, makes_file=True),
    "request-text": Act("请审核人签名", _request_text, _describe_text_request, _text_back, _text_file, makes_file=True),
    "withdraw-request": Act("撤回签名请求", _withdraw_request, _describe_request_withdrawal, _month_back),
    "withdraw-text-request": Act("撤回签名请求", _withdraw_text_request, _describe_request_withdrawal, _text_back),
    "withdraw": Act("撤回审核", _withdraw, _describe_withdrawal, _month_back, _month_file),
    "tidy": Act("整理写法", _tidy, None, _month_back, _month_file),
    "restore": Act("恢复封存时的样子", _restore, None, _month_back),
    "file": Act("记录备案", _file_quarter, _describe_filing, lambda _fields: ""),
    "add-member": Act("新进党员", _add_member, _describe_roster, lambda _fields: "people"),
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
