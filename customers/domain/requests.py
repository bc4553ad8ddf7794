"""Companies that ask Hectare to be taken on, and what staff answer."""

from __future__ import annotations

from typing import Any

from django.conf import settings

from common import clock
from common.editing import created, opened, written
from common.emails import normal
from common.errors import Conflict, Invalid
from common.verbs import verb
from customers.domain import invitations
from customers.domain.mode import must_be
from customers.domain.signup import (
    Company,
    FirstBusiness,
    FirstUnit,
    Owner,
    SignedUp,
    room_for,
    sign_up,
    spend_source,
)
from customers.enums import RequestKind, RequestState, SignUp
from customers.models import AccessRequest, Invitation
from customers.rules import of_request
from mails import outbox
from organisations.enums import OrganisationKind
from organisations.models import Organisation
from organisations.validators import normal_company_number, normal_postcode
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require


@verb
def ask_for_access(
    actor: Access,
    *,
    company_name: str,
    name: str,
    email: str,
    company_number: str = "",
    postcode: str = "",
    message: str = "",
    source: str = "",
) -> None:
    """A company asks to be taken on. The answer is the same for everybody; the mail says that we have it.

    Every request is kept for staff; to one address no more than three mails go in an hour.

    Raises:
        Refused: companies do not ask at present (Q2).
        TooMany: too much came from there.
    """
    must_be(SignUp.STAFF)
    row = AccessRequest(
        kind=RequestKind.ACCESS,
        company_name=company_name.strip(),
        company_number=normal_company_number(company_number),
        postcode=normal_postcode(postcode),
        name=name.strip(),
        email=normal(email),
        message=message.strip(),
    )
    spend_source("access-request", source)
    if row.email.rpartition("@")[2] in settings.STAFF_EMAIL_DOMAINS:
        return
    created(row)
    if room_for(row.email):
        outbox.post("access_request_received", recipient=row.email, about=row.public_id)


@verb
def take_on(
    actor: Access,
    *,
    request: AccessRequest,
    organisation: Company,
    unit: FirstUnit,
    owner: Owner,
    business: FirstBusiness | None = None,
    confirmed: bool = False,
) -> SignedUp:
    """Approve a request: the company becomes a customer (see ``sign_up``)."""
    row = _opened(actor, request)
    made = sign_up(actor, organisation=organisation, unit=unit, owner=owner, business=business, confirmed=confirmed)
    _answered(actor, row, RequestState.APPROVED, organisation=made.organisation)
    return made


@verb
def invite_to_claim(actor: Access, *, request: AccessRequest, organisation: Organisation) -> Invitation:
    """Approve a request of a company that another customer has recorded: its person is invited to take that over."""
    row = _opened(actor, request)
    if organisation.kind != OrganisationKind.SHELL:
        raise Invalid.one(
            "/organisation", "customer_already", f"{organisation} is a customer already. Its owners invite colleagues."
        )
    sent = invitations.approve_claim(actor, organisation=organisation, email=row.email, name=row.name)
    _answered(actor, row, RequestState.APPROVED, organisation=organisation)
    return sent


@verb
def refuse(actor: Access, *, request: AccessRequest, answer: str) -> AccessRequest:
    """Refuse a request, with an answer that is mailed."""
    row = _opened(actor, request)
    if not answer.strip():
        raise Invalid.one("/answer", "required", "Write what they are told.")
    if len(answer.strip()) > AccessRequest._meta.get_field("answer").max_length:  # type: ignore[operator]
        raise Invalid.one("/answer", "max_length", "Keep the answer to 500 characters.")
    row = _answered(actor, row, RequestState.REFUSED, answer=answer.strip())
    outbox.post("access_request_refused", recipient=row.email, about=row.public_id)
    return row


def _opened(actor: Access, request: AccessRequest) -> AccessRequest:
    row = opened(request, None)
    require(actor, Action.ACCESS_REQUEST_ANSWER, of_request(row))
    if row.status != RequestState.WAITING:
        raise Conflict(f"This request has been answered already: {row.get_status_display()}.", code="answered")
    return row


def _answered(actor: Access, row: AccessRequest, status: RequestState, **values: Any) -> AccessRequest:
    told = {"status": status, "answered_at": clock.now(), "answered_by_id": actor.user_id, **values}
    row = written(row, told)
    require(actor, Action.ACCESS_REQUEST_ANSWER, of_request(row))
    return row
