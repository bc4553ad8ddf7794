"""What an invitation may still do: whether its link works is worked out anew each time that somebody follows it.

An invitation carries no right of its own. It offers what its sender could give at this moment, so it dies with her
right to give it: when she has left, was shut out or holds less than it carries (attacks 38 and 39).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.conf import settings

from common import clock
from common.errors import Conflict, DomainError, Gone
from customers.enums import InvitationKind, InvitationStatus
from customers.models import Invitation, User
from organisations.rules import of_organisation
from permissions.access import Access
from permissions.actions import Action
from permissions.domain.members import within
from permissions.enforce import require
from permissions.models import ApiKey, Membership

#: Not answered and not taken back. A link whose mail "failed" may have arrived all the same.
WAITING = (InvitationStatus.PENDING, InvitationStatus.FAILED)


def gone() -> Gone:
    """The one answer to every link that does not work, whatever the reason."""
    return Gone("This invitation does not work any more. Ask whoever invited you to send it again.")


def expiry() -> datetime:
    """When an invitation that is sent now ends."""
    return clock.now() + timedelta(days=settings.INVITATION_LIFE_DAYS)


def decided_at(row: Invitation) -> datetime:
    """When somebody last decided that it shall be sent."""
    return row.expires_at - timedelta(days=settings.INVITATION_LIFE_DAYS)


def sender_of(actor: Access) -> int | None:
    """The key of the person who answers for an invitation: the actor, or who made the API key that she acts by."""
    if actor.user_id is not None:
        return actor.user_id
    found: int | None = ApiKey.objects.filter(public_id=actor.actor).values_list("created_by_id", flat=True).first()
    return found


def carried_units(row: Invitation) -> list[Any] | None:
    """The units that it carries and that are there still; ``None`` for all of the organisation."""
    return None if row.all_units else list(row.units.filter(archived_at=None).order_by("pk"))


def may_send(sender: Access, row: Invitation) -> None:
    """The sender may give what the invitation carries.

    Raises:
        DomainError: she may not, or what it carries is gone.
    """
    organisation = row.organisation
    if row.kind == InvitationKind.CLAIM:
        require(sender, Action.ORGANISATION_INVITE_TO_CLAIM, of_organisation(organisation))
        return
    require(sender, Action.MEMBERSHIP_MANAGE, of_organisation(organisation))
    if row.role is None:
        raise Conflict("The role that it carries has been deleted. Invite anew.", code="role_deleted")
    within(sender, organisation, row.role, carried_units(row))


def lives(row: Invitation) -> bool:
    """Whether it can be accepted: waiting, in time, and its sender may still give what it carries."""
    if row.status not in WAITING or row.expires_at <= clock.now() or row.organisation.is_archived:
        return False
    if row.invited_by is None:
        return False
    sender = Access.for_user(row.invited_by)
    try:
        may_send(sender.acting("Sent an invitation") if sender.is_staff else sender, row)
    except DomainError:
        return False
    return True


def was_member_since(row: Invitation, user: User) -> bool:
    """Whether the person has been a member, however that came about, after it was decided to invite her.

    She had what it offers, and who took that from her need not have known of an old invitation.
    """
    events = apps.get_model("permissions", "MembershipEvent")._default_manager
    return bool(
        Membership.objects.filter(user=user, organisation=row.organisation).exists()
        or events.filter(
            user_id=user.pk, organisation_id=row.organisation_id, pgh_created_at__gte=decided_at(row)
        ).exists()
    )
