"""Archive a period, and verify an archive from its own sources alone."""

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.build import archive_content
from generator.build.archive_content import ComposedArchive
from generator.core.basics.periods import Period
from generator.core.scoring import missing_months, results
from generator.disk import atomic_files
from generator.disk.temporary_folder import make_temporary_folder
from generator.loader import archived_files, arguments, load
from generator.loader.load import LoadedProject
from generator.problems import CommandResult, Location, Problem, Severity
from generator.project import Project
from generator.publish import archive as archives
from generator.publish.archive import SITE, SOURCES, Archive, ArchiveManifest
from generator.queries.verify import describe_difference, list_paths
from generator.render.site.ranking_differences import RankingCheck


class PackedArchive(Struct, frozen=True):
    """The bytes of an archive, its manifest, and the number of its files."""

    raw: bytes
    manifest: ArchiveManifest
    file_count: int


class VerifiedArchive(Struct, frozen=True):
    """An archive as verified: its manifest, the numbers of its files and of those computed alike, and every problem.

    ``manifest`` is None if the archive is not whole; then nothing was computed.
    """

    manifest: ArchiveManifest | None
    file_count: int
    equal_count: int
    rankings: RankingCheck
    problems: tuple[Problem, ...]


def archive_period(project: Project, today: date, period: Period) -> CommandResult[PackedArchive]:
    """Compute the archive of a period for which there are boards."""
    result = arguments.load_valid_project(project, today)
    loaded = result.value
    if loaded is None:
        return CommandResult(problems=result.problems)
    if usage_error := _find_usage_error(loaded, period):
        return CommandResult(usage_error=usage_error)
    selected = archived_files.select_archived_files(loaded, period)
    with make_temporary_folder() as root:
        sources = {name: (project.root / name).read_bytes() for name in selected.names}
        _write_files(root, sources)
        composed = archive_content.compose_archive(root, period, selected.day)
    if composed.archive is None:
        return CommandResult(problems=composed.problems)
    archive = composed.archive
    packed = PackedArchive(archives.pack_archive(archive), archive.manifest, len(archive.files))
    return CommandResult(packed, tuple(_find_missing_ledgers(loaded, period)))


def _find_usage_error(loaded: LoadedProject, period: Period) -> str:
    if error := arguments.year_usage_error(loaded.rulebooks, period):
        return error
    scores = load.score_project(loaded)
    started = {
        board
        for branch in (None, *loaded.roster.branch_by_id)
        for board in results.list_started_periods(scores, branch)
    }
    return "" if period in started else f"{period} 还没有榜单，没有可以归档的"


def _find_missing_ledgers(loaded: LoadedProject, period: Period) -> Iterator[Problem]:
    """Yield a warning if the period is not complete."""
    months = loaded.rulebooks[period.year].term.months_of(period)
    missing = missing_months.find_missing_months(loaded.roster, loaded.approved_ledgers, months, None, loaded.today)
    if missing:
        message = f"{period} 还缺 {len(missing)} 份台账，归档里的榜单是暂计：{list_paths(missing)}"
        hint = "要移交的，请等台账审核齐全以后再归档一次"
        where = Location(loaded.project.file_name(loaded.project.ledgers_folder), 0)
        yield Problem(where, "archive.provisional", message, hint, Severity.WARNING)


def verify_archive(path: Path) -> VerifiedArchive:
    """Compare each file of an archive with its manifest, and then with what its sources give now."""
    name = path.as_posix()
    archive, problems = archives.read_archive(path)
    if archive is None:
        return VerifiedArchive(None, 0, 0, RankingCheck(), tuple(problems))
    composed = _compose_again(archive)
    if composed.archive is None:
        problems = [_name_in_archive(name, problem) for problem in composed.problems]
        return VerifiedArchive(archive.manifest, len(archive.files), 0, RankingCheck(), tuple(problems))
    differing = _find_differing(archive.files, composed.archive.files)
    if not differing and archives.encode_manifest(archive) != archives.encode_manifest(composed.archive):
        differing = [archives.MANIFEST] if archive_content.has_same_program(archive.manifest) else []
    problems = [
        *problems,
        *_describe_differing(name, archive.manifest, differing),
        *_describe_rankings(name, composed.rankings),
    ]
    equal_count = len(archive.files.keys() - set(differing))
    return VerifiedArchive(archive.manifest, len(archive.files), equal_count, composed.rankings, tuple(problems))


def _compose_again(archive: Archive) -> ComposedArchive:
    with make_temporary_folder() as folder:
        root, site = folder / "sources", folder / "site"
        for target, prefix in ((root, SOURCES), (site, SITE)):
            files = {path.removeprefix(prefix): raw for path, raw in archive.files.items() if path.startswith(prefix)}
            _write_files(target, files)
        return archive_content.compose_archive(root, archive.manifest.period, archive.manifest.day, site)


def _write_files(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write files into a temporary folder, for which no journal is needed."""
    atomic_files.stage_files(folder, files)
    atomic_files.commit_files(folder, files)


def _name_in_archive(name: str, problem: Problem) -> Problem:
    """Return a problem of a source as one of the archive."""
    return replace(problem, where=replace(problem.where, file=f"{name}/{SOURCES}{problem.where.file}"))


def _find_differing(files: Mapping[str, bytes], computed: Mapping[str, bytes]) -> list[str]:
    return sorted(path for path in files.keys() | computed.keys() if files.get(path) != computed.get(path))


def _describe_differing(name: str, manifest: ArchiveManifest, differing: list[str]) -> Iterator[Problem]:
    where = Location(name, 0)
    if differing and archive_content.has_same_program(manifest):
        message = f"这些文件与按归档里的原始资料重新计算的不同：{list_paths(differing)}"
        hint = "有人连同摘要一起改动过；请不要使用它们，改用另一处保存的那一份"
        yield Problem(where, "archive.recomputed", message, hint)
    elif differing:
        written_by = f"归档是程序的另一个版本（{manifest.version}）或用别的版本的库写的"
        message = f"{written_by}，这些文件的字节不同：{list_paths(differing)}"
        hint = "封存和网页上的榜单已经核对；要逐个字节核对的，请用写它的版本"
        yield Problem(where, "archive.other-program", message, hint, Severity.WARNING)


def _describe_rankings(name: str, rankings: RankingCheck) -> Iterator[Problem]:
    hint = "请不要使用这一页，改用另一处保存的那一份归档"
    for difference in rankings.differences:
        message = f"{difference.path} 的榜单{describe_difference(difference)}"
        yield Problem(Location(name, 0), "archive.figures", message, hint)
