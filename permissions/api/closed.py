"""Closed by default: a method that does not say who may call it is refused."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from permissions.api.operations import Rule, operation_of


class NoRule(PermissionDenied):
    """The method says nothing about who may call it, so nobody may."""

    default_detail = "Nobody may do this."
    default_code = "no_rule"


class MappedOnly(BasePermission):
    """Default deny: a credential, and a method that says who may call it. The engine decides the rest in the verb."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Whether the method may run at all."""
        known = bool(request.user and request.user.is_authenticated)
        # OPTIONS, and methods that the view does not have (405), tell nothing about what is there.
        mapped = request.method == "OPTIONS" or getattr(view, method_of(request), None) is None
        operation = operation_of(view, method_of(request))
        if known and not mapped and operation is None:
            raise NoRule
        return known or (operation is not None and Rule.ANYBODY in operation.rules)


def method_of(request: Request | HttpRequest) -> str:
    """The name of the handler; HEAD is a GET without its body."""
    method = (request.method or "").lower()
    return "get" if method == "head" else method
