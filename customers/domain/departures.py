"""What ends with a membership, or with the power it gave: offers of ownership, and invitations.

Registered with ``common.hooks``, so that the verbs on members need not know of customers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Count, Q

from common import clock, hooks
from common.emails import spellings
from customers.domain import invitations, ownership
from customers.enums import InvitationStatus, TransferStatus
from customers.models import Invitation, OwnershipTransfer
from permissions.access import Access
from permissions.models import Membership, Role

_OPEN = (InvitationStatus.PENDING, InvitationStatus.FAILED)


def _sent(membership: Membership) -> Any:
    """The unanswered invitations that she sent for the organisation: to join it, or to take over a record of its."""
    here = Q(organisation_id=membership.organisation_id) | Q(invited_for_id=membership.organisation_id)
    return Invitation.objects.filter(here, invited_by_id=membership.user_id, status__in=_OPEN).order_by("pk")


def _to_her(membership: Membership) -> Any:
    """The unanswered invitations to herself, by which she could come back."""
    return Invitation.objects.filter(
        organisation_id=membership.organisation_id, email__in=spellings(membership.user.email), status__in=_OPEN
    ).order_by("pk")


def on_change(actor: Access, membership: Membership, what: str) -> None:
    """A membership was changed, or ends."""
    if what == "reactivated":
        return
    ownership.end_of(membership)
    if what == "changed":
        invitations.end_beyond(membership.user, membership.organisation)
        return
    invitations.end_of(membership.user, membership.organisation)
    invitations.end_all(_to_her(membership), "The person it was sent to was a member until then.")


def before_leaving(membership: Membership, preview: dict[str, Any]) -> None:
    """Add what would end to a preview."""
    preview["invitations"] = [str(one.email) for one in _sent(membership) | _to_her(membership)]


def role_holders(keys: Collection[int], organisation: Any) -> dict[int, Mapping[str, int]]:
    """Who waits to hold some roles."""
    found: dict[int, dict[str, int]] = {}
    waiting: list[tuple[str, Any, str]] = [
        ("invitations", Invitation.objects.filter(organisation=organisation, status__in=_OPEN), "role"),
        (
            "transfers",
            OwnershipTransfer.objects.filter(
                organisation=organisation, status=TransferStatus.PENDING, expires_at__gt=clock.now()
            ),
            "giver_role",
        ),
    ]
    for name, rows, path in waiting:
        counted = rows.filter(**{f"{path}__in": keys}).order_by().values_list(path).annotate(n=Count("pk"))
        for key, count in counted:
            found.setdefault(key, {})[name] = count
    return dict(found)


def on_role_replaced(actor: Access, role: Role, instead: Role | None) -> None:
    """A role goes: who waits for it waits for the other one. Without another one an invitation is dead."""
    if instead is not None:
        waiting = Invitation.objects.filter(role=role, status__in=_OPEN)
        waiting.update(role=instead, updated_at=clock.now())
    # What is over keeps a role to show.
    shown = instead or Role.objects.get(organisation=None, key="viewer")
    OwnershipTransfer.objects.filter(giver_role=role).update(giver_role=shown, updated_at=clock.now())


def register() -> None:
    """Join in. Called once, when the apps are ready."""
    hooks.membership_changed.append(on_change)
    hooks.before_leaving.append(before_leaving)
    hooks.role_holders.append(role_holders)
    hooks.role_replaced.append(on_role_replaced)
