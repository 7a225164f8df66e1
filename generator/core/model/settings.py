"""The settings of a site project: its words, its audiences, its articles."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics.dated import DayMend
from generator.core.basics.periods import Period
from generator.core.basics.workdays import Calendar
from generator.core.model.ledger import WrittenName


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


class ObjectionChange(Struct, frozen=True):
    """The number of working days from a day on."""

    since: date
    reason: str
    days: int


class ObjectionSettings(Struct, frozen=True):
    """The office to which objections to a board are raised, and the number of working ``days`` 公示期 to do so.

    With 0 days no board is open to objections. ``changes`` are in the order of their days.
    """

    days: int
    contact: str
    phone: str = ""
    changes: tuple[ObjectionChange, ...] = ()

    def days_on(self, day: date) -> int:
        """Return the number of working days for the boards of a period that ends on a day."""
        return next((change.days for change in reversed(self.changes) if change.since <= day), self.days)


class SettingsChange(Struct, frozen=True):
    """The names of the organ and its committee from a day on; None where one stays the same."""

    since: date
    reason: str
    organ: str | None = None
    committee: str | None = None


class Settings(Struct, frozen=True):
    """The contents of ``content/site.yaml``.

    ``posted`` gives the day on which a board was put up, ``posted_mends`` the replacements of a wrong one, the oldest
    first; ``banner`` is shown on every page. ``calendar`` has the days off and at work that the published calendar
    lacks. ``address`` is the URL of the site on its server, with a slash at the end: only the pages that are read
    elsewhere need it. ``changes`` are in the order of their days.
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
    posted_mends: Mapping[Period, tuple[DayMend, ...]] = field(default_factory=dict)
    changes: tuple[SettingsChange, ...] = ()

    @property
    def change_days(self) -> frozenset[date]:
        """The days from which something else holds."""
        dated = (self.changes, self.objection.changes if self.objection else (), self.calendar.changes)
        return frozenset(change.since for changes in dated for change in changes)

    def state_on(self, day: date) -> "Settings":
        """Return the settings for the pages of a period that ends on a day."""
        if not self.change_days:
            return self
        organ, committee = self.organ, self.committee
        for change in self.changes:
            if change.since <= day:
                organ, committee = change.organ or organ, change.committee or committee
        objection = self.objection and replace(self.objection, days=self.objection.days_on(day))
        return replace(
            self, organ=organ, committee=committee, objection=objection, calendar=self.calendar.state_on(day)
        )


class ArticleHead(Struct, frozen=True):
    """A notice or page without its text; ``folder`` and ``slug`` make its address."""

    folder: str
    slug: str
    title: str


class Article(ArticleHead, frozen=True):
    """A Markdown notice or page; ``folder`` and ``slug`` make its address. Notices have a day.

    ``first_line`` is the line of its file at which the text begins; ``template`` names a template of the theme that
    draws it in the place of ``article.html``; ``parent`` names the page that leads to this one, which the foot of the
    site does not list.
    """

    text: str
    day: date | None = None
    first_line: int = 1
    template: WrittenName | None = None
    parent: WrittenName | None = None

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"content/{self.folder}/{self.slug}.md"

    def is_due(self, today: date) -> bool:
        """Return whether the article may be published: a notice not before its day."""
        return self.day is None or self.day <= today


def list_top_pages(articles: Iterable[Article]) -> tuple[ArticleHead, ...]:
    """Return the heads of the pages that no other page leads to, which the foot of every page lists."""
    return tuple(
        ArticleHead(article.folder, article.slug, article.title)
        for article in articles
        if article.folder == "pages" and not article.parent
    )
