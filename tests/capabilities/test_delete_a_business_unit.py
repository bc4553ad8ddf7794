"""Delete a business unit: deleted when nothing refers to it, put away otherwise; a preview says which, and why."""

from __future__ import annotations

import pytest

from organisations.models import BusinessUnit
from tests.api.client import problem
from tests.capabilities.companies import WHY, desk, fresh, page, text
from tests.security.world import World

pytestmark = pytest.mark.django_db


def test_the_preview_says_which(world: World) -> None:
    api = world.api("a_owner")
    bare = api.delete(f"business-units/{world.ids['a_office']}/?preview=true").json()
    assert (bare["outcome"], bare["referred_to_by"], bare["members"]) == ("deleted", [], 0)
    held = api.delete(f"business-units/{world.ids['a_farm']}/?preview=true").json()
    assert (held["outcome"], held["referred_to_by"], held["members"]) == ("archived", ["memberships"], 1)
    assert BusinessUnit.objects.filter(organisation=world.a.organisation, archived_at=None).count() == 3


def test_through_the_api(world: World) -> None:
    api = world.api("a_owner")
    assert problem(api.delete(f"business-units/{world.ids['a_office']}/"), 428, "precondition_required")
    gone = api.delete(f"business-units/{world.ids['a_office']}/", if_match="*").json()
    assert (gone["outcome"], gone["archived_at"]) == ("deleted", None)
    assert api.get(f"business-units/{world.ids['a_office']}/").status_code == 404
    away = api.delete(f"business-units/{world.ids['a_farm']}/", if_match="*").json()
    assert away["outcome"] == "archived"
    assert away["archived_at"]
    assert api.post(f"business-units/{world.ids['a_farm']}/restore/").json()["archived_at"] is None


@pytest.mark.parametrize(
    ("persona", "status"),
    [
        ("a_manager", 404),
        ("a_viewer", 403),
        ("a_contributor", 403),
        ("b_owner", 404),
        ("b_key", 404),
        ("conn_owner", 404),
        ("support", 400),
        ("anonymous", 401),
    ],
)
def test_who_may_not(world: World, persona: str, status: int) -> None:
    for query in ("", "?preview=true"):
        address = f"business-units/{world.ids['a_shop']}/{query}"
        assert world.api(persona).delete(address, if_match="*").status_code == status
    assert not fresh(world.a.shop).is_archived


def test_on_the_page(world: World) -> None:
    client, organisation = world.client("a_owner"), world.a.organisation
    assert "Delete it" in text(client.get(page("unit_remove", organisation, world.a.office)))
    gone = client.post(page("unit_remove", organisation, world.a.office), {"version": "1"})
    assert gone["Location"] == page("units", organisation)
    assert not BusinessUnit.objects.filter(pk=world.a.office.pk).exists()
    asked = text(client.get(page("unit_remove", organisation, world.a.farm)))
    assert "these refer to it: memberships" in asked
    assert "1 member is limited to certain units" in asked
    assert client.post(page("unit_remove", organisation, world.a.farm), {"version": "9"}).status_code == 409
    client.post(page("unit_remove", organisation, world.a.farm), {"version": "1"})
    assert fresh(world.a.farm).is_archived
    client.post(page("unit_restore", organisation, world.a.farm))
    assert not fresh(world.a.farm).is_archived


def test_in_the_admin(world: World) -> None:
    client = world.client("support")
    address = desk(BusinessUnit, "act", world.a.office.pk, "remove")
    assert "deleted" in text(client.get(address))
    assert client.post(address, {"reason": ""}).status_code == 200
    assert BusinessUnit.objects.filter(pk=world.a.office.pk).exists()
    assert client.post(address, {"reason": WHY})["Location"] == desk(BusinessUnit, "changelist")
    assert not BusinessUnit.objects.filter(pk=world.a.office.pk).exists()
    change = text(client.get(desk(BusinessUnit, "change", world.a.farm.pk)))
    assert "act/archive/" in change
    assert "act/remove/" not in change
