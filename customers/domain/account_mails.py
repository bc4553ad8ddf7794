"""The mails of people's accounts. What they say, and every link in them, is made when they are sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import clock
from customers import links
from customers.models import Impersonation, User
from mails import outbox
from mails.models import Mail, MailStatus
from mails.outbox import Message
from mails.text import one_line

#: What a person is told of that was done to her account: kind, what staff call it, the sentence.
NOTICES: Final = {
    "password_changed": gettext_lazy("The password of your account was changed. Everywhere else you were signed out."),
    "password_set": gettext_lazy("A password was set for your account."),
    "email_changed": gettext_lazy("The e-mail address of your account was changed. You sign in with the new one now."),
    "email_change_asked": gettext_lazy(
        "Somebody signed in as you asked to change the e-mail address of your account. "
        "Nothing changes until the new address has been confirmed."
    ),
    "email_deleted": gettext_lazy("An e-mail address was removed from your account."),
    "totp_activated": gettext_lazy("An authenticator app was added to your account as a second factor."),
    "totp_deactivated": gettext_lazy("The authenticator app was removed from your account."),
    "recovery_codes_generated": gettext_lazy("New recovery codes were made for your account. The old ones are void."),
    "webauthn_added": gettext_lazy("A passkey or security key was added to your account."),
    "webauthn_removed": gettext_lazy("A passkey or security key was removed from your account."),
    "account_connected": gettext_lazy("Your account was connected to another one, with which you can sign in now."),
    "account_disconnected": gettext_lazy("Another account with which you could sign in was disconnected."),
    "second_factor_cleared": gettext_lazy("Hectare staff removed the second factor of your account at your request."),
    "sessions_ended": gettext_lazy("Hectare staff signed you out on all devices."),
}

#: How often one address gets a link for a forgotten password, and word that there is no account.
RESETS_PER_HOUR: Final = 5
UNKNOWN_PER_DAY: Final = 1


def register() -> None:
    """Make the kinds known. Called once, when the apps are ready."""
    outbox.register("welcome", build_welcome, label=_("Set-password link for a new account"), example=_welcome_example)
    outbox.register("password_reset", build_reset, label=_("Forgotten password"), example=_reset_example)
    outbox.register("unknown_account", build_unknown, label=_("No account"), example=_unknown)
    outbox.register("account_closed", build_closed, label=_("Closed account"), example=_closed)
    outbox.register("account_exists", build_exists, label=_("Account exists already"), example=_exists)
    outbox.register("confirm_email", build_confirmation, label=_("Confirm an e-mail"), example=_confirmation_example)
    outbox.register("acted_as", build_acted_as, label=_("Hectare acts as a person"), example=_acted_as_example)
    for kind in NOTICES:
        outbox.register(kind, build_notice, label=_label(kind), example=_notice_example(kind))


# --- a new account --------------------------------------------------------------------------------------------------


def build_welcome(mail: Mail) -> Message | None:
    """The link with which a new person sets her password; nothing when she has one, or is gone."""
    user = _person(mail)
    if user is None or user.has_usable_password():
        return None
    return _welcome(user.name, mail.organisation.name if mail.organisation else "", links.set_password_url(user))


def _welcome(name: str, organisation: str, link: str) -> Message:
    subject = _("Your Hectare account for %s") % organisation if organisation else _("Your Hectare account")
    context = {"name": name, "organisation": organisation, "link": link, "hours": settings.SET_PASSWORD_HOURS}
    return Message(subject, "welcome", {**context, "forgotten": _url("account_reset_password")})


def _welcome_example() -> Message:
    return _welcome("Anna Ash", "Culm Dairy", f"{settings.SITE_URL}/set-password/usr_EXAMPLE/EXAMPLE/")


# --- a forgotten password -------------------------------------------------------------------------------------------


def build_reset(mail: Mail) -> Message | None:
    """What somebody is told who typed her e-mail as one whose password is forgotten.

    Whether there is an account is found out here, in the job, and told to the mailbox only: the page that was
    answered knew it no more than its reader.
    """
    user = User.objects.filter(email=mail.recipient.lower(), erased_at=None).first()
    if user is None:
        return None if _sent(mail, timedelta(days=1)) >= UNKNOWN_PER_DAY else _unknown()
    if _sent(mail, timedelta(hours=1)) >= RESETS_PER_HOUR:
        return None
    return _reset(user.name, links.set_password_url(user, links.RESET)) if user.is_active else _closed()


def build_unknown(mail: Mail) -> Message | None:
    """That there is no account; nothing when it was said lately."""
    return None if _sent(mail, timedelta(days=1)) >= UNKNOWN_PER_DAY else _unknown()


def build_closed(mail: Mail) -> Message:
    """That the account is closed."""
    return _closed()


def build_exists(mail: Mail) -> Message | None:
    """That there is an account already, to somebody who wanted to sign up."""
    return None if _sent(mail, timedelta(hours=1)) >= RESETS_PER_HOUR else _exists()


def _reset(name: str, link: str) -> Message:
    context = {"name": name, "link": link, "minutes": int(links.RESET_LIFE.total_seconds() // 60)}
    return Message(_("Set a new password"), "password_reset", context)


def _reset_example() -> Message:
    return _reset("Anna Ash", f"{settings.SITE_URL}/set-password/usr_EXAMPLE/EXAMPLE/")


def _unknown() -> Message:
    return Message(_("No account with this address"), "unknown_account")


def _closed() -> Message:
    return Message(_("Your account is closed"), "account_closed")


def _exists() -> Message:
    context = {"login": _url("account_login"), "forgotten": _url("account_reset_password")}
    return Message(_("You have an account already"), "account_exists", context)


# --- confirming an address ------------------------------------------------------------------------------------------


def build_confirmation(mail: Mail) -> Message | None:
    """The link that confirms an address; nothing when it is confirmed, or another has taken its place."""
    rows = EmailAddress.objects.select_related("user")
    address = rows.filter(pk=mail.data.get("address"), email=mail.recipient, verified=False).first()
    if address is None or not address.user.is_active:
        return None
    return _confirmation(
        address.user.name, address.email, _url("account_confirm_email", EmailConfirmationHMAC(address).key)
    )


def _confirmation(name: str, email: str, link: str) -> Message:
    days = settings.ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS
    return Message(_("Confirm your e-mail address"), "confirm_email", {"email": email, "link": link, "days": days})


def _confirmation_example() -> Message:
    return _confirmation("Anna Ash", "anna@culm.example", f"{settings.SITE_URL}/accounts/confirm-email/EXAMPLE/")


# --- what was done to an account ------------------------------------------------------------------------------------


def build_notice(mail: Mail) -> Message | None:
    """That something was done to an account. It goes to the address that the account had then."""
    user = User.objects.filter(public_id=mail.about, erased_at=None).first()
    if user is None:
        return None
    return _notice(mail.kind, {**mail.data, "name": user.name, "at": mail.created_at})


def _notice(kind: str, facts: dict[str, Any]) -> Message:
    context = {
        "name": facts.get("name", ""),
        "what": str(NOTICES[kind]),
        "at": facts["at"],
        "ip": facts.get("ip", ""),
        "browser": one_line(facts.get("browser", ""), 120),
        "new_email": facts.get("new_email", ""),
        "forgotten": _url("account_reset_password"),
    }
    return Message(_label(kind), "account_notice", context)


def _notice_example(kind: str) -> Callable[[], Message]:
    facts = {"name": "Anna Ash", "ip": "203.0.113.7", "browser": "Firefox 140 on Windows"}
    more = {"new_email": "anna.ash@culm.example"} if kind.startswith("email_change") else {}
    return lambda: _notice(kind, {**facts, **more, "at": clock.now()})


def _label(kind: str) -> str:
    return {
        "password_changed": _("Your password was changed"),
        "password_set": _("A password was set"),
        "email_changed": _("Your e-mail address was changed"),
        "email_change_asked": _("Your e-mail address is to be changed"),
        "email_deleted": _("An e-mail address was removed"),
        "totp_activated": _("An authenticator app was added"),
        "totp_deactivated": _("The authenticator app was removed"),
        "recovery_codes_generated": _("New recovery codes"),
        "webauthn_added": _("A passkey was added"),
        "webauthn_removed": _("A passkey was removed"),
        "account_connected": _("Another account was connected"),
        "account_disconnected": _("Another account was disconnected"),
        "second_factor_cleared": _("Your second factor was removed"),
        "sessions_ended": _("You were signed out everywhere"),
    }[kind]


# --- staff who act as her -------------------------------------------------------------------------------------------


def build_acted_as(mail: Mail) -> Message | None:
    """That somebody of Hectare's staff acts as her, why and for how long; nothing when she is gone."""
    rows = Impersonation.objects.select_related("staff", "user").filter(user__is_active=True)
    row = rows.filter(public_id=mail.about).first()
    return None if row is None else _acted_as(row.user.name, str(row.staff), row.reason, row.began_at, row.ends_at)


def _acted_as(name: str, staff: str, reason: str, began_at: datetime, ends_at: datetime) -> Message:
    context = {"name": name, "staff": staff, "reason": one_line(reason, 300), "began_at": began_at, "ends_at": ends_at}
    return Message(_("Hectare staff act as you on the site"), "acted_as", context)


def _acted_as_example() -> Message:
    now = clock.now()
    return _acted_as("Anna Ash", "Sam Staff", "You asked us by telephone to set up your fees", now, now)


# --- what they share ------------------------------------------------------------------------------------------------


def _person(mail: Mail) -> User | None:
    """Whom a mail is about, when she is active and still has the address."""
    return User.objects.filter(public_id=mail.about, email=mail.recipient.lower(), is_active=True).first()


def _sent(mail: Mail, within: timedelta) -> int:
    """How many mails of this kind have gone to this address lately."""
    since = clock.now() - within
    return Mail.objects.filter(
        kind=mail.kind, recipient__iexact=mail.recipient, status=MailStatus.SENT, sent_at__gt=since
    ).count()


def _url(name: str, *args: str) -> str:
    return settings.SITE_URL + reverse(name, args=args)
