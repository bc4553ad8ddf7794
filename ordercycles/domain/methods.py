"""How a hub's customers get their goods, and how they pay."""

from __future__ import annotations

from decimal import Decimal
from typing import TypedDict, TypeVar, Unpack

from common.editing import archived, created, known, opened, written
from common.verbs import verb
from ordercycles.domain.support import require_under
from ordercycles.enums import DeliveryKind
from ordercycles.models import PaymentMethod, ShippingMethod
from ordercycles.rules import targets
from organisations.models import Business
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require

M = TypeVar("M", ShippingMethod, PaymentMethod)


class ShippingDetails(TypedDict, total=False):
    """What a shipping method may have besides its name."""

    kind: DeliveryKind
    description: str
    price: Decimal


class ShippingChanges(ShippingDetails, total=False):
    """What can be changed of a shipping method."""

    name: str


class PaymentDetails(TypedDict, total=False):
    """What a payment method may have besides its name."""

    description: str
    is_active: bool


class PaymentChanges(PaymentDetails, total=False):
    """What can be changed of a payment method."""

    name: str


@verb
def create_shipping_method(
    actor: Access, *, hub: Business, name: str, **details: Unpack[ShippingDetails]
) -> ShippingMethod:
    """Add a way in which the hub's customers get their goods."""
    require_under(actor, Action.METHOD_EDIT, targets.methods_of(hub), hub)
    return _sure(actor, created(ShippingMethod(hub=hub, name=name, **known(details, ShippingDetails))))


@verb
def edit_shipping_method(
    actor: Access, *, method: ShippingMethod, version: int | None = None, **changes: Unpack[ShippingChanges]
) -> ShippingMethod:
    """Change a shipping method."""
    return _sure(actor, written(_opened(actor, method, version), known(changes, ShippingChanges)))


@verb
def archive_shipping_method(actor: Access, *, method: ShippingMethod, version: int | None = None) -> ShippingMethod:
    """Put a shipping method away. Without any, the hub is not ready for further cycles (C5)."""
    return _sure(actor, archived(_opened(actor, method, version), away=True))


@verb
def restore_shipping_method(actor: Access, *, method: ShippingMethod, version: int | None = None) -> ShippingMethod:
    """Take a shipping method out of the archive."""
    return _sure(actor, archived(_opened(actor, method, version), away=False))


@verb
def create_payment_method(
    actor: Access, *, hub: Business, name: str, **details: Unpack[PaymentDetails]
) -> PaymentMethod:
    """Add a way in which the hub's customers pay."""
    require_under(actor, Action.METHOD_EDIT, targets.methods_of(hub), hub)
    return _sure(actor, created(PaymentMethod(hub=hub, name=name, **known(details, PaymentDetails))))


@verb
def edit_payment_method(
    actor: Access, *, method: PaymentMethod, version: int | None = None, **changes: Unpack[PaymentChanges]
) -> PaymentMethod:
    """Change a payment method, or take it in and out of use."""
    return _sure(actor, written(_opened(actor, method, version), known(changes, PaymentChanges)))


@verb
def archive_payment_method(actor: Access, *, method: PaymentMethod, version: int | None = None) -> PaymentMethod:
    """Put a payment method away. Without an active one, the hub is not ready for further cycles (C5)."""
    return _sure(actor, archived(_opened(actor, method, version), away=True))


@verb
def restore_payment_method(actor: Access, *, method: PaymentMethod, version: int | None = None) -> PaymentMethod:
    """Take a payment method out of the archive."""
    return _sure(actor, archived(_opened(actor, method, version), away=False))


def _opened(actor: Access, method: M, version: int | None) -> M:
    row = opened(method, version, "hub__unit")
    return _sure(actor, row)


def _sure(actor: Access, method: M) -> M:
    """Decided on the row as it is: before it is written, and again after."""
    require(actor, Action.METHOD_EDIT, targets.method(method))
    return method
