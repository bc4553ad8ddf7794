"""The staff's pages of removals and exports, and what they add to those of customers and people."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from common.errors import Invalid
from customers.admin.users import UserAdmin
from customers.domain import erasure, exports, removal
from customers.enums import RemovalStatus
from customers.models import Removal, User
from organisations.admin import OrganisationAdmin
from organisations.models import Organisation
from permissions.access import Access
from permissions.staff import Act, ActForm, ReadOnlyAdmin

_WORDS = {
    "goes": "Goes",
    "stays": "Stays under a pseudonym",
    "cycles": "Order cycles touched",
    "partners": "Organisations touched",
    "coordinates_open": "Open order cycles it coordinates (it stays until they close)",
    "coordinates_upcoming": "Upcoming order cycles it coordinates (their participants are told)",
}


def in_words(told: Mapping[str, Any]) -> dict[str, str]:
    """A preview, line by line."""
    return {label: _line(told.get(name)) for name, label in _WORDS.items()}


def _line(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}: {count:,}" for name, count in value.items()) or "nothing"
    return ", ".join(map(str, value or ())) or "none"


class TypedForm(ActForm):
    """What cannot be taken back: the id is typed, so that it is meant."""

    typed = forms.CharField(label=_("Its id"), max_length=40, help_text=_("Type or paste the id shown above."))

    field_order = ("typed", "reason")


def _meant(data: Mapping[str, Any], public_id: str) -> None:
    if data["typed"].strip() != public_id:
        raise Invalid.one("/typed", "other", f"That is not its id: {public_id}.")


def _remove(access: Access, row: Organisation, data: Mapping[str, Any]) -> str:
    made = removal.remove(access, organisation=row)
    return f"Deactivated. Its records are purged on {made.due_at:%d %B %Y}, unless it is restored before."


def _export(access: Access, row: Organisation, data: Mapping[str, Any]) -> str:
    exports.export_organisation(access, organisation=row)
    return "The file is being made. You find it under your account, My data."


def _export_person(access: Access, row: User, data: Mapping[str, Any]) -> str:
    exports.export_person(access, user=row)
    return "The file is being made. You find it under your account, My data."


def _erase(access: Access, row: User, data: Mapping[str, Any]) -> str:
    _meant(data, row.public_id)
    return f"Erased: {erasure.erase_person(access, user=row)}."


def _erased(access: Access, row: User) -> Mapping[str, Any]:
    told = erasure.preview(access, user=row)
    words = {name.replace("_", " ").capitalize(): value for name, value in told.items()}
    return {"Id": row.public_id, **{name: _line(one) if isinstance(one, list) else one for name, one in words.items()}}


def _restore(access: Access, row: Removal, data: Mapping[str, Any]) -> str:
    removal.restore(access, removal=row)
    return "Restored. Keys and invitations stay ended."


def _purge(access: Access, row: Removal, data: Mapping[str, Any]) -> str:
    _meant(data, row.organisation.public_id)
    removal.purge(access, removal=row)
    return "Purged."


def _is_waiting(row: Removal) -> bool:
    return row.status == RemovalStatus.SCHEDULED


_of_organisations: Sequence[Act[Any]] = (
    *OrganisationAdmin.acts,
    Act("export", "Export data", _export, fits=lambda row: row.removed_at is None),
    Act(
        "remove",
        "Remove customer",
        _remove,
        preview=lambda access, row: in_words(removal.preview(access, organisation=row)),
        fits=lambda row: row.removed_at is None and row.merged_into_id is None and removal.scheduled(row) is None,
    ),
)
_of_people: Sequence[Act[Any]] = (
    *UserAdmin.acts,
    Act("export", "Export data", _export_person, fits=lambda row: row.erased_at is None),
    Act("erase", "Erase person", _erase, preview=_erased, form=TypedForm, fits=lambda row: row.erased_at is None),
)


# What these pages offer belongs to this app; the pages themselves stand further down.
setattr(OrganisationAdmin, "acts", _of_organisations)  # noqa: B010
setattr(UserAdmin, "acts", _of_people)  # noqa: B010


@admin.register(Removal)
class RemovalAdmin(ReadOnlyAdmin):
    """The removal queue: deactivated customers that wait for their day, and those that went."""

    list_display = ("organisation", "status", "due_at", "requested_by", "reason", "finished_at")
    list_filter = ("status",)
    list_select_related = ("organisation", "requested_by")
    ordering = ("status", "due_at")
    search_fields = ("organisation__name", "organisation__public_id", "public_id", "reason")
    shown_fields = (
        "public_id",
        "organisation",
        "organisation_id_shown",
        "status",
        "reason",
        "requested_by",
        "due_at",
        "finished_at",
        "goes",
        "stays",
        "cycles",
        "partners",
        "created_at",
    )
    acts = (
        Act("restore", "Restore", _restore, fits=_is_waiting),
        Act(
            "purge",
            "Purge now",
            _purge,
            preview=lambda access, row: {
                "Id": row.organisation.public_id,
                **in_words(removal.preview(access, organisation=row.organisation)),
            },
            form=TypedForm,
            fits=_is_waiting,
        ),
    )

    @admin.display(description="id of the organisation")
    def organisation_id_shown(self, row: Removal) -> str:
        """As it stands in the audit trail."""
        return row.organisation.public_id

    def _told(self, row: Removal, name: str) -> str:
        told = row.result or row.preview
        return _line(told[name]) if name in told else "names are not kept"

    @admin.display(description="goes")
    def goes(self, row: Removal) -> str:
        """What went, or goes."""
        return self._told(row, "goes")

    @admin.display(description="stays under a pseudonym")
    def stays(self, row: Removal) -> str:
        """What others' records refer to."""
        return self._told(row, "stays")

    @admin.display(description="order cycles touched")
    def cycles(self, row: Removal) -> str:
        """By name."""
        return self._told(row, "cycles")

    @admin.display(description="organisations touched")
    def partners(self, row: Removal) -> str:
        """By name."""
        return self._told(row, "partners")
