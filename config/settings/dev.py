"""On a developer's machine: ``make run`` and ``manage.py``."""

from config.settings import environment, services
from config.settings.base import *  # noqa: F403
from config.settings.base import BASE_DIR

DEBUG = True
SECRET_KEY = "for-development-only-0123456789-abcdefghijklmnopqrstuvwxyz"  # noqa: S105
ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
SITE_URL = environment.text("SITE_URL", "http://127.0.0.1:8000")
DATABASES = {"default": services.database(environment.text("DATABASE_URL"))}

# The demo's staff are tried with nothing but a password. On a server it is asked for, unless the environment says no.
STAFF_SECOND_FACTOR = False

# Each mail becomes a file here; nothing leaves the machine.
EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = BASE_DIR / ".local" / "mail"

# Browsers allow passkeys on localhost without HTTPS.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
