"""Points that a rulebook's ceilings leave to be earned in a cycle."""

from decimal import Decimal

from generator.core.model.rulebook import Rulebook, Window


def compute_attainable(rulebook: Rulebook) -> Decimal | None:
    """Return the most that can be earned in a cycle, or None where no ceiling bounds it.

    A group adds its own ceiling or, if lower, the sum of its items' ceilings.
    """
    total = Decimal(0)
    for group in rulebook.groups:
        item_caps = [
            item.cap.get(Window.CYCLE)
            for item in rulebook.items
            if item.group == group.id and _is_earning(rulebook, item.id)
        ]
        group_cap, bounds = group.cap.get(Window.CYCLE), [cap for cap in item_caps if cap is not None]
        if group_cap is None and len(bounds) < len(item_caps):
            return None
        total += min(
            [
                *([group_cap] if group_cap is not None else []),
                *([sum(bounds)] if len(bounds) == len(item_caps) else []),
            ]
        )
    return total


def _is_earning(rulebook: Rulebook, item_id: str) -> bool:
    item = rulebook.item[item_id]
    return any(points > 0 for points in (item.points or 0, *(level.points for level in item.levels)))
