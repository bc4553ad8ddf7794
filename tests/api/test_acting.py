"""Staff say why they act, in a header."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
from django.test import RequestFactory
from rest_framework.request import Request

from customers.models import User
from permissions.access import Access
from permissions.api.acting import ReasonRequired, reason_of
from permissions.api.operations import Acting, Rule, operation
from permissions.api.views import ApiView
from permissions.web import set_access


class _View(ApiView):
    """Two methods: staff act by one."""

    @operation("Act", Rule.SELF, acting=Acting.ONLY)
    def post(self, request: Request) -> Any:
        """Acts."""

    @operation("Do not", Rule.SELF)
    def get(self, request: Request) -> Any:
        """Reads."""


def _asked(access: Access, method: str = "post", **headers: str) -> Access:
    view = _View()
    request = getattr(RequestFactory(), method)("/", headers=headers)
    request.user = User()
    set_access(request, access)
    view.setup(request)
    view.request = view.initialize_request(request)
    return view.acting


STAFF = Access(user_id=1, actor="usr_1", name="Sam", is_staff=True)


@pytest.mark.parametrize(
    ("sent", "reason"),
    [
        ("They asked by telephone", "They asked by telephone"),
        (quote("Café – „neu“"), "Café – „neu“"),
        (" 100%25 sure ", "100% sure"),
        ("x" * 300, "x" * 300),
    ],
)
def test_staff_act_with_the_reason(sent: str, reason: str) -> None:
    access = _asked(STAFF, **{"Acting-Reason": sent})
    assert access.is_acting
    assert access.acting_reason == reason


def test_utf_8_as_it_stands_is_understood() -> None:
    assert reason_of({"HTTP_ACTING_REASON": "Café".encode().decode("latin-1")}) == "Café"


@pytest.mark.parametrize("sent", ["", "   ", "%20", "x" * 301, "%FF%FE", "one%0Atwo", "one%00two", "Caf\xe9"])
def test_staff_without_a_reason_do_nothing(sent: str) -> None:
    with pytest.raises(ReasonRequired):
        reason_of({"HTTP_ACTING_REASON": sent})


def test_it_says_nothing_of_anybody_else() -> None:
    owner = Access(user_id=2, actor="usr_2", name="Olive")
    assert _asked(owner, **{"Acting-Reason": "I am staff"}) == owner
    assert _asked(owner) == owner


def test_only_where_the_operation_says_so() -> None:
    with pytest.raises(TypeError):
        _asked(STAFF, "get", **{"Acting-Reason": "Why not"})
