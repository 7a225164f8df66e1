"""Compiled templates, kept where Python keeps the compiled program: who can write there can change the program itself.

Python does not check what it finds there either. Nothing is kept where Python was told to keep nothing.
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

_HERE = Path(__file__).parent


class CompiledTemplates(BytecodeCache):
    """One file for each template, by its name, its text and what compiles it."""

    def __init__(self, folder: Path = _HERE / "__pycache__") -> None:
        self.folder = folder

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take the code if it is there, whole, and of this text."""
        with suppress(OSError):
            digest, _, raw = self._path(bucket).read_bytes().partition(b"\n")
            if digest.decode(errors="replace") == hashlib.sha256(raw).hexdigest():
                bucket.load_bytecode(io.BytesIO(raw))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code, if there is a place for it."""
        if sys.dont_write_bytecode:
            return
        stream = io.BytesIO()
        bucket.write_bytecode(stream)
        raw, path = stream.getvalue(), self._path(bucket)
        beside = path.with_name(f"{path.name}.{os.getpid()}")
        with suppress(OSError):
            path.parent.mkdir(exist_ok=True)
            beside.write_bytes(hashlib.sha256(raw).hexdigest().encode() + b"\n" + raw)
            beside.replace(path)

    def _path(self, bucket: Bucket) -> Path:
        key = hashlib.sha256(f"{bucket.key} {bucket.checksum} {_compiler()}".encode()).hexdigest()
        return self.folder / f"template-{key[:32]}.{sys.implementation.cache_tag}.pyc"


@cache
def _compiler() -> str:
    """What makes code of a text: this package, whose filters are applied to constants, and Jinja itself.

    Its version would be shorter, but importlib.metadata takes ten times as long to import as all this to read.
    """
    folders = (_HERE, Path(jinja2.__file__).parent)
    texts = [path.read_bytes() for folder in folders for path in sorted(folder.glob("*.py"))]
    return hashlib.sha256(b"\0".join(texts)).hexdigest()
