"""Who does what in the cycle of the real network: worked out from the register alone, before anything is in a database.

The hub of the story is a cheese merchant's cold store in Devon. Its region has 98 establishments; the plan takes the
first producer of each category, and four more hubs, which are producers, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from tests.real.goods import Good, grams, kilos
from tests.real.network import region
from tests.real.register import Establishment, Register

COORDINATOR: Final = "Country Cheeses Ltd"
HUBS: Final = ("M C Kelly Limited", "Creedy Carver Limited", "Wild Harbour Fish Co.Ltd", "Limosa Farms Ltd")


@dataclass(frozen=True, slots=True)
class PlannedFee:
    """A fee, as its owner would write it down. Amounts are pounds, or a percentage."""

    owner: str
    name: str
    kind: str
    charge: str
    amount: str
    further_amount: str | None = None
    max_items: int | None = None
    minimum: str | None = None

    @property
    def is_per_item(self) -> bool:
        """Whether it is part of an item's price."""
        return self.charge in ("percent", "per_item", "per_kg")


@dataclass(frozen=True, slots=True)
class Plan:
    """The cycle: everybody by approval number, goods by SKU.

    Attributes:
        hubs: those with an outgoing exchange, the coordinator last.
        producers: those with an incoming exchange; some are hubs, too.
        fresh: what the first producer makes for this cycle.
        supplied: what each producer puts in.
        grants: producer and hub, where the first grants the second; everybody grants the coordinator.
        wanted: what each hub is to carry, where it may.
        incoming_fees: on the incoming exchange of each producer.
        outgoing_fees: on the outgoing exchange of each hub.
        cycle_fees: on the whole cycle.
    """

    coordinator: str
    hubs: tuple[str, ...]
    producers: tuple[str, ...]
    fresh: tuple[Good, ...]
    supplied: dict[str, tuple[Good, ...]]
    grants: frozenset[tuple[str, str]]
    wanted: dict[str, frozenset[str]]
    incoming_fees: dict[str, tuple[PlannedFee, ...]]
    outgoing_fees: dict[str, tuple[PlannedFee, ...]]
    cycle_fees: tuple[PlannedFee, ...]

    @property
    def parties(self) -> tuple[str, ...]:
        """Everybody in it, once."""
        return tuple(dict.fromkeys((*self.hubs, *self.producers)))

    @property
    def fees(self) -> tuple[PlannedFee, ...]:
        """Every fee."""
        attached = (*self.incoming_fees.values(), *self.outgoing_fees.values(), self.cycle_fees)
        return tuple(fee for fees in attached for fee in fees)

    def granted(self, producer: str, hub: str) -> bool:
        """Whether the producer lets the hub carry its goods; nobody needs a grant to herself."""
        return producer == hub or hub == self.coordinator or (producer, hub) in self.grants


def make(register: Register) -> Plan:
    """The plan, the same every time."""
    local = [one for one in register.establishments if region(one) == "Devon and Cornwall"]
    number = {one.unit: one.number for one in local}
    coordinator = number[COORDINATOR]
    outlets = [number[name] for name in HUBS]
    producers = _producers(local, {*outlets, coordinator})
    producers += [one for one in local if one.number in outlets and one.is_producer]
    hubs = (*outlets, coordinator)
    names = tuple(one.number for one in producers)
    supplied = {one.number: one.goods[: -1 if place % 3 == 0 else None] for place, one in enumerate(producers)}
    fresh = tuple(_fresh(names[0]))
    supplied[names[0]] += fresh
    return Plan(
        coordinator=coordinator,
        hubs=hubs,
        producers=names,
        fresh=fresh,
        supplied=supplied,
        grants=frozenset(_grants(names, outlets)),
        wanted={hub: frozenset(_wanted(place, supplied)) for place, hub in enumerate(hubs)},
        incoming_fees={name: tuple(_producers_fees(place, name)) for place, name in enumerate(names)},
        outgoing_fees={hub: tuple(_hubs_fees(place, hub)) for place, hub in enumerate(hubs)},
        cycle_fees=(
            PlannedFee(coordinator, "Running the cycle", "admin", "percent", "5"),
            PlannedFee(coordinator, "Van round the county", "transport", "per_order", "3.50"),
        ),
    )


def _producers(local: Iterable[Establishment], hubs: set[str]) -> list[Establishment]:
    """The first of each category that are no hub of the story."""
    first: dict[str, Establishment] = {}
    for one in local:
        if one.is_producer and one.number not in hubs:
            first.setdefault(one.goods[0].category, one)
    return list(first.values())


def _fresh(producer: str) -> Iterable[Good]:
    for place, size in enumerate((grams(150, 0, 0), kilos(1, 0, 0)), 1):
        yield Good(
            "Nettle yarg", "Dairy", size, f"{producer} Nettle yarg {place}", Decimal("3.85") * (6 if place == 2 else 1)
        )


def _grants(producers: tuple[str, ...], hubs: list[str]) -> Iterable[tuple[str, str]]:
    """Three in four producers let a hub carry their goods."""
    for place, producer in enumerate(producers):
        for other, hub in enumerate(hubs):
            if producer != hub and (place + other) % 4 != 3:
                yield producer, hub


def _wanted(place: int, supplied: dict[str, tuple[Good, ...]]) -> Iterable[str]:
    """Four in five of what is supplied, a different fifth left out by each hub."""
    every = [good.sku for goods in supplied.values() for good in goods]
    return (sku for count, sku in enumerate(every) if count % 5 != place)


def _producers_fees(place: int, owner: str) -> Iterable[PlannedFee]:
    fees = (
        PlannedFee(owner, "Ice and boxes", "packing", "per_kg", "0.3500"),
        PlannedFee(owner, "To the yard", "transport", "per_item", "0.1250"),
        PlannedFee(owner, "For the lifeboat", "fundraising", "percent", "1.50"),
    )
    return fees[place % 4 : place % 4 + 1]


def _hubs_fees(place: int, owner: str) -> Iterable[PlannedFee]:
    if place == 0:
        yield PlannedFee(owner, "Counter", "sales", "percent", "12.5")
        yield PlannedFee(owner, "Bags", "packing", "flexible", "1.00", "0.20", max_items=6)
    elif place == 1:
        yield PlannedFee(owner, "Lifting", "sales", "per_kg", "0.4250")
        yield PlannedFee(owner, "Delivery", "transport", "price_sack", "5.00", "0", minimum="40.00")
    elif place == 2:
        yield PlannedFee(owner, "Each", "sales", "per_item", "0.0750")
    elif place == 4:
        yield PlannedFee(owner, "Shop", "sales", "percent", "8")
