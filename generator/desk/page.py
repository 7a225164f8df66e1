"""A page of the desk: its template, its title, and what it shows."""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct


class DeskPage(Struct, frozen=True):
    """A page to be drawn."""

    template: str
    title: str
    data: Mapping[str, Any] = {}


class PageError(Exception):
    """An address that leads nowhere."""
