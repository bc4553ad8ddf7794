"""The first page that anybody sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.browser import check_accessible, type_of_sign_in
from tests.factories import PASSWORD, UserFactory

if TYPE_CHECKING:
    from playwright.sync_api import Page


@pytest.mark.e2e
@pytest.mark.django_db(transaction=True)
def test_sign_in_page_is_sound(page: Page, site: str, sign_in: type_of_sign_in) -> None:
    page.goto(f"{site}/accounts/login/")
    assert page.locator("input[name=login]").is_visible()
    check_accessible(page)
    sign_in(page, UserFactory.create().email, PASSWORD)
    assert page.url == f"{site}/"
