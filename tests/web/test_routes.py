"""Every address × every persona. An address without a row fails."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from customers.urls import urlpatterns as customers
from ordercycles.urls import urlpatterns as ordercycles
from organisations.urls import urlpatterns as organisations
from tests.web.conftest import PERSONAS, World, make_world
from tests.web.routes import ROUTES as OTHERS
from tests.web.routes import Route
from tests.web.routes_of_invitations import ROUTES as OF_INVITATIONS
from tests.web.routes_of_people import ROUTES as OF_PEOPLE
from tests.worlds import kept, once_more

pytestmark = pytest.mark.django_db

ROUTES = [*OTHERS, *OF_PEOPLE, *OF_INVITATIONS]


def test_every_address_has_a_row() -> None:
    known = {pattern.name for pattern in (*customers, *ordercycles, *organisations)}
    assert {route.name for route in ROUTES} == known


@pytest.fixture(scope="module")
def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[World, dict[str, Client]]]:
    """One network for the table, in which every persona is signed in."""

    def make() -> tuple[World, dict[str, Client]]:
        world = make_world()
        return world, {persona: world.client(persona) for persona in PERSONAS}

    with kept(django_db_blocker, make) as one:
        yield one


@pytest.fixture
def world(made: tuple[World, dict[str, Client]], db: None) -> World:
    """As it was made."""
    return deepcopy(made[0])


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method}-{route.name}")
def test_each_persona_gets_what_it_may(world: World, made: tuple[World, dict[str, Client]], route: Route) -> None:
    route.before(world)
    url = route.url(world)
    found = {}
    for persona in PERSONAS:
        client = once_more(made[1][persona])
        with transaction.atomic():
            response = client.get(url) if route.data is None else client.post(url, {"version": 1, **route.data(world)})
            found[persona] = response.status_code
            transaction.set_rollback(True)
        if persona == "anonymous" and response.status_code == 302:
            assert response["Location"].startswith("/accounts/login/")
    assert found == route.expected()
