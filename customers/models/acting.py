"""Hectare staff acting as a customer's person."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.audit import audited
from common.ids import PublicIdField
from common.models import Dated
from customers.enums import ActingEnd

#: Nobody acts as somebody for longer, whatever the setting says.
LONGEST: Final = timedelta(minutes=60)


@audited(exclude=["session_hash"])
class Impersonation(Dated):
    """A staff administrator acts as a person: in one session of her own, until an end that is set when she begins.

    It is over when it is said to be (``ended_at``), at ``ends_at`` in any case, and with the session.
    """

    public_id = PublicIdField(prefix="act")
    staff = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("staff"), on_delete=models.PROTECT, related_name="acted_as"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("person"), on_delete=models.PROTECT, related_name="acted_as_by"
    )
    reason = models.CharField(_("reason"), max_length=300)
    #: Of the key of the session in which it happens; the key itself would open that session.
    session_hash = models.CharField(max_length=64, editable=False, db_index=True)
    began_at = models.DateTimeField(_("began"), default=clock.now)
    ends_at = models.DateTimeField(_("ends at the latest"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_by = models.CharField(_("how it ended"), max_length=7, choices=ActingEnd, blank=True)

    class Meta:
        verbose_name = _("acting as a user")
        verbose_name_plural = _("acting as users")
        constraints = [
            models.UniqueConstraint(fields=["staff"], condition=Q(ended_at=None), name="acts_as_one_at_a_time"),
            models.CheckConstraint(condition=~Q(staff=F("user")), name="acts_as_somebody_else"),
            models.CheckConstraint(condition=Q(ends_at__lte=F("began_at") + LONGEST), name="acts_an_hour_at_most"),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by="") | (Q(ended_at__isnull=False) & ~Q(ended_by="")),
                name="acting_ended_somehow",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} as {self.user}"

    @property
    def is_over(self) -> bool:
        """Whether it has ended, said or not."""
        return self.ended_at is not None or clock.now() >= self.ends_at
