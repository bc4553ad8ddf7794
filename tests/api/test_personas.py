"""Every address and method of the API, as seven kinds of caller: one row each, exact statuses.

A route without a row fails, and so does a row without a route.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.urls import URLPattern, URLResolver

from config.urls import urlpatterns
from customers.api.customers import NEW_CUSTOMER
from permissions.api.operations import METHODS
from tests.api.world import World

pytestmark = pytest.mark.django_db

PERSONAS = ("owner", "viewer", "producer", "stranger", "staff", "key", "anonymous")

NEW_CYCLE = {"coordinator": "{hub}", "name": "July"}
NEW_KEY = {"name": "Till", "role": "{role}", "scopes": ["view"]}
NEW_FEE = {"owner": "{hub}", "name": "Box", "kind": "packing", "charge": "per_item", "amount": "1"}
NEW_ROLE = {"name": "Picker", "permissions": ["view", "manage_products"]}
NEW_USER = {"email": "anna@culm.example", "name": "Anna Ash", "role": "{role}"}
ROLE = "organisations/<str:organisation>/roles/<str:role>/"
MEMBER = "organisations/<str:organisation>/users/<str:membership>/"
OWNERSHIP = "organisations/<str:organisation>/ownership-transfers/"
RECOVERY = "organisations/<str:organisation>/ownership-recovery/"
NEW_STAFF = {"email": "new@hectare.farm", "name": "Nora New"}
NO = {"answer": "Not now."}
ASKED = "customers/access-requests/<str:access_request>/"
CHECK = {"action": "order_cycle:edit", "target": "{ocy}"}
GIVE = {"granter": "{hub}", "grantee": "{dairy}"}
ASK = {"granter": "{dairy}", "grantee": "{hub}", "permission": "manage_products"}
IMPORT = "customers/imports/<str:batch>/"
NEW_IMPORT = {"source": "logistics", "format": "csv", "content": "type,id,name\norganisation,1,Ash\n"}
INVITE = {"organisation": "{org}", "email": "new@people.example", "role": "{role}"}
INVITE_MANY = {"people": [{"email": "new@people.example", "role": "{role}"}]}
CONNECTION = "organisations/<str:organisation>/connections/<str:connection>/"


@dataclass(frozen=True)
class Row:
    """One method of one address, with the statuses for the personas in their order (nobody: 401 unless it says)."""

    method: str
    route: str
    path: str
    body: Any
    statuses: str

    def __str__(self) -> str:
        return f"{self.method} {self.route}"


def row(method: str, route: str, path: str, statuses: str, body: Any = None) -> Row:
    """A row; ``path`` fills the route's parameters by the names of the world's ids, in order."""
    return Row(method, route, path, body, statuses)


def collection(route: str, kind: str, create: Any, change: Any, view: str, edit: str, made: str) -> list[Row]:
    """The rows of something that is listed, made, changed, archived and restored."""
    item = f"{route}<str:{kind}>/"
    named = {"product": "product", "variant": "butter", "fee": "fee", "shipping_method": "shm", "payment_method": "pym"}
    return [
        row("GET", route, "", "200 200 200 200 200 200"),
        row("POST", route, "", made, create),
        row("GET", item, named[kind], view),
        row("PATCH", item, named[kind], edit, change),
        row("DELETE", item, named[kind], edit),
        row("POST", f"{item}restore/", named[kind], edit),
    ]


#               owner viewer producer stranger staff key
ROWS: list[Row] = [
    row("GET", "schema/", "", "200 200 200 200 200 200"),
    row("GET", "me/", "", "200 200 200 200 200 200"),
    row("GET", "organisations/", "", "200 200 200 200 200 200"),
    row("GET", "organisations/<str:organisation>/", "org", "200 200 404 404 200 200"),
    row("GET", "organisations/profiles/", "", "200 200 200 200 200 200"),
    row("PATCH", "organisations/<str:organisation>/", "org", "200 403 404 404 400 200", {"town": "Exeter"}),
    row("DELETE", "organisations/<str:organisation>/", "org", "403 403 404 404 409 403"),
    row("GET", "organisations/<str:organisation>/profile/", "org", "200 200 404 404 200 200"),
    row("GET", "organisations/<str:organisation>/roles/", "org", "200 200 404 404 200 200"),
    row("POST", "organisations/<str:organisation>/roles/", "org", "201 403 404 404 400 201", NEW_ROLE),
    row("GET", ROLE, "org own_role", "200 200 404 404 200 200"),
    row("PATCH", ROLE, "org own_role", "200 403 404 404 400 200", {"permissions": ["view", "take_part"]}),
    row("DELETE", ROLE, "org own_role", "204 403 404 404 400 204"),
    row("GET", "organisations/<str:organisation>/users/", "org", "200 200 404 404 200 200"),
    row("POST", "organisations/<str:organisation>/users/", "org", "202 403 404 404 400 202", NEW_USER),
    row("GET", MEMBER, "org membership", "200 200 404 404 200 200"),
    row("PATCH", MEMBER, "org membership", "200 403 404 404 400 200", {"role": "{role}"}),
    # The viewer's own: she leaves.
    row("DELETE", MEMBER, "org membership", "204 204 404 404 400 204"),
    row("POST", f"{MEMBER}deactivate/", "org membership", "200 403 404 404 400 200"),
    row("POST", f"{MEMBER}reactivate/", "org membership", "200 403 404 404 400 200"),
    row("GET", f"{MEMBER}access/", "org membership", "200 200 404 404 200 200"),
    row("GET", OWNERSHIP, "org", "200 200 404 404 200 200"),
    # The owner has offered it already; the viewer, to whom, has no fresh sign-in.
    row("POST", OWNERSHIP, "org", "409 403 404 404 403 403", {"recipient": "{membership}"}),
    row("GET", "ownership-transfers/<str:transfer>/", "transfer", "200 200 404 404 200 200"),
    row("POST", "ownership-transfers/<str:transfer>/accept/", "transfer", "403 403 404 404 403 403"),
    row("POST", "ownership-transfers/<str:transfer>/decline/", "transfer", "403 200 404 404 403 403"),
    row("POST", "ownership-transfers/<str:transfer>/cancel/", "transfer", "200 403 404 404 400 403"),
    row("GET", "organisations/<str:organisation>/business-units/", "org", "200 200 404 404 200 200"),
    row("POST", "organisations/<str:organisation>/business-units/", "org", "201 403 404 404 400 201", {"name": "Shed"}),
    row("GET", "organisations/<str:organisation>/audit-events/", "org", "200 403 404 404 200 200"),
    row("GET", "customers/imports/", "", "200 200 200 200 200 200"),
    row("POST", "customers/imports/", "", "403 403 403 403 400 404", NEW_IMPORT),
    row("GET", IMPORT, "imp", "404 404 404 404 200 404"),
    row("POST", f"{IMPORT}apply/", "imp", "404 404 404 404 400 404", {}),
    row("POST", f"{IMPORT}links/", "imp", "404 404 404 404 400 404"),
    row("GET", f"{IMPORT}rows/", "imp", "404 404 404 404 200 404"),
    row("GET", f"{IMPORT}reconciliation/", "imp", "404 404 404 404 200 404"),
    row("DELETE", "customers/<str:organisation>/", "org", "403 403 404 404 400 403"),
    row("POST", "customers/<str:organisation>/restore/", "org", "403 403 404 404 400 403", {}),
    row("POST", "organisations/<str:organisation>/exports/", "org", "201 403 404 404 400 403", {}),
    row("POST", "me/exports/", "", "201 201 201 201 201 403", {}),
    row("GET", "exports/<str:export>/", "export", "200 404 404 404 404 404"),
    row("GET", "exports/<str:export>/download/?token=made-up", "export", "404 404 404 404 404 404"),
    row("GET", "customers/audit-events/", "", "200 200 200 200 200 200"),
    row("GET", "organisations/<str:organisation>/api-keys/", "org", "200 200 404 404 200 200"),
    row("POST", "organisations/<str:organisation>/api-keys/", "org", "201 403 404 404 403 403", NEW_KEY),
    row("GET", "api-keys/<str:key>/", "key", "200 404 404 404 200 200"),
    row("DELETE", "api-keys/<str:key>/", "key", "204 404 404 404 403 204"),
    row("GET", "business-units/<str:unit>/", "office", "200 200 404 404 200 200"),
    row("PATCH", "business-units/<str:unit>/", "office", "200 403 404 404 400 200", {"town": "Exeter"}),
    row("DELETE", "business-units/<str:unit>/", "office", "200 403 404 404 400 200"),
    row("POST", "business-units/<str:unit>/restore/", "office", "200 403 404 404 400 200"),
    row("GET", "business-units/<str:unit>/business/", "hub", "200 200 200 404 200 200"),
    row("PUT", "business-units/<str:unit>/business/", "office", "201 403 404 404 400 201", {"kind": "store"}),
    row("PATCH", "business-units/<str:unit>/business/", "hub", "200 403 403 404 400 200", {"description": "Ours."}),
    row("POST", "business-units/<str:unit>/business/contact-confirmation/", "hub", "409 403 403 404 400 409"),
    row("POST", "organisations/", "", "403 403 403 403 400 404", {"name": "Otter Ales"}),
    row("GET", "customers/", "", "404 404 404 404 200 404"),
    row("POST", "customers/", "", "403 403 403 403 400 404", NEW_CUSTOMER),
    row("GET", "customers/exists/?company_number=01234567", "", "200 403 200 200 200 200"),
    row("GET", "customers/access-requests/", "", "404 404 404 404 200 404"),
    row("POST", f"{ASKED}approve/", "acr", "404 404 404 404 400 404", NEW_CUSTOMER),
    row("POST", f"{ASKED}invite-to-claim/", "acr", "404 404 404 404 400 404", {"organisation": "{org}"}),
    row("POST", f"{ASKED}refuse/", "acr", "404 404 404 404 400 404", NO),
    row("POST", "customers/invitations/", "", "404 404 404 404 400 404", {"name": "Tofu", "email": "t@tofu.example"}),
    row("GET", "customers/users/", "", "404 404 404 404 200 404"),
    row("GET", "customers/users/<str:user>/", "owner", "404 404 404 404 200 404"),
    row("PATCH", "customers/users/<str:user>/", "owner", "404 404 404 404 400 404", {"name": "Olive"}),
    row("POST", "customers/users/<str:user>/end-sessions/", "owner", "404 404 404 404 400 404"),
    row("POST", "customers/users/<str:user>/start-reset/", "owner", "404 404 404 404 400 404"),
    row("POST", "customers/users/<str:user>/clear-second-factor/", "owner", "404 404 404 404 400 404"),
    row("GET", "customers/admin/", "", "404 404 404 404 200 404"),
    row("POST", "customers/admin/", "", "404 404 404 404 400 404", NEW_STAFF),
    row("GET", "customers/admin/<str:user>/", "staff", "404 404 404 404 200 404"),
    row("PATCH", "customers/admin/<str:user>/", "staff", "404 404 404 404 400 404", {"name": "Sam"}),
    row("DELETE", "customers/admin/<str:user>/", "staff", "404 404 404 404 400 404"),
    row("GET", "customers/<str:organisation>/", "org", "404 404 404 404 200 404"),
    row("POST", RECOVERY, "org", "403 403 404 404 400 403", {"email": "new@people.example"}),
    row("POST", "customers/<str:organisation>/merge/", "org", "403 403 404 404 400 403", {"into": "{org}"}),
    row("GET", "invitations/", "", "200 200 200 200 200 200"),
    row("POST", "invitations/", "", "201 403 400 400 400 201", INVITE),
    row("POST", "invitations/accept/", "", "410 410 410 410 410 410 410", {"token": "x"}),
    row("POST", "invitations/decline/", "", "410 410 410 410 410 410 410", {"token": "x"}),
    row("GET", "invitations/<str:invitation>/", "inv", "200 404 404 404 200 200"),
    row("POST", "invitations/<str:invitation>/resend/", "inv", "200 404 404 404 400 200"),
    row("POST", "invitations/<str:invitation>/revoke/", "inv", "200 404 404 404 400 200"),
    row("POST", "organisations/<str:organisation>/invitations/", "org", "200 403 404 404 400 200", INVITE_MANY),
    row("GET", "organisations/<str:organisation>/connections/", "org", "200 200 404 404 200 200"),
    row("POST", "organisations/<str:organisation>/connections/", "org", "201 403 404 404 400 201", {"name": "Tofu"}),
    row("GET", CONNECTION, "org con", "200 200 404 404 200 200"),
    row("PATCH", CONNECTION, "org con", "200 403 404 404 400 200", {"note": "Ours."}),
    row("DELETE", CONNECTION, "org con", "204 403 404 404 400 204"),
    row("GET", "grants/", "", "200 200 200 200 200 200"),
    row("POST", "grants/", "", "201 403 403 400 403 201", GIVE),
    row("GET", "grants/<str:grant>/", "grant", "200 200 200 404 200 200"),
    row("DELETE", "grants/<str:grant>/", "grant", "204 403 204 404 403 204"),
    row("GET", "grant-requests/", "", "200 200 200 200 200 200"),
    row("POST", "grant-requests/", "", "201 403 403 400 403 201", ASK),
    row("GET", "grant-requests/<str:grant_request>/", "request", "200 200 200 404 200 200"),
    row("POST", "grant-requests/<str:grant_request>/approve/", "request", "200 403 403 404 403 200"),
    row("POST", "grant-requests/<str:grant_request>/refuse/", "request", "200 403 403 404 403 200", {}),
    *collection(
        "products/",
        "product",
        {"producer": "{dairy}", "name": "Cream"},
        {"name": "Cream"},
        "200 200 200 404 200 200",
        "403 403 200 404 403 403",
        "403 403 201 400 403 403",
    ),
    *collection(
        "variants/",
        "variant",
        {"product": "{product}", "price": "1.00"},
        {"price": "2.00"},
        "200 200 200 404 200 200",
        "403 403 200 404 403 403",
        "403 403 201 400 403 403",
    ),
    *collection(
        "fees/",
        "fee",
        NEW_FEE,
        {"amount": "2"},
        "200 200 200 404 200 200",
        "200 403 403 404 403 200",
        "201 403 403 400 403 201",
    ),
    *collection(
        "shipping-methods/",
        "shipping_method",
        {"hub": "{hub}", "name": "Van"},
        {"name": "Van"},
        "200 200 404 404 200 200",
        "200 403 404 404 403 200",
        "201 403 403 400 403 201",
    ),
    *collection(
        "payment-methods/",
        "payment_method",
        {"hub": "{hub}", "name": "Card"},
        {"name": "Card"},
        "200 200 404 404 200 200",
        "200 403 404 404 403 200",
        "201 403 403 400 403 201",
    ),
    row("GET", "order-cycles/", "", "200 200 200 200 200 200"),
    row("POST", "order-cycles/", "", "201 403 403 400 403 201", NEW_CYCLE),
    row("GET", "order-cycles/<str:cycle>/", "ocy", "200 200 200 404 200 200"),
    row("PATCH", "order-cycles/<str:cycle>/", "ocy", "200 403 403 404 403 200", {"name": "July"}),
    row("DELETE", "order-cycles/<str:cycle>/", "ocy", "204 403 403 404 403 204"),
    row("POST", "order-cycles/<str:cycle>/copy/", "ocy", "201 403 403 404 403 201", {}),
    row("POST", "order-cycles/<str:cycle>/close/", "ocy", "409 403 403 404 403 409"),
    row("GET", "order-cycles/<str:cycle>/fees/", "ocy", "200 200 200 404 200 200"),
    row("PATCH", "order-cycles/<str:cycle>/fees/", "ocy", "200 403 403 404 403 200", {"remove": ["{fee}"]}),
    row("GET", "order-cycles/<str:cycle>/candidates/?direction=incoming", "ocy", "200 200 403 404 200 200"),
    row("GET", "order-cycles/<str:cycle>/exchanges/", "ocy", "200 200 200 404 200 200"),
    row(
        "POST",
        "order-cycles/<str:cycle>/exchanges/",
        "ocy",
        "201 403 403 404 403 201",
        {"direction": "outgoing", "enterprise": "{hub}"},
    ),
    row("GET", "order-cycles/<str:cycle>/lanes/", "ocy", "200 200 200 404 200 200"),
    row("GET", "order-cycles/<str:cycle>/offer/?hub={store}", "ocy", "200 200 200 404 200 200"),
    row("GET", "exchanges/<str:exchange>/", "outgoing", "200 200 200 404 200 200"),
    row("PATCH", "exchanges/<str:exchange>/", "outgoing", "200 403 403 404 403 200", {"collection_time": "Noon"}),
    row("DELETE", "exchanges/<str:exchange>/?confirm=true", "outgoing", "204 403 403 404 403 204"),
    row("GET", "exchanges/<str:exchange>/variants/", "outgoing", "200 200 200 404 200 200"),
    row("PATCH", "exchanges/<str:exchange>/variants/", "outgoing", "200 403 403 404 403 200", {"add": ["{cheese}"]}),
    row("GET", "exchanges/<str:exchange>/fees/", "outgoing", "200 200 200 404 200 200"),
    row("PATCH", "exchanges/<str:exchange>/fees/", "outgoing", "200 403 400 404 403 200", {"remove": ["{fee}"]}),
    row("POST", "exchanges/<str:exchange>/accept/", "incoming", "403 403 200 404 403 403"),
    row("POST", "exchanges/<str:exchange>/decline/", "incoming", "403 403 200 404 403 403", {"reason": "Dry cows."}),
    row("POST", "access/check/", "", "200 200 200 404 200 200", CHECK),
    row("GET", "access/explain/?target={ocy}", "", "200 200 200 404 200 200"),
    row("GET", "notices/", "", "200 200 200 200 200 200"),
    row("POST", "notices/read/", "", "200 200 200 200 200 200", {}),
]


def _filled(value: Any, ids: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one, ids) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, ids) for one in value]
    return value.format(**ids) if isinstance(value, str) else value


def address(route: str, path: str, ids: dict[str, str]) -> str:
    """The route with its parameters filled in."""
    for name in path.split():
        before, _, rest = route.partition("<")
        route = f"{before}{ids[name]}{rest.partition('>')[2]}"
    return route.format(**ids)


def _never(one: Row, ids: dict[str, str]) -> str:
    """The row's address with ids of nothing in its path."""
    never = {name: value[:-6] + "zzzzzz" for name, value in ids.items()}
    return address(one.route.replace("{store}", ids["store"]), one.path, never)


def _told(answer: Any) -> tuple[int, Any]:
    """An answer without what differs from request to request."""
    told = answer.json() if "json" in answer.get("Content-Type", "") else {}
    return answer.status_code, {**told, "instance": "", "request_id": ""}


@pytest.mark.parametrize("one", ROWS, ids=str)
@pytest.mark.usefixtures("db")
def test_statuses(standing: World, one: Row) -> None:
    # Only its ids are read here: no copy.
    world, found = standing, []
    same: list[tuple[int, Any]] = []
    for persona in PERSONAS:
        api, where, body = world.api(persona), address(one.route, one.path, world.ids), _filled(one.body, world.ids)
        # What a GET writes (a key's last use) is of no account to those that come after it.
        with nullcontext() if one.method == "GET" else transaction.atomic():
            answer = api.send(one.method, where, body, if_match="*")
            found.append(answer.status_code)
            if persona == "stranger" and "<" in one.route:
                same = [_told(answer), _told(api.send(one.method, _never(one, world.ids), body, if_match="*"))]
            if one.method != "GET":
                transaction.set_rollback(True)
    assert dict(zip(PERSONAS, found, strict=True)) == dict(
        zip(PERSONAS, [int(status) for status in f"{one.statuses} 401".split()][: len(PERSONAS)], strict=True)
    )
    # A thing of others and a thing that never was: the same answer, for every address with an id in it.
    assert same[:1] == same[1:]
    assert {status for status, _ in same} <= {404}


def _routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _routes(one.url_patterns, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            yield prefix + str(one.pattern), one.callback


def test_every_route_has_its_rows() -> None:
    views = {
        route.removeprefix("api/v1/"): callback.cls
        for route, callback in _routes(urlpatterns)
        if route.startswith("api/v1/") and hasattr(callback, "cls")
    }
    routes = {(method.upper(), route) for route, view in views.items() for method in METHODS if hasattr(view, method)}
    assert {(one.method, one.route.partition("?")[0]) for one in ROWS} == routes
    assert len(ROWS) == len(routes)
