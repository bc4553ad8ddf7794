"""The staff's pages of who belongs to which organisation, and of ownership that is handed over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.domain import ownership
from customers.domain.people import take_on
from customers.models import Invitation, OwnershipTransfer
from permissions.access import Access
from permissions.domain import members
from permissions.models import Membership
from permissions.staff import Act, ReadOnlyAdmin, StaffAdmin, VerbForm


class NewMemberForm(VerbForm):
    """Somebody to create in an organisation, with her role and units."""

    email = forms.EmailField(
        label=_("E-mail"),
        help_text=_(
            "Without an account yet: one is made at once, and a link to set the password is mailed. "
            "With an account: an invitation is mailed, and the person joins by accepting it."
        ),
    )
    name = forms.CharField(label=_("Name"), max_length=150)


def _set_active(active: bool) -> Any:
    def run(access: Access, row: Membership, data: Mapping[str, Any]) -> None:
        members.set_member_active(access, membership=row, active=active)

    return run


def _remove(access: Access, row: Membership, data: Mapping[str, Any]) -> None:
    members.remove_member(access, membership=row)


def _lost(access: Access, row: Membership) -> Mapping[str, Any]:
    return members.removal_preview(access, membership=row)


@admin.register(Membership)
class MembershipAdmin(StaffAdmin):
    """Who belongs to which organisation, with which role."""

    list_display = ("user", "organisation", "role", "all_units", "is_active")
    list_filter = ("is_active", "role", "all_units")
    list_select_related = ("user", "organisation", "role")
    search_fields = ("user__name", "user__email", "organisation__name", "public_id", "user__public_id")
    autocomplete_fields = ("organisation", "role", "units")
    add_fields = ("organisation", "email", "name", "role", "all_units", "units")
    change_fields = ("role", "all_units", "units")
    shown_fields = ("public_id", "user", "organisation", "is_active", "created_at", "updated_at")
    acts = (
        Act("deactivate", "Deactivate", _set_active(False), preview=_lost, fits=lambda row: row.is_active),
        Act("reactivate", "Let in again", _set_active(True), fits=lambda row: not row.is_active),
        Act("remove", "Remove from the organisation", _remove, preview=_lost, gone=True),
    )

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """A new member is named by her e-mail."""
        if obj is None:
            kwargs["form"] = NewMemberForm
        return super().get_form(request, obj, change=change, **kwargs)

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Create somebody in an organisation; whoever has an account is invited."""
        everything = data.pop("all_units")
        return take_on(access, **{**data, "units": None if everything else list(data["units"])})

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """An invitation is no member yet."""
        if not isinstance(obj, Invitation):
            return super().response_add(request, obj, post_url_continue)
        messages.success(request, _("There is an account already: %(email)s is invited.") % {"email": obj.email})
        return HttpResponseRedirect(reverse(f"{self.admin_site.name}:permissions_membership_changelist"))

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Another role, or other units."""
        everything = data.get("all_units", row.all_units)
        units = None if everything else list(data.get("units", row.units.all()))
        return members.change_member(
            access, membership=row, role=data.get("role", row.role), units=units, version=version
        )


def _cancel(access: Access, row: OwnershipTransfer, data: Mapping[str, Any]) -> None:
    ownership.cancel_ownership(access, transfer=row)


@admin.register(OwnershipTransfer)
class OwnershipTransferAdmin(ReadOnlyAdmin):
    """Offers to become account owner. Staff cancel them; owners and colleagues make and answer them."""

    list_display = ("organisation", "giver", "recipient", "state", "expires_at")
    list_filter = ("status",)
    list_select_related = (
        "organisation",
        "giver__user",
        "giver__organisation",
        "recipient__user",
        "recipient__organisation",
    )
    search_fields = ("public_id", "organisation__name", "giver__user__email", "recipient__user__email")
    shown_fields = (
        "public_id",
        "organisation",
        "giver",
        "recipient",
        "giver_role",
        "state",
        "expires_at",
        "answered_at",
        "created_at",
    )
    acts = (Act("cancel", "Cancel", _cancel, fits=lambda row: row.state == "pending"),)

    def label(self, row: OwnershipTransfer) -> str:
        """From whom to whom, and of what."""
        return f"{row.giver.user} → {row.recipient.user}, {row.organisation}"
