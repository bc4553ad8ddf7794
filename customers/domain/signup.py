"""Taking on a customer: organisation, first business unit, its business, and the account owner, all or nothing.

By staff who act, or by the company itself while anybody may sign up (``customers.domain.mode``). What a company types
by itself is kept aside until whoever reads its e-mail has followed the link: nobody takes a name, a number or an
address that way, and nobody learns from the form who is a customer already (decision 0011).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final, Required, TypedDict, Unpack

import pghistory
from allauth.account.models import EmailAddress
from django.conf import settings
from django.db.models import Model
from django.utils.crypto import salted_hmac

from common import clock, limits
from common.editing import created
from common.emails import normal, spellings
from common.errors import FieldError, Gone, Invalid, TooMany
from common.tokens import hash_of
from common.validation import check_fields
from common.verbs import verb
from customers.domain import accounts, duplicates, invitations, users
from customers.domain.duplicates import Asked, Match
from customers.domain.mode import must_be, must_take_on
from customers.enums import RequestKind, SignUp
from customers.models import AccessRequest, Invitation, PendingSignUp, User
from mails import outbox
from organisations.domain import businesses, particulars, units
from organisations.domain.organisations import create_organisation, new_organisation
from organisations.enums import OrganisationKind
from organisations.models import Business, BusinessUnit, Organisation
from organisations.rules import of_nothing_yet
from organisations.validators import normal_postcode
from permissions.access import Access
from permissions.actions import Action
from permissions.domain import members
from permissions.enforce import require
from permissions.models import Membership, Role

#: How long a company that signed up by itself has to follow the link.
LINK_LIFE: Final = timedelta(days=7)
#: What may come from one address on the network, and go to one e-mail address.
PER_SOURCE: Final = 10
PER_EMAIL: Final = 3


class Company(TypedDict, total=False):
    """A company that is taken on."""

    name: Required[str]
    company_number: str
    vat_number: str
    town: str
    postcode: str


class FirstUnit(units.UnitDetails, total=False):
    """Its first business unit."""

    name: Required[str]


class FirstBusiness(businesses.TradingChanges, total=False):
    """The farm or store behind that unit."""

    description: str
    website: str


class Owner(TypedDict):
    """The person who becomes account owner."""

    name: str
    email: str


@dataclass(frozen=True)
class SignedUp:
    """A customer that was taken on.

    Attributes:
        owner: the account owner; ``None`` while a person who has an account already has not consented.
        invitation: the one that asks her.
    """

    organisation: Organisation
    unit: BusinessUnit
    business: Business | None
    owner: User | None = None
    invitation: Invitation | None = None


# --- by staff -------------------------------------------------------------------------------------------------------


@verb
def sign_up(
    actor: Access,
    *,
    organisation: Company,
    unit: FirstUnit,
    owner: Owner,
    business: FirstBusiness | None = None,
    confirmed: bool = False,
) -> SignedUp:
    """Take on a customer. For staff who act; the owner's account is confirmed at once.

    She gets a mail with a link by which she sets her password. Whoever has an account already is not made owner
    over her head: she gets an invitation.

    Args:
        confirmed: whether staff have seen the companies like it.

    Raises:
        ConfirmationNeeded: there are companies like it (``preview["matches"]``).
        Refused: nobody takes on customers at present (Q2).
    """
    require(actor, Action.CUSTOMER_CREATE, of_nothing_yet(actor))
    must_take_on()
    duplicates.ask(duplicates.asked_of(organisation, owner["email"]), confirmed=confirmed)
    with under("organisation"):
        company = create_organisation(actor, **organisation)
    with under("unit"):
        first = units.create_unit(actor, organisation=company, **unit)
    enterprise = None
    if business is not None:
        with under("business"):
            enterprise = businesses.create_business(actor, unit=first, **_whole(business))
    with under("owner"):
        made = _owner(actor, company, owner)
    require(actor, Action.CUSTOMER_CREATE, of_nothing_yet(actor))
    person, invitation = (made, None) if isinstance(made, User) else (None, made)
    return SignedUp(company, first, enterprise, person, invitation)


@verb
def create_organisation_alone(actor: Access, *, confirmed: bool = False, **values: Unpack[Company]) -> Organisation:
    """Make the record of a customer without units and people. For staff who act.

    It should not stay alone: without an owner nobody can use it. The switch and the look for duplicates are those of
    ``sign_up``.
    """
    require(actor, Action.CUSTOMER_CREATE, of_nothing_yet(actor))
    must_take_on()
    duplicates.ask(duplicates.asked_of(values), confirmed=confirmed)
    return create_organisation(actor, **values)


def _owner(actor: Access, company: Organisation, owner: Owner) -> User | Invitation:
    role = _owner_role()
    known = find_user(owner["email"])
    if known is None:
        user = users.create_user(actor, email=normal(owner["email"]), name=owner["name"].strip())
        members.add_member(actor, organisation=company, user=user, role=role)
        accounts.send_welcome(actor, user=user, organisation=company)
        return user
    if known.is_staff:
        raise Invalid.one("/email", "staff", "Hectare staff belong to no organisation.")
    if not known.is_active:
        raise Invalid.one(
            "/email", "inactive", "Somebody with this e-mail has been shut out. Let that account in first."
        )
    return invitations.invite(actor, organisation=company, email=known.email, name=known.name, role=role)


# --- by the company itself ------------------------------------------------------------------------------------------


@verb
def ask_to_sign_up(
    actor: Access,
    *,
    organisation: Company,
    unit: FirstUnit,
    owner: Owner,
    business: FirstBusiness | None = None,
    source: str = "",
) -> None:
    """Somebody signs a company up by herself. Whatever comes of it, the answer is the same: look in your mail.

    The mail has the link that goes on; or says that there is an account already; or that the company is here already,
    and that Hectare looks into it (staff see it among the requests).

    Args:
        source: where it comes from on the network, for the limit.

    Raises:
        Refused: nobody signs up by herself at present (Q2).
        TooMany: too much came from there.
    """
    must_be(SignUp.OPEN)
    details = {
        "organisation": dict(organisation),
        "unit": dict(unit),
        "business": None if business is None else _kept(business),
    }
    _check(details, owner)
    spend_source("sign-up", source)
    email = normal(owner["email"])
    if not room_for(email):
        return
    row = PendingSignUp(email=email, name=owner["name"].strip(), details=details, expires_at=clock.now() + LINK_LIFE)
    outbox.post("sign_up", recipient=email, about=created(row).public_id)


def looked_into(waits: PendingSignUp) -> str:
    """What the mail about a sign-up has to say: that it goes on, or why it does not, and then it is over.

    Asked by the job that sends the mail, so that the form takes as long for those who are known as for all others.
    """
    owner: Owner = {"name": waits.name, "email": waits.email}
    if find_user(waits.email) is not None or waits.email.rpartition("@")[2] in settings.STAFF_EMAIL_DOMAINS:
        waits.delete()
        return "sign_up_known"
    if (same := _same(waits.details)) is not None:
        waits.delete()
        _report(waits.details, owner, same)
        return "sign_up_company_known"
    return "sign_up"


def get_pending(token: str) -> PendingSignUp:
    """The sign-up that a link belongs to.

    Raises:
        Gone: there is none, any more or at all.
    """
    found = PendingSignUp.objects.filter(token_hash=hash_of(token), expires_at__gt=clock.now()).first()
    if not token or found is None:
        raise dead()
    return found


@verb
def confirm_sign_up(actor: Access, *, token: str, password: str) -> SignedUp | None:
    """Follow the link of a sign-up: the e-mail is proven, the password is set, and all of the customer is made.

    Returns:
        ``None`` when the company has come to be here by another way meanwhile: then staff look into it.
    """
    waits = PendingSignUp.objects.select_for_update().filter(pk=get_pending(token).pk).first()
    if waits is None:
        raise dead()
    must_be(SignUp.OPEN)
    if find_user(waits.email) is not None:
        raise dead()
    owner: Owner = {"name": waits.name, "email": waits.email}
    details = waits.details
    PendingSignUp.objects.filter(email=waits.email).delete()
    if (same := _same(details)) is not None:
        row = _report(details, owner, same)
        outbox.post("sign_up_company_known", recipient=row.email, about=row.public_id)
        return None
    user = _account(owner, password, details["organisation"]["name"])
    # From here on she acts herself.
    pghistory.context(actor=user.public_id, actor_name=str(user))
    company = created(new_organisation(OrganisationKind.FULL, **details["organisation"]))
    created(Membership(user=user, organisation=company, role=_owner_role(), all_units=True))
    first = units.create_unit(Access.for_user(user), organisation=company, **details["unit"])
    business = details["business"]
    enterprise = None
    if business is not None:
        # Asked anew: what she is given covers the unit now.
        enterprise = businesses.create_business(Access.for_user(user), unit=first, **_whole(business))
    return SignedUp(company, first, enterprise, user)


def forget_unconfirmed() -> int:
    """Delete what nobody confirmed in time. How many there were."""
    deleted, _ = PendingSignUp.objects.filter(expires_at__lte=clock.now()).delete()
    return deleted


def dead() -> Gone:
    """The one answer to every link that does not work."""
    return Gone("This link has been used or has expired. Sign up again, or sign in if you have an account.")


# --- what both share, and requests for access -----------------------------------------------------------------------


def find_user(email: str) -> User | None:
    """The person with an e-mail address, however it is written."""
    return User.objects.filter(email__in=spellings(email)).first()


def spend_source(what: str, source: str) -> None:
    """Count what came from one place on the network.

    Raises:
        TooMany: it was too much.
    """
    told = "Too many came from your network in the last hour. Try again later, or write to us."
    limits.spend(f"{what}:source:{source}", times=PER_SOURCE, within=timedelta(hours=1), detail=told)


def room_for(email: str) -> bool:
    """Whether another mail may go to an address that somebody typed: three an hour. It is not told to who typed it."""
    try:
        # What is counted is kept for an hour, where no erasure looks.
        counted = salted_hmac("customers.signup.typed", normal(email)).hexdigest()
        limits.spend(f"typed:{counted}", times=PER_EMAIL, within=timedelta(hours=1), detail="Too many.")
    except TooMany:
        return False
    return True


@contextmanager
def under(name: str) -> Iterator[None]:
    """Errors of a part of what was sent point to that part."""
    try:
        yield
    except Invalid as problem:
        raise Invalid(
            [FieldError(f"/{name}{one.pointer}", one.code, one.detail) for one in problem.errors], problem.detail
        ) from None


def _check(details: Mapping[str, Any], owner: Owner) -> None:
    """What is wrong with what was typed, without a word on what is here already."""
    unit, business = details["unit"], details["business"]
    rows: list[tuple[str, Model]] = [
        ("organisation", new_organisation(**details["organisation"])),
        ("unit", BusinessUnit(**{**unit, "postcode": normal_postcode(unit.get("postcode", ""))})),
        ("owner", User(email=normal(owner["email"]), name=owner["name"].strip(), password="-")),  # noqa: S106
    ]
    errors: list[FieldError] = []
    if business is not None:
        values = particulars.normal(dict(_whole(business)))
        made = Business(**values)
        rows.append(("business", made))
        with under("business"):
            particulars.check_kind(values, made, made.kind)
    for name, row in rows:
        errors += check_fields(row, f"/{name}")
    if errors:
        raise Invalid(errors)


def _whole(business: FirstBusiness) -> Any:
    """Values for a new business: what was left out has the meaning that making one gives it."""
    return {name: value for name, value in business.items() if value not in (None, "")}


def _kept(business: FirstBusiness) -> dict[str, Any]:
    """Values that can be kept as JSON: decimal numbers as text, which fields read again."""
    return {name: str(value) if isinstance(value, Decimal) else value for name, value in business.items()}


def _same(details: Mapping[str, Any]) -> Match | None:
    """The company that is here already: by a number, or by a near name at the same postcode."""
    company, unit = details["organisation"], details["unit"]
    asked = duplicates.asked_of(company)
    if (found := duplicates.same_numbers(*asked.numbers)) is not None:
        return Match(found, ("company_number",))
    postcodes = map(normal_postcode, (asked.postcode, unit.get("postcode", "")))
    for postcode in dict.fromkeys(filter(None, postcodes)):
        for match in duplicates.find(Asked(name=asked.name, postcode=postcode)):
            if "name_and_postcode" in match.because:
                return match
    return None


def _report(details: Mapping[str, Any], owner: Owner, match: Match) -> AccessRequest:
    """Somebody signs up a company that is, or may be, here: staff look into it."""
    same = match.organisation
    what = "a company with one of its numbers" if match.is_certain else "a company with a name like it at its postcode"
    company = new_organisation(**details["organisation"])
    row = AccessRequest(
        kind=RequestKind.CLAIM if match.is_certain and same.kind == OrganisationKind.SHELL else RequestKind.ACCESS,
        company_name=company.name,
        company_number=company.company_number,
        postcode=company.postcode,
        name=owner["name"],
        email=normal(owner["email"]),
        message=f"Signed up by herself; {what} is here already.",
        organisation=same,
    )
    return created(row)


def _account(owner: Owner, password: str, company: str) -> User:
    user = User(email=owner["email"], name=owner["name"])
    # What her password must not be made of; she belongs to it in a moment.
    user.organisation_names = [company]  # type: ignore[attr-defined]
    accounts.check_password_rules(password, user)
    user.set_password(password)
    user = created(user)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def _owner_role() -> Role:
    return Role.objects.get(organisation=None, key=members.OWNER)
