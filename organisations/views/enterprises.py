"""Enterprises: what others see of them, how they trade, and their confirmed contact address."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from common.errors import Conflict
from common.web import FormPage, Page
from organisations import contact, reads
from organisations.domain import businesses as verbs
from organisations.forms import ProfileForm, TradingForm
from organisations.models import Business
from organisations.rules import of
from permissions import engine
from permissions.actions import Action, Permission
from permissions.decisions import Decision
from permissions.enforce import enforced


def crumbs(*steps: tuple[str, str]) -> list[dict[str, str]]:
    """The trail at the top."""
    first = {"label": _("My enterprises"), "url": reverse("enterprises")}
    return [first, *({"label": label, "url": url} for label, url in steps)]


class Enterprises(Page):
    """Her enterprises."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show them."""
        rows = (
            reads.enterprises(self.access).filter(pk__in=self.access.ids(Permission.VIEW)).order_by("unit__name", "pk")
        )
        return self.show("organisations/enterprises.html", {"enterprises": list(rows)})


class EnterprisePage(Page):
    """A page of one enterprise."""

    def read(self) -> Business:
        """The enterprise, when she knows of it."""
        self.enterprise = reads.get_enterprise(self.access, self.kwargs["enterprise"])
        return self.enterprise

    def decide(self, action: Action) -> Decision:
        """Whether she may change it."""
        return engine.decide(self.access, action, of(self.enterprise))

    def back(self) -> str:
        """The enterprise."""
        return reverse("enterprise", args=[self.kwargs["enterprise"]])


class Profile(EnterprisePage):
    """What is known of an enterprise; of hers also how it trades."""

    def get(self, request: HttpRequest, enterprise: str) -> HttpResponse:
        """Show it."""
        found = self.read()
        context = {
            "enterprise": found,
            "mine": self.access.manages(found.pk, Permission.VIEW) or self.access.is_staff,
            "edit_profile": self.decide(Action.BUSINESS_EDIT_PROFILE),
            "edit_trading": self.decide(Action.BUSINESS_EDIT_TRADING),
            "crumbs": crumbs((found.name, "")),
        }
        return self.show("organisations/enterprise.html", context)


class EditProfile(EnterprisePage, FormPage[ProfileForm]):
    """Change the public profile."""

    form_class = ProfileForm

    def prepare(self) -> None:
        """The enterprise."""
        self.read()
        self.title = _("Public profile of %(name)s") % {"name": self.enterprise.name}

    def may(self) -> None:
        """Its own people, and those it has granted that."""
        enforced(self.decide(Action.BUSINESS_EDIT_PROFILE))

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {"description": self.enterprise.description, "website": self.enterprise.website}

    def context(self, form: ProfileForm) -> dict[str, Any]:
        """The trail and the version."""
        trail = crumbs((self.enterprise.name, self.back()), (_("Public profile"), ""))
        return {"crumbs": trail, "version": self.enterprise.version}

    def save(self, form: ProfileForm) -> HttpResponse:
        """Change it."""
        verbs.edit_profile(self.access, business=self.enterprise, version=self.version, **form.cleaned_data)
        return self.done(self.back(), _("Saved."))


class EditTrading(EnterprisePage, FormPage[TradingForm]):
    """Change how it trades."""

    form_class = TradingForm

    def prepare(self) -> None:
        """The enterprise."""
        self.read()
        self.title = _("How %(name)s trades") % {"name": self.enterprise.name}

    def may(self) -> None:
        """Its own people."""
        enforced(self.decide(Action.BUSINESS_EDIT_TRADING))

    def initial(self) -> dict[str, Any]:
        """As it stands."""
        return {name: getattr(self.enterprise, name) for name in TradingForm.base_fields}

    def context(self, form: TradingForm) -> dict[str, Any]:
        """The trail and the version."""
        trail = crumbs((self.enterprise.name, self.back()), (_("How it trades"), ""))
        return {"crumbs": trail, "version": self.enterprise.version}

    def save(self, form: TradingForm) -> HttpResponse:
        """Change it; a new address is asked to confirm itself."""
        before = self.enterprise.contact_email
        changed = verbs.edit_trading(self.access, business=self.enterprise, version=self.version, **form.cleaned_data)
        if changed.contact_email and changed.contact_email != before:
            verbs.request_contact_confirmation(self.access, business=changed)
            words = _("Saved. A mail has gone to %(address)s; open the link in it to confirm the address.")
            return self.done(self.back(), words % {"address": changed.contact_email})
        return self.done(self.back(), _("Saved."))


class AskConfirmation(EnterprisePage):
    """Send the mail that confirms the contact address once more."""

    def post(self, request: HttpRequest, enterprise: str) -> HttpResponse:
        """Send it."""
        found = self.read()
        verbs.request_contact_confirmation(self.access, business=found)
        words = _("A mail has gone to %(address)s; open the link in it to confirm the address.")
        return self.done(self.back(), words % {"address": found.contact_email})


@method_decorator(login_not_required, name="dispatch")
class ConfirmContact(Page):
    """Where the link in that mail leads. Whoever reads the mail confirms; reading the page changes nothing."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        """Ask."""
        try:
            business = contact.read_token(token)
        except Conflict as error:
            return self.gone(error)
        return self.show("organisations/confirm_contact.html", {"enterprise": business})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        """Confirm."""
        try:
            business = verbs.confirm_contact(self.access, token=token)
        except Conflict as error:
            return self.gone(error)
        return self.show("organisations/confirm_contact.html", {"enterprise": business, "confirmed": True})

    def gone(self, error: Conflict) -> HttpResponse:
        """The link has died."""
        return self.show("organisations/dead_link.html", {"error": error}, 410)


__all__ = [
    "AskConfirmation",
    "ConfirmContact",
    "EditProfile",
    "EditTrading",
    "Enterprises",
    "Profile",
]
