"""The cache by itself: what it gives back, what it takes for absent, and what it deletes."""

import os
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec import Struct

from generator.build.cache import Cache, digest_parts, digest_value
from generator.build.cache_secret import Secret
from generator.core.basics.periods import Period
from tests.site_project import period


class Entry(Struct, frozen=True):
    """Values of all kinds that entries have."""

    name: str
    month: Period
    day: date
    points: Decimal
    parts: tuple[tuple[str, int], ...]


ENTRY = Entry("甲", period("2026-03"), date(2026, 4, 2), Decimal("1.50"), (("a", 1), ("b", 2)))
KEY = digest_parts("key")
SECRET = Secret.make_random()


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / ".jifenbang/cache", SECRET)


def lying(cache: Cache) -> set[str]:
    return {path.name for path in cache.folder.rglob("*") if path.is_file()}


def test_what_was_put_is_given_back(cache: Cache):
    cache.put(KEY, ENTRY)
    assert cache.get(KEY, Entry) == ENTRY
    assert Cache(cache.folder, SECRET).get(KEY, Entry) == ENTRY
    assert cache.get(digest_parts("other"), Entry) is None
    assert cache.get(KEY, dict[str, int]) is None
    assert lying(cache) == {KEY}


def test_entries_are_for_nobody_else_to_read(cache: Cache):
    cache.put(KEY, ENTRY)
    assert cache.folder.parent.stat().st_mode & 0o077 == 0


def test_a_digest_is_of_all_parts_and_fields():
    assert len({digest_parts(*parts) for parts in (["a", "b"], ["ab"], ["b", "a"], ["a"], ["a", "b", ""])}) == 5
    assert digest_value(ENTRY) == digest_value(Entry(*(getattr(ENTRY, name) for name in ENTRY.__struct_fields__)))
    assert digest_value(ENTRY) != digest_value(Entry("乙", *(getattr(ENTRY, n) for n in ENTRY.__struct_fields__[1:])))


@pytest.mark.parametrize("value", [10**30, "\ud800"], ids=["too large", "no text"])
def test_a_value_that_can_not_be_written_is_not(cache: Cache, value: object):
    cache.put(KEY, value)
    assert lying(cache) == set()


def generation(cache: Cache, number: int) -> Cache:
    """A run that needs three entries of its own, and leaves them older than those of the next."""
    run = Cache(cache.folder, SECRET)
    for name in "abc":
        key = digest_parts(name, str(number))
        run.put(key, number)
        os.utime(run.folder / key[:2] / key, ns=(number, number))
    return run


def test_an_edit_that_is_undone_finds_its_results_again(cache: Cache):
    """Of the last four generations all is there, and of the one before nothing."""
    keys = [digest_parts(name, str(number)) for number in range(5) for name in "abc"]
    for number in range(4):
        generation(cache, number).prune()
    assert lying(cache) == set(keys[:12])
    generation(cache, 4).prune()
    assert lying(cache) == set(keys[3:])


def test_what_a_run_needs_stays_however_old(cache: Cache):
    for number in range(5):
        generation(cache, number)
    run = Cache(cache.folder, SECRET)
    assert run.get(digest_parts("a", "0"), int) == 0
    run.prune()
    newest = {digest_parts(name, "4") for name in "abc"}
    assert lying(cache) == {digest_parts("a", "0"), *newest}
