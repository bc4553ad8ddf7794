"""Which column of a list of customers means what: guessed from the heading, corrected by staff, kept for the source."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Final

from common.errors import FieldError, Invalid
from customers.enums import ImportKind
from customers.models import ImportBatch

#: What a column can mean, and what staff call it.
MEANINGS: Final[Mapping[str, str]] = {
    "name": "company's name",
    "external_id": "its id there",
    "company_number": "company number",
    "vat_number": "VAT number",
    "group": "what tells companies of one name apart",
    "unit": "name of the site",
    "address": "address (several columns are joined)",
    "town": "town",
    "postcode": "postcode",
    "phone": "telephone",
    "kind": "farm or store",
    "activities": "what it does",
    "website": "website",
    "contact_email": "public contact e-mail",
    "owner_email": "account owner's e-mail",
    "owner_name": "account owner's name",
}
#: Columns may share this meaning.
_SEVERAL: Final = frozenset({"address"})
#: Headings without what is no letter or digit, by meaning, the likeliest first.
_HEADINGS: Final[Mapping[str, str]] = {
    "name": "name companyname tradingname businessname customername organisationname company customer organisation",
    "external_id": "externalid id customerid accountid reference ref customerref accountnumber accountno appno"
    " approvalnumber",
    "company_number": "companynumber companyno companieshousenumber registrationnumber crn",
    "vat_number": "vatnumber vatno vat vatregistration vatregistrationnumber",
    "group": "group parent parentcompany competentauthority authority",
    "unit": "unit unitname site sitename branch depot",
    "address": "address address1 address2 address3 address4 addressline1 addressline2 addressline3 street",
    "town": "town city posttown",
    "postcode": "postcode postalcode zip",
    "phone": "phone telephone tel phonenumber",
    "kind": "kind type businesstype",
    "activities": "activities allactivities activity",
    "website": "website web url",
    "contact_email": "contactemail publicemail",
    "owner_email": "owneremail accountowneremail email emailaddress",
    "owner_name": "ownername accountowner owner contactname contact",
}


def mapping_for(source: str, columns: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    """Column to meaning, for the columns that have one.

    What staff said holds; else what they said for this source the last time; else what the heading looks like.

    Raises:
        Invalid: the mapping names a column or a meaning that is not there, or one meaning twice.
    """
    if given:
        return _checked(columns, given)
    before = (
        ImportBatch.objects.filter(kind=ImportKind.CUSTOMERS, source=source)
        .exclude(mapping={})
        .order_by("-pk")
        .values_list("mapping", flat=True)
        .first()
    )
    if before and set(before) <= set(columns):
        return {column: before[column] for column in columns if column in before}
    return guessed(columns)


def guessed(columns: Sequence[str]) -> dict[str, str]:
    """What the heading looks like; a meaning goes to the likeliest column."""
    plain = {column: re.sub(r"[^a-z0-9]", "", column.lower()) for column in columns}
    found: dict[str, str] = {}
    for meaning, headings in _HEADINGS.items():
        likely = headings.split()
        fitting = sorted(
            (column for column in columns if plain[column] in likely and column not in found),
            key=lambda column: (likely.index(plain[column]), columns.index(column)),
        )
        for column in fitting if meaning in _SEVERAL else fitting[:1]:
            found[column] = meaning
    return {column: found[column] for column in columns if column in found}


def _checked(columns: Sequence[str], given: Mapping[str, str]) -> dict[str, str]:
    errors = [
        FieldError(f"/mapping/{name}", "column", "There is no such column.") for name in given if name not in columns
    ]
    chosen = {column: given[column] for column in columns if given.get(column)}
    for column, meaning in chosen.items():
        if meaning not in MEANINGS:
            errors.append(
                FieldError(f"/mapping/{column}", "meaning", f"A column means {', '.join(MEANINGS)}, or nothing.")
            )
        elif meaning not in _SEVERAL and list(chosen.values()).count(meaning) > 1:
            errors.append(
                FieldError(f"/mapping/{column}", "twice", f"Two columns cannot both be the {MEANINGS[meaning]}.")
            )
    if errors:
        raise Invalid(errors)
    return chosen
