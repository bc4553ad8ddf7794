"""One order cycle from beginning to end, through the verbs: what each step allows, refuses and leaves behind."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from common import clock
from common.errors import ConfirmationNeeded, NotFound, Stale
from ordercycles import offers, pictures, reads
from ordercycles.domain import cycles, exchanges
from ordercycles.enums import CycleState, Direction
from ordercycles.models import Notice, RecordedOffer
from organisations.domain import grants
from organisations.models import Connection
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Refused, RefusedItems
from permissions.models import Grant
from tests.factories import FeeFactory, VariantFactory, access, grant, hub, producer

pytestmark = pytest.mark.django_db


def test_a_cycle_from_beginning_to_end() -> None:
    exe, moor = hub("Exe Hub"), hub("Moor Hub", is_ready=False)
    dairy, farm = producer("Ashclyst Dairy"), producer("Culm Farm")
    butter, milk = (
        VariantFactory.create(product__producer=dairy, product__name=name, price=Decimal("1.25"))
        for name in ("Butter", "Milk")
    )
    leeks = VariantFactory.create(product__producer=farm, price=Decimal("2.00"))
    coordinator, dairyman = access(exe), access(dairy)
    ours = grant(dairy, exe)
    grant(moor, exe)

    cycle = cycles.create_cycle(coordinator, coordinator=exe, name="Saturday box")
    assert cycle.state == CycleState.DRAFT
    now = clock.now()
    cycle = cycles.edit_cycle(
        coordinator, cycle=cycle, version=1, opens_at=now + timedelta(days=1), closes_at=now + timedelta(days=3)
    )
    assert (cycle.state, cycle.version) == (CycleState.UPCOMING, 2)
    with pytest.raises(Stale) as stale:
        cycles.edit_cycle(coordinator, cycle=cycle, version=1, name="Sunday box")
    assert [(one["by"], one["what"]) for one in stale.value.changes] == [(coordinator.name, "changed name or times")]

    with pytest.raises(NotFound):
        exchanges.add_exchange(coordinator, cycle=cycle, direction=Direction.INCOMING, enterprise=farm)
    with pytest.raises(NotFound):
        reads.get_cycle(dairyman, cycle.public_id)
    incoming = exchanges.add_exchange(coordinator, cycle=cycle, direction=Direction.INCOMING, enterprise=dairy)
    assert Notice.objects.get(enterprise=dairy).text == (
        "Ashclyst Dairy has been added to “Saturday box” of Exe Hub as a producer."
    )
    with pytest.raises(Refused) as unready:
        exchanges.add_exchange(coordinator, cycle=cycle, direction=Direction.OUTGOING, enterprise=moor)
    assert unready.value.decision.code == "C5"
    assert unready.value.decision.missing == ("C5", "C5", "C5")
    assert "Moor Hub has no shipping method." in unready.value.decision.reason
    assert unready.value.code == "not_possible_now"

    outgoing = exchanges.add_exchange(coordinator, cycle=cycle, direction=Direction.OUTGOING, enterprise=exe)
    with pytest.raises(RefusedItems) as refused:
        exchanges.change_variants(coordinator, exchange=outgoing, add=[milk.public_id, leeks.public_id])
    assert {key: one.code for key, one in refused.value.decisions.items()} == {
        milk.public_id: "C7",
        leeks.public_id: "X2",
    }
    added = exchanges.change_variants(dairyman, exchange=incoming, add=[milk.public_id, butter.public_id])
    assert (added.added, added.removed) == (2, 0)
    exchanges.change_variants(coordinator, exchange=outgoing, add=[milk.public_id, butter.public_id], version=1)
    packing = FeeFactory.create(owner=exe, name="Packing", charge="percent", amount=Decimal(10))
    exchanges.change_fees(coordinator, exchange=outgoing, add=[packing.public_id])

    (live,) = [offers.live(one) for one in offers.outgoing(cycle)]
    assert [(line.variant, line.price_with_fees) for line in live.lines] == [
        (butter.public_id, Decimal("1.38")),
        (milk.public_id, Decimal("1.38")),
    ]
    with pytest.raises(ConfirmationNeeded) as needed:
        exchanges.change_variants(dairyman, exchange=incoming, remove=[milk.public_id])
    assert needed.value.preview["hubs"] == [{"id": exe.public_id, "name": "Exe Hub", "variants": 1}]

    preview = grants.withdrawal_preview(dairyman, grant=ours)
    assert preview["variants"] == 2
    grants.withdraw(dairyman, grant=ours)
    assert offers.live(offers.outgoing(cycle)[0]).lines == ()
    page = pictures.exchange_products(coordinator, reads.get_exchange(coordinator, outgoing.public_id))
    assert [row.lapsed for row in page.rows] == [("producer_coordinator_grant", "producer_hub_grant")] * 2
    grants.give(dairyman, granter=dairy, grantee=exe)
    assert len(offers.live(offers.outgoing(cycle)[0]).lines) == 2

    cycle = cycles.edit_cycle(coordinator, cycle=cycle, opens_at=now - timedelta(minutes=1))
    cycle = cycles.close_cycle(coordinator, cycle=cycle)
    body = RecordedOffer.objects.get(cycle=cycle).body
    assert [line["price_with_fees"] for line in body["lines"]] == ["1.38", "1.38"]
    with pytest.raises(RefusedItems) as closed:
        exchanges.change_variants(coordinator, exchange=outgoing, remove=[milk.public_id])
    assert [one.code for one in closed.value.decisions.values()] == ["L3"]


def test_the_picture_of_a_cycle_for_each_party() -> None:
    exe, stall = hub("Exe Hub"), hub("Stall")
    dairy, farm = producer("Ashclyst Dairy"), producer("Culm Farm")
    for one in (dairy, farm, stall):
        grant(one, exe)
    grant(dairy, stall)
    milk, leeks = VariantFactory.create(product__producer=dairy), VariantFactory.create(product__producer=farm)
    coordinator = access(exe)
    cycle = cycles.create_cycle(coordinator, coordinator=exe, name="Box")
    into = {
        one: exchanges.add_exchange(coordinator, cycle=cycle, direction=Direction.INCOMING, enterprise=one)
        for one in (dairy, farm)
    }
    out = {
        one: exchanges.add_exchange(coordinator, cycle=cycle, direction=Direction.OUTGOING, enterprise=one)
        for one in (exe, stall)
    }
    exchanges.change_variants(coordinator, exchange=into[dairy], add=[milk.public_id])
    exchanges.change_variants(coordinator, exchange=into[farm], add=[leeks.public_id])
    exchanges.change_variants(coordinator, exchange=out[exe], add=[milk.public_id, leeks.public_id])

    def seen(actor: Access) -> tuple[list[str], list[str], list[tuple[str, str, int, bool]]]:
        picture = pictures.cycle_picture(actor, cycle)
        return (
            [row.enterprise.name for row in picture.incoming],
            [row.enterprise.name for row in picture.outgoing],
            [(row.producer.name, row.hub.name, row.flows, bool(row.add)) for row in pictures.lanes(actor, cycle)],
        )

    assert seen(coordinator) == (
        ["Ashclyst Dairy", "Culm Farm"],
        ["Exe Hub", "Stall"],
        [
            ("Ashclyst Dairy", "Exe Hub", 1, True),
            ("Culm Farm", "Exe Hub", 1, True),
            ("Ashclyst Dairy", "Stall", 0, True),
        ],
    )
    assert seen(access(farm)) == (["Culm Farm"], ["Exe Hub"], [("Culm Farm", "Exe Hub", 1, False)])
    assert seen(access(stall)) == (["Ashclyst Dairy"], ["Stall"], [("Ashclyst Dairy", "Stall", 0, True)])
    rows = pictures.candidates(coordinator, cycle, Direction.OUTGOING)
    assert [(row.enterprise.name, row.granted, row.taking_part, row.decision.code) for row in rows] == [
        ("Exe Hub", True, True, "C5"),
        ("Stall", True, True, "C5"),
    ]
    assert pictures.cycle_picture(access(farm), cycle).decisions[Action.ORDER_CYCLE_EDIT].code == "P2"


def test_a_copy_reports_what_it_left_out() -> None:
    exe, dairy, farm = hub("Exe Hub"), producer("Ashclyst Dairy"), producer("Culm Farm")
    first, _ = grant(dairy, exe), grant(farm, exe)
    milk = VariantFactory.create(product__producer=dairy)
    leeks, kale = VariantFactory.create_batch(2, product__producer=farm)
    coordinator = access(exe)
    cycle = cycles.create_cycle(coordinator, coordinator=exe, name="Box")
    for one, goods in ((dairy, [milk]), (farm, [leeks, kale])):
        exchange = exchanges.add_exchange(coordinator, cycle=cycle, direction=Direction.INCOMING, enterprise=one)
        exchanges.change_variants(coordinator, exchange=exchange, add=[each.public_id for each in goods])
    out = exchanges.add_exchange(coordinator, cycle=cycle, direction=Direction.OUTGOING, enterprise=exe)
    exchanges.change_variants(coordinator, exchange=out, add=[milk.public_id, leeks.public_id, kale.public_id])
    grants.withdraw(access(dairy), grant=first)
    kale.archived_at = clock.now()
    kale.save(update_fields=["archived_at"])

    report = cycles.copy_cycle(coordinator, cycle=cycle)

    assert sorted((one.what, one.code) for one in report.left_out) == [
        ("incoming", "C4"),
        ("variant", "C7"),
        ("variant", "C7"),
        ("variant", "L2"),
    ]
    assert report.cycle.name == "Box (copy)"
    picture = pictures.cycle_picture(coordinator, report.cycle)
    assert [(row.enterprise.name, row.variants, row.lapsed) for row in (*picture.incoming, *picture.outgoing)] == [
        ("Culm Farm", 1, 0),
        ("Exe Hub", 1, 0),
    ]


def test_a_grant_that_ended_can_be_asked_for_and_given_back() -> None:
    exe, dairy = hub("Exe Hub"), producer("Ashclyst Dairy")
    given = grant(dairy, exe)
    coordinator, dairyman = access(exe), access(dairy)
    assert reads.get_enterprise(coordinator, dairy.public_id) == dairy
    grants.withdraw(dairyman, grant=given)
    assert reads.get_enterprise(coordinator, dairy.public_id) == dairy
    assert reads.get_enterprise(dairyman, exe.public_id) == exe
    request = grants.ask(coordinator, granter=dairy, grantee=exe)
    grants.approve(dairyman, request=request)
    grants.give_up(coordinator, grant=Grant.objects.get(content_object=dairy))
    assert Connection.objects.count() == 1
