"""The API's description, as people read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser import type_of_sign_in
from tests.factories import PASSWORD, MembershipFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route


@pytest.mark.e2e
@pytest.mark.django_db(transaction=True)
def test_description_opens_and_tries_a_request(page: Page, site: str, sign_in: type_of_sign_in) -> None:
    user = MembershipFactory.create(role="viewer").user
    sign_in(page, user.email, PASSWORD)
    page.route("**/api/v1/schema/", _short)
    page.goto(f"{site}/api/v1/docs/")
    page.get_by_text("Who am I", exact=True).wait_for()
    page.get_by_text("Who am I", exact=True).click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()
    page.locator(".live-responses-table .response-col_status", has_text="200").first.wait_for()
    assert user.public_id in page.locator(".live-responses-table").inner_text()
    page.unroute_all()


def _short(route: Route) -> None:
    """The description as it comes, without two hundred operations that Swagger UI would draw and nobody looks at.

    That they are described as they are is tested without a browser, in tests/api.
    """
    answer = route.fetch()
    whole = answer.json()
    assert len(whole["paths"]) > 50
    whole["paths"] = {path: way for path, way in whole["paths"].items() if path.startswith("/api/v1/me")}
    route.fulfill(response=answer, json=whole)
