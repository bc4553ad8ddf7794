"""What the database itself refuses, whoever asks: a shell session, a bulk update, an admin."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import IntegrityError, ProgrammingError, connection, transaction

from ordercycles.models import Exchange, OrderCycle, Product, RecordedOffer, Variant
from tests.factories import CycleFactory, ExchangeFactory, ProductFactory, VariantFactory, hub, producer

pytestmark = pytest.mark.django_db


def test_the_coordinator_of_a_cycle_never_changes() -> None:
    cycle, other = CycleFactory.create(), hub()
    with pytest.raises(ProgrammingError, match="Cannot update rows"), transaction.atomic():
        OrderCycle.objects.filter(pk=cycle.pk).update(coordinator=other)
    assert OrderCycle.objects.get(pk=cycle.pk).coordinator_id == cycle.coordinator_id


def test_an_exchange_stays_where_it_is() -> None:
    exchange = ExchangeFactory.create()
    for change in ({"enterprise": producer()}, {"direction": "outgoing"}, {"cycle": CycleFactory.create()}):
        with pytest.raises(ProgrammingError, match="Cannot update rows"), transaction.atomic():
            Exchange.objects.filter(pk=exchange.pk).update(**change)


def test_a_product_stays_with_its_producer() -> None:
    product = ProductFactory.create()
    with pytest.raises(ProgrammingError, match="Cannot update rows"), transaction.atomic():
        Product.objects.filter(pk=product.pk).update(producer=producer())


def test_a_variant_has_the_producer_of_its_product() -> None:
    product = ProductFactory.create()
    with pytest.raises(IntegrityError, match="variant_producer_is_its_products"), transaction.atomic():
        Variant.objects.create(product=product, producer=producer(), price=1)
        connection.check_constraints()


def test_a_recorded_offer_is_history() -> None:
    offer = RecordedOffer.objects.create(cycle=CycleFactory.create(state="closed"), hub=hub(), body={"lines": []})
    acts: list[Callable[[], object]] = [
        lambda: RecordedOffer.objects.update(body={}),
        lambda: RecordedOffer.objects.all().delete(),
    ]
    for act in acts:
        with pytest.raises(ProgrammingError), transaction.atomic():
            act()
    offer.refresh_from_db()
    assert offer.body == {"lines": []}


@pytest.mark.parametrize("change", [{"price": -1}, {"unit_value": 0}, {"weight_kg": -1}])
def test_a_variant_makes_sense(change: dict[str, int]) -> None:
    variant = VariantFactory.create()
    with pytest.raises(IntegrityError), transaction.atomic():
        Variant.objects.filter(pk=variant.pk).update(**change)


def test_a_bulk_update_leaves_a_trail_that_cannot_be_changed() -> None:
    cycle = CycleFactory.create(name="Box")
    OrderCycle.objects.filter(pk=cycle.pk).update(name="Crate")
    events = apps.get_model("ordercycles", "OrderCycleEvent").objects
    assert list(events.order_by("pk").values_list("pgh_label", "name")) == [("insert", "Box"), ("update", "Crate")]
    acts: list[Callable[[], object]] = [lambda: events.update(name="x"), lambda: events.all().delete()]
    for act in acts:
        with pytest.raises(ProgrammingError), transaction.atomic():
            act()
