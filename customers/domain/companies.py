"""Companies that customers know: recorded with a connection, and invited to take their record over.

A number (Companies House, VAT) names a company, so two customers who record the same one meet at one record. That
tells a customer no more than it may know: that the company is known here, and its public profile (decision 0012).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q

from common import limits
from common.editing import created, locked
from common.errors import Conflict, FieldError, Invalid
from common.validation import check_fields
from common.verbs import first, verb
from customers.domain import duplicates, questions
from customers.domain.invitations import invite_to_claim
from customers.domain.mode import must_take_on
from customers.models import Invitation
from customers.validators import is_staff_address
from organisations.domain.connections import stands
from organisations.domain.organisations import create_organisation, new_organisation
from organisations.enums import ConnectionKind, OrganisationKind
from organisations.models import Connection, Organisation
from organisations.rules import of_nothing_yet, of_organisation
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.domain.members import works
from permissions.enforce import require

#: Companies that one organisation records in an hour. One with a number is a question of the day besides.
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


def _count(actor: Access, *, organisation: Organisation, **values: Any) -> None:
    """Count a call, whatever comes of it: a refusal, too, may tell whether a company is known here."""
    if not engine.decide(actor, Action.ORGANISATION_RECORD, of_organisation(organisation)):
        # The verb says why not, before it looks at anything; it costs the organisation nothing.
        return
    limits.spend(
        f"companies:{organisation.public_id}",
        times=RECORDS_PER_HOUR,
        within=timedelta(hours=1),
        detail="Too many companies recorded in the last hour. Try again later.",
    )
    if values.get("company_number", "").strip() or values.get("vat_number", "").strip():
        questions.spend(organisation)


@first(_count)
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
    So is one whose record the organisation keeps already, under the same name.

    Args:
        contact_name: and ``contact_email``, ``note``: the recorder's own, seen by nobody else.
        invite: whether the contact is invited to take the record over; only when the record is the
            organisation's to give away.

    Raises:
        Invalid: something cannot be used. All of it is looked at before a number is, so that a mistake elsewhere tells
            nothing of the number.
        TooMany: too many companies in the last hour, or too many numbers today.
    """
    held = locked(organisation)
    require(actor, Action.ORGANISATION_RECORD, of_organisation(held))
    works(held)
    shell = new_organisation(
        OrganisationKind.SHELL,
        name=name,
        company_number=company_number,
        vat_number=vat_number,
        town=town,
        postcode=postcode,
    )
    shell.created_by_organisation = held
    connection = Connection(
        organisation=held,
        kind=kind,
        contact_name=contact_name.strip(),
        contact_email=contact_email.strip(),
        note=note.strip(),
    )
    errors = [*check_fields(shell), *check_fields(connection)]
    if invite:
        must_take_on()
        errors += _of_invitation(connection, message)
    if errors:
        raise Invalid(errors)
    other, is_new = _found_or_made(shell)
    _may_connect(held, other)
    connection.other = other
    connection = created(connection)
    stands(other)
    require(actor, Action.ORGANISATION_RECORD, of_organisation(held))
    invitation = None
    if invite and other.kind == OrganisationKind.SHELL and other.created_by_organisation_id == held.pk:
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
    confirmed: bool = False,
) -> Invitation:
    """Staff invite a company that nobody has recorded: its record is made, and its contact invited to take it over.

    Args:
        confirmed: whether staff have seen the companies like it.

    Raises:
        ConfirmationNeeded: there are companies like it (``preview["matches"]``).
        Refused: nobody takes on customers at present (Q2).
    """
    require(actor, Action.ORGANISATION_CREATE, of_nothing_yet(actor))
    must_take_on()
    asked = duplicates.Asked(name, postcode, company_number, vat_number, email)
    duplicates.ask(asked, confirmed=confirmed)
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


def _of_invitation(connection: Connection, message: str) -> list[FieldError]:
    """What is wrong with inviting the contact."""
    if not connection.contact_email:
        return [FieldError("/contact_email", "required", "Enter the address of the person to invite.")]
    if is_staff_address(connection.contact_email):
        return [FieldError("/contact_email", "staff", "Hectare staff belong to no organisation.")]
    row = Invitation(email=connection.contact_email, name=connection.contact_name, message=message.strip())
    return [one for one in check_fields(row) if one.pointer == "/message"]


def _found_or_made(shell: Organisation) -> tuple[Organisation, bool]:
    """The company that is known by a number of a record's, or kept already; or that record; and whether it is new."""
    if (known := _known(shell.company_number, shell.vat_number) or _kept_already(shell)) is not None:
        return known, False
    try:
        return created(shell), True
    except (Conflict, Invalid):
        # Somebody else recorded it between the two.
        if (known := _known(shell.company_number, shell.vat_number)) is None:
            raise
        return known, False


def _kept_already(shell: Organisation) -> Organisation | None:
    """Of one without a number: the record of that name, in that place, which the same organisation keeps."""
    if shell.company_number or shell.vat_number:
        return None
    records = Organisation.objects.filter(
        created_by_organisation=shell.created_by_organisation,
        kind=OrganisationKind.SHELL,
        archived_at=None,
        name__iexact=shell.name,
    )
    for name in ("town", "postcode"):
        if value := getattr(shell, name):
            records = records.filter(Q(**{name: ""}) | Q(**{f"{name}__iexact": value}))
    return records.order_by("pk").first()


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
