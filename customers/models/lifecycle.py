"""What becomes of customers: merged, removed, exported, brought in from elsewhere."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import clock
from common.audit import audited
from common.ids import PublicIdField
from common.models import Dated, Versioned
from customers.enums import ExportKind, ExportStatus, ImportKind, ImportStatus, RemovalStatus

#: What has waited for its job longer than this is taken for lost, and can be asked for again.
STRANDED: Final = timedelta(minutes=30)


@audited()
class Merge(Dated):
    """Two records of one company became one: what moved from ``loser`` to ``winner``."""

    public_id = PublicIdField(prefix="mrg")
    loser = models.ForeignKey("organisations.Organisation", on_delete=models.CASCADE, related_name="merges_lost")
    winner = models.ForeignKey("organisations.Organisation", on_delete=models.CASCADE, related_name="merges_won")
    merged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=300)
    #: Kind of record to the public ids that moved, were given up or were renamed.
    moved: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        _("what moved"), default=dict, blank=True
    )

    class Meta:
        verbose_name = _("merge")
        verbose_name_plural = _("merges")

    def __str__(self) -> str:
        return f"{self.loser} → {self.winner}"


@audited()
class Removal(Versioned):
    """A customer is being removed: deactivated at once, purged on its day, restorable until then."""

    public_id = PublicIdField(prefix="rmv")
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.PROTECT, related_name="removals")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=300)
    due_at = models.DateTimeField(_("purged from"))
    status = models.CharField(_("status"), max_length=9, choices=RemovalStatus, default=RemovalStatus.SCHEDULED)
    #: What the preview said when it was asked for, in numbers.
    preview: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(_("what goes"), default=dict)
    #: What went, in numbers.
    result: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(_("what went"), default=dict)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)

    class Meta:
        verbose_name = _("removal")
        verbose_name_plural = _("removals")
        constraints = [
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(status=RemovalStatus.SCHEDULED), name="removal_scheduled_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation}"


@audited(exclude=["content"])
class Export(Dated):
    """An organisation's or a person's data, made by a job, kept a short time for the one who asked."""

    public_id = PublicIdField(prefix="exp")
    kind = models.CharField(_("kind"), max_length=12, choices=ExportKind)
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.CASCADE, null=True, blank=True, related_name="exports"
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="exports_about"
    )
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="exports")
    status = models.CharField(_("status"), max_length=6, choices=ExportStatus, default=ExportStatus.QUEUED)
    content = models.BinaryField(null=True, editable=False)
    size = models.PositiveIntegerField(_("bytes"), default=0)
    ready_at = models.DateTimeField(_("ready"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    downloads = models.PositiveIntegerField(_("times downloaded"), default=0)

    class Meta:
        verbose_name = _("export")
        verbose_name_plural = _("exports")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=ExportKind.ORGANISATION, organisation__isnull=False, person__isnull=True)
                | Q(kind=ExportKind.PERSON, organisation__isnull=True, person__isnull=False),
                name="export_is_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return self.public_id

    @property
    def state(self) -> str:
        """The status; ``expired`` when its time is over, ``failed`` when the job that makes it seems to be lost."""
        if self.status == ExportStatus.READY and self.expires_at is not None and self.expires_at <= clock.now():
            return "expired"
        if self.status == ExportStatus.QUEUED and self.created_at < clock.now() - STRANDED:
            return str(ExportStatus.FAILED)
        return str(self.status)


@audited(exclude=["content", "rows"])
class ImportBatch(Versioned):
    """A file of customers or users from elsewhere: checked, then applied as a whole or not at all."""

    public_id = PublicIdField(prefix="imp")
    kind = models.CharField(_("kind"), max_length=9, choices=ImportKind)
    source = models.CharField(_("system it comes from"), max_length=40)
    filename = models.CharField(_("file"), max_length=200, blank=True)
    status = models.CharField(_("status"), max_length=7, choices=ImportStatus, default=ImportStatus.CHECKED)
    may_make_owners = models.BooleanField(_("may make account owners"), default=False)
    #: Which column means what, for files with columns of their own.
    mapping: models.JSONField[dict[str, str], dict[str, str]] = models.JSONField(_("columns"), default=dict, blank=True)
    #: How the file is read, and what is done with names that come twice.
    options: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        _("how it is read"), default=dict, blank=True
    )
    #: The file, between the check and the writing of it; emptied afterwards.
    content = models.BinaryField(null=True, editable=False)
    counts: models.JSONField[dict[str, int], dict[str, int]] = models.JSONField(_("figures"), default=dict)
    #: One for each row: line, outcome, public id, what to do. No secrets, and nothing of a person's but ids.
    rows: models.JSONField[list[Any], list[Any]] = models.JSONField(_("rows"), default=list)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    applied_at = models.DateTimeField(_("applied"), null=True, blank=True)
    #: When those without a password that works were mailed a link. Once for a batch.
    welcomed_at = models.DateTimeField(_("links mailed"), null=True, blank=True)
    #: Why it could not be applied; empty when it could, or was not tried.
    problem = models.CharField(_("what went wrong"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")

    def __str__(self) -> str:
        return self.filename or self.public_id

    @property
    def is_open(self) -> bool:
        """Whether it can be applied, as far as its state goes: also when the job that was to do it seems to be lost."""
        if self.status == ImportStatus.QUEUED:
            return self.updated_at < clock.now() - STRANDED
        return self.status in (ImportStatus.CHECKED, ImportStatus.FAILED)


class Forgotten(Dated):
    """A sign that an id of another system was of somebody erased or of something purged: no import makes it again.

    What is kept is a digest with a key of ours (``customers/domain/imports/forgetting.py``): no id is read from it.
    """

    digest = models.CharField(max_length=64, unique=True, editable=False)

    class Meta:
        verbose_name = _("forgotten id")
        verbose_name_plural = _("forgotten ids")

    def __str__(self) -> str:
        return self.digest[:8]
