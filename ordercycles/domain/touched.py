"""What putting something away would touch, as far as the actor may see it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db.models import Count, QuerySet

from common import clock
from ordercycles.enums import CycleState
from ordercycles.models import Exchange, ExchangeFee, ExchangeVariant, Fee, OrderCycle, Variant
from ordercycles.models.cycle import state_q
from permissions import engine
from permissions.access import Access


def touched_by(actor: Access, variants: QuerySet[Variant]) -> dict[str, Any]:
    """Where the variants are carried now: cycles that are not closed, with how many exchanges of each carry them."""
    carried = ExchangeVariant.objects.filter(variant__in=variants, exchange__in=_live(actor))
    return {"variants": variants.count(), "cycles": _cycles(carried.values("exchange_id"))}


def touched_by_fee(actor: Access, fee: Fee) -> dict[str, Any]:
    """Where the fee stands now."""
    on = ExchangeFee.objects.filter(fee=fee, exchange__in=_live(actor)).values("exchange_id")
    whole = engine.visible(actor, OrderCycle.objects.filter(cycle_fees__fee=fee)).exclude(_closed())
    return {
        "cycles": _cycles(on),
        "whole_cycles": [_said(cycle) for cycle in whole],
    }


def touched_by_enterprises(actor: Access, enterprise_ids: Collection[int], preview: dict[str, Any]) -> None:
    """For ``common.hooks.before_archiving``: the cycles that the enterprises take part in or coordinate."""
    parts = _live(actor).filter(enterprise__in=enterprise_ids).values("pk")
    coordinated = engine.visible(actor, OrderCycle.objects.filter(coordinator__in=enterprise_ids)).exclude(_closed())
    preview["cycles"] = _cycles(parts)
    preview["coordinates"] = [_said(cycle) for cycle in coordinated]


def _closed() -> Any:
    return state_q(CycleState.CLOSED, clock.now())


def _live(actor: Access) -> QuerySet[Exchange]:
    """The exchanges that the actor sees, of cycles that are not closed."""
    return engine.visible(actor, Exchange.objects.exclude(state_q(CycleState.CLOSED, clock.now(), "cycle__")))


def _cycles(exchange_ids: Any) -> list[dict[str, Any]]:
    counted = Exchange.objects.filter(pk__in=exchange_ids).values("cycle").annotate(n=Count("pk"))
    exchanges = dict(counted.order_by().values_list("cycle", "n"))
    rows = OrderCycle.objects.filter(pk__in=exchanges).order_by("closes_at", "pk")
    return [{**_said(cycle), "exchanges": exchanges[cycle.pk]} for cycle in rows]


def _said(cycle: OrderCycle) -> dict[str, Any]:
    return {"id": cycle.public_id, "name": cycle.name, "state": str(cycle.state)}
