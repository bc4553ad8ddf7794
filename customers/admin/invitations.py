"""The staff's pages of invitations: what failed or expired, sent again, revoked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import ConfirmationNeeded, Invalid
from customers.domain import companies
from customers.domain import invitations as verbs
from customers.enums import InvitationKind, InvitationStatus
from customers.models import Invitation
from organisations.enums import OrganisationKind
from organisations.form_fields import CompanyNumberField, PostcodeField, VatNumberField
from permissions.access import Access
from permissions.staff import Act, StaffAdmin, VerbForm


class StateFilter(admin.SimpleListFilter):
    """Where an invitation stands now; that it expired follows from the clock."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """Those that want something done come first."""
        return [
            ("undelivered", _("mail failed, or expired")),
            ("failed", _("mail failed")),
            ("expired", _("expired")),
            ("pending", _("waiting")),
            ("accepted", _("accepted")),
            ("declined", _("declined")),
            ("revoked", _("revoked")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those of them."""
        value = self.value()
        over = Q(expires_at__lte=clock.now())
        if value == "undelivered":
            return queryset.filter(Q(status=InvitationStatus.FAILED) | Q(over, status=InvitationStatus.PENDING))
        if value == "expired":
            return queryset.filter(over, status=InvitationStatus.PENDING)
        if value == InvitationStatus.PENDING:
            return queryset.exclude(over).filter(status=value)
        return queryset.filter(status=value) if value else queryset


class InvitationForm(VerbForm):
    """An invitation by Hectare; of a company without a record, with its name."""

    company_name = forms.CharField(
        label=_("Company without a record"),
        max_length=200,
        required=False,
        help_text=_("To take over a record that nobody has made: leave the organisation empty, and it is made."),
    )
    company_number = CompanyNumberField(label=_("Its company number"), required=False)
    vat_number = VatNumberField(label=_("Its VAT number"), required=False)
    town = forms.CharField(label=_("Its town"), max_length=100, required=False)
    postcode = PostcodeField(label=_("Its postcode"), required=False)
    confirmed = forms.BooleanField(
        label=_("It is another company"),
        required=False,
        help_text=_("When companies like it are here already: you have looked, and it is none of them."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "organisation" in self.fields:
            self.fields["organisation"].required = False


def _resend(access: Access, row: Invitation, data: Mapping[str, Any]) -> str:
    verbs.resend(access, invitation=row)
    return f"The invitation goes to {row.email} again; older links do not work any more."


def _revoke(access: Access, row: Invitation, data: Mapping[str, Any]) -> str:
    verbs.revoke(access, invitation=row)
    return f"The invitation of {row.email} is revoked."


def _waits(row: Invitation) -> bool:
    return row.status in (InvitationStatus.PENDING, InvitationStatus.FAILED)


def _in_words(match: Mapping[str, Any]) -> str:
    """A company that is like it, and where it stands."""
    kind = "customer" if match["kind"] == OrganisationKind.FULL else "record"
    where = ", ".join(filter(None, (match["town"], match["postcode"], match["company_number"], match["vat_number"])))
    return f"{match['name']} ({kind}{', ' if where else ''}{where}; {match['id']})"


@admin.register(Invitation)
class InvitationAdmin(StaffAdmin):
    """Offers to join, and to take records over. Their links are in the mails, and nowhere here."""

    form = InvitationForm
    list_display = ("email", "kind", "organisation", "state", "invited_by", "sent_at", "expires_at")
    list_filter = (StateFilter, "kind")
    list_select_related = ("organisation", "invited_by")
    ordering = ("-created_at",)
    search_fields = ("email", "name", "public_id", "organisation__name", "invited_by__email")
    autocomplete_fields = ("organisation", "role", "units")
    add_fields = (
        "kind",
        "organisation",
        "company_name",
        "company_number",
        "vat_number",
        "town",
        "postcode",
        "confirmed",
        "email",
        "name",
        "role",
        "all_units",
        "units",
        "message",
    )
    shown_fields = (
        "public_id",
        "kind",
        "organisation",
        "email",
        "name",
        "role",
        "all_units",
        "units",
        "message",
        "state",
        "invited_by",
        "invited_for",
        "times_sent",
        "sent_at",
        "expires_at",
        "answered_at",
        "ended_because",
        "accepted_by",
        "created_at",
    )
    acts = (
        Act("resend", "Send it again", _resend, fits=_waits),
        Act("revoke", "Revoke it", _revoke, fits=_waits),
    )

    @admin.display(description=_("state"))
    def state(self, row: Invitation) -> str:
        """Where it stands now."""
        return row.state

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Invite somebody for a customer, or a company to take its record over."""
        named = {"email": data["email"], "name": data["name"], "message": data["message"]}
        organisation = data["organisation"]
        if data["kind"] == InvitationKind.MEMBER:
            if organisation is None or data["role"] is None:
                raise Invalid.one("/organisation", "required", "Choose the organisation and the role.")
            units = None if data["all_units"] else list(data["units"])
            return verbs.invite(access, organisation=organisation, role=data["role"], units=units, **named)
        if data["units"]:
            raise Invalid.one("/units", "not_here", "Who takes a record over becomes account owner over all units.")
        if organisation is not None:
            return verbs.invite_to_claim(access, organisation=organisation, **named)
        if not data["company_name"]:
            raise Invalid.one("/company_name", "required", "Choose a record, or name the company.")
        try:
            return companies.invite_company(
                access,
                name=data["company_name"],
                email=data["email"],
                contact_name=data["name"],
                message=data["message"],
                **{name: data[name] for name in ("company_number", "vat_number", "town", "postcode", "confirmed")},
            )
        except ConfirmationNeeded as problem:
            alike = "; ".join(_in_words(one) for one in problem.preview["matches"])
            raise Invalid.one("/confirmed", problem.code, f"{problem.detail} {alike}.") from None
