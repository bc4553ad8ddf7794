"""The staff's pages of who takes on customers, and of companies that ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from customers.domain import requests
from customers.domain.mode import mode, set_mode
from customers.enums import RequestState
from customers.models import AccessRequest, PendingSignUp, SignUpMode
from organisations.enums import OrganisationKind
from organisations.models import Organisation
from permissions.access import Access
from permissions.staff import Act, ActForm, ReadOnlyAdmin, StaffAdmin, named


@admin.register(SignUpMode)
class SignUpModeAdmin(StaffAdmin):
    """The one switch. Without a row the setting ``CUSTOMER_SIGNUP`` holds; the first save makes the row."""

    list_display = ("mode", "updated_at")
    add_fields = ("mode",)
    change_fields = ("mode",)
    shown_fields = ("created_at", "updated_at")

    def has_add_permission(self, request: HttpRequest, *_: Any) -> bool:
        """Once."""
        return super().has_add_permission(request) and not self.get_queryset(request).exists()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """As it is now."""
        return {"mode": mode()}

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Turn the switch for the first time."""
        return set_mode(access, **data)

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Turn the switch."""
        return set_mode(access, version=version, **data) if data else row


class RefusalForm(ActForm):
    """What the company is told."""

    answer = forms.CharField(
        label=_("Answer"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4, "cols": 60}),
        help_text=_("It is mailed to them as it stands here."),
    )

    field_order = ("answer", "reason")


class ClaimForm(ActForm):
    """Which record they take over."""

    organisation = forms.ModelChoiceField(
        Organisation.objects.filter(kind=OrganisationKind.SHELL, archived_at=None),  # door: staff see every record
        label=_("Record"),
        help_text=_("The record that another customer made of the company."),
        widget=AutocompleteSelect(AccessRequest._meta.get_field("organisation"), admin.site),
    )

    field_order = ("organisation", "reason")


def _refuse(access: Access, row: AccessRequest, data: Mapping[str, Any]) -> str:
    requests.refuse(access, request=row, answer=data["answer"])
    return f"The answer goes to {row.email}."


def _invite(access: Access, row: AccessRequest, data: Mapping[str, Any]) -> str:
    requests.invite_to_claim(access, request=row, organisation=data["organisation"])
    return f"An invitation goes to {row.email}."


def _waits(row: AccessRequest) -> bool:
    return row.status == RequestState.WAITING


@admin.register(AccessRequest)
class AccessRequestAdmin(ReadOnlyAdmin):
    """Companies that ask to be taken on, or to take their record over."""

    list_display = ("company_name", "kind", "status", "name", "email", "created_at")
    list_filter = ("status", "kind")
    list_select_related = ("organisation", "answered_by")
    ordering = ("-created_at",)
    search_fields = ("company_name", "company_number", "postcode", "name", "email", "public_id")
    shown_fields = (
        "next_step",
        "public_id",
        "kind",
        "status",
        "company_name",
        "company_number",
        "postcode",
        "name",
        "email",
        "message",
        "organisation",
        "created_at",
        "answered_by",
        "answered_at",
        "answer",
    )
    acts = (
        Act("claim", "Invite to take a record over", _invite, form=ClaimForm, fits=_waits),
        Act("refuse", "Refuse", _refuse, form=RefusalForm, fits=_waits),
    )

    @admin.display(description=_("to do"))
    def next_step(self, row: AccessRequest) -> str:
        """The way to take the company on, with what it said filled in."""
        if not _waits(row):
            return str(_("answered"))
        address = f"{reverse('admin:onboard')}?request={row.public_id}"
        return format_html('<a href="{}">{}</a>', address, _("Take the company on"))


@admin.register(PendingSignUp)
class PendingSignUpAdmin(ReadOnlyAdmin):
    """Companies that signed up by themselves, and have not followed the link in the mail yet."""

    list_display = ("email", "name", "created_at", "expires_at")
    ordering = ("-created_at",)
    search_fields = ("email", "name", "public_id")
    shown_fields = ("public_id", "email", "name", "typed", "created_at", "expires_at")

    @admin.display(description=_("what was typed"))
    def typed(self, row: PendingSignUp) -> str:
        """Of the company, its unit and its business."""
        return named({part: row.details.get(part) for part in ("organisation", "unit", "business")})

    def label(self, row: PendingSignUp) -> str:
        """Whose mail is waited for."""
        return row.email
