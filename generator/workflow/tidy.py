"""Mend slips in files that nothing seals: punctuation, blanks, indents and days that can be read in one way only."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from generator.core.model.ledger import BallotKind
from generator.core.model.settings import NameOrder
from generator.core.sealing import changed_lines
from generator.intake.files import (
    approval_block,
    ballot_file,
    content_files,
    cycle_file,
    discovery,
    import_file,
    ledger_file,
    roster_file,
    rulebook_file,
)
from generator.intake.text import decoding, reader, tidying
from generator.loader.restorable_files import RestorableFiles
from generator.problems import CommandResult, Location, Problem
from generator.project import Project
from generator.publish.lock import lock_project
from generator.workflow import record_text

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_FindProblems = Callable[[bytes, str], Sequence[Problem]]


class TidiedFile(Struct, frozen=True):
    """A file that was looked through: its name, each line that was changed, and how many errors its reading still has.

    Lines are as written before and now.
    """

    name: str
    changes: Sequence[str]
    error_count: int


def tidy_files(project: Project, paths: Sequence[Path]) -> CommandResult[tuple[TidiedFile, ...]]:
    """Mend the files of these paths, or none of them if one is sealed; of a folder, the files that are not sealed."""
    with lock_project(project):
        readers = _list_readers(project)
        selected = list(dict.fromkeys(_select_files(project, paths, readers)))
        if obstacles := list(_find_obstacles(project, selected, readers)):
            return CommandResult(problems=tuple(obstacles))
        contents, tidied = dict[Path, bytes](), list[TidiedFile]()
        for path in selected:
            raw = reader.read_bounded(path, reader.MAX_BYTES)
            name = project.file_name(path)
            mended = _tidy_bytes(raw, name, readers[path])
            tidied.append(TidiedFile(name, _list_changes(raw, mended), _count_errors(mended, name, readers[path])))
            if mended != raw:
                contents[path] = mended
        record_text.write_files(contents)
    return CommandResult(tuple(tidied))


def _list_readers(project: Project) -> Mapping[Path, _FindProblems]:
    """Return the files that may be mended, each with the function that finds the problems in its text."""
    discovered = discovery.discover_files(project)
    readers: dict[Path, _FindProblems] = {
        project.settings_path: lambda raw, file: content_files.read_settings(raw, file)[1],
        project.import_path: lambda raw, file: import_file.read_formats(raw, file)[1],
        project.roster_path: lambda raw, file: roster_file.read_roster(raw, file, NameOrder.PINYIN)[1],
    }
    for path in discovered.rulebooks:
        readers[path] = lambda raw, file: rulebook_file.read_rulebook(raw, file)[1]
    for folder in discovered.year_folders:
        readers[folder / "cycle.yaml"] = lambda raw, file: cycle_file.read_cycle(raw, file)[1]
    for path in discovered.articles:
        readers[path] = lambda raw, file: content_files.read_article(raw, file)[1]
    for ledger in discovered.ledgers:
        readers[ledger.path] = _make_ledger_reader(ledger.number)
    for ballot in discovered.ballots:
        if not ballot.number:
            readers[ballot.path] = _make_ballot_reader(ballot.kind)
    return {path: read for path, read in readers.items() if path.is_file() and not path.is_symlink()}


def _make_ledger_reader(number: int) -> _FindProblems:
    return lambda raw, file: ledger_file.read_ledger(raw, file, number)[1]


def _make_ballot_reader(kind: BallotKind) -> _FindProblems:
    return lambda raw, file: ballot_file.read_ballot(raw, file, kind)[1]


def _select_files(project: Project, paths: Sequence[Path], readers: Mapping[Path, _FindProblems]) -> Iterator[Path]:
    """Yield the files of these paths by the names that the project has for them; of a folder, those not sealed."""
    by_name = {project.file_name(path): path for path in readers}
    for path in paths:
        name = project.file_name(path)
        if path.is_dir():
            prefix = "" if name == "." else f"{name}/"
            yield from (
                file
                for file_name, file in by_name.items()
                if file_name.startswith(prefix) and not _is_sealed(project, file)
            )
        else:
            yield by_name.get(name, path)


def _is_sealed(project: Project, path: Path) -> bool:
    """Return whether a file has an approval, or should have the one of which there is a copy."""
    if approval_block.has_approval_key(path.read_bytes()):
        return True
    return RestorableFiles(project, ()).find(project.file_name(path)) is not None


def _find_obstacles(
    project: Project, selected: Sequence[Path], readers: Mapping[Path, _FindProblems]
) -> Iterator[Problem]:
    """Yield the files that are sealed, that no reader is for, or that are no text."""
    for path in selected:
        name = project.file_name(path)
        raw = reader.read_bounded(path, reader.MAX_BYTES)
        if path in readers and _is_sealed(project, path):
            hint = "已审核的一个字也不动；内容写错了的用 jifenbang correct 起草更正，改坏了的用 jifenbang restore 恢复"
            yield Problem(Location(name), "tidy.sealed", "这份文件已经审核，没有整理", hint)
        elif path not in readers:
            drafts = "台账、更正、评议得分、投票和光荣榜的草稿"
            hint = f"能整理的是{drafts}，名册、规则、cycle.yaml、site.yaml、import.yaml，公告和文章"
            yield Problem(Location(name), "tidy.not-a-source", "这不是能整理的文件", hint)
        elif len(raw) > reader.MAX_BYTES:
            hint = "请照 jifenbang check 的提示自己改"
            yield Problem(Location(name), "file.too-large", f"文件超过 {reader.MAX_BYTES:,} 字节，没有整理", hint)
        else:
            yield from decoding.decode_text(raw, name)[1]


def _tidy_bytes(raw: bytes, name: str, find_problems: _FindProblems) -> bytes:
    """Return a file's bytes with its slips mended."""
    mark = _BYTE_ORDER_MARK if raw.startswith(_BYTE_ORDER_MARK) else b""
    text = raw.removeprefix(mark).decode()
    return mark + tidying.tidy_text(text, name, lambda new: find_problems(new.encode(), name)).encode()


def _list_changes(raw: bytes, mended: bytes) -> list[str]:
    before, after = (content.decode("utf-8-sig").splitlines() for content in (raw, mended))
    return changed_lines.list_changed_lines(after, before)


def _count_errors(raw: bytes, name: str, find_problems: _FindProblems) -> int:
    return sum(problem.is_error for problem in find_problems(raw, name))
