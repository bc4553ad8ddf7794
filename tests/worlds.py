"""One world for many tests: made once, and every test rolls back what it did to it.

A folder or a module says how its world is made, and its tests take a copy of the one that stands; the copy is there
because rolling back changes no Python object:

    @pytest.fixture
    def builder() -> Callable[[], World]:
        return build

    @pytest.fixture
    def world(standing: World, db: None) -> World:
        return deepcopy(standing)

One world stands at a time, in a transaction around those of the tests. It goes when a test asks for another one, or for
none: what a test did not ask for is not in its database (``room`` in ``tests/conftest.py``). Tests are sorted by the
world that they ask for, so that this is seldom. Those whose transactions commit make a world of their own.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from django.conf import settings
from django.db import connection, transaction
from django.test import Client

if TYPE_CHECKING:
    from customers.models import User

W = TypeVar("W")
#: Below the time after which a request writes down that somebody was seen (``customers/sessions.py``).
LASTS_S = 120


class Shelf:
    """Where one world stands between tests, with the database open to none of them."""

    def __init__(self) -> None:
        self._build: Callable[[], Any] | None = None
        self._made: Any = None
        self._ends = ExitStack()
        self._since = 0.0

    def stand(self, blocker: Any, build: Callable[[], W]) -> W:
        """What ``build`` made, now or for an earlier test of late: sessions in it would be noted as seen again."""
        if self._build is not build or time.monotonic() - self._since > LASTS_S:
            self.clear()
            self._made = self._ends.enter_context(kept(blocker, build))
            self._build, self._since = build, time.monotonic()
        made: W = self._made
        return made

    def clear(self) -> None:
        """Nothing stands any more."""
        if self._build is not None:
            self._build = self._made = None
            self._ends.close()


SHELF = Shelf()


@contextmanager
def kept(blocker: Any, build: Callable[[], W]) -> Iterator[W]:
    """What ``build`` makes, in a transaction that ends with this; tests are savepoints in it.

    For what one module or class looks at, and no other does.
    """
    SHELF.clear()
    with blocker.unblock():
        assert not connection.in_atomic_block, "Something else is kept."
        with transaction.atomic():
            made = build()
            with blocker.block():
                yield made
            transaction.set_rollback(True)


Browsers = dict[str, str]


def browsers(people: dict[str, User]) -> Browsers:
    """The cookie of each who can sign in, by name: for a world that stands."""
    found = {}
    for name, user in people.items():
        if user.is_active:
            client = Client()
            client.force_login(user)
            found[name] = client.cookies[settings.SESSION_COOKIE_NAME].value
    return found


def signed_in(known: Browsers, people: dict[str, User], name: str) -> Client:
    """A browser in which somebody is signed in: as she was when the world was made, else now. Others: in nobody's."""
    client = Client()
    if name in known:
        client.cookies[settings.SESSION_COOKIE_NAME] = known[name]
    elif name in people:
        client.force_login(people[name])
    return client


def once_more(client: Client) -> Client:
    """Another browser with the cookies of one: signed in as that was."""
    other = Client()
    for name, cookie in client.cookies.items():
        other.cookies[name] = cookie.value
    return other
