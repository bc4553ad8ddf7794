"""What was on offer when a cycle closed."""

from __future__ import annotations

import pgtrigger
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.models import Dated
from ordercycles.models.cycle import OrderCycle
from organisations.models import Business


class RecordedOffer(Dated):
    """A hub's offer as it stood at closing (L3). Written once, never changed."""

    cycle = models.ForeignKey(OrderCycle, on_delete=models.PROTECT, related_name="recorded_offers")
    hub = models.ForeignKey(Business, on_delete=models.PROTECT, related_name="recorded_offers")
    body = models.JSONField(_("offer"), encoder=DjangoJSONEncoder)

    class Meta:
        verbose_name = _("recorded offer")
        verbose_name_plural = _("recorded offers")
        constraints = [models.UniqueConstraint(fields=["cycle", "hub"], name="recorded_offer_once")]
        triggers = [
            pgtrigger.Protect(name="history_is_fixed", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.cycle} – {self.hub}"
