"""Retrieve business units: those that one is given, one by one and listed."""

from __future__ import annotations

import pytest

from organisations.models import BusinessUnit
from tests.capabilities.companies import desk, names, page, text
from tests.security.world import World

pytestmark = pytest.mark.django_db

FARM, SHOP, OFFICE = "Ashclyst Farms farm", "Ashclyst Farms shop", "Ashclyst Farms office"


@pytest.mark.parametrize(
    ("persona", "seen"),
    [
        ("a_owner", {FARM, SHOP, OFFICE}),
        ("a_manager", {FARM}),
        ("a_viewer", {FARM, SHOP, OFFICE}),
        ("both", {FARM, SHOP, OFFICE}),
        ("a_key", {FARM, SHOP, OFFICE}),
        ("support", {FARM, SHOP, OFFICE}),
    ],
)
def test_through_the_api(world: World, persona: str, seen: set[str]) -> None:
    api = world.api(persona)
    assert names(api.get(f"organisations/{world.ids['a_org']}/business-units/")) == seen
    each = {unit.name: api.get(f"business-units/{unit.public_id}/").status_code for unit in world.a.units}
    assert each == {name: 200 if name in seen else 404 for name in (FARM, SHOP, OFFICE)}


@pytest.mark.parametrize("persona", ["b_owner", "b_key", "conn_owner", "a_left"])
def test_nobody_elses(world: World, persona: str) -> None:
    api = world.api(persona)
    assert api.get(f"organisations/{world.ids['a_org']}/business-units/").status_code == 404
    assert {api.get(f"business-units/{unit.public_id}/").status_code for unit in world.a.units} == {404}


def test_the_list_is_filtered(world: World) -> None:
    api, address = world.api("a_owner"), f"organisations/{world.ids['a_org']}/business-units/"
    assert names(api.get(f"{address}?name=SHOP")) == {SHOP}
    assert names(api.get(f"{address}?business=farm")) == {FARM}
    assert names(api.get(f"{address}?business=none")) == {OFFICE}
    assert names(api.get(f"{address}?archived=true")) == set()
    assert names(api.get(f"{address}?archived=false")) == {FARM, SHOP, OFFICE}
    assert api.get(f"{address}?organisation={world.ids['b_org']}").status_code == 400


def test_on_the_pages(world: World) -> None:
    organisation = world.a.organisation
    for persona, seen in (("a_owner", {FARM, SHOP, OFFICE}), ("a_manager", {FARM})):
        client = world.client(persona)
        shown = text(client.get(page("units", organisation)))
        assert {name for name in (FARM, SHOP, OFFICE) if f">{name}</a>" in shown} == seen
        for unit in world.a.units:
            status = client.get(page("unit", organisation, unit)).status_code
            assert status == (200 if unit.name in seen else 404)
    client = world.client("a_owner")
    assert SHOP in text(client.get(page("units", organisation) + "?q=shop"))
    assert FARM not in text(client.get(page("units", organisation) + "?kind=none"))
    assert "No unit matches" in text(client.get(page("units", organisation) + "?show=archived"))


def test_old_addresses_of_enterprises_lead_on(world: World) -> None:
    client = world.client("a_owner")
    unit = page("unit", world.a.organisation, world.a.farm)
    assert client.get(page("enterprise", world.a.farm))["Location"] == unit
    assert client.get(page("trading", world.a.farm))["Location"] == f"{unit}trading/"
    assert client.get(page("enterprises"))["Location"] == page("units", world.a.organisation)
    assert world.client("both").get(page("enterprises"))["Location"] == page("organisations")


def test_in_the_admin(world: World) -> None:
    client = world.client("support")
    assert FARM in text(client.get(desk(BusinessUnit, "changelist")))
    assert FARM in text(client.get(desk(BusinessUnit, "change", world.a.farm.pk)))
