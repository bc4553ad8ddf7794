"""Sending invitations: to join an organisation, or to take over the record that was made of a company.

Who sends one never learns whether the address belongs to anybody: the answer is the same, and nothing happens to an
existing account until its owner consents (attack 41). The mail, and the link in it, are made when it is sent
(``customers.domain.invitation_mails``).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet

from common import clock, limits
from common.editing import created, locked, opened, written
from common.emails import normal, spellings
from common.errors import Conflict, DomainError, Invalid
from common.verbs import verb
from customers.domain.invitation_life import expiry, may_send, sender_of
from customers.domain.mode import must_take_on
from customers.enums import InvitationKind, InvitationStatus
from customers.models import Invitation, User
from customers.rules import of_invitation
from mails import outbox
from organisations.enums import OrganisationKind
from organisations.models import Organisation
from organisations.rules import of_organisation
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.domain.members import OWNER, within
from permissions.enforce import require
from permissions.models import Membership, Role

#: People that are invited in one go.
MOST = 100


@dataclass(frozen=True)
class Wanted:
    """Somebody to invite.

    Attributes:
        units: ``None`` for all units of the organisation.
        problem: what was wrong with the line that names her, found before; she is not invited then.
        line: its number in the list that she comes from, if she does.
    """

    email: str
    role: Role | None = None
    units: Sequence[Any] | None = None
    name: str = ""
    problem: str = ""
    line: int | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of one of many.

    Attributes:
        code: ``invited``, or why not.
        detail: in words.
        line: as it was in ``Wanted``.
    """

    email: str
    name: str
    code: str
    detail: str
    invitation: Invitation | None = None
    line: int | None = None


@verb
def invite(
    actor: Access,
    *,
    organisation: Organisation,
    email: str,
    role: Role,
    units: Sequence[Any] | None = None,
    name: str = "",
    message: str = "",
) -> Invitation:
    """Invite somebody to join an organisation, with a role over all its units or the given ones.

    Raises:
        Refused: the actor does not manage its people, or gives more than she holds (U5).
        TooMany: too many invitations in the last hour.
    """
    held = _may_invite(actor, organisation)
    _spend(actor, held, 1)
    made = _member(actor, held, Wanted(email, role, units, name), message)
    require(actor, Action.MEMBERSHIP_MANAGE, of_organisation(held))
    return made


@verb
def invite_many(
    actor: Access, *, organisation: Organisation, rows: Sequence[Wanted], message: str = ""
) -> list[Outcome]:
    """Invite many. Each row counts for itself: what is wrong with one is said of it, and the others are invited.

    Against the limit of the hour those count who are invited; when they do not fit, nobody is. A row that is refused
    costs nothing and tells nothing: only the organisation's own people and invitations are looked at, which the actor
    sees anyway.
    """
    if not 1 <= len(rows) <= MOST:
        raise Invalid.one("/rows", "count", f"Name between one and {MOST} people.")
    held = _may_invite(actor, organisation)
    seen: set[str] = set()
    outcomes = []
    for row in rows:
        outcome = replace(_one_of_many(actor, held, row, message, seen), line=row.line)
        outcomes.append(outcome)
        if outcome.invitation is not None:
            seen.add(outcome.invitation.email)
    if invited := sum(1 for one in outcomes if one.invitation):
        _spend(actor, held, invited)
    require(actor, Action.MEMBERSHIP_MANAGE, of_organisation(held))
    return outcomes


def _one_of_many(actor: Access, organisation: Organisation, row: Wanted, message: str, seen: set[str]) -> Outcome:
    if row.problem:
        return Outcome(row.email, row.name, "unreadable", row.problem)
    if normal(row.email) in seen:
        return Outcome(row.email, row.name, "duplicate", "This address is already further up in the list.")
    try:
        with transaction.atomic():
            made = _member(actor, organisation, row, message)
    except DomainError as problem:
        errors = problem.errors if isinstance(problem, Invalid) else ()
        code = errors[0].code if errors else problem.code
        return Outcome(row.email, row.name, code, " ".join(one.detail for one in errors) or problem.detail)
    return Outcome(row.email, row.name, "invited", "Invited.", made)


@verb
def invite_to_claim(
    actor: Access, *, organisation: Organisation, email: str, name: str = "", message: str = ""
) -> Invitation:
    """Invite somebody to take over the record of her company as its account owner.

    For the customer that recorded it, and for staff who act (a claim without an invitation needs them).

    Raises:
        Refused: not hers to invite, or nobody takes on customers at present (Q2).
    """
    record = locked(organisation)
    require(actor, Action.ORGANISATION_INVITE_TO_CLAIM, of_organisation(record))
    must_take_on()
    sponsor = None if actor.is_acting else record.created_by_organisation
    _spend(actor, sponsor, 1)
    row = _new(actor, record, InvitationKind.CLAIM, email, name, message, sponsor)
    row.role = Role.objects.get(organisation=None, key=OWNER)
    made = _sent(row, None)
    require(actor, Action.ORGANISATION_INVITE_TO_CLAIM, of_organisation(record))
    return made


def approve_claim(actor: Access, *, organisation: Organisation, email: str, name: str, message: str = "") -> Invitation:
    """Staff approve that somebody takes over a record: she is sent an invitation to do so."""
    return invite_to_claim(actor, organisation=organisation, email=email, name=name, message=message)


@verb
def resend(actor: Access, *, invitation: Invitation, version: int | None = None) -> Invitation:
    """Send an invitation again, for another seven days, also when it has expired. Its older links die.

    Whoever sends it again answers for it from now on, and gives no more than she holds.
    """
    organisation = locked(invitation.organisation)
    row = opened(invitation, version, "organisation", "role", "invited_for")
    require(actor, Action.INVITATION_MANAGE, of_invitation(row))
    may_send(actor, row)
    if row.kind == InvitationKind.CLAIM:
        must_take_on()
    _spend(actor, row.invited_for if row.kind == InvitationKind.CLAIM else organisation, 1)
    _none_waits(actor, row.organisation, row.email, but=row)
    values = {
        "status": InvitationStatus.PENDING,
        "expires_at": expiry(),
        "invited_by_id": sender_of(actor),
        "token_hash": "",
    }
    row = written(row, values)
    _post(row)
    require(actor, Action.INVITATION_MANAGE, of_invitation(row))
    return row


@verb
def revoke(actor: Access, *, invitation: Invitation, version: int | None = None) -> Invitation:
    """Take an invitation back: its link dies at once."""
    locked(invitation.organisation)
    row = opened(invitation, version, "organisation", "role")
    require(actor, Action.INVITATION_MANAGE, of_invitation(row))
    return end(row, InvitationStatus.REVOKED)


def end(row: Invitation, status: InvitationStatus, because: str = "") -> Invitation:
    """Write down how a locked invitation ended; nothing finds it by a token any more."""
    return written(
        row, {"status": status, "token_hash": "", "answered_at": clock.now(), "ended_because": because[:200]}
    )


def end_all(rows: Iterable[Invitation], because: str = "") -> list[Invitation]:
    """Take back what still waits among some, such as those of an organisation that goes.

    Args:
        because: why, for whoever looks after them; names nobody.
    """
    waiting = (InvitationStatus.PENDING, InvitationStatus.FAILED)
    # Whoever answers one of them at this moment was waited for.
    return [end(row, InvitationStatus.REVOKED, because) for row in map(locked, rows) if row.status in waiting]


def sent_by(user_ids: Collection[int]) -> QuerySet[Invitation]:
    """What people have sent, by keys of theirs too, and nobody has answered.

    The records that they offer to give away are held: whoever accepts at this moment is waited for, or waits.
    """
    rows = Invitation.objects.filter(
        invited_by__in=user_ids, status__in=[InvitationStatus.PENDING, InvitationStatus.FAILED]
    ).order_by("pk")
    claims = rows.filter(kind=InvitationKind.CLAIM).order_by().values("organisation")
    # Asked for, so that they are held.
    list(Organisation.objects.select_for_update().filter(pk__in=claims).order_by("pk").values_list("pk"))
    return rows


def end_beyond(sender: User, organisation: Organisation) -> list[Invitation]:
    """Take back what somebody sent for an organisation and may not give any more, as she is there now."""
    access = Access.for_user(sender)
    return end_all(
        [one for one in _for(sent_by([sender.pk]), organisation) if not _gives(access, one)],
        "Who sent it may not give this any more.",
    )


def end_of(sender: User, organisation: Organisation) -> list[Invitation]:
    """Take back what somebody sent for an organisation that she leaves."""
    return end_all(_for(sent_by([sender.pk]), organisation), "Who sent it is not a member any more.")


def end_of_accounts(user_ids: Collection[int]) -> list[Invitation]:
    """Take back everything that was sent by people whose accounts are shut."""
    return end_all(sent_by(user_ids), "The account of whoever sent it was closed.")


def _for(rows: QuerySet[Invitation], organisation: Organisation) -> QuerySet[Invitation]:
    return rows.filter(Q(organisation=organisation) | Q(invited_for=organisation)).select_related(
        "organisation", "role"
    )


def _gives(sender: Access, row: Invitation) -> bool:
    try:
        may_send(sender, row)
    except DomainError:
        return False
    return True


# --- how it is done -------------------------------------------------------------------------------------------------


def _may_invite(actor: Access, organisation: Organisation) -> Organisation:
    held = locked(organisation)
    require(actor, Action.MEMBERSHIP_MANAGE, of_organisation(held))
    if held.kind != OrganisationKind.FULL:
        raise Conflict(f"{held} has no people yet. Invite somebody to take over its record.", code="shell")
    if held.is_archived:
        raise Conflict(f"{held} has been put away.", code="archived")
    return held


def _spend(actor: Access, organisation: Organisation | None, uses: int) -> None:
    """Count against the limits of the organisation and of the person; the organisation is locked."""
    keys = [f"user:{sender_of(actor)}"]
    if organisation is not None:
        keys.append(f"organisation:{organisation.public_id}")
    for key in keys:
        limits.spend(
            f"invitations:{key}",
            times=settings.INVITATIONS_PER_HOUR,
            within=timedelta(hours=1),
            detail="Too many invitations in the last hour, those sent again included. Try again later.",
            uses=uses,
        )


def _member(actor: Access, organisation: Organisation, wanted: Wanted, message: str) -> Invitation:
    if wanted.role is None:
        raise Invalid.one("/role", "required", "Choose a role.")
    within(actor, organisation, wanted.role, wanted.units)
    row = _new(actor, organisation, InvitationKind.MEMBER, wanted.email, wanted.name, message, organisation)
    members = Membership.objects.filter(organisation=organisation, user__email__in=spellings(row.email))
    # Whoever manages people sees the members anyway.
    if (member := members.select_related("user").first()) is not None:
        told = (
            "is a member already"
            if member.is_active
            else "is a member who has been deactivated; let that member in again"
        )
        raise Invalid.one("/email", "member_already", f"{member.user} {told}.")
    row.role = wanted.role
    return _sent(row, wanted.units)


def _new(
    actor: Access,
    organisation: Organisation,
    kind: InvitationKind,
    email: str,
    name: str,
    message: str,
    sponsor: Organisation | None,
) -> Invitation:
    address = normal(email)
    if address.rpartition("@")[2] in settings.STAFF_EMAIL_DOMAINS:
        raise Invalid.one("/email", "staff", "Hectare staff belong to no organisation.")
    _none_waits(actor, organisation, address)
    return Invitation(
        kind=kind,
        organisation=organisation,
        email=address,
        name=name.strip(),
        message=message.strip(),
        invited_by_id=sender_of(actor),
        invited_for=None if actor.is_acting else sponsor,
        expires_at=expiry(),
    )


def _none_waits(actor: Access, organisation: Organisation, email: str, but: Invitation | None = None) -> None:
    """No other invitation of this address waits; one that has expired or failed makes room.

    So does one that the actor may not know of, such as Hectare's to take over a record that she keeps: she could
    neither send it again nor revoke it, and a refusal would tell her that it is there.
    """
    waiting = Invitation.objects.filter(
        organisation=organisation,
        email__iexact=email,
        status__in=[InvitationStatus.PENDING, InvitationStatus.FAILED],
    ).exclude(pk=but.pk if but else 0)
    for one in waiting.select_for_update(of=("self",)).order_by("pk"):
        known = engine.decide(actor, Action.INVITATION_VIEW, of_invitation(one))
        if known and one.state == InvitationStatus.PENDING:
            told = f"{email} has been invited already. Send that invitation again, or revoke it."
            raise Invalid.one("/email", "invited_already", told)
        end(one, InvitationStatus.REVOKED, "The same person was invited anew.")


def _sent(row: Invitation, units: Sequence[Any] | None) -> Invitation:
    row.all_units = units is None
    made = created(row)
    carried: Any = Invitation.units.through
    carried.objects.bulk_create(carried(invitation=made, businessunit=unit) for unit in units or ())
    _post(made)
    return made


def _post(row: Invitation) -> None:
    kind = "claim" if row.kind == InvitationKind.CLAIM else "invitation"
    # In the log of the customer who sends it; a record that nobody has claimed has no log of its own.
    outbox.post(kind, recipient=row.email, about=row.public_id, organisation=row.invited_for or row.organisation)


__all__ = [
    "MOST",
    "Outcome",
    "Wanted",
    "approve_claim",
    "end",
    "end_all",
    "end_beyond",
    "end_of",
    "end_of_accounts",
    "invite",
    "invite_many",
    "invite_to_claim",
    "resend",
    "revoke",
    "sent_by",
]
