"""One organisation knows another."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common.audit import audited
from common.ids import PublicIdField
from common.models import Versioned
from organisations.enums import ConnectionKind
from organisations.models.organisation import Organisation
from organisations.validators import validate_one_line


@audited()
class Connection(Versioned):
    """Organisation ``organisation`` knows ``other`` for a business reason. Both see each other's public profile."""

    public_id = PublicIdField(prefix="con")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="connections")
    other = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="connections_from")
    kind = models.CharField(_("kind"), max_length=9, choices=ConnectionKind, default=ConnectionKind.OTHER)
    # What follows is seen by the organisation that recorded it, and by nobody else.
    contact_name = models.CharField(_("contact"), max_length=150, blank=True, validators=[validate_one_line])
    contact_email = models.EmailField(_("contact's e-mail"), blank=True, validators=[validate_one_line])
    note = models.CharField(_("own note"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("connection")
        verbose_name_plural = _("connections")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "other"], name="connection_once"),
            models.CheckConstraint(condition=~Q(organisation=F("other")), name="connection_is_to_another"),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} – {self.other}"
