"""Credentials of programs that act for an organisation."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from common.audit import audited
from common.ids import PublicIdField
from common.models import Dated
from permissions.models.roles import Role


@audited(exclude=["secret_hash", "last_used_at"])
class ApiKey(Dated):
    """An organisation's API key, ``hct_<id>_<secret>``: shown once, hashed at rest, with a role, scopes and an end.

    What a key may do is what its role gives over its units, cut down to its scopes.
    """

    public_id = PublicIdField(prefix="key")
    organisation = models.ForeignKey("organisations.Organisation", on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(_("name"), max_length=80)
    secret_hash = models.CharField(max_length=64, editable=False)
    role = models.ForeignKey(Role, on_delete=models.PROTECT, related_name="api_keys")
    all_units = models.BooleanField(_("all units"), default=True)
    units = models.ManyToManyField("organisations.BusinessUnit", blank=True, related_name="api_keys")
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"), default=list)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")

    def __str__(self) -> str:
        return self.name
