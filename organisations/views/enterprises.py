"""Enterprises: what others see of them, and their confirmed contact address. One's own stand with their units."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from common.errors import Conflict
from common.web import FormPage, Page
from organisations import contact, reads
from organisations.domain import businesses as verbs
from organisations.enums import Certification, FarmEnterprise
from organisations.forms import ProfileForm
from organisations.models import Business, BusinessUnit
from organisations.rules import of
from permissions import engine
from permissions.actions import Action
from permissions.decisions import Decision
from permissions.enforce import enforced


def crumbs(*steps: tuple[str, str]) -> list[dict[str, str]]:
    """The trail at the top."""
    first = {"label": _("Organisations"), "url": reverse("organisations")}
    return [first, *({"label": label, "url": url} for label, url in steps)]


class Enterprises(Page):
    """Where her enterprises used to be listed: they are units of her organisations."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """Lead on: to the units of her organisation when she has one."""
        hers = {one.organisation_public_id for one in self.access.held}
        return HttpResponseRedirect(reverse("units", args=list(hers)) if len(hers) == 1 else reverse("organisations"))


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
    """The public profile of an enterprise that hers know. Her own stands with its unit."""

    def get(self, request: HttpRequest, enterprise: str) -> HttpResponse:
        """Show it, or lead on to the unit."""
        unit = reads.units(self.access).filter(public_id=enterprise).first()
        if unit is not None:
            return HttpResponseRedirect(of_unit(unit))
        found = self.read()
        context = {
            "enterprise": found,
            "keeps": [FarmEnterprise(one).label for one in found.farm_enterprises],
            "certified": [Certification(one).label for one in found.certifications],
            "edit_profile": self.decide(Action.BUSINESS_EDIT_PROFILE),
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


class Moved(Page):
    """Where a page of an enterprise used to be: it stands with its unit now. Links in old mails lead here."""

    #: The name of the page of the unit.
    to = "unit"

    def get(self, request: HttpRequest, enterprise: str) -> HttpResponse:
        """Lead on."""
        return HttpResponseRedirect(of_unit(reads.get_unit(self.access, enterprise), self.to))


def of_unit(unit: BusinessUnit, name: str = "unit") -> str:
    """The address of a page of a unit."""
    return reverse(name, args=[unit.organisation.public_id, unit.public_id])


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


__all__ = ["AskConfirmation", "ConfirmContact", "EditProfile", "Enterprises", "Moved", "Profile"]
