"""Reads of the people of an organisation: what the actor may not know of is not there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import Q, QuerySet

from organisations.models import Organisation
from organisations.reads import units
from permissions import reads
from permissions.access import Access
from permissions.actions import Permission
from permissions.models import Membership

STATES: Final = ("active", "deactivated")


def sees_people(access: Access, organisation: Organisation) -> bool:
    """Whether the actor sees all people of an organisation, not only herself."""
    return access.is_staff or organisation.pk in access.organisation_ids(Permission.MANAGE_USERS)


def members_of(access: Access, organisation: Organisation) -> QuerySet[Membership]:
    """The members of an organisation whom the actor sees."""
    return reads.memberships(access).filter(organisation=organisation)


def narrowed(rows: QuerySet[Membership], access: Access, wanted: Mapping[str, Any]) -> QuerySet[Membership]:
    """Members by state, role, unit and words in name or e-mail: what the API's query and the page's address say."""
    active = Q(is_active=True, user__is_active=True)
    if state := wanted.get("state"):
        rows = rows.filter(active if state == "active" else ~active)
    if role := wanted.get("role"):
        rows = rows.filter(role__public_id=role)
    if unit := wanted.get("unit"):
        seen = units(access).filter(public_id=unit).values("pk")
        covers = Q(all_units=True, organisation__units__in=seen)
        # A subquery, because a person with several units would come several times.
        named = Membership.units.through.objects.filter(businessunit__in=seen).values("membership_id")
        rows = rows.filter(covers | Q(all_units=False, pk__in=named))
    for word in str(wanted.get("q", "")).split():
        rows = rows.filter(Q(user__name__icontains=word) | Q(user__email__icontains=word))
    return rows
