"""What each hub's offer must be, reckoned from the plan alone: no database, and none of the product's arithmetic."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tests.real.plan import Plan, PlannedFee

HUNDRED: Final = Decimal(100)
NOTHING: Final[frozenset[tuple[str, str]]] = frozenset()


@dataclass(frozen=True, slots=True)
class Line:
    """One variant of an offer, in pounds.

    Attributes:
        adds: name of each per-item fee with what it adds, exact.
        price: of the producer.
        with_fees: what the customer pays.
    """

    sku: str
    price: Decimal
    adds: tuple[tuple[str, Decimal], ...]
    with_fees: Decimal


def adds(fee: PlannedFee, price: Decimal, kilograms: Decimal | None) -> Decimal:
    """What a per-item fee adds to one item."""
    amount = Decimal(fee.amount)
    if fee.charge == "percent":
        return amount * price / HUNDRED
    if fee.charge == "per_kg":
        return amount * (kilograms or 0)
    return amount


def half_up(pounds: Decimal) -> Decimal:
    """Rounded to the penny, half a penny up: by whole pennies."""
    return Decimal(int(pounds * HUNDRED + Decimal("0.5"))) / HUNDRED


def carried(plan: Plan, hub: str) -> frozenset[str]:
    """The SKUs that a hub can take and wants."""
    return frozenset(
        good.sku
        for producer, goods in plan.supplied.items()
        if plan.granted(producer, hub)
        for good in goods
        if good.sku in plan.wanted[hub]
    )


def offer(plan: Plan, hub: str, *, withdrawn: Collection[tuple[str, str]] = NOTHING) -> dict[str, Line]:
    """The offer of a hub by SKU, while some grants are withdrawn.

    Args:
        withdrawn: granter and grantee of each.
    """
    lines = {}
    for producer, goods in plan.supplied.items():
        if any(pair in withdrawn for pair in ((producer, hub), (producer, plan.coordinator), (hub, plan.coordinator))):
            continue
        fees = [*plan.incoming_fees[producer], *plan.cycle_fees, *plan.outgoing_fees[hub]]
        for good in goods:
            if good.sku in carried(plan, hub):
                lines[good.sku] = _line(good.sku, good.price, good.size.kilograms, fees)
    return lines


def _line(sku: str, price: Decimal, kilograms: Decimal | None, fees: list[PlannedFee]) -> Line:
    told = tuple((fee.name, adds(fee, price, kilograms)) for fee in fees if fee.is_per_item)
    return Line(sku, price, told, half_up(price + sum((amount for _, amount in told), Decimal(0))))


def per_order(plan: Plan, hub: str) -> frozenset[str]:
    """The names of the fees that a hub's customers pay once for an order."""
    return frozenset(fee.name for fee in (*plan.cycle_fees, *plan.outgoing_fees[hub]) if not fee.is_per_item)
