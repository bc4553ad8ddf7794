"""CSV that a spreadsheet opens as text: a cell that it would take for a formula begins with an apostrophe.

Reversible: ``plain(safe(text)) == text`` for every text, so that what was exported can be read in again unchanged.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

#: What spreadsheets take for the beginning of a formula (OWASP: CSV injection).
_BEGINNINGS: Final = ("=", "+", "-", "@", "\t", "\r")
#: An apostrophe before one of them, or before another apostrophe, was put there by us.
_MARK: Final = "'"


def safe(value: Any) -> str:
    """A value as the text of a cell that runs nothing."""
    text = "" if value is None else str(value)
    return f"{_MARK}{text}" if _is_doubtful(text) else text


def plain(text: str) -> str:
    """The text that a cell held before ``safe``."""
    return text[1:] if text.startswith(_MARK) and _is_doubtful(text[1:]) else text


def _is_doubtful(text: str) -> bool:
    # A text that already looks marked is marked once more: otherwise reading it back would take its own mark away.
    return text.lstrip(_MARK).startswith(_BEGINNINGS)


def rows(columns: Sequence[str], values: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The lines of a CSV file, the heading first, each with its line end. For streaming."""
    yield _line(columns)
    for one in values:
        yield _line([safe(_flat(one.get(column))) for column in columns])


def text(columns: Sequence[str], values: Iterable[Mapping[str, Any]]) -> str:
    """The whole file."""
    return "".join(rows(columns, values))


def read(content: str) -> list[dict[str, str]]:
    """What ``text`` wrote, with every cell as it was."""
    return [
        {name: plain(cell or "") for name, cell in row.items() if name is not None}
        for row in csv.DictReader(io.StringIO(content, newline=""))
    ]


def _flat(value: Any) -> Any:
    """Several things in one cell."""
    if isinstance(value, list | tuple | set | frozenset):
        return "; ".join(str(one) for one in value)
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {one}" for name, one in value.items())
    return value


def _line(cells: Sequence[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue()
