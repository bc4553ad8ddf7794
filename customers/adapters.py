"""How allauth behaves here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, _build_apps_from_settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.addresses import address_of
from common.audit import without_verb
from customers.domain import accounts, removal
from customers.models import User
from customers.validators import staff_email
from mails import outbox

#: What allauth calls its mails, and what we do.
_KINDS = {
    "account/email/unknown_account": "unknown_account",
    "account/email/account_already_exists": "account_exists",
    "account/email/password_changed": "password_changed",
    "account/email/password_reset": "password_changed",
    "account/email/password_set": "password_set",
    "account/email/email_changed": "email_changed",
    "account/email/email_deleted": "email_deleted",
    "mfa/email/totp_activated": "totp_activated",
    "mfa/email/totp_deactivated": "totp_deactivated",
    "mfa/email/recovery_codes_generated": "recovery_codes_generated",
    "mfa/email/webauthn_added": "webauthn_added",
    "mfa/email/webauthn_removed": "webauthn_removed",
    "socialaccount/email/account_connected": "account_connected",
    "socialaccount/email/account_disconnected": "account_disconnected",
}


def origin_of(request: HttpRequest) -> dict[str, str]:
    """Where a request came from, as its owner may be told: the address and the browser."""
    return {"ip": address_of(request), "browser": request.META.get("HTTP_USER_AGENT", "")[:200]}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts come with a company, by invitation or from staff. Mails go through the outbox."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never by allauth's own ways, whatever the mode: they make people without a company (see ``/sign-up/``)."""
        return False

    # --- mails ------------------------------------------------------------------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Put it in the outbox. Whatever allauth put into ``context`` stays here: links are made when it is sent."""
        outbox.post(_KINDS[template_prefix], recipient=email)

    def send_confirmation_mail(self, request: HttpRequest, emailconfirmation: Any, signup: bool) -> None:
        """The link that confirms an address is made in the job."""
        address: EmailAddress = emailconfirmation.email_address
        data = {"address": address.pk}
        outbox.post("confirm_email", recipient=address.email, about=address.user.public_id, data=data)

    def send_notification_mail(
        self,
        template_prefix: str,
        user: Any,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        """Tell a person what was done to her account, and from where."""
        kind = _KINDS[template_prefix]
        facts: dict[str, Any] = origin_of(self.request)
        if kind == "email_changed":
            facts["new_email"] = (context or {}).get("to_email", "")
        accounts.tell(user, kind, email=email or "", **facts)

    # --- passwords ------------------------------------------------------------------------------------------------

    def set_password(self, user: Any, password: str) -> None:
        """Whoever comes with the link from a mail to her, and is not signed in, is she: the audit trail says so."""
        without_verb(user.public_id, str(user), "reset_password")
        super().set_password(user, password)

    # --- addresses --------------------------------------------------------------------------------------------------

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Not to an address that this person must not have, or that another person signs in with by now."""
        without_verb(email_address.user.public_id, str(email_address.user), "confirm_email")
        taken = User.objects.filter(email=email_address.email).exclude(pk=email_address.user_id)
        try:
            accounts.check_new_email(email_address.user, email_address.email)
        except ValidationError:
            return False
        return not taken.exists() and bool(super().confirm_email(request, email_address))

    # --- signing in -------------------------------------------------------------------------------------------------

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Whoever belongs to customers that are being removed only is told so, once she has shown who she is."""
        refused: HttpResponse | None = super().pre_login(request, user, **kwargs)
        if refused is None and removal.closes_account(user):
            clear_login(request)
            return render(request, "customers/deactivated.html", status=403)
        return refused

    def get_client_ip(self, request: HttpRequest) -> str:
        """As everywhere on the site."""
        return address_of(request) or "unknown"

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Failed attempts are counted by account, under whichever name of the site they were made."""
        return str(credentials.get("email", credentials.get("username", ""))).strip().lower()


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Signing in with an OpenID Connect provider: to an account that is there, and that says so itself.

    A customer's person connects her account while she is signed in, and signs in with the provider from then on; that
    her address is the same says nothing. Staff sign in by their address, when the provider has confirmed it and it is
    one of ours, to the letter: their provider is the one that gives out these addresses. Each time anew; no link is
    kept. Whoever else comes makes no account.
    """

    def list_apps(self, request: HttpRequest, provider: Any = None, client_id: Any = None) -> list[Any]:
        """The provider of the settings. None is read from the database: nobody adds one there."""
        found = _build_apps_from_settings(provider=provider, client_id=client_id)
        return [app for apps in found.values() for app in apps]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """Never: the answer is the same whether or not somebody has an account with the address."""
        raise ImmediateHttpResponse(render(request, "socialaccount/no_account.html", status=403))

    def authenticate_by_email(self, sociallogin: Any) -> tuple[User, str] | None:
        """Staff only, with a confirmed address there and here."""
        email = _staff_address(sociallogin)
        confirmed = EmailAddress.objects.filter(email=email, verified=True).values("user")
        user = User.objects.filter(email=email, is_staff=True, is_active=True, pk__in=confirmed).first()
        return (user, email) if user is not None and email is not None else None

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        """Staff connect nothing, and come with their own address only."""
        connecting = sociallogin.state.get("process") == "connect" and getattr(request.user, "is_staff", False)
        user = sociallogin.user
        staff = user is not None and user.pk is not None and user.is_staff
        if connecting or (staff and _staff_address(sociallogin) != user.email):
            raise ImmediateHttpResponse(render(request, "socialaccount/no_account.html", status=403))


def _staff_address(sociallogin: Any) -> str | None:
    """The address of ours that the provider has confirmed; none when it is another, or not confirmed."""
    for address in sociallogin.email_addresses:
        # Confirmed is true, and nothing that only looks like it.
        if address.verified is True:
            try:
                return staff_email(address.email)
            except ValidationError:
                continue
    return None
