"""The colours that a project's theme lends the desk: its palette alone, and only where all can still be made out."""

from collections.abc import Iterator, Mapping

from generator.core.model import palette
from generator.core.model.palette import Palette
from generator.loader import load
from generator.loader.load import LoadedProject

# By the variables of the desk's style sheet.
_ROLES = {
    "ink": "ink",
    "paper": "paper",
    "soft": "tint",
    "line": "strong",
    "main": "red",
    "fault": "red",
    "faint": "soft",
}
_SIGNALS = {"light": {"good": "#1c6b3c", "wait": "#8a5300"}, "dark": {"good": "#7ecb9a", "wait": "#e8b45e"}}
_NEEDED = 4.5  # of text, as WCAG has it


def format_theme_colours(loaded: LoadedProject) -> str:
    """Return the rules that colour the desk as the site is; none for a theme of the program, or without contrast."""
    layers, _ = load.load_theme_layers(loaded.project, loaded.settings)
    own_layers = [layer for layer in layers if not loaded.project.is_shipped(layer) and layer.colours]
    colours = palette.combine_colours(layer.colours for layer in layers)
    if not own_layers or any(palette.find_weak_contrasts(colours)):
        return ""
    light, dark = (_format_medium(colours, medium) for medium in ("light", "dark"))
    return f":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n"


def _format_medium(colours: Palette, medium: str) -> str:
    values = {name: colours[medium, role].value for name, role in _ROLES.items() if (medium, role) in colours}
    return " ".join(f"--{name}: {value};" for name, value in {**values, **dict(_list_signals(values, medium))}.items())


def _list_signals(values: Mapping[str, str], medium: str) -> Iterator[tuple[str, str]]:
    """Yield the colours of states, or that of text where one could not be made out on the theme's ground."""
    for name, value in _SIGNALS[medium].items():
        grounds = [values[ground] for ground in ("paper", "soft") if ground in values]
        if "ink" in values and any(palette.measure_contrast(value, ground) < _NEEDED for ground in grounds):
            yield name, values["ink"]
