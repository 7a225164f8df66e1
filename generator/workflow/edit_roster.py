"""Write dated changes into the roster, unless the project's own checks find that a sealed month would change."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from msgspec import Struct
from msgspec.structs import replace

from generator.core.basics.periods import Period
from generator.core.model.roster import Roster
from generator.core.model.settings import NameOrder
from generator.core.sealing import changed_lines
from generator.intake.files import roster_file
from generator.intake.files.roster_file import FindSealedMonth
from generator.intake.text import reader
from generator.loader import load
from generator.loader.load import LoadedProject, LoadProject, LoadResult
from generator.problems import CommandResult, Location, Problem, sort_problems
from generator.project import Project
from generator.publish.lock import lock_project
from generator.workflow import record_text, roster_text
from generator.workflow.roster_text import BRANCHES, ChangeToAdd, EntryToAdd, RosterChange

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DAY = timedelta(days=1)


class EditedRoster(Struct, frozen=True):
    """A roster with its changes: each line that is another now, and the last sealed month of each branch concerned."""

    lines: Sequence[str]
    sealed_until: Mapping[str, Period]
    is_written: bool = False


# Returns the changes to be written, or why there are none.
PlanChanges = Callable[[Roster], Sequence[RosterChange] | str]
Confirm = Callable[[EditedRoster], bool]


def edit_roster(
    project: Project,
    today: date,
    plan_changes: PlanChanges,
    confirm: Confirm = lambda _edited: True,
    load_project: LoadProject = load.load_project,
) -> CommandResult[EditedRoster]:
    """Write changes into the roster, all or none; ``confirm`` sees them before they are written.

    A change after which a sealed month has another roll, or anything else is wrong that was right, is refused. What is
    new in drafts comes with the result.
    """
    with lock_project(project):
        before = load_project(project, today)
        if before.loaded is None:
            return CommandResult(problems=tuple(problem for problem in before.problems if problem.is_error))
        changes = plan_changes(before.loaded.roster)
        if isinstance(changes, str):
            return CommandResult(usage_error=changes)
        raw = reader.read_bounded(project.roster_path, reader.MAX_ROSTER_BYTES)
        mark = _BYTE_ORDER_MARK if raw.startswith(_BYTE_ORDER_MARK) else b""
        text = raw.removeprefix(mark).decode()
        try:
            new_text = _write_changes(text, changes)
        except roster_text.ConflictError as error:
            return CommandResult(usage_error=f"那一天的变动已经写着“{error}”；请核对 ledgers/roster.yaml，或换一天")
        new_raw = mark + new_text.encode()
        problems = _find_new_problems(before, _check_roster(project, today, new_raw))
        if any(problem.is_error for problem in problems):
            return CommandResult(problems=tuple(_explain_errors(before.loaded, changes, problems)))
        lines = changed_lines.list_changed_lines(new_text.splitlines(), text.splitlines())
        months = _list_sealed_months(before.loaded, changes)
        names = before.loaded.roster.branch_by_id
        edited = EditedRoster(lines, {names[branch].name: month for branch, month in months.items()})
        if changes and confirm(edited):
            record_text.write_files({project.roster_path: new_raw})
            edited = replace(edited, is_written=True)
    return CommandResult(edited, tuple(problems))


def describe_sealed_months(edited: EditedRoster) -> str:
    """Say which sealed months changes leave as they are."""
    months = "、".join(f"{branch}到 {month} 为止" for branch, month in edited.sealed_until.items())
    return f"已封存的月份（{months}）不受影响。" if months else "涉及的支部还没有封存的月份。"


def _write_changes(text: str, changes: Iterable[RosterChange]) -> str:
    new_text = text
    for change in changes:
        new_text = roster_text.write_change(new_text, change)
    assert roster_text.is_exact(text, new_text, tuple(changes)), "the roster would hold something else"
    return new_text


def _check_roster(project: Project, today: date, raw: bytes) -> LoadResult:
    """Load the project as if the roster had these bytes."""

    def read_roster(
        _raw: bytes, file: str, order: NameOrder, find_sealed_month: FindSealedMonth
    ) -> tuple[Roster | None, list[Problem]]:
        return roster_file.read_roster(raw, file, order, find_sealed_month)

    return load.complete_load(load.read_shared_files(project, today, read_roster), load.read_branch)


def _find_new_problems(before: LoadResult, after: LoadResult) -> list[Problem]:
    """Return what is wrong only after the change, as all but ``check`` see it: in a draft, it stops nothing.

    Ledgers that are missing only from now on are left to ``check``.
    """
    earlier = {_identify(problem) for problem in before.downgraded_problems()}
    new = [problem for problem in after.downgraded_problems() if _identify(problem) not in earlier]
    # The lines of the roster are not those of the file that a reader could look at.
    return sort_problems(_leave_out_line(problem) for problem in new if problem.code != "ledger.missing")


def _identify(problem: Problem) -> tuple[str, str, str]:
    return problem.where.file, problem.code, problem.message


def _leave_out_line(problem: Problem) -> Problem:
    if problem.where.file != _ROSTER:
        return problem
    return replace(problem, where=Location(_ROSTER, 0))


_ROSTER = "ledgers/roster.yaml"


def _explain_errors(
    loaded: LoadedProject, changes: Sequence[RosterChange], problems: Sequence[Problem]
) -> Sequence[Problem]:
    """Return the errors; where sealed months alone are concerned, one with the first day on which the change can be."""
    errors = [problem for problem in problems if problem.is_error]
    sealed_files = {name for name, file in loaded.files_by_name.items() if file.sealed}
    other_errors = [
        problem for problem in errors if problem.where.file not in sealed_files and problem.code != _SEALED_NAME
    ]
    months = _list_sealed_months(loaded, changes)
    day = max((month.last + _DAY for month in months.values()), default=date.min)
    if other_errors or day <= min(map(_first_day, changes)):
        return other_errors or errors
    listed = "、".join(f"{loaded.roster.branch_by_id[branch].name}到 {month} 为止" for branch, month in months.items())
    message = f"这项变动落在已封存的月份里（{listed}），没有写进名册"
    hint = f"最早可以从 {day} 起，请加 --from {day}；以前月份的名册确实错了的，见经办人手册“封存以后能改什么”"
    return [Problem(Location(_ROSTER, 0), "roster.sealed-month", message, hint)]


_SEALED_NAME = "roster.sealed-name"


def _first_day(change: RosterChange) -> date:
    """Return the day from which a change holds."""
    if isinstance(change, ChangeToAdd):
        return change.since
    value = change.fields.get("since", "") if isinstance(change, EntryToAdd) else change.value
    try:
        return date.fromisoformat(value)
    except ValueError:
        return date.min


def _list_sealed_months(loaded: LoadedProject, changes: Iterable[RosterChange]) -> Mapping[str, Period]:
    """Return the last sealed month of each branch that changes concern, by its id, in the order of the roster."""
    concerned = {branch for change in changes for branch in _list_branches(loaded.roster, change)}
    months: dict[str, Period] = {}
    for branch in loaded.roster.branches:
        sealed = [
            file.month for file in loaded.ledger_files.by_name.values() if file.sealed and file.branch == branch.id
        ]
        if branch.id in concerned and sealed:
            months[branch.id] = max(sealed, key=lambda month: month.first)
    return months


def _list_branches(roster: Roster, change: RosterChange) -> Iterator[str]:
    """Yield the ids of the branches that a change concerns: of a member, those from its day on and the new one."""
    if isinstance(change, EntryToAdd):
        yield change.fields.get("branch", change.fields["id"])
    elif change.list_key == BRANCHES:
        yield change.id
    else:
        member = next(member for member in roster.members if member.id == change.id)
        yield from (span.branch for span in member.spans if span.until > _first_day(change))
        if isinstance(change, ChangeToAdd) and "branch" in change.fields:
            yield change.fields["branch"]
