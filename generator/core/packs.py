"""What a branch sends up for a quarter 备案 (四2): its board, ledger forms, approvals and proofs, and what it lacks."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from generator.core import results as scored
from generator.core import sheets
from generator.core.ground import Ground
from generator.core.model import Branch, Credit, Filing, Key, Member, Ranking, Rulebook, ValidLedger
from generator.core.periods import Kind, Period, inside, months, period
from generator.core.sheets import Sheet
from generator.core.sources import SignedSource, signed
from generator.problems import Problem


@dataclass(frozen=True, slots=True)
class Proof:
    """The proofs that a line names 佐证: titles of the kinds and names of the files; ``member`` None: an activity's."""

    date: date
    what: str
    member: Member | None
    files: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Pack:
    """A branch's quarter; ``forms`` by month.

    ``lacking`` are the proofs that drafts of the quarter still lack: nothing is approved without them. ``filing`` is
    None while the organ committee has not accepted the quarter.
    """

    branch: Branch
    quarter: Period
    rulebook: Rulebook
    ranking: Ranking
    forms: tuple[Sheet, ...]
    approvals: tuple[SignedSource, ...]
    proofs: tuple[Proof, ...]
    lacking: tuple[Problem, ...]
    filing: Filing | None


@dataclass(frozen=True, slots=True)
class Paperwork:
    """What lies on the shelf besides scores: approved ledgers, filings, and the proofs that drafts lack."""

    ledgers: Mapping[Key, ValidLedger]
    filings: Sequence[Filing]
    unproved: Mapping[Key, Sequence[Problem]]


def packs(ground: Ground, paperwork: Paperwork) -> tuple[Pack, ...]:
    """The pack of every branch with members and of every quarter that has begun, by quarter, then branch."""
    results = ground.results
    return tuple(
        pack(ground, paperwork, branch, quarter)
        for year in results.rulebooks
        for quarter in inside(period(Kind.YEAR, year), Kind.QUARTER)
        for branch in results.roster.branches
        if quarter.first <= results.today and any(results.roster.during(branch.id, month) for month in months(quarter))
    )


def pack(ground: Ground, paperwork: Paperwork, branch: Branch, quarter: Period) -> Pack:
    """One branch's quarter, complete or not."""
    results = ground.results
    keys = [(branch.id, month) for month in months(quarter)]
    ledgers = [paperwork.ledgers[key] for key in keys if key in paperwork.ledgers]
    rulebook = results.rulebooks[quarter.year]
    return Pack(
        branch=branch,
        quarter=quarter,
        rulebook=rulebook,
        ranking=scored.rank(results, quarter, branch.id),
        forms=tuple(sheets.sheet(results, ledger) for ledger in ledgers),
        approvals=signed(ground.approvals, [branch.id], quarter),
        proofs=tuple(proof for ledger in ledgers for proof in _proofs(ground, ledger, rulebook)),
        lacking=tuple(problem for key in keys for problem in paperwork.unproved.get(key, ())),
        filing=next((one for one in paperwork.filings if _of(one, branch, quarter)), None),
    )


def _of(filing: Filing, branch: Branch, quarter: Period) -> bool:
    return (filing.branch.text, filing.period.text) == (branch.id, str(quarter))


def _proofs(ground: Ground, ledger: ValidLedger, rulebook: Rulebook) -> Iterator[Proof]:
    for part in ledger.parts:
        if part.evidence:
            said = part.note if isinstance(part, Credit) else part.title
            yield Proof(
                date=part.date,
                what=f"{part.item.title}（{said}）" if said not in {"", part.item.title} else part.item.title,
                member=ground.results.roster.member[part.member] if isinstance(part, Credit) else None,
                files=tuple((rulebook.proofs.get(kind, kind), files) for kind, files in part.evidence.items()),
            )
