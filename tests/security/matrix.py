"""The table of the attacks: every address of the site, whose row stands where, and what each kind of caller gets.

The rows of the API are in ``tests/api/test_personas.py`` and those of the pages in ``tests/web/routes.py``; here are
those of the staff's site, of signing in, and of what is open. ``addresses`` walks the URL configuration itself, so an
address without a row fails (attack 17), and the attacks of ``test_isolation`` and ``test_functions`` reach a new
address without being told of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.urls import URLPattern, URLResolver, get_resolver

from permissions.api.operations import METHODS, Operation
from tests.security.world import World

_PARAMETER: Final = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One address.

    Attributes:
        route: as the URL configuration has it.
        name: of the address, when it has one.
        view: the class behind it, or the function.
    """

    route: str
    name: str
    view: Any

    @property
    def is_api(self) -> bool:
        """Whether it is one of the API's resources."""
        return self.route.startswith("api/v1/") and hasattr(self.view, "id_kinds")

    @property
    def is_admin(self) -> bool:
        """Whether it is of the staff's site."""
        return self.route.startswith("admin/")

    @property
    def is_page(self) -> bool:
        """Whether it is one of our own pages."""
        return not self.route.startswith(("api/", "admin/", "accounts/")) and self.name not in OPEN

    @property
    def verbs(self) -> list[str]:
        """What a page takes: what its class answers to, and has not ruled out."""
        taken: list[str] = self.view.http_method_names
        return [verb.upper() for verb in taken if verb in METHODS and hasattr(self.view, verb)]

    @property
    def parameters(self) -> list[str]:
        """The names of what is filled in, in order."""
        return _PARAMETER.findall(self.route)

    @property
    def methods(self) -> list[str]:
        """What the API's view takes."""
        return [method.upper() for method in METHODS if hasattr(self.view, method)]

    def operation(self, method: str) -> Operation:
        """What a method of the API says of itself."""
        found: Operation = getattr(self.view, method.lower()).operation
        return found

    def filled(self, *values: str) -> str:
        """The address with its parameters filled in."""
        route = self.route
        for value in values:
            route = _PARAMETER.sub(value, route, count=1)
        return f"/{route}"


def addresses() -> list[Address]:
    """Every address that the site answers at."""
    return list(_walk(get_resolver().url_patterns))


def _walk(patterns: list[Any], prefix: str = "") -> Iterator[Address]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, prefix + str(one.pattern))
        elif isinstance(one, URLPattern):
            view = getattr(one.callback, "cls", None) or getattr(one.callback, "view_class", one.callback)
            yield Address(prefix + str(one.pattern), one.name or "", view)


#: What is of nobody: for whoever asks, anonymous, a member, staff (GET).
OPEN: Final[dict[str, tuple[int, int, int]]] = {
    "healthz": (200, 200, 200),
    "readyz": (200, 200, 200),
}

#: Addresses of signing in and of one's own credentials, and what the anonymous get of each (GET). Held to the attacks
#: of their own area (46 to 58).
SIGN_IN: Final[dict[str, int]] = {
    "account_change_password": 302,
    "account_confirm_email": 200,
    "account_confirm_login_code": 302,
    "account_email": 302,
    "account_email_verification_sent": 200,
    "account_inactive": 200,
    "account_login": 200,
    "account_logout": 302,
    "account_reauthenticate": 302,
    "account_reset_password": 200,
    "account_reset_password_done": 200,
    "account_reset_password_from_key": 200,
    "account_reset_password_from_key_done": 200,
    "account_set_password": 302,
    "account_signup": 302,
    "mfa_activate_totp": 302,
    "mfa_add_webauthn": 302,
    "mfa_authenticate": 302,
    "mfa_deactivate_totp": 302,
    "mfa_download_recovery_codes": 302,
    "mfa_edit_webauthn": 302,
    "mfa_generate_recovery_codes": 302,
    "mfa_index": 302,
    "mfa_list_webauthn": 302,
    "mfa_login_webauthn": 302,
    "mfa_reauthenticate": 302,
    "mfa_reauthenticate_webauthn": 302,
    "mfa_remove_webauthn": 302,
    "mfa_view_recovery_codes": 302,
    "openid_connect_callback": 404,
    "openid_connect_login": 404,
    "socialaccount_connections": 302,
    "socialaccount_login_cancelled": 200,
    "socialaccount_login_error": 302,
    "socialaccount_signup": 302,
    "usersessions_list": 302,
}

#: Pages of the staff's site that are of no model.
ADMIN_PAGES: Final = frozenset(
    {
        "app_list",
        "audit_trail",
        "autocomplete",
        "customer",
        "duplicates",
        "explain_access",
        "index",
        "jsi18n",
        "login",
        "logout",
        "onboard",
        "ownerless",
        "password_change",
        "password_change_done",
        "recover",
        "search",
        "view_on_site",
    }
)

#: Pages that every model has.
OF_EVERY_MODEL: Final = ("changelist", "add", "change", "delete", "history", "act")
#: Pages of one model only, of a batch here, and what staff get of them (GET).
OF_MODELS: Final[dict[str, int]] = {
    "customers_importbatch_columns": 404,
    "customers_importbatch_reconciliation": 200,
    "customers_importbatch_reconciliation_file": 200,
    "customers_importbatch_result": 200,
    "customers_importbatch_rows": 200,
}

#: What is done to one row: what support and administrators get who say why (POST). 302: it was done. 200: it was
#: refused, by a rule or by the state in which the world has the row.
ACTS: Final[dict[str, str]] = {
    "customers.accessrequest claim": "302 302",
    "customers.accessrequest refuse": "302 302",
    "customers.externalid unlink": "302 302",
    "customers.importbatch apply": "302 302",
    "customers.importbatch forget": "302 302",
    "customers.importbatch links": "200 200",
    "customers.invitation resend": "302 302",
    "customers.invitation revoke": "302 302",
    "customers.ownershiptransfer cancel": "302 302",
    "customers.removal purge": "200 302",
    "customers.removal restore": "302 302",
    "customers.staffuser clear-second-factor": "200 200",
    "customers.staffuser deactivate": "200 302",
    "customers.staffuser end-sessions": "200 302",
    "customers.staffuser reactivate": "200 302",
    "customers.staffuser start-reset": "200 302",
    # The administrator is to show who she is first: see test_acting_as.
    "customers.user act-as": "200 200",
    "customers.user clear-second-factor": "200 200",
    "customers.user end-sessions": "302 302",
    "customers.user erase": "302 302",
    "customers.user export": "302 302",
    "customers.user start-reset": "302 302",
    "mails.mail resend": "302 302",
    "ordercycles.exchange accept": "302 302",
    "ordercycles.exchange decline": "302 302",
    "ordercycles.exchange fees": "302 302",
    "ordercycles.exchange goods": "302 302",
    "ordercycles.exchange remove": "302 302",
    "ordercycles.fee archive": "302 302",
    "ordercycles.fee restore": "302 302",
    "ordercycles.ordercycle close": "200 200",
    "ordercycles.ordercycle copy": "302 302",
    "ordercycles.ordercycle delete": "302 302",
    "ordercycles.ordercycle fees": "302 302",
    "ordercycles.paymentmethod archive": "302 302",
    "ordercycles.paymentmethod restore": "302 302",
    "ordercycles.product archive": "302 302",
    "ordercycles.product restore": "302 302",
    "ordercycles.shippingmethod archive": "302 302",
    "ordercycles.shippingmethod restore": "302 302",
    "ordercycles.variant archive": "302 302",
    "ordercycles.variant restore": "302 302",
    "organisations.business confirm": "302 302",
    "organisations.businessunit archive": "302 302",
    "organisations.businessunit remove": "302 302",
    "organisations.businessunit restore": "302 302",
    "organisations.connection end": "302 302",
    "organisations.organisation archive": "302 302",
    "organisations.organisation export": "302 302",
    "organisations.organisation remove": "302 302",
    "organisations.organisation restore": "302 302",
    "permissions.apikey revoke": "302 302",
    "permissions.grant give-up": "302 302",
    "permissions.grant withdraw": "302 302",
    "permissions.membership deactivate": "302 302",
    "permissions.membership reactivate": "302 302",
    "permissions.membership remove": "302 302",
    "permissions.role delete": "302 302",
}

#: As those, to many rows at once.
ACTS_ON_MANY: Final[dict[str, str]] = {"customers.user shut_out": "302 302", "mails.mail resend_failed": "302 302"}

#: By model, what support and administrators get (GET): list, new, one, the admin's own deletion. A row that the world
#: lacks leads back to the index (302).
ADMIN: Final[dict[str, tuple[str, str]]] = {
    "customers.accessrequest": ("200 403 200 403", "200 403 200 403"),
    "customers.externalid": ("200 200 302 403", "200 200 302 403"),
    "customers.importbatch": ("200 200 200 403", "200 200 200 403"),
    "customers.invitation": ("200 200 200 403", "200 200 200 403"),
    "customers.merge": ("200 200 302 403", "200 200 302 403"),
    "customers.ownershiptransfer": ("200 403 200 403", "200 403 200 403"),
    "customers.pendingsignup": ("200 403 302 403", "200 403 302 403"),
    "customers.removal": ("200 403 302 403", "200 403 302 403"),
    "customers.signupmode": ("200 200 302 403", "200 200 302 403"),
    "customers.staffuser": ("200 200 200 403", "200 200 200 403"),
    "customers.user": ("200 403 200 403", "200 403 200 403"),
    "mails.mail": ("200 403 302 403", "200 403 302 403"),
    "ordercycles.exchange": ("200 200 302 403", "200 200 302 403"),
    "ordercycles.fee": ("200 200 302 403", "200 200 302 403"),
    "ordercycles.notice": ("200 403 302 403", "200 403 302 403"),
    "ordercycles.ordercycle": ("200 200 302 403", "200 200 302 403"),
    "ordercycles.paymentmethod": ("200 200 302 403", "200 200 302 403"),
    "ordercycles.product": ("200 200 302 403", "200 200 302 403"),
    "ordercycles.recordedoffer": ("200 403 302 403", "200 403 302 403"),
    "ordercycles.shippingmethod": ("200 200 302 403", "200 200 302 403"),
    "ordercycles.variant": ("200 200 302 403", "200 200 302 403"),
    "organisations.business": ("200 200 200 403", "200 200 200 403"),
    "organisations.businessunit": ("200 200 200 403", "200 200 200 403"),
    "organisations.connection": ("200 200 200 403", "200 200 200 403"),
    "organisations.organisation": ("200 403 200 403", "200 403 200 403"),
    "permissions.apikey": ("200 403 200 403", "200 403 200 403"),
    "permissions.grant": ("200 200 200 403", "200 200 200 403"),
    "permissions.grantrequest": ("200 403 200 403", "200 403 200 403"),
    "permissions.membership": ("200 200 200 403", "200 200 200 403"),
    "permissions.role": ("200 200 200 403", "200 200 200 403"),
}

#: What of the world stands for a parameter, in A and in B; of batches and requests for access, which are the staff's,
#: there is one for both.
THINGS: Final[dict[str, str]] = {
    "organisation": "org",
    "unit": "farm",
    "enterprise": "farm",
    "key": "key",
    "membership": "mem_viewer",
    "member": "mem_viewer",
    "role": "rol",
    "invitation": "inv",
    "transfer": "otr",
    "connection": "con",
    "export": "exp",
    "grant": "gra",
    "grant_request": "grq",
    "user": "usr_viewer",
    "batch": "imp",
    "access_request": "acr",
}
#: Parameters that are of trade, whose things the world does not have: their rows are held to the same in
#: ``tests/api/test_personas.py`` and ``tests/web/test_routes.py``.
TRADE: Final = frozenset(
    {"cycle", "exchange", "fee", "method", "payment_method", "product", "shipping_method", "variant"}
)
#: Parameters that are of nobody: what stands in a link in a mail.
LINKS: Final = frozenset({"token", "uid"})


def thing(world: World, letter: str, kind: str) -> str:
    """The id of a tenant's thing: one of ``THINGS``."""
    if kind.startswith("usr_"):
        kind, letter = kind.removeprefix("usr_"), f"usr_{letter}"
    return world.ids.get(f"{letter}_{kind}") or world.ids[kind]


def of_tenant(world: World, letter: str, address: Address) -> list[str] | None:
    """The ids of a tenant's things for an address; nothing when it has none, or one of trade or of a link.

    Raises:
        KeyError: a parameter is in none of the tables above.
    """
    if address.is_admin or not address.parameters or {*address.parameters} & (TRADE | LINKS):
        return None
    return [thing(world, letter, THINGS[name]) for name in address.parameters]


def ids_of(world: World, letter: str) -> set[str]:
    """Every id of a tenant's own things and people, those of people in two tenants left out."""
    own = {value for name, value in world.ids.items() if name.startswith(f"{letter}_")}
    people = {value for name, value in world.ids.items() if name.startswith(f"usr_{letter}_")}
    return own | people


def words_of(world: World, letter: str) -> set[str]:
    """What is only a tenant's to know: names and addresses of e-mail."""
    tenant = getattr(world, letter)
    people = [user for name, user in world.people.items() if name.startswith(f"{letter}_")]
    return {
        tenant.organisation.name,
        *(user.email for user in people),
        *(unit.name for unit in tenant.units),
    }


def secrets_of(world: World) -> set[str]:
    """What no answer ever holds: hashes of passwords, keys and links, and what they are hashes of."""
    found = {user.password for user in world.people.values()}
    for tenant in (world.a, world.b):
        found |= {tenant.key.secret_hash, tenant.secret, tenant.invitation.token_hash, tenant.token}
    return found
