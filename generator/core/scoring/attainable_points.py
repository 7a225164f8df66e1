"""What a rulebook's ceilings leave to be earned."""

from decimal import Decimal

from generator.core.model.rulebook import Rulebook, Window


def compute_attainable(rulebook: Rulebook) -> Decimal | None:
    """The most that can be earned in a cycle: each group's ceiling or, if lower, those of its items; None if open."""
    total = Decimal(0)
    for group in rulebook.groups:
        caps = [
            item.cap.get(Window.CYCLE)
            for item in rulebook.items
            if item.group == group.id and _earns(rulebook, item.id)
        ]
        own, known = group.cap.get(Window.CYCLE), [cap for cap in caps if cap is not None]
        if own is None and len(known) < len(caps):
            return None
        total += min([*([own] if own is not None else []), *([sum(known)] if len(known) == len(caps) else [])])
    return total


def _earns(rulebook: Rulebook, ident: str) -> bool:
    item = rulebook.item[ident]
    return any(points > 0 for points in (item.points or 0, *(level.points for level in item.levels)))
