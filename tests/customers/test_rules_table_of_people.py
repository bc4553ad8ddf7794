"""The rules of members, roles and ownership as a table: one fact a row, with the exact answer."""

from __future__ import annotations

from typing import Any, Final

import pytest

from customers.enums import TransferStatus
from customers.models import OwnershipTransfer
from customers.rules import of_transfer
from organisations.rules import of_organisation
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Decision
from permissions.domain import members, roles
from permissions.models import Membership, Role
from permissions.policies import of_membership
from tests.factories import MembershipFactory
from tests.oracle.compare import verdict_of
from tests.oracle.example import no, yes
from tests.oracle.oracle import Verdict
from tests.security.world import World, build

pytestmark = pytest.mark.django_db

A = Action

#: Who, what, of which thing, and the answer. ``a_roles`` holds a role of A's own that manages roles; it is no owner's.
ROWS: Final[list[tuple[str, Action, str, Verdict]]] = [
    ("a_owner", A.OWNERSHIP_GIVE, "a", yes("T1")),
    ("a_roles", A.OWNERSHIP_GIVE, "a", no("T1")),
    ("a_manager", A.OWNERSHIP_GIVE, "a", no("T1")),
    ("acting", A.OWNERSHIP_GIVE, "a", no("T1")),
    ("b_owner", A.OWNERSHIP_GIVE, "a", no("X2")),
    ("a_owner", A.OWNERSHIP_VIEW, "offer", yes("T1")),
    ("a_contributor", A.OWNERSHIP_VIEW, "offer", yes("T1")),
    ("a_viewer", A.OWNERSHIP_VIEW, "offer", no("X2")),
    ("a_manager", A.OWNERSHIP_VIEW, "offer", no("X2")),
    ("support", A.OWNERSHIP_VIEW, "offer", yes("S1")),
    ("b_owner", A.OWNERSHIP_VIEW, "offer", no("X2")),
    ("a_contributor", A.OWNERSHIP_ANSWER, "offer", yes("T1")),
    ("a_owner", A.OWNERSHIP_ANSWER, "offer", no("T1")),
    ("acting", A.OWNERSHIP_ANSWER, "offer", no("T1")),
    ("a_contributor", A.OWNERSHIP_ANSWER, "answered", no("T1", "T1")),
    ("a_owner", A.OWNERSHIP_CANCEL, "offer", yes("T1")),
    ("acting", A.OWNERSHIP_CANCEL, "offer", yes("S1")),
    ("support", A.OWNERSHIP_CANCEL, "offer", no("S1")),
    ("a_contributor", A.OWNERSHIP_CANCEL, "offer", no("T1")),
    ("a_owner", A.OWNERSHIP_CANCEL, "answered", no("T1", "T1")),
    ("acting", A.OWNERSHIP_CANCEL, "answered", no("T1", "T1")),
    ("a_owner", A.ROLE_MANAGE, "a", yes("U4")),
    ("a_roles", A.ROLE_MANAGE, "a", yes("U4")),
    ("a_manager", A.ROLE_MANAGE, "a", no("U4")),
    ("support", A.ROLE_MANAGE, "a", no("S1")),
    ("acting", A.ROLE_MANAGE, "a", yes("S1")),
    ("b_owner", A.ROLE_MANAGE, "a", no("X2")),
    ("a_owner", A.MEMBERSHIP_MANAGE, "a", yes("U2")),
    # Of one unit only.
    ("a_manager", A.MEMBERSHIP_MANAGE, "a", no("U2")),
    ("a_viewer", A.MEMBERSHIP_LEAVE, "viewer", yes("U3")),
    ("a_owner", A.MEMBERSHIP_LEAVE, "viewer", no("U3")),
    ("acting", A.MEMBERSHIP_LEAVE, "viewer", no("U3")),
    ("b_owner", A.MEMBERSHIP_LEAVE, "viewer", no("X2")),
]


@pytest.fixture
def world(db: None) -> World:
    world = build()
    role = Role.objects.create(
        organisation=world.a.organisation, name="Keeper", permissions=["view", "manage_roles", "manage_users"]
    )
    made = MembershipFactory.create(organisation=world.a.organisation, role=role)
    world.people["a_roles"] = made.user
    world.a.members["roles"] = made
    return world


def things(world: World) -> dict[str, Any]:
    answered = OwnershipTransfer.objects.create(
        organisation=world.a.organisation,
        giver=world.a.members["owner"],
        recipient=world.a.members["contributor"],
        giver_role=world.roles["manager"],
        status=TransferStatus.ACCEPTED,
        expires_at=world.a.transfer.expires_at,
    )
    return {
        "a": of_organisation(world.a.organisation),
        "offer": of_transfer(world.a.transfer),
        "answered": of_transfer(answered),
        "viewer": of_membership(world.a.members["viewer"]),
    }


def test_the_table(world: World) -> None:
    targets = things(world)
    people: dict[str, Access] = {who: world.access(who) for who, *_ in ROWS if who != "acting"}
    people["acting"] = world.acting()
    found = []
    for who, action, thing, _ in ROWS:
        decision = engine.decide(people[who], action, targets[thing])
        assert engine.allowed(people[who], action, targets[thing]).exists() is bool(decision), (who, action, thing)
        found.append((who, action, thing, verdict_of(decision)))
    assert found == ROWS


def test_who_can_hand_over(world: World) -> None:
    """The owner herself, not whoever may as much; asked of all people at once."""
    assert list(engine.who_can(A.OWNERSHIP_GIVE, of_organisation(world.a.organisation))) == [world.people["a_owner"]]


#: The rules beside the policies: who, whose membership, changing her, and taking her away.
CHANGES: Final[list[tuple[str, str, str, str]]] = [
    ("a_owner", "viewer", "U2", "U2"),
    ("a_owner", "owner", "U6", "U6"),
    ("a_key", "owner", "U6", "U6"),
    ("a_key", "viewer", "U2", "U2"),
    ("a_roles", "viewer", "U2", "U2"),
    ("a_roles", "owner", "U5", "U5"),
    ("a_roles", "contributor", "U5", "U5"),
    ("a_manager", "viewer", "U2", "U2"),
    ("acting", "owner", "S1", "U7"),
    ("acting", "viewer", "S1", "S1"),
    ("b_owner", "viewer", "X2", "X2"),
]
ALLOWED: Final = {("a_owner", "viewer"), ("a_key", "viewer"), ("a_roles", "viewer"), ("acting", "viewer")}


def access(world: World, who: str) -> Access:
    if who == "acting":
        return world.acting()
    return Access.for_key(world.a.key) if who == "a_key" else world.access(who)


def test_who_changes_whom(world: World) -> None:
    for who, name, change, loss in CHANGES:
        row = Membership.objects.select_related("user", "organisation", "role").get(pk=world.a.members[name].pk)
        decisions: list[Decision] = [
            members.decide_change(access(world, who), row),
            members.decide_loss(access(world, who), row),
        ]
        assert [one.code for one in decisions] == [change, loss], (who, name)
        assert [bool(one) for one in decisions] == [
            (who, name) in ALLOWED or (who, name) == ("acting", "owner"),
            (who, name) in ALLOWED,
        ]


def test_who_changes_which_role(world: World) -> None:
    small = Role.objects.create(organisation=world.a.organisation, name="Small", permissions=["view"])
    rows = {
        "own": world.a.members["roles"].role,
        "small": small,
        "big": world.a.role,
        "built in": world.roles["viewer"],
    }
    expected = [
        ("a_owner", "own", True, "U4"),
        ("a_owner", "big", True, "U4"),
        ("a_owner", "built in", False, "U4"),
        ("a_roles", "own", False, "U6"),
        ("a_roles", "small", True, "U4"),
        ("a_roles", "big", False, "U5"),
        ("a_manager", "small", False, "U4"),
        ("a_key", "small", True, "U4"),
        ("acting", "own", True, "S1"),
        ("b_owner", "small", False, "X2"),
    ]
    found = []
    for who, name, *_ in expected:
        decision = roles.decide_change(access(world, who), rows[name])
        found.append((who, name, bool(decision), decision.code))
    assert found == expected


def test_a_key_of_the_role_does_not_change_it(world: World) -> None:
    """Neither its own role nor that of the one who made it."""
    own = world.a.members["roles"].role
    Role.objects.filter(pk=own.pk).update(permissions=["view", "manage_roles", "manage_users", "manage_api_keys"])
    key = world.a.key
    key.created_by = world.people["a_roles"]
    key.save()
    for role in (own, world.roles["owner"]):
        key.role = role
        key.save()
        assert roles.decide_change(Access.for_key(key), Role.objects.get(pk=own.pk)).code == "U6"
