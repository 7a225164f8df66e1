"""Plan of a site: all its files by path, before the first of them is rendered."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from generator.build import program_digests, survey
from generator.build.organ import OrganResults
from generator.build.request import BuildRequest
from generator.intake.text import written_forms
from generator.render.site import pages, search_index
from generator.render.site.edition import Edition, PageSpec


class SitePlan(Struct, frozen=True):
    """All files that a site is to have: the organ's, and the paths of every branch's pages.

    ``attachments`` are the files that are copied, by path in the site. ``built_paths`` are all paths, ``shared_paths``
    those that belong to no branch.
    """

    edition: Edition
    page_specs: Sequence[PageSpec]
    assets: Mapping[str, bytes]
    attachments: Mapping[str, Path]
    index: search_index.SearchIndex
    branch_paths: Mapping[str, Sequence[str]]
    shared_paths: frozenset[str]
    built_paths: frozenset[str]


def plan_site(
    request: BuildRequest, organ: OrganResults, attachments: Mapping[str, Path], digests: Mapping[str, str]
) -> SitePlan:
    """Return the plan of the site for the request's readers; ``digests`` are those of the source files by path."""
    edition = organ.make_edition(preview=request.with_drafts)
    page_specs = list(pages.list_organ_pages(edition, request.readers))
    branch_paths = organ.branch_paths(request.readers)
    shared_paths = {spec.path for spec in page_specs}
    page_paths = {path for paths in branch_paths.values() for path in paths} | shared_paths
    theme = organ.inputs.theme
    built_by = program_digests.digest_program_and_theme(request.project, theme.layers)
    attached = {path: f"sha256:{digests.get(f'content/{path}', '')}" for path in sorted(attachments)}
    assets = pages.render_other_files(edition, request.readers, theme, built_by, attached)
    index = search_index.build_search_index(edition, organ.search_entries(edition, page_paths), page_paths, _FORMS)
    shared_paths |= assets.keys() | attachments.keys() | ({search_index.INDEX_PATH} if index else set())
    return SitePlan(
        edition=edition,
        page_specs=page_specs,
        assets=assets,
        attachments=attachments,
        index=index,
        branch_paths=branch_paths,
        shared_paths=frozenset(shared_paths),
        built_paths=frozenset(page_paths | shared_paths),
    )


_FORMS = search_index.WrittenForms(
    list_readings=written_forms.list_readings,
    read_text=written_forms.read_text,
    simplify=written_forms.simplify,
    list_traditional_forms=written_forms.list_traditional_forms,
)


def list_site_paths(request: BuildRequest) -> frozenset[str] | None:
    """Return the paths of a site but those of attachments, for the readers in the settings; None if errors stop it."""
    view = survey.survey_organ(request).value
    if view is None:
        return None
    readers = frozenset(view.site.settings.publish)
    return plan_site(replace(request, audiences=readers), view.organ, {}, {}).built_paths
