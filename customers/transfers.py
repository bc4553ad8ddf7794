"""Reads of ownership transfers: what the actor may not know of is not there. And whether a sign-in is fresh."""

from __future__ import annotations

import time
from typing import Final

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from common import clock
from customers.enums import TransferStatus
from customers.models import OwnershipTransfer, User
from permissions import engine
from permissions.access import Access
from permissions.lookup import one
from permissions.web import impersonator_of

#: What can be asked for: the stored states, and the one that the clock tells.
STATES: Final = (*TransferStatus.values, "expired")


def transfers(access: Access) -> QuerySet[OwnershipTransfer]:
    """Those of organisations whose people the actor manages, and those that she gives or is offered."""
    rows = OwnershipTransfer.objects.select_related(
        "organisation", "giver__user", "recipient__user", "giver__role", "recipient__role", "giver_role"
    )
    return engine.visible(access, rows)


def get_transfer(access: Access, public_id: str) -> OwnershipTransfer:
    """One transfer, or ``NotFound``."""
    return one(transfers(access), public_id)


def in_state(rows: QuerySet[OwnershipTransfer], state: str) -> QuerySet[OwnershipTransfer]:
    """Those of a list that are in a state now."""
    over = Q(expires_at__lte=clock.now())
    if state == "expired":
        return rows.filter(over, status=TransferStatus.PENDING)
    return rows.exclude(over).filter(status=state) if state == TransferStatus.PENDING else rows.filter(status=state)


def is_fresh(request: HttpRequest) -> bool:
    """Whether whoever is signed in has shown who she is within the last few minutes: signed in, or confirmed it."""
    if not isinstance(request.user, User) or impersonator_of(request):
        # Nobody, or a program with a key; or staff who act as her, and have shown who they are, not that they are she.
        return False
    records = get_authentication_records(request, request.user)
    latest = max((record["at"] for record in records), default=0.0)
    return bool(time.time() - latest < app_settings.REAUTHENTICATION_TIMEOUT)
