"""File a quarter with the organ committee 备案 (四2), with the digests of all approvals that it depends on."""

import secrets
from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from generator.core.basics.periods import Period
from generator.core.ledgers import filings_and_withdrawals, signers
from generator.core.ledgers.signers import Signer, SigningRole
from generator.core.model.ledger import Approval
from generator.core.model.roster import Branch, Roster
from generator.core.scoring import missing_months
from generator.core.sealing import digests
from generator.loader import arguments
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Location, Problem
from generator.project import Project
from generator.publish.lock import lock_project
from generator.workflow import record_text, sealed_writing


class Acceptance(Struct, frozen=True):
    """The organ committee's acceptance of a quarter: its day, and by whom.

    ``acting`` is the reason why the person is not on the organ's roster.
    """

    day: date
    by: str
    acting: str | None = None


def file_quarter(
    project: Project, today: date, quarter: Period, branch: str | None, acceptance: Acceptance
) -> CommandResult[tuple[str, ...]]:
    """File a quarter of a branch, or with None of every branch that had a member: all of them or none.

    Returns the names of the filings.
    """
    with lock_project(project):
        result = arguments.load_valid_project(project, today)
        if result.value is None:
            return CommandResult(problems=result.problems)
        selected = arguments.find_branch(result.value.roster, branch)
        if isinstance(selected, str):
            return CommandResult(problems=result.problems, usage_error=selected)
        months = _list_months(result.value, quarter)
        branches = [selected] if selected else _list_branches_with_members(result.value.roster, months)
        contents, problems = compose_filings(result.value, quarter, branches, acceptance)
        if problems:
            return CommandResult(problems=(*result.problems, *problems))
        sealed_writing.write_sealed_files(project, contents)
    return CommandResult(tuple(contents), result.problems)


def _list_branches_with_members(roster: Roster, months: Sequence[Period]) -> list[Branch]:
    return [
        candidate
        for candidate in roster.branches
        if any(roster.members_during(candidate.id, month) for month in months)
    ]


def _list_months(loaded: LoadedProject, quarter: Period) -> Sequence[Period]:
    """Return the quarter's months that belong to the cycle."""
    rulebook = loaded.rulebooks.get(quarter.year)
    return rulebook.term.months_of(quarter) if rulebook else ()


def compose_filings(
    loaded: LoadedProject, quarter: Period, branches: list[Branch], acceptance: Acceptance
) -> tuple[dict[str, bytes], list[Problem]]:
    """Return the bytes of each branch's filing by file name, and why a branch's quarter can't be filed."""
    project, contents = loaded.project, dict[str, bytes]()
    names = {branch.id: project.file_name(project.filing_path(branch.id, str(quarter))) for branch in branches}
    signer = _find_signer(loaded, acceptance, Location(next(iter(names.values()), "")))
    problems = [signer] if isinstance(signer, Problem) else []
    for branch in branches:
        where = Location(names[branch.id])
        problems += _find_obstacles(loaded, quarter, branch, acceptance.day, where)
        if isinstance(signer, Signer):
            contents[where.file] = _compose_filing(loaded, quarter, branch.id, acceptance, signer)
    return contents, problems


def _find_signer(loaded: LoadedProject, acceptance: Acceptance, where: Location) -> Signer | Problem:
    """Return who accepts, or why that person can't, or that a reason was stated without need."""
    role = SigningRole("备案人", "--by", acceptance.day, None)
    signer = signers.find_signer(acceptance.by, role, loaded.roster, where, acting=bool(acceptance.acting))
    if isinstance(signer, Signer) and acceptance.acting and not signer.acting:
        return Problem(where, "approve.acting-unneeded", "备案人在名册上，不是代行", "请去掉 --acting")
    return signer


def _compose_filing(
    loaded: LoadedProject, quarter: Period, branch: str, acceptance: Acceptance, signer: Signer
) -> bytes:
    values = {
        "period": str(quarter),
        "branch": branch,
        "on": acceptance.day.isoformat(),
        "by": signer.name,
        **({"acting": acceptance.acting} if acceptance.acting else {}),
        "rests": [approval.digest for approval in _covered_approvals(loaded, quarter, branch)],
        "nonce": secrets.token_hex(16),
    }
    return record_text.format_record({**values, "digest": digests.digest_record(values)})


def _covered_approvals(loaded: LoadedProject, quarter: Period, branch: str) -> list[Approval]:
    """Return the approvals of the quarter's months and of their corrections, by month."""
    files = (file for file in loaded.ledger_files.by_name.values() if file.branch == branch and file.month in quarter)
    return [approval for _, approval in filings_and_withdrawals.list_approvals(files)]


def _find_obstacles(
    loaded: LoadedProject, quarter: Period, branch: Branch, day: date, where: Location
) -> Iterator[Problem]:
    if loaded.project.filing_path(branch.id, str(quarter)).exists():
        hint = "备案一次即可；备案以后的更正要经机关党委同意（approve --consent）"
        yield Problem(where, "file.already", f"{branch.name} {quarter} 已经备案", hint)
    missing = missing_months.find_missing_months(
        loaded.roster, loaded.approved_ledgers, _list_months(loaded, quarter), branch.id, loaded.today
    )
    if missing:
        hint = "请等各月台账都审核以后再备案"
        message = f"{branch.name} {quarter} 还缺 {'、'.join(name.rpartition('/')[2] for name in missing)} 的台账"
        yield Problem(where, "file.incomplete", message, hint)
    elif not (approvals := _covered_approvals(loaded, quarter, branch.id)):
        message = f"{branch.name} {quarter} 没有台账"
        yield Problem(where, "file.incomplete", message, "该季度没有人在册，不必备案")
    elif not (newest := max(approval.meeting for approval in approvals)) <= day <= loaded.today:
        hint = f"请核对 --on，应在最后一次支委会（{newest}）至今天（{loaded.today}）之间"
        yield Problem(where, "file.day", f"{branch.name} {quarter} 的备案日期 {day} 不合情理", hint)
