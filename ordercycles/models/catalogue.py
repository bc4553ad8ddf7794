"""What producers have to sell."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.audit import audited
from common.ids import PublicIdField
from common.models import Archivable, Versioned
from ordercycles.enums import UnitType
from organisations.models import Business
from organisations.validators import validate_one_line


@audited()
class Product(Versioned, Archivable):
    """A thing that a producer grows or makes; its variants are what is bought."""

    public_id = PublicIdField(prefix="prd")
    producer = models.ForeignKey(
        Business, on_delete=models.PROTECT, related_name="products", verbose_name=_("producer")
    )
    name = models.CharField(_("name"), max_length=200, validators=[validate_one_line])
    category = models.CharField(_("category"), max_length=80, blank=True, validators=[validate_one_line])
    description = models.TextField(_("description"), blank=True, max_length=4000)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="product_has_a_name"),
            models.UniqueConstraint(fields=["id", "producer"], name="product_with_its_producer"),
        ]
        triggers = [pgtrigger.ReadOnly(name="producer_is_fixed", fields=["producer"])]

    def __str__(self) -> str:
        return self.name


@audited()
class Variant(Versioned, Archivable):
    """One size or kind of a product, with a price in pounds.

    ``producer`` repeats the product's, fixed by a composite foreign key, because every rule asks for it.
    ``unit_value`` counts ``unit_type`` (500 with ``g``; for items, ``unit_name`` says what is counted).
    ``weight_kg`` is what fees by weight are charged on; worked out from the unit when that is a weight.
    """

    public_id = PublicIdField(prefix="var")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="variants", verbose_name=_("product"))
    producer = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="variants", editable=False)
    name = models.CharField(_("name"), max_length=200, blank=True, validators=[validate_one_line])
    sku = models.CharField(_("SKU"), max_length=60, blank=True, validators=[validate_one_line])
    unit_type = models.CharField(_("unit"), max_length=4, choices=UnitType, default=UnitType.ITEM)
    unit_value = models.DecimalField(_("amount"), max_digits=10, decimal_places=3, default=1)
    unit_name = models.CharField(_("name of the item"), max_length=40, blank=True, validators=[validate_one_line])
    weight_kg = models.DecimalField(_("weight (kg)"), max_digits=10, decimal_places=4, null=True, blank=True)
    price = models.DecimalField(_("price (£)"), max_digits=10, decimal_places=2)
    on_hand = models.PositiveIntegerField(_("in stock"), default=0)
    on_demand = models.BooleanField(_("on demand"), default=False)

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        constraints = [
            models.CheckConstraint(condition=Q(price__gte=0), name="variant_price_not_negative"),
            models.CheckConstraint(condition=Q(unit_value__gt=0), name="variant_amount_positive"),
            models.CheckConstraint(
                condition=Q(weight_kg__isnull=True) | Q(weight_kg__gte=0), name="variant_weight_not_negative"
            ),
        ]
        triggers = [pgtrigger.ReadOnly(name="product_is_fixed", fields=["product", "producer"])]

    def __str__(self) -> str:
        return self.name or str(self.product)
