"""Patch a business unit: its name and address, and the farm or store behind it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from organisations.models import Business, BusinessUnit
from tests.api.client import errors, problem
from tests.capabilities.companies import WHY, desk, fresh, page
from tests.security.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("persona", "farm", "office"),
    [
        ("a_owner", 200, 200),
        ("a_manager", 200, 404),
        ("a_viewer", 403, 403),
        ("a_contributor", 403, 403),
        ("a_key", 200, 200),
        ("b_owner", 404, 404),
        ("conn_owner", 404, 404),
        ("support", 400, 400),
    ],
)
def test_through_the_api(world: World, persona: str, farm: int, office: int) -> None:
    api = world.api(persona)
    for unit, expected in ((world.a.farm, farm), (world.a.office, office)):
        done = api.patch(f"business-units/{unit.public_id}/", {"town": "Bampton"}, if_match="*")
        assert done.status_code == expected
        assert fresh(unit).town == ("Bampton" if expected == 200 else "Exeter")


@pytest.mark.parametrize(
    ("persona", "status"), [("a_owner", 302), ("a_manager", 302), ("a_viewer", 403), ("b_owner", 404), ("support", 403)]
)
def test_on_the_page(world: World, persona: str, status: int) -> None:
    sent = {"name": world.a.farm.name, "town": "Bampton", "version": world.a.farm.version}
    answer = world.client(persona).post(page("unit_edit", world.a.organisation, world.a.farm), sent)
    assert answer.status_code == status
    assert fresh(world.a.farm).town == ("Bampton" if status == 302 else "Exeter")


def test_two_people_at_once(world: World) -> None:
    api, address = world.api("a_owner"), f"business-units/{world.ids['a_farm']}/"
    etag = api.get(address)["ETag"]
    assert problem(api.patch(address, {"town": "Bampton"}), 428, "precondition_required")
    assert api.patch(address, {"town": "Bampton"}, if_match=etag).status_code == 200
    assert problem(api.patch(address, {"town": "Cullompton"}, if_match=etag), 412, "stale")
    web = page("unit_edit", world.a.organisation, world.a.farm)
    sent = {"name": world.a.farm.name, "town": "Cullompton", "version": "1"}
    assert world.client("a_owner").post(web, sent).status_code == 409
    assert fresh(world.a.farm).town == "Bampton"


def test_its_farm_data_through_every_door(world: World) -> None:
    address = f"business-units/{world.ids['a_farm']}/business/"
    body: dict[str, Any] = {"holding_number": "10/123/0456", "certifications": ["organic"]}
    assert world.api("a_owner").patch(address, body, if_match="*").json()["holding_number"] == "10/123/0456"
    web = page("particulars", world.a.organisation, world.a.farm)
    sent: dict[str, Any] = {"hectares": "12.25", "certifications": ["organic", "leaf"], "farm_enterprises": ["bees"]}
    sent["version"] = Business.objects.get(pk=world.a.farm.pk).version
    assert world.client("a_manager").post(web, sent).status_code == 302
    farm = Business.objects.get(pk=world.a.farm.pk)
    assert (farm.holding_number, farm.hectares, farm.certifications) == ("", Decimal("12.25"), ["leaf", "organic"])
    sent = {"kind": "farm", "sells": "none", "is_producer": "on", "contact_email": farm.contact_email, "reason": WHY}
    sent |= {"hectares": "13", "farm_enterprises": ["bees"], "certifications": ["leaf"], "seen": farm.version}
    answer = world.client("support").post(desk(Business, "change", farm.pk), {**sent, "opening_hours": ""})
    assert answer.status_code == 302
    farm.refresh_from_db()
    assert (farm.hectares, farm.certifications) == (Decimal(13), ["leaf"])


def test_what_does_not_fit_the_kind_is_told(world: World) -> None:
    api = world.api("a_owner")
    address = f"business-units/{world.ids['a_shop']}/business/"
    refused = api.patch(address, {"hectares": "3", "capacity": 4}, if_match="*")
    assert errors(refused) == [("/hectares", "farm_only")]
    assert api.patch(address, {"opening_hours": {"mon": [["09:00", "17:00"]]}}, if_match="*").status_code == 200
    kept = api.patch(address, {"kind": "farm"}, if_match="*")
    assert errors(kept) == [("/kind", "has_data")]
    assert api.patch(address, {"kind": "farm", "opening_hours": {}}, if_match="*").json()["kind"] == "farm"


def test_it_stays_where_it_is(world: World) -> None:
    api = world.api("a_owner")
    moved = api.patch(f"business-units/{world.ids['a_farm']}/", {"organisation": world.ids["b_org"]}, if_match="*")
    assert errors(moved) == [("/organisation", "unknown_field")]
    assert BusinessUnit.objects.get(pk=world.a.farm.pk).organisation_id == world.a.organisation.pk
