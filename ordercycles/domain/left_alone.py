"""Order cycles that are going to open though their coordinator is being removed: nobody runs them any more."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from common import clock
from ordercycles.domain.notices import tell
from ordercycles.enums import CycleState, NoticeKind
from ordercycles.models import Exchange, OrderCycle
from ordercycles.models.cycle import state_q
from permissions.access import Access


def upcoming(enterprises: Collection[int]) -> list[OrderCycle]:
    """The upcoming order cycles that these enterprises coordinate."""
    rows = OrderCycle.objects.filter(state_q(CycleState.UPCOMING, clock.now()), coordinator__in=enterprises)
    return list(rows.order_by("opens_at", "pk"))


def tell_participants(actor: Access, organisation: Any, enterprises: Collection[int]) -> None:
    """For ``hooks.removal_scheduled``: tell others in such cycles, who may want to take their goods out."""
    cycles = upcoming(enterprises)
    others = Exchange.objects.filter(cycle__in=cycles).exclude(enterprise__in=enterprises)
    told: dict[int, set[int]] = {}
    for cycle_id, enterprise_id in others.values_list("cycle_id", "enterprise_id"):
        told.setdefault(cycle_id, set()).add(enterprise_id)
    for cycle in cycles:
        text = f"{organisation.name}, which coordinates “{cycle.name}”, is leaving Hectare. Nobody runs it any more."
        tell(actor, told.get(cycle.pk, ()), NoticeKind.CHANGED, text, cycle)
