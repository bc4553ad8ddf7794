"""What one enterprise lets another do."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase

from common.audit import audited
from common.ids import PublicIdField
from common.models import Dated


@audited()
class Grant(GroupObjectPermissionBase):
    """A guardian object permission: ``content_object`` (the granter) lets ``group`` (the grantee's) do something."""

    public_id = PublicIdField(prefix="grt")
    content_object = models.ForeignKey(
        "organisations.Business", on_delete=models.CASCADE, related_name="grants_given", db_column="granter_id"
    )
    given_at = models.DateTimeField(_("given"), auto_now_add=True)
    given_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta(GroupObjectPermissionBase.Meta):
        verbose_name = _("grant")
        verbose_name_plural = _("grants")
        indexes = [
            models.Index(fields=["content_object", "permission", "group"], name="grant_from_granter"),
        ]

    def __str__(self) -> str:
        return self.public_id


class RequestStatus(models.TextChoices):
    """Where a request for a grant stands."""

    PENDING = "pending", _("waiting for an answer")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")
    CANCELLED = "cancelled", _("taken back")


@audited()
class GrantRequest(Dated):
    """The grantee asks the granter for a grant; pending until the granter's manager answers."""

    public_id = PublicIdField(prefix="grq")
    granter = models.ForeignKey(
        "organisations.Business", on_delete=models.CASCADE, related_name="grant_requests_received"
    )
    grantee = models.ForeignKey("organisations.Business", on_delete=models.CASCADE, related_name="grant_requests_made")
    permission = models.CharField(_("permission"), max_length=40)
    message = models.CharField(_("message"), max_length=500, blank=True)
    status = models.CharField(_("status"), max_length=9, choices=RequestStatus, default=RequestStatus.PENDING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answer = models.CharField(_("answer"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("request for a grant")
        verbose_name_plural = _("requests for grants")
        constraints = [
            models.UniqueConstraint(
                fields=["granter", "grantee", "permission"],
                condition=Q(status="pending"),
                name="grant_request_pending_once",
            ),
            models.CheckConstraint(condition=~Q(granter=F("grantee")), name="grant_request_is_to_another"),
        ]

    def __str__(self) -> str:
        return self.public_id
