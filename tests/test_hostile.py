"""Whatever is in a file, the answer is a value or a problem with its place, never a traceback."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.core import rules
from generator.core.resolution import Setting
from generator.core.settings import Order
from generator.intake import contents, ledgers, rosters, rulebooks
from generator.problems import Problem
from tests.organ import REPOSITORY, TODAY, period

LEDGER = "ledgers/2026/fourth/05.yaml"
FILES = {
    "ledgers/2026/first/03.yaml": "ledger",
    LEDGER: "ledger",
    "ledgers/roster.yaml": "roster",
    "ledgers/rulebooks/erqi-2021.yaml": "rulebook",
    "content/site.yaml": "settings",
    "content/pages/about.md": "article",
}
BITS = [
    "\t",
    ":",
    "-",
    "[",
    "]",
    "{",
    "}",
    '"',
    "'",
    "\n",
    "\r\n",
    "&a",
    "*a",
    "!!python/object",
    "<<:",
    "~",
    "null",
    "：",
    "、",
    "\u202e\x00",
    "9999-12-31",
    "---",
    "...",
    "#",
    "|",
    ">",
    "%",
    "@",
    "1e9",
    "1",
]


def _bytes(name: str) -> bytes:
    return Path(REPOSITORY, name).read_bytes()


def _setting() -> Setting:
    roster, _ = rosters.read(_bytes("ledgers/roster.yaml"), "ledgers/roster.yaml", Order.PINYIN)
    rulebook, _ = rulebooks.read(_bytes("ledgers/rulebooks/erqi-2021.yaml"), "ledgers/rulebooks/erqi-2021.yaml")
    assert roster is not None
    assert rulebook is not None
    return Setting(roster, rulebook, "fourth", period("2026-05"), TODAY)


SETTING = _setting()


def read(kind: str, raw: bytes, name: str) -> list[Problem]:
    """Read a file as the program does and, if it is a ledger, apply every rule."""
    if kind == "roster":
        return rosters.read(raw, name, Order.PINYIN)[1]
    if kind == "rulebook":
        return rulebooks.read(raw, name)[1]
    if kind == "settings":
        return contents.read_settings(raw, name)[1]
    if kind == "article":
        return contents.read_article(raw, name)[1]
    ledger, problems, _ = ledgers.read(raw, name)
    return problems + (rules.validate(ledger, SETTING)[1] if ledger else [])


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_file_is_a_value_or_a_problem(name: str, data: st.DataObject):
    raw = _bytes(name)
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(raw)))
        gone = data.draw(st.integers(0, 30))
        raw = raw[:start] + data.draw(st.sampled_from(BITS)).encode() + raw[start + gone :]
    lines = raw.count(b"\n") + raw.count(b"\r") + 1
    for problem in read(FILES[name], raw, name):
        assert problem.where.file == name
        assert 1 <= problem.where.line <= lines
        assert problem.where.column >= 1
        assert problem.message
        assert problem.hint


@settings(max_examples=60, deadline=None)
@given(raw=st.binary(max_size=300))
def test_any_bytes_at_all(raw: bytes):
    for name, kind in FILES.items():
        read(kind, raw, name)


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [*a, *a]\n",
        "[" * 100_000,
        "{a: " * 50_000,
        "a: " + "长" * 1_000_000,
        "!!python/object/apply:os.system ['true']\n",
        "<<: {branch: first}\n",
        "- " * 50_000,
    ],
    ids=["anchors", "brackets", "braces", "long scalar", "python object", "merge key", "dashes"],
)
def test_hostile_yaml_is_refused(text: str):
    assert read("ledger", text.encode(), LEDGER)
