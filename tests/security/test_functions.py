"""Attacks 17 and 19 to 23: every function has a row in a table, and takes what it says and nothing else."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.db import transaction
from django.template.response import SimpleTemplateResponse
from django.urls import reverse

from common import clock
from customers.models import AccessRequest, ExternalId, Removal, StaffUser
from mails.models import Mail, MailStatus
from organisations.domain.units import edit_unit
from organisations.models import BusinessUnit, Connection, Organisation
from permissions.api.fields import Query
from permissions.api.operations import Rule
from permissions.models import Membership
from permissions.staff import StaffAdmin
from tests.api.client import Api, errors, problem
from tests.api.test_personas import ROWS
from tests.factories import (
    CycleFactory,
    ExchangeFactory,
    FeeFactory,
    PaymentMethodFactory,
    ProductFactory,
    ShippingMethodFactory,
    StaffFactory,
    VariantFactory,
)
from tests.oracle.snapshot import snapshot
from tests.security.matrix import (
    ACTS,
    ACTS_ON_MANY,
    ADMIN,
    ADMIN_PAGES,
    OF_EVERY_MODEL,
    OF_MODELS,
    OPEN,
    SIGN_IN,
    Address,
    addresses,
    of_tenant,
    secrets_of,
)
from tests.security.world import World, furnished_world
from tests.web.test_routes import ROUTES

pytestmark = pytest.mark.django_db

ALL = addresses()
API = [one for one in ALL if one.is_api]
VERBS = ("GET", "POST", "PATCH", "PUT", "DELETE")
#: The reason that staff of the world give.
WHY = "Asked by telephone"
#: What nobody sets by naming it: of rows, of people, of rights.
NEVER_SENT = (
    "organisation_id",
    "is_staff",
    "is_superuser",
    "is_active",
    "is_shell",
    "permissions_",
    "groups",
    "email_verified",
    "status",
    "created_by",
    "created_by_organisation",
    "password",
    "password_hash",
    "owner_id",
    "public_id",
    "pk",
    "version",
    "archived_at",
    "removed_at",
    "claimed_at",
    "merged_into",
    "created_at",
    "contact_email_confirmed_at",
    "secret_hash",
    "token_hash",
)
#: Where one of them is what the operation is about: somebody new who accepts chooses her password.
TAKEN: dict[str, set[str]] = {
    "POST api/v1/invitations/accept/": {"password"},
    "POST api/v1/payment-methods/": {"is_active"},
    "PATCH api/v1/payment-methods/<str:payment_method>/": {"is_active"},
}
#: As those, where they are no field of the operation's own.
SELDOM_SENT = ("id", "organisation", "role", "permissions", "kind", "owner", "external_id", "source")


@pytest.fixture
def builder() -> Callable[[], World]:
    """With a thing of every kind that an address names."""
    return furnished_world


def _where(address: Address, world: World, letter: str = "a") -> str | None:
    ids = of_tenant(world, letter, address) if address.parameters else []
    return None if ids is None else address.filled(*ids)


# --- 17: the table ----------------------------------------------------------------------------------------------


def test_attack_17_every_address_has_a_row() -> None:
    """Of the API and of pages by method; of the staff's site and signing in by name. No row is of nothing."""
    api = {(method, one.route.removeprefix("api/v1/")) for one in API for method in one.methods}
    assert {(row.method, row.route.partition("?")[0]) for row in ROWS} == api
    pages = {(method, one.name) for one in ALL if one.is_page for method in one.verbs}
    assert {(route.method, route.name) for route in ROUTES} == pages
    sign_in = {one.name for one in ALL if one.route.startswith("accounts/")}
    assert set(SIGN_IN) == sign_in
    models = {f"{model._meta.app_label}.{model._meta.model_name}" for model in admin.site._registry}
    assert set(ADMIN) == models
    own = {f"{model.replace('.', '_')}_{page}" for model in models for page in OF_EVERY_MODEL}
    others = {one.name for one in ALL if one.is_admin and one.name} - own
    assert {*ADMIN_PAGES, *OF_MODELS} == others
    known = [one for one in ALL if one.is_api or one.is_page or one.is_admin or one.name in {*OPEN, *SIGN_IN}]
    left = {one.route for one in ALL} - {one.route for one in known}
    # The description's page (a row of its own below), and "not found" for the rest of /api/ and of the staff's site.
    assert left == {"api/v1/docs/", "api/^.*$"}


def test_attack_17_every_operation_has_a_rule() -> None:
    """And what anybody may do without signing in is this, and nothing else."""
    anybody = set()
    for address in API:
        for method in address.methods:
            said = address.operation(method)
            assert said.rules, (method, address.route)
            if Rule.ANYBODY in said.rules:
                anybody.add(f"{method} {address.route}")
    # The token in the body is the credential.
    assert anybody == {"POST api/v1/invitations/accept/", "POST api/v1/invitations/decline/"}


@pytest.mark.parametrize("persona", ["a_owner", "anonymous"])
def test_attack_17_and_18_no_page_of_the_staffs_site_for_anybody_else(world: World, persona: str) -> None:
    """To its sign-in, or not found; by GET and by POST, whatever stands in the address. Who asks is looked at first.

    What one view does for every model is asked by POST of one: by GET it has been seen that each is behind the door.
    """
    client = world.client(persona)
    before = snapshot()
    wrong, posted = {}, set()
    for address in ALL:
        if not address.is_admin or address.name in ("login", "logout"):
            continue
        where = address.filled(*("1" for _ in address.parameters)).replace("^", "").replace("$", "")
        page = address.name.rpartition("_")[2] if address.name.endswith(OF_EVERY_MODEL) else address.route
        by_post = persona == "a_owner" and page not in posted
        posted.add(page)
        for verb in ("GET", "POST") if by_post else ("GET",):
            answer = client.generic(verb, where)
            if answer.status_code not in (302, 403, 404) or (
                answer.status_code == 302 and "/login/" not in answer["Location"] and address.name != "jsi18n"
            ):
                wrong[address.route] = answer.status_code
    assert wrong == {}
    assert snapshot() == before


def test_attack_17_what_the_anonymous_get_of_signing_in(world: World) -> None:
    """What is of one's own leads to the sign-in first."""
    client = world.client("anonymous")
    found = {one.name: client.get(_sign_in(one)).status_code for one in ALL if one.name in SIGN_IN}
    assert found == SIGN_IN


def _sign_in(address: Address) -> str:
    arguments: dict[str, list[Any]] = {
        "account_confirm_email": ["x"],
        "account_reset_password_from_key": ["1", "x-x"],
        "mfa_remove_webauthn": [1],
        "openid_connect_callback": ["sso"],
        "openid_connect_login": ["sso"],
        "mfa_edit_webauthn": [1],
    }
    return reverse(address.name, args=arguments.get(address.name, []))


def test_attack_17_what_staff_get_of_the_staffs_site(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """List, new, one, and its removal by the admin's own button, which no model has; pages that one model has.

    Administrators are tried where support was refused, as with the acts; tests/admin opens every page for them.
    """
    # What they look like is looked at in tests/admin; here the answers count.
    monkeypatch.setattr(SimpleTemplateResponse, "rendered_content", "")
    support, administrator = world.client("support"), world.client("administrator")
    found = {}
    for name in ADMIN:
        model = apps.get_model(name)
        base = f"admin:{name.replace('.', '_')}"
        row = model._default_manager.first()
        pages = [reverse(f"{base}_changelist"), reverse(f"{base}_add")]
        pages += [reverse(f"{base}_{page}", args=[row.pk if row else 0]) for page in ("change", "delete")]
        told = [support.get(page).status_code for page in pages]
        more = [
            200 if one == 200 else administrator.get(page).status_code for one, page in zip(told, pages, strict=True)
        ]
        found[name] = (" ".join(map(str, told)), " ".join(map(str, more)))
    assert found == ADMIN
    of_models = {name: reverse(f"admin:{name}", args=[world.batch.pk]) for name in OF_MODELS}
    for client in (support, administrator):
        assert {name: client.get(page).status_code for name, page in of_models.items()} == OF_MODELS


def test_attack_17_every_act_of_the_staffs_site_has_a_row() -> None:
    """What one row is done, and what many are."""
    acts: set[str] = set()
    many: set[str] = set()
    for model, page in admin.site._registry.items():
        assert isinstance(page, StaffAdmin)
        acts |= {f"{model._meta.label_lower} {act.name}" for act in page.acts}
        many |= {f"{model._meta.label_lower} {act}" for act in map(str, page.actions or ())}
    assert set(ACTS) == acts
    assert set(ACTS_ON_MANY) == many


def _rows_of_acts(world: World) -> dict[str, Any]:
    """By model, what an act is tried on."""
    farm = world.a.farm.business
    product = ProductFactory.create(producer=farm)
    cycle = CycleFactory.create(coordinator=world.a.shop.business)
    conn = world.conn.organisation
    made: list[Any] = [
        ExternalId.objects.create(source="logistics", external_id="1", organisation=conn),
        Mail.objects.create(kind="welcome", recipient="a@b.example", status=MailStatus.SENT),
        Removal.objects.create(organisation=conn, reason="They left", due_at=clock.now()),
        product,
        VariantFactory.create(product=product),
        FeeFactory.create(owner=farm),
        ShippingMethodFactory.create(hub=world.a.shop.business),
        PaymentMethodFactory.create(hub=world.a.shop.business),
        cycle,
        ExchangeFactory.create(cycle=cycle, enterprise=farm),
        world.batch,
        world.asked,
    ]
    made += [world.a.organisation, world.a.office, farm, world.a.members["viewer"], world.a.role, world.a.key]
    made += [world.a.known, world.a.grant, world.a.invitation, world.a.transfer, world.people["a_viewer"]]
    found = {row._meta.label_lower: row for row in made}
    return found | {"customers.staffuser": StaffUser.objects.get(pk=StaffFactory.create(is_superuser=False).pk)}


def _sent(name: str, row: Any) -> dict[str, Any]:
    """What an act asks for besides the reason."""
    if name == "customers.removal purge":
        return {"typed": row.organisation.public_id}
    more: dict[str, dict[str, Any]] = {
        "customers.accessrequest claim": {"organisation": Organisation.objects.get(name="Silverton Storage").pk},
        "customers.accessrequest refuse": {"answer": "No."},
        "customers.user erase": {"typed": getattr(row, "public_id", "")},
        "ordercycles.exchange decline": {"because": "No milk."},
        "ordercycles.ordercycle copy": {"name": "Again"},
    }
    return more.get(name, {})


def test_attack_17_and_18_what_each_gets_of_the_acts_of_the_staffs_site(world: World) -> None:
    """With a reason and what else is asked for: nobody but staff comes as far; support not as far as administrators.

    Administrators are tried where support was refused; what support may, they may by the same rule.
    """
    rows = _rows_of_acts(world)
    clients = {persona: world.client(persona) for persona in ("a_owner", "support", "administrator")}
    found: dict[str, str] = {}
    for name in (*ACTS, *ACTS_ON_MANY):
        model, act = name.split()
        base, row = f"admin:{model.replace('.', '_')}", rows[model]
        where = reverse(f"{base}_changelist") if name in ACTS_ON_MANY else reverse(f"{base}_act", args=[row.pk, act])
        data = {"reason": WHY, **_sent(name, row)}
        if name in ACTS_ON_MANY:
            data |= {"action": act, "_selected_action": [row.pk], "confirmed": "yes"}
        told: list[str] = []
        for persona, client in clients.items():
            if persona == "administrator" and told[-1] == "302":
                told.append("302")
                continue
            with transaction.atomic():
                answer = client.post(where, data)
                transaction.set_rollback(True)
            out = persona == "a_owner" and answer.status_code == 302 and "/login/" in answer["Location"]
            told.append("out" if out else str(answer.status_code))
        found[name] = " ".join(told)
    assert found == {name: f"out {told}" for name, told in (ACTS | ACTS_ON_MANY).items()}


# --- 19: verbs --------------------------------------------------------------------------------------------------


def test_attack_19_a_verb_that_is_not_documented_is_not_taken(world: World) -> None:
    """405 for what the address does not take; headers and fields that name another verb say nothing."""
    api = world.api("a_owner")
    before = snapshot()
    wrong, tried = {}, 0
    for address in API:
        where = _where(address, world)
        if where is None:
            continue
        for verb in set(VERBS) - set(address.methods):
            answer = api.send(verb, where, {} if verb != "GET" else None, if_match="*")
            tried += 1
            if answer.status_code != 405 or answer["Content-Type"] != "application/problem+json":
                wrong[f"{verb} {address.route}"] = answer.status_code
    assert wrong == {}
    assert tried > 100
    assert snapshot() == before


def test_attack_19_nothing_renames_a_verb(world: World) -> None:
    api = world.api("a_owner")
    where = f"business-units/{world.ids['a_office']}/"
    for header in ("x_http_method_override", "x_http_method", "x_method_override"):
        assert api.get(where, **{header: "DELETE"}).status_code == 200
        assert api.post(where, {}, **{header: "DELETE"}).status_code == 405
    assert errors(api.patch(where, {"_method": "DELETE"}, if_match="*")) == [("/_method", "unknown_field")]
    client = world.client("a_owner")
    page = f"/organisations/{world.ids['a_org']}/units/{world.ids['a_office']}/"
    assert client.post(page, {"_method": "DELETE"}).status_code == 405
    assert client.delete(page).status_code == 405
    assert BusinessUnit.objects.filter(pk=world.a.office.pk, archived_at=None).exists()


# --- 20: mass assignment ----------------------------------------------------------------------------------------


def test_attack_20_no_write_takes_a_field_that_it_does_not_name(world: World) -> None:
    """Every body of the API, with everything that people try: refused as unknown, each by its name."""
    tried = 0
    for address in API:
        for method in address.methods:
            said = address.operation(method)
            if said.body is None:
                continue
            own = set(said.body().fields)
            taken = TAKEN.get(f"{method} {address.route}", set())
            assert own & set(NEVER_SENT) == taken, (method, address.route)
            extra = [name for name in (*NEVER_SENT, *SELDOM_SENT) if name not in own]
            example = said.example if isinstance(said.example, dict) else {}
            read = said.body(data={**example, **dict.fromkeys(extra, "x")}, context={"access": world.access("a_owner")})
            assert not read.is_valid()
            told = {name: [one.code for one in problems] for name, problems in read.errors.items() if name in extra}
            assert told == {name: ["unknown_field"] for name in extra}, (method, address.route)
            tried += 1
    assert tried > 40


def test_attack_20_through_the_doors(world: World) -> None:
    api, client = world.api("a_owner"), world.client("a_owner")
    before = snapshot()
    organisation = f"organisations/{world.ids['a_org']}/"
    for where, body in (
        (organisation, {"kind": "shell"}),
        (organisation, {"id": world.ids["b_org"]}),
        (f"business-units/{world.ids['a_farm']}/", {"archived_at": "2026-01-01T00:00:00Z"}),
        (f"business-units/{world.ids['a_farm']}/business/", {"contact_email_confirmed_at": "2026-01-01T00:00:00Z"}),
    ):
        (field,) = body
        assert errors(api.patch(where, body, if_match="*")) == [(f"/{field}", "unknown_field")]
    assert snapshot() == before
    # By the staff's site: what its forms do not ask for is not set, whoever sends it.
    desk, her = world.client("administrator"), world.people["a_viewer"]
    unit = world.a.office
    for row, typed in (
        (her, {"name": her.name, "email": her.email}),
        (unit, {"name": unit.name, "address": "", "town": "Exeter", "postcode": "EX4 3PQ", "phone": ""}),
    ):
        page = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
        never = dict.fromkeys((*NEVER_SENT, *SELDOM_SENT), "1")
        rows = type(row)._default_manager.filter(pk=row.pk)
        was = rows.values().get()
        assert desk.post(page, {**never, **typed, "version": "", "seen": "", "reason": WHY}).status_code == 302
        assert {**rows.values().get(), "updated_at": was["updated_at"]} == was
    before = snapshot()
    sent = {"name": "Ashclyst Farms", "town": "Exeter", "postcode": "EX4 3PQ", "kind": "shell", "company_number": "1"}
    sent |= {"version": str(world.a.organisation.version)}
    assert client.post(f"/{organisation}edit/", {**sent, "archived_at": "2026-01-01"}).status_code == 302
    assert snapshot() == before


# --- 21: twice --------------------------------------------------------------------------------------------------


def test_attack_21_a_parameter_comes_once(world: World) -> None:
    api = world.api("a_owner")
    tried = 0
    for address in API:
        where = _where(address, world)
        if where is None or "GET" not in address.methods or not issubclass(address.operation("GET").query, Query):
            continue
        names = list(address.operation("GET").query._declared_fields)
        if not names:
            continue
        answer = api.get(f"{where}?{'&'.join(f'{name}=1&{name}=2' for name in names)}")
        if answer.status_code in (403, 404):
            continue
        assert {(name, "duplicate_parameter") for name in names} <= {*errors(answer)}, where
        tried += len(names)
    assert tried > 30


def test_attack_21_a_name_comes_once_and_a_query_is_no_body(world: World) -> None:
    api = world.api("a_owner")
    where = f"organisations/{world.ids['a_org']}/business-units/"
    twice = b'{"name": "One", "name": "Two"}'
    refused = api.send("POST", where, twice, content_type="application/json")
    assert problem(refused, 400, "duplicate_name")
    assert errors(api.post(f"{where}?name=Other", {"town": "Exeter"})) != []
    assert not BusinessUnit.objects.filter(name__in=["One", "Two", "Other"]).exists()


# --- 22: what answers hold --------------------------------------------------------------------------------------


@pytest.mark.parametrize("persona", ["a_viewer", "a_owner"])
def test_attack_22_no_answer_holds_a_secret(world: World, persona: str) -> None:
    """Hashes, tokens, keys: nowhere, for nobody. By name of field, and by what they are. Pages: of who sees most.

    A viewer is not told why staff did something for her company either, nor what others have written about it.
    """
    api, client = world.api(persona), world.client(persona)
    secrets = secrets_of(world)
    edit_unit(world.acting("support"), unit=world.a.office, phone="01392 000000")
    Connection.objects.create(organisation=world.conn.organisation, other=world.a.organisation, note="They pay late")
    AccessRequest.objects.filter(pk=world.asked.pk).update(organisation=world.a.organisation, answer="Rang them up")
    private = {"They pay late", "Rang them up"} | ({WHY} if persona == "a_viewer" else set())
    names = {"password", "secret", "secret_hash", "token", "token_hash", "otp_secret", "recovery_codes", "note_staff"}
    tried = 0
    for address in ALL:
        if not (address.is_api or (address.is_page and persona == "a_owner")):
            continue
        where = _where(address, world)
        if where is None or (address.is_api and "GET" not in address.methods):
            continue
        answer = api.get(where) if address.is_api else client.get(where)
        if answer.status_code != 200 or answer.streaming or address.route.endswith("schema/"):
            continue
        tried += 1
        told = answer.content.decode()
        assert [one for one in secrets | private if one in told] == [], where
        if address.is_api:
            assert not names & _names(json.loads(told)), where
    assert tried > 20


def _names(value: Any) -> set[str]:
    if isinstance(value, dict):
        return set(value) | {name for one in value.values() for name in _names(one)}
    if isinstance(value, list):
        return {name for one in value for name in _names(one)}
    return set()


# --- 23: content types ------------------------------------------------------------------------------------------


def test_attack_23_json_and_nothing_else(world: World) -> None:
    api = world.api("a_owner")
    before = snapshot()
    wrong, tried = {}, 0
    bodies = {
        "text/plain": b"{}",
        "application/xml": b"<name>x</name>",
        "application/x-www-form-urlencoded": b"name=x",
        "multipart/form-data; boundary=x": b'--x\r\nContent-Disposition: form-data; name="name"\r\n\r\nx\r\n--x--\r\n',
    }
    # What is taken is decided by an address's parsers alone: all kinds where these come first, one kind elsewhere.
    seen: set[frozenset[str]] = set()
    for address in API:
        where = _where(address, world)
        if where is None:
            continue
        takes = {parser.media_type for parser in address.view.parser_classes}
        refused = [kind for kind in bodies if kind.partition(";")[0] not in takes]
        for method in sorted({*address.methods} - {"GET"}):
            kinds = [refused[tried % len(refused)]] if takes in seen else refused
            seen.add(frozenset(takes))
            for kind in kinds:
                body = bodies[kind]
                answer = api.send(method, where, body, content_type=kind, if_match="*")
                tried += 1
                if answer.status_code != 415:
                    wrong[f"{method} {address.route} {kind}"] = answer.status_code
    assert wrong == {}
    assert tried > 50
    assert snapshot() == before


def test_keys_are_refused_where_a_person_is_needed(world: World) -> None:
    """A key is nobody: it makes no key, and its power ends with its maker's membership."""
    body = {"name": "Another", "role": world.ids["rol_viewer"], "scopes": ["view"]}
    refused = world.api("a_key").post(f"organisations/{world.ids['a_org']}/api-keys/", body)
    assert problem(refused, 403, "refused")["rule"] == "K1"
    Membership.objects.filter(pk=world.a.members["owner"].pk).delete()
    assert Api(key=world.a.secret).get("me/").status_code == 401
