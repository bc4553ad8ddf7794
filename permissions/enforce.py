"""From decisions to refusals: what every verb calls before, and after, it writes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from common.errors import NotFound
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Decision, Refusal, Refused, RefusedItems
from permissions.engine import Target


def require(actor: Access, action: Action, target: Target) -> Decision:
    """The decision when it allows.

    Raises:
        NotFound: the actor may not know of the target.
        Refused: she may, and may not do this.
    """
    return enforced(engine.decide(actor, action, target))


def enforced(decision: Decision) -> Decision:
    """A decision that allows; otherwise as ``require``."""
    if not decision.visible:
        raise NotFound
    if not decision:
        raise Refused(decision)
    return decision


def require_each(
    actor: Access,
    action: Action,
    target: Target,
    names: Mapping[Any, str],
    *,
    pointer: str,
    what: str,
    unknown: Collection[str] = (),
) -> None:
    """Every row of the target is allowed.

    Args:
        names: public id by key, of every row that was asked for.
        pointer: JSON pointer of the list in the request.
        what: what the rows are, for the sentence.
        unknown: ids that were asked for and never were; told like those that the actor may not know of.

    Raises:
        RefusedItems: naming each that is not, and why; nothing has been written.
    """
    refused: dict[str, Decision] = {}
    # Most often all are allowed, which is quicker to ask than each decision.
    if names and engine.allowed(actor, action, target).count() != len(names):
        decisions = engine.decide_each(actor, action, target)
        refused = {names[key]: decision for key, decision in decisions.items() if not decision}
    refused |= {one: Decision(False, action, "X2", "Not found.", Refusal.NOT_VISIBLE) for one in unknown}
    if refused:
        asked = len(names) + len(unknown)
        raise RefusedItems(f"{len(refused)} of {asked} {what} were refused; nothing was changed.", refused, pointer)


def still_allowed(actor: Access, action: Action, target: Target, count: int) -> None:
    """Decide again after the write: the rows written must still be in the allowed set, else roll back."""
    left = engine.allowed(actor, action, target).count()
    if left != count:
        raise Refused(
            Decision(
                False, action, "L2", "What this rests on changed while it was being saved. Try again.", Refusal.STATE
            )
        )
