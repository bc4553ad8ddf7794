"""What the factories promise."""

from __future__ import annotations

import pytest

from ordercycles.enums import CycleState, Direction
from permissions import grants
from permissions.actions import Permission
from tests.factories import (
    CycleFactory,
    ExchangeFactory,
    FeeFactory,
    MembershipFactory,
    StaffFactory,
    VariantFactory,
    access,
    grant,
    hub,
    producer,
    withdraw,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", list(CycleState))
def test_a_cycle_is_in_the_state_asked_for(state: CycleState) -> None:
    assert CycleFactory.create(state=state).state == state


def test_an_exchange_holds_what_it_is_given() -> None:
    ash = producer("Ashclyst Dairy")
    variant = VariantFactory.create(of=ash)
    exchange = ExchangeFactory.create(
        enterprise=ash, direction=Direction.INCOMING, variants=[variant], fees=[FeeFactory.create(owner=ash)]
    )
    assert variant.producer == variant.product.producer == ash
    assert [row.variant for row in exchange.exchange_variants.all()] == [variant]
    assert exchange.exchange_fees.count() == 1


def test_a_grant_is_found_by_the_engine() -> None:
    ash, exe = producer("Ashclyst Dairy"), hub("Exe Hub")
    grant(ash, exe)
    assert list(grants.pairs([ash.pk], [exe.pk])) == [(ash.pk, exe.pk)]
    withdraw(ash, exe)
    assert grants.pairs([ash.pk], [exe.pk]) == {}


def test_a_manager_manages_the_units_named_and_no_others() -> None:
    ash = producer("Ashclyst Dairy")
    other = producer(organisation=ash.unit.organisation)
    assert access(ash).ids(Permission.TAKE_PART) == {ash.pk}
    assert access(ash, other, role="viewer").ids(Permission.VIEW) == {ash.pk, other.pk}


def test_staff_and_members() -> None:
    assert StaffFactory.create().is_staff
    assert MembershipFactory.create(role="viewer").role.key == "viewer"
