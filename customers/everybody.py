"""Everybody with an account, as Hectare staff find them; and staff themselves. To others there is nobody here."""

from __future__ import annotations

from typing import Any, Final

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from customers.directory import staff_only
from customers.models import ExternalId, User
from organisations.reads import led_to
from permissions import engine
from permissions.access import Access
from permissions.lookup import one
from permissions.models import Membership

#: Where an account stands.
STATES: Final = ("active", "deactivated", "erased")
#: What counts as a second factor: recovery codes only stand in for one.
FACTORS: Final = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def state_of(user: User) -> str:
    """Where an account stands."""
    if user.erased_at is not None:
        return "erased"
    return "active" if user.is_active else "deactivated"


def users(access: Access) -> QuerySet[Any]:
    """Every account, with whether its address is confirmed and it has a second factor, and what it belongs to.

    Raises:
        NotFound: she is no member of staff.
    """
    staff_only(access)
    belongs = Membership.objects.select_related("organisation", "role").order_by("pk")
    return with_credentials(engine.visible(access, User.objects.all())).prefetch_related(
        Prefetch("memberships", belongs)
    )


def with_credentials(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Accounts, with ``email_verified`` and ``has_second_factor``."""
    confirmed = EmailAddress.objects.filter(user=OuterRef("pk"), email=OuterRef("email"), verified=True)
    factor = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
    found: QuerySet[Any] = rows.annotate(email_verified=Exists(confirmed), has_second_factor=Exists(factor))
    return found


def get_user(access: Access, public_id: str) -> Any:
    """One account, or ``NotFound``."""
    return one(users(access), public_id)


def staff(access: Access) -> QuerySet[Any]:
    """Hectare's own people."""
    return users(access).filter(is_staff=True)


def get_staff(access: Access, public_id: str) -> Any:
    """One member of staff, or ``NotFound``."""
    return one(staff(access), public_id)


def in_state(rows: QuerySet[Any], state: str) -> QuerySet[Any]:
    """Those of a list that stand there."""
    match state:
        case "erased":
            return rows.filter(erased_at__isnull=False)
        case "deactivated":
            return rows.filter(is_active=False, erased_at=None)
        case _:
            return rows.filter(is_active=True)


def matching(rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Those whose name or e-mail has a word in it, or whose id it is, here or where they came from."""
    text = text.strip()
    elsewhere = ExternalId.objects.filter(user=OuterRef("pk"), external_id=text)
    return rows.filter(Q(name__icontains=text) | Q(email__icontains=text) | Q(public_id=text) | Q(Exists(elsewhere)))


def of_organisation(rows: QuerySet[Any], public_id: str) -> QuerySet[Any]:
    """Those who belong to an organisation."""
    theirs = Membership.objects.filter(user=OuterRef("pk"), organisation__in=led_to(public_id))
    return rows.filter(Exists(theirs))
