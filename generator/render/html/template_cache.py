"""Cache of compiled templates, in the folder of the compiled program.

Python does not check the code in that folder either: anyone who can write there can change the program itself. Nothing
is cached where Python is set to write no compiled code.
"""

import hashlib
import io
import os
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path

import jinja2
from jinja2.bccache import Bucket, BytecodeCache

from generator.disk import locked_files

_HERE = Path(__file__).parent


class CompiledTemplates(BytecodeCache):
    """One file for each template, by its name, its text and the source of its compiler."""

    def __init__(self, folder: Path = _HERE / "__pycache__") -> None:
        self.folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load the code if it is there, whole, and of this text."""
        # Jinja checks no digest, and marshal may crash Python on a damaged file.
        with suppress(OSError):
            digest, _, raw = self._path(bucket).read_bytes().partition(b"\n")
            if digest.decode(errors="replace") == hashlib.sha256(raw).hexdigest():
                bucket.load_bytecode(io.BytesIO(raw))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Save the code, if it may be written anywhere."""
        if sys.dont_write_bytecode:
            return
        stream = io.BytesIO()
        bucket.write_bytecode(stream)
        raw, path = stream.getvalue(), self._path(bucket)
        # By process, as workers compile the same templates at the same time.
        temporary = path.with_name(f"{path.name}.{os.getpid()}")
        with suppress(OSError):  # the program may be installed where its user can't write
            path.parent.mkdir(exist_ok=True)
            with locked_files.open_to_write(temporary, path) as file:
                file.write(hashlib.sha256(raw).hexdigest().encode() + b"\n" + raw)
            locked_files.replace_file(temporary, path)

    def _path(self, bucket: Bucket) -> Path:
        key = hashlib.sha256(f"{bucket.key} {bucket.checksum} {_compiler_digest()}".encode()).hexdigest()
        return self.folder / f"template-{key[:32]}.{sys.implementation.cache_tag}.pyc"


@cache
def _compiler_digest() -> str:
    """Return a digest of all that compiles a template: this package, whose filters are applied to constants, and Jinja.

    Jinja's version would be shorter, but importlib.metadata takes ten times as long to import as all this to read.
    """
    folders = (_HERE, Path(jinja2.__file__).parent)
    texts = [path.read_bytes() for folder in folders for path in sorted(folder.glob("*.py"))]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()
