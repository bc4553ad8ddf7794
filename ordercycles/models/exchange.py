"""An enterprise's part in a cycle."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.audit import audited
from common.ids import PublicIdField
from common.models import Dated, Versioned
from ordercycles.enums import Direction, ExchangeStatus
from ordercycles.models.catalogue import Variant
from ordercycles.models.cycle import OrderCycle
from ordercycles.models.fees import Fee
from organisations.models import Business


@audited()
class Exchange(Versioned):
    """Incoming: the enterprise supplies the coordinator. Outgoing: the coordinator passes goods to it."""

    public_id = PublicIdField(prefix="exc")
    cycle = models.ForeignKey(OrderCycle, on_delete=models.CASCADE, related_name="exchanges")
    direction = models.CharField(_("direction"), max_length=8, choices=Direction)
    enterprise = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="exchanges")
    status = models.CharField(_("status"), max_length=10, choices=ExchangeStatus, default=ExchangeStatus.UNANSWERED)
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    decline_reason = models.CharField(_("reason for declining"), max_length=500, blank=True)
    collection_time = models.CharField(_("ready for collection"), max_length=200, blank=True)
    collection_instructions = models.TextField(_("collection instructions"), blank=True, max_length=2000)
    delivery_notes = models.TextField(_("delivery notes"), blank=True, max_length=2000)

    class Meta:
        verbose_name = _("exchange")
        verbose_name_plural = _("exchanges")
        constraints = [
            models.UniqueConstraint(fields=["cycle", "direction", "enterprise"], name="exchange_once"),
            models.CheckConstraint(condition=Q(direction__in=Direction.values), name="exchange_direction_is_known"),
            models.CheckConstraint(condition=Q(status__in=ExchangeStatus.values), name="exchange_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status=ExchangeStatus.DECLINED) | ~Q(decline_reason=""),
                name="exchange_declined_with_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["enterprise", "cycle"], name="exchange_of_enterprise")]
        triggers = [pgtrigger.ReadOnly(name="place_is_fixed", fields=["cycle", "direction", "enterprise"])]

    def __str__(self) -> str:
        return self.public_id

    @property
    def is_incoming(self) -> bool:
        """Whether the enterprise supplies the coordinator."""
        return self.direction == Direction.INCOMING


@audited()
class ExchangeVariant(models.Model):
    """A variant in an exchange."""

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="exchange_variants", db_index=False)
    variant = models.ForeignKey(Variant, on_delete=models.PROTECT, related_name="exchange_variants")

    class Meta:
        verbose_name = _("product in an exchange")
        verbose_name_plural = _("products in exchanges")
        constraints = [models.UniqueConstraint(fields=["exchange", "variant"], name="exchange_variant_once")]

    def __str__(self) -> str:
        return str(self.variant)


@audited()
class ExchangeFee(Dated):
    """A fee on an exchange."""

    exchange = models.ForeignKey(Exchange, on_delete=models.CASCADE, related_name="exchange_fees")
    fee = models.ForeignKey(Fee, on_delete=models.PROTECT, related_name="exchange_fees")

    class Meta:
        verbose_name = _("fee of an exchange")
        verbose_name_plural = _("fees of exchanges")
        constraints = [models.UniqueConstraint(fields=["exchange", "fee"], name="exchange_fee_once")]

    def __str__(self) -> str:
        return str(self.fee)
