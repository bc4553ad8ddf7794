"""What fees come to. Plain arithmetic in ``Decimal`` pounds; no database.

Per-item fees are added to a variant's price and the sum is rounded half-up to the penny, once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from ordercycles.enums import PER_ITEM_CHARGES, Charge

PENNY: Final = Decimal("0.01")
_HUNDRED: Final = Decimal(100)
ZERO: Final = Decimal(0)


@dataclass(frozen=True, slots=True)
class Tariff:
    """The numbers of a fee, apart from its row (see ``ordercycles.models.Fee`` for what they mean)."""

    charge: str
    amount: Decimal
    further_amount: Decimal | None = None
    max_items: int | None = None
    minimum: Decimal | None = None

    @property
    def is_per_item(self) -> bool:
        """Whether it is part of an item's price."""
        return self.charge in PER_ITEM_CHARGES


def to_the_penny(amount: Decimal) -> Decimal:
    """Rounded half-up to the penny."""
    return amount.quantize(PENNY, ROUND_HALF_UP)


def per_item(tariff: Tariff, price: Decimal, weight_kg: Decimal | None) -> Decimal:
    """What a per-item fee adds to one item, exact, in pounds.

    Args:
        price: the producer's price of the item.
        weight_kg: its weight; without one a fee by weight adds nothing.

    Raises:
        ValueError: the fee is charged per order.
    """
    match tariff.charge:
        case Charge.PERCENT:
            return price * tariff.amount / _HUNDRED
        case Charge.PER_ITEM:
            return tariff.amount
        case Charge.PER_KG:
            return tariff.amount * (weight_kg or ZERO)
    raise ValueError(f"{tariff.charge} is charged per order")


def with_fees(price: Decimal, weight_kg: Decimal | None, tariffs: Iterable[Tariff]) -> Decimal:
    """The price of one item with its per-item fees, to the penny."""
    return to_the_penny(price + sum((per_item(tariff, price, weight_kg) for tariff in tariffs), ZERO))


def per_order(tariff: Tariff, items: int, total: Decimal) -> Decimal:
    """What a per-order fee comes to for an order of so many items and such a total, to the penny.

    Raises:
        ValueError: the fee is charged per item.
    """
    match tariff.charge:
        case Charge.PER_ORDER:
            return to_the_penny(tariff.amount if items else ZERO)
        case Charge.FLEXIBLE:
            counted = min(items, tariff.max_items) if tariff.max_items else items
            further = (tariff.further_amount or ZERO) * max(counted - 1, 0)
            return to_the_penny(tariff.amount + further if counted else ZERO)
        case Charge.PRICE_SACK:
            below = total < (tariff.minimum or ZERO)
            return to_the_penny(tariff.amount if below else (tariff.further_amount or ZERO))
    raise ValueError(f"{tariff.charge} is charged per item")
