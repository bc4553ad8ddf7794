"""Places in a statement that are filled when it is sent, so that a rule is turned into SQL once."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import BooleanField, Func, Value

#: What stands in a slot; a column or a constant.
SLOT: Final = "slot"
#: The keys that the actor manages with a permission; the organisations that she is in, or holds a permission over.
IDS: Final = "ids"
ORGANISATIONS: Final = "organisations"
#: The actor's own key, and the moment.
USER: Final = "user"
NOW: Final = "now"


class Hole(Value):
    """A value that is not known yet. Its parameter in the finished SQL is itself, until it is filled."""

    def __init__(self, kind: str, name: str | None = None) -> None:
        super().__init__(None)
        self.kind = kind
        self.name = name
        self.is_alone = False

    def alone(self) -> Hole:
        """The same as a query of its own: PostgreSQL makes no hash of what is compared with it."""
        made = Hole(self.kind, self.name)
        made.is_alone = True
        return made

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        many = self.kind in (IDS, ORGANISATIONS)
        if many:
            return "ANY(%s::bigint[])", [self]
        return "(SELECT %s)" if self.is_alone else "%s", [self]


class Equal(Func):
    """That two values are the same, where one of them is a hole."""

    template = "(%(expressions)s)"
    arg_joiner = " = "

    def __init__(self, one: Any, other: Any) -> None:
        super().__init__(one, other, output_field=BooleanField())
