"""The period argument, which several commands share."""

import click

from generator.core.basics import written_periods
from generator.core.basics.periods import Period


class _PeriodType(click.ParamType[Period]):
    name = "period"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> Period:
        period = written_periods.interpret_period(value)
        if period is None:
            self.fail(f"“{value}”不是周期，请写成 2026-03、2026-Q1、2026-H1 或 2026 的样子", param, ctx)
        return period


PERIOD = _PeriodType()
