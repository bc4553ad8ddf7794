"""Every address × every persona. An address without a row fails."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import render

from common import web
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


#: For whom each page of a row is put into words, beside the first who gets it: who may most, and who has nothing to
#: see. Of the others the answer is looked at: what the pages say to a viewer, a producer, a hub that is not ready, and
#: staff is read by the walk through the demo network (tests/demo), every kind of page for each of them.
READERS = ("coordinator", "outsider")


@pytest.fixture
def asking(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who asks, to be said by the test: last of the list. Pages are put into words for ``READERS`` only."""
    who, read = [""], set()

    def as_told(request: Any, template: str, context: Any, status: int) -> HttpResponse:
        if who[-1] not in READERS and (template, status) in read:
            return HttpResponse(status=status)
        read.add((template, status))
        return render(request, template, context, status=status)

    monkeypatch.setattr(web, "render", as_told)
    return who


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method}-{route.name}")
def test_each_persona_gets_what_it_may(world: World, asking: list[str], route: Route) -> None:
    route.before(world)
    url = route.url(world)
    found = {}
    for persona in PERSONAS:
        client = world.client(persona)
        asking.append(persona)
        if route.data is None:
            response = client.get(url)
        else:
            with transaction.atomic():
                response = client.post(url, {"version": 1, **route.data(world)})
                transaction.set_rollback(True)
        found[persona] = response.status_code
        if persona == "anonymous" and response.status_code == 302:
            assert response["Location"].startswith("/accounts/login/")
    assert found == route.expected()
