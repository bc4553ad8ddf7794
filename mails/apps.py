"""The app's configuration."""

from __future__ import annotations

from django.apps import AppConfig


class MailsConfig(AppConfig):
    """Configuration of ``mails``."""

    name = "mails"
    default_auto_field = "django.db.models.BigAutoField"
