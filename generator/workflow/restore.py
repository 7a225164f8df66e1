"""Put back the bytes of sealed files that were changed or removed; a file that is sealed and sound is left alone."""

from collections.abc import Iterator, Sequence
from datetime import date

from msgspec import Struct

from generator.core.ledgers import filings_and_withdrawals
from generator.core.model.ledger import Record
from generator.disk import atomic_files
from generator.loader import load
from generator.loader.load import LoadedProject
from generator.loader.restorable_files import RestorableFile, RestorableFiles, read_current_bytes, read_current_seal
from generator.problems import CommandResult, Location, Problem
from generator.project import Project
from generator.publish import release, sealed_copies
from generator.publish.lock import lock_project
from generator.workflow import record_text


class RestoredFile(Struct, frozen=True):
    """A file that was restored: its name, and every line that differed, before and after.

    ``replaced`` is the name of the file in which the bytes before are kept; empty if there were none.
    """

    name: str
    changes: Sequence[str]
    replaced: str


def restore_files(project: Project, today: date, names: Sequence[str]) -> CommandResult[tuple[RestoredFile, ...]]:
    """Restore all files of these names in the project to what was sealed, or none."""
    with lock_project(project):
        load_result = load.load_project(project, today)
        errors = [problem for problem in load_result.problems if problem.is_error]
        if load_result.loaded is not None:
            errors += _find_lost_bases(project, load_result.loaded)
        files = RestorableFiles(project, errors)
        faulty = {error.where.file for error in errors}
        obstacles = [problem for name in names for problem in _find_obstacles(files, name, is_faulty=name in faulty)]
        if obstacles:
            return CommandResult(problems=tuple(obstacles))
        restorable = [file for name in names if (file := files.find(name))]
        restored = tuple(
            RestoredFile(file.name, file.list_changes(), _keep_replaced(project, file)) for file in restorable
        )
        record_text.write_files({project.root / file.name: file.original for file in restorable})
    return CommandResult(restored)


def _find_lost_bases(project: Project, loaded: LoadedProject) -> Iterator[Problem]:
    """Yield what published sites are based on and the project no longer has."""
    approvals = filings_and_withdrawals.list_approvals(loaded.files_by_name.values())
    withdrawals = (*loaded.ledger_files.withdrawals, *loaded.ballot_files.withdrawals)
    records: tuple[Record, ...] = (*loaded.ledger_files.filings, *withdrawals)
    present = {approval.digest for _, approval in approvals} | {record.digest for record in records}
    for listed in loaded.approver_lists.in_force:
        present |= {listed.digest, *([listed.record.digest] if listed.record else [])}
    for published in release.read_releases_of_all_outputs(project):
        yield from release.check_basis_is_present(project, published.output, present)


def _find_obstacles(files: RestorableFiles, name: str, *, is_faulty: bool) -> Iterator[Problem]:
    """Yield the reason why a file is not restored: it is sealed and sound, or there is no valid copy of it."""
    current = read_current_bytes(files.project, name)
    file, seal = files.find(name), read_current_seal(current, name)
    if (file and current == file.original) or (seal and not is_faulty and not _is_forged(files, file, seal)):
        hint = "不必恢复：注释、空行和换行方式不在封存之内；内容本来就写错了的，用 jifenbang correct 起草更正"
        yield Problem(Location(name), "restore.sound", "这份文件封存完好，内容没有改动", hint)
    elif file is None and files.is_withdrawn(name):
        hint = "草稿写坏了的，请从备份中找回，或者改好以后重新审核"
        yield Problem(Location(name), "restore.withdrawn", "这份文件的审核已经撤回，撤回的审核不能恢复", hint)
    elif file is None:
        state = "的留底不见了或坏了" if files.has_copies(name) else "没有封存时的留底"
        hint = (
            "请从备份中找回原文件。留底在站点的 .jifenbang 文件夹里：没有带上它的站点没有留底，从没有审核过的草稿也没有"
        )
        yield Problem(Location(name), "restore.no-copy", f"这份文件{state}，恢复不了", hint)


def _is_forged(files: RestorableFiles, file: RestorableFile | None, seal: str) -> bool:
    """Return whether a file is sealed by another approval than the one of which something says that it is missing."""
    return file is not None and file.seal != seal and file.seal in files.missing_seals


def _keep_replaced(project: Project, file: RestorableFile) -> str:
    """Keep the bytes that will be replaced, which may be work or evidence; return the name of the copy."""
    raw = atomic_files.read_regular_file(project.root / file.name) if file.current is not None else None
    return project.file_name(sealed_copies.keep_bytes(project, raw)) if raw else ""
