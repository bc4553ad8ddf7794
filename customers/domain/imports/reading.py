"""Files into rows: JSON Lines and CSV in UTF-8, within limits, each row with the line on which it begins.

What is wrong with the file as a whole is ``Invalid``, with a sentence that says what to do; what is wrong with one row
stands at that row.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NoReturn

from common.csv import plain
from common.errors import Invalid

#: Bytes. Ten thousand users are a quarter of it.
LARGEST: Final = 20 * 1024 * 1024
MOST_ROWS: Final = 50_000
#: Characters of one row: the longest that anything of ours could need, many times over.
LONGEST_ROW: Final = 50_000
JSONL: Final = "jsonl"
CSV: Final = "csv"
FORMATS: Final = (JSONL, CSV)
#: What spreadsheets save in this country when they do not save UTF-8.
ENCODINGS: Final = {"utf-8": "UTF-8", "cp1252": "Windows-1252"}

_OTHER_FILES: Final = (
    (b"PK\x03\x04", "This is a ZIP archive or an Excel workbook. Save the sheet as CSV (UTF-8), and send that."),
    (b"\x1f\x8b", "This is a compressed file. Unpack it first."),
    (b"\xd0\xcf\x11\xe0", "This is an Excel workbook. Save the sheet as CSV (UTF-8), and send that."),
    (b"%PDF", "This is a PDF. Send CSV or JSON Lines."),
    (b"\xff\xfe", "This file is in UTF-16. Save it as UTF-8."),
    (b"\xfe\xff", "This file is in UTF-16. Save it as UTF-8."),
)


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a file.

    Attributes:
        number: the line on which it begins; the first is 1.
        data: what it holds, by name.
        wrong: why it cannot be read; empty when it can.
    """

    number: int
    data: Mapping[str, Any]
    wrong: str = ""


def read(content: bytes, form: str, encoding: str = "utf-8") -> tuple[list[str], list[Line]]:
    """The names of the columns (none in JSON Lines) and the rows.

    Raises:
        Invalid: the file as a whole cannot be read.
    """
    if form not in FORMATS:
        raise Invalid.one("/format", "format", "The format is jsonl or csv.")
    if encoding not in ENCODINGS:
        raise Invalid.one("/encoding", "encoding", "The encoding is utf-8 or cp1252.")
    text = _text(content, encoding)
    columns, lines = _json_lines(text) if form == JSONL else _csv(text)
    if not lines:
        _refuse("empty", "There is no row in the file.")
    return columns, lines


def _text(content: bytes, encoding: str) -> str:
    if len(content) > LARGEST:
        _refuse("too_large", f"The file is larger than {LARGEST // 2**20} MB. Send it in parts.")
    if not content.strip():
        _refuse("empty", "The file is empty.")
    for beginning, told in _OTHER_FILES:
        if content.startswith(beginning):
            _refuse("wrong_type", told)
    nul = content.find(b"\0")
    if nul >= 0:
        _refuse("nul", f"Line {_line_at(content, nul)} holds a NUL character: this is no text file, or it is damaged.")
    try:
        return content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
    except UnicodeDecodeError as problem:
        where = _line_at(content, problem.start)
        _refuse(
            "encoding",
            f"Line {where} is not {ENCODINGS[encoding]}. Save the file as UTF-8, or choose the encoding that it is in.",
        )


def _line_at(content: bytes, place: int) -> int:
    return content.count(b"\n", 0, place) + 1


def _refuse(code: str, detail: str) -> NoReturn:
    raise Invalid.one("/content", code, detail)


def _enough(count: int) -> None:
    if count > MOST_ROWS:
        _refuse("too_many_rows", f"The file has more than {MOST_ROWS:,} rows. Send it in parts.")


# -- JSON Lines ----------------------------------------------------------------------------------------------------


def _json_lines(text: str) -> tuple[list[str], list[Line]]:
    lines: list[Line] = []
    for number, row in enumerate(text.split("\n"), 1):
        if row.strip():
            lines.append(_object(number, row))
            _enough(len(lines))
    return [], lines


def _object(number: int, row: str) -> Line:
    if len(row) > LONGEST_ROW:
        return Line(number, {}, f"The line is longer than {LONGEST_ROW:,} characters.")
    try:
        value = json.loads(row, object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        # The problem's own words would quote the line, which may hold a hash.
        return Line(number, {}, "This is not one JSON object on one line, with each name once.")
    if not isinstance(value, dict):
        return Line(number, {}, "This is JSON, but no object: begin with {.")
    if any("\x00" in one or not _is_whole(one) for one in _texts(value)):
        return Line(number, {}, "The line holds a NUL or half a character.")
    return Line(number, value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield name
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _is_whole(text: str) -> bool:
    return not any("\ud800" <= character <= "\udfff" for character in text)


# -- CSV -----------------------------------------------------------------------------------------------------------


def _csv(text: str) -> tuple[list[str], list[Line]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    columns: list[str] = []
    lines: list[Line] = []
    begins = 1
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            _refuse(
                "csv", f"The row that begins on line {begins} is no CSV: look for a quotation mark that never ends."
            )
        if cells is None:
            return columns, lines
        if not any(cell.strip() for cell in cells):
            pass
        elif not columns:
            columns = _heading(cells)
        else:
            lines.append(_row(begins, columns, cells))
            _enough(len(lines))
        begins = reader.line_num + 1


def _delimiter(text: str) -> str:
    """The one that the heading has most of: spreadsheets write commas, semicolons or tabs."""
    heading = text.partition("\n")[0]
    return max(",;\t", key=heading.count)


def _heading(cells: list[str]) -> list[str]:
    columns = [plain(cell).strip() for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    if not all(columns):
        _refuse("heading", f"Column {columns.index('') + 1} has no name in the heading.")
    twice = sorted({one for one in columns if columns.count(one) > 1})
    if twice:
        _refuse("heading", f"Two columns have the same name: {', '.join(twice)}.")
    if len(columns) > 200:
        _refuse("heading", "There are more than 200 columns.")
    return columns


def _row(number: int, columns: list[str], cells: list[str]) -> Line:
    if sum(map(len, cells)) > LONGEST_ROW:
        return Line(number, {}, f"The row is longer than {LONGEST_ROW:,} characters.")
    if any(cell.strip() for cell in cells[len(columns) :]):
        return Line(number, {}, f"The row has {len(cells)} cells, and the heading {len(columns)}.")
    values = [plain(cell) for cell in cells]
    return Line(number, dict(zip(columns, values, strict=False)))
