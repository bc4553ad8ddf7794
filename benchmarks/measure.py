"""Measuring: statements counted, best of several runs, work and floor by turns so that a busy machine slows both."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import Any

from django.db import connection, transaction

#: Django's own book-keeping inside an outer transaction; at work it is BEGIN and COMMIT, which are not counted either.
_BOOK_KEEPING = ("SAVEPOINT", "RELEASE SAVEPOINT", "ROLLBACK TO SAVEPOINT")


#: The size that targets of time are for.
QUOTED = "L"

#: Seconds after which one work has been measured often enough.
LONG_ENOUGH = 15.0


class Statements:
    """Counts what goes to the database, as a wrapper around Django's ``execute``."""

    def __init__(self) -> None:
        self.texts: list[str] = []

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if not sql.startswith(_BOOK_KEEPING):
            self.texts.append(sql)
        return execute(sql, params, many, context)

    @property
    def count(self) -> int:
        """How many so far."""
        return len(self.texts)


@dataclass(frozen=True, slots=True)
class Work:
    """Something that people do, and the least that it could take.

    Attributes:
        run: does it.
        floor: fetches or writes the same rows with hand-written SQL and nothing else.
        statements_target: at most this many statements.
        ratio_target: at most this many times the floor, at size L.
        seconds_target: at most this long, at size L.
        undone: whether what it writes is rolled back after each run.
        several: done this often in one timing, because once is too short to time.
        before: makes ready, inside what is rolled back and outside what is measured.
        after: looks once, before it is rolled back, whether what was done is good; what is not ends the run.
    """

    name: str
    run: Callable[[], Any]
    floor: Callable[[], Any] | None = None
    statements_target: int | None = None
    ratio_target: float | None = None
    seconds_target: float | None = None
    undone: bool = False
    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None
    several: int = 1


@dataclass(frozen=True, slots=True)
class Record:
    """What was measured."""

    work: str
    size: str
    statements: int | None
    seconds: float
    floor_seconds: float | None
    ratio: float | None
    statements_target: int | None
    ratio_target: float | None
    seconds_target: float | None
    met: bool

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)


def warmed(work: Work) -> None:
    """Do it once, so that what is kept from the first time on is there."""
    with _around(work)():
        work.run()


def _around(work: Work) -> Callable[[], AbstractContextManager[Any]]:
    return partial(_undone, work.before) if work.undone else nullcontext


def measure(work: Work, size: str, *, runs: int) -> Record:
    """Do the work and its floor by turns, several times, and keep the best of each."""
    around = _around(work)
    with around():
        statements = statements_of(work.run)
        if work.after:
            work.after()
    seconds: list[float] = []
    floors: list[float] = []
    for _ in range(runs):
        if sum(seconds) + sum(floors) > LONG_ENOUGH:
            break
        with around():
            seconds.append(_timed(work.run, work.several))
        if work.floor:
            with around():
                floors.append(_timed(work.floor, work.several))
    return judged(work, size, statements, min(seconds), min(floors) if floors else None)


def judged(work: Work, size: str, statements: int, seconds: float, floor: float | None) -> Record:
    """The figures beside their targets. Those of time are for size L: in small networks what is fixed outweighs all."""
    if size != QUOTED:
        work = replace(work, ratio_target=None, seconds_target=None)
    ratio = seconds / floor if floor else None
    met = (
        (work.statements_target is None or statements <= work.statements_target)
        and (work.ratio_target is None or ratio is None or ratio <= work.ratio_target)
        and (work.seconds_target is None or seconds <= work.seconds_target)
    )
    return Record(
        work.name, size, statements, seconds, floor, ratio,
        work.statements_target, work.ratio_target, work.seconds_target, met,
    )  # fmt: skip


def judged_alone(work: str, size: str, seconds: float, seconds_target: float) -> Record:
    """A time with no floor and no statements of its own."""
    target = seconds_target if size == QUOTED else None
    met = target is None or seconds <= target
    return Record(work, size, None, seconds, None, None, None, None, target, met)


def statements_of(run: Callable[[], Any]) -> int:
    """How many statements a piece of work takes."""
    statements = Statements()
    with connection.execute_wrapper(statements):
        run()
    return statements.count


def clear() -> None:
    """Let no run pay for what was left over by the one before."""
    gc.collect()


def _timed(run: Callable[[], Any], several: int) -> float:
    clear()
    started = time.perf_counter()
    for _ in range(several):
        result = run()
    took = (time.perf_counter() - started) / several
    # Freed after the clock has stopped, on both sides.
    del result
    return took


@contextmanager
def _undone(before: Callable[[], None] | None) -> Iterator[None]:
    with transaction.atomic():
        if before:
            before()
        yield
        transaction.set_rollback(True)


def profiled(work: Work) -> None:
    """Print where the time goes."""
    import cProfile
    import pstats

    with _around(work)():
        profile = cProfile.Profile()
        profile.runcall(work.run)
    print(f"== {work.name}")
    pstats.Stats(profile).sort_stats("tottime").print_stats(25)
