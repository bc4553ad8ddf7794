"""Whether the clock tells what the answer does not: which e-mails have an account (attacks 41 and 46).

Each sort of e-mail is sent by turns, so that a busy machine slows all. The means of two sorts may be a tenth apart.
Tests compare answers, statements and hashed passwords (``tests/security``); here it is time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.db import transaction
from django.test import Client

from benchmarks import network
from benchmarks.measure import QUOTED, Record
from benchmarks.works import Bench
from customers.models import User
from permissions.models import Role

#: How often each sort is sent.
TURNS = 200
#: How much longer one sort may take than another.
APART = 1.1

Send = Callable[[str], None]


def records(bench: Bench, turns: int = TURNS) -> Iterator[Record]:
    """One for each way to ask: the slowest sort beside the fastest."""
    with transaction.atomic():
        emails = _of_each_sort()
        for name, send in _ways(bench):
            yield _compared(name, bench.size.name, send, emails, turns)
        transaction.set_rollback(True)


def _of_each_sort() -> list[str]:
    people = {sort: User.objects.create_user(f"{sort}@people.example", "an old password", name="Somebody")
              for sort in ("known", "unverified", "inactive")}  # fmt: skip
    User.objects.create_user("without@people.example", name="Somebody")
    EmailAddress.objects.filter(user=people["unverified"]).update(verified=False)
    User.objects.filter(pk=people["inactive"].pk).update(is_active=False)
    return [f"{sort}@people.example" for sort in (*people, "without", "unknown")]


def _ways(bench: Bench) -> Iterator[tuple[str, Send]]:
    def sign_in(email: str) -> None:
        Client().post("/accounts/login/", {"login": email, "password": "something else altogether"})

    def forget(email: str) -> None:
        Client().post("/accounts/password/reset/", {"email": email})

    client = bench.client(network.COORDINATOR)
    role = Role.objects.get(key="viewer").public_id
    body = {"organisation": bench.cycle.coordinator.unit.organisation.public_id, "role": role}

    def invite(email: str) -> None:
        with transaction.atomic():
            answer = client.post("/api/v1/invitations/", {**body, "email": email}, "application/json")
            transaction.set_rollback(True)
        if answer.status_code != 201:
            raise AssertionError(answer.content)

    yield "time tells no account: signing in", sign_in
    yield "time tells no account: password forgotten", forget
    yield "time tells no account: inviting", invite


def _compared(name: str, size: str, send: Send, emails: list[str], turns: int) -> Record:
    took = dict.fromkeys(emails, 0.0)
    for turn in range(turns + 1):
        for email in emails:
            # No limit is reached: what is refused takes no time.
            cache.clear()
            started = time.perf_counter()
            send(email)
            # The first of each finds what is kept from then on.
            took[email] += (time.perf_counter() - started) if turn else 0
    slow, fast = max(took.values()) / turns, min(took.values()) / turns
    target = APART if size == QUOTED else None
    return Record(name, size, None, slow, fast, slow / fast, None, target, None, slow / fast <= APART or target is None)
