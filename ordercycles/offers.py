"""The offer of a hub: what is effective, with prices. Read live, or as recorded at closing (L3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ordercycles.effective import told
from ordercycles.enums import Direction, UnitType
from ordercycles.models import CycleFee, Exchange, ExchangeFee, OrderCycle, RecordedOffer
from ordercycles.prices import Tariff, per_item, to_the_penny
from organisations.models import BusinessUnit
from permissions.access import Access
from permissions.actions import Permission


@dataclass(frozen=True, slots=True)
class OfferFee:
    """A fee as it applies to the offer.

    Attributes:
        source: where it stands: ``producer`` (incoming exchange), ``coordinator`` (cycle), ``hub`` (outgoing exchange).
    """

    id: str
    name: str
    kind: str
    owner: str
    source: str
    tariff: Tariff

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        tariff = self.tariff
        return {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "owner": self.owner,
            "source": self.source,
            "charge": tariff.charge,
            "amount": _text(tariff.amount),
            "further_amount": _text(tariff.further_amount),
            "max_items": tariff.max_items,
            "minimum": _text(tariff.minimum),
        }


@dataclass(frozen=True, slots=True)
class OfferLine:
    """One variant on offer.

    Attributes:
        fees: each per-item fee with what it adds, exact, in pounds.
        price_with_fees: in pounds, to the penny.
    """

    variant: str
    product: str
    name: str
    unit: str
    producer: str
    producer_name: str
    price: Decimal
    fees: tuple[tuple[OfferFee, Decimal], ...]
    price_with_fees: Decimal

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "variant": self.variant,
            "product": self.product,
            "name": self.name,
            "unit": self.unit,
            "producer": {"id": self.producer, "name": self.producer_name},
            "price": str(self.price),
            "fees": [
                {"id": fee.id, "name": fee.name, "source": fee.source, "adds": _text(adds)} for fee, adds in self.fees
            ],
            "price_with_fees": str(self.price_with_fees),
        }


@dataclass(frozen=True, slots=True)
class Offer:
    """What one hub offers in one cycle."""

    cycle: str
    hub: str
    hub_name: str
    lines: tuple[OfferLine, ...]
    per_order_fees: tuple[OfferFee, ...]

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "order_cycle": self.cycle,
            "hub": {"id": self.hub, "name": self.hub_name},
            "lines": [line.as_dict() for line in self.lines],
            "per_order_fees": [fee.as_dict() for fee in self.per_order_fees],
        }


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount.normalize():f}"


_UNIT_LABELS = {str(value): str(label) for value, label in UnitType.choices}


def unit_text(unit_type: str, value: Decimal, unit_name: str) -> str:
    """The size of a variant as people write it: ``500 g``, ``6 eggs``, ``each``."""
    number = f"{value.normalize():f}"
    if unit_type != UnitType.ITEM:
        return f"{number} {_UNIT_LABELS[unit_type]}"
    return f"{number} {unit_name or 'items'}" if value != 1 else (unit_name or "each")


_FEE = (
    "fee__public_id",
    "fee__name",
    "fee__kind",
    "fee__owner__unit__name",
    "fee__charge",
    "fee__amount",
    "fee__further_amount",
    "fee__max_items",
    "fee__minimum",
)


def _fee(source: str, row: tuple[Any, ...]) -> OfferFee:
    public_id, name, kind, owner, *numbers = row
    return OfferFee(public_id, name, kind, owner, source, Tariff(*numbers))


def _exchange_fees(cycle_id: int, hub: Exchange) -> tuple[dict[int, list[OfferFee]], list[OfferFee]]:
    """Fees of the producers by producer, and of the hub."""
    by_producer: dict[int, list[OfferFee]] = {}
    own: list[OfferFee] = []
    rows = ExchangeFee.objects.filter(exchange__cycle=cycle_id, fee__archived_at=None).order_by("fee__public_id")
    for exchange, direction, enterprise, *fee in rows.values_list(
        "exchange_id", "exchange__direction", "exchange__enterprise_id", *_FEE
    ):
        if direction == Direction.INCOMING:
            by_producer.setdefault(enterprise, []).append(_fee("producer", tuple(fee)))
        elif exchange == hub.pk:
            own.append(_fee("hub", tuple(fee)))
    return by_producer, own


def _cycle_fees(cycle_id: int) -> list[OfferFee]:
    rows = CycleFee.objects.filter(cycle=cycle_id, fee__archived_at=None).order_by("fee__public_id")
    return [_fee("coordinator", row) for row in rows.values_list(*_FEE)]


def live(exchange: Exchange) -> Offer:
    """The offer of an outgoing exchange as it stands now: three statements. Its cycle and enterprise are at hand."""
    rows = (
        told(exchange)
        .order_by("variant__producer__unit__name", "variant__product__name", "variant_id")
        .values_list(
            "variant__public_id",
            "variant__product__name",
            "variant__name",
            "variant__unit_type",
            "variant__unit_value",
            "variant__unit_name",
            "variant__weight_kg",
            "variant__price",
            "variant__producer_id",
            "variant__producer__unit__public_id",
            "variant__producer__unit__name",
            "stands",
        )
    )
    standing = (row[:-1] for row in rows if row[-1])
    by_producer, own = _exchange_fees(exchange.cycle_id, exchange)
    whole = _cycle_fees(exchange.cycle_id)
    return Offer(
        cycle=exchange.cycle.public_id,
        hub=exchange.enterprise.public_id,
        hub_name=exchange.enterprise.name,
        lines=tuple(_lines(standing, by_producer, [*whole, *own])),
        per_order_fees=tuple(fee for fee in (*whole, *own) if not fee.tariff.is_per_item),
    )


def _lines(
    rows: Iterable[tuple[Any, ...]], by_producer: Mapping[int, list[OfferFee]], shared: list[OfferFee]
) -> Iterable[OfferLine]:
    common = [fee for fee in shared if fee.tariff.is_per_item]
    fees_of = {
        producer: [*(fee for fee in fees if fee.tariff.is_per_item), *common] for producer, fees in by_producer.items()
    }
    for public_id, product, name, unit_type, value, unit_name, weight, price, key, producer, producer_name in rows:
        adds = tuple((fee, per_item(fee.tariff, price, weight)) for fee in fees_of.get(key, common))
        yield OfferLine(
            variant=public_id,
            product=product,
            name=name,
            unit=unit_text(unit_type, value, unit_name),
            producer=producer,
            producer_name=producer_name,
            price=price,
            fees=adds,
            price_with_fees=to_the_penny(sum((amount for _, amount in adds), price)),
        )


def outgoing(cycle: OrderCycle) -> list[Exchange]:
    """The outgoing exchanges of a cycle with all that an offer needs at hand."""
    return list(
        Exchange.objects.filter(cycle=cycle, direction=Direction.OUTGOING)
        .select_related("cycle__coordinator__unit", "enterprise__unit")
        .order_by("enterprise__unit__name", "pk")
    )


def recorded(cycle: OrderCycle, hub_id: int) -> dict[str, Any] | None:
    """The offer as it stood at closing; ``None`` while it has not been recorded."""
    found: dict[str, Any] | None = (
        RecordedOffer.objects.filter(cycle=cycle, hub=hub_id).values_list("body", flat=True).first()
    )
    return found


def as_seen(access: Access, exchange: Exchange) -> dict[str, Any]:
    """The offer of an outgoing exchange that the actor sees: recorded when the cycle has closed, else as it stands.

    The coordinator's people, the hub's and staff see all of it. A producer sees its own goods with their prices, and
    of the fees its own and the coordinator's (P2, P4). ``{order_cycle, hub, lines, per_order_fees, recorded}``.
    """
    body = recorded(exchange.cycle, exchange.enterprise_id)
    result = {**(body or live(exchange).as_dict()), "recorded": body is not None}
    if access.is_staff or any(
        access.manages(key, Permission.VIEW) for key in (exchange.cycle.coordinator_id, exchange.enterprise_id)
    ):
        return result
    mine = set(BusinessUnit.objects.filter(pk__in=access.ids(Permission.VIEW)).values_list("public_id", flat=True))
    lines = [line for line in result["lines"] if line["producer"]["id"] in mine]
    return {
        **result,
        "lines": [{**line, "fees": [fee for fee in line["fees"] if fee["source"] != "hub"]} for line in lines],
        "per_order_fees": [fee for fee in result["per_order_fees"] if fee["source"] != "hub"],
    }


__all__ = ["Offer", "OfferFee", "OfferLine", "as_seen", "live", "outgoing", "recorded", "unit_text"]
