"""Doing what the oracle speaks of: every action through every door, and what came of it in the oracle's words.

A door is called with the actor's access, the action and the things it is about. It answers ``""`` when the action was
done, and otherwise the code of the rule that refused, as it can be read in the answer; ``X2`` where the thing was not
found. Whatever else happens is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Final

from django.test import Client
from django.urls import reverse
from zeal import zeal_ignore

from common.errors import Invalid, NotFound
from ordercycles.domain import cycles, exchanges, fees
from ordercycles.models import Exchange, Fee, OrderCycle, Variant
from organisations.domain import grants
from organisations.models import Business
from permissions.access import Access
from permissions.decisions import Refused, RefusedItems
from permissions.models import Grant, GrantRequest
from tests.api.client import Api

REASON: Final = "Asked by telephone"
PERMISSION: Final = "add_to_order_cycle"
NAME: Final = "Renamed by a test"

_MODELS: Final[Mapping[str, Any]] = {
    "cycle": lambda: OrderCycle.objects.select_related("coordinator__unit"),
    "exchange": lambda: Exchange.objects.select_related("cycle__coordinator__unit", "enterprise__unit"),
    "variant": Variant.objects.all,
    "fee": lambda: Fee.objects.select_related("owner__unit"),
    "enterprise": lambda: Business.objects.select_related("unit__organisation"),
    "granter": lambda: Business.objects.select_related("unit__organisation"),
    "grantee": lambda: Business.objects.select_related("unit__organisation"),
    "request": lambda: GrantRequest.objects.select_related("granter__unit", "grantee__unit"),
}


@dataclass(frozen=True)
class Things:
    """The rows that an action is about, by slot; ``grant`` is the one between granter and grantee."""

    rows: Mapping[str, Any]

    @classmethod
    def of(cls, keys: Mapping[str, int]) -> Things:
        """The rows by their keys, read anew."""
        return cls({slot: _MODELS[slot]().get(pk=key) for slot, key in keys.items()})

    @classmethod
    def each(cls, many: Sequence[Mapping[str, int]]) -> list[Things]:
        """The same for actions that have the same slots: a statement for each slot."""
        rows = {slot: _MODELS[slot]().in_bulk([keys[slot] for keys in many]) for slot in many[0]}
        return [cls({slot: rows[slot][key] for slot, key in keys.items()}) for keys in many]

    def __getattr__(self, slot: str) -> Any:
        return self.rows[slot]

    @property
    def grant(self) -> Grant:
        """The P-OC grant from granter to grantee."""
        found: Grant = Grant.objects.select_related(
            "content_object__unit", "group__enterprise__unit", "permission"
        ).get(content_object=self.granter, group=self.grantee.group_id, permission__codename=PERMISSION)
        return found

    def id(self, slot: str) -> str:
        """The public id in a slot."""
        public_id: str = self.rows[slot].public_id
        return public_id


Door = Callable[[str, Things], str]


# --- the verbs themselves ---------------------------------------------------------------------------------------


def _note(access: Access, things: Things) -> None:
    if things.exchange.is_incoming:
        exchanges.set_notes(access, exchange=things.exchange, delivery_notes=NAME)
    else:
        exchanges.set_notes(access, exchange=things.exchange, collection_time=NAME)


_VERBS: Final[Mapping[str, Callable[[Access, Things], Any]]] = {
    "order_cycle:create": lambda a, t: cycles.create_cycle(a, coordinator=t.enterprise, name=NAME),
    "order_cycle:edit": lambda a, t: cycles.edit_cycle(a, cycle=t.cycle, name=NAME),
    "order_cycle:copy": lambda a, t: cycles.copy_cycle(a, cycle=t.cycle),
    "order_cycle:delete": lambda a, t: cycles.delete_cycle(a, cycle=t.cycle),
    "order_cycle:close": lambda a, t: cycles.close_cycle(a, cycle=t.cycle),
    "cycle_fee:attach": lambda a, t: cycles.attach_cycle_fees(a, cycle=t.cycle, add=[t.fee]),
    "cycle_fee:detach": lambda a, t: cycles.attach_cycle_fees(a, cycle=t.cycle, remove=[t.fee]),
    "exchange:add_incoming": lambda a, t: exchanges.add_exchange(
        a, cycle=t.cycle, direction="incoming", enterprise=t.enterprise
    ),
    "exchange:add_outgoing": lambda a, t: exchanges.add_exchange(
        a, cycle=t.cycle, direction="outgoing", enterprise=t.enterprise
    ),
    "exchange:remove": lambda a, t: exchanges.remove_exchange(a, exchange=t.exchange, confirmed=True),
    "exchange:set_notes": _note,
    "exchange:accept": lambda a, t: exchanges.accept(a, exchange=t.exchange),
    "exchange:decline": lambda a, t: exchanges.decline(a, exchange=t.exchange, reason=NAME),
    "exchange_variant:add": lambda a, t: exchanges.change_variants(
        a, exchange=t.exchange, add=[t.id("variant")], confirmed=True
    ),
    "exchange_variant:remove": lambda a, t: exchanges.change_variants(
        a, exchange=t.exchange, remove=[t.id("variant")], confirmed=True
    ),
    "exchange_fee:attach": lambda a, t: exchanges.change_fees(a, exchange=t.exchange, add=[t.id("fee")]),
    "exchange_fee:detach": lambda a, t: exchanges.change_fees(a, exchange=t.exchange, remove=[t.id("fee")]),
    "fee:edit": lambda a, t: fees.edit_fee(a, fee=t.fee, name=NAME),
    "grant:give": lambda a, t: grants.give(a, granter=t.granter, grantee=t.grantee),
    "grant:withdraw": lambda a, t: grants.withdraw(a, grant=t.grant),
    "grant:give_up": lambda a, t: grants.give_up(a, grant=t.grant),
    "grant:request": lambda a, t: grants.ask(a, granter=t.granter, grantee=t.grantee),
    "grant:approve": lambda a, t: grants.approve(a, request=t.request),
    "grant:refuse": lambda a, t: grants.refuse(a, request=t.request),
}


def notes_field(things: Things) -> str:
    """The note that the exchange has."""
    return "delivery_notes" if things.exchange.is_incoming else "collection_time"


def verbs(access: Access) -> Door:
    """The verbs, called as a door would."""

    def do(action: str, things: Things) -> str:
        try:
            _VERBS[action](access, things)
        except NotFound:
            return "X2"
        except Refused as refused:
            return refused.decision.code
        except RefusedItems as refused:
            (decision,) = refused.decisions.values()
            return decision.code
        except Invalid as invalid:
            (error,) = invalid.errors
            if error.code == "not_found":
                return "X2"
            raise
        return ""

    return do


# --- the API ----------------------------------------------------------------------------------------------------

Call = tuple[str, str, Any]


def _goods(things: Things, name: str) -> Call:
    return "PATCH", f"exchanges/{things.id('exchange')}/variants/", {name: [things.id("variant")], "confirm": True}


def _fee(things: Things, holder: str, name: str) -> Call:
    path = {"exchange": "exchanges", "cycle": "order-cycles"}[holder]
    return "PATCH", f"{path}/{things.id(holder)}/fees/", {name: [things.id("fee")]}


def _part(things: Things, direction: str) -> Call:
    body = {"direction": direction, "enterprise": things.id("enterprise")}
    return "POST", f"order-cycles/{things.id('cycle')}/exchanges/", body


def _parties(things: Things) -> dict[str, str]:
    return {side: things.id(side) for side in ("granter", "grantee")}


_API: Final[Mapping[str, Callable[[Things], Call]]] = {
    "order_cycle:create": lambda t: ("POST", "order-cycles/", {"coordinator": t.id("enterprise"), "name": NAME}),
    "order_cycle:edit": lambda t: ("PATCH", f"order-cycles/{t.id('cycle')}/", {"name": NAME}),
    "order_cycle:copy": lambda t: ("POST", f"order-cycles/{t.id('cycle')}/copy/", {}),
    "order_cycle:delete": lambda t: ("DELETE", f"order-cycles/{t.id('cycle')}/", None),
    "order_cycle:close": lambda t: ("POST", f"order-cycles/{t.id('cycle')}/close/", None),
    "cycle_fee:attach": lambda t: _fee(t, "cycle", "add"),
    "cycle_fee:detach": lambda t: _fee(t, "cycle", "remove"),
    "exchange:add_incoming": lambda t: _part(t, "incoming"),
    "exchange:add_outgoing": lambda t: _part(t, "outgoing"),
    "exchange:remove": lambda t: ("DELETE", f"exchanges/{t.id('exchange')}/?confirm=true", None),
    "exchange:set_notes": lambda t: ("PATCH", f"exchanges/{t.id('exchange')}/", {notes_field(t): NAME}),
    "exchange:accept": lambda t: ("POST", f"exchanges/{t.id('exchange')}/accept/", None),
    "exchange:decline": lambda t: ("POST", f"exchanges/{t.id('exchange')}/decline/", {"reason": NAME}),
    "exchange_variant:add": lambda t: _goods(t, "add"),
    "exchange_variant:remove": lambda t: _goods(t, "remove"),
    "exchange_fee:attach": lambda t: _fee(t, "exchange", "add"),
    "exchange_fee:detach": lambda t: _fee(t, "exchange", "remove"),
    "fee:edit": lambda t: ("PATCH", f"fees/{t.id('fee')}/", {"name": NAME}),
    "grant:give": lambda t: ("POST", "grants/", _parties(t)),
    "grant:withdraw": lambda t: ("DELETE", f"grants/{t.grant.public_id}/", None),
    "grant:give_up": lambda t: ("DELETE", f"grants/{t.grant.public_id}/", None),
    "grant:request": lambda t: ("POST", "grant-requests/", _parties(t)),
    "grant:approve": lambda t: ("POST", f"grant-requests/{t.id('request')}/approve/", None),
    "grant:refuse": lambda t: ("POST", f"grant-requests/{t.id('request')}/refuse/", {}),
}


def _version(action: str, t: Things) -> int:
    for slot in ("exchange", "fee", "cycle"):
        if slot in t.rows and not (slot == "fee" and "cycle" in t.rows):
            version: int = t.rows[slot].version
            return version
    return 1


def api(caller: Api) -> Door:
    """The HTTP API."""

    def do(action: str, things: Things) -> str:
        method, path, body = _API[action](things)
        answer = caller.send(method, path, body, if_match=f'"{_version(action, things)}"')
        if answer.status_code < 300:
            return ""
        problem = answer.json()
        if answer.status_code == 404:
            return "X2"
        errors = problem.get("errors", [])
        if any(one["code"] == "not_found" for one in errors):
            return "X2"
        rules = [problem["rule"]] if "rule" in problem else [one["rule"] for one in errors if "rule" in one]
        assert len(rules) == 1, (action, answer.status_code, problem)
        return str(rules[0])

    return do


# --- pages ------------------------------------------------------------------------------------------------------

Form = tuple[str, dict[str, Any]]


def _form(page: str, public_id: str, /, **data: Any) -> Form:
    return reverse(page, args=[public_id]), data


_PAGES: Final[Mapping[str, Callable[[Things], Form]]] = {
    "order_cycle:create": lambda t: (reverse("cycle_create"), {"coordinator": t.id("enterprise"), "name": NAME}),
    "order_cycle:edit": lambda t: _form("cycle", t.id("cycle"), name=NAME),
    "order_cycle:copy": lambda t: _form("cycle_copy", t.id("cycle"), name=NAME),
    "order_cycle:delete": lambda t: _form("cycle_delete", t.id("cycle")),
    "order_cycle:close": lambda t: _form("cycle_close", t.id("cycle")),
    "cycle_fee:attach": lambda t: _form("cycle_fees", t.id("cycle"), on=t.id("fee")),
    "cycle_fee:detach": lambda t: _form("cycle_fees", t.id("cycle"), was=t.id("fee")),
    "exchange:add_incoming": lambda t: _form("cycle_add_incoming", t.id("cycle"), enterprise=t.id("enterprise")),
    "exchange:add_outgoing": lambda t: _form("cycle_add_outgoing", t.id("cycle"), enterprise=t.id("enterprise")),
    "exchange:remove": lambda t: _form("exchange_remove", t.id("exchange")),
    "exchange:set_notes": lambda t: _form("exchange_notes", t.id("exchange"), **{notes_field(t): NAME}),
    "exchange:accept": lambda t: _form("exchange_accept", t.id("exchange")),
    "exchange:decline": lambda t: _form("exchange_decline", t.id("exchange"), reason=NAME),
    "exchange_variant:add": lambda t: _form("exchange_change", t.id("exchange"), **{"in": t.id("variant")}),
    "exchange_variant:remove": lambda t: _form("exchange_change", t.id("exchange"), was=t.id("variant")),
    "exchange_fee:attach": lambda t: _form("exchange_fees", t.id("exchange"), on=t.id("fee")),
    "exchange_fee:detach": lambda t: _form("exchange_fees", t.id("exchange"), was=t.id("fee")),
    "fee:edit": lambda t: _form("fee", t.id("fee"), **_whole_fee(t.fee)),
    "grant:give": lambda t: (
        reverse("grant_give"),
        {"granter": t.id("granter"), "grantees": t.id("grantee"), "permission": PERMISSION},
    ),
    "grant:request": lambda t: (reverse("grant_ask"), {**_parties(t), "permission": PERMISSION}),
    "grant:withdraw": lambda t: _form("grant_withdraw", t.grant.public_id),
    "grant:give_up": lambda t: _form("grant_give_up", t.grant.public_id),
    "grant:approve": lambda t: _form("grant_approve", t.id("request")),
    "grant:refuse": lambda t: _form("grant_refuse", t.id("request")),
}


def _whole_fee(fee: Fee) -> dict[str, Any]:
    names = ("kind", "charge", "amount", "further_amount", "max_items", "minimum")
    values = {name: getattr(fee, name) for name in names}
    return {"name": NAME, **{name: value for name, value in values.items() if value is not None}}


_RULE: Final = re.compile(r"Rule ([A-Z]\d+)")
#: Where a page says that something was not done, and why.
_REFUSAL: Final = re.compile(r'<div class="note bad" role="alert">(.*?)</div>', re.DOTALL)


def pages(client: Client) -> Door:
    """The pages' forms."""

    def do(action: str, things: Things) -> str:
        url, data = _PAGES[action](things)
        answer = client.post(url, {**data, "confirmed": "yes", "version": _version(action, things)})
        if answer.status_code == 404:
            return "X2"
        if answer.status_code < 400:
            return ""
        said = " ".join(_REFUSAL.findall(unescape(answer.content.decode())))
        codes = _RULE.findall(said)
        if not codes and answer.status_code in (400, 422) and "Not found." in said:
            return "X2"
        assert codes, (action, answer.status_code, answer.content.decode().partition("<main")[2])
        return str(codes[0])

    return do


# --- the admin --------------------------------------------------------------------------------------------------


def _act(row: Any, name: str, /, **data: Any) -> Form:
    base = f"admin:{row._meta.app_label}_{row._meta.model_name}_act"
    return reverse(base, args=[row.pk, name]), data


def _save(row: Any, /, **data: Any) -> Form:
    base = f"admin:{row._meta.app_label}_{row._meta.model_name}_change"
    return reverse(base, args=[row.pk]), {"seen": row.version, **data}


def _new_part(things: Things, direction: str) -> Form:
    data = {"cycle": things.cycle.pk, "direction": direction, "enterprise": things.enterprise.pk}
    return reverse("admin:ordercycles_exchange_add"), data


_ADMIN: Final[Mapping[str, Callable[[Things], Form]]] = {
    "order_cycle:create": lambda t: (
        reverse("admin:ordercycles_ordercycle_add"),
        {"coordinator": t.enterprise.pk, "name": NAME},
    ),
    "order_cycle:edit": lambda t: _save(t.cycle, name=NAME, **_moments(t.cycle)),
    "order_cycle:copy": lambda t: _act(t.cycle, "copy", name=NAME),
    "order_cycle:delete": lambda t: _act(t.cycle, "delete"),
    "order_cycle:close": lambda t: _act(t.cycle, "close"),
    "cycle_fee:attach": lambda t: _act(t.cycle, "fees", add=t.id("fee")),
    "cycle_fee:detach": lambda t: _act(t.cycle, "fees", remove=t.id("fee")),
    "exchange:add_incoming": lambda t: _new_part(t, "incoming"),
    "exchange:add_outgoing": lambda t: _new_part(t, "outgoing"),
    "exchange:remove": lambda t: _act(t.exchange, "remove"),
    "exchange:set_notes": lambda t: _save(t.exchange, **{notes_field(t): NAME}),
    "exchange:accept": lambda t: _act(t.exchange, "accept"),
    "exchange:decline": lambda t: _act(t.exchange, "decline", because=NAME),
    "exchange_variant:add": lambda t: _act(t.exchange, "goods", add=t.id("variant"), confirmed="on"),
    "exchange_variant:remove": lambda t: _act(t.exchange, "goods", remove=t.id("variant"), confirmed="on"),
    "exchange_fee:attach": lambda t: _act(t.exchange, "fees", add=t.id("fee")),
    "exchange_fee:detach": lambda t: _act(t.exchange, "fees", remove=t.id("fee")),
    "fee:edit": lambda t: _save(t.fee, **_whole_fee(t.fee)),
    "grant:give": lambda t: (
        reverse("admin:permissions_grant_add"),
        {"content_object": t.granter.pk, "grantee": t.grantee.pk, "kind": PERMISSION},
    ),
    "grant:withdraw": lambda t: _act(t.grant, "withdraw"),
    "grant:give_up": lambda t: _act(t.grant, "give-up"),
}
#: What staff do not do for others has no place there.
ADMIN_ACTIONS: Final = frozenset(_ADMIN)


def _moments(cycle: OrderCycle) -> dict[str, str]:
    return {
        f"{name}_{place}": f"{value:{form}}"
        for name in ("opens_at", "closes_at")
        if (value := getattr(cycle, name)) is not None
        for place, form in ((0, "%Y-%m-%d"), (1, "%H:%M:%S"))
    }


_ADMIN_RULE: Final = re.compile(r"\b([A-Z]\d+): ")


def admin(client: Client) -> Door:
    """The staff's site, with a reason."""

    def do(action: str, things: Things) -> str:
        url, data = _ADMIN[action](things)
        # A form looks up each of several choices, at one line of Django's.
        with zeal_ignore():
            answer = client.post(url, {"reason": REASON, **data})
        if answer.status_code == 302:
            return ""
        assert answer.status_code == 200, (action, answer.status_code)
        form: Any = answer.context.get("adminform")
        errors = form.form.errors if form else answer.context["form"].errors
        text = " ".join(one for of_field in errors.values() for one in of_field)
        codes = _ADMIN_RULE.findall(text)
        assert codes, (action, text)
        return str(codes[0])

    return do
