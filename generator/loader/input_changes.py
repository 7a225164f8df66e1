"""Inputs that changed since a release: decisive values one by one, all other inputs by their files."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress

from msgspec import Struct

from generator.loader import value_changes
from generator.loader.decisive_values import ValueInputs
from generator.loader.value_changes import Subject, Values
from generator.problems import Location, Problem
from generator.project import Project
from generator.publish.store import BuildRecord, Manifest


class UnreadableValuesError(Exception):
    """Recorded values that are not as any version writes them."""


class PresentInputs(Struct, frozen=True):
    """The inputs of now: decisive ones as read, and the digests of all source files and of the theme's, by path."""

    project: Project
    decisive: ValueInputs
    digests: Mapping[str, str]
    theme: Mapping[str, str]


class InputChanges(Struct, frozen=True):
    """The inputs that changed since a release.

    ``refused`` are the decisive values with which something published would change, ``accepted`` all others that
    changed; ``files`` are the changed files that are no ledgers, by path.
    """

    refused: tuple[Problem, ...] = ()
    accepted: tuple[Problem, ...] = ()
    files: tuple[str, ...] = ()


NO_CHANGES = InputChanges()
UNREADABLE_RECORD = "release.unknown"


def find_input_changes(releases: Iterable[Manifest], present: PresentInputs) -> InputChanges:
    """Compare the inputs with those of releases; of a release that recorded none, nothing is refused."""
    problems: list[Problem] = []
    files: set[str] = set()
    for release in releases:
        if release.record:
            files.update(_list_changed_files(release.record, present))
            problems += find_changes_since_release(present.project, release, present.decisive)
    return InputChanges(
        tuple(dict.fromkeys(problem for problem in problems if problem.is_error)),
        tuple(dict.fromkeys(problem for problem in problems if not problem.is_error)),
        tuple(sorted(files)),
    )


def find_changes_since_release(project: Project, release: Manifest, decisive: ValueInputs) -> list[Problem]:
    """Compare the decisive values with those that a release recorded, if it did."""
    values = release.record.values if release.record else None
    try:
        return find_changed_values(project, values, decisive, release.rests)
    except UnreadableValuesError:
        hint = "发布记录（.jifenbang）被人改动过：请查明是谁改的，从备份中找回它"
        message = "发布时记下的设置、规则、名册读不出，无法与现在的核对"
        return [Problem(Location(project.file_name(release.output)), UNREADABLE_RECORD, message, hint)]


def find_changed_values(
    project: Project, values: Values | None, decisive: ValueInputs, digests: Collection[str]
) -> list[Problem]:
    """Compare the decisive values with those recorded of a site that is based on these digests, if there are any.

    Raises UnreadableValuesError if the recorded ones are not of their kinds.
    """
    try:
        changes = [*value_changes.find_value_changes(values, decisive, digests)] if values else []
    except (AssertionError, AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise UnreadableValuesError from error
    return [change.as_problem(_locate(project, change.subject)) for change in changes]


def _locate(project: Project, subject: Subject) -> Location:
    """Return the place of an input in its file, or the file alone if the key is not there any more."""
    with suppress(OSError):
        text = (project.root / subject.file).read_text(encoding="utf-8-sig", errors="replace")
        for number, line in enumerate(text.splitlines(), start=1):
            if match := re.search(subject.line, line):
                return Location(subject.file, number, match.start() + 1)
    return Location(subject.file)


def _list_changed_files(record: BuildRecord, present: PresentInputs) -> Iterator[str]:
    """Yield the paths of settings, articles, roster, rulebooks, cycles and theme that are not those of a release."""
    for before, now in ((record.inputs, present.digests), (record.theme, present.theme)):
        for path in before.keys() | now.keys():
            if before.get(path) != now.get(path) and not _is_of_a_branch(path):
                yield path


def _is_of_a_branch(path: str) -> bool:
    """Return whether a file is a ledger or a record, which are sealed or of no effect yet."""
    parts = path.split("/")
    return parts[0] == "ledgers" and len(parts) > 2 and parts[1] != "rulebooks" and parts[-1] != "cycle.yaml"  # noqa: PLR2004
