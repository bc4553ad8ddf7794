"""Lists cost the same number of statements at one row and at three."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from common import clock
from common.ids import new_id
from customers.models import Invitation, OwnershipTransfer
from ordercycles.enums import Direction, NoticeKind
from ordercycles.models import Notice
from organisations.models import Connection
from permissions.models import ApiKey, GrantRequest, Membership, Role
from tests.factories import (
    CycleFactory,
    ExchangeFactory,
    FeeFactory,
    MembershipFactory,
    OrganisationFactory,
    PaymentMethodFactory,
    ProductFactory,
    ShippingMethodFactory,
    VariantFactory,
    grant,
    hub,
    producer,
)
from tests.web.conftest import World

pytestmark = pytest.mark.django_db


def _cycle(world: World) -> None:
    cycle = CycleFactory.create(coordinator=world.exe)
    ExchangeFactory.create(cycle=cycle, enterprise=world.ash, variants=[world.variant])


def _producer(world: World) -> None:
    one = producer()
    grant(one, world.exe)
    ExchangeFactory.create(cycle=world.cycle, enterprise=one, variants=[VariantFactory.create(of=one)])


def _hub(world: World) -> None:
    one = hub()
    grant(one, world.exe)
    grant(world.ash, one)
    ExchangeFactory.create(cycle=world.cycle, enterprise=one, direction=Direction.OUTGOING, variants=[world.variant])


def _product(world: World) -> None:
    VariantFactory.create(product=ProductFactory.create(producer=world.ash))


def _candidate(world: World) -> None:
    grant(producer(), world.exe)
    grant(hub(is_ready=False), world.exe)


def _variant(world: World) -> None:
    world.incoming.exchange_variants.create(variant=VariantFactory.create(product=world.product))


def _fee(world: World) -> None:
    FeeFactory.create(owner=world.exe)


def _method(world: World) -> None:
    ShippingMethodFactory.create(hub=world.exe)
    PaymentMethodFactory.create(hub=world.exe)


def _grant(world: World) -> None:
    grant(world.exe, hub())


def _request(world: World) -> None:
    GrantRequest.objects.create(granter=world.exe, grantee=hub(), permission="add_to_order_cycle")


def _notice(world: World) -> None:
    Notice.objects.create(enterprise=world.exe, kind=NoticeKind.CHANGED, text="Something", cycle=world.cycle)


def _attention(world: World) -> None:
    _request(world)
    _notice(world)
    world.outgoing.exchange_variants.create(variant=VariantFactory.create(product=world.product))


def _connected(world: World) -> None:
    other = producer().unit.organisation
    Connection.objects.create(organisation=world.exe.unit.organisation, other=other)


def _site(world: World) -> None:
    hub(organisation=world.exe.unit.organisation)


def _key(world: World) -> None:
    organisation = world.exe.unit.organisation
    owner = Role.objects.get(organisation=None, key="owner")
    Membership.objects.filter(user=world.users["coordinator"]).update(role=owner, all_units=True)
    key = ApiKey.objects.create(
        organisation=organisation, name="Till", secret_hash="0" * 64, role=owner, all_units=False
    )
    key.units.add(world.exe.unit)


def _company(world: World) -> str:
    """As its account owner sees it."""
    mine = Membership.objects.filter(user=world.users["coordinator"])
    mine.update(role=Role.objects.get(organisation=None, key="owner"), all_units=True)
    return f"/organisations/{world.exe.unit.organisation.public_id}/"


def _membership(world: World) -> str:
    return Membership.objects.get(user=world.users["viewer"]).public_id


def _person(world: World) -> None:
    MembershipFactory.create(organisation=world.exe.unit.organisation, role="viewer", units=[world.exe.unit])


def _units_more(world: World) -> None:
    producer(organisation=world.exe.unit.organisation)
    grant(hub(), world.exe)


def _role(world: World) -> None:
    Role.objects.create(organisation=world.exe.unit.organisation, name=new_id("rol"), permissions=["view"])


def _transfer(world: World) -> None:
    giver, recipient = (MembershipFactory.create(organisation=world.exe.unit.organisation) for _ in range(2))
    soon = clock.now() + timedelta(days=1)
    OwnershipTransfer.objects.create(
        organisation=giver.organisation, giver=giver, recipient=recipient, giver_role=giver.role, expires_at=soon
    )


def _invited(world: World) -> None:
    made = Invitation.objects.create(
        organisation=world.exe.unit.organisation,
        email=f"{new_id('inv')}@people.example",
        role=Role.objects.get(organisation=None, key="viewer"),
        all_units=False,
        invited_by=world.users["coordinator"],
        expires_at=clock.now() + timedelta(days=1),
    )
    made.units.add(world.exe.unit)


def _recorded(world: World) -> None:
    """A company that was recorded and invited, and one that knows the coordinator's."""
    held = world.exe.unit.organisation
    shell = OrganisationFactory.create(kind="shell", created_by_organisation=held)
    Connection.objects.create(organisation=held, other=shell)
    Connection.objects.create(organisation=producer().unit.organisation, other=held)
    Invitation.objects.create(
        kind="claim", organisation=shell, email="a@b.example", invited_for=held, expires_at=clock.now()
    )


COUNTS: list[tuple[str, Callable[[World], str], Callable[[World], None], int]] = [
    ("home", lambda world: "/", _attention, 11),
    ("notices", lambda world: "/notices/", _notice, 6),
    ("cycles", lambda world: "/cycles/", _cycle, 7),
    ("incoming", lambda world: f"/cycles/{world.cycle.public_id}/incoming/", _producer, 15),
    ("incoming, candidates", lambda world: f"/cycles/{world.cycle.public_id}/incoming/", _candidate, 15),
    ("outgoing", lambda world: f"/cycles/{world.cycle.public_id}/outgoing/", _hub, 15),
    ("general", lambda world: f"/cycles/{world.cycle.public_id}/", _fee, 13),
    ("review, producers", lambda world: f"/cycles/{world.cycle.public_id}/review/", _producer, 19),
    ("review, hubs", lambda world: f"/cycles/{world.cycle.public_id}/review/", _hub, 19),
    ("exchange", lambda world: f"/exchanges/{world.outgoing.public_id}/", _variant, 15),
    ("exchange fees", lambda world: f"/exchanges/{world.outgoing.public_id}/fees/", _fee, 8),
    ("products", lambda world: "/products/", _product, 7),
    ("product", lambda world: f"/products/{world.product.public_id}/", _variant, 7),
    ("fees", lambda world: "/fees/", _fee, 6),
    ("methods", lambda world: "/methods/", _method, 8),
    ("grants", lambda world: "/grants/?side=given", _grant, 9),
    ("requests", lambda world: "/grants/requests/", _request, 6),
    ("organisations", lambda world: "/organisations/", _connected, 7),
    ("units", lambda world: f"{_company(world)}units/", _site, 9),
    ("api keys", lambda world: f"/organisations/{world.exe.unit.organisation.public_id}/api-keys/", _key, 11),
    ("people", lambda world: f"{_company(world)}people/", _person, 16),
    ("person", lambda world: f"{_company(world)}people/{_membership(world)}/", _units_more, 20),
    ("roles", lambda world: f"{_company(world)}roles/", _role, 13),
    ("ownership", lambda world: f"{_company(world)}ownership/", _transfer, 12),
    ("invitations", lambda world: f"{_company(world)}people/invitations/", _invited, 10),
    ("connections", lambda world: f"{_company(world)}connections/", _recorded, 12),
]


def _statements(client: Client, url: str) -> tuple[int, int]:
    """Statements, and how long the page is."""
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(url)
    assert answer.status_code == 200
    return len(captured), len(answer.content)


@pytest.mark.parametrize(("name", "url", "more", "count"), COUNTS, ids=[row[0] for row in COUNTS])
def test_statements_at_one_row_and_at_three(
    world: World, name: str, url: Callable[[World], str], more: Callable[[World], None], count: int
) -> None:
    client = world.client("coordinator")
    more(world)
    # What is asked once for the life of the process is none of the page's.
    client.get(url(world))
    one, size = _statements(client, url(world))
    for _ in range(2):
        more(world)
    three, larger = _statements(client, url(world))
    assert (one, three) == (count, count)
    assert larger > size
