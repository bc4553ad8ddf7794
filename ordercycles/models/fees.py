"""Charges on top of the producers' prices."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.audit import audited
from common.ids import PublicIdField
from common.models import Archivable, Versioned
from ordercycles.enums import PER_ITEM_CHARGES, Charge, FeeKind
from organisations.models import Business
from organisations.validators import validate_one_line


@audited()
class Fee(Versioned, Archivable):
    """A charge owned by one enterprise.

    What the numbers mean depends on ``charge`` (pounds unless said otherwise):
    percent: ``amount`` is the percentage; per_item, per_kg, per_order: ``amount``;
    flexible: ``amount`` for the first item, ``further_amount`` for each further one, up to ``max_items`` items in all;
    price_sack: ``amount`` while the order is below ``minimum``, ``further_amount`` from it on.
    """

    public_id = PublicIdField(prefix="fee")
    owner = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="fees", verbose_name=_("owner"))
    name = models.CharField(_("name"), max_length=100, validators=[validate_one_line])
    kind = models.CharField(_("kind"), max_length=11, choices=FeeKind)
    charge = models.CharField(_("way to charge"), max_length=10, choices=Charge)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=4)
    further_amount = models.DecimalField(_("further amount"), max_digits=10, decimal_places=4, null=True, blank=True)
    max_items = models.PositiveIntegerField(_("at most this many items"), null=True, blank=True)
    minimum = models.DecimalField(_("minimum order"), max_digits=10, decimal_places=2, null=True, blank=True)

    class Meta:
        verbose_name = _("fee")
        verbose_name_plural = _("fees")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="fee_has_a_name"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="fee_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(further_amount__isnull=True) | Q(further_amount__gte=0),
                name="fee_further_amount_not_negative",
            ),
            models.CheckConstraint(
                condition=~Q(charge=Charge.FLEXIBLE) | Q(further_amount__isnull=False),
                name="fee_flexible_has_a_further_amount",
            ),
            models.CheckConstraint(
                condition=~Q(charge=Charge.PRICE_SACK) | Q(further_amount__isnull=False, minimum__isnull=False),
                name="fee_price_sack_is_whole",
            ),
        ]
        triggers = [pgtrigger.ReadOnly(name="owner_is_fixed", fields=["owner"])]

    def __str__(self) -> str:
        return self.name

    @property
    def is_per_item(self) -> bool:
        """Whether it is part of an item's price; otherwise it is charged once per order."""
        return self.charge in PER_ITEM_CHARGES
