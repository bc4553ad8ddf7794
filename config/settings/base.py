"""What holds everywhere. Development, tests and production each add to it."""

from __future__ import annotations

from logging import DEBUG
from pathlib import Path
from typing import Any

import django_stubs_ext
import pgtrigger

from config.logging import logging_settings
from config.settings import environment, services

# Lets models.CharField[str, str] and its like be written where they are run, not only checked.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# -- applications ----------------------------------------------------------------------------------

INSTALLED_APPS = [
    "mails",
    "permissions",
    "organisations",
    "customers",
    "ordercycles",
    # For its commands; it has no tables.
    "config",
    "config.admin_app.StaffAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "django_bootstrap5",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "js_lib_bootstrap5",
    "pghistory",
    "pgtrigger",
    "procrastinate.contrib.django",
    "rest_framework",
]

MIDDLEWARE = [
    "config.middleware.roomy",
    "config.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # Closed by default: a page that anybody may see says so itself (login_not_required).
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "permissions.web.AccessMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Before anybody asks who is signed in, and after messages, which it leaves one of.
    "customers.sessions.SessionLimits",
    # After the session's hours; from here on the person is signed in whom staff act as.
    "customers.act_as.ActAs",
    "customers.second_factor.StaffSecondFactor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "config.middleware.AuditContextMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.navigation.navigation",
            ],
            "builtins": ["common.components"],
        },
    },
]

# -- language and time -----------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# -- files -----------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
FILE_UPLOAD_HANDLERS = [
    "common.uploads.Limit",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

# -- people ----------------------------------------------------------------------------------------

AUTH_USER_MODEL = "customers.User"
# One only: a second would hash each wrong password a second time. Django's own takes the e-mail that somebody signs in
# with and nothing else, and answers a closed account as it answers a wrong password.
AUTHENTICATION_BACKENDS = ["customers.backends.UserBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 8},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "customers.passwords.NotTheOrganisation"},
]
# Ours first; the rest check what people bring from other systems, and are never used to hash (decision 0016).
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
    "customers.hashers.ForeignArgon2",
    "customers.hashers.ForeignBCrypt",
    "customers.hashers.ForeignBCryptSHA256",
    "customers.hashers.ForeignScrypt",
    "customers.hashers.ForeignScryptRaw",
    "customers.hashers.ForeignPBKDF2Raw",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "account_login"

REMOVAL_GRACE_DAYS = environment.number("REMOVAL_GRACE_DAYS")
EXPORT_HOURS = environment.number("EXPORT_HOURS")
CUSTOMER_SIGNUP = environment.choice("CUSTOMER_SIGNUP", ("staff", "open", "closed"))
INVITATION_LIFE_DAYS = environment.number("INVITATION_LIFE_DAYS")
INVITATIONS_PER_HOUR = environment.number("INVITATIONS_PER_HOUR")
OWNERSHIP_TRANSFER_DAYS = environment.number("OWNERSHIP_TRANSFER_DAYS")
STAFF_EMAIL_DOMAINS = [one.strip().lower() for one in environment.text("STAFF_EMAIL_DOMAINS").split(",") if one.strip()]
#: For how long staff act as a customer's person; the database holds them to an hour, too.
ACT_AS_MINUTES = environment.number("ACT_AS_MINUTES", least=1, most=60)
#: Whether staff are nobody until they have shown a second factor: see customers.second_factor.
STAFF_SECOND_FACTOR = environment.flag("STAFF_SECOND_FACTOR")
ACCOUNT_ADAPTER = "customers.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "customers.forms.SignInForm",
    "reset_password": "customers.forms.ForgottenPasswordForm",
    "add_email": "customers.forms.ChangeEmailForm",
    "change_password": "customers.forms.ReplacePasswordForm",
    "set_password": "customers.forms.FirstPasswordForm",
    "reauthenticate": "customers.forms.ProveForm",
}
SESSION_ENGINE = "customers.session_store"
#: Hours without use, and in all.
SESSION_HOURS = environment.numbers("SESSION_HOURS", 2)
STAFF_SESSION_HOURS = environment.numbers("STAFF_SESSION_HOURS", 2)
SESSION_COOKIE_AGE = 3600 * max(SESSION_HOURS[1], STAFF_SESSION_HOURS[1])
#: How long the link works with which a new account's owner sets her password.
SET_PASSWORD_HOURS = environment.number("SET_PASSWORD_HOURS")
# Django's own links for passwords: none is ever sent, ours are in customers.links.
PASSWORD_RESET_TIMEOUT = 3600

ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_CONFIRMATION_EXPIRE_DAYS = 3
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_RATE_LIMITS: dict[str, str] = {
    # An attacker's address, and one account under attack from many addresses.
    "login_failed": "10/m/ip,5/5m/key",
}

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Hectare"
MFA_FORMS = {"add_webauthn": "customers.forms.AddKeyForm"}

# Signing in with an OpenID Connect provider is off until one is named: there is no button, and its addresses are not
# found. It makes no accounts (see customers.adapters.SocialAccountAdapter).
SOCIALACCOUNT_ADAPTER = "customers.adapters.SocialAccountAdapter"
_oidc = {name: environment.text(f"OIDC_{name}") for name in ("SERVER_URL", "CLIENT_ID", "CLIENT_SECRET", "NAME")}
SOCIALACCOUNT_PROVIDERS = services.openid_connect(
    _oidc["SERVER_URL"], _oidc["CLIENT_ID"], _oidc["CLIENT_SECRET"], _oidc["NAME"]
)
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_LOGIN_ON_GET = False
SOCIALACCOUNT_ONLY = False
SOCIALACCOUNT_STORE_TOKENS = False
SOCIALACCOUNT_EMAIL_VERIFICATION = "mandatory"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = False
SOCIALACCOUNT_OPENID_CONNECT_URL_PREFIX = "oidc"

USERSESSIONS_TRACK_ACTIVITY = False

# Guardian keeps grants only; there is no anonymous user to give any to.
ANONYMOUS_USER_NAME = None
# Its backend would let grants answer user.has_perm(); the engine answers, grants are one of its facts.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

# -- audit -----------------------------------------------------------------------------------------

# Whatever changes a row, by whatever door, leaves an event: one trigger per statement, append-only tables.
# mypy reads these settings while it is still reading pgtrigger, sometimes.
PGHISTORY_LEVEL = pgtrigger.Statement  # type: ignore[has-type, unused-ignore]
PGHISTORY_APPEND_ONLY = True

# -- security --------------------------------------------------------------------------------------

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"

CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        # Bootstrap's own style sheet draws its small signs from data: addresses.
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "manifest-src": ["'self'"],
        # The button on the sign-in page is a form that is led on to the provider.
        "form-action": ["'self'", *services.origin(_oidc["SERVER_URL"])],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    },
}

# -- API -------------------------------------------------------------------------------------------

REST_FRAMEWORK: dict[str, Any] = {
    # permissions.api.views.ApiView says these itself; here they hold for a view that forgot to build on it.
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "permissions.api.authentication.KeyAuthentication",
        "permissions.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["permissions.api.closed.MappedOnly"],
    "DEFAULT_RENDERER_CLASSES": ["permissions.api.media.JsonRenderer"],
    "DEFAULT_PARSER_CLASSES": ["permissions.api.media.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "permissions.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "permissions.api.problems.handle",
    # Requests of one credential; generous: they are there to stop what went wrong, not what is busy. And API keys that
    # are none, by the address they came from.
    "DEFAULT_THROTTLE_RATES": {"read": "1200/min", "write": "600/min", "failed": "30/min", "exists": "30/min"},
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Hectare Customers & Order Cycles",
    "DESCRIPTION": "Organisations, grants, products and order cycles, for the programs of those who take part.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "SERVE_INCLUDE_SCHEMA": False,
    "SORT_OPERATIONS": False,
    # Choices stay where they are, as they are.
    "POSTPROCESSING_HOOKS": [],
    "TAGS": [
        {"name": "Me", "description": "Who asks, and what she is given."},
        {"name": "Organisations", "description": "Companies."},
        {"name": "Customers", "description": "Taking on, finding and removing customers; mostly for Hectare staff."},
        {"name": "Imports", "description": "Customers and people from elsewhere, brought in by Hectare staff."},
        {"name": "People", "description": "Members, roles, invitations and who owns the account."},
        {"name": "Staff", "description": "Hectare's own people."},
        {"name": "Audit", "description": "Who did what, when and why; exports."},
        {"name": "Business units", "description": "Their sites, and the enterprises behind some of them."},
        {"name": "Invitations", "description": "Offers to join, or to take a record over; and their answers."},
        {"name": "Connections", "description": "Which companies an organisation knows."},
        {"name": "API keys", "description": "Credentials of programs."},
        {"name": "Grants", "description": "What one enterprise lets another do."},
        {"name": "Catalogue", "description": "Products and variants."},
        {"name": "Fees", "description": "Charges on top of the producers' prices."},
        {"name": "Methods", "description": "How a hub's customers get their goods and pay."},
        {"name": "Order cycles", "description": "Windows in which goods are gathered and passed out."},
        {"name": "Exchanges", "description": "Each enterprise's part in an order cycle."},
        {"name": "Access", "description": "What the rules say, and why."},
        {"name": "Notices", "description": "What the people of an enterprise are told."},
    ],
}

# -- jobs ------------------------------------------------------------------------------------------

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"
PROCRASTINATE_IMPORT_PATHS = ["config.jobs"]
PROCRASTINATE_ON_APP_READY = "config.jobs.on_app_ready"

# -- logs ------------------------------------------------------------------------------------------

# The id is ours by then: config.middleware.request_id has looked it over.
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True
# Asking for the user here would cost a query on pages that need none.
DJANGO_STRUCTLOG_USER_ID_FIELD = None
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = DEBUG
LOG_LEVEL = environment.text("LOG_LEVEL").upper()
LOGGING = logging_settings(level=LOG_LEVEL, as_json=False)

DEFAULT_FROM_EMAIL = environment.text("DEFAULT_FROM_EMAIL")
SUPPORT_EMAIL = environment.text("SUPPORT_EMAIL")

CACHES = {"default": services.cache("memory://")}
