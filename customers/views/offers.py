"""Where the link of an invitation leads, and how it is answered.

The link's address has the secret in it. So it does nothing but hand the secret to the browser, in a cookie that only
these pages are sent, and lead on to an address without it: from there nothing can leak it (``Referer``, logs), signing
out and in with another account keeps it, and nothing is written down anywhere for whoever merely looks (mail scanners).
"""

from __future__ import annotations

from typing import Any, Final

from django.conf import settings
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from common.emails import hinted, same
from common.errors import Gone, Invalid
from common.web import Page
from customers.domain import answers
from customers.domain.invitation_mails import sender_in_words
from customers.enums import InvitationKind
from customers.invitation_forms import AcceptForm
from customers.models import Invitation
from customers.wording import in_words, scope_in_words

COOKIE: Final = "invitation"
#: Long enough to find a password; the link in the mail stays.
_SECONDS: Final = 3600


class OfferPage(Page):
    """A page of an invitation. For anybody, signed in or not."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Kept by nobody on the way, and found by no search engine."""
        response = super().dispatch(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex"
        return response

    def gone(self, error: Gone) -> HttpResponse:
        """The one answer to every link that does not work."""
        response = self.show("customers/dead_invitation.html", {"error": error}, 410)
        response.delete_cookie(COOKIE, path=reverse("invitation_open"))
        return response


@method_decorator(login_not_required, name="dispatch")
class Link(OfferPage):
    """The link in the mail."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Look whether it works, and lead on. Changes nothing."""
        try:
            answers.find(token)
        except Gone as error:
            response = self.gone(error)
        else:
            response = HttpResponseRedirect(reverse("invitation_open"))
            response.set_cookie(
                COOKIE,
                token,
                max_age=_SECONDS,
                path=reverse("invitation_open"),
                secure=settings.SESSION_COOKIE_SECURE,
                httponly=True,
                samesite="Lax",
            )
        # This address is the secret: it is told to nobody, not even to ourselves.
        response["Referrer-Policy"] = "no-referrer"
        return response


@method_decorator(login_not_required, name="dispatch")
class Offer(OfferPage):
    """Who invites, to what, with which role; accept or decline."""

    @property
    def token(self) -> str:
        """What the link carried."""
        return self.request.COOKIES.get(COOKIE, "")

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the offer. Changes nothing."""
        if not self.token:
            return self.unopened()
        try:
            return self.shown(answers.find(self.token), AcceptForm())
        except Gone as error:
            return self.gone(error)

    def post(self, request: HttpRequest) -> HttpResponse:
        """Accept or decline."""
        if not self.token:
            return self.unopened()
        try:
            if request.POST.get("answer") == "decline":
                return self.declined()
            return self.accept(answers.find(self.token))
        except Gone as error:
            return self.gone(error)

    def unopened(self) -> HttpResponse:
        """This browser has no link (any more): nothing is known of an invitation, least of all that it is dead."""
        return self.show("customers/unopened_invitation.html", {}, 400)

    def declined(self) -> HttpResponse:
        """Decline."""
        row = answers.decline(self.access, token=self.token)
        response = self.show("customers/declined_invitation.html", {"organisation": row.organisation})
        response.delete_cookie(COOKIE, path=reverse("invitation_open"))
        return response

    def accept(self, offer: Invitation) -> HttpResponse:
        """Accept; somebody new types name and password, and is signed in with them."""
        data: dict[str, str] = {}
        if _who(self.request, offer) == "new":
            form = AcceptForm(self.request.POST)
            if not form.is_valid():
                return self.shown(offer, form, 422)
            data = form.cleaned_data
            try:
                done = answers.accept(self.access, token=self.token, **data)
            except Invalid as error:
                form.take(error)
                return self.shown(offer, form, 422)
            login(self.request, done.user, backend=settings.AUTHENTICATION_BACKENDS[0])
        else:
            done = answers.accept(self.access, token=self.token)
        text = _("You belong to %(name)s now.") % {"name": done.invitation.organisation}
        response = self.done(reverse("organisation", args=[done.invitation.organisation.public_id]), text)
        response.delete_cookie(COOKIE, path=reverse("invitation_open"))
        return response

    def shown(self, offer: Invitation, form: AcceptForm, status: int = 200) -> HttpResponse:
        """The offer, as it looks to whoever looks at it."""
        if not form.is_bound:
            form.initial = {"name": offer.name}
        context = {
            "offer": offer,
            "claims": offer.kind == InvitationKind.CLAIM,
            "sender": sender_in_words(offer),
            "may": in_words(offer.role) if offer.role else "",
            "scope": scope_in_words(offer),
            "who": _who(self.request, offer),
            "hint": hinted(offer.email),
            "form": form,
        }
        return self.show("customers/invitation.html", context, status)

    def back(self) -> str:
        """The offer."""
        return reverse("invitation_open")


@method_decorator(login_not_required, name="dispatch")
class SignIn(OfferPage):
    """Sign in to accept, or with another account than the one that is signed in. The browser keeps the link."""

    def post(self, request: HttpRequest) -> HttpResponse:
        """Sign out first, and come back after signing in."""
        if request.user.is_authenticated:
            logout(request)
        query = urlencode({"next": reverse("invitation_open")})
        return HttpResponseRedirect(f"{reverse('account_login')}?{query}")


def _who(request: HttpRequest, offer: Invitation) -> str:
    """``hers``, ``staff``, ``other`` (signed in as somebody else), ``known`` (has an account) or ``new``."""
    user = request.user
    if user.is_authenticated:
        if not same(user.email, offer.email):
            return "other"
        return "staff" if user.is_staff else "hers"
    return "new" if answers.account_of(offer) is None else "known"
