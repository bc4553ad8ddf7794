"""A batch of another system's organisations, units and users: what becomes of each row.

What is here already stays as it is: people may have changed it since, and a membership that is gone may have been
taken away. A difference is told. What collides is left out with what rests on it, and the rest is made. A row that
cannot be used is to be mended in the file first: nothing is made while there is one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from common import clock
from common.errors import Invalid
from customers.domain.imports import records
from customers.domain.imports.known import Known, is_staff_address, read_known
from customers.domain.imports.outcomes import Plan, Row
from customers.domain.imports.reading import CSV, Line
from customers.domain.imports.records import MembershipRecord, Record, of_kind, read_record
from customers.models import ExternalId, User
from organisations.enums import BusinessKind, Sells
from organisations.models import Business, BusinessUnit, Organisation
from permissions.models import Membership, Role


def plan_of(columns: list[str], lines: list[Line], *, form: str, source: str, owners: bool) -> Plan:
    """Look a batch over.

    Raises:
        Invalid: a CSV file has columns that no kind of row has.
    """
    unknown = [name for name in columns if name not in records.COLUMNS]
    if form == CSV and (unknown or "type" not in columns):
        told = f"There is no column {', '.join(unknown)}." if unknown else "The column type is missing."
        raise Invalid.one("/content", "columns", f"{told} The columns are {', '.join(records.COLUMNS)}.")
    read = [read_record(line, owners=owners) for line in lines]
    return _Planner(read, source).plan()


@dataclass(slots=True)
class _Made:
    """What a record came to: the thing that is or will be here, or why there is none."""

    row: Row
    thing: Any = None
    organisation: Any = None


class _Planner:
    """Goes through the records, organisations first."""

    def __init__(self, read: list[Record], source: str) -> None:
        self.read, self.source = read, source
        self.out = Plan(rows=[record.row for record in read])
        self.now: datetime = clock.now()
        self.made: dict[str, dict[str, _Made]] = {kind: {} for kind in (*records.KINDS,)}
        self.roles: dict[str, Role] = {role.key: role for role in Role.objects.filter(organisation=None)}
        self.known = self._known()
        self.emails: dict[str, int] = {}
        self.numbers: dict[str, int] = {}
        self.unit_names: dict[tuple[int, str], int] = {}
        self.welcome: dict[int, tuple[User, Organisation]] = {}

    def plan(self) -> Plan:
        """The plan."""
        self._each(records.ORGANISATION, self._organisation)
        self._each(records.UNIT, self._unit)
        further = self._further_memberships()
        self._each(records.USER, lambda record: self._user(record, further.get(record.row.external_id, [])))
        return self.out

    def _known(self) -> Known:
        ids: dict[str, set[str]] = {kind: set() for kind in records.KINDS}
        emails: list[str] = []
        numbers: list[str] = []
        for record in self.read:
            kind = record.row.kind
            if kind not in ids:
                continue
            ids[kind].add(record.row.external_id)
            if kind == records.UNIT:
                ids[records.ORGANISATION].add(record.parent)
            if kind == records.MEMBERSHIP:
                ids[records.USER].add(record.parent)
            for one in record.memberships:
                ids[records.ORGANISATION].add(one.organisation)
                ids[records.UNIT].update(one.units)
            if kind == records.USER:
                emails.append(record.given["email"])
            if kind == records.ORGANISATION:
                numbers += [record.given.get("company_number", ""), record.given.get("vat_number", "")]
        return read_known(self.source, {kind: found - {""} for kind, found in ids.items()}, emails, numbers)

    def _each(self, kind: str, look: Callable[[Record], None]) -> None:
        """Look at the rows of a kind; an id that comes a second time is wrong."""
        seen: dict[str, int] = {}
        for record in of_kind(self.read, kind):
            row = record.row
            if row.external_id in seen:
                row.wrong("id_twice", f"The {kind} {row.external_id} stands on line {seen[row.external_id]} already.")
                continue
            seen[row.external_id] = row.line
            look(record)

    # -- organisations ---------------------------------------------------------------------------------------------

    def _organisation(self, record: Record) -> None:
        row, thing = record.row, record.thing
        here = self.known.of("organisation", row.external_id)
        if here is not None and row.is_new:
            row.found(here.public_id, _differences(record.given, here, here.archived_at is None))
        elif here is None and ("organisation", row.external_id) in self.known.forgotten:
            row.erased()
        elif row.is_new:
            self._numbers(row, thing)
        self.made[records.ORGANISATION][row.external_id] = _Made(row, here or thing, here or thing)
        if row.is_new:
            thing.archived_at = None if row.active else self.now
            self.out.organisations.append(thing)
            self._new(row, thing, organisation=thing)

    def _numbers(self, row: Row, thing: Organisation) -> None:
        for name, label in (("company_number", "company number"), ("vat_number", "VAT number")):
            number = getattr(thing, name)
            if not number:
                continue
            taken = self.known.numbers.get(number)
            if taken is not None:
                row.collides(f"{name}_taken", _taken(taken, label, self.source, row.external_id))
            elif number in self.numbers:
                row.collides(
                    f"{name}_twice",
                    f"The organisation on line {self.numbers[number]} has the same {label}. Merge them.",
                )
            else:
                self.numbers[number] = row.line

    # -- units -----------------------------------------------------------------------------------------------------

    def _unit(self, record: Record) -> None:
        row, thing = record.row, record.thing
        here = self.known.of("unit", row.external_id)
        if here is None and ("unit", row.external_id) in self.known.forgotten:
            row.erased()
            self.made[records.UNIT][row.external_id] = _Made(row)
            return
        parent = self._organisation_of(row, record.parent)
        if here is not None and row.is_new:
            differs = _differences(record.given, here, here.archived_at is None)
            if record.business and record.business != getattr(getattr(here, "business", None), "kind", ""):
                differs.append("business")
            if parent is not None and here.organisation_id != parent.pk:
                differs.append("organisation")
            row.found(here.public_id, differs)
        elif row.is_new and parent is not None:
            self._open(row, parent)
            self._unit_name(row, parent, thing.name)
        self.made[records.UNIT][row.external_id] = _Made(row, here or thing, parent)
        if row.is_new and parent is not None:
            thing.organisation = parent
            thing.archived_at = None if row.active else self.now
            self.out.units.append(thing)
            if record.business:
                self.out.businesses.append(business_of(thing, record.business))
            self._new(row, thing, unit=thing)

    def _unit_name(self, row: Row, organisation: Organisation, name: str) -> None:
        if not row.active:
            return
        first = self.unit_names.setdefault((id(organisation), name), row.line)
        if first != row.line:
            row.wrong(
                "name_twice", f"The unit on line {first} of the same organisation has this name. Give it another."
            )
        elif organisation.pk is not None and name in self.known.unit_names[organisation.pk]:
            row.collides("name_taken", "The organisation has a unit of this name here. Give it another, or link it.")

    def _organisation_of(self, row: Row, external_id: str) -> Organisation | None:
        """The organisation that a row names; when it is left out, so is the row."""
        found = self.made[records.ORGANISATION].get(external_id)
        if found is None:
            here: Organisation | None = self.known.of("organisation", external_id)
            if here is None and ("organisation", external_id) in self.known.forgotten:
                row.collides("rests_on_erased", "Its organisation was removed here with its records.")
            elif here is None and external_id:
                row.wrong(
                    "organisation_unknown", f"There is no organisation {external_id}, neither in the file nor here."
                )
            return here
        standing: Organisation | None = self._standing(row, found, f"the organisation {external_id}")
        return standing

    def _open(self, row: Row, organisation: Organisation) -> None:
        """Nothing is put into a customer that is being removed: it would be purged with it."""
        if organisation.pk in self.known.leaving:
            told = f"{organisation} ({organisation.public_id})"
            row.collides("being_removed", f"{told} is being removed here. Restore it first, or leave this out.")

    def _standing(self, row: Row, found: _Made, what: str) -> Any:
        if found.row.outcome == "erased":
            row.collides("rests_on_erased", f"Line {found.row.line} was erased here.")
            return None
        if found.row.outcome == "wrong":
            row.collides("rests_on_wrong", f"Line {found.row.line}, {what}, cannot be used.")
            return None
        if found.row.outcome == "collision":
            row.collides("rests_on_collision", f"Line {found.row.line}, {what}, is left out.")
            return None
        return found.thing

    # -- users -----------------------------------------------------------------------------------------------------

    def _further_memberships(self) -> dict[str, list[Record]]:
        """Rows that are memberships, by their user's id; those of nobody in the file are looked at here."""
        users = {record.row.external_id for record in of_kind(self.read, records.USER)}
        found: dict[str, list[Record]] = {}
        for record in of_kind(self.read, records.MEMBERSHIP):
            if record.parent in users:
                found.setdefault(record.parent, []).append(record)
                continue
            here = self.known.of("user", record.parent)
            if here is not None and record.row.is_new:
                record.row.found(here.public_id, self._membership_differences(here, record.memberships))
            elif here is None and ("user", record.parent) in self.known.forgotten:
                record.row.erased()
            elif record.row.is_new:
                record.row.wrong("user_unknown", f"There is no user {record.parent}, neither in the file nor here.")
        return found

    def _user(self, record: Record, further: list[Record]) -> None:
        row, user = record.row, record.thing
        here = self.known.of("user", row.external_id)
        if here is None and ("user", row.external_id) in self.known.forgotten:
            for one in (record, *further):
                one.row.erased()
            return
        if here is not None and row.is_new:
            self._known_user(record, here, further)
            return
        if row.is_new:
            self._email(row, user.email)
        every = [(row, one) for one in record.memberships]
        every += [(one.row, membership) for one in further for membership in one.memberships]
        kept = self._memberships(record, every) if row.outcome != "wrong" else []
        if row.is_new and every and not kept:
            row.collides("no_membership_left", "Every organisation of this user is left out.")
        if row.is_new:
            self._new_user(record, kept)
        for one in further:
            if one.row.is_new and not row.is_new:
                one.row.collides("rests_on_user", f"Line {row.line}, the user {row.external_id}, is left out.")
            elif one.row.is_new:
                self.out.made.append((one.row, user))

    def _known_user(self, record: Record, here: User, further: list[Record]) -> None:
        given = dict(record.given)
        verified = here.pk in self.known.verified
        differs = ["email_verified"] if given.pop("email_verified", verified) != verified else []
        differs += _differences(given, here, here.is_active)
        differs += self._membership_differences(here, record.memberships)
        record.row.found(here.public_id, set(differs))
        for one in further:
            if one.row.is_new:
                one.row.found(here.public_id, self._membership_differences(here, one.memberships))

    def _email(self, row: Row, email: str) -> None:
        taken = self.known.emails.get(email)
        if taken is not None:
            whose = "a member of Hectare's staff" if taken.is_staff else f"another account here ({taken.public_id})"
            row.collides(
                "email_taken",
                f"The e-mail belongs to {whose}. Nothing is linked. Change it there; or link the id, if they are one.",
            )
        elif is_staff_address(email):
            row.collides("staff_address", "Addresses of this domain are Hectare's own people's.")
        elif email in self.emails:
            row.collides("email_twice", f"The user on line {self.emails[email]} has the same e-mail.")
        else:
            self.emails[email] = row.line

    def _memberships(
        self, record: Record, every: Iterable[tuple[Row, MembershipRecord]]
    ) -> list[tuple[Membership, list[BusinessUnit]]]:
        """Those that can be made; of the rest, it is told at their rows."""
        found: dict[int, tuple[Membership, list[BusinessUnit]]] = {}
        for row, one in every:
            if row.outcome == "wrong":
                continue
            # What is left out of a user's own list is told, and she is made with the rest.
            told = row if row.kind == records.MEMBERSHIP else Row(row.line, row.kind)
            organisation = self._organisation_of(told, one.organisation)
            units = self._units_of(told, organisation, one.units)
            role = self.roles.get(one.role)
            if role is None:
                told.wrong("role", f"role is {', '.join(sorted(self.roles))}.")
            elif organisation is not None and id(organisation) in found:
                told.wrong("membership_twice", f"The user is in the organisation {one.organisation} twice.")
            elif organisation is not None:
                self._open(told, organisation)
            if told is not row:
                _hand_on(told, row)
            if told.is_new and organisation is not None and role is not None:
                made = Membership(
                    user=record.thing,
                    organisation=organisation,
                    role=role,
                    all_units=not one.units,
                    is_active=one.active,
                )
                found[id(organisation)] = (made, units)
        return list(found.values())

    def _units_of(self, row: Row, organisation: Organisation | None, names: Iterable[str]) -> list[BusinessUnit]:
        units: list[BusinessUnit] = []
        for name in names:
            made = self.made[records.UNIT].get(name)
            if made is None:
                here = self.known.of("unit", name)
                if here is None and ("unit", name) in self.known.forgotten:
                    row.collides("rests_on_erased", "A unit of this user was removed here.")
                    continue
                if here is None:
                    row.wrong("unit_unknown", f"There is no unit {name}, neither in the file nor here.")
                    continue
                found, parent = here, here.organisation_id
                belongs = organisation is not None and organisation.pk == parent
            else:
                found = self._standing(row, made, f"the unit {name}")
                belongs = organisation is made.organisation
            if found is not None and organisation is not None and not belongs:
                row.wrong("unit_elsewhere", f"The unit {name} is of another organisation.")
            elif found is not None:
                units.append(found)
        return units

    def _new_user(self, record: Record, memberships: list[tuple[Membership, list[BusinessUnit]]]) -> None:
        row, user = record.row, record.thing
        if not memberships:
            row.warn("no_membership", "The user is in no organisation.")
        if not record.verified:
            self.out.unverified.add(user.email)
        self.out.users.append(user)
        self.out.memberships += memberships
        if user.is_active and not user.has_usable_password():
            self.out.welcome.append((user, memberships[0][0].organisation if memberships else None))
        self._new(row, user, user=user)

    def _membership_differences(self, here: User, wanted: Iterable[MembershipRecord]) -> list[str]:
        """Whether she is in those organisations as the rows say."""
        differs: set[str] = set()
        for one in wanted:
            organisation = self.known.of("organisation", one.organisation)
            found = self.known.memberships.get((here.pk, organisation.pk)) if organisation is not None else None
            if found is None or not self._is_so(found, one):
                differs.add("memberships")
        return sorted(differs)

    def _is_so(self, found: Membership, one: MembershipRecord) -> bool:
        """Whether a membership is as a row says, in its units, too. A unit that is not here is none of hers."""
        if (found.role.key, found.is_active, found.all_units) != (one.role, one.active, not one.units):
            return False
        units = {getattr(self.known.of("unit", name), "pk", None) for name in one.units}
        return not one.units or units == self.known.units[found.pk]

    def _new(self, row: Row, thing: Any, **what: Any) -> None:
        self.out.external_ids.append(ExternalId(source=self.source, external_id=row.external_id, **what))
        self.out.made.append((row, thing))


def _hand_on(told: Row, row: Row) -> None:
    """What was found at one of a user's memberships, told at her row: wrong is wrong, and left out is a warning."""
    for code, detail in told.notes:
        if told.outcome == "wrong":
            row.wrong(code, detail)
        else:
            row.warn(code, detail)


def _differences(given: dict[str, Any], here: Any, active: bool) -> list[str]:
    """The fields that the file has and that are not the same here."""
    return [name for name, value in given.items() if (active if name == "active" else getattr(here, name)) != value]


def _taken(taken: Organisation, label: str, source: str, external_id: str) -> str:
    other = taken.merged_into or taken
    return (
        f"{other.name} ({other.public_id}) has this {label} here. If it is the same company, link {external_id}"
        f" of {source} to it under External ids, and check again."
    )


def business_of(
    unit: BusinessUnit, kind: str, *, is_producer: bool | None = None, sells: str | None = None
) -> Business:
    """The enterprise of a unit, a farm being a producer and a store a hub unless told otherwise."""
    farm = kind == BusinessKind.FARM
    return Business(
        unit=unit,
        kind=kind,
        is_producer=farm if is_producer is None else is_producer,
        sells=(Sells.NONE if farm else Sells.ANY) if sells is None else sells,
    )


__all__ = ["business_of", "plan_of"]
