"""The queue of background jobs: procrastinate, in the site's own database.

A job that is deferred inside a transaction exists only if the transaction commits. Each app keeps its
jobs in ``<app>/tasks.py``, which is found by itself::

    from config.jobs import jobs

    @jobs.task(retry=5)
    def send_something(public_id: str) -> None: ...

Jobs only notify and record: what a page shows follows from the clock and stored times, so a stopped
worker makes no page wrong. Pass ids and ISO texts, not objects.
"""

from __future__ import annotations

from procrastinate import App
from procrastinate.contrib.django import app as jobs

from common import limits

__all__ = ["jobs", "on_app_ready"]


def on_app_ready(app: App) -> None:
    """Register what belongs to no app."""

    @app.periodic(cron="17 3 * * *")
    @app.task(name="config.remove_old_jobs", queueing_lock="remove_old_jobs", pass_context=True)
    async def remove_old_jobs(context: object, timestamp: int) -> None:
        """Forget jobs that ended well more than 30 days ago."""
        await app.job_manager.delete_old_jobs(nb_hours=30 * 24)

    @app.periodic(cron="*/5 * * * *")
    @app.task(name="config.forget_expired", queueing_lock="forget_expired")
    def forget_expired(timestamp: int) -> None:
        """Delete what has expired from the cache's table."""
        limits.forget_expired()
