"""Reads by public id, through the engine: what the actor may not know of is not there."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from ordercycles.models import (
    Exchange,
    Fee,
    Notice,
    OrderCycle,
    PaymentMethod,
    Product,
    ShippingMethod,
    Variant,
)
from ordercycles.rules import targets
from organisations.models import Business
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.lookup import one


def cycles(access: Access) -> QuerySet[OrderCycle]:
    """The cycles that the actor sees."""
    return engine.visible(access, OrderCycle.objects.select_related("coordinator__unit__organisation"))


def get_cycle(access: Access, public_id: str) -> OrderCycle:
    """One cycle.

    Raises:
        NotFound: there is none, or the actor may not know of it.
    """
    return one(cycles(access), public_id)


def fees_towards(access: Access, cycle: OrderCycle, ids: Collection[str]) -> dict[str, Fee]:
    """Of some fees, those that the actor sees towards the whole cycle, by their ids. One statement."""
    rows = Fee.objects.select_related("owner__unit").filter(public_id__in=ids)
    seen = engine.allowed(access, Action.CYCLE_FEE_VIEW, targets.fees_of_cycle(cycle, rows))
    return {fee.public_id: fee for fee in seen}


def exchanges(access: Access) -> QuerySet[Exchange]:
    """The exchanges that the actor sees."""
    # With both organisations beside, working out how to ask takes PostgreSQL twice as long, which no answer makes up.
    rows = Exchange.objects.select_related("cycle__coordinator__unit", "enterprise__unit")
    return engine.visible(access, rows)


def get_exchange(access: Access, public_id: str) -> Exchange:
    """One exchange.

    Raises:
        NotFound: there is none, or the actor may not know of it.
    """
    return one(exchanges(access), public_id)


def get_enterprise(access: Access, public_id: str, cycle: OrderCycle | None = None) -> Business:
    """One enterprise by the id of its unit; with a cycle, also those that take part in it and are seen there.

    Raises:
        NotFound: there is none, or the actor may not know of it.
    """
    rows = Business.objects.select_related("unit__organisation")
    seen = engine.visible(access, rows)
    if cycle is not None:
        parts = Exchange.objects.filter(cycle=cycle)
        seen = rows.filter(pk__in=seen.values("pk")) | rows.filter(
            exchanges__in=engine.visible(access, parts).values("pk")
        )
        seen = seen.distinct()
    return one(seen, public_id, "unit__public_id")


def products(access: Access) -> QuerySet[Product]:
    """The products that the actor sees in catalogues, archived ones included."""
    return engine.visible(access, Product.objects.select_related("producer__unit__organisation"))


def get_product(access: Access, public_id: str) -> Product:
    """One product, or ``NotFound``."""
    return one(products(access), public_id)


def variants(access: Access) -> QuerySet[Variant]:
    """The variants that the actor sees in catalogues, archived ones included."""
    return engine.visible(access, Variant.objects.select_related("product", "producer__unit__organisation"))


def get_variant(access: Access, public_id: str) -> Variant:
    """One variant, or ``NotFound``."""
    return one(variants(access), public_id)


def variant_row(public_id: str) -> QuerySet[Variant]:
    """A variant by its id, unfiltered: only for a target whose visibility is decided elsewhere (in an exchange)."""
    return Variant.objects.filter(public_id=public_id)


def fee_row(public_id: str) -> QuerySet[Fee]:
    """A fee by its id, unfiltered: as ``variant_row``, on an exchange or a cycle."""
    return Fee.objects.filter(public_id=public_id)


def fees(access: Access) -> QuerySet[Fee]:
    """The fees of enterprises that the actor manages, and of those that granted one that she manages."""
    return engine.visible(access, Fee.objects.select_related("owner__unit__organisation"))


def get_fee(access: Access, public_id: str) -> Fee:
    """One fee, or ``NotFound``."""
    return one(fees(access), public_id)


def shipping_methods(access: Access) -> QuerySet[ShippingMethod]:
    """The shipping methods of the actor's hubs."""
    return engine.visible(access, ShippingMethod.objects.select_related("hub__unit__organisation"))


def get_shipping_method(access: Access, public_id: str) -> ShippingMethod:
    """One shipping method, or ``NotFound``."""
    return one(shipping_methods(access), public_id)


def payment_methods(access: Access) -> QuerySet[PaymentMethod]:
    """The payment methods of the actor's hubs."""
    return engine.visible(access, PaymentMethod.objects.select_related("hub__unit__organisation"))


def get_payment_method(access: Access, public_id: str) -> PaymentMethod:
    """One payment method, or ``NotFound``."""
    return one(payment_methods(access), public_id)


def notices(access: Access) -> QuerySet[Notice]:
    """The notices to the actor's enterprises, newest first."""
    rows = Notice.objects.select_related("enterprise__unit", "cycle").order_by("-created_at", "-pk")
    return engine.visible(access, rows)


def get_notice(access: Access, public_id: str) -> Notice:
    """One notice, or ``NotFound``."""
    return one(notices(access), public_id)
