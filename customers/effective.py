"""What a member may really do in an organisation, and why: for every unit and permission, and for what matters most.

Told by the engine itself from an access made of this one membership, so it cannot differ from what happens. What she is
in other organisations is nobody's business here. A constant number of statements, whatever the number of units; of
those, as many are told as are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import QuerySet

from common.arrays import OneOf
from organisations.enums import GrantKind
from organisations.models import Business, BusinessUnit
from organisations.rules import ENTERPRISE, UNIT
from permissions import engine, grants
from permissions.access import Access, Held
from permissions.actions import PERMISSION_LABELS, Action, Permission
from permissions.decisions import Decision
from permissions.engine import Target
from permissions.models import Grant, Membership
from permissions.policies import of_organisation

A = Action
ORGANISATION_ACTIONS: Final = (
    A.ORGANISATION_EDIT,
    A.MEMBERSHIP_MANAGE,
    A.ROLE_MANAGE,
    A.API_KEY_MANAGE,
    A.AUDIT_VIEW,
    A.ORGANISATION_EXPORT,
    A.OWNERSHIP_GIVE,
)
UNIT_ACTIONS: Final = (A.UNIT_VIEW, A.UNIT_EDIT)
BUSINESS_ACTIONS: Final = (A.BUSINESS_EDIT_PROFILE, A.BUSINESS_EDIT_TRADING)
#: What counts for those only who are given the whole organisation: the rules ask for it so.
OF_THE_WHOLE: Final = (
    Permission.MANAGE_API_KEYS,
    Permission.MANAGE_ROLES,
    Permission.MANAGE_USERS,
)
#: What she needs at the grantee to use a grant.
NEEDED: Final = {
    GrantKind.ADD_TO_ORDER_CYCLE: Permission.COORDINATE,
    GrantKind.MANAGE_PRODUCTS: Permission.MANAGE_PRODUCTS,
    GrantKind.EDIT_PROFILE: Permission.MANAGE_PROFILE,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no, by which rule, and why.

    Attributes:
        what: an action or a permission.
        label: what it is called.
        rule: the code; empty for a permission, which a role gives or does not.
    """

    what: str
    label: str
    allowed: bool
    why: str
    rule: str = ""


@dataclass(frozen=True, slots=True)
class UnitAnswers:
    """One unit: every permission, and what matters most."""

    unit: BusinessUnit
    covered: bool
    permissions: tuple[Answer, ...]
    actions: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class GrantAnswer:
    """What an enterprise elsewhere lets one of hers do, and whether she may use it."""

    public_id: str
    granter: str
    grantee: str
    kind: str
    since: datetime
    allowed: bool
    why: str


@dataclass(frozen=True, slots=True)
class Effective:
    """Everything about one membership.

    Attributes:
        nothing: why it gives nothing at all at present; empty when it gives something.
        units: those that were asked for.
    """

    membership: Membership
    nothing: str
    source: str
    permissions: tuple[Answer, ...]
    actions: tuple[Answer, ...]
    units: tuple[UnitAnswers, ...]
    grants: tuple[GrantAnswer, ...]


def units_of(membership: Membership, words: str = "") -> QuerySet[BusinessUnit]:
    """The units of the organisation, archived ones left out, by name; with words in it, if there are any."""
    rows = BusinessUnit.objects.filter(organisation_id=membership.organisation_id, archived_at=None)
    for word in words.split():
        rows = rows.filter(name__icontains=word)
    return rows.order_by("name", "pk")


def effective(membership: Membership, asked: Iterable[BusinessUnit]) -> Effective:
    """What a membership gives. The caller has made sure that the asker may see it; user, role, organisation at hand.

    Args:
        asked: the units to tell of; some of ``units_of``.
    """
    whole = Access.for_user(membership.user)
    held = [one for one in whole.held if one.organisation_id == membership.organisation_id]
    hers = Access.make(held=held, user_id=whole.user_id, actor=whole.actor, name=whole.name)
    mine = held[0] if held else None
    units = list(asked)
    return Effective(
        membership=membership,
        nothing=_nothing(membership, mine),
        source=_source(membership),
        permissions=tuple(_permission(one, membership, mine, None) for one in Permission),
        actions=_on_organisation(hers, membership),
        units=_on_units(hers, membership, mine, units),
        grants=_granted(hers, membership),
    )


def _source(membership: Membership) -> str:
    scope = "all units" if membership.all_units else _counted(len(membership.units.all()))
    return f"{membership.role} at {membership.organisation}, {scope}"


def _counted(number: int) -> str:
    return "one unit" if number == 1 else f"{number} units"


def _nothing(membership: Membership, mine: Held | None) -> str:
    if not membership.user.is_active:
        return "The account is deactivated: nobody signs in with it."
    if not membership.is_active:
        return "The membership is deactivated."
    if membership.organisation.archived_at is not None:
        return "The organisation has been put away."
    if Permission.VIEW not in membership.role.permissions:
        return "The role does not include seeing anything, and so gives nothing."
    if mine is None or not (mine.all_units or mine.unit_ids):
        return "The membership covers no unit."
    return ""


def _permission(one: Permission, membership: Membership, mine: Held | None, unit: BusinessUnit | None) -> Answer:
    """Whether her role gives a permission: anywhere, or for one unit."""
    role = membership.role
    given = mine is not None and {one, Permission.VIEW} <= mine.permissions
    # In an organisation without units there is still the organisation.
    covers = mine is not None and (unit.pk in mine.unit_ids if unit else mine.all_units or bool(mine.unit_ids))
    if given and one in OF_THE_WHOLE and mine is not None and not mine.all_units:
        told = f"The role {role} includes it, but it counts only for those who are given the whole organisation."
        return Answer(str(one), PERMISSION_LABELS[one], False, told)
    if given and covers:
        why = f"From the role {role}, which covers {'all units' if membership.all_units else 'this unit'}."
        if unit is None and not membership.all_units:
            why = f"From the role {role}, for {_counted(len(membership.units.all()))}."
    elif mine is None:
        why = "The membership gives nothing at present."
    elif not given:
        why = f"The role {role} does not include it."
    else:
        why = "The membership does not cover this unit." if unit else "The membership covers no unit."
    return Answer(str(one), PERMISSION_LABELS[one], given and covers, why)


def _told(decision: Decision) -> Answer:
    return Answer(str(decision.action), LABELS[decision.action], bool(decision), decision.reason, decision.code)


def _on_organisation(hers: Access, membership: Membership) -> tuple[Answer, ...]:
    target = of_organisation(membership.organisation)
    facts = engine.facts_for(hers, ORGANISATION_ACTIONS, target)[membership.organisation_id]
    return tuple(_told(engine.judge(action, facts)) for action in ORGANISATION_ACTIONS)


def _on_units(
    hers: Access, membership: Membership, mine: Held | None, units: Sequence[BusinessUnit]
) -> tuple[UnitAnswers, ...]:
    keys = [unit.pk for unit in units]
    rows = BusinessUnit.objects.filter(organisation_id=membership.organisation_id, pk=OneOf(keys))
    businesses = Business.objects.filter(pk=OneOf(keys))
    of_units = engine.facts_for(hers, UNIT_ACTIONS, Target(rows, UNIT))
    of_businesses = engine.facts_for(hers, BUSINESS_ACTIONS, Target(businesses, ENTERPRISE))

    def answers(unit: BusinessUnit) -> UnitAnswers:
        told = [engine.judge(action, of_units[unit.pk]) for action in UNIT_ACTIONS]
        if unit.pk in of_businesses:
            told += [engine.judge(action, of_businesses[unit.pk]) for action in BUSINESS_ACTIONS]
        covered = mine is not None and unit.pk in mine.unit_ids
        given = tuple(_permission(one, membership, mine, unit) for one in Permission)
        return UnitAnswers(unit, covered, given, tuple(_told(one) for one in told))

    return tuple(answers(unit) for unit in units)


def _granted(hers: Access, membership: Membership) -> tuple[GrantAnswer, ...]:
    """The grants that enterprises of the organisation hold which she sees."""
    rows = Grant.objects.filter(hers.among("group__enterprise", Permission.VIEW)).order_by("pk")
    return tuple(_grant(hers, grant) for grant in grants.with_parties(rows))


def _grant(hers: Access, grant: Grant) -> GrantAnswer:
    granter, grantee, kind = grants.granter_of(grant), grants.grantee_of(grant), grants.kind_of(grant)
    needed = NEEDED[GrantKind(kind)]
    allowed = hers.manages(grantee.pk, needed)
    has = f"{granter.name} lets {grantee.name} {grants.words(kind)}"
    label = PERMISSION_LABELS[needed]
    why = f"{has}, and the role may {label} there." if allowed else f"{has}; the role may not {label} there."
    return GrantAnswer(grant.public_id, granter.name, grantee.name, kind, grant.given_at, allowed, why)


#: What the actions are called on pages.
LABELS: Final[dict[Action, str]] = {
    A.ORGANISATION_EDIT: "change the organisation's details",
    A.MEMBERSHIP_MANAGE: "add, change and remove people",
    A.ROLE_MANAGE: "make and change roles",
    A.API_KEY_MANAGE: "make API keys",
    A.AUDIT_VIEW: "see the audit trail",
    A.ORGANISATION_EXPORT: "export the organisation's data",
    A.OWNERSHIP_GIVE: "hand the account over",
    A.UNIT_VIEW: "see the unit",
    A.UNIT_EDIT: "change the unit",
    A.BUSINESS_EDIT_PROFILE: "change the public profile",
    A.BUSINESS_EDIT_TRADING: "change how it trades",
}
