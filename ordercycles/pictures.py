"""What a page or the API shows of a cycle, each read in a fixed number of statements whatever its size.

Sets are fetched, decisions are told from them by the engine: rows alike are judged once.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, cast

from django.db.models import Q, QuerySet

from common import clock
from common.arrays import OneOf
from ordercycles import effective, recorded
from ordercycles.effective import Goods
from ordercycles.enums import CycleState, Direction, ExchangeStatus
from ordercycles.models import CycleFee, Exchange, ExchangeFee, ExchangeVariant, OrderCycle, Variant
from ordercycles.models.cycle import state_q
from ordercycles.offers import unit_text
from ordercycles.rules import facts as f
from ordercycles.rules import targets
from ordercycles.rules.policies import P3
from organisations.enums import Sells
from organisations.models import Business
from organisations.rules import active
from permissions import engine
from permissions.access import Access
from permissions.actions import Action, Permission
from permissions.decisions import Decision, Refusal, Refused
from permissions.grants import Granted, granters_among, granters_to
from permissions.reading import Truth
from permissions.rules import Facts, Leaf

CYCLE_ACTIONS = (
    Action.ORDER_CYCLE_EDIT,
    Action.ORDER_CYCLE_SET_COORDINATOR,
    Action.ORDER_CYCLE_COPY,
    Action.ORDER_CYCLE_CLOSE,
    Action.ORDER_CYCLE_DELETE,
)
EXCHANGE_ACTIONS = (
    Action.EXCHANGE_REMOVE,
    Action.EXCHANGE_SET_NOTES,
    Action.EXCHANGE_ACCEPT,
    Action.EXCHANGE_DECLINE,
)


@dataclass(frozen=True, slots=True)
class Party:
    """An enterprise as others see it."""

    key: int
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class FeeRow:
    """A fee as it stands on something."""

    key: int
    id: str
    name: str
    kind: str
    charge: str
    amount: str
    owner: Party
    archived: bool


@dataclass(frozen=True, slots=True)
class ExchangeRow:
    """An exchange in the picture of its cycle.

    Attributes:
        variants: how many variants it carries, of those that the actor sees.
        lapsed: how many of them have lapsed.
        mine: whether the actor manages its enterprise.
        decisions: remove, set notes, accept, decline.
    """

    key: int
    id: str
    direction: str
    enterprise: Party
    status: str
    decline_reason: str
    collection_time: str
    collection_instructions: str
    delivery_notes: str
    version: int
    variants: int
    lapsed: int
    mine: bool
    fees: tuple[FeeRow, ...]
    decisions: Mapping[Action, Decision]


class CandidateRow(NamedTuple):
    """An enterprise that could be added to a cycle, or is greyed, and why."""

    enterprise: Party
    town: str
    granted: bool
    taking_part: bool
    decision: Decision


@dataclass(frozen=True, slots=True)
class CyclePicture:
    """A cycle as one actor sees it."""

    cycle: OrderCycle
    state: CycleState
    role: str
    decisions: Mapping[Action, Decision]
    cycle_fees: tuple[FeeRow, ...]
    incoming: tuple[ExchangeRow, ...]
    outgoing: tuple[ExchangeRow, ...]

    @property
    def simple(self) -> bool:
        """Whether the coordinator sells its own goods and nobody else is in it (C12)."""
        own = self.cycle.coordinator_id
        alone = all(row.enterprise.key == own for row in (*self.incoming, *self.outgoing))
        return self.cycle.coordinator.sells == Sells.OWN and alone


@dataclass(frozen=True, slots=True)
class CycleRow:
    """A cycle in a list.

    Attributes:
        part: the actor's part, in words: ``coordinator``, ``producer``, ``hub``, joined by ``, ``.
        to_answer: exchanges of hers that she has not answered.
        sells_own: whether the coordinator is its one producer and its one outlet (C12).
    """

    id: str
    name: str
    state: CycleState
    coordinator: Party
    opens_at: datetime | None
    closes_at: datetime | None
    part: str
    producers: int
    hubs: int
    to_answer: int
    version: int
    updated_at: datetime
    sells_own: bool


def cycle_rows(access: Access, cycles: QuerySet[OrderCycle]) -> list[CycleRow]:
    """Cycles for a list, with the actor's part in each. Three statements."""
    return rows_of(access, list(cycles))


def rows_of(access: Access, rows: Sequence[OrderCycle]) -> list[CycleRow]:
    """The same of cycles that have been read, with their coordinators' units at hand."""
    keys = [row.pk for row in rows]
    mine = access.ids(Permission.VIEW)
    answering = access.ids(Permission.TAKE_PART)
    parts: dict[int, list[tuple[str, int, str]]] = {}
    visible = engine.visible(access, Exchange.objects.filter(cycle=OneOf(keys)))
    for cycle, direction, enterprise, status in visible.values_list("cycle_id", "direction", "enterprise_id", "status"):
        parts.setdefault(cycle, []).append((direction, enterprise, status))
    now = clock.now()
    return [_cycle_row(row, parts.get(row.pk, []), mine, answering, now) for row in rows]


def _cycle_row(
    row: OrderCycle,
    parts: list[tuple[str, int, str]],
    mine: frozenset[int],
    answering: frozenset[int],
    now: datetime,
) -> CycleRow:
    producers = hubs = waiting = 0
    role = {"coordinator": row.coordinator_id in mine, "producer": False, "hub": False}
    for direction, enterprise, status in parts:
        if direction == _INCOMING:
            producers += 1
            role["producer"] |= enterprise in mine
        else:
            hubs += 1
            role["hub"] |= enterprise in mine
        waiting += status == _UNANSWERED and enterprise in answering and enterprise != row.coordinator_id
    state = row.state_at(now)
    return CycleRow(
        id=row.public_id,
        name=row.name,
        state=state,
        coordinator=party(row.coordinator),
        opens_at=row.opens_at,
        closes_at=row.closes_at,
        part=", ".join(name for name, plays in role.items() if plays),
        producers=producers,
        hubs=hubs,
        to_answer=0 if state == CycleState.CLOSED else waiting,
        version=row.version,
        updated_at=row.updated_at,
        sells_own=row.coordinator.sells == _OWN,
    )


#: What a row of the list is made from.
_LISTED = (
    *("public_id", "name", "opens_at", "closes_at", "version", "updated_at"),
    *("coordinator", "coordinator__sells", "coordinator__unit"),
    *("coordinator__unit__public_id", "coordinator__unit__name"),
)
# Compared with texts from the database, thousands of times: as plain ones.
_INCOMING, _UNANSWERED, _OWN = Direction.INCOMING.value, ExchangeStatus.UNANSWERED.value, Sells.OWN.value


def filtered(cycles: QuerySet[OrderCycle], *, state: str = "", search: str = "") -> QuerySet[OrderCycle]:
    """Cycles for a list, with what its rows show: in a state, or whose name or coordinator holds the words."""
    cycles = cycles.select_related(None).select_related("coordinator__unit").only(*_LISTED)
    if state:
        cycles = cycles.filter(state_q(CycleState(state), clock.now()))
    if search:
        cycles = cycles.filter(Q(name__icontains=search) | Q(coordinator__unit__name__icontains=search))
    return cycles


def party(enterprise: Business) -> Party:
    """An enterprise whose unit is at hand."""
    return Party(enterprise.pk, enterprise.unit.public_id, enterprise.unit.name)


def role_in(access: Access, cycle: OrderCycle) -> str:
    """How the actor sees the cycle: ``coordinator``, ``participant`` or ``staff``."""
    if access.is_staff:
        return "staff"
    return "coordinator" if access.manages(cycle.coordinator_id, Permission.VIEW) else "participant"


@dataclass(frozen=True, slots=True)
class Seen:
    """Exchanges of a cycle that the actor sees, and their goods: (variants, lapsed) by exchange and producer."""

    exchanges: list[Exchange]
    goods: Goods


def seen_in(access: Access, cycle: OrderCycle, only: Collection[int] | None = None) -> Seen:
    """What the actor sees of a cycle's exchanges, or of some of them. Two statements."""
    found = _seen_exchanges(access, cycle, only)
    return Seen(found, effective.lapsed_goods(_seen_goods(access, cycle, found), cycle))


def _seen_exchanges(access: Access, cycle: OrderCycle, only: Collection[int] | None = None) -> list[Exchange]:
    wanted = Exchange.objects.filter(cycle=cycle)
    if only is not None:
        wanted = wanted.filter(pk=OneOf(only))
    rows = engine.visible(access, wanted).select_related("enterprise__unit")
    return list(rows.order_by("enterprise__unit__name", "pk"))


def _seen_goods(access: Access, cycle: OrderCycle, found: list[Exchange]) -> QuerySet[ExchangeVariant]:
    """The goods that the actor sees in exchanges that she sees."""
    rows = ExchangeVariant.objects.filter(exchange=OneOf([row.pk for row in found]))
    if _sees_all(access, cycle):
        return rows
    mine = access.ids(Permission.VIEW)
    own = [row.pk for row in found if row.direction == Direction.INCOMING or row.enterprise_id in mine]
    # P4: in another's exchange, the goods of those of her producers that take part.
    suppliers = Exchange.objects.filter(cycle=cycle, direction=Direction.INCOMING, enterprise=OneOf(mine))
    return rows.filter(Q(exchange=OneOf(own)) | Q(variant__producer__in=suppliers.values("enterprise")))


@dataclass(frozen=True, slots=True)
class WholeCycle:
    """Everything of a cycle at once. ``candidates`` by direction; ``None`` to those who are not the coordinator's."""

    picture: CyclePicture
    lanes: list[LaneRow]
    candidates: dict[str, list[CandidateRow]] | None


def whole_cycle(access: Access, cycle: OrderCycle) -> WholeCycle:
    """The cycle, its lanes, and whom the coordinator could add, with what they share read once. Eleven statements."""
    found = _seen_exchanges(access, cycle)
    reader = LaneReader(access, cycle, found)
    lanes = reader.rows()
    asks = _sees_all(access, cycle)
    return WholeCycle(
        picture=cycle_picture(access, cycle, Seen(found, reader.lapsed)),
        lanes=lanes,
        candidates=all_candidates(access, cycle) if asks else None,
    )


def cycle_picture(access: Access, cycle: OrderCycle, seen: Seen | None = None) -> CyclePicture:
    """The cycle with its exchanges, fees, and what may be done. Six statements; four when ``seen`` is at hand."""
    target = replace(targets.cycle(cycle), namer=lambda slots: {cycle.coordinator_id: cycle.coordinator.name})
    facts = engine.facts_for(access, CYCLE_ACTIONS, target)
    (one,) = facts.values()
    rows = exchange_rows(access, cycle, seen or seen_in(access, cycle))
    fees = CycleFee.objects.filter(cycle=cycle).order_by("fee__name", "pk")
    return CyclePicture(
        cycle=cycle,
        state=cycle.state,
        role=role_in(access, cycle),
        decisions={action: engine.judge(action, one) for action in CYCLE_ACTIONS},
        cycle_fees=tuple(_fee_row(row) for row in fees.values_list(*_FEE)),
        incoming=tuple(row for row in rows if row.direction == Direction.INCOMING),
        outgoing=tuple(row for row in rows if row.direction == Direction.OUTGOING),
    )


_FEE = (
    "fee_id",
    "fee__public_id",
    "fee__name",
    "fee__kind",
    "fee__charge",
    "fee__amount",
    "fee__owner_id",
    "fee__owner__unit__public_id",
    "fee__owner__unit__name",
    "fee__archived_at",
)


def _fee_row(row: tuple[Any, ...]) -> FeeRow:
    key, public_id, name, kind, charge, amount, owner, owner_id, owner_name, archived = row
    return FeeRow(
        key,
        public_id,
        name,
        kind,
        charge,
        f"{amount.normalize():f}",
        Party(owner, owner_id, owner_name),
        bool(archived),
    )


def exchange_rows(access: Access, cycle: OrderCycle, seen: Seen) -> list[ExchangeRow]:
    """The exchanges that the actor sees (``seen_in``), with what she may do with each. Two statements."""
    found = seen.exchanges
    keys = [row.pk for row in found]
    counts = _counts(seen)
    fees = _fees(access, cycle, found)
    mine = access.ids(Permission.VIEW)
    names = {row.enterprise_id: row.enterprise.unit.name for row in found}
    names[cycle.coordinator_id] = cycle.coordinator.name
    target = engine.Target(Exchange.objects.filter(pk=OneOf(keys)), targets.EXCHANGE, lambda slots: names)
    facts = engine.facts_for(access, EXCHANGE_ACTIONS, target)
    return [
        ExchangeRow(
            key=row.pk,
            id=row.public_id,
            direction=row.direction,
            enterprise=party(row.enterprise),
            status=row.status,
            decline_reason=row.decline_reason,
            collection_time=row.collection_time,
            collection_instructions=row.collection_instructions,
            delivery_notes=row.delivery_notes,
            version=row.version,
            variants=counts.get(row.pk, (0, 0))[0],
            lapsed=counts.get(row.pk, (0, 0))[1],
            mine=row.enterprise_id in mine,
            fees=fees.get(row.pk, ()),
            decisions={action: engine.judge(action, facts[row.pk]) for action in EXCHANGE_ACTIONS},
        )
        for row in found
    ]


def _sees_all(access: Access, cycle: OrderCycle) -> bool:
    return access.is_staff or access.manages(cycle.coordinator_id, Permission.VIEW)


def _fees(access: Access, cycle: OrderCycle, found: list[Exchange]) -> dict[int, tuple[FeeRow, ...]]:
    """The fees of exchanges that the actor sees: all on her own and as coordinator, else those that she owns."""
    mine = access.ids(Permission.VIEW)
    whole = {row.pk for row in found if _sees_all(access, cycle) or row.enterprise_id in mine}
    result: dict[int, list[FeeRow]] = {}
    rows = ExchangeFee.objects.filter(exchange=OneOf([row.pk for row in found])).order_by("fee__name", "pk")
    for exchange, *fee in rows.values_list("exchange_id", *_FEE):
        row = _fee_row(tuple(fee))
        if exchange in whole or row.owner.key in mine:
            result.setdefault(exchange, []).append(row)
    return {key: tuple(fees) for key, fees in result.items()}


def _counts(seen: Seen) -> dict[int, tuple[int, int]]:
    """How many variants of each exchange the actor sees, and how many of them have lapsed: from the lanes."""
    totals: dict[int, tuple[int, int]] = {}
    for (exchange, _), (variants, lapsed) in seen.goods.items():
        before = totals.get(exchange, (0, 0))
        totals[exchange] = (before[0] + variants, before[1] + lapsed)
    return totals


_ADDING = {
    Direction.INCOMING.value: Action.EXCHANGE_ADD_INCOMING,
    Direction.OUTGOING.value: Action.EXCHANGE_ADD_OUTGOING,
}


def candidates(access: Access, cycle: OrderCycle, direction: str) -> list[CandidateRow]:
    """Enterprises that granted the coordinator, or take part (C9), each with the decision on adding it (C4, C5).

    Enterprises that granted only some other enterprise of the actor's are not offered (C6). Two statements.

    Raises:
        Refused: the actor only takes part (P3).
    """
    rows = fitting(access, cycle, direction)
    return _candidates(access, cycle, direction, _parties_by_key(rows), rows)


def all_candidates(access: Access, cycle: OrderCycle) -> dict[str, list[CandidateRow]]:
    """Those of both directions. Three statements."""
    either = Business.objects.filter(_fits(cycle, Direction.INCOMING) | _fits(cycle, Direction.OUTGOING))
    parties = _parties_by_key(either)
    return {one.value: _candidates(access, cycle, one, parties, _fitting(cycle, one)) for one in Direction}


def fitting(access: Access, cycle: OrderCycle, direction: str) -> QuerySet[Business]:
    """Those of whom ``candidates`` tells, for a list in pages.

    Raises:
        Refused: the actor only takes part (P3).
    """
    if not _sees_all(access, cycle):
        raise Refused(Decision(False, _ADDING[direction], *P3, Refusal.PERMISSION))
    return _fitting(cycle, direction).select_related("unit")


def candidates_among(
    access: Access, cycle: OrderCycle, direction: str, found: Sequence[Business]
) -> list[CandidateRow]:
    """A page of them. One statement."""
    parties = {one.pk: (party(one), one.unit.town) for one in found}
    return _candidates(access, cycle, direction, parties, Business.objects.filter(pk__in=parties))


def _candidates(
    access: Access,
    cycle: OrderCycle,
    direction: str,
    parties: Mapping[int, tuple[Party, str]],
    enterprises: QuerySet[Business],
) -> list[CandidateRow]:
    incoming = direction == Direction.INCOMING
    action = _ADDING[direction]
    names = {key: who.name for key, (who, _) in parties.items()} | {cycle.coordinator_id: cycle.coordinator.name}
    target = replace(targets.candidates(cycle, enterprises), namer=lambda slots: names)
    # Whoever is asked for these sees them: they granted the coordinator (E2), are it (E1), or take part (C9).
    facts = engine.facts_for(access, (action,), target, seen=True)
    granted, taking_part = Granted("enterprise", "coordinator"), f.IN_INCOMING if incoming else f.IN_OUTGOING
    return [
        CandidateRow(who, town, granted.holds(one), taking_part.holds(one), engine.judge(action, one, seen=True))
        for key, (who, town) in parties.items()
        if (one := facts.get(key)) is not None
    ]


def _fitting(cycle: OrderCycle, direction: str) -> QuerySet[Business]:
    return Business.objects.filter(_fits(cycle, direction))


def _fits(cycle: OrderCycle, direction: str) -> Q:
    """Producers or hubs that have granted the coordinator, or are it, or take part in the cycle."""
    kind = Q(is_producer=True) if direction == Direction.INCOMING else Q(sells=Sells.ANY) | Q(pk=cycle.coordinator_id)
    known = Q(pk__in=granters_to(cycle.coordinator_id)) | Q(pk=cycle.coordinator_id)
    taking_part = Q(pk__in=Exchange.objects.filter(cycle=cycle, direction=direction).values("enterprise_id"))
    return (kind & known) | taking_part


def _parties_by_key(rows: QuerySet[Business]) -> dict[int, tuple[Party, str]]:
    values = rows.order_by("unit__name", "pk").values_list("pk", "unit__public_id", "unit__name", "unit__town")
    return {key: (Party(key, public_id, name), town) for key, public_id, name, town in values}


class LaneRow(NamedTuple):
    """Producer to hub in one cycle.

    Attributes:
        flows: how many variants are effective.
        lapsed: how many have lapsed.
        add: whether the actor may add goods here today, as far as the lane decides it.
        remove: whether she may remove goods here.
        reasons: why nothing may flow: lapse codes of the lane, in their order.
    """

    producer: Party
    hub: Party
    exchange: str
    flows: int
    lapsed: int
    add: Decision
    remove: Decision
    reasons: tuple[str, ...]


_LANE_ACTIONS = (Action.EXCHANGE_VARIANT_ADD, Action.EXCHANGE_VARIANT_REMOVE)
#: What can keep a whole lane from flowing, as reasons; a single variant has further ones.
_LANE_REASONS = tuple((code, condition) for code, condition in effective.OUTGOING if code != "variant_inactive")


def lanes(access: Access, cycle: OrderCycle) -> list[LaneRow]:
    """The lanes that the actor sees: those that flow, could flow or lapsed; an absent lane is one without a grant.

    Of a recorded cycle: those that carried something, with what was on offer at closing (L3).

    Sets are fetched (exchanges, goods by lane, grants) and the engine judges each lane from them; a lane's decision is
    that of a supplied, active variant which the lane does not carry yet.
    """
    return LaneReader(access, cycle, _seen_exchanges(access, cycle)).rows()


_P_TO_X, _X_TO_P = Granted("producer", "enterprise"), Granted("enterprise", "producer")
_NOBODY: frozenset[int] = frozenset()
_NOTHING = (0, 0)


class LaneReader:
    """Reads the lanes of one cycle for one actor.

    What the rules look at, for a supplied, active variant of a lane, is worked out once for each hub, once for each
    producer, and the little that is left for each lane. Lanes alike share their truth and what follows from it.
    """

    def __init__(self, access: Access, cycle: OrderCycle, seen: list[Exchange]) -> None:
        self.access = access
        self.cycle = cycle
        self.hubs = [row for row in seen if row.direction == Direction.OUTGOING]
        self.producers = {row.enterprise_id: row for row in seen if row.direction == Direction.INCOMING}
        self.goods = effective.sound_goods(_seen_goods(access, cycle, seen), cycle)
        #: Variants and lapsed ones, by exchange and producer; whole when ``rows`` has been called.
        self.lapsed: Goods = {}
        self.reading = engine.reading_of(*_LANE_ACTIONS)
        self.told_of = self._told_by_slots()
        self.closed = cycle.state == CycleState.CLOSED
        self.recorded = recorded.is_recorded(cycle)
        self.cycle_slots = {"cycle": cycle.pk, "coordinator": cycle.coordinator_id, "direction": Direction.OUTGOING}
        self._read(seen)
        self.names = {key: party.name for key, party in self.parties.items()}
        self.of_hub: dict[int, tuple[bool | None, ...]] = {}
        self.of_producer: dict[int, tuple[tuple[int, bool], ...]] = {}
        self.of_lane: dict[tuple[Any, ...], tuple[Truth, tuple[str, ...]]] = {}
        self.same_hubs: dict[tuple[bool | None, ...], tuple[bool | None, ...]] = {}
        self.same_producers: dict[tuple[tuple[int, bool], ...], tuple[tuple[int, bool], ...]] = {}

    def _read(self, seen: list[Exchange]) -> None:
        """The enterprises and the grants between them. Two statements."""
        keys = {row.enterprise_id for row in seen} | {producer for _, producer in self.goods}
        rows = Business.objects.filter(pk=OneOf({*keys, self.cycle.coordinator_id})).values_list(
            "pk", "group_id", "unit__public_id", "unit__name", "unit__archived_at", "unit__organisation__archived_at"
        )
        groups: dict[int, int] = {}
        self.parties: dict[int, Party] = {}
        self.active: set[int] = set()
        for key, group, public_id, name, unit_gone, organisation_gone in rows:
            groups[group] = key
            self.parties[key] = Party(key, public_id, name)
            if unit_gone is None and organisation_gone is None:
                self.active.add(key)
        self.granters = granters_among(keys, groups)

    def granted(self, granter: int, grantee: int) -> bool:
        """Whether the one has granted the other, or is it."""
        return granter == grantee or granter in self.granters.get(grantee, _NOBODY)

    def rows(self) -> list[LaneRow]:
        """The lanes, by hub and producer."""
        carried: dict[int, set[int]] = {}
        for exchange, producer in self.goods:
            carried.setdefault(exchange, set()).add(producer)
        order = {key: place for place, key in enumerate(sorted(self.parties, key=lambda key: (self.names[key], key)))}
        suppliers = self.producers.keys()
        rows = []
        for hub in sorted(self.hubs, key=lambda row: order[row.enterprise_id]):
            granters = self.granters.get(hub.enterprise_id, _NOBODY) | {hub.enterprise_id}
            there = carried.get(hub.pk, _NOBODY)
            # In what is history nothing could flow any more.
            producers = there if self.recorded else (suppliers & granters) | there
            at = {**self.cycle_slots, "exchange": hub.pk, "enterprise": hub.enterprise_id}
            lanes = (self._row(hub, at, producer) for producer in sorted(producers, key=order.__getitem__))
            rows += [row for row in lanes if row.remove.visible]
        self._incoming(carried)
        return rows

    def _incoming(self, carried: Mapping[int, set[int]]) -> None:
        """What has lapsed of what producers bring."""
        coordinator = self.cycle.coordinator_id
        for exchange in self.producers.values():
            for producer in carried.get(exchange.pk, _NOBODY):
                known: dict[Leaf, bool] = {
                    f.EXCHANGE_STANDS: exchange.status != ExchangeStatus.DECLINED,
                    Granted("producer", "coordinator"): self.granted(producer, coordinator),
                    active("producer"): producer in self.active,
                    active("coordinator"): coordinator in self.active,
                }
                stands = self.recorded or all(known[condition] for condition in effective.LANE[Direction.INCOMING])
                every, sound = self.goods[exchange.pk, producer]
                self.lapsed[exchange.pk, producer] = (every, every - sound if stands else every)

    def _row(self, hub: Exchange, at: Mapping[str, Any], producer: int) -> LaneRow:
        lane = (at["exchange"], producer)
        total, sound = self.goods.get(lane, _NOTHING)
        slots = {**at, "producer": producer}
        truth, reasons = self._truth(hub, producer, slots, carries=total > 0)
        facts = Facts(self.access, truth, slots, self.names)
        if self.recorded:
            reasons = () if sound else (recorded.NOT_ON_OFFER,)
        lapsed = total if reasons else total - sound
        if total:
            self.lapsed[lane] = (total, lapsed)
        return LaneRow(
            self.parties[producer],
            self.parties[at["enterprise"]],
            hub.public_id,
            total - lapsed,
            lapsed,
            engine.judge(Action.EXCHANGE_VARIANT_ADD, facts),
            engine.judge(Action.EXCHANGE_VARIANT_REMOVE, facts),
            reasons,
        )

    def _told_by_slots(self) -> dict[str, list[Leaf]]:
        """The leaves that are told, by what they depend on."""
        found: dict[str, list[Leaf]] = {"hub": [], "producer": [], "lane": []}
        for leaf in self.reading.told:
            slots = set(leaf.slots())
            hub = not slots.isdisjoint({"exchange", "enterprise"})
            found["hub" if "producer" not in slots else "lane" if hub else "producer"].append(leaf)
        return found

    def _truth(
        self, hub: Exchange, producer: int, slots: Mapping[str, Any], *, carries: bool
    ) -> tuple[Truth, tuple[str, ...]]:
        """What holds of a lane, and why nothing may flow."""
        enterprise = slots["enterprise"]
        of_hub = self.of_hub.get(slots["exchange"]) or self._of_hub(hub, slots)
        of_producer = self.of_producer.get(producer) or self._of_producer(producer, slots)
        between = (
            self.granted(producer, enterprise),
            self.granted(enterprise, producer),
            carries,
            *[leaf.told(self.access, slots) for leaf in self.told_of["lane"]],
        )
        alike = (id(of_hub), id(of_producer), between)
        found = self.of_lane.get(alike)
        if found is None:
            found = self.of_lane[alike] = self._whole_truth(of_hub, of_producer, between)
        return found

    def _whole_truth(
        self, of_hub: tuple[bool | None, ...], of_producer: tuple[tuple[int, bool], ...], between: tuple[bool, ...]
    ) -> tuple[Truth, tuple[str, ...]]:
        values, place = list(of_hub), self.reading.place
        for at, value in of_producer:
            values[at] = value
        p_to_x, x_to_p, carries, *told = between
        known: dict[Leaf, bool] = {_P_TO_X: p_to_x, _X_TO_P: x_to_p, f.CARRIES: carries, f.IN_EXCHANGE: carries}
        known.update(zip(self.told_of["lane"], told, strict=True))
        for leaf, value in known.items():
            values[place[leaf]] = value
        if None in values:
            raise LookupError("A rule looks at something that lanes do not tell.")
        truth = self.reading.truth(cast("tuple[bool, ...]", tuple(values)))
        return truth, tuple(code for code, condition in _LANE_REASONS if not truth[condition])

    def _of_hub(self, hub: Exchange, slots: Mapping[str, Any]) -> tuple[bool | None, ...]:
        coordinator, enterprise = self.cycle.coordinator_id, hub.enterprise_id
        known: dict[Leaf, bool] = {
            Granted("enterprise", "coordinator"): self.granted(enterprise, coordinator),
            f.EXCHANGE_STANDS: hub.status != ExchangeStatus.DECLINED,
            f.VARIANT_ACTIVE: True,
            f.HER_HUB_RELATED: False,
            f.CLOSED: self.closed,
            active("enterprise"): enterprise in self.active,
            active("coordinator"): coordinator in self.active,
        }
        known.update({leaf: leaf.told(self.access, slots) for leaf in self.told_of["hub"]})
        values = tuple(known.get(leaf) for leaf in self.reading.leaves)
        # One object for all hubs alike: lanes are told apart by it.
        self.of_hub[hub.pk] = values = self.same_hubs.setdefault(values, values)
        return values

    def _of_producer(self, producer: int, slots: Mapping[str, Any]) -> tuple[tuple[int, bool], ...]:
        supplier = self.producers.get(producer)
        known: dict[Leaf, bool] = {
            Granted("producer", "coordinator"): self.granted(producer, self.cycle.coordinator_id),
            f.SUPPLIES: supplier is not None,
            f.SUPPLIED: supplier is not None,
            f.SUPPLIER_STANDS: supplier is not None and supplier.status != ExchangeStatus.DECLINED,
            active("producer"): producer in self.active,
        }
        known.update({leaf: leaf.told(self.access, slots) for leaf in self.told_of["producer"]})
        values = tuple((self.reading.place[leaf], value) for leaf, value in known.items())
        self.of_producer[producer] = values = self.same_producers.setdefault(values, values)
        return values


@dataclass(frozen=True, slots=True)
class ProductRow:
    """A variant towards one exchange.

    Attributes:
        carried: whether it is in the exchange.
        lapsed: why it does not stand, as reason codes; empty while it does, or when it is not in the exchange.
        lapsed_text: the same in words.
        add: the decision on adding it.
        remove: the decision on removing it.
    """

    key: int
    id: str
    product: str
    name: str
    unit: str
    price: Decimal
    producer: Party
    carried: bool
    lapsed: tuple[str, ...]
    lapsed_text: str
    add: Decision
    remove: Decision


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A page of the products of an exchange. ``next`` is the key to go on from, ``None`` at the end."""

    rows: tuple[ProductRow, ...]
    next: int | None
    total: int | None


def product_variants(
    access: Access, exchange: Exchange, *, search: str = "", producer: str = "", only: str = ""
) -> QuerySet[Variant]:
    """The variants that the actor sees towards an exchange: in it, or such that they could be put into it.

    Args:
        search: words in the names of product, variant or producer, or in the SKU.
        producer: public id of one producer.
        only: ``in``, ``addable`` or ``lapsed``; empty for all.
    """
    rows = Variant.objects.filter(_offered(exchange))
    target = targets.variants_in(exchange, rows)
    rows = engine.allowed(access, Action.EXCHANGE_VARIANT_VIEW, target)
    if producer:
        rows = rows.filter(producer__unit__public_id=producer)
    for word in search.split():
        rows = rows.filter(
            Q(product__name__icontains=word)
            | Q(name__icontains=word)
            | Q(sku__icontains=word)
            | Q(producer__unit__name__icontains=word)
        )
    carried = ExchangeVariant.objects.filter(exchange=exchange)
    if only == "in":
        rows = rows.filter(pk__in=carried.values("variant"))
    elif only == "lapsed":
        standing = effective.effective(exchange)
        rows = rows.filter(pk__in=carried.values("variant")).exclude(pk__in=standing.values("variant"))
    elif only == "addable":
        rows = engine.allowed(access, Action.EXCHANGE_VARIANT_ADD, targets.variants_in(exchange, rows))
        rows = rows.exclude(pk__in=carried.values("variant"))
    return rows


def _offered(exchange: Exchange) -> Q:
    """In the exchange; or, active, of its producer (incoming) or supplied in its cycle (outgoing)."""
    carried = Q(pk__in=ExchangeVariant.objects.filter(exchange=exchange).values("variant"))
    alive = Q(archived_at=None, product__archived_at=None)
    if exchange.is_incoming:
        return carried | (alive & Q(producer=exchange.enterprise_id))
    supplied = ExchangeVariant.objects.filter(exchange__cycle=exchange.cycle_id, exchange__direction=Direction.INCOMING)
    return carried | (alive & Q(pk__in=supplied.values("variant")))


def exchange_products(
    access: Access,
    exchange: Exchange,
    *,
    search: str = "",
    producer: str = "",
    only: str = "",
    after: int | None = None,
    size: int = 50,
    count: bool = False,
) -> ProductPage:
    """A page of the products of an exchange, with what may be done with each and why. At most five statements."""
    wanted = product_variants(access, exchange, search=search, producer=producer, only=only)
    total = wanted.count() if count else None
    page = wanted.filter(pk__gt=after) if after else wanted
    keys = list(page.order_by("pk").values_list("pk", flat=True)[: size + 1])
    rows = product_rows(access, exchange, keys[:size])
    return ProductPage(tuple(rows), keys[size - 1] if len(keys) > size else None, total)


def product_rows(access: Access, exchange: Exchange, keys: Sequence[int]) -> list[ProductRow]:
    """Rows for named variants, in the order of their keys. Three statements."""
    target = targets.variants_in(exchange, targets.variants(keys))
    facts = engine.facts_for(access, _LANE_ACTIONS, target)
    coordinator = {"coordinator": exchange.cycle.coordinator.name, "enterprise": exchange.enterprise.name}
    lapsed = _lapsed_of(exchange, keys)
    values = (
        targets.variants(keys)
        .order_by("pk")
        .values_list(
            "pk",
            "public_id",
            "product__name",
            "name",
            "unit_type",
            "unit_value",
            "unit_name",
            "price",
            "producer_id",
            "producer__unit__public_id",
            "producer__unit__name",
        )
    )
    result = []
    for key, public_id, product, name, unit_type, value, unit_name, price, owner, owner_id, owner_name in values:
        one = facts[key]
        why = lapsed.get(key, ())
        names = {**coordinator, "producer": owner_name}
        result.append(
            ProductRow(
                key=key,
                id=public_id,
                product=product,
                name=name,
                unit=unit_text(unit_type, value, unit_name),
                price=price,
                producer=Party(owner, owner_id, owner_name),
                carried=f.IN_EXCHANGE.holds(one),
                lapsed=why,
                lapsed_text=" ".join(effective.sentence(code, names) for code in why),
                add=engine.judge(Action.EXCHANGE_VARIANT_ADD, one),
                remove=engine.judge(Action.EXCHANGE_VARIANT_REMOVE, one),
            )
        )
    return result


def _lapsed_of(exchange: Exchange, keys: Sequence[int]) -> dict[int, tuple[str, ...]]:
    return effective.lapsed(exchange, keys)
