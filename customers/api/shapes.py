"""What the API answers about customers, invitations and connections."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, TypedDict

from customers.domain.answers import Accepted
from customers.domain.invitations import Outcome
from customers.models import Invitation, Merge
from organisations.api.shapes import EnterpriseRef, Named
from organisations.enums import OrganisationKind
from organisations.models import Connection, Organisation
from permissions.api.schema import described, id_of


def named(row: Any) -> Named:
    """Something by id and name."""
    return {"id": row.public_id, "name": row.name}


class InvitationOut(TypedDict):
    """An offer to join an organisation, or to take its record over. Its link is in the mail and nowhere else."""

    id: Annotated[str, id_of("inv")]
    kind: Annotated[str, described("member: to join. claim: to take the record of a company over.")]
    organisation: Named
    email: str
    name: str
    role: Annotated[Named | None, described("Null when the role has been deleted: the invitation is dead.")]
    all_units: bool
    units: list[EnterpriseRef]
    message: str
    state: Annotated[str, described("pending, accepted, declined, revoked, expired or failed (the mail)")]
    invited_by: Annotated[str, described("Name of the person who answers for it.")]
    invited_for: Annotated[Named | None, described("The customer that invites; null when Hectare does.")]
    sent_at: Annotated[datetime | None, described("When the newest mail went out; null while it waits.")]
    times_sent: int
    expires_at: datetime
    answered_at: datetime | None
    ended_because: Annotated[str, described("Why it was revoked when nobody did it by hand; empty otherwise.")]
    created_at: datetime
    updated_at: datetime
    version: int


def invitation_out(row: Invitation) -> InvitationOut:
    """One invitation, with what it names at hand."""
    sender = row.invited_by
    return {
        "id": row.public_id,
        "kind": row.kind,
        "organisation": named(row.organisation),
        "email": row.email,
        "name": row.name,
        "role": named(row.role) if row.role else None,
        "all_units": row.all_units,
        "units": [{"id": unit.public_id, "name": unit.name} for unit in row.units.all()],
        "message": row.message,
        "state": row.state,
        "invited_by": "Hectare" if sender is None or sender.is_staff else str(sender),
        "invited_for": named(row.invited_for) if row.invited_for else None,
        "sent_at": row.sent_at,
        "times_sent": row.times_sent,
        "expires_at": row.expires_at,
        "answered_at": row.answered_at,
        "ended_because": row.ended_because,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


class OutcomeOut(TypedDict):
    """What became of one of many."""

    email: str
    name: str
    outcome: Annotated[str, described("invited, or a code that says why not")]
    detail: str
    invitation: Annotated[str | None, id_of("inv")]


class OutcomesOut(TypedDict):
    """What became of each, in the order in which they were sent."""

    results: list[OutcomeOut]


def outcomes_out(outcomes: Sequence[Outcome]) -> OutcomesOut:
    """All of them."""
    return {
        "results": [
            {
                "email": one.email,
                "name": one.name,
                "outcome": one.code,
                "detail": one.detail,
                "invitation": one.invitation.public_id if one.invitation else None,
            }
            for one in outcomes
        ]
    }


class AcceptedOut(TypedDict):
    """What you are now."""

    organisation: Named
    membership: Annotated[str, id_of("mem")]
    role: str
    account_created: Annotated[bool, described("Whether your account was made with it: sign in with the password.")]


def accepted_out(done: Accepted) -> AcceptedOut:
    """What came of accepting."""
    return {
        "organisation": named(done.invitation.organisation),
        "membership": done.membership.public_id,
        "role": done.membership.role.name,
        "account_created": done.is_new,
    }


class CompanyOut(TypedDict):
    """The public profile of the other side of a connection."""

    id: Annotated[str, id_of("org")]
    name: str
    town: str
    businesses: Annotated[list[str], described("The kinds of business it has: farm, store.")]


class ConnectionOut(TypedDict):
    """That two organisations know each other. What its recorder keeps of it is null for the other side."""

    id: Annotated[str, id_of("con")]
    company: CompanyOut
    recorded_by_you: Annotated[bool, described("Whether the organisation of the address recorded it.")]
    is_your_record: Annotated[
        bool, described("Whether the company's record is yours to edit, until somebody of the company claims it.")
    ]
    kind: Annotated[str | None, described("supplier, buyer, storage, logistics or other")]
    contact_name: str | None
    contact_email: str | None
    note: str | None
    created_at: datetime
    updated_at: datetime
    version: int


def connection_out(row: Connection, organisation: Organisation, kinds: Sequence[str]) -> ConnectionOut:
    """One connection, as an organisation sees it. Nothing is added for the side that did not record it."""
    own = row.organisation_id == organisation.pk
    company = row.other if own else row.organisation
    return {
        "id": row.public_id,
        "company": {
            "id": company.public_id,
            "name": company.name,
            "town": company.town,
            "businesses": list(kinds),
        },
        "recorded_by_you": own,
        "is_your_record": is_record_of(company, organisation),
        "kind": row.kind if own else None,
        "contact_name": row.contact_name if own else None,
        "contact_email": row.contact_email if own else None,
        "note": row.note if own else None,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


def is_record_of(company: Organisation, organisation: Organisation) -> bool:
    """Whether an organisation keeps the record of a company."""
    return company.kind == OrganisationKind.SHELL and company.created_by_organisation_id == organisation.pk


class RecordedOut(ConnectionOut):
    """A connection that was made, and the invitation that was sent with it."""

    is_new: Annotated[bool, described("Whether a record was made; false: the company was known here already.")]
    invitation: Annotated[str | None, id_of("inv")]


class MergeOut(TypedDict):
    """Two records became one."""

    id: Annotated[str, id_of("mrg")]
    loser: Named
    winner: Named
    reason: str
    moved: Annotated[dict[str, Any], described("By kind: the ids that moved, were renamed, given up or revoked.")]
    created_at: datetime


def merge_out(row: Merge) -> MergeOut:
    """One merge."""
    return {
        "id": row.public_id,
        "loser": named(row.loser),
        "winner": named(row.winner),
        "reason": row.reason,
        "moved": row.moved,
        "created_at": row.created_at,
    }
