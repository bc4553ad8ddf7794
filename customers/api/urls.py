"""Addresses of the API of customers and their people."""

from __future__ import annotations

from django.urls import URLPattern

# Words before ids: what is named here comes before `customers/<str:organisation>/`.
urlpatterns: list[URLPattern] = []
