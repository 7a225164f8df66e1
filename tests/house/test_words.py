"""Plain words: identifiers, docstrings and comments that a stranger understands."""

import ast
import io
import re
import tokenize
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest

from tests.house.modules import MODULES, parse
from tests.site_project import REPOSITORY

# Words that name nothing: `found` for want of a noun, `one` for want of what it is one of.
VAGUE = {
    "asked",
    "begun",
    "both",
    "came",
    "each",
    "every",
    "found",
    "given",
    "gone",
    "held",
    "hold",
    "holds",
    "kept",
    "known",
    "lying",
    "made",
    "one",
    "ones",
    "other",
    "others",
    "own",
    "rest",
    "said",
    "shown",
    "somebody",
    "stays",
    "stuff",
    "taken",
    "thing",
    "things",
    "told",
    "wanted",
    "what",
    "whatever",
    "whoever",
    "whole",
}


@cache
def classes() -> list[ast.ClassDef]:
    """All classes of the program."""
    return [node for path in MODULES.values() for node in ast.walk(parse(path)) if isinstance(node, ast.ClassDef)]


@cache
def bases() -> dict[str, list[str]]:
    return {node.name: [base.id for base in node.bases if isinstance(base, ast.Name)] for node in classes()}


def with_bases(name: str) -> Iterator[str]:
    yield name
    for base in bases().get(name, ()):
        yield from with_bases(base)


@cache
def read_by_templates() -> set[tuple[str, str]]:
    """Fields that templates read: a public interface, in which a name is kept whatever it is."""
    return set(_list_reference())


def _list_reference() -> Iterator[tuple[str, str]]:
    """Classes and their fields in the reference: a heading for each class, below it a table of its and its bases'."""
    _, *sections = (REPOSITORY / "themes/REFERENCE.md").read_text(encoding="utf-8").split("\n#### ")
    for section in sections:
        for owner in with_bases(section.split()[0]):
            yield from ((owner, name) for name in re.findall(r"^\| `([a-z_]+)` \|", section, re.MULTILINE))


METAPHORS = re.compile(
    r"\b(comes? to|came to|coming to|tells?|told|telling|lies?|lay|lying|stands?|stood|standing for|rests? (?:up)?on"
    r"|rested|resting on|asks?|asked|asking|takes? (?:it|them|\w+) for|somebody|anybody|nobody|whoever|what becomes of"
    r"|as (?:it|they) (?:was|were))\b",
    re.IGNORECASE,
)
# A first sentence is an imperative or a noun phrase.
OPENINGS = re.compile(
    r"(What|Whether|Of|So|Where|Who|Whose|How|Why|That|Which|When|If|It|They|There|As|By|From|Raised)\b"
)


def identifiers(tree: ast.Module) -> Iterator[tuple[str, int, str]]:
    """Every name that a module defines, its line, and the class of which it is a member, if it is one."""
    members = {
        id(node.target if isinstance(node, ast.AnnAssign) else node): owner.name
        for owner in ast.walk(tree)
        if isinstance(owner, ast.ClassDef)
        for node in owner.body
    }
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                yield name, node.lineno, members.get(id(node), "")
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, node.lineno, members.get(id(node), "")
            case ast.alias(asname=str(name)):
                yield name, node.lineno, ""


def is_vague(name: str, owner: str) -> bool:
    if name.strip("_").lower() not in VAGUE:
        return False
    return not any((base, name) in read_by_templates() for base in with_bases(owner))


def comments(text: str) -> Iterator[tuple[str, int]]:
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.string, token.start[0]


def faults(text: str, tree: ast.Module) -> Iterator[str]:
    """The lines of a module's text that say something in words of our own."""
    for name, line, owner in identifiers(tree):
        if is_vague(name, owner):
            yield f"{line}: {name} is the name of nothing"
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.FunctionDef | ast.ClassDef) and (docstring := ast.get_docstring(node)):
            line = node.body[0].lineno
            if opening := OPENINGS.match(docstring):
                yield f"{line}: a docstring begins with {opening[0]}"
            yield from (f"{line}: a docstring says {word[0]}" for word in METAPHORS.finditer(docstring))
    for comment, line in comments(text):
        yield from (f"{line}: a comment says {word[0]}" for word in METAPHORS.finditer(comment))


@pytest.mark.parametrize("module", MODULES)
def test_words_are_plain(module: str):
    assert list(faults(MODULES[module].read_text(encoding="utf-8"), parse(MODULES[module]))) == []


def test_no_two_classes_have_one_name():
    names = Counter(node.name for node in classes())
    assert [name for name, count in names.items() if count > 1] == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("found = 1", 1),
        ("def told(one): ...", 2),
        ("for each in (): _kept = each", 2),
        ("class BallotFile:\n    what: str\n    found: str", 1),  # templates read its `what`
        ("class Line:\n    what: str", 1),  # that of another class
        ('"""From files to months."""', 1),
        ('"""What a branch comes to."""', 2),
        ("x = 1  # whoever asks", 2),
        ('"""Return the digest of a file."""\nbranches = 1  # sorted: the order decides ties', 0),
    ],
)
def test_the_check_finds_what_it_should(text: str, count: int):
    assert len(list(faults(text, ast.parse(text)))) == count


def test_few_names_are_single_vague_words():
    """At most 5 in 1,000, those that templates read among them."""
    names = [name for path in MODULES.values() for name, *_ in identifiers(parse(path))]
    vague = [name for name in names if name.strip("_").lower() in VAGUE]
    assert 1000 * len(vague) <= 5 * len(names), Counter(vague)
