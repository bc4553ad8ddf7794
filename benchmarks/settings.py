"""As on a server, where that makes a difference to speed; no mail leaves."""

from config.settings import environment, services
from config.settings.base import *  # noqa: F403
from config.settings.base import REST_FRAMEWORK

DEBUG = False
SECRET_KEY = "for-benchmarks-only-0123456789-abcdefghijklmnopqrstuvwxyz"
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SITE_URL = "http://testserver"
DATABASES = {"default": services.database(environment.text("DATABASE_URL"))}
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
WHITENOISE_AUTOREFRESH = True
LOGGING = {"version": 1, "disable_existing_loggers": True}
ROOT_URLCONF = "benchmarks.urls"
# Measuring asks for more in a minute than a credential may.
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_RATES": {"read": "1000000/min", "write": "1000000/min"}}
