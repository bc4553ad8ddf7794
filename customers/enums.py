"""The fixed choices of customers and their people."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SignUp(models.TextChoices):
    """Who takes on customers."""

    CLOSED = "closed", _("nobody")
    STAFF = "staff", _("Hectare staff only")
    OPEN = "open", _("anybody, by signing up")


class InvitationKind(models.TextChoices):
    """What an invitation offers."""

    MEMBER = "member", _("to join an organisation")
    CLAIM = "claim", _("to take over an organisation's record as its account owner")


class InvitationStatus(models.TextChoices):
    """What was stored of an invitation; that it expired follows from the clock."""

    PENDING = "pending", _("pending")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    REVOKED = "revoked", _("revoked")
    FAILED = "failed", _("the mail could not be delivered")


class RequestKind(models.TextChoices):
    """What a company asks Hectare for."""

    ACCESS = "access", _("to become a customer")
    CLAIM = "claim", _("to take over its record")


class RequestState(models.TextChoices):
    """Where a company's request stands."""

    WAITING = "waiting", _("waiting for Hectare")
    APPROVED = "approved", _("approved")
    REFUSED = "refused", _("refused")


class TransferStatus(models.TextChoices):
    """What was stored of an ownership transfer; that it expired follows from the clock."""

    PENDING = "pending", _("waiting for the recipient")
    ACCEPTED = "accepted", _("accepted")
    DECLINED = "declined", _("declined")
    CANCELLED = "cancelled", _("cancelled")


class RemovalStatus(models.TextChoices):
    """Where the removal of a customer stands."""

    SCHEDULED = "scheduled", _("deactivated, waiting for its day")
    RESTORED = "restored", _("restored")
    PURGED = "purged", _("purged")


class ActingEnd(models.TextChoices):
    """How acting as a person ended; that its time is over follows from the clock."""

    STOPPED = "stopped", _("stopped by hand")
    TIME = "time", _("its time was over")
    SESSION = "session", _("the staff session ended")
    LAPSED = "lapsed", _("it was not allowed any more")


class ExportKind(models.TextChoices):
    """Whose data an export holds."""

    ORGANISATION = "organisation", _("an organisation's data")
    PERSON = "person", _("a person's data")


class ExportStatus(models.TextChoices):
    """Where an export stands; that it expired follows from the clock."""

    QUEUED = "queued", _("being made")
    READY = "ready", _("ready")
    FAILED = "failed", _("failed")


class ImportKind(models.TextChoices):
    """What a batch holds."""

    LOGISTICS = "logistics", _("organisations, units and users of another system")
    CUSTOMERS = "customers", _("customers, one a row")


class ImportStatus(models.TextChoices):
    """Where a batch stands."""

    CHECKED = "checked", _("checked, nothing written")
    QUEUED = "queued", _("being applied")
    APPLIED = "applied", _("applied")
    FAILED = "failed", _("failed, nothing written")
