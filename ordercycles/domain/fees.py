"""Fees: made and changed by the enterprise that owns them (C11)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, TypedDict, Unpack

from common import clock
from common.editing import archived, created, known, opened, written
from common.errors import Conflict, FieldError, Invalid
from common.verbs import verb
from ordercycles.domain.offers import settle
from ordercycles.domain.support import require_under
from ordercycles.domain.touched import touched_by_fee
from ordercycles.enums import PER_ITEM_CHARGES, Charge, CycleState, Direction, FeeKind
from ordercycles.models import CycleFee, ExchangeFee, Fee
from ordercycles.models.cycle import state_q
from ordercycles.rules import targets
from organisations.models import Business
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require


class FeeDetails(TypedDict, total=False):
    """What some ways to charge need besides the amount."""

    further_amount: Decimal | None
    max_items: int | None
    minimum: Decimal | None


class FeeChanges(FeeDetails, total=False):
    """What can be changed of a fee. Its owner cannot."""

    name: str
    kind: FeeKind
    charge: Charge
    amount: Decimal


_NUMBERS = ("charge", "further_amount", "max_items", "minimum")


@verb
def create_fee(
    actor: Access,
    *,
    owner: Business,
    name: str,
    kind: FeeKind,
    charge: Charge,
    amount: Decimal,
    **details: Unpack[FeeDetails],
) -> Fee:
    """Make a fee of an enterprise's."""
    require_under(actor, Action.FEE_EDIT, targets.fees_of(owner), owner)
    fee = Fee(owner=owner, name=name, kind=kind, charge=charge, amount=amount, **known(details, FeeDetails))
    _whole(fee)
    created(fee)
    require(actor, Action.FEE_EDIT, targets.fee(fee))
    return fee


@verb
def edit_fee(actor: Access, *, fee: Fee, version: int | None = None, **changes: Unpack[FeeChanges]) -> Fee:
    """Change a fee, wherever it stands. What closed cycles charged stays as it was."""
    require(actor, Action.FEE_EDIT, targets.fee(fee))
    settle(_rest_on(fee))
    row = opened(fee, version, "owner__unit")
    values = known(changes, FeeChanges)
    _whole(Fee(**{name: values.get(name, getattr(row, name)) for name in _NUMBERS}))
    _still_fits(row, values.get("charge", row.charge))
    row = written(row, values)
    require(actor, Action.FEE_EDIT, targets.fee(row))
    return row


def archive_fee_preview(actor: Access, *, fee: Fee) -> dict[str, Any]:
    """Where the fee stands and would no longer be charged."""
    require(actor, Action.FEE_EDIT, targets.fee(fee))
    return touched_by_fee(actor, fee)


@verb
def archive_fee(actor: Access, *, fee: Fee, version: int | None = None) -> Fee:
    """Put a fee away: it can no longer be attached."""
    return _put(actor, fee, version, away=True)


@verb
def restore_fee(actor: Access, *, fee: Fee, version: int | None = None) -> Fee:
    """Take a fee out of the archive."""
    return _put(actor, fee, version, away=False)


def _put(actor: Access, fee: Fee, version: int | None, *, away: bool) -> Fee:
    require(actor, Action.FEE_EDIT, targets.fee(fee))
    settle(_rest_on(fee))
    row = archived(opened(fee, version, "owner__unit"), away=away)
    require(actor, Action.FEE_EDIT, targets.fee(row))
    return row


def _rest_on(fee: Fee) -> list[int]:
    """The enterprises whose closed cycles may rest on the fee."""
    on = ExchangeFee.objects.filter(fee=fee).values_list("exchange__enterprise_id", flat=True)
    whole = CycleFee.objects.filter(fee=fee).values_list("cycle__coordinator_id", flat=True)
    return [fee.owner_id, *on, *whole]


def _whole(fee: Fee) -> None:
    """It has what its way to charge needs."""
    needed = {
        Charge.FLEXIBLE: ("further_amount",),
        Charge.PRICE_SACK: ("further_amount", "minimum"),
    }.get(Charge(fee.charge) if fee.charge in Charge.values else Charge.PERCENT, ())
    if fee.max_items is not None and fee.max_items < 1:
        raise Invalid.one("/max_items", "min_value", "Enter at least 1, or leave it out for no limit.")
    missing = [name for name in needed if getattr(fee, name) is None]
    if missing:
        label = Charge(fee.charge).label
        raise Invalid([FieldError(f"/{name}", "required", f"Needed for: {label}.") for name in missing])


def _still_fits(fee: Fee, charge: str) -> None:
    """F1: a fee per order does not come to stand on an incoming exchange by changing how it is charged."""
    incoming = ExchangeFee.objects.filter(fee=fee, exchange__direction=Direction.INCOMING)
    live = incoming.exclude(state_q(CycleState.CLOSED, clock.now(), "exchange__cycle__"))
    if charge not in PER_ITEM_CHARGES and live.exists():
        raise Conflict(
            "This fee stands on producers' exchanges, where only fees per item can stand. Take it off there first.",
            code="F1",
        )
