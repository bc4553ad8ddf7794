"""Fields of requests. JSON has types, and they are held to: a number is no text, and nothing is ignored."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, ValidationError

from common.errors import NotFound
from common.ids import is_id
from permissions.access import Access

MOST_IDS: Final = 5_000

#: What the prefix of an id stands for, for messages.
KINDS: Final[Mapping[str, str]] = {
    "org": "an organisation",
    "bu": "a business unit (or the enterprise behind it)",
    "usr": "a user",
    "mem": "a membership",
    "rol": "a role",
    "grt": "a grant",
    "grq": "a request for a grant",
    "prd": "a product",
    "var": "a variant",
    "fee": "a fee",
    "shm": "a shipping method",
    "pym": "a payment method",
    "ocy": "an order cycle",
    "exc": "an exchange",
    "key": "an API key",
    "ntc": "a notice",
    "evt": "an audit event",
    "inv": "an invitation",
    "otr": "a transfer of ownership",
    "con": "a connection",
    "acr": "a request for access",
    "rmv": "a removal",
    "mrg": "a merge",
    "exp": "an export",
    "imp": "an import",
    "mai": "a mail",
}


def pattern(prefix: str) -> str:
    """The form of a public id, for the schema."""
    return f"^{prefix}_[0-9a-hjkmnp-tv-z]{{26}}$"


def wrong_id(prefix: str) -> ErrorDetail:
    """What is said of something that cannot be such an id."""
    return ErrorDetail(f"Send the id of {KINDS[prefix]}: it begins with {prefix}_.", code="wrong_id")


class Strict(serializers.Serializer[Any]):
    """The body of a request. A field that is not declared is refused, not ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """Everything that is wrong, unknown fields included."""
        if not isinstance(data, Mapping):
            return super().to_internal_value(data)
        told = "There is no such field here."
        errors: dict[str, Any] = {
            str(name): [ErrorDetail(told, code="unknown_field")] for name in data if name not in self.fields
        }
        value = None
        try:
            value = super().to_internal_value(data)
        except ValidationError as problem:
            detail: Any = problem.detail
            errors = {**detail, **errors}
        if errors:
            raise ValidationError(errors)
        return value


class _Typed(serializers.Field[Any, Any, Any, Any]):
    """Refuses a value of another JSON type before the field tries to make it fit."""

    types: tuple[type, ...] = ()
    wanted = ""

    def run_validation(self, data: Any = serializers.empty) -> Any:
        """As the field, with the type looked at first."""
        given = data is not serializers.empty and data is not None
        wrong = not isinstance(data, self.types) or (isinstance(data, bool) and bool not in self.types)
        if given and wrong:
            raise ValidationError(f"Send {self.wanted}.", code="wrong_type")
        return super().run_validation(data)


class Text(_Typed, serializers.CharField):
    """A text. Spaces around it are dropped."""

    types = (str,)
    wanted = "a text"


class Choice(_Typed, serializers.ChoiceField):
    """One of some words."""

    types = (str,)
    wanted = "one of the words"


class Email(_Typed, serializers.EmailField):
    """An e-mail address."""

    types = (str,)
    wanted = "an e-mail address"


class Url(_Typed, serializers.URLField):
    """A web address."""

    types = (str,)
    wanted = "a web address"


class YesNo(_Typed, serializers.BooleanField):
    """True or false."""

    types = (bool,)
    wanted = "true or false"


class Whole(_Typed, serializers.IntegerField):
    """A whole number."""

    types = (int,)
    wanted = "a whole number"


class Number(_Typed, serializers.DecimalField):
    """A decimal number, as a text (``"2.50"``: exact in every language) or as a JSON number."""

    types = (str, int, float)
    wanted = "a number"

    def __init__(self, *, max_digits: int = 10, decimal_places: int = 2, **options: Any) -> None:
        super().__init__(max_digits=max_digits, decimal_places=decimal_places, **options)


class Moment(_Typed, serializers.DateTimeField):
    """A moment in ISO 8601, with its zone: a time without one means different moments to different people."""

    types = (str,)
    wanted = "a moment such as 2026-03-01T18:00:00Z"

    def to_internal_value(self, value: Any) -> Any:
        """The moment; refused without a zone."""
        return zoned(value, super().to_internal_value(value))


class QueryMoment(serializers.DateTimeField):
    """As ``Moment``, in a query string."""

    def to_internal_value(self, value: Any) -> Any:
        """The moment; refused without a zone."""
        # A plus sign that was not escaped arrives as a space.
        text = str(value).replace(" ", "+") if "T" in str(value) else value
        return zoned(text, super().to_internal_value(text))


def zoned(text: str, moment: datetime) -> datetime:
    """The moment, when the text says in which zone."""
    clock = text.partition("T")[2] or text.partition(" ")[2]
    if not (text.endswith(("Z", "z")) or "+" in clock or "-" in clock):
        raise ValidationError("Say the zone, such as 2026-03-01T18:00:00Z.", code="zone_missing")
    return moment


class Id(_Typed, serializers.CharField):
    """A public id of one kind."""

    types = (str,)
    wanted = "an id"

    def __init__(self, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> Any:
        """The id, as it was sent."""
        if not is_id(data, self.prefix):
            raise ValidationError([wrong_id(self.prefix)])
        return data


class Reference(Id):
    """The id of something that the caller may see; becomes the thing. What she may not see is "not found"."""

    def __init__(self, prefix: str, find: Callable[[Access, str], Any], **options: Any) -> None:
        self.find = find
        super().__init__(prefix, **options)

    def to_internal_value(self, data: Any) -> Any:
        """The thing."""
        public_id = super().to_internal_value(data)
        try:
            return self.find(self.context["access"], public_id)
        except NotFound:
            raise ValidationError("Not found.", code="not_found") from None


class Ids(serializers.Field[Any, Any, Any, Any]):
    """A list of public ids of one kind, each once, thousands at most. The error of each says where it stands."""

    def __init__(self, prefix: str, *, most: int = MOST_IDS, **options: Any) -> None:
        self.prefix, self.most = prefix, most
        super().__init__(**options)

    def to_internal_value(self, data: Any) -> list[str]:
        """The ids, in the order in which they were sent."""
        if not isinstance(data, list):
            raise ValidationError("Send a list of ids.", code="wrong_type")
        if len(data) > self.most:
            raise ValidationError(f"Send at most {self.most:,} ids at once.", code="too_many")
        seen: set[str] = set()
        errors: dict[str, list[ErrorDetail]] = {}
        for index, one in enumerate(data):
            if not is_id(one, self.prefix):
                errors[str(index)] = [wrong_id(self.prefix)]
            elif one in seen:
                errors[str(index)] = [ErrorDetail("This id stands here already.", code="duplicate")]
            else:
                seen.add(one)
        if errors:
            raise ValidationError(errors)
        return data

    def to_representation(self, value: Any) -> Any:
        """Requests only."""
        return value


class References(Ids):
    """A list of ids that becomes a list of things; each that cannot be seen is "not found"."""

    def __init__(self, prefix: str, find: Callable[[Access, list[str]], Mapping[str, Any]], **options: Any) -> None:
        self.find = find
        super().__init__(prefix, **options)

    def to_internal_value(self, data: Any) -> list[Any]:
        """The things, in the order of their ids. One read."""
        ids = super().to_internal_value(data)
        found = self.find(self.context["access"], ids) if ids else {}
        missing = {
            str(index): [ErrorDetail("Not found.", code="not_found")]
            for index, one in enumerate(ids)
            if one not in found
        }
        if missing:
            raise ValidationError(missing)
        return [found[one] for one in ids]


class QueryId(serializers.CharField):
    """A public id in a query string."""

    def __init__(self, prefix: str, **options: Any) -> None:
        self.prefix = prefix
        super().__init__(required=False, **options)

    def to_internal_value(self, data: Any) -> Any:
        """The id, as it was sent."""
        if not is_id(data, self.prefix):
            raise ValidationError([wrong_id(self.prefix)])
        return data


class WrongKind(NotFound):
    """The address wants an id of another kind."""

    def __init__(self, prefix: str) -> None:
        super().__init__(f"This address wants the id of {KINDS[prefix]}: it begins with {prefix}_.")


class Query(Strict):
    """The query of a request. A parameter that is not declared, or comes twice, is refused."""


class BadQuery(ValidationError):
    """Something is wrong with the query string; the detail is by parameter."""


class NoQuery(Query):
    """No parameters."""


class NoBody(Strict):
    """Nothing is sent."""
