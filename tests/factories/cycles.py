"""Order cycles and exchanges in any state, written past the verbs: also what no verb would allow."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from factory import declarations as make
from factory.django import DjangoModelFactory
from factory.helpers import post_generation

from common import clock
from ordercycles.enums import CycleState, Direction
from ordercycles.models import Exchange, ExchangeFee, ExchangeVariant, Fee, OrderCycle, Variant
from tests.factories.enterprises import hub

#: Days from now to opening and closing.
WINDOWS: dict[str, tuple[int | None, int | None]] = {
    CycleState.DRAFT: (None, None),
    CycleState.UPCOMING: (2, 5),
    CycleState.OPEN: (-1, 3),
    CycleState.CLOSED: (-9, -5),
}


def _moment(days: int | None) -> Any:
    return None if days is None else clock.now() + timedelta(days=days)


class CycleFactory(DjangoModelFactory[OrderCycle]):
    """A cycle, upcoming unless ``state`` says otherwise. Without a coordinator it gets a hub of its own."""

    class Meta:
        model = OrderCycle

    class Params:
        state = CycleState.UPCOMING

    coordinator = make.LazyFunction(hub)
    name = make.Sequence(lambda n: f"Cycle {n}")
    opens_at = make.LazyAttribute(lambda made: _moment(WINDOWS[made.state][0]))
    closes_at = make.LazyAttribute(lambda made: _moment(WINDOWS[made.state][1]))


class ExchangeFactory(DjangoModelFactory[Exchange]):
    """An enterprise's part, incoming unless told otherwise. ``variants`` and ``fees`` put those in it."""

    class Meta:
        model = Exchange
        skip_postgeneration_save = True

    cycle = make.SubFactory(CycleFactory)
    direction = Direction.INCOMING
    enterprise = make.SubFactory("tests.factories.enterprises.BusinessFactory")

    @post_generation  # type: ignore[untyped-decorator]
    def variants(self: Exchange, create: bool, extracted: Any, **_: Any) -> None:
        """Put variants in it."""
        carry(self, *(extracted or ()))

    @post_generation  # type: ignore[untyped-decorator]
    def fees(self: Exchange, create: bool, extracted: Any, **_: Any) -> None:
        """Put fees on it."""
        charge(self, *(extracted or ()))


def carry(exchange: Exchange, *variants: Variant) -> None:
    """Put variants in an exchange, past all rules."""
    ExchangeVariant.objects.bulk_create([ExchangeVariant(exchange=exchange, variant=one) for one in variants])


def charge(exchange: Exchange, *fees: Fee) -> None:
    """Put fees on an exchange, past all rules."""
    ExchangeFee.objects.bulk_create([ExchangeFee(exchange=exchange, fee=one) for one in fees])
