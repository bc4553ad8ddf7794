"""Where lower apps let higher ones join in, without importing them. Apps add to these lists when they are ready."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
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


def settle(enterprise_ids: Collection[int]) -> None:
    """Let every app record what must not be changed by the write that follows."""
    for hook in before_change:
        hook(enterprise_ids)


def archive_preview(actor: Any, enterprise_ids: Collection[int], preview: dict[str, Any]) -> None:
    """Let every app say what putting enterprises away would touch, as far as the actor sees it."""
    for hook in before_archiving:
        hook(actor, enterprise_ids, preview)
