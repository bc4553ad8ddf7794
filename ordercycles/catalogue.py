"""The codes of order cycles in words, for explanations and the generated page of rules."""

from __future__ import annotations

from collections.abc import Mapping

from permissions.actions import Action
from permissions.catalogue import General, describe

COORDINATING: Mapping[str, str] = {
    "C1": "A cycle is created for an active enterprise that she coordinates and that sells its own or anybody's goods.",
    "C2": "The coordinator sets and changes name, opening and closing times, and the notes of every exchange.",
    "C3": "The coordinator of a cycle never changes, by any door.",
    "C4": (
        "A producer is added, and its goods are gathered, only while it grants the coordinator. Managing the "
        "producer does not replace its grant."
    ),
    "C5": (
        "A hub is added only while it grants the coordinator and is ready: a shipping method, an active payment "
        "method, its contact e-mail confirmed."
    ),
    "C6": "An enterprise that granted only some other enterprise of hers, and not the coordinator, is not added.",
    "C7": (
        "Goods go into a hub's exchange only when their producer supplies them in this cycle, and grants both the "
        "coordinator and the hub."
    ),
    "C8": (
        "The coordinator removes any goods and any exchange; removal is explicit, and asks when it takes goods "
        "from others."
    ),
    "C9": (
        "The coordinator's people see every exchange of the cycle, and every enterprise that granted it or takes part."
    ),
    "C10": (
        "The coordinator attaches the fees of all who granted it and of enterprises of hers to exchanges, its own "
        "to the whole cycle, and detaches any."
    ),
    "C11": "A fee is edited only by the people of the enterprise that owns it.",
    "C12": "A coordinator that sells its own goods is its own one producer and one outlet; nobody else is added.",
    "C13": (
        "The coordinator copies a cycle, deletes a draft or upcoming one, closes an open one. A copy checks "
        "everything anew."
    ),
}
TAKING_PART: Mapping[str, str] = {
    "P1": "Participants see the cycles in which an enterprise that they manage takes part, and no others.",
    "P2": (
        "Participants see the coordinator, the name, the times and the coordinator's fees of a cycle, and change none."
    ),
    "P3": "Only the coordinator adds an exchange, also where producer and hub have granted each other.",
    "P4": (
        "A producer sees its own exchange, and its own goods in those of hubs with a grant to or from it, or that "
        "carry them."
    ),
    "P5": "A producer adds and removes its own goods in its incoming exchange.",
    "P6": (
        "On its incoming exchange a producer attaches and detaches the fees of its people's enterprises, and sees "
        "the others'."
    ),
    "P7": "Without the hub's grant a producer sees its goods in the hub's exchange, and cannot change them.",
    "P8": (
        "With the hub's grant a producer removes its goods there, and adds what it supplies while it grants hub "
        "and coordinator."
    ),
    "H1": "A hub sees its own exchange, and those of producers with a grant to or from it, or whose goods it carries.",
    "H2": (
        "A hub adds what is supplied by a producer that grants it and the coordinator, whether it carries it "
        "already or not."
    ),
    "H3": "A hub removes any goods from its exchange.",
    "H4": "A hub never changes an incoming exchange, unless it is that producer too.",
    "H5": "On its exchange a hub attaches and detaches the fees of its people's enterprises, and sees the others'.",
    "H6": "A hub sets its collection time and instructions, a producer its delivery notes.",
    "X1": "A participant accepts its exchange, or declines it with a reason until the cycle opens.",
}
STANDING: Mapping[str, str] = {
    "L1": (
        "Goods are on offer only while all of this holds: their producer stands in the cycle and supplies them, "
        "the hub's part stands, producer and hub grant the coordinator, the producer grants the hub, all are "
        "active."
    ),
    "L2": (
        "What no longer stands lapses: it is kept, shown with the reason, not on offer, not addable, removable; it"
        " stands again when the cause is undone."
    ),
    "L3": "Closed cycles are history: nobody changes them, and what was on offer at closing is recorded.",
    "L4": "Before a grant ends, what would lapse is shown: cycles, hubs and goods. The other side is told.",
    "F1": (
        "Fees per item may stand on any exchange, fees per order on outgoing ones and on the whole cycle; archived"
        " ones on none anew."
    ),
    "M1": "Shipping and payment methods are seen and managed by the hub's own people.",
    "N1": "Members see the notices to their enterprises.",
}


def register() -> None:
    """Describe the codes of order cycles. Called once, when the apps are ready."""
    describe(
        {**COORDINATING, **TAKING_PART, **STANDING},
        General("L1", (Action.EXCHANGE_VARIANT_ADD, Action.EXCHANGE_VARIANT_REMOVE, Action.EXCHANGE_VARIANT_VIEW)),
        General("L4", (Action.GRANT_WITHDRAW, Action.GRANT_GIVE_UP)),
    )
