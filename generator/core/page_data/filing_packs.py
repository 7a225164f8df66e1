"""What a branch sends up for a quarter 备案 (四2): its board, ledger forms, approvals and proofs, and what it lacks."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date

from msgspec import Struct, field

from generator.core.basics.periods import Period, PeriodKind, get_period, months_of, periods_within
from generator.core.model.ledger import BranchMonth, Filing, ResolvedEntry, ValidLedger
from generator.core.model.roster import Branch, Member, Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.tally import Ranking
from generator.core.outcomes.consequences import Outcome
from generator.core.page_data import ledger_forms
from generator.core.page_data.ledger_forms import LedgerForm
from generator.core.scoring import results as scored
from generator.core.scoring.approval_sources import SignedSource, list_signed_sources
from generator.core.scoring.site_data import SiteData
from generator.problems import Problem


class Proof(Struct, frozen=True):
    """The proofs that a line names 佐证: titles of the kinds and names of the files; ``member`` None: an activity's."""

    date: date
    what: str
    member: Member | None
    files: tuple[tuple[str, tuple[str, ...]], ...]


class FilingPack(Struct, frozen=True):
    """A branch's quarter; ``forms`` by month.

    ``lacking`` are the proofs that drafts of the quarter still lack: nothing is approved without them. ``drafts`` are
    the months whose ledger is still one. ``filing`` is None while the organ committee has not accepted the quarter;
    ``later`` was approved after that. ``suggested`` are those whom the quarter's board puts on a list.
    """

    branch: Branch
    quarter: Period
    rulebook: Rulebook
    ranking: Ranking
    forms: tuple[LedgerForm, ...]
    approvals: tuple[SignedSource, ...]
    proofs: tuple[Proof, ...]
    lacking: tuple[Problem, ...]
    drafts: tuple[Period, ...]
    filing: Filing | None
    later: tuple[SignedSource, ...]
    suggested: tuple[Outcome, ...]


class PackInputs(Struct, frozen=True):
    """What lies on the shelf besides scores: ledgers approved or draft, filings, and the proofs that drafts lack."""

    ledgers: Mapping[BranchMonth, ValidLedger] = field(default_factory=dict)
    draft_months: Collection[BranchMonth] = ()
    filings: Sequence[Filing] = ()
    missing_evidence: Mapping[BranchMonth, Sequence[Problem]] = field(default_factory=dict)


def find_pack_quarters(roster: Roster, years: Iterable[int], today: date) -> Iterator[tuple[Branch, Period]]:
    """Every branch with members and every quarter that has begun, by quarter, then branch: these have a pack."""
    for year in years:
        for quarter in periods_within(get_period(PeriodKind.YEAR, year), PeriodKind.QUARTER):
            for branch in roster.branches if quarter.first <= today else ():
                if any(roster.has_members_in(branch.id, month) for month in months_of(quarter)):
                    yield branch, quarter


def build_filing_pack(
    ground: SiteData, inputs: PackInputs, branch_quarter: tuple[Branch, Period], suggested: Iterable[Outcome]
) -> FilingPack:
    """One branch's quarter, complete or not; ``suggested`` are all whom its year puts on a list."""
    results, (branch, quarter) = ground.results, branch_quarter
    keys = [(branch.id, month) for month in months_of(quarter)]
    ledgers = [inputs.ledgers[key] for key in keys if key in inputs.ledgers]
    rulebook = results.rulebooks[quarter.year]
    approvals = list_signed_sources(ground.approvals, [branch.id], quarter)
    filing = next((one for one in inputs.filings if _of(one, branch, quarter)), None)
    return FilingPack(
        branch=branch,
        quarter=quarter,
        rulebook=rulebook,
        ranking=scored.rank_board(results, quarter, branch.id),
        forms=tuple(ledger_forms.build_ledger_form(results, ledger) for ledger in ledgers),
        approvals=approvals,
        proofs=tuple(proof for ledger in ledgers for proof in _proofs(ground, ledger, rulebook)),
        lacking=tuple(problem for key in keys for problem in inputs.missing_evidence.get(key, ())),
        drafts=tuple(month for home, month in keys if (home, month) in inputs.draft_months),
        filing=filing,
        later=tuple(one for one in approvals if filing and one.digest not in filing.rests),
        suggested=tuple(one for one in suggested if is_based_on_quarter(one, branch, quarter)),
    )


def is_based_on_quarter(outcome: Outcome, branch: Branch, quarter: Period) -> bool:
    """Whether a branch's quarter is among the boards that an outcome rests on."""
    return any(place.board == (quarter, branch.id) for place in outcome.places)


def _of(filing: Filing, branch: Branch, quarter: Period) -> bool:
    return (filing.branch.text, filing.period.text) == (branch.id, str(quarter))


def _proofs(ground: SiteData, ledger: ValidLedger, rulebook: Rulebook) -> Iterator[Proof]:
    for part in ledger.parts:
        if part.evidence:
            said = part.note if isinstance(part, ResolvedEntry) else part.title
            yield Proof(
                date=part.date,
                what=f"{part.item.title}（{said}）" if said not in {"", part.item.title} else part.item.title,
                member=ground.results.roster.member_by_id[part.member] if isinstance(part, ResolvedEntry) else None,
                files=tuple((rulebook.proofs.get(kind, kind), files) for kind, files in part.evidence.items()),
            )
