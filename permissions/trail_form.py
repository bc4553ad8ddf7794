"""The filters of the audit trail as people type them, and its cursors in addresses: for the page and for the admin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common import csv
from permissions import trail
from permissions.access import Access
from permissions.api.fields import BadQuery
from permissions.api.paging import Cursor
from permissions.trail import DOORS, Entry, Filters, Found, Place

COLUMNS = (
    "id",
    "when",
    "who",
    "who_id",
    "staff",
    "acted_as_by",
    "acted_as_by_id",
    "did",
    "kind",
    "object_id",
    "object",
    "change",
    "fields",
    "reason",
    "door",
    "request_id",
)


class TrailForm(forms.Form):
    """What to look for. Nothing is required, and what is wrong is told and not looked for."""

    use_required_attribute = False

    person = forms.CharField(
        label=_("Who"), required=False, max_length=100, help_text=_("A part of a name, or an id (usr_…, key_…).")
    )
    kind = forms.ChoiceField(label=_("What"), required=False)
    verb = forms.CharField(label=_("Done"), required=False, max_length=60, help_text=_("Such as: edit organisation."))
    object = forms.CharField(label=_("ID of the record"), required=False, max_length=40)
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    door = forms.ChoiceField(label=_("Through"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, Any] = {
            "kind": [("", _("everything")), *trail.kinds().items()],
            "door": [("", _("any way")), *DOORS.items()],
        }
        for name, values in choices.items():
            field: Any = self.fields[name]
            field.choices = values

    def filters(self) -> Filters:
        """What was typed, as far as it can be used."""
        self.is_valid()
        typed: dict[str, Any] = {name: self.cleaned_data.get(name) for name in self.fields}
        until = typed.pop("until", None)
        since = typed.pop("since", None)
        texts = {name: (value or "").strip() for name, value in typed.items()}
        return Filters(
            person=texts["person"],
            kind=texts["kind"],
            verb=texts["verb"],
            object=texts["object"],
            door=texts["door"],
            since=_begins(since) if since else None,
            until=_begins(until + timedelta(days=1)) if until else None,
        )


def _begins(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def place_in(request: HttpRequest) -> tuple[Place | None, Place | None]:
    """Before and after which event a page begins; a cursor that is not ours is the beginning."""
    text = request.GET.get("cursor", "")
    if not text:
        return None, None
    try:
        cursor = Cursor.read(text)
    except BadQuery:
        return None, None
    place = Place.read(cursor.key)
    return (None, place) if cursor.back else (place, None)


def cursors(found: Found) -> dict[str, str]:
    """The cursors of the pages beside one."""
    return {
        "older": Cursor(found.older.text()).text() if found.older else "",
        "newer": Cursor(found.newer.text(), back=True).text() if found.newer else "",
    }


def as_csv(access: Access, organisation: Any | None, filters: Filters, name: str) -> StreamingHttpResponse:
    """The entries as a file, streamed."""
    response = StreamingHttpResponse(
        csv.rows(COLUMNS, lines(access, organisation, filters)),
        content_type="text/csv; charset=utf-8",
    )
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def lines(access: Access, organisation: Any | None, filters: Filters) -> Iterator[dict[str, Any]]:
    """The rows of a file. When it cannot hold all, the last one says so.

    Raises:
        Refused: as ``trail.every_row``.
    """
    found = trail.every_row(access, organisation, filters)
    return (dict.fromkeys(COLUMNS, "") | {"did": ends_here()} if one is None else line(one) for one in found)


def ends_here() -> str:
    """What a file says that does not hold all."""
    return f"Not all: a file holds the newest {trail.MOST_ROWS:,} changes, and there are older ones."


def line(one: Entry) -> dict[str, Any]:
    """An entry as a row of a file."""
    return {
        "id": one.id,
        "when": one.at.isoformat(),
        "who": one.actor_name,
        "who_id": one.actor,
        "staff": "yes" if one.is_staff else "",
        "acted_as_by": one.impersonator_name,
        "acted_as_by_id": one.impersonator,
        "did": one.done,
        "kind": one.label,
        "object_id": one.object,
        "object": one.object_name,
        "change": one.change,
        "fields": [f"{change.label}: {change.before or '–'} → {change.after or '–'}" for change in one.changes],
        "reason": one.reason,
        "door": one.door_in_words,
        "request_id": one.request_id,
    }
