"""Recording what was on offer when a cycle closed (L3).

A closed cycle's offer must not change afterwards, and a stopped worker must not make it wrong. So whoever is about to
change something that an offer rests on first records the closed cycles that are not recorded yet (``settle``); until
then nothing has changed, and what is read live is what stood at closing.
"""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction
from django.db.models import Q

from common import clock
from ordercycles import offers
from ordercycles.models import OrderCycle, RecordedOffer


def _to_record(condition: Q) -> list[OrderCycle]:
    """Closed cycles without a record, locked, in the order of their keys."""
    rows = OrderCycle.objects.filter(condition, closes_at__lte=clock.now(), opens_at__isnull=False)
    keys = rows.filter(offer_recorded_at=None).values_list("pk", flat=True)
    return list(OrderCycle.objects.select_for_update().filter(pk__in=list(keys), offer_recorded_at=None).order_by("pk"))


def record(cycle: OrderCycle) -> None:
    """Record the offer of every hub of a closed cycle that is locked. Once."""
    RecordedOffer.objects.bulk_create(
        RecordedOffer(cycle=cycle, hub_id=exchange.enterprise_id, body=offers.live(exchange).as_dict())
        for exchange in offers.outgoing(cycle)
    )
    cycle.offer_recorded_at = clock.now()
    cycle.save(update_fields=["offer_recorded_at", "updated_at"])


def settle(enterprise_ids: Collection[int]) -> None:
    """Record every closed cycle that these enterprises have a part in, before something of theirs changes."""
    keys = list(enterprise_ids)
    condition = Q(coordinator__in=keys) | Q(exchanges__enterprise__in=keys)
    with transaction.atomic():
        for cycle in _to_record(condition):
            record(cycle)


def record_due() -> int:
    """Record every closed cycle that is not recorded yet; how many. For the job that runs at closing times."""
    with transaction.atomic():
        cycles = _to_record(Q())
        for cycle in cycles:
            record(cycle)
    return len(cycles)
