"""Every address of the site, app by app."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView

from config import health

urlpatterns = [
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("api/", include("config.api")),
    path("admin/", admin.site.urls),
    # Nobody makes a bare account: whoever comes alone comes with a company.
    path("accounts/signup/", login_not_required(RedirectView.as_view(pattern_name="sign_up")), name="account_signup"),
    # As in allauth.urls, without its addresses of old. There is no /_allauth/: no headless door.
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/3rdparty/", include("allauth.socialaccount.urls")),
    path("accounts/", include("allauth.socialaccount.providers.openid_connect.urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("", include("customers.urls")),
    path("", include("organisations.urls")),
    path("", include("ordercycles.urls")),
]

if settings.DEBUG:
    # How mails look: for who builds them.
    urlpatterns += [path("", include("mails.preview"))]

handler400 = "config.error_pages.bad_request"
handler403 = "config.error_pages.permission_denied"
handler404 = "config.error_pages.page_not_found"
handler500 = "config.error_pages.server_error"
# allauth asks for this one by name.
handler429 = "config.error_pages.too_many_requests"
