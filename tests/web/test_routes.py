"""Every address × every persona. An address without a row fails."""

from __future__ import annotations

import pytest
from django.db import transaction

from customers.urls import urlpatterns as customers
from ordercycles.urls import urlpatterns as ordercycles
from organisations.urls import urlpatterns as organisations
from tests.web.conftest import PERSONAS, World
from tests.web.routes import ROUTES as OTHERS
from tests.web.routes import Route
from tests.web.routes_of_invitations import ROUTES as OF_INVITATIONS
from tests.web.routes_of_people import ROUTES as OF_PEOPLE

pytestmark = pytest.mark.django_db

ROUTES = [*OTHERS, *OF_PEOPLE, *OF_INVITATIONS]


def test_every_address_has_a_row() -> None:
    known = {pattern.name for pattern in (*customers, *ordercycles, *organisations)}
    assert {route.name for route in ROUTES} == known


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method}-{route.name}")
def test_each_persona_gets_what_it_may(world: World, route: Route) -> None:
    route.before(world)
    url = route.url(world)
    found = {}
    for persona in PERSONAS:
        client = world.client(persona)
        with transaction.atomic():
            response = client.get(url) if route.data is None else client.post(url, route.data(world))
            found[persona] = response.status_code
            transaction.set_rollback(True)
        if persona == "anonymous" and response.status_code == 302:
            assert response["Location"].startswith("/accounts/login/")
    assert found == route.expected()
