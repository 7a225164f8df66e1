"""Run one command and tell as JSON what it took: ``python -I -S launcher.py LOG WORDS…``.

A process of its own, as small as can be: a child's peak memory starts from what its parent held when it was made.
"""

import json
import os
import sys
import time


def main(log: str, words: list[str]) -> None:
    """What the command says goes to the log."""
    to = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    streams = [(os.POSIX_SPAWN_DUP2, to, 1), (os.POSIX_SPAWN_DUP2, to, 2)]
    start = time.perf_counter()
    child = os.posix_spawnp(words[0], words, os.environ, file_actions=streams)
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - start
    kilo = 1 if sys.platform == "darwin" else 1024
    took = {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss * kilo}
    print(json.dumps({"exit": os.waitstatus_to_exitcode(status), **took}))  # noqa: T201  its answer


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
