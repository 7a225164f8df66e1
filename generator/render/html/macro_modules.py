"""Macros that pages use in turn: to define those of a theme takes longer than to draw many a page."""

from typing import Any

from jinja2.environment import TemplateModule
from jinja2.runtime import Context


class MacroModule:
    """The macros of a template that has nothing else, for one import at a time.

    A macro looks up a page's data in its context only when it is called, so that another page's can take their place.
    The module goes back to ``spare_modules`` at the end of the page.
    """

    def __init__(self, module: TemplateModule, contexts: list[Context], spare_modules: "list[MacroModule]") -> None:
        self.module = module
        self.contexts = contexts
        self._spare_modules = spare_modules

    def lend(self, names: dict[str, Any]) -> None:
        """Let the macros look up names of a page."""
        for context in self.contexts:
            context.parent = names

    def give_back(self) -> None:
        """Let go of the page."""
        self.lend({})
        self._spare_modules.append(self)


def add_names_below(module: TemplateModule, below: TemplateModule) -> None:
    """Add the names of a template's namesake in the themes below, where it has none of its own."""
    for name, value in below.__dict__.items():
        module.__dict__.setdefault(name, value)
