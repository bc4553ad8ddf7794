"""The staff's pages of roles and API keys. Those of memberships are with the people: ``customers.admin.people``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from permissions.access import Access
from permissions.actions import PERMISSION_LABELS, Permission
from permissions.domain import keys, roles
from permissions.models import ApiKey, Role
from permissions.staff import Act, ActForm, ReadOnlyAdmin, StaffAdmin, whether


class DeleteRoleForm(ActForm):
    """What those who hold the role get instead."""

    reassign_to = forms.ModelChoiceField(
        Role.objects.filter(organisation=None).exclude(key="owner").order_by("pk"),  # door: the same for all
        label=_("They get instead"),
        required=False,
        help_text=_("Needed when somebody holds it. One of the organisation's own can be given to each by hand."),
    )


def _delete_role(access: Access, row: Role, data: Mapping[str, Any]) -> None:
    roles.delete_role(access, role=row, reassign_to=data["reassign_to"])


def _holders(access: Access, row: Role) -> Mapping[str, Any]:
    return {"Held by": roles.said(roles.deletion_preview(access, role=row)["holders"]) or "nobody"}


@admin.register(Role)
class RoleAdmin(StaffAdmin):
    """Roles. The built-in ones are the same for all and cannot be changed."""

    list_display = ("name", "organisation")
    list_filter = (("organisation", whether(_("comes with the product"), _("an organisation's own"))),)
    list_select_related = ("organisation",)
    search_fields = ("name", "public_id", "organisation__name")
    autocomplete_fields = ("organisation",)
    add_fields = ("organisation", "name", "description", "permissions")
    change_fields = ("name", "description", "permissions")
    shown_fields = ("public_id", "organisation", "created_at", "updated_at")
    acts = (
        Act(
            "delete",
            "Delete",
            _delete_role,
            preview=_holders,
            form=DeleteRoleForm,
            fits=lambda row: row.organisation_id is not None,
            gone=True,
        ),
    )

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Permissions are chosen, an organisation's own roles have one."""
        if db_field.name == "permissions":
            choices = [(str(one), PERMISSION_LABELS[one]) for one in Permission]
            return forms.MultipleChoiceField(
                label=_("Lets people"), choices=choices, widget=forms.CheckboxSelectMultiple
            )
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "organisation" and field is not None:
            field.required = True
        return field

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Make a role of an organisation's own."""
        return roles.create_role(access, **data)

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Change it, for all who hold it."""
        return roles.edit_role(access, role=row, version=version, **data)


def _revoke(access: Access, row: ApiKey, data: Mapping[str, Any]) -> None:
    keys.revoke_key(access, key=row)


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """API keys: found, and revoked. Their secrets are nowhere to be seen."""

    list_display = ("name", "organisation", "role", "expires_at", "last_used_at", "revoked_at")
    list_filter = (("revoked_at", whether(_("works"), _("revoked"))), "role")
    list_select_related = ("organisation", "role")
    search_fields = ("name", "public_id", "organisation__name", "created_by__email")
    shown_fields = (
        "public_id",
        "name",
        "organisation",
        "role",
        "scopes",
        "all_units",
        "created_by",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    )
    acts = (Act("revoke", "Revoke", _revoke, fits=lambda row: row.revoked_at is None),)
