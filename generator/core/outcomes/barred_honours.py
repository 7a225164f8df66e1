"""Honours of members whom the year's own rules bar from them (五5): a warning, for the committee decides."""

from collections.abc import Iterable, Iterator, Mapping

from generator.core.ledgers.ballots import NamedHonour
from generator.core.model.rulebook import Effect
from generator.core.outcomes.year_results import YearResults
from generator.problems import Problem, Severity


def find_barred_honours(honours: Iterable[NamedHonour], years: Mapping[int, YearResults]) -> Iterator[Problem]:
    """Yield a warning for each honour of a day on which the boards had already barred the member or fixed a grade."""
    for honour in honours:
        outcomes = years[honour.year].decided if honour.year in years else ()
        for word, member in honour.members:
            for outcome in outcomes:
                are_over = all(period.last < honour.written.date for period in outcome.because)
                if outcome.member.id == member and outcome.rule.effect in {Effect.BAR, Effect.GRADE} and are_over:
                    periods = "、".join(map(str, outcome.because))
                    rule = f"{outcome.rule.clause}“{outcome.rule.title}”（{periods}）"
                    message = f"“{word.text}”列为“{honour.written.award}”，而当年适用{rule}"
                    hint = "给不给由机关党委决定，请核对名单"
                    yield Problem(word.where, "ballot.barred", message, hint, Severity.WARNING)
