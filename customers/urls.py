"""Addresses of the pages of people."""

from __future__ import annotations

from django.urls import path

from customers.views import Account, SetPassword

urlpatterns = [
    path("account/", Account.as_view(), name="account"),
    path("set-password/<str:uid>/<str:token>/", SetPassword.as_view(), name="set_password"),
]
