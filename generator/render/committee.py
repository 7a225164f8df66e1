"""The pages of the committee alone: desk, results, filing packs, talk sheets, ledger forms and the journal."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from generator.core import boards
from generator.core.committee import Committee
from generator.core.conclusions import Conclusions
from generator.core.model import Consequence, Effect
from generator.core.outcomes import Outcome, Placed
from generator.core.packs import Pack
from generator.core.periods import Kind, Period, period
from generator.core.settings import Audience
from generator.core.sheets import Sheet
from generator.core.talks import Talk
from generator.render import wording
from generator.render.editions import Edition, Page, awards_path, pack_path, results_path, sheet_path, talk_path

_STYLES = ("theme", "committee")


def pages(edition: Edition) -> Iterator[Page]:
    """All of them but the ledger forms, which are the branches', the desk last; none if they were not asked for."""
    if edition.committee is None:
        return
    yield Page(
        "committee/journal.html",
        Audience.COMMITTEE,
        "审核、更正与备案登记",
        "journal.html",
        {"journal": edition.journal},
    )
    for pack in edition.committee.packs:
        yield packs_page(edition, [pack])
    yield from map(_talk, edition.committee.talks)
    for year in edition.committee.years:
        yield awards_page(year)
        yield results_page(edition.committee, year)
    yield _desk(edition, edition.committee)


def sheet_page(edition: Edition, sheet: Sheet) -> Page:
    """A printable ledger form, or that of a correction."""
    ledger = sheet.ledger
    order = f"更正（第{sheet.amended.number}次）" if sheet.amended else ""
    title = f"{edition.branches[ledger.branch].name}{wording.period(ledger.month)}党员积分台账{order}"
    path = sheet_path(ledger.branch, ledger.month)
    return Page(path, Audience.COMMITTEE, title, "sheet.html", {"sheet": sheet}, ("form", "sheet"))


def packs_page(edition: Edition, packs: Sequence[Pack]) -> Page:
    """The filing packs of a quarter, at the first one's address: what branches send up."""
    first = packs[0]
    of = first.branch.name if len(packs) == 1 else edition.settings.organ
    title = f"{of}{wording.period(first.quarter)}备案材料"
    path = pack_path(first.branch.id, first.quarter)
    return Page(path, Audience.COMMITTEE, title, "pack.html", {"packs": packs}, ("theme", "committee", "form"))


def results_page(committee: Committee, year: Conclusions) -> Page:
    """What a year's results decide."""
    cycle = period(Kind.YEAR, year.year)
    data = {
        "year": year,
        "cycle": cycle,
        "over": cycle.last < committee.desk.today,
        "lists": _lists(year.suggested),
    }
    title = f"{year.year}年度结果运用"
    return Page(results_path(year.year), Audience.COMMITTEE, title, "results.html", data, _STYLES)


def awards_page(year: Conclusions) -> Page:
    """A year's polls alone."""
    title = f"{year.year}年度表彰投票与积分对照"
    return Page(awards_path(year.year), Audience.COMMITTEE, title, "awards.html", {"year": year}, _STYLES)


_Lists = list[tuple[Consequence, list[tuple[Period, list[tuple[str, list[Placed]]]]]]]


def _lists(suggested: Sequence[Outcome]) -> _Lists:
    """Those who are suggested: by rule, those to talk to first, then by period, newest first, and branch."""
    found = [
        (rule, _by_period([place for one in group for place in one.places]))
        for rule, group in groupby(suggested, key=lambda one: one.rule)
    ]
    return sorted(found, key=lambda one: one[0].effect is not Effect.TALK)


def _by_period(places: Sequence[Placed]) -> list[tuple[Period, list[tuple[str, list[Placed]]]]]:
    found: dict[Period, dict[str, list[Placed]]] = {}
    for place in sorted(places, key=lambda one: one.period.last, reverse=True):
        found.setdefault(place.period, {}).setdefault(place.standing.branch, []).append(place)
    return [(stretch, list(homes.items())) for stretch, homes in found.items()]


def _talk(talk: Talk) -> Page:
    member = talk.account.member
    title = f"{boards.label(member)}谈话提纲"
    return Page(talk_path(member.id), Audience.COMMITTEE, title, "talk.html", {"talk": talk}, _STYLES)


def _desk(edition: Edition, committee: Committee) -> Page:
    data = {
        "desk": committee.desk,
        "years": committee.years,
        "packs": committee.packs,
        "talks": {
            branch: [one for one in committee.talks if one.standing.branch == branch] for branch in edition.branches
        },
    }
    return Page("committee/index.html", Audience.COMMITTEE, "机关党委工作台", "desk.html", data, _STYLES)
