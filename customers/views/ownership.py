"""Handing the part of account owner over: offered, accepted, declined, cancelled."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from common.errors import ReauthenticationRequired
from common.web import FormPage
from customers import transfers
from customers.domain import ownership as verbs
from customers.models import OwnershipTransfer
from customers.people_forms import OwnershipForm
from customers.rules import of_transfer
from organisations.rules import of_organisation
from organisations.views.navigation import OrganisationPage
from permissions import engine
from permissions import reads as permission_reads
from permissions.actions import Action
from permissions.domain.owners import is_owners, owners
from permissions.lookup import one

SHOWN = 20


class Ownership(OrganisationPage, FormPage[OwnershipForm]):
    """Who owns the account, what was offered, and offering it."""

    form_class = OwnershipForm
    template = "customers/ownership.html"

    def prepare(self) -> None:
        """The organisation."""
        self.read_organisation()
        self.title, self.submit_label = _("Account ownership"), _("Offer it")
        self.give = engine.decide(self.access, Action.OWNERSHIP_GIVE, of_organisation(self.organisation))

    def roles(self) -> Any:
        """What the giver can be afterwards."""
        rows = permission_reads.roles(self.access)
        known = rows.filter(organisation=None) | rows.filter(organisation=self.organisation)
        return [role for role in known.order_by("-organisation", "pk") if not is_owners(role)]

    def people(self) -> Any:
        """Who can become account owner; for the owner to choose from."""
        return verbs.candidates(self.organisation) if self.give else []

    def initial(self) -> dict[str, Any]:
        """A manager afterwards."""
        return {"giver_role": next((role.public_id for role in self.roles() if role.key == "manager"), "")}

    def form_options(self) -> dict[str, Any]:
        """Colleagues and roles to choose from."""
        people = [(member.public_id, f"{member.user} ({member.role})") for member in self.people()]
        return {"people": people, "roles": [(role.public_id, role.name) for role in self.roles()]}

    def context(self, form: OwnershipForm) -> dict[str, Any]:
        """Owners and transfers."""
        rows = transfers.transfers(self.access).filter(organisation=self.organisation).order_by("-created_at", "-pk")
        shown = list(rows[:SHOWN])
        counting = owners(self.organisation).select_related("user").order_by("user__name", "pk")
        return {
            **self.trail((self.title, "")),
            "owners": [member.user for member in counting],
            "transfers": shown,
            "give": self.give,
            "has_people": bool(form.fields["recipient"].choices[1:]),  # type: ignore[attr-defined]
        }

    def save(self, form: OwnershipForm) -> HttpResponse:
        """Offer it."""
        recipient = one(permission_reads.memberships(self.access), form.cleaned_data["recipient"])
        role = one(permission_reads.roles(self.access), form.cleaned_data["giver_role"])
        made = verbs.give_ownership(self.access, organisation=self.organisation, recipient=recipient, giver_role=role)
        where = reverse("ownership_transfer", args=[self.organisation.public_id, made.public_id])
        return self.done(where, _("%(person)s has been asked by mail.") % {"person": recipient.user})


class TransferPage(OrganisationPage):
    """A page of one transfer."""

    transfer: OwnershipTransfer

    def prepare(self) -> None:
        """The organisation and the transfer."""
        self.read_organisation()
        rows = transfers.transfers(self.access).filter(organisation=self.organisation)
        self.transfer = one(rows, self.kwargs["transfer"])

    def back(self) -> str:
        """The transfer."""
        return reverse("ownership_transfer", args=[self.kwargs["organisation"], self.kwargs["transfer"]])


class Transfer(TransferPage):
    """One transfer: how it stands, and what she can do."""

    def get(self, request: HttpRequest, organisation: str, transfer: str) -> HttpResponse:
        """Show it."""
        self.prepare()
        row = self.transfer
        pending = row.state == "pending"
        context = {
            **self.trail(
                (_("Account ownership"), reverse("ownership", args=[organisation])), (str(row.recipient.user), "")
            ),
            "title": _("Ownership for %(person)s") % {"person": row.recipient.user},
            "transfer": row,
            "answer": pending and engine.decide(self.access, Action.OWNERSHIP_ANSWER, of_transfer(row)),
            "cancel": pending and engine.decide(self.access, Action.OWNERSHIP_CANCEL, of_transfer(row)),
            "fresh": transfers.is_fresh(request),
        }
        return self.show("customers/ownership_transfer.html", context)


class AcceptTransfer(TransferPage):
    """Become account owner."""

    def post(self, request: HttpRequest, organisation: str, transfer: str) -> HttpResponse:
        """Accept; who signed in long ago confirms who she is first, and comes back."""
        self.prepare()
        try:
            verbs.accept_ownership(self.access, transfer=self.transfer, fresh=transfers.is_fresh(request))
        except ReauthenticationRequired:
            return self.done(f"{reverse('account_reauthenticate')}?{urlencode({'next': self.back()})}")
        words = _("You are account owner of %(organisation)s now.") % {"organisation": self.organisation}
        return self.done(self.back(), words)


class DeclineTransfer(TransferPage):
    """Say no."""

    def post(self, request: HttpRequest, organisation: str, transfer: str) -> HttpResponse:
        """Decline."""
        self.prepare()
        verbs.decline_ownership(self.access, transfer=self.transfer)
        return self.done(self.back(), _("You have declined. Nothing has changed."))


class CancelTransfer(TransferPage):
    """Take the offer back."""

    def post(self, request: HttpRequest, organisation: str, transfer: str) -> HttpResponse:
        """Cancel."""
        self.prepare()
        verbs.cancel_ownership(self.access, transfer=self.transfer)
        return self.done(self.back(), _("The offer is taken back. Nothing has changed."))
