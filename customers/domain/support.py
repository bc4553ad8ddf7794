"""What staff do for a person who cannot help herself: end her sessions, send her a link, remove her second factor.

Nobody here chooses, sees or gets anything with which one signs in: whatever lets her in goes to her own mailbox. Staff
look after customers' people; after other staff only administrators do (S2), and nobody after herself.
"""

from __future__ import annotations

from collections.abc import Sequence

from allauth.mfa.models import Authenticator

from common import clock
from common.editing import locked
from common.errors import Conflict, Invalid
from common.verbs import verb
from customers.domain import accounts, invitations
from customers.models import User
from customers.rules import USER, of_user
from organisations.models import Organisation
from permissions import engine
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Decision, Refusal, RefusedItems
from permissions.domain.owners import held_with_companies, owners
from permissions.enforce import require
from permissions.engine import Target


@verb
def end_all_sessions(actor: Access, *, user: User) -> int:
    """Sign a person out everywhere, and tell her; how many sessions there were."""
    row = _opened(actor, user)
    ended = accounts.end_sessions(row)
    accounts.tell(row, "sessions_ended")
    _noted(actor, row)
    return ended


@verb
def start_reset(actor: Access, *, user: User) -> None:
    """Send a person the link with which she sets a password: a new account's, or that of a forgotten one.

    Raises:
        Conflict: her account is closed.
    """
    row = _opened(actor, user)
    if not row.is_active:
        raise Conflict(f"The account of {row} is closed: let it in again first.", code="inactive")
    if row.has_usable_password():
        accounts.ask_for_reset(email=row.email)
    else:
        accounts.send_welcome(actor, user=row)
    _noted(actor, row)


@verb
def clear_second_factor(actor: Access, *, user: User) -> int:
    """Remove a person's authenticator app, passkeys and recovery codes, and sign her out everywhere; how many.

    Make sure first who asks: her password is all that is left. She is told by mail.

    Raises:
        Conflict: she has none.
    """
    row = _opened(actor, user)
    found, _ = Authenticator.objects.filter(user=row).delete()
    if not found:
        raise Conflict(f"{row} has no second factor.", code="no_second_factor")
    accounts.end_sessions(row)
    accounts.tell(row, "second_factor_cleared")
    _noted(actor, row)
    return int(found)


@verb
def shut_out_many(actor: Access, *, users: Sequence[User]) -> int:
    """Deactivate many people at once: all of them or nobody; how many were active until now.

    Raises:
        RefusedItems: with the reason for each who must stay: staff, and the last account owner of a customer (U7).
    """
    companies, people = held_with_companies(users)
    rows: dict[int, User] = {row.pk: row for row in people}
    ids = list(rows)
    decisions = engine.decide_each(actor, Action.USER_EDIT, Target(User.objects.filter(pk__in=ids), USER))
    refused = {row.public_id: decisions[pk] for pk, row in rows.items() if not decisions[pk]}
    refused |= {
        row.public_id: _stays("S2", "Staff are let in and shut out as staff users.", Refusal.PERMISSION)
        for row in rows.values()
        if row.is_staff and row.public_id not in refused
    }
    refused |= _last_owners(companies, rows)
    if refused:
        detail = f"Nothing was done: {len(refused)} of the {len(rows)} cannot be deactivated."
        raise RefusedItems(detail, refused, pointer="/users")
    active = [pk for pk, row in rows.items() if row.is_active]
    User.objects.filter(pk__in=active).update(is_active=False, updated_at=clock.now())
    invitations.end_of_accounts(active)
    for pk in active:
        accounts.end_sessions(rows[pk])
    return len(active)


def _last_owners(companies: Sequence[Organisation], rows: dict[int, User]) -> dict[str, Decision]:
    found: dict[str, Decision] = {}
    for company in companies:
        if company.kind != "full" or company.merged_into_id or company.removed_at:
            continue
        holders = list(owners(company).values_list("user", flat=True))
        if holders and set(holders) <= rows.keys():
            why = f"Nobody would be left to own the account of {company}. Make somebody else owner first."
            found |= {rows[pk].public_id: _stays("U7", why, Refusal.STATE) for pk in holders}
    return found


def _stays(code: str, why: str, refusal: Refusal) -> Decision:
    return Decision(False, Action.USER_EDIT, code, why, refusal)


def _opened(actor: Access, user: User) -> User:
    require(actor, Action.USER_SUPPORT, of_user(user))
    row = locked(user)
    require(actor, Action.USER_SUPPORT, of_user(row))
    if row.pk == actor.user_id:
        raise Invalid.one("", "oneself", "Nobody does this to herself: use the pages of your own account.")
    return row


def _noted(actor: Access, row: User) -> None:
    """Leave a row in the audit trail: what was done touches no other table that is kept there."""
    row.save(update_fields=["updated_at"])
    require(actor, Action.USER_SUPPORT, of_user(row))
