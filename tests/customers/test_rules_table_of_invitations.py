"""The rules of invitations, records and connections as a table: one fact a row, with the exact answer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest

from common import clock
from customers.enums import InvitationKind
from customers.models import Invitation
from customers.rules import of_invitation
from organisations.models import Organisation
from organisations.rules import of_connection, of_organisation
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.models import Role
from tests.factories import MembershipFactory
from tests.oracle.compare import verdict_of
from tests.oracle.example import no, yes
from tests.oracle.oracle import Verdict
from tests.security.world import World, build

pytestmark = pytest.mark.django_db

A = Action

#: Who, what, of which thing, and the answer.
ROWS: Final[list[tuple[str, Action, str, Verdict]]] = [
    ("a_owner", A.INVITATION_VIEW, "member", yes("I1")),
    ("a_people", A.INVITATION_VIEW, "member", yes("I1")),
    ("a_whole", A.INVITATION_VIEW, "member", no("X2")),
    ("a_manager", A.INVITATION_VIEW, "member", no("X2")),
    ("b_owner", A.INVITATION_VIEW, "member", no("X2")),
    ("support", A.INVITATION_VIEW, "member", yes("S1")),
    ("a_people", A.INVITATION_MANAGE, "member", yes("I1")),
    ("support", A.INVITATION_MANAGE, "member", no("S1")),
    ("acting", A.INVITATION_MANAGE, "member", yes("S1")),
    ("a_owner", A.INVITATION_MANAGE, "answered", no("I1", "I1")),
    ("acting", A.INVITATION_MANAGE, "answered", no("I1", "I1")),
    ("a_owner", A.INVITATION_MANAGE, "failed", yes("I1")),
    ("a_owner", A.INVITATION_VIEW, "claim", yes("I2")),
    ("a_whole", A.INVITATION_VIEW, "claim", yes("I2")),
    ("a_people", A.INVITATION_VIEW, "claim", no("X2")),
    ("a_whole", A.INVITATION_MANAGE, "claim", yes("I2")),
    ("b_owner", A.INVITATION_VIEW, "claim", no("X2")),
    # Who takes the record over does not see whom else its keeper invited.
    ("silverton", A.INVITATION_VIEW, "claim of silverton", no("X2")),
    ("a_whole", A.ORGANISATION_INVITE_TO_CLAIM, "shell", yes("O5")),
    ("a_people", A.ORGANISATION_INVITE_TO_CLAIM, "shell", no("O5")),
    ("b_owner", A.ORGANISATION_INVITE_TO_CLAIM, "shell", no("X2")),
    ("support", A.ORGANISATION_INVITE_TO_CLAIM, "shell", no("S1")),
    ("acting", A.ORGANISATION_INVITE_TO_CLAIM, "shell", yes("S1")),
    ("acting", A.ORGANISATION_INVITE_TO_CLAIM, "conn", no("O5", "O5")),
    ("a_owner", A.ORGANISATION_INVITE_TO_CLAIM, "conn", no("O5")),
    ("a_owner", A.ORGANISATION_VIEW, "shell", yes("O5")),
    ("a_owner", A.ORGANISATION_EDIT, "shell", yes("O5")),
    ("a_viewer", A.ORGANISATION_VIEW, "shell", no("X2")),
    ("a_viewer", A.ORGANISATION_VIEW_PROFILE, "shell", yes("O6")),
    ("a_owner", A.ORGANISATION_VIEW, "silverton", no("X2")),
    ("a_owner", A.ORGANISATION_VIEW_PROFILE, "conn", yes("O6")),
    ("conn_owner", A.ORGANISATION_VIEW_PROFILE, "a", yes("O6")),
    ("b_owner", A.ORGANISATION_VIEW_PROFILE, "conn", no("X2")),
    ("a_whole", A.ORGANISATION_RECORD, "a", yes("O5")),
    ("a_people", A.ORGANISATION_RECORD, "a", no("O5")),
    ("acting", A.ORGANISATION_RECORD, "a", yes("S1")),
    ("a_owner", A.CONNECTION_EDIT, "connection", yes("O4")),
    ("conn_owner", A.CONNECTION_EDIT, "connection", no("O4")),
    ("conn_owner", A.CONNECTION_VIEW, "connection", yes("O3")),
    ("b_owner", A.CONNECTION_VIEW, "connection", no("X2")),
    ("a_owner", A.CUSTOMER_MERGE, "a", no("S1")),
    ("support", A.CUSTOMER_MERGE, "a", no("S1")),
    ("acting", A.CUSTOMER_MERGE, "a", yes("S1")),
]


def _sent(world: World, organisation: Organisation, **values: Any) -> Invitation:
    return Invitation.objects.create(
        organisation=organisation,
        email=f"{Invitation.objects.count()}@people.example",
        invited_by=world.people["a_owner"],
        invited_for=world.a.organisation,
        expires_at=clock.now() + timedelta(days=7),
        **values,
    )


@pytest.fixture
def facts(db: None) -> tuple[dict[str, Access], dict[str, Any]]:
    """People by name, and targets by name."""
    world = build()
    silverton = Organisation.objects.create(name="Silverton", created_by_organisation=world.a.organisation)
    people = {name: world.access(name) for name in ("a_owner", "a_manager", "a_viewer", "b_owner", "conn_owner")}
    people |= {"support": world.access("support"), "acting": world.acting()}
    for name, permission in (("a_people", "manage_users"), ("a_whole", "manage_organisation")):
        role = Role.objects.create(organisation=world.a.organisation, name=name, permissions=["view", permission])
        people[name] = Access.for_user(MembershipFactory.create(organisation=world.a.organisation, role=role).user)
    people["silverton"] = Access.for_user(MembershipFactory.create(organisation=silverton).user)
    a = world.a.organisation
    things = {
        "member": of_invitation(_sent(world, a)),
        "answered": of_invitation(_sent(world, a, status="accepted")),
        "failed": of_invitation(_sent(world, a, status="failed")),
        "claim": of_invitation(_sent(world, world.shell, kind=InvitationKind.CLAIM)),
        "claim of silverton": of_invitation(_sent(world, silverton, kind=InvitationKind.CLAIM)),
        "shell": of_organisation(world.shell),
        "silverton": of_organisation(silverton),
        "conn": of_organisation(world.conn.organisation),
        "a": of_organisation(a),
        "connection": of_connection(world.connection),
    }
    return people, things


def test_each_row(facts: tuple[dict[str, Access], dict[str, Any]]) -> None:
    people, things = facts
    wrong = []
    for who, action, thing, expected in ROWS:
        target = things[thing]
        decision = engine.decide(people[who], action, target)
        listed = engine.allowed(people[who], action, target).count()
        if verdict_of(decision) != expected or listed != (1 if expected.allowed else 0):
            wrong.append((who, str(action), thing, verdict_of(decision), expected, listed))
    assert wrong == []
