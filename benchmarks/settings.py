"""As on a server, where that makes a difference to speed; no mail leaves."""

from config.settings import environment, services
from config.settings.base import *  # noqa: F403

DEBUG = False
SECRET_KEY = "for-benchmarks-only-0123456789-abcdefghijklmnopqrstuvwxyz"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SITE_URL = "http://testserver"
DATABASES = {"default": services.database(environment.text("DATABASE_URL"))}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
WHITENOISE_AUTOREFRESH = True
LOGGING = {"version": 1, "disable_existing_loggers": True}
