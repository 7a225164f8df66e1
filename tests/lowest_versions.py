"""The lowest version of each library that the program may run with, as constraints of pip: ``make lowest``."""

import re
import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).parent.parent / "pyproject.toml"


def main() -> None:
    project = tomllib.loads(PYPROJECT.read_text(encoding="utf-8"))["project"]
    for dependency in project["dependencies"]:
        sys.stdout.write(re.sub(r">=([\w.]+).*", r"==\1", dependency) + "\n")


if __name__ == "__main__":
    main()
