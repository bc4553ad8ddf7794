"""Get a single organisation: one's own in full, another by its public profile, none that one does not know."""

from __future__ import annotations

import pytest

from organisations.models import Organisation
from tests.api.client import problem
from tests.capabilities.companies import desk, page, text
from tests.security.world import World

pytestmark = pytest.mark.django_db


def test_ones_own_in_full(world: World) -> None:
    Organisation.objects.filter(pk=world.a.organisation.pk).update(company_number="01234567")
    found = world.api("a_viewer").get(f"organisations/{world.ids['a_org']}/").json()
    assert (found["name"], found["company_number"], found["kind"]) == ("Ashclyst Farms", "01234567", "full")


@pytest.mark.parametrize(
    ("persona", "whole", "profile"),
    [
        ("a_owner", 404, 200),
        ("a_viewer", 404, 200),
        ("a_key", 404, 200),
        ("b_owner", 404, 404),
        ("conn_owner", 200, 200),
        ("support", 200, 200),
        ("anonymous", 401, 401),
    ],
)
def test_another_by_its_profile(world: World, persona: str, whole: int, profile: int) -> None:
    address = f"organisations/{world.conn.organisation.public_id}/"
    api = world.api(persona)
    assert (api.get(address).status_code, api.get(f"{address}profile/").status_code) == (whole, profile)


def test_one_that_is_not_known_looks_like_one_that_never_was(world: World) -> None:
    api = world.api("a_owner")
    for kind in ("", "profile/"):
        there = problem(api.get(f"organisations/{world.ids['b_org']}/{kind}"), 404, "not_found")
        never = problem(api.get(f"organisations/{world.ids['b_org'][:-6]}zzzzzz/{kind}"), 404, "not_found")
        assert there["detail"] == never["detail"]


@pytest.mark.parametrize(
    ("persona", "own", "known", "other"),
    [
        ("a_owner", 200, 200, 404),
        ("a_manager", 200, 200, 404),
        ("a_viewer", 200, 200, 404),
        ("both", 200, 200, 200),
        ("a_left", 404, 404, 404),
        ("support", 200, 200, 200),
        ("anonymous", 302, 302, 302),
    ],
)
def test_on_the_page(world: World, persona: str, own: int, known: int, other: int) -> None:
    client = world.client(persona)
    answers = [client.get(page("organisation", one.organisation)) for one in (world.a, world.conn, world.b)]
    assert [answer.status_code for answer in answers] == [own, known, other]


def test_the_page_of_ones_own_says_what_is_left_to_set_up(world: World) -> None:
    shown = text(world.client("a_owner").get(page("organisation", world.a.organisation)))
    for step in ("Confirm the contact e-mail of each enterprise", "Have a second account owner"):
        assert step in shown
    assert "Set-up" not in text(world.client("a_viewer").get(page("organisation", world.a.organisation)))


def test_the_switcher_is_for_those_with_several(world: World) -> None:
    both = text(world.client("both").get(page("units", world.a.organisation)))
    assert page("units", world.b.organisation) in both
    assert "Your organisations" not in text(world.client("a_owner").get(page("units", world.a.organisation)))


def test_in_the_admin(world: World) -> None:
    shown = world.client("support").get(desk(Organisation, "change", world.b.organisation.pk))
    assert "Bickleigh Foods" in text(shown)


def test_it_is_changed_by_its_owner_and_its_numbers_by_staff(world: World) -> None:
    client, organisation = world.client("a_owner"), world.a.organisation
    changed = {"name": "Ashclyst", "town": "Broadclyst", "postcode": "ex53du", "company_number": "01234567"}
    changed["version"] = str(organisation.version)
    assert client.post(page("organisation_edit", organisation), changed).status_code == 302
    organisation.refresh_from_db()
    assert (organisation.name, organisation.postcode, organisation.company_number) == ("Ashclyst", "EX5 3DU", "")
    address = f"organisations/{organisation.public_id}/"
    refused = world.api("a_owner").patch(address, {"company_number": "01234567"}, if_match="*")
    assert [(one["pointer"], one["code"]) for one in refused.json()["errors"]] == [("/company_number", "staff_only")]
