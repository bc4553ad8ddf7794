"""Grants: the only module (beside its table) that knows guardian.

A grant is a guardian group object permission: the grantee's group may do something with the granter's ``Business``.
Elsewhere one speaks of granter and grantee only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import Permission as DjangoPermission
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, Q, QuerySet, Subquery

from common.arrays import OneOf
from common.locks import share
from permissions.access import Access, Actor
from permissions.actions import Permission
from permissions.models import Grant
from permissions.rules import ALWAYS, NEVER, Facts, Leaf, Scope, same_q

P_OC = "add_to_order_cycle"

_WORDS: Mapping[str, str] = {
    P_OC: "add it to order cycles",
    "manage_products": "manage its products",
    "edit_profile": "edit its public profile",
}


def words(permission: str) -> str:
    """What a grant lets the grantee do, to go after "lets Exe Hub"."""
    return _WORDS[permission]


def _business() -> Any:
    return apps.get_model("organisations", "Business")._default_manager


def _permission_id(permission: Any) -> Subquery:
    """The guardian permission's key, as a subquery that PostgreSQL evaluates once.

    A reference must be one level further out than in the query that this stands in.
    """
    return Subquery(
        DjangoPermission.objects.filter(content_type__app_label="organisations", codename=permission)
        .order_by()
        .values("pk")[:1]
    )


def _group_id(grantee: Any) -> Subquery:
    return Subquery(_business().filter(pk=grantee).values("group_id")[:1])


def of_kind(permission: Any) -> QuerySet[Grant]:
    """Grants of one kind."""
    return Grant.objects.filter(permission_id=_permission_id(permission))


def between(granter: Any, grantee: Any, permission: Any = P_OC) -> QuerySet[Grant]:
    """The grant from one enterprise to another: keys, or references from a subquery (``OuterRef``).

    A reference for ``grantee`` must be one level further out, as it is used in a subquery of this one.
    """
    return of_kind(permission).filter(content_object_id=granter, group_id=_group_id(grantee))


@dataclass(frozen=True)
class Granted(Leaf):
    """``granter → grantee``: the one has granted the other, or is the other."""

    granter: str
    grantee: str
    permission: str = P_OC

    @property
    def key(self) -> str:
        return f"grant:{self.granter}>{self.grantee}"

    def _rows(self, scope: Scope) -> QuerySet[Grant]:
        return between(scope.outer(self.granter), scope.outer(self.grantee, 2), self.permission)

    def q(self, scope: Scope, actor: Actor) -> Q:
        same = same_q(scope, self.granter, self.grantee)
        if same is ALWAYS:
            return ALWAYS
        granted = Q(Exists(self._rows(scope)))
        return granted if same is NEVER else same | granted

    def evidence(self, scope: Scope) -> Any:
        return Subquery(self._rows(scope).values("given_at")[:1])

    def sentence(self, facts: Facts, holds: bool) -> str:
        granter, grantee = facts.name(self.granter), facts.name(self.grantee)
        if not holds:
            return f"{granter} has not granted {grantee}."
        if facts.slots.get(self.granter) == facts.slots.get(self.grantee):
            return f"{granter} needs no grant to itself."
        given: datetime | None = facts.evidence.get(self)
        when = f" on {given:%-d %B %Y}" if given else ""
        return f"{granter} granted {grantee}{when}."

    def remedy(self, facts: Facts) -> str:
        granter, grantee = facts.name(self.granter), facts.name(self.grantee)
        if facts.actor.manages(facts.slots.get(self.granter), Permission.MANAGE_GRANTS):
            return f"You manage {granter}: give {grantee} the grant under Grants."
        if facts.actor.manages(facts.slots.get(self.grantee), Permission.MANAGE_GRANTS):
            return f"Ask {granter} for the grant under Grants."
        return f"{grantee} can ask {granter} for the grant."


@dataclass(frozen=True)
class GrantedToHers(Leaf):
    """The granter has let some enterprise of the actor's (in M(``held``)) do ``permission``, other than ``but``."""

    granter: str
    held: Permission
    permission: str = P_OC
    but: str = ""

    @property
    def key(self) -> str:
        return f"grant:{self.granter}>hers:{self.permission}"

    def q(self, scope: Scope, actor: Actor) -> Q:
        rows = of_kind(self.permission).filter(
            actor.among("group__enterprise", self.held, 1), content_object_id=scope.outer(self.granter)
        )
        if self.but:
            rows = rows.exclude(group_id=_group_id(scope.outer(self.but, 2)))
        return Q(Exists(rows))

    def sentence(self, facts: Facts, holds: bool) -> str:
        granter = facts.name(self.granter)
        if holds:
            return f"{granter} lets an enterprise that you manage {words(self.permission)}."
        return f"{granter} lets no enterprise that you manage {words(self.permission)}."


@dataclass(frozen=True)
class RelatedByGrant(Leaf):
    """A grant of any kind, in either direction, between the slot's enterprise and one that the actor sees."""

    slot: str

    @property
    def key(self) -> str:
        return f"grant:{self.slot}<>hers"

    def q(self, scope: Scope, actor: Actor) -> Q:
        given = Grant.objects.filter(
            actor.among("group__enterprise", Permission.VIEW, 1), content_object_id=scope.outer(self.slot)
        )
        received = Grant.objects.filter(
            actor.among("content_object", Permission.VIEW, 1), group_id=_group_id(scope.outer(self.slot, 2))
        )
        return Q(Exists(given)) | Q(Exists(received))

    def sentence(self, facts: Facts, holds: bool) -> str:
        return f"{facts.name(self.slot)} and an enterprise of yours have {'' if holds else 'no '}grants between them."


def pairs(
    granters: Collection[int], grantees: Collection[int], permission: str = P_OC
) -> dict[tuple[int, int], datetime]:
    """Every grant between two sets of enterprises, with when it was given. Two statements."""
    groups: dict[int, int] = dict(_business().filter(pk=OneOf(grantees)).values_list("group_id", "pk"))
    rows = of_kind(permission).filter(content_object_id=OneOf(granters), group_id=OneOf(groups))
    return {
        (granter, groups[group]): given
        for granter, group, given in rows.values_list("content_object_id", "group_id", "given_at")
    }


def granters_to(grantee: int, permission: str = P_OC) -> QuerySet[Grant, Any]:
    """The keys of the enterprises that have granted one, as a subquery."""
    return of_kind(permission).filter(group_id=_group_id(grantee)).values("content_object_id")


def with_parties(rows: QuerySet[Grant]) -> QuerySet[Grant]:
    """Grants with granter, grantee and kind at hand, for lists."""
    return rows.select_related(
        "content_object__unit__organisation", "group__enterprise__unit__organisation", "permission", "given_by"
    )


def parties_scope() -> Scope:
    """Where granter and grantee stand on the table of grants."""
    return Scope({"grant": "pk", "granter": "content_object_id", "grantee": "group__enterprise"})


def granter_of(grant: Grant) -> Any:
    """The enterprise that gave it."""
    return grant.content_object


def grantee_of(grant: Grant) -> Any:
    """The enterprise that holds it."""
    return grant.group.enterprise


def kind_of(grant: Grant) -> str:
    """What it lets the grantee do."""
    return grant.permission.codename


def insert(actor: Access, granter: Any, grantee: Any, permission: str) -> tuple[Grant, bool]:
    """Write a grant unless it is there. Only the verbs of ``permissions.domain`` call this."""
    return Grant.objects.get_or_create(
        content_object=granter,
        group_id=grantee.group_id,
        permission=DjangoPermission.objects.get(content_type__app_label="organisations", codename=permission),
        defaults={"given_by_id": actor.user_id},
    )


def insert_each(actor: Access, granter: Any, grantees: Sequence[Any], permission: str) -> list[Any]:
    """Write the same grant to several enterprises; those that did not hold it before. Three statements."""
    row = DjangoPermission.objects.get(content_type__app_label="organisations", codename=permission)
    held = Grant.objects.filter(content_object=granter, permission=row).values_list("group_id", flat=True)
    known = set(held)
    new = [one for one in grantees if one.group_id not in known]
    Grant.objects.bulk_create(
        (
            Grant(content_object=granter, group_id=one.group_id, permission=row, given_by_id=actor.user_id)
            for one in new
        ),
        ignore_conflicts=True,
    )
    return new


def lock(granters: Collection[int], grantees: Collection[int], permission: str = P_OC) -> None:
    """Hold the grants between two sets of enterprises until the transaction ends: none can be withdrawn meanwhile.

    Shared: those who rely on the same grant do not wait for one another, whoever withdraws it waits for them.
    """
    share(of_kind(permission).filter(content_object_id=OneOf(granters), group__enterprise=OneOf(grantees)))


def granters_among(
    granters: Collection[int], grantees: Mapping[int, int], permission: str = P_OC
) -> dict[int, set[int]]:
    """For each of some enterprises, those of others that have granted it. One statement.

    Args:
        grantees: by the keys of their groups.
    """
    rows = of_kind(permission).filter(content_object_id=OneOf(granters), group_id=OneOf(grantees)).order_by()
    found = rows.values_list("group_id").annotate(granters=ArrayAgg("content_object_id"))
    return {grantees[group]: set(keys) for group, keys in found}


def granters_by_grantee(grantees: QuerySet[Any], permission: str = P_OC) -> dict[int, list[int]]:
    """For each of some enterprises, the keys of those that have granted it. One statement, one row per grantee."""
    rows = of_kind(permission).filter(group__enterprise__in=grantees).order_by()
    return dict(rows.values_list("group__enterprise").annotate(granters=ArrayAgg("content_object_id")))
