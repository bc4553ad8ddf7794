"""Create an organisation: for staff, and not to be done alone."""

from __future__ import annotations

import json

import pytest
from django.urls import reverse

from organisations.models import Organisation
from tests.api.client import errors, problem
from tests.capabilities.companies import WHY
from tests.security.world import World

pytestmark = pytest.mark.django_db

BODY = {"name": "Lone Ltd", "company_number": "01234567", "postcode": "ex111aa"}


def test_through_the_api(world: World) -> None:
    api = world.api("support")
    made = api.post("organisations/", BODY, acting_reason=WHY)
    assert made.status_code == 201
    row = Organisation.objects.get(public_id=made.json()["id"])
    assert (row.kind, row.postcode, row.units.count()) == ("full", "EX11 1AA", 0)
    read = api.get(made["Location"])
    assert (read.json(), read["ETag"]) == (made.json(), made["ETag"])
    problem(api.post("organisations/", {"name": "Lone Limited"}, acting_reason=WHY), 409, "confirmation_needed")
    assert api.post("organisations/", {"name": "Lone Limited", "confirm": True}, acting_reason=WHY).status_code == 201


def test_it_says_that_it_should_not_stay_alone(world: World) -> None:
    described = json.loads(world.api("support").get("schema/").content)
    said = described["paths"]["/api/v1/organisations/"]["post"]
    assert "should not stay alone" in said["description"]
    assert "POST customers/" in said["description"]
    (header,) = [one for one in said["parameters"] if one["name"] == "Acting-Reason"]
    assert (header["in"], header["required"]) == ("header", True)


def test_what_is_wrong_is_named(world: World) -> None:
    api = world.api("support")
    problem(api.post("organisations/", BODY), 400, "reason_required")
    assert errors(api.post("organisations/", {"name": "L", "kind": "shell"}, acting_reason=WHY)) == [
        ("/kind", "unknown_field")
    ]
    answer = api.post("organisations/", {**BODY, "company_number": "12"}, acting_reason=WHY)
    assert errors(answer) == [("/company_number", "company_number")]
    assert not Organisation.objects.filter(name="Lone Ltd").exists()


@pytest.mark.parametrize(("persona", "status"), [("a_owner", 403), ("a_manager", 403), ("a_left", 403), ("a_key", 404)])
def test_nobody_else(world: World, persona: str, status: int) -> None:
    assert world.api(persona).post("organisations/", BODY, acting_reason=WHY).status_code == status
    assert not Organisation.objects.filter(name="Lone Ltd").exists()


def test_the_admin_makes_none_alone(world: World) -> None:
    """It takes on all of a customer instead."""
    browser = world.client("administrator")
    add = reverse("admin:organisations_organisation_add")
    assert browser.get(add).status_code == 403
    assert browser.post(add, {"name": "Lone Ltd", "kind": "full", "reason": WHY}).status_code == 403
    assert not Organisation.objects.filter(name="Lone Ltd").exists()
