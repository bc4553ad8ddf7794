"""A list of customers that staff have: each row a customer, a further unit of one, or a message that says what to do.

Rows stand for themselves: what is wrong with one keeps only that one out.

* A company **number** names a company. Rows with the same number and name are one customer with several units; the same
  number under another name is left out and told.
* Without numbers, rows with the same **name** are one customer when they are of one group (where a column says what
  tells companies of one name apart) or, without such a column, at one postcode. The same name elsewhere may be
  anybody's: it is left out and told, or taken as a customer of its own when staff say so for the whole file.
* A name that a customer **here** has is left out and told, unless that customer came from the same source and the place
  is the same; then the row is a further unit of it.
* A customer may come without an account owner. Somebody who has an account is never made one by a file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from common.arrays import OneOf
from common.emails import normal
from common.errors import FieldError, Invalid
from common.validation import check_fields
from customers.domain.imports.columns import MEANINGS, guessed, mapping_for
from customers.domain.imports.forgetting import forgotten
from customers.domain.imports.known import accounts, companies, is_staff_address, leaving
from customers.domain.imports.logistics import business_of
from customers.domain.imports.names import clean, has_lost, same_name
from customers.domain.imports.outcomes import Plan, Row
from customers.domain.imports.reading import Line
from customers.models import ExternalId, User
from organisations.enums import BusinessKind, OrganisationKind, Sells
from organisations.models import Business, BusinessUnit, Organisation
from organisations.validators import normal_company_number, normal_postcode, normal_vat_number
from permissions.models import Membership, Role

#: What is done with a name that comes again at another place.
ASK: Final = "ask"
SEPARATE: Final = "separate"
SAME_NAME: Final = {ASK: "leave it out and tell", SEPARATE: "take it as a customer of its own"}

CUSTOMER: Final = "customer"
UNIT: Final = "unit"
#: Words for a place that takes goods in and passes them on.
_PASSES_ON: Final = ("cold store", "dispatch", "market", "wholesale", "shop", "store", "retail", "hub", "depot")
_KINDS: Final = {
    **dict.fromkeys(("farm", "producer", "grower"), BusinessKind.FARM),
    **dict.fromkeys(("store", "shop", "hub", "retailer", "wholesaler"), BusinessKind.STORE),
}


@dataclass(slots=True)
class _Entry:
    """A row, cleaned.

    Attributes:
        key: what it is known by in later runs: its id there, or a digest of what it says.
        group: what tells companies of one name apart.
    """

    row: Row
    values: dict[str, str]
    key: str = ""
    has_id: bool = False
    organisation: Organisation = field(default_factory=Organisation)
    unit: BusinessUnit = field(default_factory=BusinessUnit)
    business: Business | None = None

    @property
    def name(self) -> str:
        """The company's name, as names are compared."""
        return same_name(self.values["name"])

    @property
    def place(self) -> str:
        """Where the company of this name is: its group, or its postcode."""
        return self.values.get("group", "").casefold() or self.organisation.postcode


@dataclass(slots=True, eq=False)
class _Customer:
    """A customer of the file or of those here, as further rows find it."""

    organisation: Organisation
    line: int
    place: str
    owner: str = ""
    is_here: bool = False
    unit_names: set[str] = field(default_factory=set)

    def told(self) -> str:
        """Where it stands."""
        name = self.organisation.name
        return f"{name} ({self.organisation.public_id})" if self.is_here else f"{name} on line {self.line}"


def plan_of(lines: list[Line], *, source: str, mapping: Mapping[str, str], same_name: str) -> Plan:
    """Look a list of customers over.

    Raises:
        Invalid: there is no such answer to names that come twice.
    """
    if same_name not in SAME_NAME:
        raise Invalid([FieldError("/same_name", "same_name", f"Say {' or '.join(SAME_NAME)}.")])
    entries = [_entry(line, mapping) for line in lines]
    return _Planner(entries, source, separate=same_name == SEPARATE).plan()


# -- one row -------------------------------------------------------------------------------------------------------


def _entry(line: Line, mapping: Mapping[str, str]) -> _Entry:
    row = Row(line.number, CUSTOMER)
    values = _values(line, mapping)
    entry = _Entry(row, values)
    row.label = values["name"][:200]
    if line.wrong:
        row.wrong("unreadable", line.wrong)
        return entry
    if "name" not in mapping.values():
        row.wrong("no_name_column", "No column is the company's name: choose it among the columns, and check again.")
        return entry
    _identify(entry)
    if not values["name"]:
        row.wrong("no_name", "The company's name is missing: fill it in, or leave the row out.")
        return entry
    if has_lost(values["name"]):
        row.warn("lost_character", "A character of the name seems to be lost (?). Look at it after the import.")
    _postcode(entry)
    _things(entry)
    says_what = {"kind", "activities"} & set(mapping.values())
    if row.is_new and says_what and not any(values[name] for name in says_what):
        row.warn("no_business", "Nothing says what it does: the unit comes without a business.")
    return entry


def _values(line: Line, mapping: Mapping[str, str]) -> dict[str, str]:
    parts: dict[str, list[str]] = {meaning: [] for meaning in MEANINGS}
    for column, meaning in mapping.items():
        value = line.data.get(column, "")
        text = clean(value) if isinstance(value, str) else ""
        if meaning == "address":
            text = text.strip(" ,")
        if text:
            parts[meaning].append(text)
    return {meaning: ", ".join(found) for meaning, found in parts.items()}


def _identify(entry: _Entry) -> None:
    values = entry.values
    entry.has_id = bool(values["external_id"])
    if entry.has_id:
        entry.key = values["external_id"]
        if len(entry.key) > 200:
            entry.row.wrong("too_long", "The id is longer than 200 characters.")
    else:
        said = "\n".join(values[name] for name in ("name", "group", "unit", "address", "town", "postcode"))
        entry.key = f"row-{hashlib.sha256(said.casefold().encode()).hexdigest()[:32]}"
    entry.row.external_id = entry.key[:200]


def _postcode(entry: _Entry) -> None:
    values = entry.values
    written = "".join(one for one in values["postcode"] if one.isalnum() or one == " ")
    postcode = normal_postcode(written)
    if postcode and check_fields(BusinessUnit(name="x", postcode=postcode)):
        entry.row.warn("postcode", "The postcode cannot be one and is left blank: add it after the import.")
        postcode = ""
    values["postcode"] = postcode


def _things(entry: _Entry) -> None:
    """What would be made of the row, each field checked: identity must be right, the rest can be left out."""
    row, values = entry.row, entry.values
    numbers = {
        "company_number": normal_company_number(values["company_number"]),
        "vat_number": normal_vat_number(values["vat_number"]),
    }
    where = {name: values[name] for name in ("town", "postcode")}
    entry.organisation = Organisation(name=values["name"], **where, **numbers)
    entry.unit = BusinessUnit(
        name=values["unit"] or values["name"], address=values["address"], phone=values["phone"], **where
    )
    for error in [*check_fields(entry.organisation), *check_fields(entry.unit)]:
        name = error.pointer.strip("/")
        if name == "phone":
            entry.unit.phone = ""
            row.warn("phone", "The telephone number cannot be one and is left blank.")
        elif (
            told := (error.code, f"{MEANINGS.get(name, name)}: {error.detail} Mend it in the file.")
        ) not in row.notes:
            row.wrong(*told)
    _business(entry)


def _business(entry: _Entry) -> None:
    row, values = entry.row, entry.values
    activities = values["activities"].casefold()
    kind = _KINDS.get(values["kind"].casefold())
    if values["kind"] and kind is None:
        row.warn("kind", "It is neither farm nor store: the unit comes without a business.")
    if kind is None and not activities:
        return
    passes_on = any(word in activities for word in _PASSES_ON)
    makes = any(part.strip() and not any(word in part for word in _PASSES_ON) for part in activities.split(","))
    entry.business = business_of(
        entry.unit,
        kind or (BusinessKind.FARM if makes and not passes_on else BusinessKind.STORE),
        is_producer=makes if activities else None,
        sells=(Sells.ANY if passes_on else Sells.NONE) if activities else None,
    )
    entry.business.description = f"{values['activities']}."[:2000] if activities else ""
    for name in ("website", "contact_email"):
        setattr(entry.business, name, values[name])
    for error in check_fields(entry.business):
        name = error.pointer.strip("/")
        if name in ("website", "contact_email"):
            setattr(entry.business, name, "")
            row.warn(name, f"The {MEANINGS[name]} cannot be one and is left blank.")


# -- all rows ------------------------------------------------------------------------------------------------------


class _Planner:
    """Goes through the rows in their order, with what is here at hand."""

    def __init__(self, entries: list[_Entry], source: str, *, separate: bool) -> None:
        self.entries, self.source, self.separate = entries, source, separate
        self.out = Plan(rows=[entry.row for entry in entries])
        self.owner = Role.objects.get(organisation=None, key="owner")
        keys = [entry.key for entry in entries if entry.key]
        self.linked: dict[str, Any] = {
            row.external_id: row.unit
            for row in ExternalId.objects.filter(
                source=source, external_id=OneOf(keys), unit__isnull=False
            ).select_related("unit__organisation")
        }
        self.first = set(
            ExternalId.objects.filter(source=source, external_id=OneOf(keys), organisation__isnull=False).values_list(
                "external_id", flat=True
            )
        )
        self.forgotten = {name for _, name in forgotten(source, {UNIT: keys, "organisation": keys})}
        self.accounts = accounts(_address(entry) for entry in entries)
        numbers = (getattr(entry.organisation, name) for entry in entries for name in ("company_number", "vat_number"))
        self.customers: dict[int, _Customer] = {}
        self.by_number: dict[str, _Customer] = {
            number: self._here(organisation) for number, organisation in companies(numbers).items()
        }
        self.by_name: dict[str, list[_Customer]] = {}
        self._names_here()
        self.lines: dict[str, int] = {}
        self.users: dict[str, User] = {}

    def plan(self) -> Plan:
        """The plan."""
        for entry in self.entries:
            self._look(entry)
        return self.out

    def _names_here(self) -> None:
        """The companies here whose names are in the file, and the names of the units of all that rows could join."""
        wanted = {entry.name for entry in self.entries}
        every = Organisation.objects.filter(merged_into=None, removed_at=None).only(
            "public_id", "name", "kind", "postcode", "company_number", "vat_number", "merged_into"
        )
        found = [one for one in every.order_by("pk") if same_name(one.name) in wanted]
        ours = set(
            ExternalId.objects.filter(source=self.source, organisation=OneOf([one.pk for one in found])).values_list(
                "organisation_id", flat=True
            )
        )
        for one in found:
            customer = self._here(one)
            # Only what came from the same source is trusted to be the same by its name and place.
            customer.place = one.postcode if one.pk in ours else ""
            self.by_name.setdefault(same_name(one.name), []).append(customer)
        for unit in self.linked.values():
            self._here(unit.organisation)
        self.leaving = leaving(list(self.customers))
        rows = BusinessUnit.objects.filter(organisation=OneOf(list(self.customers)), archived_at=None)
        for pk, name in rows.values_list("organisation_id", "name"):
            self.customers[pk].unit_names.add(name)

    def _here(self, organisation: Organisation) -> _Customer:
        """A customer that is here: the same one, by whatever rows find it."""
        one = organisation.merged_into or organisation
        return self.customers.setdefault(one.pk, _Customer(one, 0, "", is_here=True))

    def _look(self, entry: _Entry) -> None:
        row = entry.row
        here = self.linked.get(entry.key) if entry.key else None
        if here is None and entry.key in self.forgotten:
            row.erased()
        if not row.is_new:
            return
        if entry.key in self.lines:
            what = f"The id {entry.key} stands" if entry.has_id else "The same row stands"
            row.wrong("id_twice", f"{what} on line {self.lines[entry.key]} already: leave one of the two out.")
            return
        self.lines[entry.key] = row.line
        if here is not None:
            self._known(entry, here)
            return
        customer = self._customer_of(entry)
        if not entry.row.is_new:
            return
        if customer is None:
            self._new_customer(entry)
        else:
            self._further_unit(entry, customer)

    def _known(self, entry: _Entry, here: BusinessUnit) -> None:
        """The row is here. It may be named by its id beside its name, when the name was taken."""
        names = {entry.unit.name, _told_apart(entry)}
        differs = [] if here.name in names else ["unit"]
        differs += [
            name
            for name in ("address", "town", "postcode", "phone")
            if getattr(here, name) != getattr(entry.unit, name)
        ]
        if same_name(here.organisation.name) != entry.name:
            differs.append("name")
        entry.row.kind = CUSTOMER if entry.key in self.first else UNIT
        entry.row.found(here.public_id, differs)
        # Later rows of the file find its customer by name and place, as in the first run.
        known, customer = self.by_name.setdefault(entry.name, []), self._here(here.organisation)
        if customer not in known:
            known.append(customer)
        customer.place, customer.line = entry.place or customer.place, entry.row.line

    # -- whose it is -----------------------------------------------------------------------------------------------

    def _customer_of(self, entry: _Entry) -> _Customer | None:
        """The customer that the row is a further unit of; ``None`` when it is one of its own, or left out."""
        numbered = self._by_number(entry)
        if numbered is not None or not entry.row.is_new:
            return numbered
        namesakes = self.by_name.get(entry.name, [])
        for one in namesakes:
            if entry.place and one.place == entry.place and _numbers_agree(one.organisation, entry.organisation):
                return one
        if namesakes:
            self._namesake(entry, namesakes[0])
        return None

    def _by_number(self, entry: _Entry) -> _Customer | None:
        for name in ("company_number", "vat_number"):
            number = getattr(entry.organisation, name)
            found = self.by_number.get(number) if number else None
            if found is None:
                continue
            if same_name(found.organisation.name) == entry.name and found.organisation.kind == OrganisationKind.FULL:
                return found
            told = f"{found.told()} has this {MEANINGS[name]}. Mend the number, or give both rows the same name."
            if found.organisation.kind == OrganisationKind.SHELL:
                told = f"{found.told()} is recorded by a customer: invite it to take its record over."
            entry.row.collides(f"{name}_taken", told)
            return None
        return None

    def _namesake(self, entry: _Entry, other: _Customer) -> None:
        if other.organisation.kind == OrganisationKind.SHELL:
            entry.row.collides(
                "recorded", f"{other.told()} is recorded by a customer: invite it to take its record over."
            )
        elif self.separate:
            entry.row.warn("namesake", f"{other.told()} has the same name: merge the two if they are one company.")
        else:
            entry.row.collides(
                "near_duplicate",
                f"{other.told()} has the same name at another place. If they are one company, give both rows the same"
                " company number; if not, take names that come again as customers of their own (under Columns).",
            )

    # -- what is made ----------------------------------------------------------------------------------------------

    def _new_customer(self, entry: _Entry) -> None:
        organisation = entry.organisation
        customer = _Customer(organisation, entry.row.line, entry.place)
        self.by_name.setdefault(entry.name, []).append(customer)
        for number in filter(None, (organisation.company_number, organisation.vat_number)):
            self.by_number.setdefault(number, customer)
        self.out.organisations.append(organisation)
        self.out.external_ids.append(ExternalId(source=self.source, external_id=entry.key, organisation=organisation))
        self._unit(entry, customer)
        self.out.made.append((entry.row, organisation))

    def _further_unit(self, entry: _Entry, customer: _Customer) -> None:
        entry.row.kind = UNIT
        if customer.organisation.pk in self.leaving:
            told = f"{customer.told()} is being removed here. Restore it first, or leave this out."
            entry.row.collides("being_removed", told)
            return
        entry.row.warn("further_unit", f"A further unit of {customer.told()}.")
        self._unit(entry, customer)
        if entry.row.is_new:
            self.out.made.append((entry.row, entry.unit))

    def _unit(self, entry: _Entry, customer: _Customer) -> None:
        unit = entry.unit
        if unit.name in customer.unit_names:
            unit.name = _told_apart(entry)
        if unit.name in customer.unit_names or len(unit.name) > 200:
            entry.row.wrong("name_twice", f"{customer.told()} has a unit of this name already. Give it one of its own.")
            return
        customer.unit_names.add(unit.name)
        unit.organisation = customer.organisation
        self.out.units.append(unit)
        if entry.business is not None:
            self.out.businesses.append(entry.business)
        self.out.external_ids.append(ExternalId(source=self.source, external_id=entry.key, unit=unit))
        self._owner(entry, customer)

    def _owner(self, entry: _Entry, customer: _Customer) -> None:
        row, email = entry.row, _address(entry)
        if not email or email == customer.owner:
            return
        if customer.owner or customer.is_here:
            row.warn("owner_elsewhere", "The customer has its owner already: invite this one as a colleague.")
            return
        user = self.users.get(email) or self._new_owner(entry, email)
        if user is None:
            return
        customer.owner = email
        self.out.memberships.append(
            (Membership(user=user, organisation=customer.organisation, role=self.owner, all_units=True), [])
        )

    def _new_owner(self, entry: _Entry, email: str) -> User | None:
        row = entry.row
        user = User(email=email, name=entry.values["owner_name"] or email.partition("@")[0])
        user.set_unusable_password()
        if email in self.accounts:
            row.warn(
                "owner_has_account",
                "The owner has an account here: the customer comes without one. Send an invitation.",
            )
        elif is_staff_address(email):
            row.warn(
                "owner_staff", "The owner's address is one of Hectare's own people: the customer comes without one."
            )
        elif check_fields(user):
            row.warn("owner_email", "The owner's e-mail or name cannot be one: the customer comes without an owner.")
        else:
            self.users[email] = user
            self.out.users.append(user)
            self.out.welcome.append((user, entry.unit.organisation))
            return user
        return None


def _told_apart(entry: _Entry) -> str:
    """The name of a unit beside others of the same name."""
    by = entry.values["external_id"] or entry.values["postcode"] or entry.values["town"] or f"line {entry.row.line}"
    return f"{entry.unit.name} ({by})"


def _numbers_agree(one: Organisation, other: Organisation) -> bool:
    """Whether no number says that they are two companies."""
    pairs: Iterable[tuple[Any, Any]] = (
        (getattr(one, name), getattr(other, name)) for name in ("company_number", "vat_number")
    )
    return all(not mine or not its or mine == its for mine, its in pairs)


def _address(entry: _Entry) -> str:
    return normal(entry.values["owner_email"]) if entry.values["owner_email"] else ""


__all__ = ["ASK", "SAME_NAME", "SEPARATE", "guessed", "mapping_for", "plan_of"]
