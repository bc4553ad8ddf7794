"""The rules of people's rights themselves: memberships, roles, API keys, the audit trail."""

from __future__ import annotations

from typing import Any

from permissions import engine
from permissions.actions import Action, Permission
from permissions.engine import Target
from permissions.grants import parties_scope
from permissions.models import ApiKey, Grant, GrantRequest, Membership, Role
from permissions.rules import HoldsOver, IsHerself, IsStaff, Policy, Rule, Scope, StaffActs, Where

OF_ORGANISATION = Scope({"organisation": "organisation_id"})
MEMBERSHIP = Scope({"organisation": "organisation_id", "user": "user_id"})
ROLE = Scope({"role": "pk"})
REQUEST = Scope({"request": "pk", "granter": "granter_id", "grantee": "grantee_id", "permission": "permission"})

NOBODY = ("X2", "Not found.")
STAFF_SEE = Rule("S1", "Hectare staff see everything.", IsStaff())
STAFF_ACT = Rule("S1", "Hectare staff do it through the admin, with a reason that is recorded.", StaffActs())

_BUILT_IN = Where(
    "built_in:role",
    lambda scope, actor: Role.objects.filter(pk=scope.outer("role"), organisation=None),
    ("It is a built-in role.", "It is a role of one organisation."),
)
_OWN_ROLE = Where(
    "role_of_hers:role",
    lambda scope, actor: Role.objects.filter(actor.member_of("organisation", 1), pk=scope.outer("role")),
    ("It is a role of your organisation.", "It is not a role of your organisation."),
)
_KEYS = HoldsOver(Permission.MANAGE_API_KEYS)
_PEOPLE = HoldsOver(Permission.MANAGE_USERS)
_ONLY_KEYS = ("K1", "API keys are managed by those whose role includes it for the whole organisation.")


def of_organisation(organisation: Any) -> Target:
    """One organisation."""
    return Target(type(organisation)._default_manager.filter(pk=organisation.pk), Scope({"organisation": "pk"}))


def of_membership(membership: Membership) -> Target:
    """One membership."""
    return Target(Membership.objects.filter(pk=membership.pk), MEMBERSHIP)


def of_key(key: ApiKey) -> Target:
    """One API key."""
    return Target(ApiKey.objects.filter(pk=key.pk), OF_ORGANISATION)


def register() -> None:
    """Register the rules. Called once, when the apps are ready."""
    engine.register(
        Policy(
            Action.API_KEY_VIEW,
            (Rule("K1", "Those who manage an organisation's API keys see them.", _KEYS), STAFF_SEE),
            NOBODY,
        ),
        # No S1 here: a key's power is its maker's, and staff hold none in an organisation.
        Policy(
            Action.API_KEY_MANAGE,
            (Rule("K1", "Those who manage an organisation's API keys make them.", _KEYS),),
            _ONLY_KEYS,
            view=Action.ORGANISATION_VIEW,
            too_small=False,
        ),
        Policy(
            Action.API_KEY_REVOKE,
            (Rule("K1", "Those who manage an organisation's API keys revoke them.", _KEYS), STAFF_ACT),
            _ONLY_KEYS,
            view=Action.API_KEY_VIEW,
        ),
        Policy(
            Action.MEMBERSHIP_VIEW,
            (
                Rule("U2", "Those who manage an organisation's people see them.", _PEOPLE),
                Rule("U3", "Everybody sees her own memberships.", IsHerself()),
                STAFF_SEE,
            ),
            NOBODY,
        ),
        Policy(
            Action.MEMBERSHIP_LEAVE,
            (Rule("U3", "Everybody leaves an organisation when she wants to.", IsHerself()),),
            ("U3", "A membership is left by the one whose it is."),
            view=Action.MEMBERSHIP_VIEW,
            too_small=False,
        ),
        Policy(
            Action.MEMBERSHIP_MANAGE,
            (Rule("U2", "Those who manage an organisation's people add and change them.", _PEOPLE), STAFF_ACT),
            ("U2", "People are managed by those whose role includes it for the whole organisation."),
            view=Action.ORGANISATION_VIEW,
        ),
        Policy(
            Action.ROLE_VIEW,
            (
                Rule("U8", "The built-in roles are known to all.", _BUILT_IN),
                Rule("U8", "Members see the roles of their organisation.", _OWN_ROLE),
                STAFF_SEE,
            ),
            NOBODY,
        ),
        Policy(
            Action.ROLE_MANAGE,
            (
                Rule(
                    "U4",
                    "Those whose role includes it make and change the organisation's own roles.",
                    HoldsOver(Permission.MANAGE_ROLES),
                ),
                STAFF_ACT,
            ),
            ("U4", "Roles are managed by those whose role includes it for the whole organisation."),
            view=Action.ORGANISATION_VIEW,
        ),
        Policy(
            Action.AUDIT_VIEW,
            (
                Rule("A1", "Those whose role includes it see the audit trail.", HoldsOver(Permission.VIEW_AUDIT)),
                STAFF_SEE,
            ),
            ("A1", "The audit trail is seen by those whose role includes it for the whole organisation."),
            view=Action.ORGANISATION_VIEW,
        ),
    )
    engine.register_model(ApiKey, Action.API_KEY_VIEW, Action.API_KEY_REVOKE, OF_ORGANISATION)
    engine.register_model(Membership, Action.MEMBERSHIP_VIEW, Action.MEMBERSHIP_MANAGE, MEMBERSHIP)
    engine.register_model(Role, Action.ROLE_VIEW, Action.ROLE_VIEW, ROLE)
    engine.register_model(Grant, Action.GRANT_VIEW, Action.GRANT_WITHDRAW, parties_scope())
    engine.register_model(GrantRequest, Action.GRANT_VIEW, Action.GRANT_APPROVE, REQUEST)
