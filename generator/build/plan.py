"""First step of a build: read and check the shared inputs, and list each branch's files."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.build import branch, source_digests
from generator.build.cache import Cache
from generator.build.garbage_collection import gc_disabled
from generator.build.input_cache import RosterCache
from generator.build.messages import BranchFiles, SharedInputs
from generator.build.request import BuildRequest
from generator.build.source_digests import InputChangedError
from generator.intake.files import discovery, roster_file
from generator.loader import load
from generator.loader.load import SharedFiles
from generator.problems import Problem, downgrade_draft_problems
from generator.publish.store import Store
from generator.render.html.theme import Theme


class BuildPlan(Struct, frozen=True):
    """A planned build: the complete request, the shared inputs, each branch's files.

    ``request`` has what the settings decide filled in. ``branch_files`` are by branch, those of the roster first, in
    its order. ``digests`` are those of all source files by name. ``member_digests`` has, by branch, the digest of all
    members who ever belonged to it; it is empty if nothing is cached.
    """

    request: BuildRequest
    inputs: SharedInputs
    shared_files: SharedFiles
    branch_files: Mapping[str, BranchFiles]
    digests: Mapping[str, str]
    member_digests: Mapping[str, str]


@gc_disabled()
def plan_build(request: BuildRequest, digests: Mapping[str, str], cache: Cache | None) -> BuildPlan | list[Problem]:
    """Plan a build, or return every problem of the project if an error in the shared files stops it.

    ``digests`` are those of all source files, computed before any was read. Raises InputChangedError if a file was
    changed since.
    """
    project = replace(request, root=Path(request.root).absolute()).project  # workers may run in another folder
    roster_cache = RosterCache(cache, request.today) if cache else None
    read_roster = roster_cache.read_roster if roster_cache else roster_file.read_roster
    shared = load.read_shared_files(project, request.today, read_roster)
    layers, theme_problems = load.load_theme_layers(project, shared.settings) if shared.settings else ((), [])
    theme_problems = [*theme_problems, *load.check_front_matter(shared.articles, layers)]
    problems = [*downgrade_draft_problems(shared.problems, shared.ballot_files.draft_names), *theme_problems]
    if any(problem.is_error for problem in problems) or shared.settings is None or shared.roster is None:
        # The build can't go on, but its user should see the problems of the branches' files in the same run.
        return [*theme_problems, *load.complete_load(shared, load.read_branch).downgraded_problems()]
    _check_unchanged(shared, digests)
    planned_request = replace(
        request,
        root=project.root,
        audiences=request.audiences or frozenset(shared.settings.publish),
        store=request.store or (Store.for_output(project, request.output).folder if request.output else None),
        shared_digest=branch.combine_path_digests(project, shared.digests),
    )
    articles = branch.select_articles(planned_request, shared.articles)
    inputs = SharedInputs(
        shared.settings, shared.roster, shared.rulebooks, articles, Theme(layers), shared.approver_lists
    )
    branch.set_shared_inputs(planned_request, inputs)
    return BuildPlan(
        request=planned_request,
        inputs=inputs,
        shared_files=shared,
        branch_files=dict(_list_branch_files(shared, digests)),
        digests=digests,
        member_digests=roster_cache.branch_digests if roster_cache else {},
    )


def _check_unchanged(shared: SharedFiles, digests: Mapping[str, str]) -> None:
    for name, digest in digests.items():
        # A file that can't be read is a problem of its own, but one that is gone was there when it was digested.
        if digest == source_digests.UNREADABLE and not os.path.lexists(shared.project.root / name):
            raise InputChangedError(name)
    for path, digest in shared.digests.items():
        if digests.get(source_digests.relative_name(shared.project, path)) != digest:
            raise InputChangedError(shared.project.file_name(path))


def _list_branch_files(shared: SharedFiles, digests: Mapping[str, str]) -> Iterator[tuple[str, BranchFiles]]:
    """Yield the files of every branch of the roster, then of every other branch that has files."""
    project, discovered_by_branch = shared.project, discovery.group_by_branch(shared.discovered)
    roster_branches = shared.roster.branch_by_id if shared.roster else ()
    for name in dict.fromkeys([*roster_branches, *discovered_by_branch]):
        discovered = discovered_by_branch.get(name, discovery.NO_DISCOVERED_FILES)
        paths = [*(file.path for file in (*discovered.ledgers, *discovered.withdrawals)), *discovered.filings]
        path_digests = {path: digests.get(source_digests.relative_name(project, path), "") for path in paths}
        yield name, BranchFiles(name, branch.combine_path_digests(project, path_digests), discovered)
