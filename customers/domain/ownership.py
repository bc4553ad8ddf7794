"""An account owner hands her part to a colleague. Nothing changes until the colleague accepts.

The recipient accepts with a sign-in that is fresh, within the days of ``OWNERSHIP_TRANSFER_DAYS``. From that moment she
is account owner, over all units, and the giver is what she chose to be. Either side can end it before: the recipient
declines, the giver (or Hectare) cancels. Staff do not hand over: where no owner is left, there is recovery.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final

from django.conf import settings

from common import clock
from common.editing import created, locked
from common.errors import Conflict, Gone, Invalid, ReauthenticationRequired
from common.verbs import verb
from customers.enums import TransferStatus
from customers.models import OwnershipTransfer
from customers.rules import of_transfer
from mails import outbox
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Decision, Refusal, Refused
from permissions.domain import owners
from permissions.enforce import require
from permissions.models import Membership, Role
from permissions.policies import of_organisation

KINDS: Final = ("ownership_offered", "ownership_accepted", "ownership_declined", "ownership_cancelled")
_OVER: Final = "This transfer is over. Whoever began it can begin another."


def candidates(organisation: Any) -> Any:
    """The members who can become account owner: active, of a confirmed e-mail, and not owners already."""
    rows = Membership.objects.filter(organisation=organisation, is_active=True, user__is_active=True)
    rows = rows.filter(user__emailaddress__verified=True).exclude(pk__in=owners.owners(organisation).values("pk"))
    return rows.select_related("user", "role").order_by("user__name", "pk").distinct()


@verb
def give_ownership(
    actor: Access, *, organisation: Any, recipient: Membership, giver_role: Role | None = None
) -> OwnershipTransfer:
    """Offer one's part as account owner to a colleague.

    Args:
        giver_role: what the actor is afterwards; a manager when ``None``.
    """
    held = locked(organisation)
    require(actor, Action.OWNERSHIP_GIVE, of_organisation(held))
    giver = owners.owners(held).filter(user=actor.user_id).select_related("user").first()
    if actor.user_id is None or giver is None:
        reason = "Only an account owner hands the account over: herself, with a confirmed e-mail."
        raise Refused(Decision(False, Action.OWNERSHIP_GIVE, "T1", reason, Refusal.PERMISSION))
    after = giver_role or Role.objects.get(organisation=None, key="manager")
    _check(held, giver, recipient, after)
    pending = OwnershipTransfer.objects.filter(giver=giver, status=TransferStatus.PENDING)
    if pending.filter(expires_at__gt=clock.now()).exists():
        raise Conflict("You have offered it to somebody already. Cancel that first.", code="pending")
    # What ran out would stand in the way of the next one.
    pending.update(status=TransferStatus.CANCELLED, updated_at=clock.now())
    ends = clock.now() + timedelta(days=settings.OWNERSHIP_TRANSFER_DAYS)
    transfer = created(
        OwnershipTransfer(organisation=held, giver=giver, recipient=recipient, giver_role=after, expires_at=ends)
    )
    _tell("ownership_offered", transfer)
    return transfer


@verb
def accept_ownership(actor: Access, *, transfer: OwnershipTransfer, fresh: bool) -> OwnershipTransfer:
    """Become account owner in the giver's place, at once.

    Args:
        fresh: whether she has just now shown who she is; the door knows.

    Raises:
        Gone: it was cancelled, ran out, or one of the two is no more what she was.
        ReauthenticationRequired: she has to sign in anew first.
    """
    row = _opened(actor, transfer, Action.OWNERSHIP_ANSWER)
    giver, recipient = row.giver, row.recipient
    standing = owners.owners(row.organisation_id).filter(pk=giver.pk).exists()
    if not standing or not candidates(row.organisation_id).filter(pk=recipient.pk).exists():
        raise Gone(_OVER)
    if not fresh:
        raise ReauthenticationRequired("Confirm who you are first: enter your password or second factor once more.")
    owner = Role.objects.get(organisation=None, key=owners.OWNER)
    for membership, role in ((recipient, owner), (giver, row.giver_role)):
        membership.role, membership.all_units, membership.version = role, True, membership.version + 1
        membership.save(update_fields=["role", "all_units", "version", "updated_at"])
        membership.units.clear()
    done = _answered(row, TransferStatus.ACCEPTED, "ownership_accepted")
    # Neither of them is any more what other offers were made to, or by.
    for membership in (giver, recipient):
        end_of(membership)
    return done


@verb
def decline_ownership(actor: Access, *, transfer: OwnershipTransfer) -> OwnershipTransfer:
    """Say no; the giver stays what she is."""
    row = _opened(actor, transfer, Action.OWNERSHIP_ANSWER)
    return _answered(row, TransferStatus.DECLINED, "ownership_declined")


@verb
def cancel_ownership(actor: Access, *, transfer: OwnershipTransfer) -> OwnershipTransfer:
    """Take the offer back."""
    row = _opened(actor, transfer, Action.OWNERSHIP_CANCEL)
    return _answered(row, TransferStatus.CANCELLED, "ownership_cancelled")


def end_of(membership: Membership) -> None:
    """Cancel what a member who is no more what she was has offered, or has been offered. For verbs on members."""
    rows = OwnershipTransfer.objects.filter(status=TransferStatus.PENDING)
    ended = rows.filter(giver=membership) | rows.filter(recipient=membership)
    ended.update(status=TransferStatus.CANCELLED, answered_at=clock.now(), updated_at=clock.now())


def _opened(actor: Access, transfer: OwnershipTransfer, action: Action) -> OwnershipTransfer:
    """The transfer, locked after its organisation and both memberships read anew, waiting for an answer."""
    locked(transfer.organisation)
    row = locked(transfer, "organisation", "giver__user", "recipient__user", "giver_role")
    decision = engine.decide(actor, action, of_transfer(row))
    if decision.visible and decision.refusal is not Refusal.PERMISSION and row.state in ("expired", "cancelled"):
        raise Gone(_OVER)
    require(actor, action, of_transfer(row))
    return row


def _answered(row: OwnershipTransfer, status: TransferStatus, kind: str) -> OwnershipTransfer:
    row.status, row.answered_at, row.version = status, clock.now(), row.version + 1
    row.save(update_fields=["status", "answered_at", "version", "updated_at"])
    _tell(kind, row)
    return row


def _check(organisation: Any, giver: Membership, recipient: Membership, after: Role) -> None:
    if recipient.organisation_id != organisation.pk:
        raise Invalid.one("/recipient", "not_found", "Not found.")
    if recipient.pk == giver.pk:
        raise Invalid.one("/recipient", "oneself", "You are account owner already. Choose a colleague.")
    if owners.owners(organisation).filter(pk=recipient.pk).exists():
        raise Invalid.one("/recipient", "owner_already", f"{recipient.user} is account owner already.")
    if not candidates(organisation).filter(pk=recipient.pk).exists():
        told = f"{recipient.user} cannot become account owner: the membership or account is inactive, or the e-mail"
        raise Invalid.one("/recipient", "inactive", f"{told} is not confirmed.")
    if after.organisation_id not in (None, organisation.pk):
        raise Invalid.one("/giver_role", "not_found", "Not found.")
    if owners.is_owners(after):
        raise Invalid.one("/giver_role", "owner", "Choose what you want to be afterwards; owner you are no more.")


def _tell(kind: str, row: OwnershipTransfer) -> None:
    """Both sides, and the organisation's other account owners."""
    told: dict[int, Any] = {one.user_id: one.user for one in (row.giver, row.recipient)}
    for other in owners.owners(row.organisation_id).select_related("user").order_by("pk"):
        told.setdefault(other.user_id, other.user)
    _post(kind, row, told.values())


def _post(kind: str, row: OwnershipTransfer, people: Iterable[Any]) -> None:
    for person in people:
        outbox.post(
            kind,
            recipient=person.email,
            about=row.public_id,
            organisation=row.organisation,
            data={"user": person.public_id},
        )
