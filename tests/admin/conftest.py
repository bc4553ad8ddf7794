"""A small network, and a member of staff who is signed in."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.test import Client

from customers.models import User
from ordercycles.enums import CycleState, Direction
from ordercycles.models import Exchange, Fee, OrderCycle, Variant
from organisations.models import Business
from tests.factories import (
    CycleFactory,
    ExchangeFactory,
    FeeFactory,
    StaffFactory,
    VariantFactory,
    grant,
    hub,
    manager_of,
    producer,
)


@dataclass
class Network:
    """Exe runs a cycle; Ashclyst supplies it and Exe sells it."""

    exe: Business
    ash: Business
    cycle: OrderCycle
    supply: Exchange
    outlet: Exchange
    milk: Variant
    fee: Fee
    cora: User
    ada: User


@pytest.fixture
def network(db: None) -> Network:
    return make_network()


def make_network() -> Network:
    """Another one each time."""
    exe, ash = hub("Exe Hub"), producer("Ashclyst Dairy")
    grant(ash, exe)
    milk = VariantFactory.create(of=ash, name="One litre")
    cycle = CycleFactory.create(coordinator=exe, name="Week 1", state=CycleState.UPCOMING)
    supply = ExchangeFactory.create(cycle=cycle, enterprise=ash, variants=[milk])
    outlet = ExchangeFactory.create(cycle=cycle, enterprise=exe, direction=Direction.OUTGOING, variants=[milk])
    fee = FeeFactory.create(owner=exe)
    return Network(exe, ash, cycle, supply, outlet, milk, fee, manager_of(exe), manager_of(ash))


@pytest.fixture
def staff(db: None) -> User:
    return StaffFactory.create(name="Sam Hectare")


@pytest.fixture
def desk(client: Client, staff: User) -> Client:
    client.force_login(staff)
    return client
