"""Who takes part in a cycle, with which goods, fees and notes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet

from common import clock
from common.arrays import OneOf, array_text
from common.errors import ConfirmationNeeded, FieldError, Invalid
from common.ids import is_id
from common.locks import share
from common.unset import UNSET, Unset
from common.verbs import verb
from ordercycles.domain.notices import tell
from ordercycles.domain.support import bump, check_version, in_both, lock_cycle, lock_exchange, touch
from ordercycles.enums import Direction, ExchangeStatus, NoticeKind
from ordercycles.models import (
    Exchange,
    ExchangeFee,
    ExchangeVariant,
    Fee,
    OrderCycle,
    PaymentMethod,
    ShippingMethod,
    Variant,
)
from ordercycles.rules import facts, targets
from organisations.models import Business
from permissions import engine, grants
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.decisions import Refused
from permissions.enforce import require, require_each, still_allowed
from permissions.engine import Target
from permissions.rules import Not

#: As many variants as one call takes.
MOST_VARIANTS = 5_000


@verb
def add_exchange(actor: Access, *, cycle: OrderCycle, direction: str, enterprise: Business) -> Exchange:
    """Add a producer (C4) or a hub (C5) to a cycle. The grant is consent in advance: the exchange stands at once."""
    if direction not in Direction.values:
        raise Invalid.one("/direction", "unknown_choice", "Choose incoming or outgoing.")
    cycle = lock_cycle(cycle)
    incoming = direction == Direction.INCOMING
    _hold_enterprise(cycle, enterprise, ready=not incoming)
    action = Action.EXCHANGE_ADD_INCOMING if incoming else Action.EXCHANGE_ADD_OUTGOING
    target = targets.candidate(cycle, enterprise)
    require(actor, action, target)
    exchange = Exchange.objects.create(cycle=cycle, direction=direction, enterprise=enterprise)
    touch(cycle)
    _nothing_else_against(actor, action, target)
    part = "a producer" if incoming else "a hub"
    text = f"{enterprise.name} has been added to “{cycle.name}” of {cycle.coordinator.name} as {part}."
    tell(actor, [enterprise.pk], NoticeKind.ADDED, text, cycle)
    return exchange


def _hold_enterprise(cycle: OrderCycle, enterprise: Business, *, ready: bool) -> None:
    """Hold what adding an enterprise rests on until the end: what both trade, what a hub needs to be ready, grants."""
    share(Business.objects.filter(pk__in=[enterprise.pk, cycle.coordinator_id]))
    if ready:
        for method in (ShippingMethod, PaymentMethod):
            share(method._default_manager.filter(hub=enterprise))
    grants.lock([enterprise.pk], [cycle.coordinator_id])


def _nothing_else_against(actor: Access, action: Action, target: Target) -> None:
    """Decide again on an enterprise that has been added: that it takes part by now is all that is against it."""
    again = engine.decide(actor, action, target)
    taking_part = Not(facts.IN_INCOMING if action == Action.EXCHANGE_ADD_INCOMING else facts.IN_OUTGOING)
    if [one.key for one in again.findings if not one.holds] != [taking_part.key]:
        raise Refused(again)


def removal_preview(actor: Access, *, exchange: Exchange) -> dict[str, Any]:
    """What removing it would take from hubs: what they carry of what it supplies, or all that a hub carries."""
    require(actor, Action.EXCHANGE_REMOVE, targets.exchange(exchange))
    return _preview(exchange, None)


def _preview(exchange: Exchange, variants: Collection[int] | None) -> dict[str, Any]:
    """What hubs carry of goods that the incoming exchange would no longer supply, or of all in the outgoing one."""
    supplied = ExchangeVariant.objects.filter(exchange=exchange)
    if variants is not None:
        supplied = supplied.filter(variant=OneOf(variants))
    rows = _carrying(exchange, supplied.values("variant")) if exchange.is_incoming else supplied
    carried = (
        rows.values_list("exchange__enterprise__unit__public_id", "exchange__enterprise__unit__name")
        .annotate(count=Count("pk"))
        .order_by("exchange__enterprise__unit__name")
    )
    hubs = [{"id": public_id, "name": name, "variants": count} for public_id, name, count in carried]
    return {"variants": sum(hub["variants"] for hub in hubs), "hubs": hubs}


def _carrying(exchange: Exchange, variants: Any) -> QuerySet[ExchangeVariant]:
    """The goods that hubs carry in the cycle of an exchange, of the variants."""
    return ExchangeVariant.objects.filter(
        exchange__cycle=exchange.cycle_id, exchange__direction=Direction.OUTGOING, variant__in=variants
    )


def _confirm(exchange: Exchange, variants: Collection[int] | None, confirmed: bool) -> None:
    if confirmed:
        return
    preview = _preview(exchange, variants)
    if preview["hubs"]:
        hubs = ", ".join(hub["name"] for hub in preview["hubs"])
        why = ": what they carry would no longer be supplied" if exchange.is_incoming else ""
        raise ConfirmationNeeded(f"This takes goods from {hubs}{why}. Confirm to go on.", preview)


@verb
def remove_exchange(actor: Access, *, exchange: Exchange, version: int | None = None, confirmed: bool = False) -> None:
    """Remove an enterprise from a cycle (C8).

    Asks for confirmation when hubs carry what it supplies, and when it is a hub of others that carries something.
    """
    cycle = lock_cycle(exchange.cycle)
    exchange = lock_exchange(exchange)
    require(actor, Action.EXCHANGE_REMOVE, targets.exchange(exchange))
    check_version(exchange, version)
    enterprise = exchange.enterprise
    hers = not exchange.is_incoming and actor.manages(enterprise.pk, Permission.TAKE_PART)
    _confirm(exchange, None, confirmed or hers)
    exchange.delete()
    touch(cycle)
    text = f"{enterprise.name} has been removed from “{cycle.name}” of {cycle.coordinator.name}."
    tell(actor, [enterprise.pk], NoticeKind.REMOVED, text, cycle)


@dataclass(frozen=True, slots=True)
class VariantsChanged:
    """What a change of goods came to: how many were not there before, and how many were taken out."""

    exchange: Exchange
    added: int
    removed: int


@verb
def change_variants(
    actor: Access,
    *,
    exchange: Exchange,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    version: int | None = None,
    confirmed: bool = False,
) -> VariantsChanged:
    """Add and remove variants, by public id: all or none, in one transaction, never "replace all".

    What is there already is added without effect, what is not there is removed without effect.

    Raises:
        Invalid: too many, the same in both lists, or not ids of variants.
        RefusedItems: naming each variant that is refused, and why.
        ConfirmationNeeded: hubs carry what would no longer be supplied.
        Stale: ``version`` is given and somebody changed the exchange since.
    """
    _check_lists(add, remove)
    exchange = lock_exchange(exchange)
    require(actor, Action.EXCHANGE_VIEW, targets.exchange(exchange))
    check_version(exchange, version)
    rows = _found(add, remove)
    adding = {rows[public_id][0]: public_id for public_id in add if public_id in rows}
    removing = {rows[public_id][0]: public_id for public_id in remove if public_id in rows}
    _hold_what_it_rests_on(exchange, {rows[public_id][1] for public_id in adding.values()})
    target = targets.variants_in(exchange, targets.variants(adding))
    gone = targets.variants_in(exchange, targets.variants(removing))
    for action, asked, names, on, pointer in (
        (Action.EXCHANGE_VARIANT_ADD, add, adding, target, "/add"),
        (Action.EXCHANGE_VARIANT_REMOVE, remove, removing, gone, "/remove"),
    ):
        unknown = [public_id for public_id in asked if public_id not in rows]
        require_each(actor, action, on, names, pointer=pointer, what="products", unknown=unknown)
    if removing and exchange.is_incoming:
        _confirm(exchange, removing, confirmed)
    gone_from = _relying(exchange, removing) if exchange.is_incoming else set()
    removed = _delete(exchange, removing)
    added = _insert(exchange, list(adding))
    if added or removed:
        touch(exchange)
        _tell_goods(actor, exchange, added, removed)
        _tell_supply(actor, exchange, removed, gone_from)
    if added:
        still_allowed(actor, Action.EXCHANGE_VARIANT_ADD, target, len(adding))
    return VariantsChanged(exchange, added, removed)


def _check_lists(add: Sequence[str], remove: Sequence[str]) -> None:
    if len(add) + len(remove) > MOST_VARIANTS:
        raise Invalid.one("", "too_many", f"Change at most {MOST_VARIANTS:,} products in one go.")
    errors = [
        FieldError(f"/{name}/{place}", "not_an_id", "This is not the id of a product variant (var_…).")
        for name, ids in (("add", add), ("remove", remove))
        for place, public_id in enumerate(ids)
        if not is_id(public_id, "var")
    ]
    errors += in_both(add, remove, "product")
    if errors:
        raise Invalid(errors)


def _found(add: Sequence[str], remove: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Key and producer of every variant that was named and is there."""
    rows = Variant.objects.filter(public_id=OneOf([*add, *remove])).values_list("public_id", "pk", "producer_id")
    return {public_id: (key, producer) for public_id, key, producer in rows}


def _hold_what_it_rests_on(exchange: Exchange, producers: Collection[int]) -> None:
    """Hold supply and grants until the end, so that none is withdrawn between the decision and the commit."""
    if not producers:
        return
    coordinator = exchange.cycle.coordinator_id
    if exchange.is_incoming:
        grants.lock(producers, [coordinator])
        return
    share(Exchange.objects.filter(cycle=exchange.cycle_id, direction=Direction.INCOMING, enterprise=OneOf(producers)))
    hub = exchange.enterprise_id
    grants.lock({*producers, hub}, {coordinator, hub, *producers})


def _delete(exchange: Exchange, variants: Collection[int]) -> int:
    """Take variants out of an exchange; how many were there."""
    if not variants:
        return 0
    return ExchangeVariant.objects.filter(exchange=exchange, variant=OneOf(variants)).delete()[0]


def _insert(exchange: Exchange, variants: Sequence[int]) -> int:
    """Put variants into an exchange in one statement; how many were not there before."""
    if not variants:
        return 0
    table = connection.ops.quote_name(ExchangeVariant._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} (exchange_id, variant_id) SELECT %s, unnest(%s::bigint[]) ON CONFLICT DO NOTHING",
            [exchange.pk, array_text(variants)],
        )
        return int(cursor.rowcount)


def _relying(exchange: Exchange, variants: Collection[int]) -> set[int]:
    """The hubs that carry what is to be taken out of an incoming exchange."""
    if not variants:
        return set()
    there = ExchangeVariant.objects.filter(exchange=exchange, variant=OneOf(variants))
    return set(_carrying(exchange, there.values("variant")).values_list("exchange__enterprise_id", flat=True))


def _tell_supply(actor: Access, exchange: Exchange, removed: int, hubs: Collection[int]) -> None:
    """The coordinator, and the hubs that carry them, are told of goods that are no longer supplied."""
    if not (exchange.is_incoming and removed):
        return
    have = "1 product of {} has" if removed == 1 else f"{removed} products of {{}} have"
    what = f"{have.format(exchange.enterprise.name)} been taken out of “{exchange.cycle.name}”."
    tell(actor, {exchange.cycle.coordinator_id} - set(hubs), NoticeKind.CHANGED, what, exchange.cycle)
    lapsed = f"{what} What you carry of it is not on offer any more."
    tell(actor, set(hubs) - {exchange.enterprise_id}, NoticeKind.CHANGED, lapsed, exchange.cycle)


def _tell_goods(actor: Access, exchange: Exchange, added: int, removed: int) -> None:
    done = " and ".join(
        part for part in (f"added {added}" if added else "", f"removed {removed}" if removed else "") if part
    )
    text = f"{actor.name} {done} products in the part of {exchange.enterprise.name} in “{exchange.cycle.name}”."
    tell(actor, [exchange.enterprise_id], NoticeKind.CHANGED, text, exchange.cycle)


@verb
def change_fees(
    actor: Access,
    *,
    exchange: Exchange,
    add: Sequence[str] = (),
    remove: Sequence[str] = (),
    version: int | None = None,
) -> Exchange:
    """Attach and detach fees, by public id (C10, P6, H5): all or none. What is named twice counts once.

    Raises:
        Invalid: the same fee in both lists.
        RefusedItems: naming each fee that is refused, and why.
        Stale: ``version`` is given and somebody changed the exchange since.
    """
    if errors := in_both(add, remove, "fee"):
        raise Invalid(errors)
    exchange = lock_exchange(exchange)
    require(actor, Action.EXCHANGE_VIEW, targets.exchange(exchange))
    check_version(exchange, version)
    share(Fee.objects.filter(public_id__in=add))
    fees = {fee.public_id: fee for fee in Fee.objects.filter(public_id__in=[*add, *remove])}
    adding = {fees[public_id].pk: public_id for public_id in add if public_id in fees}
    removing = {fees[public_id].pk: public_id for public_id in remove if public_id in fees}
    if adding:
        grants.lock([fees[public_id].owner_id for public_id in adding.values()], [exchange.cycle.coordinator_id])
    attached, gone = (targets.fees_on(exchange, Fee.objects.filter(pk__in=keys)) for keys in (adding, removing))
    for action, ids, names, target, pointer in (
        (Action.EXCHANGE_FEE_ATTACH, add, adding, attached, "/add"),
        (Action.EXCHANGE_FEE_DETACH, remove, removing, gone, "/remove"),
    ):
        unknown = [public_id for public_id in dict.fromkeys(ids) if public_id not in fees]
        require_each(actor, action, target, names, pointer=pointer, what="fees", unknown=unknown)
    there = set(ExchangeFee.objects.filter(exchange=exchange).values_list("fee", flat=True))
    new = [ExchangeFee(exchange=exchange, fee_id=key) for key in adding if key not in there]
    removed, _ = ExchangeFee.objects.filter(exchange=exchange, fee__in=removing).delete()
    ExchangeFee.objects.bulk_create(new)
    if not (new or removed):
        return exchange
    touch(exchange)
    text = f"{actor.name} changed the fees of {exchange.enterprise.name} in “{exchange.cycle.name}”."
    tell(actor, [exchange.enterprise_id], NoticeKind.CHANGED, text, exchange.cycle)
    if new:
        still_allowed(actor, Action.EXCHANGE_FEE_ATTACH, attached, len(adding))
    return exchange


@verb
def set_notes(
    actor: Access,
    *,
    exchange: Exchange,
    version: int | None = None,
    collection_time: str | Unset = UNSET,
    collection_instructions: str | Unset = UNSET,
    delivery_notes: str | Unset = UNSET,
) -> Exchange:
    """Set collection time and instructions of a hub, delivery notes of a producer (H6)."""
    exchange = lock_exchange(exchange)
    require(actor, Action.EXCHANGE_SET_NOTES, targets.exchange(exchange))
    check_version(exchange, version)
    given = {
        "collection_time": collection_time,
        "collection_instructions": collection_instructions,
        "delivery_notes": delivery_notes,
    }
    values = {field: text.strip() for field, text in given.items() if not isinstance(text, Unset)}
    errors = [error for field, text in values.items() if (error := _note_error(exchange, field, text))]
    if errors:
        raise Invalid(errors)
    changed = {field: text for field, text in values.items() if getattr(exchange, field) != text}
    if not changed:
        return exchange
    bump(exchange, **changed)
    text = f"{actor.name} changed the times or notes of {exchange.enterprise.name} in “{exchange.cycle.name}”."
    tell(actor, [exchange.enterprise_id], NoticeKind.CHANGED, text, exchange.cycle)
    return exchange


_MOST = {"collection_time": 200, "collection_instructions": 2_000, "delivery_notes": 2_000}


def _note_error(exchange: Exchange, field: str, text: str) -> FieldError | None:
    if text and (field == "delivery_notes") is not exchange.is_incoming:
        side = "a producer's incoming" if field == "delivery_notes" else "a hub's outgoing"
        return FieldError(f"/{field}", "wrong_direction", f"This belongs to {side} exchange.")
    most = _MOST[field]
    if len(text) > most:
        return FieldError(f"/{field}", "max_length", f"Keep it to {most} characters.")
    return None


@verb
def accept(actor: Access, *, exchange: Exchange, version: int | None = None) -> Exchange:
    """Say yes to taking part (X1). After declining, what had lapsed stands again."""
    exchange = lock_exchange(exchange)
    require(actor, Action.EXCHANGE_ACCEPT, targets.exchange(exchange))
    check_version(exchange, version)
    if exchange.status == ExchangeStatus.ACCEPTED:
        return exchange
    bump(
        exchange,
        status=ExchangeStatus.ACCEPTED,
        decline_reason="",
        answered_at=clock.now(),
        answered_by_id=actor.user_id,
    )
    text = f"{exchange.enterprise.name} accepted its part in “{exchange.cycle.name}”."
    tell(actor, [exchange.cycle.coordinator_id], NoticeKind.ACCEPTED, text, exchange.cycle)
    return exchange


@verb
def decline(actor: Access, *, exchange: Exchange, reason: str, version: int | None = None) -> Exchange:
    """Say no to taking part, with a reason, until the cycle opens (X1). The exchange is kept and is not effective."""
    exchange = lock_exchange(exchange)
    require(actor, Action.EXCHANGE_DECLINE, targets.exchange(exchange))
    check_version(exchange, version)
    reason = reason.strip()
    if not reason or len(reason) > 500:
        raise Invalid.one("/reason", "required", "Say why, in at most 500 characters; the coordinator reads it.")
    bump(
        exchange,
        status=ExchangeStatus.DECLINED,
        decline_reason=reason,
        answered_at=clock.now(),
        answered_by_id=actor.user_id,
    )
    text = f"{exchange.enterprise.name} declined its part in “{exchange.cycle.name}”: {reason}"
    tell(actor, [exchange.cycle.coordinator_id], NoticeKind.DECLINED, text, exchange.cycle)
    return exchange
