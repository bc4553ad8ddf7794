"""Hectare staff are nobody until they have shown a second factor in this session (``STAFF_SECOND_FACTOR``).

Two things, of which the first is the wall and the second only leads to the door. ``is_proven`` is asked wherever a
request's access is made (``permissions.web``): without it staff are given the access of nobody, so that no page, no
API and no admin shows or does anything, whatever way they came. ``StaffSecondFactor`` then leads a person to where she
sets one up, or shows it. Who has one already can reach nothing that would add or remove one before she has shown it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from allauth.account.internal.flows.login import get_authentication_records, record_authentication
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from permissions.api.problems import Problem, respond

#: What counts; recovery codes only stand in for one of them.
FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
_REQUIRED: Final = "Hectare staff show a second factor first. Sign in on the site, and set one up there."
#: Where staff may go without: to show it, and away.
_SHOWING: Final = frozenset(
    {
        "account_confirm_email",
        "account_login",
        "account_logout",
        "healthz",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "readyz",
        "set_password",
    }
)
#: Where those may go besides who have none yet.
_SETTING_UP: Final = frozenset({"account_reauthenticate", "mfa_activate_totp", "mfa_add_webauthn", "mfa_index"})


def has_one(user: Any) -> bool:
    """Whether a person has set up a second factor. One statement."""
    return bool(Authenticator.objects.filter(user=user.pk, type__in=FACTORS).exists())


def has_shown_one(request: HttpRequest) -> bool:
    """Whether a second factor was shown in this session: when signing in, later, or by setting up the first one."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


def is_proven(request: HttpRequest) -> bool:
    """Whether a member of staff is taken for one: she has a second factor, still, and has shown it."""
    return not settings.STAFF_SECOND_FACTOR or (has_shown_one(request) and has_one(request.user))


def set_up(sender: Any, request: HttpRequest, user: Any, authenticator: Authenticator, **kwargs: Any) -> None:
    """Setting up the first one shows it, too (``authenticator_added``). A further one shows nothing."""
    others = Authenticator.objects.filter(user=user.pk, type__in=FACTORS).exclude(pk=authenticator.pk)
    if authenticator.type in FACTORS and not others.exists():
        record_authentication(request, user, method="mfa", type=authenticator.type, id=authenticator.pk)


class StaffSecondFactor:
    """Leads staff to their second factor. Costs nobody else anything: who has no session is not looked at."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """On to the second factor, when one is asked for and was not shown."""
        if not settings.STAFF_SECOND_FACTOR or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return None
        name = request.resolver_match.url_name if request.resolver_match else ""
        if name in _SHOWING or not request.user.is_authenticated:
            return None
        if not getattr(request.user, "is_staff", False) or is_proven(request):
            return None
        if request.path.startswith("/api/"):
            # An API key is an organisation's, whatever session comes with it.
            if request.META.get("HTTP_AUTHORIZATION"):
                return None
            return respond(request, Problem(403, "second_factor_required", _REQUIRED))
        if has_one(request.user):
            back = urlencode({"next": request.get_full_path()}) if request.method == "GET" else ""
            return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{back}")
        if name in _SETTING_UP:
            return None
        messages.info(request, _("Hectare staff need a second factor. Set one up, and you can go on."))
        return HttpResponseRedirect(reverse("mfa_index"))
