"""Create a shell customer from an invitation: the record, the connection and the invitation are made together."""

from __future__ import annotations

from typing import Any

import pytest
from django.urls import reverse

from customers.domain import questions
from customers.models import Invitation
from organisations.models import Connection, Organisation
from tests.api.client import errors, problem
from tests.security.test_invitations import send
from tests.security.world import World

pytestmark = pytest.mark.django_db

COMPANY = {
    "name": "Tiverton Tofu Ltd",
    "company_number": "01234567",
    "town": "Tiverton",
    "postcode": "ex166aa",
    "kind": "supplier",
    "contact_name": "Tia Tofu",
    "contact_email": "tia@tofu.example",
    "note": "Rings before noon",
    "invite": True,
    "message": "Look after your own record.",
}


def made(world: World) -> tuple[Organisation, Connection, Invitation]:
    shell = Organisation.objects.get(company_number="01234567")
    return shell, Connection.objects.get(other=shell), Invitation.objects.get(organisation=shell)


def as_it_should_be(world: World) -> None:
    shell, link, sent = made(world)
    assert (shell.kind, shell.created_by_organisation, shell.postcode) == ("shell", world.a.organisation, "EX16 6AA")
    assert (link.organisation, link.kind, link.note) == (world.a.organisation, "supplier", "Rings before noon")
    assert (sent.kind, sent.email, sent.state, sent.role.key if sent.role else "") == (
        "claim",
        "tia@tofu.example",
        "pending",
        "owner",
    )
    assert (sent.invited_by, sent.invited_for) == (world.people["a_owner"], world.a.organisation)


def test_through_the_api(world: World) -> None:
    api = world.api("a_owner")
    address = f"organisations/{world.ids['a_org']}/connections/"
    answer = api.post(address, COMPANY)
    assert answer.status_code == 201
    as_it_should_be(world)
    shell, link, sent = made(world)
    body = answer.json()
    assert (body["id"], body["company"]["id"], body["invitation"]) == (
        link.public_id,
        shell.public_id,
        sent.public_id,
    )
    assert (body["is_new"], body["is_your_record"], body["recorded_by_you"]) == (True, True, True)
    read = api.get(answer["Location"]).json()
    assert read == {name: value for name, value in body.items() if name not in ("is_new", "invitation")}
    # It is A's to edit, and the invitation A's to send again.
    edited = api.patch(f"organisations/{shell.public_id}/", {"name": "Tiverton Tofu"}, if_match="*")
    assert edited.json()["name"] == "Tiverton Tofu"
    assert api.post(f"invitations/{sent.public_id}/resend/").json()["state"] == "pending"
    problem(api.post(address, COMPANY), 409, "connected_already")


def test_what_is_wrong_is_named(world: World) -> None:
    api = world.api("a_owner")
    address = f"organisations/{world.ids['a_org']}/connections/"
    for change, told in (
        ({"name": ""}, [("/name", "blank")]),
        ({"company_number": "12"}, [("/company_number", "company_number")]),
        ({"contact_email": "no"}, [("/contact_email", "invalid")]),
        ({"contact_email": ""}, [("/contact_email", "required")]),
        ({"kind": "friend"}, [("/kind", "invalid_choice")]),
        ({"other": world.ids["conn_org"]}, [("/name", "not_here")]),
        ({"is_shell": False}, [("/is_shell", "unknown_field")]),
    ):
        assert errors(api.post(address, COMPANY | change)) == told
    assert not Organisation.objects.filter(company_number="01234567").exists()
    assert errors(api.post(address, {})) == [("/name", "required")]


@pytest.mark.parametrize(
    ("persona", "status"), [("a_manager", 403), ("a_viewer", 403), ("b_owner", 404), ("support", 400)]
)
def test_who_may_not(world: World, persona: str, status: int) -> None:
    answer = world.api(persona).post(f"organisations/{world.ids['a_org']}/connections/", COMPANY)
    assert answer.status_code == status


def test_through_the_page(world: World) -> None:
    browser = world.client("a_owner")
    address = reverse("company_record", args=[world.ids["a_org"]])
    assert browser.get(address).status_code == 200
    wrong = browser.post(address, COMPANY | {"company_number": "12", "invite": "on"})
    assert wrong.status_code == 422
    assert "eight characters of the company number" in wrong.content.decode()
    done = browser.post(address, COMPANY | {"invite": "on"}, follow=True)
    assert "an invitation goes to tia@tofu.example" in done.content.decode()
    as_it_should_be(world)
    _shell, link, sent = made(world)
    listed = browser.get(reverse("connections", args=[world.ids["a_org"]])).content.decode()
    for words in ("Tiverton Tofu Ltd", "your record", "Rings before noon", "invited"):
        assert words in listed
    page = reverse("claim_invite", args=[world.ids["a_org"], link.public_id])
    assert "tia@tofu.example" in browser.get(page).content.decode()
    # Neither another connection's, nor an invitation to join, is this one's.
    for pair in ((world.ids["connection"], sent.public_id), (link.public_id, world.ids["a_inv"])):
        refused = browser.post(reverse("claim_act", args=[world.ids["a_org"], *pair]), {"act": "revoke"})
        assert refused.status_code == 404
    act = reverse("claim_act", args=[world.ids["a_org"], link.public_id, sent.public_id])
    assert "is revoked" in browser.post(act, {"act": "revoke"}, follow=True).content.decode()
    again = browser.post(page, {"email": "tom@tofu.example", "name": "Tom", "message": ""}, follow=True)
    assert "An invitation goes to tom@tofu.example" in again.content.decode()


def test_a_company_that_is_known_is_connected_and_not_recorded_twice(world: World) -> None:
    for persona, org in (("a_owner", "a_org"), ("b_owner", "b_org")):
        address = reverse("company_record", args=[world.ids[org]])
        shown = world.client(persona).post(address, COMPANY | {"invite": "on"}, follow=True).content.decode()
        assert ("was known here already" in shown) == (persona == "b_owner")
        assert ("No invitation went out" in shown) == (persona == "b_owner")
    assert Organisation.objects.filter(company_number="01234567").count() == 1
    assert Connection.objects.filter(other__company_number="01234567").count() == 2
    assert Invitation.objects.filter(organisation__company_number="01234567").count() == 1


def test_through_the_admin(world: World) -> None:
    browser = world.client("administrator")
    data: dict[str, Any] = {
        "kind": "claim",
        "company_name": "Tiverton Tofu Ltd",
        "email": "tia@tofu.example",
        "reason": "They rang",
    }
    assert browser.post(reverse("admin:customers_invitation_add"), data).status_code == 302
    sent = Invitation.objects.get(email="tia@tofu.example")
    assert (sent.organisation.name, sent.organisation.kind, sent.invited_for) == ("Tiverton Tofu Ltd", "shell", None)
    assert len(send(sent.public_id)) == 43


def test_connections_are_filtered(world: World) -> None:
    Connection.objects.create(organisation=world.b.organisation, other=world.a.organisation, kind="buyer")
    browser, address = world.client("a_owner"), reverse("connections", args=[world.ids["a_org"]])
    for asked, names in (
        ({}, {"Silverton", "Crediton", "Bickleigh"}),
        ({"kind": "storage"}, {"Silverton"}),
        ({"kind": "buyer"}, set()),
        ({"state": "records"}, {"Silverton"}),
        ({"state": "theirs"}, {"Bickleigh"}),
        ({"state": "theirs", "q": "silver"}, set()),
    ):
        shown = browser.get(address, asked).content.decode().partition("<main")[2]
        assert {name for name in ("Silverton", "Crediton", "Bickleigh") if name in shown} == names
        assert ("No company matches" in shown) == (not names)


def test_staff_invite_a_company_through_the_api(world: World) -> None:
    api, body = world.api("support"), {"name": "Tiverton Tofu", "email": "tia@tofu.example", "contact_name": "Tia"}
    sent = api.post("customers/invitations/", body, acting_reason="They rang")
    assert (sent.status_code, sent.json()["organisation"]["name"], sent.json()["invited_by"]) == (
        201,
        "Tiverton Tofu",
        "Hectare",
    )
    assert api.get(sent["Location"]).json()["email"] == "tia@tofu.example"
    again = body | {"name": "Tiverton Tofu Ltd", "email": "tom@tofu.example"}
    problem(api.post("customers/invitations/", again, acting_reason="They rang"), 409, "confirmation_needed")
    assert api.post("customers/invitations/", again | {"confirm": True}, acting_reason="They rang").status_code == 201


def test_connections_are_changed_and_ended(world: World) -> None:
    api, address = world.api("a_owner"), f"organisations/{world.ids['a_org']}/connections/{world.ids['connection']}/"
    problem(api.patch(address, {"note": "x"}), 428, "precondition_required")
    etag = api.get(address)["ETag"]
    changed = api.patch(address, {"note": "Mondays", "contact_email": "c@carriers.example"}, if_match=etag)
    assert (changed.json()["note"], changed.json()["version"]) == ("Mondays", 2)
    problem(api.patch(address, {"note": "y"}, if_match=etag), 412, "stale")
    browser = world.client("a_owner")
    args = [world.ids["a_org"], world.ids["connection"]]
    edit = browser.get(reverse("connection_edit", args=args)).content.decode()
    assert "Mondays" in edit
    form = {"kind": "buyer", "note": "Tuesdays", "version": "1"}
    assert browser.post(reverse("connection_edit", args=args), form).status_code == 409
    assert browser.post(reverse("connection_edit", args=args), form | {"version": "2"}).status_code == 302
    assert "End the connection" in browser.get(reverse("connection_remove", args=args)).content.decode()
    assert browser.post(reverse("connection_remove", args=args), {"version": "3"}).status_code == 302
    problem(api.get(address), 404, "not_found")


def test_its_keeper_corrects_the_numbers_and_finds_it_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(questions, "IN_A_DAY", 3)
    Organisation.objects.filter(pk=world.b.organisation.pk).update(company_number="76543210")
    api, browser = world.api("a_owner"), world.client("a_owner")
    address = f"organisations/{world.ids['shell']}/"
    changed = api.patch(address, {"company_number": "0123 4567"}, if_match="*")
    assert changed.json()["company_number"] == "01234567"
    # That a number is taken is an answer, and counts as a question.
    assert errors(api.patch(address, {"company_number": "76543210"}, if_match="*")) == [("/company_number", "unique")]
    form = {"name": "Silverton Stores", "town": "Silverton", "company_number": "01234567", "version": "2"}
    form["vat_number"] = "GB123456789"
    edit = reverse("organisation_edit", args=[world.ids["shell"]])
    assert "VAT number" in browser.get(edit).content.decode()
    assert browser.post(edit, form).status_code == 302
    problem(api.patch(address, {"company_number": "11111111"}, if_match="*"), 429, "too_many")
    # Their own are Hectare's to change.
    own = api.patch(f"organisations/{world.ids['a_org']}/", {"vat_number": "GB123456789"}, if_match="*")
    assert errors(own) == [("/vat_number", "staff_only")]
    # The connection ended, the record's page leads back; and so does recording it once more.
    profile = reverse("organisation", args=[world.ids["shell"]])
    link = Connection.objects.get(other=world.shell)
    assert reverse("claim_invite", args=[world.ids["a_org"], link.public_id]) in browser.get(profile).content.decode()
    link.delete()
    again = reverse("connect_back", args=[world.ids["a_org"]])
    assert again in browser.get(profile).content.decode()
    assert browser.post(again, {"other": world.ids["shell"]}).status_code == 302
    Connection.objects.get(other=world.shell).delete()
    connections = f"organisations/{world.ids['a_org']}/connections/"
    body = {"name": "silverton stores", "invite": True, "contact_email": "sil@silverton.example"}
    back = api.post(connections, body).json()
    assert (back["company"]["id"], back["is_new"]) == (world.ids["shell"], False)
    assert Invitation.objects.get(public_id=back["invitation"]).email == "sil@silverton.example"
    problem(api.post(connections, body), 409, "connected_already")
    assert api.post(connections, {**body, "town": "Tiverton", "invite": False}).json()["is_new"]


def test_connections_in_the_admin(world: World) -> None:
    browser = world.client("support")
    address = reverse("admin:organisations_connection_add")
    sent = {"organisation": world.b.organisation.pk, "other": world.conn.organisation.pk, "kind": "logistics"}
    assert browser.post(address, sent).status_code == 200
    assert browser.post(address, sent | {"reason": "Asked"}).status_code == 302
    made = Connection.objects.get(organisation=world.b.organisation, other=world.conn.organisation)
    end = reverse("admin:organisations_connection_act", args=[made.pk, "end"])
    assert browser.post(end, {"reason": ""}).status_code == 200
    assert browser.post(end, {"reason": "Asked"}).status_code == 302
    assert not Connection.objects.filter(pk=made.pk).exists()


def test_who_is_known_can_be_recorded_back(world: World) -> None:
    body = {"other": world.ids["a_org"], "kind": "buyer", "note": "Pays"}
    answer = world.api("conn_owner").post(f"organisations/{world.ids['conn_org']}/connections/", body)
    assert (answer.status_code, answer.json()["is_new"], answer.json()["note"]) == (201, False, "Pays")
    Connection.objects.filter(public_id=answer.json()["id"]).delete()
    browser = world.client("conn_owner")
    page = reverse("connections", args=[world.ids["conn_org"]])
    assert "Add to yours" in browser.get(page).content.decode()
    done = browser.post(reverse("connect_back", args=[world.ids["conn_org"]]), {"other": world.ids["a_org"]})
    assert done.status_code == 302
    assert Connection.objects.filter(organisation=world.conn.organisation, other=world.a.organisation).exists()
