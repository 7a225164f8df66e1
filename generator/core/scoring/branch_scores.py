"""Scores of a branch's ledgers, before ceilings: in a build, every version of every month is scored once.

A month has one version before any correction and one after each. All boards of a build, current or as of an earlier
moment, combine these lines.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cached_property
from itertools import pairwise

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.model import corrections
from generator.core.model.ledger import Approval, BranchMonth, Correction, CorrectionKind, Ledger, ValidLedger
from generator.core.model.roster import Member
from generator.core.model.rulebook import Rulebook
from generator.core.model.tally import ScoreLine
from generator.core.scoring.approval_sources import trim_approval
from generator.core.scoring.chronology import Moment
from generator.core.scoring.values import score_lines


class ScoredLedger(Struct, frozen=True):
    """One version of a branch's month: the score lines of each member, and the approvals behind it.

    ``correction_kind`` is that of the correction that made this version, None of the ledger itself. ``moment`` is that
    of the newest of the approvals, None of a draft.
    """

    branch: str
    month: Period
    approvals: tuple[Approval, ...]
    correction_kind: CorrectionKind | None
    moment: Moment | None
    lines_by_member: Mapping[str, tuple[ScoreLine, ...]] = field(default_factory=dict)

    @property
    def branch_month(self) -> BranchMonth:
        """The branch and the month."""
        return self.branch, self.month


class CorrectionHeader(Struct, frozen=True):
    """An approved correction without its lines."""

    recorder: str
    kind: CorrectionKind
    reason: str
    approval: Approval


class Amendment(Struct, frozen=True):
    """An approved correction of a branch's month, the ``order``-th.

    ``members`` are those whose own points or attendance it changed: they see its reason. ``others`` have a line that
    only reads otherwise, such as an activity's title. ``empties`` if all lines of the month are struck after it: by
    itself, or by an earlier one and none was added since. ``struck`` counts the lines taken out as false.
    """

    corrected: BranchMonth
    order: int
    correction: CorrectionHeader
    members: tuple[str, ...]
    others: tuple[str, ...]
    empties: bool
    struck: int


VersionsByMonth = Mapping[BranchMonth, tuple[ScoredLedger, ...]]


class BranchScores(Struct, frozen=True, dict=True):
    """Scored ledgers of a branch, or of several: the versions of each approved month, drafts that count, amendments."""

    month_versions: tuple[tuple[ScoredLedger, ...], ...] = ()
    drafts: tuple[ScoredLedger, ...] = ()
    amendments: tuple[Amendment, ...] = ()

    @cached_property
    def versions(self) -> VersionsByMonth:
        """The versions of each approved month, the oldest first."""
        return {versions[0].branch_month: versions for versions in self.month_versions}

    @cached_property
    def counted_ledgers(self) -> Mapping[BranchMonth, ScoredLedger]:
        """The ledgers that count: the newest version of each month, or a draft in its place."""
        return {versions[-1].branch_month: versions[-1] for versions in self.month_versions} | {
            draft.branch_month: draft for draft in self.drafts
        }

    @property
    def approved_months(self) -> frozenset[BranchMonth]:
        """The branch-months that make a period complete."""
        return frozenset(self.versions)

    @property
    def draft_months(self) -> frozenset[BranchMonth]:
        """The branch-months of which a draft counts."""
        return frozenset(draft.branch_month for draft in self.drafts)


def score_ledger(ledger: ValidLedger, rulebook: Rulebook, moment: Moment | None = None) -> ScoredLedger:
    """Score one version of a month, before ceilings."""
    lines: dict[str, list[ScoreLine]] = defaultdict(list)
    for line in score_lines(ledger, rulebook):
        lines[line.member].append(line)
    return ScoredLedger(
        branch=ledger.branch,
        month=ledger.month,
        approvals=ledger.approvals,
        correction_kind=ledger.corrections[-1].kind if ledger.corrections else None,
        moment=moment,
        lines_by_member={member: tuple(member_lines) for member, member_lines in lines.items()},
    )


def score_branch(
    versions: Mapping[BranchMonth, Sequence[ValidLedger]],
    drafts: Mapping[BranchMonth, ValidLedger],
    rulebooks: Mapping[int, Rulebook],
    moments: Mapping[str, Moment],
    written: Mapping[BranchMonth, Ledger],
) -> BranchScores:
    """Score all versions of all months, and drafts.

    ``moments`` are by digest of the approval; ``written`` are the ledgers of corrected months before any correction.
    """
    month_versions = tuple(
        tuple(score_ledger(ledger, rulebooks[month.year], moments[ledger.approvals[-1].digest]) for ledger in ledgers)
        for (_, month), ledgers in versions.items()
    )
    amendments = [
        amendment
        for scored in month_versions
        for branch_month in [scored[0].branch_month]
        for amendment in _find_amendments(scored, versions[branch_month], written.get(branch_month))
    ]
    scored_drafts = tuple(score_ledger(draft, rulebooks[month.year]) for (_, month), draft in drafts.items())
    return BranchScores(month_versions, scored_drafts, tuple(amendments))


# --- corrections -----------------------------------------------------------------------------------------------------


def _find_amendments(
    scored: Sequence[ScoredLedger], ledgers: Sequence[ValidLedger], written: Ledger | None
) -> Iterator[Amendment]:
    """Yield the amendments of a month from its versions, which ``scored`` and ``ledgers`` give side by side."""
    if len(scored) == 1:
        return
    assert written is not None  # a corrected month has a ledger
    is_empty, struck = False, _count_struck(written, ledgers[-1].corrections)
    for order, (earlier, later) in enumerate(pairwise(scored), start=1):
        correction = ledgers[order].corrections[-1]
        # A month that was struck as a whole stays empty until a later correction adds a line.
        is_empty = correction.whole or (is_empty and not (correction.activities or correction.entries))
        members = {*earlier.lines_by_member, *later.lines_by_member}
        changed = {member for member in members if _points_of(earlier, member) != _points_of(later, member)}
        reworded = {member for member in members if _wording_of(earlier, member) != _wording_of(later, member)}
        yield Amendment(
            corrected=later.branch_month,
            order=order,
            correction=_make_header(correction),
            members=tuple(sorted(changed)),
            others=tuple(sorted(reworded - changed)),
            empties=is_empty,
            struck=struck[order - 1],
        )


def _count_struck(written: Ledger, applied: Sequence[Correction]) -> list[int]:
    """Return how many lines each correction struck as false."""
    states = pairwise(corrections.replay_corrections(written, applied))
    return [
        sum(line is not None and after.by_label[label] is None for label, line in before.by_label.items())
        if correction.kind is CorrectionKind.FALSIFIED
        else 0
        for correction, (before, after) in zip(applied, states, strict=True)
    ]


def _make_header(correction: Correction) -> CorrectionHeader:
    assert correction.approval
    return CorrectionHeader(correction.recorder, correction.kind, correction.reason, trim_approval(correction.approval))


def _points_of(ledger: ScoredLedger, member: str) -> object:
    """Return a member's items, points and attendance, to be compared apart from titles."""
    return [(line.item.id, line.earned, line.reason) for line in ledger.lines_by_member.get(member, ())]


def _wording_of(ledger: ScoredLedger, member: str) -> object:
    """Return a member's lines as they read, to be compared apart from their places in files."""
    return [(line.date, line.what, line.reason, line.evidence) for line in ledger.lines_by_member.get(member, ())]


def find_emptied_months(amendments: Iterable[Amendment]) -> Mapping[BranchMonth, Sequence[bool]]:
    """Return by corrected month, for each of its corrections, whether all its lines are struck after it."""
    emptied: dict[BranchMonth, list[bool]] = defaultdict(list)
    for amendment in amendments:
        emptied[amendment.corrected].append(amendment.empties)
    return emptied


# --- members of several branches -------------------------------------------------------------------------------------


def extract_members(scores: BranchScores, branch: str, members: Collection[Member]) -> BranchScores:
    """Return the part of a branch's scores that bears on these members, as another branch of theirs needs it.

    It has the months in which they have lines or belonged to the branch, with their lines alone.
    """
    return _extract_until(scores, branch, dict.fromkeys(members, date.max))


def extract_while_members(scores: BranchScores, branch: str, members: Collection[Member], target: str) -> BranchScores:
    """Reduce such a part to the months that bear on the boards of ``target`` and on the accounts there.

    A member who has left it for good is on none of its boards of later months, and no later line changes an earlier
    period: lines count by month (R4), and a veto bears on its own month and those after it (R5).
    """
    until = {
        member: date.max if member.home == target else max(span.until for span in member.spans if span.branch == target)
        for member in members
    }
    return _extract_until(scores, branch, until)


def has_lines_after_leaving(scores: BranchScores, branch: str, members: Collection[Member]) -> bool:
    """Return whether a branch has lines of a member in a month after that member has left it for good."""
    spans_of_leavers = {member.id: member.spans for member in members if member.home != branch}
    until = {
        member: max(span.until for span in spans if span.branch == branch) for member, spans in spans_of_leavers.items()
    }
    return any(
        ledger.month.first >= until[member]
        for ledger in _iter_ledgers(scores)
        for member in ledger.lines_by_member.keys() & until.keys()
    )


def _iter_ledgers(scores: BranchScores) -> Iterator[ScoredLedger]:
    """Yield every version of every month, then drafts."""
    for versions in scores.month_versions:
        yield from versions
    yield from scores.drafts


def _extract_until(scores: BranchScores, branch: str, until: Mapping[Member, date]) -> BranchScores:
    """Return the lines of members in months that begin before the day given for each, and the months that bear on them.

    Members who never belonged to the branch are left out.
    """
    until = {member: day for member, day in until.items() if any(span.branch == branch for span in member.spans)}

    def members_in(month: Period) -> set[str]:
        return {member.id for member, day in until.items() if month.first < day}

    def is_relevant(versions: Sequence[ScoredLedger]) -> bool:
        month = versions[0].month
        members = members_in(month)
        # Months of theirs without a line are needed too: an account shows as pending those that have no ledger.
        return any(not members.isdisjoint(ledger.lines_by_member) for ledger in versions) or any(
            span.branch == branch and span.first <= month.last and span.until > month.first
            for member, day in until.items()
            if month.first < day
            for span in member.spans
        )

    return BranchScores(
        tuple(
            tuple(_select_lines(ledger, members_in(ledger.month)) for ledger in versions)
            for versions in scores.month_versions
            if is_relevant(versions)
        ),
        tuple(_select_lines(draft, members_in(draft.month)) for draft in scores.drafts if is_relevant([draft])),
        tuple(
            replace(
                amendment,
                members=_select_members(amendment.members, members),
                others=_select_members(amendment.others, members),
            )
            for amendment in scores.amendments
            if is_relevant(scores.versions[amendment.corrected])
            for members in [members_in(amendment.corrected[1])]
        ),
    )


def _select_members(members: Iterable[str], selected: Collection[str]) -> tuple[str, ...]:
    return tuple(member for member in members if member in selected)


def _select_lines(ledger: ScoredLedger, selected: Collection[str]) -> ScoredLedger:
    """Return a ledger with the lines of the selected members alone, and its approvals trimmed."""
    lines = {member: lines for member, lines in ledger.lines_by_member.items() if member in selected}
    return replace(ledger, approvals=tuple(map(trim_approval, ledger.approvals)), lines_by_member=lines)


def merge_scores(parts: Iterable[BranchScores]) -> BranchScores:
    """Return the scores of several branches as one."""
    branches = list(parts)
    return BranchScores(
        tuple(versions for scores in branches for versions in scores.month_versions),
        tuple(draft for scores in branches for draft in scores.drafts),
        tuple(amendment for scores in branches for amendment in scores.amendments),
    )
