"""Two at once, on connections of their own, a hundred times: one membership, one claim, and the second is told 410.

The two threads and their connections serve all rounds, and the rows are put back by plain SQL in between, so that a
round costs little more than its two transactions.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, connections

from common import clock
from common.errors import Gone
from common.tokens import hash_of, new_token
from customers.domain import answers
from customers.enums import InvitationKind
from customers.models import Invitation
from organisations.enums import OrganisationKind
from organisations.models import Connection, Organisation
from permissions.access import Access
from permissions.models import Membership, Role
from tests.factories import MembershipFactory, OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 100


def _invitation(organisation: Organisation, email: str, sender: Any, **values: Any) -> tuple[Invitation, str]:
    token = new_token()
    made = Invitation.objects.create(
        organisation=organisation,
        email=email,
        invited_by=sender,
        token_hash=hash_of(token),
        # Decided in the future, as it were: the memberships of earlier rounds, which the trail keeps, are before it.
        expires_at=clock.now() + timedelta(days=70),
        **values,
    )
    return made, token


def _race(pool: ThreadPoolExecutor, gate: Barrier, acts: list[Callable[[], Any]]) -> list[str]:
    def run(act: Callable[[], Any]) -> str:
        gate.wait()
        try:
            act()
        except Gone:
            return "gone"
        return "done"

    return sorted(pool.map(run, acts))


def _close(gate: Barrier) -> None:
    gate.wait()
    connections.close_all()


def _play(acts: Callable[[], list[Callable[[], Any]]], look: Callable[[], None], back: str, keys: list[Any]) -> None:
    gate = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        try:
            for _ in range(ROUNDS):
                assert _race(pool, gate, acts()) == ["done", "gone"]
                look()
                with connection.cursor() as cursor:
                    cursor.execute(back, keys)
        finally:
            # Each thread closes its own connection; an open one would keep the test database from being dropped.
            list(pool.map(_close, [gate] * 2))


def test_one_invitation_accepted_twice() -> None:
    owner = MembershipFactory.create().user
    organisation = owner.memberships.get().organisation
    user = UserFactory.create(email="twice@people.example")
    role = Role.objects.get(organisation=None, key="viewer")
    made, token = _invitation(organisation, user.email, owner, role=role, kind=InvitationKind.MEMBER)
    actor = Access.for_user(user)

    def look() -> None:
        assert Membership.objects.filter(user=user).count() == 1

    _play(
        lambda: [lambda: answers.accept(actor, token=token)] * 2,
        look,
        "DELETE FROM permissions_membership WHERE user_id = %s;"
        "UPDATE customers_invitation SET status = 'pending', token_hash = %s WHERE id = %s",
        [user.pk, hash_of(token), made.pk],
    )


def test_one_record_claimed_twice() -> None:
    owner = MembershipFactory.create().user
    recorder = owner.memberships.get().organisation
    shell = OrganisationFactory.create(kind=OrganisationKind.SHELL, created_by_organisation=recorder)
    Connection.objects.create(organisation=recorder, other=shell)
    role = Role.objects.get(organisation=None, key="owner")
    people = [UserFactory.create(email=f"claims{n}@people.example") for n in range(2)]
    sent = [
        _invitation(shell, one.email, owner, role=role, kind=InvitationKind.CLAIM, invited_for=recorder)
        for one in people
    ]
    actors = [Access.for_user(one) for one in people]

    def acts() -> list[Callable[[], Any]]:
        return [
            lambda actor=actor, token=token: answers.accept(actor, token=token)  # type: ignore[misc]
            for actor, (_, token) in zip(actors, sent, strict=True)
        ]

    def look() -> None:
        assert Membership.objects.filter(organisation=shell).count() == 1
        assert Organisation.objects.get(pk=shell.pk).kind == OrganisationKind.FULL

    (first, one), (second, other) = sent
    _play(
        acts,
        look,
        "DELETE FROM permissions_membership WHERE organisation_id = %s;"
        "UPDATE organisations_organisation SET kind = 'shell', claimed_at = NULL WHERE id = %s;"
        "UPDATE customers_invitation SET status = 'pending', token_hash = %s WHERE id = %s;"
        "UPDATE customers_invitation SET status = 'pending', token_hash = %s WHERE id = %s",
        [shell.pk, shell.pk, hash_of(one), first.pk, hash_of(other), second.pk],
    )
