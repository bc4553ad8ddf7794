"""Order cycles."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from common.errors import FieldError, Invalid, NotFound
from ordercycles import offers, pictures, reads
from ordercycles.api.shapes import (
    CandidateOut,
    CopyReportOut,
    CycleDetail,
    CycleOut,
    ExchangeDetail,
    FeeChoiceOut,
    LaneOut,
    OfferOut,
    candidate_out,
    cycle_detail,
    cycle_out,
    exchange_out,
    fee_choice_out,
    lanes_out,
)
from ordercycles.choices import cycle_fee_rows, cycle_fees_among
from ordercycles.domain import cycles as verbs
from ordercycles.domain.exchanges import add_exchange
from ordercycles.enums import CycleState, Direction
from ordercycles.models import Exchange, Fee, OrderCycle
from organisations.models import Business
from organisations.reads import get_enterprise
from permissions.access import Access
from permissions.actions import Action
from permissions.api.fields import Choice, Id, Ids, Moment, Query, QueryId, Reference, Strict, Text
from permissions.api.operations import listing, operation
from permissions.api.paging import PageQuery, UndatedQuery
from permissions.api.views import ApiView

_EXAMPLE_ID = "01k9f3q5j8x2m7n4v6b1c0d9eg"


def full_cycle(access: Access, cycle: OrderCycle) -> CycleDetail:
    """Everything that the actor sees of a cycle."""
    return cycle_detail(pictures.whole_cycle(access, cycle))


class CyclesQuery(PageQuery):
    """Which cycles."""

    state = serializers.ChoiceField(choices=CycleState.values, required=False)
    coordinator = QueryId("bu")
    search = serializers.CharField(required=False, max_length=100, help_text="Words in the name or the coordinator's.")


class CycleCreate(Strict):
    """A new order cycle. Without both dates it is a draft."""

    coordinator = Reference("bu", get_enterprise, help_text="The enterprise that runs it; fixed for good.")
    name = Text(max_length=200)
    opens_at = Moment(required=False, allow_null=True)
    closes_at = Moment(required=False, allow_null=True)


class CyclePatch(Strict):
    """What can be changed of a cycle. Its coordinator cannot."""

    name = Text(max_length=200)
    opens_at = Moment(allow_null=True)
    closes_at = Moment(allow_null=True)
    coordinator = Id("bu", help_text="Fixed for good: any other than the one it has is refused (C3).")


class CycleCopy(Strict):
    """What the copy is called, and when it opens and closes."""

    name = Text(max_length=200, required=False)
    opens_at = Moment(required=False, allow_null=True)
    closes_at = Moment(required=False, allow_null=True)


class CyclesView(ApiView):
    """order-cycles/"""

    tag = "Order cycles"

    @operation("List order cycles", Action.ORDER_CYCLE_VIEW, query=CyclesQuery, answers=listing(CycleOut))
    def get(self, request: Request) -> HttpResponse:
        """Those that an enterprise of yours coordinates or takes part in, newest first."""
        rows = pictures.filtered(
            reads.cycles(self.access), state=self.query.get("state", ""), search=self.query.get("search", "")
        )
        if "coordinator" in self.query:
            rows = rows.filter(coordinator__unit__public_id=self.query["coordinator"])
        return self.page(rows, self._shaped, newest_first=True)

    def _shaped(self, found: list[OrderCycle]) -> list[CycleOut]:
        return [cycle_out(row) for row in pictures.rows_of(self.access, found)]

    @operation(
        "Create an order cycle",
        Action.ORDER_CYCLE_CREATE,
        body=CycleCreate,
        answers=CycleDetail,
        status=201,
        tagged=True,
        example={
            "coordinator": f"bu_{_EXAMPLE_ID}",
            "name": "First week of June",
            "opens_at": "2030-06-01T08:00:00Z",
            "closes_at": "2030-06-05T18:00:00Z",
        },
    )
    def post(self, request: Request) -> HttpResponse:
        """For an enterprise that sells its own goods or anybody's, and that you coordinate for."""
        made = verbs.create_cycle(self.access, **self.body)
        cycle = reads.get_cycle(self.access, made.public_id)
        where = f"/api/v1/order-cycles/{cycle.public_id}/"
        return self.answer(full_cycle(self.access, cycle), status=201, version=cycle.version, location=where)


class CycleView(ApiView):
    """order-cycles/{cycle}/"""

    tag = "Order cycles"

    @operation("Read an order cycle", Action.ORDER_CYCLE_VIEW, answers=CycleDetail, tagged=True)
    def get(self, request: Request, cycle: str) -> HttpResponse:
        """Everything that you see of it: exchanges, lanes, and to the coordinator's people, who could be added."""
        return self._now(cycle)

    @operation(
        "Change an order cycle",
        Action.ORDER_CYCLE_EDIT,
        body=CyclePatch,
        partial=True,
        versioned=True,
        answers=CycleDetail,
        tagged=True,
        example={"name": "Second week of June"},
    )
    def patch(self, request: Request, cycle: str) -> HttpResponse:
        """Name and times."""
        row = reads.get_cycle(self.access, cycle)
        verbs.edit_cycle(self.access, cycle=row, version=self.version_of(row), **self.body)
        return self._now(cycle)

    @operation("Delete an order cycle", Action.ORDER_CYCLE_DELETE, versioned=True, status=204)
    def delete(self, request: Request, cycle: str) -> HttpResponse:
        """A draft or upcoming one. Those who took part are told."""
        row = reads.get_cycle(self.access, cycle)
        verbs.delete_cycle(self.access, cycle=row, version=self.version_of(row))
        return self.nothing()

    def _now(self, cycle: str) -> HttpResponse:
        row = reads.get_cycle(self.access, cycle)
        return self.answer(full_cycle(self.access, row), version=row.version)


class CycleCopyView(ApiView):
    """order-cycles/{cycle}/copy/"""

    tag = "Order cycles"

    @operation(
        "Copy an order cycle",
        Action.ORDER_CYCLE_COPY,
        body=CycleCopy,
        answers=CopyReportOut,
        status=201,
        example={"name": "Third week of June"},
    )
    def post(self, request: Request, cycle: str) -> HttpResponse:
        """Every grant, readiness and product is checked anew; what does not pass is in `left_out`, with the reason."""
        row = reads.get_cycle(self.access, cycle)
        report = verbs.copy_cycle(self.access, cycle=row, **self.body)
        copy = reads.get_cycle(self.access, report.cycle.public_id)
        body: CopyReportOut = {
            "order_cycle": full_cycle(self.access, copy),
            "left_out": [
                {"what": one.what, "id": one.public_id, "name": one.name, "rule": one.code, "reason": one.reason}
                for one in report.left_out
            ],
        }
        return self.answer(body, status=201, location=f"/api/v1/order-cycles/{copy.public_id}/")


class CycleCloseView(ApiView):
    """order-cycles/{cycle}/close/"""

    tag = "Order cycles"

    @operation("Close an order cycle", Action.ORDER_CYCLE_CLOSE, versioned=True, answers=CycleDetail, tagged=True)
    def post(self, request: Request, cycle: str) -> HttpResponse:
        """Closes an open cycle now, and records what was on offer."""
        row = reads.get_cycle(self.access, cycle)
        verbs.close_cycle(self.access, cycle=row, version=self.version_of(row))
        row = reads.get_cycle(self.access, cycle)
        return self.answer(full_cycle(self.access, row), version=row.version)


def _fees(access: Access, cycle: OrderCycle, sent: Mapping[str, list[str]]) -> dict[str, list[Fee]]:
    """The fees of each list; each that cannot be seen is "not found"."""
    seen = reads.fees_towards(access, cycle, {one for ids in sent.values() for one in ids})
    missing = [
        FieldError(f"/{name}/{place}", "not_found", "Not found.")
        for name, ids in sent.items()
        for place, one in enumerate(ids)
        if one not in seen
    ]
    if missing:
        raise Invalid(missing)
    return {name: [seen[one] for one in ids] for name, ids in sent.items()}


class CycleFeesPatch(Strict):
    """Fees of the coordinator's to put on the whole cycle, and to take off."""

    add = Ids("fee", most=200, required=False)
    remove = Ids("fee", most=200, required=False)


class CycleFeesView(ApiView):
    """order-cycles/{cycle}/fees/"""

    tag = "Order cycles"

    @operation(
        "List coordinator fees",
        Action.CYCLE_FEE_ATTACH,
        Action.CYCLE_FEE_DETACH,
        query=UndatedQuery,
        answers=listing(FeeChoiceOut),
    )
    def get(self, request: Request, cycle: str) -> HttpResponse:
        """Those on the whole cycle, and those that you could put on it."""
        return self._listed(reads.get_cycle(self.access, cycle))

    @operation(
        "Change coordinator fees",
        Action.CYCLE_FEE_ATTACH,
        Action.CYCLE_FEE_DETACH,
        body=CycleFeesPatch,
        versioned=True,
        answers=listing(FeeChoiceOut),
        tagged=True,
        example={"add": [f"fee_{_EXAMPLE_ID}"], "remove": []},
    )
    def patch(self, request: Request, cycle: str) -> HttpResponse:
        """All or none. `If-Match` is the cycle's. The answer is the first page of the list."""
        row = reads.get_cycle(self.access, cycle)
        fees = _fees(self.access, row, self.body)
        changed = verbs.attach_cycle_fees(self.access, cycle=row, version=self.version_of(row), **fees)
        return self._listed(changed, version=changed.version)

    def _listed(self, cycle: OrderCycle, version: int | None = None) -> HttpResponse:
        def shaped(found: list[Fee]) -> list[FeeChoiceOut]:
            return [fee_choice_out(one) for one in cycle_fees_among(self.access, cycle, found)]

        return self.page(cycle_fee_rows(self.access, cycle), shaped, version=version)


class ExchangeBody(Strict):
    """An enterprise to add to a cycle."""

    direction = Choice(choices=Direction.values, help_text="incoming: it supplies. outgoing: it is a hub.")
    enterprise = Reference("bu", get_enterprise)


def exchange_detail(access: Access, exchange: Exchange) -> ExchangeDetail:
    """One exchange, as the actor sees it."""
    rows = pictures.exchange_rows(access, exchange.cycle, pictures.seen_in(access, exchange.cycle, [exchange.pk]))
    if not rows:
        raise NotFound
    return {**exchange_out(rows[0]), "order_cycle": exchange.cycle.public_id}


class CycleExchangesView(ApiView):
    """order-cycles/{cycle}/exchanges/"""

    tag = "Exchanges"

    @operation("List exchanges", Action.EXCHANGE_VIEW, query=PageQuery, answers=listing(ExchangeDetail))
    def get(self, request: Request, cycle: str) -> HttpResponse:
        """Those of the cycle that you see."""
        row = reads.get_cycle(self.access, cycle)

        def shaped(found: list[Exchange]) -> list[ExchangeDetail]:
            seen = pictures.seen_in(self.access, row, [one.pk for one in found])
            by_key = {one.key: one for one in pictures.exchange_rows(self.access, row, seen)}
            return [{**exchange_out(by_key[one.pk]), "order_cycle": row.public_id} for one in found if one.pk in by_key]

        return self.page(reads.exchanges(self.access).filter(cycle=row), shaped)

    @operation(
        "Add an enterprise to a cycle",
        Action.EXCHANGE_ADD_INCOMING,
        Action.EXCHANGE_ADD_OUTGOING,
        body=ExchangeBody,
        answers=ExchangeDetail,
        status=201,
        tagged=True,
        example={"direction": "incoming", "enterprise": f"bu_{_EXAMPLE_ID}"},
    )
    def post(self, request: Request, cycle: str) -> HttpResponse:
        """A producer that granted the coordinator, or a hub that did and is ready. It is told."""
        row = reads.get_cycle(self.access, cycle)
        made = add_exchange(self.access, cycle=row, **self.body)
        exchange = reads.get_exchange(self.access, made.public_id)
        where = f"/api/v1/exchanges/{exchange.public_id}/"
        body = exchange_detail(self.access, exchange)
        return self.answer(body, status=201, version=exchange.version, location=where)


class DirectionQuery(UndatedQuery):
    """Which side."""

    direction = serializers.ChoiceField(choices=Direction.values)


class CandidatesView(ApiView):
    """order-cycles/{cycle}/candidates/"""

    tag = "Order cycles"

    @operation(
        "List who could be added",
        Action.EXCHANGE_ADD_INCOMING,
        Action.EXCHANGE_ADD_OUTGOING,
        query=DirectionQuery,
        answers=listing(CandidateOut),
    )
    def get(self, request: Request, cycle: str) -> HttpResponse:
        """Who can be added, and who is greyed, with each missing condition. To the coordinator's people."""
        row = reads.get_cycle(self.access, cycle)
        direction = Direction(self.query["direction"])

        def shaped(found: list[Business]) -> list[CandidateOut]:
            return [candidate_out(one) for one in pictures.candidates_among(self.access, row, direction, found)]

        return self.page(pictures.fitting(self.access, row, direction), shaped, key="unit__public_id")


class LanesView(ApiView):
    """order-cycles/{cycle}/lanes/"""

    tag = "Order cycles"

    @operation("List lanes", Action.ORDER_CYCLE_VIEW, answers=listing(LaneOut))
    def get(self, request: Request, cycle: str) -> HttpResponse:
        """Producer by hub: what flows, could flow, or lapsed. A lane that is not there is one without a grant.

        One sparse table, which is read as a whole: it has no pages.
        """
        row = reads.get_cycle(self.access, cycle)
        return self.whole(lanes_out(pictures.lanes(self.access, row)))


class HubQuery(Query):
    """Whose offer."""

    hub = QueryId("bu")

    def get_fields(self) -> dict[str, Any]:
        """The hub has to be named."""
        fields = super().get_fields()
        fields["hub"].required = True
        return fields


class OfferView(ApiView):
    """order-cycles/{cycle}/offer/"""

    tag = "Order cycles"

    @operation("Read the offer of a hub", Action.EXCHANGE_VIEW, query=HubQuery, answers=OfferOut)
    def get(self, request: Request, cycle: str) -> HttpResponse:
        """Effective variants with each fee and the price with fees; as recorded, once the cycle has closed."""
        row = reads.get_cycle(self.access, cycle)
        exchange = (
            reads.exchanges(self.access)
            .filter(cycle=row, direction=Direction.OUTGOING, enterprise__unit__public_id=self.query["hub"])
            .first()
        )
        if exchange is None:
            raise NotFound
        return self.answer(offers.as_seen(self.access, exchange))
