"""An organisation keeps an active account owner (U7): one function for every door by which one could be lost.

Whoever takes an owner away holds the organisation's row first, so two owners who shut each other out take turns, and
the second is told what the first has done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db.models import Exists, OuterRef, QuerySet

from common.errors import Conflict
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


def held_with_companies(users: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The organisations that people belong to, then the people themselves: all held, and as they are now.

    Companies before people, as everywhere, and whatever a person is there: who is no owner yet may be made one at this
    moment, by somebody who holds the organisation.

    Raises:
        Conflict: somebody has joined another organisation meanwhile, which is not held.
    """
    rows = Membership.objects.filter(user__in=[user.pk for user in users])
    organisations = Membership._meta.get_field("organisation").related_model._default_manager
    theirs = organisations.filter(pk__in=rows.values("organisation")).order_by("pk")
    companies: list[Any] = list(theirs.select_for_update())
    people = get_user_model()._default_manager.filter(pk__in=[user.pk for user in users]).order_by("pk")
    found = list(people.select_for_update())
    if rows.exclude(organisation__in=companies).exists():
        raise Conflict("Somebody joined another organisation at this moment. Look again, and try again.")
    return companies, found


def keep_owners_of(user: Any, action: Action) -> None:
    """No organisation loses its last account owner when this person's account ends. For who holds them all.

    Raises:
        Refused: one would.
    """
    memberships = Membership.objects.filter(user=user).select_related("organisation", "role", "user")
    for membership in memberships.order_by("organisation_id"):
        refusal = lost(membership.organisation, membership, action)
        if refusal is not None:
            raise Refused(refusal)
