"""Organisations, their business units, and the enterprises behind those."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Q
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from common.errors import Conflict
from organisations import reads
from organisations.api.fields import CompanyNumber, Postcode, VatNumber
from organisations.api.shapes import (
    BusinessOut,
    OrganisationOut,
    ProfileOut,
    UnitOut,
    UnitRemovedOut,
    business_out,
    organisation_out,
    profile_out,
    unit_out,
)
from organisations.domain import businesses, units
from organisations.domain.organisations import edit_organisation
from organisations.enums import BusinessKind, Certification, FarmEnterprise, OrganisationKind, Sells
from organisations.models import Business, Organisation
from organisations.rules import of_organisation
from permissions.access import Access
from permissions.actions import Action
from permissions.api.fields import Choice, Email, Number, Query, Strict, Text, Url, Whole, YesNo
from permissions.api.operations import Acting, listing, operation
from permissions.api.paging import PageQuery
from permissions.api.views import ApiView
from permissions.enforce import require

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
    postcode = Postcode()
    company_number = CompanyNumber(help_text="A customer's is changed by Hectare only.")
    vat_number = VatNumber(help_text="A customer's is changed by Hectare only.")


class NamedQuery(PageQuery):
    """By name."""

    name = serializers.CharField(required=False, max_length=100, help_text="Part of the name.")


class OrganisationsQuery(NamedQuery):
    """By name and kind."""

    kind = serializers.ChoiceField(choices=OrganisationKind.values, required=False)


class ProfilesQuery(NamedQuery):
    """By name, and by what they are to you."""

    relation = serializers.ChoiceField(
        choices=("own", "connected", "all"), required=False, default="all", help_text="Yours, those that yours know."
    )


class UnitsQuery(NamedQuery):
    """By name, state and business."""

    archived = serializers.BooleanField(required=False, allow_null=True, default=None, help_text="Left out: both.")
    business = serializers.ChoiceField(
        choices=(*BusinessKind.values, "none"), required=False, help_text="What the unit is; none: it does not trade."
    )


class OrganisationsView(ApiView):
    """organisations/"""

    tag = "Organisations"

    @operation(
        "List organisations", Action.ORGANISATION_VIEW, query=OrganisationsQuery, answers=listing(OrganisationOut)
    )
    def get(self, request: Request) -> HttpResponse:
        """The organisations that you belong to, and the records that yours keeps of companies; staff: all.

        Those that yours know are at `organisations/profiles/`.
        """
        rows = reads.organisations(self.access)
        if "name" in self.query:
            rows = rows.filter(name__icontains=self.query["name"])
        if "kind" in self.query:
            rows = rows.filter(kind=self.query["kind"])
        return self.page(rows, lambda found: [organisation_out(row) for row in found])


def profiles_out(access: Access, rows: list[Organisation]) -> list[ProfileOut]:
    """The public profiles of organisations that the actor knows. One statement."""
    kinds, own = reads.kinds_of(rows), access.organisation_ids()
    return [profile_out(row, kinds[row.pk], own=row.pk in own) for row in rows]


class ProfilesView(ApiView):
    """organisations/profiles/"""

    tag = "Organisations"

    @operation(
        "List public profiles", Action.ORGANISATION_VIEW_PROFILE, query=ProfilesQuery, answers=listing(ProfileOut)
    )
    def get(self, request: Request) -> HttpResponse:
        """Of your organisations, and of those that are connected with them."""
        rows, own = reads.known(self.access), Q(pk__in=self.access.organisation_ids())
        if "name" in self.query:
            rows = rows.filter(name__icontains=self.query["name"])
        if self.query["relation"] != "all":
            rows = rows.filter(own if self.query["relation"] == "own" else ~own)
        return self.page(rows, lambda found: profiles_out(self.access, found))


class ProfileView(ApiView):
    """organisations/{organisation}/profile/"""

    tag = "Organisations"

    @operation("Read a public profile", Action.ORGANISATION_VIEW_PROFILE, answers=ProfileOut)
    def get(self, request: Request, organisation: str) -> HttpResponse:
        """What organisations that know each other see of each other, and no more."""
        row = reads.get_known(self.access, organisation)
        return self.answer(profiles_out(self.access, [row])[0])


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
        acting=Acting.ALSO,
        answers=OrganisationOut,
        tagged=True,
        example={"town": "Exeter", "postcode": "EX4 3PQ"},
    )
    def patch(self, request: Request, organisation: str) -> HttpResponse:
        """Send what is to change."""
        row = reads.get_organisation(self.access, organisation)
        row = edit_organisation(self.acting, organisation=row, version=self.version_of(row), **self.body)
        return self.answer(organisation_out(row), version=row.version)

    @operation("Remove an organisation", Action.CUSTOMER_REMOVE, status=204)
    def delete(self, request: Request, organisation: str) -> HttpResponse:
        """Always refused: an organisation is never removed by itself, but with its people and records.

        Hectare staff do that with `DELETE customers/{organisation}/`, which the refusal (409) points to.
        """
        row = reads.get_organisation(self.access, organisation)
        if not self.access.is_staff:
            require(self.access, Action.CUSTOMER_REMOVE, of_organisation(row))
        where = f"/api/v1/customers/{row.public_id}/"
        raise Conflict(
            f"An organisation is removed with all that belongs to it: DELETE {where}, with preview=true first.",
            code="removed_with_customer",
            facts={"instead": where},
        )


class UnitBody(Strict):
    """A business unit."""

    name = Text(max_length=200)
    address = Text(max_length=200, allow_blank=True, required=False)
    town = Text(max_length=100, allow_blank=True, required=False)
    postcode = Postcode(required=False)
    phone = Text(max_length=30, allow_blank=True, required=False)


class UnitsView(ApiView):
    """organisations/{organisation}/business-units/"""

    tag = "Business units"

    @operation("List business units", Action.UNIT_VIEW, query=UnitsQuery, answers=listing(UnitOut))
    def get(self, request: Request, organisation: str) -> HttpResponse:
        """The units of an organisation that you are given, archived ones included."""
        row = reads.get_organisation(self.access, organisation)
        rows = reads.units(self.access).filter(organisation=row)
        if "name" in self.query:
            rows = rows.filter(name__icontains=self.query["name"])
        if self.query["archived"] is not None:
            rows = rows.filter(archived_at__isnull=not self.query["archived"])
        if kind := self.query.get("business"):
            rows = rows.filter(business=None) if kind == "none" else rows.filter(business__kind=kind)
        return self.page(rows, lambda found: [unit_out(one) for one in found])

    @operation(
        "Add a business unit",
        Action.ORGANISATION_EDIT,
        body=UnitBody,
        answers=UnitOut,
        status=201,
        acting=Acting.ALSO,
        tagged=True,
        example={"name": "Topsham Depot", "town": "Topsham", "postcode": "EX3 0JZ"},
    )
    def post(self, request: Request, organisation: str) -> HttpResponse:
        """For those who manage the whole organisation."""
        row = reads.get_organisation(self.access, organisation)
        unit = units.create_unit(self.acting, organisation=row, **self.body)
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
        acting=Acting.ALSO,
        answers=UnitOut,
        tagged=True,
        example={"phone": "01392 000000"},
    )
    def patch(self, request: Request, unit: str) -> HttpResponse:
        """Send what is to change."""
        row = reads.get_unit(self.access, unit)
        units.edit_unit(self.acting, unit=row, version=self.version_of(row), **self.body)
        return self._now(unit)

    @operation(
        "Remove a business unit",
        Action.UNIT_EDIT,
        query=Preview,
        previews=True,
        answers=UnitRemovedOut,
        versioned=True,
        acting=Acting.ALSO,
    )
    def delete(self, request: Request, unit: str) -> HttpResponse:
        """Deletes a unit to which nothing refers, with its business; puts any other away.

        What rests on an enterprise that is put away lapses, and it can be restored. `outcome` says which it was.
        With `preview=true` nothing happens, `If-Match` is not needed, and the answer says which it would be, what
        refers to the unit, and what would be touched.
        """
        row = reads.get_unit(self.access, unit)
        if self.query["preview"]:
            return self.answer(units.removal_preview(self.acting, unit=row))
        left = units.remove_unit(self.acting, unit=row, version=self.version_of(row))
        if left is None:
            return self.answer({**unit_out(row), "outcome": "deleted"})
        row = reads.get_unit(self.access, unit)
        return self.answer({**unit_out(row), "outcome": "archived"}, version=row.version)

    def _now(self, unit: str) -> HttpResponse:
        row = reads.get_unit(self.access, unit)
        return self.answer(unit_out(row), version=row.version)


class UnitRestoreView(ApiView):
    """business-units/{unit}/restore/"""

    tag = "Business units"

    @operation("Restore a business unit", Action.UNIT_EDIT, answers=UnitOut, acting=Acting.ALSO, tagged=True)
    def post(self, request: Request, unit: str) -> HttpResponse:
        """Takes the unit out of the archive; what lapsed with it stands again."""
        row = reads.get_unit(self.access, unit)
        units.restore_unit(self.acting, unit=row)
        row = reads.get_unit(self.access, unit)
        return self.answer(unit_out(row), version=row.version)


_MOST = 2**31 - 1
_HOURS = serializers.DictField(
    child=serializers.ListField(child=serializers.ListField(child=Text(max_length=5), max_length=2), max_length=4),
    required=False,
    help_text="A store's, by day (mon to sun): the times it is open, in order. A day that is left out is closed.",
)


class BusinessPatch(Strict):
    """Public profile, trading, and what only a farm or only a store has."""

    description = Text(max_length=2000, allow_blank=True, required=False)
    website = Url(allow_blank=True, required=False)
    kind = Choice(choices=BusinessKind.values, required=False)
    is_producer = YesNo(required=False)
    sells = Choice(choices=Sells.values, required=False)
    contact_email = Email(allow_blank=True, required=False)
    holding_number = Text(
        max_length=20, allow_blank=True, required=False, help_text="A farm's County Parish Holding number, 12/345/6789."
    )
    hectares = Number(max_digits=9, allow_null=True, required=False, help_text="A farm's.")
    farm_enterprises = serializers.ListField(
        child=Choice(choices=FarmEnterprise.values), required=False, max_length=20, help_text="What a farm keeps."
    )
    certifications = serializers.ListField(
        child=Choice(choices=Certification.values), required=False, max_length=20, help_text="A farm's."
    )
    store_code = Text(
        max_length=20, allow_blank=True, required=False, help_text="Your own for a store; once in the organisation."
    )
    opening_hours = _HOURS
    floor_area = Whole(
        min_value=0, max_value=_MOST, allow_null=True, required=False, help_text="A store's, in square metres."
    )
    capacity = Whole(
        min_value=0, max_value=_MOST, allow_null=True, required=False, help_text="A store's storage, in pallets."
    )


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
        acting=Acting.ALSO,
        example={
            "kind": "farm",
            "description": "Milk and butter from the Culm valley.",
            "holding_number": "10/123/0456",
            "hectares": "84.50",
            "farm_enterprises": ["dairy"],
            "certifications": ["organic"],
        },
    )
    def put(self, request: Request, unit: str) -> HttpResponse:
        """A farm is a producer and a store a hub, unless told otherwise. 409 when there is a business already.

        A farm takes `holding_number`, `hectares`, `farm_enterprises` and `certifications`; a store takes `store_code`,
        `opening_hours`, `floor_area` and `capacity`; either is refused for the other.
        """
        row = reads.get_unit(self.access, unit)
        business = businesses.create_business(self.acting, unit=row, **self.body)
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
        acting=Acting.ALSO,
        example={
            "description": "Vegetables from the Exe valley.",
            "sells": "own",
            "opening_hours": {"fri": [["09:00", "12:30"], ["13:30", "17:30"]], "sat": [["09:00", "13:00"]]},
        },
    )
    def patch(self, request: Request, unit: str) -> HttpResponse:
        """Description and website are the public profile, which partners may have been granted; the rest is trading.

        A new contact address is to be confirmed anew, by the link in a mail that goes to it (three an hour at most; see
        `contact-confirmation/`). A list or the opening hours are sent whole. The `kind` changes
        only when what just the old one has is empty, or is emptied in the same request.
        """
        row = reads.get_enterprise(self.access, unit)
        self._change(row, self.version_of(row))
        return self._now(unit)

    @transaction.atomic
    def _change(self, row: Business, version: int | None) -> None:
        profile = {name: value for name, value in self.body.items() if name in _PROFILE}
        trading = {name: value for name, value in self.body.items() if name not in _PROFILE}
        if trading:
            businesses.edit_trading(self.acting, business=row, version=version, **trading)
            # The version has been looked at, and is held until the transaction ends.
            version = None
        if profile or not trading:
            businesses.edit_profile(self.acting, business=row, version=version, **profile)

    def _now(self, unit: str) -> HttpResponse:
        row = reads.get_enterprise(self.access, unit)
        return self.answer(business_out(self.access, row), version=row.version)


class ContactConfirmationView(ApiView):
    """business-units/{unit}/business/contact-confirmation/"""

    tag = "Business units"

    @operation("Mail a confirmation link", Action.BUSINESS_EDIT_TRADING, acting=Acting.ALSO, status=204)
    def post(self, request: Request, unit: str) -> HttpResponse:
        """Mails a link to the contact address; whoever follows it confirms the address. Three an hour at most."""
        row = reads.get_enterprise(self.access, unit)
        businesses.request_contact_confirmation(self.acting, business=row)
        return self.nothing()
