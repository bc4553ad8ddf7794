"""Who might be taken on a second time: companies with the same numbers, the same name at the same place, near names.

Near names are told by PostgreSQL's ``pg_trgm``: the share of three-letter pieces that two names have in common, after
what says nothing (Ltd, Limited, and, &, The, dots) has been taken out of both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import CharField, Count, Exists, F, Func, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Lower, Trim

from common import emails
from common.errors import ConfirmationNeeded
from organisations.models import BusinessUnit, Organisation
from organisations.validators import normal_company_number, normal_postcode, normal_vat_number
from permissions.models import Membership

#: How alike two names are (0 to 1) that are shown as near, and as the same at the same postcode.
NEAR: Final = 0.55
NEAR_AT_POSTCODE: Final = 0.3
#: As many are shown: who has more like it looks for the company by its number.
MOST: Final = 10

_INITIALS: Final = r"\m([[:alpha:]]) (?=[[:alpha:]]\M)"
_NOISE: Final = r"\m(ltd|limited|plc|llp|lp|cic|cio|co|company|and|the|uk)\M"


@dataclass(frozen=True)
class Asked:
    """A company that is to be looked for. What is empty is not looked at."""

    name: str = ""
    postcode: str = ""
    company_number: str = ""
    vat_number: str = ""
    email: str = ""

    @property
    def numbers(self) -> tuple[str, str]:
        """Company number and VAT number, as they are kept."""
        return normal_company_number(self.company_number), normal_vat_number(self.vat_number)


@dataclass(frozen=True)
class Match:
    """A company that is there, and what it has in common with the one asked for.

    Attributes:
        because: ``company_number``, ``vat_number``, ``name_and_postcode``, ``name``, ``email``; what tells most first.
    """

    organisation: Organisation
    because: tuple[str, ...]

    @property
    def is_certain(self) -> bool:
        """Whether it is the same company: a number is given to one company only."""
        return bool({"company_number", "vat_number"} & set(self.because))

    def as_dict(self) -> dict[str, Any]:
        """For staff: previews, the API."""
        row = self.organisation
        return {
            "id": row.public_id,
            "name": row.name,
            "kind": row.kind,
            "company_number": row.company_number,
            "vat_number": row.vat_number,
            "town": row.town,
            "postcode": row.postcode,
            "archived": row.is_archived,
            "because": list(self.because),
        }


def plain(name: Any) -> Any:
    """A name without what says nothing, as an expression."""
    text = Func(Lower(name), Value(r"[.'’`]"), Value(""), Value("g"), function="regexp_replace")
    for pattern in (_NOISE, r"[^[:alnum:]]+"):
        text = Func(text, Value(pattern), Value(" "), Value("g"), function="regexp_replace")
    # "A. B. Smith" is "AB Smith".
    text = Func(text, Value(_INITIALS), Value(r"\1"), Value("g"), function="regexp_replace")
    return Trim(text, output_field=CharField())


def find(asked: Asked) -> list[Match]:
    """The companies that may be the one asked for, the likeliest first. One statement.

    A record that was merged is shown only by its number, which nobody else can take.
    """
    number, vat = asked.numbers
    conditions: dict[str, Any] = {}
    if number:
        conditions["company_number"] = Q(company_number=number)
    if vat:
        conditions["vat_number"] = Q(vat_number=vat)
    rows: QuerySet[Any] = Organisation.objects.filter(removed_at=None)
    stays = Q(merged_into=None)
    if asked.name:
        rows = rows.annotate(near=TrigramSimilarity(plain(F("name")), plain(Value(asked.name))))
        if asked.postcode:
            conditions["name_and_postcode"] = stays & Q(_at(asked.postcode), near__gte=NEAR_AT_POSTCODE)
        conditions["name"] = stays & Q(near__gte=NEAR)
    if asked.email:
        conditions["email"] = stays & Q(_has(asked.email))
    if not conditions:
        return []
    every = Q()
    for condition in conditions.values():
        every |= condition
    rows = rows.annotate(**{f"by_{name}": condition for name, condition in conditions.items()}).filter(every)
    order = [f"-by_{name}" for name in conditions]
    found = rows.order_by(*order, *(["-near"] if asked.name else []), "name", "pk")[:MOST]
    return [Match(row, tuple(name for name in conditions if getattr(row, f"by_{name}"))) for row in found]


def ask(asked: Asked, *, confirmed: bool, but: Iterable[Organisation] = ()) -> None:
    """Show those who take a company on what is there already, until they have seen it.

    Raises:
        ConfirmationNeeded: with the matches.
    """
    known = {row.pk for row in but}
    matches = [] if confirmed else [one for one in find(asked) if one.organisation.pk not in known]
    if matches:
        told = "A company like this" if len(matches) == 1 else f"{len(matches)} companies like this"
        verb = "is" if len(matches) == 1 else "are"
        raise ConfirmationNeeded(
            f"{told} {verb} here already. Look whether it is the same one before you take it on a second time.",
            {"matches": [one.as_dict() for one in matches]},
        )


def same_numbers(company_number: str, vat_number: str) -> Organisation | None:
    """The organisation that has one of the numbers already, whatever its state."""
    number, vat = Asked(company_number=company_number, vat_number=vat_number).numbers
    either = Q(company_number=number, pk__isnull=not number) | Q(vat_number=vat, pk__isnull=not vat)
    return Organisation.objects.filter(either).order_by("pk").first()


def groups() -> QuerySet[Any, Any]:
    """Plain names that several companies have, with how many: the likeliest duplicates of all. One statement."""
    rows = Organisation.objects.filter(merged_into=None, removed_at=None, archived_at=None)
    named = rows.annotate(plain_name=plain(F("name"))).exclude(plain_name="")
    return named.values("plain_name").annotate(companies=Count("pk")).filter(companies__gt=1).order_by("plain_name")


def of_group(plain_names: Iterable[str]) -> QuerySet[Organisation]:
    """The companies of such groups, by plain name."""
    rows = Organisation.objects.filter(merged_into=None, removed_at=None, archived_at=None)
    return rows.annotate(plain_name=plain(F("name"))).filter(plain_name__in=list(plain_names)).order_by("plain_name")


def asked_of(values: Mapping[str, Any], email: str = "") -> Asked:
    """What is to be looked for, from the values of an organisation."""
    names = ("name", "postcode", "company_number", "vat_number")
    return Asked(**{name: values.get(name, "") for name in names}, email=email)


def _at(postcode: str) -> Q:
    """The organisation, or a unit of it, is at the postcode."""
    known = normal_postcode(postcode)
    return Q(postcode=known) | Q(Exists(BusinessUnit.objects.filter(organisation=OuterRef("pk"), postcode=known)))


def _has(email: str) -> Exists:
    """A member of the organisation has the address."""
    people = Membership.objects.filter(organisation=OuterRef("pk"), user__email__in=emails.spellings(email))
    return Exists(people)
