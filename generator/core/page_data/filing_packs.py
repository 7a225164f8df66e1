"""Filing packs 备案 (四2): a branch's board of a quarter, its ledger forms, approvals and proofs, and what it lacks."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct, field
from msgspec.structs import replace

from generator.core.basics.periods import Period, PeriodKind, get_period, months_of, periods_within
from generator.core.model.ledger import BranchMonth, Filing, ResolvedEntry, ValidLedger
from generator.core.model.roster import Branch, Member, Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.tally import Ranking
from generator.core.outcomes.consequences import Outcome
from generator.core.page_data import ledger_forms
from generator.core.page_data.ledger_forms import LedgerForm
from generator.core.scoring import results as scoring_results
from generator.core.scoring.approval_sources import ReasonedSource, list_reasoned_sources
from generator.core.scoring.site_data import SiteData
from generator.problems import Problem


class Proof(Struct, frozen=True):
    """Proofs 佐证 that a line names, by titles of kinds and names of files; ``member`` is None for an activity's."""

    date: date
    what: str
    member: Member | None
    files: tuple[tuple[str, tuple[str, ...]], ...]


class FilingPack(Struct, frozen=True):
    """The filing pack of a branch's quarter; ``forms`` are by month.

    ``lacking`` are the proofs that drafts of the quarter still lack: nothing is approved without them. ``drafts`` are
    the months whose ledger is still a draft. ``filing`` is None while the organ committee has not accepted the quarter;
    ``later`` are the approvals that the accepted filing did not include. ``suggested`` are the outcomes that the
    quarter's board suggests.
    """

    branch: Branch
    quarter: Period
    rulebook: Rulebook
    ranking: Ranking
    forms: tuple[LedgerForm, ...]
    approvals: tuple[ReasonedSource, ...]
    proofs: tuple[Proof, ...]
    lacking: tuple[Problem, ...]
    drafts: tuple[Period, ...]
    filing: Filing | None
    later: tuple[ReasonedSource, ...]
    suggested: tuple[Outcome, ...]

    @property
    def cut_short(self) -> str:
        """The months of the quarter that belong to the cycle (R21), in words; empty if all do."""
        return self.rulebook.term.describe_cut(self.quarter)


class PackInputs(Struct, frozen=True):
    """Inputs besides scores: approved ledgers, months with a draft, filings, and the proofs that drafts lack."""

    ledgers: Mapping[BranchMonth, ValidLedger] = field(default_factory=dict)
    draft_months: Collection[BranchMonth] = ()
    filings: Sequence[Filing] = ()
    missing_evidence: Mapping[BranchMonth, Sequence[Problem]] = field(default_factory=dict)


def find_pack_quarters(
    roster: Roster, rulebooks: Mapping[int, Rulebook], today: date
) -> Iterator[tuple[Branch, Period]]:
    """Yield the branch and quarter of every pack: begun quarters with members, by quarter, then branch."""
    for year, rulebook in rulebooks.items():
        for quarter in periods_within(get_period(PeriodKind.YEAR, year), PeriodKind.QUARTER):
            for branch in roster.branches if quarter.first <= today else ():
                if any(roster.has_members_in(branch.id, month) for month in rulebook.term.months_of(quarter)):
                    yield branch, quarter


def build_filing_pack(
    site_data: SiteData, inputs: PackInputs, branch_quarter: tuple[Branch, Period], suggested: Iterable[Outcome]
) -> FilingPack:
    """Build the pack of a branch's quarter, complete or not, with those of the ``suggested`` outcomes based on it."""
    results, (branch, quarter) = site_data.results, branch_quarter
    roster = results.roster.named_on(quarter.last)
    branch = roster.branch_by_id[branch.id]
    keys = [(branch.id, month) for month in months_of(quarter)]
    ledgers = [inputs.ledgers[key] for key in keys if key in inputs.ledgers]
    rulebook = results.rulebooks[quarter.year]
    approvals = list_reasoned_sources(site_data.approvals, branch.id, quarter)
    filing = next((filing for filing in inputs.filings if _is_filing_of(filing, branch, quarter)), None)
    return FilingPack(
        branch=branch,
        quarter=quarter,
        rulebook=rulebook,
        ranking=scoring_results.rank_board(results, quarter, branch.id),
        forms=tuple(ledger_forms.build_ledger_form(results, ledger) for ledger in ledgers),
        approvals=approvals,
        proofs=tuple(proof for ledger in ledgers for proof in _list_proofs(site_data, ledger, rulebook)),
        lacking=tuple(problem for key in keys for problem in inputs.missing_evidence.get(key, ())),
        drafts=tuple(month for branch_id, month in keys if (branch_id, month) in inputs.draft_months),
        filing=filing,
        later=tuple(approval for approval in approvals if filing and approval.digest not in filing.rests),
        suggested=tuple(
            replace(outcome, member=roster.member_by_id[outcome.member.id])
            for outcome in suggested
            if is_based_on_quarter(outcome, branch, quarter)
        ),
    )


def is_based_on_quarter(outcome: Outcome, branch: Branch, quarter: Period) -> bool:
    """Return whether a branch's quarter is among the boards that an outcome is based on."""
    return any(place.board == (quarter, branch.id) for place in outcome.places)


def _is_filing_of(filing: Filing, branch: Branch, quarter: Period) -> bool:
    return (filing.branch.text, filing.period.text) == (branch.id, str(quarter))


def _list_proofs(site_data: SiteData, ledger: ValidLedger, rulebook: Rulebook) -> Iterator[Proof]:
    members = site_data.results.roster.named_on(ledger.month.last).member_by_id
    for part in ledger.parts:
        if part.evidence:
            detail = part.note if isinstance(part, ResolvedEntry) else part.title
            yield Proof(
                date=part.date,
                what=f"{part.item.title}（{detail}）" if detail not in {"", part.item.title} else part.item.title,
                member=members[part.member] if isinstance(part, ResolvedEntry) else None,
                files=tuple((rulebook.proofs.get(kind, kind), files) for kind, files in part.evidence.items()),
            )
