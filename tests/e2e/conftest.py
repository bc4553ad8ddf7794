"""What the stories in the browser share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.browser import DESK, PATIENCE_MS, watch
from tests.e2e.support import MakePerson, Person, Valley, valley

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext


@pytest.fixture
def network(transactional_db: None) -> Valley:
    """The small network of the stories."""
    return valley()


@pytest.fixture
def person(chromium: Browser, site: str) -> Iterator[MakePerson]:
    """Make people with browsers; the test fails at its end when a page of any of them had an error."""
    contexts: list[BrowserContext] = []
    wrong: list[str] = []

    def make(user: Any = None, *, scripts: bool = True) -> Person:
        context = chromium.new_context(viewport=DESK, locale="en-GB", java_script_enabled=scripts)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        page = context.new_page()
        watch(page, site, wrong)
        somebody = Person(page, site, scripts)
        if user is not None:
            somebody.sign_in(user)
        return somebody

    yield make
    for context in contexts:
        context.close()
    assert wrong == []
