"""Opening hours as people write them: ``09:00–12:30, 13:30–17:00``."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

#: What each day of ``opening_hours`` is called.
DAYS: Final = {
    "mon": _("Monday"),
    "tue": _("Tuesday"),
    "wed": _("Wednesday"),
    "thu": _("Thursday"),
    "fri": _("Friday"),
    "sat": _("Saturday"),
    "sun": _("Sunday"),
}
_MOMENT: Final = r"([01]?[0-9]|2[0-4])(?:[:.]([0-5][0-9]))?"
_SPAN: Final = re.compile(rf"^{_MOMENT}\s*(?:-|–|—|to)\s*{_MOMENT}$", re.IGNORECASE)


def as_text(spans: Sequence[Sequence[str]] | None) -> str:
    """The times of one day as a text; empty when it is closed."""
    return ", ".join("–".join(span) for span in spans or ())


def from_text(text: str) -> list[list[str]]:
    """The times of one day that somebody typed.

    Raises:
        ValidationError: it cannot be read as times; whether they follow one another is asked of the whole.
    """
    found = []
    for part in re.split(r"[,;\n]", text):
        if not part.strip():
            continue
        span = _SPAN.match(part.strip())
        if span is None:
            raise ValidationError(_("Write the times like this: 09:00–12:30, 13:30–17:00."), code="opening_hours")
        hour, minute, end_hour, end_minute = span.groups(default="0")
        found.append([f"{int(hour):02}:{int(minute):02}", f"{int(end_hour):02}:{int(end_minute):02}"])
    return found


def as_lines(week: Mapping[str, Sequence[Sequence[str]]]) -> str:
    """All days as lines: ``Monday: 09:00–12:30``; days on which it is closed are left out."""
    return "\n".join(f"{label}: {as_text(week[day])}" for day, label in DAYS.items() if week.get(day))


def from_lines(text: str) -> dict[str, list[list[str]]]:
    """The days that somebody typed as lines, with their names or the first three letters of them.

    Raises:
        ValidationError: a line cannot be read, or a day comes twice.
    """
    names = {str(label).casefold(): day for day, label in DAYS.items()} | {day: day for day in DAYS}
    found: dict[str, list[list[str]]] = {}
    for line in filter(str.strip, text.splitlines()):
        name, colon, times = line.partition(":")
        day = names.get(name.strip().casefold())
        if day is None or not colon or day in found:
            told = _("Write a line for each day, once: “Monday: 09:00–12:30, 13:30–17:00”. Here it is not so: %(line)s")
            raise ValidationError(told, code="opening_hours", params={"line": line.strip()[:60]})
        found[day] = from_text(times)
    return {day: found[day] for day in DAYS if found.get(day)}
