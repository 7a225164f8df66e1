"""What templates get, as ``themes/REFERENCE.md`` tells it, against what they really get and use.

``UPDATE_GOLDEN=1`` writes the part of it between the two marks anew: what a field means is a clause of its type's
docstring that names it, else the first sentence of its own type's, else what ``files/template-words.txt`` says; one
that nothing explains fails.
"""

import dataclasses
import os
import re
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import date
from enum import Enum
from pathlib import Path

import pytest
from jinja2 import meta, nodes
from msgspec.structs import replace

from generator.core.model.roster import Branch
from generator.core.model.settings import Audience
from generator.render.html import filters
from generator.render.html.chart_geometry import CHART_FILTERS
from generator.render.html.templates import create_jinja_environment
from generator.render.html.theme import Theme
from generator.render.site import pages
from generator.render.site.routes import ADDRESSES
from tests.conftest import SAMPLE_DAY
from tests.site_project import REPOSITORY, SETTINGS, SiteProject, branch_pages, organ_edition, survey, theme_of
from tests.site_project import members as roster

REFERENCE = REPOSITORY / "themes/REFERENCE.md"
THEMES = ("default", "hall")
BEGIN, END = "<!-- data: written by tests/render/test_template_data.py -->", "<!-- end of data -->"
COMMON = ("site", "branches", "branches_on", "articles", "top_pages", "preview", "page", "link", "to", "markdown")
ALONE = {"style"}  # on a page that is a file of its own: the text of its style sheets
WORDS = dict(
    line.split(": ", 1)
    for line in (REPOSITORY / "tests/files/template-words.txt").read_text(encoding="utf-8").splitlines()
)


def first_sentence(text: str | None) -> str:
    """The beginning of a docstring, on one line."""
    return re.split(r"(?<=[.:;])\s", " ".join((text or "").split()), maxsplit=1)[0].rstrip(":;.")


def said_of(kind: type, name: str) -> str:
    """What a type's docstring, or that of one it builds on, says of a field: the clause that names it."""
    own = [one.__doc__ or "" for one in kind.__mro__ if one.__module__.startswith("generator.")]
    clauses = re.split(r"(?<=[.;:])\s+", " ".join(" ".join(own).split()))
    return next((one.rstrip(".;:") for one in clauses if f"``{name}``" in one), "")


def plain(hint: object) -> str:
    """A type as it is written, without its module."""
    return re.sub(
        r"\b(?:\w+\.)+(?=\w)", "", hint.__name__ if isinstance(hint, type) and not typing.get_args(hint) else str(hint)
    )


def inner(hint: object) -> Iterator[type]:
    """The types of our own that a type is made of."""
    for one in typing.get_args(hint):
        yield from inner(one)
    origin = typing.get_origin(hint) or hint
    if (
        isinstance(origin, type)
        and origin.__module__.startswith("generator.")
        and not isinstance(hint, types.GenericAlias)
    ):
        yield origin


def fields(kind: type) -> tuple[str, ...]:
    """The fields of a struct or a named tuple; none of anything else."""
    found: tuple[str, ...] = getattr(kind, "__struct_fields__", ()) or getattr(kind, "_fields", ())
    return found


def members(kind: type) -> dict[str, tuple[object, str]]:
    """What a template may read of a type: each name with its type and its meaning."""
    hints = typing.get_type_hints(kind)
    found = {name: (hints[name], meaning(kind, name, hints[name])) for name in fields(kind)}
    for base in reversed(kind.__mro__):
        for name, value in vars(base).items():
            if isinstance(value, property) and not name.startswith("_"):
                assert value.fget
                found[name] = (typing.get_type_hints(value.fget)["return"], first_sentence(value.__doc__))
    return found


def meaning(kind: type, name: str, hint: object) -> str:
    own = next((first_sentence(one.__doc__) for one in inner(hint)), "")
    return said_of(kind, name) or WORDS.get(f"{kind.__name__}.{name}") or own or WORDS.get(name, "")


def shape(value: object) -> tuple[str, set[type]]:
    """A value's type in words, and the types in it."""
    if isinstance(value, Mapping):
        inside = [shape(one) for one in value.values()]
        return "mapping of " + "/".join(sorted({word for word, _ in inside})), set().union(*(own for _, own in inside))
    if isinstance(value, list | tuple):
        inside = [shape(one) for one in value]
        return ("list of " if value else "list") + "/".join(sorted({word for word, _ in inside})), set().union(
            *(own for _, own in inside)
        )
    return type(value).__name__, {type(value)} if type(value).__module__.startswith("generator.") else set()


@dataclasses.dataclass(frozen=True)
class Given:
    """What the templates of the sample's site get besides COMMON, and every type they may reach."""

    data: Mapping[str, Mapping[str, str]]
    reached: tuple[type, ...]


@pytest.fixture(scope="module")
def given() -> Given:
    view = survey(REPOSITORY, date.fromisoformat(SAMPLE_DAY))
    made = organ_edition(view)
    made = replace(made, settings=replace(made.settings, address="https://intranet.example/"))
    data: dict[str, dict[str, str]] = {}
    queue: set[type] = {
        type(made.settings),
        *shape(dict(made.branches))[1],
        *shape(made.articles)[1],
        *shape(made.top_pages)[1],
    }
    many = replace(made.roster, branches=(*made.roster.branches, *(Branch(f"b{n}", f"第{n}支部") for n in range(50))))
    specs = [
        *pages.list_organ_pages(made, frozenset(Audience)),
        *(spec for _, spec in branch_pages(view)),
        *pages.list_organ_pages(replace(made, roster=many), frozenset({Audience.ORGAN})),
        *pages.list_branch_pages(replace(view.make_branch_edition("first"), roster=many), "first"),
    ]
    shown = [spec.build_page() for spec in specs]
    for page in shown:
        queue |= {type(page)}
        for name, value in page.data.items():
            words, own = shape(value)
            kept = data.setdefault(page.template, {}).setdefault(name, words)
            if len(words) > len(kept) or kept == "NoneType":
                data[page.template][name] = words
            queue |= own
    return Given(data, tuple(sorted(reach(queue), key=lambda one: (one.__name__, one.__module__))))


def reach(queue: set[type]) -> set[type]:
    seen: set[type] = set()
    while queue:
        kind = queue.pop()
        if kind not in seen:
            seen.add(kind)
            if fields(kind):
                queue |= {own for hint, _ in members(kind).values() for own in inner(hint)}
    return seen


def reference(given: Given) -> str:
    """The part of the page that is written from the program."""
    lines = ["### Templates", "", "| template | gets, besides what all get |", "| --- | --- |"]
    for template, data in sorted(given.data.items()):
        lines.append(
            f"| `{template}` | {', '.join(f'`{name}`: {words}' for name, words in sorted(data.items())) or '—'} |"
        )
    lines += ["", "### Filters", "", "| filter | gives |", "| --- | --- |"]
    every_filter = sorted((filters.FILTERS | CHART_FILTERS).items())
    lines += [f"| `{name}` | {cell(first_sentence(one.__doc__))} |" for name, one in every_filter]
    lines += ["", "### Addresses: `to.NAME(…)`", "", "| name | gives |", "| --- | --- |"]
    for name, one in ADDRESSES.items():
        names = ", ".join(key for key in typing.get_type_hints(one) if key != "return")
        lines.append(f"| `to.{name}({names})` | {cell(first_sentence(one.__doc__))} |")
    lines += ["", "### Types"]
    for kind in given.reached:
        lines += [
            "",
            f"#### {kind.__name__} (`{kind.__module__.removeprefix('generator.')}`)",
            "",
            " ".join((kind.__doc__ or "").split()),
            "",
        ]
        if issubclass(kind, Enum):
            lines.append("One of " + ", ".join(f"`{one.value}`" for one in kind) + ".")
        else:
            lines += ["| field | type | meaning |", "| --- | --- | --- |"]
            rows = members(kind).items() if fields(kind) else ()
            lines += [f"| `{name}` | {cell(plain(hint))} | {cell(words)} |" for name, (hint, words) in rows]
    return "\n".join(lines)


def cell(text: str) -> str:
    return text.replace("|", "\\|")


def test_the_readme_tells_what_templates_get_field_by_field(given: Given):
    before, _, rest = REFERENCE.read_text(encoding="utf-8").partition(BEGIN)
    written, _, after = rest.partition(END)
    wanted = f"\n\n{reference(given)}\n\n"
    if os.environ.get("UPDATE_GOLDEN") == "1":
        REFERENCE.write_text(f"{before}{BEGIN}{wanted}{END}{after}", encoding="utf-8")
        written = wanted
    assert written == wanted


def test_every_field_is_explained(given: Given):
    rows = [(kind, name, words) for kind in given.reached if fields(kind) for name, (_, words) in members(kind).items()]
    assert len(rows) > 100
    assert [f"{kind.__name__}.{name}" for kind, name, words in rows if not words] == []


def test_what_all_templates_get_is_told():
    before = REFERENCE.read_text(encoding="utf-8").partition(BEGIN)[0]
    assert [name for name in (*COMMON, *ALONE) if f"| `{name}` |" not in before] == []


@pytest.mark.parametrize("name", THEMES)
def test_templates_use_only_what_is_given(given: Given, name: str, tmp_path: Path):
    made = create_jinja_environment(theme_project(tmp_path, name))
    everything = {*COMMON, *ALONE, *(key for data in given.data.values() for key in data)}
    used: set[str] = set()
    for path in sorted((REPOSITORY / "themes" / name / "templates").iterdir()):
        parsed = made.parse(path.read_text(encoding="utf-8"))
        free = meta.find_undeclared_variables(parsed) - set(made.globals) - set(own_names(parsed))
        known = {*COMMON, *ALONE, *given.data.get(path.name, {})} if path.name in given.data else everything
        assert free <= known, path.name
        used |= free
    assert used


def own_names(parsed: nodes.Template) -> Iterator[str]:
    """What a template imports, sets or defines itself: blocks see it, which Jinja's own count leaves out."""
    yield from (one.name for one in parsed.find_all(nodes.Name) if one.ctx in {"store", "param"})
    yield from (one.name for one in parsed.find_all(nodes.Macro))
    yield from (one.target for one in parsed.find_all(nodes.Import))
    for one in parsed.find_all(nodes.FromImport):
        yield from (name if isinstance(name, str) else name[1] for name in one.names)


def theme_project(root: Path, name: str) -> Theme:
    organ = SiteProject(root, roster("wang 王五 jia"))
    organ.write("content/site.yaml", SETTINGS + f"theme: {name}\n")
    return theme_of(organ.root)


def test_every_given_variable_is_used_by_some_template(given: Given):
    texts = "\n".join(path.read_text(encoding="utf-8") for path in (REPOSITORY / "themes/default/templates").iterdir())
    assert [name for data in given.data.values() for name in data if not re.search(rf"\b{name}\b", texts)] == []
