"""Which companies an organisation knows."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from common.errors import Invalid
from customers import reads
from customers.api.shapes import ConnectionOut, RecordedOut, connection_out
from customers.domain.companies import Recorded, record_company
from organisations.api.fields import CompanyNumber, Postcode, VatNumber
from organisations.domain import connections as verbs
from organisations.enums import ConnectionKind
from organisations.models import Connection, Organisation
from organisations.reads import get_known, get_organisation, kinds_of
from permissions.actions import Action
from permissions.api.fields import Choice, Email, Reference, Strict, Text, YesNo
from permissions.api.operations import Acting, listing, operation
from permissions.api.paging import PageQuery
from permissions.api.views import ApiView

_COMPANY = ("name", "company_number", "vat_number", "town", "postcode", "invite", "message")


class ConnectionsQuery(PageQuery):
    """Which ones."""

    kind = serializers.ChoiceField(choices=ConnectionKind.values, required=False, help_text="Of those you recorded.")


class ConnectionPatch(Strict):
    """What its recorder keeps of a connection."""

    kind = Choice(choices=ConnectionKind.values, required=False)
    contact_name = Text(max_length=150, allow_blank=True, required=False)
    contact_email = Email(max_length=254, allow_blank=True, required=False)
    note = Text(max_length=500, allow_blank=True, required=False, help_text="Read by your organisation only.")


class ConnectionBody(ConnectionPatch):
    """A connection: to an organisation that you know already (``other``), or to a company that is recorded with it."""

    other = Reference("org", get_known, required=False)
    name = Text(max_length=200, required=False)
    company_number = CompanyNumber(required=False)
    vat_number = VatNumber(required=False)
    town = Text(max_length=100, allow_blank=True, required=False)
    postcode = Postcode(required=False)
    invite = YesNo(required=False, help_text="Invite the contact to take the record over.")
    message = Text(max_length=500, allow_blank=True, required=False, help_text="Stands in that mail.")


class ConnectionsView(ApiView):
    """organisations/{organisation}/connections/"""

    tag = "Connections"

    @operation("List connections", Action.CONNECTION_VIEW, query=ConnectionsQuery, answers=listing(ConnectionOut))
    def get(self, request: Request, organisation: str) -> HttpResponse:
        """Those that the organisation recorded, and those that others recorded with it."""
        row = get_organisation(self.access, organisation)
        rows = reads.connections(self.access, row)
        if "kind" in self.query:
            rows = rows.filter(organisation=row, kind=self.query["kind"])
        return self.page(rows, lambda found: _shown(found, row))

    @operation(
        "Record a company",
        Action.ORGANISATION_RECORD,
        body=ConnectionBody,
        answers=RecordedOut,
        status=201,
        tagged=True,
        acting=Acting.ALSO,
        example={
            "name": "Tiverton Tofu Ltd",
            "company_number": "01234567",
            "kind": "supplier",
            "contact_email": "tia@tofu.example",
            "invite": True,
        },
    )
    def post(self, request: Request, organisation: str) -> HttpResponse:
        """A company that is known here by its company or VAT number is connected, and not recorded twice.

        With `invite` the contact is invited to take a new record over. With `other` instead of a name, the connection
        is made to an organisation whose public profile you see already.
        """
        row = get_organisation(self.access, organisation)
        done = self._made(row)
        made = reads.get_connection(self.access, row, done.connection.public_id)
        (shown,) = _shown([made], row)
        body: RecordedOut = {
            **shown,
            "is_new": done.is_new,
            "invitation": done.invitation.public_id if done.invitation else None,
        }
        where = f"/api/v1/organisations/{row.public_id}/connections/{made.public_id}/"
        return self.answer(body, status=201, version=made.version, location=where)

    def _made(self, row: Organisation) -> Recorded:
        body: dict[str, Any] = dict(self.body)
        if "other" not in body:
            if "name" not in body:
                raise Invalid.one("/name", "required", "Say what the company is called.")
            return record_company(self.acting, organisation=row, **body)
        for name in _COMPANY:
            if name in body:
                raise Invalid.one(f"/{name}", "not_here", "Send either other, or what is known of a new company.")
        return Recorded(verbs.connect(self.acting, organisation=row, **body), is_new=False)


class ConnectionView(ApiView):
    """organisations/{organisation}/connections/{connection}/"""

    tag = "Connections"

    @operation("Read a connection", Action.CONNECTION_VIEW, answers=ConnectionOut, tagged=True)
    def get(self, request: Request, organisation: str, connection: str) -> HttpResponse:
        """One connection of the organisation, from either side."""
        return self._now(organisation, connection)

    @operation(
        "Change a connection",
        Action.CONNECTION_EDIT,
        body=ConnectionPatch,
        partial=True,
        versioned=True,
        answers=ConnectionOut,
        tagged=True,
        acting=Acting.ALSO,
        example={"kind": "buyer", "note": "Ring before noon."},
    )
    def patch(self, request: Request, organisation: str, connection: str) -> HttpResponse:
        """What the organisation keeps of it. For the side that recorded it."""
        row = reads.get_connection(self.access, get_organisation(self.access, organisation), connection)
        verbs.edit_connection(self.acting, connection=row, version=self.version_of(row), **self.body)
        return self._now(organisation, connection)

    @operation("End a connection", Action.CONNECTION_EDIT, status=204, acting=Acting.ALSO)
    def delete(self, request: Request, organisation: str, connection: str) -> HttpResponse:
        """By the side that recorded it. From the next request on neither sees the other's profile by it."""
        row = reads.get_connection(self.access, get_organisation(self.access, organisation), connection)
        verbs.disconnect(self.acting, connection=row)
        return self.nothing()

    def _now(self, organisation: str, connection: str) -> HttpResponse:
        held = get_organisation(self.access, organisation)
        row = reads.get_connection(self.access, held, connection)
        (shown,) = _shown([row], held)
        return self.answer(shown, version=row.version)


def _shown(rows: list[Connection], organisation: Organisation) -> list[ConnectionOut]:
    others = [row.other if row.organisation_id == organisation.pk else row.organisation for row in rows]
    kinds = kinds_of(others)
    return [connection_out(row, organisation, kinds[other.pk]) for row, other in zip(rows, others, strict=True)]
