"""Rulebook files: one regulation as data, composed of a closed set of mechanisms."""

from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

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
from generator.core.scoring import attainable_points
from generator.intake.files import rulebook_changes, rulebook_outcomes
from generator.intake.files.rulebook_changes import RulebookParts, WrittenRulebookChange
from generator.intake.files.rulebook_outcomes import WrittenAppraisal, WrittenAwarding, WrittenConsequence
from generator.intake.text import yaml_nodes
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
from generator.intake.text.yaml_nodes import Node, ScalarNode
from generator.problems import Location, Problem, suggest_known_word


def _read_caps(node: Node, report: FileReport) -> dict[Window, Decimal] | None:
    """Read caps by window; ``cap: 12`` is short for ``{cycle: 12}``."""
    if isinstance(node, ScalarNode):
        cap = read_decimal(node, report)
        caps = None if cap is None else {Window.CYCLE: cap}
    else:
        caps = mapping_of(choice_of(Window), read_decimal)(node, report)
    if caps and any(cap < 0 for cap in caps.values()):
        report.add_error(node, "rulebook.negative-cap", "上限是负数", "请写 0 或更大的数")
        return None
    return caps


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


_EXPECT = record_of(
    Expectation, Field("per", choice_of(Window), required=True), Field("times", read_count, required=True)
)

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
    with_where=True,
)

_GROUP = record_of(
    Group, Field("id", read_slug, required=True), Field("title", read_text, required=True), Field("cap", _read_caps)
)

_BOARD = record_of(
    BoardRule,
    Field("id", read_slug, required=True),
    Field("period", choice_of(PeriodKind), required=True),
    Field("scope", choice_of(Scope), required=True),
    Field("title", read_text),
    Field("clause", read_text),
)


def _read_cycle(node: Node, report: FileReport) -> str | None:
    cycle = read_text(node, report)
    if cycle is not None and cycle != "year":
        report.add_error(node, "field.bad-choice", f"这里不能写“{cycle}”", "目前只支持 year（自然年）")
    return cycle


def _read_floor(node: Node, report: FileReport) -> Decimal | None:
    floor = read_decimal(node, report)
    if floor is not None and floor > 0:
        report.add_error(node, "field.bad-number", "总分下限不能大于 0", "不设下限请写 null，扣完为止请写 0")
        return None
    return floor


class _RulebookText(Struct, frozen=True):
    """A rulebook as written."""

    id: str
    title: str
    issued: date
    groups: tuple[Group, ...]
    items: tuple[_ItemText, ...]
    boards: tuple[BoardRule, ...]
    where: Location
    cycle: str = "year"
    ties: TieRule = TieRule.COMPETITION
    floor: Decimal | None = None
    rounding: RoundingRule = field(default_factory=RoundingRule)
    proofs: dict[str, str] | None = None
    readings: tuple[Interpretation, ...] = ()
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
    Interpretation,
    Field("title", read_text, required=True),
    Field("text", read_text, required=True),
    Field("clause", read_text),
)
_RULEBOOK = record_of(
    _RulebookText,
    Field("id", read_slug, required=True),
    Field("title", read_text, required=True),
    Field("issued", read_day, required=True),
    Field("cycle", _read_cycle),
    Field("groups", list_of(_GROUP), required=True),
    Field("items", list_of(_ITEM), required=True),
    Field("boards", list_of(_BOARD), required=True),
    Field("ties", choice_of(TieRule)),
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


def read_rulebook(raw: bytes, file: str) -> tuple[Rulebook | None, list[Problem]]:
    """Read a rulebook file, whose name is the rulebook's id; no rulebook if it has an error."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report = FileReport(file)
    written = _RULEBOOK(node, report)
    if written is None:
        return None, report.problems
    if f"{written.id}.yaml" != file.rsplit("/", 1)[-1]:
        message = f"文件名与里面的编号“{written.id}”不一致"
        report.problems.append(Problem(written.where, "rulebook.path", message, f"请把文件改名为 {written.id}.yaml"))
    for check in _CHECKS:
        report.problems += check(written)
    report.problems += _check_changes(written)
    return (None if report.has_errors else _make_rulebook(written)), report.problems


def _make_rulebook(written: _RulebookText) -> Rulebook:
    return Rulebook(
        id=written.id,
        title=written.title,
        issued=written.issued,
        groups=written.groups,
        items=tuple(_make_item(item) for item in written.items),
        boards=written.boards,
        ties=written.ties,
        floor=written.floor,
        rounding=written.rounding,
        proofs=written.proofs or {},
        readings=written.readings,
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
    )


# --- checks that involve several parts -------------------------------------------------------------------------------


def _check_unique(written: _RulebookText) -> Iterator[Problem]:
    for kind, ids in (
        ("分类", [group.id for group in written.groups]),
        ("项目", [item.id for item in written.items]),
        ("项目名称", [item.title for item in written.items]),
        ("榜单", [board.id for board in written.boards]),
        ("结果运用", [consequence.value.id for consequence in written.consequences]),
        ("周期与范围相同的榜单", [f"{board.period} {board.scope}" for board in written.boards]),
    ):
        for duplicate in sorted({ident for ident in ids if ids.count(ident) > 1}):
            yield Problem(
                written.where, "rulebook.duplicate-id", f"{kind}“{duplicate}”写了两次", "请换一个名字或删去一处"
            )


def _check_groups(written: _RulebookText) -> Iterator[Problem]:
    groups = [group.id for group in written.groups]
    for item in written.items:
        if item.group not in groups:
            message = f"“{item.title}”所属的分类“{item.group}”没有定义"
            yield Problem(item.where, "rulebook.unknown-group", message, suggest_known_word(item.group, groups))


def _check_deductions(written: _RulebookText) -> Iterator[Problem]:
    """Check that leave and absence lead to a fixed deduction of the same rulebook."""
    fixed = [item.id for item in written.items if isinstance(item.points, Decimal) and item.points < 0]
    for item in written.items:
        for key, deduction in (("leave", item.leave), ("absent", item.absent)):
            if deduction is not None and deduction not in fixed:
                message = f"“{item.title}”的 {key} 指向“{deduction}”，它不是一个扣分项目"
                yield Problem(item.where, "rulebook.unknown-deduction", message, suggest_known_word(deduction, fixed))


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
