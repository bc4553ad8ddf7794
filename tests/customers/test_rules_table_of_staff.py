"""Who makes and changes staff, who helps whom, who makes and changes accounts: one fact a row."""

from __future__ import annotations

from typing import Any

import pytest

from common import clock
from customers.models import StaffUser, User
from customers.rules import of_user
from organisations.rules import of_nothing_yet
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Refusal
from permissions.models import Membership
from tests.factories import MembershipFactory, StaffFactory, UserFactory

pytestmark = pytest.mark.django_db

NO, UNSEEN = Refusal.PERMISSION, Refusal.NOT_VISIBLE
EVERYBODY = ("owner", "herself", "stranger", "nobody", "support", "acting", "administrator", "administrator acting")


def _row(refusing: str, allowed: dict[str, str], unseen: tuple[str, ...]) -> dict[str, Any]:
    told: dict[str, Any] = dict.fromkeys(EVERYBODY, (refusing, NO))
    return {**told, **dict.fromkeys(unseen, ("X2", UNSEEN)), **{name: (code, None) for name, code in allowed.items()}}


_HIDDEN = ("stranger", "nobody")
_STAFF_HIDDEN = ("owner", "herself", "stranger", "nobody")
_BOSS = {"administrator acting": "S2"}
_TOLD = {"support": ("S1", NO), "administrator": ("S1", NO)}

#: Action, whom it is about, and what each is told. Being support counts where it is about a customer's person only.
TABLE: list[tuple[Action, str, dict[str, Any]]] = [
    (Action.STAFF_MANAGE, "self", _row("S2", _BOSS, ("nobody",))),
    (Action.STAFF_MANAGE, "staff", _row("S2", _BOSS, _STAFF_HIDDEN)),
    (Action.STAFF_MANAGE, "person", _row("S2", _BOSS, _HIDDEN)),
    (Action.USER_SUPPORT, "person", _row("S1", {"acting": "S1", "administrator acting": "S1"}, _HIDDEN)),
    (Action.USER_SUPPORT, "staff", _row("S1", _BOSS, _STAFF_HIDDEN)),
    (Action.USER_ACT_AS, "person", _row("S3", {"administrator acting": "S3"}, _HIDDEN)),
    (Action.USER_ACT_AS, "staff", _row("S3", {}, _STAFF_HIDDEN)),
    (Action.USER_ACT_AS, "self", _row("S3", {}, ("nobody",))),
    (Action.USER_ACT_AS, "closed", {**_row("S3", {}, _STAFF_HIDDEN), "administrator acting": ("S3", Refusal.STATE)}),
    (Action.USER_CREATE, "self", _row("S1", {"acting": "S1", "administrator acting": "S1"}, ("nobody",))),
    (
        Action.USER_EDIT,
        "person",
        # Staff are told what is theirs to do: to say why.
        {**_row("U3", {"herself": "U3", "acting": "S1", "administrator acting": "S1"}, _HIDDEN), **_TOLD},
    ),
    (Action.USER_EDIT, "staff", {**_row("S1", _BOSS, _STAFF_HIDDEN), **_TOLD}),
    # Nothing is written to what was erased, by nobody.
    *(
        (action, "erased", _row(told, {}, _STAFF_HIDDEN))
        for action, told in (
            (Action.USER_EDIT, "S1"),
            (Action.USER_SUPPORT, "S1"),
            (Action.USER_ERASE, "S1"),
            (Action.USER_ACT_AS, "S3"),
            (Action.STAFF_MANAGE, "S2"),
        )
    ),
]


@pytest.fixture
def people() -> tuple[dict[str, Access], dict[str, User]]:
    owner: Membership = MembershipFactory.create()
    person = MembershipFactory.create(organisation=owner.organisation, role="viewer").user
    found = {
        "owner": Access.for_user(owner.user),
        "herself": Access.for_user(person),
        "stranger": Access.for_user(UserFactory.create()),
        "nobody": Access.none(),
        "support": Access.for_user(StaffFactory.create(is_superuser=False)),
        "administrator": Access.for_user(StaffFactory.create()),
    }
    found["acting"] = found["support"].acting("Asked")
    found["administrator acting"] = found["administrator"].acting("Asked")
    erased = UserFactory.create(is_active=False, erased_at=clock.now())
    closed = UserFactory.create(is_active=False)
    return found, {"person": person, "staff": StaffFactory.create(), "erased": erased, "closed": closed}


@pytest.mark.parametrize(("action", "about", "expected"), TABLE, ids=lambda one: str(one)[:40])
def test_decisions(
    people: tuple[dict[str, Access], dict[str, User]], action: Action, about: str, expected: dict[str, Any]
) -> None:
    askers, targets = people
    told = {}
    for name, access in askers.items():
        target = of_nothing_yet(access) if about == "self" else of_user(targets[about])
        decision = engine.decide(access, action, target)
        told[name] = (decision.code, decision.refusal)
    assert told == expected


def test_the_staffs_own_list_is_theirs(people: tuple[dict[str, Access], dict[str, User]]) -> None:
    askers, _ = people
    sees = {name for name, one in askers.items() if engine.visible(one, StaffUser.objects.all()).count() == 3}
    assert sees == {"support", "acting", "administrator", "administrator acting"}
    changes = {name for name, one in askers.items() if engine.editable(one, StaffUser.objects.all()).exists()}
    assert changes == {"administrator acting"}
