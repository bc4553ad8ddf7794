"""The world of the attacks is the world of the capabilities too, one for each test."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from tests.security.world import World, build


@pytest.fixture
def world(db: None) -> World:
    """Two tenants and what stands around them."""
    return build()


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    """No test spends another's limits."""
    cache.clear()
