"""The audit trail: what leaves a row, who reads it, and what it never says."""

from __future__ import annotations

import csv as reader
import io
from datetime import timedelta
from typing import Any

import pghistory.models
import pytest
import structlog
import structlog.testing
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.apps import apps
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common import clock, verbs
from common.audit import door_of, door_of_process
from organisations.domain import grants, organisations
from permissions import trail
from permissions.decisions import Refused
from permissions.domain.keys import revoke_key
from permissions.trail import Filters, Place
from tests.factories import PASSWORD, grant
from tests.security.world import World

pytestmark = pytest.mark.django_db


def _events() -> dict[str, int]:
    return {
        one._meta.label: one._default_manager.count()
        for one in apps.get_models()
        if issubclass(one, pghistory.models.Event)
    }


def _grown(before: dict[str, int]) -> dict[str, int]:
    return {label: count - before[label] for label, count in _events().items() if count != before[label]}


def _read(world: World, persona: str = "a_owner", **filters: Any) -> list[trail.Entry]:
    return trail.of_tenant(world.access(persona), world.a.organisation, Filters(**filters), size=200).entries


def test_every_model_with_a_history_says_whose_it_is() -> None:
    events: list[Any] = [one for one in apps.get_models() if issubclass(one, pghistory.models.Event)]
    tracked = {one.pgh_tracked_model._meta.label for one in events}
    assert {source.model._meta.label for source in trail.sources()} == tracked
    numbers = [trail._number_of(source.kind) for source in trail.sources()]
    assert len(set(numbers)) == len(numbers)


# --- 81: exactly one event, in the transaction of the change -----------------------------------------------------


def test_attack_81_a_change_leaves_one_event_and_names_who_when_why_and_how(world: World) -> None:
    before = _events()
    answer = world.api("a_owner").patch(
        f"organisations/{world.a.organisation.public_id}/", {"town": "Crediton"}, if_match="*"
    )
    assert answer.status_code == 200
    assert _grown(before) == {"organisations.OrganisationEvent": 1}
    (event,) = _read(world, verb="edit_organisation")
    assert (event.label, event.change, event.object) == ("Organisation", "changed", world.a.organisation.public_id)
    assert [(one.label, one.before, one.after) for one in event.changes] == [
        ("Town", world.a.organisation.town, "Crediton")
    ]
    assert (event.actor, event.door, event.verb) == (
        world.people["a_owner"].public_id,
        "api",
        "organisations.edit_organisation",
    )
    assert event.request_id == answer["X-Request-ID"]
    assert event.id.startswith("evt_")
    assert len(event.id) == 30


def test_attack_81_a_rollback_leaves_none(world: World) -> None:
    before = _events()
    with pytest.raises(RuntimeError), transaction.atomic():
        organisations.edit_organisation(world.access("a_owner"), organisation=world.a.organisation, town="Crediton")
        raise RuntimeError
    assert _grown(before) == {}


@pytest.fixture
def uncached(monkeypatch: pytest.MonkeyPatch) -> None:
    """Loggers that were not used before: structlog keeps those that were as they are, so nothing could be captured."""
    for module in (trail, verbs):
        monkeypatch.setattr(module, "log", structlog.get_logger(module.__name__))


def test_attack_81_a_refused_attempt_leaves_none_and_is_logged_with_its_rule(world: World, uncached: None) -> None:
    before = _events()
    with structlog.testing.capture_logs() as logs:
        answer = world.api("a_viewer").patch(
            f"organisations/{world.a.organisation.public_id}/", {"town": "Crediton"}, if_match="*"
        )
    assert answer.status_code == 403
    assert _grown(before) == {}
    told = [one for one in logs if one["event"] == "refused"]
    assert [(one["rule"], one["action"], one["actor"]) for one in told] == [
        ("O2", "organisation:edit", world.people["a_viewer"].public_id)
    ]


def test_attack_81_a_statement_past_the_verbs_leaves_one_too(world: World) -> None:
    before = _events()
    type(world.a.organisation).objects.filter(pk=world.a.organisation.pk).update(town="Bude")
    assert _grown(before) == {"organisations.OrganisationEvent": 1}


def _changed(world: World, person: str) -> trail.Entry:
    """The one change of a person's account that names who did it."""
    (entry,) = trail.of_all(world.access("support"), Filters(kind="user", person=person)).entries
    return entry


def test_changes_of_ones_own_account_say_who_and_what(world: World) -> None:
    owner, client = world.people["a_owner"], Client()
    client.post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
    new = "Rather-long-9-words"
    answer = client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert answer.status_code == 302
    event = _changed(world, owner.public_id)
    assert (event.actor, event.actor_name, event.verb, event.door) == (
        owner.public_id,
        owner.name,
        "accounts.change_password",
        "page",
    )


def test_a_password_set_by_a_mailed_link_says_whose(world: World) -> None:
    owner = world.people["a_owner"]
    address = f"/accounts/password/reset/key/{user_pk_to_url_str(owner)}-"
    client = Client()
    client.get(f"{address}{default_token_generator.make_token(owner)}/")
    new = "Rather-long-9-words"
    assert client.post(f"{address}set-password/", {"password1": new, "password2": new}).status_code == 302
    event = _changed(world, owner.public_id)
    assert (event.actor, event.verb) == (owner.public_id, "accounts.reset_password")


# --- who reads what ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("persona", "status"),
    [
        ("anonymous", 401),
        ("a_owner", 200),
        ("a_manager", 403),
        ("a_contributor", 403),
        ("a_viewer", 403),
        ("a_left", 404),
        ("b_owner", 404),
        ("conn_owner", 404),
        ("deactivated", 401),
        ("support", 200),
        ("administrator", 200),
        ("a_key", 200),
        ("b_key", 404),
    ],
)
def test_who_reads_an_organisations_trail(world: World, persona: str, status: int) -> None:
    answer = world.api(persona).get(f"organisations/{world.a.organisation.public_id}/audit-events/")
    assert answer.status_code == status


def test_an_owner_reads_her_organisation_and_no_other(world: World) -> None:
    organisations.edit_organisation(world.access("b_owner"), organisation=world.b.organisation, town="Bude")
    text = (
        world.api("a_owner")
        .get(f"organisations/{world.a.organisation.public_id}/audit-events/?page_size=200")
        .content.decode()
    )
    theirs: list[Any] = [world.b.organisation, *world.b.units, world.b.role, world.b.invitation, world.b.key]
    assert [one.public_id for one in theirs if one.public_id in text] == []
    names = {world.people[f"b_{one}"].name for one in ("owner", "manager", "viewer")}
    assert [name for name in names if f'"{name}"' in text] == []


def test_staff_see_everything_and_the_list_of_others_is_empty(world: World) -> None:
    assert world.api("support").get("customers/audit-events/").json()["results"]
    for persona in ("a_owner", "a_key"):
        assert world.api(persona).get("customers/audit-events/").json()["results"] == []


def test_staffs_own_acts_are_told_to_the_owner_with_their_reason(world: World) -> None:
    organisations.edit_organisation(world.acting(), organisation=world.a.organisation, vat_number="GB123456789")
    (event,) = _read(world, verb="edit_organisation")
    assert (event.is_staff, event.reason) == (True, "Asked by telephone")
    assert event.actor_name == world.people["support"].name


def test_another_organisations_people_are_not_named(world: World) -> None:
    """B gives A a grant: A is told of it, not who of B did it."""
    business = world.b.farm.business
    grants.give(world.access("b_owner"), granter=business, grantee=world.a.farm.business, permission="manage_products")
    (event,) = _read(world, kind="grant")
    assert (event.actor, event.actor_name) == ("", "Somebody of another organisation")
    assert {one.after for one in event.changes if one.field == "given_by"} == {"somebody of another organisation"}
    owner = world.people["b_owner"]
    assert _read(world, person=owner.public_id) == []
    assert _read(world, person=owner.name) == []
    # B's own people know.
    own = trail.of_tenant(world.access("b_owner"), world.b.organisation, Filters(kind="grant")).entries[0]
    assert own.actor == owner.public_id


def test_no_secret_stands_in_it(world: World) -> None:
    revoke_key(world.access("a_owner"), key=world.a.key)
    text = repr(_read(world)) + repr(trail.of_all(world.access("support"), size=500))
    for secret in (world.a.secret, world.a.key.secret_hash, world.a.invitation.token_hash, world.a.token):
        assert secret not in text
    assert world.people["a_owner"].password not in text


# --- filters, pages, files ---------------------------------------------------------------------------------------


def test_filters(world: World) -> None:
    owner = world.access("a_owner")
    organisations.edit_organisation(owner, organisation=world.a.organisation, town="Crediton")
    public_id = world.a.organisation.public_id
    assert {one.kind for one in _read(world, kind="unit")} == {"unit"}
    assert {one.object for one in _read(world, object=public_id)} == {public_id}
    assert {one.actor for one in _read(world, person=owner.actor)} == {owner.actor}
    assert {one.actor for one in _read(world, person=owner.name)} == {owner.actor}
    assert {one.verb for one in _read(world, verb="edit organisation")} == {"organisations.edit_organisation"}
    assert {one.door for one in _read(world, door="command")} == {"command"}
    assert _read(world, door="job") == []
    assert _read(world, since=clock.now() + timedelta(days=1)) == []
    assert _read(world, until=clock.now() - timedelta(days=1)) == []
    assert _read(world, object="nothing") == []
    unit = world.a.farm.public_id
    assert {one.kind for one in _read(world, object=unit)} == {"unit", "business"}


def test_pages_go_there_and_back(world: World) -> None:
    api, address = world.api("a_owner"), f"organisations/{world.a.organisation.public_id}/audit-events/"
    whole = [one["id"] for one in api.get(f"{address}?page_size=200").json()["results"]]
    assert len(whole) > 7
    found: list[str] = []
    page = api.get(f"{address}?page_size=3").json()
    assert page["previous"] is None
    while True:
        found += [one["id"] for one in page["results"]]
        if page["next"] is None:
            break
        page = api.get(page["next"]).json()
    assert found == whole
    back = api.get(page["previous"]).json()
    assert [one["id"] for one in back["results"]] == whole[-len(page["results"]) - 3 : -len(page["results"])]


@pytest.mark.parametrize("query", ["cursor=x", "kind=secret", "object=1", "door=window", "person=a&person=b", "pk=1"])
def test_what_the_list_does_not_take_is_refused(world: World, query: str) -> None:
    answer = world.api("a_owner").get(f"organisations/{world.a.organisation.public_id}/audit-events/?{query}")
    assert answer.status_code == 400


def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    from permissions.api.paging import Cursor

    address = f"organisations/{world.a.organisation.public_id}/audit-events/"
    assert world.api("a_owner").get(f"{address}?cursor={Cursor('org_1').text()}").status_code == 400
    assert Place.read("2026-01-01T00:00:00|nowhere|1") is None


def test_statements_of_the_page_do_not_grow(world: World) -> None:
    client, url = world.client("a_owner"), reverse("audit", args=[world.a.organisation.public_id])
    client.get(url)
    counts = []
    for town in ("Bude", "Looe", "Fowey"):
        organisations.edit_organisation(world.access("a_owner"), organisation=world.a.organisation, town=town)
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url).status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[-1]


def test_the_page_and_its_file(world: World, uncached: None) -> None:
    organisations.edit_organisation(world.access("a_owner"), organisation=world.a.organisation, name="=HYPERLINK(1)")
    client = world.client("a_owner")
    page = client.get(reverse("audit", args=[world.a.organisation.public_id]))
    assert "Edit organisation" in page.content.decode()
    with structlog.testing.capture_logs() as logs:
        answer = client.get(reverse("audit_file", args=[world.a.organisation.public_id]))
        text = b"".join(answer).decode()
    assert [one["actor"] for one in logs if one["event"] == "audit_trail_exported"] == [
        world.people["a_owner"].public_id
    ]
    rows = list(reader.DictReader(io.StringIO(text)))
    assert "Edit organisation" in {row["did"] for row in rows}
    assert {row["object"] for row in rows if row["did"] == "Edit organisation"} == {"'=HYPERLINK(1)"}


def test_a_file_that_does_not_hold_all_says_so(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    client, url = world.client("a_owner"), reverse("audit_file", args=[world.a.organisation.public_id])
    assert "Not all" not in b"".join(client.get(url)).decode()
    monkeypatch.setattr(trail, "MOST_ROWS", 2)
    monkeypatch.setattr(trail, "_PART", 1)
    *rows, last = reader.DictReader(io.StringIO(b"".join(client.get(url)).decode()))
    assert len(rows) == 2
    assert last["did"].startswith("Not all: a file holds the newest 2 changes")
    assert "newest 2 changes" in client.get(reverse("audit", args=[world.a.organisation.public_id])).content.decode()


def test_the_staffs_page(world: World) -> None:
    desk = world.client("administrator")
    url = reverse("admin:audit_trail")
    assert desk.get(url).status_code == 200
    only = desk.get(url, {"organisation": world.a.organisation.public_id, "kind": "unit"})
    assert {one.kind for one in only.context["entries"]} == {"unit"}
    assert "There is no organisation org_x" in desk.get(url, {"organisation": "org_x"}).content.decode()
    assert b"who_id" in b"".join(desk.get(url, {"csv": "1"}))
    history = desk.get(reverse("admin:organisations_organisation_history", args=[world.a.organisation.pk]))
    assert history["Location"].endswith(f"object={world.a.organisation.public_id}")
    assert Client().get(url).status_code == 302
    assert world.client("a_owner").get(url).status_code != 200


def test_doors() -> None:
    assert [door_of(path) for path in ("/api/v1/me/", "/admin/", "/organisations/")] == ["api", "admin", "page"]
    assert door_of_process() == "command"


def test_grants_of_strangers_are_not_in_it(world: World) -> None:
    grant(world.b.farm.business, world.b.shop.business)
    assert _read(world, kind="grant") == []


def test_denied_reads_are_refused_with_the_rule(world: World) -> None:
    with pytest.raises(Refused) as refused:
        trail.of_tenant(world.access("a_viewer"), world.a.organisation)
    assert refused.value.decision.code == "A1"
