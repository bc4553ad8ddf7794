"""Reads by public id, through the engine: what the actor may not know of is not there."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

from common.errors import NotFound
from ordercycles.models import Exchange, OrderCycle
from organisations.models import Business
from permissions import engine
from permissions.access import Access

M = TypeVar("M", bound=Model)


def _one(rows: QuerySet[M]) -> M:
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def cycles(access: Access) -> QuerySet[OrderCycle]:
    """The cycles that the actor sees."""
    return engine.visible(access, OrderCycle.objects.select_related("coordinator__unit__organisation"))


def get_cycle(access: Access, public_id: str) -> OrderCycle:
    """One cycle.

    Raises:
        NotFound: there is none, or the actor may not know of it.
    """
    return _one(cycles(access).filter(public_id=public_id))


def exchanges(access: Access) -> QuerySet[Exchange]:
    """The exchanges that the actor sees."""
    rows = Exchange.objects.select_related("cycle__coordinator__unit__organisation", "enterprise__unit__organisation")
    return engine.visible(access, rows)


def get_exchange(access: Access, public_id: str) -> Exchange:
    """One exchange.

    Raises:
        NotFound: there is none, or the actor may not know of it.
    """
    return _one(exchanges(access).filter(public_id=public_id))


def get_enterprise(access: Access, public_id: str, cycle: OrderCycle | None = None) -> Business:
    """One enterprise by the id of its unit; with a cycle, also those that take part in it and are seen there.

    Raises:
        NotFound: there is none, or the actor may not know of it.
    """
    rows = Business.objects.select_related("unit__organisation").filter(unit__public_id=public_id)
    seen = engine.visible(access, rows)
    if cycle is not None:
        parts = Exchange.objects.filter(cycle=cycle)
        seen = rows.filter(pk__in=seen.values("pk")) | rows.filter(
            exchanges__in=engine.visible(access, parts).values("pk")
        )
        seen = seen.distinct()
    return _one(seen)
