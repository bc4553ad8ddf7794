"""Products, variants, fees and methods: what an enterprise has, to list, make, change, archive and restore.

They are alike, so they are described (``Resource``) and their views are made from that.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Model, Q, QuerySet
from django.http import HttpResponse
from rest_framework import serializers
from rest_framework.request import Request

from ordercycles import reads
from ordercycles.api import shapes
from ordercycles.domain import catalogue, fees, methods
from ordercycles.enums import Charge, DeliveryKind, FeeKind, UnitType
from organisations.api.organisations import Preview
from organisations.reads import get_enterprise
from permissions.access import Access
from permissions.actions import Action
from permissions.api.fields import Choice, Number, QueryId, Reference, Strict, Text, Whole, YesNo
from permissions.api.operations import listing, operation
from permissions.api.paging import PageQuery
from permissions.api.views import ApiView

_EXAMPLE_ID: Final = "01k9f3q5j8x2m7n4v6b1c0d9eg"


@dataclass(frozen=True)
class Resource:
    """A kind of thing.

    Attributes:
        name: in the address, and the argument of its verbs.
        one: in words, with its article.
        many: in words.
        filters: of a list, from a query's values.
        preview: what archiving would touch, when it can be told.
        related: read beside the row before it is answered, by the get function.
    """

    name: str
    argument: str
    one: str
    many: str
    tag: str
    path: str
    view: Action
    edit: Action
    query: type[PageQuery]
    filters: Callable[[QuerySet[Any], dict[str, Any]], QuerySet[Any]]
    rows: Callable[[Access], QuerySet[Any]]
    get: Callable[[Access, str], Any]
    out: Callable[[Any], Any]
    shape: Any
    create_body: type[Strict]
    edit_body: type[Strict]
    create: Callable[..., Any]
    change: Callable[..., Any]
    archive: Callable[..., Any]
    restore: Callable[..., Any]
    example: dict[str, Any]
    example_change: dict[str, Any]
    preview: Callable[..., dict[str, Any]] | None = None

    def address(self, row: Any) -> str:
        """Where the row is."""
        return f"/api/v1/{self.path}/{row.public_id}/"


class _Listed(PageQuery):
    """What the lists of enterprises' things take."""

    search = serializers.CharField(required=False, max_length=100, help_text="Words in the name.")
    archived = serializers.BooleanField(
        required=False, allow_null=True, default=None, help_text="Only archived ones, or only others; left out: both."
    )


class ProducerQuery(_Listed):
    """Of one producer."""

    producer = QueryId("bu")


class VariantQuery(ProducerQuery):
    """Of one producer or product."""

    product = QueryId("prd")


class OwnerQuery(_Listed):
    """Of one owner."""

    owner = QueryId("bu")


class HubQuery(_Listed):
    """Of one hub."""

    hub = QueryId("bu")


def _filter(**paths: str) -> Callable[[QuerySet[Any], dict[str, Any]], QuerySet[Any]]:
    """Filters of a list: parameter to path."""

    def apply(rows: QuerySet[Any], query: dict[str, Any]) -> QuerySet[Any]:
        for name, path in paths.items():
            if name in query:
                rows = rows.filter(**{path: query[name]})
        if query.get("search"):
            words = Q(name__icontains=query["search"])
            if rows.model.__name__ == "Variant":
                words |= Q(product__name__icontains=query["search"]) | Q(sku__icontains=query["search"])
            rows = rows.filter(words)
        if query.get("archived") is not None:
            rows = rows.filter(archived_at__isnull=not query["archived"])
        return rows

    return apply


class ProductPatch(Strict):
    """A product."""

    name = Text(max_length=200)
    category = Text(max_length=80, allow_blank=True, required=False)
    description = Text(max_length=4000, allow_blank=True, required=False)


class ProductBody(ProductPatch):
    """A new product."""

    producer = Reference("bu", get_enterprise, help_text="The producer; fixed for good.")


class VariantPatch(Strict):
    """A variant."""

    name = Text(max_length=200, allow_blank=True, required=False)
    sku = Text(max_length=60, allow_blank=True, required=False)
    unit_type = Choice(choices=UnitType.values, required=False)
    unit_value = Number(decimal_places=3, min_value=0, required=False, help_text="How many of the unit: 500 with g.")
    unit_name = Text(max_length=40, allow_blank=True, required=False, help_text="For items: what is counted.")
    weight_kg = Number(
        decimal_places=4,
        min_value=0,
        required=False,
        allow_null=True,
        help_text="From the unit when that is a weight.",
    )
    price = Number(min_value=0, help_text="Pounds.")
    on_hand = Whole(min_value=0, max_value=2_147_483_647, required=False)
    on_demand = YesNo(required=False)


class VariantBody(VariantPatch):
    """A new variant."""

    product = Reference("prd", reads.get_product, help_text="Its product; fixed for good.")


class FeePatch(Strict):
    """A fee."""

    name = Text(max_length=100)
    kind = Choice(choices=FeeKind.values)
    charge = Choice(choices=Charge.values)
    amount = Number(decimal_places=4, min_value=0, help_text="Pounds; with charge percent, the percentage.")
    further_amount = Number(
        decimal_places=4,
        min_value=0,
        required=False,
        allow_null=True,
        help_text="flexible: for each further item. price_sack: from the minimum on.",
    )
    max_items = Whole(
        min_value=1,
        max_value=2_147_483_647,
        required=False,
        allow_null=True,
        help_text="flexible: the most items.",
    )
    minimum = Number(min_value=0, required=False, allow_null=True, help_text="price_sack: where it changes.")


class FeeBody(FeePatch):
    """A new fee."""

    owner = Reference("bu", get_enterprise, help_text="The enterprise that owns it; fixed for good.")


class ShippingMethodPatch(Strict):
    """A shipping method."""

    name = Text(max_length=100)
    kind = Choice(choices=DeliveryKind.values, required=False)
    description = Text(max_length=500, allow_blank=True, required=False)
    price = Number(max_digits=8, min_value=0, required=False, help_text="Pounds.")


class ShippingMethodBody(ShippingMethodPatch):
    """A new shipping method."""

    hub = Reference("bu", get_enterprise, help_text="The hub; fixed for good.")


class PaymentMethodPatch(Strict):
    """A payment method."""

    name = Text(max_length=100)
    description = Text(max_length=500, allow_blank=True, required=False)
    is_active = YesNo(required=False)


class PaymentMethodBody(PaymentMethodPatch):
    """A new payment method."""

    hub = Reference("bu", get_enterprise, help_text="The hub; fixed for good.")


RESOURCES: Final = (
    Resource(
        name="product",
        argument="product",
        one="a product",
        many="products",
        tag="Catalogue",
        path="products",
        view=Action.PRODUCT_VIEW,
        edit=Action.PRODUCT_EDIT,
        query=ProducerQuery,
        filters=_filter(producer="producer__unit__public_id"),
        rows=reads.products,
        get=reads.get_product,
        out=shapes.product_out,
        shape=shapes.ProductOut,
        create_body=ProductBody,
        edit_body=ProductPatch,
        create=catalogue.create_product,
        change=catalogue.edit_product,
        archive=catalogue.archive_product,
        restore=catalogue.restore_product,
        preview=catalogue.archive_product_preview,
        example={"producer": f"bu_{_EXAMPLE_ID}", "name": "Salted butter", "category": "Dairy"},
        example_change={"category": "Butter and cream"},
    ),
    Resource(
        name="variant",
        argument="variant",
        one="a variant",
        many="variants",
        tag="Catalogue",
        path="variants",
        view=Action.VARIANT_VIEW,
        edit=Action.VARIANT_EDIT,
        query=VariantQuery,
        filters=_filter(producer="producer__unit__public_id", product="product__public_id"),
        rows=reads.variants,
        get=reads.get_variant,
        out=shapes.variant_out,
        shape=shapes.VariantOut,
        create_body=VariantBody,
        edit_body=VariantPatch,
        create=catalogue.create_variant,
        change=catalogue.edit_variant,
        archive=catalogue.archive_variant,
        restore=catalogue.restore_variant,
        preview=catalogue.archive_variant_preview,
        example={"product": f"prd_{_EXAMPLE_ID}", "unit_type": "g", "unit_value": "250", "price": "2.85"},
        example_change={"price": "2.95", "on_hand": 40},
    ),
    Resource(
        name="fee",
        argument="fee",
        one="a fee",
        many="fees",
        tag="Fees",
        path="fees",
        view=Action.FEE_VIEW,
        edit=Action.FEE_EDIT,
        query=OwnerQuery,
        filters=_filter(owner="owner__unit__public_id"),
        rows=reads.fees,
        get=reads.get_fee,
        out=shapes.fee_out,
        shape=shapes.FeeOut,
        create_body=FeeBody,
        edit_body=FeePatch,
        create=fees.create_fee,
        change=fees.edit_fee,
        archive=fees.archive_fee,
        restore=fees.restore_fee,
        preview=fees.archive_fee_preview,
        example={
            "owner": f"bu_{_EXAMPLE_ID}",
            "name": "Packing",
            "kind": "packing",
            "charge": "per_item",
            "amount": "0.25",
        },
        example_change={"amount": "0.30"},
    ),
    Resource(
        name="shipping_method",
        argument="method",
        one="a shipping method",
        many="shipping methods",
        tag="Methods",
        path="shipping-methods",
        view=Action.METHOD_VIEW,
        edit=Action.METHOD_EDIT,
        query=HubQuery,
        filters=_filter(hub="hub__unit__public_id"),
        rows=reads.shipping_methods,
        get=reads.get_shipping_method,
        out=shapes.shipping_method_out,
        shape=shapes.ShippingMethodOut,
        create_body=ShippingMethodBody,
        edit_body=ShippingMethodPatch,
        create=methods.create_shipping_method,
        change=methods.edit_shipping_method,
        archive=methods.archive_shipping_method,
        restore=methods.restore_shipping_method,
        example={"hub": f"bu_{_EXAMPLE_ID}", "name": "Collect at the shop", "kind": "collection"},
        example_change={"price": "1.50"},
    ),
    Resource(
        name="payment_method",
        argument="method",
        one="a payment method",
        many="payment methods",
        tag="Methods",
        path="payment-methods",
        view=Action.METHOD_VIEW,
        edit=Action.METHOD_EDIT,
        query=HubQuery,
        filters=_filter(hub="hub__unit__public_id"),
        rows=reads.payment_methods,
        get=reads.get_payment_method,
        out=shapes.payment_method_out,
        shape=shapes.PaymentMethodOut,
        create_body=PaymentMethodBody,
        edit_body=PaymentMethodPatch,
        create=methods.create_payment_method,
        change=methods.edit_payment_method,
        archive=methods.archive_payment_method,
        restore=methods.restore_payment_method,
        example={"hub": f"bu_{_EXAMPLE_ID}", "name": "Cash on collection"},
        example_change={"is_active": False},
    ),
)


def _only(ids: dict[str, str]) -> str:
    (public_id,) = ids.values()
    return public_id


def _answered(view: ApiView, what: Resource, public_id: str, *, status: int = 200) -> HttpResponse:
    row: Model = what.get(view.access, public_id)
    where = what.address(row) if status == 201 else None
    return view.answer(what.out(row), status=status, version=row.version, location=where)  # type: ignore[attr-defined]


def collection_view(what: Resource) -> type[ApiView]:
    """List and create."""

    class Collection(ApiView):
        tag = what.tag

        @operation(f"List {what.many}", what.view, query=what.query, answers=listing(what.shape))
        def get(self, request: Request) -> HttpResponse:
            """Those that you see, archived ones included."""
            rows = what.filters(what.rows(self.access), self.query)
            return self.page(rows, lambda found: [what.out(one) for one in found])

        @operation(
            f"Make {what.one}",
            what.edit,
            body=what.create_body,
            answers=what.shape,
            status=201,
            tagged=True,
            example=what.example,
        )
        def post(self, request: Request) -> HttpResponse:
            """For those who may change what its enterprise has."""
            made = what.create(self.access, **self.body)
            return _answered(self, what, made.public_id, status=201)

    return _named(Collection, what, "Collection")


def item_view(what: Resource) -> type[ApiView]:
    """Read, change and archive."""

    class Item(ApiView):
        tag = what.tag

        @operation(f"Read {what.one}", what.view, answers=what.shape, tagged=True)
        def get(self, request: Request, **ids: str) -> HttpResponse:
            """One that you see."""
            return _answered(self, what, _only(ids))

        @operation(
            f"Change {what.one}",
            what.edit,
            body=what.edit_body,
            partial=True,
            answers=what.shape,
            tagged=True,
            example=what.example_change,
            errors=(412,),
        )
        def patch(self, request: Request, **ids: str) -> HttpResponse:
            """Send what is to change. `If-Match` is heeded when it is sent."""
            row = what.get(self.access, _only(ids))
            what.change(self.access, **{what.argument: row}, version=self.version_if_sent(row), **self.body)
            return _answered(self, what, _only(ids))

        @operation(
            f"Archive {what.one}",
            what.edit,
            query=Preview,
            previews=True,
            answers=what.shape,
            tagged=True,
            errors=(412,),
        )
        def delete(self, request: Request, **ids: str) -> HttpResponse:
            """Puts it away; nothing is deleted, and it can be restored.

            With `preview=true` nothing happens, and the answer says what would be touched.
            """
            row = what.get(self.access, _only(ids))
            if self.query["preview"]:
                return self.answer(what.preview(self.access, **{what.argument: row}) if what.preview else {})
            what.archive(self.access, **{what.argument: row}, version=self.version_if_sent(row))
            return _answered(self, what, _only(ids))

    return _named(Item, what, "Item")


def restore_view(what: Resource) -> type[ApiView]:
    """Take out of the archive."""

    class Restore(ApiView):
        tag = what.tag

        @operation(f"Restore {what.one}", what.edit, answers=what.shape, tagged=True)
        def post(self, request: Request, **ids: str) -> HttpResponse:
            """Takes it out of the archive; what lapsed with it stands again."""
            what.restore(self.access, **{what.argument: what.get(self.access, _only(ids))})
            return _answered(self, what, _only(ids))

    return _named(Restore, what, "Restore")


def _named(view: type[ApiView], what: Resource, kind: str) -> type[ApiView]:
    view.__name__ = view.__qualname__ = f"{what.name.title().replace('_', '')}{kind}View"
    view.__doc__ = f"{kind} of {what.many}."
    return view
