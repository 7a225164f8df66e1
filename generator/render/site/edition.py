"""The data from which pages are built, and the pages themselves as values."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cached_property

from msgspec import Struct, field

from generator.core.model.ledger import BranchMonth, ValidLedger
from generator.core.model.roster import Branch, Member, Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import Article, ArticleHead, Audience, Settings, list_top_pages
from generator.core.page_data import boards, correction_notices, member_history
from generator.core.page_data.audit import Audit
from generator.core.page_data.boards import Board
from generator.core.page_data.committee import CommitteeData, CommitteeFacts
from generator.core.page_data.correction_notices import Bulletin
from generator.core.page_data.filing_packs import PackInputs
from generator.core.page_data.honours import HonourEntry, OwnHonour
from generator.core.page_data.member_history import MemberAccount
from generator.core.scoring.approval_sources import ApprovalSource, SignedSource, list_all_signed_sources
from generator.core.scoring.results import BoardKey
from generator.core.scoring.site_data import SiteData


class SiteContext(Struct, frozen=True, dict=True):
    """Data shown on every page of a site; ``preview`` marks pages that count drafts."""

    settings: Settings
    roster: Roster
    articles: tuple[Article, ...]
    today: date
    preview: bool

    @cached_property
    def top_pages(self) -> tuple[ArticleHead, ...]:
        """The pages that the foot of every page lists."""
        return list_top_pages(self.articles)

    @property
    def branches(self) -> Mapping[str, Branch]:
        """The branches by id, under the names of today."""
        return self.roster.branch_by_id

    def settings_on(self, day: date) -> Settings:
        """Return the settings of that day, or of today if that is earlier."""
        return self.settings.state_on(min(day, self.today))

    def branches_on(self, day: date) -> Mapping[str, Branch]:
        """Return the branches by id under the names of that day, or of today if that is earlier."""
        return self.roster.named_on(day).branch_by_id


class Edition(SiteContext, frozen=True, dict=True):
    """The data from which the pages of one branch, or of the organ, are built.

    It is not the whole site of an audience, which the README calls an edition. Boards, bulletins and accounts are
    computed on demand, once.

    ``site_data`` is the branch's or the organ's. ``fully_struck`` has, by corrected month and after each of its
    corrections, whether all its lines are struck. ``audit`` is the part of the records that the organ may see.
    ``honours`` are the organ's, ``own_honours`` those of the branch's members. All other fields are for the
    committee's pages: ``ledgers`` to be printed as forms, ``pack_inputs`` and ``committee_facts`` for a branch's packs
    and talk sheets, ``committee`` for its own pages.
    """

    members: Mapping[str, Member]
    rulebooks: Mapping[int, Rulebook]
    site_data: SiteData
    fully_struck: Mapping[BranchMonth, Sequence[bool]]
    audit: Audit
    honours: tuple[HonourEntry, ...] = ()
    own_honours: Mapping[str, Sequence[OwnHonour]] = field(default_factory=dict)
    ledgers: tuple[ValidLedger, ...] = ()
    pack_inputs: PackInputs = field(default_factory=PackInputs)
    committee_facts: CommitteeFacts = field(default_factory=CommitteeFacts)
    committee: CommitteeData | None = None

    @cached_property
    def boards(self) -> tuple[Board, ...]:
        """The current revision of every board."""
        return boards.build_boards(self.site_data)

    @cached_property
    def board_by_key(self) -> Mapping[BoardKey, Board]:
        """The current revision of every board, by period and branch."""
        return {(board.period, board.branch): board for board in self.boards}

    @cached_property
    def superseded_boards(self) -> tuple[Board, ...]:
        """Every board in its state before each correction."""
        return boards.build_superseded_boards(self.site_data)

    @cached_property
    def bulletins(self) -> tuple[Bulletin, ...]:
        """The changes of boards by each correction."""
        return correction_notices.build_bulletins(self.site_data)

    @cached_property
    def accounts(self) -> tuple[MemberAccount, ...]:
        """The accounts of members, with everything that they may see of themselves."""
        return member_history.build_accounts(self.site_data)

    @cached_property
    def account_by_member(self) -> Mapping[str, MemberAccount]:
        """The same by member id."""
        return {account.member.id: account for account in self.accounts}

    @cached_property
    def approvals(self) -> tuple[SignedSource, ...]:
        """Every approval with the approver's name, oldest month first."""
        return list_all_signed_sources(self.site_data.approvals, self.site_data.results.roster.branch_by_id)

    @cached_property
    def struck_months(self) -> list[BranchMonth]:
        """The months whose lines are all struck by now."""
        return self.find_struck_months(self.approvals)

    def find_struck_months(self, sources: Sequence[ApprovalSource]) -> list[BranchMonth]:
        """Return the months fully struck when these approvals were the newest, unless lines were added since."""
        newest = {(source.branch, source.month): source.revision for source in sources if source.revision}
        return [key for key, revision in newest.items() if self.fully_struck[key][revision - 1]]

    @property
    def latest_year(self) -> int | None:
        """The year of the newest board, None if there is none."""
        years = {month.year for _, month in self.site_data.results.counted_months}
        return max((year for year in years if self.rulebooks[year].all_boards), default=None)


class PageSpec(Struct, frozen=True):
    """A page that a site may have: its path, its audience, and the function that builds it.

    Paths are needed before pages: links are made only to pages that are built.
    """

    path: str
    audience: Audience
    build_page: Callable[[], "Page"]
    anywhere: bool = False


class Page(Struct, frozen=True):
    """One page: its path in the site, its audience, its title, its template and the template's data.

    ``styles`` are the style sheets of the theme that it needs, by name. A page that may be read ``anywhere``, not only
    at its path, has absolute addresses as links, if the site has an address: a feed, or the page that a server shows
    for a missing one. A page of a period shows branches and the organ under the names of ``names_on``, the period's
    last day; any other, with None, under those of today.
    """

    path: str
    audience: Audience
    title: str
    template: str
    data: Mapping[str, object]
    styles: tuple[str, ...] = ("theme",)
    anywhere: bool = False
    names_on: date | None = None
