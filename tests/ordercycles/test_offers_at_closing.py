"""L3: what was on offer at closing is recorded, and nothing changes it afterwards, also while the worker is stopped.

L4: before a grant ends, what is shown is what lapses.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from common import clock
from ordercycles import effective, offers, pictures
from ordercycles.domain import catalogue, cycles, exchanges, fees
from ordercycles.domain.offers import record_due
from ordercycles.enums import CycleState, Direction
from ordercycles.models import CycleFee, Exchange, Fee, OrderCycle, RecordedOffer, Variant
from organisations.domain import businesses, grants, organisations, units
from organisations.enums import Sells
from organisations.models import Business
from permissions.access import Access
from permissions.decisions import Refused
from permissions.models import Grant
from tests.factories import (
    CycleFactory,
    ExchangeFactory,
    FeeFactory,
    StaffFactory,
    VariantFactory,
    access,
    grant,
    hub,
    producer,
)

pytestmark = pytest.mark.django_db


@dataclass
class Market:
    """Exe passes the milk of Ash to Town, with fees of all three."""

    exe: Business
    ash: Business
    town: Business
    cycle: OrderCycle
    supply: Exchange
    outlet: Exchange
    milk: Variant
    cheese: Variant
    fee: Fee
    to_town: Grant
    to_exe: Grant

    def offer(self) -> dict[str, Any]:
        outlet = Exchange.objects.select_related("cycle__coordinator__unit", "enterprise__unit").get(pk=self.outlet.pk)
        return offers.live(outlet).as_dict()

    def seen(self) -> dict[str, Any]:
        outlet = Exchange.objects.select_related("cycle__coordinator__unit", "enterprise__unit").get(pk=self.outlet.pk)
        return offers.as_seen(access(self.town), outlet)


def make(state: CycleState) -> Market:
    exe, ash, town = hub("Exe"), producer("Ash"), hub("Town")
    to_exe, to_town = grant(ash, exe), grant(ash, town)
    grant(town, exe)
    cycle = CycleFactory.create(coordinator=exe, state=state)
    # An offer is in the order of names. Those of the factory count on from test to test: "Product 10" comes before "9".
    milk = VariantFactory.create(of=ash, product__name="A pint of milk", price=Decimal("4.50"))
    cheese = VariantFactory.create(of=ash, product__name="Cheese", price=Decimal("8.25"))
    fee = FeeFactory.create(owner=ash, name="Packing", amount=Decimal("0.255"))
    supply = ExchangeFactory.create(cycle=cycle, enterprise=ash, variants=[milk, cheese], fees=[fee])
    outlet = ExchangeFactory.create(
        cycle=cycle,
        enterprise=town,
        direction=Direction.OUTGOING,
        variants=[milk, cheese],
        fees=[FeeFactory.create(owner=town, charge="percent", amount=Decimal(10))],
    )
    CycleFee.objects.create(cycle=cycle, fee=FeeFactory.create(owner=exe, charge="per_order", amount=Decimal(2)))
    return Market(exe, ash, town, cycle, supply, outlet, milk, cheese, fee, to_town, to_exe)


@pytest.fixture
def closed() -> Market:
    """The cycle has closed by the clock, and no worker has recorded it."""
    return make(CycleState.CLOSED)


def _end_grant(market: Market) -> None:
    grants.withdraw(access(market.ash), grant=market.to_town)


def _give_up(market: Market) -> None:
    grants.give_up(access(market.exe), grant=market.to_exe)


def _price(market: Market) -> None:
    catalogue.edit_variant(access(market.ash), variant=market.milk, price=Decimal("9.99"))


def _archive_variant(market: Market) -> None:
    catalogue.archive_variant(access(market.ash), variant=market.milk)


def _archive_product(market: Market) -> None:
    catalogue.archive_product(access(market.ash), product=market.milk.product)


def _rename_product(market: Market) -> None:
    catalogue.edit_product(access(market.ash), product=market.milk.product, name="Something else")


def _fee(market: Market) -> None:
    fees.edit_fee(access(market.ash), fee=market.fee, amount=Decimal(3))


def _archive_fee(market: Market) -> None:
    fees.archive_fee(access(market.ash), fee=market.fee)


def _staff() -> Access:
    return Access.for_user(StaffFactory.create()).acting("Closed down")


def _archive_unit(market: Market) -> None:
    units.archive_unit(_staff(), unit=market.ash.unit)


def _rename_unit(market: Market) -> None:
    units.edit_unit(access(market.ash), unit=market.ash.unit, name="Ash Farm Dairy")


def _archive_organisation(market: Market) -> None:
    organisations.archive_organisation(_staff(), organisation=market.ash.unit.organisation)


def _rename_organisation(market: Market) -> None:
    organisations.edit_organisation(_staff(), organisation=market.ash.unit.organisation, name="Ash Holdings")


def _trading(market: Market) -> None:
    businesses.edit_trading(access(market.ash), business=market.ash, is_producer=False)
    businesses.edit_trading(access(market.town), business=market.town, sells=Sells.OWN)


@pytest.mark.parametrize(
    "change",
    [
        _end_grant,
        _give_up,
        _price,
        _archive_variant,
        _archive_product,
        _rename_product,
        _fee,
        _archive_fee,
        _archive_unit,
        _rename_unit,
        _archive_organisation,
    ],
)
def test_whoever_changes_something_records_what_had_closed(closed: Market, change: Callable[[Market], None]) -> None:
    before = closed.offer()
    assert [line["price_with_fees"] for line in before["lines"]] == ["5.21", "9.33"]
    assert offers.recorded(closed.cycle, closed.town.pk) is None
    change(closed)
    assert offers.recorded(closed.cycle, closed.town.pk) == before
    assert closed.seen() == {**before, "recorded": True}
    assert closed.offer() != before


@pytest.mark.parametrize("change", [_rename_organisation, _trading])
def test_what_an_offer_does_not_rest_on_changes_nothing(closed: Market, change: Callable[[Market], None]) -> None:
    before = closed.offer()
    change(closed)
    record_due()
    assert offers.recorded(closed.cycle, closed.town.pk) == before


def test_the_job_records_each_once_and_late_is_no_harm(closed: Market) -> None:
    before = closed.offer()
    running = make(CycleState.OPEN)
    assert (record_due(), record_due()) == (1, 0)
    assert offers.recorded(closed.cycle, closed.town.pk) == before
    assert not RecordedOffer.objects.filter(cycle=running.cycle).exists()
    assert closed.seen()["recorded"] is True
    assert running.seen()["recorded"] is False


def test_a_record_is_never_changed(closed: Market) -> None:
    record_due()
    for attempt in (
        lambda: RecordedOffer.objects.update(body={}),
        lambda: RecordedOffer.objects.all().delete(),
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            attempt()
    with pytest.raises(Refused) as refused:
        cycles.delete_cycle(access(closed.exe), cycle=closed.cycle)
    assert refused.value.decision.code == "L3"


def test_closing_records_at_once() -> None:
    market = make(CycleState.OPEN)
    before = market.offer()
    cycles.close_cycle(access(market.exe), cycle=market.cycle)
    assert offers.recorded(market.cycle, market.town.pk) == before
    grants.withdraw(access(market.ash), grant=market.to_town)
    assert offers.recorded(market.cycle, market.town.pk) == before


def test_what_ends_after_closing_is_no_lapse_in_what_has_closed(closed: Market) -> None:
    """Nor does what had lapsed by then stand again when its cause is undone."""
    catalogue.archive_variant(access(closed.ash), variant=closed.cheese)
    other = make(CycleState.CLOSED)
    other.cheese.archived_at = clock.now()
    other.cheese.save()
    for market in (closed, other):
        _end_grant(market)
        _give_up(market)
    other.cheese.archived_at = None
    other.cheese.save()
    lanes, rows = ({}, {})
    for name, market in (("whole", closed), ("without cheese", other)):
        hers = access(market.exe)
        cycle = OrderCycle.objects.select_related("coordinator__unit").get(pk=market.cycle.pk)
        (lane,) = pictures.lanes(hers, cycle)
        whole = pictures.whole_cycle(hers, cycle).picture
        apart = pictures.exchange_rows(hers, cycle, pictures.seen_in(hers, cycle))
        counted = {(row.direction, row.lapsed) for row in apart}
        assert counted == {(row.direction, row.lapsed) for row in (*whole.incoming, *whole.outgoing)}
        lanes[name] = (lane.flows, lane.lapsed, lane.reasons, counted)
        outlet = Exchange.objects.select_related("cycle__coordinator__unit", "enterprise__unit").get(
            pk=market.outlet.pk
        )
        goods = pictures.exchange_products(hers, outlet).rows
        rows[name] = [row.lapsed for row in sorted(goods, key=lambda row: row.price)]
        lapsed = pictures.exchange_products(hers, outlet, only="lapsed").rows
        assert [row.key for row in lapsed] == [row.key for row in goods if row.lapsed]
    assert lanes == {
        "whole": (2, 0, (), {("incoming", 0), ("outgoing", 0)}),
        "without cheese": (1, 1, (), {("incoming", 0), ("outgoing", 1)}),
    }
    assert rows == {"whole": [(), ()], "without cheese": [(), ("not_on_offer",)]}


def test_a_producer_sees_its_own_lines_without_the_hubs_fees(closed: Market) -> None:
    bram = producer("Bram")
    grant(bram, closed.exe)
    grant(bram, closed.town)
    kale = VariantFactory.create(of=bram, price=Decimal(1))
    ExchangeFactory.create(cycle=closed.cycle, enterprise=bram, variants=[kale])
    closed.outlet.exchange_variants.create(variant=kale)
    outlet = Exchange.objects.select_related("cycle__coordinator__unit", "enterprise__unit").get(pk=closed.outlet.pk)
    seen = offers.as_seen(access(bram), outlet)
    assert [(line["variant"], line["fees"]) for line in seen["lines"]] == [(kale.public_id, [])]
    assert [fee["source"] for fee in seen["per_order_fees"]] == ["coordinator"]


# --- L4 -----------------------------------------------------------------------------------------------------------


def standing() -> set[tuple[int, int]]:
    """Everything that stands anywhere: (exchange, variant)."""
    found = set()
    for exchange in Exchange.objects.select_related("cycle"):
        found |= {(exchange.pk, row.variant_id) for row in effective.effective(exchange)}
    return found


@pytest.mark.parametrize("state", [CycleState.DRAFT, CycleState.UPCOMING, CycleState.OPEN])
@pytest.mark.parametrize("which", ["to_town", "to_exe", "hub_to_coordinator"])
def test_what_is_shown_before_a_grant_ends_is_what_lapses(state: CycleState, which: str) -> None:
    market, other = make(state), make(CycleState.CLOSED)
    ours = Grant.objects.get(content_object=market.town) if which == "hub_to_coordinator" else getattr(market, which)
    granter = {"hub_to_coordinator": market.town}.get(which, market.ash)
    preview = grants.withdrawal_preview(access(granter), grant=ours)
    before = standing()
    grants.withdraw(access(granter), grant=ours)
    lapsed = before - standing()
    outgoing = {(exchange, variant) for exchange, variant in lapsed if exchange == market.outlet.pk}
    (cycle,) = preview["cycles"]
    assert (cycle["id"], cycle["state"]) == (market.cycle.public_id, state)
    assert preview["variants"] == cycle["variants"] == len(outgoing) == 2
    assert cycle["supplied"] == len(lapsed - outgoing) == (2 if which == "to_exe" else 0)
    assert [(one["id"], one["variants"]) for one in cycle["hubs"]] == [(market.town.public_id, 2)]
    assert other.cycle.public_id not in str(preview)


def test_both_sides_see_the_preview_and_nobody_else() -> None:
    market = make(CycleState.OPEN)
    for side in (market.ash, market.town):
        assert grants.withdrawal_preview(access(side), grant=market.to_town)["variants"] == 2
    with pytest.raises(Exception, match="Not found"):
        grants.withdrawal_preview(access(market.exe), grant=market.to_town)
    with pytest.raises(Refused):
        grants.withdrawal_preview(access(market.ash, role="viewer"), grant=market.to_town)


def test_a_grant_of_another_kind_lets_nothing_lapse() -> None:
    market = make(CycleState.OPEN)
    other = grant(market.ash, market.exe, "manage_products")
    assert grants.withdrawal_preview(access(market.ash), grant=other) == {
        "grant": other.public_id,
        "variants": 0,
        "cycles": [],
    }


def test_a_cycle_that_closes_while_it_is_looked_at() -> None:
    """The clock decides: a minute before closing it lapses, a minute after it is history."""
    market = make(CycleState.OPEN)
    closes_at = market.cycle.closes_at
    assert closes_at is not None
    with clock.at(closes_at - timedelta(minutes=1)):
        assert grants.withdrawal_preview(access(market.ash), grant=market.to_town)["variants"] == 2
    with clock.at(closes_at):
        assert grants.withdrawal_preview(access(market.ash), grant=market.to_town)["variants"] == 0
        with pytest.raises(Refused):
            exchanges.remove_exchange(access(market.exe), exchange=market.outlet)
