"""How much a customer has to do with order cycles, for the staff's page of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from common import clock
from ordercycles.models import Exchange, OrderCycle, Product


def of_customer(enterprise_ids: Collection[int]) -> Mapping[str, int]:
    """Counts by name. Four statements."""
    cycles = OrderCycle.objects.filter(coordinator__in=enterprise_ids)
    now = clock.now()
    return {
        "order cycles coordinated": cycles.count(),
        "of these open now": cycles.filter(opens_at__lte=now, closes_at__gt=now).count(),
        "exchanges in order cycles": Exchange.objects.filter(enterprise__in=enterprise_ids).count(),
        "products": Product.objects.filter(producer__in=enterprise_ids, archived_at=None).count(),
    }
