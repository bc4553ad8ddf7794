"""Room for the frames of Python's calls, taken once for a request instead of again and again in it.

CPython keeps the frames of calls in pieces of 16 KiB. It fetches a piece from the system when a call needs one more,
and gives it back as soon as that call returns: code that goes to and fro across the end of a piece does that at every
call. The frames of one request of ours fill some ten pieces, and it was seen to fetch and return a few hundred, each
time with new pages to be cleared: a sixth of its time. A call whose own frame is larger than a piece gets a piece made
to its size, rounded up to a power of two; what it calls finds room in the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

R = TypeVar("R")

#: Places on the stack of ``in_one_piece``, eight bytes each: a little over 512 KiB, so that the piece has 1 MiB. Only
#: the pages that are written to take memory.
PLACES = 66_000


def in_one_piece(call: Callable[[], R]) -> R:
    """What ``call`` returns, or raises, from a place with room for the frames of what it calls: about 500 KiB."""
    return call()


in_one_piece.__code__ = in_one_piece.__code__.replace(co_stacksize=PLACES)
