"""Reads of customers, invitations and connections: what the actor may not know of is not there."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from common import clock
from customers.enums import InvitationStatus
from customers.models import Export, Invitation, Merge, Removal
from organisations.models import Connection, Organisation
from permissions import engine
from permissions.access import Access
from permissions.lookup import one

#: What can be asked for: the stored states, and the one that the clock tells.
STATES = (*InvitationStatus.values, "expired")


def invitations(access: Access) -> QuerySet[Invitation]:
    """Those to organisations whose people the actor manages, and those by which her organisation gives records away."""
    rows = Invitation.objects.select_related("organisation", "role", "invited_by", "invited_for")
    return engine.visible(access, rows.prefetch_related("units"))


def get_invitation(access: Access, public_id: str) -> Invitation:
    """One invitation, or ``NotFound``."""
    return one(invitations(access), public_id)


def in_state(rows: QuerySet[Invitation], state: str) -> QuerySet[Invitation]:
    """Those of a list that are in a state now."""
    over = Q(expires_at__lte=clock.now())
    if state == "expired":
        return rows.filter(over, status=InvitationStatus.PENDING)
    return rows.exclude(over).filter(status=state) if state == InvitationStatus.PENDING else rows.filter(status=state)


def connections(access: Access, organisation: Organisation) -> QuerySet[Connection]:
    """The connections of an organisation, from either side, that the actor sees."""
    rows = Connection.objects.select_related("organisation", "other")
    return engine.visible(access, rows.filter(Q(organisation=organisation) | Q(other=organisation)))


def get_connection(access: Access, organisation: Organisation, public_id: str) -> Connection:
    """One connection of an organisation, or ``NotFound``."""
    return one(connections(access, organisation), public_id)


def exports(access: Access) -> QuerySet[Export]:
    """The exports that the actor asked for."""
    return engine.visible(
        access, Export.objects.select_related("requested_by", "organisation", "person").defer("content")
    )


def get_export(access: Access, public_id: str) -> Export:
    """One export, or ``NotFound``."""
    return one(exports(access), public_id)


def removals(access: Access) -> QuerySet[Removal]:
    """Customers that are being removed, or were. For staff."""
    return engine.visible(access, Removal.objects.select_related("organisation", "requested_by"))


def merges(access: Access) -> QuerySet[Merge]:
    """What was merged. For staff."""
    return engine.visible(access, Merge.objects.select_related("loser", "winner", "merged_by"))
