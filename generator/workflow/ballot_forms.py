"""Fill in drafts of ballots as tables: scores and votes by member, honours by line; nothing typed becomes structure.

A cell has a name, such as ``score/zhang`` or ``honour/2/members``, by which the text that is typed in it is known.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct

from generator.core.basics import numbers, written_days
from generator.core.ledgers import ballots
from generator.core.model.ledger import BallotKind
from generator.core.model.roster import Member, member_label
from generator.core.sealing import changed_lines
from generator.core.sealing.canonical import PlainData
from generator.core.sealing.sealed_files import BallotFile
from generator.disk import atomic_files
from generator.intake.files import ballot_file
from generator.intake.text import reader, yaml_nodes
from generator.intake.text.fields import Field
from generator.intake.text.yaml_nodes import MappingNode, Node, ScalarNode, SequenceNode
from generator.loader.load import LoadedProject, LoadProject
from generator.problems import CommandResult, Location, Problem
from generator.project import Project
from generator.publish.lock import lock_project
from generator.workflow import draft_text, import_ballots, import_workbooks
from generator.workflow.workbook_drafts import ImportedWorkbook, MadeDraft

Fields = Sequence[Field[object]]

_COVERS: Mapping[BallotKind, Fields] = {
    BallotKind.REVIEWS: [],
    BallotKind.POLL: ballot_file.POLL_FIELDS[:-1],
    BallotKind.HONOURS: [],
}
_SHEETS: Mapping[BallotKind, Field[object]] = {
    BallotKind.REVIEWS: ballot_file.REVIEWS_FIELDS[-1],
    BallotKind.POLL: ballot_file.POLL_FIELDS[-1],
    BallotKind.HONOURS: ballot_file.HONOURS_FIELDS[-1],
}
_FIELDS: Mapping[BallotKind, Fields] = {
    BallotKind.REVIEWS: ballot_file.REVIEWS_FIELDS,
    BallotKind.POLL: ballot_file.POLL_FIELDS,
    BallotKind.HONOURS: ballot_file.HONOURS_FIELDS,
}
_APPROVAL_KEYS = {"approval", "审核"}
# What is wrong with an honour as a whole, and where it is mended.
_CELLS_BY_CODE = {"ballot.period": "period", "ballot.honour-date": "date", "ballot.empty": "members"}
_HONOUR = re.compile(r"honour/([0-9]{1,3})/([a-z]+)")


class FormCell(Struct, frozen=True):
    """A cell by its name, with its title, and the text that the file has for it."""

    name: str
    title: str
    text: str


class FormRow(Struct, frozen=True):
    """A row: whom it is about, or its number; the branch; and its cells.

    ``word`` is what names the member in the file, or would.
    """

    label: str
    branch: str
    cells: Sequence[FormCell]
    word: str = ""


class BallotForm(Struct, frozen=True):
    """A ballot as a table: cells above it, and its rows; ``digest`` is that of the file. A ``list`` can have more."""

    cover: Sequence[FormCell]
    rows: Sequence[FormRow]
    digest: str
    is_list: bool

    def list_cells(self) -> Iterator[FormCell]:
        """Yield all cells."""
        yield from self.cover
        for row in self.rows:
            yield from row.cells


class SavedForm(Struct, frozen=True):
    """The outcome of a form: written, with the ``digest`` of its file, or not, with the reasons by cell.

    ``conflict`` is the text of the file and ``digest`` is that text's if it is no longer the one that was read.
    ``is_moved`` if its cells have other names now.
    """

    digest: str = ""
    is_written: bool = False
    is_moved: bool = False
    conflict: str | None = None
    faults: Sequence[tuple[str, Problem]] = ()


class _Draft(Struct, frozen=True):
    """A draft as it is to be written: its content, the cell of each word of a sheet, and the rows of a list."""

    data: Mapping[str, PlainData]
    cells_by_word: Mapping[str, str]
    numbers: Sequence[int]


# --- the form --------------------------------------------------------------------------------------------------------


def make_form(loaded: LoadedProject, file: BallotFile) -> BallotForm | None:
    """Return the form of a ballot; None if there is something in its file that the form can't hold."""
    return _make_form(loaded, file, reader.read_bounded(loaded.project.root / file.name, reader.MAX_BYTES))


def _make_form(loaded: LoadedProject, file: BallotFile, raw: bytes) -> BallotForm | None:
    node, _ = yaml_nodes.read_yaml(raw, file.name)
    fields = _read_fields(node, _FIELDS[file.kind])
    if fields is None:
        return None
    sheet = fields.get(_SHEETS[file.kind].key)
    texts = {spec.key: _read_text(fields.get(spec.key)) for spec in _COVERS[file.kind]}
    is_list = file.kind is BallotKind.HONOURS
    rows = _make_list_rows(sheet) if is_list else _make_member_rows(loaded, file, sheet, _read_day(texts.get("date")))
    if rows is None or None in texts.values():
        return None
    cover = [FormCell(spec.key, spec.alias, texts[spec.key] or "") for spec in _COVERS[file.kind]]
    return BallotForm(cover, rows, atomic_files.digest_bytes(raw), is_list)


def _read_fields(node: Node | None, specs: Fields) -> dict[str, Node] | None:
    """Return the values of a mapping by the English key of its fields; None if it has others."""
    if not isinstance(node, MappingNode):
        return None
    keys = {spelling: spec.key for spec in specs for spelling in (spec.key, spec.alias)}
    pairs = [(key.text or "", value) for key, value in node.pairs if key.text not in _APPROVAL_KEYS]
    values = {keys[word]: value for word, value in pairs if word in keys}
    return values if len(values) == len(pairs) else None


def _read_text(node: Node | None) -> str | None:
    """Return a word, or a list of words on one line; None for anything else."""
    if isinstance(node, ScalarNode | None):
        text = (node and node.text) or ""
        return text if "\n" not in text else None
    words = [item.text for item in getattr(node, "items", ()) if isinstance(item, ScalarNode)]
    is_list = isinstance(node, SequenceNode) and len(words) == len(node.items)
    return "、".join(filter(None, words)) if is_list else None


def _read_day(word: str | None) -> date | None:
    reading = written_days.interpret_day(word) if word else None
    return reading.day if reading and reading.certain else None


def _make_list_rows(sheet: Node | None) -> Sequence[FormRow] | None:
    """Return the rows of honours, and a blank one."""
    if not isinstance(sheet, SequenceNode) and _read_text(sheet) != "":
        return None
    rows = []
    for number, item in enumerate([*getattr(sheet, "items", ()), MappingNode((), 0, 0)]):
        fields = _read_fields(item, ballot_file.HONOUR_FIELDS)
        texts = {key: _read_text(value) for key, value in fields.items()} if fields is not None else {"": None}
        if None in texts.values():
            return None
        cells = [
            FormCell(f"honour/{number}/{spec.key}", spec.alias, texts.get(spec.key) or "")
            for spec in ballot_file.HONOUR_FIELDS
        ]
        rows.append(FormRow(str(number + 1), "", cells))
    return rows


def _make_member_rows(
    loaded: LoadedProject, file: BallotFile, sheet: Node | None, day: date | None
) -> Sequence[FormRow] | None:
    """Return a row for each word of a file that names no member, and for each member who may be named."""
    pairs = list(sheet.pairs) if isinstance(sheet, MappingNode) else []
    texts = {key.text or "": _read_text(value) if isinstance(value, ScalarNode) else None for key, value in pairs}
    if None in texts.values() or (not pairs and _read_text(sheet) not in {"", None}):
        return None
    roster, last = loaded.roster, day or date(file.year, 12, 31)
    is_eligible = ballots.make_eligibility_test(file.year, day)
    words: dict[str, str] = {}
    for word in texts:
        namesakes = roster.find_namesakes(word, last, is_eligible)
        if len(namesakes) == 1:
            words.setdefault(namesakes[0].id, word)
    spec = _SHEETS[file.kind]
    prefix = spec.key.removesuffix("s")
    unnamed = texts.keys() - set(words.values())
    rows = [
        FormRow(word, "", [FormCell(f"{prefix}/={word}", spec.alias, text or "")], word)
        for word, text in texts.items()
        if word in unnamed
    ]
    by_branch: dict[str, list[Member]] = {branch.id: [] for branch in roster.branches}
    for member in filter(is_eligible, roster.members):
        by_branch[member.branch_on(last) or member.home].append(member)
    for branch_id, members in by_branch.items():
        branch_name = roster.branch_by_id[branch_id].named_on(last).name
        for member in members:
            word = words.get(member.id) or import_ballots.choose_word(roster, member, last, is_eligible)
            text = texts.get(words.get(member.id, "")) or ""
            rows.append(
                FormRow(member_label(member), branch_name, [FormCell(f"{prefix}/{member.id}", spec.alias, text)], word)
            )
    return rows


# --- saving ----------------------------------------------------------------------------------------------------------


def save_form(  # noqa: PLR0913, PLR0917  the last only for a caller that has loaded the project already
    project: Project, today: date, name: str, digest: str, typed: Mapping[str, str], load_project: LoadProject
) -> CommandResult[SavedForm]:
    """Write what was typed into the form of the draft of this name, unless it has an error.

    ``digest`` is that of the file that was read: over another nothing is written.
    """
    with lock_project(project):
        load_result = load_project(project, today)
        loaded = load_result.loaded
        if loaded is None:
            return CommandResult(problems=tuple(problem for problem in load_result.problems if problem.is_error))
        file = loaded.ballot_files.by_name.get(name)
        if file is None or file.sealed:
            return CommandResult(usage_error=f"{name} 不是草稿，没有保存")
        raw = reader.read_bounded(project.root / name, reader.MAX_BYTES)
        now = atomic_files.digest_bytes(raw)
        if now != digest:
            return CommandResult(SavedForm(now, conflict=raw.decode("utf-8-sig", errors="replace")))
        form = _make_form(loaded, file, raw)
        if form is None:
            return CommandResult(usage_error=f"{name} 里有表里放不下的内容，没有保存，请重新打开这一页")
        names = {cell.name for cell in form.list_cells()}
        texts = {cell: text.strip() for cell, text in typed.items()}
        if any(text and cell not in names and not _is_new_line(cell, form) for cell, text in texts.items()):
            return CommandResult(usage_error="名册改动过，这一页的行对不上了，没有保存；请重新打开这一页")
        return CommandResult(_write(loaded, file, raw, form, texts))


def _is_new_line(cell: str, form: BallotForm) -> bool:
    match = _HONOUR.fullmatch(cell)
    return form.is_list and bool(match) and match[2] in {spec.key for spec in ballot_file.HONOUR_FIELDS}  # type: ignore[index]


def _write(
    loaded: LoadedProject, file: BallotFile, raw: bytes, form: BallotForm, typed: Mapping[str, str]
) -> SavedForm:
    node, _ = yaml_nodes.read_yaml(raw, file.name)
    assert isinstance(node, MappingNode)
    draft = _compose(file, node, form, typed)
    before = raw.decode("utf-8-sig")
    text = draft_text.format_draft(draft.data, before, node)
    if not draft_text.says(text, draft.data):  # an earlier text of an odd form, into which nothing can be put
        text = draft_text.format_draft(draft.data)
    if not draft_text.says(text, draft.data):
        hint = "请看看各格有没有少见的符号，改掉以后再保存"
        problem = Problem(Location(file.name, 0), "workbook.not-written", "写成的草稿读出来与填的不同，没有写", hint)
        return SavedForm(form.digest, faults=[("", problem)])
    new_raw = text.encode()
    _, problems = import_ballots.check_draft(loaded, new_raw, file.name, file.year, file.kind)
    new_node, _ = yaml_nodes.read_yaml(new_raw, file.name)
    assert isinstance(new_node, MappingNode)
    places = sorted(_place_cells(file.kind, new_node, draft))
    faults = [(_find_cell(places, problem), problem) for problem in problems]
    if any(problem.is_error for problem in problems):
        return SavedForm(form.digest, faults=faults)
    changes = changed_lines.list_changed_lines(text.splitlines(), before.splitlines())
    imported = ImportedWorkbook(file.name, file.name, changes=changes)
    import_workbooks.write_drafts(loaded.project, [MadeDraft(loaded.project.root / file.name, new_raw, imported)])
    new_form = _make_form(loaded, file, new_raw)
    is_moved = new_form is None or {cell.name for cell in new_form.list_cells()} != typed.keys()
    is_moved = is_moved or list(draft.numbers) != list(range(len(draft.numbers)))
    return SavedForm(atomic_files.digest_bytes(new_raw if changes else raw), True, is_moved, faults=faults)  # noqa: FBT003


def _compose(file: BallotFile, node: MappingNode, form: BallotForm, typed: Mapping[str, str]) -> _Draft:
    plain = yaml_nodes.to_plain_data(node)
    assert isinstance(plain, Mapping)
    data, is_chinese = dict(plain), not any(key.text in {"year", "award"} for key, _ in node.pairs)
    for spec, cell in zip(_COVERS[file.kind], form.cover, strict=True):
        _put(data, spec, cell, typed, chinese=is_chinese)
    spec = _SHEETS[file.kind]
    key = spec.alias if spec.alias in data or spec.key not in data else spec.key
    if form.is_list:
        items = data.get(key)
        lines, rows = _compose_list(items if isinstance(items, list) else [], form, typed, chinese=is_chinese)
        return _Draft({**data, key: lines}, {}, rows)
    cells = {row.word: row.cells[0] for row in form.rows}
    written = data.get(key)
    words = [*written, *cells] if isinstance(written, Mapping) else [*cells]
    values = {word: _settle(cells[word], typed) for word in dict.fromkeys(words)}
    sheet: dict[str, PlainData] = {word: value for word, value in values.items() if value}
    return _Draft({**data, key: sheet}, {word: cell.name for word, cell in cells.items()}, ())


def _compose_list(
    items: Sequence[PlainData], form: BallotForm, typed: Mapping[str, str], *, chinese: bool
) -> tuple[list[PlainData], list[int]]:
    """Return the honours of a list with what was typed, without blank ones, and the row of each."""
    rows = {int(match[1]) for name in typed if (match := _HONOUR.fullmatch(name))} | set(range(len(items)))
    lines, numbers_kept = list[PlainData](), list[int]()
    for number in sorted(rows):
        cells = form.rows[number].cells if number < len(form.rows) else ()
        written = items[number] if number < len(items) else {}
        assert isinstance(written, Mapping)
        line = dict(written)
        for index, spec in enumerate(ballot_file.HONOUR_FIELDS):
            cell = cells[index] if cells else FormCell(f"honour/{number}/{spec.key}", spec.alias, "")
            _put(line, spec, cell, typed, chinese=chinese)
        if any(line.values()):
            lines.append(line)
            numbers_kept.append(number)
    return lines, numbers_kept


def _put(
    data: dict[str, PlainData], spec: Field[object], cell: FormCell, typed: Mapping[str, str], *, chinese: bool
) -> None:
    """Let a field have what was typed into its cell, or go if that is blank; one that stays is left as written."""
    text = _settle(cell, typed)
    if text == cell.text:
        return
    key = next((spelling for spelling in (spec.alias, spec.key) if spelling in data), spec.spelling(chinese=chinese))
    if not text:
        data.pop(key, None)
    elif spec.key == "members":
        data[key] = [word for word in re.split(r"[、，,；;\s]+", text) if word]
    else:
        data[key] = text


def _settle(cell: FormCell, typed: Mapping[str, str]) -> str:
    """Return the text of a cell as a file has it: figures and days in common characters, all else as typed."""
    text = typed.get(cell.name, cell.text)
    if text == cell.text.strip():
        return cell.text
    kind = cell.name.partition("/")[0]
    if kind in {"score", "vote", "electorate"}:
        plain = unicodedata.normalize("NFKC", text).strip()
        value = numbers.parse_decimal(plain)
        return numbers.format_decimal(value) if value is not None and kind == "score" else plain
    is_day = cell.name.rpartition("/")[2] == "date"
    day = _read_day(text) if is_day else None
    return day.isoformat() if day else text


# --- the places of problems ------------------------------------------------------------------------------------------


def _place_cells(kind: BallotKind, node: MappingNode, draft: _Draft) -> Iterator[tuple[int, int, str]]:
    """Yield line and column where each cell begins in a text, and its name."""
    keys = {spelling: spec.key for spec in _FIELDS[kind] for spelling in (spec.key, spec.alias)}
    for key, value in node.pairs:
        name = keys.get(key.text or "", "")
        if name != _SHEETS[kind].key:
            yield key.line, key.column, name if name in {spec.key for spec in _COVERS[kind]} else ""
        elif isinstance(value, SequenceNode):
            yield key.line, key.column, ""
            for number, item in zip(draft.numbers, value.items, strict=True):
                yield from _place_line(item, number)
        else:
            yield key.line, key.column, ""
            for word, _ in value.pairs if isinstance(value, MappingNode) else ():
                yield word.line, word.column, draft.cells_by_word.get(word.text or "", "")


def _place_line(item: Node, number: int) -> Iterator[tuple[int, int, str]]:
    keys = {spelling: spec.key for spec in ballot_file.HONOUR_FIELDS for spelling in (spec.key, spec.alias)}
    yield item.line, item.column, f"honour/{number}/award"
    for key, _ in item.pairs if isinstance(item, MappingNode) else ():
        yield key.line, key.column, f"honour/{number}/{keys.get(key.text or '', 'award')}"


def _find_cell(places: Sequence[tuple[int, int, str]], problem: Problem) -> str:
    """Return the name of the cell that a problem is about, the last that begins before it; empty for none."""
    where = problem.where
    index = bisect_right(places, (where.line, where.column, "\uffff"))
    cell = places[index - 1][2] if index and where.line else ""
    line = _HONOUR.fullmatch(cell)
    return f"honour/{line[1]}/{_CELLS_BY_CODE.get(problem.code, line[2])}" if line else cell
