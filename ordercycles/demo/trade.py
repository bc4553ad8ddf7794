"""How they trade: grants, fees, methods, and order cycles."""

from __future__ import annotations

from typing import NamedTuple

from ordercycles.enums import Charge, DeliveryKind, FeeKind
from organisations.enums import GrantKind

P_OC = GrantKind.ADD_TO_ORDER_CYCLE

#: Who lets whom (granter, grantee).
GRANTS: tuple[tuple[str, str, GrantKind], ...] = (
    *((granter, "exe", P_OC) for granter in ("ashclyst", "bramley", "culm", "otter", "quantock", "mill", "bakehouse")),
    *((granter, "exe", P_OC) for granter in ("haldon", "tamar", "deane", "totnes")),
    *((granter, "deane", P_OC) for granter in ("ashclyst", "bramley", "culm", "quantock", "bakehouse", "tamar")),
    *((granter, "tamar", P_OC) for granter in ("ashclyst", "otter", "mill", "dunkery")),
    ("ashclyst", "totnes", P_OC),
    # A hub that lets a producer change the goods in its part.
    ("deane", "ashclyst", P_OC),
    ("culm", "exe", GrantKind.MANAGE_PRODUCTS),
    ("haldon", "exe", GrantKind.EDIT_PROFILE),
)
#: Given, used in the open cycle, and taken back: what rested on it has lapsed.
WITHDRAWN = ("bramley", "deane")
#: Asked for and not answered yet (who asks, whom, and why).
REQUESTS: tuple[tuple[str, str, str], ...] = (
    ("exe", "parrett", "Our members ask for honey every week. May we put yours into our order cycles?"),
    ("deane", "dunkery", "We have no lamb from Exmoor yet."),
)


class FeeRow(NamedTuple):
    """A fee; all six ways to charge are among them."""

    key: str
    owner: str
    name: str
    kind: FeeKind
    charge: Charge
    amount: str
    further_amount: str | None = None
    max_items: int | None = None
    minimum: str | None = None


FEES: tuple[FeeRow, ...] = (
    FeeRow("exe-admin", "exe", "Running the hub", FeeKind.ADMIN, Charge.PERCENT, "3"),
    FeeRow("exe-sales", "exe", "Exe Hub margin", FeeKind.SALES, Charge.PERCENT, "12.5"),
    FeeRow("exe-packing", "exe", "Packing", FeeKind.PACKING, Charge.PER_ITEM, "0.15"),
    FeeRow("exe-van", "exe", "Van round", FeeKind.TRANSPORT, Charge.PER_KG, "0.08"),
    FeeRow("exe-order", "exe", "Order handling", FeeKind.ADMIN, Charge.PER_ORDER, "1.50"),
    FeeRow("exe-boxes", "exe", "Boxes", FeeKind.PACKING, Charge.FLEXIBLE, "0.60", "0.20", 10),
    FeeRow("exe-small", "exe", "Small order", FeeKind.ADMIN, Charge.PRICE_SACK, "3.00", "0", None, "25.00"),
    FeeRow("deane-sales", "deane", "Deane Hub margin", FeeKind.SALES, Charge.PERCENT, "10"),
    FeeRow("deane-fund", "deane", "Levels flood fund", FeeKind.FUNDRAISING, Charge.PER_ORDER, "0.50"),
    FeeRow("tamar-sales", "tamar", "Tamar Roots margin", FeeKind.SALES, Charge.PERCENT, "9"),
    FeeRow("ashclyst-chill", "ashclyst", "Chilled delivery", FeeKind.TRANSPORT, Charge.PER_KG, "0.05"),
    FeeRow("quantock-wrap", "quantock", "Waxed wrapping", FeeKind.PACKING, Charge.PER_ITEM, "0.10"),
    FeeRow("blackdown-till", "blackdown", "Farm shop packing", FeeKind.PACKING, Charge.PER_ORDER, "0.80"),
)


class Ways(NamedTuple):
    """How a hub's customers get their goods and pay."""

    hub: str
    shipping: tuple[tuple[str, DeliveryKind, str], ...]
    payment: tuple[str, ...]


WAYS: tuple[Ways, ...] = (
    Ways(
        "exe",
        (("Collection at Haven Banks", DeliveryKind.COLLECTION, "0"), ("By bicycle", DeliveryKind.DELIVERY, "3.50")),
        ("Card at collection", "Bank transfer"),
    ),
    Ways("deane", (("Collection at Tangier", DeliveryKind.COLLECTION, "0"),), ("Card at collection", "Cash")),
    Ways("tamar", (("Collection at the packing shed", DeliveryKind.COLLECTION, "0"),), ("Bank transfer",)),
    Ways("blackdown", (("From the shop", DeliveryKind.COLLECTION, "0"),), ("Cash or card in the shop",)),
    Ways("bakehouse", (("From the bakehouse", DeliveryKind.COLLECTION, "0"),), ("Card in the shop",)),
    # Not ready: it has a shipping method and nothing else.
    Ways("totnes", (("Collection at The Plains", DeliveryKind.COLLECTION, "0"),), ()),
)


class Supply(NamedTuple):
    """A producer's part in a cycle: every n-th variant of its catalogue."""

    producer: str
    every: int = 1
    fees: tuple[str, ...] = ()
    delivery_notes: str = ""


class Outlet(NamedTuple):
    """A hub's part in a cycle: of each producer, every n-th variant that it supplies."""

    hub: str
    takes: tuple[tuple[str, int], ...]
    fees: tuple[str, ...] = ()
    collection_time: str = ""
    collection_instructions: str = ""


class CycleRow(NamedTuple):
    """A cycle. ``made``, ``opens`` and ``closes`` are days from now (it opens at 8:00 and closes at 18:00);
    what happened in it was done when it was made."""

    key: str
    name: str
    coordinator: str
    made: float
    opens: float | None
    closes: float | None
    incoming: tuple[Supply, ...]
    outgoing: tuple[Outlet, ...]
    cycle_fees: tuple[str, ...] = ()
    accepted: tuple[tuple[str, str], ...] = ()
    declined: tuple[tuple[str, str, str], ...] = ()


_PRODUCERS = (
    Supply("ashclyst", 1, ("ashclyst-chill",), "Cool van, Thursdays before seven."),
    Supply("bramley"),
    Supply("culm", 1, (), "Crates are to come back."),
    Supply("otter"),
    Supply("quantock", 2, ("quantock-wrap",)),
    Supply("mill", 2),
    Supply("bakehouse"),
    Supply("tamar"),
)
_EXE = Outlet(
    "exe",
    tuple((supply.producer, 1) for supply in _PRODUCERS),
    ("exe-sales", "exe-packing", "exe-small"),
    "Friday, 15:00 to 18:30",
    "Ring the bell at the green door; bring your own bags.",
)
_DEANE = Outlet(
    "deane",
    (("ashclyst", 1), ("bramley", 2), ("culm", 2), ("quantock", 1)),
    ("deane-sales", "deane-fund", "exe-van"),
    "Saturday, 9:00 to 12:00",
    "In the yard behind the Old Brewery.",
)
_TAMAR = Outlet("tamar", (("ashclyst", 2), ("otter", 1), ("mill", 1)), ("tamar-sales",), "Friday after 16:00")

CYCLES: tuple[CycleRow, ...] = (
    CycleRow(
        "closed",
        "Exe Hub, last week",
        "exe",
        -14,
        -11,
        -7,
        _PRODUCERS[:6],
        (
            _EXE._replace(takes=tuple((supply.producer, 2) for supply in _PRODUCERS[:6])),
            _DEANE,
        ),
        ("exe-admin", "exe-order"),
        accepted=(("incoming", "ashclyst"), ("outgoing", "deane")),
    ),
    CycleRow(
        "open",
        "Exe Hub, this week",
        "exe",
        -5,
        -2,
        2,
        _PRODUCERS,
        (_EXE, _DEANE, _TAMAR),
        ("exe-admin", "exe-order", "exe-boxes"),
        accepted=(("incoming", "ashclyst"), ("incoming", "culm"), ("outgoing", "deane")),
    ),
    CycleRow(
        "upcoming",
        "Exe Hub, next week",
        "exe",
        -1,
        5,
        9,
        _PRODUCERS[:5],
        (_EXE._replace(takes=(("ashclyst", 1), ("culm", 1), ("otter", 1))), _DEANE._replace(takes=(("culm", 2),))),
        ("exe-admin",),
        accepted=(("incoming", "quantock"),),
        declined=(("outgoing", "deane", "Our cold store is being repaired that week."),),
    ),
    CycleRow(
        "draft",
        "Spring vegetable boxes",
        "exe",
        -0.5,
        None,
        None,
        (Supply("culm", 3), Supply("haldon")),
        (),
    ),
    CycleRow(
        "own",
        "Blackdown Farm Shop, fortnightly",
        "blackdown",
        -2,
        1,
        4,
        (Supply("blackdown"),),
        (Outlet("blackdown", (("blackdown", 1),), ("blackdown-till",), "Saturday morning", "At the shop door."),),
    ),
)
