"""Asking the engine what the oracle is asked, in sets, and comparing the answers with ``==``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import QuerySet

from ordercycles.models import Exchange, Fee, OrderCycle
from organisations.models import Business
from permissions import engine
from permissions.actions import Action
from permissions.decisions import Decision, Explanation
from permissions.engine import Target
from permissions.models import Grant, GrantRequest
from permissions.reading import Truth
from permissions.rules import Facts, Scope, SlotIs
from tests.oracle.build import Batch, pairs
from tests.oracle.oracle import Oracle, Rule, Verdict
from tests.oracle.targets import targets

_EXCHANGE: Final = {
    "exchange": "exchange_id",
    "cycle": "exchange__cycle_id",
    "coordinator": "exchange__cycle__coordinator_id",
    "direction": "exchange__direction",
    "enterprise": "exchange__enterprise_id",
}
_CYCLE: Final = {"cycle": "cycle_id", "coordinator": "cycle__coordinator_id"}


@dataclass(frozen=True)
class Family:
    """Questions that are rows of one table. ``where`` are the slots that name a row in the words of the oracle."""

    actions: tuple[Action, ...]
    view: Action
    rows: Callable[[], QuerySet[Any]]
    scope: Scope
    where: tuple[str, ...]


_A: Final = Action
FAMILIES: Final = (
    Family(
        (
            _A.ORDER_CYCLE_EDIT,
            _A.ORDER_CYCLE_SET_COORDINATOR,
            _A.ORDER_CYCLE_COPY,
            _A.ORDER_CYCLE_DELETE,
            _A.ORDER_CYCLE_CLOSE,
        ),
        _A.ORDER_CYCLE_VIEW,
        OrderCycle.objects.all,
        Scope({"cycle": "pk", "coordinator": "coordinator_id"}),
        ("cycle",),
    ),
    Family(
        (_A.EXCHANGE_REMOVE, _A.EXCHANGE_SET_NOTES, _A.EXCHANGE_ACCEPT, _A.EXCHANGE_DECLINE),
        _A.EXCHANGE_VIEW,
        Exchange.objects.all,
        Scope({k: v.removeprefix("exchange__") for k, v in _EXCHANGE.items()} | {"exchange": "pk"}),
        ("exchange",),
    ),
    Family(
        (_A.EXCHANGE_VARIANT_ADD, _A.EXCHANGE_VARIANT_REMOVE),
        _A.EXCHANGE_VARIANT_VIEW,
        lambda: pairs("ordercycles", "ExchangeVariantEvent"),
        Scope({**_EXCHANGE, "variant": "variant_id", "producer": "variant__producer_id"}),
        ("exchange", "variant"),
    ),
    Family(
        (_A.EXCHANGE_FEE_ATTACH, _A.EXCHANGE_FEE_DETACH),
        _A.EXCHANGE_FEE_VIEW,
        lambda: pairs("ordercycles", "ExchangeFeeEvent"),
        Scope({**_EXCHANGE, "fee": "fee_id", "owner": "fee__owner_id"}),
        ("exchange", "fee"),
    ),
    Family(
        (_A.CYCLE_FEE_ATTACH, _A.CYCLE_FEE_DETACH),
        _A.CYCLE_FEE_VIEW,
        lambda: pairs("ordercycles", "CycleFeeEvent"),
        Scope({**_CYCLE, "fee": "fee_id", "owner": "fee__owner_id"}),
        ("cycle", "fee"),
    ),
    Family(
        (_A.EXCHANGE_ADD_INCOMING, _A.EXCHANGE_ADD_OUTGOING),
        _A.EXCHANGE_CANDIDATE_VIEW,
        lambda: pairs("ordercycles", "ExchangeEvent"),
        Scope({**_CYCLE, "enterprise": "enterprise_id"}),
        ("cycle", "enterprise"),
    ),
    Family((_A.ORDER_CYCLE_CREATE,), _A.UNIT_VIEW, Business.objects.all, Scope({"enterprise": "pk"}), ("enterprise",)),
    Family((_A.FEE_EDIT,), _A.FEE_VIEW, Fee.objects.all, Scope({"fee": "pk", "owner": "owner_id"}), ("fee",)),
    Family(
        (_A.GRANT_GIVE, _A.GRANT_REQUEST),
        _A.GRANT_VIEW,
        lambda: pairs("permissions", "GrantRequestEvent"),
        Scope({"granter": "granter_id", "grantee": "grantee_id", "permission": "permission"}),
        ("granter", "grantee"),
    ),
    Family(
        (_A.GRANT_WITHDRAW, _A.GRANT_GIVE_UP),
        _A.GRANT_VIEW,
        lambda: Grant.objects.filter(permission__codename="add_to_order_cycle"),
        Scope({"grant": "pk", "granter": "content_object_id", "grantee": "group__enterprise"}),
        ("granter", "grantee"),
    ),
    Family(
        (_A.GRANT_APPROVE, _A.GRANT_REFUSE),
        _A.GRANT_VIEW,
        GrantRequest.objects.all,
        Scope({"request": "pk", "granter": "granter_id", "grantee": "grantee_id", "permission": "permission"}),
        ("request",),
    ),
)
#: Of so many rows one is explained: it costs ten times what the decision does.
EXPLAINED: Final = 10
KINDS: Final = {"granter": "enterprise", "grantee": "enterprise"}

Where = tuple[tuple[str, str], ...]
"""A target in the words of the oracle: (("exchange", "c1-in-e2"), ("variant", "v1"))."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is said to one question: the verdict, and every rule looked at; ``None`` where that is not asked."""

    verdict: Verdict
    rules: tuple[Rule, ...] | None


def verdict_of(decision: Decision) -> Verdict:
    """A decision in the words of the oracle. Of a role that is too small, the engine tells R1 itself as missing."""
    missing = () if decision.allowed or decision.code == "R1" else decision.missing
    return Verdict(decision.allowed, decision.code, missing)


def rules_of(explanation: Explanation, action: Action, direction: str) -> tuple[Rule, ...]:
    """An explanation in the words of the oracle, which does not speak of rules for the other direction."""
    policy = engine.policy_of(action)
    return tuple(
        (read.code, read.applies, read.missing)
        for rule, read in zip(policy.rules, explanation.rules, strict=bool(explanation.rules))
        if not any(isinstance(leaf, SlotIs) and leaf.value != direction for leaf in rule.relation.leaves())
    )


_answers: dict[tuple[Any, ...], tuple[Answer, ...]] = {}


def _answered(family: Family, facts: Facts, explained: bool) -> tuple[Answer, ...]:
    """What the engine says to every action of a family, from facts it fetched.

    It follows from the truth of the leaves alone: rows alike are put into words once, as in the engine itself.
    """
    # All facts of a family list the same leaves in the same order.
    truth = facts.truth
    alike = (family.actions, explained, *(truth.told if isinstance(truth, Truth) else truth.values()))
    found = _answers.get(alike)
    if found is None:
        found = _answers[alike] = tuple(answer(action, facts, explained) for action in family.actions)
    return found


def answer(action: Action, facts: Facts, explained: bool) -> Answer:
    """What the engine says to one question, from facts it fetched."""
    if not explained:
        return Answer(verdict_of(engine.judge(action, facts)), None)
    explanation = engine.explain_from(facts, action)
    direction = str(facts.slots.get("direction", ""))
    return Answer(verdict_of(explanation.decision), rules_of(explanation, action, direction))


def place_of(batch: Batch, family: Family, facts: Facts) -> tuple[int, Where]:
    """The number of the world, and the target in the words of the oracle."""
    named = [(slot, batch.places[KINDS.get(slot, slot)][facts.slots[slot]]) for slot in family.where]
    return named[0][1][0], tuple((slot, place[1]) for slot, place in named)


def target_of(batch: Batch, who: str, family: Family) -> Target:
    """All questions of a family in the worlds in which somebody is."""
    slot = family.where[0]
    keys = batch.keys_of(who, KINDS.get(slot, slot))
    return Target(family.rows().filter(**{f"{family.scope.paths[slot]}__in": keys}), family.scope)


Answers = dict[tuple[int, str, str, Where], Answer]
"""By number of the world, who asks, action and target."""


def engine_answers(batch: Batch, who: str) -> Answers:
    """Everything that the engine says to one who asks, in the worlds in which she is: a statement for each family.

    One row of ``EXPLAINED`` is explained, in every world.
    """
    access = batch.access(who)
    found: Answers = {}
    for family in FAMILIES:
        facts = engine.facts_for(access, family.actions, target_of(batch, who, family))
        actions = [str(action) for action in family.actions]
        for key, one in facts.items():
            number, where = place_of(batch, family, one)
            for action, answered in zip(actions, _answered(family, one, key % EXPLAINED == 0), strict=True):
                found[number, who, action, where] = answered
    return found


def oracle_answers(batch: Batch, found: Answers) -> Iterator[tuple[tuple[int, str, str, Where], Answer]]:
    """Everything that the oracle says; with rules where those of the engine have been ``found``."""
    asked = [(family, str(action)) for family in FAMILIES for action in family.actions]
    for number, world in batch.numbered():
        oracle = batch.oracle(number)
        actors = [(actor, batch.who(number, actor)) for actor in world.actors]
        for family, action in asked:
            for target in targets(world, action):
                where = tuple([(slot, target[slot]) for slot in family.where])
                for actor, who in actors:
                    key = (number, who, action, where)
                    rules = None if found[key].rules is None else tuple(oracle.explain(actor, action, **target))
                    yield key, Answer(oracle.decide(actor, action, **target), rules)


def allowed(batch: Batch, who: str, action: Action, family: Family) -> frozenset[tuple[int, Where]]:
    """The targets in the list of those on which the action is allowed: the rule as SQL."""
    access = batch.access(who)
    rows = engine.allowed(access, action, target_of(batch, who, family))
    paths = [family.scope.paths[slot] for slot in family.where]
    return frozenset(_places(batch, family, rows.values_list(*paths)))


def _places(batch: Batch, family: Family, rows: Sequence[Any] | QuerySet[Any]) -> Iterator[tuple[int, Where]]:
    for row in rows:
        named = [(slot, batch.places[KINDS.get(slot, slot)][key]) for slot, key in zip(family.where, row, strict=True)]
        yield named[0][1][0], tuple((slot, place[1]) for slot, place in named)


def seen(oracle: Oracle, actor: str, family: Family) -> frozenset[Where] | None:
    """What the oracle shows of a family; ``None`` where it has no list of that."""
    world = oracle.world
    cycles = oracle.visible_cycles(actor)
    found: set[Where]
    match family.view:
        case Action.ORDER_CYCLE_VIEW:
            found = {(("cycle", cycle),) for cycle in cycles}
        case Action.EXCHANGE_VIEW:
            found = {(("exchange", x),) for cycle in world.cycles for x in oracle.visible_exchanges(actor, cycle)}
        case Action.EXCHANGE_VARIANT_VIEW:
            found = {
                (("exchange", x), ("variant", v)) for x in world.exchanges for v in oracle.visible_variants(actor, x)
            }
        case Action.EXCHANGE_FEE_VIEW:
            found = {(("exchange", x), ("fee", f)) for x in world.exchanges for f in oracle.visible_fees(actor, x)}
        case Action.CYCLE_FEE_VIEW:
            found = {(("cycle", c), ("fee", f)) for c in world.cycles for f in oracle.visible_cycle_fees(actor, c)}
        case Action.EXCHANGE_CANDIDATE_VIEW:
            found = {(("cycle", c), ("enterprise", e)) for c in cycles for e in oracle.visible_enterprises(actor, c)}
        case Action.FEE_VIEW:
            found = {(("fee", fee),) for fee in oracle.visible_fees_of_all(actor)}
        case _:
            return None
    return frozenset(found)


def single(batch: Batch, family: Family, number: int, where: Where) -> Target:
    """One question as a target."""
    keys = {family.scope.paths[slot]: batch.key(KINDS.get(slot, slot), number, thing) for slot, thing in where}
    return Target(family.rows().filter(**keys), family.scope)
