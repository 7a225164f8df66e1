"""What the words of a form mean."""

from types import SimpleNamespace

import pytest

from generator.core.ledgers import plain_lines


@pytest.mark.parametrize(("word", "level"), [("a", "joined"), ("b", "won"), ("won", "won"), ("c", "c")])
def test_a_level_is_that_of_the_id_or_title(word: str, level: str):
    levels = [SimpleNamespace(id="won", title="b"), SimpleNamespace(id="joined", title="a")]
    context = SimpleNamespace(rulebook=SimpleNamespace(item={"contest": SimpleNamespace(levels=levels)}))
    assert plain_lines.find_level_id("contest", word, context) == level
