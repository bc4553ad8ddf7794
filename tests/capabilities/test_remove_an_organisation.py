"""Remove an organisation: never by itself. It goes with its customer, which staff remove elsewhere."""

from __future__ import annotations

import pytest

from organisations.models import Organisation
from tests.api.client import problem
from tests.capabilities.companies import desk, everybodys
from tests.security.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("persona", "status", "code"),
    [
        ("a_owner", 403, "refused"),
        ("a_manager", 403, "refused"),
        ("a_viewer", 403, "refused"),
        ("a_key", 403, "refused"),
        ("b_owner", 404, "not_found"),
        ("conn_owner", 404, "not_found"),
        ("a_left", 404, "not_found"),
        ("support", 409, "removed_with_customer"),
        ("administrator", 409, "removed_with_customer"),
        ("anonymous", 401, "unauthenticated"),
    ],
)
def test_through_the_api(world: World, persona: str, status: int, code: str) -> None:
    told = problem(world.api(persona).delete(f"organisations/{world.ids['a_org']}/"), status, code)
    if status == 409:
        assert f"/api/v1/customers/{world.ids['a_org']}/" in told["detail"]
    there = Organisation.objects.filter(pk__in=[one.pk for one in everybodys(world)], archived_at=None)
    assert there.count() == 4


def test_the_admin_has_no_button_for_it(world: World) -> None:
    client = world.client("administrator")
    assert client.get(desk(Organisation, "delete", world.a.organisation.pk)).status_code == 403
    assert client.post(desk(Organisation, "delete", world.a.organisation.pk), {"post": "yes"}).status_code == 403
    assert Organisation.objects.filter(pk=world.a.organisation.pk).exists()
