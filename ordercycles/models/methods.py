"""How a hub's customers get their goods and pay for them."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.audit import audited
from common.ids import PublicIdField
from common.models import Archivable, Versioned
from ordercycles.enums import DeliveryKind
from organisations.models import Business
from organisations.validators import validate_one_line


@audited()
class ShippingMethod(Versioned, Archivable):
    """One way in which a hub's customers receive their goods."""

    public_id = PublicIdField(prefix="shm")
    hub = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="shipping_methods")
    name = models.CharField(_("name"), max_length=100, validators=[validate_one_line])
    kind = models.CharField(_("kind"), max_length=10, choices=DeliveryKind, default=DeliveryKind.COLLECTION)
    description = models.CharField(_("description"), max_length=500, blank=True)
    price = models.DecimalField(_("price (£)"), max_digits=8, decimal_places=2, default=0)

    class Meta:
        verbose_name = _("shipping method")
        verbose_name_plural = _("shipping methods")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="shipping_method_has_a_name"),
            models.CheckConstraint(condition=Q(price__gte=0), name="shipping_method_price_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class PaymentMethod(Versioned, Archivable):
    """One way in which a hub's customers pay."""

    public_id = PublicIdField(prefix="pym")
    hub = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="payment_methods")
    name = models.CharField(_("name"), max_length=100, validators=[validate_one_line])
    description = models.CharField(_("description"), max_length=500, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("payment method")
        verbose_name_plural = _("payment methods")
        constraints = [models.CheckConstraint(condition=~Q(name=""), name="payment_method_has_a_name")]

    def __str__(self) -> str:
        return self.name
