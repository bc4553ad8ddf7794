"""Organisations, their business units, and the enterprises behind those."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from organisations import reads
from organisations.api.shapes import (
    BusinessOut,
    OrganisationOut,
    RoleOut,
    UnitOut,
    business_out,
    organisation_out,
    role_out,
    unit_out,
)
from organisations.domain import businesses, units
from organisations.domain.organisations import edit_organisation
from organisations.enums import BusinessKind, Sells
from organisations.models import Business
from permissions.actions import Action
from permissions.api.fields import Choice, Email, Query, Strict, Text, Url, YesNo
from permissions.api.operations import listing, operation
from permissions.api.paging import PageQuery
from permissions.api.views import ApiView
from permissions.reads import roles

_PROFILE = ("description", "website")


class Preview(Query):
    """Whether to say what would happen instead of doing it."""

    preview = serializers.BooleanField(
        required=False, default=False, help_text="Answer what the act would touch, and do nothing."
    )


class OrganisationPatch(Strict):
    """What can be changed of an organisation."""

    name = Text(max_length=200)
    town = Text(max_length=100, allow_blank=True)
    postcode = Text(max_length=8, allow_blank=True)
    company_number = Text(max_length=8, allow_blank=True, help_text="Changed by Hectare only.")
    vat_number = Text(max_length=14, allow_blank=True, help_text="Changed by Hectare only.")


class OrganisationsView(ApiView):
    """organisations/"""

    tag = "Organisations"

    @operation("List organisations", Action.ORGANISATION_VIEW, query=PageQuery, answers=listing(OrganisationOut))
    def get(self, request: Request) -> HttpResponse:
        """The organisations that you belong to."""
        return self.page(reads.organisations(self.access), lambda rows: [organisation_out(row) for row in rows])


class OrganisationView(ApiView):
    """organisations/{organisation}/"""

    tag = "Organisations"

    @operation("Read an organisation", Action.ORGANISATION_VIEW, answers=OrganisationOut, tagged=True)
    def get(self, request: Request, organisation: str) -> HttpResponse:
        """One organisation that you belong to."""
        row = reads.get_organisation(self.access, organisation)
        return self.answer(organisation_out(row), version=row.version)

    @operation(
        "Change an organisation",
        Action.ORGANISATION_EDIT,
        body=OrganisationPatch,
        partial=True,
        versioned=True,
        answers=OrganisationOut,
        tagged=True,
        example={"town": "Exeter", "postcode": "EX4 3PQ"},
    )
    def patch(self, request: Request, organisation: str) -> HttpResponse:
        """Send what is to change."""
        row = reads.get_organisation(self.access, organisation)
        row = edit_organisation(self.access, organisation=row, version=self.version_of(row), **self.body)
        return self.answer(organisation_out(row), version=row.version)


class RolesView(ApiView):
    """organisations/{organisation}/roles/"""

    tag = "Organisations"

    @operation("List roles", Action.ROLE_VIEW, query=PageQuery, answers=listing(RoleOut))
    def get(self, request: Request, organisation: str) -> HttpResponse:
        """The built-in roles, and the organisation's own."""
        row = reads.get_organisation(self.access, organisation)
        rows = roles(self.access)
        rows = rows.filter(organisation=None) | rows.filter(organisation=row)
        return self.page(rows, lambda found: [role_out(one) for one in found])


class UnitBody(Strict):
    """A business unit."""

    name = Text(max_length=200)
    address = Text(max_length=200, allow_blank=True, required=False)
    town = Text(max_length=100, allow_blank=True, required=False)
    postcode = Text(max_length=8, allow_blank=True, required=False)
    phone = Text(max_length=30, allow_blank=True, required=False)


class UnitsView(ApiView):
    """organisations/{organisation}/business-units/"""

    tag = "Business units"

    @operation("List business units", Action.UNIT_VIEW, query=PageQuery, answers=listing(UnitOut))
    def get(self, request: Request, organisation: str) -> HttpResponse:
        """The units of an organisation that you are given, archived ones included."""
        row = reads.get_organisation(self.access, organisation)
        return self.page(
            reads.units(self.access).filter(organisation=row), lambda rows: [unit_out(one) for one in rows]
        )

    @operation(
        "Add a business unit",
        Action.ORGANISATION_EDIT,
        body=UnitBody,
        answers=UnitOut,
        status=201,
        tagged=True,
        example={"name": "Topsham Depot", "town": "Topsham", "postcode": "EX3 0JZ"},
    )
    def post(self, request: Request, organisation: str) -> HttpResponse:
        """For those who manage the whole organisation."""
        row = reads.get_organisation(self.access, organisation)
        unit = units.create_unit(self.access, organisation=row, **self.body)
        where = f"/api/v1/business-units/{unit.public_id}/"
        return self.answer(unit_out(unit), status=201, version=unit.version, location=where)


class UnitView(ApiView):
    """business-units/{unit}/"""

    tag = "Business units"

    @operation("Read a business unit", Action.UNIT_VIEW, answers=UnitOut, tagged=True)
    def get(self, request: Request, unit: str) -> HttpResponse:
        """One unit that you are given."""
        row = reads.get_unit(self.access, unit)
        return self.answer(unit_out(row), version=row.version)

    @operation(
        "Change a business unit",
        Action.UNIT_EDIT,
        body=UnitBody,
        partial=True,
        versioned=True,
        answers=UnitOut,
        tagged=True,
        example={"phone": "01392 000000"},
    )
    def patch(self, request: Request, unit: str) -> HttpResponse:
        """Send what is to change."""
        row = reads.get_unit(self.access, unit)
        units.edit_unit(self.access, unit=row, version=self.version_of(row), **self.body)
        return self._now(unit)

    @operation(
        "Archive a business unit",
        Action.UNIT_EDIT,
        query=Preview,
        previews=True,
        answers=UnitOut,
        versioned=True,
        tagged=True,
    )
    def delete(self, request: Request, unit: str) -> HttpResponse:
        """Puts the unit away: what rests on its enterprise lapses, nothing is deleted, and it can be restored.

        With `preview=true` nothing happens, `If-Match` is not needed, and the answer says what would be touched.
        """
        row = reads.get_unit(self.access, unit)
        if self.query["preview"]:
            return self.answer(units.archive_preview(self.access, unit=row))
        units.archive_unit(self.access, unit=row, version=self.version_of(row))
        return self._now(unit)

    def _now(self, unit: str) -> HttpResponse:
        row = reads.get_unit(self.access, unit)
        return self.answer(unit_out(row), version=row.version)


class UnitRestoreView(ApiView):
    """business-units/{unit}/restore/"""

    tag = "Business units"

    @operation("Restore a business unit", Action.UNIT_EDIT, answers=UnitOut, tagged=True)
    def post(self, request: Request, unit: str) -> HttpResponse:
        """Takes the unit out of the archive; what lapsed with it stands again."""
        row = reads.get_unit(self.access, unit)
        units.restore_unit(self.access, unit=row)
        row = reads.get_unit(self.access, unit)
        return self.answer(unit_out(row), version=row.version)


class BusinessPatch(Strict):
    """Public profile and trading."""

    description = Text(max_length=2000, allow_blank=True, required=False)
    website = Url(allow_blank=True, required=False)
    kind = Choice(choices=BusinessKind.values, required=False)
    is_producer = YesNo(required=False)
    sells = Choice(choices=Sells.values, required=False)
    contact_email = Email(allow_blank=True, required=False)


class BusinessPut(BusinessPatch):
    """A new enterprise."""

    kind = Choice(choices=BusinessKind.values)


class BusinessView(ApiView):
    """business-units/{unit}/business/"""

    tag = "Business units"

    @operation("Read an enterprise", Action.BUSINESS_VIEW, answers=BusinessOut, tagged=True)
    def get(self, request: Request, unit: str) -> HttpResponse:
        """Your own in full; the public profile of those that yours know, by a grant or a connection."""
        return self._now(unit)

    @operation(
        "Make a unit an enterprise",
        Action.UNIT_EDIT,
        body=BusinessPut,
        answers=BusinessOut,
        status=201,
        tagged=True,
        example={"kind": "farm", "description": "Milk and butter from the Culm valley."},
    )
    def put(self, request: Request, unit: str) -> HttpResponse:
        """A farm is a producer and a store a hub, unless told otherwise. 409 when there is a business already."""
        row = reads.get_unit(self.access, unit)
        business = businesses.create_business(self.access, unit=row, **self.body)
        return self.answer(business_out(self.access, business), status=201, version=business.version)

    @operation(
        "Change an enterprise",
        Action.BUSINESS_EDIT_PROFILE,
        Action.BUSINESS_EDIT_TRADING,
        body=BusinessPatch,
        partial=True,
        versioned=True,
        answers=BusinessOut,
        tagged=True,
        example={"description": "Vegetables from the Exe valley.", "sells": "own"},
    )
    def patch(self, request: Request, unit: str) -> HttpResponse:
        """Description and website are the public profile, which partners may have been granted; the rest is trading.

        A new contact address is to be confirmed anew.
        """
        row = reads.get_enterprise(self.access, unit)
        self._change(row, self.version_of(row))
        return self._now(unit)

    @transaction.atomic
    def _change(self, row: Business, version: int | None) -> None:
        profile = {name: value for name, value in self.body.items() if name in _PROFILE}
        trading = {name: value for name, value in self.body.items() if name not in _PROFILE}
        if trading:
            businesses.edit_trading(self.access, business=row, version=version, **trading)
            # The version has been looked at, and is held until the transaction ends.
            version = None
        if profile or not trading:
            businesses.edit_profile(self.access, business=row, version=version, **profile)

    def _now(self, unit: str) -> HttpResponse:
        row = reads.get_enterprise(self.access, unit)
        return self.answer(business_out(self.access, row), version=row.version)


class ContactConfirmationView(ApiView):
    """business-units/{unit}/business/contact-confirmation/"""

    tag = "Business units"

    @operation("Mail a confirmation link", Action.BUSINESS_EDIT_TRADING, status=204)
    def post(self, request: Request, unit: str) -> HttpResponse:
        """Mails a link to the contact address; whoever follows it confirms the address. Three an hour at most."""
        row = reads.get_enterprise(self.access, unit)
        businesses.request_contact_confirmation(self.access, business=row)
        return self.nothing()
