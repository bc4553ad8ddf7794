"""The site's addresses, and a bare view to hold an answer of the API against."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls as site
from ordercycles.models import Fee

#: What the bare views answer with.
CONTENT: dict[str, bytes] = {"bytes": b""}


def bare(request: HttpRequest, fee: str) -> HttpResponse:
    """Whoever is signed in, one row read, the same bytes: no permission asked, no framework besides Django."""
    Fee.objects.select_related("owner__unit").get(public_id=fee)
    return HttpResponse(CONTENT["bytes"], content_type="application/json")


def barest(request: HttpRequest) -> HttpResponse:
    """The same bytes to whoever is signed in, from memory."""
    return HttpResponse(CONTENT["bytes"], content_type="application/json")


urlpatterns = [path("benchmarks/fees/<str:fee>/", bare), path("benchmarks/bytes/", barest), *site.urlpatterns]
handler400, handler403, handler404, handler500 = site.handler400, site.handler403, site.handler404, site.handler500
handler429 = site.handler429
