"""Opening hours as people write them: ``09:00–12:30, 13:30–17:00``."""

from __future__ import annotations

import re
from collections.abc import Sequence
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
