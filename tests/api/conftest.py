"""Fixtures of the API's tests."""

from __future__ import annotations

import pytest
from django.core.cache import cache

from tests.api.client import Api
from tests.api.world import World, build


@pytest.fixture
def world(db: None) -> World:
    """A small world."""
    return build()


@pytest.fixture
def owner(world: World) -> Api:
    """The account owner of the coordinator's company."""
    return world.api("owner")


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    """No test spends another's limits."""
    cache.clear()
