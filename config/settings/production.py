"""On a server. Everything that differs between servers comes from the environment."""

from config.logging import logging_settings
from config.settings import environment, services
from config.settings.base import *  # noqa: F403
from config.settings.base import LOG_LEVEL

DEBUG = False
SECRET_KEY = environment.text("SECRET_KEY")
SECRET_KEY_FALLBACKS = environment.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = environment.words("ALLOWED_HOSTS")
SITE_URL = environment.text("SITE_URL").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL]

DATABASES = {
    "default": services.database(
        environment.text("DATABASE_URL"),
        pool_size=environment.number("DATABASE_POOL_SIZE"),
        statement_timeout=environment.number("DATABASE_STATEMENT_TIMEOUT"),
    )
}
CACHES = {"default": services.cache(environment.text("CACHE_URL"))}

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

SESSION_COOKIE_SECURE = True
SESSION_COOKIE_NAME = "__Host-session"
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_NAME = "__Host-csrf"
SECURE_SSL_REDIRECT = True
# Health checks come from inside, without TLS.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|readyz)$"]
SECURE_HSTS_SECONDS = environment.number("HSTS_SECONDS")
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True

_proxies = environment.number("TRUSTED_PROXIES")
ALLAUTH_TRUSTED_PROXY_COUNT = _proxies
if _proxies:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = environment.text("EMAIL_HOST")
EMAIL_PORT = environment.number("EMAIL_PORT")
EMAIL_HOST_USER = environment.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = environment.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = environment.flag("EMAIL_USE_TLS")
EMAIL_TIMEOUT = 10

LOGGING = logging_settings(level=LOG_LEVEL, as_json=True)
