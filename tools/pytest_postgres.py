"""A pytest plugin: the whole run gets a throw-away PostgreSQL, unless DATABASE_URL names one.

Loaded with ``-p`` in pyproject.toml, so that it comes before Django's settings are read.
"""

from __future__ import annotations

import atexit
import contextlib
import os
from collections.abc import Iterator

import pytest

from tools.cluster import ClusterError
from tools.pg_binaries import PostgresMissing
from tools.postgres import throw_away_cluster

_stack = contextlib.ExitStack()


@contextlib.contextmanager
def _server() -> Iterator[None]:
    with throw_away_cluster() as cluster:
        os.environ["DATABASE_URL"] = cluster.url
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(args: list[str]) -> None:
    """Start the server once; xdist's workers find it in their environment."""
    quick = {"--help", "-h", "--version", "-V", "--collect-only", "--co"} & set(args)
    if quick or os.environ.get("DATABASE_URL") or os.environ.get("PYTEST_XDIST_WORKER"):
        return
    # pytest does not unconfigure what it could not configure, for example when a setting is wrong.
    atexit.register(_stack.close)
    try:
        _stack.enter_context(_server())
    except (ClusterError, PostgresMissing) as problem:
        raise pytest.UsageError(str(problem)) from None


def pytest_unconfigure() -> None:
    """Stop the server and delete its data."""
    _stack.close()
