"""Files as an editor takes them: YAML 1.2, in which 2026-03-05 is a text, 2026 a number and true a truth value."""

import re
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

import fastjsonschema
import yaml

from generator.intake.files import schemas


class CoreLoader(yaml.SafeLoader):
    """A loader by the core schema of YAML 1.2."""

    yaml_implicit_resolvers: Mapping[str, object] = {}


for kind, pattern, signs in (
    ("null", r"|~|null|Null|NULL", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?", list("-+0123456789.")),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(f"^(?:{pattern})$"), signs)
# An editor's 0123 is 123, that of YAML 1.1 an octal number.
CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(loader.construct_scalar(node)))


@cache
def validator_of(kind: str) -> Callable[[object], object]:
    """Return what raises an error for what is not of the shape of a kind."""
    return fastjsonschema.compile(schemas.build_schema(kind))


def kind_of(file: str) -> str:
    """Return the kind of a file by its path in a site project; empty if there is none."""
    kinds = [name for name, kind in schemas.KINDS.items() if fnmatchcase(file, kind.paths.replace("**/", "*"))]
    return kinds[-1] if kinds else ""


def find_fault(file: str, text: str) -> str:
    """Return what an editor would mark in a file; empty if nothing."""
    if file.endswith(".md"):
        text = text.split("---\n")[1]
    data: Any = yaml.load(text, CoreLoader)
    try:
        validator_of(kind_of(file))(data)
    except fastjsonschema.JsonSchemaException as fault:
        return str(fault)
    return ""
