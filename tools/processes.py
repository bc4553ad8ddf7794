"""What we need to know about processes, from procfs and prctl; standard library only."""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import signal
import sys
import time
from pathlib import Path

_PR_SET_PDEATHSIG = 1
# Loaded at import: a child that has dropped to another user may not be able to read it any more.
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(sig: int = signal.SIGTERM) -> None:
    """Have the kernel send ``sig`` to this process when its parent dies, however it dies.

    Safe as a ``preexec_fn``. On other systems than Linux it does nothing.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, sig)


def is_alive(pid: int) -> bool:
    """Whether ``pid`` still runs. A zombie (ended, not yet reaped) does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return _state(pid) not in {"Z", "X"}


def _state(pid: int) -> str:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "?"
    # The name, in brackets, may itself hold spaces and brackets.
    return stat.rpartition(")")[2].split()[0]


def working_in(folder: Path) -> list[int]:
    """The live processes whose working directory is ``folder`` (empty without procfs)."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if entry.readlink() == folder:
                found.append(int(entry.parent.name))
        except OSError:
            continue
    return [pid for pid in found if is_alive(pid)]


def wait_gone(pids: list[int], seconds: float) -> bool:
    """Wait until none of ``pids`` lives; False when some still do after ``seconds``."""
    deadline = time.monotonic() + seconds
    while any(is_alive(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
