"""The rules of people's accounts, registered with the engine."""

from __future__ import annotations

from customers.models import User
from permissions import engine
from permissions.actions import Action, Permission
from permissions.engine import Target
from permissions.models import Membership
from permissions.policies import NOBODY, STAFF_ACT, STAFF_SEE
from permissions.rules import IsHerself, Policy, Rule, Scope, Where

USER = Scope({"user": "pk"})

_COLLEAGUE = Where(
    "colleague:user",
    lambda scope, actor: Membership.objects.filter(
        actor.over("organisation_id", Permission.MANAGE_USERS, 1), user=scope.outer("user")
    ),
    ("You manage the people of an organisation of hers.", "You manage the people of none of her organisations."),
)


def of_user(user: User) -> Target:
    """One user."""
    return Target(User.objects.filter(pk=user.pk), USER)


def register() -> None:
    """Register the rules of accounts. Called once, when the apps are ready."""
    engine.register(
        Policy(
            Action.USER_VIEW,
            (
                Rule("U3", "Everybody sees her own account.", IsHerself()),
                Rule("U2", "Those who manage an organisation's people see their accounts.", _COLLEAGUE),
                STAFF_SEE,
            ),
            NOBODY,
        ),
        Policy(
            Action.USER_CREATE,
            (STAFF_ACT,),
            ("S1", "Accounts come by invitation, or are made by Hectare staff."),
            view=Action.USER_VIEW,
        ),
        Policy(
            Action.USER_EDIT,
            (Rule("U3", "Everybody changes her own name.", IsHerself()), STAFF_ACT),
            ("U3", "An account is changed by its owner."),
            view=Action.USER_VIEW,
        ),
    )
    engine.register_model(User, Action.USER_VIEW, Action.USER_EDIT, USER)
