"""The engine. It knows rules, not order cycles: apps register their policies with it.

Five questions, one set of rules: ``visible(queryset)``, ``editable(queryset)``, ``decide``, ``explain``, ``who_can``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from django.contrib.auth import get_user_model
from django.db.models import Model, Q, QuerySet

from permissions.access import Access, Actor, AnyUser
from permissions.actions import Action, Permission
from permissions.decisions import Decision, Explanation, Finding, Refusal, RuleRead, Told
from permissions.impersonation import CODE, Kept, kept_from
from permissions.prepared import Prepared, forget, prepared
from permissions.reading import Namer, Reading, Target, Truth, gather
from permissions.rules import (
    NEVER,
    PERMISSION,
    AllOf,
    AnyOf,
    Condition,
    Facts,
    IsStaff,
    Leaf,
    Manages,
    Need,
    Policy,
    Rule,
    Scope,
    StaffActs,
    as_iso,
    every,
    some,
)

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class ModelPolicy:
    """How the rows of one model are seen and changed."""

    view: Action
    edit: Action
    scope: Scope


_policies: dict[Action, Policy] = {}
_readings: dict[tuple[tuple[Action, ...], bool], Reading] = {}
_models: dict[type[Model], ModelPolicy] = {}
_namers: list[Namer] = []


def register(*policies: Policy) -> None:
    """Add policies. One per action."""
    for policy in policies:
        if policy.action in _policies:
            raise ValueError(f"{policy.action} has a policy already")
        _policies[policy.action] = policy
    _readings.clear()
    forget()


def register_model(model: type[Model], view: Action, edit: Action, scope: Scope) -> None:
    """Say how the rows of a model are seen and changed, so that lists can be asked for."""
    _models[model] = ModelPolicy(view, edit, scope)


def register_namer(namer: Namer) -> None:
    """Add a way to name what stands in slots; one statement at most each."""
    _namers.append(namer)


def policy_of(action: Action) -> Policy:
    """The policy of an action.

    Raises:
        LookupError: the action has none; it is refused by being unknown.
    """
    try:
        return _policies[action]
    except KeyError:
        raise LookupError(f"{action} has no policy") from None


def policies() -> list[Policy]:
    """Every policy, by action."""
    return [_policies[action] for action in sorted(_policies)]


def has_policy(model: type[Model]) -> bool:
    """Whether rows of the model can be asked for."""
    return model in _models


# --- lists ------------------------------------------------------------------------------------------------------


def allowed_q(actor: Actor, action: Action, scope: Scope) -> Q:
    """The condition that the action is allowed, for a queryset whose slots are ``scope``. Visibility included."""
    policy = policy_of(action)
    if kept_from(actor, action):
        return NEVER
    allowing = some(rule.q(scope, actor) for rule in policy.rules)
    return every((allowing, allowed_q(actor, policy.view, scope))) if policy.view else allowing


def may(actor: Access, action: Action, scope: Scope) -> Prepared:
    """As ``allowed_q``, from SQL that is kept."""
    return prepared(action, lambda anything, kind: allowed_q(kind, action, anything), scope, actor)


def allowed(actor: Access, action: Action, target: Target) -> QuerySet[Any]:
    """The targets on which the actor may do the action."""
    return target.queryset.filter(may(actor, action, target.scope))


def visible(actor: Access, queryset: QuerySet[M]) -> QuerySet[M]:
    """The rows that the actor may know of."""
    policy = _models[queryset.model]
    return queryset.filter(may(actor, policy.view, policy.scope))


def editable(actor: Access, queryset: QuerySet[M]) -> QuerySet[M]:
    """The rows that the actor may change."""
    policy = _models[queryset.model]
    return queryset.filter(may(actor, policy.edit, policy.scope))


# --- one decision, and many -------------------------------------------------------------------------------------


def decide(actor: Access, action: Action, target: Target) -> Decision:
    """Whether the actor may do the action on the one target, by which rule, and why. At most two statements."""
    facts = gather(actor, reading_of(action), target, _namers, evidence=True)
    if not facts:
        return _invisible(action)
    (one,) = facts.values()
    return judge(action, one)


def decide_each(actor: Access, action: Action, target: Target, *, seen: bool = False) -> dict[Any, Decision]:
    """The decision for every row of the target, by primary key, in two statements. Rows alike are judged once.

    Args:
        seen: the caller knows, by another way, that the actor sees the rows; visibility is not asked.
    """
    found = gather(actor, reading_of(action, seen=seen), target, _namers, evidence=False)
    return {pk: judge(action, facts, seen=seen) for pk, facts in found.items()}


def explain(actor: Access, action: Action, target: Target) -> Explanation:
    """The decision, and every rule that was looked at: none where the target is not visible.

    Why a target is not visible is told by explaining the action of seeing it.
    """
    facts = gather(actor, reading_of(action), target, _namers, evidence=True)
    if not facts:
        return Explanation(_invisible(action), ())
    (one,) = facts.values()
    return explain_from(one, action)


def explain_from(actor_facts: Facts, action: Action) -> Explanation:
    """An explanation from facts fetched elsewhere (several actions on one target)."""
    policy = policy_of(action)
    decision = judge(action, actor_facts)
    # Nothing more is said of what the actor may not know of.
    looked_at = policy.rules if decision.visible or policy.view is None else ()
    return Explanation(decision, tuple(_read(rule, actor_facts) for rule in looked_at))


def judge(action: Action, facts: Facts, *, seen: bool = False) -> Decision:
    """The decision from facts fetched elsewhere, such as a whole cycle's lanes at once.

    Rows of which the same leaves hold are judged once.

    Args:
        seen: the caller knows that the actor sees the target, so visibility is not asked.
    """
    truth = facts.truth
    if not isinstance(truth, Truth):
        return _verdict(policy_of(action), facts, seen=seen).decision(action, facts)
    actor = facts.actor
    alike = (action, seen, actor.is_staff, actor.is_administrator, actor.is_impersonated)
    verdict: _Verdict | None = truth.decided.get(alike)
    if verdict is None:
        verdict = truth.decided[alike] = _verdict(policy_of(action), facts, seen=seen)
    return verdict.decision(action, facts)


def facts_for(actor: Access, actions: Sequence[Action], target: Target, *, seen: bool = False) -> dict[Any, Facts]:
    """The facts that the given actions rest on, for every row of the target: for several decisions at one cost.

    Args:
        seen: as for ``judge``, which is to be told the same; what visibility rests on is left out.
    """
    return gather(actor, reading_of(*actions, seen=seen), target, _namers, evidence=False)


def who_can(action: Action, target: Target) -> QuerySet[Any]:
    """The active users who may do the action on the one target. Staff count where they would not need a reason."""
    facts = _slots(target)
    users = get_user_model()._default_manager.filter(is_active=True)
    if facts is None:
        return users.none()
    scope = Scope({}, facts)
    return users.filter(allowed_q(AnyUser(), action, scope)).order_by("pk")


def reading_of(*actions: Action, seen: bool = False) -> Reading:
    """Everything that decisions on the actions look at, their visibility included unless they are ``seen`` anyway."""
    key = (actions, seen)
    found = _readings.get(key)
    if found is None:
        leaves = dict.fromkeys(leaf for action in actions for leaf in _leaves(action, seen=seen))
        found = _readings[key] = Reading(key, leaves)
    return found


# --- how it is done ---------------------------------------------------------------------------------------------


def _leaves(action: Action, *, seen: bool = False) -> list[Leaf]:
    policy = policy_of(action)
    found: dict[Leaf, None] = {}
    for rule in policy.rules:
        found.update(dict.fromkeys(rule.leaves()))
    # R1 asks whether the actor sees what she does not manage.
    found.update({Manages(leaf.slot, Permission.VIEW): None for leaf in list(found) if isinstance(leaf, Manages)})
    if policy.view and not seen:
        found.update(dict.fromkeys(_leaves(policy.view)))
    return list(found)


def _slots(target: Target) -> dict[str, Any] | None:
    """The keys in the slots of a target with one row."""
    paths = target.scope.paths
    row = target.queryset.values_list(*paths.values()).first() if paths else ()
    if row is None:
        return None
    return {**target.scope.constants, **dict(zip(paths, row, strict=True))}


def _invisible(action: Action) -> Decision:
    return Decision(False, action, "X2", "Not found.", Refusal.NOT_VISIBLE)


def _sees(action: Action, facts: Facts) -> bool:
    return any(_allows(rule, facts) for rule in policy_of(action).rules)


def _allows(rule: Rule, facts: Facts) -> bool:
    return rule.relation.holds(facts) and all(need.condition.holds(facts) for need in rule.needs)


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What follows from the truth of the leaves alone: rows alike share one. ``tell`` puts it into words for a row."""

    allowed: bool
    code: str
    refusal: Refusal | None
    tell: Callable[[Facts], Told] | str

    def decision(self, action: Action, facts: Facts) -> Decision:
        return Decision(self.allowed, action, self.code, self.tell, self.refusal, facts)


_NOT_VISIBLE = _Verdict(False, "X2", Refusal.NOT_VISIBLE, "Not found.")


def _verdict(policy: Policy, facts: Facts, *, seen: bool = False) -> _Verdict:
    """The reading order of ``docs/decisions/0005``: visible, allowed, first rule that speaks of the actor, default.

    What is a person's own is refused before any of it while staff act as her (S4).
    """
    if policy.view and not seen and not _sees(policy.view, facts):
        return _NOT_VISIBLE
    if kept := kept_from(facts.actor, policy.action):
        return _Verdict(False, CODE, Refusal.PERMISSION, partial(_keeping, kept))
    applying = [rule for rule in policy.rules if rule.relation.holds(facts)]
    for rule in applying:
        if all(need.condition.holds(facts) for need in rule.needs):
            return _Verdict(True, rule.code, None, partial(_allowing, rule))
    if applying:
        rule = applying[0]
        first = next(need for need in rule.needs if not need.condition.holds(facts))
        refusal = Refusal.PERMISSION if first.kind == PERMISSION else Refusal.STATE
        return _Verdict(False, first.code, refusal, partial(_refusing, rule))
    return _unrelated(policy, facts)


def _keeping(kept: Kept, facts: Facts) -> Told:
    return kept.told(facts.actor.name)


def _allowing(rule: Rule, facts: Facts) -> Told:
    return Told(rule.title, (), partial(_findings, rule, facts))


def _refusing(rule: Rule, facts: Facts) -> Told:
    failing = tuple(_finding(need, facts) for need in rule.needs if not need.condition.holds(facts))
    reason = " ".join(dict.fromkeys(found.sentence for found in failing))
    return Told(reason, failing, partial(_findings, rule, facts))


def _findings(rule: Rule, facts: Facts) -> tuple[Finding, ...]:
    return (_relation(rule, facts), *(_finding(need, facts) for need in rule.needs))


def _unrelated(policy: Policy, facts: Facts) -> _Verdict:
    if policy.view is None:
        return _NOT_VISIBLE
    if policy.too_small and facts.actor.is_staff:
        reason = "Staff act through the admin, with a reason that is recorded."
        return _Verdict(False, "S1", Refusal.PERMISSION, reason)
    small = next((leaf for rule in policy.rules for leaf in _too_small(rule.relation, facts)), None)
    if policy.too_small and small is not None:
        return _Verdict(False, "R1", Refusal.PERMISSION, lambda row: _small(small, row))
    default = policy.default
    if callable(default):
        code, _ = default(facts)
        return _Verdict(False, code, Refusal.PERMISSION, lambda row: Told(default(row)[1]))
    return _Verdict(False, default[0], Refusal.PERMISSION, default[1])


def _small(leaf: Manages, facts: Facts) -> Told:
    finding = Finding(leaf.key, False, "R1", PERMISSION, leaf.sentence(facts, False), leaf.remedy(facts))
    return Told(finding.sentence, (finding,), lambda: (finding,))


def _too_small(relation: Condition, facts: Facts) -> list[Manages]:
    """The enterprise of a relation that the actor sees, without the permission, all else of the relation holding."""
    parts = relation.parts if isinstance(relation, AllOf) else (relation,)
    managing = [part for part in parts if isinstance(part, Manages)]
    others = [part for part in parts if not isinstance(part, Manages)]
    if not all(part.holds(facts) for part in others):
        return []
    return [one for one in managing if Manages(one.slot, Permission.VIEW).holds(facts)]


def _finding(need: Need, facts: Facts) -> Finding:
    holds = need.condition.holds(facts)
    return Finding(
        key=need.condition.key,
        holds=holds,
        code="" if holds else need.code,
        kind=need.kind,
        sentence=need.condition.sentence(facts, holds),
        remedy="" if holds else need.condition.remedy(facts),
        since=_since(need.condition, facts) if holds else "",
    )


def _since(condition: Condition, facts: Facts) -> str:
    return next((text for leaf in condition.leaves() if (text := as_iso(facts.evidence.get(leaf)))), "")


def _relation(rule: Rule, facts: Facts) -> Finding:
    return Finding(rule.relation.key, True, "", PERMISSION, rule.relation.sentence(facts, True))


def _read(rule: Rule, facts: Facts) -> RuleRead:
    applies = rule.relation.holds(facts)
    findings = tuple(_finding(need, facts) for need in rule.needs)
    return RuleRead(rule.code, rule.title, applies, rule.relation.sentence(facts, applies), findings)


def staffed(rules: Sequence[Rule], needs: Sequence[Need]) -> tuple[Rule, ...]:
    """The rules, and S1 for staff who act through the admin, under the given needs."""
    title = "Hectare staff may do it through the admin, under the same conditions, with a reason that is recorded."
    return (*rules, Rule("S1", title, StaffActs(), tuple(needs)))


__all__ = [
    "AllOf",
    "AnyOf",
    "IsStaff",
    "Namer",
    "Reading",
    "Target",
    "Truth",
    "allowed",
    "allowed_q",
    "decide",
    "decide_each",
    "editable",
    "explain",
    "explain_from",
    "facts_for",
    "has_policy",
    "judge",
    "policies",
    "policy_of",
    "reading_of",
    "register",
    "register_model",
    "register_namer",
    "staffed",
    "visible",
    "who_can",
]
