"""The register of approved food establishments, read into plain things: every row is loaded, or refused with a reason.

What is decided about its dirt:

* **No address** (withheld, or empty): loaded. The town is always there, and where goods come from to the yard is not
  needed for trading. The address stays blank.
* **A postcode that is none**: left blank, and said so; marks that do not belong to it are taken off first.
* **Spaces** before, after and doubled: taken out, also inside brackets. **Characters** that an earlier encoding lost
  stand in the file as ``?``: between letters it was an apostrophe, elsewhere it is dropped.
* **One company twice**: the same name (apart from capitals, punctuation, and Ltd for Limited) under the same competent
  authority is one organisation, and every further row a unit of it, told apart by its approval number. The same name
  under another authority may be anybody: it becomes an organisation of its own, for people to merge.
* **Refused**: a row without a name, without an activity or with one that is not in our table (it is neither producer
  nor hub then), one whose approval number stood further up, and one with a field that is too long for us.

Contains public sector information licensed under the Open Government Licence v3.0.
"""

from __future__ import annotations

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Final

from organisations.validators import normal_postcode
from tests.real.goods import HUB_ACTIVITIES, TABLE, Good, goods_of

ROOT: Final = Path(__file__).resolve().parents[2]
PLACE: Final = "../shared/data/approved-food-establishments-sample.csv"

_POSTCODE: Final = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}")
_LONGEST: Final = {"name": 200, "address": 200, "town": 100}


class Refusal(StrEnum):
    """Why a row was not loaded."""

    NO_NAME = "no trading name"
    NO_ACTIVITY = "no activity published"
    UNKNOWN_ACTIVITY = "an activity that we do not know"
    REPEATED = "approval number stood further up"
    TOO_LONG = "a field is too long"


class Remark(StrEnum):
    """What was found on a row that was loaded."""

    WITHHELD = "address withheld: town only"
    NO_ADDRESS = "address empty: town and postcode only"
    NO_POSTCODE = "postcode unusable: left blank"
    SPACES = "odd spaces taken out"
    CHARACTERS = "lost characters mended"
    FURTHER_UNIT = "further unit of an organisation"
    NAMESAKE = "same name under another authority: an organisation of its own"


@dataclass(frozen=True, slots=True)
class Refused:
    """A row that was not loaded.

    Attributes:
        row: its line in the file, the heading being line 1.
    """

    row: int
    name: str
    why: Refusal


@dataclass(frozen=True, slots=True)
class Establishment:
    """A row that becomes a unit with a business.

    Attributes:
        row: its line in the file.
        number: the approval number, unique.
        organisation: what rows of one organisation have in common.
        name: the trading name, cleaned: the organisation's.
        unit: the name of the unit: the same, with the approval number on further units.
    """

    row: int
    number: str
    organisation: str
    name: str
    unit: str
    address: str
    town: str
    postcode: str
    authority: str
    activities: tuple[str, ...]
    goods: tuple[Good, ...]
    remarks: frozenset[Remark]

    @property
    def is_producer(self) -> bool:
        """Whether it makes, prepares or packs anything."""
        return bool(self.goods)

    @property
    def is_hub(self) -> bool:
        """Whether it takes in goods and passes them on."""
        return not HUB_ACTIVITIES.isdisjoint(self.activities)

    @property
    def area(self) -> str:
        """The letters that the postcode begins with; blank when it has none."""
        return re.split(r"[0-9]", self.postcode)[0]


@dataclass(slots=True)
class Register:
    """Every row, accounted for."""

    establishments: list[Establishment] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return len(self.establishments) + len(self.refused)

    @property
    def refusals(self) -> Counter[str]:
        """How many rows were refused, by reason."""
        return Counter(str(one.why) for one in self.refused)

    @property
    def remarks(self) -> Counter[str]:
        """How many loaded rows were remarked on; one row can have several."""
        return Counter(str(remark) for one in self.establishments for remark in one.remarks)


def place() -> Path:
    """Where the register lies: ``HECTARE_REGISTER``, else beside the checkout."""
    return Path(os.environ.get("HECTARE_REGISTER") or ROOT / PLACE)


def read(path: Path) -> Register:
    """Read the register from its file."""
    return sort_out(rows_of(path.read_bytes()))


def rows_of(content: bytes) -> Iterator[Mapping[str, str]]:
    """The rows of the file, whichever of the two usual encodings it was saved in."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    yield from csv.DictReader(io.StringIO(text, newline=""), restval="")


def sort_out(rows: Iterator[Mapping[str, str]]) -> Register:
    """Load or refuse each row."""
    register = Register()
    numbers: set[str] = set()
    authorities: dict[str, set[str]] = {}
    for line, row in enumerate(rows, 2):
        cleaned = {name: clean(value or "") for name, value in row.items() if name}
        why = _refusal(cleaned, numbers)
        if why is not None:
            register.refused.append(Refused(line, cleaned["TradingName"], why))
            continue
        numbers.add(cleaned["AppNo"])
        known = authorities.setdefault(same_name(cleaned["TradingName"]), set())
        register.establishments.append(_establishment(line, row, cleaned, known))
        known.add(cleaned["CompetentAuthority"])
    return register


def clean(text: str) -> str:
    """Single spaces, none at the edges or inside brackets; lost apostrophes back, other lost characters gone."""
    text = re.sub(r"(?<=[^\W\d_])[?\ufffd](?=[^\W\d_])", "’", text)
    text = re.sub(r"[?\ufffd]", "", text)
    text = "".join(character if character.isprintable() else " " for character in text)
    text = re.sub(r"\s+", " ", text).strip()
    return text.replace("( ", "(").replace(" )", ")")


def same_name(name: str) -> str:
    """What two spellings of one company's name have in common."""
    plain = re.sub(r"[^\w\s]", " ", name.casefold().replace("'", "").replace("’", ""))
    return re.sub(r"\blimited\b", "ltd", " ".join(plain.split()))


def _activities(row: Mapping[str, str]) -> list[str]:
    return [activity for part in row["AllActivities"].split(",") if (activity := part.strip())]


def _refusal(row: Mapping[str, str], numbers: set[str]) -> Refusal | None:
    activities = _activities(row)
    if not row["TradingName"]:
        return Refusal.NO_NAME
    if not activities:
        return Refusal.NO_ACTIVITY
    if not all(activity in TABLE or activity in HUB_ACTIVITIES for activity in activities):
        return Refusal.UNKNOWN_ACTIVITY
    if row["AppNo"] in numbers:
        return Refusal.REPEATED
    fields = {"name": f"{row['TradingName']} ({row['AppNo']})", "address": _address(row), "town": row["Town"]}
    return Refusal.TOO_LONG if any(len(fields[name]) > most for name, most in _LONGEST.items()) else None


def _address(row: Mapping[str, str]) -> str:
    lines = (row[f"Address{line}"].strip(" ,") for line in (1, 2, 3))
    return ", ".join(line for line in lines if line)


def _establishment(line: int, raw: Mapping[str, str], row: Mapping[str, str], known: set[str]) -> Establishment:
    number, name, authority = row["AppNo"], row["TradingName"], row["CompetentAuthority"]
    postcode = normal_postcode(row["Postcode"])
    usable = bool(_POSTCODE.fullmatch(postcode))
    is_further = authority in known
    activities = tuple(_activities(row))
    remarks = {
        Remark.WITHHELD: row["AddressWithheld"] == "Yes",
        Remark.NO_ADDRESS: row["AddressWithheld"] != "Yes" and not _address(row),
        Remark.NO_POSTCODE: bool(postcode) and not usable,
        Remark.SPACES: any(re.search(r"^\s|\s$|\s\s|[^\S ]|\( | \)", value or "") for value in raw.values()),
        Remark.CHARACTERS: any("?" in (value or "") or "\ufffd" in (value or "") for value in raw.values()),
        Remark.FURTHER_UNIT: is_further,
        Remark.NAMESAKE: bool(known) and not is_further,
    }
    return Establishment(
        row=line,
        number=number,
        organisation=f"{same_name(name)} | {authority}",
        name=name,
        unit=f"{name} ({number})" if is_further else name,
        address=_address(row),
        town=row["Town"],
        postcode=postcode if usable else "",
        authority=authority,
        activities=activities,
        goods=goods_of(number, activities),
        remarks=frozenset(remark for remark, found in remarks.items() if found),
    )
