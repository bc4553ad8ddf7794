"""Exports: whose data is in them, who gets them, for how long, and that it is recorded."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.test import Client
from django.urls import reverse

from common import clock, csv
from common.errors import Gone, NotFound, TooMany
from customers.domain import exports
from customers.models import Export
from customers.models.lifecycle import STRANDED
from mails.models import Mail
from organisations.domain import organisations
from permissions import trail
from permissions.decisions import Refused
from permissions.models import Membership
from tests.factories import ProductFactory, UserFactory, grant
from tests.security.world import World

pytestmark = pytest.mark.django_db


def files_of(export: Export) -> dict[str, str]:
    """Every file in it, as text."""
    export.refresh_from_db()
    assert export.content is not None
    with zipfile.ZipFile(io.BytesIO(bytes(export.content))) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def made(world: World, persona: str = "a_owner") -> Export:
    """An export of A that is ready."""
    export = exports.export_organisation(world.access(persona), organisation=world.a.organisation)
    exports.build(export.public_id)
    export.refresh_from_db()
    return export


def test_attack_87_only_that_tenants_data(world: World) -> None:
    ProductFactory.create(producer=world.b.farm.business, name="Quince of B")
    ProductFactory.create(producer=world.a.farm.business, name="Apple of A")
    grant(world.b.farm.business, world.a.farm.business)
    text = "\n".join(files_of(made(world)).values())
    assert "Apple of A" in text
    assert "Quince of B" not in text
    # Whom it deals with is named; nothing else of theirs.
    for row in (world.b.organisation, world.b.shop, world.b.office, world.b.role, world.b.key, world.b.invitation):
        assert row.public_id not in text
    for one in ("owner", "manager", "contributor", "viewer"):
        assert world.people[f"b_{one}"].email not in text
        assert world.people[f"a_{one}"].email in text


def test_a_job_that_dies_leaves_no_page_waiting(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It failed, and the next try may make it; one that is lost is said to have failed after a time."""
    export = exports.export_organisation(world.access("a_owner"), organisation=world.a.organisation)
    with monkeypatch.context() as patched, pytest.raises(ZeroDivisionError):
        patched.setattr(exports, "_content", lambda row: 1 // 0)
        exports.build(export.public_id)
    export.refresh_from_db()
    assert export.state == "failed"
    exports.build(export.public_id)
    export.refresh_from_db()
    assert export.state == "ready"
    lost = exports.export_person(world.access("a_owner"), user=world.people["a_owner"])
    page = "/account/data/"
    assert "every 3s" in world.client("a_owner").get(page).content.decode()
    with clock.at(clock.now() + STRANDED + timedelta(minutes=1)):
        assert lost.state == "failed"


def test_attack_87_no_hash_and_no_secret(world: World) -> None:
    owner = world.people["a_owner"]
    person = exports.export_person(world.access("a_owner"), user=owner)
    exports.build(person.public_id)
    for export in (made(world), person):
        text = "\n".join(files_of(export).values())
        for secret in (
            world.a.key.secret_hash,
            world.a.secret,
            world.a.invitation.token_hash,
            world.a.token,
            owner.password,
        ):
            assert secret not in text
        assert "token" not in text.replace("token_", "")
        assert "hash" not in text


def test_attack_87_every_list_as_json_and_csv_with_a_readme(world: World) -> None:
    organisations.edit_organisation(world.access("a_owner"), organisation=world.a.organisation, name="=cmd|x")
    files = files_of(made(world))
    assert "Made on" in files["README.txt"]
    names = {name.removesuffix(".json") for name in files if name.endswith(".json")}
    assert {f"{name}.csv" for name in names} | {f"{name}.json" for name in names} | {"README.txt"} == set(files)
    assert {
        "organisation",
        "business_units",
        "people",
        "products",
        "order_cycles",
        "audit_trail",
        "grants_given",
    } <= names
    assert "'=cmd|x" in files["organisation.csv"]
    assert csv.read(files["organisation.csv"])[0]["name"] == "=cmd|x"
    assert json.loads(files["organisation.json"])[0]["name"] == "=cmd|x"


def test_attack_16_who_has_named_units_gets_these(world: World) -> None:
    files = files_of(made(world, "a_manager"))
    (unit,) = json.loads(files["business_units.json"])
    assert unit["id"] == world.a.farm.public_id
    assert world.a.shop.public_id not in "".join(files.values())
    assert "people.json" not in files
    assert "audit_trail.json" not in files


@pytest.mark.parametrize(
    ("persona", "code"), [("a_viewer", "O7"), ("a_contributor", "O7"), ("a_key", "D1"), ("support", "S1")]
)
def test_attack_87_who_may_not_ask(world: World, persona: str, code: str) -> None:
    if persona == "a_key":
        answer = world.api("a_key").post(f"organisations/{world.a.organisation.public_id}/exports/", {})
        assert (answer.status_code, answer.json()["rule"]) == (403, code)
        return
    with pytest.raises(Refused) as refused:
        exports.export_organisation(world.access(persona), organisation=world.a.organisation)
    assert refused.value.decision.code == code


@pytest.mark.parametrize("persona", ["b_owner", "conn_owner"])
def test_attack_87_of_another_organisation_there_is_none(world: World, persona: str) -> None:
    with pytest.raises(NotFound):
        exports.export_organisation(world.access(persona), organisation=world.a.organisation)


def test_attack_87_the_link_is_for_the_one_who_asked(world: World) -> None:
    export = made(world)
    link = world.api("a_owner").get(f"exports/{export.public_id}/").json()["download_url"]
    address = link.removeprefix("/api/v1/")
    assert world.api("a_owner").get(address).status_code == 200
    for persona in ("a_manager", "b_owner", "administrator", "a_key"):
        assert world.api(persona).get(address).status_code == 404
    assert world.api("anonymous").get(address).status_code == 401
    # A link of another file, or one that was changed, opens nothing.
    other = made(world)
    assert (
        world.api("a_owner").get(f"exports/{other.public_id}/download/?token={exports.link_token(export)}").status_code
        == 404
    )
    assert world.api("a_owner").get(f"{address}x").status_code == 404


def test_attack_87_the_link_ends(world: World) -> None:
    export, owner = made(world), world.access("a_owner")
    token = exports.link_token(export)
    with clock.at(clock.now() + timedelta(hours=25)), pytest.raises(Gone):
        exports.download(owner, export=export, token=token)
    assert exports.empty_expired() == 0
    with clock.at(clock.now() + timedelta(hours=25)):
        assert exports.empty_expired() == 1
    export.refresh_from_db()
    assert (export.content, export.size) == (None, 0)
    assert export.state == "ready"
    with pytest.raises(Gone):
        exports.download(owner, export=export, token=token)


def test_attack_87_downloads_are_counted_and_recorded(world: World) -> None:
    export, owner = made(world), world.access("a_owner")
    exports.download(owner, export=export, token=exports.link_token(export))
    export.refresh_from_db()
    assert export.downloads == 1
    told = trail.of_tenant(owner, world.a.organisation, trail.Filters(verb="download")).entries
    assert [(one.actor, one.object) for one in told] == [(owner.actor, export.public_id)]


def test_attack_87_who_lost_the_right_meanwhile_gets_no_file(world: World) -> None:
    export = exports.export_organisation(world.access("a_manager"), organisation=world.a.organisation)
    Membership.objects.filter(user=world.people["a_manager"]).update(is_active=False)
    exports.build(export.public_id)
    export.refresh_from_db()
    assert (export.status, export.content) == ("failed", None)


def test_attack_87_asking_is_limited(world: World) -> None:
    for _ in range(10):
        exports.export_person(world.access("a_owner"), user=world.people["a_owner"])
    with pytest.raises(TooMany):
        exports.export_person(world.access("a_owner"), user=world.people["a_owner"])


def test_attack_87_a_persons_data_is_hers(world: World) -> None:
    owner = world.people["a_owner"]
    with pytest.raises(Refused):
        exports.export_person(world.access("a_owner"), user=world.people["a_viewer"])
    export = exports.export_person(world.access("a_owner"), user=owner)
    exports.build(export.public_id)
    files = files_of(export)
    assert json.loads(files["account.json"])[0]["email"] == owner.email
    text = "".join(files.values())
    assert world.people["a_viewer"].email not in text
    # For staff who act, too: the file is theirs to fetch.
    by_staff = exports.export_person(world.acting(), user=owner)
    assert by_staff.requested_by == world.people["support"]


def test_attack_87_what_went_to_her_old_address_is_hers_and_what_she_only_typed_is_not(world: World) -> None:
    owner, old = world.people["a_owner"], "Olive@old.example"
    now = owner.email
    for email in (old.lower(), now):
        owner.email = email
        owner.save()
    for address, subject in ((old, "To the old one"), ("typed@else.example", "To a stranger"), (now, "To the new one")):
        Mail.objects.create(kind="welcome", recipient=address, subject=subject)
    EmailAddress.objects.create(user=owner, email="typed@else.example", verified=False)
    export = exports.export_person(world.access("a_owner"), user=owner)
    exports.build(export.public_id)
    told = {one["subject"] for one in json.loads(files_of(export)["mails_to_you.json"])}
    assert {"To the old one", "To the new one"} <= told
    assert "To a stranger" not in told
    # Somebody else has it by now.
    UserFactory.create(email=old.lower())
    assert exports._addresses(owner) == [now]


def test_attack_87_a_cut_short_audit_trail_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "MOST_ROWS", 2)
    monkeypatch.setattr(trail, "_PART", 1)
    files = files_of(made(world))
    assert json.loads(files["audit_trail.json"])[-1]["did"].startswith("Not all")
    assert "audit_trail.csv: 3 (Not all" in files["README.txt"]


def test_pages(world: World) -> None:
    client = world.client("a_owner")
    url = reverse("exports", args=[world.a.organisation.public_id])
    assert "No file yet" in client.get(url).content.decode()
    assert client.post(url).status_code == 302
    page = client.get(url).content.decode()
    assert "Being made" in page
    assert 'hx-trigger="every 3s"' in page
    export = Export.objects.get()
    exports.build(export.public_id)
    shown: Any = client.get(url)
    ((row, link),) = shown.context["exports"]
    answer = client.get(link)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "no-store")
    assert answer["Content-Disposition"].startswith("attachment")
    assert zipfile.is_zipfile(io.BytesIO(answer.content))
    assert world.client("a_manager").get(link).status_code == 404
    assert Client().get(link).status_code == 302
    Export.objects.filter(pk=row.pk).update(expires_at=clock.now())
    assert client.get(link).status_code == 410
    mine: Any = client.get(reverse("my_data"))
    assert [one.public_id for one, _link in mine.context["exports"]] == [export.public_id]
