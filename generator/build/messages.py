"""What crosses processes during a build: the shared inputs, a branch's files, what is drawn of it."""

from collections.abc import Mapping, Sequence

from msgspec import Struct, field

from generator.core.basics.periods import Period
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import Article, Settings
from generator.core.page_data.committee import CommitteeFacts
from generator.core.scoring.board_positions import BoardPosition
from generator.core.scoring.branch_scores import BranchScores
from generator.intake.files.discovery import DiscoveredFiles
from generator.render.html.theme import Theme


class SharedInputs(Struct, frozen=True):
    """What bears on every branch; ``approvers`` is the digest of the list of signers, None if there is none."""

    settings: Settings
    roster: Roster
    rulebooks: Mapping[int, Rulebook]
    articles: tuple[Article, ...]
    theme: Theme
    approvers: str | None


class BranchFiles(Struct, frozen=True, eq=False):
    """A branch's files and their digest; ``copies`` are those whose approval was copied from another branch.

    Two are equal if the digest is, which stands for the files.
    """

    branch: str
    digest: str
    discovered: DiscoveredFiles
    copied_approvals: tuple[tuple[str, str], ...] = ()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BranchFiles) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[object, ...]:
        return self.branch, self.digest, self.copied_approvals


class ImportedScores(Struct, frozen=True, eq=False):
    """What other branches have of a branch's members, by branch; ``digest`` stands for all of it."""

    digest: str = ""
    scores: Mapping[str, BranchScores] = field(default_factory=dict)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ImportedScores) and self.digest == other.digest

    def __hash__(self) -> int:
        return hash(self.digest)


class OrganFacts(Struct, frozen=True):
    """What a branch's pages show or rest on that is the organ's.

    ``begun`` are the months that anybody has scored, ``accounts`` the years of each member's account here, ``places``
    their places on other boards, ``papers`` the committee's, and ``built`` the paths that links may lead to.
    """

    scored_months: tuple[Period, ...]
    account_years: Mapping[str, Sequence[int]]
    positions_elsewhere: Mapping[str, Sequence[BoardPosition]]
    committee_facts: CommitteeFacts
    built_paths: frozenset[str]


class RenderedFiles(Struct, frozen=True):
    """Files by path, each with its digest, and those of them that the output folder does not hold yet.

    ``links`` are the targets that were looked up, and whether each was built.
    """

    digests: Mapping[str, str]
    unwritten: Sequence[str] = ()
    links: Mapping[str, bool] = field(default_factory=dict)
