"""The world of the attacks, one for each test; and furnished, one for a module of tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from tests.security.world import World, build, furnish
from tests.worlds import kept


@pytest.fixture
def world(db: None) -> World:
    """Two tenants and what stands around them."""
    return build()


@pytest.fixture(scope="module")
def furnished(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """With a thing of every kind that an address names. Modules that walk the addresses take a copy for each test."""
    with kept(django_db_blocker, lambda: furnish(build())) as made:
        yield made


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    """No test spends another's limits."""
    cache.clear()
