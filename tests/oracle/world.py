"""The things the rules speak of, as plain values: no Django, no database, nothing of the product.

Times are plain integers on one clock (``World.now`` is the present). Ids are strings of the world's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

Sells = Literal["none", "own", "any"]
Direction = Literal["incoming", "outgoing"]
Charge = Literal["percent", "per_item", "per_kg", "per_order", "flexible", "price_sack"]
RequestStatus = Literal["pending", "given", "refused"]
CycleState = Literal["draft", "upcoming", "open", "closed"]

P_OC: Final = "add_to_order_cycle"
"""The grant "you may add me and my products to order cycles"."""

PER_ITEM_CHARGES: Final[frozenset[str]] = frozenset({"percent", "per_item", "per_kg"})
"""Ways to charge that are per item; the others are per order."""

PERMISSIONS: Final[frozenset[str]] = frozenset(
    {
        "view",
        "coordinate",
        "take_part",
        "manage_products",
        "manage_fees",
        "manage_methods",
        "manage_grants",
        "manage_profile",
    }
)

BUILT_IN_ROLES: Final[Mapping[str, frozenset[str]]] = {
    "owner": PERMISSIONS,
    "manager": PERMISSIONS,
    "coordinator": PERMISSIONS - {"manage_profile"},
    "contributor": frozenset({"view", "take_part", "manage_products"}),
    "viewer": frozenset({"view"}),
}


@dataclass(frozen=True)
class Enterprise:
    """A unit that trades. ``active``: neither it nor its organisation is archived."""

    id: str
    org: str
    is_producer: bool
    sells: Sells
    shipping: int = 1
    """How many shipping methods it has."""
    active_payment: int = 1
    """How many active payment methods it has."""
    contact_confirmed: bool = True
    active: bool = True


@dataclass(frozen=True)
class Variant:
    """Something a producer sells. ``active``: neither it nor its product is archived."""

    id: str
    producer: str
    active: bool = True


@dataclass(frozen=True)
class Fee:
    """A charge owned by one enterprise."""

    id: str
    owner: str
    charge: Charge
    active: bool = True


@dataclass(frozen=True)
class Cycle:
    """An order cycle. ``fees`` are those attached to the whole cycle."""

    id: str
    coordinator: str
    opens_at: int | None
    closes_at: int | None
    fees: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Exchange:
    """One enterprise's part in one cycle."""

    id: str
    cycle: str
    direction: Direction
    enterprise: str
    declined: bool = False
    variants: frozenset[str] = frozenset()
    fees: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Request:
    """``grantee`` asks ``granter`` for a grant."""

    id: str
    granter: str
    grantee: str
    permission: str = P_OC
    status: RequestStatus = "pending"


@dataclass(frozen=True)
class Membership:
    """A user in an organisation, with one role, over the enterprises in her scope."""

    org: str
    role: str
    enterprises: frozenset[str]


@dataclass(frozen=True)
class Actor:
    """Somebody who asks. ``acting``: staff who act through the admin and have given a reason."""

    id: str
    staff: bool = False
    acting: bool = False
    orgs: frozenset[str] = frozenset()
    memberships: tuple[Membership, ...] = ()


@dataclass(frozen=True)
class World:
    """Everything there is, at one moment."""

    now: int
    enterprises: Mapping[str, Enterprise]
    connections: frozenset[tuple[str, str]] = frozenset()
    """Pairs of organisations: the first recorded that it knows the second."""
    grants: frozenset[tuple[str, str, str]] = frozenset()
    """(granter, grantee, permission), as they stand today."""
    variants: Mapping[str, Variant] = field(default_factory=dict)
    fees: Mapping[str, Fee] = field(default_factory=dict)
    cycles: Mapping[str, Cycle] = field(default_factory=dict)
    exchanges: Mapping[str, Exchange] = field(default_factory=dict)
    requests: Mapping[str, Request] = field(default_factory=dict)
    actors: Mapping[str, Actor] = field(default_factory=dict)
    roles: Mapping[str, frozenset[str]] = field(default_factory=lambda: dict(BUILT_IN_ROLES))
