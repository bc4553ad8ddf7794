"""Creating, changing, copying, closing and deleting order cycles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError

from common import clock
from common.errors import Conflict, FieldError, Invalid
from common.locks import share
from common.unset import UNSET, Unset
from common.verbs import verb
from ordercycles.domain import offers, own
from ordercycles.domain.notices import tell
from ordercycles.domain.support import bump, check_version, in_both, lock_cycle, touch
from ordercycles.enums import CycleState, Direction, NoticeKind
from ordercycles.models import CycleFee, Exchange, ExchangeFee, ExchangeVariant, Fee, OrderCycle, Variant
from ordercycles.rules import targets
from organisations.models import Business
from permissions import engine, grants
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require, require_each, still_allowed
from permissions.engine import Target
from permissions.rules import Scope


def _checked_name(name: str) -> str:
    name = name.strip()
    field = OrderCycle._meta.get_field("name")
    try:
        field.run_validators(name)
    except ValidationError as error:
        raise Invalid.one("/name", "invalid", " ".join(error.messages)) from error
    if not name:
        raise Invalid.one("/name", "required", "Give the order cycle a name.")
    return name


def _checked_times(opens_at: datetime | None, closes_at: datetime | None) -> None:
    errors = [
        FieldError(f"/{field}", "naive", "Give the time with its zone, such as 2026-11-21T08:00:00Z.")
        for field, value in (("opens_at", opens_at), ("closes_at", closes_at))
        if value is not None and value.tzinfo is None
    ]
    if errors:
        raise Invalid(errors)
    if opens_at and closes_at and closes_at <= opens_at:
        raise Invalid.one("/closes_at", "closes_before_it_opens", "Choose a closing time after the opening time.")


@verb
def create_cycle(
    actor: Access,
    *,
    coordinator: Business,
    name: str,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> OrderCycle:
    """A new cycle of ``coordinator`` (C1). Without both dates it is a draft. The coordinator is set for good (C3).

    One that sells its own goods takes part in it at once (C12).
    """
    cycle = _created(actor, coordinator, name, opens_at, closes_at)
    own.take_part(actor, cycle)
    return cycle


def _created(
    actor: Access, coordinator: Business, name: str, opens_at: datetime | None, closes_at: datetime | None
) -> OrderCycle:
    name = _checked_name(name)
    _checked_times(opens_at, closes_at)
    if closes_at and closes_at <= clock.now():
        raise Invalid.one("/closes_at", "in_the_past", "Choose a closing time that is still to come.")
    scope = Scope({"enterprise": "pk"})
    require(actor, Action.ORDER_CYCLE_CREATE, Target(Business.objects.filter(pk=coordinator.pk), scope))
    return OrderCycle.objects.create(
        coordinator=coordinator, name=name, opens_at=opens_at, closes_at=closes_at, created_by_id=actor.user_id
    )


@verb
def edit_cycle(
    actor: Access,
    *,
    cycle: OrderCycle,
    version: int | None = None,
    name: str | Unset = UNSET,
    opens_at: datetime | Unset | None = UNSET,
    closes_at: datetime | Unset | None = UNSET,
    coordinator: str | Unset = UNSET,
) -> OrderCycle:
    """Change name and times (C2). A closing time is never set into the past: closing is an act of its own.

    What has opened does not become upcoming again: it could be deleted (C13) and declined (X1) then.

    Args:
        coordinator: what the caller sent for its id. Any other than the one it has is refused (C3).
    """
    cycle = lock_cycle(cycle)
    if coordinator not in (UNSET, cycle.coordinator.public_id):
        require(actor, Action.ORDER_CYCLE_SET_COORDINATOR, targets.cycle(cycle))
    require(actor, Action.ORDER_CYCLE_EDIT, targets.cycle(cycle))
    check_version(cycle, version)
    values: dict[str, object] = {}
    if not isinstance(name, Unset):
        values["name"] = _checked_name(name)
    opens = cycle.opens_at if isinstance(opens_at, Unset) else opens_at
    closes = cycle.closes_at if isinstance(closes_at, Unset) else closes_at
    _checked_times(opens, closes)
    # A draft whose closing time has passed would be closed by an opening time.
    if (opens, closes) != (cycle.opens_at, cycle.closes_at) and closes and closes <= clock.now():
        raise Invalid.one(
            "/closes_at", "in_the_past", "Choose a closing time that is still to come, or close the cycle."
        )
    if cycle.state == CycleState.OPEN and (opens is None or closes is None):
        field = "/opens_at" if opens is None else "/closes_at"
        raise Invalid.one(field, "required", "An open order cycle keeps both its dates.")
    if cycle.state == CycleState.OPEN and opens and opens > clock.now():
        raise Invalid.one("/opens_at", "has_opened", "The order cycle is open already. Choose a time that has passed.")
    values.update({"opens_at": opens, "closes_at": closes})
    changed = {field: value for field, value in values.items() if getattr(cycle, field) != value}
    if not changed:
        return cycle
    bump(cycle, **changed)
    require(actor, Action.ORDER_CYCLE_EDIT, targets.cycle(cycle))
    tell(actor, _participants(cycle), NoticeKind.CHANGED, f"Name or times of “{cycle.name}” have changed.", cycle)
    return cycle


def _participants(cycle: OrderCycle) -> list[int]:
    return list(Exchange.objects.filter(cycle=cycle).values_list("enterprise_id", flat=True))


@verb
def close_cycle(actor: Access, *, cycle: OrderCycle, version: int | None = None) -> OrderCycle:
    """Close an open cycle now (C13), and record what was on offer (L3)."""
    cycle = lock_cycle(cycle)
    require(actor, Action.ORDER_CYCLE_CLOSE, targets.cycle(cycle))
    check_version(cycle, version)
    # A cycle that opened at this very moment was open for as short a time as can be written.
    bump(cycle, closes_at=max(clock.now(), cast("datetime", cycle.opens_at) + timedelta(microseconds=1)))
    offers.record(cycle)
    tell(actor, _participants(cycle), NoticeKind.CLOSED, f"“{cycle.name}” has been closed.", cycle)
    return cycle


@verb
def delete_cycle(actor: Access, *, cycle: OrderCycle, version: int | None = None) -> None:
    """Delete a draft or upcoming cycle (C13). The audit trail keeps it; those who took part are told."""
    cycle = lock_cycle(cycle)
    require(actor, Action.ORDER_CYCLE_DELETE, targets.cycle(cycle))
    check_version(cycle, version)
    told = _participants(cycle)
    name = cycle.name
    try:
        cycle.delete()
    except ProtectedError as error:
        raise Conflict("The order cycle has recorded offers and is kept.", code="recorded") from error
    tell(actor, told, NoticeKind.REMOVED, f"“{name}” has been deleted.")


@verb
def attach_cycle_fees(
    actor: Access, *, cycle: OrderCycle, add: Sequence[Fee] = (), remove: Sequence[Fee] = (), version: int | None = None
) -> OrderCycle:
    """Put fees of the coordinator's on the whole cycle, or take them off (C10). What is named twice counts once.

    Raises:
        Invalid: the same fee in both lists.
        RefusedItems: naming each fee that is refused, and why.
        Stale: ``version`` is given and somebody changed the cycle since.
    """
    if errors := in_both([fee.public_id for fee in add], [fee.public_id for fee in remove], "fee"):
        raise Invalid(errors)
    cycle = lock_cycle(cycle)
    require(actor, Action.ORDER_CYCLE_VIEW, targets.cycle(cycle))
    adding, removing = ({fee.pk: fee.public_id for fee in fees} for fees in (add, remove))
    share(Fee.objects.filter(pk__in=adding))
    attached, gone = (targets.fees_of_cycle(cycle, Fee.objects.filter(pk__in=keys)) for keys in (adding, removing))
    require_each(actor, Action.CYCLE_FEE_ATTACH, attached, adding, pointer="/add", what="fees")
    require_each(actor, Action.CYCLE_FEE_DETACH, gone, removing, pointer="/remove", what="fees")
    check_version(cycle, version)
    there = set(CycleFee.objects.filter(cycle=cycle).values_list("fee", flat=True))
    new = [CycleFee(cycle=cycle, fee_id=key) for key in adding if key not in there]
    removed, _ = CycleFee.objects.filter(cycle=cycle, fee__in=removing).delete()
    CycleFee.objects.bulk_create(new)
    if not (new or removed):
        return cycle
    touch(cycle)
    text = f"The coordinator's fees of “{cycle.name}” have changed."
    tell(actor, _participants(cycle), NoticeKind.CHANGED, text, cycle)
    if new:
        still_allowed(actor, Action.CYCLE_FEE_ATTACH, attached, len(adding))
    return cycle


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Something that a copy could not take over.

    Attributes:
        what: ``incoming``, ``outgoing``, ``variant`` or ``fee``.
        code: the rule that left it out.
    """

    what: str
    public_id: str
    name: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class CopyReport:
    """A copied cycle, and what it left out and why."""

    cycle: OrderCycle
    left_out: tuple[LeftOut, ...]


@verb
def copy_cycle(
    actor: Access,
    *,
    cycle: OrderCycle,
    name: str | None = None,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
) -> CopyReport:
    """Copy a cycle (C13): every grant, readiness and product is checked anew; what no longer passes is reported."""
    require(actor, Action.ORDER_CYCLE_COPY, targets.cycle(cycle))
    copy = _created(actor, cycle.coordinator, name or f"{cycle.name} (copy)"[:200], opens_at, closes_at)
    copy.copied_from = cycle
    copy.save(update_fields=["copied_from", "updated_at"])
    left_out: list[LeftOut] = []
    _copy_cycle_fees(cycle, copy, left_out)
    for direction in (Direction.INCOMING, Direction.OUTGOING):
        _copy_direction(actor, cycle, copy, direction, left_out)
    own.take_part(actor, copy)
    return CopyReport(copy, tuple(left_out))


def _copy_cycle_fees(cycle: OrderCycle, copy: OrderCycle, left_out: list[LeftOut]) -> None:
    share(Fee.objects.filter(cycle_fees__cycle=cycle))
    for one in CycleFee.objects.filter(cycle=cycle).select_related("fee").order_by("pk"):
        if one.fee.is_archived:
            left_out.append(LeftOut("fee", one.fee.public_id, one.fee.name, "F1", "The fee has been archived."))
        else:
            CycleFee.objects.create(cycle=copy, fee=one.fee)


def _copy_direction(
    actor: Access, cycle: OrderCycle, copy: OrderCycle, direction: Direction, left_out: list[LeftOut]
) -> None:
    """Copy the exchanges of one direction, in bulk: a fixed number of statements per exchange that passes."""
    action = Action.EXCHANGE_ADD_INCOMING if direction == Direction.INCOMING else Action.EXCHANGE_ADD_OUTGOING
    olds = list(
        Exchange.objects.filter(cycle=cycle, direction=direction).select_related("enterprise__unit").order_by("pk")
    )
    target = targets.candidates(copy, Business.objects.filter(pk__in=[old.enterprise_id for old in olds]))
    grants.lock([old.enterprise_id for old in olds], [copy.coordinator_id])
    # Who may copy sees the old cycle, and so all that is in it.
    decisions = engine.decide_each(actor, action, target, seen=True)
    for old in olds:
        decision = decisions[old.enterprise_id]
        if not decision:
            left_out.append(
                LeftOut(str(direction), old.enterprise.public_id, old.enterprise.name, decision.code, decision.reason)
            )
            continue
        new = Exchange.objects.create(
            cycle=copy,
            direction=direction,
            enterprise=old.enterprise,
            collection_instructions=old.collection_instructions,
            delivery_notes=old.delivery_notes,
        )
        new.cycle = copy
        _copy_goods(actor, old, new, left_out)
        _copy_fees(actor, old, new, left_out)
        tell(actor, [new.enterprise_id], NoticeKind.ADDED, _added_text(new), copy)


def _added_text(exchange: Exchange) -> str:
    part = "a producer" if exchange.is_incoming else "a hub"
    return f"{exchange.enterprise.name} has been added to “{exchange.cycle.name}” as {part}."


def _copy_goods(actor: Access, old: Exchange, new: Exchange, left_out: list[LeftOut]) -> None:
    variants = Variant.objects.filter(exchange_variants__exchange=old)
    producers = list(variants.values_list("producer_id", flat=True).distinct())
    grants.lock(producers, [new.cycle.coordinator_id, new.enterprise_id])
    decisions = engine.decide_each(actor, Action.EXCHANGE_VARIANT_ADD, targets.variants_in(new, variants), seen=True)
    names = {
        key: (public_id, f"{new.enterprise.name}: {product}, {name}".removesuffix(", "))
        for key, public_id, product, name in variants.values_list("pk", "public_id", "product__name", "name")
    }
    ExchangeVariant.objects.bulk_create(
        ExchangeVariant(exchange=new, variant_id=key) for key, decision in decisions.items() if decision
    )
    left_out.extend(
        LeftOut("variant", *names[key], decision.code, decision.reason)
        for key, decision in decisions.items()
        if not decision
    )


def _copy_fees(actor: Access, old: Exchange, new: Exchange, left_out: list[LeftOut]) -> None:
    fees = Fee.objects.filter(exchange_fees__exchange=old)
    share(fees)
    decisions = engine.decide_each(actor, Action.EXCHANGE_FEE_ATTACH, targets.fees_on(new, fees), seen=True)
    by_key = {fee.pk: fee for fee in fees}
    ExchangeFee.objects.bulk_create(
        ExchangeFee(exchange=new, fee_id=key) for key, decision in decisions.items() if decision
    )
    left_out.extend(
        LeftOut("fee", by_key[key].public_id, by_key[key].name, decision.code, decision.reason)
        for key, decision in decisions.items()
        if not decision
    )


__all__ = [
    "CopyReport",
    "LeftOut",
    "attach_cycle_fees",
    "close_cycle",
    "copy_cycle",
    "create_cycle",
    "delete_cycle",
    "edit_cycle",
]
