"""Run the jobs that are waiting, as a worker would, and come back."""

from __future__ import annotations

import threading

from django.db import connections
from procrastinate.contrib.django.django_connector import DjangoConnector

from config.jobs import jobs


def run_jobs() -> None:
    """Run every waiting job. The test needs ``@pytest.mark.django_db(transaction=True)``.

    In a thread of its own, because a browser test's main thread has an event loop already. Periodic jobs
    that happen to be due run, too: look for the task by its name.
    """
    failures: list[BaseException] = []

    def work() -> None:
        try:
            connector = jobs.connector
            assert isinstance(connector, DjangoConnector)
            with jobs.replace_connector(connector.get_worker_connector()) as app:
                app.run_worker(wait=False, install_signal_handlers=False, listen_notify=False)
        except BaseException as problem:
            failures.append(problem)
        finally:
            # An open connection would keep the test database from being dropped.
            connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failures:
        raise failures[0]
