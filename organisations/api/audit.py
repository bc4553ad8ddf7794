"""The audit trail of an organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from common.ids import prefix_of
from organisations import reads
from permissions import trail
from permissions.actions import Action
from permissions.api.fields import BadQuery, Query, QueryMoment
from permissions.api.operations import listing, operation
from permissions.api.paging import DEFAULT_SIZE, LARGEST_SIZE, Cursor, address
from permissions.api.schema import described, id_of
from permissions.api.views import ApiView
from permissions.trail import DOORS, Entry, Filters, Found, Place


class AuditQuery(Query):
    """Which events."""

    cursor = serializers.CharField(
        required=False, max_length=500, help_text="Where a page begins: from `next` or `previous` of another."
    )
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=LARGEST_SIZE, default=DEFAULT_SIZE, help_text="Rows in a page."
    )
    updated_since = QueryMoment(
        required=False, help_text="Only what happened at this moment or after it (ISO 8601 with a zone)."
    )
    until = QueryMoment(required=False, help_text="Only what happened before this moment.")
    person = serializers.CharField(
        required=False, max_length=100, help_text="Who did it: `usr_…`, `key_…`, or a part of the name."
    )
    kind = serializers.CharField(required=False, max_length=30, help_text="Of what: `membership`, `unit`, `grant`…")
    verb = serializers.CharField(required=False, max_length=60, help_text="What was done, or a part of it.")
    object = serializers.CharField(required=False, max_length=40, help_text="The id of one thing.")
    door = serializers.ChoiceField(required=False, choices=sorted(DOORS), help_text="How it came.")

    def validate_kind(self, value: str) -> str:
        """One that there is."""
        if value not in trail.kinds():
            raise serializers.ValidationError(f"Send one of {', '.join(sorted(trail.kinds()))}.", code="invalid_choice")
        return value

    def validate_object(self, value: str) -> str:
        """An id."""
        if prefix_of(value) is None:
            raise serializers.ValidationError("Send an id.", code="wrong_id")
        return value


class ChangeOut(TypedDict):
    """One field, before and after, in words."""

    field: str
    label: str
    before: str
    after: str


class AuditEventOut(TypedDict):
    """Something that happened."""

    id: Annotated[str, id_of("evt")]
    at: datetime
    actor: Annotated[str, described("The id of the person or API key; empty for others, whom you are not told of.")]
    actor_name: str
    is_staff: Annotated[bool, described("Whether it was Hectare's staff.")]
    impersonator: Annotated[
        str, described("Who of Hectare's staff acted as that person; empty when she did it herself.")
    ]
    impersonator_name: str
    verb: Annotated[str, described("What was done: stable, machine-readable.")]
    kind: Annotated[str, described("Of what kind the thing is.")]
    object: Annotated[str, described("The id of the thing.")]
    object_name: str
    change: Annotated[str, described("created, changed or deleted.")]
    changes: list[ChangeOut]
    reason: Annotated[str, described("Why staff did it.")]
    door: Annotated[str, described("page, api, admin, command or job; empty where it was not recorded.")]
    request_id: str


def event_out(one: Entry) -> AuditEventOut:
    """One event."""
    return {
        "id": one.id,
        "at": one.at,
        "actor": one.actor,
        "actor_name": one.actor_name,
        "is_staff": one.is_staff,
        "impersonator": one.impersonator,
        "impersonator_name": one.impersonator_name,
        "verb": one.verb,
        "kind": one.kind,
        "object": one.object,
        "object_name": one.object_name,
        "change": one.change,
        "changes": [
            {"field": change.field, "label": change.label, "before": change.before, "after": change.after}
            for change in one.changes
        ],
        "reason": one.reason,
        "door": one.door,
        "request_id": one.request_id,
    }


class AuditView(ApiView):
    """What both lists of events share."""

    tag = "Audit"

    def asked(self) -> dict[str, Any]:
        """Filters, size and place of the query, as ``permissions.trail`` takes them."""
        query = self.query
        filters = Filters(
            **{name: query.get(name, "") for name in ("person", "kind", "verb", "object", "door")},
            since=query.get("updated_since"),
            until=query.get("until"),
        )
        before = after = None
        if "cursor" in query:
            cursor = Cursor.read(query["cursor"])
            place = Place.read(cursor.key)
            if place is None:
                wrong = ErrorDetail("Take the cursor from another page's next or previous.", code="invalid_cursor")
                raise BadQuery({"cursor": [wrong]})
            before, after = (None, place) if cursor.back else (place, None)
        return {"filters": filters, "size": query["page_size"], "before": before, "after": after}

    def listed(self, found: Found) -> HttpResponse:
        """A page of events."""
        older = Cursor(found.older.text()).text() if found.older else None
        newer = Cursor(found.newer.text(), back=True).text() if found.newer else None
        return self.answer(
            {
                "results": [event_out(one) for one in found.entries],
                "next": address(self.request, older),
                "previous": address(self.request, newer),
            }
        )


class OrganisationAuditView(AuditView):
    """organisations/{organisation}/audit-events/"""

    @operation("List audit events", Action.AUDIT_VIEW, query=AuditQuery, answers=listing(AuditEventOut))
    def get(self, request: Request, organisation: str) -> HttpResponse:
        """What was done to the organisation's rows, newest first, by whom, how and why; Hectare's own acts, too.

        People of other organisations who changed something that yours shares are not named.
        """
        row = reads.get_organisation(self.access, organisation)
        return self.listed(trail.of_tenant(self.access, row, **self.asked()))
