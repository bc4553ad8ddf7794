"""A small network, and a member of staff who is signed in."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass

import pytest
from django.conf import settings
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
from tests.worlds import Browsers, browsers


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


@dataclass
class Desk:
    """A member of staff who is signed in, and what she looks at."""

    staff: User
    browsers: Browsers
    network: Network | None = None


def make_desk() -> Desk:
    """With nothing on it."""
    staff = StaffFactory.create(name="Sam Hectare")
    return Desk(staff, browsers({"staff": staff}))


def desk_with_network() -> Desk:
    """With the small network."""
    made = make_desk()
    made.network = make_network()
    return made


@pytest.fixture
def builder() -> Callable[[], Desk]:
    """A module that looks at nothing takes ``make_desk``."""
    return desk_with_network


@pytest.fixture
def looked_at(standing: Desk, db: None) -> Desk:
    """As it was made."""
    return deepcopy(standing)


@pytest.fixture
def network(looked_at: Desk) -> Network:
    assert looked_at.network is not None
    return looked_at.network


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
def staff(looked_at: Desk) -> User:
    return looked_at.staff


@pytest.fixture
def desk(client: Client, looked_at: Desk) -> Client:
    client.cookies[settings.SESSION_COOKIE_NAME] = looked_at.browsers["staff"]
    return client
