"""Telling enterprises what others did: a notice in the product, and a mail to those whose address is confirmed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _

from common import clock
from mails import outbox
from mails.models import Mail
from mails.outbox import Letter, Message
from ordercycles.enums import NoticeKind
from ordercycles.models import Notice, OrderCycle
from organisations.models import Business
from permissions.access import Access
from permissions.actions import Permission

#: The kind of the mail.
MAIL: Final = "notice"


def register() -> None:
    """Make the mail known. Called once, when the apps are ready."""
    outbox.register(MAIL, build, label=_("Notice of order cycles"), example=_example)


def tell(
    actor: Access, enterprise_ids: Iterable[int], kind: NoticeKind, text: str, cycle: OrderCycle | None = None
) -> None:
    """Tell the people of enterprises; not those enterprises that the actor takes part for herself."""
    others = sorted(set(enterprise_ids) - actor.ids(Permission.TAKE_PART))
    notices = Notice.objects.bulk_create(
        Notice(enterprise_id=key, kind=kind, text=text, cycle=cycle, actor_id=actor.user_id, actor_name=actor.name)
        for key in others
    )
    if notices:
        outbox.post_many(MAIL, _letters(notices))


def _letters(notices: Sequence[Notice]) -> list[Letter]:
    confirmed = Business.objects.select_related("unit__organisation").filter(
        pk__in=[notice.enterprise_id for notice in notices], contact_email_confirmed_at__isnull=False
    )
    reached = {business.pk: business for business in confirmed}
    return [
        Letter(business.contact_email, notice.public_id, business.unit.organisation)
        for notice in notices
        if (business := reached.get(notice.enterprise_id)) is not None
    ]


def build(mail: Mail) -> Message | None:
    """What the notice says; nothing when it has been mailed, or the address is not the enterprise's any more."""
    rows = Notice.objects.select_for_update(of=("self",)).select_related("enterprise__unit", "cycle")
    notice = rows.filter(
        public_id=mail.about,
        mailed_at=None,
        enterprise__contact_email=mail.recipient,
        enterprise__contact_email_confirmed_at__isnull=False,
    ).first()
    if notice is None:
        return None
    notice.mailed_at = clock.now()
    notice.save(update_fields=["mailed_at", "updated_at"])
    cycle = notice.cycle
    return _message(
        f"{notice.enterprise.name}: {notice.get_kind_display()}",
        {
            "text": notice.text,
            "enterprise": notice.enterprise.name,
            "actor": notice.actor_name,
            "at": notice.created_at,
            "link": settings.SITE_URL + (reverse("cycle", args=[cycle.public_id]) if cycle else reverse("grants")),
            "cycle": cycle is not None,
        },
    )


def _message(subject: str, context: dict[str, object]) -> Message:
    return Message(subject, MAIL, context)


def _example() -> Message:
    context: dict[str, object] = {
        "text": "Exe Hub has put Ashclyst Dairy into the order cycle “Week 12”.",
        "enterprise": "Ashclyst Dairy",
        "actor": "Edith Example",
        "at": clock.now(),
        "link": f"{settings.SITE_URL}/order-cycles/EXAMPLE/",
        "cycle": True,
    }
    return _message("Ashclyst Dairy: added to an order cycle", context)
