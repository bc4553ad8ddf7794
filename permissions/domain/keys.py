"""API keys of organisations: ``hct_<id>_<secret>``, shown once, hashed at rest."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple

from django.db.models import Exists, OuterRef, Q

from common import clock
from common.editing import created, locked
from common.errors import FieldError, Invalid
from common.ids import is_id
from common.statements import Place, Statement
from common.verbs import verb
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.decisions import Decision, Refusal, Refused
from permissions.domain.members import all_there
from permissions.enforce import require
from permissions.models import ApiKey, Membership, Role
from permissions.policies import of_key, of_organisation

PREFIX: Final = "hct"
#: 160 random bits.
_SECRET_BYTES: Final = 20
#: How exact "last used" is: one write for each key in this time at most.
_USE: Final = timedelta(minutes=1)


class NewKey(NamedTuple):
    """A key that was just made, and its text, which is nowhere else and is not shown again."""

    key: ApiKey
    secret: str


@verb
def make_key(
    actor: Access,
    *,
    organisation: Any,
    name: str,
    role: Role,
    scopes: Sequence[str],
    units: Sequence[Any] | None = None,
    expires_at: datetime | None = None,
) -> NewKey:
    """Make a key for programs that act for the organisation.

    Args:
        role: what the key may do, as for a person; never more than its maker may, whatever happens later.
        scopes: the permissions of the role that the key uses.
        units: the units that it covers; all of them when ``None``.
        expires_at: when it ends.
    """
    require(actor, Action.API_KEY_MANAGE, of_organisation(organisation))
    if actor.user_id is None:
        reason = "A key is made by a person, whose rights it borrows; a key makes no keys."
        raise Refused(Decision(False, Action.API_KEY_MANAGE, "K1", reason, Refusal.PERMISSION))
    _check(organisation, role, scopes, units, expires_at)
    secret = secrets.token_hex(_SECRET_BYTES)
    key = ApiKey(
        organisation=organisation,
        name=name,
        secret_hash=_hash(secret),
        role=role,
        all_units=units is None,
        scopes=sorted(set(scopes)),
        expires_at=expires_at,
        created_by_id=actor.user_id,
    )
    created(key)
    key.units.set(units or ())
    require(actor, Action.API_KEY_MANAGE, of_organisation(organisation))
    return NewKey(key, f"{PREFIX}_{key.public_id.removeprefix('key_')}_{secret}")


@verb
def revoke_key(actor: Access, *, key: ApiKey) -> ApiKey:
    """End a key at once, for good."""
    row = locked(key, "organisation")
    require(actor, Action.API_KEY_REVOKE, of_key(row))
    if row.revoked_at is None:
        row.revoked_at = clock.now()
        row.save(update_fields=["revoked_at", "updated_at"])
    return row


#: Its maker still manages the organisation's keys.
_MAKER: Final = Membership.objects.filter(
    user=OuterRef("created_by"),
    user__is_active=True,
    organisation=OuterRef("organisation"),
    is_active=True,
    all_units=True,
    role__permissions__contains=[str(Permission.MANAGE_API_KEYS)],
)
_BY_PUBLIC_ID: Final = Statement(
    lambda: (
        ApiKey.objects.select_related("organisation", "role", "created_by")
        .annotate(maker_manages=Exists(_MAKER))
        .filter(public_id=Place("id"), organisation__archived_at=None)
    )
)


def find_key(text: str) -> ApiKey | None:
    """The live key with this text.

    ``None`` for everything else, after the same work: malformed, unknown, wrong, expired, revoked, of an archived
    organisation, or made by somebody who may no longer manage its keys.
    """
    kind, _, rest = text.partition("_")
    public, _, secret = rest.partition("_")
    public_id = f"key_{public}"
    well_formed = kind == PREFIX and is_id(public_id, "key")
    kept = _BY_PUBLIC_ID.instances(id=public_id if well_formed else "")
    found: ApiKey | None = kept[0] if kept else None
    right = secrets.compare_digest(found.secret_hash if found else _hash(""), _hash(secret))
    if found is None or not right or not _is_live(found):
        return None
    return found


def record_use(key: ApiKey) -> None:
    """Remember when a key was last used, to the minute."""
    current = clock.now()
    due = Q(last_used_at=None) | Q(last_used_at__lt=current - _USE)
    if key.last_used_at is None or key.last_used_at < current - _USE:
        ApiKey.objects.filter(due, pk=key.pk).update(last_used_at=current)


def _is_live(key: ApiKey) -> bool:
    if key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= clock.now()):
        return False
    return bool(key.maker_manages)  # type: ignore[attr-defined]


def _hash(secret: str) -> str:
    # Plain SHA-256 is enough: the secret is random, so there is nothing to guess faster.
    return hashlib.sha256(secret.encode()).hexdigest()


def _missing(organisation: Any, units: Sequence[Any]) -> list[str]:
    """Where units stand in the request that are another's, or are deleted at this moment."""
    foreign = [f"/units/{place}" for place, unit in enumerate(units) if unit.organisation_id != organisation.pk]
    return foreign if foreign or all_there(units) else ["/units"]


def _check(
    organisation: Any, role: Role, scopes: Sequence[str], units: Sequence[Any] | None, expires_at: datetime | None
) -> None:
    errors: list[FieldError] = []
    if role.organisation_id not in (None, organisation.pk):
        errors.append(FieldError("/role", "not_found", "Not found."))
    if not scopes:
        errors.append(FieldError("/scopes", "empty", "Choose what the key may do."))
    for place, scope in enumerate(scopes):
        if scope not in role.permissions:
            errors.append(FieldError(f"/scopes/{place}", "not_in_role", f"The role {role} does not include {scope}."))
    if units is not None and not units:
        errors.append(FieldError("/units", "empty", "Choose at least one unit, or all of them."))
    errors += [FieldError(pointer, "not_found", "Not found.") for pointer in _missing(organisation, units or ())]
    if expires_at is not None and expires_at <= clock.now():
        errors.append(FieldError("/expires_at", "past", "Choose a time that is still to come."))
    if errors:
        raise Invalid(errors)
