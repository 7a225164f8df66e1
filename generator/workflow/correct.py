"""The start of a correction 更正: the lines to restate already in it, as they count now."""

from collections.abc import Iterator, Sequence
from datetime import date

from generator.core.model import corrections
from generator.core.model.ledger import Activity, Correction, Entry, Ledger
from generator.core.sealing.canonical import PlainData
from generator.core.sealing.sealed_files import LedgerFile
from generator.intake.files import ledger_file
from generator.loader import load
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Location, Problem, suggest_known_word
from generator.project import Project
from generator.publish.lock import lock_project
from generator.workflow import record_text


def draft_correction(
    project: Project, today: date, name: str, labels: Sequence[str], recorder: str
) -> CommandResult[str]:
    """Write the draft of a month's next correction beside its ledger; gives its name.

    ``name`` is the month's ledger or one of its corrections, ``labels`` the lines to restate, none for all.
    """
    with lock_project(project):
        reading = load.load_project(project, today)
        found = reading.loaded
        if found is None:
            return CommandResult(problems=tuple(problem for problem in reading.problems if problem.is_error))
        paper = found.ledger_files.by_name.get(name)
        if paper is None:
            return CommandResult(usage_error=f"“{name}”不是台账或更正文件")
        file, text, problems = compose_correction(found, paper, labels, recorder)
        if problems:
            return CommandResult(problems=tuple(problems))
        record_text.write_files({project.root / file: text.encode()})
    return CommandResult(file)


def compose_correction(
    loaded: LoadedProject, file: LedgerFile, labels: Sequence[str], recorder: str
) -> tuple[str, str, list[Problem]]:
    """The name and text of a branch-month's next correction, with these lines to restate, or else all of them.

    ``paper`` is the month's ledger or one of its corrections. Comments list every line of the month by label.
    """
    papers = [
        one for one in loaded.ledger_files.by_name.values() if (one.branch, one.month) == (file.branch, file.month)
    ]
    if problems := list(_refusals(papers)):
        return "", "", problems
    lines = _lines(papers)
    present = {label: line for label, line in lines.by_label.items() if line}
    if unknown := [label for label in labels if label not in present]:
        hint = suggest_known_word(unknown[0], present)
        return "", "", [Problem(Location(papers[0].name), "correct.unknown-line", f"没有“{unknown[0]}”这一条", hint)]
    path = loaded.project.correction_path(file.branch, str(file.month), len(papers))
    text = "\n".join(
        [*_head(papers[-1], recorder), *_listed(present), *_restated(loaded, papers, labels or [*present])]
    )
    return loaded.project.file_name(path), text + "\n", []


def _refusals(papers: Sequence[LedgerFile]) -> Iterator[Problem]:
    """A month may have been unsettled by the roster, and be corrected for that; its own files must be sound."""
    for paper in papers:
        if paper.sealed and not paper.is_original:
            hint = "请先从备份中恢复原文件"
            yield Problem(Location(paper.name), "correct.damaged", f"{paper.what}在审核之后被改动过", hint)
        elif not paper.sealed:
            hint = "台账的草稿请直接改；已有更正草稿的，请在那份草稿里接着写"
            yield Problem(Location(paper.name), "correct.draft", f"{paper.what}还没有审核", hint)


def _lines(papers: Sequence[LedgerFile]) -> corrections.LabelledLines:
    """The lines that count now."""
    ledger = papers[0].document
    assert isinstance(ledger, Ledger)
    found = [paper.document for paper in papers if isinstance(paper.document, Correction)]
    *_, lines = corrections.replay_corrections(ledger, found)
    return lines


def _head(newest: LedgerFile, recorder: str) -> Iterator[str]:
    approval = newest.approval
    assert approval is not None
    yield f"# {newest.month} 的更正。填好以后：jifenbang check，再送支委会审核（jifenbang approve）。"
    yield f"branch: {newest.branch}"
    yield f"month: {newest.month}"
    yield f"corrects: {approval.digest}"
    yield f"recorder: {record_text.inline_yaml(recorder) if recorder else ''}".rstrip()
    yield "kind: 误记                # 补录、误记或剔除"
    yield "reason:                   # 为什么更正；机关党委和积分因此变动的各人都看得到"


def _listed(present: dict[str, Activity | Entry]) -> Iterator[str]:
    yield "# 本月现有各条："
    for label, line in present.items():
        what = line.title if isinstance(line, Activity) else f"{line.member.text} {line.note}".strip()
        yield f"#   {label}  {line.date}  {line.item.text}  {what}".rstrip()
    yield "# 要剔除的写：strike: [a1, e2]；整月剔除写：strike: all（kind 写 剔除）。"
    yield "# 要补录的写 activities: 或 entries:，写法与台账相同。"


def _restated(found: LoadedProject, papers: Sequence[LedgerFile], labels: Sequence[str]) -> Iterator[str]:
    """The lines as they were last written, key by key."""
    written: dict[str, PlainData] = {}
    for paper in papers:
        raw = (found.project.root / paper.name).read_bytes()
        written |= ledger_file.read_plain_lines(raw, paper.name, paper.number)
    yield "# 改写的各条：改好有错的，其余的删去。"
    yield "restate:"
    for label in labels:
        yield f"  {label}: {record_text.inline_yaml(written[label])}"
