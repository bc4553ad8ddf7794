"""Two at once, on connections of their own, a hundred times: one membership, one claim, and the second is told 410.

The two threads and their connections serve all rounds, and the rows are put back by plain SQL in between, so that a
round costs little more than its two transactions.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.db.models import Q

from common import clock
from common.errors import DomainError, Gone
from common.tokens import hash_of, new_token
from customers.domain import answers, companies, merge
from customers.enums import InvitationKind
from customers.models import Invitation
from organisations.domain import connections as verbs
from organisations.domain import units
from organisations.enums import OrganisationKind
from organisations.models import Connection, Organisation
from permissions.access import Access
from permissions.domain import members
from permissions.models import Membership, Role
from tests.factories import MembershipFactory, OrganisationFactory, StaffFactory, UserFactory

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


def _play(
    acts: Callable[[], list[Callable[[], Any]]],
    look: Callable[[], None],
    back: str,
    keys: list[Any],
    rounds: int = ROUNDS,
    ends: tuple[list[str], ...] = (["done", "gone"],),
) -> None:
    gate = Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        try:
            for _ in range(rounds):
                assert _race(pool, gate, acts()) in ends
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


def test_accepted_while_its_sender_is_demoted() -> None:
    """Either she has joined, or the invitation has ended: never both, never neither."""
    owner = MembershipFactory.create(role="owner").user
    membership = owner.memberships.get()
    organisation = membership.organisation
    other = MembershipFactory.create(organisation=organisation, role="owner").user
    user = UserFactory.create(email="late@people.example")
    role = Role.objects.get(organisation=None, key="viewer")
    made, token = _invitation(organisation, user.email, owner, role=role, kind=InvitationKind.MEMBER)

    def acts() -> list[Callable[[], Any]]:
        hers, boss = Access.for_user(user), Access.for_user(other)
        return [
            lambda: answers.accept(hers, token=token),
            lambda: members.change_member(boss, membership=membership, role=role),
        ]

    def look() -> None:
        joined = Membership.objects.filter(user=user).exists()
        assert Invitation.objects.get(pk=made.pk).status == ("accepted" if joined else "revoked")
        assert Membership.objects.get(pk=membership.pk).role == role

    _play(
        acts,
        look,
        "DELETE FROM permissions_membership WHERE user_id = %s;"
        "UPDATE permissions_membership SET role_id = %s WHERE id = %s;"
        "UPDATE customers_invitation SET status = 'pending', token_hash = %s WHERE id = %s",
        [user.pk, membership.role_id, membership.pk, hash_of(token), made.pk],
        rounds=4,
        ends=(["done", "done"], ["done", "gone"]),
    )


def test_one_company_recorded_twice() -> None:
    """Both know it, and there is one record."""
    actors = [MembershipFactory.create(role="owner") for _ in range(2)]

    def acts() -> list[Callable[[], Any]]:
        return [
            lambda one=one: companies.record_company(  # type: ignore[misc]
                Access.for_user(one.user), organisation=one.organisation, name="Tofu", company_number="01234567"
            )
            for one in actors
        ]

    def look() -> None:
        shell = Organisation.objects.get(company_number="01234567")
        assert Connection.objects.filter(other=shell).count() == 2

    _play(
        acts,
        look,
        "DELETE FROM organisations_connection;DELETE FROM organisations_organisation WHERE company_number = %s",
        ["01234567"],
        rounds=4,
        ends=(["done", "done"],),
    )


def test_nothing_is_written_into_what_is_merged_meanwhile() -> None:
    owner = MembershipFactory.create(role="owner").user
    loser = owner.memberships.get().organisation
    third = MembershipFactory.create(role="owner")
    winner = OrganisationFactory.create()
    Connection.objects.create(organisation=loser, other=third.organisation)
    staff = Access.for_user(StaffFactory.create()).acting("One company")
    hers, theirs = Access.for_user(owner), Access.for_user(third.user)
    waits: list[Callable[[], Any]] = [
        lambda: units.create_unit(hers, organisation=loser, name="Late"),
        lambda: companies.record_company(hers, organisation=loser, name="Late"),
        lambda: verbs.connect(theirs, organisation=third.organisation, other=loser),
    ]
    told: list[str] = []
    merged = Event()

    def merging() -> None:
        with transaction.atomic():
            merge.merge(staff, loser=loser, winner=winner, reason="One company")
            merged.set()
            _until_waiting(len(waits))
        connections.close_all()

    def writing(act: Callable[[], Any]) -> None:
        merged.wait()
        try:
            act()
        except DomainError as problem:
            told.append(problem.code)
        connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(merging), *(pool.submit(writing, act) for act in waits)]:
            done.result()
    assert len(told) == 3
    assert not loser.units.exists()
    assert not Connection.objects.filter(Q(organisation=loser) | Q(other=loser)).exists()
    assert not Organisation.objects.filter(name="Late").exists()


def _until_waiting(number: int) -> None:
    """Until so many statements wait for a lock."""
    with connection.cursor() as cursor:
        for _ in range(200):
            # Within a transaction it would be told the same again and again.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            if cursor.fetchone()[0] >= number:
                return
            time.sleep(0.02)
    raise AssertionError("Nobody waits.")
