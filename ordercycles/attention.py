"""What waits for somebody: for the counts in the navigation, and for the start page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.db.models import Count, F, Q, QuerySet, Value

from common import clock
from common.arrays import OneOf
from common.statements import Place, PlaceOfKeys, Statement
from ordercycles import effective
from ordercycles.enums import CycleState, Direction, ExchangeStatus
from ordercycles.models import Exchange, ExchangeVariant, Notice, OrderCycle
from ordercycles.models.cycle import state_q
from organisations.enums import Sells
from organisations.models import Business
from permissions.access import Access
from permissions.actions import Permission
from permissions.models import GrantRequest
from permissions.models.grants import RequestStatus

#: A cycle that closes within this time is worth a word.
SOON = timedelta(hours=48)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many things of each kind wait for the actor."""

    to_answer: int = 0
    requests: int = 0
    notices: int = 0


#: For which enterprises of hers each kind of thing waits.
_HERS: Final[dict[str, Callable[[Access], frozenset[int]]]] = {
    "to_answer": lambda access: access.ids(Permission.TAKE_PART) & access.ids(Permission.VIEW),
    "requests": lambda access: access.ids(Permission.MANAGE_GRANTS) & access.ids(Permission.VIEW),
    "notices": lambda access: access.ids(Permission.VIEW),
}


def _running(prefix: str = "", now: Any = None) -> Q:
    return ~state_q(CycleState.CLOSED, now or clock.now(), prefix)


def _to_answer(hers: Any, now: Any) -> QuerySet[Exchange]:
    waiting = Exchange.objects.filter(_running("cycle__", now), enterprise=hers, status=ExchangeStatus.UNANSWERED)
    return waiting.exclude(cycle__coordinator=F("enterprise"))


def _requests(hers: Any) -> QuerySet[GrantRequest]:
    return GrantRequest.objects.filter(granter=hers, status=RequestStatus.PENDING)


def _unread(hers: Any) -> QuerySet[Notice]:
    return Notice.objects.filter(enterprise=hers, read_at=None)


def to_answer(access: Access) -> QuerySet[Exchange]:
    """Parts in running cycles of others that her enterprises have not accepted or declined."""
    return _to_answer(OneOf(_HERS["to_answer"](access)), clock.now())


def requests_to_answer(access: Access) -> QuerySet[GrantRequest]:
    """Requests that her enterprises have received and not answered."""
    return _requests(OneOf(_HERS["requests"](access)))


def unread(access: Access) -> QuerySet[Notice]:
    """Notices to her enterprises that nobody has read."""
    return _unread(OneOf(_HERS["notices"](access)))


def _counted() -> QuerySet[Any, Any]:
    kinds: dict[str, QuerySet[Any]] = {
        "to_answer": _to_answer(PlaceOfKeys("to_answer"), Place("now")),
        "requests": _requests(PlaceOfKeys("requests")),
        "notices": _unread(PlaceOfKeys("notices")),
    }
    first, *others = (
        rows.order_by().annotate(what=Value(name)).values("what").annotate(n=Count("pk")).values_list("what", "n")
        for name, rows in kinds.items()
    )
    counted: QuerySet[Any, Any] = first.union(*others, all=True)
    return counted


#: Every page asks it.
_COUNTS: Final = Statement(_counted)


def waiting(access: Access) -> Waiting:
    """All counts, in one statement."""
    if not access.held:
        return Waiting()
    return Waiting(**dict(_COUNTS.rows(now=clock.now(), **{name: hers(access) for name, hers in _HERS.items()})))


def parts_to_answer(access: Access, limit: int = 20) -> list[Exchange]:
    """The parts that wait for an answer, those that open first at the top."""
    rows = to_answer(access).select_related("cycle__coordinator__unit", "enterprise__unit")
    return list(rows.order_by(F("cycle__opens_at").asc(nulls_last=True), "pk")[:limit])


def closing_soon(access: Access, limit: int = 20) -> list[OrderCycle]:
    """Open cycles with a part of hers that close soon."""
    hers = access.ids(Permission.VIEW)
    parts = Exchange.objects.filter(enterprise__in=hers).values("cycle")
    rows = OrderCycle.objects.filter(
        Q(coordinator__in=hers) | Q(pk__in=parts),
        state_q(CycleState.OPEN, clock.now()),
        closes_at__lte=clock.now() + SOON,
    )
    return list(rows.select_related("coordinator__unit").order_by("closes_at", "pk")[:limit])


@dataclass(frozen=True, slots=True)
class LapsedGoods:
    """How many goods have lapsed in one cycle that she coordinates, or in her own part of it."""

    cycle_id: str
    cycle: str
    exchange_id: str
    enterprise: str
    direction: str
    count: int


def lapsed_goods(access: Access, limit: int = 20) -> list[LapsedGoods]:
    """Exchanges of running cycles with lapsed goods: of cycles that she coordinates, and her own. One statement."""
    hers = access.ids(Permission.VIEW)
    stands = (Q(exchange__direction=Direction.INCOMING) & effective.standing_q(Direction.INCOMING)) | (
        Q(exchange__direction=Direction.OUTGOING) & effective.standing_q(Direction.OUTGOING)
    )
    rows = (
        ExchangeVariant.objects.filter(
            Q(exchange__cycle__coordinator__in=hers) | Q(exchange__enterprise__in=hers),
            _running("exchange__cycle__"),
            ~stands,
        )
        .order_by("exchange__cycle__closes_at", "exchange")
        .values_list(
            "exchange__cycle__public_id",
            "exchange__cycle__name",
            "exchange__public_id",
            "exchange__enterprise__unit__name",
            "exchange__direction",
        )
        .annotate(count=Count("pk"))
    )
    return [LapsedGoods(*row) for row in rows[:limit]]


@dataclass(frozen=True, slots=True)
class Unready:
    """A hub of hers that cannot be put into cycles yet, and each condition that it misses."""

    id: str
    organisation: str
    name: str
    no_shipping: bool
    no_payment: bool
    no_email: bool
    unconfirmed: bool


def unready_hubs(access: Access, only: int | None = None) -> list[Unready]:
    """Her active hubs that miss something (C5). One statement."""
    hers = access.ids(Permission.VIEW) if only is None else {only}
    rows = Business.objects.filter(
        pk__in=hers,
        sells__in=(Sells.ANY, Sells.OWN),
        unit__archived_at=None,
        unit__organisation__archived_at=None,
    ).annotate(
        ways=Count("shipping_methods", filter=Q(shipping_methods__archived_at=None), distinct=True),
        pays=Count(
            "payment_methods",
            filter=Q(payment_methods__archived_at=None, payment_methods__is_active=True),
            distinct=True,
        ),
    )
    rows = rows.filter(Q(ways=0) | Q(pays=0) | Q(contact_email_confirmed_at=None)).order_by("unit__name", "pk")
    return [
        Unready(public_id, organisation, name, ways == 0, pays == 0, email == "", email != "" and confirmed is None)
        for public_id, organisation, name, ways, pays, email, confirmed in rows.values_list(
            "unit__public_id",
            "unit__organisation__public_id",
            "unit__name",
            "ways",
            "pays",
            "contact_email",
            "contact_email_confirmed_at",
        )
    ]
