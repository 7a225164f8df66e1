"""Make the text of a draft from a filled workbook: a new one, one over an earlier draft, or a correction 更正.

A line that a draft has already stays as it is written; a blank cell takes nothing away, unless the workbook was made
from that very draft.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.core.ledgers import name_resolution, plain_lines, validation
from generator.core.ledgers.name_resolution import CheckContext, ProblemCollector
from generator.core.ledgers.plain_lines import ActivityLine, EntryLine, PlacedLine, PlainLine
from generator.core.model import corrections
from generator.core.model.ledger import (
    CHINESE_KEYS,
    Activity,
    AttendanceStatus,
    Correction,
    Document,
    Entry,
    Ledger,
    WrittenKeys,
    WrittenName,
)
from generator.core.page_data.month_sheets import SheetOrigin
from generator.core.sealing import changed_lines, digests
from generator.core.sealing.canonical import PlainData
from generator.core.sealing.sealed_files import LedgerFile
from generator.intake.files import ledger_file
from generator.intake.imports import month_workbook, written_draft
from generator.intake.imports.ledger_nodes import LedgerNodes, PlacedReport
from generator.intake.imports.month_workbook import FilledMonth
from generator.intake.imports.written_draft import WrittenDraft
from generator.intake.text import yaml_nodes
from generator.intake.text.fields import PRIVATE_NUMBER
from generator.intake.text.yaml_nodes import MappingNode, Node, SequenceNode
from generator.loader.load import LoadedProject
from generator.problems import Location, Problem, Severity
from generator.workflow import correct, draft_text, editor_schemas

# Private numbers: what may not be published is written nowhere.
_NEVER_WRITTEN = {PRIVATE_NUMBER}
_COUNTED = {"strike": "剔除", "restate": "改写", "activities": "活动", "entries": "记录"}
_KINDS = {ActivityLine: "activities", EntryLine: "entries"}


class ImportedWorkbook(Struct, frozen=True):
    """A workbook that could be imported, and the draft that it makes.

    ``summary`` says what is in a new draft; ``changes`` are the lines of an earlier one, before and now. Without
    either, the workbook says what is written already.
    """

    workbook: str
    draft: str
    summary: str = ""
    changes: Sequence[str] = ()

    @property
    def is_written(self) -> bool:
        """True if a draft is to be written."""
        return bool(self.summary or self.changes)


class MadeDraft(Struct, frozen=True):
    """The text of a draft, and what it was made of."""

    path: Path
    raw: bytes
    imported: ImportedWorkbook


class DraftMaker:
    """A maker of the draft that one workbook means; one that is ``unfinished`` may have errors, as a person's may."""

    def __init__(  # noqa: PLR0913, PLR0917  each bears on it
        self,
        loaded: LoadedProject,
        file: str,
        origin: SheetOrigin,
        context: CheckContext,
        month: FilledMonth,
        unfinished: bool = False,  # noqa: FBT001, FBT002
    ) -> None:
        self.loaded = loaded
        self.file = file
        self.origin = origin
        self.context = context
        self.month = month
        self.unfinished = unfinished
        self.where = Location(file, 0)

    # --- drafts ------------------------------------------------------------------------------------------------------

    def make_draft(self, *, update: bool) -> tuple[MadeDraft | None, Sequence[Problem]]:
        """Make the draft of a month, over the draft that there is."""
        path = self.loaded.project.ledger_path(self.context.branch, self.origin.month)
        name = self.loaded.project.file_name(path)
        file = self.loaded.ledger_files.by_name.get(name)
        if file is None:
            return self._compose_draft(path, b"", None)
        if file.sealed:
            hint = f"请运行 jifenbang sheet {self.origin.month} --branch {self.context.branch} --correct，在那份里改"
            return None, [Problem(self.where, "workbook.sealed", f"{name} 已经审核，不能再导入", hint)]
        raw = path.read_bytes()
        written = self._read_draft(file, raw)
        if written is None:
            hint = f"请先运行 jifenbang check {name}，改好再导入"
            return None, [Problem(self.where, "workbook.draft-unreadable", f"{name} 里有读不出的地方", hint)]
        draft, problems = self._compose_draft(path, raw, written)
        if draft and draft.imported.changes and not update:
            hint = "要并入的请加上 --update，会列出改了什么"
            return None, [Problem(self.where, "workbook.draft-exists", f"已经有草稿 {name}，没有改动", hint)]
        return draft, problems

    def _read_draft(self, file: LedgerFile, raw: bytes) -> WrittenDraft | None:
        """Return a draft's lines; None if there is something in it that the workbook could not hold."""
        if file.clean and isinstance(file.document, Ledger):
            lines = {
                label: plain_lines.plain_line(line, self.context) for label, line in _label_lines(file.document).items()
            }
            return WrittenDraft(file.document.keys.chinese, {"recorder": file.document.recorder}, lines, {}, ())
        return written_draft.read_written_draft(raw, file.name, self.context)

    def _compose_draft(
        self, path: Path, raw: bytes, draft: WrittenDraft | None
    ) -> tuple[MadeDraft | None, Sequence[Problem]]:
        name = self.loaded.project.file_name(path)
        chinese = draft.chinese if draft else True
        nodes = LedgerNodes(replace(self.context, keys=WrittenKeys({}, chinese)), chinese=chinese)
        written = _read_written(raw, name, nodes) if draft else _Written(name, {}, {})
        before = draft.lines if draft else {}
        is_source = draft is not None and self.origin.draft == ledger_file.digest_draft(raw, name)
        problems = list[Problem]()
        lines = (
            self._replace_lines(before, written, nodes)
            if is_source
            else self._merge_lines(before, written, nodes, problems)
        )
        branch = self.context.roster.branch_by_id[self.context.branch]
        branch_name = branch.named_on(self.context.month.last).name if chinese else branch.id
        fields: dict[str, Node | None] = {
            "branch": written.fields.get("branch") or nodes.make_scalar(branch_name, self.where),
            "month": written.fields.get("month") or nodes.make_scalar(self.origin.month, self.where),
            "recorder": written.fields["recorder"]
            if draft and self._is_recorder_kept(draft.cover.get("recorder", ""))
            else self._make_cover_field("recorder", nodes),
            "activities": nodes.make_list(lines[ActivityLine], self.where) if lines[ActivityLine] else None,
            "entries": nodes.make_list(lines[EntryLine], self.where) if lines[EntryLine] else None,
        }
        node = nodes.make_mapping(fields, self.where)
        report = PlacedReport(name, places=nodes.places)
        document = ledger_file.read_draft_node(node, report)
        problems += report.problems
        if document is not None:
            assert isinstance(document, Ledger)
            context = replace(self.context, keys=document.keys)
            problems += validation.validate_ledger(document, context)[1]
            problems += self._find_absent_marks()
        return self._finish(path, raw, node, problems)

    def _replace_lines(
        self, before: Mapping[str, PlainLine], written: "_Written", nodes: LedgerNodes
    ) -> Mapping[type, Sequence[Node]]:
        """Return the lines of the workbook, which was made from this very draft; unchanged ones as they are written."""
        labelled = {placed.label: placed for placed in self.month.lines if placed.label in before}
        lines = defaultdict[type, list[Node]](list)
        for label, line in before.items():
            if label in labelled:
                placed = labelled[label]
                is_same = self._settle(placed) == line
                lines[type(line)].append(
                    nodes.copy_line(written.lines[label], placed) if is_same else nodes.make_line(placed)
                )
        for placed in self.month.lines:
            if placed.label not in labelled:
                lines[type(placed.line)].append(nodes.make_line(placed))
        return lines

    def _merge_lines(
        self,
        before: Mapping[str, PlainLine],
        written: "_Written",
        nodes: LedgerNodes,
        problems: list[Problem],
    ) -> Mapping[type, Sequence[Node]]:
        """Return the lines of a draft with those of a workbook that was made from something else."""
        remaining = dict(before)
        changed, added = dict[str, PlacedLine](), list[PlacedLine]()
        unmatched = list[PlacedLine]()
        for placed in sorted(self.month.lines, key=_label_order):
            settled = self._settle(placed)
            label = next((label for label, line in remaining.items() if line == settled), None)
            if label is None:
                unmatched.append(placed)
            else:
                del remaining[label]
        groups = Counter(plain_lines.identify_line(placed.line) for placed in unmatched)
        for placed in unmatched:
            identity = plain_lines.identify_line(placed.line)
            labels = [label for label, line in remaining.items() if plain_lines.identify_line(line) == identity]
            if not labels:
                added.append(placed)
            elif (
                len(labels) == 1
                and groups[identity] == 1
                and plain_lines.is_same_matter(before[labels[0]], placed.line)
            ):
                merged = plain_lines.merge_lines(before[labels[0]], placed.line)
                changed[labels[0]] = PlacedLine(labels[0], merged, placed.places)
            else:
                hint = "请直接改草稿，或重新导出这份草稿的工作簿，在那份里改"
                message = f"草稿里同一天已有同一个项目（{'、'.join(labels)}），分不清这是改写还是另一条"
                problems.append(Problem(placed.place_of(""), "workbook.ambiguous-line", message, hint))
        lines = defaultdict[type, list[Node]](list)
        for label, line in before.items():
            is_changed = label in changed and self._settle(changed[label]) != line
            lines[type(line)].append(
                nodes.make_line(changed[label]) if is_changed else nodes.copy_node(written.lines[label], written.file)
            )
        for placed in added:
            lines[type(placed.line)].append(nodes.make_line(placed))
        return lines

    def _settle(self, placed: PlacedLine) -> PlainLine:
        line = plain_lines.settle_line(placed.line, self.context)
        return replace(line, evidence={kind: proofs for kind, proofs in line.evidence.items() if proofs})

    def _is_recorder_kept(self, recorder: str) -> bool:
        """Return whether the draft's recorder, if it has one, stays: a blank cell leaves what is written."""
        field = self.month.cover.get("recorder")
        return bool(recorder) and (field is None or field.text in {"", recorder})

    def _make_cover_field(self, name: str, nodes: LedgerNodes) -> Node:
        """Make the node of a field of the cover."""
        field = self.month.cover.get(name, month_workbook.CoverField("", self.where))
        return nodes.make_scalar(field.text, field.where)

    def _find_absent_marks(self) -> Sequence[Problem]:
        """Find members marked as present who were not on the roll, of activities where it is not written out."""
        collector = ProblemCollector()
        for placed in self.month.lines:
            line = plain_lines.settle_line(placed.line, self.context)
            if isinstance(line, ActivityLine) and line.is_roll:
                for member, status in line.marks.items():
                    if status is AttendanceStatus.PRESENT:
                        name = WrittenName(member, placed.place_of(f"member:{member}"))
                        day = plain_lines.parse_day(line.date, self.context)
                        name_resolution.resolve_member(name, day, self.context, collector)
        return collector.problems

    # --- corrections -------------------------------------------------------------------------------------------------

    def make_correction(self) -> tuple[MadeDraft | None, Sequence[Problem]]:
        """Make the draft of a correction of all that differs from the sealed month."""
        files = self.loaded.ledger_files.list_month(self.context.branch, self.context.month)
        if not files or not files[0].sealed:
            message, hint = f"{self.origin.month} 的台账没有审核过，不用更正", "请用 jifenbang sheet 导出草稿的工作簿"
            return None, [Problem(self.where, "workbook.not-sealed", message, hint)]
        sealed = [file for file in files if file.sealed]
        if problems := list(correct.find_obstacles(sealed)):
            return None, problems
        newest = sealed[-1].approval
        assert newest is not None
        raw, digest = b"", newest.digest
        if draft := next((file for file in files if not file.sealed), None):
            raw = (self.loaded.project.root / draft.name).read_bytes()
            digest = ledger_file.digest_draft(raw, draft.name)
        if digest != self.origin.draft:
            hint = "请重新导出一份，把要改的抄过去"
            message = "这份工作簿导出以后，这个月又审核过更正，或者更正的草稿改过"
            return None, [Problem(self.where, "workbook.outdated", message, hint)]
        return self._compose_correction(sealed, newest.digest, raw)

    def _compose_correction(
        self, files: Sequence[LedgerFile], digest: str, raw: bytes
    ) -> tuple[MadeDraft | None, Sequence[Problem]]:
        """Compose the correction of sealed files, over the text of the draft that there is."""
        ledger, current = files[0].document, correct.list_current_lines(files)
        assert isinstance(ledger, Ledger)
        context = replace(self.context, sealed_files=frozenset(file.name for file in files))
        before = {label: plain_lines.plain_line(line, context) for label, line in current.by_label.items() if line}
        labelled = {placed.label: placed for placed in self.month.lines if placed.label in before}
        changed = {label: placed for label, placed in labelled.items() if self._settle(placed) != before[label]}
        added = [placed for placed in self.month.lines if placed.label not in labelled]
        struck = [label for label in before if label not in labelled]
        number, chinese = len(files), ledger.keys.chinese
        path = self.loaded.project.correction_path(context.branch, self.origin.month, number)
        if not (changed or added or struck or raw):
            return MadeDraft(path, b"", ImportedWorkbook(self.file, self.loaded.project.file_name(path))), []
        nodes = LedgerNodes(context, chinese=chinese)
        lines = {
            kind: [nodes.make_line(placed) for placed in added if isinstance(placed.line, kind)] for kind in _KINDS
        }
        restated = {label: nodes.make_line(placed) for label, placed in changed.items()}
        fields: dict[str, Node | None] = {
            "branch": nodes.make_scalar(ledger.branch.text, self.where),
            "month": nodes.make_scalar(self.origin.month, self.where),
            "corrects": nodes.make_scalar(digest, self.where),
            **{name: self._make_cover_field(name, nodes) for name in ("recorder", "kind", "reason")},
            "strike": nodes.make_list([nodes.make_scalar(label, self.where) for label in struck], self.where)
            if struck
            else None,
            "restate": nodes.make_labelled(restated, self.where) if restated else None,
            **{key: nodes.make_list(lines[kind], self.where) if lines[kind] else None for kind, key in _KINDS.items()},
        }
        node = nodes.make_mapping(fields, self.where)
        report = PlacedReport(self.loaded.project.file_name(path), places=nodes.places)
        correction = ledger_file.read_draft_node(node, report, number)
        problems = list(report.problems)
        if raw and not (changed or added or struck) and not self._is_of_use(correction, files[-1]):
            hint = "没有写；不要它的，删去这份草稿；要改的，改好再导入"
            return None, [Problem(self.where, "correction.empty", "这份更正什么也没有改", hint)]
        if correction is not None:
            assert isinstance(correction, Correction)
            amended, more = corrections.amend_lines(current, correction, number)
            month = corrections.replace_lines(ledger, amended)
            more += validation.validate_ledger(month, replace(context, keys=correction.keys))[1]
            problems += [problem for problem in more if problem.where.file not in context.sealed_files]
            problems += self._find_absent_marks()
        return self._finish(path, raw, node, problems)

    def _is_of_use(self, correction: Document | None, newest: LedgerFile) -> bool:
        """Return whether a correction without lines has a use: it takes a month back whole, or seals the roll anew."""
        is_whole = isinstance(correction, Correction) and bool(correction.whole)
        roll = digests.digest_roll(self.context.roster, self.context.branch, self.context.month)
        return is_whole or newest.approval is None or newest.approval.roll != roll

    def _finish(
        self, path: Path, raw: bytes, node: MappingNode, problems: Sequence[Problem]
    ) -> tuple[MadeDraft | None, Sequence[Problem]]:
        """Write a draft's text, and make sure that it reads as what it was made of."""
        problems = [
            replace(problem, severity=Severity.WARNING) if problem.code == validation.MISSING_EVIDENCE else problem
            for problem in problems  # a draft may lack proofs for the time being, and nothing else
        ]
        if any(problem.is_error and (not self.unfinished or problem.code in _NEVER_WRITTEN) for problem in problems):
            return None, problems
        name, data = self.loaded.project.file_name(path), yaml_nodes.to_plain_data(node)
        assert isinstance(data, Mapping)
        before, _ = yaml_nodes.read_yaml(raw, name)
        if before is not None and _list_filled(yaml_nodes.to_plain_data(before)) == data:
            return MadeDraft(path, raw, ImportedWorkbook(self.file, name)), problems
        before_text = raw.decode("utf-8-sig")
        kind = "correction" if self.origin.corrects else "ledger"
        heading = f"{editor_schemas.name_schema(self.loaded.project, path, kind)}\n"
        text = draft_text.format_draft(data, before_text, before) if raw else heading + draft_text.format_draft(data)
        if not draft_text.says(text, data):  # an earlier text of an odd form, into which nothing can be put
            text = heading + draft_text.format_draft(data)
        if not draft_text.says(text, data):
            hint = "请看看各格有没有少见的符号，改掉以后再导入"
            return None, [Problem(self.where, "workbook.not-written", "写成的草稿读出来与工作簿不同，没有写", hint)]
        changes = changed_lines.list_changed_lines(text.splitlines(), before_text.splitlines()) if raw else []
        imported = ImportedWorkbook(self.file, name, "" if raw else _summarize(data), changes)
        return MadeDraft(path, text.encode(), imported), problems


def _list_filled(data: PlainData) -> PlainData:
    """Return the fields of a draft that are not blank: a form may have others."""
    return {key: value for key, value in data.items() if value} if isinstance(data, Mapping) else data


def _summarize(data: Mapping[str, PlainData]) -> str:
    by_key = {key: data.get(key) or data.get(CHINESE_KEYS[key]) or () for key in ("corrects", *_COUNTED)}
    keys = [key for key in _COUNTED if by_key["corrects"] or key in _KINDS.values()]
    return "，".join(f"{_COUNTED[key]} {len(by_key[key])} 条" for key in keys)  # type: ignore[arg-type]


class _Written(Struct, frozen=True):
    """The fields of a draft as they are written, and its lines by their labels; ``file`` is its name."""

    file: str
    fields: Mapping[str, Node]
    lines: Mapping[str, Node]


def _read_written(raw: bytes, file: str, nodes: LedgerNodes) -> _Written:
    node, _ = yaml_nodes.read_yaml(raw, file)
    pairs = node.pairs if isinstance(node, MappingNode) else ()
    keys = {**{chinese: key for key, chinese in CHINESE_KEYS.items()}, **{key: key for key in CHINESE_KEYS}}
    fields = {keys[key.text]: value for key, value in pairs if key.text in keys}
    lines: dict[str, Node] = {}
    for name, letter in (("activities", "a"), ("entries", "e")):
        part = fields.pop(name, None)
        items = part.items if isinstance(part, SequenceNode) else ()
        lines |= {f"{letter}{number}": item for number, item in enumerate(items, start=1)}
    return _Written(file, {name: nodes.copy_node(value, file) for name, value in fields.items()}, lines)


def _label_lines(ledger: Ledger | None) -> Mapping[str, Activity | Entry]:
    """Return the lines of a draft by their labels."""
    lines = corrections.label_lines(ledger).by_label if ledger else {}
    return {label: line for label, line in lines.items() if line}


def _label_order(placed: PlacedLine) -> tuple[int, ...]:
    """Return the key that sorts lines with labels by these, before those without one, which keep their order."""
    return (0, *map(int, re.findall(r"[0-9]+", placed.label))) if placed.label else (1,)
