"""What an organisation's export holds of products and order cycles: its own, and its part in others'."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from ordercycles.models import (
    Exchange,
    ExchangeVariant,
    Fee,
    Notice,
    OrderCycle,
    PaymentMethod,
    Product,
    ShippingMethod,
    Variant,
)

Part = tuple[str, list[dict[str, Any]]]


def parts(access: Any, organisation: Any, units: Collection[int]) -> list[Part]:
    """For ``hooks.export_parts``. Of a cycle of others' only its name and times, which participants see."""
    goods = "name unit_type unit_value unit_name weight_kg price on_hand on_demand sku archived_at"
    return [
        _part(
            "products",
            Product.objects.filter(producer__in=units),
            "name category description archived_at",
            producer="producer__unit__name",
        ),
        _part("variants", Variant.objects.filter(producer__in=units), goods, product="product__public_id"),
        _part(
            "fees",
            Fee.objects.filter(owner__in=units),
            "name kind charge amount further_amount max_items minimum archived_at",
            owner="owner__unit__name",
        ),
        _part(
            "shipping_methods",
            ShippingMethod.objects.filter(hub__in=units),
            "name kind description price archived_at",
            hub="hub__unit__name",
        ),
        _part(
            "payment_methods",
            PaymentMethod.objects.filter(hub__in=units),
            "name description is_active archived_at",
            hub="hub__unit__name",
        ),
        _part(
            "order_cycles",
            OrderCycle.objects.filter(coordinator__in=units),
            "name opens_at closes_at created_at",
            coordinator="coordinator__unit__name",
        ),
        _part(
            "exchanges",
            Exchange.objects.filter(enterprise__in=units),
            "direction status decline_reason collection_time collection_instructions delivery_notes",
            enterprise="enterprise__unit__name",
            cycle="cycle__name",
            opens_at="cycle__opens_at",
            closes_at="cycle__closes_at",
        ),
        (
            "products_in_exchanges",
            _values(
                ExchangeVariant.objects.filter(exchange__enterprise__in=units),
                {
                    "exchange": "exchange__public_id",
                    "variant": "variant__public_id",
                    "product": "variant__product__name",
                    "name": "variant__name",
                },
            ),
        ),
        _part("notices", Notice.objects.filter(enterprise__in=units), "kind text created_at read_at"),
    ]


def _part(name: str, rows: Any, fields: str, **paths: str) -> Part:
    return name, _values(rows, {"id": "public_id", **paths, **{field: field for field in fields.split()}})


def _values(rows: Any, columns: dict[str, str]) -> list[dict[str, Any]]:
    found = rows.order_by("pk").values_list(*columns.values())
    return [dict(zip(columns, row, strict=True)) for row in found]
