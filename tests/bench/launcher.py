"""Run one command and tell as JSON what it took: ``python -I -S launcher.py LOG WORDS…``.

A process of its own, as small as can be: a child's peak memory starts from what its parent held when it was made.
"""

import json
import os
import sys
import threading
import time

PAUSE = 0.05


def watch(child: str, peaks: dict[str, int]) -> None:
    """Note again and again how much memory the child and each process that it started has had, by number of process."""
    while os.access(f"/proc/{child}", os.F_OK):
        numbers = [child]
        for number in numbers:
            try:
                with open(f"/proc/{number}/status") as status:  # noqa: PTH123  pathlib would make this larger
                    high = next(line for line in status if line.startswith("VmHWM"))
                with open(f"/proc/{number}/task/{number}/children") as children:  # noqa: PTH123
                    numbers += children.read().split()
            except (OSError, StopIteration):  # it has ended
                continue
            peaks[number] = 1024 * int(high.split()[1])
        time.sleep(PAUSE)


def main(log: str, words: list[str]) -> None:
    """What the command says goes to the log."""
    to = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    streams = [(os.POSIX_SPAWN_DUP2, to, 1), (os.POSIX_SPAWN_DUP2, to, 2)]
    peaks: dict[str, int] = {}
    start = time.perf_counter()
    child = os.posix_spawnp(words[0], words, os.environ, file_actions=streams)
    threading.Thread(target=watch, args=(str(child), peaks), daemon=True).start()
    _, status, used = os.wait4(child, 0)
    wall = time.perf_counter() - start
    kilo = 1 if sys.platform == "darwin" else 1024
    took = {"wall": wall, "cpu": used.ru_utime + used.ru_stime, "memory": used.ru_maxrss * kilo}
    took["others"] = sorted(peaks.values(), reverse=True)[1:]
    print(json.dumps({"exit": os.waitstatus_to_exitcode(status), **took}))  # noqa: T201  its answer


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
