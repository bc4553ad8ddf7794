"""Rows of another system's organisations, units, users and memberships into typed records.

A name that is not listed here is refused, so nobody becomes staff, or anything else, by a field of her own making.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import models

from common.emails import normal
from common.validation import check_fields
from customers.domain.imports.outcomes import Row
from customers.domain.imports.reading import Line
from customers.hashers import accepted
from customers.models import User
from organisations.enums import BusinessKind
from organisations.models import BusinessUnit, Organisation
from organisations.validators import normal_company_number, normal_postcode, normal_vat_number

ORGANISATION: Final = "organisation"
UNIT: Final = "unit"
USER: Final = "user"
MEMBERSHIP: Final = "membership"
KINDS: Final = (ORGANISATION, UNIT, USER, MEMBERSHIP)

_OF_MEMBERSHIP: Final = ("organisation", "role", "units", "owner")
#: Every name that a row of a kind may have. The last ones of a user are her one membership, for CSV.
FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    ORGANISATION: ("id", "name", "company_number", "vat_number", "town", "postcode", "active"),
    UNIT: ("id", "organisation", "name", "address", "town", "postcode", "phone", "business", "active"),
    USER: ("id", "email", "name", "active", "email_verified", "password_hash", "memberships", *_OF_MEMBERSHIP),
    MEMBERSHIP: ("user", *_OF_MEMBERSHIP, "active"),
}
#: The columns of a CSV file, each of which some kind has.
COLUMNS: Final = ("type", *dict.fromkeys(name for names in FIELDS.values() for name in names if name != "memberships"))
OWNER: Final = "owner"
_YES, _NO = frozenset({"true", "yes", "1", "y"}), frozenset({"false", "no", "0", "n"})
_MOST_MEMBERSHIPS: Final = 50


@dataclass(slots=True)
class MembershipRecord:
    """What somebody is in one organisation; both, and the units, by their ids there. No units: all of them."""

    organisation: str
    role: str
    units: tuple[str, ...] = ()
    active: bool = True


@dataclass(slots=True)
class Record:
    """A row that could be read.

    Attributes:
        row: what becomes of it.
        given: the fields that the row has, cleaned: only these are compared with what is here.
        thing: what would be made; ``None`` for memberships.
        parent: id there of the organisation (of a unit) or of the user (of a membership).
        business: what a unit's business is; empty: none.
        verified: whether the other system has confirmed the e-mail; in ``given`` when the row says so.
    """

    row: Row
    given: dict[str, Any] = field(default_factory=dict)
    thing: Any = None
    parent: str = ""
    business: str = ""
    verified: bool = True
    memberships: list[MembershipRecord] = field(default_factory=list)


class _Wrong(Exception):
    """A value that cannot be used: code and sentence."""


def read_record(line: Line, *, owners: bool) -> Record:
    """One row as a record; what is wrong with it stands at its row.

    Args:
        owners: whether the batch may make account owners.
    """
    kind = line.data.get("type")
    row = Row(line.number, kind if kind in KINDS else "row")
    record = Record(row)
    if line.wrong:
        row.wrong("unreadable", line.wrong)
        return record
    if row.kind == "row":
        row.wrong("type", "Say what it is: type is organisation, unit, user or membership.")
        return record
    allowed = FIELDS[row.kind]
    values = {name: value for name, value in line.data.items() if name != "type" and value not in (None, "", [])}
    for name in sorted(values.keys() - set(allowed)):
        row.wrong("unknown_field", _unknown(row.kind, name))
        del values[name]
    _READERS[row.kind](record, _Values(values, row), owners)
    return record


def _unknown(kind: str, name: str) -> str:
    shown = name[:40] if name.isprintable() else "(unprintable)"
    return f"A {kind} has no field {shown}. Nobody becomes staff, and nothing else is set, by an import."


class _Values:
    """The values of one row, each read once as what it should be; what is not so is told at the row."""

    def __init__(self, values: Mapping[str, Any], row: Row) -> None:
        self.values, self.row = values, row

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str:
        """A text, trimmed."""
        return str(self._read(name, _text, ""))

    def identity(self, name: str, *, required: bool = True) -> str:
        """An id of the other system: a text or a whole number."""
        found = str(self._read(name, _identity, ""))
        if required and not found and name not in self.values:
            self.row.wrong("required", f"{name} is missing.")
        return found

    def yes(self, name: str, otherwise: bool) -> bool:
        """True or false."""
        return bool(self._read(name, _yes, otherwise))

    def ids(self, name: str) -> tuple[str, ...]:
        """Several ids: a list, or a text with bars between them."""
        found: tuple[str, ...] = self._read(name, _ids, ())
        return found

    def _read(self, name: str, read: Callable[[Any], Any], otherwise: Any) -> Any:
        if name not in self.values:
            return otherwise
        try:
            return read(self.values[name])
        except _Wrong as problem:
            self.row.wrong("wrong_type", f"{name}: {problem}")
            return otherwise


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _Wrong("give a text.")
    return value.strip()


def _identity(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise _Wrong("give a text or a whole number.")
    text = str(value).strip()
    if not text or len(text) > 200 or not text.isprintable():
        raise _Wrong("give 1 to 200 characters on one line.")
    return text


def _yes(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word not in _YES | _NO:
        raise _Wrong("say true or false.")
    return word in _YES


def _ids(value: Any) -> tuple[str, ...]:
    several = value.split("|") if isinstance(value, str) else value
    if not isinstance(several, list) or len(several) > 1000:
        raise _Wrong("give a list of ids; in CSV, put | between them.")
    return tuple(dict.fromkeys(_identity(one) for one in several))


def _organisation(record: Record, values: _Values, owners: bool) -> None:
    row = _named(record, values)
    given = {name: values.text(name) for name in ("name", "town", "company_number", "vat_number") if name in values}
    for name, normal_number in (("company_number", normal_company_number), ("vat_number", normal_vat_number)):
        if name in given:
            given[name] = normal_number(given[name])
    if "postcode" in values:
        given["postcode"] = normal_postcode(values.text("postcode"))
    record.given = {**given, "active": row.active}
    record.thing = Organisation(**given)
    _checked(row, record.thing, "name" in values)


def _unit(record: Record, values: _Values, owners: bool) -> None:
    row = _named(record, values)
    record.parent = values.identity("organisation")
    given = {name: values.text(name) for name in ("name", "address", "town", "phone") if name in values}
    if "postcode" in values:
        given["postcode"] = normal_postcode(values.text("postcode"))
    record.business = values.text("business").lower()
    if record.business not in ("", *BusinessKind.values):
        row.wrong("business", "business is farm or store, or is left out.")
    record.given = {**given, "active": row.active}
    record.thing = BusinessUnit(**given)
    _checked(row, record.thing, "name" in values)


def _user(record: Record, values: _Values, owners: bool) -> None:
    row = record.row
    row.external_id = values.identity("id")
    row.active = values.yes("active", otherwise=True)
    email, name = normal(values.text("email")), values.text("name")
    record.verified = values.yes("email_verified", otherwise=True)
    record.given = {"email": email, "active": row.active} | ({"name": name} if name else {})
    if "email_verified" in values:
        record.given["email_verified"] = record.verified
    user = User(email=email, name=name, is_active=row.active)
    _password(row, user, values.values.get("password_hash", ""))
    record.thing = user
    for needed in ("email", "name"):
        if needed not in values:
            row.wrong("required", f"{needed} is missing.")
    if "email" in values and "name" in values:
        _checked(row, user, True)
    _memberships_of(record, values, owners)


def _password(row: Row, user: User, text: Any) -> None:
    """The hash when it is taken; otherwise none works, and a link by mail lets her set one."""
    found = accepted(text) if isinstance(text, str) and text else None
    if found is None:
        user.set_unusable_password()
        if text:
            row.wrong("wrong_type", "password_hash: give a text.")
    elif found.encoded:
        user.password = found.encoded
    else:
        user.set_unusable_password()
        row.warn("password_not_kept", f"{found.why} A password is set by a link.")


def _memberships_of(record: Record, values: _Values, owners: bool) -> None:
    several = values.values.get("memberships", [])
    inline = any(name in values for name in _OF_MEMBERSHIP)
    if not isinstance(several, list) or len(several) > _MOST_MEMBERSHIPS or (several and inline):
        record.row.wrong("memberships", "Give memberships as a list of objects, or one by its own columns.")
        return
    if inline:
        _add_membership(record, values, owners)
    for one in several:
        if not isinstance(one, dict) or not one.keys() <= {*_OF_MEMBERSHIP, "active"}:
            record.row.wrong("memberships", "A membership has organisation, role or owner, units and active.")
            continue
        given = {name: value for name, value in one.items() if value not in (None, "", [])}
        _add_membership(record, _Values(given, record.row), owners)


def _membership(record: Record, values: _Values, owners: bool) -> None:
    record.parent = values.identity("user")
    record.row.external_id = record.parent
    record.row.active = values.yes("active", otherwise=True)
    _add_membership(record, values, owners)


def _add_membership(record: Record, values: _Values, owners: bool) -> None:
    row = record.row
    role = values.text("role").lower()
    is_owner = values.yes("owner", otherwise=role == OWNER)
    if is_owner and role not in ("", OWNER):
        row.wrong("role", "Nobody can be an owner and something else at once.")
        return
    role = OWNER if is_owner else role
    organisation = values.identity("organisation")
    # A user's own "active" is hers; that of a membership object, or of a membership row, is the membership's.
    active = values.yes("active", otherwise=True) if row.kind == MEMBERSHIP or "email" not in values else True
    record.memberships.append(MembershipRecord(organisation, role, values.ids("units"), active))
    if role == OWNER and not owners:
        row.wrong("owner_not_allowed", "This batch may not make account owners.")
    elif role == OWNER and values.ids("units"):
        row.wrong("role", "An account owner has all units.")


_READERS: Final[Mapping[str, Callable[[Record, _Values, bool], None]]] = {
    ORGANISATION: _organisation,
    UNIT: _unit,
    USER: _user,
    MEMBERSHIP: _membership,
}


def _named(record: Record, values: _Values) -> Row:
    """What organisations and units have in common."""
    row = record.row
    row.external_id = values.identity("id")
    row.label = values.text("name")[:200] if values.text("name").isprintable() else ""
    row.active = values.yes("active", otherwise=True)
    if "name" not in values:
        row.wrong("required", "name is missing.")
    return row


def _checked(row: Row, thing: models.Model, worth: bool) -> None:
    for error in check_fields(thing) if worth else ():
        row.wrong(error.code, f"{error.pointer.strip('/')}: {error.detail}")


def of_kind(records: Iterable[Record], kind: str) -> list[Record]:
    """Those of one kind, in the order of the file."""
    return [record for record in records if record.row.kind == kind]
