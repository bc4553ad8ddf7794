"""Fixtures of the API's tests."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy

import pytest
from django.core.cache import cache

from tests.api.client import Api
from tests.api.world import World, standing_world


@pytest.fixture
def builder() -> Callable[[], World]:
    """Of the small world that stands for these tests."""
    return standing_world


@pytest.fixture
def world(standing: World, db: None) -> World:
    """A small world, in which everybody is signed in."""
    return deepcopy(standing)


@pytest.fixture
def owner(world: World) -> Api:
    """The account owner of the coordinator's company."""
    return world.api("owner")


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    """No test spends another's limits."""
    cache.clear()
