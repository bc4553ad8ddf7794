"""Every row of the register is accounted for, and its dirt is dealt with as ``register`` says."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.real.register import Refusal, Register, Remark, clean, rows_of, same_name, sort_out

HEADING = "CompetentAuthority,TradingName,AppNo,Address1,Address2,Address3,Town,Postcode,AddressWithheld,AllActivities"


def one(**changes: str) -> Register:
    """A register of a good row and of one that differs from it."""
    good = dict(
        zip(
            HEADING.split(","),
            ["Exeter", "Good Ltd", "EX 1", "1 Quay", "", "", "Exeter", "EX2 4AN", "", "Cold Store"],
            strict=True,
        )
    )
    return sort_out(iter([good, good | {"AppNo": "EX 2"} | changes]))


def test_every_row_is_loaded_or_refused(register: Register) -> None:
    assert register.rows == 1561
    assert register.refusals == {str(Refusal.REPEATED): 1, str(Refusal.NO_ACTIVITY): 1}
    assert [(refused.row, refused.name) for refused in register.refused] == [
        (176, "Helsett Farm"),
        (1409, "Bell Bakers limited"),
    ]
    assert register.remarks == {
        str(Remark.SPACES): 379,
        str(Remark.WITHHELD): 260,
        str(Remark.NAMESAKE): 17,
        str(Remark.FURTHER_UNIT): 14,
        str(Remark.CHARACTERS): 9,
        str(Remark.NO_ADDRESS): 2,
    }


def test_what_the_establishments_are(register: Register) -> None:
    kinds = Counter((one.is_producer, one.is_hub) for one in register.establishments)
    assert kinds == {(True, False): 1205, (True, True): 236, (False, True): 118}
    assert len({one.organisation for one in register.establishments}) == 1545
    assert len({one.number for one in register.establishments}) == 1559
    skus = [good.sku for one in register.establishments for good in one.goods]
    assert len(skus) == len(set(skus)) == 6278


def test_names_that_an_encoding_broke_are_whole(register: Register) -> None:
    mended = {one.name for one in register.establishments if Remark.CHARACTERS in one.remarks}
    assert {"Wyau’r Hirdre", "Dorton’s Bacon Supplies Ltd", "Roffes Catering (Lincs) Ltd"} <= mended


def test_further_units_stand_beside_the_first(register: Register) -> None:
    falfish = [one for one in register.establishments if one.organisation == "falfish ltd | Cornwall"]
    assert [(one.name, one.unit) for one in falfish] == [
        ("Falfish Limited", "Falfish Limited"),
        ("Falfish Ltd", "Falfish Ltd (CQ 717)"),
    ]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("  two  spaces ", "two spaces"),
        ("a\tb\x00\u00a0c", "a b c"),
        ("Conti?s", "Conti’s"),
        ("Lamb? ( Lincs )? Ltd", "Lamb (Lincs) Ltd"),
        ("Caf\ufffd Rouge", "Caf Rouge"),
        ("PE30 4JF ?", "PE30 4JF"),
    ],
)
def test_cleaning(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_one_name_in_several_spellings() -> None:
    assert same_name("J. W. Young (Butchers) Limited") == same_name("J W YOUNG BUTCHERS LTD")
    assert same_name("King's") == same_name("King’s") != same_name("Kings Ltd")


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"TradingName": " "}, Refusal.NO_NAME),
        ({"AllActivities": " , "}, Refusal.NO_ACTIVITY),
        ({"AllActivities": "Cold Store, Juggling"}, Refusal.UNKNOWN_ACTIVITY),
        ({"AppNo": " EX 1"}, Refusal.REPEATED),
        ({"TradingName": "x" * 199}, Refusal.TOO_LONG),
        ({"Address2": "y" * 200}, Refusal.TOO_LONG),
    ],
)
def test_a_row_is_refused(changes: dict[str, str], why: Refusal) -> None:
    assert [refused.why for refused in one(**changes).refused] == [why]


@pytest.mark.parametrize(
    ("changes", "remark"),
    [
        ({"AddressWithheld": "Yes", "Address1": ""}, Remark.WITHHELD),
        ({"Address1": " "}, Remark.NO_ADDRESS),
        ({"Postcode": "nowhere"}, Remark.NO_POSTCODE),
        ({"TradingName": "GOOD  limited"}, Remark.SPACES),
        ({"TradingName": "Good?s"}, Remark.CHARACTERS),
        ({"TradingName": "GOOD Limited."}, Remark.FURTHER_UNIT),
        ({"CompetentAuthority": "Torbay"}, Remark.NAMESAKE),
    ],
)
def test_a_row_is_loaded_and_remarked_on(changes: dict[str, str], remark: Remark) -> None:
    register = one(**changes)
    assert register.refused == []
    assert remark in register.establishments[1].remarks


def test_either_encoding_is_read() -> None:
    text = f"{HEADING}\nExeter,Café,EX 1,,,,Exeter,,,Cold Store\n"
    for encoding in ("utf-8", "utf-8-sig", "cp1252"):
        assert sort_out(rows_of(text.encode(encoding))).establishments[0].name == "Café"
