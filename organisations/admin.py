"""The staff's pages of organisations, enterprises, and the grants between them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from organisations.domain import businesses, connections, grants, organisations, units
from organisations.enums import Certification, FarmEnterprise, GrantKind
from organisations.form_fields import WRITTEN_FREELY, HoursField, RowField
from organisations.models import Business, BusinessUnit, Connection, Organisation
from permissions.access import Access
from permissions.domain.owners import owners
from permissions.grants import grantee_of, granter_of, kind_of, with_parties
from permissions.models import Grant, GrantRequest
from permissions.staff import Act, ReadOnlyAdmin, StaffAdmin, VerbForm, archiving, is_archived, whether

ARCHIVED = ("archived_at", whether(_("active"), _("put away")))


class StateFilter(admin.SimpleListFilter):
    """Where an organisation stands."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The states."""
        return [
            ("active", _("active")),
            ("archived", _("archived")),
            ("merged", _("merged")),
            ("removed", _("removed")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those that stand there. What was merged or removed has been put away, too, and is not meant by that."""
        stays = queryset.filter(removed_at=None)
        match self.value():
            case "active":
                return stays.filter(archived_at=None)
            case "archived":
                return stays.filter(archived_at__isnull=False, merged_into=None)
            case "merged":
                return stays.filter(merged_into__isnull=False)
            case "removed":
                return queryset.filter(removed_at__isnull=False)
            case _:
                return queryset


class OwnerFilter(admin.SimpleListFilter):
    """Whether somebody can act for all of it."""

    title = _("active account owner")
    parameter_name = "has_owner"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """With and without."""
        return [("yes", _("has one")), ("no", _("has none"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those with one, or without."""
        has = Exists(owners(OuterRef("pk")))
        match self.value():
            case "yes":
                return queryset.filter(has)
            case "no":
                return queryset.filter(~has)
            case _:
                return queryset


class _WrittenFreelyAdmin(StaffAdmin):
    """An admin whose numbers and postcodes may be typed with spaces."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The field that takes it as people write it."""
        if kind := WRITTEN_FREELY.get(db_field.name):
            kwargs["form_class"] = kind
        return super().formfield_for_dbfield(db_field, request, **kwargs)


@admin.register(Organisation)
class OrganisationAdmin(_WrittenFreelyAdmin):
    """Companies. One is taken on with all that belongs to it: see ``config.customer_desk.Onboard``."""

    list_display = ("name", "overview", "kind", "town", "company_number", is_archived)
    list_filter = ("kind", StateFilter, OwnerFilter)
    ordering = ("name",)
    search_fields = (
        "name",
        "public_id",
        "company_number",
        "vat_number",
        "postcode",
        "units__name",
        "units__public_id",
        "memberships__user__email",
        "memberships__user__public_id",
    )
    change_fields = ("name", "company_number", "vat_number", "town", "postcode")
    shown_fields = ("public_id", "kind", "created_by_organisation", "archived_at", "created_at", "updated_at")
    acts = archiving(
        organisations.archive_organisation,
        organisations.restore_organisation,
        "organisation",
        organisations.archive_preview,
    )

    @admin.display(description=_("all of it"))
    def overview(self, row: Organisation) -> str:
        """The one page of a customer."""
        return format_html('<a href="{}">{}</a>', reverse("admin:customer", args=[row.public_id]), _("Open"))

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Change what it says of itself."""
        return organisations.edit_organisation(access, organisation=row, version=version, **data)


def _remove(access: Access, row: BusinessUnit, data: Mapping[str, Any]) -> Any:
    left = units.remove_unit(access, unit=row)
    return "Deleted: nothing referred to it." if left is None else "Archived, because something refers to it."


@admin.register(BusinessUnit)
class UnitAdmin(_WrittenFreelyAdmin):
    """Parts of companies."""

    list_display = ("name", "organisation", "town", "postcode", is_archived)
    list_filter = (("business", whether(_("without a business"), _("with a business"))), ARCHIVED)
    list_select_related = ("organisation",)
    ordering = ("name",)
    search_fields = ("name", "public_id", "organisation__name", "organisation__company_number", "postcode")
    autocomplete_fields = ("organisation",)
    add_fields = ("organisation", "name", "address", "town", "postcode", "phone")
    change_fields = ("name", "address", "town", "postcode", "phone")
    shown_fields = ("public_id", "organisation", "archived_at", "created_at", "updated_at")
    acts = (
        # Offered while nothing refers to the unit; when something does by the time it is done, it is put away.
        Act(
            "remove",
            "Delete",
            _remove,
            preview=lambda access, row: units.removal_preview(access, unit=row),
            fits=lambda row: not units.references(row),
            gone=True,
        ),
        *archiving(units.archive_unit, units.restore_unit, "unit", units.archive_preview),
    )

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Add a unit."""
        return units.create_unit(access, **data)

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Change name or address."""
        return units.edit_unit(access, unit=row, version=version, **data)


_PROFILE = ("description", "website")
_FARM = ("holding_number", "hectares", "farm_enterprises", "certifications")
_STORE = ("store_code", "opening_hours", "floor_area", "capacity")
_TRADING = ("kind", "is_producer", "sells", "contact_email", *_FARM, *_STORE)


class BusinessForm(VerbForm):
    """An enterprise: what a farm keeps is chosen, not typed; opening hours are written as people write them."""

    opening_hours = HoursField()

    farm_enterprises = forms.MultipleChoiceField(
        choices=FarmEnterprise.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    certifications = forms.MultipleChoiceField(
        choices=Certification.choices, required=False, widget=forms.CheckboxSelectMultiple
    )

    def _get_validation_exclusions(self) -> set[str]:
        # Without the kind Django leaves out the constraints that rest on it: the verb says the same in words.
        return super()._get_validation_exclusions() | {"kind"}  # type: ignore[misc, no-any-return]


def _ask(access: Access, row: Business, data: Mapping[str, Any]) -> str:
    businesses.request_contact_confirmation(access, business=row)
    return f"A link goes to {row.contact_email}."


@admin.register(Business)
class BusinessAdmin(StaffAdmin):
    """Enterprises: the farms and stores behind units."""

    form = BusinessForm
    list_display = ("unit", "organisation", "kind", "is_producer", "sells", "confirmed")
    list_filter = (
        "kind",
        "is_producer",
        "sells",
        ("contact_email_confirmed_at", whether(_("not confirmed"), _("confirmed"))),
        ("unit__archived_at", whether(_("active"), _("put away"))),
    )
    list_select_related = ("unit__organisation",)
    ordering = ("unit__name",)
    search_fields = (
        "unit__name",
        "unit__public_id",
        "contact_email",
        "unit__organisation__name",
        "unit__organisation__company_number",
    )
    autocomplete_fields = ("unit",)
    add_fields = ("unit", *_TRADING, *_PROFILE)
    change_fields = (*_TRADING, *_PROFILE)
    shown_fields = ("unit", "public_id", "contact_email_confirmed_at", "created_at", "updated_at")
    acts = (
        Act(
            "confirm",
            "Mail the confirmation link",
            _ask,
            fits=lambda row: bool(row.contact_email) and not row.contact_email_is_confirmed,
        ),
    )

    @admin.display(description=_("organisation"), ordering="unit__organisation__name")
    def organisation(self, row: Business) -> str:
        """The company."""
        return str(row.unit.organisation)

    @admin.display(description=_("contact confirmed"), boolean=True)
    def confirmed(self, row: Business) -> bool:
        """Whether order confirmations can be sent."""
        return row.contact_email_is_confirmed

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Make a unit an enterprise."""
        return businesses.create_business(access, **data)

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """How it trades, and what it says of itself: two verbs, both or neither."""
        trading: Any = {name: value for name, value in data.items() if name in _TRADING}
        profile: Any = {name: value for name, value in data.items() if name in _PROFILE}
        with transaction.atomic():
            if trading:
                row = businesses.edit_trading(access, business=row, version=version, **trading)
                version = None
            return businesses.edit_profile(access, business=row, version=version, **profile)


def _disconnect(access: Access, row: Connection, data: Mapping[str, Any]) -> None:
    connections.disconnect(access, connection=row)


#: What the organisation that recorded a connection keeps of it.
_OF_CONNECTION = ("kind", "contact_name", "contact_email", "note")


@admin.register(Connection)
class ConnectionAdmin(StaffAdmin):
    """Who knows whom."""

    list_display = ("organisation", "other", "kind")
    list_filter = ("kind",)
    list_select_related = ("organisation", "other")
    search_fields = ("organisation__name", "other__name", "public_id")
    autocomplete_fields = ("organisation", "other")
    add_fields = ("organisation", "other", *_OF_CONNECTION)
    change_fields = _OF_CONNECTION
    shown_fields = ("public_id", "organisation", "other", "created_at", "updated_at")
    acts = (Act("end", "End the connection", _disconnect, gone=True),)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Both sides are organisations."""
        return super().formfield_for_foreignkey(db_field, request, form_class=RowField, **kwargs)

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Connect two organisations."""
        return connections.connect(access, **data)

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Change what the organisation that recorded it keeps of it."""
        return connections.edit_connection(access, connection=row, version=version, **data)


class GrantKindFilter(admin.SimpleListFilter):
    """What a grant lets the grantee do, in words."""

    title = _("what it lets")
    parameter_name = "permission__codename"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What can be granted."""
        return list(GrantKind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The grants of that."""
        return queryset.filter(**{self.parameter_name: self.value()}) if self.value() else queryset


class RequestKindFilter(GrantKindFilter):
    """What a request asks for, in words."""

    title = _("what it asks for")
    parameter_name = "permission"


class GrantForm(VerbForm):
    """Who lets whom do what."""

    grantee = forms.ModelChoiceField(
        Business.objects.select_related("unit"),  # door: staff see every enterprise
        label=_("Grantee"),
        help_text=_("Who will be able to do it."),
        widget=AutocompleteSelect(GrantRequest._meta.get_field("grantee"), admin.site),
    )
    kind = forms.ChoiceField(label=_("What"), choices=GrantKind.choices)


def _withdraw(access: Access, row: Grant, data: Mapping[str, Any]) -> None:
    grants.withdraw(access, grant=row)


def _give_up(access: Access, row: Grant, data: Mapping[str, Any]) -> None:
    grants.give_up(access, grant=row)


def _lapses(access: Access, row: Grant) -> Mapping[str, Any]:
    return grants.withdrawal_preview(access, grant=row)


@admin.register(Grant)
class GrantAdmin(StaffAdmin):
    """What one enterprise lets another do."""

    form = GrantForm
    list_display = ("granter", "grantee", "what", "given_at")
    list_filter = (GrantKindFilter,)
    ordering = ("-given_at",)
    search_fields = (
        "content_object__unit__name",
        "group__enterprise__unit__name",
        "public_id",
        "content_object__unit__public_id",
        "group__enterprise__unit__public_id",
    )
    autocomplete_fields = ("content_object",)
    add_fields = ("content_object", "grantee", "kind")
    shown_fields = ("public_id", "granter", "grantee", "what", "given_at", "given_by")
    acts = (
        Act("withdraw", "Withdraw for the granter", _withdraw, preview=_lapses, gone=True),
        Act("give-up", "Give up for the grantee", _give_up, preview=_lapses, gone=True),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With both parties at hand."""
        return with_parties(super().get_queryset(request))

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The enterprise that a grant is on is the one that gives it."""
        if db_field.name == "content_object":
            kwargs["label"] = _("Granter")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    @admin.display(description=_("granter"), ordering="content_object__unit__name")
    def granter(self, row: Grant) -> str:
        """Who gave it."""
        return str(granter_of(row))

    @admin.display(description=_("grantee"))
    def grantee(self, row: Grant) -> str:
        """Who holds it."""
        return str(grantee_of(row))

    @admin.display(description=_("lets it"))
    def what(self, row: Grant) -> str:
        """What it lets the grantee do."""
        return str(GrantKind(kind_of(row)).label)

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Give a grant for the granter."""
        return grants.give(access, granter=data["content_object"], grantee=data["grantee"], permission=data["kind"])

    def label(self, row: Grant) -> str:
        """Who lets whom."""
        return f"{granter_of(row)} → {grantee_of(row)}"


@admin.register(GrantRequest)
class GrantRequestAdmin(ReadOnlyAdmin):
    """Requests for grants: answered by the granter's people, or by giving the grant."""

    list_display = ("grantee", "granter", "what", "status", "created_at")
    list_filter = ("status", RequestKindFilter)
    list_select_related = ("granter__unit", "grantee__unit")
    ordering = ("-created_at",)
    search_fields = ("granter__unit__name", "grantee__unit__name", "public_id")
    shown_fields = (
        "public_id",
        "grantee",
        "granter",
        "what",
        "message",
        "status",
        "asked_by",
        "created_at",
        "answered_by",
        "answered_at",
        "answer",
    )

    @admin.display(description=_("asks for"), ordering="permission")
    def what(self, row: GrantRequest) -> str:
        """What the grant would let the grantee do."""
        return str(GrantKind(row.permission).label)

    def label(self, row: GrantRequest) -> str:
        """Who asks whom."""
        return f"{row.grantee} asks {row.granter}"
