"""Background jobs of order cycles: mails to participants, and recording what was on offer at closing."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from common import clock
from ordercycles.domain.offers import record_due
from ordercycles.models import Notice


@app.task(name="ordercycles.mail_notices", retry=RetryStrategy(max_attempts=8, exponential_wait=4))
def mail_notices(notice_ids: list[str]) -> None:
    """Mail notices to the confirmed contact addresses of their enterprises. Each is mailed once."""
    waiting = Notice.objects.select_related("enterprise__unit", "cycle").filter(
        public_id__in=notice_ids, mailed_at=None, enterprise__contact_email_confirmed_at__isnull=False
    )
    for notice in waiting:
        context = {"notice": notice, "site": settings.SITE_URL}
        send_mail(
            subject=f"{notice.enterprise.name}: {notice.get_kind_display()}",
            message=render_to_string("ordercycles/mail/notice.txt", context),
            from_email=None,
            recipient_list=[notice.enterprise.contact_email],
        )
        Notice.objects.filter(pk=notice.pk).update(mailed_at=clock.now())


@app.periodic(cron="* * * * *")
@app.task(name="ordercycles.record_closed_cycles", queueing_lock="record_closed_cycles")
def record_closed_cycles(timestamp: int) -> None:
    """Record the offers of cycles that have closed. Late is no harm: whatever would change them records them first."""
    record_due()
