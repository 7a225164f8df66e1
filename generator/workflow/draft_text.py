"""Write drafts of ledgers and corrections as a person would: a key a line, a line of the ledger as a list item."""

from collections.abc import Iterator, Mapping, Sequence

from generator.core.sealing.canonical import PlainData
from generator.workflow.record_text import inline_yaml


def format_draft(data: Mapping[str, PlainData], comments: str = "") -> str:
    """Return the text of a ledger or correction, after comments that it begins with."""
    return comments + "".join(f"{line}\n" for key, value in data.items() for line in _format_field(key, value))


def _format_field(key: str, value: PlainData) -> Iterator[str]:
    if isinstance(value, Mapping):  # lines by their labels
        yield f"{key}:"
        for label, line in value.items():
            yield f"  {label}:"
            assert isinstance(line, Mapping)
            yield from (f"    {name}: {inline_yaml(field)}" for name, field in line.items())
    elif lines := _list_lines(value):
        yield f"{key}:"
        for line in lines:
            marks = ["- ", *["  "] * (len(line) - 1)]
            yield from (
                f"  {mark}{name}: {inline_yaml(field)}" for mark, (name, field) in zip(marks, line.items(), strict=True)
            )
    else:
        yield f"{key}: {inline_yaml(value)}"


def _list_lines(value: PlainData) -> Sequence[Mapping[str, PlainData]]:
    """Return the lines of a list of lines; none of any other value."""
    if isinstance(value, str | bool | None | Mapping):
        return ()
    lines = [line for line in value if isinstance(line, Mapping)]
    return lines if len(lines) == len(value) else ()


def read_leading_comments(text: str) -> str:
    """Return the lines of comments with which a text begins."""
    lines = text.removeprefix("\ufeff").splitlines()
    count = next((number for number, line in enumerate(lines) if line.strip() and not line.startswith("#")), 0)
    return "".join(f"{line}\n" for line in lines[:count])
