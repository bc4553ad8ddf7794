"""Reading a list of people to invite: pasted lines, or CSV with a heading.

What cannot be read for certain is said, and never guessed: who is invited with a role that she was not to have, or
without one that stood in a column nobody knew, is worse off than who is not invited yet.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common.csv import plain
from common.errors import Invalid

_ADDRESS = re.compile(r"[^\s<>,;\"]+@[^\s<>,;\"]+")
#: Headings by what they are called here; capitals, spaces, hyphens and underscores say nothing.
COLUMNS = {
    "email": "email",
    "emailaddress": "email",
    "mail": "email",
    "mailaddress": "email",
    "name": "name",
    "fullname": "name",
    "role": "role",
    "units": "units",
    "unit": "units",
    "businessunits": "units",
    "businessunit": "units",
}
_AROUND = " \t,;<>\"'"


@dataclass(frozen=True)
class Line:
    """Somebody in a list; role and units by their names, empty where the list says nothing.

    Attributes:
        number: of the line in the list, the first is 1.
    """

    email: str
    name: str = ""
    role: str = ""
    units: tuple[str, ...] = ()
    problem: str = ""
    number: int = 0


def read(text: str) -> list[Line]:
    """Everybody in a list.

    Lines such as ``anna@farm.example``, ``Anna Ash <anna@farm.example>`` or ``anna@farm.example, Anna Ash``, or with
    several addresses; or a table whose heading has a column ``email``, and may have ``name``, ``role`` and ``units``
    (separated by ``;``).

    Raises:
        Invalid: a heading of the table is not known, stands twice, or none is for the e-mail.
    """
    text = text.lstrip("\ufeff").replace("\x00", "")
    lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    if not lines:
        return []
    first, heading = lines[0]
    delimiter = max(",;\t", key=heading.count)
    cells = next(csv.reader([heading], delimiter=delimiter))
    if not _ADDRESS.search(heading) and any(_known(cell) for cell in cells):
        rest = "".join(text.splitlines(keepends=True)[first:])
        return list(_table(rest, _columns(cells), delimiter, first))
    return [one for number, line in lines for one in _people(line, number)]


def _known(cell: str) -> str:
    return COLUMNS.get(re.sub(r"[\s_-]", "", cell).casefold(), "")


def _columns(cells: Sequence[str]) -> list[str]:
    """What each column holds; empty where it has no heading."""
    columns = [_known(cell) for cell in cells]
    for cell, column in zip(cells, columns, strict=True):
        if cell.strip() and not column:
            told = _("There is no column “%(name)s” here. Use email, name, role and units, and leave out the others.")
            raise Invalid.one("/rows", "unknown_heading", told % {"name": cell.strip()[:50]})
        if column and columns.count(column) > 1:
            told = _("Two columns are for the same: %(name)s. Leave one of them out.")
            raise Invalid.one("/rows", "heading_twice", told % {"name": column})
    if "email" not in columns:
        raise Invalid.one("/rows", "no_email", _("No column is for the e-mail address. Call it email."))
    return columns


def _table(text: str, columns: list[str], delimiter: str, before: int) -> Iterator[Line]:
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    number = before + 1
    for cells in rows:
        told = [plain(cell).strip() for cell in cells]
        if any(told):
            yield _row(told, columns, number)
        number = before + rows.line_num + 1


def _row(cells: list[str], columns: list[str], number: int) -> Line:
    row = {column: cell for column, cell in zip(columns, cells, strict=False) if column}
    units = tuple(part.strip() for part in row.get("units", "").split(";") if part.strip())
    problem = ""
    if any(cell for place, cell in enumerate(cells) if not "".join(columns[place : place + 1])):
        problem = _("There is something in this line that stands under no heading.")
    elif not row.get("email"):
        problem = _("There is no e-mail address in this line.")
    return Line(row.get("email", ""), row.get("name", ""), row.get("role", ""), units, problem, number)


def _people(line: str, number: int) -> list[Line]:
    """Who stands in a line without a heading."""
    found = list(_ADDRESS.finditer(line))
    if not found:
        return [Line(line.strip()[:100], problem=_("There is no e-mail address in this line."), number=number)]
    if len({one.group().casefold() for one in found}) == 1:
        name = _ADDRESS.sub(" ", line).strip(_AROUND)
        return [Line(found[0].group(), _tidy(name), number=number)]
    people, end = [], 0
    for one in found:
        name = line[end : one.start()]
        # A name belongs to the address that follows it in brackets; any other word could be anybody's.
        if name.strip(_AROUND) and not name.rstrip().endswith("<"):
            return [_unclear(line, number)]
        people.append(Line(one.group(), _tidy(name.strip(_AROUND)), number=number))
        end = one.end()
    return [_unclear(line, number)] if line[end:].strip(_AROUND) else people


def _unclear(line: str, number: int) -> Line:
    told = _("Whose names stand beside these addresses is not clear. Write each on a line of its own.")
    return Line(line.strip()[:100], problem=told, number=number)


def _tidy(name: str) -> str:
    return " ".join(name.split())[:150]
