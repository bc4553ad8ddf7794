"""Handing the part of account owner over."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, TypedDict

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from customers import transfers
from customers.api.people import RoleRef, UserRef
from customers.domain import ownership as verbs
from customers.models import OwnershipTransfer
from organisations.reads import get_organisation
from permissions import reads
from permissions.actions import Action
from permissions.api.fields import Reference, Strict
from permissions.api.operations import Acting, listing, operation
from permissions.api.paging import PageQuery
from permissions.api.schema import described, id_of
from permissions.api.views import ApiView
from permissions.models import Membership


class PartyOut(TypedDict):
    """One of the two."""

    id: Annotated[str, id_of("mem")]
    user: UserRef


class TransferOut(TypedDict):
    """An offer to become account owner."""

    id: Annotated[str, id_of("otr")]
    organisation: Annotated[str, id_of("org")]
    giver: PartyOut
    recipient: PartyOut
    giver_role: Annotated[RoleRef, described("What the giver is once it is accepted.")]
    state: Annotated[str, described("pending, accepted, declined, cancelled or expired", enum=list(transfers.STATES))]
    expires_at: datetime
    answered_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


def _party(row: Membership) -> PartyOut:
    user = row.user
    return {"id": row.public_id, "user": {"id": user.public_id, "name": user.name, "email": user.email}}


def transfer_out(row: OwnershipTransfer) -> TransferOut:
    """One transfer, with everybody at hand."""
    role = row.giver_role
    return {
        "id": row.public_id,
        "organisation": row.organisation.public_id,
        "giver": _party(row.giver),
        "recipient": _party(row.recipient),
        "giver_role": {"id": role.public_id, "key": role.key, "name": role.name},
        "state": row.state,
        "expires_at": row.expires_at,
        "answered_at": row.answered_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


class TransfersQuery(PageQuery):
    """Which transfers."""

    state = serializers.ChoiceField(choices=transfers.STATES, required=False)


class TransferBody(Strict):
    """An offer."""

    recipient = Reference("mem", reads.get_membership, help_text="A colleague: active, with a confirmed e-mail.")
    giver_role = Reference(
        "rol", reads.get_role, required=False, help_text="What you are afterwards; left out: a manager."
    )


class TransfersView(ApiView):
    """organisations/{organisation}/ownership-transfers/"""

    tag = "People"

    @operation("List transfers", Action.OWNERSHIP_VIEW, query=TransfersQuery, answers=listing(TransferOut))
    def get(self, request: Request, organisation: str) -> HttpResponse:
        """Those of an organisation whose people you manage; otherwise those that you give or are offered."""
        row = get_organisation(self.access, organisation)
        rows = transfers.transfers(self.access).filter(organisation=row)
        if "state" in self.query:
            rows = transfers.in_state(rows, self.query["state"])
        return self.page(rows, lambda found: [transfer_out(one) for one in found])

    @operation(
        "Hand ownership over",
        Action.OWNERSHIP_GIVE,
        body=TransferBody,
        answers=TransferOut,
        status=201,
        example={"recipient": "mem_01k9f3q5j8x2m7n4v6b1c0d9eg"},
    )
    def post(self, request: Request, organisation: str) -> HttpResponse:
        """For account owners. Nothing changes until the recipient accepts. 409 when you have offered it already."""
        row = get_organisation(self.access, organisation)
        made = verbs.give_ownership(self.access, organisation=row, **self.body)
        found = transfers.get_transfer(self.access, made.public_id)
        return self.answer(transfer_out(found), status=201, location=f"/api/v1/ownership-transfers/{found.public_id}/")


class TransferView(ApiView):
    """ownership-transfers/{transfer}/"""

    tag = "People"

    @operation("Read a transfer", Action.OWNERSHIP_VIEW, answers=TransferOut)
    def get(self, request: Request, transfer: str) -> HttpResponse:
        """One that you give, are offered, or see because you manage the people."""
        return self.answer(transfer_out(transfers.get_transfer(self.access, transfer)))


class TransferAcceptView(ApiView):
    """ownership-transfers/{transfer}/accept/"""

    tag = "People"

    @operation("Accept ownership", Action.OWNERSHIP_ANSWER, answers=TransferOut, errors=(410,))
    def post(self, request: Request, transfer: str) -> HttpResponse:
        """By the recipient, with a session whose sign-in is fresh (403 `reauthentication_required` otherwise).

        The giver is no more account owner at once. 410 when it was cancelled or ran out, 409 when it was answered.
        """
        row = transfers.get_transfer(self.access, transfer)
        fresh = transfers.is_fresh(request._request)
        done = verbs.accept_ownership(self.access, transfer=row, fresh=fresh)
        return self.answer(transfer_out(transfers.get_transfer(self.access, done.public_id)))


class TransferDeclineView(ApiView):
    """ownership-transfers/{transfer}/decline/"""

    tag = "People"

    @operation("Decline ownership", Action.OWNERSHIP_ANSWER, answers=TransferOut, errors=(410,))
    def post(self, request: Request, transfer: str) -> HttpResponse:
        """By the recipient. Nothing changes."""
        done = verbs.decline_ownership(self.access, transfer=transfers.get_transfer(self.access, transfer))
        return self.answer(transfer_out(transfers.get_transfer(self.access, done.public_id)))


class TransferCancelView(ApiView):
    """ownership-transfers/{transfer}/cancel/"""

    tag = "People"

    @operation(
        "Take an offer of ownership back",
        Action.OWNERSHIP_CANCEL,
        answers=TransferOut,
        acting=Acting.ALSO,
        errors=(410,),
    )
    def post(self, request: Request, transfer: str) -> HttpResponse:
        """By the giver, or Hectare. Nothing changes."""
        done = verbs.cancel_ownership(self.acting, transfer=transfers.get_transfer(self.access, transfer))
        return self.answer(transfer_out(transfers.get_transfer(self.access, done.public_id)))
