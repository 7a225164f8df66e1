"""Contrast of a theme's colours: the ratio that WCAG defines, and colours that readers could not make out."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.model.palette import combine_colours, find_weak_contrasts, measure_contrast
from generator.problems import Location
from generator.project import ThemeColour

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
PLAIN = {"paper": "#ffffff", "sheet": "#ffffff", "tint": "#eeeeee", "ink": "#000000", "strong": "#000000"}


def colours(medium: str, **values: str) -> list[ThemeColour]:
    return [ThemeColour(medium, role, value, Location("theme.yaml")) for role, value in values.items()]


@pytest.mark.parametrize(
    ("first", "second", "ratio"),
    [  # as the checkers of the trade give them
        ("#000000", "#ffffff", "21.00"),
        ("#777777", "#ffffff", "4.48"),
        ("#767676", "#ffffff", "4.54"),
        ("#ff0000", "#ffffff", "4.00"),
        ("#0000ff", "#ffffff", "8.59"),
        ("#00ff00", "#ffffff", "1.37"),
        ("#a61b1b", "#fdfcfa", "7.33"),
        ("#123456", "#123456", "1.00"),
    ],
)
def test_contrast_is_that_of_the_guidelines(first: str, second: str, ratio: str):
    assert measure_contrast(first, second).quantize(Decimal("0.01")) == Decimal(ratio)
    assert measure_contrast(second, first) == measure_contrast(first, second)


@pytest.mark.parametrize(
    ("values", "weak"),
    [
        (PLAIN, []),
        ({**PLAIN, "ink": "#777777"}, ["ink on tint"]),  # the worst of three grounds
        ({**PLAIN, "soft": "#767676", "tint": "#ffffff"}, []),
        ({**PLAIN, "soft": "#777777", "tint": "#ffffff"}, ["soft on paper"]),
        ({**PLAIN, "strong": "#949494"}, []),  # 3.03: enough for what is no text
        ({**PLAIN, "strong": "#969696"}, ["strong on paper"]),
        ({**PLAIN, "bar": "#cccccc"}, ["bar on paper"]),
        ({**PLAIN, "line1": "#767676", "line6": "#cccccc"}, ["line6 on paper"]),
        ({**PLAIN, "rule": "#eeeeee", "track": "#eeeeee"}, []),  # ornaments
        ({"ink": "#777777"}, []),  # on nothing that is known
    ],
)
@pytest.mark.parametrize("medium", ["light", "dark", "print"])
def test_text_needs_more_contrast_than_drawings(medium: str, values: dict[str, str], weak: list[str]):
    found = find_weak_contrasts(combine_colours([colours(medium, **values)]))
    assert [f"{problem.colour.role} on {problem.ground.role}" for problem in found] == weak


def test_media_are_measured_by_themselves():
    dark_ink = colours("light", paper="#ffffff", ink="#000000") + colours("dark", paper="#000000", ink="#111111")
    assert [problem.colour.medium for problem in find_weak_contrasts(combine_colours([dark_ink]))] == ["dark"]


def test_the_first_theme_of_a_chain_decides_role_by_role():
    palette = combine_colours([colours("light", ink="#000001"), [], colours("light", ink="#000002", link="#000003")])
    assert {role: colour.value for (_, role), colour in palette.items()} == {"ink": "#000001", "link": "#000003"}


@given(paper=COLOURS, sheet=COLOURS, ink=COLOURS)
def test_a_better_colour_is_one_that_can_be_read(paper: str, sheet: str, ink: str):
    for weak in find_weak_contrasts(combine_colours([colours("light", paper=paper, sheet=sheet, ink=ink)])):
        assert weak.ratio == min(measure_contrast(ink, ground) for ground in (paper, sheet)) < Decimal("4.5")
        ends = [
            all(measure_contrast(end, ground) >= weak.needed for ground in (paper, sheet))
            for end in ("#000000", "#ffffff")
        ]
        assert weak.better or not any(ends)  # a grey between them may do where neither does
        if weak.better:
            mended = colours("light", paper=paper, sheet=sheet, ink=weak.better)
            assert list(find_weak_contrasts(combine_colours([mended]))) == []
