"""Which organisations know each other."""

from __future__ import annotations

from typing import TypedDict, Unpack

from common.editing import created, known, locked, opened, written
from common.errors import Conflict, Invalid
from common.locks import share
from common.verbs import verb
from organisations import rules as targets
from organisations.enums import ConnectionKind
from organisations.models import Connection, Organisation
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.domain.members import works
from permissions.enforce import require


class ConnectionChanges(TypedDict, total=False):
    """What the organisation that recorded a connection keeps of it."""

    kind: ConnectionKind
    contact_name: str
    contact_email: str
    note: str


@verb
def connect(
    actor: Access,
    *,
    organisation: Organisation,
    other: Organisation,
    kind: ConnectionKind = ConnectionKind.OTHER,
    contact_name: str = "",
    contact_email: str = "",
    note: str = "",
) -> Connection:
    """Record that an organisation knows another for a business reason: each sees the other's public profile.

    The other one is somebody whose public profile the actor sees already; who names any other is told "not found", as
    naming it would show it. Companies that are not known yet are recorded (``customers.domain.companies``).
    """
    held = locked(organisation)
    require(actor, Action.ORGANISATION_RECORD, targets.of_organisation(held))
    works(held)
    if not engine.decide(actor, Action.ORGANISATION_VIEW_PROFILE, targets.of_organisation(other)):
        raise Invalid.one("/other", "not_found", "Not found.")
    if organisation == other:
        raise Invalid.one("/other", "same", "An organisation needs no connection to itself.")
    if Connection.objects.filter(organisation=organisation, other=other).exists():
        raise Invalid.one("/other", "connected_already", "They are connected already.")
    made = created(
        Connection(
            organisation=held,
            other=other,
            kind=kind,
            contact_name=contact_name.strip(),
            contact_email=contact_email.strip(),
            note=note.strip(),
        )
    )
    stands(other)
    return made


def stands(other: Organisation) -> None:
    """The other side is not put away or merged meanwhile: who does that is waited for, or waits until all is written.

    Raises:
        Conflict: it was.
    """
    share(Organisation.objects.filter(pk=other.pk), key=True)
    other.refresh_from_db()
    if other.is_archived:
        raise Conflict("This company cannot be connected just now; look again.", code="archived")


@verb
def edit_connection(
    actor: Access, *, connection: Connection, version: int | None = None, **changes: Unpack[ConnectionChanges]
) -> Connection:
    """Change why an organisation knows another, and what it notes of it. The other side sees neither."""
    values = known(changes, ConnectionChanges)
    row = opened(connection, version, "organisation", "other")
    require(actor, Action.CONNECTION_EDIT, targets.of_connection(row))
    row = written(row, {name: value.strip() for name, value in values.items()})
    require(actor, Action.CONNECTION_EDIT, targets.of_connection(row))
    return row


@verb
def disconnect(actor: Access, *, connection: Connection, version: int | None = None) -> None:
    """End a connection from the side that recorded it; neither sees the other by it from the next request on."""
    row = opened(connection, version, "organisation", "other")
    require(actor, Action.CONNECTION_EDIT, targets.of_connection(row))
    row.delete()
