"""The figures as a table and as a file."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from benchmarks.measure import Record

HEAD = ("work", "size", "statements", "time", "floor", "ratio", "met")
FORM = "{:<43} {:>4} {:>11} {:>20} {:>11} {:>12}  {}"


def table(records: Iterable[Record]) -> str:
    """For people."""
    return "\n".join([FORM.format(*HEAD), *(row(record) for record in records)])


def row(record: Record) -> str:
    """One line of the table."""
    return FORM.format(
        record.work,
        record.size,
        "-" if record.statements is None else _beside(str(record.statements), record.statements_target),
        _time(record.seconds) + (f" (≤ {record.seconds_target * 1000:g})" if record.seconds_target else ""),
        _time(record.floor_seconds),
        _beside("-" if record.ratio is None else f"{record.ratio:.2f}", record.ratio_target),
        "yes" if record.met else "NO",
    )


def _beside(value: str, target: float | None) -> str:
    return value if target is None else f"{value} (≤ {target:g})"


def _time(seconds: float | None) -> str:
    return "-" if seconds is None else f"{seconds * 1000:,.1f} ms"


def write(records: Iterable[Record], path: Path) -> None:
    """For programs."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([record.as_dict() for record in records], indent=2) + "\n", encoding="utf-8")
