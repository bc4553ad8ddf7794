"""A company."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.audit import audited
from common.ids import PublicIdField
from common.models import Archivable, Versioned
from organisations.enums import OrganisationKind
from organisations.validators import (
    validate_company_number,
    validate_one_line,
    validate_postcode,
    validate_vat_number,
)


@audited()
class Organisation(Versioned, Archivable):
    """A company: a customer (``full``), or one that a customer recorded (``shell``)."""

    public_id = PublicIdField(prefix="org")
    name = models.CharField(_("name"), max_length=200, validators=[validate_one_line])
    kind = models.CharField(_("kind"), max_length=5, choices=OrganisationKind, default=OrganisationKind.FULL)
    company_number = models.CharField(
        _("company number"), max_length=8, blank=True, validators=[validate_company_number]
    )
    vat_number = models.CharField(_("VAT number"), max_length=14, blank=True, validators=[validate_vat_number])
    town = models.CharField(_("town"), max_length=100, blank=True, validators=[validate_one_line])
    postcode = models.CharField(_("postcode"), max_length=8, blank=True, validators=[validate_postcode])
    created_by_organisation = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="recorded_shells",
        verbose_name=_("recorded by"),
    )
    claimed_at = models.DateTimeField(_("claimed"), null=True, blank=True, editable=False)
    #: A duplicate that staff merged; its ids lead to the one that stayed.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="merged_from"
    )
    #: Removed with its records; what others' records refer to stays, without a name.
    removed_at = models.DateTimeField(_("removed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="organisation_has_a_name"),
            models.CheckConstraint(condition=Q(kind__in=OrganisationKind.values), name="organisation_kind_is_known"),
            models.UniqueConstraint(
                fields=["company_number"], condition=~Q(company_number=""), name="organisation_company_number_once"
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(archived_at__isnull=False),
                name="organisation_merged_is_archived",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(archived_at__isnull=False),
                name="organisation_removed_is_archived",
            ),
            models.UniqueConstraint(
                fields=["vat_number"], condition=~Q(vat_number=""), name="organisation_vat_number_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name
