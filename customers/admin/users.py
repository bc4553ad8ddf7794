"""The staff's pages of people."""

from __future__ import annotations

from typing import Any

from django.contrib import admin

from customers.domain import users
from customers.models import User
from permissions.access import Access
from permissions.staff import StaffAdmin


@admin.register(User)
class UserAdmin(StaffAdmin):
    """People. Nobody sees or sets a password here: its owner does, by the link for forgotten ones."""

    list_display = ("name", "email", "is_active", "is_staff", "public_id", "last_login")
    list_filter = ("is_active", "is_staff")
    ordering = ("email",)
    search_fields = ("name", "email", "public_id", "memberships__organisation__name")
    add_fields = ("email", "name")
    change_fields = ("name", "is_active")
    shown_fields = ("public_id", "email", "is_staff", "belongs_to", "last_login", "created_at", "updated_at")

    @admin.display(description="organisations")
    def belongs_to(self, user: User) -> str:
        """Organisation and role, one after the other."""
        rows = user.memberships.select_related("organisation", "role").order_by("pk")
        return ", ".join(f"{one.organisation} ({one.role}{'' if one.is_active else ', deactivated'})" for one in rows)

    def label(self, row: User) -> str:
        """Name and e-mail."""
        return f"{row.name} ({row.email})"

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Make an account."""
        return users.create_user(access, email=data["email"], name=data["name"])

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Change a name, let in or shut out."""
        return users.edit_user(access, user=row, **data)
