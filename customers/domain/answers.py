"""Answering an invitation: the link is the proof that the mail was read, so that address counts as verified.

Looking changes nothing; an answer is given once. The organisation is locked first and the invitation then, so that of
two who answer at the same moment one finds it answered, and of two who claim one record one finds it claimed.
"""

from __future__ import annotations

from dataclasses import dataclass

import pghistory
from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from common import clock
from common.editing import created, locked, written
from common.emails import normal, same, spellings
from common.errors import Conflict, Invalid
from common.locks import share
from common.tokens import hash_of
from common.validation import check, invalid
from common.verbs import verb
from customers.domain.invitation_life import WAITING, carried_units, gone, lives, was_member_since
from customers.domain.invitations import end, end_all
from customers.domain.mode import must_take_on
from customers.enums import InvitationKind, InvitationStatus
from customers.models import Invitation, User
from mails import outbox
from organisations.enums import OrganisationKind
from organisations.models import Organisation
from permissions.access import Access
from permissions.impersonation import ANSWERS, keep
from permissions.models import Membership


@dataclass(frozen=True)
class Accepted:
    """What came of accepting.

    Attributes:
        is_new: whether the account was made with it; its owner is to be signed in.
    """

    invitation: Invitation
    membership: Membership
    user: User
    is_new: bool


def find(token: str) -> Invitation:
    """The invitation whose link carries the token. Changes nothing.

    Raises:
        Gone: it does not work, whatever the reason.
    """
    rows = Invitation.objects.select_related("organisation", "role", "invited_by", "invited_for")
    row = rows.filter(token_hash=hash_of(token)).first() if token else None
    if row is None or not lives(row):
        raise gone()
    return row


def account_of(invitation: Invitation) -> User | None:
    """The account whose e-mail the invitation went to, if there is one. For who holds the link only."""
    return User.objects.filter(email__in=spellings(invitation.email)).first()


@verb
def accept(actor: Access, *, token: str, name: str = "", password: str = "") -> Accepted:
    """Accept an invitation: become a member, or take over the record of one's company.

    Args:
        actor: the signed-in person whom it was sent to; nobody, when she has no account yet.
        name: and ``password``: of the account that is made then.

    Raises:
        Gone: it does not work any more.
        Conflict: it is for another person than the one who is signed in (``wrong_account``), who has an account and
            has not signed in (``sign_in_first``), or who cannot join.
        Refused: it makes a customer, and nobody is taken on at present (Q2). The link stays for when that changes.
            Or staff act as the one who is signed in (S4).
        Invalid: name or password cannot be used.
    """
    keep(actor, ANSWERS)
    row = _opened(token)
    user, is_new = _person(actor, row, name, password)
    membership = _claimed(row, user) if row.kind == InvitationKind.CLAIM else _joined(row, user)
    written(
        row,
        {
            "status": InvitationStatus.ACCEPTED,
            "token_hash": "",
            "answered_at": clock.now(),
            "accepted_by_id": user.pk,
        },
    )
    _tell(row)
    return Accepted(row, membership, user, is_new)


@verb
def decline(actor: Access, *, token: str) -> Invitation:
    """Decline an invitation. Whoever holds the link may, but not somebody else who is signed in."""
    keep(actor, ANSWERS)
    row = _opened(token)
    if actor.actor:
        _is_hers(actor, row)
    return end(row, InvitationStatus.DECLINED)


def _opened(token: str) -> Invitation:
    found = find(token)
    organisation = locked(found.organisation)
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("role", "invited_by", "invited_for")
    row = rows.filter(pk=found.pk, token_hash=found.token_hash).first()
    if row is None:
        raise gone()
    row.organisation = organisation
    if not lives(row):
        raise gone()
    return row


def _person(actor: Access, row: Invitation, name: str, password: str) -> tuple[User, bool]:
    """Who accepts: the one who is signed in, or somebody new."""
    if actor.actor:
        return _is_hers(actor, row), False
    if account_of(row) is not None:
        raise Conflict("There is an account for this address. Sign in first, then accept.", code="sign_in_first")
    user = User(email=normal(row.email), name=(name or row.name).strip())
    # What her password must not be made of; she belongs to it in a moment.
    user.organisation_names = [row.organisation.name]  # type: ignore[attr-defined]
    try:
        validate_password(password, user)
    except ValidationError as problem:
        raise invalid(ValidationError({"password": problem}), None) from None
    user.set_password(password)
    check(user)
    if not user.name:
        raise Invalid.one("/name", "required", "Enter your name.")
    made = created(user)
    EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
    # From here on it is she who acts.
    pghistory.context(actor=made.public_id, actor_name=str(made))
    return made, True


def _is_hers(actor: Access, row: Invitation) -> User:
    # Held against who ends her account at this moment: one of the two comes second, and sees what the first has done.
    share(User.objects.filter(pk=actor.user_id or 0), key=True)
    user = User.objects.filter(pk=actor.user_id or 0, is_active=True).first()
    if user is None:
        raise Conflict("An invitation is for a person. Sign in and answer it yourself.", code="person_only")
    if not same(user.email, row.email):
        told = f"This invitation is for another address than yours ({user.email}). Sign in with the account it is for."
        raise Conflict(told, code="wrong_account")
    if user.is_staff:
        raise Conflict("Hectare staff belong to no organisation.", code="staff")
    return user


def _joined(row: Invitation, user: User) -> Membership:
    if Membership.objects.filter(user=user, organisation=row.organisation, is_active=True).exists():
        # Nobody changes her own role with an invitation.
        raise Conflict(f"You belong to {row.organisation} already.", code="member_already")
    if was_member_since(row, user) or row.role is None:
        raise gone()
    units = carried_units(row)
    membership = created(Membership(user=user, organisation=row.organisation, role=row.role, all_units=units is None))
    membership.units.set(units or ())
    return membership


def _claimed(row: Invitation, user: User) -> Membership:
    organisation = row.organisation
    must_take_on()
    recorders = [one for one in (organisation.created_by_organisation_id, row.invited_for_id) if one]
    if Membership.objects.filter(user=user, organisation__in=recorders).exists():
        told = "You belong to the customer that keeps this record. It is taken over by somebody of the company itself."
        raise Conflict(told, code="own_record")
    assert row.role is not None
    written(organisation, {"kind": OrganisationKind.FULL, "claimed_at": clock.now()})
    membership = created(Membership(user=user, organisation=organisation, role=row.role, all_units=True))
    end_all(waiting_of(organisation).exclude(pk=row.pk))
    return membership


def waiting_of(organisation: Organisation) -> QuerySet[Invitation]:
    """What waits for an answer among an organisation's invitations."""
    return Invitation.objects.filter(organisation=organisation, status__in=WAITING).order_by("pk")


def _tell(row: Invitation) -> None:
    """The sender is told by mail."""
    sender = row.invited_by
    if sender is not None and sender.is_active:
        kind = "company_claimed" if row.kind == InvitationKind.CLAIM else "invitation_accepted"
        outbox.post(kind, recipient=sender.email, about=row.public_id, organisation=row.invited_for)
