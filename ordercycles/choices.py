"""What the pages of an exchange let one choose from: fees, and all goods that match a filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from ordercycles import offers
from ordercycles.domain.exchanges import MOST_VARIANTS
from ordercycles.enums import CycleState, Direction
from ordercycles.models import CycleFee, Exchange, ExchangeFee, Fee, OrderCycle, Variant
from ordercycles.pictures import product_variants
from ordercycles.rules import targets
from permissions import engine
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.decisions import Decision


@dataclass(frozen=True, slots=True)
class FeeChoice:
    """A fee towards an exchange or a cycle, and what may be done with it: attach it, or detach it."""

    fee: Fee
    attached: bool
    decision: Decision


def exchange_fees(access: Access, exchange: Exchange) -> list[FeeChoice]:
    """Fees on an exchange that the actor sees, then those that she may put on it. Three statements."""
    seen = _seen_on(access, exchange)
    return _judged(access, seen, targets.fees_on(exchange, seen), _ON_EXCHANGE)


def exchange_fee_rows(access: Access, exchange: Exchange) -> QuerySet[Fee]:
    """The same as rows, for a list in pages."""
    seen = _seen_on(access, exchange)
    return _choosable(access, seen, targets.fees_on(exchange, seen), _ON_EXCHANGE)


def exchange_fees_among(access: Access, exchange: Exchange, found: Sequence[Fee]) -> list[FeeChoice]:
    """A page of those. One statement."""
    keys = [fee.pk for fee in found]
    return _judged_among(access, found, targets.fees_on(exchange, Fee.objects.filter(pk__in=keys)), _ON_EXCHANGE)


def _seen_on(access: Access, exchange: Exchange) -> QuerySet[Fee]:
    on = ExchangeFee.objects.filter(exchange=exchange, fee=OuterRef("pk"))
    rows = Fee.objects.annotate(attached=Exists(on)).filter(Q(attached=True) | Q(archived_at=None))
    return engine.allowed(access, Action.EXCHANGE_FEE_VIEW, targets.fees_on(exchange, rows))


def cycle_fees(access: Access, cycle: OrderCycle) -> list[FeeChoice]:
    """Fees on the whole cycle, then those of the coordinator's that could be put on it. Three statements."""
    rows = _towards(cycle)
    return _judged(access, rows, targets.fees_of_cycle(cycle, rows), _ON_CYCLE)


def cycle_fee_rows(access: Access, cycle: OrderCycle) -> QuerySet[Fee]:
    """The same as rows, for a list in pages."""
    rows = _towards(cycle)
    return _choosable(access, rows, targets.fees_of_cycle(cycle, rows), _ON_CYCLE)


def cycle_fees_among(access: Access, cycle: OrderCycle, found: Sequence[Fee]) -> list[FeeChoice]:
    """A page of those. One statement."""
    keys = [fee.pk for fee in found]
    return _judged_among(access, found, targets.fees_of_cycle(cycle, Fee.objects.filter(pk__in=keys)), _ON_CYCLE)


def _towards(cycle: OrderCycle) -> QuerySet[Fee]:
    on = CycleFee.objects.filter(cycle=cycle, fee=OuterRef("pk"))
    return Fee.objects.annotate(attached=Exists(on)).filter(
        Q(attached=True) | Q(archived_at=None, owner=cycle.coordinator_id)
    )


_ON_EXCHANGE = (Action.EXCHANGE_FEE_ATTACH, Action.EXCHANGE_FEE_DETACH)
_ON_CYCLE = (Action.CYCLE_FEE_ATTACH, Action.CYCLE_FEE_DETACH)


def _choosable(access: Access, rows: Any, target: engine.Target, actions: tuple[Action, Action]) -> QuerySet[Fee]:
    addable = engine.allowed(access, actions[0], target).values("pk")
    found: QuerySet[Fee] = rows.filter(Q(attached=True) | Q(pk__in=addable)).select_related("owner__unit")
    return found


def _judged(access: Access, rows: Any, target: engine.Target, actions: tuple[Action, Action]) -> list[FeeChoice]:
    found = rows.select_related("owner__unit").order_by("-attached", "owner__unit__name", "name", "pk")
    choices = _judged_among(access, found, target, actions)
    return [one for one in choices if one.attached or one.decision]


def _judged_among(
    access: Access, found: Iterable[Any], target: engine.Target, actions: tuple[Action, Action]
) -> list[FeeChoice]:
    """Each fee with what may be done with it. ``found``: fees that know whether they are attached."""
    attach, detach = actions
    facts = engine.facts_for(access, actions, target)
    return [
        FeeChoice(fee, fee.attached, engine.judge(detach if fee.attached else attach, facts[fee.pk])) for fee in found
    ]


def matching(
    access: Access, exchange: Exchange, *, remove: bool, search: str = "", producer: str = "", only: str = ""
) -> Any:
    """Every variant that matches the filter and can be added, or removed: a queryset of variants."""
    if not remove:
        return product_variants(access, exchange, search=search, producer=producer, only="addable")
    carried = "lapsed" if only == "lapsed" else "in"
    rows = product_variants(access, exchange, search=search, producer=producer, only=carried)
    return engine.allowed(access, Action.EXCHANGE_VARIANT_REMOVE, targets.variants_in(exchange, rows))


def matching_ids(rows: Any) -> list[str]:
    """Their public ids, as many as one call takes."""
    return list(rows.order_by("pk").values_list("public_id", flat=True)[:MOST_VARIANTS])


def place_of(public_id: str) -> int | None:
    """The place in the list of a variant that a page ended with."""
    return Variant.objects.filter(public_id=public_id).values_list("pk", flat=True).first()


def suppliers(access: Access, cycle: OrderCycle) -> list[tuple[str, str]]:
    """The producers of a cycle that the actor sees: id and name."""
    rows = engine.visible(access, Exchange.objects.filter(cycle=cycle, direction=Direction.INCOMING))
    return list(
        rows.order_by("enterprise__unit__name", "pk").values_list(
            "enterprise__unit__public_id", "enterprise__unit__name"
        )
    )


def priced_hubs(access: Access, cycle: OrderCycle) -> list[Exchange]:
    """The outgoing exchanges whose prices the actor may see: all for the coordinator and staff, else her own hubs'."""
    whole = access.is_staff or access.manages(cycle.coordinator_id, Permission.VIEW)
    mine = access.ids(Permission.VIEW)
    return [one for one in offers.outgoing(cycle) if whole or one.enterprise_id in mine]


def offer_of(exchange: Exchange) -> dict[str, Any]:
    """The offer of one of them, as recorded at closing once it is. Three statements at most."""
    closed = exchange.cycle.state == CycleState.CLOSED
    kept = offers.recorded(exchange.cycle, exchange.enterprise_id) if closed else None
    return kept if kept is not None else offers.live(exchange).as_dict()
