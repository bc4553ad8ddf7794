"""API keys of an organisation: made, shown once, revoked."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common.web import FormPage
from organisations import reads
from organisations.forms import KeyForm
from organisations.rules import of_organisation
from organisations.views.navigation import OrganisationPage
from permissions import engine
from permissions import reads as permission_reads
from permissions.actions import PERMISSION_LABELS, Action
from permissions.domain.keys import make_key, revoke_key
from permissions.enforce import enforced
from permissions.lookup import one
from permissions.models import ApiKey
from permissions.policies import of_key

PER_PAGE = 50


class KeyPage(OrganisationPage):
    """A page of an organisation's keys."""

    def trail(self, *steps: tuple[str, str]) -> dict[str, Any]:
        """The organisation, its keys, and the steps below them."""
        return super().trail((_("API keys"), self.back() if steps else ""), *steps)

    def back(self) -> str:
        """The list."""
        return reverse("api_keys", args=[self.kwargs["organisation"]])


def told(key: ApiKey) -> dict[str, Any]:
    """A key as the list shows it."""
    now = timezone.now()
    over = key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now)
    scopes = [label for permission, label in PERMISSION_LABELS.items() if permission in key.scopes]
    return {"key": key, "scopes": scopes, "over": over, "expired": over and key.revoked_at is None}


class Keys(KeyPage):
    """The keys, never their secrets."""

    def get(self, request: HttpRequest, organisation: str) -> HttpResponse:
        """Show a page of them."""
        found = self.read_organisation()
        if not engine.decide(self.access, Action.API_KEY_VIEW, of_organisation(found)):
            # She sees the organisation and not its keys: told why.
            enforced(engine.decide(self.access, Action.API_KEY_MANAGE, of_organisation(found)))
        rows = permission_reads.keys(self.access).filter(organisation=found)
        page = Paginator(rows.order_by("-created_at", "-pk"), PER_PAGE).get_page(request.GET.get("page"))
        context = {
            **self.trail(),
            "title": _("API keys"),
            "page": page,
            "keys": [told(key) for key in page],
            "may_make": engine.decide(self.access, Action.API_KEY_MANAGE, of_organisation(found)),
        }
        return self.show("organisations/keys.html", context)


class CreateKey(KeyPage, FormPage[KeyForm]):
    """A new key. Its secret is on the page that answers, and nowhere else."""

    form_class = KeyForm
    template = "organisations/organisation_form.html"

    def prepare(self) -> None:
        """The organisation."""
        self.read_organisation()
        self.title, self.submit_label = _("New API key"), _("Make the key")

    def may(self) -> None:
        """Those who manage its keys."""
        enforced(engine.decide(self.access, Action.API_KEY_MANAGE, of_organisation(self.organisation)))

    def form_options(self) -> dict[str, Any]:
        """The roles and units to choose from."""
        rows = permission_reads.roles(self.access)
        roles = rows.filter(organisation=None) | rows.filter(organisation=self.organisation)
        units = reads.units(self.access).filter(organisation=self.organisation, archived_at=None)
        return {
            "roles": list(roles.order_by("organisation", "name").values_list("public_id", "name")),
            "units": list(units.order_by("name", "pk").values_list("public_id", "name")),
        }

    def context(self, form: KeyForm) -> dict[str, Any]:
        """The trail."""
        return self.trail((_("New"), ""))

    def save(self, form: KeyForm) -> HttpResponse:
        """Make it, and show its secret this once."""
        data = form.cleaned_data
        chosen = reads.units(self.access).filter(organisation=self.organisation, public_id__in=data["units"] or ())
        made = make_key(
            self.access,
            organisation=self.organisation,
            name=data["name"],
            role=permission_reads.get_role(self.access, data["role"]),
            scopes=data["scopes"],
            units=None if data["units"] is None else list(chosen),
            expires_at=_end_of(data["expires_on"]) if data["expires_on"] else None,
        )
        title = _("Copy the new key now")
        context = {**self.trail((_("New"), "")), "title": title, "key": made.key, "secret": made.secret}
        # Not a redirect: the secret would have to be kept somewhere until the next request.
        response = self.show("organisations/key_made.html", context, 201)
        response["Cache-Control"] = "no-store"
        return response


def _end_of(day: Any) -> datetime:
    """The midnight after a day, here."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))


class RevokeKey(KeyPage):
    """End a key, for good."""

    def get(self, request: HttpRequest, organisation: str, key: str) -> HttpResponse:
        """Ask."""
        found = self._read(key)
        enforced(engine.decide(self.access, Action.API_KEY_REVOKE, of_key(found)))
        context = {
            **self.trail((_("Revoke"), "")),
            "title": _("Revoke %(name)s?") % {"name": found.name},
            "text": _("It ends at once and for good; whatever uses it is refused from then on. Make a new key first."),
            "label": _("Revoke it"),
            "back": self.back(),
        }
        return self.show("pages/ask.html", context)

    def post(self, request: HttpRequest, organisation: str, key: str) -> HttpResponse:
        """Revoke it."""
        revoke_key(self.access, key=self._read(key))
        return self.done(self.back(), _("Revoked."))

    def _read(self, key: str) -> ApiKey:
        self.read_organisation()
        return one(permission_reads.keys(self.access).filter(organisation=self.organisation), key)
