"""Telling enterprises what others did: a notice in the product, and a mail by a job."""

from __future__ import annotations

from collections.abc import Iterable

from ordercycles.enums import NoticeKind
from ordercycles.models import Notice, OrderCycle
from permissions.access import Access
from permissions.actions import Permission


def tell(
    actor: Access, enterprise_ids: Iterable[int], kind: NoticeKind, text: str, cycle: OrderCycle | None = None
) -> None:
    """Tell the people of enterprises; not those enterprises that the actor takes part for herself."""
    others = sorted(set(enterprise_ids) - actor.ids(Permission.TAKE_PART))
    notices = Notice.objects.bulk_create(
        Notice(enterprise_id=key, kind=kind, text=text, cycle=cycle, actor_name=actor.name) for key in others
    )
    if notices:
        from ordercycles.tasks import mail_notices  # tasks import verbs

        mail_notices.defer(notice_ids=[notice.public_id for notice in notices])
