"""People in organisations: adding them, changing what they may, deactivating them.

Three things hold by every door: nobody gives what she does not hold (U5), nobody changes her own membership (U6), an
organisation keeps an active account owner (U7). Staff who act are bound by the last one only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common.editing import check_version, created, locked
from common.errors import Invalid
from common.verbs import verb
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Decision, Refusal, Refused
from permissions.enforce import require
from permissions.models import Membership, Role
from permissions.policies import of_organisation

OWNER = "owner"


@verb
def add_member(
    actor: Access, *, organisation: Any, user: Any, role: Role, units: Sequence[Any] | None = None
) -> Membership:
    """Make a user a member of an organisation, over all its units or over the given ones."""
    held = locked(organisation)
    _may_manage(actor, held)
    if user.is_staff:
        raise Invalid.one("/user", "staff", "Hectare staff belong to no organisation.")
    if Membership.objects.filter(user=user, organisation=held).exists():
        raise Invalid.one("/user", "member_already", f"{user} is a member of {held} already.")
    within(actor, held, role, units)
    membership = created(Membership(user=user, organisation=held, role=role, all_units=units is None))
    membership.units.set(units or ())
    _may_manage(actor, held)
    return membership


@verb
def change_member(
    actor: Access,
    *,
    membership: Membership,
    role: Role,
    units: Sequence[Any] | None = None,
    version: int | None = None,
) -> Membership:
    """Give a member another role, or other units (``None``: all of them)."""
    row = _opened(actor, membership, version)
    within(actor, row.organisation, role, units)
    within(actor, row.organisation, row.role, None if row.all_units else list(row.units.all()))
    row.role, row.all_units, row.version = role, units is None, row.version + 1
    row.save(update_fields=["role", "all_units", "version", "updated_at"])
    row.units.set(units or ())
    return _kept(actor, row)


@verb
def set_member_active(actor: Access, *, membership: Membership, active: bool, version: int | None = None) -> Membership:
    """Deactivate a member, or let her in again. Takes effect with her next request."""
    row = _opened(actor, membership, version)
    within(actor, row.organisation, row.role, None if row.all_units else list(row.units.all()))
    if row.is_active != active:
        row.is_active, row.version = active, row.version + 1
        row.save(update_fields=["is_active", "version", "updated_at"])
    return _kept(actor, row)


def _opened(actor: Access, membership: Membership, version: int | None) -> Membership:
    """The membership, locked after its organisation: two owners who demote each other take turns."""
    organisation = locked(membership.organisation)
    _may_manage(actor, organisation)
    row = locked(membership, "role", "user", "organisation")
    check_version(row, version)
    if row.user_id == actor.user_id:
        raise _refused("U6", "Nobody changes her own role or units; ask another account owner.")
    return row


def _kept(actor: Access, row: Membership) -> Membership:
    """After the write: there is an owner still, and the actor may still do this."""
    owners = Membership.objects.filter(
        organisation=row.organisation_id, role__key=OWNER, role__organisation=None, is_active=True, all_units=True
    )
    if row.organisation.kind == "full" and not owners.filter(user__is_active=True).exists():
        reason = f"{row.user} is the last active account owner of {row.organisation}. Make somebody else owner first."
        raise _refused("U7", reason, Refusal.STATE)
    _may_manage(actor, row.organisation)
    return row


def _may_manage(actor: Access, organisation: Any) -> None:
    require(actor, Action.MEMBERSHIP_MANAGE, of_organisation(organisation))


def within(actor: Access, organisation: Any, role: Role, units: Sequence[Any] | None) -> None:
    """Role and units belong here, and are no more than the actor holds herself (U5): for memberships and invitations.

    Args:
        units: ``None`` for all of them.

    Raises:
        Invalid: they do not belong here.
        Refused: they are more than she holds.
    """
    if role.organisation_id not in (None, organisation.pk):
        raise Invalid.one("/role", "not_found", "Not found.")
    if any(unit.organisation_id != organisation.pk for unit in units or ()):
        raise Invalid.one("/units", "not_found", "Not found.")
    if units is not None and not units:
        raise Invalid.one("/units", "empty", "Choose at least one unit, or all of them.")
    if actor.is_acting:
        return
    mine = [one for one in actor.held if one.organisation_id == organisation.pk]
    if not any(set(role.permissions) <= one.permissions for one in mine):
        raise _refused("U5", f"The role {role} may do more than yours; nobody gives or changes more than she holds.")
    asked = None if units is None else {unit.pk for unit in units}
    if not any(one.all_units or (asked is not None and asked <= one.unit_ids) for one in mine):
        raise _refused("U5", "These are more units than you hold; nobody gives more than she holds.")


def _refused(code: str, reason: str, kind: Refusal = Refusal.PERMISSION) -> Refused:
    return Refused(Decision(False, Action.MEMBERSHIP_MANAGE, code, reason, kind))
