"""What a build begins with: the shared inputs, read and checked, and which files each branch has."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.build import branch, source_digests
from generator.build.cache import Cache
from generator.build.garbage_collection import gc_disabled
from generator.build.messages import BranchFiles, SharedInputs
from generator.build.request import BuildRequest
from generator.build.roster_cache import RosterCache
from generator.build.source_digests import InputChangedError
from generator.intake.files import discovery, roster_file
from generator.loader import load
from generator.loader.load import SharedFiles
from generator.problems import Problem, downgrade_draft_problems
from generator.publish.store import Store
from generator.render.html.theme import Theme


class BuildPlan(Struct, frozen=True):
    """A planned build: the request with all that the settings leave open, the shared inputs, each branch's files.

    ``branches`` are in roster order, then those that only have files. ``digests`` are those of all files by name,
    ``members`` of the roster's parts by branch where anything is cached.
    """

    request: BuildRequest
    inputs: SharedInputs
    shared_files: SharedFiles
    branch_files: Mapping[str, BranchFiles]
    digests: Mapping[str, str]
    member_digests: Mapping[str, str]


@gc_disabled()
def plan_build(request: BuildRequest, digests: Mapping[str, str], cache: Cache | None) -> BuildPlan | list[Problem]:
    """Plan a build; or give every problem of the project if an error in shared files stops it.

    ``digests`` are those of all files, taken before any was read. Raises ChangedError if one was changed since.
    """
    project = replace(request, root=Path(request.root).absolute()).project  # other processes may stand elsewhere
    rolls = RosterCache(cache) if cache else None
    common = load.read_shared_files(project, request.today, rolls.read_roster if rolls else roster_file.read_roster)
    layers, wrong = load.load_theme_layers(project, common.settings) if common.settings else ((), [])
    problems = [*downgrade_draft_problems(common.problems, common.ballot_files.draft_names), *wrong]
    if any(one.is_error for one in problems) or common.settings is None or common.roster is None:
        return [*wrong, *load.complete_load(common).downgraded_problems()]
    _unchanged(common, digests)
    planned = replace(
        request,
        root=project.root,
        audiences=request.audiences or frozenset(common.settings.publish),
        store=request.store or (Store.for_output(project, request.output).folder if request.output else None),
        shared_digest=branch.combine_path_digests(project, common.digests),
    )
    approvers = common.digests.get(project.approvers_path)
    inputs = SharedInputs(common.settings, common.roster, common.rulebooks, common.articles, Theme(layers), approvers)
    branch.set_shared_inputs(planned, inputs)
    branches = dict(_branches(common, digests))
    return BuildPlan(planned, inputs, common, branches, digests, rolls.branch_digests if rolls else {})


def _unchanged(common: SharedFiles, digests: Mapping[str, str]) -> None:
    for name, digest in digests.items():
        if digest == source_digests.UNREADABLE and not os.path.lexists(common.project.root / name):  # it was there
            raise InputChangedError(name)
    for path, digest in common.digests.items():
        if digests.get(source_digests.relative_name(common.project, path)) != digest:
            raise InputChangedError(common.project.file_name(path))


def _branches(common: SharedFiles, digests: Mapping[str, str]) -> Iterator[tuple[str, BranchFiles]]:
    """Every branch of the roster, and every other that has a file."""
    project, grouped = common.project, discovery.group_by_branch(common.discovered)
    for name in dict.fromkeys([*(common.roster.branch_by_id if common.roster else ()), *grouped]):
        files = grouped.get(name, discovery.NO_DISCOVERED_FILES)
        paths = [*(one.path for one in (*files.ledgers, *files.withdrawals)), *files.filings]
        known = {path: digests.get(source_digests.relative_name(project, path), "") for path in paths}
        yield name, BranchFiles(name, branch.combine_path_digests(project, known), files)
