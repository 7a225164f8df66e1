"""Arguments that are periods, which several commands share."""

import click

from generator.core.basics import written_periods
from generator.core.basics.periods import Period, PeriodKind


class _PeriodType(click.ParamType[Period]):
    """A period of one kind, or of any."""

    name = "period"

    def __init__(self, title: str, example: str, kind: PeriodKind | None = None) -> None:
        self.title, self.example, self.kind = title, example, kind

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        period = written_periods.interpret_period(value)
        if period is None or self.kind not in {None, period.kind}:
            self.fail(f"“{value}”不是{self.title}，请写成 {self.example} 的样子", param, ctx)
        return period


PERIOD = _PeriodType("周期", "2026-03、2026-Q1、2026-H1 或 2026")
MONTH = _PeriodType("月份", "2026-11", PeriodKind.MONTH)
QUARTER = _PeriodType("季度", "2026-Q1", PeriodKind.QUARTER)
YEAR = _PeriodType("年度", "2026", PeriodKind.YEAR)
