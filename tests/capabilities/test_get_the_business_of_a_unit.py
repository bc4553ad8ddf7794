"""Get the business of a unit: one's own in full, another's public profile when one knows it."""

from __future__ import annotations

import pytest

from organisations.models import Business
from tests.capabilities.companies import desk, page, text
from tests.security.world import World

pytestmark = pytest.mark.django_db

PRIVATE = (
    "contact_email",
    "contact_email_confirmed_at",
    "holding_number",
    "hectares",
    "store_code",
    "opening_hours",
    "floor_area",
    "capacity",
)


@pytest.fixture
def farm(world: World) -> Business:
    farm = Business.objects.get(pk=world.conn.farm.pk)
    farm.holding_number, farm.hectares = "10/123/0456", 84
    farm.farm_enterprises, farm.certifications = ["dairy"], ["organic"]
    farm.save()
    return farm


def test_ones_own_in_full(world: World, farm: Business) -> None:
    found = world.api("conn_owner").get(f"business-units/{farm.public_id}/business/").json()
    assert found["is_yours"]
    assert (found["holding_number"], found["hectares"], found["certifications"]) == (
        "10/123/0456",
        "84.00",
        ["organic"],
    )
    assert found["contact_email"] == farm.contact_email


@pytest.mark.parametrize("persona", ["a_owner", "a_viewer", "a_key"])
def test_a_partners_by_its_public_profile(world: World, farm: Business, persona: str) -> None:
    found = world.api(persona).get(f"business-units/{farm.public_id}/business/").json()
    assert not found["is_yours"]
    assert {found[name] for name in PRIVATE} == {None}
    assert (found["farm_enterprises"], found["certifications"]) == (["dairy"], ["organic"])
    assert farm.contact_email not in str(found)


@pytest.mark.parametrize(
    ("persona", "status"), [("b_owner", 404), ("b_key", 404), ("a_left", 404), ("support", 200), ("anonymous", 401)]
)
def test_who_else(world: World, farm: Business, persona: str, status: int) -> None:
    assert world.api(persona).get(f"business-units/{farm.public_id}/business/").status_code == status


def test_a_unit_without_one(world: World) -> None:
    assert world.api("a_owner").get(f"business-units/{world.ids['a_office']}/business/").status_code == 404
    shown = text(world.client("a_owner").get(page("unit", world.a.organisation, world.a.office)))
    assert "Make it a farm or a store" in shown
    client = world.client("a_owner")
    for name in ("unit_trading", "particulars"):
        assert client.get(page(name, world.a.organisation, world.a.office)).status_code == 404


def test_on_the_pages(world: World, farm: Business) -> None:
    own = text(world.client("conn_owner").get(page("unit", world.conn.organisation, farm.unit)))
    assert "10/123/0456" in own
    partners = world.client("a_owner").get(page("enterprise", farm.unit))
    assert partners.status_code == 200
    assert "organic" in text(partners)
    for private in ("10/123/0456", farm.contact_email, "84"):
        assert private not in text(partners).replace(farm.public_id, "")
    assert world.client("b_owner").get(page("enterprise", farm.unit)).status_code == 404


def test_in_the_admin(world: World, farm: Business) -> None:
    assert "10/123/0456" in text(world.client("support").get(desk(Business, "change", farm.pk)))
