"""The farm or store behind a unit: its public profile, how it trades, and its confirmed contact address."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, TypedDict, Unpack

from django.contrib.auth.models import Group

from common import clock, hooks, limits
from common.editing import created, known, locked, opened, written
from common.errors import Conflict, TooMany
from common.verbs import verb
from mails import outbox
from organisations import contact
from organisations import rules as targets
from organisations.domain import particulars
from organisations.domain.particulars import FarmData, StoreData
from organisations.enums import BusinessKind, Sells
from organisations.models import Business, BusinessUnit
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require


class ProfileChanges(TypedDict, total=False):
    """The public profile."""

    description: str
    website: str


class Particulars(FarmData, StoreData, total=False):
    """What only a farm has, and what only a store has."""


class TradingChanges(Particulars, total=False):
    """How the enterprise trades, and what it has as a farm or as a store."""

    kind: BusinessKind
    is_producer: bool
    sells: Sells
    contact_email: str


@verb
def create_business(
    actor: Access,
    *,
    unit: BusinessUnit,
    kind: BusinessKind,
    is_producer: bool | None = None,
    sells: Sells | None = None,
    description: str = "",
    website: str = "",
    contact_email: str = "",
    **details: Unpack[Particulars],
) -> Business:
    """Make a unit an enterprise. A farm is a producer, a store a hub, unless told otherwise.

    A contact address gets the mail by which it is confirmed.
    """
    row = locked(unit, "organisation")
    require(actor, Action.UNIT_EDIT, targets.of_unit(row))
    if Business.objects.filter(pk=row.pk).exists():
        raise Conflict("This unit has a business already.", code="exists")
    farm = kind == BusinessKind.FARM
    business = Business(
        unit=row,
        group=Group.objects.create(name=f"enterprise:{row.public_id}"),
        kind=kind,
        is_producer=farm if is_producer is None else is_producer,
        sells=(Sells.NONE if farm else Sells.ANY) if sells is None else sells,
        description=description,
        website=website,
        contact_email=contact_email.strip(),
    )
    values = particulars.normal(known(details, Particulars))
    particulars.check_kind(values, business, kind)
    _check_store_code(values, business)
    for field, value in values.items():
        setattr(business, field, value)
    made = created(business)
    if made.contact_email:
        _ask_contact(made)
    require(actor, Action.UNIT_EDIT, targets.of_unit(row))
    return made


@verb
def edit_profile(
    actor: Access, *, business: Business, version: int | None = None, **changes: Unpack[ProfileChanges]
) -> Business:
    """Change the public profile; also for those who were granted ``edit_profile``."""
    row = opened(business, version, "unit__organisation")
    require(actor, Action.BUSINESS_EDIT_PROFILE, targets.of(row))
    row = written(row, known(changes, ProfileChanges))
    require(actor, Action.BUSINESS_EDIT_PROFILE, targets.of(row))
    return row


@verb
def edit_trading(
    actor: Access, *, business: Business, version: int | None = None, **changes: Unpack[TradingChanges]
) -> Business:
    """Change how the enterprise trades, and its data as a farm or store. A new contact address is to be confirmed anew.

    It gets the mail by which it is confirmed. When too many have gone out it does not: the address is saved all the
    same, and ``confirmation_waits`` of the row that is returned says when the mail can be asked for.

    A kind that changes is refused while data of the old kind stands: see ``particulars.check_kind``.
    """
    require(actor, Action.BUSINESS_EDIT_TRADING, targets.of(business))
    hooks.settle([business.pk])
    row = opened(business, version, "unit__organisation")
    values: dict[str, Any] = particulars.normal(known(changes, TradingChanges))
    particulars.check_kind(values, row, values.get("kind", row.kind))
    _check_store_code(values, row)
    if "contact_email" in values:
        values["contact_email"] = values["contact_email"].strip()
        if values["contact_email"] != row.contact_email:
            values["contact_email_confirmed_at"] = None
    is_new = values.get("contact_email", row.contact_email) != row.contact_email
    row = written(row, values)
    if is_new and row.contact_email:
        _ask_contact(row)
    require(actor, Action.BUSINESS_EDIT_TRADING, targets.of(row))
    return row


def _check_store_code(values: dict[str, Any], business: Business) -> None:
    code = values.get("store_code", "")
    if code and code != business.store_code:
        # The table cannot say it (the code stands with the business, the organisation with the unit), so that two who
        # choose the same code take turns at the organisation.
        organisation = locked(business.unit.organisation)
        others = Business.objects.filter(unit__organisation=organisation)
        particulars.check_store_code(code, business, others)


@verb
def request_contact_confirmation(actor: Access, *, business: Business) -> None:
    """Mail a link to the contact address, by which whoever reads it confirms it.

    Raises:
        TooMany: three mails have gone to this enterprise in the last hour.
    """
    row = locked(business, "unit__organisation")
    require(actor, Action.BUSINESS_EDIT_TRADING, targets.of(row))
    if not row.contact_email:
        raise Conflict("Enter a contact e-mail first.", code="no_contact_email")
    if row.contact_email_is_confirmed:
        raise Conflict("The contact e-mail is confirmed already.", code="confirmed_already")
    _post_confirmation(row)


def _post_confirmation(row: Business) -> None:
    limits.spend(
        f"contact-confirmation:{row.public_id}",
        times=3,
        within=timedelta(hours=1),
        detail="Three mails have gone out in the last hour. Look for them, also among spam, or try again later.",
    )
    outbox.post(contact.MAIL, recipient=row.contact_email, about=row.public_id, organisation=row.unit.organisation)


def _ask_contact(row: Business) -> None:
    """Mail the link to a new address, unless too many have gone out: it is saved all the same."""
    try:
        _post_confirmation(row)
    except TooMany as problem:
        row.confirmation_waits = int(problem.facts["retry_after"])


@verb
def confirm_contact(actor: Access, *, token: str) -> Business:
    """Confirm a contact address by the link that was mailed to it. The link is the proof, so anybody may hold it."""
    row = locked(contact.read_token(token), "unit__organisation")
    if row != contact.read_token(token):
        # The address was changed while we waited for the lock.
        raise contact.dead()
    return row if row.contact_email_is_confirmed else written(row, {"contact_email_confirmed_at": clock.now()})
