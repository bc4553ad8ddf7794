"""Who may do what in an order cycle. The table of ``docs/decisions/0005``, as data."""

from __future__ import annotations

from ordercycles.enums import Direction
from ordercycles.models import (
    Exchange,
    Fee,
    Notice,
    OrderCycle,
    PaymentMethod,
    Product,
    ShippingMethod,
    Variant,
)
from ordercycles.rules import facts as f
from ordercycles.rules import targets as t
from organisations.enums import GrantKind, Sells
from organisations.rules import E1, E2, E3, STAFF_SEE, active, is_producer, sells
from permissions import engine
from permissions.actions import Action, Permission
from permissions.engine import staffed
from permissions.grants import Granted, GrantedToHers
from permissions.rules import (
    STATE,
    AllOf,
    AnyOf,
    Condition,
    Facts,
    Manages,
    Need,
    Not,
    Policy,
    Rule,
    Same,
    SlotIs,
    StaffActs,
)

NOBODY = ("X2", "Not found.")

COORDINATES = Manages("coordinator", Permission.COORDINATE)
SEES_COORDINATOR = Manages("coordinator", Permission.VIEW)
TAKES_PART = Manages("enterprise", Permission.TAKE_PART)
PRODUCES = Manages("producer", Permission.TAKE_PART)
INCOMING = SlotIs("direction", Direction.INCOMING)
OUTGOING = SlotIs("direction", Direction.OUTGOING)
OWN_GOODS = Same("producer", "enterprise", ("It is a product of {enterprise}.", "It is not a product of {enterprise}."))
NOT_CLOSED = Need(Not(f.CLOSED), "L3", STATE)

P_TO_C = Granted("producer", "coordinator")
P_TO_X = Granted("producer", "enterprise")
X_TO_P = Granted("enterprise", "producer")
X_TO_C = Granted("enterprise", "coordinator")
O_TO_C = Granted("owner", "coordinator")


# --- what is seen -----------------------------------------------------------------------------------------------

CYCLE_VIEW = Policy(
    Action.ORDER_CYCLE_VIEW,
    (
        Rule("C9", "The coordinator's people see the whole cycle.", SEES_COORDINATOR),
        Rule(
            "P1", "Participants see the cycles in which an enterprise that they manage takes part.", f.HERS_TAKES_PART
        ),
        STAFF_SEE,
    ),
    NOBODY,
)

EXCHANGE_VIEW = Policy(
    Action.EXCHANGE_VIEW,
    (
        Rule("C9", "The coordinator's people see every exchange of the cycle.", SEES_COORDINATOR),
        Rule("P4", "A producer sees its own exchange.", AllOf((INCOMING, Manages("enterprise", Permission.VIEW)))),
        Rule(
            "H1",
            "A hub sees the producers it has a grant with, and those whose goods it carries.",
            AllOf((INCOMING, f.HER_HUB_RELATED)),
        ),
        Rule("H1", "A hub sees its own exchange.", AllOf((OUTGOING, Manages("enterprise", Permission.VIEW)))),
        Rule(
            "P4",
            "A producer sees the hubs it has a grant with, and those that carry its goods.",
            AllOf((OUTGOING, f.HER_PRODUCER_RELATED)),
        ),
        STAFF_SEE,
    ),
    NOBODY,
)

_LANE = AnyOf((P_TO_X, X_TO_P, f.CARRIES))
VARIANT_VIEW = Policy(
    Action.EXCHANGE_VARIANT_VIEW,
    (
        Rule(
            "C9",
            "The coordinator's people see the goods of every producer that takes part or has granted it.",
            AllOf((SEES_COORDINATOR, AnyOf((f.SUPPLIES, P_TO_C, f.IN_EXCHANGE)))),
        ),
        Rule(
            "P4",
            "A producer sees its own goods in its own exchange.",
            AllOf((INCOMING, OWN_GOODS, Manages("enterprise", Permission.VIEW))),
        ),
        Rule(
            "H1",
            "A hub sees what a producer supplies whom it has a grant with or whose goods it carries.",
            AllOf((INCOMING, f.IN_EXCHANGE, f.HER_HUB_RELATED)),
        ),
        Rule(
            "H1",
            "A hub sees what its exchange carries, and what producers with a grant supply.",
            AllOf(
                (
                    OUTGOING,
                    Manages("enterprise", Permission.VIEW),
                    AnyOf((f.IN_EXCHANGE, AllOf((f.SUPPLIED, _LANE)))),
                )
            ),
        ),
        Rule(
            "P4",
            "In a hub's exchange a producer sees its own goods, and no others.",
            AllOf((OUTGOING, Manages("producer", Permission.VIEW), f.SUPPLIES, _LANE)),
        ),
        STAFF_SEE,
    ),
    NOBODY,
)

FEE_VIEW = Policy(
    Action.FEE_VIEW,
    (
        Rule("C11", "Members see the fees of their enterprises.", Manages("owner", Permission.VIEW)),
        Rule(
            "C10",
            "A coordinator sees the fees of the enterprises that granted it.",
            GrantedToHers("owner", Permission.VIEW),
        ),
        Rule("P2", "Those who take part see the coordinator's fees.", f.FEE_ON_HER_CYCLES),
        Rule("P6", "A producer or hub sees the fees on its own exchanges.", f.FEE_ON_HER_EXCHANGES),
        STAFF_SEE,
    ),
    NOBODY,
)
_EXCHANGE_SEEN = AnyOf(
    (
        SEES_COORDINATOR,
        Manages("enterprise", Permission.VIEW),
        AllOf((INCOMING, f.HER_HUB_RELATED)),
        AllOf((OUTGOING, f.HER_PRODUCER_RELATED)),
    )
)
EXCHANGE_FEE_VIEW = Policy(
    Action.EXCHANGE_FEE_VIEW,
    (
        Rule(
            "C11",
            "Members see the fees of their enterprises.",
            AllOf((_EXCHANGE_SEEN, Manages("owner", Permission.VIEW))),
        ),
        Rule(
            "C10",
            "The coordinator's people see the fees of all who granted it or take part.",
            AllOf((SEES_COORDINATOR, AnyOf((O_TO_C, f.OWNER_TAKES_PART, f.FEE_ATTACHED)))),
        ),
        Rule(
            "P6",
            "A producer or hub sees the fees on its own exchange.",
            AllOf((Manages("enterprise", Permission.VIEW), f.FEE_ATTACHED)),
        ),
        STAFF_SEE,
    ),
    NOBODY,
)


_CYCLE_SEEN = AnyOf((SEES_COORDINATOR, f.HERS_TAKES_PART))
CYCLE_FEE_VIEW = Policy(
    Action.CYCLE_FEE_VIEW,
    (
        Rule(
            "C11", "Members see the fees of their enterprises.", AllOf((_CYCLE_SEEN, Manages("owner", Permission.VIEW)))
        ),
        Rule(
            "C10",
            "The coordinator's people see the fees of all who granted it or take part.",
            AllOf((SEES_COORDINATOR, AnyOf((O_TO_C, f.OWNER_TAKES_PART, f.FEE_ON_CYCLE)))),
        ),
        Rule("P2", "Those who take part see the coordinator's fees.", AllOf((_CYCLE_SEEN, f.FEE_ON_CYCLE))),
        STAFF_SEE,
    ),
    NOBODY,
)


# --- the cycle --------------------------------------------------------------------------------------------------


def _coordinating(code: str, title: str, *needs: Need) -> tuple[Rule, ...]:
    """One rule for the coordinator's people, and S1 with the same needs."""
    return staffed((Rule(code, title, COORDINATES, needs),), needs)


_ONLY_SEEN = ("P2", "Only the coordinator changes the cycle itself; those who take part see it.")
_COORDINATORS_OWN = ("C13", "Only the coordinator copies, closes or deletes a cycle.")
_CREATE_NEEDS = (
    Need(sells("enterprise", Sells.ANY, Sells.OWN), "C1", STATE),
    Need(active("enterprise"), "C1", STATE),
)
CYCLE_POLICIES = (
    Policy(
        Action.ORDER_CYCLE_CREATE,
        staffed(
            (
                Rule(
                    "C1",
                    "A cycle is created for an enterprise that sells and that one coordinates.",
                    Manages("enterprise", Permission.COORDINATE),
                    _CREATE_NEEDS,
                ),
            ),
            _CREATE_NEEDS,
        ),
        ("C1", "You coordinate no enterprise here."),
        view=Action.BUSINESS_VIEW,
    ),
    Policy(
        Action.ORDER_CYCLE_EDIT,
        _coordinating("C2", "The coordinator sets name, opening and closing times.", NOT_CLOSED),
        _ONLY_SEEN,
        view=Action.ORDER_CYCLE_VIEW,
    ),
    Policy(
        Action.ORDER_CYCLE_SET_COORDINATOR,
        (),
        ("C3", "The coordinator of a cycle never changes. Copy what you need into a new cycle instead."),
        view=Action.ORDER_CYCLE_VIEW,
        too_small=False,
    ),
    Policy(
        Action.ORDER_CYCLE_COPY,
        _coordinating("C13", "The coordinator copies a cycle."),
        _COORDINATORS_OWN,
        view=Action.ORDER_CYCLE_VIEW,
    ),
    Policy(
        Action.ORDER_CYCLE_DELETE,
        _coordinating(
            "C13",
            "The coordinator deletes a draft or upcoming cycle.",
            NOT_CLOSED,
            Need(f.DRAFT_OR_UPCOMING, "C13", STATE),
        ),
        _COORDINATORS_OWN,
        view=Action.ORDER_CYCLE_VIEW,
    ),
    Policy(
        Action.ORDER_CYCLE_CLOSE,
        _coordinating("C13", "The coordinator closes an open cycle.", NOT_CLOSED, Need(f.OPEN, "C13", STATE)),
        _COORDINATORS_OWN,
        view=Action.ORDER_CYCLE_VIEW,
    ),
    Policy(
        Action.CYCLE_FEE_ATTACH,
        _coordinating(
            "C10",
            "The coordinator puts its own fees on the whole cycle.",
            NOT_CLOSED,
            Need(
                Same(
                    "owner",
                    "coordinator",
                    ("It is a fee of the coordinator's.", "Only fees of the coordinator's own can stand on the cycle."),
                ),
                "C10",
            ),
            Need(f.FEE_ACTIVE, "F1", STATE),
        ),
        _ONLY_SEEN,
        view=Action.CYCLE_FEE_VIEW,
    ),
    Policy(
        Action.CYCLE_FEE_DETACH,
        _coordinating("C10", "The coordinator takes a fee off the cycle.", NOT_CLOSED),
        _ONLY_SEEN,
        view=Action.CYCLE_FEE_VIEW,
    ),
)


# --- who takes part ---------------------------------------------------------------------------------------------

_ITSELF = Same(
    "enterprise",
    "coordinator",
    (
        "{enterprise} coordinates the cycle itself.",
        "{coordinator} sells its own goods only: it is the one producer and the one outlet of its cycles.",
    ),
)
_SIMPLE = Need(
    AnyOf((_ITSELF, sells("coordinator", Sells.ANY))),
    "C12",
    STATE,
)
_NOT_ONLY_HERS = Need(
    Not(
        AllOf((Not(X_TO_C), GrantedToHers("enterprise", Permission.COORDINATE, but="coordinator"))),
        (
            "The grant is not one to another enterprise of yours only.",
            "{enterprise} has granted another enterprise of yours, and not {coordinator}.",
        ),
        "Ask {enterprise} to grant {coordinator} too.",
    ),
    "C6",
)


def _adding(code: str, *own: Need) -> tuple[Need, ...]:
    return (
        NOT_CLOSED,
        _SIMPLE,
        *own,
        Need(active("enterprise"), code, STATE),
        _NOT_ONLY_HERS,
        Need(X_TO_C, code),
        Need(active("coordinator"), code, STATE),
    )


_ADD_INCOMING = (
    *_adding("C4", Need(is_producer("enterprise"), "C4", STATE)),
    Need(Not(f.IN_INCOMING), "C4", STATE),
)
_ADD_OUTGOING = (
    *_adding(
        "C5",
        Need(AnyOf((sells("enterprise", Sells.ANY), AllOf((_ITSELF, sells("enterprise", Sells.OWN))))), "C5", STATE),
    ),
    *(Need(condition, "C5", STATE) for condition in f.READY),
    Need(Not(f.IN_OUTGOING), "C5", STATE),
)
P3 = ("P3", "Only the coordinator adds enterprises to its cycle.")
CANDIDATE_VIEW = Policy(
    Action.EXCHANGE_CANDIDATE_VIEW,
    (
        *(Rule(rule.code, rule.title, AllOf((_CYCLE_SEEN, rule.relation))) for rule in (E1, E2, E3)),
        Rule(
            "C9", "The coordinator's people see all who take part.", AllOf((SEES_COORDINATOR, f.ENTERPRISE_TAKES_PART))
        ),
        STAFF_SEE,
    ),
    NOBODY,
)
_BEFORE_OPENING = (
    NOT_CLOSED,
    Need(
        Not(
            f.OPEN,
            ("The order cycle has not opened.", "The order cycle is open; a part can be declined until it opens."),
            "Take your goods out instead, or speak to {coordinator}.",
        ),
        "X1",
        STATE,
    ),
)
PARTICIPANT_POLICIES = (
    CANDIDATE_VIEW,
    Policy(
        Action.EXCHANGE_ADD_INCOMING,
        _coordinating("C4", "The coordinator adds a producer that has granted it.", *_ADD_INCOMING),
        P3,
        view=Action.EXCHANGE_CANDIDATE_VIEW,
    ),
    Policy(
        Action.EXCHANGE_ADD_OUTGOING,
        _coordinating("C5", "The coordinator adds a hub that has granted it and is ready.", *_ADD_OUTGOING),
        P3,
        view=Action.EXCHANGE_CANDIDATE_VIEW,
    ),
    Policy(
        Action.EXCHANGE_REMOVE,
        _coordinating("C8", "The coordinator removes any exchange.", NOT_CLOSED),
        ("C8", "Only the coordinator removes an exchange. You can decline yours until the cycle opens."),
        view=Action.EXCHANGE_VIEW,
    ),
    Policy(
        Action.EXCHANGE_SET_NOTES,
        staffed(
            (
                Rule("C2", "The coordinator sets times and notes of any exchange.", COORDINATES, (NOT_CLOSED,)),
                Rule("H6", "A hub sets its collection, a producer its delivery notes.", TAKES_PART, (NOT_CLOSED,)),
            ),
            (NOT_CLOSED,),
        ),
        ("H6", "Collection and delivery notes are set by the enterprise itself and by the coordinator."),
        view=Action.EXCHANGE_VIEW,
    ),
    Policy(
        Action.EXCHANGE_ACCEPT,
        staffed((Rule("X1", "A participant accepts its exchange.", TAKES_PART, (NOT_CLOSED,)),), (NOT_CLOSED,)),
        ("X1", "Only the enterprise itself accepts or declines its part."),
        view=Action.EXCHANGE_VIEW,
    ),
    Policy(
        Action.EXCHANGE_DECLINE,
        staffed(
            (
                Rule(
                    "X1",
                    "A participant declines its exchange until the cycle opens.",
                    TAKES_PART,
                    _BEFORE_OPENING,
                ),
            ),
            _BEFORE_OPENING,
        ),
        ("X1", "Only the enterprise itself accepts or declines its part."),
        view=Action.EXCHANGE_VIEW,
    ),
)


# --- goods ------------------------------------------------------------------------------------------------------


def _stands(*conditions: Condition) -> tuple[Need, ...]:
    return tuple(Need(condition, "L2", STATE) for condition in conditions)


def _outgoing_add(code: str) -> tuple[Need, ...]:
    return (
        Need(f.SUPPLIED, code, STATE),
        Need(P_TO_C, code),
        Need(P_TO_X, code),
        Need(X_TO_C, "L2"),
        *_stands(f.SUPPLIER_STANDS, f.EXCHANGE_STANDS, f.VARIANT_ACTIVE, active("producer"), active("enterprise")),
        *_stands(active("coordinator")),
    )


def _when(direction: SlotIs, relation: Condition) -> Condition:
    return AllOf((direction, relation))


#: P8 speaks of a producer whose goods the actor sees here by P4.
_HER_GOODS = AllOf((OUTGOING, PRODUCES, f.SUPPLIES, _LANE))
_INCOMING_STANDS = _stands(f.EXCHANGE_STANDS, f.VARIANT_ACTIVE, active("producer"), active("coordinator"))
_C4_ADD = (NOT_CLOSED, Need(OWN_GOODS, "C4", STATE), Need(P_TO_C, "C4"), *_INCOMING_STANDS)
_C7_ADD = (NOT_CLOSED, *_outgoing_add("C7"))


def _goods_default(facts: Facts) -> tuple[str, str]:
    if INCOMING.holds(facts):
        return "H4", "A hub never changes what a producer brings; its own people and the coordinator do."
    return "P7", facts.name("enterprise") + " has not granted you: you see your goods here and cannot change them."


GOODS_POLICIES = (
    VARIANT_VIEW,
    Policy(
        Action.EXCHANGE_VARIANT_ADD,
        (
            Rule(
                "C4", "The coordinator adds goods of a producer that granted it.", _when(INCOMING, COORDINATES), _C4_ADD
            ),
            Rule(
                "C7",
                "The coordinator adds to a hub what is supplied by a producer that granted both.",
                _when(OUTGOING, COORDINATES),
                _C7_ADD,
            ),
            Rule(
                "P5",
                "A producer adds its own goods to its exchange.",
                _when(INCOMING, TAKES_PART),
                (NOT_CLOSED, Need(OWN_GOODS, "P5", STATE), Need(P_TO_C, "L2"), *_INCOMING_STANDS),
            ),
            Rule(
                "H2",
                "A hub adds what is supplied by a producer that granted it and the coordinator.",
                _when(OUTGOING, TAKES_PART),
                (NOT_CLOSED, *_outgoing_add("H2")),
            ),
            Rule(
                "P8",
                "A producer adds its goods to a hub that granted it.",
                _HER_GOODS,
                (NOT_CLOSED, Need(X_TO_P, "P7"), *_outgoing_add("P8")),
            ),
            Rule(
                "S1",
                "Hectare staff add goods under the coordinator's conditions.",
                _when(INCOMING, StaffActs()),
                _C4_ADD,
            ),
            Rule(
                "S1",
                "Hectare staff add goods under the coordinator's conditions.",
                _when(OUTGOING, StaffActs()),
                _C7_ADD,
            ),
        ),
        _goods_default,
        view=Action.EXCHANGE_VARIANT_VIEW,
    ),
    Policy(
        Action.EXCHANGE_VARIANT_REMOVE,
        staffed(
            (
                Rule("C8", "The coordinator removes any goods.", COORDINATES, (NOT_CLOSED,)),
                Rule(
                    "P5", "A producer removes its goods from its exchange.", _when(INCOMING, TAKES_PART), (NOT_CLOSED,)
                ),
                Rule("H3", "A hub removes any goods from its exchange.", _when(OUTGOING, TAKES_PART), (NOT_CLOSED,)),
                Rule(
                    "P8",
                    "A producer removes its goods from a hub that granted it.",
                    _HER_GOODS,
                    (NOT_CLOSED, Need(X_TO_P, "P7")),
                ),
            ),
            (NOT_CLOSED,),
        ),
        _goods_default,
        view=Action.EXCHANGE_VARIANT_VIEW,
    ),
)


# --- fees -------------------------------------------------------------------------------------------------------

_OWNS_FEE = Manages("owner", Permission.TAKE_PART)
_FEE_FITS = (Need(AnyOf((f.FEE_PER_ITEM, OUTGOING)), "F1", STATE), Need(f.FEE_ACTIVE, "F1", STATE))


def _fee_default(facts: Facts) -> tuple[str, str]:
    code = "P6" if INCOMING.holds(facts) else "H5"
    return code, "Fees of an exchange are set by the enterprise itself and by the coordinator."


_FEE_BY_C = (NOT_CLOSED, Need(AnyOf((O_TO_C, _OWNS_FEE)), "C10"), *_FEE_FITS)
FEE_POLICIES = (
    FEE_VIEW,
    EXCHANGE_FEE_VIEW,
    Policy(
        Action.FEE_EDIT,
        staffed((Rule("C11", "A fee is edited by its owner's people.", Manages("owner", Permission.MANAGE_FEES)),), ()),
        ("C11", "Only the enterprise that owns a fee edits it."),
        view=Action.FEE_VIEW,
    ),
    Policy(
        Action.EXCHANGE_FEE_ATTACH,
        staffed(
            (
                Rule(
                    "C10",
                    "The coordinator attaches fees of those who granted it and of its people's.",
                    COORDINATES,
                    _FEE_BY_C,
                ),
                Rule(
                    "P6",
                    "A producer attaches fees of its people's enterprises.",
                    _when(INCOMING, TAKES_PART),
                    (NOT_CLOSED, Need(_OWNS_FEE, "P6"), *_FEE_FITS),
                ),
                Rule(
                    "H5",
                    "A hub attaches fees of its people's enterprises.",
                    _when(OUTGOING, TAKES_PART),
                    (NOT_CLOSED, Need(_OWNS_FEE, "H5"), *_FEE_FITS),
                ),
            ),
            _FEE_BY_C,
        ),
        _fee_default,
        view=Action.EXCHANGE_FEE_VIEW,
    ),
    Policy(
        Action.EXCHANGE_FEE_DETACH,
        staffed(
            (
                Rule("C10", "The coordinator detaches any fee.", COORDINATES, (NOT_CLOSED,)),
                Rule(
                    "P6",
                    "A producer detaches its people's fees.",
                    _when(INCOMING, TAKES_PART),
                    (NOT_CLOSED, Need(_OWNS_FEE, "P6")),
                ),
                Rule(
                    "H5",
                    "A hub detaches its people's fees.",
                    _when(OUTGOING, TAKES_PART),
                    (NOT_CLOSED, Need(_OWNS_FEE, "H5")),
                ),
            ),
            (NOT_CLOSED,),
        ),
        _fee_default,
        view=Action.EXCHANGE_FEE_VIEW,
    ),
)


# --- catalogue and methods --------------------------------------------------------------------------------------


def _catalogue(view: Action, edit: Action) -> tuple[Policy, Policy]:
    grant = GrantKind.MANAGE_PRODUCTS
    return (
        Policy(
            view,
            (
                Rule("G8", "Members see the products of their enterprises.", Manages("producer", Permission.VIEW)),
                Rule(
                    "G9", "Those who may manage a catalogue see it.", GrantedToHers("producer", Permission.VIEW, grant)
                ),
                Rule(
                    "C9",
                    "A coordinator sees the products of producers that granted it.",
                    GrantedToHers("producer", Permission.VIEW),
                ),
                STAFF_SEE,
            ),
            NOBODY,
        ),
        Policy(
            edit,
            staffed(
                (
                    Rule(
                        "G8",
                        "A member with the right role manages products.",
                        Manages("producer", Permission.MANAGE_PRODUCTS),
                    ),
                    Rule(
                        "G9",
                        "An enterprise that was granted manage_products manages the granter's catalogue.",
                        GrantedToHers("producer", Permission.MANAGE_PRODUCTS, grant),
                    ),
                ),
                (),
            ),
            ("G8", "Products are managed by their producer and by those it has granted that."),
            view=view,
        ),
    )


CATALOGUE_POLICIES = (
    *_catalogue(Action.PRODUCT_VIEW, Action.PRODUCT_EDIT),
    *_catalogue(Action.VARIANT_VIEW, Action.VARIANT_EDIT),
    Policy(
        Action.METHOD_VIEW,
        (Rule("M1", "Members see the methods of their hubs.", Manages("enterprise", Permission.VIEW)), STAFF_SEE),
        NOBODY,
    ),
    Policy(
        Action.METHOD_EDIT,
        staffed(
            (
                Rule(
                    "M1",
                    "A member with the right role manages methods.",
                    Manages("enterprise", Permission.MANAGE_METHODS),
                ),
            ),
            (),
        ),
        ("M1", "Methods are managed by the hub itself."),
        view=Action.METHOD_VIEW,
    ),
    Policy(
        Action.NOTICE_VIEW,
        (
            Rule("N1", "Members see the notices to their enterprises.", Manages("enterprise", Permission.VIEW)),
            STAFF_SEE,
        ),
        NOBODY,
    ),
)


def register() -> None:
    """Register the rules of order cycles. Called once, when the apps are ready."""
    engine.register(
        CYCLE_VIEW,
        CYCLE_FEE_VIEW,
        EXCHANGE_VIEW,
        *CYCLE_POLICIES,
        *PARTICIPANT_POLICIES,
        *GOODS_POLICIES,
        *FEE_POLICIES,
        *CATALOGUE_POLICIES,
    )
    engine.register_model(OrderCycle, Action.ORDER_CYCLE_VIEW, Action.ORDER_CYCLE_EDIT, t.CYCLE)
    engine.register_model(Exchange, Action.EXCHANGE_VIEW, Action.EXCHANGE_SET_NOTES, t.EXCHANGE)
    engine.register_model(Fee, Action.FEE_VIEW, Action.FEE_EDIT, t.FEE)
    engine.register_model(Product, Action.PRODUCT_VIEW, Action.PRODUCT_EDIT, t.PRODUCT)
    engine.register_model(Variant, Action.VARIANT_VIEW, Action.VARIANT_EDIT, t.PRODUCT)
    engine.register_model(ShippingMethod, Action.METHOD_VIEW, Action.METHOD_EDIT, t.METHOD)
    engine.register_model(PaymentMethod, Action.METHOD_VIEW, Action.METHOD_EDIT, t.METHOD)
    engine.register_model(Notice, Action.NOTICE_VIEW, Action.NOTICE_VIEW, t.NOTICE)
