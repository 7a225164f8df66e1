"""What a release may not take back: that on which the one in the folder rests, and its boards."""

from collections.abc import Callable, Container
from pathlib import Path

from generator.problems import Location, Problem
from generator.project import Project
from generator.publish.store import Store

_SHOWN = 5  # boards that are gone
_ANEW = "确要另起一个网站的，用 --output 指定另一个文件夹"


def check_basis_is_present(project: Project, output: Path, present_digests: Container[str]) -> list[Problem]:
    """What the release in a folder, after an interruption either of both, rests on and is there no longer."""
    lying = Store.for_output(project, output).read_present_releases()
    rests = {digest: what for one in lying for digest, what in one.rests.items()}
    where = Location(project.file_name(output))
    hint = f"台账在公布以后被改写、撤下或调换过；请从备份中找回原文件；{_ANEW}"
    return [
        Problem(where, "release.rests", f"网站公布时所依据的{what}不见了（{digest}）", hint)
        for digest, what in rests.items()
        if digest not in present_digests
    ]


def check_permanent_pages(
    project: Project, output: Path, pages: Container[str], is_permanent: Callable[[str], bool]
) -> list[Problem]:
    """Refuse to withdraw a page that has to stay; ``pages`` are the next release's."""
    lying = Store.for_output(project, output).read_present_releases()
    gone = sorted({path for one in lying for path in one.files if path not in pages and is_permanent(path)})
    if not gone:
        return []
    shown = "、".join(gone[:_SHOWN]) + (f"等 {len(gone)} 页" if len(gone) > _SHOWN else "")
    message = f"公布过的榜单会从网站上消失：{shown}"
    hint = f"榜单公布以后不能撤下；请恢复规则（ledgers/rulebooks）里的 boards，或当年的 cycle.yaml；{_ANEW}"
    return [Problem(Location(project.file_name(output)), "build.board-gone", message, hint)]
