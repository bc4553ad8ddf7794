"""A part of an organisation."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.audit import audited
from common.ids import PublicIdField
from common.models import Archivable, Versioned
from organisations.models.organisation import Organisation
from organisations.validators import validate_one_line, validate_postcode


@audited()
class BusinessUnit(Versioned, Archivable):
    """A site of an organisation: a farm, a shop, a depot, an office."""

    public_id = PublicIdField(prefix="bu")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.PROTECT, related_name="units", verbose_name=_("organisation")
    )
    name = models.CharField(_("name"), max_length=200, validators=[validate_one_line])
    address = models.CharField(_("address"), max_length=200, blank=True, validators=[validate_one_line])
    town = models.CharField(_("town"), max_length=100, blank=True, validators=[validate_one_line])
    postcode = models.CharField(_("postcode"), max_length=8, blank=True, validators=[validate_postcode])
    phone = models.CharField(_("phone"), max_length=30, blank=True, validators=[validate_one_line])

    class Meta:
        verbose_name = _("business unit")
        verbose_name_plural = _("business units")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="business_unit_has_a_name"),
            models.UniqueConstraint(
                fields=["organisation", "name"],
                condition=Q(archived_at__isnull=True),
                name="business_unit_name_once_in_organisation",
            ),
        ]

    def __str__(self) -> str:
        return self.name
