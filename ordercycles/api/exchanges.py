"""One exchange: its goods, fees and notes, and whether it takes part."""

from __future__ import annotations

from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from ordercycles import pictures, reads
from ordercycles.api.cycles import exchange_detail
from ordercycles.api.shapes import (
    ExchangeDetail,
    FeeChoiceOut,
    GoodsChanged,
    GoodsOut,
    fee_choice_out,
    goods_out,
)
from ordercycles.choices import exchange_fee_rows, exchange_fees_among
from ordercycles.domain import exchanges as verbs
from ordercycles.models import Exchange, Fee, Variant
from organisations.api.organisations import Preview
from permissions.actions import Action
from permissions.api.fields import Ids, QueryId, Strict, Text, YesNo
from permissions.api.operations import listing, operation
from permissions.api.paging import PageQuery, UndatedQuery
from permissions.api.views import ApiView

_EXAMPLE_ID = "01k9f3q5j8x2m7n4v6b1c0d9eg"


class NotesPatch(Strict):
    """Times and notes: a hub's for collection, a producer's for delivery."""

    collection_time = Text(max_length=200, allow_blank=True)
    collection_instructions = Text(max_length=2000, allow_blank=True)
    delivery_notes = Text(max_length=2000, allow_blank=True)


class RemovalQuery(Preview):
    """Look first, or go ahead."""

    confirm = serializers.BooleanField(
        required=False, default=False, help_text="Go ahead although it takes goods from hubs."
    )


class ExchangeView(ApiView):
    """exchanges/{exchange}/"""

    tag = "Exchanges"

    @operation("Read an exchange", Action.EXCHANGE_VIEW, answers=ExchangeDetail, tagged=True)
    def get(self, request: Request, exchange: str) -> HttpResponse:
        """One that you see, with what you may do with it."""
        return now(self, exchange)

    @operation(
        "Change notes",
        Action.EXCHANGE_SET_NOTES,
        body=NotesPatch,
        partial=True,
        versioned=True,
        answers=ExchangeDetail,
        tagged=True,
        example={"collection_time": "Friday, 4 to 6 pm"},
    )
    def patch(self, request: Request, exchange: str) -> HttpResponse:
        """Collection time and instructions of a hub, delivery notes of a producer."""
        row = reads.get_exchange(self.access, exchange)
        verbs.set_notes(self.access, exchange=row, version=self.version_of(row), **self.body)
        return now(self, exchange)

    @operation(
        "Remove an exchange",
        Action.EXCHANGE_REMOVE,
        query=RemovalQuery,
        previews=True,
        versioned=True,
        status=204,
    )
    def delete(self, request: Request, exchange: str) -> HttpResponse:
        """Takes an enterprise out of the cycle.

        When hubs carry what it supplies, or it is a hub of others that carries something: 409 `confirmation_needed`
        with the preview, until `confirm=true` is sent.
        With `preview=true` nothing happens, `If-Match` is not needed, and the answer (200) is the preview.
        """
        row = reads.get_exchange(self.access, exchange)
        if self.query["preview"]:
            return self.answer(verbs.removal_preview(self.access, exchange=row))
        version = self.version_of(row)
        verbs.remove_exchange(self.access, exchange=row, version=version, confirmed=self.query["confirm"])
        return self.nothing()


def now(view: ApiView, exchange: str) -> HttpResponse:
    """The exchange as it is now."""
    row = reads.get_exchange(view.access, exchange)
    return view.answer(exchange_detail(view.access, row), version=row.version)


class GoodsQuery(PageQuery):
    """Which products."""

    search = serializers.CharField(
        required=False, max_length=100, help_text="Words in product, variant, producer, SKU."
    )
    producer = QueryId("bu")
    only = serializers.ChoiceField(choices=["in", "addable", "lapsed"], required=False)


class GoodsPatch(Strict):
    """Variants to add and to remove: what is not named stays as it is."""

    add = Ids("var", required=False)
    remove = Ids("var", required=False)
    confirm = YesNo(default=False, help_text="Go ahead although hubs carry what would no longer be supplied.")


class ExchangeVariantsView(ApiView):
    """exchanges/{exchange}/variants/"""

    tag = "Exchanges"

    @operation(
        "List products of an exchange", Action.EXCHANGE_VARIANT_VIEW, query=GoodsQuery, answers=listing(GoodsOut)
    )
    def get(self, request: Request, exchange: str) -> HttpResponse:
        """Those in it and those that could be put into it, with what you may do with each, and why not."""
        row = reads.get_exchange(self.access, exchange)
        filters = {name: self.query.get(name, "") for name in ("search", "producer", "only")}
        rows = pictures.product_variants(self.access, row, **filters)

        def shaped(found: list[Variant]) -> list[GoodsOut]:
            by_key = {one.key: one for one in pictures.product_rows(self.access, row, [one.pk for one in found])}
            return [goods_out(by_key[one.pk]) for one in found]

        return self.page(rows.only("public_id"), shaped)

    @operation(
        "Add and remove products",
        Action.EXCHANGE_VARIANT_ADD,
        Action.EXCHANGE_VARIANT_REMOVE,
        body=GoodsPatch,
        versioned=True,
        answers=GoodsChanged,
        tagged=True,
        example={"add": [f"var_{_EXAMPLE_ID}"], "remove": []},
    )
    def patch(self, request: Request, exchange: str) -> HttpResponse:
        """Up to 5,000 ids in one transaction, all or none; every id that is refused is named with its rule and reason.

        When hubs carry what would no longer be supplied: 409 `confirmation_needed`, until `confirm` is true.
        `If-Match` is the exchange's.
        """
        row = reads.get_exchange(self.access, exchange)
        sent = dict(self.body)
        confirmed = sent.pop("confirm", False)
        done = verbs.change_variants(
            self.access, exchange=row, version=self.version_of(row), confirmed=confirmed, **sent
        )
        body: GoodsChanged = {
            "exchange": done.exchange.public_id,
            "added": done.added,
            "removed": done.removed,
            "version": done.exchange.version,
        }
        return self.answer(body, version=done.exchange.version)


class FeesPatch(Strict):
    """Fees to attach and to detach."""

    add = Ids("fee", most=200, required=False)
    remove = Ids("fee", most=200, required=False)


class ExchangeFeesView(ApiView):
    """exchanges/{exchange}/fees/"""

    tag = "Exchanges"

    @operation("List fees of an exchange", Action.EXCHANGE_FEE_VIEW, query=UndatedQuery, answers=listing(FeeChoiceOut))
    def get(self, request: Request, exchange: str) -> HttpResponse:
        """Those on it that you see, and those that you may put on it."""
        return self._listed(reads.get_exchange(self.access, exchange))

    @operation(
        "Change fees of an exchange",
        Action.EXCHANGE_FEE_ATTACH,
        Action.EXCHANGE_FEE_DETACH,
        body=FeesPatch,
        versioned=True,
        answers=listing(FeeChoiceOut),
        tagged=True,
        example={"add": [f"fee_{_EXAMPLE_ID}"], "remove": []},
    )
    def patch(self, request: Request, exchange: str) -> HttpResponse:
        """All or none. `If-Match` is the exchange's. The answer is the first page of the list."""
        row = reads.get_exchange(self.access, exchange)
        verbs.change_fees(self.access, exchange=row, version=self.version_of(row), **self.body)
        row = reads.get_exchange(self.access, exchange)
        return self._listed(row, version=row.version)

    def _listed(self, exchange: Exchange, version: int | None = None) -> HttpResponse:
        def shaped(found: list[Fee]) -> list[FeeChoiceOut]:
            return [fee_choice_out(one) for one in exchange_fees_among(self.access, exchange, found)]

        return self.page(exchange_fee_rows(self.access, exchange), shaped, version=version)


class AcceptView(ApiView):
    """exchanges/{exchange}/accept/"""

    tag = "Exchanges"

    @operation("Accept taking part", Action.EXCHANGE_ACCEPT, versioned=True, answers=ExchangeDetail, tagged=True)
    def post(self, request: Request, exchange: str) -> HttpResponse:
        """For the enterprise's own people. After declining, what had lapsed stands again."""
        row = reads.get_exchange(self.access, exchange)
        verbs.accept(self.access, exchange=row, version=self.version_of(row))
        return now(self, exchange)


class DeclineBody(Strict):
    """Why."""

    reason = Text(max_length=500, help_text="The coordinator reads it.")


class DeclineView(ApiView):
    """exchanges/{exchange}/decline/"""

    tag = "Exchanges"

    @operation(
        "Decline taking part",
        Action.EXCHANGE_DECLINE,
        body=DeclineBody,
        versioned=True,
        answers=ExchangeDetail,
        tagged=True,
        example={"reason": "The cows are dry until March."},
    )
    def post(self, request: Request, exchange: str) -> HttpResponse:
        """Until the cycle opens. The exchange is kept, and nothing in it is on offer."""
        row = reads.get_exchange(self.access, exchange)
        sent = self.body
        verbs.decline(self.access, exchange=row, version=self.version_of(row), **sent)
        return now(self, exchange)
