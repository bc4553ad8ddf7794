"""Two records of one company become one: staff move everything of the one (the loser) to the other (the winner).

Nothing is thrown away: what cannot move is named in the record of the merge, and the audit trail keeps it as it was.
The loser is archived and leads to the winner from then on. What the merge decides, and why: decision 0012.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.db.models import Q

from common import clock, hooks
from common.editing import created, written
from common.errors import Conflict, FieldError, Invalid
from common.verbs import verb
from customers.domain import merge_mails
from customers.domain.accounts import end_sessions
from customers.domain.invitations import end_all
from customers.enums import InvitationStatus, RemovalStatus, TransferStatus
from customers.models import AccessRequest, ExternalId, Invitation, Merge, OwnershipTransfer, Removal
from organisations.enums import OrganisationKind
from organisations.models import BusinessUnit, Connection, Organisation
from organisations.rules import of_organisation
from permissions.access import Access
from permissions.actions import Action
from permissions.domain.owners import owners
from permissions.enforce import require
from permissions.models import ApiKey, Grant, Membership, Role

#: What the records say of the company; staff choose whose word stands.
FIELDS: Final = ("name", "town", "postcode")
NUMBERS: Final = ("company_number", "vat_number")
#: Whose people hold what afterwards: over what moved with them, or over all of the winner.
PEOPLE: Final = ("moved", "whole")
#: What staff choose, with what can be chosen; the first is what happens when they say nothing.
CHOICES: Final = {**dict.fromkeys(FIELDS, ("winner", "loser")), "people": PEOPLE}
#: Kinds of records, by what becomes of them.
MOVES: Final = (
    "access_requests",
    "api_keys_revoked",
    "connections",
    "connections_given_up",
    "external_ids",
    "invitations_revoked",
    "kept_by",
    "memberships",
    "memberships_given_up",
    "merged_before",
    "not_kept_any_more_by",
    "people_without_units",
    "roles",
    "shells",
    "transfers_cancelled",
    "units",
)


@dataclass
class Moved:
    """What happened to each record, by public id: what a ``Merge`` keeps."""

    rows: dict[str, Any] = field(default_factory=dict)

    def add(self, what: str, public_id: str, note: str = "") -> None:
        """One record moved; or, with a note, what else became of it."""
        assert what in MOVES, what
        self.rows.setdefault(what, []).append({"id": public_id, "note": note} if note else public_id)


class _Undo(Exception):
    """Ends a dry run."""


def preview(actor: Access, *, loser: Organisation, winner: Organisation, choices: Mapping[str, str]) -> dict[str, Any]:
    """A dry run: what differs, what stands in conflict, what would move and what would die. Nothing is kept.

    It is the merge itself, rolled back: so it cannot say anything else than what would happen. ``preview`` in the
    answer stands for all of it: the merge that is given it does that, or nothing.
    """
    _may_merge(actor, loser, winner)
    told: dict[str, Any] = {}
    try:
        with transaction.atomic():
            told = _tell(actor, loser, winner)
            told |= _run(actor, loser, winner, choices).rows
            told["preview"] = _stamp(loser, winner, choices, told)
            raise _Undo
    except _Undo:
        return told


@verb
def merge(
    actor: Access,
    *,
    loser: Organisation,
    winner: Organisation,
    reason: str,
    choices: Mapping[str, str] | None = None,
    seen: str | None = None,
) -> Merge:
    """Move everything of the loser to the winner, in one transaction, and write down what moved.

    Args:
        choices: ``name``, ``town`` and ``postcode`` say whose word stands (``winner`` unless ``loser``); ``people``
            says what the loser's people hold: over the units that moved with them (``moved``), or over all of the
            winner (``whole``).
        seen: the ``preview`` that was looked at; ``None`` does not ask.

    Raises:
        Invalid: nothing was looked at.
        Conflict: what was looked at is not what would happen, or not any more.
    """
    differ = _differences(loser, winner) if seen is not None else []
    moved = _run(actor, loser, winner, choices or {})
    if seen == "":
        raise Invalid.one("/preview", "required", "Look at what would happen first.")
    if seen is not None and seen != _stamp(loser, winner, choices or {}, {"differences": differ, **moved.rows}):
        told = "This is not what you looked at, or something has changed since. Look at what would happen now."
        raise Conflict(told, code="preview_stale")
    row = Merge(loser=loser, winner=winner, merged_by_id=actor.user_id, reason=reason.strip(), moved=moved.rows)
    return created(row)


# --- looking --------------------------------------------------------------------------------------------------------


def _tell(actor: Access, loser: Organisation, winner: Organisation) -> dict[str, Any]:
    units, held = BusinessUnit.objects.filter(organisation=loser), BusinessUnit.objects.filter(organisation=winner)
    both = _in_both(loser, winner)
    between = Grant.objects.filter(
        Q(content_object__unit__organisation=loser, group__enterprise__unit__organisation=winner)
        | Q(content_object__unit__organisation=winner, group__enterprise__unit__organisation=loser)
    )
    cycles: dict[str, Any] = {}
    hooks.archive_preview(actor, list(units.filter(business__isnull=False).values_list("pk", flat=True)), cycles)
    return {
        "differences": _differences(loser, winner),
        "same_unit_names": sorted(
            set(units.filter(archived_at=None).values_list("name", flat=True))
            & set(held.filter(archived_at=None).values_list("name", flat=True))
        ),
        "people_in_both": sorted(str(one.user) for one in both),
        "grants_between_them": between.count(),
        "totals": totals(loser, winner),
        **cycles,
    }


def _differences(loser: Organisation, winner: Organisation) -> list[dict[str, str]]:
    now = Organisation.objects.in_bulk([loser.pk, winner.pk])
    left, right = now[loser.pk], now[winner.pk]
    return [
        {"field": name, "loser": getattr(left, name), "winner": getattr(right, name)}
        for name in ("kind", *FIELDS, *NUMBERS)
        if getattr(left, name) != getattr(right, name)
    ]


def _stamp(loser: Organisation, winner: Organisation, choices: Mapping[str, str], told: Mapping[str, Any]) -> str:
    """What stands for a merge of these two with these choices and all that it does."""
    whole = {
        "pair": [loser.public_id, winner.public_id],
        "choices": {name: choices.get(name, first) for name, (first, *_) in CHOICES.items()},
        "differences": told["differences"],
        "moved": {name: told[name] for name in MOVES if name in told},
    }
    return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:32]


def totals(*organisations: Organisation) -> dict[str, int]:
    """What organisations hold together: as much after a merge as before it."""
    return {
        "units": BusinessUnit.objects.filter(organisation__in=organisations).count(),
        "people": Membership.objects.filter(organisation__in=organisations).values("user").distinct().count(),
        "roles": Role.objects.filter(organisation__in=organisations).count(),
        "shells": Organisation.objects.filter(created_by_organisation__in=organisations).count(),
        "external_ids": ExternalId.objects.filter(organisation__in=organisations).count(),
    }


def _in_both(loser: Organisation, winner: Organisation) -> list[Membership]:
    there = Membership.objects.filter(organisation=winner).values("user")
    return list(Membership.objects.filter(organisation=loser, user__in=there).select_related("user", "role"))


# --- doing ----------------------------------------------------------------------------------------------------------


def _run(actor: Access, loser: Organisation, winner: Organisation, choices: Mapping[str, str]) -> Moved:
    _may_merge(actor, loser, winner)
    _check_choices(choices)
    if loser.pk == winner.pk:
        raise Invalid.one("/into", "same", "These are one and the same record.")
    # In the order of their keys, as everybody locks them.
    pks = sorted((loser.pk, winner.pk))
    rows = {one.pk: one for one in Organisation.objects.select_for_update().filter(pk__in=pks).order_by("pk")}
    left, right = rows[loser.pk], rows[winner.pk]
    for one in (left, right):
        _can_merge(one)
    enterprises = BusinessUnit.objects.filter(organisation__in=pks, business__isnull=False)
    hooks.settle(list(enterprises.values_list("pk", flat=True)))
    moved = Moved()
    # A record that nobody had claimed becomes the customer that the other one is, with its people as they were.
    becomes_full = right.kind == OrganisationKind.SHELL and left.kind == OrganisationKind.FULL
    units = _units(left, right, moved)
    _end_offers(left, moved)
    _roles(left, right, moved)
    _people(left, right, units, moved, whole=becomes_full or choices.get("people") == "whole")
    _connections(left, right, moved)
    _references(left, right, moved)
    _keys(left, moved)
    keeper = _keeper(left, right, moved, becomes_full=becomes_full)
    _records(left, right, choices, keeper, becomes_full=becomes_full)
    return moved


def _may_merge(actor: Access, *organisations: Organisation) -> None:
    for one in organisations:
        require(actor, Action.CUSTOMER_MERGE, of_organisation(one))


def _check_choices(choices: Mapping[str, str]) -> None:
    allowed = CHOICES
    errors = [
        FieldError(
            f"/choices/{name}", "unknown_choice", f"Choose one of: {', '.join(allowed.get(name, ()) or allowed)}."
        )
        for name, value in choices.items()
        if value not in allowed.get(name, ())
    ]
    if errors:
        raise Invalid(errors)


def _can_merge(one: Organisation) -> None:
    if one.merged_into_id is not None or one.removed_at is not None:
        raise Conflict(f"{one} has been merged or removed already.", code="merged_already")
    if one.is_archived:
        raise Conflict(f"{one} has been put away. Restore it first.", code="archived")
    if Removal.objects.filter(organisation=one, status=RemovalStatus.SCHEDULED).exists():
        raise Conflict(f"{one} is being removed. Restore it first.", code="being_removed")


def _units(loser: Organisation, winner: Organisation, moved: Moved) -> list[BusinessUnit]:
    rows = list(BusinessUnit.objects.select_for_update().filter(organisation=loser).order_by("pk"))
    taken = set(BusinessUnit.objects.filter(organisation=winner, archived_at=None).values_list("name", flat=True))
    for unit in rows:
        name = unit.name if unit.is_archived else _free(unit.name, taken)
        moved.add("units", unit.public_id, "" if name == unit.name else f"renamed from {unit.name!r} to {name!r}")
        unit.organisation, unit.name, unit.version = winner, name, unit.version + 1
        unit.save(update_fields=["organisation", "name", "version", "updated_at"])
        if not unit.is_archived:
            taken.add(name)
    return rows


def _free(name: str, taken: set[str], most: int = 200) -> str:
    number, free = 2, name
    while free in taken:
        ending = f" ({number})"
        number, free = number + 1, name[: most - len(ending)] + ending
    return free


def _end_offers(loser: Organisation, moved: Moved) -> None:
    """Links that were sent for the loser die; whoever still wants them sends them anew for the winner."""
    waiting = Invitation.objects.filter(
        Q(organisation=loser) | Q(invited_for=loser), status__in=[InvitationStatus.PENDING, InvitationStatus.FAILED]
    )
    for invitation in end_all(waiting.order_by("pk"), "The organisation was merged with another record of it."):
        moved.add("invitations_revoked", invitation.public_id)
    transfers = OwnershipTransfer.objects.filter(organisation=loser, status=TransferStatus.PENDING)
    for transfer in transfers.select_for_update().order_by("pk"):
        written(transfer, {"status": TransferStatus.CANCELLED, "answered_at": clock.now()})
        moved.add("transfers_cancelled", transfer.public_id)


def _roles(loser: Organisation, winner: Organisation, moved: Moved) -> None:
    taken = set(Role.objects.filter(organisation=winner).values_list("name", flat=True))
    for role in Role.objects.select_for_update().filter(organisation=loser).order_by("pk"):
        name = _free(role.name, taken, 80)
        moved.add("roles", role.public_id, "" if name == role.name else f"renamed from {role.name!r} to {name!r}")
        written(role, {"organisation_id": winner.pk, "name": name})
        taken.add(name)


def _people(loser: Organisation, winner: Organisation, units: list[BusinessUnit], moved: Moved, *, whole: bool) -> None:
    """Everybody of the loser's joins the winner; nobody comes to hold more of the winner's than she did.

    Over what moved with her she keeps what she held. Who was in both keeps her membership of the winner, and gets the
    moved units with it where her role there may no more than the one she had over them.
    """
    both = {one.user_id: one for one in Membership.objects.filter(organisation=winner).select_related("role")}
    rows = Membership.objects.select_for_update(of=("self",)).filter(organisation=loser).select_related("role", "user")
    rows = rows.prefetch_related("units")
    for row in list(rows.order_by("pk")):
        had = units if row.all_units else list(row.units.all())
        end_sessions(row.user)
        if (there := both.get(row.user_id)) is not None:
            moved.add("memberships_given_up", row.public_id, _joined_up(row, there, had))
            row.delete()
            continue
        stays_whole = row.all_units and whole
        values: dict[str, Any] = {"organisation_id": winner.pk, "all_units": stays_whole}
        if row.all_units and not stays_whole:
            _give(row, units)
            if not units:
                # A membership without a unit gives nothing; it stays to be seen, and to be given units.
                moved.add("people_without_units", row.public_id)
        written(row, values)
        moved.add("memberships", row.public_id)


def _give(membership: Membership, units: list[BusinessUnit]) -> None:
    given: Any = Membership.units.through
    given.objects.bulk_create(
        (given(membership=membership, businessunit=unit) for unit in units), ignore_conflicts=True
    )


def _joined_up(row: Membership, there: Membership, had: list[BusinessUnit]) -> str:
    if there.all_units and there.is_active:
        return f"{there.public_id} stands, over all units"
    may_no_more = row.is_active and there.is_active and set(there.role.permissions) <= set(row.role.permissions)
    if not may_no_more:
        return f"{there.public_id} stands, without the units that moved"
    _give(there, had)
    return f"{there.public_id} stands, with the units that moved"


def _connections(loser: Organisation, winner: Organisation, moved: Moved) -> None:
    for row in Connection.objects.select_for_update().filter(Q(organisation=loser) | Q(other=loser)).order_by("pk"):
        one = winner.pk if row.organisation_id == loser.pk else row.organisation_id
        other = winner.pk if row.other_id == loser.pk else row.other_id
        if one == other:
            moved.add("connections_given_up", row.public_id, "between the two")
            row.delete()
            continue
        there = Connection.objects.select_for_update().filter(organisation_id=one, other_id=other).first()
        if there is None:
            written(row, {"organisation_id": one, "other_id": other})
            moved.add("connections", row.public_id)
            continue
        _keep_notes(row, there)
        moved.add("connections_given_up", row.public_id, f"the same as {there.public_id}")
        row.delete()


def _keep_notes(row: Connection, there: Connection) -> None:
    """What the recorder noted goes on to the connection that stays: it is the recorder's own."""
    notes = " / ".join(note for note in dict.fromkeys((there.note, row.note)) if note)[:500]
    contact = (there.contact_name, there.contact_email)
    name, email = contact if any(contact) else (row.contact_name, row.contact_email)
    written(there, {"note": notes, "contact_name": name, "contact_email": email})


def _references(loser: Organisation, winner: Organisation, moved: Moved) -> None:
    for shell in Organisation.objects.select_for_update().filter(created_by_organisation=loser).order_by("pk"):
        written(shell, {"created_by_organisation_id": None if shell.pk == winner.pk else winner.pk})
        moved.add("shells", shell.public_id)
        if shell.pk == winner.pk:
            winner.refresh_from_db()
    for before in Organisation.objects.select_for_update().filter(merged_into=loser).order_by("pk"):
        written(before, {"merged_into_id": winner.pk})
        moved.add("merged_before", before.public_id)
    for external in ExternalId.objects.filter(organisation=loser).order_by("pk"):
        moved.add("external_ids", str(external))
    ExternalId.objects.filter(organisation=loser).update(organisation=winner)
    for request in AccessRequest.objects.select_for_update().filter(organisation=loser).order_by("pk"):
        written(request, {"organisation_id": winner.pk})
        moved.add("access_requests", request.public_id)


def _keys(loser: Organisation, moved: Moved) -> None:
    """The loser's keys end: who holds one was told what it opens, and that is something else now."""
    for key in ApiKey.objects.select_for_update().filter(organisation=loser, revoked_at=None).order_by("pk"):
        key.revoked_at = clock.now()
        key.save(update_fields=["revoked_at", "updated_at"])
        moved.add("api_keys_revoked", key.public_id)


def _keeper(loser: Organisation, winner: Organisation, moved: Moved, *, becomes_full: bool) -> Organisation | None:
    """Who keeps the record afterwards, when nobody has claimed it: who kept the winner, or else the loser.

    Who kept one of the two and does not keep it any more is told.
    """
    kept = [
        (one, one.created_by_organisation)
        for one in (winner, loser)
        if one.kind == OrganisationKind.SHELL and one.created_by_organisation is not None
    ]
    stays_record = winner.kind == OrganisationKind.SHELL and not becomes_full
    keeper = kept[0][1] if stays_record and kept else None
    for record, by in kept:
        assert by is not None
        if by == keeper:
            moved.add("kept_by", by.public_id)
        elif by.pk not in (loser.pk, winner.pk):
            moved.add("not_kept_any_more_by", by.public_id)
            merge_mails.tell(owners(by), by, record=record, into=winner)
    return keeper if stays_record else winner.created_by_organisation


def _records(
    loser: Organisation,
    winner: Organisation,
    choices: Mapping[str, str],
    keeper: Organisation | None,
    *,
    becomes_full: bool,
) -> None:
    values: dict[str, Any] = {
        name: getattr(loser, name) for name in FIELDS if choices.get(name) == "loser" or not getattr(winner, name)
    }
    freed: dict[str, Any] = {}
    for name in NUMBERS:
        if getattr(loser, name) and not getattr(winner, name):
            # Both records cannot have the number, not for a moment.
            freed[name], values[name] = "", getattr(loser, name)
    if becomes_full:
        values |= {"kind": OrganisationKind.FULL, "claimed_at": loser.claimed_at or clock.now()}
    written(loser, {**freed, "archived_at": clock.now(), "merged_into": winner})
    written(winner, {**values, "created_by_organisation": keeper})
