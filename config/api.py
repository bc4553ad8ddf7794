"""The API: every resource, its description, and "not found" for the rest of ``/api/``."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path, re_path
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from rest_framework.request import Request

from customers.api.urls import urlpatterns as customers
from ordercycles.api.urls import urlpatterns as ordercycles
from organisations.api.urls import urlpatterns as organisations
from permissions.api.media import to_json
from permissions.api.operations import Rule, operation
from permissions.api.views import ApiView, NowhereView

VERSION = "v1"


@cache
def _described() -> bytes:
    """The OpenAPI description. It is the same for everybody, and takes a second to make."""
    generator = SchemaGenerator(patterns=[path(f"api/{VERSION}/", include(resources))])  # type: ignore[no-untyped-call]
    described: dict[str, Any] = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return to_json(described)


class SchemaView(ApiView):
    """schema/"""

    schema = None  # type: ignore[assignment]

    @operation("Read the OpenAPI description", Rule.SEES)
    def get(self, request: Request) -> HttpResponse:
        """OpenAPI 3.1."""
        return HttpResponse(_described(), content_type="application/vnd.oai.openapi+json")


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    """A page that shows the description, for people who are signed in; from files of ours alone."""
    return render(request, "api/docs.html")


resources = [*organisations, *customers, *ordercycles]

urlpatterns = [
    path(
        f"{VERSION}/",
        include(
            [
                *resources,
                path("schema/", SchemaView.as_view(), name="api_schema"),
                path("docs/", docs, name="api_docs"),
            ]
        ),
    ),
    re_path(r"^.*$", NowhereView.as_view()),
]
