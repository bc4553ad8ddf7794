"""What becomes of a removed customer's products, fees, methods and order cycles: see ``common.hooks``.

Other tenants' records stay as they are: their exchanges in its cycles, its exchanges in theirs, recorded offers. What
those refer to stays, too, without a name where it is the customer's own; everything else goes.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from common import clock
from common.audit import past_the_triggers
from common.hooks import Leaving
from ordercycles.domain.left_alone import upcoming
from ordercycles.domain.pseudonyms import rename_in_offers
from ordercycles.enums import CycleState
from ordercycles.models import (
    CycleFee,
    Exchange,
    ExchangeFee,
    ExchangeVariant,
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
from organisations.models import Business, Organisation

Keys = set[int]


@dataclass
class _Plan:
    """By key, what goes and what stays."""

    cycles: Keys
    kept_cycles: Keys
    exchanges: Keys
    kept_exchanges: Keys
    variants: Keys
    kept_variants: Keys
    products: Keys
    kept_products: Keys
    fees: Keys
    kept_fees: Keys


def _keys(rows: Any, path: str = "pk") -> Keys:
    return set(rows.values_list(path, flat=True))


def _plan(enterprises: Collection[int]) -> _Plan:
    own = _keys(OrderCycle.objects.filter(coordinator__in=enterprises))
    others = Exchange.objects.filter(cycle__in=own).exclude(enterprise__in=enterprises)
    shown = RecordedOffer.objects.filter(cycle__in=own).exclude(hub__in=enterprises)
    kept_cycles = _keys(others, "cycle_id") | _keys(shown, "cycle_id")
    cycles = own - kept_cycles
    exchanges = _keys(Exchange.objects.filter(cycle__in=cycles))
    kept_exchanges = _keys(Exchange.objects.filter(enterprise__in=enterprises).exclude(cycle__in=cycles))
    variants = Variant.objects.filter(producer__in=enterprises)
    kept_variants = _keys(
        ExchangeVariant.objects.filter(variant__in=variants.values("pk")).exclude(exchange__cycle__in=cycles),
        "variant_id",
    )
    products = Product.objects.filter(producer__in=enterprises)
    kept_products = _keys(Variant.objects.filter(pk__in=kept_variants), "product_id")
    fees = _keys(Fee.objects.filter(owner__in=enterprises))
    kept_fees = _keys(ExchangeFee.objects.filter(fee__in=fees).exclude(exchange__cycle__in=cycles), "fee_id")
    kept_fees |= _keys(CycleFee.objects.filter(fee__in=fees).exclude(cycle__in=cycles), "fee_id")
    return _Plan(
        cycles=cycles,
        kept_cycles=kept_cycles,
        exchanges=exchanges,
        kept_exchanges=kept_exchanges,
        variants=_keys(variants) - kept_variants,
        kept_variants=kept_variants,
        products=_keys(products) - kept_products,
        kept_products=kept_products,
        fees=fees - kept_fees,
        kept_fees=kept_fees,
    )


def leaving(enterprises: Collection[int]) -> Leaving:
    """For ``hooks.before_removal``."""
    plan = _plan(enterprises)
    touched = plan.kept_cycles | _keys(Exchange.objects.filter(enterprise__in=enterprises), "cycle_id")
    with_them = Q(coordinated_cycles__in=touched) | Q(exchanges__cycle__in=touched)
    partners = Business.objects.filter(with_them).exclude(pk__in=enterprises)
    open_ones = OrderCycle.objects.filter(state_q(CycleState.OPEN, clock.now()), coordinator__in=enterprises)
    return Leaving(
        goes={
            "order cycles": len(plan.cycles),
            "exchanges": len(plan.exchanges),
            "products": len(plan.products),
            "variants": len(plan.variants),
            "fees": len(plan.fees),
            "shipping methods": ShippingMethod.objects.filter(hub__in=enterprises).count(),
            "payment methods": PaymentMethod.objects.filter(hub__in=enterprises).count(),
            "notices": Notice.objects.filter(enterprise__in=enterprises).count(),
        },
        stays={
            "order cycles": len(plan.kept_cycles),
            "exchanges": len(plan.kept_exchanges),
            "products": len(plan.kept_products),
            "variants": len(plan.kept_variants),
            "fees": len(plan.kept_fees),
            "recorded offers": _recorded(enterprises).exclude(cycle__in=plan.cycles).count(),
        },
        cycles=list(
            OrderCycle.objects.filter(pk__in=touched).order_by("closes_at", "pk").values_list("name", flat=True)
        ),
        partners=list(
            Organisation.objects.filter(units__business__in=partners)
            .distinct()
            .order_by("name")
            .values_list("name", flat=True)
        ),
        open=list(open_ones.order_by("closes_at", "pk").values_list("name", flat=True)),
        upcoming=[cycle.name for cycle in upcoming(enterprises)],
        kept=_referred_to(enterprises, plan),
    )


def _recorded(enterprises: Collection[int]) -> Any:
    return RecordedOffer.objects.filter(Q(hub__in=enterprises) | Q(cycle__coordinator__in=enterprises))


def _referred_to(enterprises: Collection[int], plan: _Plan) -> Keys:
    """The enterprises that something that stays hangs on."""
    found = _keys(Exchange.objects.filter(pk__in=plan.kept_exchanges), "enterprise_id")
    found |= _keys(OrderCycle.objects.filter(pk__in=plan.kept_cycles), "coordinator_id")
    found |= _keys(Product.objects.filter(pk__in=plan.kept_products), "producer_id")
    found |= _keys(Fee.objects.filter(pk__in=plan.kept_fees), "owner_id")
    found |= _keys(RecordedOffer.objects.filter(hub__in=enterprises).exclude(cycle__in=plan.cycles), "hub_id")
    return found & set(enterprises)


def purge(enterprises: Collection[int], called: Callable[[str, str], str]) -> None:
    """For ``hooks.on_removal``."""
    plan = _plan(enterprises)
    with past_the_triggers():
        # Written once and never changed, but for this.
        RecordedOffer.objects.filter(cycle__in=plan.cycles).delete()
        rename_in_offers(enterprises, called)
    Exchange.objects.filter(pk__in=plan.exchanges).delete()
    OrderCycle.objects.filter(pk__in=plan.cycles).delete()
    Variant.objects.filter(pk__in=plan.variants).delete()
    Product.objects.filter(pk__in=plan.products).delete()
    Fee.objects.filter(pk__in=plan.fees).delete()
    for rows in (ShippingMethod, PaymentMethod):
        rows._default_manager.filter(hub__in=enterprises).delete()
    Notice.objects.filter(enterprise__in=enterprises).delete()
    for cycle in OrderCycle.objects.filter(pk__in=plan.kept_cycles):
        OrderCycle.objects.filter(pk=cycle.pk).update(name=called("order cycle", cycle.public_id))
    for fee in Fee.objects.filter(pk__in=plan.kept_fees):
        Fee.objects.filter(pk=fee.pk).update(name=called("fee", fee.public_id), archived_at=clock.now())
    # What was sold keeps its name: it is the other side's record of a trade. What was said of it goes.
    Product.objects.filter(pk__in=plan.kept_products).update(description="", archived_at=clock.now())
    Variant.objects.filter(pk__in=plan.kept_variants).update(archived_at=clock.now())
    own = Exchange.objects.filter(pk__in=plan.kept_exchanges)
    own.update(collection_time="", collection_instructions="", delivery_notes="")
    own.exclude(decline_reason="").update(decline_reason="–")
