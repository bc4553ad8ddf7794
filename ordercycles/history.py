"""What happened to a cycle or an exchange, read from the audit trail."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.apps import apps

from ordercycles.models import Exchange, OrderCycle

_SAID = {
    "edit_cycle": "changed name or times",
    "close_cycle": "closed the cycle",
    "attach_cycle_fees": "changed the coordinator's fees",
    "add_exchange": "added an enterprise",
    "remove_exchange": "removed an enterprise",
    "change_variants": "changed products",
    "change_goods": "changed products",
    "put_on_sale": "put its goods on sale",
    "change_fees": "changed fees",
    "set_notes": "changed times or notes",
    "accept": "accepted",
    "decline": "declined",
}


def _events(name: str) -> Any:
    return apps.get_model("ordercycles", name)._default_manager


def changes_since(row: OrderCycle | Exchange, version: int) -> list[dict[str, Any]]:
    """Who changed the row after ``version``, when and what, oldest first: ``[{at, by, what, added, removed}]``."""
    model = type(row)
    events = (
        _events(f"{model.__name__}Event")
        .filter(pgh_obj_id=row.pk, version__gt=version)
        .order_by("version")
        .values_list("pgh_created_at", "pgh_context_id", "pgh_context__metadata")
    )
    rows = list(events)
    goods = _goods(row, [context for _, context, _ in rows]) if isinstance(row, Exchange) else {}
    return [
        {
            "at": at.isoformat(),
            "by": (metadata or {}).get("actor_name", ""),
            "what": _SAID.get((metadata or {}).get("verb", "").rpartition(".")[2], "changed it"),
            "added": goods.get((context, "insert"), 0),
            "removed": goods.get((context, "delete"), 0),
        }
        for at, context, metadata in rows
    ]


def _goods(exchange: Exchange, contexts: list[Any]) -> Counter[tuple[Any, str]]:
    events = _events("ExchangeVariantEvent").filter(exchange_id=exchange.pk, pgh_context_id__in=contexts)
    return Counter(events.values_list("pgh_context_id", "pgh_label"))
