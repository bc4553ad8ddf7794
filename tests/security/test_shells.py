"""Attacks on records of companies, connections and merges, through API and pages: 10, 11, 12, 44 and 45."""

from __future__ import annotations

from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.test import override_settings
from django.urls import reverse

from config.settings import services
from customers.domain import questions
from customers.domain.merge import totals
from customers.models import Invitation
from organisations.models import Connection, Organisation
from tests.api.client import Api, problem
from tests.factories import UserFactory
from tests.security.test_invitations import send
from tests.security.world import World

pytestmark = pytest.mark.django_db

#: Whatever belongs to the other side and is not its public profile.
PRIVATE = ("Conn Owner", "conn_owner@people.example", "EX4 3PQ", "A secret note", "company_number", "vat_number")


def pages(world: World, persona: str) -> list[str]:
    """Where a connection shows: the API's list and row, and the page."""
    org = world.ids["a_org"]
    api, client = world.api(persona), world.client(persona)
    return [
        api.get(f"organisations/{org}/connections/").content.decode(),
        api.get(f"organisations/{org}/connections/{world.ids['connection']}/").content.decode(),
        client.get(f"/organisations/{org}/connections/").content.decode().partition("<main")[2],
    ]


def test_attack_10_a_number_is_no_question_that_costs_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "IN_A_DAY", 6)
    Organisation.objects.filter(pk=world.b.organisation.pk).update(company_number="01234567")
    Organisation.objects.filter(pk=world.shell.pk).update(company_number="11111111")
    api, address = world.api("a_owner"), f"organisations/{world.ids['a_org']}/connections/"
    wrong = {"name": "x", "postcode": "ZZ", "contact_name": "a\nb", "contact_email": "x@x.example", "message": "m"}
    # Where limits are rows, what a verb counts goes with what it wrote.
    with override_settings(CACHES={"default": services.cache("database://numbers_of_a_test")}):
        call_command("createcachetable")
        # Nobody else spends them.
        problem(world.api("a_viewer").post(address, {**wrong, "company_number": "01234567"}), 403, "refused")
        told = [
            problem(api.post(address, {**wrong, "company_number": number, "invite": invite}), 400, "invalid")["errors"]
            for number in ("01234567", "76543210")
            for invite in (False, True)
        ]
        assert [one["pointer"] for one in told[0]] == ["/postcode", "/contact_name"]
        assert told[0] == told[1] == told[2] == told[3]
        # By the page, and by the question itself.
        page = world.client("a_owner")
        typed = {"name": "Silverton", "company_number": "1111 1111", "kind": "other", "note": "Ring twice"}
        kept = page.post(reverse("company_record", args=[world.ids["a_org"]]), typed)
        assert (kept.status_code, "Ring twice" in kept.content.decode()) == (409, True)
        assert api.get("customers/exists/?company_number=76543210").status_code == 200
        for answer in (
            api.post(address, {**wrong, "company_number": "01234567"}),
            api.get("customers/exists/?company_number=01234567"),
        ):
            problem(answer, 429, "too_many")
        late = page.post(reverse("company_record", args=[world.ids["a_org"]]), typed)
        assert (late.status_code, "Ring twice" in late.content.decode()) == (429, True)
        assert int(late["Retry-After"]) > 80_000
        # Without a number it is no question.
        assert api.post(address, {"name": "Silverton"}).status_code == 201


def test_attack_11_of_connected_organisations_the_public_profile_only(world: World) -> None:
    Connection.objects.create(
        organisation=world.conn.organisation, other=world.a.organisation, note="A secret note", contact_name="Us"
    )
    for content in pages(world, "a_owner"):
        assert "Crediton Carriers" in content
        for private in PRIVATE:
            assert private not in content, private
    (theirs,) = [
        one
        for one in world.api("a_owner").get(f"organisations/{world.ids['a_org']}/connections/").json()["results"]
        if not one["recorded_by_you"]
    ]
    assert theirs["company"] == {
        "id": world.ids["conn_org"],
        "name": "Crediton Carriers",
        "town": "Exeter",
        "businesses": ["farm", "store"],
    }
    assert [theirs[name] for name in ("kind", "contact_name", "contact_email", "note")] == [None] * 4


def test_attack_11_a_dropped_connection_is_gone_with_the_next_request(world: World) -> None:
    owner = world.api("a_owner")
    address = f"organisations/{world.ids['a_org']}/connections/{world.ids['connection']}/"
    profile = f"organisations/{world.ids['conn_org']}/profile/"
    page = f"/organisations/{world.ids['conn_org']}/"
    assert (owner.get(profile).status_code, world.client("a_owner").get(page).status_code) == (200, 200)
    assert owner.delete(address).status_code == 204
    problem(owner.get(address), 404, "not_found")
    problem(owner.get(profile), 404, "not_found")
    assert world.client("a_owner").get(page).status_code == 404
    # Nor can she come back by naming it.
    body = {"other": world.ids["conn_org"]}
    assert owner.post(f"organisations/{world.ids['a_org']}/connections/", body).status_code == 400


def test_attack_11_the_other_side_cannot_change_what_it_did_not_record(world: World) -> None:
    conn = world.api("conn_owner")
    address = f"organisations/{world.ids['conn_org']}/connections/{world.ids['connection']}/"
    shown = conn.get(address)
    assert (shown.status_code, shown.json()["note"]) == (200, None)
    problem(conn.patch(address, {"note": "x"}, if_match="*"), 403, "refused")
    problem(conn.delete(address), 403, "refused")
    path = f"/organisations/{world.ids['conn_org']}/connections/{world.ids['connection']}/"
    client = world.client("conn_owner")
    assert [client.get(f"{path}{name}/").status_code for name in ("edit", "remove", "invite")] == [403, 403, 403]


def test_attack_12_a_record_is_its_creators_until_it_is_claimed(world: World) -> None:
    a, b = world.api("a_owner"), world.api("b_owner")
    shell = f"organisations/{world.ids['shell']}/"
    assert a.patch(shell, {"town": "Thorverton"}, if_match="*").json()["town"] == "Thorverton"
    problem(b.get(shell), 404, "not_found")
    link = Connection.objects.get(organisation=world.a.organisation, other=world.shell)
    a.patch(f"organisations/{world.ids['a_org']}/connections/{link.public_id}/", {"note": "Late payer"}, if_match="*")
    # B refers to it too, by its number.
    Organisation.objects.filter(pk=world.shell.pk).update(company_number="01234567")
    body = {"name": "Silver", "company_number": "01234567"}
    theirs = b.post(f"organisations/{world.ids['b_org']}/connections/", body)
    assert (theirs.status_code, theirs.json()["is_new"], theirs.json()["is_your_record"]) == (201, False, False)
    assert theirs.json()["company"]["name"] == "Silverton Storage"
    for content in (
        theirs.content.decode(),
        b.get(f"organisations/{world.ids['b_org']}/connections/").content.decode(),
        world.client("b_owner").get(f"/organisations/{world.ids['b_org']}/connections/").content.decode(),
    ):
        assert "Late payer" not in content
        assert "Ashclyst" not in content
    problem(b.patch(shell, {"town": "X"}, if_match="*"), 403 if b.get(shell).status_code == 200 else 404, "not_found")
    # Claimed, it is nobody's but its own.
    invitation = {"kind": "claim", "organisation": world.ids["shell"], "email": "sil@silverton.example"}
    made = a.post("invitations/", invitation)
    token = send(made.json()["id"])
    new = {"token": token, "name": "Sil", "password": "correct horse battery"}
    assert world.api("anonymous").post("invitations/accept/", new).status_code == 200
    refused = a.patch(shell, {"town": "X"}, if_match="*")
    assert refused.status_code in (403, 404)
    (seen,) = [
        one
        for one in a.get(f"organisations/{world.ids['a_org']}/connections/").json()["results"]
        if one["company"]["id"] == world.ids["shell"]
    ]
    assert (seen["is_your_record"], seen["note"]) == (False, "Late payer")
    assert a.get(f"organisations/{world.ids['shell']}/connections/").status_code == 404


def test_attack_44_a_claim_needs_an_invitation(world: World) -> None:
    shell = world.ids["shell"]
    claim = {"kind": "claim", "organisation": shell, "email": "sil@silverton.example"}
    # Neither those who do not keep it, nor by naming it, nor by an address that looks right.
    assert world.api("b_owner").post("invitations/", claim).status_code == 400
    assert world.api("a_viewer").post("invitations/", claim).status_code in (400, 403)
    problem(world.api("support").post("invitations/", claim), 400, "reason_required")
    body = {"organisation": shell, "email": "sil@silverton.example", "role": world.ids["rol_owner"]}
    assert world.api("a_owner").post("invitations/", body).status_code in (400, 403)
    staff = world.api("support").post("invitations/", claim, acting_reason="They rang")
    assert staff.status_code == 201
    Invitation.objects.filter(public_id=staff.json()["id"]).update(status="revoked")
    made = world.api("a_owner").post("invitations/", claim).json()["id"]
    token = send(made)
    stranger = UserFactory.create(email="sil2@silverton.example")
    problem(Api(stranger).post("invitations/accept/", {"token": token}), 409, "wrong_account")
    new: dict[str, Any] = {"token": token, "name": "Sil", "password": "correct horse battery"}
    assert world.api("anonymous").post("invitations/accept/", new).status_code == 200
    problem(world.api("anonymous").post("invitations/accept/", new), 410, "gone")
    world.shell.refresh_from_db()
    assert (world.shell.kind, world.shell.memberships.count()) == ("full", 1)


def test_attack_44_not_by_the_customer_that_keeps_it(world: World) -> None:
    person = world.people["a_viewer"]
    made = world.api("a_owner").post(
        "invitations/", {"kind": "claim", "organisation": world.ids["shell"], "email": person.email}
    )
    token = send(made.json()["id"])
    problem(world.api("a_viewer").post("invitations/accept/", {"token": token}), 409, "own_record")
    client = world.client("a_viewer")
    client.get(f"/invitations/{token}/")
    assert client.post("/invitations/open/", {"answer": "accept"}).status_code == 409
    world.shell.refresh_from_db()
    assert world.shell.kind == "shell"


def test_attack_45_merging(world: World) -> None:
    address = f"customers/{world.ids['b_org']}/merge/"
    body = {"into": world.ids["a_org"]}
    for persona in ("a_owner", "b_owner", "both", "a_key"):
        assert world.api(persona).post(address, body).status_code in (400, 403, 404)
    support = world.api("support")
    problem(support.post(address, body), 400, "reason_required")
    told = support.post(address, body | {"dry_run": True}, acting_reason="One company")
    assert told.status_code == 200
    assert not Organisation.objects.filter(merged_into__isnull=False).exists()
    before = totals(world.a.organisation, world.b.organisation)
    Organisation.objects.filter(pk=world.b.organisation.pk).update(company_number="01234567")
    client = world.client("b_owner")
    UserSession.objects.create(
        user=world.people["b_owner"], session_key=client.session.session_key, ip="127.0.0.1", user_agent=""
    )
    stale = support.post(address, body | {"preview": told.json()["preview"]}, acting_reason="One company")
    problem(stale, 409, "preview_stale")
    assert support.post(address, body, acting_reason="One company").status_code == 400
    chosen = body | {"choices": {"name": "loser", "people": "whole"}}
    told = support.post(address, chosen | {"dry_run": True}, acting_reason="One company")
    chosen |= {"preview": told.json()["preview"]}
    other = chosen | {"choices": {"name": "loser"}}
    problem(support.post(address, other, acting_reason="One company"), 409, "preview_stale")
    done = support.post(address, chosen, acting_reason="One company")
    world.a.organisation.refresh_from_db()
    assert world.a.organisation.name == "Bickleigh Foods"
    assert world.access("b_owner").held[0].all_units
    assert (done.status_code, done.json()["reason"]) == (200, "One company")
    moved = done.json()["moved"]
    assert {name: told.json()[name] for name in moved} == moved
    assert totals(world.a.organisation) == before
    for persona in ("a_owner", "support"):
        found = world.api(persona).get(f"organisations/{world.ids['b_org']}/")
        assert (found.status_code, found.json()["id"]) == (200, world.ids["a_org"])
        listed = world.api(persona).get(f"invitations/?organisation={world.ids['b_org']}").json()["results"]
        assert [one["id"] for one in listed if one["state"] == "pending"] == [world.ids["a_inv"]]
    # To a partner, too: the public profile of what stayed, and no more.
    partner = world.api("conn_owner").get(f"organisations/{world.ids['b_org']}/profile/")
    assert (partner.status_code, partner.json()["id"]) == (200, world.ids["a_org"])
    page = world.client("conn_owner").get(f"/organisations/{world.ids['b_org']}/")
    assert (page.status_code, "Bickleigh Foods" in page.content.decode()) == (200, True)
    problem(world.api("conn_owner").get(f"organisations/{world.ids['b_org']}/"), 404, "not_found")
    # What was the loser's and opened something opens nothing.
    problem(world.api("b_key").get("me/"), 401, "invalid_credential")
    problem(world.api("anonymous").post("invitations/accept/", {"token": world.b.token}), 410, "gone")
    assert client.get("/").status_code == 302
    history = Organisation.pgh_event_models["update"].objects  # type: ignore[attr-defined]
    assert {row.pgh_obj_id for row in history.filter(pgh_context__metadata__verb="customers.merge")} == {
        world.a.organisation.pk,
        world.b.organisation.pk,
    }
