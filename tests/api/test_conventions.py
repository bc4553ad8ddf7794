"""What holds for every address of the API."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test import override_settings
from django.urls import path
from rest_framework.request import Request

from common import clock
from common.ids import new_id
from config.urls import urlpatterns as ours
from ordercycles.models import OrderCycle
from organisations.models import BusinessUnit, Organisation
from permissions.access import Access
from permissions.api.media import LARGEST_BODY
from permissions.api.views import ApiView
from permissions.domain.keys import revoke_key
from permissions.models import ApiKey
from tests.api.client import Api, errors, problem
from tests.api.world import World, key_of

pytestmark = pytest.mark.django_db

RATES = {**settings.REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"read": "3/min", "write": "2/min"}}


# --- errors -----------------------------------------------------------------------------------------------------


class TestErrors:
    def test_unknown_addresses_are_problems(self, db: None) -> None:
        for address in ("/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/me/", "/api/v1/me"):
            problem(Api().get(address), 404, "not_found")

    def test_nobody_gets_401_and_is_told_how(self, db: None) -> None:
        response = Api().get("me/")
        problem(response, 401, "unauthenticated")
        assert response["WWW-Authenticate"] == 'Bearer realm="Hectare API"'

    def test_unknown_methods_are_405(self, owner: Api, world: World) -> None:
        for method, address in (
            ("PUT", f"order-cycles/{world.ids['ocy']}/"),
            ("DELETE", "me/"),
            ("POST", f"organisations/{world.ids['org']}/"),
            ("TRACE", "me/"),
        ):
            response = owner.send(method, address)
            problem(response, 405, "method_not_allowed")
            assert "GET" in response["Allow"]

    def test_overriding_the_method_is_ignored(self, owner: Api, world: World) -> None:
        response = owner.post(f"order-cycles/{world.ids['ocy']}/", {}, x_http_method_override="DELETE", if_match="*")
        problem(response, 405, "method_not_allowed")
        assert owner.get(f"order-cycles/{world.ids['ocy']}/?_method=DELETE").status_code == 400

    def test_options_tell_the_methods_and_nothing_else(self, owner: Api, world: World) -> None:
        known = owner.send("OPTIONS", f"order-cycles/{world.ids['ocy']}/")
        unknown = owner.send("OPTIONS", f"order-cycles/{new_id('ocy')}/")
        assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (204, b"")
        assert known["Allow"] == unknown["Allow"] == "GET, PATCH, DELETE, HEAD, OPTIONS"

    def test_head_is_get_without_its_body(self, owner: Api, world: World) -> None:
        response = owner.send("HEAD", f"order-cycles/{world.ids['ocy']}/")
        assert (response.status_code, response.content) == (200, b"")
        assert response["ETag"] == owner.get(f"order-cycles/{world.ids['ocy']}/")["ETag"]

    @pytest.mark.parametrize("kind", ["text/plain", "application/xml", "multipart/form-data; boundary=x", ""])
    def test_other_content_types_are_415(self, owner: Api, world: World, kind: str) -> None:
        form = b"name=x"
        address = f"organisations/{world.ids['org']}/"
        problem(owner.send("PATCH", address, form, content_type=kind, if_match="*"), 415, "unsupported_media_type")
        close = f"order-cycles/{world.ids['ocy']}/close/"
        problem(owner.send("POST", close, form, content_type=kind), 415, "unsupported_media_type")

    @pytest.mark.parametrize(
        "body",
        [
            b"{",
            b"[1,]",
            b"\xff",
            b'{"name": NaN}',
            b'{"name": "\\ud800"}',
            b'{"town": "x", "town": "y"}',
            b"[" * 100_000,
        ],
    )
    def test_what_is_not_strict_json_is_400(self, owner: Api, world: World, body: bytes) -> None:
        response = owner.patch(f"organisations/{world.ids['org']}/", body, if_match="*")
        assert problem(response, 400, problem_code(response))["code"] in {"malformed", "duplicate_name"}

    def test_bodies_that_are_too_large_are_413(self, owner: Api, world: World) -> None:
        body = b'"' + b"x" * LARGEST_BODY + b'"'
        problem(owner.patch(f"organisations/{world.ids['org']}/", body, if_match="*"), 413, "too_large")

    def test_an_unforeseen_error_tells_nothing(self, world: World, caplog: pytest.LogCaptureFixture) -> None:
        api = Api(world.people["owner"], raise_request_exception=False)
        with patch("organisations.reads.organisations", side_effect=RuntimeError("secret SQL in /srv/file.py")):
            response = api.get("organisations/", x_request_id="abcdefgh-1")
        body = problem(response, 500, "internal_error")
        assert body["request_id"] == "abcdefgh-1"
        assert "secret" not in response.content.decode()
        assert "Traceback" not in response.content.decode()
        assert "secret SQL" in caplog.text

    def test_what_goes_wrong_around_the_views_is_a_problem_too(self, world: World) -> None:
        api = Api(world.people["owner"], raise_request_exception=False)
        problem(api.get("me/", host="evil.example"), 400, "malformed")
        with patch("permissions.web.set_access", side_effect=RuntimeError("secret")):
            response = api.get("me/")
        problem(response, 500, "internal_error")
        assert "secret" not in response.content.decode()

    def test_the_request_id_is_the_callers_when_it_is_well_formed(self, owner: Api) -> None:
        assert owner.get("me/", x_request_id="caller-12345")["X-Request-ID"] == "caller-12345"
        assert owner.get("me/", x_request_id="bad id\x1b[31m")["X-Request-ID"] != "bad id\x1b[31m"


def problem_code(response: Any) -> str:
    return str(json.loads(response.content)["code"])


# --- input ------------------------------------------------------------------------------------------------------


class TestInput:
    def test_unknown_fields_are_refused_by_pointer(self, owner: Api, world: World) -> None:
        forbidden = (
            "id", "is_staff", "is_superuser", "is_active", "role", "permissions", "groups", "email_verified", "status",
            "kind", "is_shell", "created_by", "password", "owner", "external_id", "created_at", "version", "a/b",
        )  # fmt: skip
        body = dict.fromkeys(forbidden, "x")
        response = owner.patch(f"organisations/{world.ids['org']}/", body, if_match="*")
        assert sorted(errors(response)) == sorted(
            (f"/{name.replace('/', '~1')}", "unknown_field") for name in forbidden
        )
        assert Organisation.objects.get(pk=world.company.pk).name == "Exe Foods"

    def test_what_takes_no_body_refuses_one(self, owner: Api, world: World) -> None:
        response = owner.post(f"order-cycles/{world.ids['ocy']}/close/", {"force": True})
        assert errors(response) == [("/force", "unknown_field")]

    def test_types_are_held_to(self, owner: Api, world: World) -> None:
        response = world.api("producer").patch(
            f"variants/{world.ids['butter']}/",
            {"name": 1, "on_hand": "2", "on_demand": "yes", "price": True, "unit_type": 1},
        )
        assert sorted(errors(response)) == [
            ("/name", "wrong_type"),
            ("/on_demand", "wrong_type"),
            ("/on_hand", "wrong_type"),
            ("/price", "wrong_type"),
            ("/unit_type", "wrong_type"),
        ]

    @pytest.mark.parametrize(
        ("body", "code"), [("[]", "invalid"), ('"x"', "invalid"), ("1", "invalid"), ("null", "null")]
    )
    def test_a_body_that_is_no_object_is_refused(self, owner: Api, world: World, body: str, code: str) -> None:
        response = owner.patch(f"organisations/{world.ids['org']}/", body.encode(), if_match="*")
        assert errors(response) == [("", code)]

    def test_moments_say_their_zone(self, owner: Api, world: World) -> None:
        address = f"order-cycles/{world.ids['ocy']}/"
        for wrong in ("2030-06-01T08:00:00", "2030-06-01", "soon", 3):
            response = owner.patch(address, {"opens_at": wrong}, if_match="*")
            assert errors(response)[0][0] == "/opens_at"
        assert owner.patch(address, {"closes_at": "2030-06-01T08:00:00+01:00"}, if_match="*").status_code == 200

    def test_unknown_and_repeated_parameters_are_refused(self, owner: Api, world: World) -> None:
        assert errors(owner.get("order-cycles/?colour=red")) == [("colour", "unknown_parameter")]
        assert errors(owner.get("order-cycles/?coordinator__unit__name=x")) == [
            ("coordinator__unit__name", "unknown_parameter")
        ]
        assert errors(owner.get("order-cycles/?state=open&state=closed")) == [("state", "duplicate_parameter")]
        assert errors(owner.get("order-cycles/?state=ajar")) == [("state", "invalid_choice")]
        assert errors(owner.get("me/?format=json")) == [("format", "unknown_parameter")]

    def test_ids_of_another_kind_fail_at_once(self, owner: Api, world: World) -> None:
        with connection.execute_wrapper(_no_cycles):
            body = problem(owner.get(f"order-cycles/{world.ids['incoming']}/"), 404, "not_found")
        assert body["detail"] == "This address wants the id of an order cycle: it begins with ocy_."
        assert errors(owner.get(f"grants/?granter={world.ids['ocy']}")) == [("granter", "wrong_id")]
        given = {"granter": world.ids["ocy"], "grantee": "7"}
        assert errors(owner.post("grants/", given)) == [("/granter", "wrong_id"), ("/grantee", "wrong_id")]

    def test_what_one_may_not_see_is_an_id_that_never_was(self, owner: Api, world: World) -> None:
        answers = [
            owner.post("grants/", {"granter": world.ids["hub"], "grantee": public_id}).json()["errors"]
            for public_id in (world.ids["stranger"], new_id("bu"))
        ]
        assert answers[0] == answers[1] == [{"pointer": "/grantee", "code": "not_found", "detail": "Not found."}]


def _no_cycles(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
    assert "ordercycles_ordercycle" not in sql
    return execute(sql, params, many, context)


# --- lists ------------------------------------------------------------------------------------------------------


class TestLists:
    def _units(self, world: World, count: int) -> list[str]:
        made = [BusinessUnit(organisation=world.company, name=f"Depot {n}") for n in range(count)]
        for one in made:
            one.public_id = new_id("bu")
        BusinessUnit.objects.bulk_create(made)
        rows = BusinessUnit.objects.filter(organisation=world.company).order_by("public_id")
        return list(rows.values_list("public_id", flat=True))

    def test_pages_forth_and_back(self, owner: Api, world: World) -> None:
        expected = self._units(world, 5)
        address: str | None = f"organisations/{world.ids['org']}/business-units/?page_size=3"
        pages, previous = [], []
        while address:
            body = owner.get(address).json()
            pages.append([row["id"] for row in body["results"]])
            previous.append(body["previous"])
            address = body["next"]
        assert pages == [expected[:3], expected[3:6], expected[6:]]
        assert previous[0] is None
        back = owner.get(previous[2]).json()
        assert [row["id"] for row in back["results"]] == pages[1]
        first = owner.get(back["previous"]).json()
        assert ([row["id"] for row in first["results"]], first["previous"]) == (pages[0], None)
        assert first["next"] is not None

    def test_cursors_cannot_be_made_up(self, owner: Api, world: World) -> None:
        self._units(world, 5)
        address = f"organisations/{world.ids['org']}/business-units/?page_size=2"
        cursor = owner.get(address).json()["next"].partition("cursor=")[2]
        for wrong in (cursor[:-4], cursor[:10] + "x" + cursor[11:], "abc", "é", "x" * 400):
            assert errors(owner.get(f"{address}&cursor={wrong}")) == [("cursor", "invalid_cursor")]
        assert errors(owner.get(f"{address}&cursor={'x' * 501}")) == [("cursor", "max_length")]

    @pytest.mark.parametrize("size", ["0", "201", "1000000", "-1", "many"])
    def test_page_sizes_have_bounds(self, owner: Api, size: str) -> None:
        assert [name for name, _ in errors(owner.get(f"organisations/?page_size={size}"))] == ["page_size"]

    def test_updated_since(self, owner: Api, world: World) -> None:
        later = (clock.now() + timedelta(hours=1)).isoformat().replace("+", "%2B")
        earlier = (clock.now() - timedelta(hours=1)).isoformat().replace("+00:00", "Z")
        assert owner.get(f"order-cycles/?updated_since={later}").json()["results"] == []
        assert len(owner.get(f"order-cycles/?updated_since={earlier}").json()["results"]) == 1
        assert errors(owner.get("order-cycles/?updated_since=2030-06-01T08:00:00")) == [
            ("updated_since", "zone_missing")
        ]

    def test_lists_hold_nothing_of_others(self, world: World) -> None:
        stranger = world.api("stranger")
        for address in ("order-cycles/", "grants/", "grant-requests/", "products/", "variants/", "fees/", "notices/"):
            assert stranger.get(address).json()["results"] == []
        theirs = {row["id"] for row in stranger.get("organisations/").json()["results"]}
        assert theirs == {world.stranger.unit.organisation.public_id}
        for address in (f"grants/?granter={world.ids['dairy']}", f"products/?producer={world.ids['dairy']}"):
            assert stranger.get(address).json()["results"] == []


# --- versions ---------------------------------------------------------------------------------------------------


class TestVersions:
    VERSIONED = ("organisations/{org}/", "business-units/{office}/", "order-cycles/{ocy}/", "exchanges/{outgoing}/")
    CHANGES = ({"town": "Crediton"}, {"town": "Crediton"}, {"name": "July"}, {"collection_time": "Noon"})

    @pytest.mark.parametrize(("address", "change"), list(zip(VERSIONED, CHANGES, strict=True)))
    def test_changes_need_the_version_that_was_read(
        self, owner: Api, world: World, address: str, change: dict[str, str]
    ) -> None:
        address = address.format(**world.ids)
        etag = owner.get(address)["ETag"]
        problem(owner.patch(address, change), 428, "precondition_required")
        problem(owner.patch(address, change, if_match='"nonsense"'), 412, "stale")
        done = owner.patch(address, change, if_match=etag)
        assert done.status_code == 200
        assert done["ETag"] == owner.get(address)["ETag"] != etag
        stale = problem(owner.patch(address, change, if_match=etag), 412, "stale")
        assert stale["current_version"] == done.json()["version"] == 2

    def test_the_second_editor_is_told_what_changed(self, owner: Api, world: World) -> None:
        address = f"order-cycles/{world.ids['ocy']}/"
        etag = owner.get(address)["ETag"]
        owner.patch(address, {"name": "July"}, if_match=etag)
        (change,) = problem(owner.delete(address, if_match=etag), 412, "stale")["changes"]
        assert (change["by"], change["what"]) == ("Owner", "changed name or times")
        assert OrderCycle.objects.filter(pk=world.cycle.pk).exists()

    def test_removals_need_it_too(self, owner: Api, world: World) -> None:
        for address in ("order-cycles/{ocy}/", "exchanges/{outgoing}/", "business-units/{office}/"):
            problem(owner.delete(address.format(**world.ids)), 428, "precondition_required")

    def test_weak_and_several_tags_and_the_star(self, owner: Api, world: World) -> None:
        address = f"business-units/{world.ids['office']}/"
        etag = owner.get(address)["ETag"]
        assert owner.patch(address, {"town": "A"}, if_match=f"W/{etag}").status_code == 200
        assert owner.patch(address, {"town": "B"}, if_match='"1", "2"').status_code == 200
        assert owner.patch(address, {"town": "C"}, if_match="*").status_code == 200

    def test_reads_of_one_thing_have_a_tag_without_a_version_too(self, owner: Api, world: World) -> None:
        reads = ("me/", "grants/{grant}/", "grant-requests/{request}/", "api-keys/{key}/")
        for address in (*reads, "order-cycles/{ocy}/offer/?hub={store}"):
            answer = owner.get(address.format(**world.ids))
            assert answer.status_code == 200, address
            again = owner.get(address.format(**world.ids), if_none_match=answer["ETag"])
            assert (again.status_code, again.content) == (304, b""), address

    def test_who_has_it_already_gets_304(self, owner: Api, world: World) -> None:
        address = f"order-cycles/{world.ids['ocy']}/"
        etag = owner.get(address)["ETag"]
        same = owner.get(address, if_none_match=f'"0.0", {etag}')
        assert (same.status_code, same.content, same["ETag"]) == (304, b"", etag)
        world.butter.archived_at = clock.now()
        world.butter.save()
        # The cycle has not changed, and what is shown of it has.
        assert owner.get(address, if_none_match=etag).status_code == 200

    def test_answers_are_the_callers_own(self, owner: Api) -> None:
        response = owner.get("me/")
        assert response["Cache-Control"] == "private, no-cache"
        assert {"Authorization", "Cookie"} <= set(response["Vary"].split(", "))


# --- credentials ------------------------------------------------------------------------------------------------


class TestCredentials:
    def test_what_is_wrong_is_not_said(self, world: World) -> None:
        bodies = []
        for sent in ("hct_x", world.secret[:-1] + ("0" if world.secret[-1] != "0" else "1"), "other", ""):
            response = Api(key=sent or " ").get("me/")
            bodies.append({**problem(response, 401, "invalid_credential"), "request_id": ""})
            assert response["WWW-Authenticate"].startswith("Bearer")
        assert all(body == bodies[0] for body in bodies)
        problem(Api().get("me/", authorization="Basic eDp5"), 401, "invalid_credential")

    def test_ended_keys(self, world: World) -> None:
        key = world.api("key")
        assert key.get("me/").status_code == 200
        revoke_key(Access.for_user(world.people["owner"]), key=world.key)
        problem(key.get("me/"), 401, "invalid_credential")

    def test_a_bad_key_is_no_way_back_to_the_session(self, owner: Api) -> None:
        problem(owner.get("me/", authorization="Bearer hct_nothing"), 401, "invalid_credential")

    def test_a_key_in_the_address_is_refused(self, world: World) -> None:
        problem(Api().get(f"me/?token={world.secret}"), 400, "credential_in_url")
        problem(world.api("key").get(f"me/?api_key={world.secret}"), 400, "credential_in_url")

    def test_scopes_cut_what_the_role_gives(self, world: World) -> None:
        _, secret = key_of(world.people["owner"], world.company, ["view"])
        api = Api(key=secret)
        address = f"organisations/{world.ids['org']}/"
        etag = api.get(address)["ETag"]
        body = problem(api.patch(address, {"town": "X"}, if_match=etag), 403, "refused")
        assert body["rule"] == "O2"
        problem(api.patch(f"order-cycles/{world.ids['ocy']}/", {"name": "X"}, if_match="*"), 403, "refused")

    def test_a_key_makes_no_keys(self, world: World) -> None:
        body = {"name": "More", "role": world.ids["role"], "scopes": ["view"]}
        refused = problem(world.api("key").post(f"organisations/{world.ids['org']}/api-keys/", body), 403, "refused")
        assert refused["rule"] == "K1"

    def test_last_use_is_noted_once_a_minute(self, world: World) -> None:
        api = world.api("key")
        api.get("me/")
        first = ApiKey.objects.get(pk=world.key.pk).last_used_at
        api.get("me/")
        assert first is not None
        assert ApiKey.objects.get(pk=world.key.pk).last_used_at == first

    def test_sessions_need_the_csrf_token(self, world: World) -> None:
        api = Api(world.people["owner"], enforce_csrf_checks=True)
        address = f"organisations/{world.ids['org']}/"
        problem(api.patch(address, {"town": "X"}, if_match="*"), 403, "csrf_failed")
        token = "a" * 32
        api.client.cookies["csrftoken"] = token
        foreign = {"x_csrftoken": token, "origin": "https://evil.example"}
        problem(api.patch(address, {"town": "X"}, if_match="*", **foreign), 403, "csrf_failed")
        assert api.patch(address, {"town": "X"}, if_match="*", x_csrftoken=token).status_code == 200

    def test_keys_need_none(self, world: World) -> None:
        api = Api(key=world.secret, enforce_csrf_checks=True)
        assert api.patch(f"organisations/{world.ids['org']}/", {"town": "X"}, if_match="*").status_code == 200

    def test_deactivated_people_are_nobody(self, world: World) -> None:
        owner = world.people["owner"]
        api = Api(owner)
        owner.is_active = False
        owner.save()
        problem(api.get("me/"), 401, "unauthenticated")
        problem(world.api("key").get("me/"), 401, "invalid_credential")

    def test_a_membership_that_ends_ends_at_once(self, owner: Api, world: World) -> None:
        assert owner.get(f"order-cycles/{world.ids['ocy']}/").status_code == 200
        world.people["owner"].memberships.update(is_active=False)
        problem(owner.get(f"order-cycles/{world.ids['ocy']}/"), 404, "not_found")


# --- limits and default deny ------------------------------------------------------------------------------------


class TestLimits:
    def test_each_credential_has_its_own(self, world: World) -> None:
        with override_settings(REST_FRAMEWORK=RATES):
            owner, viewer = world.api("owner"), world.api("viewer")
            answers = [owner.get("me/") for _ in range(4)]
            assert [one.status_code for one in answers] == [200, 200, 200, 429]
            problem(answers[-1], 429, "too_many")
            assert 1 <= int(answers[-1]["Retry-After"]) <= 60
            assert answers[0]["RateLimit-Policy"] == '"read";q=3;w=60'
            assert answers[0]["RateLimit"].startswith('"read";r=2;t=')
            assert viewer.get("me/").status_code == 200
            assert world.api("key").get("me/").status_code == 200
            # What writes is counted apart.
            assert owner.post("access/check/", {}).status_code == 400

    def test_no_rate_no_limit(self, world: World) -> None:
        with override_settings(REST_FRAMEWORK={**RATES, "DEFAULT_THROTTLE_RATES": {"read": None, "write": None}}):
            response = world.api("owner").get("me/")
        assert "RateLimit" not in response

    def test_a_counter_that_is_forgotten_begins_anew(self, world: World) -> None:
        with patch.object(cache, "add"):
            assert world.api("owner").get("me/").status_code == 200


class Unsaid(ApiView):
    """A view whose author forgot to say who may."""

    def get(self, request: Request) -> Any:
        """Never runs."""
        raise AssertionError


class WithUnsaid:
    """An urlconf with it."""

    urlpatterns = [path("api/v1/unsaid/", Unsaid.as_view()), *ours]


def test_a_method_that_says_nothing_is_refused(owner: Api, settings: Any) -> None:
    settings.ROOT_URLCONF = WithUnsaid
    problem(owner.get("/api/v1/unsaid/"), 403, "no_rule")
    problem(owner.post("/api/v1/unsaid/"), 405, "method_not_allowed")
    problem(Api().get("/api/v1/unsaid/"), 401, "unauthenticated")
