"""The line that counts the tests."""

from __future__ import annotations

from collections import Counter

import pytest

from tools import check, test


@pytest.mark.parametrize(
    ("counts", "line"),
    [
        ({"passed": 1234}, "1234 passed, 0 failed"),
        ({"passed": 2, "failed": 1, "error": 1}, "2 passed, 2 failed"),
        ({"passed": 2, "skipped": 3}, "2 passed, 0 failed, 3 skipped"),
        ({}, "0 passed, 0 failed"),
    ],
)
def test_summary(counts: dict[str, int], line: str) -> None:
    assert test.summary(Counter(counts)) == line


def test_an_unknown_check_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert check.main(["nonsense"]) == 2
    assert "No such check: nonsense." in capsys.readouterr().err
