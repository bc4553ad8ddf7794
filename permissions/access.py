"""Who is asking: resolved once per request, in one query, into a frozen ``Access``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet

from common.errors import NotFound
from common.statements import Place, Statement
from permissions.actions import Permission
from permissions.holes import IDS, ORGANISATIONS, USER, Equal, Hole
from permissions.models import ApiKey, Membership

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from customers.models import User


@dataclass(frozen=True, slots=True)
class Held:
    """One membership (or key) and what it gives.

    Attributes:
        organisation_id: the organisation, by its key.
        organisation: its name.
        organisation_public_id: its public id.
        role: the role's name.
        permissions: what the role gives.
        all_units: whether it covers the whole organisation.
        unit_ids: the units it covers, by key; those with a business are the enterprises.
        public_id: of the membership or key.
    """

    organisation_id: int
    organisation: str
    organisation_public_id: str
    role: str
    permissions: frozenset[str]
    all_units: bool
    unit_ids: frozenset[int]
    public_id: str


@dataclass(frozen=True, slots=True)
class Impersonator:
    """Who of Hectare's staff acts as somebody (S3): for the audit trail, which names both.

    Attributes:
        actor: her public id.
        name: what to call her.
        reason: why she does it.
    """

    actor: str
    name: str
    reason: str


@dataclass(frozen=True)
class Access:
    """An actor and everything she manages. Anonymous and inactive ones get ``Access.none()``, never ``None``.

    Attributes:
        user_id: key of the user, ``None`` for nobody and for API keys.
        actor: public id of the user or key, for the audit trail; empty for nobody.
        name: what to call the actor.
        held: her memberships, or the one that an API key stands for.
        is_staff: sees everything (S1).
        is_administrator: is staff who manage staff, roles of staff and what concerns all customers (S2).
        acting_reason: why staff act for others; only the admin and the API's ``acting`` set it.
        impersonator: who of Hectare's staff acts as this person, when somebody does; only ``customers.act_as`` sets it.
    """

    user_id: int | None = None
    actor: str = ""
    name: str = ""
    held: tuple[Held, ...] = ()
    is_staff: bool = False
    is_administrator: bool = False
    acting_reason: str = ""
    impersonator: Impersonator | None = None
    _by_permission: Mapping[str, frozenset[int]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def none(cls) -> Access:
        """Nobody: sees nothing, may nothing."""
        return cls()

    @classmethod
    def make(cls, *, held: Iterable[Held] = (), **values: Any) -> Access:
        """An access with its enterprises sorted by permission. A role without ``view`` gives nothing."""
        held = tuple(held)
        by_permission: dict[str, set[int]] = {}
        for one in held:
            if Permission.VIEW not in one.permissions:
                continue
            for permission in one.permissions:
                by_permission.setdefault(permission, set()).update(one.unit_ids)
        frozen = {permission: frozenset(ids) for permission, ids in by_permission.items()}
        return cls(held=held, _by_permission=frozen, **values)

    @classmethod
    def for_user(cls, user: User | AnonymousUser) -> Access:
        """The access of a signed-in user; of nobody when anonymous or deactivated. One statement."""
        if not user.is_authenticated or not user.is_active:
            return cls.none()
        if user.is_staff:
            return cls.make(
                user_id=user.pk, actor=user.public_id, name=str(user), is_staff=True, is_administrator=user.is_superuser
            )
        held = _held(_OF_USER.rows(user=user.pk))
        return cls.make(user_id=user.pk, actor=user.public_id, name=str(user), held=held)

    @classmethod
    def for_key(cls, key: ApiKey) -> Access:
        """The access of an API key: what its role gives, cut down to its scopes and to what its maker may do today.

        Two statements.
        """
        own = _held(_OF_KEY.rows(key=key.pk))
        maker = _held(_OF_MAKER.rows(user=key.created_by_id or 0, organisation=key.organisation_id)) if own else []
        held = [_cut(one, most, frozenset(key.scopes)) for one in own for most in maker]
        return cls.make(actor=key.public_id, name=key.name, held=held)

    def acting(self, reason: str) -> Access:
        """The same member of staff, acting for others with a reason that is recorded."""
        if not self.is_staff or not reason.strip():
            raise NotFound
        return replace(self, acting_reason=reason.strip())

    def acted_as_by(self, impersonator: Impersonator | None) -> Access:
        """The same person, whom somebody of Hectare's staff acts as: with all that she may, but what stays her own."""
        return self if impersonator is None else replace(self, impersonator=impersonator)

    @property
    def is_impersonated(self) -> bool:
        """Whether somebody of Hectare's staff acts as this person."""
        return self.impersonator is not None

    @property
    def in_fact(self) -> Mapping[str, str]:
        """What the audit trail says of who acts as this person, beside her own name; nothing when nobody does."""
        one = self.impersonator
        return {} if one is None else told_of(one)

    @property
    def itself(self) -> Access:
        """The access that a lazy stand-in stands for: asked thousands of times, a stand-in is slow."""
        return self

    @property
    def is_acting(self) -> bool:
        """Whether this is staff acting for others with a recorded reason."""
        return self.is_staff and bool(self.acting_reason)

    def ids(self, permission: str) -> frozenset[int]:
        """M: the keys of the units (and so of the enterprises) that she manages with the permission."""
        return self._by_permission.get(permission, frozenset())

    def manages(self, enterprise_id: int | None, permission: str) -> bool:
        """Whether an enterprise is in M."""
        return enterprise_id in self.ids(permission)

    def through(self, enterprise_id: int, permission: str) -> Held | None:
        """The membership that gives the permission over the enterprise: the first, when several do."""
        for one in self.held:
            if {permission, Permission.VIEW} <= one.permissions and enterprise_id in one.unit_ids:
                return one
        return None

    def organisation_ids(self, permission: str | None = None) -> frozenset[int]:
        """Organisations she is a member of; with a permission: over the whole of which she holds it."""
        return frozenset(
            one.organisation_id
            for one in self.held
            if permission is None or (one.all_units and {permission, Permission.VIEW} <= one.permissions)
        )

    # The same question in a query, as every actor-like thing answers it (see ``AnyUser``).

    def among(self, path: str, permission: str, depth: int = 0) -> Q:
        """The condition that the enterprise at ``path`` is in M, for a queryset ``depth`` subqueries down."""
        return Q(**{f"{path}__in": self.ids(permission)})

    def has(self, enterprise_id: int, permission: str) -> bool | Exists:
        """Whether an enterprise is in M, as a constant or an expression."""
        return self.manages(enterprise_id, permission)

    def member_of(self, path: str, depth: int = 0) -> Q:
        """The condition that the organisation at ``path`` is one of hers."""
        return Q(**{f"{path}__in": self.organisation_ids()})

    def over(self, path: str, permission: str, depth: int = 0) -> Q:
        """The condition that she holds the permission over the whole of the organisation at ``path``."""
        return Q(**{f"{path}__in": self.organisation_ids(permission)})

    def holds_over(self, organisation_id: int, permission: str) -> bool:
        """Whether she holds the permission over the whole of an organisation, as a constant or an expression."""
        return organisation_id in self.organisation_ids(permission)


class AnyUser:
    """Stands for "whichever user" in a query over users, so that ``who_can`` reads the same rules."""

    acting_reason = ""
    is_administrator = False
    is_impersonated = False

    @property
    def is_staff(self) -> Q:
        """Staff are asked for by a column here."""
        return Q(is_staff=True)

    def among(self, path: str, permission: str, depth: int = 0) -> Q:
        """As ``Access.among``, for the user of the outermost queryset."""
        return Q(_manager(OuterRef(path), permission, depth + 2))

    def has(self, enterprise_id: int, permission: str) -> bool | Exists:
        """As ``Access.has``, for the user of the queryset at hand."""
        return _manager(enterprise_id, permission, 1)

    def member_of(self, path: str, depth: int = 0) -> Q:
        """As ``Access.member_of``."""
        return Q(
            Exists(
                Membership.objects.filter(
                    is_active=True,
                    organisation__archived_at=None,
                    organisation=OuterRef(path),
                    user=_up("pk", depth + 2),
                )
            )
        )

    def over(self, path: str, permission: str, depth: int = 0) -> Q:
        """As ``Access.over``."""
        return Q(_whole(OuterRef(path), permission, depth + 2))

    def holds_over(self, organisation_id: int, permission: str) -> Exists:
        """Whether the user of the queryset at hand holds the permission over the whole of an organisation."""
        return _whole(organisation_id, permission, 1)


@dataclass(frozen=True, slots=True)
class SomeActor:
    """Stands for an actor who is known when the statement is sent: rules become SQL once for all."""

    is_staff: bool = False
    acting_reason: str = ""
    is_administrator: bool = False
    is_impersonated: bool = False

    @classmethod
    def like(cls, actor: Access) -> SomeActor:
        """The one to prepare statements with, for an actor."""
        reason = "prepared" if actor.acting_reason else ""
        return cls(actor.is_staff, reason, actor.is_administrator, actor.is_impersonated)

    @property
    def user_id(self) -> Any:
        """Her own key."""
        return Hole(USER)

    def among(self, path: str, permission: str, depth: int = 0) -> Q:
        """As ``Access.among``."""
        return Q(**{path: Hole(IDS, permission)})

    def has(self, enterprise_id: Any, permission: str) -> Equal:
        """As ``Access.has``."""
        return Equal(enterprise_id, Hole(IDS, permission))

    def member_of(self, path: str, depth: int = 0) -> Q:
        """As ``Access.member_of``."""
        return Q(**{path: Hole(ORGANISATIONS)})

    def over(self, path: str, permission: str, depth: int = 0) -> Q:
        """As ``Access.over``."""
        return Q(**{path: Hole(ORGANISATIONS, permission)})

    def holds_over(self, organisation_id: Any, permission: str) -> Equal:
        """As ``Access.holds_over``."""
        return Equal(organisation_id, Hole(ORGANISATIONS, permission))


Actor = Access | AnyUser | SomeActor


def told_of(one: Impersonator) -> Mapping[str, str]:
    """What the audit trail keeps of the one who acts as somebody."""
    return {"impersonator": one.actor, "impersonator_name": one.name, "reason": one.reason}


def _up(path: str, levels: int) -> Any:
    """A reference to ``path`` of the queryset that many levels out."""
    reference: Any = path
    for _ in range(levels):
        reference = OuterRef(reference)
    return reference


def _manager(enterprise: Any, permission: str, levels: int) -> Exists:
    """That the user ``levels`` queries out manages the enterprise: a key, or a reference from one query out."""
    scope = Q(all_units=True) | Q(units=enterprise)
    return Exists(
        Membership.objects.filter(
            scope,
            user=_up("pk", levels),
            is_active=True,
            organisation__archived_at=None,
            role__permissions__contains=[str(permission), Permission.VIEW.value],
            organisation__units=enterprise,
        )
    )


def _whole(organisation: Any, permission: str, levels: int) -> Exists:
    """That the user ``levels`` queries out holds the permission over the whole of the organisation."""
    return Exists(
        Membership.objects.filter(
            user=_up("pk", levels),
            is_active=True,
            all_units=True,
            organisation=organisation,
            organisation__archived_at=None,
            role__permissions__contains=[str(permission), Permission.VIEW.value],
        )
    )


def _resolving(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    """Memberships, or a key, with the units each covers."""
    model = rows.model
    through: Any = model.units.through
    owner = f"{model._meta.model_name}_id"
    named = ArraySubquery(through.objects.filter(**{owner: OuterRef("pk")}).values("businessunit_id"))
    unit = apps.get_model("organisations", "BusinessUnit")
    every = ArraySubquery(unit._default_manager.filter(organisation=OuterRef("organisation_id")).values("pk"))
    resolved: QuerySet[Any, Any] = (
        rows.filter(organisation__archived_at=None)
        .annotate(named=named, every=every)
        .order_by("pk")
        .values_list(
            "organisation_id",
            "organisation__name",
            "organisation__public_id",
            "role__name",
            "role__permissions",
            "all_units",
            "named",
            "every",
            "public_id",
        )
    )
    return resolved


_OF_USER: Final = Statement(lambda: _resolving(Membership.objects.filter(user_id=Place("user"), is_active=True)))
_OF_KEY: Final = Statement(lambda: _resolving(ApiKey.objects.filter(pk=Place("key"))))
#: What the maker of a key may in its organisation today.
_OF_MAKER: Final = Statement(
    lambda: _resolving(
        Membership.objects.filter(
            user_id=Place("user"), user__is_active=True, organisation_id=Place("organisation"), is_active=True
        )
    )
)


def _held(rows: Iterable[tuple[Any, ...]]) -> list[Held]:
    return [
        Held(
            organisation_id=organisation_id,
            organisation=organisation,
            organisation_public_id=organisation_public_id,
            role=role,
            permissions=frozenset(permissions),
            all_units=all_units,
            # A unit of another organisation in the scope gives nothing.
            unit_ids=frozenset(every) if all_units else frozenset(every) & frozenset(named),
            public_id=public_id,
        )
        for (
            organisation_id,
            organisation,
            organisation_public_id,
            role,
            permissions,
            all_units,
            named,
            every,
            public_id,
        ) in rows
    ]


def _cut(one: Held, most: Held, scopes: frozenset[str]) -> Held:
    """What a key holds, but no more than its scopes and its maker's membership."""
    return replace(
        one,
        permissions=one.permissions & scopes & most.permissions,
        all_units=one.all_units and most.all_units,
        unit_ids=one.unit_ids & most.unit_ids,
    )


__all__ = ["Access", "Actor", "AnyUser", "Held", "Impersonator", "SomeActor", "told_of"]
