"""What the verbs of order cycles share: locks in one order, versions, and telling a second editor what changed.

The order in which rows are locked: the cycle; the exchange that is written; the incoming exchanges, the enterprises
and their methods, or the fees that it rests on (shared); grants (shared). Never the other way round.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeVar

from common.errors import UNKNOWN, FieldError, NotFound, Stale
from common.locks import share
from common.models import Versioned
from ordercycles import history
from ordercycles.models import Exchange, OrderCycle
from organisations.models import Business
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import enforced, require
from permissions.engine import Target
from permissions.rules import Scope

V = TypeVar("V", bound=Versioned)


def lock_cycle(cycle: OrderCycle) -> OrderCycle:
    """The cycle, read again, held alone until the transaction ends."""
    found = (
        OrderCycle.objects.select_for_update(of=("self",))
        .select_related("coordinator__unit")
        .filter(pk=cycle.pk)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def lock_exchange(exchange: Exchange) -> Exchange:
    """The exchange, read again and held alone; its cycle held against change but shared with other editors."""
    share(OrderCycle.objects.filter(pk=exchange.cycle_id))
    found = (
        Exchange.objects.select_for_update(of=("self",))
        .select_related("cycle__coordinator__unit", "enterprise__unit")
        .filter(pk=exchange.pk)
        .first()
    )
    if found is None:
        raise NotFound
    return found


def require_under(actor: Access, action: Action, target: Target, enterprise: Business) -> None:
    """May something new be made under an enterprise? It is not found by those who may not know of the enterprise.

    Args:
        target: one row; whether the actor sees what would be made is not asked.
    """
    known = Target(Business.objects.filter(pk=enterprise.pk), Scope({"enterprise": "pk"}))
    require(actor, Action.BUSINESS_VIEW, known)
    (decision,) = engine.decide_each(actor, action, target, seen=True).values()
    enforced(decision)


def check_version(row: OrderCycle | Exchange, version: int | None) -> None:
    """The caller read the row as it is now.

    Raises:
        Stale: somebody changed it since; tells who, when and what.
    """
    if version is not None and version != row.version:
        changes = [] if version == UNKNOWN else history.changes_since(row, version)
        raise Stale(version, current=row.version, changes=changes)


def bump(row: V, **values: Any) -> V:
    """Write values to a locked row and raise its version."""
    for field, value in values.items():
        setattr(row, field, value)
    row.version = row.version + 1
    row.save(update_fields=[*values, "version", "updated_at"])
    return row


def touch(row: V) -> V:
    """Raise the version of a locked row whose parts changed."""
    return bump(row)


def in_both(add: Sequence[str], remove: Sequence[str], what: str) -> list[FieldError]:
    """What is wrong with two lists of ids that name the same thing."""
    both = set(add) & set(remove)
    return [
        FieldError(f"/remove/{place}", "in_both", f"The same {what} is in both lists; choose one.")
        for place, public_id in enumerate(remove)
        if public_id in both
    ]


def by_public_id(rows: Collection[Any]) -> Mapping[str, Any]:
    """Rows by their public id."""
    return {row.public_id: row for row in rows}


__all__ = [
    "bump",
    "by_public_id",
    "check_version",
    "in_both",
    "lock_cycle",
    "lock_exchange",
    "require_under",
    "touch",
]
