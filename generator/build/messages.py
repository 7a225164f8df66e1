"""Types that cross processes during a build: the shared inputs, a branch's files, the organ's facts, rendered files."""

from collections.abc import Mapping, Sequence
from datetime import date

from msgspec import Struct, field

from generator.core.basics.periods import Period
from generator.core.model.approver_lists import ApproverLists
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import Article, Settings
from generator.core.page_data.committee import CommitteeFacts
from generator.core.page_data.honours import OwnHonour
from generator.core.scoring.board_positions import BoardPosition
from generator.core.scoring.branch_scores import BranchScores
from generator.intake.files.discovery import DiscoveredFiles
from generator.render.html.theme import Theme
from generator.render.site.ranking_differences import RankingCheck


class SharedInputs(Struct, frozen=True):
    """The inputs that bear on every branch; ``rulebooks`` are by year."""

    settings: Settings
    roster: Roster
    rulebooks: Mapping[int, Rulebook]
    articles: tuple[Article, ...]
    theme: Theme
    approver_lists: ApproverLists

    @property
    def change_days(self) -> frozenset[date]:
        """The days from which something else holds in settings or rulebooks."""
        changes = (change.since for rulebook in self.rulebooks.values() for change in rulebook.changes)
        return self.settings.change_days.union(changes)


class BranchFiles(Struct, frozen=True, eq=False):
    """A branch's files and their digest.

    ``copied_approvals`` are files whose approval was copied from another branch, each with its origin in words.
    ``cached_ledgers`` are the ledgers as an earlier build read and encoded them, empty if there are none, None if what
    is read is not to be cached. Two are equal if branch, digest and copies are: the digest represents the files.
    """

    branch: str
    digest: str
    discovered: DiscoveredFiles
    copied_approvals: tuple[tuple[str, str], ...] = ()
    cached_ledgers: bytes | None = None

    # The generated methods would compare and hash every path at each look-up in a worker's caches.

    def __eq__(self, value: object) -> bool:
        return isinstance(value, BranchFiles) and self._identity == value._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[object, ...]:
        return self.branch, self.digest, self.copied_approvals


class ImportedScores(Struct, frozen=True, eq=False):
    """The scores that a branch's members have in other branches, by branch; ``digest`` represents all of them.

    Without ``scores`` it is good for cache keys only.
    """

    digest: str = ""
    scores: Mapping[str, BranchScores] = field(default_factory=dict)

    def __eq__(self, value: object) -> bool:
        return isinstance(value, ImportedScores) and self.digest == value.digest

    def __hash__(self) -> int:
        return hash(self.digest)


class OrganFacts(Struct, frozen=True):
    """The organ's data that a branch's pages show or are chosen by.

    ``scored_months`` are the months of which any branch has a scored ledger. By member of the branch: ``account_years``
    are the years of the account, ``positions_elsewhere`` the positions on other boards, ``honours`` the approved ones.
    ``committee_facts`` are for the committee's pages of the branch, ``built_paths`` the paths to which links may lead.
    """

    scored_months: tuple[Period, ...]
    account_years: Mapping[str, Sequence[int]]
    positions_elsewhere: Mapping[str, Sequence[BoardPosition]]
    honours: Mapping[str, Sequence[OwnHonour]]
    committee_facts: CommitteeFacts
    built_paths: frozenset[str]


class RenderedFiles(Struct, frozen=True):
    """Files by path, each with its digest.

    ``unwritten`` are the paths whose bytes the output folder does not have yet. ``links`` are the targets that were
    looked up, each with whether it is built; ``reads_articles`` is true if a template named the articles. ``rankings``
    is the comparison of the pages' rankings, if it was wanted, ``published_rankings`` that of the published pages with
    the same data.
    """

    digests: Mapping[str, str]
    unwritten: Sequence[str] = ()
    links: Mapping[str, bool] = field(default_factory=dict)
    reads_articles: bool = False
    rankings: RankingCheck = RankingCheck()
    published_rankings: RankingCheck = RankingCheck()
