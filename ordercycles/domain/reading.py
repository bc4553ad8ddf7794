"""Marking notices as read."""

from __future__ import annotations

from collections.abc import Sequence

from common import clock
from common.verbs import verb
from ordercycles.models import Notice
from permissions import engine
from permissions.access import Access
from permissions.actions import Permission


@verb
def mark_read(actor: Access, *, notice_ids: Sequence[str] | None = None) -> int:
    """Mark notices to the actor's enterprises as read, those named or all; how many were unread.

    What is not hers, or not there, is passed over: a notice is not a secret that a refusal could keep.
    """
    rows = Notice.objects.filter(read_at=None, enterprise__in=actor.ids(Permission.VIEW))
    if notice_ids is not None:
        rows = rows.filter(public_id__in=notice_ids)
    return engine.editable(actor, rows).update(read_at=clock.now())
