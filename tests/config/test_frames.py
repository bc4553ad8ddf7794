"""Room for the frames of calls."""

from __future__ import annotations

import subprocess
import sys

import pytest

from config.frames import in_one_piece

#: Goes to and fro at every depth, and says how many pages the system had to find for that.
TO_AND_FRO = """
import resource
from config.frames import in_one_piece

def nothing(a=0, b=0, c=0, d=0, e=0, f=0, g=0, h=0):
    return None

def down(depth):
    for _ in range(2000):
        nothing()
    if depth:
        down(depth - 1)

def pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    down(300)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

pages()
print({how})
"""


def found(how: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", TO_AND_FRO.replace("{how}", how)], check=True, capture_output=True, text=True
    )
    return int(done.stdout)


def test_what_is_called_in_it_finds_its_room_once() -> None:
    assert found("in_one_piece(pages)") <= 40


def test_it_returns_and_raises_what_the_call_does() -> None:
    def fail() -> None:
        raise LookupError("nothing there")

    assert in_one_piece(lambda: 7) == 7
    with pytest.raises(LookupError, match="nothing there"):
        in_one_piece(fail)


def test_it_can_be_asked_within_itself() -> None:
    assert in_one_piece(lambda: in_one_piece(lambda: 7)) == 7
