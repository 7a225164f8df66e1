"""What a template may fill: no more than a bound, and all that stays below it."""

import pytest

from generator.render.html import template_bounds
from generator.render.html.template_bounds import MAX_SIZE


@pytest.mark.parametrize("values", [("x" * MAX_SIZE, "xx", "yy"), ("x" * MAX_SIZE, "x"), ("x", "x", "y" * MAX_SIZE)])
def test_a_replacement_that_stays_small_is_let_through(values: tuple[str, ...]):
    template_bounds._check_replacement(values)  # noqa: SLF001
    with pytest.raises(template_bounds.TooLargeError):
        template_bounds._check_replacement(("xx", "x", "y" * MAX_SIZE))  # noqa: SLF001


def test_a_filter_takes_a_step_for_each_hundred_characters_and_for_each_item():
    sandbox = template_bounds.BoundedSandbox()
    sandbox.filters["capitalize"]("x" * 10_100)
    assert sandbox.max_steps - sandbox.steps_left == 1 + 101
