"""Hectare's own people: made, changed, shut out and let in again, by staff administrators only (S2).

Nobody becomes staff who is somebody already: a member of staff is a new account, with an address of ours, and belongs
to no organisation. The first one comes from ``manage.py createsuperuser``; no account is shipped.
"""

from __future__ import annotations

from typing import TypedDict, Unpack

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError

from common.editing import created, known, locked
from common.emails import spellings
from common.errors import Invalid
from common.validation import check
from common.verbs import verb
from customers.domain import accounts, invitations
from customers.models import User
from customers.rules import of_user
from customers.validators import is_staff_address, staff_email
from organisations.rules import of_nothing_yet
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Decision, Refusal, Refused
from permissions.enforce import require


class StaffChanges(TypedDict, total=False):
    """What can be changed of a member of staff. Her address she changes herself."""

    name: str
    administrator: bool


@verb
def create_staff(actor: Access, *, email: str, name: str, administrator: bool = False) -> User:
    """Make a member of staff. She is sent the link with which she sets her password; it proves her address.

    Args:
        administrator: whether she manages staff, too.

    Raises:
        Invalid: the address is none of ours (``staff_domain``), or somebody has it (``taken``).
    """
    require(actor, Action.STAFF_MANAGE, of_nothing_yet(actor))
    holding_administrators(actor)
    try:
        address = staff_email(email)
    except ValidationError as problem:
        raise Invalid.one("/email", "staff_domain", str(problem.message)) from None
    if User.objects.filter(email__in=spellings(address)).exists():
        raise Invalid.one("/email", "taken", "Somebody has an account with this address, and nobody becomes staff.")
    user = User(email=address, name=name.strip(), is_staff=True, is_superuser=administrator)
    user.set_unusable_password()
    created(user)
    EmailAddress.objects.create(user=user, email=address, verified=False, primary=True)
    accounts.send_welcome(actor, user=user)
    require(actor, Action.STAFF_MANAGE, of_user(user))
    return user


@verb
def edit_staff(actor: Access, *, user: User, **changes: Unpack[StaffChanges]) -> User:
    """Change a member of staff's name, or whether she is an administrator. It counts with her next request."""
    values = known(changes, StaffChanges)
    row = _opened(actor, user)
    administrator = values.get("administrator", row.is_superuser)
    if administrator != row.is_superuser:
        not_oneself(actor, row, "/administrator")
        if not administrator:
            keep_administrator(row)
    row.name, row.is_superuser = values.get("name", row.name).strip(), administrator
    check(row)
    row.save(update_fields=["name", "is_superuser", "updated_at"])
    require(actor, Action.STAFF_MANAGE, of_user(row))
    return row


@verb
def change_staff(actor: Access, *, user: User, active: bool | None = None, **changes: Unpack[StaffChanges]) -> User:
    """``edit_staff``, and letting in or shutting out, at once: all of it or nothing."""
    row = edit_staff(actor, user=user, **changes)
    return row if active is None else _set_active(actor, row, active=active)


@verb
def deactivate_staff(actor: Access, *, user: User) -> User:
    """Shut a member of staff out, at once and everywhere. What she did stays under her name."""
    return _set_active(actor, user, active=False)


@verb
def reactivate_staff(actor: Access, *, user: User) -> User:
    """Let a member of staff in again, with the rights that she had. Her address must still be one of ours."""
    return _set_active(actor, user, active=True)


def _set_active(actor: Access, user: User, *, active: bool) -> User:
    row = _opened(actor, user)
    if row.is_active == active:
        return row
    not_oneself(actor, row, "/active")
    if active:
        _still_ours(row)
    else:
        keep_administrator(row)
        accounts.end_sessions(row)
        invitations.end_of_accounts([row.pk])
    row.is_active = active
    check(row)
    row.save(update_fields=["is_active", "updated_at"])
    require(actor, Action.STAFF_MANAGE, of_user(row))
    return row


def _still_ours(row: User) -> None:
    try:
        staff_email(row.email)
    except ValidationError as problem:
        raise Invalid.one("/active", "staff_domain", str(problem.message)) from None


def _opened(actor: Access, user: User) -> User:
    """The member of staff, locked after all administrators, and the actor's to change.

    Raises:
        Invalid: it is the account of a customer's person.
    """
    require(actor, Action.STAFF_MANAGE, of_user(user))
    holding_administrators(actor)
    row = locked(user)
    if not row.is_staff:
        raise Invalid.one("", "not_staff", "This is the account of a customer's person, and nobody becomes staff.")
    return row


# --- what holds for staff by every door -----------------------------------------------------------------------------


def holding_administrators(actor: Access) -> None:
    """Hold the active administrators, so that two who shut each other out take turns; the actor is still one of them.

    Raises:
        Refused: somebody has taken it from her meanwhile.
    """
    rows = User.objects.select_for_update(of=("self",)).filter(is_superuser=True, is_active=True).order_by("pk")
    if actor.user_id not in {row.pk for row in rows}:
        reason = "Staff are made and changed by staff administrators."
        raise Refused(Decision(False, Action.STAFF_MANAGE, "S2", reason, Refusal.PERMISSION))


def keep_administrator(user: User) -> None:
    """An active administrator stays when this one is none any more. Call ``holding_administrators`` first.

    Raises:
        Refused: she is the last one.
    """
    others = User.objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    if user.is_superuser and user.is_active and not others.exists():
        reason = f"{user} is the last active staff administrator. Make another one first."
        raise Refused(Decision(False, Action.STAFF_MANAGE, "S2", reason, Refusal.STATE))


def not_oneself(actor: Access, user: User, pointer: str) -> None:
    """Nobody changes what she may herself, nor shuts herself out.

    Raises:
        Invalid: it is her own account.
    """
    if user.pk == actor.user_id:
        raise Invalid.one(pointer, "oneself", "Nobody does this to herself. Ask another administrator.")


def check_address(user: User, email: str) -> None:
    """Staff keep an address of ours, and nobody else gets one. One of ``accounts.email_rules``.

    Raises:
        ValidationError: with the reason.
    """
    if user.is_staff:
        staff_email(email)
    elif is_staff_address(email):
        raise ValidationError("This is an address of Hectare staff. Use your own.", code="staff_address")


def register() -> None:
    """Let the rule of addresses hold wherever one is changed. Called once, when the apps are ready."""
    accounts.email_rules.append(check_address)
