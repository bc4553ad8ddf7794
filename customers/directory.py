"""Customers as staff look for them, and what others may ask of them.

Only the public question (``exists``) is for tenants, and it says yes or no to a number, nothing more.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final, TypedDict

from django.db.models import Exists, OuterRef, Q, QuerySet

from common import limits
from common.emails import spellings
from common.errors import NotFound
from customers.domain import duplicates
from customers.domain.duplicates import Asked
from customers.models import AccessRequest, ExternalId, Invitation
from customers.rules import ORGANISATION
from organisations.models import BusinessUnit, Organisation
from organisations.rules import of_nothing_yet, of_organisation
from organisations.validators import normal_postcode
from permissions import engine
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.enforce import require
from permissions.lookup import one
from permissions.models import Membership

#: What can be asked for: where an organisation stands.
STATES: Final = ("active", "archived", "merged", "removed")
#: Questions of one organisation in a day: enough for what it trades with, too few to go through a register.
QUESTIONS: Final = 200


def state_of(row: Organisation) -> str:
    """Where an organisation stands."""
    if row.removed_at is not None:
        return "removed"
    if row.merged_into_id is not None:
        return "merged"
    return "archived" if row.is_archived else "active"


def customers(access: Access) -> QuerySet[Any]:
    """Every organisation, with ``has_owner``: whether somebody can act for all of it. For staff; others see none."""
    rows = Organisation.objects.filter(engine.may(access, Action.CUSTOMER_VIEW, ORGANISATION))
    return rows.select_related("merged_into", "created_by_organisation").annotate(has_owner=Exists(owners()))


def staff_only(access: Access) -> None:
    """What is for staff alone is not there for others.

    Raises:
        NotFound: she is no member of staff.
    """
    require(access, Action.CUSTOMER_VIEW, of_nothing_yet(access))


def get_customer(access: Access, public_id: str) -> Any:
    """One organisation as staff see it, or ``NotFound``."""
    return one(customers(access), public_id)


def owners() -> QuerySet[Membership]:
    """The active account owners of the organisation of the query outside."""
    return Membership.objects.filter(
        organisation=OuterRef("pk"),
        role__key="owner",
        role__organisation=None,
        all_units=True,
        is_active=True,
        user__is_active=True,
    )


def without_owner(access: Access) -> QuerySet[Any]:
    """Customers for which nobody can act."""
    rows = customers(access).filter(kind="full", archived_at=None)
    found: QuerySet[Any] = rows.filter(has_owner=False)
    return found


def in_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """Those of a list that stand there."""
    stays = rows.filter(removed_at=None)
    match state:
        case "removed":
            return rows.filter(removed_at__isnull=False)
        case "merged":
            return stays.filter(merged_into__isnull=False)
        case "archived":
            return stays.filter(merged_into=None, archived_at__isnull=False)
        case _:
            return stays.filter(archived_at=None)


def matching(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Those that a word is about: names of the company and its units, numbers, postcodes, people, e-mails, ids."""
    text = text.strip()
    squeezed = text.upper().replace(" ", "")
    units = BusinessUnit.objects.filter(organisation=OuterRef("pk"))
    people = Membership.objects.filter(organisation=OuterRef("pk"))
    if "@" in text:
        return rows.filter(
            Exists(people.filter(user__email__icontains=text))
            | Exists(Invitation.objects.filter(organisation=OuterRef("pk"), email__icontains=text))
        )
    if "_" in text:
        return rows.filter(
            Q(public_id=text)
            | Exists(units.filter(public_id=text))
            | Exists(people.filter(Q(public_id=text) | Q(user__public_id=text)))
            | Exists(Invitation.objects.filter(organisation=OuterRef("pk"), public_id=text))
            | _external(text)
        )
    return rows.filter(
        Q(name__icontains=text)
        | Q(company_number=squeezed)
        | Q(vat_number__in=[squeezed, f"GB{squeezed}"])
        | Q(postcode=normal_postcode(text))
        | Exists(units.filter(Q(name__icontains=text) | Q(postcode=normal_postcode(text))))
        | Exists(people.filter(user__name__icontains=text))
        | _external(text)
    )


def _external(text: str) -> Exists:
    return Exists(ExternalId.objects.filter(organisation=OuterRef("pk"), external_id=text))


class Answer(TypedDict):
    """Whether a company is a customer."""

    exists: bool | None
    matches: list[dict[str, Any]]


def exists(access: Access, asked: Asked) -> Answer:
    """Whether a company is a customer. Staff get what is like it, of every kind.

    Others get yes or no for a company number or a VAT number, and ``None`` for everything else, always: by name or by
    e-mail one would find out who deals with whom (Q1).

    Raises:
        Refused: she manages no organisation as a whole.
        TooMany: her organisations have asked too often today.
    """
    if access.is_staff:
        staff_only(access)
        matches = [one.as_dict() for one in duplicates.find(asked)]
        return {"exists": bool(matches), "matches": matches}
    for company in _askers(access):
        limits.spend(
            f"exists:{company.public_id}",
            times=QUESTIONS,
            within=timedelta(days=1),
            detail="That is as often as an organisation may ask in a day. Try again tomorrow.",
        )
    number, vat = asked.numbers
    if not (number or vat):
        return {"exists": None, "matches": []}
    rows = Organisation.objects.filter(kind="full", archived_at=None, removed_at=None)
    found = rows.filter(Q(company_number=number) if number else Q(vat_number=vat)).exists()
    return {"exists": found, "matches": []}


def _askers(access: Access) -> list[Organisation]:
    """The organisations for which somebody may ask.

    Raises:
        Refused: there is none of hers for which she may.
        NotFound: she belongs to none.
    """
    hers = Organisation.objects.filter(pk__in=access.organisation_ids()).order_by("pk")
    may = list(hers.filter(pk__in=access.organisation_ids(Permission.MANAGE_ORGANISATION)))
    for company in may or hers[:1]:
        require(access, Action.CUSTOMER_CHECK, of_organisation(company))
    if not may:
        raise NotFound
    return may


def access_requests(access: Access) -> QuerySet[AccessRequest]:
    """What companies ask Hectare for. For staff."""
    return engine.visible(access, AccessRequest.objects.select_related("organisation", "answered_by"))


def get_access_request(access: Access, public_id: str) -> AccessRequest:
    """One request, or ``NotFound``."""
    return one(access_requests(access), public_id)


def of_email(email: str) -> Q:
    """The condition on rows with an ``email`` that it is this one, however it is written."""
    return Q(email__in=spellings(email))
