"""An organisation's own roles: making, changing and deleting them.

Nobody puts more into a role than she holds, nor changes one that may more than she (U5); nobody changes the role that
she holds herself (U6); the built-in roles are the same for all and stay as they are (U4). A change counts with the next
request of everybody who holds the role, people and keys alike, because what a role gives is read anew each time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final, TypedDict, Unpack

from django.db.models import Count, F, Q

from common import clock, hooks
from common.editing import created, known, locked, opened, written
from common.errors import Conflict, FieldError, Invalid
from common.verbs import verb
from permissions import engine
from permissions.access import Access
from permissions.actions import PERMISSION_LABELS, Action, Permission
from permissions.decisions import Decision, Refusal, Refused
from permissions.domain import owners
from permissions.domain.members import within
from permissions.enforce import require
from permissions.models import ApiKey, Membership, Role
from permissions.policies import of_organisation
from permissions.roles import BUILT_IN_ROLES

#: What holders are called, for sentences: one, and several.
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "members": ("member", "members"),
    "api_keys": ("API key", "API keys"),
    "invitations": ("invitation", "invitations"),
    "transfers": ("transfer of ownership", "transfers of ownership"),
}


class RoleChanges(TypedDict, total=False):
    """What can be changed of a role."""

    name: str
    description: str
    permissions: Sequence[str]


@verb
def create_role(
    actor: Access, *, organisation: Any, name: str, permissions: Sequence[str], description: str = ""
) -> Role:
    """Make a role of an organisation's own."""
    held = locked(organisation)
    _may_manage(actor, held)
    _check(held, None, {"name": name, "permissions": permissions})
    _not_beyond(actor, held, permissions)
    role = created(
        Role(organisation=held, name=name.strip(), description=description, permissions=sorted(set(permissions)))
    )
    _may_manage(actor, held)
    return role


@verb
def edit_role(actor: Access, *, role: Role, version: int | None = None, **changes: Unpack[RoleChanges]) -> Role:
    """Change a role of an organisation's own, for all who hold it, with their next request."""
    values = known(changes, RoleChanges)
    organisation, row = _opened(actor, role, version)
    _check(organisation, row, values)
    if "permissions" in values:
        _not_beyond(actor, organisation, values["permissions"])
        values["permissions"] = sorted(set(values["permissions"]))
    if "name" in values:
        values["name"] = values["name"].strip()
    row = written(row, values)
    _may_manage(actor, organisation)
    return row


@verb
def delete_role(actor: Access, *, role: Role, reassign_to: Role | None = None, version: int | None = None) -> None:
    """Delete a role of an organisation's own; whoever holds it gets ``reassign_to``.

    Raises:
        Conflict: somebody holds it, and nothing is said of what she is to have instead; ``holders`` counts them.
    """
    organisation, row = _opened(actor, role, version)
    holders = _held(row)
    if holders and reassign_to is None:
        raise Conflict(
            f"{row} is held by {said(holders)}. Say which role they are to have instead.",
            code="role_in_use",
            facts={"holders": holders, "count": sum(holders.values())},
        )
    if reassign_to is not None:
        if reassign_to.pk == row.pk:
            raise Invalid.one("/reassign_to", "same", "Choose another role than the one that goes.")
        _take_over(actor, organisation, row, reassign_to)
    # Keys that ended keep their place in the list: what they may is nothing.
    instead = reassign_to or Role.objects.get(organisation=None, key="viewer")
    ApiKey.objects.filter(role=row).update(role=instead, updated_at=clock.now())
    for hook in hooks.role_replaced:
        hook(actor, row, reassign_to)
    row.delete()
    _may_manage(actor, organisation)


def deletion_preview(actor: Access, *, role: Role) -> dict[str, Any]:
    """Who would be without the role; for those who may delete it."""
    _may_change(actor, role)
    found = _held(role)
    return {"role": role.name, "holders": found, "count": sum(found.values())}


def change_preview(actor: Access, *, role: Role, **changes: Unpack[RoleChanges]) -> dict[str, Any]:
    """What a change would give to, and take from, how many; for those who may change it."""
    _may_change(actor, role)
    wanted = known(changes, RoleChanges).get("permissions", role.permissions)
    found = _held(role)
    return {
        "role": role.name,
        "holders": found,
        "count": sum(found.values()),
        "gains": [str(one) for one in Permission if one in wanted and one not in role.permissions],
        "loses": [str(one) for one in Permission if one in role.permissions and one not in wanted],
    }


def decide_change(actor: Access, role: Role) -> Decision:
    """Whether the actor may change or delete a role (U4, U5, U6). The role's organisation at hand."""
    if role.organisation is None:
        reason = "The built-in roles are the same for everybody. Make a role of your own, beginning from this one."
        return _no("U4", reason)
    decision = engine.decide(actor, Action.ROLE_MANAGE, of_organisation(role.organisation))
    if not decision or actor.is_acting:
        return decision
    if _holds_herself(actor, role):
        return _no("U6", "Nobody changes the role that she holds herself; ask another account owner.")
    refusal = _beyond(actor, role.organisation_id, role.permissions)
    return decision if refusal is None else refusal


def changeable(actor: Access, organisation: Any, roles: Collection[Role]) -> set[int]:
    """The keys of those roles for which ``decide_change`` says yes, to somebody who manages the organisation's roles.

    One statement, whatever their number.
    """
    own = [role for role in roles if role.organisation_id == organisation.pk]
    if actor.is_acting:
        return {role.pk for role in own}
    hers = Membership.objects.filter(organisation=organisation, user=actor.user_id).values_list("role", flat=True)
    held = set(hers) if actor.user_id is not None else {role.pk for role in own if _holds_herself(actor, role)}
    return {
        role.pk for role in own if role.pk not in held and _beyond(actor, organisation.pk, role.permissions) is None
    }


def holders_of(roles: Collection[Role], organisation: Any) -> dict[int, dict[str, int]]:
    """How many hold each of some roles in an organisation, and as what. A fixed number of statements."""
    keys = [role.pk for role in roles]
    found: dict[int, dict[str, int]] = {key: {} for key in keys}
    here = Q(organisation=organisation, role__in=keys)
    living = Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=clock.now()))
    counted: list[tuple[str, Any]] = [
        ("members", Membership.objects.filter(here)),
        ("api_keys", ApiKey.objects.filter(here, living)),
    ]
    for name, rows in counted:
        for key, count in rows.order_by().values_list("role").annotate(n=Count("pk")):
            found[key][name] = count
    for hook in hooks.role_holders:
        for key, more in hook(keys, organisation).items():
            found[key].update(more)
    return found


def said(holders: Mapping[str, int]) -> str:
    """Holders in words: ``2 members and 1 API key``; empty for none."""
    parts = [f"{count} {WORDS[name][count != 1]}" for name, count in holders.items() if count]
    return " and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else "".join(parts)


def _holds_herself(actor: Access, role: Role) -> bool:
    """Whether she is a member by this role: also where she acts by a key that she made."""
    mine = Membership.objects.filter(role=role, organisation=role.organisation_id)
    if actor.user_id is not None:
        return mine.filter(user=actor.user_id).exists()
    makers = ApiKey.objects.filter(public_id=actor.actor).values("created_by")
    return ApiKey.objects.filter(public_id=actor.actor, role=role).exists() or mine.filter(user__in=makers).exists()


def _opened(actor: Access, role: Role, version: int | None) -> tuple[Any, Role]:
    """The role, locked after its organisation, and hers to change."""
    if role.organisation is not None:
        locked(role.organisation)
    row = opened(role, version, "organisation")
    _may_change(actor, row)
    return row.organisation, row


def _may_change(actor: Access, role: Role) -> None:
    if role.organisation is not None:
        _may_manage(actor, role.organisation)
    decision = decide_change(actor, role)
    if not decision:
        raise Refused(decision)


def _take_over(actor: Access, organisation: Any, row: Role, instead: Role) -> None:
    """Give everybody who holds the role another one. The ceilings hold for that one, too."""
    try:
        within(actor, organisation, instead, None)
    except Invalid as problem:
        errors = [FieldError("/reassign_to", one.code, one.detail) for one in problem.errors]
        raise Invalid(errors) from None
    if owners.is_owners(instead):
        # Owners of named units only are no account owners; that is said for each of them, not for many at once.
        raise Invalid.one("/reassign_to", "owner", "Make people account owners one by one.")
    Membership.objects.filter(role=row).update(role=instead, version=F("version") + 1, updated_at=clock.now())


def _held(role: Role) -> dict[str, int]:
    return holders_of([role], role.organisation)[role.pk]


def _check(organisation: Any, row: Role | None, values: Mapping[str, Any]) -> None:
    errors: list[FieldError] = []
    if "name" in values:
        errors += _check_name(organisation, row, values["name"].strip())
    if "permissions" in values:
        errors += _check_permissions(values["permissions"])
    if errors:
        raise Invalid(errors)


def _check_name(organisation: Any, row: Role | None, name: str) -> list[FieldError]:
    if not name:
        return [FieldError("/name", "blank", "Give the role a name.")]
    if name.casefold() in {role.name.casefold() for role in BUILT_IN_ROLES}:
        return [FieldError("/name", "built_in", "A built-in role is called that. Choose another name.")]
    others = Role.objects.filter(organisation=organisation, name__iexact=name)
    if (others.exclude(pk=row.pk) if row else others).exists():
        return [FieldError("/name", "taken", "Another of your roles is called that. Choose another name.")]
    return []


def _check_permissions(permissions: Sequence[str]) -> list[FieldError]:
    places = enumerate(permissions)
    unknown = [
        FieldError(f"/permissions/{place}", "unknown", f"There is no permission {one}.")
        for place, one in places
        if one not in set(Permission)
    ]
    if unknown:
        return unknown
    if not permissions:
        return [FieldError("/permissions", "empty", "Choose what the role lets people do.")]
    if Permission.VIEW not in permissions:
        told = f"Add “{PERMISSION_LABELS[Permission.VIEW]}” (view): without it a role gives nothing at all."
        return [FieldError("/permissions", "needs_view", told)]
    return []


def _not_beyond(actor: Access, organisation: Any, permissions: Sequence[str]) -> None:
    refusal = _beyond(actor, organisation.pk, permissions)
    if refusal is not None:
        raise Refused(refusal, "/permissions")


def _beyond(actor: Access, organisation_id: int | None, permissions: Sequence[str]) -> Decision | None:
    """The refusal when the permissions are more than the actor holds over the whole organisation."""
    if actor.is_acting:
        return None
    mine = {one for held in actor.held if held.organisation_id == organisation_id for one in held.permissions}
    more = [PERMISSION_LABELS[one] for one in Permission if one in permissions and one not in mine]
    if not more:
        return None
    return _no("U5", f"You may not {', '.join(more)} yourself; nobody gives or changes more than she holds.")


def _may_manage(actor: Access, organisation: Any) -> None:
    require(actor, Action.ROLE_MANAGE, of_organisation(organisation))


def _no(code: str, reason: str) -> Decision:
    return Decision(False, Action.ROLE_MANAGE, code, reason, Refusal.PERMISSION)
