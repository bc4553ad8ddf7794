"""The picture of when cycles are open: numbers for an SVG, worked out here so that no style is needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format

from ordercycles.pictures import CycleRow

LEFT, WIDTH, ROW, TOP = 250, 1000, 30, 34
_MOST = timedelta(days=75)


@dataclass(frozen=True, slots=True)
class Bar:
    """One cycle."""

    name: str
    state: str
    x: float
    width: float
    y: int
    text_y: int


@dataclass(frozen=True, slots=True)
class Tick:
    """A day on the scale."""

    label: str
    x: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """The picture."""

    bars: list[Bar]
    ticks: list[Tick]
    now: float
    height: int
    width: int = WIDTH
    left: int = LEFT


def timeline(rows: Sequence[CycleRow], now: datetime) -> Timeline | None:
    """The dated cycles of a page; ``None`` when there is none."""
    dated = [(row, row.opens_at, row.closes_at) for row in rows]
    whole = [(row, opens, closes) for row, opens, closes in dated if opens and closes]
    if not whole:
        return None
    start = max(min([opens for _, opens, _ in whole] + [now]), now - _MOST) - timedelta(days=1)
    end = min(max([closes for _, _, closes in whole] + [now]), now + _MOST) + timedelta(days=1)
    span = (end - start).total_seconds()

    def place(at: datetime) -> float:
        share = (min(max(at, start), end) - start).total_seconds() / span
        return round(LEFT + share * (WIDTH - LEFT), 1)

    shown = [one for one in whole if one[2] > start and one[1] < end]
    bars = []
    for number, (row, opens, closes) in enumerate(shown):
        x, y = place(opens), TOP + number * ROW
        name = row.name if len(row.name) <= 34 else f"{row.name[:33]}…"
        bars.append(Bar(name, str(row.state), x, max(place(closes) - x, 4), y, y + 15))
    return Timeline(bars, _ticks(start, end, place), place(now), TOP + len(bars) * ROW + 6)


def _ticks(start: datetime, end: datetime, place: Callable[[datetime], float]) -> list[Tick]:
    days = max((end - start).days, 1)
    step = next(size for size in (1, 2, 7, 14, 28) if days / size <= 9 or size == 28)
    day = timezone.localtime(start).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    ticks = []
    while day < end:
        # A label at the very edge would be cut off.
        if LEFT + 20 <= place(day) <= WIDTH - 20:
            ticks.append(Tick(date_format(day, "j M"), place(day)))
        day += timedelta(days=step)
    return ticks
