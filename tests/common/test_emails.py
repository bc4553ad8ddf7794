"""Two ways to write one address are one address."""

import pytest

from common.emails import hinted, normal, same, spellings


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("anna@farm.example", " Anna@Farm.Example "),
        ("anna@müller.example", "anna@xn--mller-kva.example"),
        ("anna@MU\u0308LLER.example", "anna@müller.example"),
        ("\uff41nna@farm.example", "anna@farm.example"),
        ("anna@farm\uff0eexample", "anna@farm.example"),
    ],
)
def test_one_address(one: str, other: str) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("anna@farm.example", "anna@farm.example.evil.example"),
        ("anna@farm.example", "anna+x@farm.example"),
        # A Cyrillic a.
        ("anna@f\u0430rm.example", "anna@farm.example"),
        ("anna@farm.example", "a.nna@farm.example"),
    ],
)
def test_two_addresses(one: str, other: str) -> None:
    assert not same(one, other)


def test_ways_to_keep_it() -> None:
    assert spellings("Anna@MÜLLER.example") == ["anna@müller.example", "anna@xn--mller-kva.example"]
    assert normal("no address") == "no address"
    assert normal("a@" + "x" * 70 + ".example") == "a@" + "x" * 70 + ".example"


def test_hint() -> None:
    assert hinted("anna@farm.example") == "a•••@farm.example"
