"""How every kind of mail looks, for whoever builds one: at ``/mails/`` in development, and nowhere else."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render as render_page
from django.urls import path

from mails import outbox
from mails.rendering import Rendered, render


def _example(name: str) -> Rendered:
    kind = outbox.kinds().get(name)
    if kind is None or kind.example is None:
        raise Http404
    return render(kind.example())


@login_not_required
def index(request: HttpRequest) -> HttpResponse:
    """Every kind, with both forms."""
    shown = [
        {"label": kind.label, "name": name, "html": f"/mails/{name}.html", "text": f"/mails/{name}.txt"}
        for name, kind in outbox.kinds().items()
    ]
    return render_page(request, "mails/preview/index.html", {"kinds": shown})


@login_not_required
def text(request: HttpRequest, name: str) -> HttpResponse:
    """The plain form."""
    said = _example(name)
    return HttpResponse(f"Subject: {said.subject}\n\n{said.text}", content_type="text/plain; charset=utf-8")


@login_not_required
def html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML form. A mail brings its styles with it; a page of ours must not."""
    response = HttpResponse(_example(name).html)
    # As django-csp's own decorator does it.
    response._csp_exempt = True  # type: ignore[attr-defined]
    return response


urlpatterns = [
    path("mails/", index, name="mails"),
    path("mails/<slug:name>.txt", text, name="mail_text"),
    path("mails/<slug:name>.html", html, name="mail_html"),
]
