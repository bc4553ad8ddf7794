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

#: By model, what support and administrators get (GET): list, new, one, the admin's own deletion. A row that the world
#: lacks leads back to the index (302).
ADMIN: Final[dict[str, tuple[str, str]]] = {
    "customers.accessrequest": ("200 403 302 403", "200 403 302 403"),
    "customers.externalid": ("200 200 302 403", "200 200 302 403"),
    "customers.importbatch": ("200 200 302 403", "200 200 302 403"),
    "customers.invitation": ("200 200 200 403", "200 200 200 403"),
    "customers.merge": ("200 200 302 403", "200 200 302 403"),
    "customers.ownershiptransfer": ("200 403 200 403", "200 403 200 403"),
    "customers.removal": ("200 403 302 403", "200 403 302 403"),
    "customers.signupmode": ("200 200 302 403", "200 200 302 403"),
    "customers.staffuser": ("200 200 200 403", "200 200 200 403"),
    "customers.user": ("200 200 200 403", "200 200 200 403"),
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
    "permissions.grant": ("200 200 302 403", "200 200 302 403"),
    "permissions.grantrequest": ("200 403 302 403", "200 403 302 403"),
    "permissions.membership": ("200 200 200 403", "200 200 200 403"),
    "permissions.role": ("200 200 200 403", "200 200 200 403"),
}

#: What of the world stands for a parameter, in A and in B. A parameter that is not here is of trade, whose things the
#: world does not have; their rows are held to the same in ``tests/api/test_personas.py``.
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
}


def of_tenant(world: World, letter: str, address: Address) -> list[str] | None:
    """The ids of a tenant's things for an address; nothing when the world lacks one of them."""
    kinds = [THINGS.get(name) for name in address.parameters]
    if not kinds or None in kinds:
        return None
    return [world.ids[f"{letter}_{kind}"] for kind in kinds]


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
