"""Open the ledgers of a year 立账: the file that names its rulebook."""

from generator.core.basics.periods import Period
from generator.intake.files import cycle_file, discovery
from generator.intake.text.reader import ProjectReader
from generator.problems import CommandResult, suggest_known_word
from generator.project import Project
from generator.publish.lock import lock_project
from generator.workflow import record_text


def start_year(project: Project, year: int, rulebook: str | None, first: Period | None) -> CommandResult[str]:
    """Write the cycle file of a year, and return its name; without a rulebook, it is that of the newest year.

    ``first`` is the first month that counts, None if all do.
    """
    if not project.settings_path.is_file():
        hint = "请核对 -C；新建站点请运行 jifenbang new 文件夹"
        return CommandResult(usage_error=f"“{project.root}”不是站点文件夹：那里没有 content/site.yaml。{hint}")
    path = project.ledgers_folder / str(year) / "cycle.yaml"
    with lock_project(project):
        if path.exists() or path.is_symlink():
            return CommandResult(
                usage_error=f"{year} 年已经立账：{project.file_name(path)}，没有改动。不必再立，请直接登记台账"
            )
        rulebook_ids = [file.stem for file in discovery.discover_files(project).rulebooks]
        rulebook = rulebook or _find_newest_rulebook(project, rulebook_ids)
        if rulebook not in rulebook_ids:
            if not rulebook:
                return CommandResult(usage_error=f"有几份规则，请用 --rulebook 写明哪一份：{'、'.join(rulebook_ids)}")
            hint = suggest_known_word(rulebook, rulebook_ids)
            return CommandResult(usage_error=f"没有 ledgers/rulebooks/{rulebook}.yaml 这份规则。{hint}")
        values = {"year": str(year), "rulebook": rulebook, **({"from": str(first)} if first else {})}
        record_text.write_files({path: record_text.format_record(values)})
    return CommandResult(project.file_name(path))


def _find_newest_rulebook(project: Project, rulebook_ids: list[str]) -> str:
    """Return the rulebook of the newest year, or the only one there is; empty if there is none to choose."""
    reader = ProjectReader(project)
    for folder in sorted(discovery.discover_files(project).year_folders, reverse=True):
        cycle = reader.read_file(folder / "cycle.yaml", cycle_file.read_cycle)
        if cycle is not None:
            return cycle.rulebook.text
    return rulebook_ids[0] if len(rulebook_ids) == 1 else ""
