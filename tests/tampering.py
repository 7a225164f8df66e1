"""Single bytes changed in the sample's sealed files: what the program says of one, and what an oracle says.

The oracle knows nothing of seals. What a file of any other kind means is what PyYAML's own loader makes of it;
what a rulebook or roster means is what it makes of the sealed months: points, ranks, marks, rolls and
statuses.
"""

import os
import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
import yaml
from msgspec.structs import replace

from generator.core.basics import periods
from generator.core.ledgers import anchors, ballots, filings_and_withdrawals
from generator.core.ledgers.anchors import SealedState
from generator.core.model.roster import Roster
from generator.core.model.rulebook import Rulebook
from generator.core.model.settings import NameOrder
from generator.core.scoring import results
from generator.core.sealing import approval_chain, digests, tampering
from generator.core.sealing.sealed_files import BallotFile, LedgerFile
from generator.intake.files import anchor_file as kept
from generator.intake.files import ballot_file as cast
from generator.intake.files import ledger_file, record_files, roster_file, rulebook_file
from generator.loader import branch_files, load
from generator.problems import Location, Problem
from generator.project import Project

FULL = os.environ.get("PROVE") == "1"
SAMPLE_DAY = date(2026, 11, 22)
ROSTER = "ledgers/roster.yaml"
RULEBOOK = "ledgers/rulebooks/erqi-2021.yaml"
PART = 2_500  # bytes of a file that one test takes
FEW = 3  # offsets in each part of a file, of which the ordinary suite takes a sample
PLAUSIBLE = b"0123456789abcdefghijklmnopqrstuvwxyzAZ" + b" -:,[]{}#\"'~&*!|>%@?._=/\\\n\r\t" + bytes(range(0x80, 0xC0))
LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
UNREADABLE = object()


# --- mutations -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mutation:
    """One byte of a file substituted, deleted, or inserted before it."""

    name: str
    kind: str
    offset: int
    byte: int

    def of(self, raw: bytes) -> bytes:
        before, after = raw[: self.offset], raw[self.offset :]
        return {
            "substituted": before + bytes([self.byte]) + after[1:],
            "deleted": before + after[1:],
            "inserted": before + bytes([self.byte]) + after,
        }[self.kind]


def mutations(name: str, raw: bytes, offsets: range | list[int], seed: str) -> Iterator[Mutation]:
    """One substitution, one deletion and one insertion at each offset."""
    chance = random.Random(seed)
    for offset in offsets:
        other = [byte for byte in PLAUSIBLE if byte != raw[offset]]
        yield Mutation(name, "substituted", offset, chance.choice(other))
        yield Mutation(name, "deleted", offset, 0)
        yield Mutation(name, "inserted", offset, chance.choice(PLAUSIBLE))


def of_part(name: str, raw: bytes, part: int) -> Iterator[Mutation]:
    """The mutations of a part of a file: all of them to prove it, else a sample."""
    seed = f"{name}:{part}"
    every = range(part * PART, min((part + 1) * PART, len(raw)))
    return mutations(name, raw, every if FULL else random.Random(seed).sample(every, FEW), seed)


# --- the program and the oracle --------------------------------------------------------------------------------------


class Verdict(StrEnum):
    SAME = "same"  # the oracle says that nothing changed, and the program says nothing
    FLAGGED = "flagged"  # the program refuses it although the oracle says that nothing changed
    HARMLESS = "harmless"  # another text, but no point, rank, mark, roll or status of a sealed month is another
    DETECTED = "detected"
    ANCHORED = "anchored"  # only who kept an older audit.json sees it
    MISSED = "missed"


Outcome = dict[str, Any]


class RefusedError(Exception):
    """A roster or rulebook with errors."""


@dataclass(frozen=True)
class Bench:
    """The sample as it should be, read once, and an ``audit.json`` of then."""

    root: Path
    audit: Path

    @cached_property
    def found(self) -> load.LoadedProject:
        reading = load.load_project(Project(self.root), SAMPLE_DAY)
        assert not [problem for problem in reading.problems if problem.is_error]
        assert reading.loaded is not None
        return reading.loaded

    @cached_property
    def names(self) -> list[str]:
        """Every file that holds something sealed."""
        shelved = self.found.ledger_files
        papers = [name for name, paper in shelved.by_name.items() if paper.sealed]
        beside = [record.where.file for record in (*shelved.filings, *shelved.withdrawals)]
        slips = [slip.name for slip, _ in self.found.ballot_files.approved_files]
        return sorted([*papers, *beside, *slips, RULEBOOK, ROSTER])

    @cached_property
    def newest(self) -> set[str]:
        """Each branch's newest approved paper, and ballots: nothing rests on them but an anchor."""
        chains = [self.found.ledger_files.branch_chain(branch) for branch in self.found.roster.branch_by_id]
        return {chain[-1].where.file for chain in chains} | {
            slip.name for slip, _ in self.found.ballot_files.approved_files
        }

    def raw(self, name: str) -> bytes:
        return (self.root / name).read_bytes()

    @cached_property
    def _texts(self) -> dict[str, object]:
        return {name: meaning(self.raw(name)) for name in self.names}

    # --- the oracle

    def changed(self, name: str, raw: bytes) -> bool:
        """Whether the text says something else."""
        return meaning(raw) != self._texts[name]

    def outcome(self, roster: Roster, rulebook: Rulebook) -> Outcome:
        """All that is public of the sealed past, under another roster or rulebook."""
        years = dict.fromkeys(self.found.rulebooks, rulebook)
        counted, _ = branch_files.check_ledgers(self.found.ledger_files, roster, years, SAMPLE_DAY)
        scored = load.score_project(replace(self.found, roster=roster, rulebooks=years, effective_ledgers=counted))
        sealed = self.found.approved_ledgers.keys()
        boards = {}
        for period, branch in self.complete:
            for one in results.rank_board(scored, period, branch).standings:
                score = (one.score.points, one.score.total, tuple(sorted(one.score.groups.items())), one.score.vetoed)
                marks = (one.branch, one.rank, one.partial, one.last)
                boards[str(period), branch, one.member.id] = (one.member.name, score, marks)
        lines = Counter(
            (line.branch, str(line.month), line.member, line.item.id, line.date, line.earned, line.points)
            for tallies in scored.tallies.values()
            for tally in tallies.values()
            for line in tally.lines
            if (line.branch, line.month) in sealed
        )
        on_roll = {
            (branch, str(month)): {
                (m.id, m.name, m.status_on(month.last)) for m, _ in roster.members_during(branch, month)
            }
            for branch, month in sealed
            if branch in roster.branch_by_id
        }
        return {"boards": boards, "lines": lines, "roll": on_roll}

    @cached_property
    def complete(self) -> list[tuple[periods.Period, str | None]]:
        """The boards that lack no month: whatever they say is sealed."""
        scored = load.score_project(self.found)
        every = [results.compute_rankings(scored, branch) for branch in (None, *self.found.roster.branch_by_id)]
        return [key for rankings in every for key, ranking in rankings.items() if not ranking.provisional]

    @cached_property
    def rightful(self) -> Outcome:
        return self.outcome(self.found.roster, self.found.rulebooks[2026])

    # --- the program

    def judged(self, name: str, raw: bytes) -> Verdict:
        """What becomes of a file's bytes."""
        changed = self.changed(name, raw)
        found, read = self._told(name, raw)
        if found is not Verdict.SAME:
            return found if changed else Verdict.FLAGGED
        if changed and read is not None:
            return Verdict.HARMLESS if self.outcome(*read) == self.rightful else Verdict.MISSED
        return Verdict.MISSED if changed else Verdict.SAME

    def read(self, name: str, raw: bytes) -> tuple[Roster, Rulebook]:
        """Roster and rulebook, one of them of these bytes; ``RefusedError`` if it has errors."""
        if name == ROSTER:
            roster, problems = roster_file.read_roster(raw, ROSTER, NameOrder.PINYIN)
            rulebook: Rulebook | None = self.found.rulebooks[2026]
        else:
            rulebook, problems = rulebook_file.read_rulebook(raw, RULEBOOK)
            roster = self.found.roster
        if roster is None or rulebook is None or _errors(problems):
            raise RefusedError
        return roster, rulebook

    def _told(self, name: str, raw: bytes) -> tuple[Verdict, tuple[Roster, Rulebook] | None]:
        """Whether the program tells of it; if not, the roster and rulebook with these bytes."""
        if name in self.found.ledger_files.by_name:
            return self._paper(name, raw), None
        if name in self.found.ballot_files.by_name:
            return self._slip(name, raw), None
        if name in {ROSTER, RULEBOOK}:
            return self._ground(name, raw)
        read = record_files.read_filing if "/filings/" in name else record_files.read_withdrawal
        record, problems = read(raw, name)
        told = _errors(problems) or record is None or record.claims != record.digest
        return Verdict.DETECTED if told else Verdict.SAME, None

    def _paper(self, name: str, raw: bytes) -> Verdict:
        original = self.found.ledger_files.by_name[name]
        document, problems, sealed = ledger_file.read_ledger(raw, name, original.number)
        if sealed:
            approval = document and document.approval
            told = _errors(problems) or approval is None or approval.digest != document.digest
            return Verdict.DETECTED if told else Verdict.SAME
        return self.without(name, replace(original, document=document, sealed=False, clean=not problems))

    def without(self, name: str, draft: LedgerFile | None) -> Verdict:
        """What is told of a branch in which a paper is a draft again, or gone: errors in a draft stop nobody."""
        shelved, branch = self.found.ledger_files, self.found.ledger_files.by_name[name].branch
        others = [paper for paper in shelved.by_name.values() if paper.name != name]
        papers = [*others, draft] if draft else others
        links = [
            approval for paper, approval in filings_and_withdrawals.list_approvals(papers) if paper.branch == branch
        ]
        problems = [
            *approval_chain.find_chain_breaks(links),
            *filings_and_withdrawals.check_records(papers, shelved.filings, shelved.withdrawals),
        ]
        if _errors(problems, besides=name):
            return Verdict.DETECTED
        return self._anchored(papers, list(self.found.ballot_files.by_name.values()))

    def _slip(self, name: str, raw: bytes) -> Verdict:
        """A ballot: altered, or a draft again."""
        original = self.found.ballot_files.by_name[name]
        ballot, problems, sealed = cast.read_ballot(raw, name, original.kind)
        if sealed:
            approval = ballot and ballot.approval
            told = _errors(problems) or approval is None or ballot is None or approval.digest != ballot.digest
            return Verdict.DETECTED if told else Verdict.SAME
        others = [slip for slip in self.found.ballot_files.by_name.values() if slip.name != name]
        return self._anchored(list(self.found.ledger_files.by_name.values()), others)

    def _anchored(self, papers: list[LedgerFile], slips: list[BallotFile]) -> Verdict:
        """Whether whoever kept an older audit.json misses something."""
        shelved, homes = self.found.ledger_files, {one.id: one.name for one in self.found.roster.branches}
        present = SealedState(homes, papers, shelved.filings, shelved.withdrawals, self.found.approver_lists, slips)
        anchor, _ = kept.read_audit_json(self.audit, "audit.json")
        assert anchor is not None
        return (
            Verdict.ANCHORED if _errors(anchors.check_anchor(anchor, present, Location("audit.json"))) else Verdict.SAME
        )

    def _ground(self, name: str, raw: bytes) -> tuple[Verdict, tuple[Roster, Rulebook] | None]:
        """A roster or rulebook: refused, or no longer as sealed, or the ledgers make no sense with it."""
        try:
            roster, rulebook = self.read(name, raw)
        except RefusedError:
            return Verdict.DETECTED, None
        if self._unsealed(roster, rulebook):
            return Verdict.DETECTED, None
        years, drafts = dict.fromkeys(self.found.rulebooks, rulebook), self.found.ledger_files.draft_names
        _, problems = branch_files.check_ledgers(self.found.ledger_files, roster, years, SAMPLE_DAY)
        problems += ballots.evaluate_ballots(list(self.found.ballot_files.by_name.values()), roster, years).problems
        if any(problem.is_error and problem.where.file not in drafts for problem in problems):
            return Verdict.DETECTED, None
        return Verdict.SAME, (roster, rulebook)

    def _unsealed(self, roster: Roster, rulebook: Rulebook) -> bool:
        """Whether a seal no longer fits; cheaper than to judge every ledger, and no less strict."""
        approved = self.found.approved_ledgers.items()
        if any(branch not in roster.branch_by_id for (branch, _), _ in approved):
            return True
        scores = digests.digest_scoring_rules(rulebook)
        return any(
            any(one.rulebook != scores for one in ledger.approvals)
            or _errors(tampering.find_roll_changes(ledger.approvals[-1], roster, *key))
            for key, ledger in approved
        )


def _errors(problems: Iterable[Problem], besides: str = "") -> bool:
    return any(problem.is_error and problem.where.file != besides for problem in problems)


def meaning(raw: bytes) -> object:
    """A file as PyYAML reads it, every scalar as text."""
    try:
        return yaml.load(raw.decode("utf-8-sig"), Loader=LOADER)
    except (UnicodeDecodeError, yaml.YAMLError, ValueError):
        return UNREADABLE


def kind(name: str) -> str:
    """What sort of file it is."""
    stem = name.rsplit("/", 1)[-1].split(".")
    marks = {"roster": "rosters", "erqi-2021": "rulebooks", "reviews": "reviews", "honours": "honours"}
    for folder in ("filings", "votes"):
        if f"/{folder}/" in name:
            return folder
    return marks.get(stem[0]) or {"c": "corrections", "w": "withdrawals", "y": "ledgers"}[stem[1][0]]


def sealed_files(root: Path) -> list[str]:
    """Every file that holds something sealed, by a look at the folders alone."""
    found = sorted([*root.glob("ledgers/20*/*/*.yaml"), *root.glob("ledgers/20*/*.yaml")])
    names = [path.relative_to(root).as_posix() for path in found if "\ndigest:" in _undented(path)]
    return [*names, RULEBOOK, ROSTER]


def _undented(path: Path) -> str:
    return path.read_text(encoding="utf-8").replace("\n  ", "\n")


def parts(root: Path) -> list[tuple[str, int]]:
    """Every sealed file in parts that take about as long."""
    return [(name, part) for name in sealed_files(root) for part in range(-(-len((root / name).read_bytes()) // PART))]


# --- what was tried, told at the end of a run with ``-p tests.tampering`` ----------------------------------------

COLUMNS = ("tried", "changed", "detected", "anchored", "harmless", "missed", "flagged")


def tally(verdicts: Counter[Verdict]) -> dict[str, int]:
    """Verdicts as the figures of a row; ``changed`` are those of which the oracle says that the text means another."""
    silent = {Verdict.SAME, Verdict.FLAGGED}
    changed = sum(count for verdict, count in verdicts.items() if verdict not in silent)
    return {"tried": verdicts.total(), "changed": changed, **{one: verdicts[Verdict(one)] for one in COLUMNS[2:]}}


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The counts by kind of file, and whatever other tests print of what they tried."""
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    rows: dict[str, Counter[str]] = {}
    terminalreporter.section("what was tried")
    for report in (one for one in reports if one.when == "call"):
        terminalreporter.write(report.capstdout)
        for what, row in report.user_properties:
            if what.startswith("tampering: "):
                rows.setdefault(what.removeprefix("tampering: "), Counter()).update(row)
    rows["all"] = sum((row for name, row in rows.items() if name != "by verify"), Counter())
    terminalreporter.write_line("".join(f"{one:>12}" for one in ("", *COLUMNS, "seconds")))
    for name, row in sorted(rows.items()):
        cells = (name, *(row[one] for one in COLUMNS), round(row["seconds"]))
        terminalreporter.write_line("".join(f"{one:>12}" for one in cells))
