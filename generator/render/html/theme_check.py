"""Check the templates of a theme without any page: their encoding, their syntax, what they refer to, their blocks."""

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

from jinja2 import TemplateSyntaxError, nodes
from msgspec.structs import replace

from generator.problems import Location, Problem, Severity, suggest_known_word
from generator.project import Project
from generator.render.html import template_messages
from generator.render.html.templates import create_jinja_environment
from generator.render.html.theme import TemplateFaultError, Theme

_ENDINGS = {".html", ".xml"}


def check_own_templates(project: Project, theme: Theme) -> Iterator[Problem]:
    """Yield the mistakes in all templates of a theme that are the project's own; those shipped have none."""
    for layer in theme.layers:
        problems = () if project.is_shipped(layer) else _check_templates(theme, layer.folder / "templates")
        for problem in problems:
            yield replace(problem, where=replace(problem.where, file=project.file_name(Path(problem.where.file))))


def _check_templates(theme: Theme, folder: Path) -> Iterator[Problem]:
    for path in sorted(path for path in folder.rglob("*") if path.suffix in _ENDINGS and path.is_file()):
        try:
            yield from _check_template(theme, path)
        except TemplateFaultError as error:
            yield error.problem


def _check_template(theme: Theme, path: Path) -> Iterator[Problem]:
    theme.reject_outside_link(path)
    tree = _parse(path)
    for node in tree.find_all((nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)):
        assert isinstance(node, nodes.Extends | nodes.Include | nodes.Import | nodes.FromImport)
        name = node.template.value if isinstance(node.template, nodes.Const) else None
        is_optional = isinstance(node, nodes.Include) and node.ignore_missing
        if isinstance(name, str) and not is_optional and _find_file(theme, name) is None:
            message = f"没有 {name} 这个模板"
            hint = "请核对名字；上一级主题的同名模板写全名，例如 default/board.html"
            yield Problem(Location(path.as_posix(), node.lineno), "theme.template", message, hint)
    yield from _find_unknown_blocks(theme, path, tree)


def _parse(path: Path) -> nodes.Template:
    """Parse and compile a template; raises TemplateFaultError for a mistake in it."""
    try:
        return _compile(path.read_bytes().decode("utf-8-sig"), path.name)
    except UnicodeDecodeError as error:
        where = Location(path.as_posix(), error.object.count(b"\n", 0, error.start) + 1)
        problem = Problem(where, "theme.template", "模板不是 UTF-8 编码的文本", "请另存为 UTF-8")
        raise TemplateFaultError(problem) from error
    except TemplateSyntaxError as error:
        error.filename = path.as_posix()
        where = Location(path.as_posix(), error.lineno)
        problem = Problem(where, "theme.template", *template_messages.describe_template_error(error))
        raise TemplateFaultError(problem) from error


@lru_cache(maxsize=64)  # each template of a theme extends one of a few
def _compile(source: str, name: str) -> nodes.Template:
    environment = create_jinja_environment(Theme(()))
    tree = environment.parse(source, name)
    environment.compile(tree, name)
    return tree


def _find_file(theme: Theme, name: str) -> Path | None:
    return next((path for _, path in theme.find_template_files(*theme.resolve_template_name(name))), None)


def _find_unknown_blocks(theme: Theme, path: Path, tree: nodes.Template) -> Iterator[Problem]:
    """Yield the blocks of a template that nothing it extends has: what is in them is never shown."""
    shown_names: set[str] = set()
    seen = {path}
    extends = tree.find(nodes.Extends)
    if extends is None:
        return
    while extends is not None:
        if not isinstance(extends.template, nodes.Const):
            return  # another template for each page
        parent = _find_file(theme, extends.template.value)
        if parent is None or parent in seen:
            return  # a problem of the template that extends it
        seen.add(parent)
        above = _parse(parent)
        shown_names |= {block.name for block in above.find_all(nodes.Block)}
        extends = above.find(nodes.Extends)
    # A block within another is shown with it, whatever it is called.
    inner = {id(block) for outer in tree.find_all(nodes.Block) for node in outer.body for block in _list_blocks(node)}
    for block in tree.find_all(nodes.Block):
        if block.name not in shown_names and id(block) not in inner:
            message = f"上一级模板里没有“{block.name}”这个 block，写在里面的不会显示"
            hint = suggest_known_word(block.name, sorted(shown_names))
            yield Problem(
                Location(path.as_posix(), block.lineno), "theme.unknown-block", message, hint, Severity.WARNING
            )


def _list_blocks(node: nodes.Node) -> Iterator[nodes.Block]:
    if isinstance(node, nodes.Block):
        yield node
    yield from node.find_all(nodes.Block)
