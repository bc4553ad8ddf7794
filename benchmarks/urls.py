"""The site's addresses, and a bare view to hold an answer of the API against."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import urls as site

#: What the bare view answers with.
CONTENT: dict[str, bytes] = {"bytes": b""}


def bare(request: HttpRequest) -> HttpResponse:
    """The same bytes to whoever is signed in, and nothing else."""
    return HttpResponse(CONTENT["bytes"], content_type="application/json")


urlpatterns = [path("benchmarks/bytes/", bare), *site.urlpatterns]
handler400, handler403, handler404, handler500 = site.handler400, site.handler403, site.handler404, site.handler500
handler429 = site.handler429
