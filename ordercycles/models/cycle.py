"""A window in which goods are gathered and passed out."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.audit import audited
from common.ids import PublicIdField
from common.models import Dated, Versioned
from ordercycles.enums import CycleState
from ordercycles.models.fees import Fee
from organisations.models import Business
from organisations.validators import validate_one_line


def state_q(state: CycleState, at: Any, prefix: str = "") -> Q:
    """The condition that a cycle is in ``state`` at the moment ``at`` (a time, or an expression for one).

    Args:
        prefix: path from the queryset's model to the cycle, such as ``cycle__``.
    """
    opens, closes = f"{prefix}opens_at", f"{prefix}closes_at"
    dated = Q(**{f"{opens}__isnull": False, f"{closes}__isnull": False})
    match state:
        case CycleState.DRAFT:
            return Q(**{f"{opens}__isnull": True}) | Q(**{f"{closes}__isnull": True})
        case CycleState.UPCOMING:
            return dated & Q(**{f"{opens}__gt": at})
        case CycleState.OPEN:
            return dated & Q(**{f"{opens}__lte": at, f"{closes}__gt": at})
        case CycleState.CLOSED:
            return dated & Q(**{f"{closes}__lte": at})


class OrderCycleQuerySet(models.QuerySet["OrderCycle"]):
    """Filters over cycles."""

    def in_state(self, state: CycleState, at: datetime | None = None) -> Self:
        """Those that are in this state, now or at the given moment."""
        return self.filter(state_q(state, at or clock.now()))


@audited()
class OrderCycle(Versioned):
    """A window in which goods are gathered from producers and passed out through hubs."""

    public_id = PublicIdField(prefix="ocy")
    name = models.CharField(_("name"), max_length=200, validators=[validate_one_line])
    coordinator = models.ForeignKey(
        Business, on_delete=models.PROTECT, related_name="coordinated_cycles", verbose_name=_("coordinator")
    )
    opens_at = models.DateTimeField(_("opens at"), null=True, blank=True)
    closes_at = models.DateTimeField(_("closes at"), null=True, blank=True)
    copied_from = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="copies")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    offer_recorded_at = models.DateTimeField(_("offer recorded"), null=True, blank=True, editable=False)

    objects = OrderCycleQuerySet.as_manager()

    class Meta:
        verbose_name = _("order cycle")
        verbose_name_plural = _("order cycles")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="order_cycle_has_a_name"),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="order_cycle_closes_after_it_opens",
            ),
        ]
        indexes = [
            models.Index(
                fields=["closes_at"], condition=Q(offer_recorded_at__isnull=True), name="order_cycle_to_record"
            ),
        ]
        # C3: by any door, a shell session included.
        triggers = [pgtrigger.ReadOnly(name="coordinator_is_fixed", fields=["coordinator"])]

    def __str__(self) -> str:
        return self.name

    def state_at(self, at: datetime) -> CycleState:
        """Where the cycle is at the moment ``at``."""
        if self.opens_at is None or self.closes_at is None:
            return CycleState.DRAFT
        if at >= self.closes_at:
            return CycleState.CLOSED
        return CycleState.OPEN if at >= self.opens_at else CycleState.UPCOMING

    @property
    def state(self) -> CycleState:
        """Where the cycle is now."""
        return self.state_at(clock.now())


@audited()
class CycleFee(Dated):
    """A fee of the coordinator's on everything in the cycle."""

    cycle = models.ForeignKey(OrderCycle, on_delete=models.CASCADE, related_name="cycle_fees")
    fee = models.ForeignKey(Fee, on_delete=models.PROTECT, related_name="cycle_fees")

    class Meta:
        verbose_name = _("coordinator fee")
        verbose_name_plural = _("coordinator fees")
        constraints = [models.UniqueConstraint(fields=["cycle", "fee"], name="cycle_fee_once")]

    def __str__(self) -> str:
        return str(self.fee)
