"""Write files that an act of a committee seals, and keep a copy of each."""

from collections.abc import Mapping
from contextlib import suppress

from generator.intake.files import approval_block
from generator.project import Project
from generator.publish import sealed_copies
from generator.workflow import record_text


def write_sealed_files(project: Project, contents: Mapping[str, bytes]) -> None:
    """Write all files, by name, or none, and keep a copy of those that are sealed.

    The caller has the lock of the project.
    """
    record_text.write_files({project.root / name: raw for name, raw in contents.items()})
    seals = {name: seal for name, raw in contents.items() if (seal := approval_block.read_intact_seal(raw, name))}
    # Not before: no copy of an approval may exist that was never given. The act is done by now; what a full disk
    # prevents here, the next build makes good, or says why it can't.
    with suppress(OSError):
        sealed_copies.keep_copies(project, seals, {})
