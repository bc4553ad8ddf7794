"""CSV that runs nothing in a spreadsheet, and comes back as it was."""

from __future__ import annotations

import hypothesis.strategies as st
import pytest
from hypothesis import given

from common import csv


@pytest.mark.parametrize("text", ["=HYPERLINK(1)", "+1", "-1", "@x", "\tx", "\rx", "'=x", "''@"])
def test_doubtful_cells_are_marked(text: str) -> None:
    assert csv.safe(text) == f"'{text}"
    assert csv.plain(csv.safe(text)) == text


@pytest.mark.parametrize("text", ["", "Milk", "'tis", "a=b", "1 - 2"])
def test_others_stay(text: str) -> None:
    assert csv.safe(text) == text
    assert csv.plain(text) == text


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0")), min_size=2, max_size=2))
def test_a_file_comes_back_as_it_was(cells: list[str]) -> None:
    written = csv.text(["a", "b"], [dict(zip("ab", cells, strict=True))])
    assert csv.read(written) == [dict(zip("ab", cells, strict=True))]


def test_several_things_stand_in_one_cell() -> None:
    assert csv.text(["a"], [{"a": ["x", "y"]}, {"a": {"k": 1}}, {"a": None}]) == 'a\r\nx; y\r\nk: 1\r\n""\r\n'
