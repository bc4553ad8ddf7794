"""Get all customers: for staff, through the API and the admin."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock
from customers.models import ExternalId
from organisations.models import Organisation
from permissions.models import Membership
from tests.api.client import problem
from tests.capabilities.companies import names
from tests.factories import MembershipFactory, OrganisationFactory
from tests.security.world import World

pytestmark = pytest.mark.django_db

A, B, CONN, SHELL = "Ashclyst Farms", "Bickleigh Foods", "Crediton Carriers", "Silverton Storage"
EVERY = {A, B, CONN, SHELL}


def test_staff_see_all(world: World) -> None:
    for persona in ("support", "administrator"):
        assert names(world.api(persona).get("customers/")) == EVERY
    row = next(one for one in world.api("support").get("customers/").json()["results"] if one["name"] == A)
    assert (row["kind"], row["state"], row["has_owner"]) == ("full", "active", True)


@pytest.mark.parametrize("persona", ["a_owner", "a_viewer", "conn_owner", "both", "a_key"])
def test_to_others_the_address_is_not_there(world: World, persona: str) -> None:
    for address in ("customers/", f"customers/{world.a.organisation.public_id}/", "customers/access-requests/"):
        problem(world.api(persona).get(address), 404, "not_found")


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=ash", {A}),
        ("q=ASHCLYST FARMS OFF", {A}),
        ("q=01234567", {B}),
        ("q=gb 123456789", {B}),
        ("q=ex169aa", {B}),
        ("q=b_viewer@", {B}),
        ("q=both@people.example", {A, B}),
        ("q={org}", {B}),
        ("q={unit}", {B}),
        ("q={user}", {B}),
        ("q={invitation}", {B}),
        ("q=L-17", {B}),
        ("q=nothing like it", set()),
        ("kind=shell", {SHELL}),
        ("kind=full", {A, B, CONN}),
        ("has_owner=false", {SHELL, CONN}),
        ("has_owner=true", {A, B}),
        ("state=active", {A, CONN, SHELL}),
        ("state=archived", {B}),
        ("state=merged", set()),
        ("created_since={tomorrow}", set()),
        ("created_before={tomorrow}", EVERY),
        ("updated_since={tomorrow}", set()),
        ("q=farm&kind=full&has_owner=true", {A, B}),
    ],
)
def test_search_and_filters(world: World, query: str, found: set[str]) -> None:
    company = world.b.organisation
    Organisation.objects.filter(pk=company.pk).update(
        company_number="01234567", vat_number="GB123456789", postcode="EX16 9AA", archived_at=clock.now()
    )
    Membership.objects.filter(organisation=world.conn.organisation).update(is_active=False)
    ExternalId.objects.create(source="logistics", external_id="L-17", organisation=company)
    text = query.format(
        org=company.public_id,
        unit=world.b.farm.public_id,
        user=world.people["b_viewer"].public_id,
        invitation=world.b.invitation.public_id,
        tomorrow=quote((clock.now() + timedelta(days=1)).isoformat()),
    )
    assert names(world.api("support").get(f"customers/?{text}")) == found


def test_unknown_filters_are_refused(world: World) -> None:
    for query in ("nmae=A", "kind=all", "has_owner=maybe", "q=a&q=b"):
        assert world.api("support").get(f"customers/?{query}").status_code == 400


def test_pages(world: World) -> None:
    api = world.api("support")
    seen, address = [], "customers/?page_size=3"
    while address:
        body = api.get(address).json()
        seen += [one["name"] for one in body["results"]]
        address = body["next"]
    assert sorted(seen) == sorted(EVERY)


def test_statements_do_not_grow(world: World) -> None:
    api = world.api("support")
    company = world.a.organisation
    counted = []
    for address in ("customers/?q=a", f"customers/{company.public_id}/"):
        for more in (0, 3):
            for number in range(more):
                OrganisationFactory.create(name=f"Another {number}", created_by_organisation=company)
                MembershipFactory.create(organisation=company, role="viewer")
            with CaptureQueriesContext(connection) as seen:
                assert api.get(address).status_code == 200
            counted.append(len(seen))
    assert counted == [4, 4, 9, 9]


def test_one_customer(world: World) -> None:
    read = world.api("support").get(f"customers/{world.a.organisation.public_id}/")
    body = read.json()
    assert {one["name"] for one in body["units"]} == {f"{A} farm", f"{A} shop", f"{A} office"}
    assert {one["role"] for one in body["people"] if one["is_active"]} >= {"Account owner", "Viewer"}
    assert (body["invitations"], body["recorded_by"]) == (1, None)
    assert read["ETag"]
    shell = world.api("support").get(f"customers/{world.shell.public_id}/").json()
    assert shell["recorded_by"] == {"id": world.a.organisation.public_id, "name": A}


def test_through_the_admin(world: World) -> None:
    browser = world.client("support")
    listed = browser.get(reverse("admin:organisations_organisation_changelist"))
    assert {row.name for row in listed.context["cl"].result_list} == EVERY
    companies = Organisation.objects.order_by("pk")
    now = clock.now()
    companies.filter(pk=world.shell.pk).update(archived_at=now, merged_into=world.a.organisation)
    companies.filter(pk=world.conn.organisation.pk).update(archived_at=now, removed_at=now)
    companies.filter(pk=world.b.organisation.pk).update(archived_at=now)
    Membership.objects.filter(organisation=world.a.organisation, role__key="owner").update(is_active=False)
    for asked, found in (
        ("state=merged", {world.shell}),
        ("state=removed", {world.conn.organisation}),
        ("state=archived", {world.b.organisation}),
        ("state=active&kind__exact=full", {world.a.organisation}),
        ("has_owner=no&kind__exact=full", {world.a.organisation}),
        ("has_owner=yes", {world.b.organisation, world.conn.organisation}),
    ):
        shown = browser.get(f"{reverse('admin:organisations_organisation_changelist')}?{asked}")
        assert set(shown.context["cl"].result_list) == found, asked
    assert browser.get(reverse("admin:customer", args=[world.b.organisation.public_id])).status_code == 200
