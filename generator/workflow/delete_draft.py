"""Delete the draft of a ledger, a correction or a ballot; what is sealed stays."""

from datetime import date

from generator.core.sealing.sealed_files import LedgerFile
from generator.disk import locked_files
from generator.intake.files import approval_block
from generator.loader.load import LoadedProject, LoadProject
from generator.problems import CommandResult
from generator.project import Project
from generator.publish.lock import lock_project


def delete_draft(project: Project, today: date, name: str, load_project: LoadProject) -> CommandResult[str]:
    """Delete the draft of this name in the project, and return the name; refuse what isn't one."""
    with lock_project(project):
        load_result = load_project(project, today)
        if load_result.loaded is None:
            return CommandResult(problems=tuple(problem for problem in load_result.problems if problem.is_error))
        if obstacle := find_obstacle(load_result.loaded, name):
            return CommandResult(usage_error=obstacle)
        locked_files.delete_file(project.root / name)
    return CommandResult(name)


def find_obstacle(loaded: LoadedProject, name: str) -> str:
    """Return why the file of a name can't be deleted; empty if it can."""
    file = loaded.files_by_name.get(name)
    path = loaded.project.root / name
    if file is None or not path.is_file() or path.is_symlink():
        return f"没有 {name} 这份草稿"
    if file.sealed or approval_block.has_approval_key(path.read_bytes()):
        return f"{name} 里有审核记录，不是草稿，不能删去；没有公布过的可以撤回审核，写错的只能更正"
    if isinstance(file, LedgerFile):
        files = loaded.ledger_files.list_month(file.branch, file.month)
        if names := [draft.name for draft in files if draft.number > file.number]:
            return f"{name} 后面还有 {'、'.join(names)}，要先删去后面的"
    return ""
