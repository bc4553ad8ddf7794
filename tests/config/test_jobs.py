"""Jobs live in the site's own database: they exist if, and only if, their transaction commits."""

from __future__ import annotations

import pytest
from django.db import transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from config.jobs import jobs
from tests.jobs import run_jobs

DONE: list[str] = []


@jobs.task(name="tests.note")
def note(text: str) -> None:
    """Remember that it ran."""
    DONE.append(text)


@pytest.mark.django_db(transaction=True)
def test_a_job_of_a_transaction_that_is_undone_never_was() -> None:
    class Undone(Exception):
        pass

    with pytest.raises(Undone), transaction.atomic():
        note.defer(text="never")
        raise Undone
    assert ProcrastinateJob.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_the_worker_runs_what_was_committed() -> None:
    DONE.clear()
    with transaction.atomic():
        note.defer(text="once")
    run_jobs()
    assert DONE == ["once"]
    assert [job.status for job in ProcrastinateJob.objects.filter(task_name="tests.note")] == ["succeeded"]


def test_housekeeping_is_scheduled() -> None:
    assert {"config.remove_old_jobs", "config.forget_expired"} <= jobs.tasks.keys()
