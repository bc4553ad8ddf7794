"""Who takes on customers: one switch, read whenever it matters, so that turning it needs no restart."""

from __future__ import annotations

from django.conf import settings

from common.editing import check_version, created, written
from common.verbs import verb
from customers.enums import SignUp
from customers.models import SignUpMode
from organisations.rules import of_nothing_yet
from permissions.access import Access
from permissions.actions import Action
from permissions.decisions import Decision, Refusal, Refused
from permissions.enforce import require


def mode() -> SignUp:
    """The mode as it is now: what staff administrators set, else the setting ``CUSTOMER_SIGNUP``."""
    chosen = SignUpMode.objects.values_list("mode", flat=True).first()
    return SignUp(chosen or settings.CUSTOMER_SIGNUP)


@verb
def set_mode(actor: Access, *, mode: SignUp, version: int | None = None) -> SignUpMode:
    """Turn the switch. For staff administrators who act."""
    require(actor, Action.SIGN_UP_SET_MODE, of_nothing_yet(actor))
    row = SignUpMode.objects.select_for_update().first()
    if row is None:
        return created(SignUpMode(mode=mode))
    check_version(row, version)
    return written(row, {"mode": mode})


def must_take_on() -> None:
    """Somebody new may come at all, by whichever way.

    Raises:
        Refused: nobody is taken on at present (Q2).
    """
    must_be(SignUp.STAFF, SignUp.OPEN)


def must_be(*modes: SignUp) -> None:
    """The switch stands at one of these.

    Raises:
        Refused: Q2, and what to do instead.
    """
    now = mode()
    if now not in modes:
        told = {
            SignUp.CLOSED: "Hectare takes on no customers at present.",
            SignUp.STAFF: "Customers are taken on by Hectare. Ask for access, and we write to you.",
            SignUp.OPEN: "Companies sign up by themselves at present. Sign up instead of asking.",
        }
        raise Refused(Decision(False, Action.CUSTOMER_CREATE, "Q2", told[now], Refusal.STATE))
