"""Public ids: what they look like, and in which order they sort."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from common.ids import is_id, new_id, prefix_of


def test_they_sort_in_the_order_in_which_they_were_made() -> None:
    """Thousands in one millisecond too: a list shows what one request made in its order."""
    made = [new_id("org") for _ in range(20_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_they_sort_while_the_clock_stands_still() -> None:
    with time_machine.travel(datetime(2026, 3, 1, tzinfo=UTC), tick=False):
        made = [new_id("org") for _ in range(5_000)]
    assert made == sorted(made)


def test_threads_never_share_one() -> None:
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(lambda _: new_id("org"), range(20_000)))
    # Without what is chance.
    assert len({one[:17] for one in made}) == len(made)


def test_a_clock_that_was_put_back_is_believed() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    with time_machine.travel(moment):
        later = new_id("org")
    with time_machine.travel(moment - timedelta(minutes=5)):
        assert new_id("org") < later


@pytest.mark.parametrize(
    ("value", "prefix"),
    [
        (f"org_{'0' * 26}", "org"),
        (f"bu_{'z' * 26}", "bu"),
        (f"org_{'0' * 25}", None),
        (f"org_{'i' * 26}", None),
        (f"ORG_{'0' * 26}", None),
        (f"o_{'0' * 26}", None),
        (f"org_{'0' * 26}\n", None),
        ("", None),
    ],
)
def test_what_is_one(value: str, prefix: str | None) -> None:
    assert prefix_of(value) == prefix
    assert is_id(value, prefix or "org") is (prefix is not None)


def test_another_kind_is_not_one() -> None:
    assert not is_id(new_id("org"), "bu")
    assert not is_id(None, "org")
    assert is_id(new_id("org"), "org")
