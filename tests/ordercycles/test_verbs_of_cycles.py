"""What the verbs of cycles, exchanges and grants say to input that cannot be used, and what they leave alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from common import clock
from common.errors import ConfirmationNeeded, Conflict, Invalid, NotFound, Stale
from common.ids import new_id
from ordercycles.domain import cycles, exchanges
from ordercycles.domain.catalogue import create_product
from ordercycles.domain.reading import mark_read
from ordercycles.domain.support import by_public_id, lock_cycle, lock_exchange
from ordercycles.enums import CycleState, Direction
from ordercycles.models import CycleFee, Exchange, ExchangeVariant, Notice, OrderCycle
from organisations.domain import grants
from organisations.models import Business
from permissions.access import Access
from permissions.decisions import Refused, RefusedItems
from permissions.models import Grant, GrantRequest
from permissions.models.grants import RequestStatus
from tests.factories import (
    CycleFactory,
    ExchangeFactory,
    FeeFactory,
    VariantFactory,
    access,
    archive,
    grant,
    hub,
    producer,
    withdraw,
)

pytestmark = pytest.mark.django_db
NAIVE = datetime(2030, 1, 1, 8, 0)  # noqa: DTZ001
HOUR = timedelta(hours=1)


def problems(call: Callable[[], Any]) -> list[tuple[str, str]]:
    """Pointer and code of everything that is wrong with the input."""
    with pytest.raises(Invalid) as invalid:
        call()
    return [(one.pointer, one.code) for one in invalid.value.errors]


# --- cycles -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"name": "  "}, [("/name", "required")]),
        ({"name": "two\nlines"}, [("/name", "invalid")]),
        ({"name": "x" * 201}, [("/name", "invalid")]),
        ({"opens_at": NAIVE}, [("/opens_at", "naive")]),
        ({"opens_at": NAIVE, "closes_at": NAIVE}, [("/opens_at", "naive"), ("/closes_at", "naive")]),
    ],
)
def test_a_new_cycle_needs_a_name_and_times_with_a_zone(
    values: dict[str, Any], expected: list[tuple[str, str]]
) -> None:
    exe = hub("Exe")
    given = {"name": "Week 1", **values}
    assert problems(lambda: cycles.create_cycle(access(exe), coordinator=exe, **given)) == expected
    assert not OrderCycle.objects.exists()


def test_a_cycle_closes_after_it_opens_and_not_in_the_past() -> None:
    exe = hub("Exe")
    now = clock.now()
    make: dict[str, Any] = {"coordinator": exe, "name": "Week 1"}
    backwards: dict[str, Any] = {"opens_at": now + 2 * HOUR, "closes_at": now + HOUR}
    past: dict[str, Any] = {"opens_at": now - 2 * HOUR, "closes_at": now - HOUR}
    assert problems(lambda: cycles.create_cycle(access(exe), **make, **backwards)) == [
        ("/closes_at", "closes_before_it_opens")
    ]
    assert problems(lambda: cycles.create_cycle(access(exe), **make, **past)) == [("/closes_at", "in_the_past")]
    cycle = CycleFactory.create(coordinator=exe)
    edit: dict[str, Any] = {"cycle": cycle, **past}
    assert problems(lambda: cycles.edit_cycle(access(exe), **edit)) == [("/closes_at", "in_the_past")]


@pytest.mark.parametrize("field", ["opens_at", "closes_at"])
def test_an_open_cycle_keeps_both_its_dates(field: str) -> None:
    cycle = CycleFactory.create(state=CycleState.OPEN)
    change: dict[str, Any] = {field: None}
    coordinator = access(cycle.coordinator)
    assert problems(lambda: cycles.edit_cycle(coordinator, cycle=cycle, **change)) == [(f"/{field}", "required")]


def test_an_open_cycle_does_not_become_upcoming_again() -> None:
    cycle = CycleFactory.create(state=CycleState.OPEN)
    coordinator, now = access(cycle.coordinator), clock.now()
    later: dict[str, Any] = {"cycle": cycle, "opens_at": now + HOUR, "closes_at": now + 2 * HOUR}
    assert problems(lambda: cycles.edit_cycle(coordinator, **later)) == [("/opens_at", "has_opened")]
    assert cycles.edit_cycle(coordinator, cycle=cycle, opens_at=now - 5 * HOUR).state == CycleState.OPEN


def test_a_draft_whose_closing_time_has_passed_is_told_of_that_time() -> None:
    now = clock.now()
    cycle = CycleFactory.create(opens_at=None, closes_at=now - HOUR)
    coordinator = access(cycle.coordinator)
    late: dict[str, Any] = {"cycle": cycle, "opens_at": now - 2 * HOUR}
    assert problems(lambda: cycles.edit_cycle(coordinator, **late)) == [("/closes_at", "in_the_past")]
    assert cycles.edit_cycle(coordinator, cycle=cycle, name="Another").state == CycleState.DRAFT


def test_a_draft_can_lose_a_date_and_saving_the_same_changes_nothing() -> None:
    cycle = CycleFactory.create()
    coordinator = access(cycle.coordinator)
    assert cycles.edit_cycle(coordinator, cycle=cycle, name=f" {cycle.name} ").version == 1
    edited = cycles.edit_cycle(coordinator, cycle=cycle, closes_at=None)
    assert (edited.version, edited.state) == (2, CycleState.DRAFT)


def test_what_is_gone_is_not_found() -> None:
    exchange = ExchangeFactory.create()
    cycle, coordinator = exchange.cycle, access(exchange.cycle.coordinator)
    gone = Exchange.objects.select_related("cycle").get(pk=exchange.pk)
    cycles.delete_cycle(coordinator, cycle=cycle, version=1)
    assert OrderCycle.objects.count() == 0
    for lock in (lambda: lock_cycle(gone.cycle), lambda: lock_exchange(gone)):
        with pytest.raises(NotFound):
            lock()


def test_each_verb_on_a_cycle_heeds_the_version() -> None:
    cycle = CycleFactory.create(state=CycleState.OPEN)
    coordinator = access(cycle.coordinator)
    exchange = ExchangeFactory.create(cycle=cycle)
    calls: list[Callable[[], Any]] = [
        lambda: cycles.close_cycle(coordinator, cycle=cycle, version=7),
        lambda: cycles.attach_cycle_fees(coordinator, cycle=cycle, version=7),
        lambda: exchanges.remove_exchange(coordinator, exchange=exchange, version=7),
        lambda: exchanges.change_fees(coordinator, exchange=exchange, version=7),
        lambda: exchanges.set_notes(coordinator, exchange=exchange, version=7),
    ]
    for call in calls:
        with pytest.raises(Stale):
            call()


def test_coordinator_fees_go_on_once_and_come_off() -> None:
    cycle = CycleFactory.create()
    coordinator = access(cycle.coordinator)
    fee, old = FeeFactory.create_batch(2, owner=cycle.coordinator)
    assert cycles.attach_cycle_fees(coordinator, cycle=cycle, add=[fee]).version == 2
    assert cycles.attach_cycle_fees(coordinator, cycle=cycle, add=[fee]).version == 2
    assert cycles.attach_cycle_fees(coordinator, cycle=cycle).version == 2
    assert cycles.attach_cycle_fees(coordinator, cycle=cycle, remove=[fee]).version == 3
    assert not CycleFee.objects.exists()
    # What is named twice counts once; what is named in both lists is a mistake.
    assert cycles.attach_cycle_fees(coordinator, cycle=cycle, add=[fee, fee]).version == 4
    assert CycleFee.objects.count() == 1
    both = lambda: cycles.attach_cycle_fees(coordinator, cycle=cycle, add=[fee], remove=[fee])  # noqa: E731
    assert problems(both) == [("/remove/0", "in_both")]
    archive(old)
    with pytest.raises(RefusedItems) as refused:
        cycles.attach_cycle_fees(coordinator, cycle=cycle, add=[old])
    assert [decision.code for decision in refused.value.decisions.values()] == ["F1"]


def test_those_who_take_part_are_told_of_the_coordinators_fees() -> None:
    cycle = CycleFactory.create(name="Week 1")
    exchange = ExchangeFactory.create(cycle=cycle)
    fee = FeeFactory.create(owner=cycle.coordinator)
    coordinator = access(cycle.coordinator)
    cycles.attach_cycle_fees(coordinator, cycle=cycle, add=[fee])
    text = "The coordinator's fees of “Week 1” have changed."
    told = Notice.objects.values_list("enterprise", "kind", "text", "actor")
    assert list(told) == [(exchange.enterprise.pk, "changed", text, coordinator.user_id)]


def test_a_participant_does_not_touch_the_cycle_by_saving_nothing() -> None:
    exchange = ExchangeFactory.create()
    hers = access(exchange.enterprise)
    assert cycles.attach_cycle_fees(hers, cycle=exchange.cycle).version == 1
    assert exchanges.change_fees(hers, exchange=exchange).version == 1
    assert exchanges.change_variants(hers, exchange=exchange).exchange.version == 1
    assert not Notice.objects.exists()


def test_a_cycle_whose_offer_is_recorded_is_kept() -> None:
    exe = hub("Exe")
    cycle = CycleFactory.create(coordinator=exe, state=CycleState.OPEN)
    ExchangeFactory.create(cycle=cycle, enterprise=exe, direction=Direction.OUTGOING)
    cycles.close_cycle(access(exe), cycle=cycle)
    # As no verb does: opened again.
    OrderCycle.objects.filter(pk=cycle.pk).update(opens_at=None)
    cycle.refresh_from_db()
    with pytest.raises(Conflict) as kept:
        cycles.delete_cycle(access(exe), cycle=cycle)
    assert kept.value.code == "recorded"


def test_a_copy_takes_over_what_still_passes_and_reports_the_rest() -> None:
    exe, ash, bram, town, quay = hub("Exe"), producer("Ash"), producer("Bram"), hub("Town"), hub("Quay")
    for one in (ash, bram, town, quay):
        grant(one, exe)
    grant(ash, town)
    cycle = CycleFactory.create(coordinator=exe, name="Week 1")
    milk, curd, kale = VariantFactory.create(of=ash), VariantFactory.create(of=ash), VariantFactory.create(of=bram)
    fee, gone, theirs = FeeFactory.create(owner=exe), FeeFactory.create(owner=exe), FeeFactory.create(owner=bram)
    CycleFee.objects.bulk_create([CycleFee(cycle=cycle, fee=fee), CycleFee(cycle=cycle, fee=gone)])
    ExchangeFactory.create(cycle=cycle, enterprise=ash, variants=[milk, curd], fees=[fee, gone], delivery_notes="Early")
    ExchangeFactory.create(cycle=cycle, enterprise=bram, variants=[kale], fees=[theirs])
    ExchangeFactory.create(
        cycle=cycle, enterprise=town, direction=Direction.OUTGOING, variants=[milk, curd, kale], fees=[theirs]
    )
    ExchangeFactory.create(cycle=cycle, enterprise=quay, direction=Direction.OUTGOING)
    withdraw(bram, exe)
    archive(curd)
    archive(gone)
    quay.payment_methods.update(is_active=False)
    report = cycles.copy_cycle(access(exe), cycle=cycle)
    assert (report.cycle.name, report.cycle.copied_from, report.cycle.state) == ("Week 1 (copy)", cycle, "draft")
    assert sorted((one.what, one.public_id, one.code) for one in report.left_out) == sorted(
        [
            # Of the cycle, of Ash's part, of Town's part.
            ("fee", gone.public_id, "F1"),
            ("variant", curd.public_id, "L2"),
            ("fee", gone.public_id, "F1"),
            ("incoming", bram.public_id, "C4"),
            ("variant", curd.public_id, "C7"),
            ("variant", kale.public_id, "C7"),
            ("fee", theirs.public_id, "C10"),
            ("outgoing", quay.public_id, "C5"),
        ]
    )
    goods = ExchangeVariant.objects.filter(exchange__cycle=report.cycle)
    assert set(goods.values_list("exchange__direction", "variant")) == {("incoming", milk.pk), ("outgoing", milk.pk)}
    assert Exchange.objects.get(cycle=report.cycle, enterprise=ash).delivery_notes == "Early"
    named = cycles.copy_cycle(access(exe), cycle=cycle, name="Week 2")
    assert named.cycle.name == "Week 2"


# --- exchanges --------------------------------------------------------------------------------------------------


def test_a_direction_is_incoming_or_outgoing() -> None:
    exe = hub("Exe")
    cycle = CycleFactory.create(coordinator=exe)
    call = lambda: exchanges.add_exchange(access(exe), cycle=cycle, direction="sideways", enterprise=exe)  # noqa: E731
    assert problems(call) == [("/direction", "unknown_choice")]


def test_removing_what_hubs_carry_asks_first() -> None:
    exe, ash, town = hub("Exe"), producer("Ash"), hub("Town")
    for granter, grantee in ((ash, exe), (ash, town), (town, exe)):
        grant(granter, grantee)
    cycle = CycleFactory.create(coordinator=exe)
    milk, curd = VariantFactory.create(of=ash), VariantFactory.create(of=ash)
    supply = ExchangeFactory.create(cycle=cycle, enterprise=ash, variants=[milk, curd])
    outlet = ExchangeFactory.create(cycle=cycle, enterprise=town, direction=Direction.OUTGOING, variants=[milk])
    preview = {"variants": 1, "hubs": [{"id": town.public_id, "name": "Town", "variants": 1}]}
    assert exchanges.removal_preview(access(exe), exchange=supply) == preview
    assert exchanges.removal_preview(access(exe), exchange=outlet) == preview
    with pytest.raises(ConfirmationNeeded) as asked:
        exchanges.change_variants(access(ash), exchange=supply, remove=[milk.public_id])
    assert asked.value.preview == preview
    with pytest.raises(ConfirmationNeeded):
        exchanges.remove_exchange(access(exe), exchange=supply)
    done = exchanges.change_variants(access(ash), exchange=supply, remove=[curd.public_id])
    assert (done.added, done.removed, done.exchange.version) == (0, 1, 2)
    both = exchanges.change_variants(
        access(ash), exchange=supply, add=[curd.public_id], remove=[milk.public_id], confirmed=True
    )
    assert (both.added, both.removed) == (1, 1)
    text = Notice.objects.filter(enterprise=ash).values_list("text", flat=True)
    assert not text, "her own people did it"
    # The hub is another: what it carries goes from it.
    with pytest.raises(ConfirmationNeeded) as asked:
        exchanges.remove_exchange(access(exe), exchange=outlet)
    assert asked.value.preview == preview
    exchanges.remove_exchange(access(exe, town), exchange=Exchange.objects.get(pk=outlet.pk))
    outlet = ExchangeFactory.create(cycle=cycle, enterprise=town, direction=Direction.OUTGOING, variants=[curd])
    exchanges.remove_exchange(access(exe), exchange=outlet, confirmed=True)
    assert told(town)[-1] == f"Town has been removed from “{cycle.name}” of Exe."


def told(enterprise: Business) -> list[str]:
    """What the enterprise has been told, oldest first; once."""
    rows = Notice.objects.filter(enterprise=enterprise)
    texts = list(rows.order_by("pk").values_list("text", flat=True))
    rows.delete()
    return texts


def test_hubs_and_coordinator_are_told_of_goods_that_are_no_longer_supplied() -> None:
    exe, ash, town, quay = hub("Exe"), producer("Ash"), hub("Town"), hub("Quay")
    cycle = CycleFactory.create(coordinator=exe, name="Week 1")
    milk, curd = VariantFactory.create(of=ash), VariantFactory.create(of=ash)
    supply = ExchangeFactory.create(cycle=cycle, enterprise=ash, variants=[milk, curd])
    for one, goods in ((town, [milk]), (quay, [curd])):
        ExchangeFactory.create(cycle=cycle, enterprise=one, direction=Direction.OUTGOING, variants=goods)
    out = "1 product of Ash has been taken out of “Week 1”."
    for _ in range(2):
        # The second time there is nothing to take out, and nobody is told.
        exchanges.change_variants(access(ash), exchange=supply, remove=[milk.public_id], confirmed=True)
    lapses = f"{out} What you carry of it is not on offer any more."
    assert (told(exe), told(town), told(quay), told(ash)) == ([out], [lapses], [], [])


def test_lists_of_goods_are_checked_as_a_whole() -> None:
    exchange = ExchangeFactory.create()
    grant(exchange.enterprise, exchange.cycle.coordinator)
    mine, others = VariantFactory.create(of=exchange.enterprise), VariantFactory.create()
    hers = access(exchange.enterprise)

    def change(**lists: list[str]) -> Any:
        return exchanges.change_variants(
            hers, exchange=exchange, add=lists.get("add", ()), remove=lists.get("remove", ())
        )

    assert problems(lambda: change(add=["milk"], remove=[new_id("fee")])) == [
        ("/add/0", "not_an_id"),
        ("/remove/0", "not_an_id"),
    ]
    assert problems(lambda: change(add=[mine.public_id], remove=[mine.public_id])) == [("/remove/0", "in_both")]
    assert problems(lambda: change(add=[mine.public_id] * 5_001)) == [("", "too_many")]
    # One that is not there, and one that she may not know of, look the same.
    for hidden in (new_id("var"), others.public_id):
        assert not_found(partial(change, add=[mine.public_id, hidden])) == [hidden]
        assert not_found(partial(change, remove=[hidden])) == [hidden]
    assert not ExchangeVariant.objects.exists()


def not_found(call: Callable[[], Any]) -> list[str]:
    """The ids that are refused as not found."""
    with pytest.raises(RefusedItems) as refused:
        call()
    return [public_id for public_id, decision in refused.value.decisions.items() if not decision.visible]


def test_a_fee_that_is_not_there_is_not_found() -> None:
    exchange = ExchangeFactory.create()
    hers = access(exchange.enterprise)
    fee = FeeFactory.create(owner=exchange.enterprise)
    unknown = new_id("fee")
    assert not_found(lambda: exchanges.change_fees(hers, exchange=exchange, add=[fee.public_id, unknown])) == [unknown]
    changed = exchanges.change_fees(hers, exchange=exchange, add=[fee.public_id])
    again = exchanges.change_fees(hers, exchange=exchange, add=[fee.public_id])
    assert (changed.version, again.version) == (2, 2)
    assert exchanges.change_fees(hers, exchange=exchange, remove=[fee.public_id]).version == 3


def test_a_fee_named_twice_goes_on_once_and_one_in_both_lists_is_a_mistake() -> None:
    exchange = ExchangeFactory.create()
    hers = access(exchange.enterprise)
    fee = FeeFactory.create(owner=exchange.enterprise)
    exchanges.change_fees(hers, exchange=exchange, add=[fee.public_id] * 2)
    assert list(exchange.exchange_fees.values_list("fee", flat=True)) == [fee.pk]
    both = lambda: exchanges.change_fees(hers, exchange=exchange, add=[fee.public_id], remove=[fee.public_id])  # noqa: E731
    assert problems(both) == [("/remove/0", "in_both")]


def test_notes_belong_to_a_direction_and_have_an_end() -> None:
    exchange = ExchangeFactory.create()
    hers = access(exchange.enterprise)
    wrong = lambda: exchanges.set_notes(hers, exchange=exchange, collection_time="Friday", delivery_notes="x" * 2001)  # noqa: E731
    assert problems(wrong) == [("/collection_time", "wrong_direction"), ("/delivery_notes", "max_length")]
    assert exchanges.set_notes(hers, exchange=exchange, delivery_notes=" Early ").delivery_notes == "Early"
    assert exchanges.set_notes(hers, exchange=exchange, delivery_notes="Early").version == 2


def test_saying_yes_and_no() -> None:
    exchange = ExchangeFactory.create()
    hers = access(exchange.enterprise)
    for reason in ("", "  ", "x" * 501):
        call = lambda reason=reason: exchanges.decline(hers, exchange=exchange, reason=reason)  # noqa: E731
        assert problems(call) == [("/reason", "required")]
    assert exchanges.decline(hers, exchange=exchange, reason="Dry cows").version == 2
    assert exchanges.accept(hers, exchange=exchange).version == 3
    assert exchanges.accept(hers, exchange=exchange).version == 3
    kinds = Notice.objects.filter(enterprise=exchange.cycle.coordinator).order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["declined", "accepted"]


def test_rows_by_public_id() -> None:
    cycle = CycleFactory.create()
    assert by_public_id([cycle]) == {cycle.public_id: cycle}


# --- grants -----------------------------------------------------------------------------------------------------


def test_a_grant_is_of_a_known_kind() -> None:
    ash, exe = producer("Ash"), hub("Exe")
    for verb in (grants.give, grants.ask):
        call = lambda verb=verb: verb(access(ash, exe), granter=ash, grantee=exe, permission="rule_the_world")  # noqa: E731
        assert problems(call) == [("/permission", "unknown_choice")]
    many = lambda: grants.give_each(access(ash), granter=ash, grantees=[exe], permission="rule_the_world")  # noqa: E731
    assert problems(many) == [("/permission", "unknown_choice")]


def test_giving_what_is_given_changes_nothing_and_answers_a_request() -> None:
    ash, exe, town = producer("Ash"), hub("Exe"), hub("Town")
    request = grants.ask(access(exe), granter=ash, grantee=exe, message="Please")
    with pytest.raises(Conflict) as pending:
        grants.ask(access(exe), granter=ash, grantee=exe)
    assert pending.value.code == "pending"
    first = grants.give(access(ash), granter=ash, grantee=exe)
    request.refresh_from_db()
    assert request.status == RequestStatus.APPROVED
    assert grants.give(access(ash), granter=ash, grantee=exe) == first
    waiting = grants.ask(access(town), granter=ash, grantee=town)
    assert grants.give_each(access(ash), granter=ash, grantees=[exe, town]) == [town]
    waiting.refresh_from_db()
    assert waiting.status == RequestStatus.APPROVED
    assert Grant.objects.count() == 2
    told = Notice.objects.filter(kind="grant_given").values_list("enterprise", flat=True)
    assert sorted(told) == sorted([exe.pk, town.pk])


def test_all_or_none_are_given() -> None:
    ash, exe, gone = producer("Ash"), hub("Exe"), hub("Gone")
    archive(gone)
    with pytest.raises(Refused) as refused:
        grants.give_each(access(ash), granter=ash, grantees=[exe, gone])
    assert (refused.value.decision.code, Grant.objects.count()) == ("G1", 0)


def test_words_have_an_end() -> None:
    ash, exe = producer("Ash"), hub("Exe")
    long = "x" * 501
    assert problems(lambda: grants.ask(access(exe), granter=ash, grantee=exe, message=long)) == [
        ("/message", "max_length")
    ]
    request = grants.ask(access(exe), granter=ash, grantee=exe)
    assert problems(lambda: grants.refuse(access(ash), request=request, answer=long)) == [("/answer", "max_length")]
    grants.refuse(access(ash), request=request, answer="Not this year")
    request.refresh_from_db()
    assert (request.status, request.answer) == (RequestStatus.REFUSED, "Not this year")
    with pytest.raises(Refused) as again:
        grants.approve(access(ash), request=request)
    assert again.value.decision.code == "L6"


def test_approving_what_has_been_given_meanwhile_tells_nobody_twice() -> None:
    ash, exe = producer("Ash"), hub("Exe")
    request = grants.ask(access(exe), granter=ash, grantee=exe)
    grant(ash, exe)
    grants.approve(access(ash), request=request)
    assert not Notice.objects.filter(kind="grant_given").exists()
    assert GrantRequest.objects.get(pk=request.pk).status == RequestStatus.APPROVED


def test_a_grant_ends_once() -> None:
    ash, exe = producer("Ash"), hub("Exe")
    ours = grant(ash, exe)
    same = Grant.objects.get(pk=ours.pk)
    grants.withdraw(access(ash), grant=ours)
    with pytest.raises(NotFound):
        grants.give_up(access(exe), grant=same)
    assert Notice.objects.filter(enterprise=exe).count() == 1


def test_the_coordinator_is_told_when_goods_lapse_between_others() -> None:
    exe, ash, town = hub("Exe"), producer("Ash"), hub("Town")
    ours = grant(ash, town)
    cycle = CycleFactory.create(coordinator=exe, name="Week 1")
    ExchangeFactory.create(cycle=cycle, enterprise=ash)
    ExchangeFactory.create(cycle=cycle, enterprise=town, direction=Direction.OUTGOING)
    grants.give_up(access(town), grant=ours)
    assert Notice.objects.get(enterprise=exe).text == (
        "Town gave up what Ash let it do: adding it to order cycles. Its goods lapse at Town in “Week 1”."
    )


def test_nobody_asks_for_nobody() -> None:
    ash, exe = producer("Ash"), hub("Exe")
    with pytest.raises(NotFound):
        grants.give(Access.none(), granter=ash, grantee=exe)


# --- notices and catalogue ----------------------------------------------------------------------------------------


def test_notices_are_marked_as_read_by_those_they_are_to() -> None:
    ash, exe = producer("Ash"), hub("Exe")
    first, second = (Notice.objects.create(enterprise=ash, kind="added", text=text) for text in ("One", "Two"))
    assert mark_read(access(exe)) == 0
    assert mark_read(access(ash, role="viewer"), notice_ids=[first.public_id, new_id("ntc")]) == 1
    assert (mark_read(access(ash)), mark_read(access(ash))) == (1, 0)
    assert not Notice.objects.filter(read_at=None).exists()
    assert second.read_at is None


def test_only_a_producer_has_products() -> None:
    exe = hub("Exe")
    with pytest.raises(Conflict) as refused:
        create_product(access(exe), producer=exe, name="Air")
    assert refused.value.code == "no_producer"


def test_a_cycle_can_close_at_the_very_moment_at_which_it_opens() -> None:
    exe = hub()
    opens = clock.now()
    cycle = CycleFactory.create(coordinator=exe, opens_at=opens, closes_at=opens + HOUR)
    with clock.at(opens):
        closed = cycles.close_cycle(access(exe), cycle=cycle)
    assert closed.closes_at == opens + timedelta(microseconds=1)
