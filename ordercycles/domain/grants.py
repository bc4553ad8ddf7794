"""What a grant means to order cycles: what lapses when it ends (L4), and who is told."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from common import clock
from ordercycles import effective
from ordercycles.domain.notices import tell
from ordercycles.enums import CycleState, Direction, NoticeKind
from ordercycles.models import Exchange, ExchangeVariant
from organisations.models import Business
from permissions import grants
from permissions.access import Access

_MEANING = {
    "add_to_order_cycle": "adding it to order cycles",
    "manage_products": "managing its products",
    "edit_profile": "editing its public profile",
}


def withdrawal_preview(granter: Business, grantee: Business, permission: str) -> dict[str, Any]:
    """What of the cycles that are not closed would lapse without the P-OC grant (L4), by cycle and hub.

    ``{"variants": 12, "cycles": [{"id", "name", "state", "variants", "hubs": [{"id", "name", "variants"}]}]}``
    """
    if permission != grants.P_OC:
        return {"variants": 0, "cycles": []}
    cycles: dict[str, dict[str, Any]] = {}
    for row in _resting_on(granter, grantee):
        cycle_id, name, opens_at, closes_at, direction, hub_id, hub_name = row
        state = _state(opens_at, closes_at)
        cycle = cycles.setdefault(
            cycle_id, {"id": cycle_id, "name": name, "state": str(state), "variants": 0, "supplied": 0, "hubs": {}}
        )
        if direction == Direction.INCOMING:
            cycle["supplied"] += 1
            continue
        cycle["variants"] += 1
        hub = cycle["hubs"].setdefault(hub_id, {"id": hub_id, "name": hub_name, "variants": 0})
        hub["variants"] += 1
    rows = [{**cycle, "hubs": list(cycle["hubs"].values())} for cycle in cycles.values()]
    return {"variants": sum(cycle["variants"] for cycle in rows), "cycles": rows}


def _state(opens_at: Any, closes_at: Any) -> CycleState:
    if opens_at is None or closes_at is None:
        return CycleState.DRAFT
    return CycleState.OPEN if opens_at <= clock.now() else CycleState.UPCOMING


def _resting_on(granter: Business, grantee: Business) -> list[tuple[Any, ...]]:
    """Rows of exchanges that stand today and rest on the grant: in cycles of the grantee, and in its own as a hub."""
    alive = Q(exchange__cycle__closes_at=None) | Q(exchange__cycle__closes_at__gt=clock.now())
    to_coordinator = Q(exchange__cycle__coordinator=grantee) & (
        Q(variant__producer=granter) | Q(exchange__direction=Direction.OUTGOING, exchange__enterprise=granter)
    )
    to_hub = Q(variant__producer=granter, exchange__direction=Direction.OUTGOING, exchange__enterprise=grantee)
    stands = (Q(exchange__direction=Direction.INCOMING) & effective.standing_q(Direction.INCOMING)) | (
        Q(exchange__direction=Direction.OUTGOING) & effective.standing_q(Direction.OUTGOING)
    )
    rows = ExchangeVariant.objects.filter(alive, to_coordinator | to_hub).filter(stands)
    return list(
        rows.order_by("exchange__cycle__closes_at", "exchange__cycle", "exchange__enterprise__unit__name").values_list(
            "exchange__cycle__public_id",
            "exchange__cycle__name",
            "exchange__cycle__opens_at",
            "exchange__cycle__closes_at",
            "exchange__direction",
            "exchange__enterprise__unit__public_id",
            "exchange__enterprise__unit__name",
        )
    )


def grant_changed(actor: Access, event: str, granter: Business, grantee: Business, permission: str) -> None:
    """Tell the other side, and the coordinators of running cycles whose goods lapse or stand again."""
    what, doing = grants.words(permission), _MEANING[permission]
    kind, receiver, text = {
        "given": (NoticeKind.GRANT_GIVEN, grantee, f"{granter.name} now lets {grantee.name} {what}."),
        "withdrawn": (NoticeKind.GRANT_WITHDRAWN, grantee, f"{granter.name} no longer lets {grantee.name} {what}."),
        "given_up": (
            NoticeKind.GRANT_GIVEN_UP,
            granter,
            f"{grantee.name} gave up what {granter.name} let it do: {doing}.",
        ),
        "requested": (NoticeKind.GRANT_REQUESTED, granter, f"{grantee.name} asks {granter.name} for a grant: {doing}."),
        "refused": (NoticeKind.GRANT_REFUSED, grantee, f"{granter.name} refused {grantee.name} a grant: {doing}."),
    }[event]
    tell(actor, [receiver.pk], kind, text)
    if permission == grants.P_OC and event in ("withdrawn", "given_up"):
        _tell_coordinators(actor, granter, grantee, text)


def _tell_coordinators(actor: Access, granter: Business, grantee: Business, text: str) -> None:
    running = Q(cycle__closes_at=None) | Q(cycle__closes_at__gt=clock.now())
    both = Exchange.objects.filter(running, direction=Direction.INCOMING, enterprise=granter).filter(
        cycle__exchanges__direction=Direction.OUTGOING, cycle__exchanges__enterprise=grantee
    )
    for exchange in both.select_related("cycle").exclude(cycle__coordinator=grantee):
        tell(
            actor,
            [exchange.cycle.coordinator_id],
            NoticeKind.CHANGED,
            f"{text} Its goods lapse at {grantee.name} in “{exchange.cycle.name}”.",
            exchange.cycle,
        )
