"""The staff's pages of roles, memberships and API keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin

from permissions.access import Access
from permissions.domain import keys, members
from permissions.models import ApiKey, Membership, Role
from permissions.staff import Act, ReadOnlyAdmin, StaffAdmin


@admin.register(Role)
class RoleAdmin(ReadOnlyAdmin):
    """Roles: read, not written."""

    list_display = ("name", "organisation", "public_id")
    list_filter = (("organisation", admin.EmptyFieldListFilter),)
    list_select_related = ("organisation",)
    search_fields = ("name", "public_id", "organisation__name")
    shown_fields = ("public_id", "name", "organisation", "description", "permissions")


def _set_active(active: bool) -> Any:
    def run(access: Access, row: Membership, data: Mapping[str, Any]) -> None:
        members.set_member_active(access, membership=row, active=active)

    return run


@admin.register(Membership)
class MembershipAdmin(StaffAdmin):
    """Who belongs to which organisation, with which role."""

    list_display = ("user", "organisation", "role", "all_units", "is_active", "public_id")
    list_filter = ("is_active", "role", "all_units")
    list_select_related = ("user", "organisation", "role")
    search_fields = ("user__name", "user__email", "organisation__name", "public_id", "user__public_id")
    autocomplete_fields = ("user", "organisation", "role", "units")
    add_fields = ("user", "organisation", "role", "all_units", "units")
    change_fields = ("role", "all_units", "units")
    shown_fields = ("public_id", "user", "organisation", "is_active", "created_at", "updated_at")
    acts = (
        Act("deactivate", "Deactivate", _set_active(False), fits=lambda row: row.is_active),
        Act("reactivate", "Let in again", _set_active(True), fits=lambda row: not row.is_active),
    )

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Make a member."""
        everything = data.pop("all_units")
        return members.add_member(access, **{**data, "units": None if everything else list(data["units"])})

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Another role, or other units."""
        everything = data.get("all_units", row.all_units)
        units = None if everything else list(data.get("units", row.units.all()))
        return members.change_member(
            access, membership=row, role=data.get("role", row.role), units=units, version=version
        )


def _revoke(access: Access, row: ApiKey, data: Mapping[str, Any]) -> None:
    keys.revoke_key(access, key=row)


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    """API keys: found, and revoked. Their secrets are nowhere to be seen."""

    list_display = ("name", "organisation", "role", "public_id", "expires_at", "last_used_at", "revoked_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter), "role")
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
