"""Rules as kept SQL: wherever it is put, and whatever the values are."""

from __future__ import annotations

import pytest
from django.db.models import Exists, OuterRef

from common.arrays import OneOf
from ordercycles.models import Exchange, OrderCycle
from organisations.models import BusinessUnit
from permissions import engine
from permissions.access import Access
from tests.factories import access, grant, hub, producer
from tests.factories.cycles import ExchangeFactory

pytestmark = pytest.mark.django_db


def cycle_with_a_hub() -> tuple[Exchange, Access, Access]:
    exe, ash = hub(name="Exe Hub"), producer(name="Ashclyst")
    exchange = ExchangeFactory.create(enterprise=exe, direction="outgoing")
    ExchangeFactory.create(cycle=exchange.cycle, enterprise=ash, direction="incoming")
    grant(ash, exe)
    return exchange, access(exe), access(ash)


def test_inside_other_queries() -> None:
    """The aliases of Django's own subqueries are not taken for those of the rules."""
    exchange, of_hub, of_producer = cycle_with_a_hub()
    for actor in (of_hub, of_producer):
        seen = engine.visible(actor, Exchange.objects.all())
        assert seen.filter(pk=exchange.pk).exists()
        assert Exchange.objects.filter(pk__in=seen.values("pk")).count() == 2
        assert OrderCycle.objects.filter(Exists(seen.filter(cycle=OuterRef("pk")))).count() == 1
        assert OrderCycle.objects.filter(exchanges__in=seen).distinct().count() == 1
        assert (seen | Exchange.objects.none()).count() == 2
        assert seen.exclude(pk=exchange.pk).count() == 1


def test_the_next_actor_is_not_answered_for_the_last() -> None:
    exchange, of_hub, _ = cycle_with_a_hub()
    rows = Exchange.objects.filter(pk=exchange.pk)
    assert engine.visible(of_hub, rows).count() == 1
    assert engine.visible(access(hub(name="Another")), rows).count() == 0
    assert engine.visible(Access.none(), rows).count() == 0
    assert engine.visible(Access.make(is_staff=True), rows).count() == 1
    assert engine.visible(of_hub, rows).count() == 1


def test_one_of_many() -> None:
    names = ["Plain", 'With "quotes"', "Back\\slash", "{braces, comma}", "NULL", "100 %s", ""]
    units = [hub(name=name or "x").unit for name in names]
    assert set(BusinessUnit.objects.filter(name=OneOf(names)).values_list("name", flat=True)) == set(names) - {""}
    keys = [unit.pk for unit in units]
    assert BusinessUnit.objects.filter(pk=OneOf(keys)).count() == len(keys)
    assert BusinessUnit.objects.filter(pk=OneOf([])).count() == 0
