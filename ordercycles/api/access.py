"""What the rules say, and why: of oneself, and for those who may ask, of others."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from common.errors import Invalid, NotFound
from common.ids import prefix_of
from ordercycles import reads
from ordercycles.api.shapes import DecisionOut, ExplanationsOut
from ordercycles.models import Exchange, OrderCycle
from ordercycles.pictures import CYCLE_ACTIONS, EXCHANGE_ACTIONS
from ordercycles.rules import targets
from organisations import reads as organisation_reads
from organisations import rules as organisation_targets
from permissions import engine
from permissions import reads as permission_reads
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.api.fields import Choice, Id, Query, QueryId, Strict, Text
from permissions.api.operations import Rule, operation
from permissions.api.views import ApiView
from permissions.engine import Target
from permissions.grants import parties_scope
from permissions.models import Grant

A = Action
_EXAMPLE_ID = "01k9f3q5j8x2m7n4v6b1c0d9eg"

#: Given the asker, the thing named, and what stands beside it (public ids by name): what the action is decided on.
Find = Callable[[Access, Any, Mapping[str, str]], Target]


def _candidate(access: Access, cycle: OrderCycle, beside: Mapping[str, str]) -> Target:
    enterprise = reads.get_enterprise(access, _named(beside, "enterprise"), cycle)
    return targets.candidate(cycle, enterprise)


def _variant_in(access: Access, exchange: Exchange, beside: Mapping[str, str]) -> Target:
    target = targets.variants_in(exchange, reads.variant_row(_named(beside, "variant")))
    return _seen(access, A.EXCHANGE_VARIANT_VIEW, target)


def _fee_on(access: Access, exchange: Exchange, beside: Mapping[str, str]) -> Target:
    target = targets.fees_on(exchange, reads.fee_row(_named(beside, "fee")))
    return _seen(access, A.EXCHANGE_FEE_VIEW, target)


def _fee_of_cycle(access: Access, cycle: OrderCycle, beside: Mapping[str, str]) -> Target:
    target = targets.fees_of_cycle(cycle, reads.fee_row(_named(beside, "fee")))
    return _seen(access, A.CYCLE_FEE_VIEW, target)


def _to_grant(access: Access, granter: Any, beside: Mapping[str, str]) -> Target:
    grantee = organisation_reads.get_enterprise(access, _named(beside, "enterprise"))
    return organisation_targets.to_grant(granter, grantee)


def _of_grant(access: Access, grant: Grant, beside: Mapping[str, str]) -> Target:
    return Target(Grant.objects.filter(pk=grant.pk), parties_scope())  # door: read through the engine by the caller


def _seen(access: Access, view: Action, target: Target) -> Target:
    if not engine.decide(access, view, target):
        raise NotFound
    return target


def _named(beside: Mapping[str, str], name: str) -> str:
    if name not in beside:
        raise Invalid.one(f"/{name}", "required", f"This action also needs: {name}.")
    return beside[name]


def _alone(make: Callable[[Any], Target]) -> Find:
    return lambda access, row, beside: make(row)


#: By the prefix of the target's id: how it is read, and each action that can be asked of it.
_KINDS: Final[dict[str, tuple[Callable[[Access, str], Any], dict[Action, Find]]]] = {
    "ocy": (
        reads.get_cycle,
        {
            **dict.fromkeys((A.ORDER_CYCLE_VIEW, *CYCLE_ACTIONS), _alone(targets.cycle)),
            **dict.fromkeys((A.EXCHANGE_ADD_INCOMING, A.EXCHANGE_ADD_OUTGOING), _candidate),
            **dict.fromkeys((A.CYCLE_FEE_ATTACH, A.CYCLE_FEE_DETACH), _fee_of_cycle),
        },
    ),
    "exc": (
        reads.get_exchange,
        {
            **dict.fromkeys((A.EXCHANGE_VIEW, *EXCHANGE_ACTIONS), _alone(targets.exchange)),
            **dict.fromkeys((A.EXCHANGE_VARIANT_VIEW, A.EXCHANGE_VARIANT_ADD, A.EXCHANGE_VARIANT_REMOVE), _variant_in),
            **dict.fromkeys((A.EXCHANGE_FEE_VIEW, A.EXCHANGE_FEE_ATTACH, A.EXCHANGE_FEE_DETACH), _fee_on),
        },
    ),
    "bu": (
        organisation_reads.get_enterprise,
        {
            **dict.fromkeys(
                (A.BUSINESS_VIEW, A.BUSINESS_EDIT_PROFILE, A.BUSINESS_EDIT_TRADING, A.ORDER_CYCLE_CREATE),
                _alone(organisation_targets.of),
            ),
            **dict.fromkeys((A.GRANT_GIVE, A.GRANT_REQUEST), _to_grant),
        },
    ),
    "grt": (
        permission_reads.get_grant,
        dict.fromkeys((A.GRANT_VIEW, A.GRANT_WITHDRAW, A.GRANT_GIVE_UP), _of_grant),
    ),
    "grq": (
        permission_reads.get_grant_request,
        dict.fromkeys((A.GRANT_APPROVE, A.GRANT_REFUSE), _alone(organisation_targets.of_request)),
    ),
    "org": (
        organisation_reads.get_organisation,
        dict.fromkeys((A.ORGANISATION_VIEW, A.ORGANISATION_EDIT), _alone(organisation_targets.of_organisation)),
    ),
    "prd": (reads.get_product, dict.fromkeys((A.PRODUCT_VIEW, A.PRODUCT_EDIT), _alone(targets.product))),
    "var": (reads.get_variant, dict.fromkeys((A.VARIANT_VIEW, A.VARIANT_EDIT), _alone(targets.variant))),
    "fee": (reads.get_fee, dict.fromkeys((A.FEE_VIEW, A.FEE_EDIT), _alone(targets.fee))),
    "shm": (reads.get_shipping_method, dict.fromkeys((A.METHOD_VIEW, A.METHOD_EDIT), _alone(targets.method))),
    "pym": (reads.get_payment_method, dict.fromkeys((A.METHOD_VIEW, A.METHOD_EDIT), _alone(targets.method))),
}
#: What needs something beside the target.
_BESIDE: Final = (_candidate, _variant_in, _fee_on, _fee_of_cycle, _to_grant)

ASKABLE: Final = sorted({str(action) for _, actions in _KINDS.values() for action in actions})


class CheckBody(Strict):
    """Who, what, and to which thing."""

    action = Choice(choices=ASKABLE)
    target = Text(
        max_length=40, help_text="A public id: of the cycle, exchange, enterprise (also: granter), product, fee…"
    )
    user = Id("usr", required=False, help_text="Somebody of yours; left out: yourself.")
    key = Id("key", required=False, help_text="A key of yours, instead of a user.")
    enterprise = Id("bu", required=False, help_text="Who would be added (exchange:add_…), or would hold the grant.")
    variant = Id("var", required=False, help_text="For exchange_variant:…")
    fee = Id("fee", required=False, help_text="For exchange_fee:… and cycle_fee:…")


class ExplainQuery(Query):
    """Of whom, and of what."""

    target = serializers.CharField(max_length=40, help_text="A public id.")
    user = QueryId("usr", help_text="Somebody of yours; left out: yourself.")
    key = QueryId("key", help_text="A key of yours, instead of a user.")
    action = serializers.ChoiceField(choices=ASKABLE, required=False, help_text="Left out: all on the target alone.")
    enterprise = QueryId("bu")
    variant = QueryId("var")
    fee = QueryId("fee")


class CheckView(ApiView):
    """access/check/"""

    tag = "Access"

    @operation(
        "Check one action",
        Rule.SELF,
        body=CheckBody,
        answers=DecisionOut,
        example={"action": "order_cycle:edit", "target": f"ocy_{_EXAMPLE_ID}"},
        errors=(404,),
    )
    def post(self, request: Request) -> HttpResponse:
        """Whether somebody may do something, by which rule, and on what facts that rests. Nothing is done.

        Ask of yourself; of the people and keys of an organisation that you manage; staff, of anybody.
        """
        asked = self.body
        who = subject(self.access, asked)
        action = Action(asked["action"])
        read, finders = _kind(asked["target"])
        if action not in finders:
            raise Invalid.one("/action", "wrong_target", f"{action} cannot be asked of this target.")
        target = finders[action](self.access, read(self.access, asked["target"]), asked)
        return self.answer(engine.decide(who, action, target).as_dict())


class ExplainView(ApiView):
    """access/explain/"""

    tag = "Access"

    @operation("Explain access", Rule.SELF, query=ExplainQuery, answers=ExplanationsOut, errors=(404,))
    def get(self, request: Request) -> HttpResponse:
        """Every rule that is looked at, for each action on the target."""
        asked = self.query
        who = subject(self.access, asked)
        read, finders = _kind(asked["target"])
        row = read(self.access, asked["target"])
        if "action" in asked:
            finders = {one: find for one, find in finders.items() if one == asked["action"]}
        else:
            finders = {one: find for one, find in finders.items() if find not in _BESIDE}
        return self.answer(
            {
                "target": asked["target"],
                "who": who.actor,
                "explanations": [
                    engine.explain(who, action, find(self.access, row, asked)).as_dict()
                    for action, find in finders.items()
                ],
            }
        )


def _kind(target: str) -> tuple[Callable[[Access, str], Any], dict[Action, Find]]:
    found = _KINDS.get(prefix_of(target) or "")
    if found is None:
        raise Invalid.one("/target", "wrong_id", f"Send the id of one of: {', '.join(sorted(_KINDS))}.")
    return found


def subject(asker: Access, asked: Mapping[str, Any]) -> Access:
    """Of whom is asked: the asker, somebody of an organisation whose people she manages, one of its keys.

    Of others she learns what they may through her organisations, and nothing of what they are elsewhere.

    Raises:
        NotFound: she may not ask of that one, or there is none.
    """
    if "user" in asked and asked["user"] != asker.actor:
        membership = permission_reads.memberships(asker).filter(user__public_id=asked["user"]).first()
        if membership is None:
            raise NotFound
        return _within(asker, Access.for_user(membership.user), Permission.MANAGE_USERS)
    if "key" in asked and asked["key"] != asker.actor:
        return Access.for_key(permission_reads.get_key(asker, asked["key"]))
    return asker


def _within(asker: Access, who: Access, permission: Permission) -> Access:
    if asker.is_staff:
        return who
    mine = asker.organisation_ids(permission)
    cut = Access.make(
        held=[one for one in who.held if one.organisation_id in mine],
        user_id=who.user_id,
        actor=who.actor,
        name=who.name,
    )
    return replace(cut, is_staff=False)
