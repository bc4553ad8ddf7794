"""Staff act as a customer's person (S3): begun with a reason, ended in many ways, each in the audit trail.

Nobody signs in as her. The session stays the staff person's own, and with it its second factor, its hours and its end;
the row here says whom it acts as, and until when. What stays the person's own meanwhile: ``permissions.impersonation``.
"""

from __future__ import annotations

import hashlib
from datetime import timedelta

from django.conf import settings

from common import clock
from common.editing import created, locked
from common.errors import Conflict, ReauthenticationRequired
from common.verbs import verb
from customers.enums import ActingEnd
from customers.models import Impersonation, User
from customers.models.acting import LONGEST
from customers.rules import of_user
from mails import outbox
from permissions import engine, impersonation
from permissions.access import Access, Impersonator
from permissions.actions import Action
from permissions.enforce import require


@verb
def act_as(actor: Access, *, user: User, session_key: str, fresh: bool) -> Impersonation:
    """Begin to act as a person, in the session with this key. She is told by mail.

    Args:
        fresh: whether the actor has just now shown who she is; the door knows.

    Raises:
        Refused: the actor may not, or not as this person (S3); or acts as somebody at this moment (S4).
        ReauthenticationRequired: she has to confirm who she is first.
        Conflict: she acts as somebody in another browser.
    """
    impersonation.keep(actor, impersonation.STAFF_SITE)
    require(actor, Action.USER_ACT_AS, of_user(user))
    if not fresh:
        raise ReauthenticationRequired("Confirm who you are first: enter your password or second factor once more.")
    # Whoever begins twice at once takes turns.
    staff = locked(User(pk=actor.user_id))
    person = locked(user)
    require(actor, Action.USER_ACT_AS, of_user(person))
    _none_runs(staff)
    begins = clock.now()
    made = created(
        Impersonation(
            staff=staff,
            user=person,
            reason=actor.acting_reason,
            session_hash=hash_of(session_key),
            began_at=begins,
            ends_at=begins + min(timedelta(minutes=settings.ACT_AS_MINUTES), LONGEST),
        )
    )
    outbox.post("acted_as", recipient=person.email, about=made.public_id)
    return made


@verb
def stop_acting(actor: Access, *, acting: Impersonation, by: ActingEnd = ActingEnd.STOPPED) -> Impersonation:
    """End it. What has ended already stays as it ended."""
    return _ended(locked(acting), by)


def hash_of(session_key: str) -> str:
    """What is kept of the session in which somebody acts."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def found(public_id: str, session_key: str) -> Impersonation | None:
    """The row that a session names, over or not; none where another session began it. One statement."""
    rows = Impersonation.objects.select_related("staff", "user")
    return rows.filter(public_id=public_id, session_hash=hash_of(session_key)).first()


def still_may(acting: Impersonation) -> bool:
    """Whether who acts may still, and as this person: asked with every request. Two statements."""
    actor = Access.for_user(acting.staff)
    return actor.is_staff and bool(engine.decide(actor.acting(acting.reason), Action.USER_ACT_AS, of_user(acting.user)))


def impersonator(acting: Impersonation) -> Impersonator:
    """Who acts, for the access of the person."""
    return Impersonator(acting.staff.public_id, str(acting.staff), acting.reason)


def her_own(acting: Impersonation) -> Access:
    """Who acts, for the trail, where it ends by itself: nothing more is asked of her."""
    return Access(actor=acting.staff.public_id, name=str(acting.staff), acting_reason=acting.reason)


def end_of_session(session_key: str) -> None:
    """A session is no more, and so is what was done in it. A part of whatever ended the session."""
    for row in Impersonation.objects.select_for_update().filter(session_hash=hash_of(session_key), ended_at=None):
        _ended(row, ActingEnd.SESSION)


def end_overdue() -> int:
    """Write down what has ended by the clock and nobody came back to; how many. For the job."""
    rows = Impersonation.objects.select_related("staff").filter(ended_at=None, ends_at__lte=clock.now())
    overdue = list(rows.order_by("pk"))
    for row in overdue:
        stop_acting(her_own(row), acting=row, by=ActingEnd.TIME)
    return len(overdue)


def _none_runs(staff: User) -> None:
    for row in Impersonation.objects.select_for_update().filter(staff=staff, ended_at=None):
        if row.is_over:
            _ended(row, ActingEnd.TIME)
            continue
        told = (
            f"You act as {row.user} in another browser, and nobody acts as two people at once. Stop there, or sign "
            "that browser out under My account, Where you are signed in."
        )
        raise Conflict(told, code="acting_already")


def _ended(row: Impersonation, by: ActingEnd) -> Impersonation:
    if row.ended_at is None:
        now = clock.now()
        # It was over at its time, whenever that is noticed.
        row.ended_at, row.ended_by = (row.ends_at, ActingEnd.TIME) if now >= row.ends_at else (now, by)
        row.save(update_fields=["ended_at", "ended_by", "updated_at"])
    return row
