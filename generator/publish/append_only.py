"""Check that a new release keeps all sealed documents and all boards of the published one."""

from collections.abc import Callable, Container
from pathlib import Path

from generator.problems import Cause, Location, Problem
from generator.project import Project
from generator.publish.store import Store

_MAX_LISTED = 5  # removed boards
_OTHER_FOLDER_HINT = "确要另起一个网站的，用 --output 指定另一个文件夹"


def check_basis_is_present(project: Project, output: Path, present_digests: Container[str]) -> list[Problem]:
    """Return a problem for each digest that the release in a folder is based on and the ledgers no longer have.

    After an interruption, the bases of both releases are checked.
    """
    releases = Store.for_output(project, output).read_present_releases()
    rests = {digest: title for release in releases for digest, title in release.rests.items()}
    where = Location(project.file_name(output))
    hint = f"台账在公布以后被改写、撤下或调换过；请从备份中找回原文件；{_OTHER_FOLDER_HINT}"
    cause = Cause("网站公布时所依据的审核、备案不见了", hint, where)
    return [
        Problem(
            where,
            "release.rests",
            f"网站公布时所依据的{title}不见了（{digest}）",
            hint,
            cause=cause,
            subject=("", title),
        )
        for digest, title in rests.items()
        if digest not in present_digests
    ]


def check_permanent_pages(
    project: Project, output: Path, pages: Container[str], is_permanent: Callable[[str], bool]
) -> list[Problem]:
    """Refuse to withdraw a permanent page; ``pages`` are the next release's."""
    releases = Store.for_output(project, output).read_present_releases()
    # Of both releases, after an interruption: readers may have seen pages of either.
    removed = sorted(
        {path for release in releases for path in release.files if path not in pages and is_permanent(path)}
    )
    if not removed:
        return []
    listed = "、".join(removed[:_MAX_LISTED]) + (f"等 {len(removed)} 页" if len(removed) > _MAX_LISTED else "")
    message = f"公布过的榜单会从网站上消失：{listed}"
    hint = (
        f"榜单公布以后不能撤下；请恢复规则（ledgers/rulebooks）里的 boards，或当年的 cycle.yaml；{_OTHER_FOLDER_HINT}"
    )
    return [Problem(Location(project.file_name(output)), "build.board-gone", message, hint)]
