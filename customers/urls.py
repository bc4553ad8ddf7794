"""Addresses of the pages of people."""

from __future__ import annotations

from django.urls import path

from customers.views import Account

urlpatterns = [
    path("account/", Account.as_view(), name="account"),
]
