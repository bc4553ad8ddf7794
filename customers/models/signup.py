"""Who takes on customers, and companies that ask."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.audit import audited
from common.ids import PublicIdField
from common.models import Dated, Versioned
from customers.enums import RequestKind, RequestState, SignUp
from organisations.validators import validate_company_number, validate_one_line, validate_postcode


@audited()
class SignUpMode(Versioned):
    """The one row that says who takes on customers; without it the setting ``CUSTOMER_SIGNUP`` says it."""

    mode = models.CharField(_("who takes on customers"), max_length=6, choices=SignUp)
    only = models.BooleanField(default=True, editable=False, unique=True)

    class Meta:
        verbose_name = _("sign-up")
        verbose_name_plural = _("sign-up")
        constraints = [models.CheckConstraint(condition=Q(only=True), name="sign_up_mode_only_one")]

    def __str__(self) -> str:
        return self.get_mode_display()


@audited()
class AccessRequest(Versioned):
    """A company asks Hectare to be taken on, or to take over the record that another customer made of it."""

    public_id = PublicIdField(prefix="acr")
    kind = models.CharField(_("asks"), max_length=6, choices=RequestKind)
    company_name = models.CharField(_("company"), max_length=200, validators=[validate_one_line])
    company_number = models.CharField(
        _("company number"), max_length=8, blank=True, validators=[validate_company_number]
    )
    postcode = models.CharField(_("postcode"), max_length=8, blank=True, validators=[validate_postcode])
    name = models.CharField(_("name"), max_length=150, validators=[validate_one_line])
    email = models.EmailField(_("e-mail"), validators=[validate_one_line])
    message = models.CharField(_("message"), max_length=1000, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=RequestState, default=RequestState.WAITING)
    #: The customer or record that staff found it to be, or made of it.
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.SET_NULL, null=True, blank=True, related_name="access_requests"
    )
    answered_at = models.DateTimeField(_("answered"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    answer = models.CharField(_("answer"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("request for access")
        verbose_name_plural = _("requests for access")

    def __str__(self) -> str:
        return self.company_name


class PendingSignUp(Dated):
    """A company that signed up by itself, until whoever reads the e-mail follows the link. Nothing else exists yet.

    So nobody takes a name, a number or an address by typing it; what nobody confirms is deleted after some days, and
    leaves no trace.
    """

    public_id = PublicIdField(prefix="sgn")
    email = models.EmailField(_("e-mail"), validators=[validate_one_line])
    name = models.CharField(_("name"), max_length=150, validators=[validate_one_line])
    #: What was typed: ``organisation``, ``unit``, ``business``.
    details: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(_("details"))
    #: Of the token in the mail; empty until that is sent.
    token_hash = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    expires_at = models.DateTimeField(_("expires"))

    class Meta:
        verbose_name = _("sign-up that waits for its e-mail")
        verbose_name_plural = _("sign-ups that wait for their e-mail")
        indexes = [models.Index(fields=["expires_at"], name="pending_sign_up_expires")]

    def __str__(self) -> str:
        return self.public_id


@audited()
class ExternalId(Dated):
    """What an organisation, a unit or a user is called in another system."""

    source = models.CharField(_("system"), max_length=40, validators=[validate_one_line])
    external_id = models.CharField(_("id there"), max_length=200, validators=[validate_one_line])
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.CASCADE, null=True, blank=True, related_name="external_ids"
    )
    unit = models.ForeignKey(
        "organisations.BusinessUnit", on_delete=models.CASCADE, null=True, blank=True, related_name="external_ids"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="external_ids"
    )

    class Meta:
        verbose_name = _("external id")
        verbose_name_plural = _("external ids")
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"],
                condition=Q(organisation__isnull=False),
                name="external_organisation_once",
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=Q(unit__isnull=False), name="external_unit_once"
            ),
            models.UniqueConstraint(
                fields=["source", "external_id"], condition=Q(user__isnull=False), name="external_user_once"
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False, unit__isnull=True, user__isnull=True)
                | Q(organisation__isnull=True, unit__isnull=False, user__isnull=True)
                | Q(organisation__isnull=True, unit__isnull=True, user__isnull=False),
                name="external_id_is_of_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.external_id}"
