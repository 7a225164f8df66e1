"""What a site project says about its site: its words, its audiences, its articles."""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct, field

from generator.core.basics.periods import Period
from generator.core.basics.workdays import Calendar


class Audience(StrEnum):
    """Who may read a page. Each is built or not built as a whole; none contains another."""

    ORGAN = "organ"
    BRANCH = "branch"
    MEMBER = "member"
    COMMITTEE = "committee"


class NameDisplay(StrEnum):
    """How members are named on the organ's pages."""

    FULL = "full"
    MASKED = "masked"


class NameOrder(StrEnum):
    """How members who level on points are listed: by pinyin, or by strokes of the surname 按姓氏笔画 (R10)."""

    PINYIN = "pinyin"
    STROKE = "stroke"


class ObjectionSettings(Struct, frozen=True):
    """Where objections to a board are raised, and for how many working days 公示期."""

    days: int
    contact: str
    phone: str = ""


class Settings(Struct, frozen=True):
    """``content/site.yaml``. ``posted`` gives the day on which a board was put up; ``banner`` stands on every page.

    ``calendar`` has the days off and at work that the published calendar lacks. ``address`` is where the site lies on
    its server, with a slash at the end: only the pages that are read elsewhere need it.
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
