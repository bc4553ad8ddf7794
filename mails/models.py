"""The outbox, which is also the log of what was sent."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from common.ids import PublicIdField
from common.models import Dated


class MailStatus(models.TextChoices):
    """What has become of a mail."""

    QUEUED = "queued", _("waiting to be sent")
    SENT = "sent", _("sent")
    FAILED = "failed", _("failed")
    DROPPED = "dropped", _("not needed any more")


class Mail(Dated):
    """A mail: of which kind, about what, to whom. Its text is made when it is sent, and links in it are made then.

    So no link that opens anything is ever kept: neither here, nor in the queue of jobs.
    """

    public_id = PublicIdField(prefix="mai")
    kind = models.CharField(_("kind"), max_length=40)
    about = models.CharField(_("about"), max_length=40, blank=True, help_text=_("The public id of what it tells of."))
    data: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(_("data"), default=dict, blank=True)
    recipient = models.EmailField(_("to"))
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    status = models.CharField(_("status"), max_length=7, choices=MailStatus, default=MailStatus.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.CharField(_("what went wrong"), max_length=300, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    resent_of = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="resent_as")

    class Meta:
        verbose_name = _("mail")
        verbose_name_plural = _("mails")
        indexes = [
            models.Index(fields=["recipient", "-created_at"], name="mail_to_newest"),
            models.Index(fields=["status", "-created_at"], name="mail_status_newest"),
            models.Index(fields=["about", "kind"], name="mail_about"),
        ]

    def __str__(self) -> str:
        return self.public_id
