"""One small network for the tests of pages, and a browser without scripts for each persona in it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client

from customers.models import User
from ordercycles.enums import Charge, Direction, NoticeKind
from ordercycles.models import (
    CycleFee,
    Exchange,
    Fee,
    Notice,
    OrderCycle,
    PaymentMethod,
    Product,
    ShippingMethod,
    Variant,
)
from organisations import contact
from organisations.enums import ConnectionKind
from organisations.models import Business, Connection
from permissions.models import Grant, GrantRequest
from tests.factories import (
    CycleFactory,
    ExchangeFactory,
    FeeFactory,
    ProductFactory,
    StaffFactory,
    VariantFactory,
    grant,
    hub,
    manager_of,
    producer,
)
from tests.worlds import Browsers, browsers, signed_in

PERSONAS = ("anonymous", "coordinator", "producer", "hub", "viewer", "outsider", "staff")


@dataclass
class World:
    """A coordinator with a producer and a hub; somebody who may look; somebody who has nothing to do with it."""

    exe: Business
    ash: Business
    deane: Business
    cycle: OrderCycle
    incoming: Exchange
    outgoing: Exchange
    product: Product
    variant: Variant
    spare: Variant
    fee: Fee
    shipping: ShippingMethod
    payment: PaymentMethod
    grant: Grant
    request: GrantRequest
    notice: Notice
    honey: Business
    users: dict[str, User]
    ids: dict[str, str] = field(default_factory=dict)
    browsers: Browsers = field(default_factory=dict)

    def client(self, persona: str) -> Client:
        """A browser in which the persona is signed in."""
        return signed_in(self.browsers, self.users, persona)


def make_world() -> World:
    """The network, with an upcoming cycle."""
    exe, ash, deane = hub("Exe Hub"), producer("Ashclyst Dairy"), hub("Deane Hub")
    honey, outside = producer("Parrett Valley Honey"), hub("Far Away Hub")
    to_coordinator, to_hub = grant(ash, exe), grant(ash, deane)
    assert to_hub.pk
    grant(deane, exe)
    Connection.objects.create(
        organisation=exe.unit.organisation, other=honey.unit.organisation, kind=ConnectionKind.SUPPLIER
    )
    product = ProductFactory.create(producer=ash, name="Milk")
    variant, spare = VariantFactory.create(product=product), VariantFactory.create(product=product)
    cycle = CycleFactory.create(coordinator=exe, name="Exeter week 48")
    incoming = ExchangeFactory.create(cycle=cycle, enterprise=ash, variants=[variant, spare])
    outgoing = ExchangeFactory.create(cycle=cycle, enterprise=deane, direction=Direction.OUTGOING, variants=[variant])
    fee = FeeFactory.create(owner=exe, name="Running the hub", charge=Charge.PERCENT)
    CycleFee.objects.create(cycle=cycle, fee=fee)
    return World(
        exe=exe,
        ash=ash,
        deane=deane,
        cycle=cycle,
        incoming=incoming,
        outgoing=outgoing,
        product=product,
        variant=variant,
        spare=spare,
        fee=fee,
        shipping=exe.shipping_methods.get(),
        payment=exe.payment_methods.get(),
        grant=to_coordinator,
        request=GrantRequest.objects.create(granter=exe, grantee=deane, permission="add_to_order_cycle"),
        notice=Notice.objects.create(enterprise=exe, kind=NoticeKind.ACCEPTED, text="Ashclyst Dairy accepted."),
        honey=honey,
        users={
            "coordinator": manager_of(exe),
            "producer": manager_of(ash),
            "hub": manager_of(deane),
            "viewer": manager_of(exe, role="viewer"),
            "outsider": manager_of(outside),
            "staff": StaffFactory.create(),
        },
    )


def standing_world() -> World:
    """The network, in which everybody is signed in, to be shared."""
    world = make_world()
    world.browsers = browsers(world.users)
    return world


@pytest.fixture
def builder() -> Callable[[], Any]:
    """Of the network; some modules look at another."""
    return standing_world


@pytest.fixture
def world(standing: World, db: None) -> World:
    """The network."""
    return deepcopy(standing)


def token_of(business: Business) -> str:
    """A living link to confirm the contact address."""
    business.contact_email_confirmed_at = None
    business.save(update_fields=["contact_email_confirmed_at"])
    return contact.make_token(business)
