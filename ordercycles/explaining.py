"""Every decision on a cycle and what is in it, for one person, with all rules that were looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from ordercycles.models import Exchange, Fee, OrderCycle, Variant
from ordercycles.pictures import CYCLE_ACTIONS, EXCHANGE_ACTIONS
from ordercycles.rules import targets
from organisations.models import Business
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Decision, RuleRead
from permissions.engine import Target

A = Action
CANDIDATE_ACTIONS: Final = (A.EXCHANGE_CANDIDATE_VIEW, A.EXCHANGE_ADD_INCOMING, A.EXCHANGE_ADD_OUTGOING)
VARIANT_ACTIONS: Final = (A.EXCHANGE_VARIANT_VIEW, A.EXCHANGE_VARIANT_ADD, A.EXCHANGE_VARIANT_REMOVE)
FEE_ACTIONS: Final = (A.EXCHANGE_FEE_VIEW, A.EXCHANGE_FEE_ATTACH, A.EXCHANGE_FEE_DETACH)

#: Names of people are shown for so many; the rest are counted.
MOST_PEOPLE: Final = 12


@dataclass(frozen=True, slots=True)
class Who:
    """Who can: some names, and how many more."""

    names: tuple[str, ...]
    more: int


@dataclass(frozen=True, slots=True)
class Explained:
    """One action: the decision, every rule that was looked at, those that bear on all alike, and who else can."""

    action: Action
    decision: Decision
    rules: tuple[RuleRead, ...]
    general: tuple[tuple[str, str], ...]
    who: Who


@dataclass(frozen=True, slots=True)
class Group:
    """All actions on one thing."""

    title: str
    about: str
    explained: tuple[Explained, ...]


def explain_all(
    access: Access,
    cycle: OrderCycle,
    *,
    exchange: Exchange | None = None,
    variant: Variant | None = None,
    fee: Fee | None = None,
    enterprise: Business | None = None,
) -> list[Group]:
    """Everything that is decided for somebody on a cycle; with more said, also on what is said.

    ``access`` is the one who is explained. The caller has made sure that the asker may know of all of it.
    """
    groups = [_group("The order cycle", cycle.name, access, (A.ORDER_CYCLE_VIEW, *CYCLE_ACTIONS), targets.cycle(cycle))]
    if enterprise is not None:
        target = targets.candidate(cycle, enterprise)
        groups.append(_group("Adding an enterprise", enterprise.name, access, CANDIDATE_ACTIONS, target))
    if exchange is None:
        return groups
    about = f"{exchange.enterprise.name}, {exchange.get_direction_display()}"
    actions = (A.EXCHANGE_VIEW, *EXCHANGE_ACTIONS)
    groups.append(_group("The exchange", about, access, actions, targets.exchange(exchange)))
    if variant is not None:
        target = targets.variants_in(exchange, Variant.objects.filter(pk=variant.pk))
        name = " ".join(filter(None, (variant.product.name, variant.name)))
        groups.append(_group("A product in the exchange", name, access, VARIANT_ACTIONS, target))
    if fee is not None:
        target = targets.fees_on(exchange, Fee.objects.filter(pk=fee.pk))
        groups.append(_group("A fee on the exchange", fee.name, access, FEE_ACTIONS, target))
    return groups


def _group(title: str, about: str, access: Access, actions: Sequence[Action], target: Target) -> Group:
    return Group(title, about, tuple(_explained(access, action, target) for action in actions))


def _explained(access: Access, action: Action, target: Target) -> Explained:
    found = engine.explain(access, action, target)
    return Explained(action, found.decision, found.rules, found.general, who_can(action, target))


def who_can(action: Action, target: Target) -> Who:
    """Who can do the action, by name."""
    users: list[Any] = list(engine.who_can(action, target)[: MOST_PEOPLE + 1])
    if len(users) <= MOST_PEOPLE:
        return Who(tuple(str(user) for user in users), 0)
    return Who(tuple(str(user) for user in users[:MOST_PEOPLE]), engine.who_can(action, target).count() - MOST_PEOPLE)
