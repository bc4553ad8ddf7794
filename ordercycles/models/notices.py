"""What participants are told."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.ids import PublicIdField
from common.models import Dated
from ordercycles.enums import NoticeKind
from ordercycles.models.cycle import OrderCycle
from organisations.models import Business


class Notice(Dated):
    """A message to the people of one enterprise, shown in the product and mailed to its contact address."""

    public_id = PublicIdField(prefix="ntc")
    enterprise = models.ForeignKey(Business, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField(_("kind"), max_length=15, choices=NoticeKind)
    text = models.TextField(_("text"))
    cycle = models.ForeignKey(OrderCycle, on_delete=models.SET_NULL, null=True, blank=True, related_name="notices")
    #: Whose act it tells of; nobody's where a key acted or the clock, and in notices older than this column.
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    actor_name = models.CharField(_("by"), max_length=200, blank=True)
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    mailed_at = models.DateTimeField(_("mailed"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice")
        verbose_name_plural = _("notices")
        indexes = [
            models.Index(fields=["enterprise", "-created_at"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.text
