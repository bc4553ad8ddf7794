"""People in organisations: adding them, changing what they may, deactivating and removing them, leaving.

Three things hold by every door: nobody gives, changes or takes what she does not hold (U5), nobody changes her own
membership (U6), an organisation keeps an active account owner (U7). Staff who act are bound by the last one only.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from common import clock, hooks
from common.arrays import OneOf
from common.editing import check_version, created, locked
from common.errors import Conflict, Invalid
from common.locks import share
from common.verbs import verb
from permissions import engine, impersonation
from permissions.access import Access
from permissions.actions import PERMISSION_LABELS, Action, Permission
from permissions.decisions import Decision, Refusal, Refused
from permissions.domain import owners
from permissions.enforce import require
from permissions.models import ApiKey, Membership, Role
from permissions.policies import of_membership, of_organisation

OWNER = owners.OWNER


@verb
def add_member(
    actor: Access, *, organisation: Any, user: Any, role: Role, units: Sequence[Any] | None = None
) -> Membership:
    """Make a user a member of an organisation, over all its units or over the given ones."""
    held = locked(organisation)
    _may_manage(actor, held)
    works(held)
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
    """Give a member another role, or other units (``None``: all of them). Takes effect with her next request."""
    row = _opened(actor, membership, version)
    within(actor, row.organisation, role, units)
    if not (owners.is_owners(role) and units is None):
        _keep_owner(row)
    row.role, row.all_units, row.version = role, units is None, row.version + 1
    row.save(update_fields=["role", "all_units", "version", "updated_at"])
    row.units.set(units or ())
    return _done(actor, row, "changed")


@verb
def set_member_active(actor: Access, *, membership: Membership, active: bool, version: int | None = None) -> Membership:
    """Deactivate a member, or let her in again. Takes effect with her next request."""
    row = _opened(actor, membership, version)
    if row.is_active == active:
        return row
    if not active:
        _keep_owner(row)
    row.is_active, row.version = active, row.version + 1
    row.save(update_fields=["is_active", "version", "updated_at"])
    return _done(actor, row, "reactivated" if active else "deactivated")


@verb
def remove_member(actor: Access, *, membership: Membership, version: int | None = None) -> None:
    """Take a person out of an organisation. Her account stays, and her other memberships.

    The keys that she made are revoked, so that they do not come to life should she join again.
    """
    row = _opened(actor, membership, version)
    _keep_owner(row)
    _end(actor, row, "removed")
    _may_manage(actor, row.organisation)


@verb
def leave(actor: Access, *, membership: Membership) -> None:
    """Leave an organisation: by herself, and not as its last account owner."""
    locked(membership.organisation)
    row = locked(membership, "role", "user", "organisation")
    may_leave(actor, row)
    _end(actor, row, "left")


def may_leave(actor: Access, membership: Membership) -> None:
    """She may leave as things stand: it is hers, and an owner stays.

    Raises:
        Refused: it is not so.
    """
    require(actor, Action.MEMBERSHIP_LEAVE, of_membership(membership))
    _keep_owner(membership)


def removal_preview(actor: Access, *, membership: Membership) -> dict[str, Any]:
    """What a member would lose, and what would end with her membership; for those who may see it.

    Raises:
        Refused: she is the last account owner, who stays.
    """
    require(actor, Action.MEMBERSHIP_VIEW, of_membership(membership))
    _keep_owner(membership)
    preview: dict[str, Any] = {
        "person": str(membership.user),
        "organisation": str(membership.organisation),
        "role": membership.role.name,
        "permissions": [PERMISSION_LABELS[one] for one in Permission if one in membership.role.permissions],
        "units": "all units" if membership.all_units else [unit.name for unit in membership.units.all()],
        "api_keys": [key.name for key in _keys_of(membership)],
    }
    for hook in hooks.before_leaving:
        hook(membership, preview)
    return preview


def decide_change(actor: Access, membership: Membership) -> Decision:
    """Whether the actor may change this member at all (U2, U5, U6)."""
    decision = engine.decide(actor, Action.MEMBERSHIP_MANAGE, of_organisation(membership.organisation))
    refusal = _not_hers(actor, membership) if decision else None
    return decision if refusal is None else refusal


def decide_loss(actor: Access, membership: Membership) -> Decision:
    """Whether she may deactivate, remove or demote this member: as ``decide_change``, and an owner stays (U7)."""
    decision = decide_change(actor, membership)
    refusal = owners.lost(membership.organisation, membership) if decision else None
    return decision if refusal is None else refusal


def works(organisation: Any) -> None:
    """An organisation that is held is one that is there to work in: nothing new is written into any other.

    Raises:
        Conflict: it was put away (as in the days before it is removed), merged into another, or removed.
    """
    if organisation.removed_at is not None:
        raise Conflict(f"{organisation} has been removed.", code="removed")
    if organisation.merged_into_id is not None:
        raise Conflict(f"{organisation} was merged into another record. Use that one.", code="merged")
    if organisation.is_archived:
        raise Conflict(f"{organisation} has been put away. Restore it first.", code="archived")


def within(actor: Access, organisation: Any, role: Role, units: Sequence[Any] | None) -> None:
    """Role and units belong here, and are no more than the actor holds herself (U5): for memberships and invitations.

    The units are held against being deleted, so that what names them can be written.

    Args:
        units: ``None`` for all of them.

    Raises:
        Invalid: they do not belong here.
        Refused: they are more than she holds.
    """
    if role.organisation_id not in (None, organisation.pk):
        raise Invalid.one("/role", "not_found", "Not found.")
    if any(unit.organisation_id != organisation.pk for unit in units or ()) or not all_there(units or ()):
        raise Invalid.one("/units", "not_found", "Not found.")
    if units is not None and not units:
        raise Invalid.one("/units", "empty", "Choose at least one unit, or all of them.")
    refusal = beyond(actor, organisation.pk, role, None if units is None else {unit.pk for unit in units})
    if refusal is not None:
        raise Refused(refusal)


def all_there(units: Sequence[Any]) -> bool:
    """Whether units are all there still; they cannot be deleted then until the transaction ends."""
    if not units:
        return True
    keys = {unit.pk for unit in units}
    return len(share(type(units[0])._default_manager.filter(pk=OneOf(keys)), key=True)) == len(keys)


def is_oneself(actor: Access, user_id: int) -> bool:
    """Whether the actor is this person: herself, or by a key that she made."""
    if actor.user_id is not None or not actor.actor:
        return actor.user_id == user_id
    return ApiKey.objects.filter(public_id=actor.actor, created_by=user_id).exists()


def beyond(actor: Access, organisation_id: int, role: Role, unit_ids: set[int] | None) -> Decision | None:
    """The refusal when role or units are more than the actor holds in the organisation (U5).

    Nobody holds the account owner's role in another's place (S4).
    """
    if actor.is_acting:
        return None
    if owners.is_owners(role) and actor.is_impersonated:
        return impersonation.decision(actor, impersonation.OWNERS)
    mine = [one for one in actor.held if one.organisation_id == organisation_id]
    if not any(set(role.permissions) <= one.permissions for one in mine):
        return _no("U5", f"The role {role} may do more than yours; nobody gives or changes more than she holds.")
    if not any(one.all_units or (unit_ids is not None and unit_ids <= one.unit_ids) for one in mine):
        return _no("U5", "These are more units than you hold; nobody gives more than she holds.")
    return None


def _opened(actor: Access, membership: Membership, version: int | None) -> Membership:
    """The membership, locked after its organisation, and hers to change."""
    organisation = locked(membership.organisation)
    _may_manage(actor, organisation)
    row = locked(membership, "role", "user", "organisation")
    check_version(row, version)
    if (refusal := _not_hers(actor, row)) is not None:
        raise Refused(refusal)
    return row


def _not_hers(actor: Access, row: Membership) -> Decision | None:
    if is_oneself(actor, row.user_id):
        return _no("U6", "Nobody changes her own role or units; ask another account owner.")
    units = None if row.all_units else {unit.pk for unit in row.units.all()}
    return beyond(actor, row.organisation_id, row.role, units)


def _keep_owner(row: Membership) -> None:
    if (refusal := owners.lost(row.organisation, row)) is not None:
        raise Refused(refusal)


def _done(actor: Access, row: Membership, what: str) -> Membership:
    """After the write: what hangs on it follows, and the actor may still do this."""
    for hook in hooks.membership_changed:
        hook(actor, row, what)
    _may_manage(actor, row.organisation)
    return row


def _end(actor: Access, row: Membership, what: str) -> None:
    _keys_of(row).update(revoked_at=clock.now(), updated_at=clock.now())
    for hook in hooks.membership_changed:
        hook(actor, row, what)
    row.delete()


def _keys_of(row: Membership) -> Any:
    """The living keys that she made for the organisation."""
    keys = ApiKey.objects.filter(organisation_id=row.organisation_id, created_by_id=row.user_id, revoked_at=None)
    return keys.order_by("pk")


def _may_manage(actor: Access, organisation: Any) -> None:
    require(actor, Action.MEMBERSHIP_MANAGE, of_organisation(organisation))


def _no(code: str, reason: str) -> Decision:
    return Decision(False, Action.MEMBERSHIP_MANAGE, code, reason, Refusal.PERMISSION)
