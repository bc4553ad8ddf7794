"""Taking on, finding and looking at customers. For staff, but for one question."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, TypedDict

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from customers import directory
from customers.domain import recovery, requests, signup
from customers.domain.duplicates import Asked
from customers.enums import RequestState
from customers.models import AccessRequest, Invitation
from organisations.api.fields import CompanyNumber, Postcode, VatNumber
from organisations.api.organisations import BusinessPut, OrganisationsView, UnitBody
from organisations.api.shapes import Named, OrganisationOut, organisation_out
from organisations.enums import OrganisationKind
from organisations.models import BusinessUnit
from organisations.reads import get_organisation
from organisations.validators import validate_company_number, validate_vat_number
from permissions.actions import Action
from permissions.api.fields import BadQuery, Email, Query, QueryMoment, Reference, Strict, Text, YesNo
from permissions.api.operations import Acting, listing, operation
from permissions.api.paging import PageQuery
from permissions.api.schema import described, id_of
from permissions.api.views import ApiView
from permissions.models import Membership
from permissions.reads import get_membership, memberships

_STATE = described("Where it stands.", enum=list(directory.STATES))


class CustomerOut(TypedDict):
    """An organisation as Hectare staff see it in lists."""

    id: Annotated[str, id_of("org")]
    name: str
    kind: Annotated[str, described("full: a customer. shell: recorded by a customer, not claimed yet.")]
    state: Annotated[str, _STATE]
    has_owner: Annotated[bool, described("Whether an active account owner can act for it.")]
    company_number: str
    vat_number: str
    town: str
    postcode: str
    merged_into: Annotated[str | None, id_of("org", "The record that stayed.")]
    created_at: datetime
    updated_at: datetime
    version: int


class PersonOut(TypedDict):
    """A member of an organisation."""

    id: Annotated[str, id_of("usr")]
    membership: Annotated[str, id_of("mem")]
    name: str
    email: str
    role: str
    is_active: bool


class CustomerUnitOut(TypedDict):
    """A unit of an organisation, in short."""

    id: Annotated[str, id_of("bu")]
    name: str
    business: Annotated[str | None, described("farm or store; null without a business.")]
    archived: bool


class CustomerDetailOut(CustomerOut):
    """An organisation as Hectare staff see it."""

    units: Annotated[list[CustomerUnitOut], described("The first of them; all: the organisation's business units.")]
    units_count: int
    people: Annotated[list[PersonOut], described("The first of them; all: the organisation's users.")]
    people_count: int
    invitations: Annotated[int, described("Those that wait or failed.")]
    recorded_by: Named | None


class MatchOut(TypedDict):
    """A company that is like the one asked for."""

    id: Annotated[str, id_of("org")]
    name: str
    kind: str
    company_number: str
    vat_number: str
    town: str
    postcode: str
    archived: bool
    because: Annotated[
        list[str], described("What they have in common: company_number, vat_number, name_and_postcode, name, email.")
    ]


class ExistsOut(TypedDict):
    """Whether a company is a customer."""

    exists: Annotated[bool | None, described("null: that is not told.")]
    matches: Annotated[list[MatchOut], described("For Hectare staff; empty for everybody else.")]


class SignedUpOut(TypedDict):
    """What was made."""

    organisation: OrganisationOut
    unit: Annotated[str, id_of("bu")]
    is_enterprise: Annotated[bool, described("Whether there is a business behind the unit.")]
    owner: Annotated[str | None, id_of("usr", "The account owner; null when she has an account and is asked first.")]
    invitation: Annotated[str | None, id_of("inv", "By which an existing person is asked to become account owner.")]


def signed_up_out(made: signup.SignedUp) -> SignedUpOut:
    """A customer that was taken on."""
    return {
        "organisation": organisation_out(made.organisation),
        "unit": made.unit.public_id,
        "is_enterprise": made.business is not None,
        "owner": made.owner.public_id if made.owner else None,
        "invitation": made.invitation.public_id if made.invitation else None,
    }


class RecoveredOut(TypedDict):
    """Who is, or is asked to be, account owner."""

    membership: Annotated[str | None, id_of("mem")]
    invitation: Annotated[str | None, id_of("inv")]


class AccessRequestOut(TypedDict):
    """What a company asks Hectare for."""

    id: Annotated[str, id_of("acr")]
    kind: Annotated[str, described("access: to become a customer. claim: to take over its record.")]
    status: Annotated[str, described("waiting, approved or refused")]
    company_name: str
    company_number: str
    postcode: str
    name: str
    email: str
    message: str
    organisation: Annotated[str | None, id_of("org", "The customer or record that it is about, or became.")]
    answer: str
    answered_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


def customer_out(row: Any) -> CustomerOut:
    """One row of a list."""
    return {
        "id": row.public_id,
        "name": row.name,
        "kind": row.kind,
        "state": directory.state_of(row),
        "has_owner": row.has_owner,
        "company_number": row.company_number,
        "vat_number": row.vat_number,
        "town": row.town,
        "postcode": row.postcode,
        "merged_into": row.merged_into.public_id if row.merged_into else None,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


def access_request_out(row: AccessRequest) -> AccessRequestOut:
    """One request."""
    return {
        "id": row.public_id,
        "kind": row.kind,
        "status": row.status,
        "company_name": row.company_name,
        "company_number": row.company_number,
        "postcode": row.postcode,
        "name": row.name,
        "email": row.email,
        "message": row.message,
        "organisation": row.organisation.public_id if row.organisation else None,
        "answer": row.answer,
        "answered_at": row.answered_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


class CustomersQuery(PageQuery):
    """What to look for."""

    q = serializers.CharField(
        required=False, max_length=100, help_text="Part of a name; a number, postcode, e-mail or id."
    )
    kind = serializers.ChoiceField(choices=OrganisationKind.values, required=False)
    state = serializers.ChoiceField(choices=directory.STATES, required=False)
    has_owner = serializers.BooleanField(required=False, allow_null=True, default=None)
    created_since = QueryMoment(required=False)
    created_before = QueryMoment(required=False)


class OrganisationBody(Strict):
    """A company."""

    name = Text(max_length=200)
    company_number = CompanyNumber(required=False)
    vat_number = VatNumber(required=False)
    town = Text(max_length=100, allow_blank=True, required=False)
    postcode = Postcode(required=False)


class OwnerBody(Strict):
    """Who becomes account owner."""

    name = Text(max_length=150)
    email = Email(max_length=254)


class CustomerBody(Strict):
    """A customer: company, first business unit, its business if it trades, account owner."""

    organisation = OrganisationBody()
    unit = UnitBody()
    business = BusinessPut(required=False, allow_null=True)
    owner = OwnerBody()
    confirm = YesNo(default=False, help_text="You have seen the companies that are like it.")


class NewOrganisationBody(OrganisationBody):
    """A company without units and people."""

    confirm = YesNo(default=False, help_text="You have seen the companies that are like it.")


class ExistsQuery(Query):
    """By a number, by name and postcode together, or by e-mail."""

    company_number = CompanyNumber(required=False, allow_blank=False, validators=[validate_company_number])
    vat_number = VatNumber(required=False, allow_blank=False, validators=[validate_vat_number])
    name = serializers.CharField(required=False, max_length=200)
    postcode = serializers.CharField(required=False, max_length=10)
    email = serializers.CharField(required=False, max_length=254)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """One question at a time."""
        if sorted(attrs) not in (["company_number"], ["vat_number"], ["name", "postcode"], ["email"]):
            told = serializers.ErrorDetail(
                "Ask by company_number, by vat_number, by name and postcode, or by email.", code="one_of"
            )
            raise BadQuery({"company_number": [told]})
        return attrs


class RecoveryBody(Strict):
    """A member, or somebody to invite."""

    membership = Reference("mem", get_membership, required=False, help_text="An active member who becomes owner.")
    email = Email(max_length=254, required=False, help_text="Or somebody who is invited to become one.")
    name = Text(max_length=150, required=False, allow_blank=True)


class RequestsQuery(PageQuery):
    """By where they stand."""

    status = serializers.ChoiceField(choices=RequestState.values, required=False)


class RefusalBody(Strict):
    """What the company is told."""

    answer = Text(max_length=500)


NEW_CUSTOMER = {
    "organisation": {"name": "Ottery Orchards Ltd", "company_number": "01234567", "postcode": "EX11 1AA"},
    "unit": {"name": "Home orchard", "postcode": "EX11 1AA"},
    "business": {"kind": "farm", "certifications": ["organic"]},
    "owner": {"name": "Olive Otter", "email": "olive@ottery.example"},
}


class CustomersView(ApiView):
    """customers/"""

    tag = "Customers"

    @operation(
        "List all customers", Action.CUSTOMER_VIEW, query=CustomersQuery, answers=listing(CustomerOut), errors=(404,)
    )
    def get(self, request: Request) -> HttpResponse:
        """Every organisation, shells included. For Hectare staff; to others the address is not there."""
        directory.staff_only(self.access)
        rows, query = directory.customers(self.access), self.query
        if text := query.get("q"):
            rows = directory.matching(rows, text)
        if kind := query.get("kind"):
            rows = rows.filter(kind=kind)
        if state := query.get("state"):
            rows = directory.in_state(rows, state)
        if query["has_owner"] is not None:
            rows = rows.filter(has_owner=query["has_owner"])
        if since := query.get("created_since"):
            rows = rows.filter(created_at__gte=since)
        if before := query.get("created_before"):
            rows = rows.filter(created_at__lt=before)
        return self.page(rows, lambda found: [customer_out(row) for row in found])

    @operation(
        "Take on a customer",
        Action.CUSTOMER_CREATE,
        body=CustomerBody,
        answers=SignedUpOut,
        status=201,
        acting=Acting.ONLY,
        errors=(404,),
        example=NEW_CUSTOMER,
    )
    def post(self, request: Request) -> HttpResponse:
        """Company, first business unit, its business and account owner: all or nothing. For Hectare staff, unless
        nobody takes on customers at present (409).

        The owner's account is confirmed at once, and she is mailed a link by which she sets her password. Who has an
        account already is asked by an invitation instead. 409 `confirmation_needed` shows companies that are like it
        (`preview.matches`); send the same with `confirm` when it is another one.
        """
        body = dict(self.body)
        made = signup.sign_up(self.acting, confirmed=body.pop("confirm"), **body)
        where = f"/api/v1/customers/{made.organisation.public_id}/"
        return self.answer(signed_up_out(made), status=201, location=where)


class ExistsView(ApiView):
    """customers/exists/"""

    tag = "Customers"
    throttle_scope = "exists"

    @operation(
        "Ask whether a company is a customer",
        Action.CUSTOMER_CHECK,
        query=ExistsQuery,
        answers=ExistsOut,
        errors=(404,),
    )
    def get(self, request: Request) -> HttpResponse:
        """One question at a time: `company_number`, `vat_number`, `name` with `postcode`, or `email`.

        Those who manage an organisation get yes or no for the two numbers, and null for everything else. Hectare staff
        get what is like it. Numbers may have spaces, and lack zeros at the front or GB; what can be no number is 400.
        Thirty questions a minute, and two hundred a day for an organisation, companies that it records with a number
        included.
        """
        response = self.answer(directory.exists(self.access, Asked(**self.query)))
        response["Cache-Control"] = "no-store"
        return response


class CustomerView(ApiView):
    """customers/{organisation}/"""

    tag = "Customers"

    @operation("Read a customer", Action.CUSTOMER_VIEW, answers=CustomerDetailOut, tagged=True)
    def get(self, request: Request, organisation: str) -> HttpResponse:
        """One organisation with its first units and people, 50 of each, and how many there are. For Hectare staff."""
        row = directory.get_customer(self.access, organisation)  # decided here, for all that follows
        units = BusinessUnit.objects.filter(organisation=row)  # door: staff see all; decided just above
        people = memberships(self.access).filter(organisation=row).order_by("pk")
        waiting = Invitation.objects.filter(  # door: as above
            organisation=row, status__in=["pending", "failed"]
        )
        recorder = row.created_by_organisation
        answer: CustomerDetailOut = {
            **customer_out(row),
            "units": [
                _unit_out(one) for one in units.select_related("business").order_by("pk")[: directory.MOST_SHOWN]
            ],
            "units_count": units.count(),
            "people": [_person_out(one) for one in people[: directory.MOST_SHOWN]],
            "people_count": people.count(),
            "invitations": waiting.count(),
            "recorded_by": {"id": recorder.public_id, "name": recorder.name} if recorder else None,
        }
        return self.answer(answer, version=row.version)


def _unit_out(row: BusinessUnit) -> CustomerUnitOut:
    business = getattr(row, "business", None)
    return {
        "id": row.public_id,
        "name": row.name,
        "business": business.kind if business else None,
        "archived": row.is_archived,
    }


def _person_out(row: Membership) -> PersonOut:
    return {
        "id": row.user.public_id,
        "membership": row.public_id,
        "name": row.user.name,
        "email": row.user.email,
        "role": row.role.name,
        "is_active": row.is_active and row.user.is_active,
    }


class AllOrganisationsView(OrganisationsView):
    """organisations/

    The list is everybody's; making one is the staff's.
    """

    @operation(
        "Make an organisation",
        Action.CUSTOMER_CREATE,
        body=NewOrganisationBody,
        answers=OrganisationOut,
        status=201,
        tagged=True,
        acting=Acting.ONLY,
        errors=(404,),
        example={"name": "Ottery Orchards Ltd", "company_number": "01234567", "postcode": "EX11 1AA"},
    )
    def post(self, request: Request) -> HttpResponse:
        """The record of a customer, without units and people. For Hectare staff.

        It should not stay alone: nobody can use it until it has an account owner. Use `POST customers/`, which makes
        all of a customer at once; the look for companies that are like it is the same.
        """
        body = dict(self.body)
        made = signup.create_organisation_alone(self.acting, confirmed=body.pop("confirm"), **body)
        where = f"/api/v1/organisations/{made.public_id}/"
        return self.answer(organisation_out(made), status=201, version=made.version, location=where)


class OwnershipRecoveryView(ApiView):
    """organisations/{organisation}/ownership-recovery/"""

    tag = "Customers"

    @operation(
        "Recover the ownership of an account",
        Action.CUSTOMER_RECOVER,
        body=RecoveryBody,
        answers=RecoveredOut,
        acting=Acting.ONLY,
        example={"email": "olive@ottery.example", "name": "Olive Otter"},
    )
    def post(self, request: Request, organisation: str) -> HttpResponse:
        """Makes an active member account owner, or invites somebody to become one. For Hectare staff, with a reason.

        Nobody loses anything by it; every account owner that there is gets a mail at once, and so
        does the new one. A member whose e-mail is not confirmed is refused (`unconfirmed`).
        """
        row = get_organisation(self.access, organisation)
        done = recovery.recover_ownership(self.acting, organisation=row, **self.body)
        answer: RecoveredOut = {
            "membership": done.membership.public_id if done.membership else None,
            "invitation": done.invitation.public_id if done.invitation else None,
        }
        return self.answer(answer)


class AccessRequestsView(ApiView):
    """customers/access-requests/"""

    tag = "Customers"

    @operation(
        "List requests for access",
        Action.ACCESS_REQUEST_VIEW,
        query=RequestsQuery,
        answers=listing(AccessRequestOut),
        errors=(404,),
    )
    def get(self, request: Request) -> HttpResponse:
        """Companies that ask to be taken on. For Hectare staff."""
        directory.staff_only(self.access)
        rows = directory.access_requests(self.access)
        if status := self.query.get("status"):
            rows = rows.filter(status=status)
        return self.page(rows, lambda found: [access_request_out(row) for row in found])


class AccessRequestRefuseView(ApiView):
    """customers/access-requests/{access_request}/refuse/"""

    tag = "Customers"

    @operation(
        "Refuse a request for access",
        Action.ACCESS_REQUEST_ANSWER,
        body=RefusalBody,
        answers=AccessRequestOut,
        acting=Acting.ONLY,
        example={"answer": "We take on farms and stores in Devon only, for now."},
    )
    def post(self, request: Request, access_request: str) -> HttpResponse:
        """With an answer that is mailed."""
        row = directory.get_access_request(self.access, access_request)
        requests.refuse(self.acting, request=row, **self.body)
        return self.answer(access_request_out(directory.get_access_request(self.access, access_request)))
