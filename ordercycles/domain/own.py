"""A cycle whose coordinator sells its own goods only: it is its one producer and its one outlet (C12)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from common.errors import Conflict
from common.verbs import verb
from ordercycles.domain.exchanges import VariantsChanged, add_exchange, change_variants
from ordercycles.domain.support import lock_cycle, lock_exchange
from ordercycles.enums import Direction
from ordercycles.models import Exchange, OrderCycle, Variant
from ordercycles.rules import targets
from organisations.enums import Sells
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Decision
from permissions.enforce import require

_ADDS = {Direction.INCOMING: Action.EXCHANGE_ADD_INCOMING, Direction.OUTGOING: Action.EXCHANGE_ADD_OUTGOING}


def part(cycle: OrderCycle, direction: Direction) -> Exchange | None:
    """The coordinator's own part in a direction."""
    rows = Exchange.objects.select_related("cycle__coordinator__unit", "enterprise__unit")
    return rows.filter(cycle=cycle, direction=direction, enterprise=cycle.coordinator_id).first()


def is_supply(exchange: Exchange) -> bool:
    """Whether an exchange is what a coordinator that sells its own goods supplies to its own cycle."""
    coordinator = exchange.cycle.coordinator
    own = exchange.enterprise_id == exchange.cycle.coordinator_id
    return exchange.is_incoming and own and coordinator.sells == Sells.OWN


def open_to(actor: Access, cycle: OrderCycle) -> list[Decision]:
    """Whether the coordinator can be added where it is not in its own cycle yet."""
    there = set(Exchange.objects.filter(cycle=cycle).values_list("direction", flat=True))
    target = targets.candidate(cycle, cycle.coordinator)
    return [engine.decide(actor, action, target) for direction, action in _ADDS.items() if direction not in there]


def take_part(actor: Access, cycle: OrderCycle) -> None:
    """Put a coordinator that sells its own goods into its cycle: as producer and, once it is ready, as outlet.

    Nothing happens for other coordinators, nor where the rules are against it yet: it is done later then.
    """
    if cycle.coordinator.sells != Sells.OWN:
        return
    for direction, action in _ADDS.items():
        if engine.decide(actor, action, targets.candidate(cycle, cycle.coordinator)):
            add_exchange(actor, cycle=cycle, direction=direction, enterprise=cycle.coordinator)


@verb
def put_on_sale(actor: Access, *, cycle: OrderCycle) -> OrderCycle:
    """Put what the coordinator supplies to its own cycle on sale at its own outlet, which is added when it is ready.

    Raises:
        Refused: it cannot take part yet, such as for want of a payment method.
        Conflict: the coordinator does not sell its own goods only.
    """
    cycle = lock_cycle(cycle)
    require(actor, Action.ORDER_CYCLE_EDIT, targets.cycle(cycle))
    if cycle.coordinator.sells != Sells.OWN:
        detail = f"{cycle.coordinator.name} does not sell its own goods only. Add producers and hubs one by one."
        raise Conflict(detail, code="not_simple")
    take_part(actor, cycle)
    for direction, action in _ADDS.items():
        if part(cycle, direction) is None:
            require(actor, action, targets.candidate(cycle, cycle.coordinator))
    outlet = part(cycle, Direction.OUTGOING)
    if outlet is not None:
        missing = _addable(actor, outlet, Variant.objects.filter(producer=cycle.coordinator_id))
        change_variants(actor, exchange=outlet, add=missing)
    return cycle


def _addable(actor: Access, outlet: Exchange, variants: QuerySet[Variant]) -> list[str]:
    """Of some variants, those that are not at the outlet and may be."""
    held = outlet.exchange_variants.values("variant")
    rows = engine.allowed(actor, Action.EXCHANGE_VARIANT_ADD, targets.variants_in(outlet, variants))
    return list(rows.exclude(pk__in=held).order_by("pk").values_list("public_id", flat=True))


@verb
def change_goods(
    actor: Access,
    *,
    supply: Exchange,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    version: int | None = None,
    confirmed: bool = False,
) -> VariantsChanged:
    """Change what a coordinator supplies to its own cycle, and what its outlet sells with it: all or none.

    Args:
        supply: its incoming part. ``version`` is that part's.

    Raises:
        As ``change_variants``.
    """
    outlet = part(supply.cycle, Direction.OUTGOING)
    if outlet is not None:
        # Locked before the incoming part, as by everybody who writes an outgoing one.
        outlet = lock_exchange(outlet)
        held = Variant.objects.filter(exchange_variants__exchange=outlet, public_id__in=remove)
        change_variants(actor, exchange=outlet, remove=list(held.values_list("public_id", flat=True)))
    done = change_variants(actor, exchange=supply, add=add, remove=remove, version=version, confirmed=confirmed)
    if outlet is not None and add:
        change_variants(actor, exchange=outlet, add=_addable(actor, outlet, Variant.objects.filter(public_id__in=add)))
    return done
