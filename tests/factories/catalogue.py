"""Products, variants, fees, and the methods of hubs."""

from __future__ import annotations

from decimal import Decimal

from factory import declarations as make
from factory.django import DjangoModelFactory

from ordercycles.enums import Charge, FeeKind, UnitType
from ordercycles.models import Fee, PaymentMethod, Product, ShippingMethod, Variant
from tests.factories.enterprises import BusinessFactory


class ProductFactory(DjangoModelFactory[Product]):
    """A product."""

    class Meta:
        model = Product

    producer = make.SubFactory(BusinessFactory)
    name = make.Sequence(lambda n: f"Product {n}")
    category = "Vegetables"


class VariantFactory(DjangoModelFactory[Variant]):
    """A variant; ``producer`` is its product's."""

    class Meta:
        model = Variant

    class Params:
        of = make.SubFactory(BusinessFactory)

    product = make.SubFactory(ProductFactory, producer=make.SelfAttribute("..of"))
    producer = make.SelfAttribute("product.producer")
    name = make.Sequence(lambda n: f"Size {n}")
    unit_type = UnitType.GRAM
    unit_value = Decimal(500)
    weight_kg = Decimal("0.5")
    price = Decimal("4.50")
    on_demand = True


class FeeFactory(DjangoModelFactory[Fee]):
    """A flat fee per item."""

    class Meta:
        model = Fee

    owner = make.SubFactory(BusinessFactory)
    name = make.Sequence(lambda n: f"Fee {n}")
    kind = FeeKind.PACKING
    charge = Charge.PER_ITEM
    amount = Decimal("0.25")


class ShippingMethodFactory(DjangoModelFactory[ShippingMethod]):
    """Collection at the hub."""

    class Meta:
        model = ShippingMethod

    hub = make.SubFactory(BusinessFactory)
    name = make.Sequence(lambda n: f"Collection {n}")


class PaymentMethodFactory(DjangoModelFactory[PaymentMethod]):
    """Cash at the hub."""

    class Meta:
        model = PaymentMethod

    hub = make.SubFactory(BusinessFactory)
    name = make.Sequence(lambda n: f"Cash {n}")
