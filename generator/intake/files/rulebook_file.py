"""Rulebook files: one regulation as data, composed of a closed set of mechanisms."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics.periods import PeriodKind
from generator.core.model.rulebook import (
    BoardRule,
    BookkeepingRule,
    Expectation,
    Group,
    Interpretation,
    Item,
    Level,
    RoundingRule,
    Rulebook,
    Scope,
    TieRule,
    Veto,
    Window,
)
from generator.core.outcomes import rulebook_flaws
from generator.core.outcomes.rulebook_flaws import Flaw
from generator.core.scoring import attainable_points
from generator.intake.files import rulebook_changes, rulebook_outcomes
from generator.intake.files.rulebook_changes import RulebookParts, WrittenRulebookChange
from generator.intake.files.rulebook_outcomes import WrittenAppraisal, WrittenAwarding, WrittenConsequence
from generator.intake.text import shapes, yaml_nodes
from generator.intake.text.fields import (
    Field,
    FileReport,
    choice_of,
    list_of,
    mapping_of,
    read_count,
    read_day,
    read_decimal,
    read_flag,
    read_slug,
    read_text,
    record_of,
)
from generator.intake.text.shapes import shape_of, shaped
from generator.intake.text.yaml_nodes import Node, ScalarNode
from generator.problems import Cause, Location, Problem, Severity, suggest_id

_WINDOW_TITLES = {"cycle": "全年", "half": "半年", "quarter": "季", "month": "月", "day": "日"}
_read_window = choice_of(Window, _WINDOW_TITLES)


@shaped(lambda: shapes.any_of(shape_of(read_decimal), shape_of(mapping_of(_read_window, read_decimal))))
def _read_caps(node: Node, report: FileReport) -> dict[Window, Decimal] | None:
    """Read caps by window; ``cap: 12`` is short for ``{cycle: 12}``."""
    if isinstance(node, ScalarNode):
        if match := re.search("|".join(_WINDOW_TITLES.values()), node.text or ""):
            window = next(window for window, title in _WINDOW_TITLES.items() if title == match[0])
            message = f"上限“{node.text}”要写成几个“键: 值”"
            report.add_error(node, "field.wrong-type", message, f"请写成 {{{window}: 分数}}，例如 {{{window}: 2}}")
            return None
        cap = read_decimal(node, report)
        caps = None if cap is None else {Window.CYCLE: cap}
    else:
        caps = mapping_of(_read_window, read_decimal)(node, report)
    if caps and any(cap < 0 for cap in caps.values()):
        report.add_error(node, "rulebook.negative-cap", "上限是负数", "请写大于 0 的数")
        return None
    return caps


@shaped(lambda: shapes.any_of(shape_of(read_decimal), shape_of(mapping_of(read_slug, read_decimal))))
def _read_points(node: Node, report: FileReport) -> Decimal | dict[str, Decimal] | None:
    """Read the points for each time, or for each level."""
    return (
        read_decimal(node, report)
        if isinstance(node, ScalarNode)
        else mapping_of(read_slug, read_decimal)(node, report)
    )


class _ItemText(Struct, frozen=True):
    """An item as written."""

    id: str
    group: str
    title: str
    clause: str
    where: Location
    points: Decimal | dict[str, Decimal] | None = None
    levels: dict[str, str] | None = None
    veto: Veto | None = None
    cap: dict[Window, Decimal] | None = None
    roll: bool = False
    leave: str | None = None
    absent: str | None = None
    expect: Expectation | None = None
    evidence: tuple[str, ...] = ()
    note: str = ""
    also: tuple[str, ...] = ()


_EXPECT = record_of(Expectation, Field("per", _read_window, required=True), Field("times", read_count, required=True))

_ITEM = record_of(
    _ItemText,
    Field("id", read_slug, required=True),
    Field("group", read_text, required=True),
    Field("title", read_text, required=True),
    Field("clause", read_text, required=True),
    Field("points", _read_points),
    Field("levels", mapping_of(read_slug, read_text)),
    Field("veto", choice_of(Veto)),
    Field("cap", _read_caps),
    Field("roll", read_flag),
    Field("leave", read_text),
    Field("absent", read_text),
    Field("expect", _EXPECT),
    Field("evidence", list_of(read_slug)),
    Field("note", read_text),
    Field("also", list_of(read_text)),
    with_where=True,
)


class _WrittenGroup(Struct, frozen=True):
    """A group as written, with its location."""

    value: Group
    where: Location


def _make_group(where: Location, **values: Any) -> _WrittenGroup:
    return _WrittenGroup(Group(**values), where)


_GROUP = record_of(
    _make_group,
    Field("id", read_slug, required=True),
    Field("title", read_text, required=True),
    Field("cap", _read_caps),
    with_where=True,
)

_BOARD = record_of(
    BoardRule,
    Field("id", read_slug, required=True),
    Field(
        "period", choice_of(PeriodKind, {"month": "月", "quarter": "季", "half": "半年", "year": "全年"}), required=True
    ),
    Field("scope", choice_of(Scope, {"branch": "支部", "organ": "全机关"}), required=True),
    Field("title", read_text),
    Field("clause", read_text),
)


@shaped(shapes.word_of(["year"]))
def _read_cycle(node: Node, report: FileReport) -> str | None:
    cycle = read_text(node, report)
    if cycle is not None and cycle != "year":
        report.add_error(node, "field.bad-choice", f"这里不能写“{cycle}”", "请写 year（自然年），目前只支持它")
    return cycle


@shaped(lambda: shape_of(read_decimal))
def _read_floor(node: Node, report: FileReport) -> Decimal | None:
    floor = read_decimal(node, report)
    if floor is not None and floor > 0:
        report.add_error(node, "field.bad-number", "总分下限不能大于 0", "不设下限请写 null，扣完为止请写 0")
        return None
    return floor


class _WrittenReading(Struct, frozen=True):
    """A reading as written, with its location."""

    value: Interpretation
    where: Location


def _make_reading(where: Location, **values: Any) -> _WrittenReading:
    return _WrittenReading(Interpretation(**values), where)


class _RulebookText(Struct, frozen=True):
    """A rulebook as written."""

    id: str
    title: str
    issued: date
    groups: tuple[_WrittenGroup, ...]
    items: tuple[_ItemText, ...]
    boards: tuple[BoardRule, ...]
    where: Location
    cycle: str = "year"
    ties: TieRule = TieRule.COMPETITION
    floor: Decimal | None = None
    rounding: RoundingRule = field(default_factory=RoundingRule)
    proofs: dict[str, str] | None = None
    readings: tuple[_WrittenReading, ...] = ()
    consequences: tuple[WrittenConsequence, ...] = ()
    appraisal: WrittenAppraisal | None = None
    awards: WrittenAwarding | None = None
    bookkeeping: BookkeepingRule | None = None
    changes: tuple[WrittenRulebookChange, ...] = ()

    @property
    def parts(self) -> RulebookParts:
        """The parts that changes concern, before any change."""
        return RulebookParts(self.boards, self.rounding, self.consequences, self.bookkeeping, self.where)

    @property
    def all_boards(self) -> tuple[BoardRule, ...]:
        """The boards of all days: rules and awards may name any."""
        added = (board for change in self.changes for board in change.boards if isinstance(board, BoardRule))
        return (*self.boards, *added)


_READING = record_of(
    _make_reading,
    Field("title", read_text, required=True),
    Field("text", read_text, required=True),
    Field("clause", read_text),
    with_where=True,
)
RULEBOOK = record_of(
    _RulebookText,
    Field("id", read_slug, required=True),
    Field("title", read_text, required=True),
    Field("issued", read_day, required=True),
    Field("cycle", _read_cycle),
    Field("groups", list_of(_GROUP), required=True),
    Field("items", list_of(_ITEM), required=True),
    Field("boards", list_of(_BOARD), required=True),
    Field("ties", choice_of(TieRule, {"competition": "1、2、2、4", "dense": "1、2、2、3"})),
    Field("floor", _read_floor),
    Field("rounding", rulebook_outcomes.ROUNDING),
    Field("proofs", mapping_of(read_slug, read_text)),
    Field("readings", list_of(_READING)),
    Field("consequences", list_of(rulebook_outcomes.CONSEQUENCE)),
    Field("appraisal", rulebook_outcomes.APPRAISAL),
    Field("awards", rulebook_outcomes.AWARDS),
    Field("bookkeeping", rulebook_outcomes.BOOKKEEPING),
    Field("changes", rulebook_changes.changes_reader(_BOARD)),
    with_where=True,
)


# Returns whether an approved ledger was scored by exactly these rules.
IsSealed = Callable[[Rulebook], bool]


def read_rulebook(
    raw: bytes, file: str, is_sealed: IsSealed = lambda _rulebook: False
) -> tuple[Rulebook | None, list[Problem]]:
    """Read a rulebook file, whose name is the rulebook's id; no rulebook if it has an error.

    ``is_sealed`` is called only for keys that have no effect or mislead: of a sealed rulebook they are warnings.
    """
    parsed = _parse_rulebook(raw, file)
    report = FileReport(file)
    report.problems += parsed.problems
    if parsed.rulebook is not None:
        report.problems += _judge_flaws(parsed.flaws, sealed=bool(parsed.flaws) and is_sealed(parsed.rulebook))
    return (None if report.has_errors else parsed.rulebook), report.problems


class _ParsedRulebook(Struct, frozen=True):
    """A rulebook as the bytes of its file alone make it, its problems, and its flaws with their places."""

    rulebook: Rulebook | None
    problems: tuple[Problem, ...]
    flaws: tuple[tuple[Location, Flaw], ...] = ()


@lru_cache(maxsize=8)  # a command reads it before it writes and after, a preview at each change of another file
def _parse_rulebook(raw: bytes, file: str) -> _ParsedRulebook:
    """Read a rulebook file and check it but for what depends on approvals."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return _ParsedRulebook(None, tuple(problems))
    report = FileReport(file)
    written = RULEBOOK(node, report)
    if written is None:
        return _ParsedRulebook(None, tuple(report.problems))
    if f"{written.id}.yaml" != file.rsplit("/", 1)[-1]:
        message = f"文件名与里面的编号“{written.id}”不一致"
        report.problems.append(Problem(written.where, "rulebook.path", message, f"请把文件改名为 {written.id}.yaml"))
    for check in _CHECKS:
        # What an item seems to lack may be what couldn't be read in it.
        report.problems += [
            problem
            for problem in check(written)
            if problem.where == written.where or problem.where not in report.broken
        ]
    report.problems += _check_changes(written)
    if report.has_errors:
        return _ParsedRulebook(None, tuple(report.problems))
    rulebook = _make_rulebook(written)
    flaws = tuple((_locate(flaw, written), flaw) for flaw in rulebook_flaws.find_flaws(rulebook))
    return _ParsedRulebook(rulebook, tuple(report.problems), flaws)


def _make_rulebook(written: _RulebookText) -> Rulebook:
    return Rulebook(
        id=written.id,
        title=written.title,
        issued=written.issued,
        groups=tuple(group.value for group in written.groups),
        items=tuple(_make_item(item) for item in written.items),
        boards=written.boards,
        ties=written.ties,
        floor=written.floor,
        rounding=written.rounding,
        proofs=written.proofs or {},
        readings=tuple(reading.value for reading in written.readings),
        consequences=tuple(consequence.value for consequence in written.consequences),
        appraisal=written.appraisal.value if written.appraisal else None,
        awarding=written.awards.value if written.awards else None,
        bookkeeping=written.bookkeeping,
        changes=tuple(change.value for change in written.changes),
    )


def _make_item(written: _ItemText) -> Item:
    points, titles = written.points, written.levels or {}
    levels = points if isinstance(points, dict) else {}
    return Item(
        id=written.id,
        group=written.group,
        title=written.title,
        clause=written.clause,
        points=None if isinstance(points, dict) else points,
        levels=tuple(Level(level, titles.get(level, level), level_points) for level, level_points in levels.items()),
        veto=written.veto,
        cap=written.cap or {},
        roll=written.roll,
        leave=written.leave,
        absent=written.absent,
        expect=written.expect,
        evidence=written.evidence,
        note=written.note,
        also=written.also,
    )


# --- checks that involve several parts -------------------------------------------------------------------------------


def _check_unique(written: _RulebookText) -> Iterator[Problem]:
    hint = "请换一个名字或删去一处"
    for kind, places in (
        ("分类", [(group.value.id, group.where) for group in written.groups]),
        ("项目", [(item.id, item.where) for item in written.items]),
        ("项目名称", [(item.title, item.where) for item in written.items]),
        ("结果运用", [(consequence.value.id, consequence.where) for consequence in written.consequences]),
    ):
        first: dict[str, Location] = {}
        for word, where in places:
            if word in first:
                message = f"{kind}“{word}”第 {first[word].line} 行已经有了"
                yield Problem(where, "rulebook.duplicate-id", message, hint)
            first.setdefault(word, where)
    for kind, ids in (
        ("榜单", [board.id for board in written.boards]),
        ("周期与范围相同的榜单", [f"{board.period} {board.scope}" for board in written.boards]),
    ):
        for duplicate in sorted({ident for ident in ids if ids.count(ident) > 1}):
            yield Problem(written.where, "rulebook.duplicate-id", f"{kind}“{duplicate}”写了两次", hint)


def _check_groups(written: _RulebookText) -> Iterator[Problem]:
    groups = {group.value.id: group.value.title for group in written.groups}
    for item in written.items:
        if item.group not in groups:
            message, hint = f"“{item.title}”所属的分类“{item.group}”没有定义", suggest_id(item.group, groups)
            cause = Cause(f"分类“{item.group}”没有定义，却有项目属于它", hint, unit="个")
            subject = "", f"“{item.title}”"
            yield Problem(item.where, "rulebook.unknown-group", message, hint, cause=cause, subject=subject)


def _check_deductions(written: _RulebookText) -> Iterator[Problem]:
    """Check that leave and absence lead to a fixed deduction of the same rulebook."""
    fixed = {item.id: item.title for item in written.items if isinstance(item.points, Decimal) and item.points < 0}
    for item in written.items:
        for key, deduction in (("leave", item.leave), ("absent", item.absent)):
            if deduction is not None and deduction not in fixed:
                message = f"“{item.title}”的 {key} 指向“{deduction}”，它不是一个扣分项目"
                hint = suggest_id(deduction, fixed)
                cause = Cause(f"“{deduction}”不是一个扣分项目，却有项目的 {key} 指向它", hint, unit="个")
                subject = "", f"“{item.title}”"
                yield Problem(item.where, "rulebook.unknown-deduction", message, hint, cause=cause, subject=subject)


def _check_points(written: _RulebookText) -> Iterator[Problem]:
    for item in written.items:
        if (item.points is None) == (item.veto is None):
            message = f"“{item.title}”应当写 points 或 veto，且只能写一个"
            yield Problem(
                item.where, "rulebook.points", message, "每次计分写 points，一票否决写 veto: cycle 或 veto: reset"
            )
        levels = set(item.points) if isinstance(item.points, dict) else set()
        if item.levels is not None and set(item.levels) != levels:
            message = f"“{item.title}”的 levels 与 points 的档次不一致"
            yield Problem(item.where, "rulebook.levels", message, "两处的档次编号要一一对应")
        if item.roll and not (isinstance(item.points, Decimal) and item.points > 0):
            message = f"“{item.title}”全员参加（roll），却没有固定的得分"
            yield Problem(item.where, "rulebook.roll", message, "请写 points: 一个正数，或删去 roll")
        if item.expect is not None and item.expect.per is Window.DAY:
            message = f"“{item.title}”的应开展次数不能按日计"
            yield Problem(item.where, "rulebook.expect", message, "per 可以写 month、quarter、half 或 cycle")


def _check_other_names(written: _RulebookText) -> Iterator[Problem]:
    """Check that another name of an item is no word that names an item already."""
    words = {word: item for item in reversed(written.items) for word in (item.title, item.id)}
    for item in written.items:
        for word in item.also:
            owner = words.setdefault(word, item)
            if owner is not item:
                message = f"“{item.title}”的别名（also）“{word}”已经是“{owner.title}”的编号、名称或别名"
                yield Problem(item.where, "rulebook.same-word", message, "台账里写它就分不清是哪一项，请删去一处")
            elif word in {item.title, item.id} or item.also.count(word) > 1:
                message = f"“{item.title}”的别名（also）“{word}”写了两次，或者就是它的编号、名称"
                yield Problem(item.where, "rulebook.same-word", message, "请删去一处")


def _check_consequences(written: _RulebookText) -> Iterator[Problem]:
    yield from rulebook_outcomes.check_consequences(written.consequences, [board.id for board in written.all_boards])


def _check_outcomes(written: _RulebookText) -> Iterator[Problem]:
    # Without a limit, or with nothing to earn, there is no total to compute a percentage of.
    open_ended = not attainable_points.compute_attainable(_make_rulebook(written))
    yield from rulebook_outcomes.check_appraisal(written.appraisal, written.consequences, open_ended=open_ended)
    yield from rulebook_outcomes.check_awards(written.awards, written.all_boards)


_CHECKS: tuple[Callable[[_RulebookText], Iterator[Problem]], ...] = (
    _check_unique,
    _check_groups,
    _check_deductions,
    _check_points,
    _check_other_names,
    _check_consequences,
    _check_outcomes,
)


def _check_changes(written: _RulebookText) -> Iterator[Problem]:
    """Find mistakes in the changes, and in the states that they make."""
    yield from rulebook_changes.check_changes(written.parts, written.changes)
    for parts in rulebook_changes.list_states(written.parts, written.changes):
        state = replace(written, boards=parts.boards, consequences=parts.consequences, where=parts.where)
        for check in (_check_unique, _check_consequences, _check_outcomes):
            yield from check(state)


def _judge_flaws(flaws: Iterable[tuple[Location, Flaw]], *, sealed: bool) -> Iterator[Problem]:
    """Yield the problems of keys that have no effect or mislead.

    They are warnings if approved ledgers were scored by the rulebook, and those of notes and rules in words always.
    """
    for where, flaw in flaws:
        severity = Severity.WARNING if sealed or flaw.minor else Severity.ERROR
        hint = _advise_sealed(flaw) if sealed else flaw.mend
        yield Problem(where, flaw.code, flaw.message, hint, severity)


def _locate(flaw: Flaw, written: _RulebookText) -> Location:
    if flaw.part == "grades":
        assert written.appraisal
        return written.appraisal.grades[flaw.position].where
    where: Location = getattr(written, flaw.part)[flaw.position].where
    return where


def _advise_sealed(flaw: Flaw) -> str:
    if flaw.sealed:
        return f"已审核的台账依据这份规则，现在不能改；下一周期另写一份规则时{flaw.mend}，由那一年的 cycle.yaml 起用"
    return f"已审核的台账依据这份规则，但这一处没有封存，现在就可以改，下一周期的规则也照改：{flaw.mend}"
