"""Background jobs of customers."""

from __future__ import annotations

from common.errors import DomainError
from config.jobs import jobs
from customers.domain.imports import batches
from customers.models import ImportBatch, User
from permissions.access import Access


@jobs.task(name="customers.tasks.apply_import")
def apply_import(public_id: str, user_id: int, reason: str, welcome: bool) -> None:
    """Apply a large import for the member of staff who asked for it; when it cannot be, that is written down."""
    user, batch = User.objects.get(pk=user_id), ImportBatch.objects.get(public_id=public_id)
    access = Access.for_user(user)
    if not access.is_staff:
        return
    actor = access.acting(reason)
    try:
        batches.apply_import(actor, batch=batch, welcome=welcome)
    except DomainError:
        batches.fail_import(actor, batch=batch)


@jobs.periodic(cron="41 * * * *")
@jobs.task(name="customers.tasks.forget_old_uploads", queueing_lock="forget_old_uploads")
def forget_old_uploads(timestamp: int) -> None:
    """Empty the files of imports that nobody applied within a day."""
    batches.forget_old_uploads()
