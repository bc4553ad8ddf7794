"""Who can, for rules on organisations and people: the users that ``decide`` allows, and no others."""

from __future__ import annotations

import pytest

from customers.models import User
from customers.rules import of_user
from organisations.rules import of_organisation
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.engine import Target
from tests.factories import MembershipFactory, StaffFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db


def _agree(action: Action, target: Target) -> list[str]:
    who = list(engine.who_can(action, target))
    assert who == [user for user in User.objects.order_by("pk") if engine.decide(Access.for_user(user), action, target)]
    return [user.name for user in who]


def test_who_can_agrees_with_decide() -> None:
    unit = UnitFactory.create()
    UnitFactory.create(organisation=unit.organisation)
    for name, role, units in (
        ("Olive", "owner", None),
        ("Max", "manager", None),
        ("Mina", "manager", [unit]),
        ("Vi", "viewer", None),
    ):
        user = UserFactory.create(name=name)
        MembershipFactory.create(user=user, organisation=unit.organisation, role=role, units=units)
    gone = MembershipFactory.create(organisation=unit.organisation, role="owner", is_active=False)
    MembershipFactory.create(role="owner", user__name="Stranger")
    StaffFactory.create(name="Staff")
    organisation = of_organisation(unit.organisation)

    assert _agree(Action.ORGANISATION_VIEW, organisation) == ["Olive", "Max", "Mina", "Vi", "Staff"]
    assert _agree(Action.ORGANISATION_EDIT, organisation) == ["Olive", "Max"]
    assert _agree(Action.API_KEY_MANAGE, organisation) == ["Olive"]
    assert _agree(Action.MEMBERSHIP_MANAGE, organisation) == ["Olive", "Max"]
    assert _agree(Action.AUDIT_VIEW, organisation) == ["Olive", "Max", "Staff"]
    vi = User.objects.get(name="Vi")
    assert _agree(Action.USER_VIEW, of_user(vi)) == ["Olive", "Max", "Vi", "Staff"]
    assert _agree(Action.USER_EDIT, of_user(vi)) == ["Vi"]
    assert gone.user.name not in _agree(Action.USER_VIEW, of_user(vi))
