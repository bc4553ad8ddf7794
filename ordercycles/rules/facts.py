"""Everything that the rules of order cycles look at. Each is written once, as rows that exist or not.

Slots: ``cycle``, its ``coordinator``; ``exchange``, its ``direction`` and ``enterprise``; ``variant``, its
``producer``; ``fee``, its ``owner``. See ``docs/decisions/0005-reading-the-rules.md``.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from ordercycles.enums import PER_ITEM_CHARGES, CycleState, Direction, ExchangeStatus
from ordercycles.models import CycleFee, Exchange, ExchangeFee, ExchangeVariant, Fee, OrderCycle, Variant
from ordercycles.models.cycle import state_q
from organisations.models import Business
from permissions.access import Actor
from permissions.actions import Permission
from permissions.grants import between
from permissions.rules import Scope, Where

DECLINED = ExchangeStatus.DECLINED


def _cycles(scope: Scope, *states: CycleState) -> QuerySet[OrderCycle]:
    at = scope.now()
    condition = Q()
    for state in states:
        condition |= state_q(state, at)
    return OrderCycle.objects.filter(condition, pk=scope.outer("cycle"))


CLOSED = Where(
    "cycle:closed",
    lambda scope, actor: _cycles(scope, CycleState.CLOSED),
    ("The order cycle is closed; closed cycles are history and do not change.", "The order cycle is not closed."),
)
OPEN = Where(
    "cycle:open",
    lambda scope, actor: _cycles(scope, CycleState.OPEN),
    ("The order cycle is open.", "The order cycle is not open."),
)
DRAFT_OR_UPCOMING = Where(
    "cycle:draft_or_upcoming",
    lambda scope, actor: _cycles(scope, CycleState.DRAFT, CycleState.UPCOMING),
    ("The order cycle has not opened yet.", "The order cycle has opened; only a draft or upcoming one is deleted."),
    "Close it instead.",
)


def _incoming(scope: Scope, producer: Any, cycle: Any) -> QuerySet[Exchange]:
    return Exchange.objects.filter(cycle=cycle, direction=Direction.INCOMING, enterprise=producer)


SUPPLIED = Where(
    "supplied:variant",
    lambda scope, actor: ExchangeVariant.objects.filter(
        variant=scope.single("variant"),
        exchange__cycle=scope.outer("cycle"),
        exchange__direction=Direction.INCOMING,
        exchange__enterprise=scope.outer("producer"),
    ),
    ("{producer} supplies it in this cycle.", "{producer} does not supply it in this cycle."),
    "Add it to the incoming exchange of {producer} first.",
)
SUPPLIER_STANDS = Where(
    "stands:supplier",
    lambda scope, actor: _incoming(scope, scope.outer("producer"), scope.outer("cycle")).exclude(status=DECLINED),
    ("{producer} takes part as a producer.", "{producer} has declined, or does not supply this cycle."),
    "{producer} can accept again.",
)
EXCHANGE_STANDS = Where(
    "stands:exchange",
    lambda scope, actor: Exchange.objects.filter(pk=scope.outer("exchange")).exclude(status=DECLINED),
    ("{enterprise} has not declined.", "{enterprise} has declined to take part."),
    "{enterprise} can accept again.",
)
SUPPLIES = Where(
    "takes_part:producer:incoming",
    lambda scope, actor: _incoming(scope, scope.outer("producer"), scope.outer("cycle")),
    ("{producer} is a producer in this cycle.", "{producer} is not a producer in this cycle."),
)
IN_INCOMING = Where(
    "takes_part:enterprise:incoming",
    lambda scope, actor: _incoming(scope, scope.outer("enterprise"), scope.outer("cycle")),
    ("{enterprise} is among the producers of this cycle already.", "{enterprise} is not among its producers."),
)
IN_OUTGOING = Where(
    "takes_part:enterprise:outgoing",
    lambda scope, actor: Exchange.objects.filter(
        cycle=scope.outer("cycle"), direction=Direction.OUTGOING, enterprise=scope.outer("enterprise")
    ),
    ("{enterprise} is among the hubs of this cycle already.", "{enterprise} is not among its hubs."),
)
OWNER_TAKES_PART = Where(
    "takes_part:owner",
    lambda scope, actor: Exchange.objects.filter(cycle=scope.outer("cycle"), enterprise=scope.outer("owner")),
    ("{owner} takes part in this cycle.", "{owner} does not take part in this cycle."),
)
ENTERPRISE_TAKES_PART = Where(
    "takes_part:enterprise",
    lambda scope, actor: Exchange.objects.filter(cycle=scope.outer("cycle"), enterprise=scope.outer("enterprise")),
    ("{enterprise} takes part in this cycle.", "{enterprise} does not take part in this cycle."),
)
HERS_TAKES_PART = Where(
    "takes_part:hers",
    lambda scope, actor: Exchange.objects.filter(
        actor.among("enterprise_id", Permission.VIEW, 1), cycle=scope.outer("cycle")
    ),
    ("An enterprise that you manage takes part in it.", "No enterprise that you manage takes part in it."),
)
IN_EXCHANGE = Where(
    "carried:variant",
    lambda scope, actor: ExchangeVariant.objects.filter(
        exchange=scope.outer("exchange"), variant=scope.outer("variant")
    ),
    ("It is in this exchange.", "It is not in this exchange."),
)
CARRIES = Where(
    "carried:producer",
    lambda scope, actor: ExchangeVariant.objects.filter(
        exchange=scope.outer("exchange"), variant__producer=scope.outer("producer")
    ),
    ("The exchange carries goods of {producer}.", "The exchange carries no goods of {producer}."),
)


def _hers_related_to_hub(scope: Scope, actor: Actor) -> QuerySet[Exchange]:
    """P4: producers of the actor's in this cycle with a grant to or from the hub, or with goods in its exchange."""
    hub = scope.outer("enterprise", 2)
    carried = ExchangeVariant.objects.filter(
        exchange=scope.outer("exchange", 2), variant__producer=OuterRef("enterprise_id")
    )
    return _incoming_hers(scope, actor, Direction.INCOMING).filter(
        Exists(between(OuterRef("enterprise_id"), scope.outer("enterprise", 3)))
        | Exists(between(hub, OuterRef(OuterRef("enterprise_id"))))
        | Exists(carried)
        | Q(enterprise_id=scope.outer("enterprise"))
    )


def _hers_related_to_producer(scope: Scope, actor: Actor) -> QuerySet[Exchange]:
    """H1: hubs of the actor's in this cycle with a grant to or from the producer, or that carry its goods."""
    producer = scope.outer("enterprise", 2)
    carried = ExchangeVariant.objects.filter(exchange=OuterRef("pk"), variant__producer=producer)
    return _incoming_hers(scope, actor, Direction.OUTGOING).filter(
        Exists(between(producer, OuterRef(OuterRef("enterprise_id"))))
        | Exists(between(OuterRef("enterprise_id"), scope.outer("enterprise", 3)))
        | Exists(carried)
        | Q(enterprise_id=scope.outer("enterprise"))
    )


def _incoming_hers(scope: Scope, actor: Actor, direction: Direction) -> QuerySet[Exchange]:
    return Exchange.objects.filter(
        actor.among("enterprise_id", Permission.VIEW, 1), cycle=scope.outer("cycle"), direction=direction
    )


HER_PRODUCER_RELATED = Where(
    "related:her_producer",
    _hers_related_to_hub,
    (
        "A producer that you manage has a grant with {enterprise}, or goods in its exchange.",
        "No producer that you manage has a grant with {enterprise}, or goods in its exchange.",
    ),
)
HER_HUB_RELATED = Where(
    "related:her_hub",
    _hers_related_to_producer,
    (
        "A hub that you manage has a grant with {enterprise}, or carries its goods.",
        "No hub that you manage has a grant with {enterprise}, or carries its goods.",
    ),
)
VARIANT_ACTIVE = Where(
    "active:variant",
    lambda scope, actor: Variant.objects.filter(
        pk=scope.single("variant"), archived_at=None, product__archived_at=None
    ),
    ("The product is active.", "The product has been archived."),
    "Its producer can restore it.",
)
HAS_SHIPPING = Where(
    "ready:shipping",
    lambda scope, actor: Business.objects.filter(
        pk=scope.outer("enterprise"), shipping_methods__archived_at=None, shipping_methods__isnull=False
    ),
    ("{enterprise} has a shipping method.", "{enterprise} has no shipping method."),
    "Add a shipping method to {enterprise}.",
)
HAS_PAYMENT = Where(
    "ready:payment",
    lambda scope, actor: Business.objects.filter(
        pk=scope.outer("enterprise"), payment_methods__archived_at=None, payment_methods__is_active=True
    ),
    ("{enterprise} has an active payment method.", "{enterprise} has no active payment method."),
    "Add a payment method to {enterprise}, or make one active.",
)
EMAIL_CONFIRMED = Where(
    "ready:contact_email",
    lambda scope, actor: Business.objects.filter(
        pk=scope.outer("enterprise"), contact_email_confirmed_at__isnull=False
    ),
    ("{enterprise} has confirmed its contact e-mail.", "{enterprise} has not confirmed its contact e-mail."),
    "Enter a contact e-mail for {enterprise} and confirm it by the link that is mailed to it.",
)
READY = (HAS_SHIPPING, HAS_PAYMENT, EMAIL_CONFIRMED)

FEE_PER_ITEM = Where(
    "fee:per_item",
    lambda scope, actor: Fee.objects.filter(pk=scope.outer("fee"), charge__in=PER_ITEM_CHARGES),
    ("It is charged per item.", "A fee per order can only stand on an outgoing exchange or on the whole cycle."),
)
FEE_ACTIVE = Where(
    "fee:active",
    lambda scope, actor: Fee.objects.filter(pk=scope.outer("fee"), archived_at=None),
    ("The fee is in use.", "The fee has been archived."),
    "Its owner can restore it.",
)
FEE_ATTACHED = Where(
    "fee:attached",
    lambda scope, actor: ExchangeFee.objects.filter(exchange=scope.outer("exchange"), fee=scope.outer("fee")),
    ("It is on this exchange.", "It is not on this exchange."),
)
FEE_ON_CYCLE = Where(
    "fee:on_cycle",
    lambda scope, actor: CycleFee.objects.filter(cycle=scope.outer("cycle"), fee=scope.outer("fee")),
    ("It is on the whole cycle.", "It is not on the whole cycle."),
)


def _on_her_cycles(scope: Scope, actor: Actor) -> QuerySet[CycleFee]:
    part = Exchange.objects.filter(actor.among("enterprise_id", Permission.VIEW, 2), cycle=OuterRef("cycle_id"))
    hers = actor.among("cycle__coordinator_id", Permission.VIEW, 1)
    return CycleFee.objects.filter(hers | Q(Exists(part)), fee=scope.outer("fee"))


FEE_ON_HER_CYCLES = Where(
    "fee:on_her_cycles",
    _on_her_cycles,
    ("It is on a cycle in which you take part.", "It is on no cycle in which you take part."),
)
FEE_ON_HER_EXCHANGES = Where(
    "fee:on_her_exchanges",
    lambda scope, actor: ExchangeFee.objects.filter(
        actor.among("exchange__enterprise_id", Permission.VIEW, 1)
        | actor.among("exchange__cycle__coordinator_id", Permission.VIEW, 1),
        fee=scope.outer("fee"),
    ),
    ("It is on an exchange that you manage.", "It is on no exchange that you manage."),
)
