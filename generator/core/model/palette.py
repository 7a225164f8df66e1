"""The colours of a theme by medium and role, and the contrast without which readers could not make them out."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cache
from types import MappingProxyType

from msgspec import Struct

from generator.project import ThemeColour

MEDIA = MappingProxyType({"light": "浅色", "dark": "深色", "print": "打印"})
_LINES = tuple(f"line{number}" for number in range(1, 7))  # of branches over time
ROLES = MappingProxyType(
    {
        "paper": "页面底色",
        "sheet": "方框底色",
        "tint": "衬底",
        "ink": "文字",
        "soft": "次要文字",
        "link": "链接",
        "red": "强调",
        "strong": "粗线和边框",
        "rule": "细线",
        "bar": "图形",
        "track": "图形的底",
        **{line: f"走势图第 {number} 种线" for number, line in enumerate(_LINES, start=1)},
    }
)

# WCAG 2.2: 1.4.3 for text, 1.4.11 for what has to be seen of a drawing or a control. Hairlines and the ground of a
# drawing need none: words beside them say the same.
_TEXT, _GRAPHICS = Decimal("4.5"), Decimal(3)
_NEEDED = {
    **dict.fromkeys(("ink", "soft", "link", "red"), (_TEXT, ("paper", "sheet", "tint"))),
    **dict.fromkeys(("strong", "bar", *_LINES), (_GRAPHICS, ("paper", "sheet"))),
}

Palette = Mapping[tuple[str, str], ThemeColour]


class WeakContrast(Struct, frozen=True):
    """A colour too close to the ``ground`` on which it is seen, the worst of several, and the ratio that it needs.

    ``better`` is the nearest colour of its hue that would do on every ground; empty if there is none.
    """

    colour: ThemeColour
    ground: ThemeColour
    ratio: Decimal
    needed: Decimal
    better: str


def combine_colours(layers: Iterable[Iterable[ThemeColour]]) -> Palette:
    """Return the colours of themes, of which the first goes before those after it, by medium and role."""
    palette: dict[tuple[str, str], ThemeColour] = {}
    for colours in layers:
        for colour in colours:
            palette.setdefault((colour.medium, colour.role), colour)
    return palette


def find_weak_contrasts(palette: Palette) -> Iterator[WeakContrast]:
    """Yield each colour that is too close to one of its grounds."""
    for medium in MEDIA:
        for role, (needed, ground_roles) in _NEEDED.items():
            colour = palette.get((medium, role))
            grounds = [palette[medium, ground] for ground in ground_roles if (medium, ground) in palette]
            weak = _find_weak_contrast(colour, grounds, needed) if colour and grounds else None
            if weak:
                yield weak


def _find_weak_contrast(colour: ThemeColour, grounds: Sequence[ThemeColour], needed: Decimal) -> WeakContrast | None:
    ratios = [measure_contrast(colour.value, ground.value) for ground in grounds]
    if min(ratios) >= needed:
        return None
    worst = grounds[ratios.index(min(ratios))]
    better = _find_better(colour.value, [ground.value for ground in grounds], needed)
    return WeakContrast(colour, worst, min(ratios), needed, better)


def measure_contrast(first: str, second: str) -> Decimal:
    """Return the contrast of two colours ``#rrggbb``, from 1 to 21, as WCAG defines it."""
    darker, lighter = sorted((_measure_luminance(first), _measure_luminance(second)))
    return (lighter + _FLARE) / (darker + _FLARE)


_FLARE = Decimal("0.05")
_LUMINANCE_WEIGHTS = (Decimal("0.2126"), Decimal("0.7152"), Decimal("0.0722"))  # of red, green and blue


def _measure_luminance(value: str) -> Decimal:
    parts = map(_linearize, _split(value))
    return sum((weight * part for weight, part in zip(_LUMINANCE_WEIGHTS, parts, strict=True)), Decimal(0))


@cache
def _linearize(number: int) -> Decimal:
    # A power of decimals takes longer than all the rest of a comparison, and there are 256 of them.
    part = Decimal(number) / 255
    if part <= Decimal("0.04045"):
        return part / Decimal("12.92")
    return ((part + Decimal("0.055")) / Decimal("1.055")) ** Decimal("2.4")


def _split(value: str) -> tuple[int, int, int]:
    return int(value[1:3], 16), int(value[3:5], 16), int(value[5:7], 16)


_STEPS = 50  # from a colour to black or white


def _find_better(value: str, grounds: Sequence[str], needed: Decimal) -> str:
    """Return the colour nearest to another, on its way to black or white, that has the contrast on all grounds."""
    for step in range(1, _STEPS + 1):
        for end in (0, 255):
            parts = [part + (end - part) * step // _STEPS for part in _split(value)]
            better = "#{:02x}{:02x}{:02x}".format(*parts)
            if all(measure_contrast(better, ground) >= needed for ground in grounds):
                return better
    return ""
