"""What the API answers about order cycles. The types become the schema; the functions fill them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, NotRequired, TypedDict

from ordercycles.choices import FeeChoice
from ordercycles.models import Fee, Notice, PaymentMethod, Product, ShippingMethod, Variant
from ordercycles.pictures import (
    CandidateRow,
    CycleRow,
    ExchangeRow,
    FeeRow,
    LaneRow,
    Party,
    ProductRow,
    WholeCycle,
)
from organisations.api.shapes import EnterpriseRef, enterprise_ref
from permissions.actions import Action
from permissions.api.schema import Fact, described, id_of
from permissions.decisions import Decision

Money = Annotated[Decimal, described("Pounds, as a text.", examples=["4.50"])]


def party(one: Party) -> EnterpriseRef:
    """An enterprise of a picture."""
    return {"id": one.id, "name": one.name}


class Verdict(TypedDict):
    """Whether you may, by which rule, and if not, why and what to do."""

    allowed: bool
    rule: Annotated[str, described("The code of the rule that decided.", examples=["C5"])]
    why: NotRequired[Annotated[str, described("Only of a refusal.")]]


def verdict(decision: Decision) -> Verdict:
    """A decision in short."""
    if decision.allowed:
        return {"allowed": True, "rule": decision.code}
    return {"allowed": False, "rule": decision.code, "why": decision.why}


def verdicts(decisions: Mapping[Action, Decision]) -> dict[str, Verdict]:
    """Decisions by what they are about: ``remove`` for ``exchange:remove``."""
    return {action.partition(":")[2]: verdict(one) for action, one in decisions.items()}


# --- catalogue --------------------------------------------------------------------------------------------------


class ProductOut(TypedDict):
    """A product of a producer's; its variants are what is bought."""

    id: Annotated[str, id_of("prd")]
    producer: EnterpriseRef
    name: str
    category: str
    description: str
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


def product_out(row: Product) -> ProductOut:
    """One product, with its producer at hand."""
    return {
        "id": row.public_id,
        "producer": enterprise_ref(row.producer),
        "name": row.name,
        "category": row.category,
        "description": row.description,
        "archived_at": row.archived_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


class VariantOut(TypedDict):
    """One size or kind of a product, with its price."""

    id: Annotated[str, id_of("var")]
    product: Annotated[str, id_of("prd")]
    product_name: str
    producer: EnterpriseRef
    name: str
    sku: str
    unit_type: str
    unit_value: Decimal
    unit_name: str
    weight_kg: Decimal | None
    price: Money
    on_hand: int
    on_demand: bool
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


def variant_out(row: Variant) -> VariantOut:
    """One variant, with its product and producer at hand."""
    return {
        "id": row.public_id,
        "product": row.product.public_id,
        "product_name": row.product.name,
        "producer": enterprise_ref(row.producer),
        "name": row.name,
        "sku": row.sku,
        "unit_type": row.unit_type,
        "unit_value": row.unit_value,
        "unit_name": row.unit_name,
        "weight_kg": row.weight_kg,
        "price": row.price,
        "on_hand": row.on_hand,
        "on_demand": row.on_demand,
        "archived_at": row.archived_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


class FeeOut(TypedDict):
    """A fee of an enterprise's."""

    id: Annotated[str, id_of("fee")]
    owner: EnterpriseRef
    name: str
    kind: str
    charge: str
    amount: Annotated[Decimal, described("Pounds; with charge percent, the percentage.")]
    further_amount: Decimal | None
    max_items: int | None
    minimum: Decimal | None
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


def fee_out(row: Fee) -> FeeOut:
    """One fee, with its owner at hand."""
    return {
        "id": row.public_id,
        "owner": enterprise_ref(row.owner),
        "name": row.name,
        "kind": row.kind,
        "charge": row.charge,
        "amount": row.amount,
        "further_amount": row.further_amount,
        "max_items": row.max_items,
        "minimum": row.minimum,
        "archived_at": row.archived_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


class ShippingMethodOut(TypedDict):
    """How a hub's customers get their goods."""

    id: Annotated[str, id_of("shm")]
    hub: EnterpriseRef
    name: str
    kind: str
    description: str
    price: Money
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


def shipping_method_out(row: ShippingMethod) -> ShippingMethodOut:
    """One shipping method, with its hub at hand."""
    return {
        "id": row.public_id,
        "hub": enterprise_ref(row.hub),
        "name": row.name,
        "kind": row.kind,
        "description": row.description,
        "price": row.price,
        "archived_at": row.archived_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


class PaymentMethodOut(TypedDict):
    """How a hub's customers pay."""

    id: Annotated[str, id_of("pym")]
    hub: EnterpriseRef
    name: str
    description: str
    is_active: bool
    archived_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int


def payment_method_out(row: PaymentMethod) -> PaymentMethodOut:
    """One payment method, with its hub at hand."""
    return {
        "id": row.public_id,
        "hub": enterprise_ref(row.hub),
        "name": row.name,
        "description": row.description,
        "is_active": row.is_active,
        "archived_at": row.archived_at,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "version": row.version,
    }


# --- cycles -----------------------------------------------------------------------------------------------------


class CycleOut(TypedDict):
    """An order cycle in a list."""

    id: Annotated[str, id_of("ocy")]
    name: str
    state: Annotated[str, described("draft, upcoming, open or closed: from the clock.")]
    coordinator: EnterpriseRef
    opens_at: datetime | None
    closes_at: datetime | None
    part: Annotated[list[str], described("What your enterprises are in it: coordinator, producer, hub.")]
    producers: Annotated[int, described("As many as you see.")]
    hubs: int
    to_answer: Annotated[int, described("Exchanges of yours that nobody has accepted or declined.")]
    updated_at: datetime
    version: int


def cycle_out(row: CycleRow) -> CycleOut:
    """One row of the list."""
    return {
        "id": row.id,
        "name": row.name,
        "state": row.state.value,
        "coordinator": party(row.coordinator),
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
        "part": row.part.split(", ") if row.part else [],
        "producers": row.producers,
        "hubs": row.hubs,
        "to_answer": row.to_answer,
        "updated_at": row.updated_at,
        "version": row.version,
    }


class AttachedFee(TypedDict):
    """A fee as it stands on an exchange or a cycle."""

    id: Annotated[str, id_of("fee")]
    name: str
    kind: str
    charge: str
    amount: str
    owner: EnterpriseRef
    is_archived: bool


def attached_fee(row: FeeRow) -> AttachedFee:
    """One fee of a picture."""
    return {
        "id": row.id,
        "name": row.name,
        "kind": row.kind,
        "charge": row.charge,
        "amount": row.amount,
        "owner": party(row.owner),
        "is_archived": row.archived,
    }


class ExchangeOut(TypedDict):
    """An enterprise's part in a cycle, as you see it."""

    id: Annotated[str, id_of("exc")]
    direction: str
    enterprise: EnterpriseRef
    is_yours: bool
    status: str
    decline_reason: str
    collection_time: str
    collection_instructions: str
    delivery_notes: str
    variants: Annotated[int, described("How many variants it carries, of those that you see.")]
    lapsed: Annotated[int, described("How many of them do not stand today.")]
    fees: list[AttachedFee]
    may: Annotated[dict[str, Verdict], described("remove, set_notes, accept, decline")]
    version: int


def exchange_out(row: ExchangeRow) -> ExchangeOut:
    """One exchange of a picture."""
    return {
        "id": row.id,
        "direction": row.direction,
        "enterprise": party(row.enterprise),
        "is_yours": row.mine,
        "status": row.status,
        "decline_reason": row.decline_reason,
        "collection_time": row.collection_time,
        "collection_instructions": row.collection_instructions,
        "delivery_notes": row.delivery_notes,
        "variants": row.variants,
        "lapsed": row.lapsed,
        "fees": [attached_fee(fee) for fee in row.fees],
        "may": verdicts(row.decisions),
        "version": row.version,
    }


class ExchangeDetail(ExchangeOut):
    """One exchange, with its cycle."""

    order_cycle: Annotated[str, id_of("ocy")]


class LaneOut(TypedDict):
    """Producer to hub inside one cycle."""

    producer: EnterpriseRef
    hub: EnterpriseRef
    exchange: Annotated[str, id_of("exc", "The hub's exchange.")]
    flows: Annotated[int, described("Variants that are effective.")]
    lapsed: Annotated[int, described("Variants that are kept, and not on offer.")]
    add: Verdict
    remove: Verdict
    reasons: Annotated[list[str], described("Why nothing may flow, as codes.")]


def lanes_out(rows: Sequence[LaneRow]) -> list[LaneOut]:
    """The lanes of a cycle: thousands of rows with few different enterprises, each of which is made once."""
    parties: dict[int, EnterpriseRef] = {}
    return [
        {
            "producer": parties.get(row.producer.key) or parties.setdefault(row.producer.key, party(row.producer)),
            "hub": parties.get(row.hub.key) or parties.setdefault(row.hub.key, party(row.hub)),
            "exchange": row.exchange,
            "flows": row.flows,
            "lapsed": row.lapsed,
            "add": verdict(row.add),
            "remove": verdict(row.remove),
            "reasons": list(row.reasons),
        }
        for row in rows
    ]


class CandidateOut(TypedDict):
    """An enterprise that could be added to a cycle, or cannot, and why."""

    enterprise: EnterpriseRef
    town: str
    has_granted: Annotated[bool, described("Whether it granted the coordinator.")]
    takes_part: bool
    may_add: Verdict


def candidate_out(row: CandidateRow) -> CandidateOut:
    """One candidate."""
    return {
        "enterprise": party(row.enterprise),
        "town": row.town,
        "has_granted": row.granted,
        "takes_part": row.taking_part,
        "may_add": verdict(row.decision),
    }


class Candidates(TypedDict):
    """Who could be added, and who is greyed."""

    incoming: list[CandidateOut]
    outgoing: list[CandidateOut]


class CycleDetail(TypedDict):
    """An order cycle with everything that you see of it."""

    id: Annotated[str, id_of("ocy")]
    name: str
    state: str
    role: Annotated[str, described("How you see it: coordinator, participant or staff.")]
    coordinator: EnterpriseRef
    opens_at: datetime | None
    closes_at: datetime | None
    may: Annotated[dict[str, Verdict], described("edit, set_coordinator, copy, close, delete")]
    fees: Annotated[list[AttachedFee], described("The coordinator's fees, on everything.")]
    incoming: list[ExchangeOut]
    outgoing: list[ExchangeOut]
    lanes: list[LaneOut]
    candidates: Annotated[Candidates | None, described("To the coordinator's people; null to others.")]
    created_at: datetime
    updated_at: datetime
    version: int


def cycle_detail(whole: WholeCycle) -> CycleDetail:
    """A cycle with its exchanges, lanes, and whom the coordinator could add."""
    picture, candidates = whole.picture, whole.candidates
    cycle = picture.cycle
    return {
        "id": cycle.public_id,
        "name": cycle.name,
        "state": picture.state.value,
        "role": picture.role,
        "coordinator": enterprise_ref(cycle.coordinator),
        "opens_at": cycle.opens_at,
        "closes_at": cycle.closes_at,
        "may": verdicts(picture.decisions),
        "fees": [attached_fee(fee) for fee in picture.cycle_fees],
        "incoming": [exchange_out(row) for row in picture.incoming],
        "outgoing": [exchange_out(row) for row in picture.outgoing],
        "lanes": lanes_out(whole.lanes),
        "candidates": None
        if candidates is None
        else {
            "incoming": [candidate_out(row) for row in candidates["incoming"]],
            "outgoing": [candidate_out(row) for row in candidates["outgoing"]],
        },
        "created_at": cycle.created_at,
        "updated_at": cycle.updated_at,
        "version": cycle.version,
    }


class LeftOutOut(TypedDict):
    """Something that a copy could not take over."""

    what: Annotated[str, described("incoming, outgoing, variant or fee")]
    id: str
    name: str
    rule: str
    reason: str


class CopyReportOut(TypedDict):
    """A copied cycle, and what it left out."""

    order_cycle: CycleDetail
    left_out: list[LeftOutOut]


class GoodsOut(TypedDict):
    """A variant towards an exchange: in it, or such that it could be put into it."""

    id: Annotated[str, id_of("var")]
    product: str
    name: str
    unit: str
    price: Money
    producer: EnterpriseRef
    is_in: bool
    is_effective: Annotated[bool, described("In it, and standing today.")]
    lapsed: Annotated[list[str], described("Why it does not stand, as codes.")]
    lapsed_why: str
    may_add: Verdict
    may_remove: Verdict


def goods_out(row: ProductRow) -> GoodsOut:
    """One row of an exchange's products."""
    return {
        "id": row.id,
        "product": row.product,
        "name": row.name,
        "unit": row.unit,
        "price": row.price,
        "producer": party(row.producer),
        "is_in": row.carried,
        "is_effective": row.carried and not row.lapsed,
        "lapsed": list(row.lapsed),
        "lapsed_why": row.lapsed_text,
        "may_add": verdict(row.add),
        "may_remove": verdict(row.remove),
    }


class GoodsChanged(TypedDict):
    """What a change of goods came to."""

    exchange: Annotated[str, id_of("exc")]
    added: Annotated[int, described("How many were not there before.")]
    removed: int
    version: int


class FeeChoiceOut(TypedDict):
    """A fee on an exchange, or one that you could put on it."""

    id: Annotated[str, id_of("fee")]
    name: str
    kind: str
    charge: str
    amount: Decimal
    owner: EnterpriseRef
    is_attached: bool
    may_change: Annotated[Verdict, described("Detach it when it is attached, else attach it.")]


def fee_choice_out(row: FeeChoice) -> FeeChoiceOut:
    """One fee towards an exchange."""
    return {
        "id": row.fee.public_id,
        "name": row.fee.name,
        "kind": row.fee.kind,
        "charge": row.fee.charge,
        "amount": row.fee.amount,
        "owner": enterprise_ref(row.fee.owner),
        "is_attached": row.attached,
        "may_change": verdict(row.decision),
    }


class OfferLineFee(TypedDict):
    """What a fee adds to the price of an item."""

    id: Annotated[str, id_of("fee")]
    name: str
    source: Annotated[str, described("producer, coordinator or hub")]
    adds: Annotated[str, described("Pounds, exact.")]


class OfferLineOut(TypedDict):
    """A variant on offer."""

    variant: Annotated[str, id_of("var")]
    product: str
    name: str
    unit: str
    producer: EnterpriseRef
    price: str
    fees: list[OfferLineFee]
    price_with_fees: Annotated[str, described("Rounded half-up to the penny, once.")]


class OrderFee(TypedDict):
    """A fee that is charged once for an order."""

    id: Annotated[str, id_of("fee")]
    name: str
    kind: str
    owner: str
    source: str
    charge: str
    amount: str | None
    further_amount: str | None
    max_items: int | None
    minimum: str | None


class OfferOut(TypedDict):
    """What one hub offers in one cycle."""

    order_cycle: Annotated[str, id_of("ocy")]
    hub: EnterpriseRef
    lines: list[OfferLineOut]
    per_order_fees: list[OrderFee]
    recorded: Annotated[bool, described("Whether it is the one recorded at closing.")]


# --- notices and access -----------------------------------------------------------------------------------------


class NoticeOut(TypedDict):
    """A message to the people of one of your enterprises."""

    id: Annotated[str, id_of("ntc")]
    enterprise: EnterpriseRef
    kind: str
    text: str
    order_cycle: str | None
    by: str
    created_at: datetime
    read_at: datetime | None


def notice_out(row: Notice) -> NoticeOut:
    """One notice, with its enterprise and cycle at hand."""
    return {
        "id": row.public_id,
        "enterprise": enterprise_ref(row.enterprise),
        "kind": row.kind,
        "text": row.text,
        "order_cycle": row.cycle.public_id if row.cycle else None,
        "by": row.actor_name,
        "created_at": row.created_at,
        "read_at": row.read_at,
    }


class MarkedRead(TypedDict):
    """How many notices were unread before."""

    marked: int


class DecisionOut(TypedDict):
    """What the rules decide, and on what that rests."""

    allowed: bool
    action: str
    rule: str
    refusal: Annotated[str | None, described("not_visible, permission or state; null when allowed.")]
    reason: str
    facts: list[Fact]
    remedies: list[str]


class RuleReadOut(TypedDict):
    """One rule as it was read."""

    rule: str
    title: str
    applies: bool
    relation: str
    allows: bool
    facts: list[Fact]


class GeneralOut(TypedDict):
    """A rule that no single action holds."""

    rule: str
    title: str


class ExplanationOut(TypedDict):
    """A decision, and every rule that was looked at."""

    decision: DecisionOut
    rules: list[RuleReadOut]
    general: Annotated[list[GeneralOut], described("Rules of all actions alike that bear on this one.")]


class ExplanationsOut(TypedDict):
    """What somebody may do with something, and why."""

    target: str
    who: str
    explanations: list[ExplanationOut]
