"""What only a farm has, and what only a store has: normal forms, and which fits which kind of business."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final, TypedDict

from django.db.models import QuerySet

from common.errors import FieldError, Invalid
from organisations.enums import BusinessKind, Certification, FarmEnterprise
from organisations.models import Business
from organisations.validators import WEEK


class FarmData(TypedDict, total=False):
    """What only a farm has."""

    holding_number: str
    hectares: Decimal | None
    farm_enterprises: list[str]
    certifications: list[str]


class StoreData(TypedDict, total=False):
    """What only a store has."""

    store_code: str
    opening_hours: dict[str, list[list[str]]]
    floor_area: int | None
    capacity: int | None


FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    BusinessKind.FARM: tuple(FarmData.__annotations__),
    BusinessKind.STORE: tuple(StoreData.__annotations__),
}
_ORDER: Final = {"farm_enterprises": FarmEnterprise.values, "certifications": Certification.values}
_OTHER: Final = {BusinessKind.FARM: BusinessKind.STORE, BusinessKind.STORE: BusinessKind.FARM}


def normal(values: dict[str, Any]) -> dict[str, Any]:
    """The values as they are kept: once, in order, a holding number with its strokes."""
    if "holding_number" in values:
        values["holding_number"] = normal_holding_number(values["holding_number"])
    if "store_code" in values:
        values["store_code"] = values["store_code"].strip()
    for field, order in _ORDER.items():
        if field in values:
            # What is no choice stays, and is refused with the rest of what is wrong.
            chosen = list(dict.fromkeys(values[field]))
            known = [one for one in order if one in chosen]
            values[field] = known + [one for one in chosen if one not in known]
    hours = values.get("opening_hours")
    if hours is None and "opening_hours" in values:
        values["opening_hours"] = {}
    if isinstance(hours, dict) and set(hours) <= set(WEEK):
        values["opening_hours"] = {day: hours[day] for day in WEEK if hours.get(day)}
    return values


def normal_holding_number(text: str) -> str:
    """A County Parish Holding number as it is written: nine digits, with or without anything between, get strokes."""
    digits = re.sub(r"[\s/-]", "", text)
    return f"{digits[:2]}/{digits[2:5]}/{digits[5:]}" if len(digits) == 9 and digits.isascii() else text.strip()


def of_the_other(business: Business, kind: str) -> list[str]:
    """The fields that hold something and belong to a business of the other kind than ``kind``."""
    return [field for field in FIELDS[_OTHER[BusinessKind(kind)]] if _says(getattr(business, field))]


def _says(value: Any) -> bool:
    """Whether a value says something: no hectares at all is something to say."""
    return value not in (None, "", [], {})


def check_kind(values: Mapping[str, Any], business: Business, kind: str) -> None:
    """A farm is given a farm's data and a store a store's; what the old kind left behind is emptied by its owner.

    Nothing is cleared silently: whoever changes the kind empties the data of the old one in the same request or before.

    Raises:
        Invalid: naming each field that does not fit, or what stands in the way of the new kind.
    """
    if kind not in BusinessKind.values:
        # Refused with the rest of what is wrong with the row.
        return
    other = _OTHER[BusinessKind(kind)]
    errors = [
        FieldError(f"/{field}", f"{other}_only", f"Only a {other} has this, and this is a {kind}.")
        for field in FIELDS[other]
        if _says(values.get(field))
    ]
    left = [field for field in of_the_other(business, kind) if field not in values]
    if left:
        named = ", ".join(str(Business._meta.get_field(field).verbose_name) for field in left)  # type: ignore[union-attr]
        errors.append(FieldError("/kind", "has_data", f"Empty first what only a {other} has: {named}."))
    if errors:
        raise Invalid(errors)


def check_store_code(code: str, business: Business, others: QuerySet[Business]) -> None:
    """A store's code stands for one store of the organisation, archived ones included, in whatever case it is typed.

    Args:
        others: the enterprises of the organisation, which the caller holds locked.
    """
    if code and others.filter(store_code__iexact=code).exclude(pk=business.pk).exists():
        raise Invalid.one("/store_code", "unique", "Another store of the organisation has this code.")
