"""Every address of the site, app by app."""

from django.contrib import admin
from django.urls import include, path

from config import health

urlpatterns = [
    path("healthz", health.live, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    path("api/", include("config.api")),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("", include("customers.urls")),
    path("", include("organisations.urls")),
    path("", include("ordercycles.urls")),
]

handler400 = "config.error_pages.bad_request"
handler403 = "config.error_pages.permission_denied"
handler404 = "config.error_pages.page_not_found"
handler500 = "config.error_pages.server_error"
# allauth asks for this one by name.
handler429 = "config.error_pages.too_many_requests"
