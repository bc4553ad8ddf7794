"""What really is on offer (L1): worked out when read, never stored.

A variant in an exchange stands while every condition here holds; those that fail are the reasons why it has lapsed.
The same conditions filter the offer and explain a lapse. Cycles that have closed are history (L3): of them it is told
what was on offer at closing, from the record.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet

from common.arrays import OneOf
from ordercycles import recorded
from ordercycles.enums import Direction
from ordercycles.models import Exchange, ExchangeVariant, OrderCycle, Variant
from ordercycles.rules import facts as f
from organisations.rules import active
from permissions.access import Access
from permissions.grants import Granted
from permissions.prepared import prepared
from permissions.rules import AllOf, AnyOf, Leaf, Scope, SlotIs

#: By exchange and producer, how many rows, and how many of a kind.
Goods = dict[tuple[int, int], tuple[int, int]]

#: For a row of ``ExchangeVariant``.
SCOPE: Final = Scope(
    {
        "exchange": "exchange_id",
        "cycle": "exchange__cycle_id",
        "coordinator": "exchange__cycle__coordinator_id",
        "enterprise": "exchange__enterprise_id",
        "direction": "exchange__direction",
        "variant": "variant_id",
        "producer": "variant__producer_id",
    }
)

#: Reason code, condition, and the sentence when it fails; in the order in which they are told.
OUTGOING: Final[tuple[tuple[str, Leaf], ...]] = (
    ("not_supplied", f.SUPPLIED),
    ("producer_declined", f.SUPPLIER_STANDS),
    ("hub_declined", f.EXCHANGE_STANDS),
    ("producer_coordinator_grant", Granted("producer", "coordinator")),
    ("hub_coordinator_grant", Granted("enterprise", "coordinator")),
    ("producer_hub_grant", Granted("producer", "enterprise")),
    ("variant_inactive", f.VARIANT_ACTIVE),
    ("producer_inactive", active("producer")),
    ("hub_inactive", active("enterprise")),
    ("coordinator_inactive", active("coordinator")),
)
INCOMING: Final[tuple[tuple[str, Leaf], ...]] = (
    ("producer_declined", f.EXCHANGE_STANDS),
    ("producer_coordinator_grant", Granted("producer", "coordinator")),
    ("variant_inactive", f.VARIANT_ACTIVE),
    ("producer_inactive", active("producer")),
    ("coordinator_inactive", active("coordinator")),
)

#: The two that speak of the variant; the others are the same for all goods of one producer in one exchange.
_OF_VARIANT: Final = AllOf((f.SUPPLIED, f.VARIANT_ACTIVE))


#: By direction: what all goods of one producer in one exchange need.
LANE: Final[dict[str, tuple[Leaf, ...]]] = {
    direction: tuple(condition for _, condition in rows if condition not in _OF_VARIANT.parts)
    for direction, rows in ((Direction.INCOMING.value, INCOMING), (Direction.OUTGOING.value, OUTGOING))
}
_FLOWS: Final = AnyOf(
    tuple(AllOf((SlotIs("direction", direction), *conditions)) for direction, conditions in LANE.items())
)

SENTENCES: Final[dict[str, str]] = {
    "not_supplied": "{producer} does not supply it in this cycle any more.",
    "producer_declined": "{producer} has declined to take part.",
    "hub_declined": "{enterprise} has declined to take part.",
    "producer_coordinator_grant": "{producer} no longer grants {coordinator}.",
    "hub_coordinator_grant": "{enterprise} no longer grants {coordinator}.",
    "producer_hub_grant": "{producer} no longer grants {enterprise}.",
    "variant_inactive": "The product has been archived.",
    "producer_inactive": "{producer} has been archived.",
    "hub_inactive": "{enterprise} has been archived.",
    "coordinator_inactive": "{coordinator} has been archived.",
    recorded.NOT_ON_OFFER: "It was not on offer when the order cycle closed.",
}


def conditions(direction: str) -> tuple[tuple[str, Leaf], ...]:
    """What must hold for a variant to stand in an exchange of this direction."""
    return INCOMING if direction == Direction.INCOMING else OUTGOING


def standing_q(direction: str, scope: Scope = SCOPE) -> Q:
    """The condition that a row stands."""
    whole = AllOf(tuple(condition for _, condition in conditions(direction)))
    return Q(prepared(("stands", str(direction)), whole.q, scope, Access.none()))


def _grouped(rows: QuerySet[ExchangeVariant], cycle: OrderCycle) -> QuerySet[ExchangeVariant, Any]:
    """Rows of one cycle by exchange and producer: how many, and how many stand as far as the variant itself decides."""
    goods = Scope({"variant": "pk", "producer": "producer_id"}, {"cycle": cycle.pk}, sets=True)
    gathered = ExchangeVariant.objects.filter(exchange__cycle=cycle.pk, exchange__direction=Direction.INCOMING)
    sound = Variant.objects.filter(pk__in=gathered.values("variant")).filter(
        prepared("sound:incoming", f.VARIANT_ACTIVE.q, goods, Access.none())
    )
    supplied = Variant.objects.filter(prepared("sound:outgoing", _OF_VARIANT.q, goods, Access.none()))
    stands = Q(exchange__direction=Direction.INCOMING, variant__in=sound.values("pk")) | Q(
        exchange__direction=Direction.OUTGOING, variant__in=supplied.values("pk")
    )
    groups = rows.order_by().values_list("exchange_id", "variant__producer_id")
    return groups.annotate(every=Count("pk"), sound=Count("pk", filter=stands))


def sound_goods(rows: QuerySet[ExchangeVariant], cycle: OrderCycle) -> Goods:
    """By exchange and producer: how many rows there are, and how many stand as far as the variant itself decides.

    All of one cycle. Whether goods of the producer stand in the exchange at all (``LANE``) is left to the caller, but
    in recorded cycles: there it is how many were on offer.
    """
    if recorded.is_recorded(cycle):
        return _recorded_goods(rows, cycle)
    return {(exchange, producer): (every, sound) for exchange, producer, every, sound in _grouped(rows, cycle)}


def _recorded_goods(rows: QuerySet[ExchangeVariant], cycle: OrderCycle) -> Goods:
    """By exchange and producer of a recorded cycle: how many rows, and how many of them were on offer."""
    flowed = recorded.flowed(cycle)
    groups = rows.order_by().values_list("exchange_id", "exchange__direction", "variant__producer_id")
    return {
        (exchange, producer): (
            every,
            every if direction == Direction.INCOMING else min(every, flowed.get((exchange, producer), 0)),
        )
        for exchange, direction, producer, every in groups.annotate(every=Count("pk"))
    }


def lapsed_goods(rows: QuerySet[ExchangeVariant], cycle: OrderCycle) -> Goods:
    """By exchange and producer: how many rows, all of one cycle, there are, and how many of them have lapsed.

    What does not depend on the variant is looked at once for each exchange and producer. One statement; two where the
    cycle is recorded.
    """
    if recorded.is_recorded(cycle):
        return {lane: (every, every - stood) for lane, (every, stood) in _recorded_goods(rows, cycle).items()}
    scope = SCOPE.within({"cycle": cycle.pk, "coordinator": cycle.coordinator_id})
    flows = prepared("flows", _FLOWS.q, scope, Access.none(), grouped=True)
    found = _grouped(rows, cycle).annotate(flows=flows)
    return {
        (exchange, producer): (every, every - sound if flows else every)
        for exchange, producer, every, sound, flows in found
    }


def effective(exchange: Exchange) -> QuerySet[ExchangeVariant]:
    """The rows of an exchange that are really on offer; in a recorded cycle, that were. Its cycle is at hand."""
    rows = ExchangeVariant.objects.filter(exchange=exchange)
    if recorded.is_recorded(exchange.cycle):
        return rows.filter(recorded.stood_q(exchange))
    return rows.filter(standing_q(exchange.direction, scope_of(exchange)))


def told(exchange: Exchange) -> QuerySet[Any]:
    """All rows of an exchange, with ``stands``: whether each is on offer.

    For those who read most rows anyway: told row by row, PostgreSQL has no order of joins to look for among ten tables,
    and does not lose its way when it guesses the sizes wrong.
    """
    stands = ExpressionWrapper(standing_q(exchange.direction, scope_of(exchange)), output_field=BooleanField())
    return ExchangeVariant.objects.filter(exchange=exchange).annotate(stands=stands)


def scope_of(exchange: Exchange) -> Scope:
    """The scope for rows of one exchange, whose cycle is at hand: most slots are constants then."""
    return SCOPE.within(
        {
            "exchange": exchange.pk,
            "cycle": exchange.cycle_id,
            "coordinator": exchange.cycle.coordinator_id,
            "enterprise": exchange.enterprise_id,
        }
    )


def reasons_columns(direction: str, scope: Scope = SCOPE) -> dict[str, Any]:
    """Annotations ``_why_<reason>``: true while the condition holds."""
    return {
        f"_why_{code}": prepared(("why", condition), condition.q, scope, Access.none())
        for code, condition in conditions(direction)
    }


def lapsed(exchange: Exchange, keys: Collection[int] | None = None) -> dict[int, tuple[str, ...]]:
    """The rows of an exchange (of some variants only, when ``keys`` are given) that have lapsed: {variant: reasons}."""
    found = ExchangeVariant.objects.filter(exchange=exchange)
    if keys is not None:
        found = found.filter(variant=OneOf(keys))
    if recorded.is_recorded(exchange.cycle):
        gone = found.exclude(pk__in=effective(exchange).values("pk")).values_list("variant_id", flat=True)
        return dict.fromkeys(gone, (recorded.NOT_ON_OFFER,))
    columns = reasons_columns(exchange.direction, scope_of(exchange))
    rows = found.annotate(**columns).values_list("variant_id", *columns)
    codes = [code for code, _ in conditions(exchange.direction)]
    reasons = {
        variant: tuple(code for code, holds in zip(codes, truths, strict=True) if not holds)
        for variant, *truths in rows
    }
    return {variant: why for variant, why in reasons.items() if why}


def sentence(code: str, names: dict[str, str]) -> str:
    """A reason in words."""
    return SENTENCES[code].format(**names)
