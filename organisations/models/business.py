"""The farm or store behind a business unit: an enterprise."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.audit import audited
from common.models import Versioned
from organisations.enums import BusinessKind, Sells
from organisations.models.unit import BusinessUnit
from organisations.validators import validate_one_line


@audited()
class Business(Versioned):
    """An enterprise: a business unit that trades. It shares its unit's primary key, and its public id.

    ``group`` stands for the enterprise where another lets it do something (a grant); nobody is in it.
    """

    unit = models.OneToOneField(
        BusinessUnit, on_delete=models.PROTECT, primary_key=True, related_name="business", verbose_name=_("unit")
    )
    group = models.OneToOneField(Group, on_delete=models.PROTECT, related_name="enterprise", editable=False)
    kind = models.CharField(_("kind"), max_length=5, choices=BusinessKind)
    is_producer = models.BooleanField(_("producer"), default=False)
    sells = models.CharField(_("sells"), max_length=4, choices=Sells, default=Sells.NONE)
    description = models.TextField(_("public description"), blank=True, max_length=2000)
    website = models.URLField(_("website"), blank=True)
    contact_email = models.EmailField(
        _("contact e-mail"),
        blank=True,
        help_text=_("Order confirmations go to this address."),
        validators=[validate_one_line],
    )
    contact_email_confirmed_at = models.DateTimeField(_("contact e-mail confirmed"), null=True, editable=False)

    class Meta:
        verbose_name = _("business")
        verbose_name_plural = _("businesses")
        # Guardian object permissions: what one enterprise lets another do.
        permissions = [
            ("add_to_order_cycle", "Add to order cycles"),
            ("manage_products", "Manage products"),
            ("edit_profile", "Edit public profile"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=BusinessKind.values), name="business_kind_is_known"),
            models.CheckConstraint(condition=Q(sells__in=Sells.values), name="business_sells_is_known"),
            models.CheckConstraint(
                condition=~Q(contact_email="") | Q(contact_email_confirmed_at__isnull=True),
                name="business_confirmed_email_is_an_email",
            ),
        ]

    def __str__(self) -> str:
        return str(self.unit)

    @property
    def public_id(self) -> str:
        """The id by which the enterprise is addressed: that of its unit."""
        return self.unit.public_id

    @property
    def name(self) -> str:
        """The name it trades under: that of its unit."""
        return self.unit.name

    @property
    def contact_email_is_confirmed(self) -> bool:
        """Whether order confirmations can be sent to its address."""
        return self.contact_email_confirmed_at is not None
