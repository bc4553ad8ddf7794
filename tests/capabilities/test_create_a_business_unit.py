"""Create a business unit, and make it a farm or a store."""

from __future__ import annotations

import pytest

from organisations.models import Business, BusinessUnit
from tests.api.client import errors, problem
from tests.capabilities.companies import WHY, desk, page, text
from tests.security.world import World

pytestmark = pytest.mark.django_db

STATUSES = [
    ("a_owner", 201, 302),
    ("a_manager", 403, 403),
    ("a_viewer", 403, 403),
    ("b_owner", 404, 404),
    ("conn_owner", 404, 404),
    ("both", 403, 403),
    ("a_left", 404, 404),
    ("support", 400, 403),
]


@pytest.mark.parametrize(("persona", "api", "web"), STATUSES)
def test_who_may(world: World, persona: str, api: int, web: int) -> None:
    sent = {"name": "Barn", "town": "Broadclyst"}
    address = f"organisations/{world.ids['a_org']}/business-units/"
    assert world.api(persona).post(address, sent).status_code == api
    made = BusinessUnit.objects.filter(name="Barn")
    assert made.count() == (1 if api == 201 else 0)
    made.delete()
    assert world.client(persona).post(page("unit_create", world.a.organisation), sent).status_code == web
    assert BusinessUnit.objects.filter(name="Barn").count() == (1 if web == 302 else 0)


def test_a_key_makes_one(world: World) -> None:
    made = world.api("a_key").post(f"organisations/{world.ids['a_org']}/business-units/", {"name": "Barn"})
    assert (made.status_code, made.json()["organisation"]) == (201, world.ids["a_org"])


def test_staff_make_one_with_a_reason(world: World) -> None:
    address = f"organisations/{world.ids['a_org']}/business-units/"
    made = world.api("support").post(address, {"name": "Barn"}, acting_reason="Asked%20by%20telephone")
    assert made.status_code == 201
    sent = {"organisation": world.a.organisation.pk, "name": "Shed", "reason": WHY}
    assert world.client("support").post(desk(BusinessUnit, "add"), sent).status_code == 302
    assert BusinessUnit.objects.filter(name__in=["Barn", "Shed"], organisation=world.a.organisation).count() == 2


def test_the_record_of_a_company_has_none_until_it_is_claimed(world: World) -> None:
    api, browser = world.api("a_owner"), world.client("a_owner")
    problem(api.post(f"organisations/{world.ids['shell']}/business-units/", {"name": "Planted"}), 409, "shell")
    assert browser.get(page("unit_create", world.shell)).status_code == 409
    assert browser.post(page("unit_create", world.shell), {"name": "Planted"}).status_code == 409
    assert page("unit_create", world.shell) not in text(browser.get(page("units", world.shell)))
    assert "Set-up" not in text(browser.get(page("organisation", world.shell)))
    sent = {"organisation": world.shell.pk, "name": "Planted", "reason": WHY}
    assert "has no units until" in text(world.client("support").post(desk(BusinessUnit, "add"), sent))
    assert not BusinessUnit.objects.filter(organisation=world.shell).exists()


def test_a_name_is_once_in_the_organisation(world: World) -> None:
    address = f"organisations/{world.ids['a_org']}/business-units/"
    api = world.api("a_owner")
    assert errors(api.post(address, {"name": world.a.farm.name})) == [("/name", "unique")]
    assert api.post(address, {"name": world.b.farm.name}).status_code == 201


def test_it_becomes_a_farm_with_its_data(world: World) -> None:
    body = {"kind": "farm", "holding_number": "101230456", "hectares": "84.5", "farm_enterprises": ["dairy"]}
    made = world.api("a_owner").put(f"business-units/{world.ids['a_office']}/business/", body)
    assert made.status_code == 201
    assert {name: made.json()[name] for name in ("holding_number", "hectares", "farm_enterprises", "store_code")} == {
        "holding_number": "10/123/0456",
        "hectares": "84.50",
        "farm_enterprises": ["dairy"],
        "store_code": "",
    }


def test_it_becomes_a_store_on_the_page_in_two_steps(world: World) -> None:
    client, organisation, office = world.client("a_owner"), world.a.organisation, world.a.office
    made = client.post(page("business_create", organisation, office), {"kind": "store", "sells": "any"})
    assert made["Location"] == page("particulars", organisation, office)
    assert "Opening hours" in text(client.get(made["Location"]))
    sent = {
        "store_code": "EX-01",
        "floor_area": "140",
        "mon": "9-12.30, 13:30 to 17",
        "sat": "10:00–24:00",
        "version": "1",
    }
    assert client.post(made["Location"], sent).status_code == 302
    store = Business.objects.get(pk=office.pk)
    assert (store.store_code, store.floor_area, store.capacity) == ("EX-01", 140, None)
    assert store.opening_hours == {"mon": [["09:00", "12:30"], ["13:30", "17:00"]], "sat": [["10:00", "24:00"]]}
    shown = text(client.get(page("unit", organisation, office)))
    assert "09:00–12:30, 13:30–17:00" in shown


def test_times_that_cannot_be_are_told_where_they_stand(world: World) -> None:
    client = world.client("a_owner")
    address = page("particulars", world.a.organisation, world.a.shop)
    unreadable = client.post(address, {"mon": "mornings", "version": "1"})
    assert unreadable.status_code == 422
    assert unreadable.context["form"].errors.keys() == {"mon"}
    backwards = client.post(address, {"mon": "17:00-09:00", "version": "1"})
    assert backwards.status_code == 422
    assert "open before they close" in text(backwards)


def test_in_the_admin_a_farm_is_no_store(world: World) -> None:
    client = world.client("support")
    sent = {"unit": world.a.office.pk, "kind": "store", "sells": "any", "reason": WHY, "opening_hours": ""}
    refused = client.post(desk(Business, "add"), {**sent, "hectares": "3", "certifications": ["organic"]})
    assert refused.status_code == 200
    assert set(refused.context["adminform"].form.errors) == {"hectares", "certifications"}
    made = client.post(desk(Business, "add"), {**sent, "store_code": "EX-02"})
    assert made.status_code == 302
    assert Business.objects.get(pk=world.a.office.pk).store_code == "EX-02"
