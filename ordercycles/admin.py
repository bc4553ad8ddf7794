"""The staff's pages of catalogues, fees, methods, order cycles and exchanges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from common import clock
from common.errors import FieldError, Invalid
from ordercycles.domain import catalogue, cycles, exchanges, fees, methods
from ordercycles.enums import CycleState, ExchangeStatus
from ordercycles.models import (
    Exchange,
    Fee,
    Notice,
    OrderCycle,
    PaymentMethod,
    Product,
    RecordedOffer,
    ShippingMethod,
    Variant,
)
from ordercycles.models.cycle import state_q
from permissions.access import Access
from permissions.staff import Act, ActForm, ReadOnlyAdmin, StaffAdmin, VerbForm, archiving, is_archived, whether

ARCHIVED = ("archived_at", whether(_("active"), _("put away")))
TIMES = ("created_at", "updated_at")


# --- catalogue, fees, methods -----------------------------------------------------------------------------------


@admin.register(Product)
class ProductAdmin(StaffAdmin):
    """Products."""

    list_display = ("name", "producer", "category", is_archived)
    list_filter = (ARCHIVED, "category")
    list_select_related = ("producer__unit",)
    ordering = ("name",)
    search_fields = ("name", "public_id", "producer__unit__name", "category")
    autocomplete_fields = ("producer",)
    add_fields = ("producer", "name", "category", "description")
    change_fields = ("name", "category", "description")
    shown_fields = ("public_id", "producer", "archived_at", *TIMES)
    acts = archiving(catalogue.archive_product, catalogue.restore_product, "product", catalogue.archive_product_preview)

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Add a product."""
        return catalogue.create_product(access, **data)

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Change a product."""
        return catalogue.edit_product(access, product=row, version=version, **data)


_VARIANT = ("price", "name", "sku", "unit_type", "unit_value", "unit_name", "weight_kg", "on_hand", "on_demand")


@admin.register(Variant)
class VariantAdmin(StaffAdmin):
    """Variants."""

    list_display = ("product", "name", "producer", "price", "unit_type", "unit_value", is_archived)
    list_filter = (ARCHIVED, "unit_type")
    list_select_related = ("product", "producer__unit")
    ordering = ("product__name", "pk")
    search_fields = ("product__name", "name", "sku", "public_id", "producer__unit__name")
    autocomplete_fields = ("product",)
    add_fields = ("product", *_VARIANT)
    change_fields = _VARIANT
    shown_fields = ("public_id", "product", "producer", "archived_at", *TIMES)
    acts = archiving(catalogue.archive_variant, catalogue.restore_variant, "variant", catalogue.archive_variant_preview)

    def label(self, row: Variant) -> str:
        """Product, variant and producer."""
        return f"{row.product.name} {row.name} – {row.producer.name}"

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Add a variant."""
        return catalogue.create_variant(access, **data)

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Change a variant."""
        return catalogue.edit_variant(access, variant=row, version=version, **data)


_FEE = ("name", "kind", "charge", "amount", "further_amount", "max_items", "minimum")


@admin.register(Fee)
class FeeAdmin(StaffAdmin):
    """Fees."""

    list_display = ("name", "owner", "kind", "charge", "amount", is_archived)
    list_filter = ("kind", "charge", ARCHIVED)
    list_select_related = ("owner__unit",)
    ordering = ("name",)
    search_fields = ("name", "public_id", "owner__unit__name")
    autocomplete_fields = ("owner",)
    add_fields = ("owner", *_FEE)
    change_fields = _FEE
    shown_fields = ("public_id", "owner", "archived_at", *TIMES)
    acts = archiving(fees.archive_fee, fees.restore_fee, "fee", fees.archive_fee_preview)

    def label(self, row: Fee) -> str:
        """Fee and owner."""
        return f"{row.name} – {row.owner.name}"

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Make a fee."""
        return fees.create_fee(access, **data)

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Change a fee."""
        return fees.edit_fee(access, fee=row, version=version, **data)


class MethodAdmin(StaffAdmin):
    """What shipping and payment methods have in common."""

    list_select_related = ("hub__unit",)
    ordering = ("name",)
    search_fields = ("name", "public_id", "hub__unit__name")
    autocomplete_fields = ("hub",)
    shown_fields = ("public_id", "hub", "archived_at", *TIMES)


@admin.register(ShippingMethod)
class ShippingMethodAdmin(MethodAdmin):
    """Shipping methods."""

    list_display = ("name", "hub", "kind", "price", is_archived)
    list_filter = ("kind", ARCHIVED)
    add_fields = ("hub", "name", "kind", "description", "price")
    change_fields = ("name", "kind", "description", "price")
    acts = archiving(methods.archive_shipping_method, methods.restore_shipping_method, "method")

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Add a shipping method."""
        return methods.create_shipping_method(access, **data)

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Change a shipping method."""
        return methods.edit_shipping_method(access, method=row, version=version, **data)


@admin.register(PaymentMethod)
class PaymentMethodAdmin(MethodAdmin):
    """Payment methods."""

    list_display = ("name", "hub", "is_active", is_archived)
    list_filter = ("is_active", ARCHIVED)
    add_fields = ("hub", "name", "description", "is_active")
    change_fields = ("name", "description", "is_active")
    acts = archiving(methods.archive_payment_method, methods.restore_payment_method, "method")

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Add a payment method."""
        return methods.create_payment_method(access, **data)

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Change a payment method."""
        return methods.edit_payment_method(access, method=row, version=version, **data)


# --- order cycles -----------------------------------------------------------------------------------------------


class StateFilter(admin.SimpleListFilter):
    """Cycles by state, as the clock has it."""

    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        """All four."""
        return CycleState.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Those in the state chosen."""
        chosen = self.value()
        return queryset.filter(state_q(CycleState(chosen), clock.now())) if chosen in CycleState.values else queryset


class CopyForm(ActForm):
    """What the copy is called."""

    name = forms.CharField(label=_("Name of the copy"), max_length=200)
    field_order = ("name", "reason")


class IdsForm(ActForm):
    """What is added and taken out, by public id: explicit, never "replace all"."""

    add = forms.CharField(
        label=_("Add"), required=False, widget=forms.Textarea(attrs={"rows": 4}), help_text=_("Ids, one on each line.")
    )
    remove = forms.CharField(
        label=_("Remove"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Ids, one on each line."),
    )
    field_order: tuple[str, ...] = ("add", "remove", "reason")

    def clean_add(self) -> list[str]:
        """The ids."""
        return str(self.cleaned_data["add"]).replace(",", " ").split()

    def clean_remove(self) -> list[str]:
        """The ids."""
        return str(self.cleaned_data["remove"]).replace(",", " ").split()


class GoodsForm(IdsForm):
    """As well as that, whether hubs may lose what they carry."""

    confirmed = forms.BooleanField(
        label=_("Take it from hubs too"),
        required=False,
        help_text=_("When hubs carry what would no longer be supplied; they are named before anything is done."),
    )
    field_order = ("add", "remove", "confirmed", "reason")


def _close(access: Access, row: OrderCycle, data: Mapping[str, Any]) -> None:
    cycles.close_cycle(access, cycle=row)


def _delete(access: Access, row: OrderCycle, data: Mapping[str, Any]) -> None:
    cycles.delete_cycle(access, cycle=row)


def _copy(access: Access, row: OrderCycle, data: Mapping[str, Any]) -> str:
    report = cycles.copy_cycle(access, cycle=row, name=data["name"])
    left_out = "; ".join(f"{one.name}: {one.reason}" for one in report.left_out)
    return f"Copied as {report.cycle.public_id}. Left out: {left_out or 'nothing'}."


def _cycle_fees(access: Access, row: OrderCycle, data: Mapping[str, Any]) -> None:
    named = [*data["add"], *data["remove"]]
    known = {fee.public_id: fee for fee in Fee.objects.filter(public_id__in=named)}  # door: staff see every fee
    missing = [FieldError(f"/{name}", "not_found", "Not found.") for name in data if set(data[name]) - known.keys()]
    if missing:
        raise Invalid(missing)
    add, remove = ([known[one] for one in data[name]] for name in ("add", "remove"))
    cycles.attach_cycle_fees(access, cycle=row, add=add, remove=remove)


@admin.register(OrderCycle)
class OrderCycleAdmin(StaffAdmin):
    """Order cycles. The coordinator is said once, and never changes (C3)."""

    list_display = ("name", "coordinator", "state", "opens_at", "closes_at")
    list_filter = (StateFilter,)
    list_select_related = ("coordinator__unit",)
    ordering = ("-created_at",)
    search_fields = ("name", "public_id", "coordinator__unit__name", "exchanges__enterprise__unit__name")
    autocomplete_fields = ("coordinator",)
    add_fields = ("coordinator", "name", "opens_at", "closes_at")
    change_fields = ("name", "opens_at", "closes_at")
    fixed_fields = ("coordinator",)
    shown_fields = (
        "public_id",
        "coordinator",
        "state",
        "parts",
        "fees_on_all",
        "copied_from",
        "created_by",
        "offer_recorded_at",
        *TIMES,
    )
    acts = (
        Act("fees", "Coordinator's fees", _cycle_fees, form=IdsForm),
        Act("copy", "Copy", _copy, form=CopyForm),
        Act("close", "Close now", _close, fits=lambda row: row.state == CycleState.OPEN),
        Act(
            "delete",
            "Delete",
            _delete,
            fits=lambda row: row.state in (CycleState.DRAFT, CycleState.UPCOMING),
            preview=lambda access, row: {"exchanges": row.exchanges.count()},
            gone=True,
        ),
    )

    @admin.display(description=_("state"))
    def state(self, row: OrderCycle) -> str:
        """As the clock has it."""
        return str(row.state.label)

    @admin.display(description=_("exchanges"))
    def parts(self, row: OrderCycle) -> str:
        """Who takes part, each with a link."""
        rows = row.exchanges.select_related("enterprise__unit").order_by("direction", "pk")
        links = [
            format_html(
                '<a href="{}">{} ({}, {})</a>',
                reverse("admin:ordercycles_exchange_change", args=[one.pk]),
                one.enterprise.name,
                one.get_direction_display(),
                one.get_status_display(),
            )
            for one in rows
        ]
        return format_html(", ".join(["{}"] * len(links)), *links) if links else "–"

    @admin.display(description=_("coordinator fees"))
    def fees_on_all(self, row: OrderCycle) -> str:
        """The fees on the whole cycle."""
        rows = row.cycle_fees.select_related("fee").order_by("pk")
        return ", ".join(f"{one.fee.name} ({one.fee.public_id})" for one in rows) or "–"

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Make a cycle for its coordinator."""
        return cycles.create_cycle(access, **data)

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Name and times."""
        if data.get("coordinator") == str(row.coordinator_id):
            data["coordinator"] = row.coordinator.public_id
        return cycles.edit_cycle(access, cycle=row, version=version, **data)


# --- exchanges --------------------------------------------------------------------------------------------------


class DeclineForm(ActForm):
    """Why the participant declines."""

    because = forms.CharField(label=_("Why they decline"), max_length=500, help_text=_("The coordinator reads it."))
    field_order = ("because", "reason")


def _change_goods(access: Access, row: Exchange, data: Mapping[str, Any]) -> str:
    done = exchanges.change_variants(access, exchange=row, **data)
    return f"Added {done.added}, removed {done.removed}."


def _change_fees(access: Access, row: Exchange, data: Mapping[str, Any]) -> None:
    exchanges.change_fees(access, exchange=row, add=data["add"], remove=data["remove"])


def _accept(access: Access, row: Exchange, data: Mapping[str, Any]) -> None:
    exchanges.accept(access, exchange=row)


def _decline(access: Access, row: Exchange, data: Mapping[str, Any]) -> None:
    exchanges.decline(access, exchange=row, reason=data["because"])


def _remove(access: Access, row: Exchange, data: Mapping[str, Any]) -> None:
    # The page has shown what it takes from others; sending it is the confirmation.
    exchanges.remove_exchange(access, exchange=row, confirmed=True)


#: So many goods are named on the page; the rest are counted.
_MOST_NAMED = 100


class PartForm(VerbForm):
    """A part in a cycle. That there is one already is the verb's to say, with its rule."""

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {"enterprise"}


@admin.register(Exchange)
class ExchangeAdmin(StaffAdmin):
    """Parts in cycles, with their goods, fees and notes."""

    form = PartForm

    list_display = ("enterprise", "direction", "cycle", "status", "goods_count")
    list_filter = ("direction", "status")
    list_select_related = ("enterprise__unit", "cycle")
    ordering = ("-created_at",)
    search_fields = ("enterprise__unit__name", "cycle__name", "public_id", "cycle__public_id")
    autocomplete_fields = ("cycle", "enterprise")
    add_fields = ("cycle", "direction", "enterprise")
    change_fields = ("collection_time", "collection_instructions", "delivery_notes")
    shown_fields = (
        "public_id",
        "cycle",
        "direction",
        "enterprise",
        "status",
        "decline_reason",
        "answered_at",
        "answered_by",
        "goods",
        "fees_on",
        *TIMES,
    )
    acts = (
        Act("goods", "Goods", _change_goods, form=GoodsForm),
        Act("fees", "Fees", _change_fees, form=IdsForm),
        Act("accept", "Accept for them", _accept, fits=lambda row: row.status != ExchangeStatus.ACCEPTED),
        Act(
            "decline",
            "Decline for them",
            _decline,
            form=DeclineForm,
            fits=lambda row: row.status != ExchangeStatus.DECLINED,
        ),
        Act(
            "remove",
            "Remove",
            _remove,
            preview=lambda access, row: exchanges.removal_preview(access, exchange=row),
            gone=True,
        ),
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        """With how many goods each holds."""
        rows = super().get_queryset(request).select_related("enterprise__unit", "cycle")
        return rows.annotate(held=Count("exchange_variants"))

    @admin.display(description=_("products"), ordering="held")
    def goods_count(self, row: Any) -> int:
        """How many variants it holds."""
        return int(row.held)

    @admin.display(description=_("products"))
    def goods(self, row: Exchange) -> str:
        """The first of its variants, by name and id."""
        rows = Variant.objects.filter(exchange_variants__exchange=row)  # door: staff see every exchange
        rows = rows.select_related("product", "producer__unit")
        named = [
            f"{one.product.name} {one.name} – {one.producer.name} ({one.public_id})"
            for one in rows.order_by("producer_id", "product__name", "pk")[: _MOST_NAMED + 1]
        ]
        more = "; and more" if len(named) > _MOST_NAMED else ""
        return "; ".join(named[:_MOST_NAMED]) + more or "–"

    @admin.display(description=_("fees"))
    def fees_on(self, row: Exchange) -> str:
        """Its fees, by name and id."""
        rows = Fee.objects.filter(exchange_fees__exchange=row)  # door: staff see every exchange
        rows = rows.select_related("owner__unit").order_by("pk")
        return "; ".join(f"{one.name} of {one.owner.name} ({one.public_id})" for one in rows) or "–"

    def label(self, row: Exchange) -> str:
        """Enterprise, direction and cycle."""
        return f"{row.enterprise.name}, {row.get_direction_display()} – {row.cycle.name}"

    def add(self, access: Access, data: dict[str, Any]) -> Any:
        """Add a producer or a hub for the coordinator."""
        return exchanges.add_exchange(access, **data)

    def change(self, access: Access, row: Any, data: dict[str, Any], version: int | None) -> Any:
        """Times and notes."""
        return exchanges.set_notes(access, exchange=row, version=version, **data)


@admin.register(Notice)
class NoticeAdmin(ReadOnlyAdmin):
    """What participants were told."""

    list_display = ("created_at", "enterprise", "kind", "text", "mailed_at", "read_at")
    list_filter = ("kind", ("mailed_at", whether(_("not mailed"), _("mailed"))))
    list_select_related = ("enterprise__unit",)
    ordering = ("-created_at",)
    search_fields = ("text", "enterprise__unit__name", "public_id")
    shown_fields = (
        "public_id",
        "enterprise",
        "kind",
        "text",
        "cycle",
        "actor_name",
        "created_at",
        "mailed_at",
        "read_at",
    )


@admin.register(RecordedOffer)
class RecordedOfferAdmin(ReadOnlyAdmin):
    """What was on offer at closing (L3)."""

    list_display = ("cycle", "hub", "created_at")
    list_select_related = ("cycle", "hub__unit")
    ordering = ("-created_at",)
    search_fields = ("cycle__name", "cycle__public_id", "hub__unit__name")
    shown_fields = ("cycle", "hub", "created_at", "offer")

    @admin.display(description=_("offer"))
    def offer(self, row: RecordedOffer) -> str:
        """What was on offer, with what it cost."""
        return render_to_string("ordercycles/_offer.html", {"offer": row.body, "most": ""})
