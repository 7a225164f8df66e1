"""The tests, and each program that they start, keep what Python compiles: the next one need not compile it again."""

import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
