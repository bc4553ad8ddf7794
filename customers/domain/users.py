"""People's accounts."""

from __future__ import annotations

from typing import TypedDict, Unpack

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from common.editing import created, known, locked
from common.errors import Invalid, NotFound
from common.validation import check, invalid
from common.verbs import verb
from customers.domain import accounts, invitations
from customers.models import User
from customers.rules import of_user
from customers.validators import is_staff_address
from organisations.rules import of_nothing_yet
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Decision, Refusal, Refused
from permissions.domain.owners import held_with_companies, keep_owners_of
from permissions.enforce import require


class UserChanges(TypedDict, total=False):
    """What can be changed of an account here; e-mail and password are changed by their owner."""

    name: str
    is_active: bool


@verb
def create_user(actor: Access, *, email: str, name: str, password: str | None = None) -> User:
    """Make a customer's person an account with a confirmed e-mail. For staff who act; of staff, see ``staff``.

    Args:
        password: none means that none works; its owner sets one by the link for forgotten passwords.
    """
    require(actor, Action.USER_CREATE, of_nothing_yet(actor))
    if is_staff_address(email):
        raise Invalid.one("/email", "staff_address", "This is an address of Hectare staff, who belong to no customer.")
    user = User(email=email.strip().lower(), name=name)
    user.set_password(password)
    if password is not None:
        check(user)
        _check_password(password, user)
    created(user)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


@verb
def edit_user(actor: Access, *, user: User, **changes: Unpack[UserChanges]) -> User:
    """Change a name, or (staff who act) let somebody in or shut her out."""
    values = known(changes, UserChanges)
    require(actor, Action.USER_EDIT, of_user(user))
    shuts_out = not values.get("is_active", True)
    row = held(user) if shuts_out else locked(user)
    require(actor, Action.USER_EDIT, of_user(row))
    if values.get("is_active", row.is_active) != row.is_active:
        _may_shut_out(actor, row)
    if row.is_active and shuts_out:
        keep_owners_of(row, Action.USER_EDIT)
        accounts.end_sessions(row)
        invitations.end_of_accounts([row.pk])
    for field, value in values.items():
        setattr(row, field, value)
    check(row, {"is_active": "/active"})
    row.save(update_fields=[*values, "updated_at"])
    require(actor, Action.USER_EDIT, of_user(row))
    return row


def held(user: User) -> User:
    """The account as it is now, held after the organisations that she belongs to."""
    _, people = held_with_companies([user])
    if not people:
        raise NotFound
    row: User = people[0]
    return row


def _may_shut_out(actor: Access, user: User) -> None:
    if not actor.is_acting:
        reason = "Accounts are let in and shut out by Hectare staff."
        raise Refused(Decision(False, Action.USER_EDIT, "S1", reason, Refusal.PERMISSION))
    if user.pk == actor.user_id:
        raise Invalid.one("/active", "oneself", "Nobody shuts herself out.")
    if user.is_staff:
        raise Invalid.one("/active", "staff", "Staff are let in and shut out as staff users.")


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as problem:
        raise invalid(ValidationError({"password": problem}), None) from None
