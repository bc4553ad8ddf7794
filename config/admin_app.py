"""Puts the staff's site in the place of Django's own admin."""

from __future__ import annotations

from django.contrib.admin.apps import AdminConfig


class StaffAdminConfig(AdminConfig):
    """Django's admin, with our site."""

    default_site = "config.admin_site.StaffSite"
