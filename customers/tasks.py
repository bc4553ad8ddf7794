"""Background jobs of customers."""

from __future__ import annotations

from common.errors import DomainError
from config.jobs import jobs
from customers.domain import exports, impersonation, removal, signup
from customers.domain.imports import batches
from customers.models import ImportBatch, User
from permissions.access import Access


@jobs.task(name="customers.tasks.apply_import")
def apply_import(public_id: str, user_id: int, reason: str, welcome: bool) -> None:
    """Apply a large import for the member of staff who asked for it; when it cannot be, that is written down."""
    user, batch = User.objects.get(pk=user_id), ImportBatch.objects.get(public_id=public_id)
    actor = Access.for_user(user)
    try:
        batches.apply_import(actor.acting(reason), batch=batch, welcome=welcome)
    except DomainError as problem:
        batches.fail_import(actor, batch=batch, problem=problem.detail)
    except Exception as problem:
        # The problem's own words could quote the file.
        told = f"The job ended early ({type(problem).__name__}). Nothing was written; apply it again."
        batches.fail_import(actor, batch=batch, problem=told)
        raise


@jobs.periodic(cron="41 * * * *")
@jobs.task(name="customers.tasks.forget_old_uploads", queueing_lock="forget_old_uploads")
def forget_old_uploads(timestamp: int) -> None:
    """Empty the files of imports that nobody applied within a day."""
    batches.forget_old_uploads()


@jobs.task(name="customers.tasks.build_export", retry=2)
def build_export(public_id: str) -> None:
    """Make the file of an export."""
    exports.build(public_id)


@jobs.periodic(cron="23 * * * *")
@jobs.task(name="customers.tasks.empty_exports", queueing_lock="empty_exports")
def empty_exports(timestamp: int) -> None:
    """Empty the files whose time is over. Nobody gets them meanwhile: the time is looked at with every download."""
    exports.empty_expired()


@jobs.periodic(cron="*/10 * * * *")
@jobs.task(name="customers.tasks.end_acting", queueing_lock="end_acting")
def end_acting(timestamp: int) -> None:
    """Write down that acting as a person is over. It is over by the clock already, whenever this runs."""
    impersonation.end_overdue()


@jobs.periodic(cron="7 2 * * *")
@jobs.task(name="customers.tasks.purge_removed", queueing_lock="purge_removed")
def purge_removed(timestamp: int) -> None:
    """Purge the records of customers whose day has come."""
    removal.purge_due()


@jobs.periodic(cron="53 * * * *")
@jobs.task(name="customers.tasks.forget_sign_ups", queueing_lock="forget_sign_ups")
def forget_sign_ups(timestamp: int) -> None:
    """Delete what companies typed to sign up and nobody confirmed in time."""
    signup.forget_unconfirmed()
