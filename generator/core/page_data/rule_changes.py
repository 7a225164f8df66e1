"""Dated changes of a rulebook as the rules page shows them: each beside what it replaced."""

from datetime import date, timedelta

from msgspec import Struct

from generator.core.model.rulebook import (
    BoardRule,
    BookkeepingRule,
    Consequence,
    EndedEntry,
    RoundingRule,
    Rulebook,
    RulebookChange,
)


class RoundingChange(Struct, frozen=True):
    """A rounding and the one before it."""

    before: RoundingRule
    after: RoundingRule


class BookkeepingChange(Struct, frozen=True):
    """A rule for bookkeeping and the one before it; None where there is none."""

    before: BookkeepingRule | None
    after: BookkeepingRule | None


class RuleChange(Struct, frozen=True):
    """A change of a rulebook: what holds since that day, and the titles of ``ended`` boards and consequences."""

    since: date
    reason: str
    boards: tuple[BoardRule, ...]
    rounding: RoundingChange | None
    consequences: tuple[Consequence, ...]
    bookkeeping: BookkeepingChange | None
    ended: tuple[str, ...]


def list_rule_changes(rulebook: Rulebook, today: date) -> tuple[RuleChange, ...]:
    """Return the changes whose day has come, the oldest first."""
    return tuple(_describe_change(rulebook, change) for change in rulebook.changes if change.since <= today)


def _describe_change(rulebook: Rulebook, change: RulebookChange) -> RuleChange:
    before, after = rulebook.state_on(change.since - timedelta(days=1)), rulebook.state_on(change.since)
    titles = {("board", board.id): board.title or board.id for board in before.boards}
    titles |= {("rule", rule.id): rule.title for rule in before.consequences}
    entries = [*(("board", entry) for entry in change.boards), *(("rule", entry) for entry in change.consequences)]
    return RuleChange(
        since=change.since,
        reason=change.reason,
        boards=tuple(entry for entry in change.boards if isinstance(entry, BoardRule)),
        rounding=RoundingChange(before.rounding, change.rounding) if change.rounding else None,
        consequences=tuple(entry for entry in change.consequences if isinstance(entry, Consequence)),
        bookkeeping=BookkeepingChange(before.bookkeeping, after.bookkeeping) if change.bookkeeping else None,
        ended=tuple(titles[kind, entry.id] for kind, entry in entries if isinstance(entry, EndedEntry)),
    )
