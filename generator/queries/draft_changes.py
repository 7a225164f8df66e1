"""Find whose points and ranks the approval of drafts changes, again and again of one project that changes little."""

import threading
from collections.abc import Collection, Mapping

from msgspec import Struct

from generator.core.model.ledger import BranchMonth, ValidLedger
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.tally import Ranking, Tally
from generator.core.scoring import board_diff, branch_scores, results
from generator.core.scoring.board_diff import BoardDiff
from generator.core.scoring.branch_scores import ScoredLedger
from generator.core.scoring.results import BoardKey, Rankings, Results
from generator.loader.load import LoadedProject


class DraftChanges(Struct, frozen=True):
    """The boards that change once drafts are approved, and all boards as they are then."""

    boards: tuple[BoardDiff, ...]
    rankings: Rankings


class _ScoredYear(Struct, frozen=True):
    """The ledgers of a year that count, each with its lines, and the tally of each member."""

    roster: Roster
    rulebook: Rulebook
    ledgers: Mapping[BranchMonth, ValidLedger]
    scored: Mapping[BranchMonth, ScoredLedger]
    tallies: Mapping[str, Tally]


class DraftComparer:
    """A comparer of boards without and with drafts, which scores again only what has changed since it last did."""

    def __init__(self) -> None:
        self._years: dict[int, _ScoredYear] = {}
        self._lock = threading.Lock()

    def diff_drafts(self, loaded: LoadedProject, keys: Collection[BranchMonth]) -> DraftChanges:
        """Compare the boards of the present approvals with those once the drafts of these months are approved, too."""
        boards, rankings = list[BoardDiff](), dict[BoardKey, Ranking]()
        for year in sorted({month.year for _, month in keys}):  # no board counts more than one
            drafts = {key: loaded.draft_ledgers[key] for key in keys if key[1].year == year}
            before = self.score_approved(loaded, year)
            after = _rescore(before, {**before.ledgers, **drafts}, loaded, year)
            branches = {related for branch, _ in drafts for related in loaded.roster.related_branches[branch]}
            scores = [_make_results(scored, loaded, year) for scored in (before, after)]
            earlier, later = (results.compute_all_rankings(scored, branches) for scored in scores)
            boards += board_diff.compare_rankings(earlier, later)
            rankings |= later
        return DraftChanges(tuple(boards), rankings)

    def score_approved(self, loaded: LoadedProject, year: int) -> _ScoredYear:
        """Score the approved ledgers of a year."""
        ledgers = {key: ledger for key, ledger in loaded.approved_ledgers.items() if key[1].year == year}
        with self._lock:
            scored = self._years[year] = _rescore(self._years.get(year), ledgers, loaded, year)
        return scored


def _rescore(
    before: _ScoredYear | None, ledgers: Mapping[BranchMonth, ValidLedger], loaded: LoadedProject, year: int
) -> _ScoredYear:
    """Score these ledgers: of those that were scored ``before``, only the members of others are tallied again."""
    roster, rulebook = loaded.roster, loaded.rulebooks[year]
    if before is None or before.rulebook is not rulebook or before.roster != roster:
        before = _ScoredYear(roster, rulebook, {}, {}, {})
    changed = [key for key in before.ledgers.keys() | ledgers.keys() if before.ledgers.get(key) is not ledgers.get(key)]
    scored = {key: before.scored[key] for key in ledgers.keys() & before.scored.keys()}
    scored |= {key: branch_scores.score_ledger(ledgers[key], rulebook) for key in changed if key in ledgers}
    versions = [version[key] for version in (before.scored, scored) for key in changed if key in version]
    members = {member for version in versions for member in version.lines_by_member}
    members |= roster.member_by_id.keys() - before.tallies.keys()
    tallies = results.tally_year(scored.values(), roster, rulebook, members & roster.member_by_id.keys())
    return _ScoredYear(roster, rulebook, ledgers, scored, {**before.tallies, **tallies})


def _make_results(scored: _ScoredYear, loaded: LoadedProject, year: int) -> Results:
    months = frozenset(scored.ledgers)
    return Results(scored.roster, {year: scored.rulebook}, {year: scored.tallies}, months, months, loaded.today)
