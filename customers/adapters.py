"""How allauth behaves here."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from common.addresses import address_of
from customers.domain import accounts, removal
from customers.models import User
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

    # --- addresses --------------------------------------------------------------------------------------------------

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        """Not to an address that this person must not have, or that another person signs in with by now."""
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
