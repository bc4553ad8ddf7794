"""Whose the histories of products and order cycles are: see ``permissions.trail``.

A cycle is its coordinator's. An exchange is its coordinator's and its enterprise's; so are its products. What a fee was
attached to is told to the coordinator and to the fee's owner.
"""

from __future__ import annotations

from django.db.models import F, Q

from ordercycles.models import (
    CycleFee,
    Exchange,
    ExchangeFee,
    ExchangeVariant,
    Fee,
    OrderCycle,
    PaymentMethod,
    Product,
    ShippingMethod,
    Variant,
)
from permissions.trail import Source, Tenant, register, through_events


def _coordinated(tenant: Tenant) -> Q:
    return Q(cycle_id__in=through_events(OrderCycle, Q(coordinator_id=tenant.unit_ids)))


def _exchanges(tenant: Tenant) -> Q:
    """Events of what hangs on exchanges: of its own cycles, or of its own enterprises."""
    return Q(exchange_id__in=through_events(Exchange, _coordinated(tenant) | Q(enterprise_id=tenant.unit_ids)))


def _in_its_cycles(tenant: Tenant) -> Q:
    return Q(exchange_id__in=through_events(Exchange, _coordinated(tenant)))


def _its_fee(tenant: Tenant) -> Q:
    return Q(fee_id__in=through_events(Fee, Q(owner_id=tenant.unit_ids)))


def _nobody(tenant: Tenant) -> Q:
    return Q(pk__in=[])


def add() -> None:
    """Called once, when the apps are ready."""
    register(
        Source(Product, "product", lambda tenant: Q(producer_id=tenant.unit_ids)),
        Source(
            Variant,
            "variant",
            lambda tenant: Q(producer_id=tenant.unit_ids),
            title=("product", "name"),
            name=F("product__name"),
        ),
        Source(Fee, "fee", lambda tenant: Q(owner_id=tenant.unit_ids)),
        Source(ShippingMethod, "shipping_method", lambda tenant: Q(hub_id=tenant.unit_ids)),
        Source(PaymentMethod, "payment_method", lambda tenant: Q(hub_id=tenant.unit_ids)),
        Source(OrderCycle, "order_cycle", lambda tenant: Q(coordinator_id=tenant.unit_ids)),
        Source(
            CycleFee,
            "cycle_fee",
            _coordinated,
            shared=_its_fee,
            title=("cycle", "fee"),
            object_id="cycle__public_id",
            name=F("fee__name"),
        ),
        Source(
            Exchange,
            "exchange",
            lambda tenant: Q(enterprise_id=tenant.unit_ids),
            shared=_coordinated,
            title=("cycle", "enterprise"),
            name=F("enterprise__unit__name"),
        ),
        Source(
            ExchangeVariant,
            "exchange_variant",
            _nobody,
            shared=_exchanges,
            title=("exchange", "variant"),
            object_id="exchange__public_id",
            name=F("variant__product__name"),
        ),
        Source(
            ExchangeFee,
            "exchange_fee",
            _nobody,
            shared=lambda tenant: _in_its_cycles(tenant) | _its_fee(tenant),
            title=("exchange", "fee"),
            object_id="exchange__public_id",
            name=F("fee__name"),
        ),
    )
