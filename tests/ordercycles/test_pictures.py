"""What is counted for a whole cycle at once is what is told of each exchange by itself."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from benchmarks import network
from benchmarks.sizes import Size
from benchmarks.works import Bench
from ordercycles import effective, pictures
from ordercycles.enums import Direction, ExchangeStatus
from ordercycles.models import Exchange, ExchangeVariant, OrderCycle, Product, Variant
from organisations.models import BusinessUnit, Organisation
from permissions.access import Access
from permissions.models import Grant

pytestmark = pytest.mark.django_db

SIZE = Size("tiny", 24, 4, cycles=2)
GONE = datetime(2025, 6, 2, tzinfo=UTC)


@pytest.fixture
def bench() -> Bench:
    """A network in which something of every kind has lapsed."""
    network.build(SIZE)
    first = SIZE.coordinator
    exchanges = Exchange.objects.filter(cycle=network.CYCLE)
    declined = {"status": ExchangeStatus.DECLINED, "decline_reason": "Flooded"}
    exchanges.filter(direction=Direction.INCOMING, enterprise=2).update(**declined)
    exchanges.filter(direction=Direction.OUTGOING, enterprise=first + 2).update(**declined)
    Grant.objects.filter(content_object=3, group=first).delete()
    Grant.objects.filter(content_object=first + 3, group=first).delete()
    Grant.objects.filter(content_object=1, group__gt=first).delete()
    Variant.objects.filter(producer__in=[4, 9], pk__iregex="[13579]$").update(archived_at=GONE)
    Product.objects.filter(producer=5).update(archived_at=GONE)
    BusinessUnit.objects.filter(pk=6).update(archived_at=GONE)
    Organisation.objects.filter(pk=first + 4).update(archived_at=GONE)
    ExchangeVariant.objects.filter(
        exchange__direction=Direction.INCOMING, variant__producer__in=[7, 9], variant__name="Small"
    ).delete()
    exchanges.filter(direction=Direction.INCOMING, enterprise=8).delete()
    # Goods of another in a producer's own exchange: no door lets them in, and the counts hold all the same.
    ExchangeVariant.objects.create(exchange=exchanges.get(enterprise=10), variant=Variant.objects.filter(producer=4)[0])
    return Bench(SIZE)


def actors(bench: Bench) -> list[Access]:
    return [*(bench.access(part) for part in network.PARTS), Access.make(is_staff=True)]


def test_lapses_are_counted_alike_at_once_and_one_by_one(bench: Bench) -> None:
    for access in actors(bench):
        whole = pictures.whole_cycle(access, bench.cycle).picture
        at_once = {row.key: (row.variants, row.lapsed) for row in (*whole.incoming, *whole.outgoing)}
        seen = pictures.seen_in(access, bench.cycle)
        by_themselves = {
            row.key: (row.variants, row.lapsed) for row in pictures.exchange_rows(access, bench.cycle, seen)
        }
        assert at_once == by_themselves
        assert sum(lapsed for _, lapsed in at_once.values()) > 0


def test_lanes_count_what_each_exchange_tells(bench: Bench) -> None:
    expected: Counter[tuple[int, int]] = Counter()
    outgoing = Exchange.objects.filter(cycle=network.CYCLE, direction=Direction.OUTGOING).select_related("cycle")
    producers = dict(Variant.objects.values_list("pk", "producer"))
    for exchange in outgoing:
        for variant in effective.lapsed(exchange):
            expected[exchange.enterprise_id, producers[variant]] += 1
    lanes = pictures.lanes(bench.access(network.COORDINATOR), bench.cycle)
    found = {(lane.hub.key, lane.producer.key): lane.lapsed for lane in lanes if lane.lapsed}
    assert found == expected
    flowing = sum(lane.flows for lane in lanes)
    assert flowing == sum(effective.effective(exchange).count() for exchange in outgoing)
    assert flowing > 0


def test_candidates_are_those_the_coordinator_sees(bench: Bench) -> None:
    """They are judged without asking whether they are seen: everybody listed is."""
    from ordercycles.rules import targets
    from organisations.models import Business
    from permissions import engine
    from permissions.actions import Action

    access = bench.access(network.COORDINATOR)
    for rows in pictures.all_candidates(access, bench.cycle).values():
        keys = [row.enterprise.key for row in rows]
        target = targets.candidates(OrderCycle.objects.get(pk=network.CYCLE), Business.objects.filter(pk__in=keys))
        assert engine.allowed(access, Action.EXCHANGE_CANDIDATE_VIEW, target).count() == len(keys) > 0
