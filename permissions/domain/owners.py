"""An organisation keeps an active account owner (U7): one function for every door by which one could be lost.

Whoever takes an owner away holds the organisation's row first, so two owners who shut each other out take turns, and
the second is told what the first has done.
"""

from __future__ import annotations

from typing import Any, Final

from allauth.account.models import EmailAddress
from django.db.models import Exists, OuterRef, QuerySet

from common.editing import locked
from permissions.actions import Action
from permissions.decisions import Decision, Refusal, Refused
from permissions.models import Membership, Role

OWNER: Final = "owner"


def is_owners(role: Role) -> bool:
    """Whether it is the account owner's role, which is built in."""
    return role.organisation_id is None and role.key == OWNER


def holds_account(membership: Membership) -> bool:
    """Whether the membership, as it stands, is an account owner's. Role at hand."""
    return membership.is_active and membership.all_units and is_owners(membership.role)


def owners(organisation: Any) -> QuerySet[Membership]:
    """The account owners who count: membership and account active, over all units, with a confirmed e-mail."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("user"), verified=True)
    return Membership.objects.filter(
        Exists(confirmed),
        organisation=organisation,
        role__key=OWNER,
        role__organisation=None,
        is_active=True,
        all_units=True,
        user__is_active=True,
    )


def lost(organisation: Any, membership: Membership, action: Action = Action.MEMBERSHIP_MANAGE) -> Decision | None:
    """The refusal when nobody would be left who counts, were this account owner no more; ``None`` otherwise.

    Records of companies that nobody has claimed need no owner, nor does what is merged or removed.
    """
    if organisation.kind != "full" or organisation.merged_into_id or organisation.removed_at:
        return None
    if not holds_account(membership) or owners(organisation).exclude(pk=membership.pk).exists():
        return None
    reason = f"{membership.user} is the last active account owner of {organisation}. Make somebody else owner first."
    return Decision(False, action, "U7", reason, Refusal.STATE)


def keep_owners_of(user: Any, action: Action) -> None:
    """No organisation loses its last account owner when this person's account ends. Holds each of them.

    Raises:
        Refused: one would.
    """
    memberships = Membership.objects.filter(user=user).select_related("organisation", "role", "user")
    for membership in memberships.order_by("organisation_id"):
        if not holds_account(membership):
            continue
        refusal = lost(locked(membership.organisation), membership, action)
        if refusal is not None:
            raise Refused(refusal)
