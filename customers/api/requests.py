"""Approving what companies ask Hectare for, and inviting companies. For staff."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework.request import Request

from customers import directory, reads
from customers.api.customers import NEW_CUSTOMER, CustomerBody, OrganisationBody, SignedUpOut, signed_up_out
from customers.api.shapes import InvitationOut, invitation_out
from customers.domain import companies, requests
from organisations.reads import get_organisation
from permissions.actions import Action
from permissions.api.fields import Email, Reference, Strict, Text, YesNo
from permissions.api.operations import Acting, operation
from permissions.api.views import ApiView


class ClaimBody(Strict):
    """Which record they take over."""

    organisation = Reference("org", get_organisation, help_text="The record that another customer made of the company.")


class CompanyBody(OrganisationBody):
    """A company, and whom of it to invite."""

    email = Email(max_length=254)
    contact_name = Text(max_length=150, allow_blank=True, required=False)
    message = Text(max_length=500, allow_blank=True, required=False, help_text="Stands in the mail.")
    confirm = YesNo(default=False, help_text="You have seen the companies that are like it.")


class RequestApproveView(ApiView):
    """customers/access-requests/{access_request}/approve/"""

    tag = "Customers"

    @operation(
        "Approve a request for access",
        Action.ACCESS_REQUEST_ANSWER,
        Action.CUSTOMER_CREATE,
        body=CustomerBody,
        answers=SignedUpOut,
        status=201,
        acting=Acting.ONLY,
        example=NEW_CUSTOMER,
    )
    def post(self, request: Request, access_request: str) -> HttpResponse:
        """The company becomes a customer, as with `POST customers/`, and the request is answered: both or neither."""
        row = directory.get_access_request(self.access, access_request)
        body = dict(self.body)
        made = requests.take_on(self.acting, request=row, confirmed=body.pop("confirm"), **body)
        where = f"/api/v1/customers/{made.organisation.public_id}/"
        return self.answer(signed_up_out(made), status=201, location=where)


class RequestInviteView(ApiView):
    """customers/access-requests/{access_request}/invite-to-claim/"""

    tag = "Customers"

    @operation(
        "Approve a request to take a record over",
        Action.ACCESS_REQUEST_ANSWER,
        Action.ORGANISATION_INVITE_TO_CLAIM,
        body=ClaimBody,
        answers=InvitationOut,
        status=201,
        acting=Acting.ONLY,
        example={"organisation": "org_01k9f3q5j8x2m7n4v6b1c0d9eg"},
    )
    def post(self, request: Request, access_request: str) -> HttpResponse:
        """Who asked is invited to take over the record that another customer made of her company."""
        row = directory.get_access_request(self.access, access_request)
        made = requests.invite_to_claim(self.acting, request=row, **self.body)
        return self.answer(invitation_out(reads.get_invitation(self.access, made.public_id)), status=201)


class CompanyInvitationsView(ApiView):
    """customers/invitations/"""

    tag = "Customers"

    @operation(
        "Invite a company",
        Action.ORGANISATION_CREATE,
        Action.ORGANISATION_INVITE_TO_CLAIM,
        body=CompanyBody,
        answers=InvitationOut,
        status=201,
        acting=Acting.ONLY,
        errors=(404,),
        example={"name": "Tiverton Tofu Ltd", "company_number": "01234567", "email": "tia@tofu.example"},
    )
    def post(self, request: Request) -> HttpResponse:
        """One that nobody has recorded: its record is made, and the person is invited to take it over.

        A company that is recorded already: `POST invitations/` with `kind` claim. 409 `confirmation_needed` shows
        companies that are like it (`preview.matches`); send the same with `confirm` when it is another one.
        """
        directory.staff_only(self.access)
        body = dict(self.body)
        made = companies.invite_company(self.acting, confirmed=body.pop("confirm"), **body)
        shown = invitation_out(reads.get_invitation(self.access, made.public_id))
        return self.answer(shown, status=201, location=f"/api/v1/invitations/{made.public_id}/")
