"""On what an action is decided: querysets and what the slots are on them."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import QuerySet

from common.arrays import OneOf
from ordercycles.enums import Direction
from ordercycles.models import Exchange, Fee, OrderCycle, PaymentMethod, Product, ShippingMethod, Variant
from organisations.models import Business
from permissions.engine import Target
from permissions.rules import Scope

CYCLE = Scope({"cycle": "pk", "coordinator": "coordinator_id"})
EXCHANGE = Scope(
    {
        "exchange": "pk",
        "cycle": "cycle_id",
        "coordinator": "cycle__coordinator_id",
        "direction": "direction",
        "enterprise": "enterprise_id",
    }
)
FEE = Scope({"fee": "pk", "owner": "owner_id"})
PRODUCT = Scope({"producer": "producer_id"})
METHOD = Scope({"enterprise": "hub_id"})
NOTICE = Scope({"enterprise": "enterprise_id"})


def cycle(one: OrderCycle) -> Target:
    """One cycle."""
    return Target(OrderCycle.objects.filter(pk=one.pk), CYCLE)


def exchange(one: Exchange) -> Target:
    """One exchange."""
    return Target(Exchange.objects.filter(pk=one.pk), EXCHANGE)


def _cycle_slots(one: OrderCycle) -> dict[str, int]:
    return {"cycle": one.pk, "coordinator": one.coordinator_id}


def candidates(one: OrderCycle, enterprises: QuerySet[Business]) -> Target:
    """Enterprises that may or may not be added to a cycle."""
    return Target(enterprises, Scope({"enterprise": "pk"}, _cycle_slots(one)))


def candidate(one: OrderCycle, enterprise: Business) -> Target:
    """One enterprise that may or may not be added to a cycle."""
    return candidates(one, Business.objects.filter(pk=enterprise.pk))


def _exchange_slots(one: Exchange) -> dict[str, object]:
    return {
        **_cycle_slots(one.cycle),
        "exchange": one.pk,
        "direction": Direction(one.direction),
        "enterprise": one.enterprise_id,
    }


def variants_in(one: Exchange, variants: QuerySet[Variant]) -> Target:
    """Variants towards an exchange, whether they are in it or not. ``one.cycle`` is at hand."""
    return Target(variants, Scope({"variant": "pk", "producer": "producer_id"}, _exchange_slots(one)))


def fees_on(one: Exchange, fees: QuerySet[Fee]) -> Target:
    """Fees towards an exchange, whether they are on it or not."""
    return Target(fees, Scope({"fee": "pk", "owner": "owner_id"}, _exchange_slots(one)))


def fees_of_cycle(one: OrderCycle, fees: QuerySet[Fee]) -> Target:
    """Fees towards a whole cycle."""
    return Target(fees, Scope({"fee": "pk", "owner": "owner_id"}, _cycle_slots(one)))


def variants(keys: Collection[int]) -> QuerySet[Variant]:
    """Variants by key."""
    return Variant.objects.filter(pk=OneOf(keys))


def catalogue(producer: Business) -> Target:
    """A producer's catalogue: what would be added to it."""
    return Target(Business.objects.filter(pk=producer.pk), Scope({"producer": "pk"}))


def product(one: Product) -> Target:
    """One product."""
    return Target(Product.objects.filter(pk=one.pk), PRODUCT)


def products(keys: Collection[int]) -> Target:
    """Products by key."""
    return Target(Product.objects.filter(pk__in=keys), PRODUCT)


def variant(one: Variant) -> Target:
    """One variant, in its catalogue."""
    return Target(Variant.objects.filter(pk=one.pk), PRODUCT)


def fee(one: Fee) -> Target:
    """One fee."""
    return Target(Fee.objects.filter(pk=one.pk), FEE)


def fees_of(owner: Business) -> Target:
    """The fees of an enterprise: what would be added to them."""
    return Target(Business.objects.filter(pk=owner.pk), Scope({"owner": "pk"}, {"fee": 0}))


def method(one: ShippingMethod | PaymentMethod) -> Target:
    """One shipping or payment method."""
    return Target(type(one)._default_manager.filter(pk=one.pk), METHOD)


def methods_of(hub: Business) -> Target:
    """The methods of a hub: what would be added to them."""
    return Target(Business.objects.filter(pk=hub.pk), Scope({"enterprise": "pk"}))
