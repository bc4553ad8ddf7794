"""For pytest, which starts a server of its own, and for mypy, which needs none."""

from config.settings import environment, services
from config.settings.base import *  # noqa: F403
from config.settings.base import INSTALLED_APPS as BASE_APPS
from config.settings.base import MIDDLEWARE as BASE_MIDDLEWARE
from config.settings.base import PASSWORD_HASHERS as BASE_HASHERS

DEBUG = False
SECRET_KEY = "for-tests-only-0123456789-abcdefghijklmnopqrstuvwxyz-01234"  # noqa: S105
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
SITE_URL = "http://testserver"
DATABASES = {"default": services.database(environment.text("DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none"))}

# Off where it is not what is tested (tests/security/test_second_factor.py).
STAFF_SECOND_FACTOR = False

# Zeal makes a query that is repeated for each row of a request (N+1) an error.
# allauth's own OpenID Connect provider is there to be signed in with (tests/security/provider.py).
INSTALLED_APPS = [*BASE_APPS, "zeal", "allauth.idp", "allauth.idp.oidc"]
MIDDLEWARE = ["zeal.middleware.zeal_middleware", *BASE_MIDDLEWARE]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
# The first is fast, and good for nothing else.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *BASE_HASHERS]
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
# No scan of the folder of collected files, which tests do not have.
WHITENOISE_AUTOREFRESH = True
# Many tests sign in from one address.
ACCOUNT_RATE_LIMITS = dict.fromkeys(
    (
        "change_password",
        "manage_email",
        "reset_password",
        "reauthenticate",
        "reset_password_from_key",
        "signup",
        "login",
        "login_failed",
        "confirm_email",
    ),
    "",
)
