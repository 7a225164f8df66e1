"""JSON Schemas for editors that complete and check YAML, beside the program's state; drafts name theirs."""

import json
from contextlib import suppress
from functools import cache
from pathlib import Path

from generator.disk import atomic_files
from generator.intake.files import schemas
from generator.problems import CommandResult
from generator.project import Project
from generator.publish.lock import lock_project


def write_schemas(project: Project) -> CommandResult[str]:
    """Write the schemas of a site project, and return the name of their folder."""
    if not project.settings_path.is_file():
        return CommandResult(usage_error=f"“{project.root}”不是站点文件夹：那里没有 content/site.yaml")
    with lock_project(project):
        refresh_schemas(project)
    return CommandResult(project.file_name(project.schemas_folder))


def refresh_schemas(project: Project) -> None:
    """Write those schemas that differ from what is there; the project is locked by the caller."""
    for kind in schemas.KINDS:
        raw = _encode_schema(kind)
        path = project.schemas_folder / f"{kind}.json"
        with suppress(OSError):
            if path.read_bytes() == raw:
                continue
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_files.write_atomically(str(path), raw, durably=False)


@cache
def _encode_schema(kind: str) -> bytes:
    return f"{json.dumps(schemas.build_schema(kind), ensure_ascii=False, indent=1)}\n".encode()


def name_schema(project: Project, path: Path, kind: str) -> str:
    """Return the comment by which a file names the schema of its kind: editors look for it in the first lines."""
    up = "../" * project.file_name(path).count("/")
    return f"# yaml-language-server: $schema={up}{project.file_name(project.schemas_folder)}/{kind}.json"
