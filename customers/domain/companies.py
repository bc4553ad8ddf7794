"""Companies that customers know: recorded with a connection, and invited to take their record over.

A number (Companies House, VAT) names a company, so two customers who record the same one meet at one record. That
tells a customer no more than it may know: that the company is known here, and its public profile (decision 0012).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Q

from common import limits
from common.editing import created, locked
from common.errors import Conflict, Invalid
from common.verbs import verb
from customers.domain.invitations import invite_to_claim
from customers.models import Invitation
from organisations.domain.organisations import create_organisation, new_organisation
from organisations.enums import ConnectionKind, OrganisationKind
from organisations.models import Connection, Organisation
from organisations.rules import of_organisation
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require

#: Companies that one organisation records in an hour: each with a number says whether that company is known here.
RECORDS_PER_HOUR = 60


@dataclass(frozen=True)
class Recorded:
    """What came of recording a company.

    Attributes:
        is_new: whether a record was made; otherwise the company was known, by its number.
        invitation: when it was invited with it.
    """

    connection: Connection
    is_new: bool
    invitation: Invitation | None = None


@verb
def record_company(
    actor: Access,
    *,
    organisation: Organisation,
    name: str,
    company_number: str = "",
    vat_number: str = "",
    town: str = "",
    postcode: str = "",
    kind: ConnectionKind = ConnectionKind.OTHER,
    contact_name: str = "",
    contact_email: str = "",
    note: str = "",
    invite: bool = False,
    message: str = "",
) -> Recorded:
    """Record a company that an organisation knows, with the connection between the two.

    A company that is known here by one of the numbers is connected, not recorded twice; what it is called here stays.

    Args:
        contact_name: and ``contact_email``, ``note``: the recorder's own, seen by nobody else.
        invite: whether the contact is invited to take the record over; only when the record is new.
    """
    held = locked(organisation)
    require(actor, Action.ORGANISATION_RECORD, of_organisation(held))
    limits.spend(
        f"companies:{held.public_id}",
        times=RECORDS_PER_HOUR,
        within=timedelta(hours=1),
        detail="Too many companies recorded in the last hour. Try again later.",
    )
    if invite and not contact_email.strip():
        raise Invalid.one("/contact_email", "required", "Enter the address of the person to invite.")
    shell = new_organisation(
        OrganisationKind.SHELL,
        name=name,
        company_number=company_number,
        vat_number=vat_number,
        town=town,
        postcode=postcode,
    )
    shell.created_by_organisation = held
    other = _known(shell.company_number, shell.vat_number)
    is_new = other is None
    other = other or created(shell)
    _may_connect(held, other)
    connection = created(
        Connection(
            organisation=held,
            other=other,
            kind=kind,
            contact_name=contact_name.strip(),
            contact_email=contact_email.strip(),
            note=note.strip(),
        )
    )
    require(actor, Action.ORGANISATION_RECORD, of_organisation(held))
    invitation = None
    if invite and is_new:
        invitation = invite_to_claim(actor, organisation=other, email=contact_email, name=contact_name, message=message)
    return Recorded(connection, is_new, invitation)


@verb
def invite_company(
    actor: Access,
    *,
    name: str,
    email: str,
    contact_name: str = "",
    company_number: str = "",
    vat_number: str = "",
    town: str = "",
    postcode: str = "",
    message: str = "",
) -> Invitation:
    """Staff invite a company that nobody has recorded: its record is made, and its contact invited to take it over."""
    made = create_organisation(
        actor,
        name=name,
        kind=OrganisationKind.SHELL,
        company_number=company_number,
        vat_number=vat_number,
        town=town,
        postcode=postcode,
    )
    return invite_to_claim(actor, organisation=made, email=email, name=contact_name, message=message)


def _known(company_number: str, vat_number: str) -> Organisation | None:
    """The company with one of the numbers.

    Raises:
        Invalid: they are the numbers of two companies.
        Conflict: the record with the number is put away; only Hectare can say what to do.
    """
    numbers = Q()
    if company_number:
        numbers |= Q(company_number=company_number)
    if vat_number:
        numbers |= Q(vat_number=vat_number)
    if not numbers:
        return None
    found = {one.merged_into or one for one in Organisation.objects.filter(numbers).select_related("merged_into")}
    if len(found) > 1:
        raise Invalid.one("/vat_number", "mismatch", "These are the numbers of two companies. Leave one of them out.")
    one = found.pop() if found else None
    if one is not None and one.is_archived:
        raise Conflict("A company with this number cannot be recorded just now; write to us.", code="number_taken")
    return one


def _may_connect(organisation: Organisation, other: Organisation) -> None:
    if organisation == other:
        raise Invalid.one("/company_number", "same", "This is the number of your own organisation.")
    if Connection.objects.filter(organisation=organisation, other=other).exists():
        raise Conflict(f"You are connected with {other} already.", code="connected_already")
