"""What the grants beside P-OC let others do, through the API and the pages: while they stand, and no longer."""

from __future__ import annotations

from typing import Any

import pytest

from ordercycles.models import Product
from organisations.domain import grants
from permissions.models import Grant
from tests.api.client import Api, problem
from tests.factories import access, grant
from tests.web.conftest import World

pytestmark = pytest.mark.django_db


def _ended(world: World, given: Grant) -> None:
    grants.withdraw(access(world.ash), grant=given)


def test_a_catalogue_is_managed_by_those_it_was_granted_to(world: World) -> None:
    browser, api = world.client("hub"), Api(world.users["hub"])
    product: dict[str, Any] = {"producer": world.ash.public_id, "name": "Curd"}
    form = {"owner": world.ash.public_id, "name": "Whey"}
    page = f"/products/{world.product.public_id}/"
    given = grant(world.ash, world.deane, "manage_products")
    made = api.post("products/", product)
    assert made.status_code == 201, made.content
    variant = {"product": made.json()["id"], "price": "2.50", "unit_type": "item", "unit_value": "1"}
    assert api.post("variants/", variant).status_code == 201
    assert browser.post("/products/new/", form).status_code == 302
    edited = browser.post(f"{page}edit/", {"name": "Whole milk", "version": 1})
    assert edited.status_code == 302
    names = Product.objects.filter(producer=world.ash).order_by("name").values_list("name", flat=True)
    assert list(names) == ["Curd", "Whey", "Whole milk"]
    _ended(world, given)
    # She still sees what it sells, by the P-OC grant that stands.
    assert problem(api.post("products/", product | {"name": "Ghee"}), 403, "refused")["rule"] == "G8"
    curd = f"products/{made.json()['id']}/"
    refused = api.patch(curd, {"name": "Ghee"}, if_match=api.get(curd)["ETag"])
    assert problem(refused, 403, "refused")["rule"] == "G8"
    assert api.post("variants/", variant).status_code == 403
    browser.post("/products/new/", form | {"name": "Ghee"})
    assert browser.post(f"{page}edit/", {"name": "Ghee", "version": 2}).status_code == 403
    assert not Product.objects.filter(name="Ghee").exists()


def test_a_public_profile_is_edited_by_those_it_was_granted_to(world: World) -> None:
    browser, api = world.client("hub"), Api(world.users["hub"])
    page, path = f"/enterprises/{world.ash.public_id}/profile/", f"business-units/{world.ash.public_id}/business/"
    given = grant(world.ash, world.deane, "edit_profile")
    assert browser.get(page).status_code == 200
    assert browser.post(page, {"description": "Milk", "website": "", "version": 1}).status_code == 302
    read = api.get(path)
    assert (read.status_code, read.json().get("description")) == (200, "Milk")
    changed = api.patch(path, {"description": "Milk and curd"}, if_match=read["ETag"])
    assert changed.status_code == 200, changed.content
    # No more than the profile.
    assert api.patch(path, {"sells": "any"}, if_match=changed["ETag"]).status_code == 403
    _ended(world, given)
    assert browser.get(page).status_code == 403
    assert browser.post(page, {"description": "Ours", "website": "", "version": 3}).status_code == 403
    assert api.patch(path, {"description": "Ours"}, if_match=changed["ETag"]).status_code == 403
    world.ash.refresh_from_db()
    assert world.ash.description == "Milk and curd"


@pytest.mark.parametrize(
    ("path", "body", "rule"),
    [
        ("fees/", {"owner": "", "name": "Ours", "kind": "packing", "charge": "per_item", "amount": "1"}, "C11"),
        ("shipping-methods/", {"hub": "", "name": "Ours", "kind": "collection"}, "M1"),
        ("payment-methods/", {"hub": "", "name": "Ours"}, "M1"),
        ("order-cycles/", {"coordinator": "", "name": "Ours"}, "C1"),
        ("products/", {"producer": "", "name": "Ours"}, "G8"),
    ],
)
def test_what_would_be_new_under_somebody_one_knows_is_refused_with_its_rule(
    world: World, path: str, body: dict[str, str], rule: str
) -> None:
    """Of somebody one does not know of, nothing is told."""
    owner = next(name for name, value in body.items() if value == "")
    api, stranger = Api(world.users["hub"]), Api(world.users["outsider"])
    sent = body | {owner: world.ash.public_id}
    assert problem(api.post(path, sent), 403, "refused")["rule"] == rule
    assert problem(stranger.post(path, sent), 400, "invalid")["errors"][0]["code"] == "not_found"


@pytest.mark.parametrize("version", [None, "", "one", "-1", "1" * 10])
def test_a_form_that_does_not_say_what_was_seen_is_stale(world: World, version: str | None) -> None:
    browser = world.client("producer")
    spare = world.spare.public_id
    sent: dict[str, Any] = {"was": [spare], "in": []}
    if version is not None:
        sent["version"] = version
    warned = browser.post(f"/exchanges/{world.incoming.public_id}/products/", sent)
    assert warned.status_code == 409
    assert "Look at it once more before you save" in warned.content.decode()
    # What was chosen is sent again, with the version that stands now.
    assert f'name="was" value="{spare}"' in warned.content.decode()
    assert 'name="version" value="1"' in warned.content.decode()
    assert world.incoming.exchange_variants.filter(variant=world.spare).exists()


def test_the_times_that_nobody_touched_stay_to_the_second(world: World) -> None:
    opens_at, closes_at = world.cycle.opens_at, world.cycle.closes_at
    assert opens_at is not None
    assert opens_at.microsecond
    sent = {"name": "Week 48", "opens_at": f"{opens_at:%Y-%m-%dT%H:%M}", "closes_at": f"{closes_at:%Y-%m-%dT%H:%M}"}
    saved = world.client("coordinator").post(f"/cycles/{world.cycle.public_id}/", sent | {"version": 1})
    assert saved.status_code == 302
    world.cycle.refresh_from_db()
    assert (world.cycle.name, world.cycle.opens_at, world.cycle.closes_at) == ("Week 48", opens_at, closes_at)
