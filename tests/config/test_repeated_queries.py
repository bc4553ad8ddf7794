"""A request that asks again for every row fails its test."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from zeal import NPlusOneError
from zeal.middleware import zeal_middleware


def naive(request: HttpRequest) -> HttpResponse:
    return HttpResponse([permission.content_type.model for permission in Permission.objects.all()[:5]])


def careful(request: HttpRequest) -> HttpResponse:
    rows = Permission.objects.select_related("content_type")[:5]
    return HttpResponse([permission.content_type.model for permission in rows])


@pytest.mark.django_db
def test_a_query_for_each_row_is_an_error() -> None:
    with pytest.raises(NPlusOneError):
        zeal_middleware(naive)(RequestFactory().get("/"))


@pytest.mark.django_db
def test_one_query_for_all_is_none() -> None:
    assert zeal_middleware(careful)(RequestFactory().get("/")).status_code == 200
