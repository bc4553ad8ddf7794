"""One world for a whole module of tests: made once, and every test rolls back what it did to it.

    @pytest.fixture(scope="module")
    def made(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
        with kept(django_db_blocker, build) as world:
            yield world

    @pytest.fixture
    def world(made: World, db: None) -> World:
        return deepcopy(made)

For tables, whose world costs more than a row of them. The copy is there because rolling back changes no Python object.
Not for modules with ``transaction=True``: what those do is seen by nobody else until they commit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from django.db import transaction
from django.test import Client

W = TypeVar("W")


@contextmanager
def kept(blocker: Any, build: Callable[[], W]) -> Iterator[W]:
    """What ``build`` makes, in a transaction that ends with this; tests are savepoints in it."""
    with blocker.unblock(), transaction.atomic():
        made = build()
        with blocker.block():
            yield made
        transaction.set_rollback(True)


def once_more(client: Client) -> Client:
    """Another browser with the cookies of one: signed in as that was."""
    other = Client()
    for name, cookie in client.cookies.items():
        other.cookies[name] = cookie.value
    return other
