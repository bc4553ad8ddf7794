"""Products and their variants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final, TypedDict, Unpack

from common.editing import archived, created, known, opened, written
from common.errors import Conflict, FieldError, Invalid
from common.validation import check_fields
from common.verbs import verb
from ordercycles.domain.offers import settle
from ordercycles.domain.support import require_under
from ordercycles.domain.touched import touched_by
from ordercycles.enums import UnitType
from ordercycles.models import Product, Variant
from ordercycles.rules import targets
from organisations.models import Business
from permissions.access import Access
from permissions.actions import Action
from permissions.enforce import require, still_allowed

#: Kilograms in one unit, for the units that are weights.
KILOGRAMS: Final[Mapping[str, Decimal]] = {
    UnitType.GRAM: Decimal("0.001"),
    UnitType.KILOGRAM: Decimal(1),
    UnitType.TONNE: Decimal(1000),
    UnitType.POUND: Decimal("0.45359237"),
    UnitType.OUNCE: Decimal("0.028349523125"),
}
_GRAIN: Final = Decimal("0.0001")


class ProductChanges(TypedDict, total=False):
    """What can be changed of a product. Its producer cannot."""

    name: str
    category: str
    description: str


class VariantDetails(TypedDict, total=False):
    """What a variant may have besides its price."""

    name: str
    sku: str
    unit_type: UnitType
    unit_value: Decimal
    unit_name: str
    weight_kg: Decimal | None
    on_hand: int
    on_demand: bool


class VariantChanges(VariantDetails, total=False):
    """What can be changed of a variant. Its product cannot."""

    price: Decimal


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A product to be made with others; each of its variants has at least a ``price``."""

    name: str
    category: str = ""
    description: str = ""
    variants: Sequence[VariantChanges] = ()


@verb
def create_product(
    actor: Access, *, producer: Business, name: str, category: str = "", description: str = ""
) -> Product:
    """Add a product to a producer's catalogue."""
    require_under(actor, Action.PRODUCT_EDIT, targets.catalogue(producer), producer)
    if not producer.is_producer:
        raise Conflict(
            f"{producer.name} is not a producer. Change that under its trading settings.", code="no_producer"
        )
    row = created(Product(producer=producer, name=name, category=category, description=description))
    require(actor, Action.PRODUCT_EDIT, targets.product(row))
    return row


@verb
def create_products(actor: Access, *, producer: Business, products: Sequence[NewProduct]) -> list[Product]:
    """Add many products with their variants: all of them or none, in a fixed number of statements.

    Raises:
        Invalid: with everything that is wrong, by place (``/products/3/variants/0/price``).
    """
    require_under(actor, Action.PRODUCT_EDIT, targets.catalogue(producer), producer)
    _is_producer(producer)
    rows = [
        Product(producer=producer, name=one.name, category=one.category, description=one.description)
        for one in products
    ]
    errors = [error for place, row in enumerate(rows) for error in check_fields(row, f"/products/{place}")]
    variants: list[Variant] = []
    for place, (row, one) in enumerate(zip(rows, products, strict=True)):
        for inner, details in enumerate(one.variants):
            variant = Variant(product=row, producer=producer, **known(details, VariantChanges))
            variant.weight_kg = weight_of(variant)
            errors += _wrong(variant, f"/products/{place}/variants/{inner}")
            variants.append(variant)
    if errors:
        raise Invalid(errors)
    made = Product.objects.bulk_create(rows)
    Variant.objects.bulk_create(variants)
    target = targets.products([row.pk for row in made])
    still_allowed(actor, Action.PRODUCT_EDIT, target, len(made))
    return made


def _wrong(variant: Variant, pointer: str) -> list[FieldError]:
    errors = check_fields(variant, pointer)
    for field, least in (("price", Decimal(0)), ("unit_value", _GRAIN), ("weight_kg", Decimal(0))):
        amount = getattr(variant, field)
        if not errors and amount is not None and amount < least:
            errors.append(FieldError(f"{pointer}/{field}", "min_value", f"Enter at least {least}."))
    return errors


def _is_producer(producer: Business) -> None:
    if not producer.is_producer:
        reason = f"{producer.name} is not a producer. Change that under its trading settings."
        raise Conflict(reason, code="no_producer")


@verb
def edit_product(
    actor: Access, *, product: Product, version: int | None = None, **changes: Unpack[ProductChanges]
) -> Product:
    """Change what a product is called or says."""
    require(actor, Action.PRODUCT_EDIT, targets.product(product))
    settle([product.producer_id])
    row = written(opened(product, version, "producer__unit"), known(changes, ProductChanges))
    require(actor, Action.PRODUCT_EDIT, targets.product(row))
    return row


def archive_product_preview(actor: Access, *, product: Product) -> dict[str, Any]:
    """What would lapse if the product were put away."""
    require(actor, Action.PRODUCT_EDIT, targets.product(product))
    return touched_by(actor, Variant.objects.filter(product=product, archived_at=None))


@verb
def archive_product(actor: Access, *, product: Product, version: int | None = None) -> Product:
    """Put a product away: it lapses wherever it is on offer. Nothing is deleted."""
    return _put_product(actor, product, version, away=True)


@verb
def restore_product(actor: Access, *, product: Product, version: int | None = None) -> Product:
    """Take a product out of the archive; what lapsed with it stands again."""
    return _put_product(actor, product, version, away=False)


def _put_product(actor: Access, product: Product, version: int | None, *, away: bool) -> Product:
    require(actor, Action.PRODUCT_EDIT, targets.product(product))
    settle([product.producer_id])
    row = archived(opened(product, version, "producer__unit"), away=away)
    require(actor, Action.PRODUCT_EDIT, targets.product(row))
    return row


@verb
def create_variant(actor: Access, *, product: Product, price: Decimal, **details: Unpack[VariantDetails]) -> Variant:
    """Add a variant to a product."""
    require(actor, Action.PRODUCT_EDIT, targets.product(product))
    values = known(details, VariantDetails)
    row = Variant(product=product, producer_id=product.producer_id, price=price, **values)
    row.weight_kg = weight_of(row)
    created(row)
    require(actor, Action.VARIANT_EDIT, targets.variant(row))
    return row


@verb
def edit_variant(
    actor: Access, *, variant: Variant, version: int | None = None, **changes: Unpack[VariantChanges]
) -> Variant:
    """Change a variant. The price is the producer's; fees come on top of it."""
    require(actor, Action.VARIANT_EDIT, targets.variant(variant))
    settle([variant.producer_id])
    row = opened(variant, version, "product", "producer__unit")
    values = known(changes, VariantChanges)
    if values.keys() & {"unit_type", "unit_value", "weight_kg"}:
        said = {name: values.get(name, getattr(row, name)) for name in ("unit_type", "unit_value", "weight_kg")}
        values["weight_kg"] = weight_of(Variant(**said))
    row = written(row, values)
    require(actor, Action.VARIANT_EDIT, targets.variant(row))
    return row


def archive_variant_preview(actor: Access, *, variant: Variant) -> dict[str, Any]:
    """What would lapse if the variant were put away."""
    require(actor, Action.VARIANT_EDIT, targets.variant(variant))
    return touched_by(actor, Variant.objects.filter(pk=variant.pk, archived_at=None))


@verb
def archive_variant(actor: Access, *, variant: Variant, version: int | None = None) -> Variant:
    """Put a variant away: it lapses wherever it is on offer. Nothing is deleted."""
    return _put_variant(actor, variant, version, away=True)


@verb
def restore_variant(actor: Access, *, variant: Variant, version: int | None = None) -> Variant:
    """Take a variant out of the archive; what lapsed with it stands again."""
    return _put_variant(actor, variant, version, away=False)


def _put_variant(actor: Access, variant: Variant, version: int | None, *, away: bool) -> Variant:
    require(actor, Action.VARIANT_EDIT, targets.variant(variant))
    settle([variant.producer_id])
    row = archived(opened(variant, version, "product", "producer__unit"), away=away)
    require(actor, Action.VARIANT_EDIT, targets.variant(row))
    return row


def weight_of(variant: Variant) -> Decimal | None:
    """Kilograms of one: from its unit when that is a weight, as said by its producer otherwise."""
    one = KILOGRAMS.get(variant.unit_type)
    if one is None or not isinstance(variant.unit_value, Decimal | int):
        return variant.weight_kg
    return (one * variant.unit_value).quantize(_GRAIN)
