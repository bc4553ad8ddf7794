"""Reading a list of people to invite: pasted lines, or CSV with a heading."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.csv import plain

_ADDRESS = re.compile(r"[^\s<>,;\"]+@[^\s<>,;\"]+")
#: Headings by what they are called here.
COLUMNS = {
    "email": "email",
    "e-mail": "email",
    "mail": "email",
    "name": "name",
    "role": "role",
    "units": "units",
    "unit": "units",
}


@dataclass(frozen=True)
class Line:
    """Somebody in a list; role and units by their names, empty where the list says nothing."""

    email: str
    name: str = ""
    role: str = ""
    units: tuple[str, ...] = ()
    problem: str = ""


def read(text: str) -> list[Line]:
    """Everybody in a list.

    Lines such as ``anna@farm.example``, ``Anna Ash <anna@farm.example>`` or ``anna@farm.example, Anna Ash``; or a
    table whose heading has a column ``email``, and may have ``name``, ``role`` and ``units`` (separated by ``;``).
    """
    lines = [line for line in text.lstrip("\ufeff").replace("\x00", "").splitlines() if line.strip()]
    if not lines:
        return []
    cells = next(csv.reader([lines[0]], delimiter=_delimiter(lines[0])))
    heading = [COLUMNS.get(cell.strip().lower(), "") for cell in cells]
    if "email" in heading:
        return list(_table("\n".join(lines[1:]), heading, _delimiter(lines[0])))
    return [_line(line) for line in lines]


def _delimiter(line: str) -> str:
    return max(",;\t", key=line.count)


def _table(text: str, heading: list[str], delimiter: str) -> Iterator[Line]:
    for cells in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
        row = {name: plain(cell).strip() for name, cell in zip(heading, cells, strict=False) if name}
        if any(row.values()):
            units = tuple(part.strip() for part in row.get("units", "").split(";") if part.strip())
            yield Line(row.get("email", ""), row.get("name", ""), row.get("role", ""), units)


def _line(line: str) -> Line:
    found = _ADDRESS.search(line)
    if found is None:
        return Line(line.strip()[:100], problem=_("There is no e-mail address in this line."))
    name = (line[: found.start()] + " " + line[found.end() :]).strip(" \t,;<>\"'")
    return Line(found.group(), " ".join(name.split())[:150])
