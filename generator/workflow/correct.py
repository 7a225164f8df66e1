"""Draft a correction 更正, which already contains the lines to restate, as they count now."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import TypeAlias

from generator.core.model import corrections
from generator.core.model.ledger import Activity, Correction, Entry, Ledger
from generator.core.sealing.canonical import PlainData
from generator.core.sealing.sealed_files import LedgerFile
from generator.intake.files import ledger_file
from generator.loader import load, restorable_files
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Location, Problem, suggest_known_word
from generator.project import Project
from generator.publish.lock import lock_project
from generator.workflow import editor_schemas, record_text

ChooseLines: TypeAlias = Callable[[Mapping[str, str]], Sequence[str]]
"""Called with a description of each line of the month, by label; returns the labels of those to restate."""


def draft_correction(
    project: Project, today: date, name: str, choose_lines: ChooseLines, recorder: str
) -> CommandResult[str]:
    """Write the draft of a month's next correction beside its ledger, and return its name.

    ``name`` is the month's ledger or one of its corrections.
    """
    with lock_project(project):
        load_result = load.load_project(project, today)
        loaded = load_result.loaded
        if loaded is None:
            return CommandResult(problems=tuple(problem for problem in load_result.problems if problem.is_error))
        ledger_file = loaded.ledger_files.by_name.get(name)
        if ledger_file is None:
            hint = "请写台账或更正的文件名，如 ledgers/2026/支部编号/03.yaml"
            return CommandResult(usage_error=f"“{name}”不是台账或更正文件。{hint}")
        correction, text, problems = compose_correction(loaded, ledger_file, choose_lines, recorder)
        if problems:
            return CommandResult(problems=tuple(restorable_files.add_restore_hints(project, problems)))
        editor_schemas.refresh_schemas(project)
        record_text.write_files({project.root / correction: text.encode()})
    return CommandResult(correction)


def compose_correction(
    loaded: LoadedProject, file: LedgerFile, choose_lines: ChooseLines, recorder: str
) -> tuple[str, str, list[Problem]]:
    """Return the name and text of a branch-month's next correction that restates the chosen lines.

    ``file`` is the month's ledger or one of its corrections. Comments list every line of the month by label.
    """
    month_files = loaded.ledger_files.list_month(file.branch, file.month)
    if problems := list(find_obstacles(month_files)):
        return "", "", problems
    current_lines = list_current_lines(month_files)
    present_lines = {label: line for label, line in current_lines.by_label.items() if line}
    descriptions = {label: _describe_line(line) for label, line in present_lines.items()}
    labels = choose_lines(descriptions) if descriptions else ()
    if unknown_labels := [label for label in labels if label not in present_lines]:
        hint = suggest_known_word(unknown_labels[0], present_lines)
        return (
            "",
            "",
            [Problem(Location(month_files[0].name), "correct.unknown-line", f"没有“{unknown_labels[0]}”这一条", hint)],
        )
    path = loaded.project.correction_path(file.branch, str(file.month), len(month_files))
    text = "\n".join(
        [
            editor_schemas.name_schema(loaded.project, path, "correction"),
            *_format_head(month_files[-1], recorder),
            *_format_line_list(descriptions),
            *(_format_restated_lines(loaded, month_files, labels) if labels else ()),
        ]
    )
    return loaded.project.file_name(path), text + "\n", []


def find_obstacles(files: Sequence[LedgerFile]) -> Iterator[Problem]:
    """Yield problems of the month's own files, which must be sound.

    A month that a change of the roster unsettled may still be corrected for that.
    """
    for file in files:
        if file.sealed and not file.is_original:
            hint = "请先从备份中恢复原文件"
            yield Problem(Location(file.name), "correct.damaged", f"{file.what}在审核之后被改动过", hint)
        elif not file.sealed:
            hint = "台账的草稿请直接改；已有更正草稿的，请在那份草稿里接着写"
            yield Problem(Location(file.name), "correct.draft", f"{file.what}还没有审核", hint)


def list_current_lines(files: Sequence[LedgerFile]) -> corrections.LabelledLines:
    """Return the lines that count now, by label."""
    ledger = files[0].document
    assert isinstance(ledger, Ledger)
    correction_documents = [file.document for file in files if isinstance(file.document, Correction)]
    *_, lines = corrections.replay_corrections(ledger, correction_documents)
    return lines


def _format_head(newest: LedgerFile, recorder: str) -> Iterator[str]:
    approval = newest.approval
    assert approval is not None
    yield f"# {newest.month} 的更正。填好以后：jifenbang check，再送支委会审核（jifenbang approve）。"
    yield f"branch: {newest.branch}"
    yield f"month: {newest.month}"
    yield f"corrects: {approval.digest}"
    yield f"recorder: {record_text.inline_yaml(recorder) if recorder else ''}".rstrip()
    yield "kind: 误记                # 补录、误记或剔除"
    yield "reason:                   # 为什么更正；机关党委和积分因此变动的各人都看得到"


def _describe_line(line: Activity | Entry) -> str:
    text = line.title if isinstance(line, Activity) else f"{line.member.text} {line.note}".strip()
    return f"{line.date}  {line.item.text}  {text}".rstrip()


def _format_line_list(descriptions: Mapping[str, str]) -> Iterator[str]:
    yield "# 本月现有各条："
    for label, description in descriptions.items():
        yield f"#   {label}  {description}"
    yield "# 要剔除的写：strike: [a1, e2]；整月剔除写：strike: all（kind 写 剔除）。"
    yield "# 要补录的写 activities: 或 entries:，写法与台账相同。"


def _format_restated_lines(loaded: LoadedProject, files: Sequence[LedgerFile], labels: Sequence[str]) -> Iterator[str]:
    """Yield the lines as last written, key by key."""
    lines: dict[str, PlainData] = {}
    for file in files:
        raw = (loaded.project.root / file.name).read_bytes()
        lines |= ledger_file.read_plain_lines(raw, file.name, file.number)
    yield "# 改写的各条：改好有错的，其余的删去。"
    yield "restate:"
    for label in labels:
        yield f"  {label}: {record_text.inline_yaml(lines[label])}"
