"""A branch's ledgers scored: every version of every month exactly once, ceilings apart.

A month has one version before any correction and one after each. All that is computed later, now or as of an earlier
moment, combines these lines; nothing scores a ledger again.
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
    """One version of a branch's month: what each member's lines earned, and the approvals behind it.

    ``kind`` is that of the correction that made this version, None of the ledger itself. ``moment`` is that of the
    newest of the approvals, None of a draft.
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

    ``members`` are those whose own points or attendance it changed: they are told why. ``others`` have a line that only
    reads otherwise, such as an activity's title. ``empties``: after it all lines of the month are struck and none was
    added since. ``struck`` counts the lines taken out as false.
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
        """What counts: the newest version of each month, and drafts in its place."""
        return {versions[-1].branch_month: versions[-1] for versions in self.month_versions} | {
            one.branch_month: one for one in self.drafts
        }

    @property
    def approved_months(self) -> frozenset[BranchMonth]:
        """The branch-months that make a period complete."""
        return frozenset(self.versions)


def score_ledger(ledger: ValidLedger, rulebook: Rulebook, moment: Moment | None = None) -> ScoredLedger:
    """Score one version of a month."""
    lines: dict[str, list[ScoreLine]] = defaultdict(list)
    for line in score_lines(ledger, rulebook):
        lines[line.member].append(line)
    return ScoredLedger(
        branch=ledger.branch,
        month=ledger.month,
        approvals=ledger.approvals,
        correction_kind=ledger.corrections[-1].kind if ledger.corrections else None,
        moment=moment,
        lines_by_member={member: tuple(of_member) for member, of_member in lines.items()},
    )


def score_branch(
    versions: Mapping[BranchMonth, Sequence[ValidLedger]],
    drafts: Mapping[BranchMonth, ValidLedger],
    rulebooks: Mapping[int, Rulebook],
    moments: Mapping[str, Moment],
    written: Mapping[BranchMonth, Ledger],
) -> BranchScores:
    """Score all versions of all months; ``written`` are the ledgers of corrected months before any correction."""
    months = tuple(
        tuple(score_ledger(one, rulebooks[month.year], moments[one.approvals[-1].digest]) for one in ledgers)
        for (_, month), ledgers in versions.items()
    )
    amendments = [
        one
        for scored in months
        for key in [scored[0].branch_month]
        for one in _amendments(scored, versions[key], written.get(key))
    ]
    trials = tuple(score_ledger(one, rulebooks[month.year]) for (_, month), one in drafts.items())
    return BranchScores(months, trials, tuple(amendments))


# --- corrections -----------------------------------------------------------------------------------------------------


def _amendments(
    scored: Sequence[ScoredLedger], ledgers: Sequence[ValidLedger], written: Ledger | None
) -> Iterator[Amendment]:
    if len(scored) == 1:
        return
    assert written is not None  # a corrected month has a ledger
    empty, struck = False, _struck(written, ledgers[-1].corrections)
    for order, (earlier, later) in enumerate(pairwise(scored), start=1):
        correction = ledgers[order].corrections[-1]
        empty = correction.whole or (empty and not (correction.activities or correction.entries))
        everyone = {*earlier.lines_by_member, *later.lines_by_member}
        changed = {one for one in everyone if _worth(earlier, one) != _worth(later, one)}
        worded = {one for one in everyone if _words(earlier, one) != _words(later, one)}
        yield Amendment(
            corrected=later.branch_month,
            order=order,
            correction=_head(correction),
            members=tuple(sorted(changed)),
            others=tuple(sorted(worded - changed)),
            empties=empty,
            struck=struck[order - 1],
        )


def _struck(written: Ledger, applied: Sequence[Correction]) -> list[int]:
    """How many lines each correction struck as false."""
    states = pairwise(corrections.replay_corrections(written, applied))
    return [
        sum(line is not None and after.by_label[label] is None for label, line in before.by_label.items())
        if one.kind is CorrectionKind.FALSIFIED
        else 0
        for one, (before, after) in zip(applied, states, strict=True)
    ]


def _head(one: Correction) -> CorrectionHeader:
    assert one.approval
    return CorrectionHeader(one.recorder, one.kind, one.reason, trim_approval(one.approval))


def _worth(ledger: ScoredLedger, member: str) -> object:
    """A member's items, points and attendance, whatever they are called."""
    return [(line.item.id, line.earned, line.reason) for line in ledger.lines_by_member.get(member, ())]


def _words(ledger: ScoredLedger, member: str) -> object:
    """A member's lines apart from their places in files."""
    return [(line.date, line.what, line.reason, line.evidence) for line in ledger.lines_by_member.get(member, ())]


def find_emptied_months(amendments: Iterable[Amendment]) -> Mapping[BranchMonth, Sequence[bool]]:
    """By corrected month, after each of its corrections: whether all its lines are struck."""
    after: dict[BranchMonth, list[bool]] = defaultdict(list)
    for one in amendments:
        after[one.corrected].append(one.empties)
    return after


# --- members of several branches -------------------------------------------------------------------------------------


def extract_members(scores: BranchScores, branch: str, members: Collection[Member]) -> BranchScores:
    """The part of a branch's scores that bears on these members: what another branch of theirs needs of it.

    It has the months in which they have lines or belonged to the branch, with their lines alone.
    """
    return _extract(scores, branch, dict.fromkeys(members, date.max))


def extract_while_members(scores: BranchScores, branch: str, members: Collection[Member], target: str) -> BranchScores:
    """Of such a part, what bears on the boards of ``target`` and on the accounts there.

    A member who has left it for good is on none of its boards of later months, and no later line changes an earlier
    period: lines count by month (R4), and a veto bears on its own month and those after it (R5).
    """
    until = {
        member: date.max if member.home == target else max(span.until for span in member.spans if span.branch == target)
        for member in members
    }
    return _extract(scores, branch, until)


def has_lines_after_leaving(scores: BranchScores, branch: str, members: Collection[Member]) -> bool:
    """Whether a branch has lines of a member in a month after that member has left it for good."""
    left = {member.id: member.spans for member in members if member.home != branch}
    until = {name: max(span.until for span in spans if span.branch == branch) for name, spans in left.items()}
    return any(
        one.month.first >= until[name]
        for one in _versions(scores)
        for name in one.lines_by_member.keys() & until.keys()
    )


def _versions(scores: BranchScores) -> Iterator[ScoredLedger]:
    for versions in scores.month_versions:
        yield from versions
    yield from scores.drafts


def _extract(scores: BranchScores, branch: str, until: Mapping[Member, date]) -> BranchScores:
    """The lines of members in months that begin before a day of each, and the months that bear on them."""
    until = {member: day for member, day in until.items() if any(span.branch == branch for span in member.spans)}

    def names(month: Period) -> set[str]:
        return {member.id for member, day in until.items() if month.first < day}

    def bears(versions: Sequence[ScoredLedger]) -> bool:
        month = versions[0].month
        present = names(month)
        return any(not present.isdisjoint(one.lines_by_member) for one in versions) or any(
            span.branch == branch and span.first <= month.last and span.until > month.first
            for member, day in until.items()
            if month.first < day
            for span in member.spans
        )

    return BranchScores(
        tuple(
            tuple(_part(one, names(one.month)) for one in versions)
            for versions in scores.month_versions
            if bears(versions)
        ),
        tuple(_part(one, names(one.month)) for one in scores.drafts if bears([one])),
        tuple(
            replace(one, members=_among(one.members, present), others=_among(one.others, present))
            for one in scores.amendments
            if bears(scores.versions[one.corrected])
            for present in [names(one.corrected[1])]
        ),
    )


def _among(members: Iterable[str], names: Collection[str]) -> tuple[str, ...]:
    return tuple(member for member in members if member in names)


def _part(one: ScoredLedger, names: Collection[str]) -> ScoredLedger:
    lines = {member: lines for member, lines in one.lines_by_member.items() if member in names}
    return replace(one, approvals=tuple(map(trim_approval, one.approvals)), lines_by_member=lines)


def merge_scores(parts: Iterable[BranchScores]) -> BranchScores:
    """The scores of several branches together."""
    every = list(parts)
    return BranchScores(
        tuple(versions for one in every for versions in one.month_versions),
        tuple(draft for one in every for draft in one.drafts),
        tuple(amendment for one in every for amendment in one.amendments),
    )
