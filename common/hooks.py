"""Where lower apps let higher ones join in, without importing them. Apps add to these lists when they are ready."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Called with the keys of enterprises before a write that could change what a closed cycle offered.
before_change: list[Callable[[Collection[int]], None]] = []

#: Called with granter, grantee and permission; each answers what would lapse if the grant ended.
preview_withdrawal: list[Callable[[Any, Any, str], Mapping[str, Any]]] = []

#: Called with actor, event (``given``, ``withdrawn``, ``given_up``, ``requested``, ``refused``), granter, grantee and
#: permission.
grant_changed: list[Callable[[Any, str, Any, Any, str], None]] = []

#: Called with the actor, the keys of enterprises and a preview; each adds what putting those away would touch.
before_archiving: list[Callable[[Any, Collection[int], dict[str, Any]], None]] = []

#: Called with the actor, a membership and what became of it (``changed``, ``deactivated``, ``reactivated``,
#: ``removed``, ``left``), in the verb's transaction; of one that ends, before its row goes.
membership_changed: list[Callable[[Any, Any, str], None]] = []

#: Called with a membership and a preview; each adds what would end with the membership.
before_leaving: list[Callable[[Any, dict[str, Any]], None]] = []

#: Called with the keys of roles and an organisation; each answers, by role, how many wait for it as what.
role_holders: list[Callable[[Collection[int], Any], Mapping[int, Mapping[str, int]]]] = []

#: Called with the actor, a role that goes, and the one that takes its place (``None``: nobody holds it).
role_replaced: list[Callable[[Any, Any, Any], None]] = []

#: Called with the keys of a customer's enterprises; each says what of theirs would go and stay (``Leaving``) when the
#: customer is removed, and writes nothing.
before_removal: list[Callable[[Collection[int]], Leaving]] = []

#: Called with the same, and with a function that makes a pseudonym of a kind of thing and a public id; each does what
#: its ``before_removal`` said.
on_removal: list[Callable[[Collection[int], Callable[[str, str], str]], None]] = []

#: Called with the actor, an organisation whose removal has been scheduled, and the keys of its enterprises.
removal_scheduled: list[Callable[[Any, Any, Collection[int]], None]] = []

#: Called with an organisation that is about to be taken out of the archive; each may refuse.
before_restoring: list[Callable[[Any], None]] = []

#: Called with an access, an organisation and the keys of the units asked for; each answers files of an export, as
#: (name, rows).
export_parts: list[Callable[[Any, Any, Collection[int]], Iterable[tuple[str, list[dict[str, Any]]]]]] = []

#: Called with the organisation that asks, before a company's number is compared with those that are known here: the
#: answer tells whether it is. Each may refuse.
number_asked: list[Callable[[Any], None]] = []

#: Called with the keys of a customer's enterprises; each answers how much there is of what is its own, by name.
customer_counts: list[Callable[[Collection[int]], Mapping[str, int]]] = []


@dataclass
class Leaving:
    """What would become of a customer's things.

    Attributes:
        goes: kind of thing to how many go.
        stays: kind of thing to how many stay under a pseudonym, because records of others refer to them.
        cycles: names of the order cycles that are touched.
        partners: names of the organisations that are touched.
        open: names of the open order cycles that the customer coordinates: it cannot go before they close.
        upcoming: names of those that it coordinates and that are going to open: nobody runs them when it goes.
        kept: keys of the enterprises that stay under a pseudonym.
    """

    goes: dict[str, int] = field(default_factory=dict)
    stays: dict[str, int] = field(default_factory=dict)
    cycles: list[str] = field(default_factory=list)
    partners: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    upcoming: list[str] = field(default_factory=list)
    kept: set[int] = field(default_factory=set)


def settle(enterprise_ids: Collection[int]) -> None:
    """Let every app record what must not be changed by the write that follows."""
    for hook in before_change:
        hook(enterprise_ids)


def archive_preview(actor: Any, enterprise_ids: Collection[int], preview: dict[str, Any]) -> None:
    """Let every app say what putting enterprises away would touch, as far as the actor sees it."""
    for hook in before_archiving:
        hook(actor, enterprise_ids, preview)
