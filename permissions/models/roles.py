"""Roles, and people's memberships of organisations."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common.audit import audited
from common.ids import PublicIdField
from common.models import Versioned
from common.validation import validate_one_line


@audited()
class Role(Versioned):
    """A named set of permissions. Built-in ones (no organisation) come from ``permissions.roles``."""

    public_id = PublicIdField(prefix="rol")
    organisation = models.ForeignKey(
        "organisations.Organisation", on_delete=models.CASCADE, null=True, blank=True, related_name="roles"
    )
    key = models.CharField(_("key"), max_length=40, blank=True, editable=False)
    name = models.CharField(_("name"), max_length=80, validators=[validate_one_line])
    description = models.CharField(_("description"), max_length=300, blank=True)
    permissions = ArrayField(models.CharField(max_length=40), verbose_name=_("permissions"), default=list)

    class Meta:
        verbose_name = _("role")
        verbose_name_plural = _("roles")
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(organisation__isnull=True), name="role_built_in_key_once"
            ),
            models.UniqueConstraint(fields=["organisation", "name"], name="role_name_once_in_organisation"),
            models.CheckConstraint(
                condition=Q(organisation__isnull=False) | ~Q(key=""), name="role_built_in_has_a_key"
            ),
        ]

    def __str__(self) -> str:
        return self.name


@audited()
class Membership(Versioned):
    """A user in an organisation: one role, over all its units or over named ones."""

    public_id = PublicIdField(prefix="mem")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.CASCADE, related_name="memberships")
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="memberships")
    all_units = models.BooleanField(_("all units"), default=True)
    units = models.ManyToManyField("organisations.BusinessUnit", blank=True, related_name="memberships")
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(fields=["user", "organisation"], name="membership_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.organisation}"


audited()(Membership.units.through)
