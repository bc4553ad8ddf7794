"""What the stories in the browser share."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.signals import request_started
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from tests.browser import Seats
from tests.e2e.support import MakePerson, Person, Valley, valley


@pytest.fixture(scope="session", autouse=True)
def _connections_that_stay(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """What a thread of the site has open to the database serves it until the browser lets go of the thread."""
    request_started.connect(_stay)
    yield
    request_started.disconnect(_stay)
    # The browser may still hold some: they would keep the database from being dropped.
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def _stay(**_: Any) -> None:
    # Of this thread alone: those of jobs are closed by nobody else.
    connection.settings_dict = connection.settings_dict | {"CONN_MAX_AGE": None}


@pytest.fixture
def network(transactional_db: None) -> Valley:
    """The small network of the stories."""
    return valley()


@pytest.fixture
def person(seats: Seats, site: str) -> Iterator[MakePerson]:
    """Make people with browsers; the test fails at its end when a page of any of them had an error."""
    with contextlib.ExitStack() as stack:

        def make(user: Any = None, *, scripts: bool = True) -> Person:
            somebody = Person(stack.enter_context(seats.taken(scripts=scripts)), site, scripts)
            if user is not None:
                somebody.sign_in(user)
            return somebody

        yield make
