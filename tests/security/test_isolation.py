"""Attacks 1 to 9 and 13 to 16: what is another tenant's is not there, by whatever door.

The addresses are walked, not listed: see ``tests/security/matrix.py``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import transaction
from django.template.response import SimpleTemplateResponse
from rest_framework import serializers

from organisations.models import Connection, Organisation
from permissions.api.fields import Id, Ids, Query
from permissions.models import ApiKey, Grant, Membership
from tests.api.client import errors
from tests.factories import grant
from tests.oracle.snapshot import snapshot
from tests.security.matrix import THINGS, Address, addresses, ids_of, of_tenant, thing, words_of
from tests.security.world import World, furnished_world

pytestmark = pytest.mark.django_db

ALL = addresses()
API = [one for one in ALL if one.is_api]
PAGES = [one for one in ALL if one.is_page]
VERBS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")
HEADERS = {"if_match": "*", "acting_reason": "Because"}


@pytest.fixture
def builder() -> Callable[[], World]:
    """With a thing of every kind that an address names."""
    return furnished_world


def strangers(letter: str = "b") -> tuple[str, ...]:
    """Those who know nothing of a tenant: by session and by key, and one who is a member no more."""
    other = "a" if letter == "b" else "b"
    return (f"{other}_owner", f"{other}_key")


def kept(answer: Any) -> dict[str, Any]:
    """An answer without what differs from request to request."""
    told = json.loads(answer.content) if answer.content else {}
    if isinstance(told, dict):
        told = {name: value for name, value in told.items() if name not in ("instance", "request_id")}
    return {"status": answer.status_code, "told": told}


def sent_to(address: Address, method: str) -> Any:
    """What an operation takes, as its description shows it; ids in it are of nothing that is there."""
    said = address.operation(method)
    return said.example if said.body is not None else {} if method in ("POST", "PATCH", "PUT") else None


def of_b(world: World) -> Iterator[tuple[Address, str, str]]:
    """Every address of the API with B's things in it, and the same with ids that never were."""
    for address in API:
        ids = of_tenant(world, "b", address)
        if ids:
            # Without its link a download is told what it lacks, whatever it names.
            link = "?token=x" if address.route.endswith("/download/") else ""
            there, never = address.filled(*ids), address.filled(*(f"{one[:-6]}zzzzzz" for one in ids))
            yield address, there + link, never + link


@pytest.mark.parametrize("persona", strangers())
def test_attack_01_every_verb_on_every_thing_of_another_tenant(world: World, persona: str) -> None:
    """Also by key (the forbidden writes of issue 2): a key of A is a stranger to B.

    That what is not there looks the same, and what an address does not take, is decided after who asks: by session.
    Of what an address does not take one verb, the next for each: one place decides (and attack 19 tries them all).
    """
    api, is_key = world.api(persona), persona.endswith("_key")
    before = snapshot()
    wrong, tried = {}, 0
    for address, there, never in of_b(world):
        others = [verb for verb in VERBS if verb not in (*address.methods, "HEAD")]
        not_taken = [] if is_key else ["HEAD", *others[tried % 2 :][:1]]
        for verb in (*address.methods, *not_taken):
            takes = verb in address.methods
            body = sent_to(address, verb) if takes else None
            answer = api.send(verb, there, body, **HEADERS)
            expected = 404 if takes or (verb == "HEAD" and "GET" in address.methods) else 405
            tried += 1
            told = [kept(answer)]
            if takes and not is_key:
                told.append(kept(api.send(verb, never, body, **HEADERS)))
            if answer.status_code != expected or told[0] != told[-1]:
                wrong[f"{verb} {address.route}"] = told
        if not is_key and api.send("OPTIONS", there).status_code != 204:
            wrong[f"OPTIONS {address.route}"] = []
    assert wrong == {}
    assert tried > (70 if is_key else 150)
    # The key's last use is written; nothing else is.
    assert {table for table, found in snapshot().items() if found != before[table]} <= {"permissions_apikey"}


@pytest.mark.parametrize("persona", ["a_viewer", "a_left", "deactivated", "conn_owner"])
def test_attack_01_and_everybody_else_reads_nothing(world: World, persona: str) -> None:
    """CONN knows A and not B; who was deactivated is nobody (401)."""
    api = world.api(persona)
    expected = 401 if persona == "deactivated" else 404
    found = {address.route: api.get(there).status_code for address, there, _ in of_b(world) if "GET" in address.methods}
    assert set(found.values()) == {expected}, {route: code for route, code in found.items() if code != expected}


@pytest.mark.parametrize("persona", ["a_owner", "a_left", "conn_owner"])
def test_attack_02_every_page_of_another_tenant(world: World, persona: str) -> None:
    """Pages, their parts for htmx, downloads: not found, by what each takes. Parts and forms: to who may most."""
    client, may_most = world.client(persona), persona == "a_owner"
    before = snapshot()
    wrong, tried = {}, 0
    for address in PAGES:
        ids = of_tenant(world, "b", address)
        if not ids:
            continue
        where = address.filled(*ids)
        answers = []
        if "GET" in address.verbs:
            answers.append(client.get(where))
        if "GET" in address.verbs and may_most:
            answers.append(client.get(where, headers={"HX-Request": "true"}))
        if "POST" in address.verbs and (may_most or not answers):
            answers.append(client.post(where, {}))
        tried += 1
        if {answer.status_code for answer in answers} != {404}:
            wrong[address.route] = [answer.status_code for answer in answers]
    assert wrong == {}
    assert tried > 50
    assert snapshot() == before


def test_attack_02_the_staffs_site_is_no_door(world: World) -> None:
    for persona in ("a_owner", "a_manager", "both", "anonymous"):
        client = world.client(persona)
        for name in ("organisations/organisation", "organisations/businessunit", "permissions/membership"):
            for page in ("", "add/", "1/change/", "1/history/", "1/delete/"):
                answer = client.get(f"/admin/{name}/{page}")
                assert answer.status_code in (302, 404), (persona, name, page)
                assert "Bickleigh" not in answer.content.decode()


def lists(world: World) -> Iterator[tuple[str, set[str]]]:
    """The collections of the API as A asks for them, without parameters or under A itself; what they can be asked."""
    for address in API:
        ids = of_tenant(world, "a", address) if address.parameters else []
        if ids is None or "GET" not in address.methods:
            continue
        said = address.operation("GET")
        if said.answers is not None and said.answers.many:
            yield address.filled(*ids), set(said.query._declared_fields) if issubclass(said.query, Query) else set()


@pytest.mark.parametrize("persona", ["a_owner", "a_key", "a_viewer"])
def test_attack_03_no_collection_holds_another_tenants_rows(world: World, persona: str) -> None:
    api, foreign = world.api(persona), ids_of(world, "b") | words_of(world, "b")
    tried = 0
    for where, _ in lists(world):
        answer = api.get(f"{where}?page_size=200")
        assert answer.status_code in (200, 403, 404), where
        told = answer.content.decode()
        assert [one for one in foreign if one in told] == [], where
        while answer.status_code == 200 and answer.json()["next"]:
            answer = api.get(answer.json()["next"])
            assert [one for one in foreign if one in answer.content.decode()] == [], where
        tried += answer.status_code == 200
    assert tried >= 8


def test_attack_03_and_04_filters_are_those_that_are_documented(world: World) -> None:
    """What is no parameter is refused: nothing can be asked by another column, or of another organisation."""
    api = world.api("a_owner")
    asked = {"organisation__name", "user__email", "ordering", "id__in"}
    seldom = {"organisation", "search", "name", "q"}
    for where, known in lists(world):
        answer = api.get(f"{where}?{'&'.join(f'{name}=b' for name in sorted(asked | (seldom - known)))}")
        if answer.status_code in (403, 404):
            continue
        assert {*errors(answer)} == {(name, "unknown_parameter") for name in asked | (seldom - known)}, where
        for name in sorted(seldom & known):
            for value in (world.ids["b_org"], "Bickleigh"):
                answer = api.get(f"{where}?{name}={value}")
                if answer.status_code == 200:
                    assert answer.json()["results"] == [], (where, name, value)
                else:
                    assert answer.status_code in (400, 404), (where, name, value)


def test_attack_05_counts_and_previews_are_of_what_she_sees(world: World) -> None:
    """A manager of one unit is told of one unit, on pages and in previews."""
    client, organisation = world.client("a_manager"), world.ids["a_org"]
    shown = client.get(f"/organisations/{organisation}/units/").content.decode()
    assert [unit.name for unit in world.a.units if f">{unit.name}</a>" in shown] == [world.a.farm.name]
    api = world.api("a_manager")
    assert len(api.get(f"organisations/{organisation}/business-units/").json()["results"]) == 1
    Membership.objects.filter(pk=world.a.members["viewer"].pk).update(all_units=False)
    world.a.members["viewer"].units.add(world.a.farm)
    # She manages people of the whole organisation no more than its other units: her own membership is what she sees.
    assert api.delete(f"business-units/{world.ids['a_farm']}/?preview=true").json()["members"] == 1
    assert world.api("a_owner").delete(f"business-units/{world.ids['a_farm']}/?preview=true").json()["members"] == 2
    # Nothing of B is in the numbers of A.
    assert len(world.api("a_owner").get("organisations/").json()["results"]) == 2


def _sent(body: type[serializers.Serializer[Any]], example: Any, world: World, *, wrong: str, value: str) -> Any:
    """The example of a body with A's things in it, and ``value`` in one of its fields."""
    filled = dict(example)
    for name, field in body().fields.items():
        if isinstance(field, Id | Ids):
            own = _fitting(world, "a", field.prefix)
            if own is not None and name in filled:
                filled[name] = own if isinstance(field, Id) else [own]
            if name == wrong:
                mixed = [one for one in (own, value) if one is not None]
                filled[name] = value if isinstance(field, Id) else mixed
    return filled


def _fitting(world: World, letter: str, prefix: str) -> str | None:
    """The id of a tenant's thing of a kind; batches and requests for access are no tenant's."""
    found = (thing(world, letter, kind) for kind in THINGS.values() if kind not in ("imp", "acr"))
    return next((one for one in found if one.startswith(f"{prefix}_")), None)


def references() -> Iterator[tuple[Address, str, str, str]]:
    """Every field of the API that names something: address, method, field, prefix."""
    for address in API:
        for method in address.methods:
            body = address.operation(method).body
            for name, field in body().fields.items() if body else ():
                if isinstance(field, Id | Ids):
                    yield address, method, name, field.prefix


@pytest.mark.parametrize("persona", ["a_owner", "a_key"])
def test_attack_06_and_09_anothers_id_in_a_body_is_an_id_that_never_was(world: World, persona: str) -> None:
    """Alone, or among good ones: the same answer as for a random id, and nothing written."""
    api = world.api(persona)
    api.get("me/")
    before = snapshot()
    wrong, tried = {}, 0
    for address, method, name, prefix in references():
        ids = of_tenant(world, "a", address) if address.parameters else []
        foreign = _fitting(world, "b", prefix)
        said = address.operation(method)
        if ids is None or foreign is None or said.body is None:
            continue
        answers = []
        for value in (foreign, f"{foreign[:-6]}zzzzzz"):
            sent = _sent(said.body, said.example, world, wrong=name, value=value)
            with transaction.atomic():
                answers.append(api.send(method, address.filled(*ids), sent, **HEADERS))
                transaction.set_rollback(True)
        tried += 1
        same = kept(answers[0]) == kept(answers[1])
        if not same or not 400 <= answers[0].status_code < 500 or "Bickleigh" in answers[0].content.decode():
            wrong[f"{method} {address.route} {name}"] = [kept(one) for one in answers]
    assert wrong == {}
    assert tried >= 8
    assert snapshot() == before


def test_attack_07_a_unit_is_not_moved(world: World) -> None:
    for persona in ("a_owner", "a_key"):
        api = world.api(persona)
        address = f"business-units/{world.ids['a_farm']}/"
        for field in ("organisation", "organisation_id"):
            refused = api.patch(address, {field: world.ids["b_org"]}, if_match="*")
            assert errors(refused) == [(f"/{field}", "unknown_field")]
    client = world.client("a_owner")
    sent = {"name": "Moved", "organisation": world.ids["b_org"], "organisation_id": world.b.organisation.pk}
    sent["version"] = world.a.farm.version
    client.post(f"/organisations/{world.ids['a_org']}/units/{world.ids['a_farm']}/edit/", sent)
    world.a.farm.refresh_from_db()
    assert (world.a.farm.name, world.a.farm.organisation_id) == ("Moved", world.a.organisation.pk)


@pytest.mark.parametrize("persona", ["both", "support"])
def test_attack_08_what_stands_under_the_wrong_organisation_is_not_there(world: World, persona: str) -> None:
    """Not even for somebody who sees both: an address says where a thing is, and says it truly."""
    api, client = world.api(persona), world.client(persona)
    wrong, tried = {}, 0
    for address in (*API, *PAGES):
        one, other = of_tenant(world, "a", address), of_tenant(world, "b", address)
        if not one or not other or len(one) < 2:
            continue
        where = address.filled(one[0], *other[1:])
        if address.is_api:
            verbs = address.methods
            answers = [api.send(verb, where, sent_to(address, verb), **HEADERS) for verb in verbs]
        else:
            answers = [client.generic(verb, where) for verb in address.verbs]
        tried += 1
        if {answer.status_code for answer in answers} != {404}:
            wrong[address.route] = [answer.status_code for answer in answers]
    assert wrong == {}
    assert tried >= 10


def test_attack_09_one_foreign_unit_among_good_ones_refuses_the_whole(world: World) -> None:
    good = [world.ids["a_farm"], world.ids["a_shop"]]
    body = {"name": "Bulk", "role": world.ids["rol_viewer"], "scopes": ["view"], "units": [*good, world.ids["b_farm"]]}
    refused = world.api("a_owner").post(f"organisations/{world.ids['a_org']}/api-keys/", body)
    assert errors(refused) == [("/units/2", "not_found")]
    client = world.client("a_owner")
    assert client.post(f"/organisations/{world.ids['a_org']}/api-keys/new/", body).status_code == 422
    assert not ApiKey.objects.filter(name="Bulk").exists()


# --- who she is today -------------------------------------------------------------------------------------------


def test_attack_13_the_organisation_of_the_thing_decides(world: World) -> None:
    """An owner of A who is a viewer of B: whatever she last looked at."""
    owner = world.roles["owner"]
    Membership.objects.filter(pk=world.a.members["both"].pk).update(role=owner)
    api, client = world.api("both"), world.client("both")
    for letter, status, page in (("a", 200, 302), ("b", 403, 403), ("a", 200, 302)):
        where = f"organisations/{world.ids[f'{letter}_org']}/"
        client.get(f"/organisations/{world.ids['a_org']}/")
        assert api.patch(where, {"town": "Bampton"}, if_match="*").status_code == status
        version = Organisation.objects.get(public_id=world.ids[f"{letter}_org"]).version
        assert client.post(f"/{where}edit/", {"name": "New", "version": version}).status_code == page
    world.b.organisation.refresh_from_db()
    assert (world.b.organisation.name, world.b.organisation.town) == ("Bickleigh Foods", "Exeter")


def test_attack_14_a_member_who_is_deactivated_is_refused_at_once(world: World) -> None:
    """On the same session and on the key that she made."""
    api, key, client = world.api("a_owner"), world.api("a_key"), world.client("a_owner")
    where, page = f"organisations/{world.ids['a_org']}/", f"/organisations/{world.ids['a_org']}/"
    assert [api.get(where).status_code, key.get(where).status_code, client.get(page).status_code] == [200, 200, 200]
    Membership.objects.filter(pk=world.a.members["owner"].pk).update(is_active=False)
    assert [api.get(where).status_code, key.get(where).status_code, client.get(page).status_code] == [404, 401, 404]
    assert api.patch(where, {"town": "Bampton"}, if_match="*").status_code == 404


def test_attack_14_a_role_that_lost_a_permission_does_so_at_once(world: World) -> None:
    api, key = world.api("a_manager"), world.api("a_key")
    where = f"business-units/{world.ids['a_farm']}/"
    assert api.patch(where, {"phone": "1"}, if_match="*").status_code == 200
    viewer = world.roles["viewer"]
    Membership.objects.filter(pk=world.a.members["manager"].pk).update(role=viewer)
    assert api.patch(where, {"phone": "2"}, if_match="*").status_code == 403
    assert key.patch(where, {"phone": "3"}, if_match="*").status_code == 200
    # What the key may is what its maker may today.
    Membership.objects.filter(pk=world.a.members["owner"].pk).update(role=world.roles["manager"])
    assert key.patch(where, {"phone": "4"}, if_match="*").status_code == 401


def test_attack_15_grants_of_an_enterprise_give_nothing_to_who_left_it(world: World) -> None:
    farm, theirs = world.a.farm.business, world.b.farm.business
    grant(theirs, farm)
    assert world.api("a_owner").get("grants/").json()["results"] != []
    assert world.api("a_owner").get(f"business-units/{world.ids['b_farm']}/business/").status_code == 200
    left = world.api("a_left")
    assert left.get("grants/").json()["results"] == []
    assert left.get(f"business-units/{world.ids['b_farm']}/business/").status_code == 404
    shut = world.api("deactivated")
    assert shut.get("grants/").status_code == 401
    assert Grant.objects.filter(content_object=theirs, group=farm.group).count() == 1


def test_attack_16_a_manager_of_one_unit_has_no_other(world: World) -> None:
    api, client = world.api("a_manager"), world.client("a_manager")
    organisation = world.ids["a_org"]
    for other in ("a_shop", "a_office"):
        address = f"business-units/{world.ids[other]}/"
        answers = [
            api.get(address),
            api.patch(address, {"town": "Bampton"}, if_match="*"),
            api.delete(address, if_match="*"),
            api.delete(f"{address}?preview=true"),
            api.post(f"{address}restore/"),
            api.get(f"organisations/{organisation}/business-units/{world.ids[other]}/"),
            client.get(f"/organisations/{organisation}/units/{world.ids[other]}/"),
            client.post(f"/organisations/{organisation}/units/{world.ids[other]}/remove/"),
        ]
        assert {answer.status_code for answer in answers} == {404}
    assert api.get(f"business-units/{world.ids['a_shop']}/business/").json().get("is_yours", False) is False
    assert api.post(f"organisations/{organisation}/business-units/", {"name": "Shed"}).status_code == 403
    assert client.post(f"/organisations/{organisation}/units/new/", {"name": "Shed"}).status_code == 403
    names = [one["name"] for one in api.get(f"organisations/{organisation}/business-units/").json()["results"]]
    assert names == [world.a.farm.name]


def test_attack_11_a_connected_organisation_is_its_public_profile(world: World) -> None:
    """In JSON, in pages, in the description's examples; and nothing once the connection is gone."""
    api, client = world.api("a_owner"), world.client("a_owner")
    other = world.conn.organisation
    Organisation.objects.filter(pk=other.pk).update(company_number="01234567", vat_number="GB123456789")
    Connection.objects.create(
        organisation=other, other=world.b.organisation, contact_name="Secret Contact", note="Own note"
    )
    private = {
        "01234567",
        "GB123456789",
        "EX4 3PQ",
        "Secret Contact",
        "Own note",
        world.people["conn_owner"].email,
        world.ids["b_org"],
        "Bickleigh Foods",
        world.conn.office.name,
    }
    profile = f"organisations/{other.public_id}/profile/"
    shown = [api.get(profile), api.get("organisations/profiles/"), client.get(f"/organisations/{other.public_id}/")]
    shown += [client.get("/organisations/"), api.get("schema/")]
    for answer in shown:
        assert answer.status_code == 200
        told = answer.content.decode()
        assert [one for one in private if one in told and "openapi" not in answer["Content-Type"]] == []
    assert set(api.get(profile).json()) == {"id", "name", "town", "businesses", "relation"}
    for address in (*API, *PAGES):
        if address.parameters == ["organisation"] and address.route not in (
            "api/v1/organisations/<str:organisation>/profile/",
            "organisations/<str:organisation>/",
        ):
            where = address.filled(other.public_id)
            answer = api.get(where) if address.is_api else client.get(where)
            assert answer.status_code in (404, 405), where
    Connection.objects.filter(pk=world.connection.pk).delete()
    assert api.get(profile).status_code == 404
    assert client.get(f"/organisations/{other.public_id}/").status_code == 404


def test_what_no_text_can_hold_is_found_nowhere(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The character NUL in an address, at every place of it: not there, and no error of the server."""
    # The staff's pages have looked for it before they are put into words.
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")
    nul = "%00"
    wrong: dict[str, int] = {}
    for persona, routes in (("a_owner", PAGES), ("support", [one for one in ALL if one.is_admin])):
        client = world.client(persona)
        for address in routes:
            own = of_tenant(world, "a", address) or []
            asked = "&".join(f"{name}={nul}" for name in ("q", "role", "unit", "like", "request", "state", "user"))
            wheres = {f"{address.filled(*own)}?{asked}": 499} if len(own) == len(address.parameters) else {}
            names = range(len(address.parameters))
            wheres |= {address.filled(*own[:place], nul, *own[place + 1 :]): 405 for place in names if own}
            for where, least in wheres.items():
                status = client.get(where).status_code
                if status > least or (least == 405 and status < 404):
                    wrong[where] = status
    assert wrong == {}
