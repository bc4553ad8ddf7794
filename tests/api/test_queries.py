"""The number of statements of every list, literal, the same at one row and at three."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext

from common import clock
from common.ids import new_id
from customers.models import AccessRequest, Invitation, OwnershipTransfer
from ordercycles.enums import Direction, NoticeKind
from ordercycles.models import Notice
from organisations.models import Business, Connection
from permissions.models import GrantRequest, Role
from tests.api.world import World, import_of, key_of
from tests.factories import (
    CycleFactory,
    ExchangeFactory,
    FeeFactory,
    MembershipFactory,
    OrganisationFactory,
    PaymentMethodFactory,
    ProductFactory,
    ShippingMethodFactory,
    StaffFactory,
    UnitFactory,
    VariantFactory,
    carry,
    charge,
    grant,
    hub,
    producer,
)

pytestmark = pytest.mark.django_db


def _organisation(world: World) -> None:
    MembershipFactory.create(user=world.people["owner"], role="owner")


def _unit(world: World) -> None:
    unit = UnitFactory.create(organisation=world.company)
    Business.objects.create(unit=unit, group=Group.objects.create(name=new_id("bu")), kind="store")


def _role(world: World) -> None:
    Role.objects.create(organisation=world.company, name=new_id("rol"), permissions=["view"])


def _member(world: World) -> None:
    MembershipFactory.create(organisation=world.company, units=[world.coordinator.unit], role="viewer")


def _transfer(world: World) -> None:
    giver, recipient = (MembershipFactory.create(organisation=world.company) for _ in range(2))
    soon = clock.now() + timedelta(days=1)
    OwnershipTransfer.objects.create(
        organisation=world.company, giver=giver, recipient=recipient, giver_role=giver.role, expires_at=soon
    )


def _invited(world: World) -> None:
    made = Invitation.objects.create(
        organisation=world.company,
        email=f"{new_id('inv')}@people.example",
        role=Role.objects.get(organisation=None, key="viewer"),
        all_units=False,
        invited_by=world.people["owner"],
        invited_for=world.company,
        expires_at=clock.now() + timedelta(days=7),
    )
    made.units.add(world.coordinator.unit)


def _connected(world: World) -> None:
    other = producer().unit.organisation
    Connection.objects.create(organisation=world.company, other=other)


def _granted(world: World) -> None:
    grant(producer(), world.coordinator)


def _asked(world: World) -> None:
    GrantRequest.objects.create(granter=producer(), grantee=world.coordinator, permission="add_to_order_cycle")


def _cycle(world: World) -> None:
    cycle = CycleFactory.create(coordinator=world.coordinator)
    ExchangeFactory.create(cycle=cycle, enterprise=world.dairy)


def _exchange(world: World) -> None:
    made = hub()
    grant(made, world.coordinator)
    grant(world.dairy, made)
    fee = FeeFactory.create(owner=made)
    ExchangeFactory.create(
        cycle=world.cycle, direction=Direction.OUTGOING, enterprise=made, variants=[world.butter], fees=[fee]
    )


def _candidate(world: World) -> None:
    grant(producer(), world.coordinator)
    grant(hub(is_ready=False), world.coordinator)


def _supplied(world: World) -> None:
    made = producer()
    grant(made, world.coordinator)
    grant(made, world.store)
    ExchangeFactory.create(cycle=world.cycle, enterprise=made, variants=[VariantFactory.create(of=made)])


def _carried(world: World) -> None:
    made = VariantFactory.create(of=world.dairy)
    carry(world.incoming, made)
    carry(world.outgoing, made)
    charge(world.outgoing, FeeFactory.create(owner=world.coordinator))


def _fee(world: World) -> None:
    FeeFactory.create(owner=world.coordinator)


def _notice(world: World) -> None:
    Notice.objects.create(enterprise=world.coordinator, kind=NoticeKind.ADDED, text="x", cycle=world.cycle)


#: List, statements, and what makes another row. Of each, three are for who asks: session, user, memberships.
LISTS: list[tuple[str, int, Callable[[World], Any]]] = [
    ("organisations/", 4, _organisation),
    ("organisations/profiles/", 5, _organisation),
    ("organisations/{org}/business-units/", 5, _unit),
    ("organisations/{org}/roles/", 9, _role),
    ("organisations/{org}/users/", 6, _member),
    ("organisations/{org}/users/?unit={hub}&state=active&q=e", 6, _member),
    ("organisations/{org}/users/{membership}/access/", 16, _unit),
    ("organisations/{org}/ownership-transfers/", 5, _transfer),
    ("organisations/{org}/api-keys/", 6, lambda world: key_of(world.people["owner"], world.company)),
    ("invitations/", 5, _invited),
    ("invitations/?state=pending&kind=member", 5, _invited),
    ("organisations/{org}/connections/", 6, _connected),
    ("organisations/{org}/audit-events/?kind=unit", 10, _unit),
    ("grants/", 4, _granted),
    ("grant-requests/", 4, _asked),
    ("products/", 4, lambda world: ProductFactory.create(producer=world.dairy)),
    ("variants/", 4, lambda world: VariantFactory.create(of=world.dairy)),
    ("fees/", 4, _fee),
    ("shipping-methods/", 4, lambda world: ShippingMethodFactory.create(hub=world.coordinator)),
    ("payment-methods/", 4, lambda world: PaymentMethodFactory.create(hub=world.coordinator)),
    ("order-cycles/", 5, _cycle),
    ("order-cycles/{ocy}/", 15, _exchange),
    ("order-cycles/{ocy}/", 15, _candidate),
    ("order-cycles/{ocy}/fees/", 6, _fee),
    ("order-cycles/{ocy}/exchanges/", 9, _exchange),
    ("order-cycles/{ocy}/candidates/?direction=outgoing", 6, _candidate),
    ("order-cycles/{ocy}/lanes/", 8, _exchange),
    ("order-cycles/{ocy}/offer/?hub={store}", 9, _carried),
    ("exchanges/{outgoing}/", 8, _carried),
    ("exchanges/{outgoing}/variants/", 8, _supplied),
    ("exchanges/{outgoing}/variants/?only=addable&search=e", 8, _supplied),
    ("exchanges/{outgoing}/fees/", 6, _fee),
    ("notices/", 4, _notice),
]


def _statements(world: World, address: str, persona: str = "owner") -> tuple[int, int]:
    api = world.api(persona)
    with CaptureQueriesContext(connection) as seen:
        response = api.get(address.format(**world.ids))
    assert response.status_code == 200
    return len(seen), len(response.content)


@pytest.mark.parametrize(("address", "statements", "more"), LISTS, ids=lambda one: one if isinstance(one, str) else "")
def test_statements_do_not_grow(world: World, address: str, statements: int, more: Callable[[World], Any]) -> None:
    one, size = _statements(world, address)
    for _ in range(2):
        more(world)
    three, larger = _statements(world, address)
    assert (one, three) == (statements, statements)
    assert larger > size


#: As Hectare's staff see them.
STAFF_LISTS = {
    "customers/": 4,
    "customers/users/": 5,
    "customers/admin/": 5,
    "customers/access-requests/": 4,
    "customers/audit-events/?kind=unit": 6,
    "customers/imports/": 3,
    "customers/imports/{imp}/rows/": 3,
}


def test_statements_of_the_staffs_lists_do_not_grow(world: World) -> None:
    def found(ids: dict[str, str]) -> dict[str, tuple[int, int]]:
        return {one: _statements(world, one.format(**ids), "staff") for one in STAFF_LISTS}

    one = found(world.ids)
    for number in range(2):
        _organisation(world)
        MembershipFactory.create(organisation=OrganisationFactory.create(), role="owner")
        StaffFactory.create()
        AccessRequest.objects.create(
            kind="access", company_name="Ales", name="Otto", email=f"otto{number}@otter.example"
        )
        _unit(world)
        batch = import_of("organisation", "organisation", "user")
    three = found(world.ids | {"imp": batch.public_id})
    assert {address: count for address, (count, _) in one.items()} == STAFF_LISTS
    assert {address: count for address, (count, _) in three.items()} == STAFF_LISTS
    assert [address for address in one if three[address][1] <= one[address][1]] == []


def test_a_key_costs_no_more_than_a_session(world: World) -> None:
    api = world.api("key")
    api.get("me/")
    with CaptureQueriesContext(connection) as seen:
        api.get(f"order-cycles/{world.ids['ocy']}/")
    assert len(seen) == 15
