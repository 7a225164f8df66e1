"""Carry the release of one folder to another, such as a web server's, byte for byte."""

from pathlib import Path

from msgspec.structs import replace

from generator.disk import atomic_files
from generator.problems import Problem
from generator.project import Project
from generator.publish.comparison import compare_with_release, read_current_release
from generator.publish.lock import lock_project
from generator.publish.output_folder import check_output_folder
from generator.publish.store import Store
from generator.publish.switch import PublishResult, replace_release

_AUDIT = "audit.json"


def carry_release(project: Project, output: Path, target: Path) -> tuple[PublishResult | None, list[Problem]]:
    """Put the release of an output folder into a target folder, and compare every file there with it.

    Returns problems instead if either folder isn't as it should be. A target that a killed command left between two
    releases gets this one.
    """
    output, target = output.resolve(), target.resolve()
    with lock_project(project):
        manifest = read_current_release(project, output)
        differences = _find_errors(project, output)
        if manifest is None or differences:
            return None, differences
        refusals = check_output_folder(project, target, manifest.files, "换一个空文件夹")
        if refusals:
            return None, refusals
        changed = atomic_files.find_changed_paths(target, manifest.files)
        sources = {path: f"{output}/{path}" for path in changed}
        content = replace(manifest, output=target)
        result = replace_release(Store.for_output(project, target), content, sources)
        differences = _find_errors(project, target)
        return (None, differences) if differences else (replace(result, manifest=manifest), [])


def _find_errors(project: Project, folder: Path) -> list[Problem]:
    return [problem for problem in compare_with_release(project, folder) if problem.is_error]


def keep_audit(project: Project, output: Path, folder: Path | None) -> Path:
    """Keep a copy of a release's ``audit.json`` in a folder, by default the project's own; return its path."""
    manifest = read_current_release(project, output)
    assert manifest is not None
    raw = (output / _AUDIT).read_bytes()
    name = f"audit-{manifest.day}-{manifest.files[_AUDIT][:8]}.json"
    path = (folder or project.anchors_folder) / name
    if atomic_files.digest_file(path) != manifest.files[_AUDIT]:
        atomic_files.write_durably(path, raw)
    return path
