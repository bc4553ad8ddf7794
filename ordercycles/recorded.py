"""What flowed in cycles that have closed: told from the record of their offers (L3), not from what holds today."""

from __future__ import annotations

from typing import Any, Final

from django.db import connection
from django.db.models import F, Func, JSONField, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform

from ordercycles.enums import Direction
from ordercycles.models import Exchange, OrderCycle, RecordedOffer

#: Why something that a recorded cycle carries was not on offer: what it was that failed then, nobody wrote down.
NOT_ON_OFFER: Final = "not_on_offer"


def is_recorded(cycle: OrderCycle) -> bool:
    """Whether the cycle is history: it has closed, and what was on offer is written down."""
    return cycle.offer_recorded_at is not None


def stood_q(exchange: Exchange) -> Q:
    """The condition that a row of an exchange of a recorded cycle was on offer. What was brought in just was there."""
    return Q() if exchange.is_incoming else Q(variant__public_id__in=_on_offer(exchange))


def _on_offer(exchange: Exchange) -> QuerySet[Any, Any]:
    """The public ids of the variants in the recorded offer of a hub."""
    lines: Any = Func(F("body__lines"), function="jsonb_array_elements", output_field=JSONField())
    offer = RecordedOffer.objects.filter(cycle=exchange.cycle_id, hub=exchange.enterprise_id)
    return offer.annotate(line=lines).values_list(KeyTextTransform("variant", "line"))


def flowed(cycle: OrderCycle) -> dict[tuple[int, int], int]:
    """By outgoing exchange and producer, how many goods were on offer. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(_FLOWED, [cycle.pk, Direction.OUTGOING])
        return {(exchange, producer): count for exchange, producer, count in cursor.fetchall()}


_FLOWED: Final = """
    SELECT exchange.id, variant.producer_id, count(*)
    FROM ordercycles_recordedoffer offer
    CROSS JOIN LATERAL jsonb_array_elements(offer.body -> 'lines') line
    JOIN ordercycles_exchange exchange ON exchange.cycle_id = offer.cycle_id AND exchange.enterprise_id = offer.hub_id
    JOIN ordercycles_variant variant ON variant.public_id = line ->> 'variant'
    WHERE offer.cycle_id = %s AND exchange.direction = %s
    GROUP BY exchange.id, variant.producer_id
"""
