"""Every address of the pages: how it is called, and what each persona gets.

The statuses are those of: anonymous, coordinator's manager, producer's, hub's, viewer of the coordinator's,
somebody outside, staff who do not act.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse

from customers.links import set_password_url
from customers.models import User
from permissions.models import ApiKey, Membership, Role
from tests.web.conftest import PERSONAS, World, token_of

Arguments = Callable[[World], list[str]]


def _nothing(world: World) -> list[str]:
    return []


@dataclass(frozen=True)
class Route:
    """One row.

    Attributes:
        statuses: one for each of ``PERSONAS``.
        data: what the form sends; a GET when it is ``None``.
        before: brings the world into the state that the row needs.
    """

    name: str
    statuses: tuple[int, ...]
    arguments: Arguments = _nothing
    data: Callable[[World], dict[str, Any]] | None = None
    before: Callable[[World], None] = field(default=lambda world: None)

    @property
    def method(self) -> str:
        """GET or POST."""
        return "GET" if self.data is None else "POST"

    def url(self, world: World) -> str:
        """The address."""
        return reverse(self.name, args=self.arguments(world))

    def expected(self) -> dict[str, int]:
        """Persona to status."""
        return dict(zip(PERSONAS, self.statuses, strict=True))


def _cycle(world: World) -> list[str]:
    return [world.cycle.public_id]


def _incoming(world: World) -> list[str]:
    return [world.incoming.public_id]


def _outgoing(world: World) -> list[str]:
    return [world.outgoing.public_id]


def _product(world: World) -> list[str]:
    return [world.product.public_id]


def _variant(world: World) -> list[str]:
    return [world.variant.public_id]


def _fee(world: World) -> list[str]:
    return [world.fee.public_id]


def _shipping(world: World) -> list[str]:
    return [world.shipping.public_id]


def _payment(world: World) -> list[str]:
    return [world.payment.public_id]


def _exe(world: World) -> list[str]:
    return [world.exe.public_id]


def _company(world: World) -> list[str]:
    return [world.exe.unit.organisation.public_id]


def _unit(world: World) -> list[str]:
    return [world.exe.unit.organisation.public_id, world.exe.public_id]


def _owns(world: World) -> None:
    """The coordinator's manager answers for the whole organisation."""
    Membership.objects.filter(user=world.users["coordinator"]).update(role=_owner(), all_units=True)


def _owner() -> Role:
    return Role.objects.get(organisation=None, key="owner")


def _api_key(world: World) -> list[str]:
    organisation = world.exe.unit.organisation
    key, _ = ApiKey.objects.get_or_create(
        organisation=organisation, name="Till", secret_hash="0" * 64, role=_owner(), scopes=["view"]
    )
    return [organisation.public_id, key.public_id]


def _grant(world: World) -> list[str]:
    return [world.grant.public_id]


def _request(world: World) -> list[str]:
    return [world.request.public_id]


def _token(world: World) -> list[str]:
    return [token_of(world.exe)]


#: A password that is good enough.
NEW = "seven brown hens 1"


def _set_password(world: World) -> list[str]:
    return set_password_url(User.objects.create_user("new@culm.example", name="Nell New")).split("/")[-3:-1]


def _sends(**values: Any) -> Callable[[World], dict[str, Any]]:
    return lambda world: values


def _opened(world: World) -> None:
    world.cycle.opens_at = world.cycle.created_at
    world.cycle.save(update_fields=["opens_at"])


def _unconfirmed(world: World) -> None:
    world.exe.contact_email_confirmed_at = None
    world.exe.save(update_fields=["contact_email_confirmed_at"])


def _another_hub(world: World) -> None:
    world.outgoing.delete()


_VARIANT = {"unit_value": "1", "unit_type": "kg", "price": "2.50", "on_hand": "0"}
_FEE = {"name": "Van", "kind": "transport", "charge": "per_item", "amount": "0.10"}

# Everybody who is signed in; only those who see it; only who may change it.
OPEN = (302, 200, 200, 200, 200, 200, 200)
SEEN = (302, 200, 200, 200, 200, 404, 200)

ROUTES = [
    Route("home", OPEN),
    Route("account", OPEN),
    Route("my_name", OPEN),
    Route("my_name", (302, 302, 302, 302, 302, 302, 302), data=_sends(name="Nell New")),
    Route("my_name", (302, 422, 422, 422, 422, 422, 422), data=_sends(name="")),
    Route("notices", OPEN),
    Route("notices", (302, 302, 302, 302, 302, 302, 302), data=_sends()),
    Route("cycles", OPEN),
    Route("cycle_create", OPEN),
    Route(
        "cycle_create",
        (302, 302, 403, 403, 403, 422, 403),
        data=lambda world: {"name": "New", "coordinator": world.exe.public_id},
    ),
    Route("cycle", SEEN, _cycle),
    Route("cycle", (302, 302, 403, 403, 403, 404, 403), _cycle, _sends(name="Renamed")),
    Route("cycle_fees", (302, 302, 403, 403, 403, 404, 403), _cycle, lambda world: {"was": world.fee.public_id}),
    # Pages of the simple interface, which this cycle has not got.
    Route("cycle_fees", (302, 302, 302, 302, 302, 404, 302), _cycle),
    Route("cycle_products", (302, 302, 302, 302, 302, 404, 302), _cycle),
    Route("cycle_products", (302, 409, 403, 403, 403, 404, 403), _cycle, _sends()),
    Route("cycle_incoming", SEEN, _cycle),
    Route("cycle_outgoing", SEEN, _cycle),
    Route("cycle_review", SEEN, _cycle),
    Route("cycle_copied", SEEN, _cycle),
    Route("cycle_copy", (302, 200, 403, 403, 403, 404, 403), _cycle),
    Route("cycle_copy", (302, 302, 403, 403, 403, 404, 403), _cycle, _sends(name="Again")),
    Route("cycle_close", (302, 200, 403, 403, 403, 404, 403), _cycle, before=_opened),
    Route("cycle_close", (302, 302, 403, 403, 403, 404, 403), _cycle, _sends(), _opened),
    Route("cycle_delete", (302, 200, 403, 403, 403, 404, 403), _cycle),
    Route("cycle_delete", (302, 302, 403, 403, 403, 404, 403), _cycle, _sends()),
    Route(
        "cycle_add_incoming",
        (302, 409, 403, 403, 403, 404, 403),
        _cycle,
        lambda world: {"enterprise": world.ash.public_id},
    ),
    Route(
        "cycle_add_outgoing",
        (302, 302, 403, 404, 403, 404, 403),
        _cycle,
        lambda world: {"enterprise": world.deane.public_id},
        _another_hub,
    ),
    Route("exchange", SEEN, _outgoing),
    Route(
        "exchange_change", (302, 302, 403, 302, 403, 404, 403), _outgoing, lambda world: {"in": world.spare.public_id}
    ),
    Route("exchange_fees", SEEN, _outgoing),
    Route("exchange_fees", (302, 302, 403, 403, 403, 404, 403), _outgoing, lambda world: {"on": world.fee.public_id}),
    Route("exchange_notes", SEEN, _outgoing),
    Route("exchange_notes", (302, 302, 403, 302, 403, 404, 403), _outgoing, _sends(collection_time="Noon")),
    Route("exchange_accept", (302, 403, 302, 403, 403, 404, 403), _incoming, _sends()),
    Route("exchange_decline", (302, 403, 200, 403, 403, 404, 403), _incoming),
    Route("exchange_decline", (302, 403, 302, 403, 403, 404, 403), _incoming, _sends(reason="No milk")),
    Route("exchange_remove", (302, 200, 403, 403, 403, 404, 403), _incoming),
    Route("exchange_remove", (302, 409, 403, 403, 403, 404, 403), _incoming, _sends()),
    Route("exchange_remove", (302, 302, 403, 403, 403, 404, 403), _incoming, _sends(confirmed="yes")),
    Route("products", OPEN),
    Route("product_create", OPEN),
    Route(
        "product_create",
        (302, 422, 302, 422, 422, 422, 422),
        data=lambda world: {"owner": world.ash.public_id, "name": "Butter"},
    ),
    Route("product", SEEN, _product),
    Route("product_edit", (302, 403, 200, 403, 403, 404, 403), _product),
    Route("product_edit", (302, 403, 302, 403, 403, 404, 403), _product, _sends(name="Whole milk")),
    Route("product_archive", (302, 403, 200, 403, 403, 404, 403), _product),
    Route("product_archive", (302, 403, 302, 403, 403, 404, 403), _product, _sends()),
    Route("product_restore", (302, 403, 302, 403, 403, 404, 403), _product, _sends()),
    Route("variant_create", (302, 403, 200, 403, 403, 404, 403), _product),
    Route("variant_create", (302, 403, 302, 403, 403, 404, 403), _product, _sends(**_VARIANT)),
    Route("variant_edit", (302, 403, 200, 403, 403, 404, 403), _variant),
    Route("variant_edit", (302, 403, 302, 403, 403, 404, 403), _variant, _sends(**_VARIANT)),
    Route("variant_archive", (302, 403, 200, 403, 403, 404, 403), _variant),
    Route("variant_archive", (302, 403, 302, 403, 403, 404, 403), _variant, _sends()),
    Route("variant_restore", (302, 403, 302, 403, 403, 404, 403), _variant, _sends()),
    Route("fees", OPEN),
    Route("fee_create", (302, 200, 200, 200, 403, 200, 200)),
    Route(
        "fee_create",
        (302, 302, 422, 422, 403, 422, 422),
        data=lambda world: {"owner": world.exe.public_id, **_FEE},
    ),
    Route("fee", (302, 200, 200, 200, 200, 404, 200), _fee),
    Route("fee", (302, 302, 403, 403, 403, 404, 403), _fee, _sends(**_FEE)),
    Route("fee_archive", (302, 200, 403, 403, 403, 404, 403), _fee),
    Route("fee_archive", (302, 302, 403, 403, 403, 404, 403), _fee, _sends()),
    Route("fee_restore", (302, 302, 403, 403, 403, 404, 403), _fee, _sends()),
    Route("methods", OPEN),
    Route("shipping_create", (302, 200, 200, 200, 403, 200, 200)),
    Route(
        "shipping_create",
        (302, 302, 422, 422, 403, 422, 422),
        data=lambda world: {"owner": world.exe.public_id, "name": "Van", "kind": "delivery", "price": "1"},
    ),
    Route("shipping", (302, 200, 404, 404, 403, 404, 403), _shipping),
    Route(
        "shipping",
        (302, 302, 404, 404, 403, 404, 403),
        _shipping,
        _sends(name="Van", kind="delivery", price="1"),
    ),
    Route("shipping_archive", (302, 302, 404, 404, 403, 404, 403), _shipping, _sends()),
    Route("shipping_restore", (302, 302, 404, 404, 403, 404, 403), _shipping, _sends()),
    Route("payment_create", (302, 200, 200, 200, 403, 200, 200)),
    Route(
        "payment_create",
        (302, 302, 422, 422, 403, 422, 422),
        data=lambda world: {"owner": world.exe.public_id, "name": "Cash"},
    ),
    Route("payment", (302, 200, 404, 404, 403, 404, 403), _payment),
    Route("payment", (302, 302, 404, 404, 403, 404, 403), _payment, _sends(name="Cash")),
    Route("payment_archive", (302, 302, 404, 404, 403, 404, 403), _payment, _sends()),
    Route("payment_restore", (302, 302, 404, 404, 403, 404, 403), _payment, _sends()),
    Route("organisations", OPEN),
    Route("organisation", (302, 200, 404, 404, 200, 404, 200), _company),
    Route("organisation_edit", (302, 200, 404, 404, 403, 404, 403), _company, before=_owns),
    Route("organisation_edit", (302, 302, 404, 404, 403, 404, 403), _company, _sends(name="Exe Hub Ltd"), _owns),
    Route("units", (302, 200, 404, 404, 200, 404, 200), _company),
    Route("exports", (302, 200, 404, 404, 403, 404, 403), _company),
    Route("exports", (302, 302, 404, 404, 403, 404, 403), _company, _sends()),
    Route("my_data", OPEN),
    Route("my_data", (302, 302, 302, 302, 302, 302, 302), data=lambda world: {}),
    Route("export_download", (302, 404, 404, 404, 404, 404, 404), lambda world: ["exp_none"]),
    Route("erase_me", (302, 200, 200, 200, 200, 200, 403)),
    Route("erase_me", (302, 302, 302, 302, 302, 302, 302), data=lambda world: {"confirmed": "yes"}),
    Route("audit", (302, 403, 404, 404, 403, 404, 200), _company),
    Route("audit_file", (302, 403, 404, 404, 403, 404, 200), _company),
    Route("unit_create", (302, 200, 404, 404, 403, 404, 403), _company, before=_owns),
    Route("unit_create", (302, 302, 404, 404, 403, 404, 403), _company, _sends(name="Shed"), _owns),
    Route("unit", (302, 200, 404, 404, 200, 404, 200), _unit),
    Route("unit_edit", (302, 200, 404, 404, 403, 404, 403), _unit),
    Route("unit_edit", (302, 302, 404, 404, 403, 404, 403), _unit, _sends(name="Exe Hub")),
    Route("unit_remove", (302, 200, 404, 404, 403, 404, 403), _unit),
    Route("unit_remove", (302, 302, 404, 404, 403, 404, 403), _unit, _sends()),
    Route("unit_restore", (302, 302, 404, 404, 403, 404, 403), _unit, _sends()),
    Route("business_create", (302, 200, 404, 404, 403, 404, 403), _unit),
    Route("business_create", (302, 409, 404, 404, 403, 404, 403), _unit, _sends(kind="store", sells="any")),
    Route("unit_trading", (302, 200, 404, 404, 403, 404, 403), _unit),
    Route("unit_trading", (302, 302, 404, 404, 403, 404, 403), _unit, _sends(kind="store", sells="any")),
    Route("particulars", (302, 200, 404, 404, 403, 404, 403), _unit),
    Route("particulars", (302, 302, 404, 404, 403, 404, 403), _unit, _sends(store_code="EX-01", mon="9–17")),
    Route("api_keys", (302, 200, 404, 404, 403, 404, 200), _company, before=_owns),
    Route("api_key_create", (302, 200, 404, 404, 403, 404, 403), _company, before=_owns),
    Route(
        "api_key_create",
        (302, 201, 404, 404, 403, 404, 403),
        _company,
        lambda world: {"name": "Till", "role": _owner().public_id, "scopes": ["view"], "scope": "all"},
        _owns,
    ),
    Route("api_key_revoke", (302, 200, 404, 404, 404, 404, 403), _api_key, before=_owns),
    Route("api_key_revoke", (302, 302, 404, 404, 404, 404, 403), _api_key, _sends(), _owns),
    # Where the pages of enterprises used to be: leads on.
    Route("enterprises", (302, 302, 302, 302, 302, 302, 302)),
    Route("enterprise", (302, 302, 200, 200, 302, 404, 302), _exe),
    Route("profile", (302, 200, 403, 403, 403, 404, 403), _exe),
    Route("profile", (302, 302, 403, 403, 403, 404, 403), _exe, _sends(description="We sell.")),
    Route("trading", (302, 302, 404, 404, 302, 404, 302), _exe),
    Route("ask_confirmation", (302, 302, 403, 403, 403, 404, 403), _exe, _sends(), _unconfirmed),
    Route("sign_up", (200, 200, 200, 200, 200, 200, 200)),
    Route("sign_up", (422, 422, 422, 422, 422, 422, 422), data=_sends(company_name="")),
    Route("sign_up_sent", (200, 200, 200, 200, 200, 200, 200)),
    Route("sign_up_confirm", (410, 410, 410, 410, 410, 410, 410), lambda world: ["no-such-link"]),
    Route("sign_up_confirm", (410, 410, 410, 410, 410, 410, 410), lambda world: ["no-such-link"], _sends()),
    Route("set_password", (200, 200, 200, 200, 200, 200, 200), _set_password),
    Route("set_password", (422, 422, 422, 422, 422, 422, 422), _set_password, _sends(password1="short", password2="x")),
    Route("set_password", (302, 302, 302, 302, 302, 302, 302), _set_password, _sends(password1=NEW, password2=NEW)),
    Route("set_password", (410, 410, 410, 410, 410, 410, 410), lambda world: ["usr_none", "no-such-link"]),
    Route("confirm_contact", (200, 200, 200, 200, 200, 200, 200), _token),
    Route("confirm_contact", (200, 200, 200, 200, 200, 200, 200), _token, _sends()),
    Route("confirm_contact", (410, 410, 410, 410, 410, 410, 410), lambda world: ["no-such-link"]),
    Route("grants", OPEN),
    Route("grant_give", OPEN),
    Route(
        "grant_give",
        (302, 302, 403, 404, 403, 422, 403),
        data=lambda world: {
            "granter": world.exe.public_id,
            "grantees": [world.ash.public_id, world.deane.public_id],
            "permission": "edit_profile",
        },
    ),
    Route("grant_ask", OPEN),
    Route(
        "grant_ask",
        (302, 302, 422, 422, 403, 422, 403),
        data=lambda world: {
            "granter": world.honey.public_id,
            "grantee": world.exe.public_id,
            "permission": "add_to_order_cycle",
        },
    ),
    Route("grant_requests", OPEN),
    Route("grant_request", (302, 200, 404, 200, 200, 404, 200), _request),
    Route("grant_approve", (302, 302, 404, 403, 403, 404, 403), _request, _sends()),
    Route("grant_refuse", (302, 302, 404, 403, 403, 404, 403), _request, _sends(answer="Not now")),
    Route("grant_withdraw", (302, 200, 200, 404, 403, 404, 403), _grant),
    Route("grant_withdraw", (302, 403, 302, 404, 403, 404, 403), _grant, _sends()),
    Route("grant_give_up", (302, 200, 200, 404, 403, 404, 403), _grant),
    Route("grant_give_up", (302, 302, 403, 404, 403, 404, 403), _grant, _sends()),
]
