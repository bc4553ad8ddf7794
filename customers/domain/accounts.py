"""What a person does with her account, and what is sent to her about it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from common.validation import invalid
from common.verbs import verb
from customers import links
from customers.models import User
from mails import outbox
from mails.models import Mail
from organisations.models import Organisation
from permissions.access import Access

#: Asked before a person gets another e-mail address, with the person and the address; each may raise ValidationError.
email_rules: list[Callable[[User, str], None]] = []


def send_welcome(actor: Access, *, user: User, organisation: Organisation | None = None) -> Mail:
    """Send a new person the link with which she sets her password. A part of the verb that made the account."""
    return outbox.post("welcome", recipient=user.email, about=user.public_id, organisation=organisation)


def send_welcomes(actor: Access, *, people: Iterable[tuple[User, Organisation | None]]) -> int:
    """As ``send_welcome``, to many at once; how many."""
    letters = [outbox.Letter(user.email, user.public_id, organisation) for user, organisation in people]
    return outbox.post_many("welcome", letters)


def ask_for_reset(*, email: str) -> None:
    """Somebody has forgotten her password. Nothing is looked up here: the job finds out whether there is an account."""
    outbox.post("password_reset", recipient=email.strip().lower())


def tell(user: User, kind: str, *, email: str = "", **facts: Any) -> Mail | None:
    """Tell a person what was done to her account.

    Args:
        kind: one of ``account_mails.NOTICES``.
        email: where to; empty: to the address she signs in with.
        facts: where it came from, and what the sentence needs.
    """
    recipient = email or user.email
    if not recipient:
        return None
    return outbox.post(kind, recipient=recipient, about=user.public_id, data=facts)


@verb
def set_password_by_link(
    actor: Access, *, uid: str, token: str, password: str, ip: str = "", browser: str = ""
) -> User:
    """Set the password that a link lets set. Who can read the mail has shown that the address is hers: it is confirmed.

    Her sessions end, wherever they are. Her second factor stays.

    Raises:
        Gone: the link is dead.
        Invalid: the password is not good enough.
    """
    user = links.user_of(uid, token, lock=True)
    had_one = user.has_usable_password()
    check_password_rules(password, user)
    user.set_password(password)
    user.save(update_fields=["password", "updated_at"])
    confirm_address(user)
    end_sessions(user)
    tell(user, "password_changed" if had_one else "password_set", ip=ip, browser=browser)
    return user


def check_password_rules(password: str, user: User, pointer: str = "password") -> None:
    """Refuse a password that is too short, too common or made of what everybody knows of her.

    Raises:
        Invalid: with every reason.
    """
    try:
        validate_password(password, user)
    except ValidationError as problem:
        raise invalid(ValidationError({pointer: problem.messages})) from None


def check_new_email(user: User, email: str) -> None:
    """Refuse an address that this person must not have.

    Raises:
        ValidationError: with the reason.
    """
    for rule in email_rules:
        rule(user, email)


def confirm_address(user: User) -> None:
    """The address that a person signs in with is hers, and the only one that counts."""
    addresses = EmailAddress.objects.filter(user=user)
    addresses.exclude(email=user.email).update(primary=False)
    changed = addresses.filter(email=user.email).update(verified=True, primary=True)
    if not changed:
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def end_sessions(user: User) -> int:
    """Sign a person out everywhere, at once; how many sessions there were."""
    sessions = list(UserSession.objects.filter(user=user))
    for session in sessions:
        session.end()
    return len(sessions)
