"""The farm or store behind a business unit: an enterprise."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.audit import audited
from common.models import Versioned
from organisations.enums import BusinessKind, Certification, FarmEnterprise, Sells
from organisations.models.unit import BusinessUnit
from organisations.validators import validate_holding_number, validate_one_line, validate_opening_hours


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
    # A farm's.
    holding_number = models.CharField(
        _("County Parish Holding number"), max_length=11, blank=True, validators=[validate_holding_number]
    )
    hectares = models.DecimalField(
        _("hectares"), max_digits=9, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    farm_enterprises = ArrayField(
        models.CharField(max_length=12, choices=FarmEnterprise),
        verbose_name=_("farm enterprises"),
        default=list,
        blank=True,
    )
    certifications = ArrayField(
        models.CharField(max_length=20, choices=Certification),
        verbose_name=_("certifications"),
        default=list,
        blank=True,
    )
    # A store's.
    store_code = models.CharField(_("store code"), max_length=20, blank=True, validators=[validate_one_line])
    #: Day of the week (``mon`` … ``sun``) to a list of ``["09:00", "17:30"]``; a day that is absent is closed.
    opening_hours: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        _("opening hours"), default=dict, blank=True, validators=[validate_opening_hours]
    )
    floor_area = models.PositiveIntegerField(_("floor area in square metres"), null=True, blank=True)
    capacity = models.PositiveIntegerField(_("storage capacity in pallets"), null=True, blank=True)
    contact_email_confirmed_at = models.DateTimeField(_("contact e-mail confirmed"), null=True, editable=False)

    #: Set by the verbs on the row that they return: the seconds after which the mail that confirms a new contact
    #: address can be asked for, when it could not go out at once.
    confirmation_waits: int | None = None

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
                condition=Q(kind=BusinessKind.FARM)
                | Q(holding_number="", hectares__isnull=True, farm_enterprises=[], certifications=[]),
                name="business_farm_data_is_a_farms",
            ),
            models.CheckConstraint(
                condition=Q(kind=BusinessKind.STORE)
                | Q(store_code="", opening_hours={}, floor_area__isnull=True, capacity__isnull=True),
                name="business_store_data_is_a_stores",
            ),
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
