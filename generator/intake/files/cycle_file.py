"""Cycle files, which name the rulebook of a year, and the months that count if it isn't all of them."""

from collections.abc import Iterator
from datetime import date

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.model.cycle_term import CycleBound, CycleTerm
from generator.core.model.ledger import WrittenName
from generator.intake.text import yaml_nodes
from generator.intake.text.fields import Field, FileReport, read_day, read_month, read_name, read_text, record_of
from generator.problems import Problem


class _WrittenEnd(Struct, frozen=True):
    """The early end of a cycle, as written."""

    month: WrittenName
    on: date
    reason: str


class Cycle(Struct, frozen=True):
    """A year and the id of its rulebook, as written; ``since`` and ``until`` bound its months."""

    year: WrittenName
    rulebook: WrittenName
    since: WrittenName | None = None
    until: _WrittenEnd | None = None

    @property
    def term(self) -> CycleTerm:
        """The months that count."""
        since, until = self.since, self.until
        return CycleTerm(
            CycleBound(Period.from_name(since.text), since.where) if since else None,
            CycleBound(Period.from_name(until.month.text), until.month.where, until.reason, until.on)
            if until
            else None,
        )


_read_end = record_of(
    _WrittenEnd,
    Field("month", read_month, required=True),
    Field("on", read_day, required=True),
    Field("reason", read_text, required=True),
)


def _make_cycle(**values: object) -> Cycle:
    return Cycle(**{"since" if key == "from" else key: value for key, value in values.items()})  # type: ignore[arg-type]


CYCLE = record_of(
    _make_cycle,
    Field("year", read_name, required=True),
    Field("rulebook", read_name, required=True),
    Field("from", read_month),
    Field("until", _read_end),
)


def read_cycle(raw: bytes, file: str) -> tuple[Cycle | None, list[Problem]]:
    """Read ``ledgers/YEAR/cycle.yaml``, whose folder names the year."""
    node, problems = yaml_nodes.read_yaml(raw, file)
    if node is None:
        return None, problems
    report = FileReport(file)
    cycle = CYCLE(node, report)
    if cycle is not None:
        report.problems.extend(_find_wrong_months(cycle, file.split("/")[-2]))
    return (None if report.has_errors else cycle), report.problems


def _find_wrong_months(cycle: Cycle, year: str) -> Iterator[Problem]:
    """Find a year that is not the folder's, and months that aren't in it or leave none."""
    if cycle.year.text != year:
        message = f"文件夹是 {year} 年的，里面写的却是 {cycle.year.text}"
        is_same = cycle.year.text.rstrip("年度 ") == year
        hint = f"请写成 {year}" if is_same else "请改正 year，或移到正确的文件夹"
        yield Problem(cycle.year.where, "cycle.year", message, hint)
        return
    bounds = [bound for bound in (cycle.term.first, cycle.term.last) if bound]
    for bound in bounds:
        if str(bound.month.year) != year:
            message = f"{bound.month} 不在 {year} 年"
            yield Problem(bound.where, "cycle.months", message, f"请写 {year} 年的月份，例如 {year}-10")
    if len(bounds) > 1 and bounds[0].month.first > bounds[-1].month.first:
        message = f"计分到 {bounds[-1].month} 为止，早于开始的 {bounds[0].month}"
        yield Problem(bounds[-1].where, "cycle.months", message, "请改正 from 或 until 里的 month")
