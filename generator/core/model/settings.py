"""The settings of a site project: its words, its audiences, its articles."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct, field

from generator.core.basics.periods import Period
from generator.core.basics.workdays import Calendar


class Audience(StrEnum):
    """The readers of a page. The pages of an audience are all built or none; no audience contains another."""

    ORGAN = "organ"
    BRANCH = "branch"
    MEMBER = "member"
    COMMITTEE = "committee"


class NameDisplay(StrEnum):
    """The form of members' names on the organ's pages: in full, or masked."""

    FULL = "full"
    MASKED = "masked"


class NameOrder(StrEnum):
    """The order of members with equal points in lists: by pinyin, or by strokes of the surname 按姓氏笔画 (R10)."""

    PINYIN = "pinyin"
    STROKE = "stroke"


class ObjectionSettings(Struct, frozen=True):
    """The office to which objections to a board are raised, and the number of working ``days`` 公示期 to do so."""

    days: int
    contact: str
    phone: str = ""


class Settings(Struct, frozen=True):
    """The contents of ``content/site.yaml``.

    ``posted`` gives the day on which a board was put up; ``banner`` is shown on every page. ``calendar`` has the days
    off and at work that the published calendar lacks. ``address`` is the URL of the site on its server, with a slash at
    the end: only the pages that are read elsewhere need it.
    """

    organ: str
    committee: str
    title: str
    theme: str = "default"
    order: NameOrder = NameOrder.PINYIN
    names: NameDisplay = NameDisplay.FULL
    objection: ObjectionSettings | None = None
    posted: Mapping[Period, date] = field(default_factory=dict)
    calendar: Calendar = field(default_factory=Calendar)
    publish: tuple[Audience, ...] = (Audience.ORGAN, Audience.BRANCH, Audience.MEMBER)
    banner: str = ""
    address: str = ""


class Article(Struct, frozen=True):
    """A Markdown notice or page; ``folder`` and ``slug`` make its address. Notices have a day."""

    folder: str
    slug: str
    title: str
    text: str
    day: date | None = None

    def is_due(self, today: date) -> bool:
        """Return whether the article may be published: a notice not before its day."""
        return self.day is None or self.day <= today
