"""Handing the part of account owner over: the steps, the mails, and what ends an offer."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress

from common import clock
from common.errors import Conflict, Gone, Invalid, NotFound, ReauthenticationRequired
from customers.domain import ownership as verbs
from customers.domain.ownership_mails import build as build_mail
from customers.models import OwnershipTransfer
from customers.transfers import in_state, transfers
from mails.models import Mail
from mails.rendering import render
from permissions.decisions import Refused
from permissions.domain import members
from permissions.models import Membership
from tests.factories import MembershipFactory
from tests.security.world import World, build

pytestmark = pytest.mark.django_db


@pytest.fixture
def world(db: None) -> World:
    world = build()
    OwnershipTransfer.objects.filter(pk=world.a.transfer.pk).delete()
    return world


def offered(world: World, **values: Any) -> OwnershipTransfer:
    recipient = world.a.members["viewer"]
    return verbs.give_ownership(
        world.access("a_owner"), organisation=world.a.organisation, **{"recipient": recipient, **values}
    )


def told(kind: str) -> dict[str, str]:
    """To whom mails of a kind go, and their subject."""
    found = {}
    for mail in Mail.objects.filter(kind=kind):
        message = build_mail(mail)
        if message is not None:
            rendered = render(message)
            assert "None" not in rendered.text
            found[mail.recipient.partition("@")[0]] = rendered.subject
    return found


def test_from_offer_to_owner(world: World) -> None:
    other = MembershipFactory.create(organisation=world.a.organisation, user__email="other@people.example")
    transfer = offered(world)
    assert (transfer.state, transfer.giver_role) == ("pending", world.roles["manager"])
    assert transfer.expires_at - clock.now() > timedelta(days=6)
    # Both, and the other owner; nobody whose account is shut.
    assert set(told("ownership_offered")) == {"a_owner", "a_viewer", "other"}
    assert told("ownership_offered")["other"] == "A Owner offers to make A Viewer account owner of Ashclyst Farms"
    her = world.access("a_viewer")
    with pytest.raises(ReauthenticationRequired):
        verbs.accept_ownership(her, transfer=transfer, fresh=False)
    # Narrowed to a unit in the past, she is over all of them now.
    done = verbs.accept_ownership(her, transfer=transfer, fresh=True)
    assert (done.state, done.version) == ("accepted", 2)
    rows = {
        row.pk: (row.role.key, row.all_units) for row in Membership.objects.filter(organisation=world.a.organisation)
    }
    assert rows[world.a.members["viewer"].pk] == ("owner", True)
    assert rows[world.a.members["owner"].pk] == ("manager", True)
    assert rows[other.pk] == ("owner", True)
    assert set(told("ownership_accepted")) == {"a_owner", "a_viewer", "other"}
    # What the offer's mail would say is over by now.
    assert told("ownership_offered") == {}
    with pytest.raises(Refused):
        verbs.accept_ownership(her, transfer=transfer, fresh=True)


def test_declined_and_cancelled(world: World) -> None:
    first = offered(world)
    assert verbs.decline_ownership(world.access("a_viewer"), transfer=first).state == "declined"
    assert set(told("ownership_declined")) == {"a_owner", "a_viewer"}
    second = offered(world)
    assert verbs.cancel_ownership(world.acting(), transfer=second).state == "cancelled"
    assert set(told("ownership_cancelled")) == {"a_owner", "a_viewer"}
    with pytest.raises(Gone):
        verbs.decline_ownership(world.access("a_viewer"), transfer=second)
    with pytest.raises(NotFound):
        verbs.cancel_ownership(world.access("b_owner"), transfer=second)


def test_one_at_a_time_and_anew_when_it_ran_out(world: World) -> None:
    first = offered(world)
    with pytest.raises(Conflict, match="already"):
        offered(world)
    OwnershipTransfer.objects.filter(pk=first.pk).update(expires_at=clock.now())
    seen = transfers(world.access("a_owner"))
    assert list(in_state(seen, "expired")) == [first]
    assert list(in_state(seen, "pending")) == []
    second = offered(world, giver_role=world.a.role)
    assert second.giver_role == world.a.role
    assert list(in_state(seen, "pending")) == [second]
    assert list(in_state(seen, "cancelled")) == [first]


def test_what_is_wrong(world: World) -> None:
    for values, pointer in (
        ({"recipient": world.b.members["owner"]}, "/recipient"),
        ({"recipient": world.a.members["owner"]}, "/recipient"),
        ({"recipient": MembershipFactory.create(organisation=world.a.organisation)}, "/recipient"),
        ({"recipient": world.a.members["left"]}, "/recipient"),
        ({"giver_role": world.b.role}, "/giver_role"),
        ({"giver_role": world.roles["owner"]}, "/giver_role"),
    ):
        with pytest.raises(Invalid) as problem:
            offered(world, **values)
        assert [one.pointer for one in problem.value.errors] == [pointer]
    with pytest.raises(Refused):
        verbs.give_ownership(
            world.access("a_manager"), organisation=world.a.organisation, recipient=world.a.members["viewer"]
        )


def test_an_owner_whose_email_is_not_confirmed_hands_nothing_over(world: World) -> None:
    EmailAddress.objects.filter(user=world.people["a_owner"]).update(verified=False)
    with pytest.raises(Refused) as problem:
        offered(world)
    assert problem.value.decision.code == "T1"


def test_what_changes_the_sides_ends_it(world: World) -> None:
    staff = world.acting()
    for name in ("viewer", "owner"):
        MembershipFactory.create(organisation=world.a.organisation)
        transfer = offered(world)
        row = Membership.objects.get(pk=world.a.members[name].pk)
        members.change_member(staff, membership=row, role=world.roles["contributor"])
        assert OwnershipTransfer.objects.get(pk=transfer.pk).state == "cancelled"
        if name == "viewer":
            members.change_member(staff, membership=row, role=world.roles["viewer"])
    # Whoever it was about is gone: no mail.
    members.remove_member(staff, membership=world.a.members["viewer"])
    assert told("ownership_offered") == {}


def test_an_offer_among_owners_ends_when_she_has_become_one(world: World) -> None:
    other = MembershipFactory.create(organisation=world.a.organisation)
    first = offered(world)
    second = verbs.give_ownership(
        type(world.access("a_owner")).for_user(other.user),
        organisation=world.a.organisation,
        recipient=world.a.members["viewer"],
    )
    verbs.accept_ownership(world.access("a_viewer"), transfer=first, fresh=True)
    assert OwnershipTransfer.objects.get(pk=second.pk).state == "cancelled"
    with pytest.raises(Gone):
        verbs.accept_ownership(world.access("a_viewer"), transfer=second, fresh=True)
    assert Membership.objects.get(pk=other.pk).role == world.roles["owner"]
