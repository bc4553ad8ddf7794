"""What pages and the API show of random networks is what the oracle says: counts, fees, lanes, goods, choices."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest

from common import clock
from ordercycles import choices, pictures, reads
from ordercycles.enums import Direction
from ordercycles.models import Exchange, OrderCycle
from permissions.access import Access
from permissions.actions import Action
from tests.oracle.build import PRESENT, Batch, analyze, build
from tests.oracle.compare import verdict_of
from tests.oracle.oracle import Verdict
from tests.oracle.strategies import random_world
from tests.ordercycles.test_engine_and_oracle import most
from tests.worlds import kept

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

#: Two of them large, as in ``most``.
SEEDS = range(30_000, 30_020)


def _networks() -> Batch:
    made = build([random_world(seed, most=most(seed)) for seed in SEEDS], SEEDS)
    analyze()
    return made


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[Batch]:
    with kept(django_db_blocker, _networks) as batch:
        yield batch


@pytest.fixture
def batch(made: Batch, db: None) -> Iterator[Batch]:
    """Looked at only: one batch serves all."""
    with clock.at(PRESENT):
        yield made


class View:
    """One actor looking at one cycle of one network, and the oracle of it."""

    def __init__(self, batch: Batch, number: int, actor: str, cycle: str) -> None:
        self.batch, self.number, self.actor, self.id = batch, number, actor, cycle
        self.world = batch.worlds[number]
        self.oracle = batch.oracle(number)
        self.access: Access = batch.access(batch.who(number, actor))
        self.cycle = OrderCycle.objects.select_related("coordinator__unit").get(pk=batch.key("cycle", number, cycle))

    def name(self, kind: str, key: int) -> str:
        number, thing = self.batch.places[kind][key]
        assert number == self.number
        return thing

    def says(self, action: Action, **target: str) -> Verdict:
        return self.oracle.decide(self.actor, str(action), **target)

    def exchange(self, name: str) -> Exchange:
        return self.exchanges[self.batch.key("exchange", self.number, name)]

    @cached_property
    def exchanges(self) -> dict[int, Exchange]:
        rows = Exchange.objects.select_related("cycle__coordinator__unit", "enterprise__unit")
        return rows.filter(cycle=self.cycle).in_bulk()

    @cached_property
    def lanes(self) -> list[pictures.LaneRow]:
        return pictures.lanes(self.access, self.cycle)


def views(batch: Batch) -> Iterator[View]:
    """Everybody who sees a cycle, looking at it."""
    for number, world in batch.numbered():
        oracle = batch.oracle(number)
        for actor in world.actors:
            for cycle in sorted(oracle.visible_cycles(actor)):
                yield View(batch, number, actor, cycle)


def test_the_picture_of_a_cycle(batch: Batch) -> None:
    for view in views(batch):
        picture = pictures.cycle_picture(view.access, view.cycle)
        for action, decision in picture.decisions.items():
            assert verdict_of(decision) == view.says(action, cycle=view.id)
        assert {view.name("fee", fee.key) for fee in picture.cycle_fees} == view.world.cycles[view.id].fees
        shown = {view.name("exchange", row.key): row for row in (*picture.incoming, *picture.outgoing)}
        assert shown.keys() == view.oracle.visible_exchanges(view.actor, view.id)
        for name, row in shown.items():
            exchange = view.world.exchanges[name]
            goods = exchange.variants & view.oracle.visible_variants(view.actor, name)
            lapsed = goods & view.oracle.lapsed(name).keys()
            assert (row.variants, row.lapsed) == (len(goods), len(lapsed)), (view.number, view.actor, name)
            seen = exchange.fees & view.oracle.visible_fees(view.actor, name)
            assert {view.name("fee", fee.key) for fee in row.fees} == seen, (view.number, view.actor, name)
            for action, decision in row.decisions.items():
                assert verdict_of(decision) == view.says(action, exchange=name)


def test_lanes(batch: Batch) -> None:
    """A lane tells how many goods flow and how many have lapsed; its decisions are those of its goods."""
    judged = 0
    for view in views(batch):
        _no_lane_with_goods_is_missing(view)
        for lane in view.lanes:
            hub, producer = (view.name("enterprise", party.key) for party in (lane.hub, lane.producer))
            name = f"{view.id}-out-{hub}"
            of_producer = {v.id for v in view.world.variants.values() if v.producer == producer}
            seen = of_producer & view.oracle.visible_variants(view.actor, name)
            goods = view.world.exchanges[name].variants & seen
            lapsed = goods & view.oracle.lapsed(name).keys()
            assert (lane.flows, lane.lapsed) == (len(goods - lapsed), len(lapsed))
            for variant in sorted(goods):
                said = view.says(Action.EXCHANGE_VARIANT_REMOVE, exchange=name, variant=variant)
                assert verdict_of(lane.remove) == said, (view.number, view.actor, name, variant)
                judged += 1
            for variant in sorted(seen - goods):
                if view.oracle.supplied(view.id, variant) and view.world.variants[variant].active:
                    said = view.says(Action.EXCHANGE_VARIANT_ADD, exchange=name, variant=variant)
                    assert verdict_of(lane.add) == said, (view.number, view.actor, name, variant)
                    judged += 1
    assert judged > 100


def _no_lane_with_goods_is_missing(view: View) -> None:
    shown = {(view.name("enterprise", lane.hub.key), view.name("enterprise", lane.producer.key)) for lane in view.lanes}
    for name in view.oracle.visible_exchanges(view.actor, view.id):
        exchange = view.world.exchanges[name]
        if exchange.direction == "outgoing":
            goods = exchange.variants & view.oracle.visible_variants(view.actor, name)
            assert {(exchange.enterprise, view.world.variants[v].producer) for v in goods} <= shown


def test_the_goods_of_an_exchange(batch: Batch) -> None:
    asked: Counter[tuple[str, bool]] = Counter()
    turn = itertools.cycle(("in", "lapsed", "addable"))
    for view in views(batch):
        for name in sorted(view.oracle.visible_exchanges(view.actor, view.id)):
            exchange, row_of_it = view.world.exchanges[name], view.exchange(name)
            page = pictures.exchange_products(view.access, row_of_it, size=100, count=True)
            shown = {view.name("variant", row.key): row for row in page.rows}
            visible = view.oracle.visible_variants(view.actor, name)
            assert shown.keys() <= visible
            assert visible & exchange.variants <= shown.keys()
            assert (page.total, page.next) == (len(shown), None)
            lapsed = view.oracle.lapsed(name)
            for variant, row in shown.items():
                assert row.carried is (variant in exchange.variants)
                assert row.lapsed == (lapsed.get(variant, ()) if row.carried else ())
                assert verdict_of(row.add) == view.says(Action.EXCHANGE_VARIANT_ADD, exchange=name, variant=variant)
                if row.carried:
                    said = view.says(Action.EXCHANGE_VARIANT_REMOVE, exchange=name, variant=variant)
                    assert verdict_of(row.remove) == said
            # Asked for in part: by turns, but whenever something can be added, that, which is seldom.
            parts = {
                "in": {one for one, row in shown.items() if row.carried},
                "lapsed": {one for one, row in shown.items() if row.lapsed},
                "addable": {one for one, row in shown.items() if row.add.allowed and not row.carried},
            }
            only = "addable" if parts["addable"] else next(turn)
            wanted = parts[only]
            rows = pictures.product_variants(view.access, row_of_it, only=only)
            assert {view.name("variant", row.pk) for row in rows} == wanted, (view.number, view.actor, name, only)
            asked[only, bool(wanted)] += 1
    assert all(asked[only, some] >= 5 for only in ("in", "lapsed", "addable") for some in (True, False)), asked


def test_who_could_be_added(batch: Batch) -> None:
    """Those that granted the coordinator or take part, each with the decision; others are not offered (C6)."""
    for view in views(batch):
        coordinator = view.world.cycles[view.id].coordinator
        if coordinator not in view.oracle.managed(view.actor, "view"):
            continue
        for direction in Direction:
            found = pictures.candidates(view.access, view.cycle, direction)
            offered = {view.name("enterprise", row.enterprise.key): row for row in found}
            taking_part = view.oracle.incoming(view.id) if direction == "incoming" else view.oracle.outgoing(view.id)
            action = Action.EXCHANGE_ADD_INCOMING if direction == "incoming" else Action.EXCHANGE_ADD_OUTGOING
            for enterprise, row in offered.items():
                assert row.granted is view.oracle.arrow(enterprise, coordinator)
                assert row.taking_part is (enterprise in taking_part)
                assert row.granted or row.taking_part
                assert verdict_of(row.decision) == view.says(action, cycle=view.id, enterprise=enterprise)
            for enterprise in view.world.enterprises.keys() - offered.keys():
                assert not view.says(action, cycle=view.id, enterprise=enterprise).allowed


def test_fees_to_choose_from(batch: Batch) -> None:
    for view in views(batch):
        for choice in choices.cycle_fees(view.access, view.cycle):
            fee = view.name("fee", choice.fee.pk)
            on = fee in view.world.cycles[view.id].fees
            action = Action.CYCLE_FEE_DETACH if on else Action.CYCLE_FEE_ATTACH
            assert verdict_of(choice.decision) == view.says(action, cycle=view.id, fee=fee)
        for name in sorted(view.oracle.visible_exchanges(view.actor, view.id)):
            found = choices.exchange_fees(view.access, view.exchange(name))
            # Her enterprises in the other networks have fees, too.
            here = [choice for choice in found if view.batch.places["fee"][choice.fee.pk][0] == view.number]
            shown = {view.name("fee", choice.fee.pk): choice for choice in here}
            visible = view.oracle.visible_fees(view.actor, name)
            assert view.world.exchanges[name].fees & visible <= shown.keys() <= visible
            for fee, choice in shown.items():
                on = fee in view.world.exchanges[name].fees
                action = Action.EXCHANGE_FEE_DETACH if on else Action.EXCHANGE_FEE_ATTACH
                assert verdict_of(choice.decision) == view.says(action, exchange=name, fee=fee)


def test_lists_of_cycles(batch: Batch) -> None:
    for number, world in batch.numbered():
        oracle = batch.oracle(number)
        for actor in world.actors:
            access = batch.access(batch.who(number, actor))
            cycles = reads.cycles(access).filter(pk__in=[batch.key("cycle", number, one) for one in world.cycles])
            rows = pictures.cycle_rows(access, cycles.order_by("pk"))
            assert {row.id for row in rows} == {
                OrderCycle.objects.get(pk=batch.key("cycle", number, one)).public_id
                for one in oracle.visible_cycles(actor)
            }
