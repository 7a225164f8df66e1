"""What the committee's edition holds besides what others see: section 五, the desk, filing packs, talk sheets."""

from collections.abc import Sequence

from msgspec import Struct

from generator.core import conclusions, desk, outcomes, packs, talks
from generator.core.accounts import Account
from generator.core.conclusions import Conclusions, Inputs
from generator.core.desk import Desk, Tray
from generator.core.ground import Ground
from generator.core.packs import Pack, Paperwork
from generator.core.talks import Talk


class Committee(Struct, frozen=True):
    """``years`` that have a scored ledger, newest first; packs by quarter and branch, talk sheets in roster order."""

    years: tuple[Conclusions, ...]
    desk: Desk
    packs: tuple[Pack, ...]
    talks: tuple[Talk, ...]


def committee(
    ground: Ground, accounts: Sequence[Account], inputs: Inputs, *, paperwork: Paperwork, tray: Tray
) -> Committee:
    """All of it, from what is scored and what lies on the shelf."""
    places = outcomes.history(ground.rankings)
    years = {
        year: conclusions.conclude(ground.results, ground.rankings, places, inputs, year)
        for year in sorted({month.year for _, month in ground.results.scored}, reverse=True)
    }
    return Committee(
        years=tuple(years.values()),
        desk=desk.desk(ground, tray),
        packs=packs.packs(ground, paperwork, years),
        talks=talks.talks(ground, accounts, places, years),
    )
