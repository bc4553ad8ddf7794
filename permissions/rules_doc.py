"""``docs/rules.md`` and ``docs/permissions.md``, written from the rules themselves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from permissions import catalogue, engine
from permissions.access import Access
from permissions.actions import PERMISSION_LABELS, Permission
from permissions.roles import BUILT_IN_ROLES
from permissions.rules import AllOf, AnyOf, Condition, Facts, Leaf, Manages, Not, Policy, SlotIs

WRITTEN = "Written by `python manage.py write_rules_doc` from the rules themselves; do not edit it by hand.\n"

RULES_HEAD = f"""\
# Rules

{WRITTEN}
Every decision names one of these codes: the rule that allowed, or what it was refused with. How the rules are read
where words leave a choice stands in `docs/decisions/0005-reading-the-rules.md`.

A decision is read in this order. What the actor may not see is refused with X2. The first rule that speaks of her and
whose needs all hold allows. Otherwise the first rule that speaks of her refuses, with the code of its first need that
fails. Where no rule speaks of her: staff are refused with S1, somebody who sees the enterprise that a rule names, but
in too small a role, with R1, and everybody else with the action's own code. While staff act as somebody, what stays
her own (S4, `permissions/impersonation.py`) is refused before any rule is read.
"""

PERMISSIONS_HEAD = f"""\
# Roles and permissions

{WRITTEN}
What each built-in role lets a member do with the units that she is given. A role without `view` gives nothing.
"""


def rules_page() -> str:
    """The page of codes and actions."""
    return "\n".join([RULES_HEAD, *_codes(), "", *_actions()]) + "\n"


def _codes() -> Iterator[str]:
    uses = used_codes()
    yield "## Codes\n"
    yield "| code | rule | where |"
    yield "|---|---|---|"
    for code, sentence in catalogue.sentences().items():
        yield f"| {code} | {sentence} | {'; '.join(uses.get(code, ['everywhere']))} |"


def used_codes() -> dict[str, list[str]]:
    """Every code that a decision or an explanation can name, with how and for which actions it does."""
    found: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for policy in engine.policies():
        for how, codes in (
            ("allows" if policy.view else "shows", [rule.code for rule in policy.rules]),
            ("needed for", [need.code for rule in policy.rules for need in rule.needs]),
            ("otherwise refuses", default_codes(policy) if policy.view else []),
        ):
            for code in dict.fromkeys(codes):
                found[code][how].append(f"`{policy.action}`")
    for one in catalogue.general():
        found[one.code]["bears on"] += [f"`{action}`" for action in one.actions] or ["every action"]
    return {code: [f"{how} {', '.join(actions)}" for how, actions in uses.items()] for code, uses in found.items()}


def default_codes(policy: Policy) -> list[str]:
    """The codes with which a policy refuses those of whom no rule speaks."""
    if not callable(policy.default):
        return [policy.default[0]]
    directions = [slot for rule in policy.rules for slot in rule.relation.leaves() if isinstance(slot, SlotIs)]
    facts = [_facts({one: one == leaf for one in directions}) for leaf in directions]
    return list(dict.fromkeys(policy.default(one)[0] for one in facts))


class _Truth(dict[Leaf, bool]):
    def __missing__(self, leaf: Leaf) -> bool:
        return True


class _Names(dict[Any, str]):
    def get(self, key: Any, default: Any = None) -> Any:
        return f"the {key}" if isinstance(key, str) else default


def _facts(truth: dict[Any, bool] | None = None) -> Facts:
    """Facts of nobody about nothing: each slot holds its own name, and everything holds."""
    slots = ("coordinator", "enterprise", "producer", "owner", "granter", "grantee", "organisation", "user")
    return Facts(Access.none(), _Truth(truth or {}), {slot: slot for slot in slots}, _Names())


def words_of(condition: Condition, holds: bool = True) -> str:
    """A condition in words, whatever is so."""
    if isinstance(condition, AllOf):
        return "; ".join(words_of(part, holds) for part in condition.parts)
    if isinstance(condition, AnyOf):
        return " or ".join(words_of(part, holds) for part in condition.parts)
    if isinstance(condition, Not):
        text = condition.words[0] if holds else condition.words[1]
        return _plain(condition.sentence(_facts(), holds) if text else words_of(condition.part, not holds))
    if isinstance(condition, Manages):
        return f"she manages the {condition.slot} with `{condition.permission}`"
    if isinstance(condition, SlotIs):
        return f"{condition.slot} {condition.value}"
    return _plain(condition.sentence(_facts(), holds)).partition(", with the reason")[0]


def _plain(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:].rstrip(".")


def _actions() -> Iterator[str]:
    yield "## Actions"
    for policy in engine.policies():
        yield f"\n### `{policy.action}`\n"
        if policy.view:
            otherwise = " or ".join(default_codes(policy))
            yield f"Asked of what is seen by `{policy.view}`. Otherwise refused with {otherwise}.\n"
        if not policy.rules:
            yield "No rule allows it to anybody.\n"
            continue
        yield "| rule | allows | when | and only if (else refused with) |"
        yield "|---|---|---|---|"
        for rule in policy.rules:
            needs = "<br>".join(f"{words_of(need.condition)} ({need.code}, {need.kind})" for need in rule.needs)
            yield f"| {rule.code} | {rule.title} | {words_of(rule.relation)} | {needs or '–'} |"


def permissions_page() -> str:
    """The matrix of built-in roles and permissions, and what each permission is asked for."""
    rows = [f"| `{one}` | {PERMISSION_LABELS[one]} | {_marks(one)} |" for one in Permission]
    head = " | ".join(role.name for role in BUILT_IN_ROLES)
    asked = [f"| `{one}` | {', '.join(_asked_for(one)) or '–'} |" for one in Permission]
    return "\n".join(
        [
            PERMISSIONS_HEAD,
            f"| permission | lets a member | {head} |",
            f"|---|---|{'---|' * len(BUILT_IN_ROLES)}",
            *rows,
            "",
            "## What each permission is asked for\n",
            "| permission | actions |",
            "|---|---|",
            *asked,
            "",
        ]
    )


def _marks(permission: Permission) -> str:
    return " | ".join("yes" if permission in role.permissions else "–" for role in BUILT_IN_ROLES)


def _asked_for(permission: Permission) -> Iterable[str]:
    for policy in engine.policies():
        held = {
            getattr(leaf, "permission", getattr(leaf, "held", None)) for rule in policy.rules for leaf in rule.leaves()
        }
        held |= {getattr(leaf, "held", None) for rule in policy.rules for leaf in rule.leaves()}
        if permission in held:
            yield f"`{policy.action}`"
