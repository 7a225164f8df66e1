"""Honours of members whom the year's own rules bar from them (五5): told, and left to the committee."""

from collections.abc import Iterable, Iterator, Mapping

from generator.core.ledgers.ballots import NamedHonour
from generator.core.model.rulebook import Effect
from generator.core.outcomes.year_results import YearResults
from generator.problems import Problem, Severity


def find_barred_honours(named: Iterable[NamedHonour], years: Mapping[int, YearResults]) -> Iterator[Problem]:
    """Yield a warning for each honour given when the boards had already barred the member or fixed a grade."""
    for one in named:
        outcomes = years[one.year].decided if one.year in years else ()
        for word, member in one.members:
            for outcome in outcomes:
                is_over = all(period.last < one.honour.date for period in outcome.because)
                if outcome.member.id == member and outcome.rule.effect in {Effect.BAR, Effect.GRADE} and is_over:
                    periods = "、".join(map(str, outcome.because))
                    rule = f"{outcome.rule.clause}“{outcome.rule.title}”（{periods}）"
                    message = f"“{word.text}”列为“{one.honour.award}”，而当年适用{rule}"
                    hint = "给不给由机关党委决定，请核对名单"
                    yield Problem(word.where, "ballot.barred", message, hint, Severity.WARNING)
